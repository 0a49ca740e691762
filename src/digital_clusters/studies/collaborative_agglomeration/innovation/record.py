"""Innovation from the centre to the periphery, by a public stand-in: a city's science expenditure.

The abstract lets co-agglomeration, with digital technology, raise the innovation capability of the city and
of its neighbours, one after the other from central to peripheral cities. No public file has patents or
inventors by city. Spending is an input that a government decides on, no capability, and grants of a province
reach its cities alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from digital_clusters.analysis.data import load_city_panel, load_tables
from digital_clusters.analysis.fit import fit
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.spec import Spec
from digital_clusters.analysis.study import Study
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.measures.panel import Panel
from digital_clusters.sources.tables import RawTables
from digital_clusters.studies.collaborative_agglomeration.multiverse.panels import curve_columns
from digital_clusters.studies.collaborative_agglomeration.specs import STUDY

RECORD = f"{STUDY}.innovation"
"""Name of the frozen file."""


@dataclass(frozen=True)
class InnovationTest:
    """A part of the sentence on innovation in our words, and the term that is positive if it holds."""

    statement: str
    spec: Spec
    term: str


_BASE = Spec(
    method="two_way_fixed_effects",
    outcome="science_per_head",
    treatment="coagglomeration",
    controls=("income", "uil"),
    control_timing="year_before",
    first_year=2004,
    last_year=2019,
    errors="clustered",
)
_AROUND = _BASE.change(exclude_municipalities=True, exclude_provincial_capitals=True)

TESTS: dict[str, InnovationTest] = {
    "at home": InnovationTest("More where the index of the city is higher.", _BASE, "coagglomeration"),
    "next door": InnovationTest(
        "More where the index of the five nearest cities is higher.",
        _BASE.change(treatment="near_low", contemporaneous=("coagglomeration",)),
        "near_low",
    ),
    "with digital technology": InnovationTest(
        "The index goes with more of it, the more residents use the internet.",
        _BASE.change(moderator="internet"),
        "coagglomeration:internet",
    ),
    "from the centre": InnovationTest(
        "Other cities follow the capital of their province a year later.",
        _AROUND.change(treatment="centre_before"),
        "centre_before",
    ),
    "to the centre": InnovationTest(
        "Capitals follow the other cities of their province a year later, which is the other way round.",
        _BASE.change(treatment="others_before"),
        "others_before",
    ),
}
"""Name → test, in the order of the page."""


def innovation_results(study: Study) -> dict[str, Any]:
    """Every test on public data: the arguments of ``frozen.freeze``."""
    tables = load_tables("public")
    found = estimate_tests(with_science(study.panel("public"), tables))
    return {"estimates": found, "notes": {}, "facts": {}, "inputs": dict(tables.provenance)}


def public_innovation(data: str = "twin") -> Mapping[str, Estimate]:
    """Estimates by the names of :data:`TESTS`: made now if ``data`` is ``public``, else as frozen."""
    if data == "public":
        return estimate_tests(with_science(load_city_panel("public"), load_tables("public")))
    return load_frozen(RECORD).estimates


def estimate_tests(panel: Panel) -> dict[str, Estimate]:
    """Each test on a panel that :func:`with_science` made."""
    return {name: fit(test.spec, panel).estimate for name, test in TESTS.items()}


def with_science(panel: Panel, tables: RawTables) -> Panel:
    """A panel with its neighbours' index, and science expenditure of the city and of its province's centre.

    ``science_per_head``: log yuan of the budget per resident. ``centre_before``: that of the capital of the
    province a year earlier, for its other cities. ``others_before``: the mean of those a year earlier, for
    the capital. Both are missing elsewhere.
    """
    keys = ["city", "year"]
    raw = tables.table("city_year").assign(
        science_per_head=lambda t: np.log((t["science_expenditure"] / t["population"]).where(lambda x: x > 0))
    )
    made = curve_columns(panel).frame.merge(raw[[*keys, "science_per_head"]], on=keys, how="left")
    centre = made["is_provincial_capital"].to_numpy(bool)
    led = made.assign(
        centre_before=np.where(centre, np.nan, _year_before(made, centre)),
        others_before=np.where(centre, _year_before(made, ~centre), np.nan),
    )
    return replace(panel, frame=led)


def _year_before(frame: pd.DataFrame, kept: np.ndarray) -> np.ndarray:
    """Mean of science per head over the kept cities of a row's province a year earlier, shape (n,)."""
    mean = frame.loc[kept].groupby(["province", "year"])["science_per_head"].mean()
    keys = pd.MultiIndex.from_arrays([frame["province"], frame["year"] - 1])
    return mean.reindex(keys).to_numpy(float)
