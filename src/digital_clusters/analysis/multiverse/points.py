"""The points of a multiverse: each combination that no constraint rules out, each regression once."""

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from digital_clusters.analysis.multiverse.declared import CLAIM, PANEL, Multiverse
from digital_clusters.analysis.spec import Spec, read_spec
from digital_clusters.errors import ParameterError

ONLY_PANEL = "public"
"""The panel of a point whose options name none."""


@dataclass(frozen=True)
class SpecPoint:
    """One combination: the claim and option chosen on each axis, its specification and its panel."""

    choices: Mapping[str, str]
    spec: Spec
    panel: str


@dataclass(frozen=True)
class SpecPlan:
    """The points of a multiverse, and what is not among them.

    Attributes
    ----------
    points : tuple of SpecPoint
    ruled_out : mapping of str to int
        Reason of a constraint → combinations it left out; one that two constraints meet counts for the first.
    repeated : int
        Combinations that are the same regression as an earlier one.
    """

    points: tuple[SpecPoint, ...]
    ruled_out: Mapping[str, int]
    repeated: int


def plan_points(declared: Multiverse, *, sample: int | None = None, seed: int = 1) -> SpecPlan:
    """Every combination that no constraint rules out, each regression once.

    Parameters
    ----------
    declared : Multiverse
    sample : int, optional
        Combinations drawn without replacement from those that no constraint rules out, in their order.
    seed : int
        Of the draw.

    Raises
    ------
    ParameterError
        If a combination is not a valid specification; the text names its options. Also for a sample of none.
    """
    if sample is not None and sample < 1:
        raise ParameterError(f"sample = {sample}: choose a positive number")
    ruled_out: Counter[str] = Counter({constraint.why: 0 for constraint in declared.constraints})
    allowed = []
    for choices in declared.combinations():
        why = next((rule.why for rule in declared.constraints if rule.rules_out(choices)), None)
        if why is None:
            allowed.append(choices)
        else:
            ruled_out[why] += 1
    if sample is not None and sample < len(allowed):
        drawn = random.Random(seed).sample(range(len(allowed)), sample)
        allowed = [allowed[k] for k in sorted(drawn)]
    points: dict[tuple[str, str, Spec], SpecPoint] = {}
    for choices in allowed:
        point = _point(declared, choices)
        points.setdefault((choices[CLAIM], point.panel, point.spec), point)
    return SpecPlan(tuple(points.values()), dict(ruled_out), len(allowed) - len(points))


def _point(declared: Multiverse, choices: Mapping[str, str]) -> SpecPoint:
    values = dict(declared.base) | declared.claims[choices[CLAIM]].change
    for name, axis in declared.axes.items():
        values |= axis.options[choices[name]]
    panel = values.pop(PANEL, ONLY_PANEL)
    try:
        return SpecPoint(choices, read_spec(values), panel)
    except ParameterError as error:
        chosen = ", ".join(f"{axis} '{option}'" for axis, option in choices.items())
        raise ParameterError(f"{chosen}: {error}") from None
