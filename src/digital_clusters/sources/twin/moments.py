"""Monotone maps that give a sample its mean, standard deviation, minimum and maximum."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq

from digital_clusters.errors import DataError

TAIL = 0.25
"""Share of the sample beyond each threshold."""
STRONGEST = (-200.0, 9.0)
"""Curvatures tried: from a tail squeezed to half a percent of its length to one drawn out a thousandfold."""
TOLERANCE = 1e-4
"""Largest miss of a moment, in standard deviations."""

ITERATIONS, CLOSE, DAMPING = 300, 1e-9, 0.8
"""Of the fixed point in shift and scale."""


@dataclass(frozen=True)
class TailMap:
    """Affine between two thresholds, exponential tails beyond them, continuous and strictly increasing.

    A distance ``u`` beyond a threshold becomes ``reach·expm1(k·u/reach)/k``: shorter for a negative
    curvature ``k``, longer for a positive one, with the core's slope at the threshold. Beyond the sample's
    own extreme (at distance ``reach``) the map goes on with the core's slope, so that other cities and
    years keep their distances.
    """

    shift: float
    scale: float
    low: float
    high: float
    low_reach: float
    high_reach: float
    low_curvature: float = 0.0
    high_curvature: float = 0.0

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Mapped values, same shape as ``x``."""
        x = np.asarray(x, dtype=float)
        above = _bent(np.maximum(x - self.high, 0), self.high_reach, self.high_curvature)
        below = _bent(np.maximum(self.low - x, 0), self.low_reach, self.low_curvature)
        return self.shift + self.scale * (np.clip(x, self.low, self.high) + above - below)


def _bent(distance: np.ndarray, reach: float, curvature: float) -> np.ndarray:
    inside = np.minimum(distance, reach)
    if abs(curvature) < 1e-9:
        return distance
    return reach * np.expm1(curvature * inside / reach) / curvature + (distance - inside)


def solve_map(
    x: np.ndarray, moments: tuple[float, float, float, float], offset: np.ndarray | float = 0.0
) -> TailMap:
    """The map ``m`` for which ``offset + m(x)`` has the wanted mean, s.d. (n − 1), minimum and maximum.

    With an offset an extreme can belong to an ``x`` from the middle, which no monotone map reaches: the
    moments are those of the sum stopped at the minimum and maximum. Without one nothing is stopped.

    Parameters
    ----------
    x, offset : numpy.ndarray, shape (n,)
        The sample to map and what is added to it unmapped.
    moments : (mean, s.d., minimum, maximum)

    Raises
    ------
    DataError
        If no map of this family meets the four moments.
    """
    mean, sd, least, most = moments
    low, high = np.quantile(x, [TAIL, 1 - TAIL])
    straight = TailMap(0.0, 1.0, low, high, low - x.min(), x.max() - high)

    slope = np.sqrt(max(sd**2 - np.var(offset), 0.1 * sd**2)) / x.std()
    shift = mean - np.mean(offset) - slope * x.mean()
    for _ in range(ITERATIONS):
        solved = _with_extremes(replace(straight, shift=shift, scale=slope), x, offset, least, most)
        y = np.clip(offset + solved(x), least, most)
        off_mean, off_sd = (y.mean() - mean) / sd, y.std(ddof=1) / sd
        if max(abs(off_mean), abs(off_sd - 1)) < CLOSE:
            break
        shift, slope = shift - sd * off_mean, slope * off_sd**-DAMPING
    reached = np.array([y.mean(), y.std(ddof=1), y.min(), y.max()])
    if np.abs(reached - moments).max() > TOLERANCE * sd:
        raise DataError(f"the twin cannot meet mean, s.d., minimum, maximum {moments}: reached {reached}")
    return solved


def _with_extremes(line: TailMap, x: np.ndarray, offset, least: float, most: float) -> TailMap:
    """``line`` with the curvatures that put the extremes of ``offset + map`` where they belong.

    The map rises: with one offset for all, the extremes are those of ``x``.
    """
    if not np.ndim(offset):
        x = np.array([x.min(), x.max()])
    # a curvature moves its own tail alone
    below, above = x < line.low, x > line.high
    offset, straight = np.broadcast_to(offset, x.shape), offset + line(x)
    smallest = np.min(straight[~below], initial=np.inf)
    largest = np.max(straight[~above], initial=-np.inf)

    def lowest(curvature: float) -> float:
        tail = offset[below] + replace(line, low_curvature=curvature)(x[below])
        return np.min(tail, initial=smallest) - least

    def highest(curvature: float) -> float:
        tail = offset[above] + replace(line, high_curvature=curvature)(x[above])
        return most - np.max(tail, initial=largest)

    return replace(line, low_curvature=_root(lowest), high_curvature=_root(highest))


def _root(falling) -> float:
    """Where a function that falls in the curvature crosses zero; the nearer end where it does not."""
    if falling(STRONGEST[0]) <= 0:
        return STRONGEST[0]
    if falling(STRONGEST[1]) >= 0:
        return STRONGEST[1]
    return brentq(falling, *STRONGEST, xtol=1e-10)
