"""Errors of a two-way regression where cities share shocks with their neighbours."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from scipy import stats
from sklearn.metrics.pairwise import haversine_distances

from digital_clusters.estimators.panel.dependence import bartlett_sum, distance_kernel
from digital_clusters.estimators.panel.fixed_b import default_lags, fixed_b_degrees
from digital_clusters.estimators.resampling.multiple_testing import TIE
from digital_clusters.estimators.resampling.simulated_panels import autocorrelated
from digital_clusters.studies.trials.neighbours.designs import Answer, NeighbourDesign

CITIES, YEARS = 100, 12

BOX = ((112.0, 122.0), (28.0, 37.0))
"""Longitudes and latitudes between which cities are drawn, once for all data sets."""

REACH = 200.0
"""Kilometres over which the correlation of shared shocks falls to 1/e."""

EARTH = 6371.0
"""Kilometres."""

PERSISTENCE = 0.5
"""Autocorrelation of x and errors over the years of a city."""

SLOPE = 0.5
"""True coefficient."""

SHARES = (0.0, 0.5, 0.9)
"""Of the variance of x and of errors that is shared with neighbours."""

CUTOFFS = (200.0, 400.0, 800.0)
"""Kilometres at which the weight of Conley's errors reaches zero."""

RESAMPLES = 199
"""Of the wild bootstrap: p is at most 5 % in five of a hundred samples exactly."""

LEVEL = 0.05

RULES = {
    "by row": {"errors": "robust"},
    "by city": {"errors": "clustered"},
    "Driscoll–Kraay": {"errors": "driscoll_kraay"},
    "Driscoll–Kraay, fixed-b": {"errors": "driscoll_kraay", "small_sample": "fixed_b"},
} | {f"Conley, {cutoff:.0f} km": {"errors": "conley", "cutoff": cutoff} for cutoff in CUTOFFS}
"""Options of :func:`two_way_fixed_effects` by name."""

WILD = "wild bootstrap by city"


@cache
def places_and_root() -> tuple[np.ndarray, np.ndarray]:
    """Longitude and latitude of each city, and the root of the correlation of its shared shocks."""
    rng = np.random.default_rng(CITIES)
    places = np.column_stack([rng.uniform(*ends, size=CITIES) for ends in BOX])
    kilometres = EARTH * haversine_distances(np.deg2rad(places[:, ::-1]))
    return places, np.linalg.cholesky(np.exp(-kilometres / REACH))


def shared_shocks(rng: np.random.Generator, share: float) -> np.ndarray:
    """An autocorrelated variable of variance one, partly shared with neighbours, (cities · years,)."""
    own, common = (autocorrelated(rng, CITIES, YEARS, PERSISTENCE) for _ in range(2))
    return (np.sqrt(1 - share) * own + np.sqrt(share) * places_and_root()[1] @ common).ravel()


def errors_many(generators: Sequence[np.random.Generator], *, share: float) -> list[list[Answer]]:
    """Every rule's interval on panels y = θx + a + b + u, one a generator, where x and u are drawn apart.

    The slopes and errors are those of :func:`two_way_fixed_effects`, for all panels at once.
    """
    x, u = np.array([[shared_shocks(rng, share) for _ in range(2)] for rng in generators]).swapaxes(0, 1)
    slopes = fit_slopes(SLOPE * x + u, x)
    found = {
        name: (slopes.values - half, slopes.values + half)
        for name, half in ((name, half_width(slopes, **options)) for name, options in RULES.items())
    }
    signs = np.array([rng.choice((-1.0, 1.0), size=(RESAMPLES, CITIES)) for rng in generators])
    # an interval that inverts the test holds the truth where the test does not reject it
    held = bootstrapped_p(fit_slopes(u, x), signs) > LEVEL
    found[WILD] = np.where(held, -np.inf, np.nan), np.where(held, np.inf, np.nan)
    ends = {name: np.column_stack(pair).tolist() for name, pair in found.items()}
    return [
        [Answer(name, "", SLOPE, float(value), *pairs[number]) for name, pairs in ends.items()]
        for number, value in enumerate(slopes.values)
    ]


