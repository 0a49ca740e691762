"""Progress of many runs: a bar on a terminal, and a line for each that ended."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from digital_clusters.pipeline.runs import Run


@contextmanager
def lines(unit: str) -> Iterator[Callable[[Run], None]]:
    """A function to call with each run that ends; everything goes to standard error."""
    from tqdm import tqdm

    # disable=None: no bar where nobody watches, such as a log file
    with tqdm(unit=unit, leave=False, disable=None, file=sys.stderr) as bar:

        def tell(run: Run) -> None:
            bar.write(describe(run), file=sys.stderr)
            bar.update()

        yield tell


def describe(run: Run) -> str:
    """One line: what, how long, where from."""
    if run.error:
        return f"{run.request.label:<44}  failed"
    origin = "  from the cache" if run.cached else ""
    return f"{run.request.label:<44} {run.seconds:7.1f} s{origin}"
