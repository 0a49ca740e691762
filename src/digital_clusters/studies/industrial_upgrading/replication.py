"""The panel of a source, and the study's columns as they can be replicated."""

from dataclasses import fields
from functools import cache

from digital_clusters.analysis.data import load_tables
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.panel_facts import Facts, facts
from digital_clusters.analysis.study import Study
from digital_clusters.measures.panel import Panel
from digital_clusters.sources import FOLDER_PREFIX
from digital_clusters.studies.industrial_upgrading.panel import INDICATORS, Lights, build_panel
from digital_clusters.studies.industrial_upgrading.planted import planted_effects
from digital_clusters.studies.industrial_upgrading.specs import BASELINE, EVERY_SPEC, PUBLIC_SPECS, STUDY


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


PRINTED = Study(
    key=STUDY,
    specs=EVERY_SPEC,
    public=PUBLIC_SPECS,
    base=BASELINE,
    panel=load_panel,
    planted=planted_effects,
)
"""The study without its records: what pages replicate of it."""
