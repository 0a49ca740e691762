"""Is the table of a sweep of pages what its pages saved, and do its numbers come out again?"""

import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from digital_clusters.errors import FileError
from digital_clusters.files import draft_prefix
from digital_clusters.pipeline import runs
from digital_clusters.pipeline.cache import Store
from digital_clusters.pipeline.hashing.files import file_hash
from digital_clusters.pipeline.points.verify import AGREES, Checked, drawn_points
from digital_clusters.pipeline.runs import Run
from digital_clusters.pipeline.sweep import OWNER, plan, read_sweep
from digital_clusters.pipeline.sweep_table import point_name, write_table
from digital_clusters.wording import file_suggestion

TABLE = "estimates.parquet"
PLACE = ["point", "file", "column", "term"]
"""Which row of the table a number is."""

COMPARED = ("value", "standard_error", "n")
"""Columns that are the same in another run; times are not."""


def verify_pages(folder: Path, root: Path, *, points: int = 1, seed: int = 1) -> list[Checked]:
    """Compare a sweep's table with its pages, and execute a sample of its points once more.

    Parameters
    ----------
    folder : pathlib.Path
        What ``sweep --mode notebook`` made.
    root : pathlib.Path
        The project.
    points : int
        Drawn from those that ended well.
    seed : int
        Of the draw.

    Raises
    ------
    FileError
        If the folder has no record or no table.
    ParameterError
        If the sweep file is not valid any more.
    """
    if not folder.is_dir():
        raise FileError(
            f"there is no folder {folder}{file_suggestion(folder)}; what is verified is the folder of the "
            "table that `digital-clusters sweep` names in its last line"
        )
    try:
        file = root / json.loads((folder / OWNER).read_text(encoding="utf-8"))["file"]
        table = pd.read_parquet(folder / TABLE)
    except OSError:
        raise FileError(
            f"{folder} is no whole sweep (it needs {OWNER} and {TABLE}): run the sweep again"
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise FileError(f"{folder} is no whole sweep ({error}): run the sweep again") from None
    store, requests = Store(folder / ".store"), plan(read_sweep(file), root, folder.name)
    kept = [Run(wanted, store.get(wanted.page.name, wanted.key), cached=True) for wanted in requests]
    done = [run for run in kept if run.entry]
    found = [_page(folder, run) for run in kept]
    same = _differences(table, _table_of(done), COMPARED) if done else []
    found.append(Checked(f"{TABLE} has the numbers of {len(done):,} pages", "; ".join(same[:3])))
    drawn = [done[k] for k in drawn_points(len(done), points, seed)]
    return [*found, *_again(drawn, root, table)]


def _page(folder: Path, run: Run) -> Checked:
    """Whether the page of a point is the one that was executed with this code, data and parameters."""
    name = point_name(run)
    if run.entry is None:
        return Checked(f"point {name}", "it failed, was never run, or its code or data changed since")
    page = folder / f"{name}.ipynb"
    is_same = page.is_file() and file_hash(page) == file_hash(run.entry.page)
    return Checked(f"point {name}", "" if is_same else f"{page.name} is not the page that was executed")


def _again(drawn: Sequence[Run], root: Path, table: pd.DataFrame) -> Iterator[Checked]:
    with tempfile.TemporaryDirectory(prefix=draft_prefix(), dir=root / "_build") as place:
        made = runs.run_all([run.request for run in drawn], root, Store(Path(place)))
        for run in made:
            what = f"point {point_name(run)} comes out again"
            wrong = [run.error] if run.error else _differences(table, _table_of([run]), COMPARED)
            yield Checked(what, "; ".join(wrong[:3]))


def _table_of(made: Sequence[Run]) -> pd.DataFrame:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / TABLE
        write_table(path, made)
        return pd.read_parquet(path)


def _differences(old: pd.DataFrame, new: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    """What differs in the rows of ``new``, which are to be rows of ``old``."""
    both = new.merge(old[old["point"].isin(new["point"])], on=PLACE, how="outer", suffixes=("", " old"))
    found = []
    for name in columns:
        now, before = both[name].to_numpy(float), both[f"{name} old"].to_numpy(float)
        unlike = ~np.isclose(now, before, rtol=AGREES, atol=0.0, equal_nan=True)
        for row in np.flatnonzero(unlike):
            where = " ".join(str(both.loc[row, key]) for key in PLACE[1:])
            found.append(f"{where}: {name} was {before[row]:.8g}, is {now[row]:.8g}")
    return found
