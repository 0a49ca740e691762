"""From a study's claims to the numbers that decide them, on the twin and on public data."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from scipy import stats

from digital_clusters.analysis.adoption import matched
from digital_clusters.analysis.claims import Claim, load_claims
from digital_clusters.analysis.data import load_tables
from digital_clusters.analysis.fit import Fit, fit, fit_nearest
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.sample import adapt
from digital_clusters.analysis.spatial.curves import at_mean, curve_terms, inner, mean_moderator, polynomial
from digital_clusters.analysis.spec import Spec
from digital_clusters.analysis.study import Study
from digital_clusters.errors import ParameterError
from digital_clusters.estimators.curves.moving import turning_point_shift
from digital_clusters.estimators.curves.turning_points import u_test
from digital_clusters.estimators.estimate import Coefficient, Estimate
from digital_clusters.estimators.spatial.effects import marginal_effects
from digital_clusters.measures.panel import Panel


def twin_claims(
    study: Study, overrides: Mapping[str, Any] | None = None, keys: Sequence[str] = ()
) -> dict[str, Coefficient]:
    """Claim → its number on the twin; all claims of the study, or those of ``keys``.

    ``overrides`` change fields of every specification, but for those that it sets itself
    (:meth:`~digital_clusters.analysis.spec.Spec.override`).
    """
    panel, changes, claimed = study.panel("twin"), overrides or {}, load_claims(study.key)
    found = {}
    for claim in [claimed.claim(key) for key in keys] if keys else claimed.claims:
        spec = study.specs[claim.spec].override(study.base, changes)
        found[claim.key] = measure(claim, study, panel, spec)
    return found


def public_claims(study: Study, data: str = "twin") -> dict[str, Coefficient | None]:
    """Claim → its number on public data: made now if ``data`` is ``public``, else as frozen."""
    claims = load_claims(study.key).claims
    if data == "public":
        panel = study.panel("public")
        return {claim.key: measure_public(claim, study, panel) for claim in claims}
    frozen = load_frozen(study.key).facts["claims"]
    return {
        claim.key: None if (kept := frozen[claim.key]) is None else Coefficient.from_record(claim.key, kept)
        for claim in claims
    }


def public_estimates(study: Study, data: str = "twin") -> dict[str, tuple[Estimate, str]]:
    """Public specification → estimate and how it differs from what was asked: made now, or as frozen."""
    if data == "public":
        panel = study.panel("public")
        made = {key: fit_nearest(spec, panel) for key, spec in study.public.items()}
        return {key: (found.estimate, note) for key, (found, note) in made.items()}
    frozen = load_frozen(study.key)
    return {key: (frozen.estimates[key], frozen.notes.get(key, "")) for key in study.public}


def coverage(study: Study, data: str = "twin") -> list[dict[str, Any]]:
    """Column, cities, first and last year of the study's indicators on public data; made now or as frozen."""
    if data != "public":
        return list(load_frozen(study.key).facts["coverage"])
    frame = study.panel("public").frame
    rows = []
    for column in study.indicators:
        known = frame.loc[frame[column].notna()]
        cities = int(known.groupby("year")["city"].nunique().max())
        years = int(known["year"].min()), int(known["year"].max())
        rows.append({"column": column, "cities": cities, "first_year": years[0], "last_year": years[1]})
    return rows


def public_results(study: Study) -> dict[str, Any]:
    """Everything about public data that is frozen: the arguments of ``frozen.freeze``."""
    found = public_estimates(study, "public")
    claims = public_claims(study, "public")
    panel = study.panel("public")
    return {
        "estimates": {key: estimate for key, (estimate, _) in found.items()},
        "notes": {key: note for key, (_, note) in found.items() if note},
        "facts": {
            "claims": {key: None if number is None else number.record() for key, number in claims.items()},
            "coverage": coverage(study, "public"),
            "missing": dict(panel.missing),
            "proxies": dict(panel.proxies),
        },
        "inputs": dict(load_tables("public").provenance),
    }


