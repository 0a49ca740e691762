"""Tables of the chapters on collaborative agglomeration."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.multiverse.explored import Explored
from digital_clusters.analysis.readings import coverage
from digital_clusters.analysis.spatial.curves import moving, polynomial
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.measures.panel import Panel
from digital_clusters.report import estimates
from digital_clusters.report.estimates import KINDS
from digital_clusters.report.multiverse import STANDINGS, claim_sentence, stands
from digital_clusters.report.tables import styled
from digital_clusters.report.words import (
    BOTH,
    MISSING,
    PUBLIC,
    TWIN,
    interval,
    key_in_words,
    lines,
    number,
    p_text,
)
from digital_clusters.sources.columns import (
    meaning_of,
    per_unit,
    weights_words,
    words_of,
    words_of_term,
)
from digital_clusters.studies.collaborative_agglomeration.chain import Chain
from digital_clusters.studies.collaborative_agglomeration.multiverse.panels import SIDES
from digital_clusters.studies.collaborative_agglomeration.specs import BASELINE, STUDY
from digital_clusters.studies.collaborative_agglomeration.study import COLLABORATIVE_AGGLOMERATION

if TYPE_CHECKING:
    from great_tables import GT

    from digital_clusters.analysis.fit import Fit
    from digital_clusters.estimators.curves.ratios import Ratio
    from digital_clusters.estimators.curves.turning_points import UTest

SINCE = "years since joining the council"


DIFFUSION_NOTE = (
    "Outcome: internet users per 10 residents. Share of the lead a year earlier that a city makes up; city "
    "and year effects, controls, errors clustered by city."
)

CONTROL_WORDS = {
    "never": "cities that never join",
    "not_yet": "cities that join later",
    "already": "cities that joined earlier",
    "always": "members from the first year on",
}


def cohorts(found: Mapping[str, Sequence[dict]]) -> "GT":
    """Cities by the year they join, a column a source."""
    rows = {label: {row["year"]: row["cities"] for row in table} for label, table in found.items()}
    years = sorted({year for table in rows.values() for year in table if year is not None})
    frame = pd.DataFrame(
        {
            "Joins": [f"{year:.0f}" for year in years] + ["not in these years"],
            **{label: [_count(table.get(year)) for year in (*years, None)] for label, table in rows.items()},
        }
    )
    note = "Cities that are complete in the outcome and in the covariates of the propensity score."
    return styled(frame, "", note, ", ".join(found))


def _count(value: int | None) -> str:
    return MISSING if value is None else number(value, 0)


def designs(
    rows: Sequence[dict], label: str, planted: Sequence[float] = (), mean: float | None = None
) -> "GT":
    """Every estimate of the effect of accession.

    Parameters
    ----------
    rows : records of ``adoption_record``'s ``estimates``
    planted : sequence of float
        What each design finds of the planted effect alone; empty where nothing is planted.
    mean : float, optional
        Planted effect over the city-years of members; told in the note.
    """
    frame = pd.DataFrame(
        [
            {"Design": row["design"]}
            | ({"Of the planted effect": number(planted[place])} if len(planted) else {})
            | {
                "Estimate": number(row["value"]),
                "S.e.": number(row["standard_error"]),
                "95 % interval": interval(row["low"], row["high"]),
                "Cities": row["cities"],
                "N": number(row["n"], 0),
            }
            for place, row in enumerate(rows)
        ]
    )
    told = "" if mean is None else f" Planted, mean over city-years of members: {number(mean)}."
    return styled(frame, "", f"Log points of misallocation, errors clustered by city.{told}", label)


def bacon(found: Mapping[str, Sequence[dict]]) -> "GT":
    """Weight and estimate of each kind of comparison in the static two-way estimate, by source."""
    frame = pd.DataFrame({"Compared with": list(CONTROL_WORDS.values())})
    spanners = {}
    for label, rows in found.items():
        by_kind = {row["kind"]: row for row in rows}
        columns = [f"{label} weight, %", f"{label} estimate"]
        frame[columns[0]] = [number(100 * by_kind[kind]["weight"], 1) for kind in CONTROL_WORDS]
        frame[columns[1]] = [number(by_kind[kind]["estimate"]) for kind in CONTROL_WORDS]
        spanners[label] = columns
    headings = {name: name.split(" ")[-2] + " %" for columns in spanners.values() for name in columns[:1]}
    headings |= {name: "estimate" for columns in spanners.values() for name in columns[1:]}
    note = "Of the two-way estimate that keeps members of the first year as controls."
    return styled(frame, "", note, ", ".join(found), spanners=spanners, headings=headings)


def pretrend(found: Mapping[str, Mapping[str, Any]]) -> "GT":
    """Tests that nothing precedes accession, and the permutation of accession itself, by source."""
    names = {
        "wald_p": "nothing before joining: Wald test, clustered errors",
        "pretrend_p": "nothing before joining: residual paths of other cities, drawn at random",
        "placebo_p": "no effect: years of joining drawn at random over cities",
    }
    frame = pd.DataFrame({"Test": list(names.values())})
    for label, record in found.items():
        frame[label] = [p_text(record[key]) for key in names]
    draws = next(iter(found.values()))["draws"]
    note = f"p values; {draws:,} permutations. The fifth year before joining holds all earlier ones."
    return styled(frame, "", note, ", ".join(found))


def mean_over_members(planted: pd.DataFrame) -> float:
    """Planted effect over the city-years of members, from its path."""
    since = planted[planted["relative"] >= 0]
    return float(np.average(since["effect"], weights=since["n_units"]))


LEFT_RIGHT = ("left", "right")
"""Sides of the turning point."""

OUTCOME, TREATMENT = BASELINE.outcome, BASELINE.treatment


PER_UNIT = per_unit(OUTCOME, TREATMENT)


TERMS = {
    term: words_of_term(term)
    for term in (
        "coagglomeration",
        "coagglomeration^2",
        "coagglomeration:internet",
        "internet",
        "income",
        "population",
        "uil",
        "finance",
        "delta_member",
        "years_as_member",
        "coagglomeration:delta_member",
        "coagglomeration^2:internet",
        "storefront_density",
        "neighbours_lead",
        "neighbours_lead:delta_member",
        "rho",
    )
}
"""Term → words."""


KINDS_OF_WEIGHTS = ("contiguity", "inverse_distance", "nearest", "economic", "nested")


MEASURES = {
    "coagglomeration": words_of("coagglomeration"),
    "misallocation": words_of("misallocation"),
    "internet": "digital technology",
    "digital_finance": words_of("digital_finance"),
}
"""Column → name of what it measures."""


COLUMN_WORDS = {
    column: words_of(column)
    for column in ("coagglomeration", "misallocation", "capital_misallocation", "labour_misallocation")
}


def effects(found: Sequence[dict] | pd.DataFrame, label: str, planted: np.ndarray | None = None) -> "GT":
    """Marginal effects of co-agglomeration at quantiles; see :func:`~.report.estimates.effects_table`."""
    return estimates.effects_table(found, label, planted, outcome=OUTCOME, treatment=TREATMENT)


def differences(
    found: pd.DataFrame, label: str, planted: Mapping[str, float] | None = None, note: str = ""
) -> "GT":
    """Differences of the direct effect between groups; see :func:`~.report.estimates.differences_table`."""
    return estimates.differences_table(found, label, planted, note, outcome=OUTCOME, treatment=TREATMENT)


def cluster_counts(found: Mapping[str, Any]) -> dict[str, str]:
    """How many cities are in a cluster one by one, how many would be by chance, how many are left by rule."""
    names = pd.DataFrame(found["cities"])["cluster"]
    clustered = names.isin(["high-high", "low-low", "high-low", "low-high"]).sum()
    chance = found["level"] * len(names)
    return {"clustered": f"{clustered}", "chance": f"{chance:.0f}", "left": f"{found['left']}"}


def measures(panel: Panel, data: str) -> "GT":
    """What each measure is on the twin, what stands for it in public data, and where."""
    facts = load_frozen(STUDY).facts
    proxies = facts["proxies"]
    known = {row["column"]: row for row in coverage(COLLABORATIVE_AGGLOMERATION, data)}
    rows = []
    for column, name in MEASURES.items():
        there = known.get(column)
        held = panel.frame.loc[panel.frame[column].notna()] if column in panel.frame else None
        rows.append(
            {
                "Measure": lines(name, [meaning_of(column)]),
                TWIN: MISSING if held is None else _span(held["city"].nunique(), *_years(held)),
                PUBLIC: lines(
                    MISSING
                    if there is None
                    else _span(there["cities"], there["first_year"], there["last_year"]),
                    [_public_words(column, proxies, facts["missing"])],
                ),
            }
        )
    note = "Cities in the fullest year, first and last year with a value; below, what stands in."
    return styled(pd.DataFrame(rows), "", note, BOTH, markup=["Measure", PUBLIC])


def _public_words(column: str, proxies: Mapping[str, str], missing: Mapping[str, str]) -> str:
    reason = missing.get(column, PUBLISHED.get(column, ""))
    return proxies.get(column, reason.split(": ", 1)[-1])


PUBLISHED = {
    "internet": "subscribers in the yearbooks, from 2003 on with gaps",
    "digital_finance": "the published index",
}
"""Measures that public data have as they are."""


def _span(cities: int, first: int, last: int) -> str:
    return f"{cities} cities, {first}–{last}"


def _years(frame: pd.DataFrame) -> tuple[int, int]:
    return int(frame["year"].min()), int(frame["year"].max())


def moments(found: Mapping[str, Sequence[dict]]) -> "GT":
    """Moments of the measures, by the label of the source."""
    rows = [
        {
            "Measure": COLUMN_WORDS[row["column"]],
            "Data": label,
            "Mean": row["mean"],
            "S.d.": row["sd"],
            "Minimum": row["min"],
            "Maximum": row["max"],
            "Within s.d.": row["sd"] * row["within"] ** 0.5,
        }
        for label, moments in found.items()
        for row in moments
    ]
    frame = pd.DataFrame(rows).sort_values("Measure", kind="stable", key=_order)
    note = "Within s.d.: of what is left once means of cities and years are removed."
    return styled(frame, "", note, ", ".join(found))


def _order(column: pd.Series) -> pd.Series:
    return column.map(list(COLUMN_WORDS.values()).index)


def weights(found: Mapping[str, Sequence[dict]]) -> "GT":
    """The five kinds of weights with their rules, by the label of the source."""
    rows = [
        {
            "Weights": lines(weights_words(row["kind"]), [row["note"]]),
            "Data": label,
            "Cities": row["cities"],
            "Links a city": _links(row),
            "Islands": row["islands"],
        }
        for kind in KINDS_OF_WEIGHTS
        for label, table in found.items()
        for row in table
        if row["kind"] == kind
    ]
    note = "Links: mean (smallest–largest). Islands: cities that had no neighbour before the rule."
    return styled(pd.DataFrame(rows), "", note, ", ".join(found), markup=["Weights"])


def _links(row: Mapping[str, Any]) -> str:
    if row["links_min"] == row["links_max"]:
        return number(row["links_min"], 0)
    return f"{number(row['links_mean'], 1)} ({row['links_min']}–{row['links_max']})"


def variants(found: Mapping[str, Mapping[str, Any]], label: str, note: str = "") -> "GT":
    """One line a specification: square, spatial parameter, effects left and right of the turning point.

    Parameters
    ----------
    found : mapping of str to mapping
        Words → record of ``sides``.
    """
    rows = []
    for words, row in found.items():
        cells = {"Specification": words, "Square": _estimated(*row["square"])}
        if any("product" in other for other in found.values()):
            cells["Product"] = _estimated(*row["product"]) if "product" in row else MISSING
        cells["ρ"] = MISSING if row["rho"] is None else _estimated(*row["rho"])
        for side in LEFT_RIGHT:
            for kind in KINDS[:2]:
                cells[f"{kind} {side}"] = _effect(row.get(f"{kind} {side}"))
        rows.append(cells | {"N": number(row["n"], 0)})
    spanners = {f"Effect, {side}": [f"{kind} {side}" for kind in KINDS[:2]] for side in LEFT_RIGHT}
    headings = {f"{kind} {side}": kind for side in LEFT_RIGHT for kind in KINDS[:2]}
    frame = pd.DataFrame(rows)
    markup = [name for name in frame if name not in ("Specification", "N")]
    text = (
        "Left and right: marginal effects at the 25 % and the 98 % quantile of co-agglomeration. "
        f"Standard errors in parentheses. {note}"
    ).strip()
    return styled(frame, "", text, label, spanners=spanners, headings=headings, markup=markup)


def _estimated(value: float, error: float) -> str:
    return lines(number(value), [f"({number(error)})"])


def _effect(row: Mapping[str, float] | None) -> str:
    return MISSING if row is None else _estimated(row["effect"], row["standard_error"])


def by_side(rows: Sequence[Mapping[str, Any]], label: str) -> "GT":
    """Effects below and above a turning point by several ways of splitting.

    Parameters
    ----------
    rows : sequence of mapping
        ``words``, ``below``, ``above`` (pairs of value and error), ``planted`` (pair), ``n`` (text).
    """
    frame = pd.DataFrame(
        [
            {
                "Way": row["words"],
                "below planted": number(row["planted"][0]),
                "below": _estimated(*row["below"]),
                "above planted": number(row["planted"][1]),
                "above": _estimated(*row["above"]),
                "City-years": row["n"],
            }
            for row in rows
        ]
    )
    spanners = {"Below": ["below planted", "below"], "Above": ["above planted", "above"]}
    headings = {"below planted": "planted", "below": "estimate"}
    headings |= {"above planted": "planted", "above": "estimate"}
    note = f"Direct effects, {PER_UNIT}. Standard errors in parentheses, clustered by city."
    return styled(frame, "", note, label, spanners=spanners, headings=headings, markup=["below", "above"])


def omission(rows: Sequence[Mapping[str, Any]], names: Mapping[str, str], words: str, label: str) -> "GT":
    """The identity of an omitted variable, term by term.

    Parameters
    ----------
    rows : records of ``omission``
    names : mapping of str to str
        Term → words.
    words : str
        The omitted variable.
    """
    frame = pd.DataFrame(
        [
            {
                "Term": names[row["term"]],
                "With it": number(row["with_it"]),
                "How it moves with the term": _estimated(row["moves"], row["moves_error"]),
                "times its effect": number(row["moves"] * row["effect"]),
                "Without it": number(row["without"]),
            }
            for row in rows
        ]
    )
    note = (
        f"It: {words}; its effect is {number(rows[0]['effect'])}. Two-way least squares, no spatial terms: "
        "the second column and the fourth add up to the last."
    )
    return styled(frame, "", note, label, markup=["How it moves with the term"])


def bending(found: Mapping[str, "Fit"], label: str) -> "GT":
    """What one more unit of the moderator does to the turning point and to the own effect, by model.

    Parameters
    ----------
    found : mapping of str to Fit
        Words for the model → spatial curve with a moderator.
    """
    rows = []
    for words, one in found.items():
        _, shift = moving(one)
        bent = polynomial(one).square_product
        cells = {"Curve": words, "Shift of the turning point": number(shift.value)}
        cells["95 % set"] = str(shift.fieller)
        for side, at in zip(LEFT_RIGHT, SIDES, strict=True):
            c = float(one.sample[one.spec.treatment].quantile(at))
            weights = {one.product: 1.0} | ({bent: 2 * c} if bent else {})
            places = [one.estimate.terms.index(term) for term in weights]
            row = np.array(list(weights.values()))
            value = row @ one.estimate.coefficients[places]
            variance = row @ one.estimate.covariance[np.ix_(places, places)] @ row
            cells[f"Own effect, {side}"] = _estimated(float(value), float(np.sqrt(variance)))
        rows.append(cells)
    note = (
        "Changes by one more unit of the moderator, at its mean. Left and right: at the 25 % and the 98 % "
        "quantile of co-agglomeration; own coefficients, standard errors in parentheses."
    )
    columns = [f"Own effect, {side}" for side in LEFT_RIGHT]
    return styled(pd.DataFrame(rows), "", note, label, markup=columns)


def chains(found: Mapping[str, Chain], planted: Sequence[float] = ()) -> "GT":
    """Both links of the chain and their product, a column a source.

    Parameters
    ----------
    found : mapping of str to Chain
        By the label of the source.
    planted : sequence of float
        Of ``planted_chain``; empty where nothing is planted.
    """
    words = [
        "members make up more of the neighbours' lead",
        "an internet user changes the effect of co-agglomeration",
        "product: the chain",
    ]
    frame = pd.DataFrame({"Link": words})
    if len(planted):
        frame["Planted"] = [number(value) for value in planted]
    for label, one in found.items():
        links = [(one.diffusion.value, one.diffusion.error), (one.correction.value, one.correction.error)]
        frame[label] = [_estimated(*link) for link in (*links, (one.value, one.error))]
    ps = "; ".join(f"{label} {p_text(one.p_value)}" for label, one in found.items())
    note = (
        "Standard errors in parentheses; of the product by the delta method, the two regressions taken as "
        f"independent. Joint test of both links, p: {ps}."
    )
    return styled(frame, "", note, ", ".join(found), markup=list(found))


TERMS_OF_INTEREST = (
    "coagglomeration",
    "coagglomeration^2",
    "coagglomeration:internet",
    "coagglomeration^2:internet",
    "coagglomeration:digital_finance",
    "coagglomeration:delta_member",
    "neighbours_lead:delta_member",
    "delta_member",
    "rho",
)


def public_estimates(found: Mapping[str, tuple[Estimate, str]]) -> "GT":
    """Every public estimate with the terms that claims are about.

    Parameters
    ----------
    found : mapping of str to (Estimate, str)
        Of :func:`~digital_clusters.analysis.readings.public_estimates`: with a note on what differs.
    """
    rows = []
    for key, (estimate, note) in found.items():
        for term in (name for name in TERMS_OF_INTEREST if name in estimate.terms):
            one = estimate.term(term)
            rows.append(
                {
                    "Specification": key + (f" ({note})" if note else ""),
                    "Term": words_of_term(term),
                    "Coefficient": number(one.value),
                    "S.e.": number(one.error),
                    "t": number(one.value / one.error, 1),
                    "N": number(one.n, 0),
                }
            )
    said = sorted({warning for estimate, _ in found.values() for warning in estimate.warnings})
    note = ". ".join(
        ["Errors clustered by city; the index of two sectors for co-agglomeration", *said, ""]
    ).strip()
    return styled(pd.DataFrame(rows), "", note, PUBLIC)


def claim_sentences(explored: Explored) -> "GT":
    """Claim by claim, for the log size of the wedges: a computed sentence over the declared multiverse."""
    found = explored.summary()
    rows = [
        {
            "Claim": lines(explored.declared.claims[row["claim"]].statement, [key_in_words(row["claim"])]),
            "What the specifications say": claim_sentence(row),
            "Stands": stands(row),
        }
        for _, row in found[found["outcome"] == LOG_SIZE].iterrows()
    ]
    meaning = "; ".join(f"{word}: {words}" for word, words in STANDINGS.items())
    return styled(pd.DataFrame(rows), "", f"{meaning}.", PUBLIC, markup=["Claim"])


LOG_SIZE = "log size of the wedges"
"""Option of the multiverse's outcome."""


def turning(point: "Ratio", test: "UTest", planted: float, label: str) -> "GT":
    """A turning point with both sets, and the joint test of a U shape over a range."""
    slopes = [f"{number(s)} (t = {number(t, 1)})" for s, t in zip(test.slopes, test.t, strict=True)]
    rows = {
        "turning point": number(point.value, 2),
        "planted": number(planted, 2),
        "delta interval": f"[{number(point.delta[0], 2)}, {number(point.delta[1], 2)}]",
        "Fieller set": str(point.fieller),
        f"slope at {number(test.ends[0], 2)}": slopes[0],
        f"slope at {number(test.ends[1], 2)}": slopes[1],
        "joint test of a U shape, p": p_text(test.overall_p),
    }
    frame = pd.DataFrame({"Quantity": list(rows), "Value": list(rows.values())})
    note = "Own coefficients at the mean of the moderator; slopes at the 1 % and the 99 % quantile."
    return styled(frame, "", note, label)