@dataclass(frozen=True, eq=False)
class Slopes:
    """Two-way slopes of several panels.

    Attributes
    ----------
    values : numpy.ndarray, shape (m,)
    regressor, outcome : numpy.ndarray, shape (m, cities, years)
        Without their effects.
    scores : numpy.ndarray, shape (m, cities, years)
        Each row's part in the error of the slope.
    """

    values: np.ndarray
    regressor: np.ndarray
    outcome: np.ndarray
    scores: np.ndarray


def fit_slopes(y: np.ndarray, x: np.ndarray) -> Slopes:
    """Least squares of outcomes on one regressor each with city and year effects, all (m, cities · years)."""
    outcome, regressor = (_without_effects(part.reshape(-1, CITIES, YEARS)) for part in (y, x))
    size = (regressor**2).sum(axis=(1, 2))
    values = (regressor * outcome).sum(axis=(1, 2)) / size
    residual = outcome - values[:, None, None] * regressor
    return Slopes(values, regressor, outcome, regressor * residual / size[:, None, None])


def _without_effects(panels: np.ndarray) -> np.ndarray:
    by_city, by_year = panels.mean(axis=2, keepdims=True), panels.mean(axis=1, keepdims=True)
    return panels - by_city - by_year + panels.mean(axis=(1, 2), keepdims=True)


def half_width(
    slopes: Slopes, *, errors: str, cutoff: float | None = None, small_sample: str = "nested"
) -> np.ndarray:
    """Half of each slope's 95 per cent interval, shape (m,); options as in :func:`two_way_fixed_effects`."""
    rows, parameters = CITIES * YEARS, CITIES + YEARS
    scores, lags = slopes.scores, default_lags(YEARS)
    by_city = CITIES / (CITIES - 1) * (rows - 1) / (rows - YEARS - 1)
    if errors == "robust":
        variance, degrees = rows / (rows - parameters) * (scores**2).sum(axis=(1, 2)), rows - parameters
    elif errors == "driscoll_kraay":
        factor = YEARS / (YEARS - 1) * (rows - 1) / (rows - parameters)
        variance = factor * np.array([bartlett_sum(s.sum(axis=0)[None, :, None], lags)[0, 0] for s in scores])
        degrees = fixed_b_degrees(lags, YEARS) if small_sample == "fixed_b" else YEARS - 1
    else:
        variance, degrees = by_city * (scores.sum(axis=2) ** 2).sum(axis=1), CITIES - 1
    if errors == "conley":
        between = distance_kernel(places_and_root()[0], np.arange(CITIES), cutoff) - np.eye(CITIES)
        variance = variance + by_city * (scores * (between @ scores)).sum(axis=(1, 2))
    # a kernel that is not positive definite can give a negative variance: an interval of no width
    return stats.t.ppf(0.975, degrees) * np.sqrt(np.maximum(variance, 0))


def bootstrapped_p(null: Slopes, signs: np.ndarray) -> np.ndarray:
    """p of a zero slope by the wild cluster bootstrap with the null imposed (Cameron, Gelbach & Miller 2008).

    Parameters
    ----------
    null : Slopes
        Of outcomes whose slope is zero if the hypothesis is true.
    signs : numpy.ndarray, shape (m, draws, cities)

    Returns
    -------
    numpy.ndarray, shape (m,)
        (1 + draws whose |t| is at least that of the data) / (1 + draws).
    """
    x, y = null.regressor, null.outcome
    own = np.concatenate([np.ones((len(x), 1, CITIES)), signs], axis=1)
    part, size = (x * y).sum(axis=2)[:, None], (x**2).sum(axis=2)[:, None]
    slope = (own * part).sum(axis=2) / size.sum(axis=2)
    # signs undo the demeaning by year, which takes place again in each draw
    years = own @ y / CITIES
    sums = own * part - years @ x.swapaxes(1, 2) - slope[:, :, None] * size
    t = np.abs(slope) / np.sqrt((sums**2).sum(axis=2))
    beaten = (t[:, 1:] >= t[:, :1] * (1 - TIE)).sum(axis=1)
    return (1 + beaten) / (1 + signs.shape[1])


DESIGNS = tuple(
    NeighbourDesign(
        "errors",
        f"{share:.0%} shared with neighbours",
        f"{CITIES} cities × {YEARS} years; {share:.0%} of the variance of x and of errors is shared, with a "
        f"correlation that falls to 1/e over {REACH:.0f} km",
        partial(errors_many, share=share),
    )
    for share in SHARES
)