DRAWS = 500
"""Bootstrap draws of an indirect effect."""


OWN, OTHERS = 0, 1
"""Places of the direct and the indirect effect."""


def measure(claim: Claim, study: Study, panel: Panel, spec: Spec | None = None) -> Coefficient:
    """The claim's number on a panel, by the specification it names or by another."""
    found = fit(spec or study.specs[claim.spec], panel, draws=DRAWS)
    return _KINDS[claim.quantity](claim, found, study)


def measure_public(claim: Claim, study: Study, panel: Panel) -> Coefficient | None:
    """The claim's number on public data by its stand-in; ``None`` where the claim says why there is none."""
    if claim.public is None:
        return None
    spec, _ = adapt(study.specs[claim.public], panel)
    return measure(claim.model_copy(update={"term": claim.public_term}), study, panel, spec)


def _coefficient(claim: Claim, found: Fit, study: Study) -> Coefficient:
    return found.term(claim.term or found.spec.treatment)


def _indirect_effect(claim: Claim, found: Fit, study: Study) -> Coefficient:
    """By the delta method, with the percentile interval of the bootstrap."""
    indirect, name = found.mediated.indirect, f"via {claim.term}"
    low, high = found.mediated.percentile[indirect.position(name)]
    return replace(indirect.term(name), low=float(low), high=float(high))


def _marginal_effect(place: int) -> Callable[[Claim, Fit, Study], Coefficient]:
    def effect(claim: Claim, found: Fit, study: Study) -> Coefficient:
        c = float(found.sample[found.spec.treatment].quantile(claim.at))
        at: dict[str, Any] = {"c": c, "z": mean_moderator(found)}
        effects = marginal_effects(found.spatial, polynomial(found), **at, intervals="delta")
        value, error = float(effects.effects[0, place]), float(effects.standard_errors[0, place])
        return Coefficient(
            term=claim.key,
            value=value,
            error=error,
            low=float(effects.lower[0, place]),
            high=float(effects.upper[0, place]),
            p_value=float(2 * stats.norm.sf(abs(value) / error)),
            n=found.estimate.n_observations,
        )

    return effect


def _curvature(claim: Claim, found: Fit, study: Study) -> Coefficient:
    """Coefficient of the square; p of the joint test over the inner 98 % at the moderator's mean."""
    low, high = inner(found)
    terms = curve_terms(found)
    test = u_test(at_mean(found), **terms, low=low, high=high)
    return replace(
        found.term(terms["square"]), p_value=1.0 if test.overall_p is None else float(test.overall_p)
    )


def _turning_point_shift(claim: Claim, found: Fit, study: Study) -> Coefficient:
    shift = turning_point_shift(found.estimate, **curve_terms(found), interaction=found.product)
    low, high = shift.fieller.interval
    # the shift is zero exactly where the product's coefficient is
    return Coefficient(
        term=claim.key,
        value=shift.value,
        error=float("nan"),
        low=float(low),
        high=float(high),
        p_value=found.term(found.product).p_value,
        n=found.estimate.n_observations,
    )


def _matched_did(claim: Claim, found: Fit, study: Study) -> Coefficient:
    if study.policy is None:
        raise ParameterError(f"claim '{claim.key}' is about adopting a policy, and '{study.key}' names none")
    return matched(found.spec, found.panel, study.policy).did.term("did")


_KINDS: dict[str, Callable[[Claim, Fit, Study], Coefficient]] = {
    "coefficient": _coefficient,
    "indirect_effect": _indirect_effect,
    "own_marginal_effect": _marginal_effect(OWN),
    "neighbours_marginal_effect": _marginal_effect(OTHERS),
    "curvature": _curvature,
    "turning_point_shift": _turning_point_shift,
    "matched_did": _matched_did,
}
