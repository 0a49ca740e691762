"""The table of a sweep: every number that its pages saved, and a row for each point that failed."""

import json
import math
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from digital_clusters.errors import FileError
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.files import draft_prefix
from digital_clusters.pipeline.cache import CacheEntry
from digital_clusters.pipeline.runs import Run

NAMES = ("key", "column", "name", "term", "effect", "spec", "variable")
"""Fields that say which row of a list of results one is; a row without them goes by its number."""

ESTIMATE = {"terms", "coefficients", "covariance"}
"""A mapping with these keys is an estimate."""

NUMBERS = (
    "value",
    "coefficient",
    "standard_error",
    "low",
    "high",
    "n",
    "n_clusters",
    "seconds",
    "run_seconds",
)
TEXTS = ("point", "file", "column", "term", "data_label", "data_hash", "error")


def write_table(path: Path, ended: Sequence[Run]) -> int:
    """Write the table of a sweep as Parquet; a point that failed is a row with its error.

    Columns: ``point``, the parameters, ``file``, ``column`` (place in the file), ``term``, ``value`` (the
    number; of an estimate its coefficient), ``coefficient``, ``standard_error``, ``low``, ``high`` (of
    estimates only), ``n``, ``n_clusters``, ``data_label``, ``data_hash``, ``seconds``, ``run_seconds``,
    ``error``.

    Returns
    -------
    int
        Rows with a number.
    """
    import pandas as pd

    names = list(dict.fromkeys(name for run in ended for name in run.request.values))
    columns = ["point", *names, "file", "column", "term", *NUMBERS[:5], "n", "n_clusters"]
    columns += ["data_label", "data_hash", "seconds", "run_seconds", "error"]
    rows = [row for run in ended for row in _rows(run)]
    # a results file may hold the same estimate in several rows, one a coefficient
    frame = pd.DataFrame(rows, columns=columns).drop_duplicates(ignore_index=True)
    frame = frame.astype(dict.fromkeys(NUMBERS, "float64"))
    for name in TEXTS:
        frame[name] = frame[name].astype("string")
    draft = path.with_name(f"{draft_prefix()}{path.name}")
    try:
        frame.to_parquet(draft, index=False)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return int(frame["value"].notna().sum())


def saved_estimates(entry: CacheEntry) -> Iterator[tuple[str, str, Estimate]]:
    """Every estimate a run saved: the file it is in, where in the file, and the estimate.

    Raises
    ------
    FileError
        If a file is not JSON, or an estimate in it is none.
    """
    yield from estimates_in(entry.results)


def estimates_in(files: Iterable[Path]) -> Iterator[tuple[str, str, Estimate]]:
    """As :func:`saved_estimates`, of files of results wherever they stand."""
    for file, place, found in _saved(files):
        if isinstance(found, dict):
            yield file, ".".join(place), _estimate(file, place, found)


def point_name(run: Run) -> str:
    """The point's part of a label ``sweep/point``."""
    return run.request.label.partition("/")[2]


def _rows(run: Run) -> Iterator[dict[str, Any]]:
    parameters = {name: _cell(value) for name, value in run.request.values.items()}
    shared = {"point": point_name(run), **parameters}
    if run.entry is None:
        yield shared | {"error": run.error}
        return
    shared["run_seconds"] = run.seconds
    try:
        yield from [shared | row for row in _numbers(run.entry)]
    except FileError as error:
        yield shared | {"error": str(error)}


def _numbers(entry: CacheEntry) -> Iterator[dict[str, Any]]:
    for file, place, found in _saved(entry.results):
        if isinstance(found, dict):
            yield from _estimate_rows(file, place, _estimate(file, place, found))
        else:
            yield {"file": file, "column": ".".join(place[:-1]), "term": place[-1], "value": found}


def _estimate_rows(file: str, place: tuple[str, ...], estimate: Estimate) -> Iterator[dict[str, Any]]:
    intervals = estimate.interval()
    for position, term in enumerate(estimate.terms):
        coefficient, error = estimate[term]
        yield {
            "file": file,
            "column": ".".join(place),
            "term": term,
            "value": coefficient,
            "coefficient": coefficient,
            "standard_error": error,
            "low": intervals[position, 0],
            "high": intervals[position, 1],
            "n": estimate.n_observations,
            "n_clusters": estimate.n_clusters,
            "data_label": estimate.data,
            "data_hash": estimate.data_hash,
            "seconds": estimate.seconds,
        }


def _saved(files: Iterable[Path]) -> Iterator[tuple[str, tuple[str, ...], dict | float]]:
    """Estimates and other numbers of all results files, with file and place."""
    for file in files:
        try:
            record = json.loads(file.read_bytes().decode("utf-8"))
            yield from ((file.stem, place, found) for place, found in _walk(record, ()))
        except (ValueError, RecursionError) as error:
            raise FileError(f"{file.name} is not a results file: {type(error).__name__}: {error}") from None


def _walk(value: Any, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], dict | float]]:
    if isinstance(value, dict):
        if value.keys() >= ESTIMATE:
            yield place, value
            return
        for name, inner in value.items():
            yield from _walk(inner, (*place, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _walk(inner, (*place, _row_name(inner, index)))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield place or ("value",), float(value) if abs(value) < 1e300 else math.copysign(math.inf, value)


def _row_name(row: Any, index: int) -> str:
    names = [row[word] for word in NAMES if isinstance(row.get(word), str)] if isinstance(row, dict) else []
    return names[0] if names else str(index)


def _estimate(file: str, place: tuple[str, ...], values: dict) -> Estimate:
    """An estimate whose parts have the kinds and shapes they should have."""
    try:
        estimate = Estimate.from_dict(values)
        kinds = all(isinstance(term, str) for term in estimate.terms)
        counts = isinstance(estimate.n_observations, int) and isinstance(estimate.n_clusters, int | None)
        texts = isinstance(estimate.data, str | None) and isinstance(estimate.data_hash, str | None)
        if not (kinds and counts and texts):
            raise TypeError("a part of it has the wrong kind")
        estimate.interval()
        float(estimate.seconds)
    except (ValueError, TypeError, KeyError, IndexError) as error:
        where = ".".join(place) or "its top"
        raise FileError(f"{file}.json, {where}: not an estimate: {error}") from None
    return estimate


def _cell(value: Any) -> Any:
    """Lists as text: a column of the table has one type."""
    return ", ".join(str(item) for item in value) if isinstance(value, (list, tuple)) else value
