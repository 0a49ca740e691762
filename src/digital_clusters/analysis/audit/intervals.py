"""Intervals of numbers: what follows for a result if its inputs are known up to an interval (Moore 1966)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from math import isfinite

import numpy as np

_SLACK = 1e-9
"""Ends that differ by less than this share of their size are equal: more than the error of binary arithmetic,
less than half a unit of the last digit of numbers of up to eight digits."""


@dataclass(frozen=True)
class Interval:
    """All numbers from ``low`` to ``high``, both included; the ends may be infinite."""

    low: float
    high: float

    def __iter__(self) -> Iterator[float]:
        return iter((self.low, self.high))

    def overlaps(self, other: "Interval") -> bool:
        """Whether some number is in both."""
        return _at_most(self.low, other.high) and _at_most(other.low, self.high)

    def within(self, other: "Interval") -> bool:
        """Whether every number is in the other."""
        return _at_most(other.low, self.low) and _at_most(self.high, other.high)

    def times(self, factor: float) -> "Interval":
        """Numbers multiplied by one that is known exactly."""
        return self * exactly(factor)

    def clipped(self, low: float, high: float = np.inf) -> "Interval":
        """Both ends moved to the nearest number between ``low`` and ``high``."""
        return Interval(min(max(self.low, low), high), min(max(self.high, low), high))

    def __add__(self, other: "Interval") -> "Interval":
        return Interval(self.low + other.low, self.high + other.high)

    def __sub__(self, other: "Interval") -> "Interval":
        return Interval(self.low - other.high, self.high - other.low)

    def __mul__(self, other: "Interval") -> "Interval":
        # zero times infinity is zero: an end that is not reached decides nothing
        ends = [a * b if a and b else 0.0 for a in self for b in other]
        return Interval(min(ends), max(ends))

    def __truediv__(self, other: "Interval") -> "Interval":
        if other.low < 0 < other.high or other.low == other.high == 0:
            return Interval(-np.inf, np.inf)
        low = -np.inf if other.high == 0 else 1 / other.high
        high = np.inf if other.low == 0 else 1 / other.low
        return self * Interval(low, high)

    def __abs__(self) -> "Interval":
        nearest = 0.0 if self.low <= 0 <= self.high else min(abs(self.low), abs(self.high))
        return Interval(nearest, max(abs(self.low), abs(self.high)))

    def squared(self) -> "Interval":
        """Squares of the numbers."""
        low, high = abs(self)
        return Interval(low**2, high**2)

    def root(self) -> "Interval":
        """Square roots; of what is negative, zero."""
        return Interval(max(self.low, 0.0) ** 0.5, max(self.high, 0.0) ** 0.5)


def exactly(value: float) -> Interval:
    """The interval of one number."""
    return Interval(value, value)


def total(parts: list[Interval]) -> Interval:
    """What the sum can be."""
    return Interval(sum(part.low for part in parts), sum(part.high for part in parts))


def over_corners(function: Callable[..., float], *inputs: Interval) -> Interval:
    """What a function can be that is monotone in each argument: its extremes are at corners of the box.

    Examples
    --------
    >>> over_corners(lambda a, b: a - b, Interval(0, 1), Interval(2, 4))
    Interval(low=-4, high=-1)
    """
    values = [function(*corner) for corner in product(*inputs)]
    return Interval(min(values), max(values))


def _at_most(a: float, b: float) -> bool:
    # most pairs need no slack
    return a <= b or a <= b + _SLACK * max((abs(x) for x in (a, b) if isfinite(x)), default=0.0)
