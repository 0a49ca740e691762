"""Which points of a declared grid are run: constraints rule some out, and a sample draws of the rest."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

Point = dict[str, Any]
"""Parameter → value."""


class PointConstraint(BaseModel):
    """Points that are left out, and why.

    Where all of ``choose`` holds, all of ``only_if`` must hold, or ``not_with`` must not hold. Each maps a
    parameter to values; one that a point does not set holds nowhere.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    choose: dict[str, list[Any]] = Field(min_length=1)
    only_if: dict[str, list[Any]] = Field(default_factory=dict)
    not_with: dict[str, list[Any]] = Field(default_factory=dict)
    why: str = Field(min_length=1)

    @model_validator(mode="after")
    def _either(self) -> "PointConstraint":
        if bool(self.only_if) == bool(self.not_with):
            raise ValueError("give either 'only_if' or 'not_with'")
        return self

    def leaves_out(self, point: Mapping[str, Any]) -> bool:
        """Whether a point is left out."""
        if not _all_hold(self.choose, point):
            return False
        return not _all_hold(self.only_if, point) if self.only_if else _all_hold(self.not_with, point)

    def named(self) -> Iterator[tuple[str, str, Any]]:
        """Part, parameter and value of everything that it speaks of."""
        for part in ("choose", "only_if", "not_with"):
            for name, values in getattr(self, part).items():
                yield from ((part, name, value) for value in values)


@dataclass(frozen=True)
class Thinned:
    """The points that are run, and how many are not.

    Attributes
    ----------
    points : list of dict
        In the order they came in.
    ruled_out : mapping of str to int
        Why → points; one that two constraints meet counts for the first.
    not_drawn : int
        Left over by the sample.
    """

    points: list[Point]
    ruled_out: Mapping[str, int]
    not_drawn: int

    def sentences(self) -> Iterator[str]:
        """What is run and what not; nothing where all of it is."""
        yield from (
            f"{count:,} points are ruled out: {why}" for why, count in self.ruled_out.items() if count
        )
        if self.not_drawn:
            yield f"{len(self.points):,} points are drawn, {self.not_drawn:,} others are not"


def thin(
    points: Sequence[Point], constraints: Sequence[PointConstraint], sample: int | None, seed: int
) -> Thinned:
    """Leave out what constraints rule out, then draw ``sample`` of the rest without replacement."""
    ruled_out: Counter[str] = Counter({constraint.why: 0 for constraint in constraints})
    kept = []
    for point in points:
        why = next((one.why for one in constraints if one.leaves_out(point)), None)
        if why is None:
            kept.append(point)
        else:
            ruled_out[why] += 1
    if sample is None or sample >= len(kept):
        return Thinned(kept, dict(ruled_out), 0)
    drawn = sorted(random.Random(seed).sample(range(len(kept)), sample))
    return Thinned([kept[k] for k in drawn], dict(ruled_out), len(kept) - sample)


def _all_hold(wanted: Mapping[str, Sequence[Any]], point: Mapping[str, Any]) -> bool:
    return all(name in point and _is_among(point[name], values) for name, values in wanted.items())


def _is_among(value: Any, values: Sequence[Any]) -> bool:
    """As YAML reads them: true is not 1."""
    return any(value == one and isinstance(value, bool) == isinstance(one, bool) for one in values)
