"""Published columns beside what their recipe finds on the twin and on public data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any

from digital_clusters.analysis.data import load_tables
from digital_clusters.analysis.fit import Fit, fit_nearest
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.panel_facts import Facts, facts
from digital_clusters.analysis.published import PrintedColumn, load_published
from digital_clusters.analysis.spec import Spec
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.measures.panel import Panel
from digital_clusters.sources import FOLDER_PREFIX
from digital_clusters.studies.industrial_upgrading.panel import INDICATORS, Lights, build_panel
from digital_clusters.studies.industrial_upgrading.planted import planted_effects
from digital_clusters.studies.industrial_upgrading.specs import BASELINE, EVERY_SPEC, STUDY


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


@cache
def load_panel(data: str) -> Panel:
    """The study panel of a source: ``twin``, ``public`` or ``folder:PATH``.

    That of a reader's own files keeps every city-year with an outcome and a treatment. The public one keeps
    city-years without light, which has fewer years than the rest, and cities that are not complete in every
    year; its ``gini`` is Eq. 1 over counties where the source has their lights.
    """
    tables = load_tables(data)
    if data.startswith(FOLDER_PREFIX):
        return build_panel(tables, needed=("gini", "uil"), balanced=False)
    if data != "public":
        return build_panel(tables)
    needed = [name for name in INDICATORS if name != "gini"]
    lights: Lights = "units" if tables.has("lights") else "auto"
    return build_panel(tables, lights=lights, needed=needed, balanced=False)


def public_facts(data: str = "twin") -> Facts:
    """Aggregates of the public panel: made now if ``data`` is ``public``, else as frozen."""
    if data == "public":
        return facts(load_tables("public"), load_panel("public"))
    kept = load_frozen(STUDY).facts
    return Facts(**{field.name: kept[field.name] for field in fields(Facts)})


def nearest(spec: Spec, panel: Panel) -> tuple[Fit, str]:
    """As :func:`~digital_clusters.analysis.fit.fit_nearest`; the note has the years of the sample."""
    found, note = fit_nearest(spec, panel)
    first, last = int(found.sample["year"].min()), int(found.sample["year"].max())
    notes = [part for part in note.split("; ") if part and not part.startswith("years ")]
    if (first, last) != (spec.first_year, spec.last_year):
        notes.append(f"years {first}–{last}")
    return found, "; ".join(notes)


def replicate(
    keys: Iterable[str], data: str = "twin", overrides: Mapping[str, Any] | None = None
) -> list[Replication]:
    """Estimate named specifications on the twin, and on public data.

    Public estimates are computed when ``data`` is ``public``; otherwise those frozen with this
    version are read, which exist for the unchanged specifications only.

    Parameters
    ----------
    keys : iterable of str
        Keys of :data:`~digital_clusters.studies.industrial_upgrading.specs.EVERY_SPEC`.
    data : str
        ``twin`` or ``public``.
    overrides : mapping, optional
        Fields to change. A field that the paper itself changes in a column (the folds of Table 3,
        column 1) keeps the column's value.
    """
    return [_replicate(key, data, overrides or {}) for key in keys]


def _replicate(key: str, data: str, overrides: Mapping[str, Any]) -> Replication:
    spec = EVERY_SPEC[key].override(BASELINE, overrides)
    twin, twin_note = fit_nearest(spec, load_panel("twin"))
    if data == "public":
        found, public_note = nearest(spec, load_panel("public"))
        public = found.estimate
    else:
        public, public_note = _frozen(key, spec)
    printed = {column.key: column for column in load_published(STUDY).columns}
    return Replication(
        key=key,
        spec=spec,
        printed=printed.get(key),
        estimates={"twin": twin.estimate, "public": public},
        truth=planted_effects(spec, twin.sample),
        notes={"twin": twin_note, "public": public_note},
    )


def _frozen(key: str, spec: Spec) -> tuple[Estimate | None, str]:
    frozen = load_frozen(STUDY)
    if spec != EVERY_SPEC[key]:
        return None, "frozen estimates exist for unchanged parameters only; run with data=public"
    if key not in frozen.estimates:
        return None, "not among the frozen estimates"
    return frozen.estimates[key], frozen.notes.get(key, "")
