"""How wedges spread between the twin's cities: who is around whom, and the multiplier."""

from functools import cache

import numpy as np

from digital_clusters.sources.twin import misallocation as wedges
from digital_clusters.sources.twin.country import TwinCountry
from digital_clusters.sources.twin.truth import project_truth


@cache
def project_country() -> TwinCountry:
    """The country of the project's own seed, made once a process."""
    truth = project_truth()
    return TwinCountry(truth, truth.seed)


def multiplier(country: TwinCountry) -> np.ndarray:
    """(I − ρW)⁻¹ of the wedges, shape (cities, cities)."""
    around = _around(country)
    return np.linalg.inv(np.eye(len(around)) - country.truth.misallocation.spatial * around)


def own_and_others(country: TwinCountry) -> tuple[float, float]:
    """Direct and indirect effect of one log point that co-agglomeration takes off a city's wedges."""
    around = _around(country)
    spread = multiplier(country) @ (np.eye(len(around)) + country.truth.misallocation.spillover * around)
    own = float(np.diag(spread).mean())
    return own, float(spread.sum(axis=1).mean()) - own


def _around(country: TwinCountry) -> np.ndarray:
    return wedges.mean_of(wedges.nearest_cities(country.places, country.truth.misallocation.neighbours))
