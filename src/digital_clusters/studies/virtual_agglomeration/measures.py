"""What the measures of the study on virtual agglomeration look like, and what depends on their choice.

``digital-clusters freeze virtual_measures`` keeps what concerns public data.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from digital_clusters.analysis.fit import fit
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.panel.demeaning import demean_two_way
from digital_clusters.measures import recipes as indicators
from digital_clusters.measures.indicators.misallocation import misallocation
from digital_clusters.measures.indicators.output_elasticities import output_elasticities
from digital_clusters.measures.panel import Panel
from digital_clusters.sources.tables import RawTables
from digital_clusters.studies.virtual_agglomeration.specs import BASELINE, MECHANISM

SHORT = {
    "virtual": "density",
    "virtual_quotient": "quotient",
    "virtual_specialisation": "specialisation",
    "virtual_exposure": "exposure",
    "virtual_information": "information",
}
"""Column of virtual agglomeration → one word for it."""


COMMON, OWN = "common elasticities", "elasticities of each city"


INVENTORY, PER_WEDGE = "capital by perpetual inventory", "size of the wedge as |τ|"


FACTORS = ["gdp_real", "employment", "capital_stock"]


@dataclass(frozen=True)
class VariantFacts:
    """One way to measure misallocation beside the study's own.

    Attributes
    ----------
    name : str
    n : int
        City-years with a value.
    left_out : int
        Cities whose elasticities no production function allows.
    correlation, within : float
        With the study's measure over city-years, and of deviations from means of city and year.
    """

    name: str
    n: int
    left_out: int
    correlation: float
    within: float


def definition_correlations(panel: Panel, first_year: int, last_year: int) -> tuple[pd.DataFrame, ...]:
    """Correlations of the definitions of virtual agglomeration within years, and within cities and years."""
    names = list(SHORT)
    frame = panel.require("city", "year", *names)
    frame = frame.loc[frame["year"].between(first_year, last_year)].dropna(ignore_index=True)
    values = frame[names].rename(columns=SHORT)
    within_year = values - values.groupby(frame["year"]).transform("mean")
    return within_year.corr(), _deviations(values, frame).corr()


def _deviations(values: pd.DataFrame, keys: pd.DataFrame) -> pd.DataFrame:
    """What is left of columns when the means of city and year are removed."""
    codes = [pd.factorize(keys[name])[0] for name in ("city", "year")]
    return pd.DataFrame(demean_two_way(values.to_numpy(), *codes), columns=values.columns)


def misallocation_variants(tables: RawTables) -> dict[str, tuple[pd.DataFrame, int]]:
    """Way of measuring → city, year, misallocation; and the number of cities it leaves out.

    A common pair of elasticities cancels in a relative distortion, whatever its numbers are. The study's
    measure comes first; perpetual inventory is there only where the source has a stock to compare it with.
    """
    raw = indicators.city_year(tables, "gdp_real", "employment")
    inventory = raw.merge(indicators.inventory(tables), on=["city", "year"])
    own_stock = tables.has("city_year", "capital_stock")
    rows = raw.merge(indicators.city_year(tables, "capital_stock")) if own_stock else inventory
    rows, inventory = (frame.loc[frame[FACTORS].gt(0).all(axis=1)] for frame in (rows, inventory))
    half = indicators.ELASTICITY
    found = output_elasticities(rows, slopes="by_city", constant_returns=True)
    out = {
        COMMON: (_sized(rows, half, half), 0),
        OWN: (_sized(rows, found.capital, found.labour), len(found.outside)),
        PER_WEDGE: (_sized(rows, half, half, size="tau"), 0),
    }
    return out | ({INVENTORY: (_sized(inventory, half, half), 0)} if own_stock else {})


def _sized(rows: pd.DataFrame, capital, labour, **options) -> pd.DataFrame:
    made = misallocation(rows, capital, labour, **options)
    return made[["city", "year"]].assign(misallocation=made["log_misallocation"])


def variant_facts(variants: Mapping[str, tuple[pd.DataFrame, int]]) -> list[VariantFacts]:
    """How far each way of measuring misallocation agrees with the first."""
    (first, _), rows = next(iter(variants.values())), []
    for name, (frame, left_out) in variants.items():
        both = first.merge(frame, on=["city", "year"], suffixes=("_first", "")).dropna(ignore_index=True)
        pair = both[["misallocation_first", "misallocation"]]
        within = _deviations(pair, both)
        rows.append(
            VariantFacts(
                name=name,
                n=int(frame["misallocation"].count()),
                left_out=left_out,
                correlation=float(pair.corr().iloc[0, 1]),
                within=float(within.corr().iloc[0, 1]),
            )
        )
    return rows


def with_variant(panel: Panel, frame: pd.DataFrame) -> Panel:
    """The panel with another measure of misallocation."""
    rest = panel.frame.drop(columns="misallocation")
    return replace(panel, frame=rest.merge(frame, on=["city", "year"], how="left"))


def twin_variants(
    variants: Mapping[str, tuple[pd.DataFrame, int]], panel: Panel, overrides: Mapping[str, Any]
) -> dict[str, Estimate]:
    """Effect of storefront density on misallocation by each way of measuring it."""
    spec = MECHANISM["misallocation"].override(BASELINE, overrides)
    return {name: fit(spec, with_variant(panel, made)).estimate for name, (made, _) in variants.items()}
