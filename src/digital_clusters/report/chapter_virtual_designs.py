"""What the chapters on virtual agglomeration show of estimates: timing, instruments, placebos."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from digital_clusters.estimators.differences import PermutationTest
from digital_clusters.estimators.dynamics import LeadLagEstimate
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.instrumental import InstrumentalEstimate
from digital_clusters.report.chapter_virtual_agglomeration import BOTH, PUBLIC, TWIN
from digital_clusters.report.chapters import p_value
from digital_clusters.report.figures_of_designs import event_study
from digital_clusters.report.glue import glue
from digital_clusters.report.results import save
from digital_clusters.report.tables import lines, number, styled
from digital_clusters.studies.virtual_agglomeration import STUDY
from digital_clusters.studies.virtual_measures import PublicMeasures, VariantFacts

if TYPE_CHECKING:
    from great_tables import GT
    from matplotlib.figure import Figure

Named = Mapping[str, tuple[Estimate, str]]
"""Words for a specification → its estimate and the term that is shown."""

UNITS = {
    "growth gap as outcome": "log points per s.d. of storefront density",
    "composite as outcome": "points of an index from 0 to 1, per s.d. of storefront density",
    "location quotient of storefronts": "relative growth per s.d. of V1",
    "specialisation of storefronts": "relative growth per s.d. of V3",
    "exposure to storefronts": "relative growth per s.d. of V4",
    "information industry": "relative growth per s.d. of V5",
    "treatment a year earlier": "relative growth per s.d. of density a year earlier",
}
"""Robustness specification that asks for another number than the baseline → the unit of its number."""


def save_estimates(section: str, found: Named, label: str) -> None:
    """Write the coefficients of a page to the results folder."""
    rows = [
        {"key": key, "term": term, "data": label, "estimate": estimate}
        for key, (estimate, term) in found.items()
    ]
    save(STUDY, section, rows)


def interval(low: float, high: float) -> str:
    """An interval in brackets."""
    return f"[{number(low)}, {number(high)}]"


def quote(name: str, estimate: Estimate, term: str) -> None:
    """Quote in prose ``<name>`` and ``<name>-interval``."""
    place = estimate.terms.index(term)
    glue(name, number(float(estimate.coefficients[place])))
    glue(f"{name}-interval", interval(*estimate.interval()[place]))


def path_figure(path: LeadLagEstimate, planted: float) -> "Figure":
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


def public_path_figure(public: PublicMeasures) -> "Figure":
    """Leads and lags of digital finance on public data."""
    estimate = public.estimates["digital finance, leads and lags"]
    k = len(public.relative)
    return event_study(
        public.relative,
        estimate.coefficients[:k],
        estimate.interval()[:k],
        xlabel="years since the index was published (negative: still to come)",
        ylabel="relative growth\nper s.d. of digital finance",
        label=PUBLIC,
    )


def leads_table(paths: Mapping[str, LeadLagEstimate], public: PublicMeasures) -> "GT":
    """Joint test that the leads are zero, and the sum of effects from the year itself on."""
    rows = []
    for words, path in paths.items():
        rows.append(_leads(words, TWIN, vars(path.leads_test), path.estimate, path.relative))
    estimate = public.estimates["digital finance, leads and lags"]
    rows.append(_leads("digital finance", PUBLIC, public.leads, estimate, public.relative))
    return styled(pd.DataFrame(rows), "", "Two leads and two lags in one regression.", BOTH)


def _leads(words: str, label: str, test: Mapping[str, float], estimate: Estimate, relative) -> dict:
    weights = np.zeros(len(estimate.terms))
    weights[: len(relative)] = np.asarray(relative) >= 0
    value, error = weights @ estimate.coefficients, np.sqrt(weights @ estimate.covariance @ weights)
    return {
        "Treatment": words,
        "Data": label,
        "F of the leads": number(test["statistic"], 2),
        "p": p_value(test["p_value"]),
        "Sum from year 0 on (s.e.)": f"{number(value)} ({number(error)})",
        "N": number(estimate.n_observations, 0),
    }


def other_measures_table(found: Named) -> "GT":
    """Robustness specifications that answer another question, each in its own unit."""
    rows = []
    for words, (estimate, term) in found.items():
        place = estimate.terms.index(term)
        rows.append(
            {
                "Specification": lines(words, [UNITS[words]]),
                "Coefficient": number(estimate.coefficients[place], 4),
                "95 % interval": interval(*estimate.interval()[place]),
                "p": p_value(estimate.p_values[place]),
                "N": number(estimate.n_observations, 0),
            }
        )
    return styled(pd.DataFrame(rows), "", "", TWIN, markup=["Specification"])


def instruments_table(found: Mapping[str, InstrumentalEstimate], planted: float) -> "GT":
    """First stage, two-stage least squares with both intervals, and the comparison with least squares."""
    rows = []
    for words, result in found.items():
        value = float(result.estimate.coefficients[0])
        low, high = result.estimate.interval()[0]
        sets = " ∪ ".join(interval(*piece) for piece in result.anderson_rubin.intervals) or "empty"
        gap = result.endogeneity
        rows.append(
            {
                "Sample": words,
                "First-stage F": number(result.first_stage_f, 1),
                "Estimate": number(value),
                "Wald": interval(low, high),
                "Anderson–Rubin": sets,
                "Least squares": number(result.least_squares.coefficients[0]),
                "Difference, p": p_value(gap.p_values[0]),
            }
        )
    weak = number(next(iter(found.values())).critical_f, 1)
    note = (
        f"An F below {weak} counts as weak. Difference: least squares less instrumental variables is zero. "
        f"Planted: {number(planted)}."
    )
    return styled(pd.DataFrame(rows), "", note, TWIN)


def countries_table(parts: pd.DataFrame) -> "GT":
    """What coefficients are made of over several countries (``virtual_truth.other_countries``)."""
    rows = [
        {
            "Method": method,
            "Mean coefficient": own["coefficient"].mean(),
            "From the planted effect": own["effect"].mean(),
            "From everything else": own["rest"].mean(),
            "its s.d.": own["rest"].std(),
            "smallest": own["rest"].min(),
            "largest": own["rest"].max(),
        }
        for method, own in parts.groupby("method", sort=False)
    ]
    note = f"{parts['seed'].nunique()} synthetic countries with the same truth and other seeds."
    return styled(pd.DataFrame(rows), "", note, TWIN)


def quote_placebos(public: PublicMeasures, found: Named) -> None:
    """Quote in prose ``villages-placebo-p`` and ``villages-p``."""
    estimate, term = found["villages"]
    glue("villages-placebo-p", p_value(public.placebos["villages"]["p_value"]))
    glue("villages-p", p_value(float(estimate.p_values[estimate.terms.index(term)])))


def placebo_table(test: PermutationTest, public: PublicMeasures) -> "GT":
    """Coefficients beside the middle 95 per cent of their placebos."""
    low, high = np.quantile(test.draws, [0.025, 0.975])
    found = {"baseline": (TWIN, test.observed, test.p_value, low, high, len(test.draws))}
    for key, row in public.placebos.items():
        found[key] = (PUBLIC, *(row[name] for name in ("observed", "p_value", "low", "high", "draws")))
    rows = [
        {
            "Specification": key,
            "Data": label,
            "Coefficient": value,
            "Middle 95 % of placebos": interval(low, high),
            "p": p_value(p),
            "Placebos": draws,
        }
        for key, (label, value, p, low, high, draws) in found.items()
    ]
    return styled(pd.DataFrame(rows), "", "", BOTH)


def variants_table(twin: list[VariantFacts], effects: Mapping[str, Estimate], public: PublicMeasures) -> "GT":
    """Ways to measure misallocation: agreement with the study's own, and what each makes of the claim."""
    rows = [_variant(row, TWIN, effects[row.name], "virtual") for row in twin]
    for row in public.variants:
        estimate = public.estimates[f"villages on misallocation, {row.name}"]
        rows.append(_variant(row, PUBLIC, estimate, "taobao_villages"))
    note = (
        "Correlations with the first row of the same data. Coefficient: log points of misallocation per "
        "s.d. of storefront density (twin) or per log point of villages (public), s.e. in brackets."
    )
    return styled(pd.DataFrame(rows), "", note, BOTH, decimals=2)


def _variant(row: VariantFacts, label: str, estimate: Estimate, term: str) -> dict:
    value, error = estimate[term]
    return {
        "Measure": row.name,
        "Data": label,
        "City-years": row.n,
        "Cities left out": row.left_out,
        "Correlation": row.correlation,
        "Within city and year": row.within,
        "Coefficient": f"{number(value)} ({number(error)})",
    }
