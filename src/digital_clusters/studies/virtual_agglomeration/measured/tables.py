"""Tables of what is measured: spans and cycles of resilience, indicators and stand-ins, ways to measure."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from digital_clusters.analysis.data import load_city_panel
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.readings import coverage
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.report.tables import styled
from digital_clusters.report.words import BOTH, MISSING, PUBLIC, TWIN, lines, number
from digital_clusters.sources.columns import column_unit, meaning_of, words_of
from digital_clusters.studies.virtual_agglomeration.measures import SHORT as SHORT_NAMES
from digital_clusters.studies.virtual_agglomeration.measures import VariantFacts
from digital_clusters.studies.virtual_agglomeration.record import PublicMeasures
from digital_clusters.studies.virtual_agglomeration.resilience import ResilienceFacts
from digital_clusters.studies.virtual_agglomeration.specs import STUDY
from digital_clusters.studies.virtual_agglomeration.study import VIRTUAL_AGGLOMERATION

if TYPE_CHECKING:
    from great_tables import GT


def spans(found: Sequence[ResilienceFacts]) -> "GT":
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


def windows(found: Sequence[ResilienceFacts]) -> "GT":
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


NO_STOREFRONTS = "the platform's records of storefronts are not public"

INDICATORS = (
    "resilience",
    "growth_gap",
    "resistance",
    "recoverability",
    "resilience_composite",
    "virtual",
    "virtual_quotient",
    "virtual_specialisation",
    "virtual_exposure",
    "virtual_information",
    "misallocation",
    "market_demand",
    "geographic",
    "diversity",
    "digital_infrastructure",
    "mobile",
    "fusion",
    "delta_member",
    "is_old_industrial_base",
    "telephone_shift",
    "telecom_shift",
    "taobao_villages",
    "digital_finance",
)
"""Columns of the panel in the order of the table."""

WHOLE_SPANS = {
    "growth_gap": "as resilience",
    "delta_member": "all cities, all years",
    "is_old_industrial_base": "all cities, all years",
}
"""Columns whose public coverage needs no count."""

UNCONFIRMED = {"is_old_industrial_base": "of the list only the total is confirmed"}
"""What is doubtful in columns that public data have as they are."""


def indicators(data: str, years: tuple[int, int]) -> "GT":
    """Each column: unit, moments on the twin, and cities and years on public data, or why there is none."""
    twin = load_city_panel("twin").frame
    twin = twin.loc[twin["year"].between(*years)]
    known = {row["column"]: row for row in coverage(VIRTUAL_AGGLOMERATION, data)}
    missing, proxies = public_gaps(data)
    rows = []
    for column in INDICATORS:
        there = known.get(column)
        reason = (
            NO_STOREFRONTS
            if column in SHORT_NAMES and column != "virtual_information"
            else _short(proxies.get(column) or missing.get(column, UNCONFIRMED.get(column, "")))
        )
        span = f"{there['cities']} cities, {there['first_year']}–{there['last_year']}" if there else MISSING
        name, meaning = words_of(column), meaning_of(column)
        rows.append(
            {
                "Indicator": lines(name, [] if meaning == name else [meaning]),
                "Unit": column_unit(column),
                "Twin": _moments(twin, column),
                "Public": WHOLE_SPANS.get(column, span),
                "Stand-in, or why not": f"stand-in: {reason}" if column in proxies else reason,
            }
        )
    note = f"Twin: mean (s.d.) over city-years {years[0]}–{years[1]}."
    return styled(pd.DataFrame(rows), "", note, BOTH, markup=["Indicator"])


def _short(reason: str) -> str:
    """A source's reason without the words that name the source and the column, and without marks of code."""
    reason = reason.partition(": ")[2] if reason.startswith(f"{PUBLIC} has no") else reason
    return reason.replace("`", "")


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


def variants(twin: list[VariantFacts], effects: Mapping[str, Estimate], public: PublicMeasures) -> "GT":
    """Ways to measure misallocation: agreement with the study's own, and what each makes of the claim."""
    rows = [_variant(row, TWIN, effects[row.name], "virtual") for row in twin]
    for row in public.variants:
        for words, term in (("villages", "taobao_villages"), ("digital finance", "digital_finance")):
            estimate = public.estimates[f"{words} on misallocation, {row.name}"]
            rows.append(_variant(row, f"{PUBLIC}, {words}", estimate, term))
    note = (
        "City-years: with the measure, over all years. Correlations with the first row of the same data. "
        "Coefficient: log points of misallocation per s.d. of storefront density (twin), per log point of "
        "villages or s.d. of digital finance (public), controls of the year before; in brackets errors "
        "clustered by city; N: its city-years."
    )
    return styled(pd.DataFrame(rows), "", note, BOTH, decimals=2)


def _variant(row: VariantFacts, label: str, estimate: Estimate, term: str) -> dict:
    b = estimate.term(term)
    return {
        "Measure": row.name,
        "Data": label,
        "City-years": row.n,
        "Cities left out": row.left_out,
        "Correlation": row.correlation,
        "Within city and year": row.within,
        "Coefficient": f"{number(b.value)} ({number(b.error)})",
        "N": number(estimate.n_observations, 0),
    }
