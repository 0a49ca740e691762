"""From a study's claims to the numbers that decide them, on the twin and on public data."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from scipy import stats

from digital_clusters.analysis import fit
from digital_clusters.analysis.adoption import matched
from digital_clusters.analysis.claims import Claim, Quantity, load_claims
from digital_clusters.analysis.data import load_city_panel, load_tables
from digital_clusters.analysis.fit import estimate_nearest
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.sample import adapt, select_sample
from digital_clusters.analysis.spatial.curves import curve_terms, polynomial
from digital_clusters.analysis.spec import Spec
from digital_clusters.analysis.study import Study
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.measures.panel import Panel

FACTS = (
    "resilience",
    "misallocation",
    "market_demand",
    "coagglomeration",
    "taobao_villages",
    "digital_finance",
)
"""Columns whose coverage on public data is told."""


def twin_claims(study: Study, overrides: Mapping[str, Any] | None = None) -> dict[str, Quantity]:
    """Claim → its number on the twin; ``overrides`` change fields of every specification."""
    specs = {key: spec.change(**(overrides or {})) for key, spec in study.specs.items()}
    panel = study.panel("twin")
    return {claim.key: measure(claim, specs, panel) for claim in load_claims(study.key).claims}


def public_claims(study: Study, data: str = "twin") -> dict[str, Quantity | None]:
    """Claim → its number on public data: made now if ``data`` is ``public``, else as frozen."""
    claims = load_claims(study.key).claims
    if data == "public":
        panel = study.panel("public")
        return {claim.key: measure_public(claim, study.specs, panel) for claim in claims}
    frozen = load_frozen(study.key).facts["claims"]
    return {
        claim.key: None if frozen[claim.key] is None else Quantity(**frozen[claim.key]) for claim in claims
    }


def public_estimates(study: Study, data: str = "twin") -> dict[str, tuple[Estimate, str]]:
    """Public specification → estimate and how it differs from what was asked: made now, or as frozen."""
    if data == "public":
        panel = study.panel("public")
        return {key: estimate_nearest(spec, panel) for key, spec in study.public.items()}
    frozen = load_frozen(study.key)
    return {key: (frozen.estimates[key], frozen.notes.get(key, "")) for key in study.public}


def coverage(data: str = "twin", study: str = "virtual_agglomeration") -> list[dict[str, Any]]:
    """Column, cities, first and last year of the indicators that public data have; made now or as frozen."""
    if data != "public":
        return list(load_frozen(study).facts["coverage"])
    frame = load_city_panel("public").frame
    rows = []
    for column in FACTS:
        known = frame.loc[frame[column].notna()]
        cities = int(known.groupby("year")["city"].nunique().max())
        years = int(known["year"].min()), int(known["year"].max())
        rows.append({"column": column, "cities": cities, "first_year": years[0], "last_year": years[1]})
    return rows


def public_results(study: Study) -> dict[str, Any]:
    """Everything about public data that is frozen: the arguments of ``frozen.freeze``."""
    found = public_estimates(study, "public")
    claims = public_claims(study, "public")
    return {
        "estimates": {key: estimate for key, (estimate, _) in found.items()},
        "notes": {key: note for key, (_, note) in found.items() if note},
        "facts": {
            "claims": {key: None if q is None else asdict(q) for key, q in claims.items()},
            "coverage": coverage("public"),
            "missing": dict(load_city_panel("public").missing),
            "proxies": dict(load_city_panel("public").proxies),
        },
        "inputs": dict(load_tables("public").provenance),
    }


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
    return of_term(fit.estimate(spec, panel), claim.term or spec.treatment)


def _indirect_effect(claim: Claim, spec: Spec, panel: Panel) -> Quantity:
    found = fit.mediated(spec, panel, draws=DRAWS)
    place = found.indirect.terms.index(f"via {claim.term}")
    low, high = found.percentile[place]
    by_delta = of_term(found.indirect, f"via {claim.term}")
    return Quantity(by_delta.value, float(low), float(high), by_delta.p_value, by_delta.n)


def _marginal_effect(place: int) -> Callable[[Claim, Spec, Panel], Quantity]:
    def effect(claim: Claim, spec: Spec, panel: Panel) -> Quantity:
        from digital_clusters.estimators.spatial.effects import marginal_effects

        sample = select_sample(spec, panel)
        c = float(sample[spec.treatment].quantile(claim.at))
        z = 0.0 if spec.moderator is None else float(sample[spec.moderator].mean())
        model = fit.spatial(spec, panel)
        found = marginal_effects(model, polynomial(spec), c=c, z=z, intervals="delta")
        value, error = float(found.effects[0, place]), float(found.standard_errors[0, place])
        low, high = float(found.lower[0, place]), float(found.upper[0, place])
        p = 2 * stats.norm.sf(abs(value) / error)
        return Quantity(value, low, high, float(p), model.estimate.n_observations)

    return effect


def _curvature(claim: Claim, spec: Spec, panel: Panel) -> Quantity:
    """Coefficient of the square; p of the joint test over the inner 98 % at the moderator's mean."""
    from digital_clusters.estimators.curves.moving import curve_at
    from digital_clusters.estimators.curves.turning_points import u_test

    sample = select_sample(spec, panel)
    estimate = fit.estimate(spec, panel)
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
    from digital_clusters.estimators.curves.moving import turning_point_shift

    estimate = fit.estimate(spec, panel)
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
