"""What the measurement chapter shows: a panel, its moments, and what was left out of it."""

from typing import TYPE_CHECKING

import pandas as pd

from digital_clusters.measures.descriptive import correlations, variance_shares
from digital_clusters.measures.panel import Panel
from digital_clusters.report import figures
from digital_clusters.report.tables import descriptive_table, styled
from digital_clusters.sources.tables import RawTables
from digital_clusters.studies.facts import Facts
from digital_clusters.studies.published import PublishedStudy

if TYPE_CHECKING:
    from great_tables import GT
    from matplotlib.figure import Figure


def lorenz_extremes(tables: RawTables, panel: Panel) -> "Figure":
    """Lorenz curves of the most even, the median and the most uneven city-year of a panel.

    Where the units are other ones than the panel's outcome is made of, the choice is by the units.
    """
    from digital_clusters.measures.inequality import gini_of_units

    units = tables.table("lights")
    found = gini_of_units(units).dropna(subset="gini").sort_values("gini", ignore_index=True)
    found = found.merge(panel.frame[["city", "year", "name"]], on=["city", "year"])
    curves = {}
    for place, words in ((0, "most even"), (len(found) // 2, "median"), (-1, "most uneven")):
        chosen = found.iloc[place]
        here = units[(units["city"] == chosen["city"]) & (units["year"] == chosen["year"])]
        curves[f"{words}, {chosen['name']} {chosen['year']}"] = here["radiance"].to_numpy()
    return figures.lorenz_curves(curves, label=panel.label)


def twin_moments(paper: PublishedStudy, panel: Panel) -> "GT":
    """Table 1 on a live panel."""
    from digital_clusters.measures.descriptive import describe

    title = f"Table 1: printed moments and those of the {panel.label}"
    return descriptive_table(paper.table1, describe(panel), panel.label, missing=panel.missing, title=title)


def public_moments(paper: PublishedStudy, known: Facts) -> "GT":
    """Table 1 on the public panel, from its aggregates."""
    computed = pd.DataFrame(known.moments).astype(dict.fromkeys(("mean", "sd", "min", "max"), float))
    title = "Table 1: printed moments and those of the public panel"
    note = f"{known.cities} cities, {known.years[0]}–{known.years[1]}, {known.n:,} city-years."
    return descriptive_table(
        paper.table1, computed, known.label, missing=known.missing, title=title, note=note
    )


def correlation_figure(panel: Panel) -> "Figure":
    """Correlations of the panel's variables over all city-years and within cities and years."""
    overall, within = correlations(panel)
    return figures.correlations(overall, within, label=panel.label)


def variation_table(panel: Panel) -> "GT":
    """How much of each variable's variance lies between cities, between years, and in neither."""
    shares = variance_shares(panel)
    names = {"between_cities": "Between cities, %", "between_years": "Between years, %", "rest": "Neither, %"}
    return styled(
        (100 * shares).rename(columns=names).rename_axis("Variable").reset_index(),
        "Where the variation is",
        "",
        panel.label,
        decimals=1,
    )


def dropped_table(known: Facts) -> "GT":
    """City-years left out of a panel, by column and reason."""
    frame = pd.DataFrame(known.dropped, columns=["column", "reason", "count"])
    frame = frame.rename(columns={"column": "Variable", "reason": "Reason", "count": "City-years"})
    return styled(frame, "City-years that are not in the panel", "", known.label)


def refusals_table(known: Facts) -> "GT":
    """Rows and values that a source refused, by table and rule."""
    frame = pd.DataFrame(known.refused, columns=["table", "rule", "action", "count"])
    names = {"table": "Table", "rule": "Rule", "action": "What was done", "count": "Cases"}
    return styled(frame.rename(columns=names), "What was refused on the way in", "", known.label)
