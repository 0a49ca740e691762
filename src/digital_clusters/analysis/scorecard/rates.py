"""Rates by which the field compares papers, and the class a data editor would give.

Rates are those of the Institute for Replication (Brodeur, Mikola, Cook and others 2024): the share of results
that are reproduced, the share still significant with the same sign under reasonable changes, and the relative
size. Classes and thresholds are those of the report template of the data editor of the
American Economic Association.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from digital_clusters.analysis.scorecard.card_lines import CardLine

DataEditorClass = Literal[
    "full reproduction",
    "full reproduction with minor issues",
    "partial reproduction",
    "not able to reproduce",
    "not available",
]

CLASSES: dict[DataEditorClass, str] = {
    "full reproduction": "every printed number comes out as printed",
    "full reproduction with minor issues": "at most 25 % of the numbers differ",
    "partial reproduction": "more than 25 % differ, and at least 25 % come out",
    "not able to reproduce": "fewer than 25 % come out",
    "not available": "the paper prints no number that was read",
}
"""Class → its threshold. A number comes out if, rounded as printed, it is the printed one."""

QUARTER = 0.25


@dataclass(frozen=True)
class Rates:
    """Of one study on public data.

    Attributes
    ----------
    results : int
        Coefficients or claims, hypotheses not counted again.
    touched : int
        Of them with a public number.
    printed, exact : int
        Printed numbers (coefficients and moments), and those that come out as printed.
    same_sign : float or None
        Share of the touched with the paper's sign in the best design.
    significant : float or None
        With it and different from zero at 5 % in the best design.
    under_changes : float or None
        Mean share of specifications with it and p < 0.05, over results that a multiverse holds.
    in_multiverse : int
        Those results.
    relative_size : float or None
        Median of the best design's number over the printed one.
    recipe_significant : float or None
        As ``significant``, by the paper's own recipe.
    recipe_size : float or None
        As ``relative_size``, by the paper's own recipe.
    editors_class : DataEditorClass
    """

    results: int
    touched: int
    printed: int
    exact: int
    same_sign: float | None
    significant: float | None
    under_changes: float | None
    in_multiverse: int
    relative_size: float | None
    recipe_significant: float | None
    recipe_size: float | None
    editors_class: DataEditorClass


def rates_of(entries: Sequence[CardLine]) -> Rates:
    """Rates of one study, from all of its lines."""
    results = [entry for entry in entries if entry.kind in ("coefficient", "claim")]
    touched = [entry for entry in results if entry.verdict != "not available"]
    recipes = [(entry, entry.recipe) for entry in touched if entry.recipe is not None]
    numbers = [entry for entry in entries if entry.said.decimals is not None]
    exact = sum(map(_comes_out, numbers))
    shares = [entry.multiverse.share_clear for entry in results if entry.multiverse is not None]
    sizes = [entry.public.value / entry.said.value for entry in touched if entry.said.value]
    return Rates(
        results=len(results),
        touched=len(touched),
        printed=len(numbers),
        exact=exact,
        same_sign=_mean([entry.public.value * entry.said.sign > 0 for entry in touched]),
        significant=_mean([_found(e.public.value, e.public.p_value, e.said.sign) for e in touched]),
        under_changes=_mean(shares),
        in_multiverse=len(shares),
        relative_size=median(sizes) if sizes else None,
        recipe_significant=_mean([_found(r.value, r.p_value, e.said.sign) for e, r in recipes]),
        recipe_size=median([r.value / e.said.value for e, r in recipes if e.said.value]) if recipes else None,
        editors_class=editors_class(len(numbers), exact),
    )


def editors_class(printed: int, exact: int) -> DataEditorClass:
    """The class for ``exact`` of ``printed`` numbers that come out as printed."""
    if printed == 0:
        return "not available"
    if exact == printed:
        return "full reproduction"
    if printed - exact <= QUARTER * printed:
        return "full reproduction with minor issues"
    return "partial reproduction" if exact >= QUARTER * printed else "not able to reproduce"


def _comes_out(entry: CardLine) -> bool:
    number, said = entry.recipe or entry.public, entry.said
    return said.value is not None and round(number.value, said.decimals) == said.value


def _found(value: float, p_value: float, sign: float) -> bool:
    return value * sign > 0 and p_value < 0.05


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
