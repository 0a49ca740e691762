"""Specifications that differ only in their controls and have the same rows: one panel, many regressions.

Controls that miss a city-year leave it out, so that specifications alike in everything else may still be on
different rows: those are families of their own, and each specification keeps the rows it has by itself.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from digital_clusters.analysis.fit import sampled
from digital_clusters.analysis.sample import Design, design, select_sample
from digital_clusters.analysis.spec import Spec
from digital_clusters.errors import DataError, MissingTableError
from digital_clusters.measures.panel import Panel

CHOSEN = ("controls", "contemporaneous")
"""Fields in which the members of a family differ."""


@dataclass(frozen=True, eq=False)
class SpecFamily:
    """Specifications on the same rows that differ in their controls.

    Attributes
    ----------
    members : tuple of int, length S
        Numbers of the specifications in the list that was given.
    design : Design
        Terms of interest, and every control that a member has.
    choices : numpy.ndarray of bool, shape (S, k)
        Which of ``design.names`` each member has.
    """

    members: tuple[int, ...]
    design: Design
    choices: np.ndarray


def is_batched(spec: Spec) -> bool:
    """Whether a specification can be one of a family: two-way effects, errors by city, no mediators.

    A control that is a term of interest too makes a regression of its own, which the estimator refuses.
    """
    plain = spec.method == "two_way_fixed_effects" and (spec.errors, spec.clusters) == ("clustered", "city")
    own = {spec.treatment, f"{spec.treatment}^2", f"{spec.treatment}:{spec.moderator}", spec.moderator}
    return plain and not spec.mediators and not own & {*spec.controls, *spec.contemporaneous}


def spec_families(specs: Sequence[Spec], panel: Panel) -> Iterator[SpecFamily]:
    """Families of the specifications that :func:`is_batched` allows; others are in none.

    Nor is one whose sample cannot be made: :func:`digital_clusters.analysis.fit.fit` says why.
    """
    alike = defaultdict(list)
    for number, spec in enumerate(specs):
        if is_batched(spec):
            alike[_beside_controls(spec)].append(number)
    for numbers in alike.values():
        for members in _same_rows(specs, numbers, panel):
            family = _family(specs, members, panel)
            if family is not None:
                yield family


def _beside_controls(spec: Spec) -> Spec:
    return spec.model_copy(update=dict.fromkeys(CHOSEN, ()))


def _same_rows(specs: Sequence[Spec], numbers: Sequence[int], panel: Panel) -> list[list[int]]:
    """Numbers grouped by rows: those of each control by itself, and of several the rows that all have."""
    if len(numbers) == 1:
        return [list(numbers)]
    rows = _Rows(_beside_controls(specs[numbers[0]]), panel)
    groups: dict[bytes, list[int]] = defaultdict(list)
    for number in numbers:
        kept = rows.of(specs[number])
        if kept is not None:
            groups[kept.tobytes()].append(number)
    return list(groups.values())


class _Rows:
    """Rows of the panel that are complete in a specification, found control by control."""

    def __init__(self, bare: Spec, panel: Panel):
        # values are cut, and a median splits, over the rows that are found here
        self._bare, self._panel = bare.model_copy(update={"winsorise": 0.0, "group": "all"}), panel
        self._keys = pd.MultiIndex.from_frame(panel.frame[["city", "year"]])
        self._known: dict[tuple[str, str] | None, np.ndarray | None] = {}

    def of(self, spec: Spec) -> np.ndarray | None:
        """Shape (rows of the panel,); ``None`` where there is no sample."""
        parts = [None, *((field, name) for field in CHOSEN for name in getattr(spec, field))]
        found = [self._complete_in(part) for part in parts]
        there = [mask for mask in found if mask is not None]
        return np.logical_and.reduce(there) if len(there) == len(found) else None

    def _complete_in(self, part: tuple[str, str] | None) -> np.ndarray | None:
        if part not in self._known:
            self._known[part] = self._look(part)
        return self._known[part]

    def _look(self, part: tuple[str, str] | None) -> np.ndarray | None:
        alone = self._bare if part is None else self._bare.model_copy(update={part[0]: (part[1],)})
        try:
            sample = select_sample(alone, self._panel)
        except (DataError, MissingTableError):
            return None
        mask = np.zeros(len(self._keys), dtype=bool)
        mask[self._keys.get_indexer(pd.MultiIndex.from_frame(sample[["city", "year"]]))] = True
        return mask


def _family(specs: Sequence[Spec], members: Sequence[int], panel: Panel) -> SpecFamily | None:
    """The family of some specifications, or ``None`` where there is no sample."""
    first = specs[members[0]]
    every = {name: _union(getattr(specs[k], name) for k in members) for name in CHOSEN}
    whole = first.model_copy(update=every)
    try:
        sample, arrays = sampled(whole, panel)
    except (DataError, MissingTableError):
        return None
    stands = {name: k for k, name in enumerate(arrays.names)}
    columns: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    choices = np.zeros((len(members), len(arrays.names)), dtype=bool)
    choices[:, : len(arrays.terms)] = True
    for row, number in enumerate(members):
        for field in CHOSEN:
            for control in getattr(specs[number], field):
                key = (field, (control,))
                if key not in columns:
                    alone = _beside_controls(first).model_copy(update=dict([key]))
                    columns[key] = [stands[name] for name in design(alone, sample).control_names]
                choices[row, columns[key]] = True
    return SpecFamily(tuple(members), arrays, choices)


def _union(lists) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for names in lists for name in names))
