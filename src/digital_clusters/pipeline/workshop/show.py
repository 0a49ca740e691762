"""What a run or a sweep found, as text: parameters that differ, estimates, points that failed."""

import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from digital_clusters.errors import FileError, ParameterError
from digital_clusters.pipeline.kernels.execute import METADATA
from digital_clusters.pipeline.notebooks import find, notebooks
from digital_clusters.pipeline.sweep_table import estimates_in
from digital_clusters.wording import shortened, suggestion

TABLE = "estimates.parquet"
FOUND = ("coefficient", "standard_error", "low", "high", "n")
"""Columns of a table of estimates that are numbers of an estimate."""

ASIDE = ("error", "file", "data_label", "data_hash", "seconds", "run_seconds", "value", "n_clusters")
"""Columns that are not shown."""

MOST_ROWS = 60


def show_found(root: Path, name: str | None = None) -> str:
    """The estimates of a sweep or of the runs of a page; without a name, what there is to show.

    Parameters
    ----------
    root : pathlib.Path
        The project.
    name : str, optional
        A sweep, by its name or folder, or a page, ``study/section``.

    Raises
    ------
    ParameterError
        If there is neither a sweep nor a page of that name, or the page was not run with other parameters.
    FileError
        If a table or a file of results cannot be read.
    """
    sweeps = {path.parent.name: path for path in sorted((root / "_build/sweeps").glob(f"*/{TABLE}"))}
    if name is None:
        return _listing(root, list(sweeps))
    place = Path(name) / TABLE
    if name in sweeps or place.is_file():
        return _of_sweep(sweeps.get(name, place))
    if "/" not in name:
        listed = ", ".join(sweeps) or "none"
        hint = suggestion(name, [*sweeps, *(page.name for page in notebooks(root))])
        raise ParameterError(f"there is no sweep '{shortened(name)}'{hint}; the sweeps are: {listed}")
    page = find(root, name)
    runs = _runs(root, page.name)
    if not runs:
        raise ParameterError(f"{page.name} was not run yet: digital-clusters run {page.name} -p NAME=VALUE")
    return "\n\n".join(_of_run(root, file) for file in runs)


def _listing(root: Path, sweeps: list[str]) -> str:
    pages = sorted({file.parent.relative_to(root / "_build/runs").as_posix() for file in _files(root)})
    lines = [f"{'sweep':<8} {name}" for name in sweeps] + [f"{'run':<8} {page}" for page in pages]
    return "\n".join(lines) or "nothing was run yet: `digital-clusters run`, `digital-clusters sweep`"


def _files(root: Path) -> Iterator[Path]:
    return (root / "_build/runs").rglob("*.ipynb")


def _runs(root: Path, page: str) -> list[Path]:
    """Executed notebooks of a page, the latest last."""
    return sorted((root / "_build/runs" / page).glob("*.ipynb"), key=lambda path: path.stat().st_mtime_ns)


def _of_run(root: Path, file: Path) -> str:
    told = json.loads(file.read_text(encoding="utf-8"))["metadata"][METADATA]
    values = " ".join(f"{name}={value!r}" for name, value in told["parameters"].items())
    aside = file.with_suffix("")
    # with the notebook's own parameters the estimates are where the book's are
    results = aside if aside.is_dir() else root / "_build" / "results"
    study, _, section = told["page"].partition("/")
    saved = results.glob("*.json" if results == aside else f"{study}.{section}*.json")
    rows = [
        {"estimate": place, "term": term, "coefficient": value, "standard error": error}
        for _, place, found in estimates_in(sorted(saved))
        for term in found.terms
        for value, error in [found[term]]
    ]
    head = f"{file.relative_to(root)}\n  {values}\n  data {told['data'] or 'none'}, commit {told['commit']}"
    return f"{head}\n{_text(pd.DataFrame(rows)) if rows else '  it saved no estimate'}"


def _of_sweep(table: Path) -> str:
    try:
        frame = pd.read_parquet(table)
    except (OSError, ValueError) as error:
        raise FileError(f"{table} cannot be read: {str(error).splitlines()[0]}") from None
    failed = frame[frame["error"].notna()] if "error" in frame else frame.iloc[:0]
    there = [name for name in FOUND if name in frame]
    shown = frame.dropna(subset=there[:1]) if there else frame
    varying = [
        name for name in shown if name not in (*FOUND, *ASIDE) and shown[name].nunique(dropna=False) > 1
    ]
    points = frame["point"].nunique() if "point" in frame else len(frame)
    head = f"{table}: {points:,} points, {len(shown):,} estimates, {len(failed):,} failed"
    lines = [f"  {row.point}: {str(row.error).splitlines()[0]}" for row in failed.itertuples()]
    return "\n".join([head, _text(shown[[*varying, *there]]), *lines])


def _text(frame: pd.DataFrame) -> str:
    shown = frame.head(MOST_ROWS).to_string(index=False, float_format="{:.4g}".format)
    left = len(frame) - MOST_ROWS
    return f"{shown}\n… {left:,} more rows" if left > 0 else shown
