"""Spatial Durbin models with the weights that made the data, and with others."""

from functools import cache, partial

import numpy as np
from scipy import sparse

from digital_clusters.estimators.spatial.durbin import spatial_panel
from digital_clusters.estimators.spatial.effects import KINDS, spatial_effects
from digital_clusters.estimators.spatial.log_determinant import log_determinant
from digital_clusters.estimators.spatial.simulated import durbin_panel, near_neighbours
from digital_clusters.estimators.spatial.weights_algebra import transfer
from digital_clusters.studies.trials.neighbours.designs import (
    Answer,
    NeighbourDesign,
    answer_of,
    one_by_one,
)

CITIES, YEARS = 100, 10

RIGHT = 5
"""Nearest neighbours of the weights that make the data."""

BETA = 0.5

PLANTED = {
    "spillovers through y and x": (0.4, 0.3),
    "spillovers through x only": (0.0, 0.3),
    "no spillovers": (0.0, 0.0),
}
"""ρ and θ by name."""


OF_OTHERS = f"{RIGHT} nearest, cities dealt anew"
"""What the frozen trial calls right weights that are those of other cities."""


@cache
def candidates() -> dict[str, sparse.csr_array]:
    """Weights by name: right ones, other numbers of neighbours, right ones of other cities."""
    found = {f"{RIGHT} nearest (right)": _nearest(RIGHT)}
    found |= {f"{number} nearest": _nearest(number) for number in (2, 10, 20)}
    dealt = np.random.default_rng(0).permutation(CITIES)
    return found | {OF_OTHERS: _nearest(RIGHT)[dealt][:, dealt]}


def _nearest(number: int) -> sparse.csr_array:
    # one seed: the same places whatever the number
    return near_neighbours(np.random.default_rng(CITIES), CITIES, neighbours=number)


@cache
def _prepared(name: str):
    return log_determinant(candidates()[name])


def planted_effects(rho: float, theta: float) -> dict[str, float]:
    """ρ and mean effects of x, from the dense multiplier of the right weights."""
    w = next(iter(candidates().values()))
    moved = transfer(w, rho)
    matrix = BETA * (np.eye(CITIES) + rho * moved) + theta * (w @ (np.eye(CITIES) + rho * moved))
    direct, total = float(np.trace(matrix)) / CITIES, float(matrix.sum()) / CITIES
    return {"rho": rho, "direct": direct, "indirect": total - direct, "total": total}


def weights_once(rng: np.random.Generator, *, rho: float, theta: float) -> list[Answer]:
    """ρ and the effects of x by the two-way Durbin model, transformed, under every candidate."""
    truth, found = planted_effects(rho, theta), []
    right = next(iter(candidates().values()))
    draw = durbin_panel(rng, right, n_years=YEARS, rho=rho, beta=(BETA,), theta=(theta,))
    panel = {"entity": draw.entity, "time": draw.time, "terms": ["x"], "correction": "transformation"}
    for name, w in candidates().items():
        fit = spatial_panel(draw.y, draw.x, w, **panel, log_determinant=_prepared(name))
        place = fit.estimate.position("rho")
        found.append(answer_of(name, truth["rho"], fit.estimate, place, quantity="rho"))
        effects = spatial_effects(fit, intervals="delta")
        ends = zip(KINDS, effects.effects[0], effects.lower[0], effects.upper[0], strict=True)
        found += [Answer(name, kind, truth[kind], *map(float, values)) for kind, *values in ends]
    return found


DESIGNS = tuple(
    NeighbourDesign(
        "weights",
        name,
        f"{CITIES} cities × {YEARS} years, ρ {rho:g}, β {BETA:g}, θ {theta:g}, {RIGHT} nearest neighbours",
        partial(one_by_one, once=weights_once, rho=rho, theta=theta),
    )
    for name, (rho, theta) in PLANTED.items()
)
