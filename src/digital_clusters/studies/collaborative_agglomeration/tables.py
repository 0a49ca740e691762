"""Tables of the chapters on collaborative agglomeration."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from digital_clusters.analysis.multiverse.explored import Explored
from digital_clusters.analysis.spatial.curves import moving, polynomial
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.report import estimates
from digital_clusters.report.cautions import caution_in_words
from digital_clusters.report.estimates import KINDS
from digital_clusters.report.multiverse import STANDINGS, claim_sentence, stands
from digital_clusters.report.tables import styled
from digital_clusters.report.words import MISSING, PUBLIC, key_in_words, lines, number, p_text
from digital_clusters.sources.columns import per_unit, words_of_term
from digital_clusters.studies.collaborative_agglomeration.chain import Chain
from digital_clusters.studies.collaborative_agglomeration.multiverse.panels import SIDES
from digital_clusters.studies.collaborative_agglomeration.specs import BASELINE

if TYPE_CHECKING:
    from great_tables import GT

    from digital_clusters.analysis.fit import Fit
    from digital_clusters.estimators.curves.ratios import Ratio
    from digital_clusters.estimators.curves.turning_points import UTest

DIFFUSION_NOTE = (
    "Outcome: internet users per 10 residents. Share of the lead a year earlier that a city makes up; city "
    "and year effects, controls, errors clustered by city."
)

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


def effects(found: Sequence[dict] | pd.DataFrame, label: str, planted: np.ndarray | None = None) -> "GT":
    """Marginal effects of co-agglomeration at quantiles; see :func:`~.report.estimates.effects_table`."""
    return estimates.effects_table(found, label, planted, outcome=OUTCOME, treatment=TREATMENT)


def differences(
    found: pd.DataFrame, label: str, planted: Mapping[str, float] | None = None, note: str = ""
) -> "GT":
    """Differences of the direct effect between groups; see :func:`~.report.estimates.differences_table`."""
    return estimates.differences_table(found, label, planted, note, outcome=OUTCOME, treatment=TREATMENT)


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
    cautioned = {caution_in_words(text) for estimate, _ in found.values() for text in estimate.warnings}
    said = sorted(f"{text[:1].upper()}{text[1:]}" for text in cautioned)
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
