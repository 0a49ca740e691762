"""ln |I − ρW| between the points at which it was factorised, with its derivatives."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.polynomial import chebyshev

NODES, REACH = 28, 4.0
"""Factorisations, and how far atanh of the scaled ρ runs: tanh(4) is 0.9993 of the way. Value and slope at 28
nodes leave an error of 3e-12 of the largest ln |I − ρW| in the interval."""

BEND = 1.105
"""How far the argument of the series is bent. Without, singularities to the sides limit the convergence, and
with more those beyond the ends do; here both let a coefficient gain e^-0.48 where it was e^-0.38."""

RATE = BEND / REACH


@dataclass(frozen=True, eq=False)
class Interpolant:
    """Chebyshev series through exact factorisations, slopes included.

    Its argument is sin(RATE · u) / sin(BEND) with u the atanh of ρ scaled to its bounds. The atanh takes the
    logarithmic singularities at the bounds to infinity and those beyond them to a distance of π/2 to the
    sides of the interval, so that the series converges geometrically; the sine widens the interval to the
    strip between (Kosloff & Tal-Ezer 1993). The bounds are those of the interpolation.
    """

    method: str
    n_units: int
    bounds: tuple[float, float]
    centre: float
    half_width: float
    series: np.ndarray

    def __call__(self, rho) -> np.ndarray:
        return chebyshev.chebval(self._argument(rho)[0], self.series)

    def trace(self, rho) -> np.ndarray:
        x, first, _ = self._argument(rho)
        return -chebyshev.chebval(x, self._slopes[0]) * first

    def trace_square(self, rho) -> np.ndarray:
        x, first, second = self._argument(rho)
        slope, bend = (chebyshev.chebval(x, series) for series in self._slopes)
        return -(bend * first**2 + slope * second)

    @cached_property
    def _slopes(self) -> tuple[np.ndarray, np.ndarray]:
        """Series of the first and the second derivative."""
        return chebyshev.chebder(self.series), chebyshev.chebder(self.series, 2)

    def _argument(self, rho) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Argument of the series and its first two derivatives in ρ."""
        s = (np.asarray(rho, dtype=float) - self.centre) / self.half_width
        stretch = 1 / ((1 - s**2) * self.half_width)
        angle = RATE * np.arctanh(s)
        sine, cosine = np.sin(angle) / np.sin(BEND), np.cos(angle) / np.sin(BEND)
        return sine, RATE * cosine * stretch, RATE * (2 * s * cosine - RATE * sine) * stretch**2


def interpolate(
    value_and_slope: Callable[[float], tuple[float, float]], low: float, high: float, n_units: int
) -> Interpolant:
    """The series of a function with logarithmic singularities at both ends of an interval.

    Parameters
    ----------
    value_and_slope : callable
        ρ → ln |I − ρW| and its derivative.
    low, high : float
    n_units : int
    """
    centre, half = (low + high) / 2, (high - low) / 2
    reach = half * float(np.tanh(REACH))
    nodes = chebyshev.chebpts1(NODES)
    rho = centre + half * np.tanh(np.arcsin(nodes * np.sin(BEND)) / RATE)
    values, slopes = np.array([value_and_slope(r) for r in rho]).T
    empty = Interpolant("lu", n_units, (centre - reach, centre + reach), centre, half, np.zeros(1))
    series = _hermite_series(nodes, values, slopes / empty._argument(rho)[1])
    return replace(empty, series=series)


def _hermite_series(nodes: np.ndarray, values: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """Chebyshev series of twice as many coefficients as nodes that has these values and slopes there."""
    size = 2 * len(nodes)
    derivatives = chebyshev.chebval(nodes, chebyshev.chebder(np.eye(size))).T
    basis = np.vstack([chebyshev.chebvander(nodes, size - 1), derivatives / size])
    return np.linalg.solve(basis, np.concatenate([values, slopes / size]))
