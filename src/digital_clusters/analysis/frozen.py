"""Estimates from public data, kept in ``data/results/`` so that everybody's book can show them.

The public files may not be redistributed, but what was estimated from them may. Each file of frozen
estimates says from which inputs (by sha256), at which commit and when it was made.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from digital_clusters.errors import DataError, FileError
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.files import write_text
from digital_clusters.paths import data_folder


@dataclass(frozen=True)
class Frozen:
    """Estimates of one study with what they were made from.

    Attributes
    ----------
    study : str
    estimates : mapping of str to Estimate
        By the name of the specification, such as ``table2.column1``.
    inputs : mapping of str to str
        Input file → sha256.
    commit : str
        Of the code.
    date : str
        ISO 8601, UTC.
    notes : mapping of str to str
        Specification → how it differs from the one of that name (controls that could not be had, years).
    facts : mapping
        Aggregates of the panel, see :class:`digital_clusters.analysis.panel_facts.Facts`.
    """

    study: str
    estimates: Mapping[str, Estimate]
    inputs: Mapping[str, str]
    commit: str
    date: str
    notes: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Tolerance:
    """How far two runs of the same estimate may differ: ``absolute + relative * |old|``, and why.

    Parameters
    ----------
    absolute, relative : float
        Not negative.
    reason : str
        What makes the numbers differ between machines; must not be empty.
    """

    absolute: float
    relative: float
    reason: str

    def __post_init__(self) -> None:
        if self.absolute < 0 or self.relative < 0:
            raise ValueError(f"a tolerance cannot be negative: {self}")
        if not self.reason.strip():
            raise ValueError("a tolerance needs its reason")


@dataclass(frozen=True)
class Difference:
    """A quantity that is not what it was. ``old`` or ``new`` is NaN where one side lacks it."""

    column: str
    term: str
    quantity: str
    old: float
    new: float
    allowed: float

    def __str__(self) -> str:
        return (
            f"{self.column}, {self.term}: {self.quantity} was {self.old:.6g}, is {self.new:.6g} "
            f"(allowed: {self.allowed:.2g})"
        )


def freeze(
    study: str,
    estimates: Mapping[str, Estimate],
    inputs: Mapping[str, str],
    *,
    commit: str,
    date: str | None = None,
    notes: Mapping[str, str] | None = None,
    facts: Mapping[str, Any] | None = None,
    folder: Path | None = None,
) -> Path:
    """Write the estimates of a study to ``<folder>/<study>.json`` and return that path.

    Parameters
    ----------
    study : str
    estimates : mapping of str to Estimate
    inputs : mapping of str to str
        Input file → sha256 (64 hexadecimal digits); at least one.
    commit : str
    date : str, optional
        By default now.
    notes, facts : mapping, optional
        See :class:`Frozen`.
    folder : pathlib.Path, optional
        By default ``data/results``.

    Raises
    ------
    DataError
        Without estimates and facts, without inputs, or if an input's sha256 is not one.
    FileError
        If the folder cannot be written.
    """
    _check_inputs(study, {**estimates, **(facts or {})}, inputs)
    record = {
        "study": study,
        "date": date or datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit,
        "inputs": dict(sorted(inputs.items())),
        "facts": dict(facts or {}),
        "notes": dict(notes or {}),
        "estimates": {key: value.to_dict() for key, value in estimates.items()},
    }
    path = (folder or data_folder() / "results") / f"{study}.json"
    write_text(path, json.dumps(record, indent=1, default=_plain, ensure_ascii=False) + "\n")
    return path


def load_frozen(study: str, folder: Path | None = None) -> Frozen:
    """Read what :func:`freeze` wrote.

    Raises
    ------
    FileError
        If there is no such file, or it is not whole.
    """
    path = (folder or data_folder() / "results") / f"{study}.json"
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        estimates = {key: Estimate.from_dict(value) for key, value in record["estimates"].items()}
        kept = ("study", "inputs", "commit", "date", "notes", "facts")
        return Frozen(estimates=estimates, **{name: record[name] for name in kept})
    except FileNotFoundError:
        raise FileError(
            f"no frozen estimates of '{study}': {path} does not exist; with the public files at hand, "
            f"`digital-clusters freeze {study}` makes it"
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise FileError(f"{path} is damaged ({type(error).__name__}: {error}); restore it from git") from None


def is_frozen(study: str) -> bool:
    """Whether the repository holds a frozen record of that name."""
    return (data_folder() / "results" / f"{study}.json").is_file()


def compare(
    old: Mapping[str, Estimate], new: Mapping[str, Estimate], tolerance: Tolerance
) -> list[Difference]:
    """Coefficients, standard errors and sample sizes that differ; sample sizes must be equal."""
    differences = []
    for column in sorted(old.keys() | new.keys()):
        before = _quantities(old.get(column))
        after = _quantities(new.get(column))
        for term, quantity in sorted(before.keys() | after.keys()):
            a, b = before.get((term, quantity), np.nan), after.get((term, quantity), np.nan)
            exact = quantity == "observations"
            allowed = 0.0 if exact else tolerance.absolute + tolerance.relative * abs(a)
            if not abs(a - b) <= allowed:
                differences.append(Difference(column, term, quantity, a, b, allowed))
    return differences


def _quantities(estimate: Estimate | None) -> dict[tuple[str, str], float]:
    if estimate is None:
        return {}
    found = {("all", "observations"): float(estimate.n_observations)}
    for term in estimate.terms:
        coefficient, error = estimate[term]
        found[term, "coefficient"], found[term, "standard error"] = coefficient, error
    return found


def _check_inputs(study: str, results: Mapping[str, Any], inputs: Mapping[str, str]) -> None:
    if not results:
        raise DataError(f"nothing to freeze for '{study}': no estimates")
    if not inputs:
        raise DataError(f"'{study}' cannot be frozen without the sha256 of its inputs")
    for name, digest in inputs.items():
        if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
            raise DataError(f"the sha256 of input '{name}' is not one: '{digest}'")


def _plain(value: object) -> object:
    """Numpy scalars and arrays as JSON."""
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} cannot be frozen")
