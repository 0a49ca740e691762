"""Figures of the chapters on industrial upgrading."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from digital_clusters.analysis.multiverse.declared import CLAIM
from digital_clusters.analysis.multiverse.explored import Explored
from digital_clusters.analysis.published import load_published
from digital_clusters.measures.descriptive import correlations
from digital_clusters.measures.indicators.inequality import gini_of_units
from digital_clusters.measures.panel import Panel
from digital_clusters.report import figures
from digital_clusters.report.compare import Row
from digital_clusters.report.figures.multiverse import specification_curve
from digital_clusters.report.live import Estimates, LiveFigure, live_estimates
from digital_clusters.report.style import BLACK, CYCLE, canvas, house_style, stamp
from digital_clusters.report.words import BOTH, PUBLIC, TWIN, number
from digital_clusters.sources.tables import RawTables
from digital_clusters.studies.industrial_upgrading.contrasts import EffectsOverIndex
from digital_clusters.studies.industrial_upgrading.tables import PER_UNIT

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def effect(curve: EffectsOverIndex, panel: Panel) -> "Figure":
    """Effect of structure over the digital finance index, with its band and what was planted."""
    return figures.marginal_effect(
        curve.index,
        curve.effects.effect,
        curve.effects.lower,
        curve.effects.upper,
        xlabel="digital finance index, index points",
        ylabel=PER_UNIT.replace(" per", "\nper"),
        label=panel.label,
        observed=curve.observed,
        truth=curve.truth,
    )


def lorenz_extremes(tables: RawTables, panel: Panel) -> "Figure":
    """Lorenz curves of the most even, the median and the most uneven city-year of a panel.

    Where the units are other ones than the panel's outcome is made of, the choice is by the units.
    """
    units = tables.table("lights")
    found = gini_of_units(units).dropna(subset="gini").sort_values("gini", ignore_index=True)
    found = found.merge(panel.frame[["city", "year", "name"]], on=["city", "year"])
    curves = {}
    for place, words in ((0, "most even"), (len(found) // 2, "median"), (-1, "most uneven")):
        chosen = found.iloc[place]
        here = units[(units["city"] == chosen["city"]) & (units["year"] == chosen["year"])]
        curves[f"{words}, {chosen['name']} {chosen['year']}"] = here["radiance"].to_numpy()
    return figures.lorenz_curves(curves, label=panel.label)


def correlation(panel: Panel) -> "Figure":
    """Correlations of the panel's variables over all city-years and within cities and years."""
    overall, within = correlations(panel)
    return figures.correlations(overall, within, label=panel.label)


def live_methods(rows: Sequence[Row]) -> LiveFigure:
    """Table 2, column 2, by one method after another, on axes that stay: as printed and on both data.

    Parameters
    ----------
    rows : sequence of Row
        One a method.
    """
    printed = load_published("industrial_upgrading").column("table2.column2").term("uil").value
    truth = [{"at": 1, "name": TWIN, "value": row.truth} for row in rows if row.truth is not None][:1]
    return live_estimates(
        [_by_method(row, printed) for row in rows],
        title="Table 2, column 2, by another method",
        question="Method",
        xlabel="diamond: planted in the twin",
        ylabel=PER_UNIT,
        label=BOTH,
        ticks=dict(enumerate(("printed", TWIN, PUBLIC))),
        truth=pd.DataFrame(truth) if truth else None,
    )


def _by_method(row: Row, printed: float) -> Estimates:
    """The printed coefficient, and a method's on both kinds of data with 95 per cent intervals."""
    points, told = [{"name": "printed", "value": printed, "low": np.nan, "high": np.nan}], []
    for name, found in ((TWIN, row.twin), (PUBLIC, row.public)):
        point = {"name": name, "value": np.nan, "low": np.nan, "high": np.nan}
        if found is not None:
            one = found.term(row.term)
            point |= {"value": one.value, "low": one.low, "high": one.high}
        told.append(f"{name} {number(point['value'])}")
        points.append(point)
    planted = "" if row.truth is None else f"; planted in the twin {number(row.truth)}"
    words = f"{row.column}: {', '.join(told)}{planted}; printed {number(printed)}."
    return Estimates(row.column, pd.DataFrame(points).assign(at=range(len(points))), words)


JUMPS = (2012, 2013)
"""Last years in which the ready-made series moves two to three times as far as later."""


@house_style
def light_movements(series: pd.DataFrame) -> "Figure":
    """Mean absolute change of a city's Gini on the year before, by series and year.

    Parameters
    ----------
    series : pandas.DataFrame
        Columns ``series``, ``year``, ``movement``.
    """
    fig, ax = canvas(2.8)
    for (words, table), colour, marker in zip(series.groupby("series"), CYCLE, "os", strict=False):
        ax.plot(
            table["year"], table["movement"], marker, linestyle="-", color=colour, label=words, markersize=4
        )
    for year in JUMPS:
        ax.axvline(year, color=BLACK, linestyle="--", linewidth=0.9)
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.set_ylim(bottom=0)
    ax.set_ylabel("Gini points")
    fig.legend(loc="outside upper center", ncols=2)
    return stamp(fig, PUBLIC)


def curve(explored: Explored, claim: str, series: str, *, ylabel: str) -> "Figure":
    """Specification curve of one claim with one of the two series of light."""
    table = explored.table
    here = table[(table[CLAIM] == claim) & (table["series"] == series) & (table["problem"] == "")]
    sign = explored.declared.claims[claim].sign
    return specification_curve(here, explored.declared.choices, sign=sign, ylabel=ylabel, label=PUBLIC)
