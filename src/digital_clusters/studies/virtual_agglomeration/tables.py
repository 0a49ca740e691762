"""Tables of the chapters on virtual agglomeration."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from digital_clusters.analysis.claims import ClaimedStudy
from digital_clusters.analysis.multiverse.explored import Explored
from digital_clusters.analysis.scorecard.noise import public_noise
from digital_clusters.analysis.spec import Spec
from digital_clusters.estimators.estimate import Coefficient, Estimate
from digital_clusters.estimators.panel.instrumental import InstrumentalEstimate
from digital_clusters.estimators.panel.leads_and_lags import LeadLagEstimate
from digital_clusters.estimators.panel.mediation import MediationEstimate
from digital_clusters.estimators.resampling.permutation import PermutationTest
from digital_clusters.report.multiverse import STANDINGS, claim_sentence, stands
from digital_clusters.report.tables import styled
from digital_clusters.report.verdicts import ABSTRACT
from digital_clusters.report.words import BOTH, PUBLIC, TWIN, interval, lines, number, p_value
from digital_clusters.sources.columns import words_of_term
from digital_clusters.studies.virtual_agglomeration.record import PublicMeasures
from digital_clusters.studies.virtual_agglomeration.specs import SPECS

if TYPE_CHECKING:
    from great_tables import GT

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


def arrows(study: ClaimedStudy) -> "GT":
    """Arrow → claim → specification → sign → unit, and the stand-in on public data."""
    rows = []
    for claim in study.claims:
        public = [f"public: {claim.public}"] if claim.public else []
        rows.append(
            {
                "Arrow": SHORT[claim.key],
                "Claim": claim.statement,
                "Specification": lines(claim.spec, [in_words(SPECS[claim.spec])], public),
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
    words = f"{words_of_term(spec.outcome)} on {words_of_term(shown_term(spec))}"
    mediators = " and ".join(words_of_term(name) for name in spec.mediators)
    return f"{words}, then with {mediators}" if mediators else words


Named = Mapping[str, tuple[Estimate, str]]
"""Words for a specification → its estimate and the term that is shown."""

UNITS = {
    "growth gap as outcome": "log points per s.d. of storefront density",
    "resistance as outcome": "relative growth in a slowdown, per s.d. of storefront density",
    "recovery as outcome": "relative growth in a recovery, per s.d. of storefront density",
    "composite as outcome": "points of an index from 0 to 1, per s.d. of storefront density",
    "location quotient of storefronts": "relative growth per s.d. of V1",
    "specialisation of storefronts": "relative growth per s.d. of V3",
    "exposure to storefronts": "relative growth per s.d. of V4",
    "information industry": "relative growth per s.d. of V5",
    "treatment a year earlier": "relative growth per s.d. of density a year earlier",
}
"""Robustness specification that asks for another number than the baseline → the unit of its number."""


def leads(paths: Mapping[str, LeadLagEstimate], public: PublicMeasures) -> "GT":
    """Joint test that the leads are zero, and the sum of effects from the year itself on."""
    rows = []
    for words, path in paths.items():
        rows.append(_leads(words, TWIN, vars(path.leads_test), path.estimate, path.relative))
    for words, test in public.leads.items():
        estimate = public.estimates[f"{words}, leads and lags"]
        rows.append(_leads(words, PUBLIC, test, estimate, public.relative[words]))
    note = "Two leads and, but where it says no lags, two lags in one regression."
    return styled(pd.DataFrame(rows), "", note, BOTH)


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


def other_measures(found: Named) -> "GT":
    """Robustness specifications that answer another question, each in its own unit."""
    rows = []
    for words, (estimate, term) in found.items():
        b = estimate.term(term)
        rows.append(
            {
                "Specification": lines(words, [UNITS[words]]),
                "Coefficient": number(b.value, 4),
                "95 % interval": interval(b.low, b.high),
                "p": p_value(b.p_value),
                "N": number(b.n, 0),
            }
        )
    return styled(pd.DataFrame(rows), "", "", TWIN, markup=["Specification"])


def instruments(found: Mapping[str, InstrumentalEstimate], planted: float) -> "GT":
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


def countries(parts: pd.DataFrame) -> "GT":
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


def placebos(test: PermutationTest, public: PublicMeasures) -> "GT":
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


def shown_term(spec: Spec) -> str:
    """The coefficient a specification is run for: the product with the moderator, or the treatment."""
    return f"{spec.treatment}:{spec.moderator}" if spec.moderator else spec.treatment


def every_public(found: Mapping[str, tuple[Estimate, str]]) -> "GT":
    """Every frozen estimate of the study: specification, coefficient, what it could have detected."""
    rows = []
    for key, (estimate, note) in found.items():
        b = estimate.term(shown_term(SPECS[key]))
        rows.append(
            {
                "Specification": lines(key, [in_words(SPECS[key])], [note] if note else []),
                "Coefficient (s.e.)": f"{number(b.value)} ({number(b.error)})",
                "95 % interval": interval(b.low, b.high),
                "p": p_value(b.p_value),
                "Detectable": number(public_noise(b).detectable),
                "N": number(b.n, 0),
            }
        )
    note = (
        "Of products the product, of mediations the total effect. Controls are of the year before where "
        "nothing else is said. Detectable: effect that is found four times in five at 5 %, 2.8 times what a "
        "normal interval of this width has for a standard error."
    )
    return styled(pd.DataFrame(rows), "", note, PUBLIC, markup=["Specification"])


def what_public_data_say(
    study: ClaimedStudy, explored: Explored, numbers: Mapping[str, Coefficient | None]
) -> "GT":
    """Claim by claim: a computed sentence over the declared multiverse, or over the one number there is."""
    summary, rows = explored.summary(), []
    for claim in study.claims:
        own = summary.loc[summary["claim"].str.startswith(f"{claim.key}, ")]
        for _, unit in own.iterrows():
            stand_in = unit["claim"].partition(", ")[2]
            outcome = "" if unit["outcome"] == STATED else f", {unit['outcome']}"
            rows.append(
                {
                    "Claim": claim.statement,
                    "By": f"{stand_in}{outcome}",
                    "Over all specifications": claim_sentence(unit),
                    "Stands": stands(unit),
                }
            )
        if own.empty and (b := numbers[claim.key]) is not None:
            rows.append(
                {
                    "Claim": claim.statement,
                    "By": str(claim.public),
                    "Over all specifications": _one_number(b, claim.sign),
                    "Stands": b.verdict(claim.sign),
                }
            )
    meaning = "; ".join(f"{word}: {words}" for word, words in STANDINGS.items())
    note = f"{meaning}. Right or wrong sign, of a single number: not different from zero at 5 %."
    frame = pd.DataFrame(rows)
    frame["Claim"] = frame["Claim"].where(~frame["Claim"].duplicated(), "")
    return styled(frame, "", note, PUBLIC)


STATED = "as the claim states"
"""Option of the multiverse's outcome."""


