"""Where a mobile factor settles between two regions that are alike, given what it gains by moving.

A model hands over ``gap(shares)``: the log return in the first region less that in the second when the
first holds each of these shares. The factor moves to the higher return, so an interior equilibrium is
stable where the gap falls through zero, and all in one region is one where the gap there is positive.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

Gap = Callable[[np.ndarray], np.ndarray]

_GRID = 200
"""Shares between one half and one that are searched for a change of sign."""

_EDGE = 1e-6
"""The search begins this far from one half, where the gap of regions alike is zero by symmetry."""


@dataclass(frozen=True)
class Equilibrium:
    """A resting point: share of the mobile factor in the first region, and whether it is stable."""

    share: float
    stable: bool


def symmetric_slope(gap: Gap, step: float = 1e-5) -> float:
    """Derivative of the gap at equal shares; negative where dispersion is stable."""
    ahead, behind = gap(np.array([0.5 + step, 0.5 - step]))
    return float(ahead - behind) / (2 * step)


def find_equilibria(gap: Gap) -> tuple[Equilibrium, ...]:
    """All equilibria of two regions alike, by rising share.

    Parameters
    ----------
    gap : callable
        Shares, shape (n,), to log return in the first region less that in the second, shape (n,);
        odd about one half.

    Examples
    --------
    >>> [round(point.share, 2) for point in find_equilibria(lambda share: 0.5 - share)]
    [0.5]
    """
    grid = np.linspace(0.5 + _EDGE, 1.0, _GRID)
    heights = gap(grid)
    upper = []
    for place in np.flatnonzero(heights[:-1] * heights[1:] < 0):
        share = brentq(lambda x: float(gap(np.array([x]))[0]), grid[place], grid[place + 1], xtol=1e-13)
        upper.append(Equilibrium(share, bool(heights[place] > 0)))
    if heights[-1] > 0:
        upper.append(Equilibrium(1.0, True))
    lower = [Equilibrium(1 - point.share, point.stable) for point in reversed(upper)]
    return (*lower, Equilibrium(0.5, symmetric_slope(gap) < 0), *upper)
