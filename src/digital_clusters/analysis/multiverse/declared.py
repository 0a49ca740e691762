"""What a file of a multiverse declares: claims, choices, and combinations that make no sense."""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from digital_clusters.analysis.spec import Spec
from digital_clusters.errors import ParameterError
from digital_clusters.paths import data_folder
from digital_clusters.wording import suggestion
from digital_clusters.yaml_files import YamlFile, read_yaml

MOST_POINTS = 20_000
"""Specifications of one multiverse, all claims together; at 30 ms each they take ten minutes."""

MOST_COMBINATIONS = 2_000_000
"""Of which a sample can be drawn: they are counted one by one, in ten seconds."""

PANEL = "panel"
"""What an option may name beside fields of a specification: the panel it is estimated on."""

CLAIM = "claim"
"""Column, and name by which a constraint speaks of claims as if they were an axis."""


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ClaimToTest(_Declared):
    """A sentence with a sign, and what it changes in the base specification.

    Attributes
    ----------
    statement : str
    term : str
        Coefficient that decides it.
    sign : {-1, 1}
    change : mapping
        Fields of the specification.
    """

    statement: str
    term: str
    sign: Literal[-1, 1]
    change: dict[str, Any] = Field(default_factory=dict)


class Axis(_Declared):
    """One choice: its options, each with the fields of the specification it sets.

    ``splits`` says that the options have different estimands or units, so that each has its own summary.
    """

    options: dict[str, dict[str, Any]] = Field(min_length=1)
    splits: bool = False


class Constraint(_Declared):
    """Combinations that are left out, and why.

    Where all of ``choose`` holds, all of ``only_if`` must hold, or ``not_with`` must not hold. Each maps an
    axis, or ``claim``, to options.
    """

    choose: dict[str, list[str]] = Field(min_length=1)
    only_if: dict[str, list[str]] = Field(default_factory=dict)
    not_with: dict[str, list[str]] = Field(default_factory=dict)
    why: str

    @model_validator(mode="after")
    def _one_of_two(self) -> "Constraint":
        if bool(self.only_if) == bool(self.not_with):
            raise ValueError("give either 'only_if' or 'not_with'")
        return self

    def rules_out(self, choices: Mapping[str, str]) -> bool:
        """Whether a combination, claim included, is left out."""
        if not _holds(self.choose, choices):
            return False
        return not _holds(self.only_if, choices) if self.only_if else _holds(self.not_with, choices)


class Multiverse(_Declared):
    """What ``data/multiverse/<study>.yml`` declares."""

    study: str
    base: dict[str, Any]
    claims: dict[str, ClaimToTest] = Field(min_length=1)
    axes: dict[str, Axis] = Field(min_length=1)
    constraints: list[Constraint] = Field(default_factory=list)

    @property
    def splitting(self) -> list[str]:
        """Claim, and the axes whose options never share a summary."""
        return [CLAIM, *(name for name, axis in self.axes.items() if axis.splits)]

    @property
    def choices(self) -> list[str]:
        """Axes whose options share a summary."""
        return [name for name, axis in self.axes.items() if not axis.splits]

    @property
    def size(self) -> int:
        """Combinations before any is ruled out."""
        return len(self.claims) * math.prod(len(axis.options) for axis in self.axes.values())

    @property
    def left(self) -> int:
        """Combinations that no constraint rules out."""
        whole = self.combinations()
        return sum(not any(rule.rules_out(choices) for rule in self.constraints) for choices in whole)

    def combinations(self) -> Iterator[dict[str, str]]:
        """Claim and option of every axis, in the order of the file."""
        names = [CLAIM, *self.axes]
        lists = [list(self.claims), *(list(axis.options) for axis in self.axes.values())]
        return (dict(zip(names, chosen, strict=True)) for chosen in itertools.product(*lists))


def multiverse_file(study: str, folder: Path | None = None) -> Path:
    """Where the multiverse of a study is declared."""
    return (folder or data_folder() / "multiverse") / f"{study}.yml"


def read_multiverse(path: Path, *, most: int = MOST_POINTS) -> Multiverse:
    """Read and check a declaration.

    Parameters
    ----------
    path : pathlib.Path
    most : int
        Combinations that the constraints may leave; :data:`MOST_COMBINATIONS` where a sample is estimated.

    Raises
    ------
    ParameterError
        An unknown key, field, axis or option, a value of the wrong type, or too many combinations. The text
        names file, line and key.
    FileError
        If the file is missing or not YAML.
    """
    return checked_multiverse(read_yaml(path), most=most)


def checked_multiverse(source: YamlFile, *, most: int = MOST_POINTS) -> Multiverse:
    """Check a declaration that was read, as :func:`read_multiverse` does.

    Raises
    ------
    ParameterError
        As there.
    """
    if not isinstance(source.data, dict):
        raise ParameterError(
            f"{source.path} is not a mapping; it needs: {', '.join(Multiverse.model_fields)}"
        )
    try:
        declared = Multiverse.model_validate(source.data)
    except ValidationError as error:
        raise ParameterError(source.explain(error, Multiverse)) from None
    problems = [*_unknown_fields(declared, source), *_unknown_options(declared, source)]
    if problems:
        raise ParameterError("\n".join(problems))
    if declared.size > MOST_COMBINATIONS:
        raise ParameterError(
            f"{source.where('axes')}: {declared.size:,} combinations; at most {MOST_COMBINATIONS:,} are "
            "looked at: shorten its axes"
        )
    if (left := declared.left) > most:
        rest = ", or estimate a sample of them" if most < MOST_COMBINATIONS else ""
        raise ParameterError(
            f"{source.where('axes')}: {left:,} combinations; at most {most:,} are estimated: "
            f"shorten its axes or rule some out{rest}"
        )
    return declared


def _unknown_fields(declared: Multiverse, source: YamlFile) -> Iterator[str]:
    places: dict[tuple[str, ...], Mapping[str, Any]] = {("base",): declared.base}
    places |= {("claims", name, "change"): claim.change for name, claim in declared.claims.items()}
    for name, axis in declared.axes.items():
        places |= {("axes", name, "options", option): values for option, values in axis.options.items()}
    for keys, values in places.items():
        for unknown in values.keys() - Spec.model_fields.keys() - {PANEL}:
            known = ", ".join([*Spec.model_fields, PANEL])
            near = suggestion(unknown, [*Spec.model_fields, PANEL])
            yield f"{source.where(*keys, unknown)}: unknown field{near}; the fields are: {known}"


def _unknown_options(declared: Multiverse, source: YamlFile) -> Iterator[str]:
    known = {CLAIM: list(declared.claims)}
    known |= {name: list(axis.options) for name, axis in declared.axes.items()}
    for k, constraint in enumerate(declared.constraints):
        for part in ("choose", "only_if", "not_with"):
            for axis, options in getattr(constraint, part).items():
                where = source.where("constraints", k, part, axis)
                if axis not in known:
                    yield f"{where}: no such axis{suggestion(axis, known)}; there are: {', '.join(known)}"
                    continue
                for option in options:
                    if option not in known[axis]:
                        near = suggestion(str(option), known[axis])
                        yield f"{where}: no option '{option}'{near}; there are: {', '.join(known[axis])}"


def _holds(wanted: Mapping[str, Sequence[str]], choices: Mapping[str, str]) -> bool:
    return all(choices[axis] in options for axis, options in wanted.items())
