"""How a trial among neighbours is declared: data whose truth is known, and what each method says of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from digital_clusters.estimators.estimate import Estimate

Topic = Literal["errors", "weights"]
"""Errors under spatial correlation, Durbin models with right and wrong weights."""


class Answer(NamedTuple):
    """What a method says of a quantity in one data set; ``low`` and ``high`` end its 95 per cent interval."""

    method: str
    quantity: str
    truth: float
    value: float
    low: float
    high: float

    @property
    def holds(self) -> bool:
        """Whether the interval holds the truth."""
        return bool(self.low <= self.truth <= self.high)


@dataclass(frozen=True, eq=False)
class NeighbourDesign:
    """A way to draw data, and what is estimated on them.

    Attributes
    ----------
    topic : str
        Random numbers follow from it.
    name : str
    drawn : str
        How, for the reader.
    answers : callable
        Takes generators, gives the answers of all methods on one data set of each.
    """

    topic: Topic
    name: str
    drawn: str
    answers: Callable[[Sequence[np.random.Generator]], list[list[Answer]]]


def answer_of(method: str, truth: float, estimate: Estimate, place: int = 0, *, quantity: str = "") -> Answer:
    """The answer of an estimate, by its own interval."""
    low, high = estimate.interval()[place]
    return Answer(method, quantity, truth, float(estimate.coefficients[place]), float(low), float(high))


def one_by_one(
    generators: Sequence[np.random.Generator], *, once: Callable[..., list[Answer]], **planted: float
) -> list[list[Answer]]:
    """Answers of a function that takes one generator and what is planted."""
    return [once(rng, **planted) for rng in generators]
