"""What the chapters on virtual agglomeration show of theory, measures and coverage."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from digital_clusters.measures.panel import Panel
from digital_clusters.report import figures
from digital_clusters.report.claims import ABSTRACT
from digital_clusters.report.diagram import Edge, Node, causal_diagram
from digital_clusters.report.style import CYCLE, canvas, house_style, stamp
from digital_clusters.report.tables import MISSING, lines, number, styled
from digital_clusters.sources.tables import LABELS
from digital_clusters.studies.claimed import coverage, load_city_panel, specs_of
from digital_clusters.studies.claims import ClaimedStudy
from digital_clusters.studies.frozen import load_frozen
from digital_clusters.studies.spec import Spec
from digital_clusters.studies.virtual_agglomeration import STUDY
from digital_clusters.studies.virtual_measures import SHORT as SHORT_NAMES

if TYPE_CHECKING:
    from great_tables import GT
    from matplotlib.figure import Figure

TWIN, PUBLIC = LABELS["twin"], LABELS["public"]
BOTH = f"{TWIN}, {PUBLIC}"
EFFECT = "relative growth per s.d. of storefront density"

SHORT = {
    "raises_resilience": "raises",
    "less_in_old_bases": "less",
    "more_with_digital_infrastructure": "more",
    "more_with_regional_integration": "more (region)",
    "more_with_fusion": "more (fusion)",
    "eases_misallocation": "eases",
    "through_misallocation": "costs growth",
    "boosts_demand": "boosts",
    "through_demand": "feeds growth",
    "complements_geography": "complements",
}
"""Claim → what its arrow says."""

NO_STOREFRONTS = "the platform's records of storefronts are not public, nor is employment by industry"

INDICATORS = {
    "resilience": ("relative growth", "annual response (g − g_N)/|g_N|"),
    "growth_gap": ("log points", "growth less that of the country"),
    "resilience_composite": ("0 to 1", "entropy weights on response, diversity and structure"),
    "virtual": ("s.d. within the year", "storefronts per resident (V2, the default)"),
    "virtual_quotient": ("s.d. within the year", "location quotient of storefronts (V1)"),
    "virtual_specialisation": ("s.d. within the year", "specialisation of storefronts (V3)"),
    "virtual_exposure": ("s.d. within the year", "exposure to storefronts by distance (V4)"),
    "virtual_information": ("s.d. within the year", "information industry (V5)"),
    "misallocation": ("log points", "mean log size of capital and labour wedges"),
    "market_demand": ("log points", "retail sales over GDP"),
    "geographic": ("s.d. within the year", "log location quotient of manufacturing"),
    "diversity": ("share", "one less the Herfindahl index of industries"),
    "digital_infrastructure": ("s.d. within the year", "internet users per resident"),
    "fusion": ("s.d. within the year", "coupling of internet use and structure"),
    "delta_member": ("yes or no", "member of the delta council"),
    "telephone_shift": ("log lines × users", "telephones of 1984 × internet use elsewhere"),
    "taobao_villages": ("log of 1 + villages", "villages on the published list"),
    "digital_finance": ("s.d. within the year", "digital finance index"),
}
"""Column → unit, what it is."""


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


def arrows_table(study: ClaimedStudy) -> "GT":
    """Arrow → claim → specification → sign → unit, and the stand-in on public data."""
    specs, rows = specs_of(STUDY), []
    for claim in study.claims:
        public = [f"public: {claim.public}"] if claim.public else []
        rows.append(
            {
                "Arrow": SHORT[claim.key],
                "Claim": claim.statement,
                "Specification": lines(claim.spec, [in_words(specs[claim.spec])], public),
                "Sign": "+" if claim.sign > 0 else "−",
                "Unit": claim.unit,
            }
        )
    note = (
        "All regressions have city and year effects, the same controls and errors clustered by city. "
        "Italics: the stand-in on public data."
    )
    return styled(pd.DataFrame(rows), "", note, ABSTRACT, markup=["Specification"])


def in_words(spec: Spec) -> str:
    """A specification as outcome on treatment, with its moderator or mediators."""
    words = f"{spec.outcome} on {spec.treatment}"
    words += f" × {spec.moderator}" if spec.moderator else ""
    words += f", then with {' and '.join(spec.mediators)}" if spec.mediators else ""
    return words.replace("_", " ")


def density_map(panel: Panel, year: int) -> "Figure":
    """Virtual agglomeration of a year by the default definition, on the map."""
    shown = panel.frame.loc[panel.frame["year"] == year]
    words = f"storefront density {year}, s.d. within the year"
    return figures.city_map(
        shown["lon"], shown["lat"], shown["virtual"], value_label=words, label=panel.label, diverging=True
    )


@house_style
def definitions_figure(panel: Panel, year: int, columns: Mapping[str, str]) -> "Figure":
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


def indicators_table(data: str, years: tuple[int, int]) -> "GT":
    """Each column: unit, moments on the twin, and cities and years on public data, or why there is none."""
    twin = load_city_panel("twin").frame
    twin = twin.loc[twin["year"].between(*years)]
    known = {row["column"]: row for row in coverage(data)}
    missing, proxies = public_gaps(data)
    rows = []
    for column, (unit, words) in INDICATORS.items():
        there = known.get(column)
        reason = (
            NO_STOREFRONTS
            if column in SHORT_NAMES
            else _short(proxies.get(column) or missing.get(column, ""))
        )
        span = f"{there['cities']} cities, {there['first_year']}–{there['last_year']}" if there else MISSING
        if column in ("growth_gap", "delta_member"):
            span = "as resilience" if column == "growth_gap" else "all cities, all years"
        rows.append(
            {
                "Indicator": lines(column.replace("_", " "), [words]),
                "Unit": unit,
                "Twin": _moments(twin, column),
                "Public": span,
                "Stand-in, or why not": f"stand-in: {reason}" if column in proxies else reason,
            }
        )
    note = f"Twin: mean (s.d.) over city-years {years[0]}–{years[1]}."
    return styled(pd.DataFrame(rows), "", note, BOTH, markup=["Indicator"])


def _short(reason: str) -> str:
    """A source's reason without the words that name the source and the column."""
    return reason.partition(": ")[2] if reason.startswith(f"{PUBLIC} has no") else reason


def _moments(frame: pd.DataFrame, column: str) -> str:
    if column not in frame:
        return MISSING
    values = frame[column].astype(float)
    # adding zero takes the sign off a mean that rounds to zero
    return f"{number(round(values.mean(), 2) + 0.0, 2)} ({number(values.std(), 2)})"


def public_gaps(data: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """What public data lack, and what stands in for something else: column → reason."""
    if data == "public":
        panel = load_city_panel("public")
        return panel.missing, panel.proxies
    facts = load_frozen(STUDY).facts
    return facts["missing"], facts["proxies"]
