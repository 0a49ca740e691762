"""The size at which each claim is planted in the twin, in the unit of the number that tests it.

Sizes follow in closed form from ``data/twin.yml`` and the country's own variables; only that of accession is
a counterfactual, the same country without a council.
"""

from collections.abc import Callable

import numpy as np

from digital_clusters.sources.twin import misallocation as wedges
from digital_clusters.sources.twin import resilience
from digital_clusters.sources.twin.country import TwinCountry
from digital_clusters.sources.twin.truth import project_truth
from digital_clusters.studies.claims import load_claims
from digital_clusters.studies.planted_curves import council_change, multiplier, own_and_others


def planted_sizes(study: str, seed: int | None = None) -> dict[str, float]:
    """Claim → planted size; NaN for a claim that has no size of its own in the twin.

    Parameters
    ----------
    study : str
        ``virtual_agglomeration`` or ``collaborative_agglomeration``.
    seed : int, optional
        Of the twin; by default its own.
    """
    truth = project_truth()
    country = TwinCountry(truth, truth.seed if seed is None else seed)
    claimed = load_claims(study)
    years = (truth.country.years >= claimed.first_year) & (truth.country.years <= claimed.last_year)
    sizes = _STUDIES[study](country, years)
    return {claim.key: sizes[claim.key] for claim in claimed.claims}


def _virtual(country: TwinCountry, years: np.ndarray) -> dict[str, float]:
    p, truth = country.truth.resilience, country.truth
    strength = resilience.strength(country.places, country.internet, country.manufacturing, truth)
    eased = truth.misallocation.virtual * float(np.diag(multiplier(country)).mean())
    through_wedges, through_demand = p.by_misallocation * eased, p.by_demand * p.demand_on_virtual
    return {
        "raises_resilience": p.direct * strength[:, years].mean() + through_wedges + through_demand,
        "less_in_old_bases": p.direct * p.old,
        "more_with_digital_infrastructure": p.direct * p.digital,
        "more_with_regional_integration": p.direct * p.integrated,
        "more_with_fusion": float("nan"),
        "eases_misallocation": -eased,
        "through_misallocation": through_wedges,
        "boosts_demand": p.demand_on_virtual,
        "through_demand": through_demand,
        "complements_geography": p.direct * p.geographic,
    }


def _collaborative(country: TwinCountry, years: np.ndarray) -> dict[str, float]:
    p, truth = country.truth.misallocation, country.truth
    c, users = country.coagglomeration[:, years], country.internet[:, years]
    own, others = own_and_others(country)
    left, right = (
        wedges.slope_at_centre(users.mean(), False, truth) - 2 * p.fall * (np.quantile(c, at) - p.centre)
        for at in (0.25, 0.98)
    )
    return {
        "corrects_at_home": -left * own,
        "corrects_next_door": -left * others,
        "inverted_u": p.fall,
        "worsens_at_home": -right * own,
        "worsens_next_door": -right * others,
        "stronger_with_digital": -p.digital,
        "later_with_digital": p.digital / (2 * p.fall),
        "integration_corrects": _accession(country, years),
        "integration_strengthens": -p.integrated,
        "integration_diffuses": truth.internet.diffusion,
    }


def _accession(country: TwinCountry, years: np.ndarray) -> float:
    """What the council changes in cities that joined after the first year, less in those never in it."""
    truth = country.truth
    change = council_change(country)[:, years]
    since = wedges.years_since_joining(country.places, truth.country.years)[:, years]
    later = (since >= 0) & (since[:, :1] < 0)
    never = np.isneginf(since).all(axis=1)
    return float(np.mean([change[:, t][later[:, t]].mean() - change[never, t].mean() for t in _any(later)]))


def _any(mask: np.ndarray) -> np.ndarray:
    return np.flatnonzero(mask.any(axis=0))


_STUDIES: dict[str, Callable[[TwinCountry, np.ndarray], dict[str, float]]] = {
    "virtual_agglomeration": _virtual,
    "collaborative_agglomeration": _collaborative,
}