def _one_number(b: Coefficient, sign: int) -> str:
    return (
        f"{number(b.value)}, interval {interval(b.low, b.high)}; "
        f"{'the claimed sign' if b.value * sign > 0 else 'the other sign'}; an effect of "
        f"{number(public_noise(b).detectable)} would be found four times in five."
    )


def splits(family: pd.DataFrame, planted: Mapping[str, float]) -> "GT":
    """Interactions with every correction for the number of splits."""
    rows = [
        {
            "Split": name,
            "Planted": number(planted[name]),
            "Interaction (s.e.)": f"{number(row.coefficient)} ({number(row.standard_error)})",
            "p": p_value(row.p),
            "Wild bootstrap": p_value(row.p_wild),
            "Holm": p_value(row.holm),
            "Benjamini–Hochberg": p_value(row.benjamini_hochberg),
            "Romano–Wolf": p_value(row.romano_wolf),
        }
        for name, row in family.iterrows()
    ]
    note = "Holm and Romano–Wolf bound the chance of any false finding, Benjamini–Hochberg their share."
    return styled(pd.DataFrame(rows), "", note, TWIN)


def relabelled(tests: Mapping[str, PermutationTest], family: pd.DataFrame) -> "GT":
    """Fisher's permutation of labels beside the interaction in one regression."""
    rows = [
        {
            "Split": name,
            "Interaction": family.loc[name, "coefficient"],
            "its p": p_value(family.loc[name, "p"]),
            "Slope, labelled less others": test.observed,
            "p by permutation": p_value(test.p_value),
            "Relabellings": len(test.draws),
        }
        for name, test in tests.items()
    ]
    note = "Labels are permuted over whole cities; a city that ever joins the council is labelled throughout."
    return styled(pd.DataFrame(rows), "", note, TWIN)


def steps(found: MediationEstimate, mediators: Mapping[str, str]) -> "GT":
    """The regressions of a mediation analysis, one a row."""
    treatment = found.total.terms[0]
    rows = [_step("resilience on density", found.total, treatment)]
    for words, first in zip(mediators.values(), found.first, strict=True):
        rows.append(_step(f"{words} on density", first, treatment))
    both = " and ".join(mediators.values())
    rows.append(_step(f"resilience on density, given {both}", found.outcome, treatment))
    for name, words in mediators.items():
        rows.append(_step(f"same regression: {words}", found.outcome, name))
    return styled(
        pd.DataFrame(rows),
        "",
        "Indirect effect: slope of a mediator on density times its slope in the last regression.",
        TWIN,
    )


def _step(words: str, estimate: Estimate, term: str) -> dict:
    b = estimate.term(term)
    return {
        "Regression": words,
        "Coefficient": number(b.value),
        "S.e.": number(b.error),
        "95 % interval": interval(b.low, b.high),
        "N": number(b.n, 0),
    }


def parts(trials: Mapping[str, MediationEstimate], planted: list[float], names: list[str]) -> "GT":
    """Total, direct and indirect parts beside the planted ones, in each setting."""
    rows = {
        "Part": ["total", "direct", *(f"via {name}" for name in names), "sum of indirect"],
        "Planted": planted,
    }
    for words, found in trials.items():
        rows[words.capitalize()] = mediation_parts(found)
    return styled(pd.DataFrame(rows), "", f"All in {EFFECT}.", TWIN)


def mediation_parts(found: MediationEstimate) -> list[float]:
    """Total, direct, each indirect effect and their sum."""
    return [float(found.total.coefficients[0]), found.direct[0], *map(float, found.indirect.coefficients)]
