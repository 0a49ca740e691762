"""Figures of the chapters on virtual agglomeration."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from digital_clusters.analysis.designs import EffectsOver
from digital_clusters.estimators.panel.leads_and_lags import LeadLagEstimate
from digital_clusters.measures.panel import Panel
from digital_clusters.report import figures
from digital_clusters.report.figures.designs import event_study
from digital_clusters.report.figures.diagram import Edge, Node, causal_diagram
from digital_clusters.report.live import LiveFigure, live_map
from digital_clusters.report.style import CYCLE, GREEN, canvas, house_style, series, stamp
from digital_clusters.report.words import BOTH, PUBLIC, TWIN
from digital_clusters.studies.virtual_agglomeration.record import PublicMeasures
from digital_clusters.studies.virtual_agglomeration.resilience import ResilienceFacts
from digital_clusters.studies.virtual_agglomeration.tables import EFFECT

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@house_style
def spread(found: Sequence[ResilienceFacts]) -> "Figure":
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
def explosion(found: Sequence[ResilienceFacts]) -> "Figure":
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


def diagram() -> "Figure":
    """Causal diagram of the study: each arrow carries the short name of its claim."""
    nodes = {
        "virtual": Node(0, 1, "virtual\nagglomeration", "treatment"),
        "resilience": Node(6, 1, "resilience", "outcome"),
        "misallocation": Node(3, 0.05, "misallocation"),
        "demand": Node(3, -0.95, "market demand"),
        "old": Node(0.2, 2.7, "old industrial\nbase", "moderator"),
        "digital": Node(1.7, 3.2, "digital\ninfrastructure", "moderator"),
        "integration": Node(3.5, 3.2, "integration\n(two readings)", "moderator"),
        "geographic": Node(5.3, 2.7, "geographic\nagglomeration", "moderator"),
        "lines": Node(-0.1, -0.95, "telephones of 1984 ×\ninternet elsewhere"),
        "hidden": Node(6.1, -0.95, "what is not seen", "unobserved"),
    }
    effect = ("virtual", "resilience")
    edges = [
        Edge(*effect, "raises"),
        Edge("virtual", "misallocation", "eases"),
        Edge("misallocation", "resilience", "costs growth"),
        Edge("virtual", "demand", "boosts"),
        Edge("demand", "resilience", "feeds growth"),
        Edge("old", effect, "less"),
        Edge("digital", effect, "more"),
        Edge("integration", effect, "more"),
        Edge("geographic", effect, "complements"),
        Edge("lines", "virtual", "instrument"),
        Edge("hidden", "virtual", dashed=True, bend=-0.42),
        Edge("hidden", "resilience", dashed=True),
    ]
    return causal_diagram(
        nodes, edges, label="the printed abstract, and this chapter's additions", height=4.9
    )


def bad_controls() -> "Figure":
    """Causal diagram of a control that holds the outcome, and of the same control a year earlier."""
    nodes = {
        "virtual": Node(0, 1, "virtual\nagglomeration", "treatment"),
        "growth": Node(3, 1, "growth of\nthis year", "outcome"),
        "now": Node(6, 1, "income of\nthis year"),
        "before": Node(1.5, 2.6, "income of the\nyear before"),
        "shocks": Node(6, 2.6, "prices, residents,\nrevisions", "unobserved"),
    }
    edges = [
        Edge("virtual", "growth", "raises"),
        Edge("growth", "now", "is a part of"),
        Edge("before", "virtual", "confounds"),
        Edge("before", "growth", "confounds"),
        Edge("shocks", "now", dashed=True),
    ]
    return causal_diagram(nodes, edges, label="this chapter's argument", height=3.4)


def density_map(panel: Panel, year: int) -> "Figure":
    """Virtual agglomeration of a year by the default definition, on the map."""
    shown = panel.frame.loc[panel.frame["year"] == year]
    words = f"storefront density {year}, s.d. within the year"
    return figures.city_map(
        shown["lon"], shown["lat"], shown["virtual"], value_label=words, label=panel.label, diverging=True
    )


def live_density(panel: Panel) -> LiveFigure:
    """Virtual agglomeration of every city and year, on a map that shows the series of a city."""
    names = panel.frame.drop_duplicates("city").set_index("city")["name"].to_dict()
    return live_map(
        panel.frame.dropna(subset="virtual"),
        "virtual",
        title="Storefront density: every city and its series",
        unit="s.d.",
        label=panel.label,
        names=names,
    )


@house_style
def definitions(panel: Panel, year: int, columns: Mapping[str, str]) -> "Figure":
    """Distribution over cities of each definition in one year; all have mean zero and s.d. one."""
    from scipy.stats import gaussian_kde

    shown = panel.frame.loc[panel.frame["year"] == year]
    fig, ax = canvas(3.2)
    grid = np.linspace(-3, 6, 300)
    for colour, (column, words) in zip(CYCLE, columns.items(), strict=False):
        density = gaussian_kde(shown[column].dropna())(grid)
        ax.plot(grid, density, color=colour, label=words.replace("_", " "))
    ax.set(xlabel=f"s.d. of {year} from the mean of cities", ylabel="density of cities", ylim=(0, None))
    fig.legend(loc="outside upper center", ncols=3)
    return stamp(fig, panel.label)


def path(path: LeadLagEstimate, planted: float) -> "Figure":
    """Leads and lags on the twin, where only the year itself has an effect."""
    values, ends = path.path()
    truth = np.where(path.relative == 0, planted, 0.0)
    return event_study(
        path.relative,
        values,
        ends,
        xlabel="years since the storefronts were counted (negative: still to come)",
        ylabel="relative growth\nper s.d. of storefront density",
        label=TWIN,
        truth=truth,
    )


def public_path(public: PublicMeasures) -> "Figure":
    """Leads and lags of digital finance on public data."""
    estimate = public.estimates["digital finance, leads and lags"]
    relative = public.relative["digital finance"]
    k = len(relative)
    return event_study(
        relative,
        estimate.coefficients[:k],
        estimate.interval()[:k],
        xlabel="years since the index was published (negative: still to come)",
        ylabel="relative growth\nper s.d. of digital finance",
        label=PUBLIC,
    )


@house_style
def splits(family: pd.DataFrame, planted: Mapping[str, float]) -> "Figure":
    """Interactions with 95 per cent intervals, and the planted differences."""
    colour, marker = series(TWIN)
    fig, ax = canvas(1.1 + 0.34 * len(family))
    ax.axvline(0, color="#888888", linewidth=1)
    places = range(len(family))
    half = 1.96 * family["standard_error"]
    ax.errorbar(
        family["coefficient"], places, xerr=half, fmt=marker, color=colour, markersize=5, capsize=2,
        label="estimate, 95 % interval",
    )  # fmt: skip
    ax.plot([planted[name] for name in family.index], places, "D", color=GREEN, markersize=5, label="planted")
    ax.set_yticks(places, list(family.index))
    ax.set_ylim(len(family) - 0.5, -0.5)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("change of the effect, relative growth per s.d. of storefront density")
    fig.legend(loc="outside upper center", ncols=2)
    return stamp(fig, TWIN)


def effects(curve: EffectsOver, *, at_mean: float, slope: float, xlabel: str) -> "Figure":
    """Effect of storefront density over a moderator, with the planted line."""
    return figures.marginal_effect(
        curve.moderator,
        curve.effects.effect,
        curve.effects.lower,
        curve.effects.upper,
        xlabel=xlabel,
        ylabel=EFFECT.replace(" per", "\nper"),
        label=TWIN,
        truth=curve.line(at_mean, slope),
    )
