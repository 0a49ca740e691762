"""Progress of many runs: a bar on a terminal, and a line for each that ended."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from digital_clusters.pipeline.runs import Run


class Progress:
    """Called with each run that ends; knows how many there are once :meth:`expect` was called."""

    def __init__(self, bar: Any):
        self._bar = bar

    def __call__(self, run: Run) -> None:
        self._bar.write(run_line(run), file=sys.stderr)
        self._bar.update()

    def expect(self, total: int) -> None:
        """Say how many runs there will be, so that the bar has a share and the time left."""
        self._bar.total = total
        self._bar.refresh()

    def advance(self, count: int) -> None:
        """So many more are done, of which nothing is told one by one."""
        self._bar.update(count)

    def say(self, sentence: str) -> None:
        """A line above the bar."""
        self._bar.write(sentence, file=sys.stderr)


@contextmanager
def progress_lines(unit: str, total: int | None = None) -> Iterator[Progress]:
    """What to call with each run that ends; everything goes to standard error."""
    from tqdm import tqdm

    # disable=None: no bar where nobody watches, such as a log file
    with tqdm(total=total, unit=f" {unit}", leave=False, disable=None, file=sys.stderr) as bar:
        yield Progress(bar)


def run_line(run: Run) -> str:
    """One line: what, how long, where from."""
    if run.error:
        return f"{run.request.label:<44}  failed"
    origin = "  from the cache" if run.cached else ""
    return f"{run.request.label:<44} {run.seconds:7.1f} s{origin}"
