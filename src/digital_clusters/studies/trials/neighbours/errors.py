"""Errors of a two-way regression where cities share shocks with their neighbours."""

from functools import cache, partial

import numpy as np
from sklearn.metrics.pairwise import haversine_distances

from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects
from digital_clusters.estimators.resampling.multiple_testing import FamilyMember, family_tests
from digital_clusters.estimators.resampling.simulated_panels import autocorrelated
from digital_clusters.studies.trials.neighbours.designs import Answer, NeighbourDesign, answer_of

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

RULES = {
    "by row": {"errors": "robust"},
    "by city": {"errors": "clustered"},
    "Driscoll–Kraay": {"errors": "driscoll_kraay"},
    "Driscoll–Kraay, fixed-b": {"errors": "driscoll_kraay", "small_sample": "fixed_b"},
} | {f"Conley, {cutoff:.0f} km": {"errors": "conley", "cutoff": cutoff} for cutoff in CUTOFFS}
"""Options of :func:`two_way_fixed_effects` by name."""

WILD = "wild bootstrap by city"

DRAWS = 1000


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


def errors_once(rng: np.random.Generator, *, share: float) -> list[Answer]:
    """Every rule's interval on one panel y = θx + a + b + u, where x and u are drawn apart."""
    entity, time = np.divmod(np.arange(CITIES * YEARS), YEARS)
    x, u = shared_shocks(rng, share), shared_shocks(rng, share)
    y = SLOPE * x + rng.normal(size=CITIES)[entity] + rng.normal(size=YEARS)[time] + u
    points, panel = places_and_root()[0][entity], {"entity": entity, "time": time}
    found = []
    for name, options in RULES.items():
        given = options | ({"points": points} if options["errors"] == "conley" else {})
        found.append(answer_of(name, SLOPE, two_way_fixed_effects(y, x, **panel, terms=["x"], **given)))
    member = FamilyMember("x", y - SLOPE * x, x, entity, time)
    p = float(family_tests([member], draws=RESAMPLES, seed=rng)["p_wild"].iloc[0])
    # an interval that inverts the test holds the truth where the test does not reject it
    ends = (-np.inf, np.inf) if p > 0.05 else (np.nan, np.nan)
    return [*found, Answer(WILD, "", SLOPE, found[0].value, *ends)]


DESIGNS = tuple(
    NeighbourDesign(
        "errors",
        f"{share:.0%} shared with neighbours",
        f"{CITIES} cities × {YEARS} years; {share:.0%} of the variance of x and of errors is shared, with a "
        f"correlation that falls to 1/e over {REACH:.0f} km",
        DRAWS,
        partial(errors_once, share=share),
    )
    for share in SHARES
)
