"""What the chapter on measurement shows of resilience: span, explosion near zero growth, cycles."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from digital_clusters.report.chapter_virtual_agglomeration import BOTH
from digital_clusters.report.glue import glue
from digital_clusters.report.style import canvas, house_style, series, stamp
from digital_clusters.report.tables import number, styled
from digital_clusters.studies.resilience_facts import ResilienceFacts

if TYPE_CHECKING:
    from great_tables import GT
    from matplotlib.figure import Figure


def spans_table(found: Sequence[ResilienceFacts]) -> "GT":
    """Cities, years and the explosion of the ratio, one row a source."""
    rows = []
    for facts in found:
        years = pd.DataFrame(facts.by_year)
        widest, calmest = (
            years.loc[pick] for pick in (years["response_sd"].idxmax(), years["response_sd"].idxmin())
        )
        rows.append(
            {
                "Data": facts.label,
                "Cities": facts.cities,
                "Years": f"{years['year'].min()}–{years['year'].max()}",
                "City-years": facts.n,
                f"Years with |growth| below {100 * facts.threshold:g} %": ", ".join(map(str, facts.near_zero))
                or "none",
                "Widest year": _spread(widest),
                "Narrowest year": _spread(calmest),
            }
        )
    note = "Spread: s.d. over cities of the annual response; in brackets the growth of the country that year."
    return styled(pd.DataFrame(rows), "", note, BOTH)


def _spread(year: pd.Series) -> str:
    growth = number(100 * year["national_growth"], 1)
    return f"{year['year']:.0f}: {number(year['response_sd'], 2)} ({growth}\xa0%)"


@house_style
def spread_figure(found: Sequence[ResilienceFacts]) -> "Figure":
    """Middle 80 % of cities by year: annual response above, growth gap below; one column a source."""
    fig, axes = canvas(4.8, rows=2, columns=len(found), sharex="col", sharey="row")
    names = {
        "response": (1, "annual response,\nrelative growth"),
        "growth_gap": (100, "growth gap,\nlog points × 100"),
    }
    for column, facts in zip(axes.T, found, strict=True):
        frame, colour = pd.DataFrame(facts.by_year), series(facts.label)[0]
        for ax, (name, (scale, _)) in zip(column, names.items(), strict=True):
            low, middle, high = (scale * frame[f"{name}_p{share}"] for share in (10, 50, 90))
            ax.fill_between(frame["year"], low, high, color=colour, alpha=0.22, linewidth=0)
            ax.plot(frame["year"], middle, color=colour, marker="o", markersize=3)
            ax.axhline(0, color="#888888", linewidth=1)
        column[0].set_title(f"{facts.label}, {facts.cities} cities")
        column[1].set_xlabel("year")
    for ax, (_, words) in zip(axes[:, 0], names.values(), strict=True):
        ax.set_ylabel(words)
    return stamp(fig, BOTH)


@house_style
def explosion_figure(found: Sequence[ResilienceFacts]) -> "Figure":
    """Spread of the annual response over the growth of the country, a point a year."""
    fig, ax = canvas(3.4)
    for facts in found:
        frame, (colour, marker) = pd.DataFrame(facts.by_year), series(facts.label)
        ax.plot(100 * frame["national_growth"], frame["response_sd"], marker, color=colour, label=facts.label)
        gap = frame["growth_gap_sd"].median()
        growth = np.linspace(frame["national_growth"].min(), frame["national_growth"].max(), 100)
        ax.plot(100 * growth, gap / growth, color=colour, linewidth=1, linestyle=":")
    ax.plot(
        [], [], color="#888888", linestyle=":", linewidth=1, label="median s.d. of the growth gap over growth"
    )
    ax.set(
        xlabel="growth of the country, % a year", ylabel="s.d. over cities, relative growth", ylim=(0, None)
    )
    fig.legend(loc="outside upper center", ncols=3)
    return stamp(fig, BOTH)


def windows_table(found: Sequence[ResilienceFacts]) -> "GT":
    """Slowdowns and recoveries by the rule, with resistance or recoverability over cities."""
    rows = [
        {
            "Data": facts.label,
            "Window": f"{w['start']}–{w['end']}",
            "Phase": w["phase"] + ("" if w["complete"] else ", cut by the data"),
            "Growth, %": f"{number(100 * w['growth_start'], 1)} → {number(100 * w['growth_end'], 1)}",
            "Median": w["p50"],
            "Middle 80 % of cities": f"{number(w['p10'], 2)} to {number(w['p90'], 2)}",
            "Cities": w["cities"],
        }
        for facts in found
        for w in facts.windows
    ]
    note = (
        "Over cities: resistance in a slowdown, recoverability in a recovery, in shares of expected growth."
    )
    return styled(pd.DataFrame(rows), "", note, BOTH, decimals=2)


def glue_facts(name: str, facts: ResilienceFacts) -> None:
    """Quote in prose ``<name>-cities``, ``-years``, ``-n``, ``-widest``, ``-widest-sd``, ``-usual-sd``."""
    years = pd.DataFrame(facts.by_year)
    widest = years.loc[years["response_sd"].idxmax()]
    glue(f"{name}-cities", facts.cities)
    glue(f"{name}-years", f"{years['year'].min()}–{years['year'].max()}")
    glue(f"{name}-n", f"{facts.n:,}")
    glue(f"{name}-widest", f"{widest['year']:.0f}")
    glue(f"{name}-widest-growth", float(100 * widest["national_growth"]), ".1f")
    glue(f"{name}-widest-sd", float(widest["response_sd"]), ".2f")
    glue(f"{name}-usual-sd", float(years["response_sd"].median()), ".2f")
