"""Estimates of every planted change from three fits a data set.

An estimate of accession is linear in the outcomes, and its clustered variance is a sum of squares of sums
that are linear in them, so a quadratic form Q with a bilinear form B. For outcomes u + a m + s z, with noise
u, the effect on members m and the spillover z,

θ(u + a m + s z) = θ(u) + a [θ(u + m) − θ(u)] + s [θ(u + z) − θ(u)],
Q(u + a m + s z) = Q(u) + 2a B(u, m) + 2s B(u, z) + a² Q(m) + s² Q(z) + 2as B(m, z).

The last three do not depend on u and are found once; the others follow from fits to u, u + m and u + z. Where
Q(m) is zero B(u, m) is zero too, as Q is never negative, and u + m needs no fit.
"""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np

from digital_clusters.estimators.estimate import Estimate
from digital_clusters.studies.trials.staggered.joining import (
    CITIES,
    YEARS,
    labels_of,
    on_members,
    on_neighbours,
)
from digital_clusters.studies.trials.staggered.methods import ESTIMATORS, donut_rows

ROUNDING = 1e-10
"""Share of a variance that differences of fits leave where there is nothing."""


class EffectFit(NamedTuple):
    """An effect, its variance, and the half width of its 95 per cent interval in standard errors."""

    effect: float
    variance: float
    reach: float


class Moved(NamedTuple):
    """What the planted changes do whatever the noise: θ(m), Q(m), Q(z), B(m, z)."""

    effect: float
    members: float
    neighbours: float
    both: float


class ThreeFits(NamedTuple):
    """Fits of one method to noise, to noise and the effect, to noise and the spillover."""

    noise: EffectFit
    members: EffectFit
    neighbours: EffectFit

    def at(self, a: float, s: float, moved: Moved) -> EffectFit:
        """The fit to noise, ``a`` times the effect and ``s`` times the spillover."""
        u, m, z = self
        effect = u.effect + a * (m.effect - u.effect) + s * (z.effect - u.effect)
        # twice B(u, m) and B(u, z)
        with_m = m.variance - u.variance - moved.members
        with_z = z.variance - u.variance - moved.neighbours
        variance = u.variance + a * with_m + s * with_z
        variance += a**2 * moved.members + s**2 * moved.neighbours + 2 * a * s * moved.both
        return EffectFit(effect, variance, u.reach)


def effect_fit(estimate: Estimate) -> EffectFit:
    """The first term of an estimate."""
    error, (low, high) = float(estimate.standard_errors[0]), estimate.interval()[0]
    return EffectFit(float(estimate.coefficients[0]), error**2, float(high - low) / (2 * error))


def fit_of(method: str, is_donut: bool) -> Callable[[np.ndarray], EffectFit]:
    """The method as a function of outcomes of shape (cities, years)."""
    kept = donut_rows() if is_donut else np.ones(CITIES, bool)
    labels, estimator = labels_of(kept), ESTIMATORS[method]
    return lambda y: effect_fit(estimator(y[kept].ravel(), **labels))


def three_fits(method: str, is_donut: bool, noise: np.ndarray) -> ThreeFits:
    """Fits to the noise of one data set, shape (cities, years), and with each planted change."""
    fit, moved = fit_of(method, is_donut), moved_by(method, is_donut)
    plain = fit(noise)
    if moved.members == 0:
        with_m = EffectFit(plain.effect + moved.effect, plain.variance, plain.reach)
    else:
        with_m = fit(noise + on_members())
    return ThreeFits(plain, with_m, fit(noise + on_neighbours()))


@cache
def moved_by(method: str, is_donut: bool) -> Moved:
    """The same for any noise: fits where a change is added, taken off, and both are added."""
    fit, m, z = fit_of(method, is_donut), on_members(), on_neighbours()
    noise = np.random.default_rng(0).normal(size=(CITIES, YEARS))
    plain, plus_m, plus_z = fit(noise), fit(noise + m), fit(noise + z)
    of_m = (plus_m.variance + fit(noise - m).variance) / 2 - plain.variance
    of_z = (plus_z.variance + fit(noise - z).variance) / 2 - plain.variance
    both = (fit(noise + m + z).variance - plus_m.variance - plus_z.variance + plain.variance) / 2
    rounding = ROUNDING * plain.variance
    found = (0.0 if abs(value) < rounding else value for value in (of_m, of_z, both))
    return Moved(plus_m.effect - plain.effect, *found)
