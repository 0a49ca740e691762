"""Tables of estimates of any study: coefficients, tests, effects, errors, instruments."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.panel.instrumental import InstrumentalEstimate
from digital_clusters.estimators.spatial.arrays import LAG_PREFIX
from digital_clusters.report.cautions import cautions
from digital_clusters.report.tables import styled
from digital_clusters.report.words import MISSING, interval, lines, number, p_text
from digital_clusters.sources.columns import per_unit, words_of, words_of_term

if TYPE_CHECKING:
    from great_tables import GT

_MORAN = re.compile(r"(?<=^Moran's I of residuals), (-?[\d.]+)(?=:)")
"""The value in the name of a test."""


def errors_table(by_rule: Mapping[str, Estimate], terms: Mapping[str, str], label: str) -> "GT":
    """Standard errors of the same coefficients by several covariance rules, and their ratio."""
    rules = list(by_rule)
    rows = []
    for term, words in terms.items():
        errors = [by_rule[rule][term][1] for rule in rules]
        row = {"Term": words, "Coefficient": number(by_rule[rules[0]][term][0])}
        row |= {rule: number(error) for rule, error in zip(rules, errors, strict=True)}
        rows.append(row | {"Ratio": number(errors[1] / errors[0], 2)})
    note = f"Ratio: {rules[1]} over {rules[0]}."
    footnotes = cautions((0, rule, estimate) for rule, estimate in by_rule.items())
    return styled(pd.DataFrame(rows), "", note, label, footnotes=footnotes)


def instrument_table(
    found: InstrumentalEstimate, planted: Mapping[str, float], names: Mapping[str, str], label: str
) -> "GT":
    """Least squares and two-stage least squares of a linear effect, and of the planted curve.

    Parameters
    ----------
    planted, names : mapping of str to float, str
        Keys ``least_squares`` and ``estimate``.
    """
    rows = []
    for key, words in names.items():
        estimate = getattr(found, key)
        value, error = estimate.coefficients[0], estimate.standard_errors[0]
        rows.append(
            {
                "Regression": words,
                "Of the planted curve": number(planted[key]),
                "Estimate": number(value),
                "S.e.": number(error),
                "95 % interval": interval(*estimate.interval()[0]),
                "N": number(estimate.n_observations, 0),
            }
        )
    sets = " and ".join(interval(*piece) for piece in found.anderson_rubin.intervals)
    gap = found.endogeneity
    note = (
        f"First stage: F = {number(found.first_stage_f, 0)} (weak below {number(found.critical_f, 1)}). "
        f"Anderson–Rubin set {sets}. Difference of the two estimates: p = {p_text(float(gap.p_values[0]))}."
    )
    footnotes = cautions((place, "S.e.", getattr(found, key)) for place, key in enumerate(names))
    return styled(pd.DataFrame(rows), "", note, label, footnotes=footnotes)


def differences_table(
    found: pd.DataFrame,
    label: str,
    planted: Mapping[str, float] | None = None,
    note: str = "",
    *,
    outcome: str,
    treatment: str,
) -> "GT":
    """Differences of the direct effect between groups, with p values adjusted for their number.

    Parameters
    ----------
    outcome, treatment : str
        Columns of the panel, for the unit of the effects.
    """
    rows = []
    for _, row in found.iterrows():
        cells = {"Difference": row["words"]}
        if planted is not None:
            cells["Planted"] = number(planted[row["words"]])
        rows.append(
            cells
            | {
                "Estimate": number(row["value"]),
                "S.e.": number(row["standard_error"]),
                "95 % interval": interval(row["low"], row["high"]),
                "p": p_text(row["p"]),
                "Holm": p_text(row["holm"]),
                "Benjamini–Hochberg": p_text(row["benjamini_hochberg"]),
            }
            | ({"N": number(row["n"], 0)} if "n" in found else {})
        )
    text = (
        f"Differences of the direct effect, {per_unit(outcome, treatment)}. S.e.: clustered by city, delta "
        f"method. Holm, Benjamini–Hochberg: p adjusted for the number of differences. {note}"
    ).strip()
    return styled(pd.DataFrame(rows), "", text, label)


KINDS = ("direct", "indirect", "total")


def tests_table(found: Mapping[str, Sequence[dict]]) -> "GT":
    """Tests between spatial models, one line a test, by the label of the source.

    Moran's I, which a test's name may hold, goes to the note, so that sources share the test's line.
    """
    tables = {label: pd.DataFrame(rows).set_index("test") for label, rows in found.items()}
    morans = [
        f"{label} {number(float(held[1]))}"
        for label, table in tables.items()
        for held in map(_MORAN.search, table.index)
        if held
    ]
    tables = {label: table.rename(index=lambda name: _MORAN.sub("", name)) for label, table in tables.items()}
    nulls = pd.concat([table["null"] for table in tables.values()])
    nulls = nulls[~nulls.index.duplicated()]
    frame = pd.DataFrame({"Test": nulls.index, "Hypothesis": nulls.to_numpy()})
    spanners = {}
    for label, table in tables.items():
        columns = [f"{label} {name}" for name in ("χ²", "df", "p")]
        table = table.astype(object).reindex(nulls.index)
        table = table.where(table.notna(), None)
        frame[columns[0]] = [MISSING if v is None else number(v, 1) for v in table["statistic"]]
        frame[columns[1]] = [MISSING if v is None else str(v) for v in table["degrees_of_freedom"]]
        frame[columns[2]] = [p_text(p) for p in table["p_value"]]
        spanners[label] = columns
    headings = {name: name.split()[-1] for columns in spanners.values() for name in columns}
    note = (
        "Moran and LM: from the two-way model without spatial terms. LR and Wald: what the Durbin model is "
        "reduced to. All by the information matrix, but where a variance is said to be another. A dash: no "
        "statistic, since a model has no maximum or the difference of two variances is no covariance."
    )
    if morans:
        note = f"Moran's I of residuals: {', '.join(morans)}. {note}"
    return styled(frame, "", note, ", ".join(found), spanners=spanners, headings=headings)


def coefficients_table(estimate: Estimate, label: str) -> "GT":
    """Coefficients of the terms beside those of their spatial lags, then the spatial parameter."""
    rows = []
    for term in (t for t in estimate.terms if not t.startswith(LAG_PREFIX) and t != "sigma2"):
        lag = LAG_PREFIX + term
        rows.append(
            {
                "Term": words_of_term(term),
                "Own": _cell(estimate, term),
                "Neighbours' mean": _cell(estimate, lag) if lag in estimate.terms else MISSING,
            }
        )
    count = f"{estimate.n_observations:,} city-years"
    clusters = "" if estimate.n_clusters is None else f", errors clustered by {estimate.n_clusters} cities"
    return styled(
        pd.DataFrame(rows),
        "",
        f"Standard errors in parentheses. {count}{clusters}. City and year effects.",
        label,
        markup=["Own", "Neighbours' mean"],
        footnotes=cautions([(0, "Own", estimate)]),
    )


def _cell(estimate: Estimate, term: str) -> str:
    value, error = estimate[term]
    return lines(number(value), [f"({number(error)})"])


def effects_table(
    found: Sequence[dict] | pd.DataFrame,
    label: str,
    planted: np.ndarray | None = None,
    *,
    outcome: str,
    treatment: str,
) -> "GT":
    """Marginal effects at quantiles with both intervals.

    Parameters
    ----------
    found : records of ``quantile_effects``
    planted : numpy.ndarray, shape (number of quantiles, 3), optional
    outcome, treatment : str
        Columns of the panel, for the heading and the unit of the effects.
    """
    table = pd.DataFrame(found)
    rows = []
    for place, (_, row) in enumerate(table.iterrows()):
        cells = {
            words_of(treatment).capitalize(): f"{number(row['c'], 2)} ({100 * row['quantile']:.0f} %)"
            if row["kind"] == KINDS[0]
            else "",
            "Effect": row["kind"],
        }
        if planted is not None:
            cells["Planted"] = number(planted.ravel()[place])
        cells |= {
            "Estimate": number(row["effect"]),
            "S.e.": number(row["standard_error"]),
            "Delta interval": interval(row["low"], row["high"]),
            "Simulated interval": interval(row["simulated_low"], row["simulated_high"]),
        }
        rows.append(cells)
    unit = per_unit(outcome, treatment)
    note = f"Marginal effects, {unit}; in parentheses the quantile. Intervals at 95 %."
    return styled(pd.DataFrame(rows), "", note, label)


def made_of_table(parts: pd.DataFrame, truth: float) -> "GT":
    """What coefficients on the twin are made of, beside the true average effect."""
    names = {
        "method": "Method",
        "coefficient": "Coefficient",
        "effect": "From the planted effect",
        "rest": "From everything else",
    }
    note = f"True average effect: {number(truth)}."
    return styled(parts.rename(columns=names), "What each coefficient is made of", note, "synthetic twin")
