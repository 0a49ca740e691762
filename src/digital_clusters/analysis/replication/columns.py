"""Columns of any study: as printed, on the twin, and on public data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from digital_clusters.analysis.fit import Fit, fit_nearest
from digital_clusters.analysis.frozen import is_frozen, load_frozen
from digital_clusters.analysis.published import PrintedColumn, load_published
from digital_clusters.analysis.spec import Spec
from digital_clusters.analysis.study import Study
from digital_clusters.errors import ParameterError
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.measures.panel import Panel
from digital_clusters.wording import shortened, suggestion


@dataclass(frozen=True)
class Replication:
    """One specification on both kinds of data, beside the printed column if there is one.

    Attributes
    ----------
    key : str
        Name of the specification, such as ``table2.column1``.
    spec : Spec
        As asked for; a source that lacks a control uses the nearest one, see ``notes``.
    printed : PrintedColumn or None
    estimates : mapping of str to Estimate or None
        ``twin`` and ``public``.
    truth : mapping of str to float
        Planted effect of each term, averaged over the twin's sample.
    notes : mapping of str to str
        ``twin`` and ``public`` → what is missing or different, and why.
    """

    key: str
    spec: Spec
    printed: PrintedColumn | None
    estimates: Mapping[str, Estimate | None]
    truth: Mapping[str, float] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)


def replicate(
    study: Study,
    keys: Iterable[str] | None = None,
    data: str = "twin",
    overrides: Mapping[str, Any] | None = None,
) -> list[Replication]:
    """Estimate named specifications of a study on the twin, and on public data.

    Public estimates are computed when ``data`` is ``public``; otherwise those frozen with this
    version are read, which exist for the unchanged specifications only.

    Parameters
    ----------
    study : Study
    keys : iterable of str, optional
        Of ``study.specs``; by default the columns that the paper prints, in its order.
    data : str
        ``twin`` or ``public``.
    overrides : mapping, optional
        Fields to change. A field that the paper itself changes in a column (the folds of a robustness
        table) keeps the column's value.

    Raises
    ------
    ParameterError
        If the study has no specification of that name.
    """
    printed = {column.key: column for column in load_published(study.key).columns}
    wanted = list(printed if keys is None else keys)
    for key in wanted:
        if key not in study.specs:
            raise ParameterError(
                f"the study '{study.key}' has no specification '{shortened(key)}'"
                f"{suggestion(key, study.specs)}; its `specs` name each printed column by the column's key"
            )
    return [_replicate(study, key, printed.get(key), data, overrides or {}) for key in wanted]


def nearest(spec: Spec, panel: Panel) -> tuple[Fit, str]:
    """As :func:`~digital_clusters.analysis.fit.fit_nearest`; the note has the years of the sample."""
    found, note = fit_nearest(spec, panel)
    first, last = int(found.sample["year"].min()), int(found.sample["year"].max())
    notes = [part for part in note.split("; ") if part and not part.startswith("years ")]
    if (first, last) != (spec.first_year, spec.last_year):
        notes.append(f"years {first}–{last}")
    return found, "; ".join(notes)


def _replicate(
    study: Study, key: str, printed: PrintedColumn | None, data: str, overrides: Mapping[str, Any]
) -> Replication:
    spec = study.specs[key].override(study.base, overrides)
    twin, twin_note = fit_nearest(spec, study.panel("twin"))
    public, public_note = _public(study, key, spec, data)
    return Replication(
        key=key,
        spec=spec,
        printed=printed,
        estimates={"twin": twin.estimate, "public": public},
        truth=study.planted(spec, twin.sample),
        notes={"twin": twin_note, "public": public_note},
    )


def _public(study: Study, key: str, spec: Spec, data: str) -> tuple[Estimate | None, str]:
    if data != "public":
        return _frozen(study, key, spec)
    found, note = nearest(spec, study.panel("public"))
    return found.estimate, note


def _frozen(study: Study, key: str, spec: Spec) -> tuple[Estimate | None, str]:
    if not is_frozen(study.key):
        return None, "no public estimates of this study are frozen; run with data=public"
    frozen = load_frozen(study.key)
    if spec != study.specs[key]:
        return None, "frozen estimates exist for unchanged parameters only; run with data=public"
    if key not in frozen.estimates:
        return None, "not among the frozen estimates"
    return frozen.estimates[key], frozen.notes.get(key, "")
