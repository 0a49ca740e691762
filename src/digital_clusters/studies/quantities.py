"""From a claim and a panel to the number that decides it."""

from collections.abc import Callable, Mapping

from scipy import stats

from digital_clusters.estimators.estimate import Estimate
from digital_clusters.measures.panel import Panel
from digital_clusters.studies import run
from digital_clusters.studies.accession import matched
from digital_clusters.studies.claims import Claim, Quantity
from digital_clusters.studies.sample import adapt, select_sample
from digital_clusters.studies.spec import Spec

DRAWS = 500
"""Bootstrap draws of an indirect effect."""

OWN, OTHERS = 0, 1
"""Places of the direct and the indirect effect."""


def measure(claim: Claim, specs: Mapping[str, Spec], panel: Panel) -> Quantity:
    """The claim's number on a panel, by the specification it names."""
    return _KINDS[claim.quantity](claim, specs[claim.spec], panel)


def measure_public(claim: Claim, specs: Mapping[str, Spec], panel: Panel) -> Quantity | None:
    """The claim's number on public data by its stand-in; ``None`` where the claim says why there is none."""
    if claim.public is None:
        return None
    spec, _ = adapt(specs[claim.public], panel)
    return _KINDS[claim.quantity](claim.model_copy(update={"term": claim.public_term}), spec, panel)


def of_term(estimate: Estimate, term: str) -> Quantity:
    """Coefficient, interval and p value of one term."""
    place = estimate.terms.index(term)
    low, high = estimate.interval()[place]
    return Quantity(
        float(estimate.coefficients[place]),
        float(low),
        float(high),
        float(estimate.p_values[place]),
        estimate.n_observations,
    )


def _coefficient(claim: Claim, spec: Spec, panel: Panel) -> Quantity:
    return of_term(run.estimate(spec, panel), claim.term or spec.treatment)


def _indirect_effect(claim: Claim, spec: Spec, panel: Panel) -> Quantity:
    found = run.mediated(spec, panel, draws=DRAWS)
    place = found.indirect.terms.index(f"via {claim.term}")
    low, high = found.percentile[place]
    by_delta = of_term(found.indirect, f"via {claim.term}")
    return Quantity(by_delta.value, float(low), float(high), by_delta.p_value, by_delta.n)


def _marginal_effect(place: int) -> Callable[[Claim, Spec, Panel], Quantity]:
    def effect(claim: Claim, spec: Spec, panel: Panel) -> Quantity:
        from digital_clusters.estimators.spatial_effects import marginal_effects

        sample = select_sample(spec, panel)
        c = float(sample[spec.treatment].quantile(claim.at))
        z = 0.0 if spec.moderator is None else float(sample[spec.moderator].mean())
        fit = run.spatial(spec, panel)
        found = marginal_effects(fit, polynomial(spec), c=c, z=z, intervals="delta")
        value, error = float(found.effects[0, place]), float(found.standard_errors[0, place])
        low, high = float(found.lower[0, place]), float(found.upper[0, place])
        p = 2 * stats.norm.sf(abs(value) / error)
        return Quantity(value, low, high, float(p), fit.estimate.n_observations)

    return effect


def polynomial(spec: Spec):
    """The terms of a squared specification, as the functions of spatial effects take them."""
    from digital_clusters.estimators.spatial_effects import Polynomial

    product = None if spec.moderator is None else f"{spec.treatment}:{spec.moderator}"
    return Polynomial(spec.treatment, square=f"{spec.treatment}^2", product=product)


def curve_terms(spec: Spec) -> dict[str, str]:
    """Names of the linear and the squared term."""
    return {"linear": spec.treatment, "square": f"{spec.treatment}^2"}


def _curvature(claim: Claim, spec: Spec, panel: Panel) -> Quantity:
    """Coefficient of the square; p of the joint test over the inner 98 % at the moderator's mean."""
    from digital_clusters.estimators.moving_turning_points import curve_at
    from digital_clusters.estimators.turning_points import u_test

    sample = select_sample(spec, panel)
    estimate = run.estimate(spec, panel)
    curve = estimate
    if spec.moderator is not None:
        mean = float(sample[spec.moderator].mean())
        product = f"{spec.treatment}:{spec.moderator}"
        curve = curve_at(estimate, mean, **curve_terms(spec), interaction=product)
    low, high = sample[spec.treatment].quantile([0.01, 0.99])
    test = u_test(curve, **curve_terms(spec), low=float(low), high=float(high))
    bend = of_term(estimate, f"{spec.treatment}^2")
    p = 1.0 if test.overall_p is None else test.overall_p
    return Quantity(bend.value, bend.low, bend.high, float(p), bend.n)


def _turning_point_shift(claim: Claim, spec: Spec, panel: Panel) -> Quantity:
    from digital_clusters.estimators.moving_turning_points import turning_point_shift

    estimate = run.estimate(spec, panel)
    product = f"{spec.treatment}:{spec.moderator}"
    shift = turning_point_shift(estimate, **curve_terms(spec), interaction=product)
    low, high = shift.fieller.interval
    # the shift is zero exactly where the product's coefficient is
    p = of_term(estimate, product).p_value
    return Quantity(shift.value, float(low), float(high), p, estimate.n_observations)


def _matched_did(claim: Claim, spec: Spec, panel: Panel) -> Quantity:
    return of_term(matched(spec, panel).did, "did")


_KINDS: dict[str, Callable[[Claim, Spec, Panel], Quantity]] = {
    "coefficient": _coefficient,
    "indirect_effect": _indirect_effect,
    "own_marginal_effect": _marginal_effect(OWN),
    "neighbours_marginal_effect": _marginal_effect(OTHERS),
    "curvature": _curvature,
    "turning_point_shift": _turning_point_shift,
    "matched_did": _matched_did,
}
