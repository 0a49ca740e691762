"""A declared multiverse: every defensible way to test a claim, estimated, kept small and summed up.

A file ``data/multiverse/<study>.yml`` names the claims, the choices (axes with their options) and the
combinations that make no sense. Their product is a list of specifications; each is estimated, and what is
kept of it is one line (Steegen, Tuerlinckx, Gelman & Vanpaemel 2016; Simonsohn, Simmons & Nelson 2020).
Specifications of another claim, or of another option of an axis that *splits*, answer another question or
are in another unit: they never share a median.
"""

import itertools
import math
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from operator import itemgetter
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from digital_clusters.analysis.fit import Fit, fit
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.joint_null import influence, joint_tests
from digital_clusters.analysis.spec import Spec, read_spec
from digital_clusters.errors import DataError, MissingTableError, ParameterError
from digital_clusters.estimators.double_ml.partially_linear import SCORE_ERRORS, estimate_partialled_out
from digital_clusters.estimators.estimate import Coefficient
from digital_clusters.measures.panel import Panel
from digital_clusters.paths import data_folder
from digital_clusters.yaml_files import YamlFile, read_yaml

MOST_POINTS = 20_000
"""Specifications of one multiverse, all claims together; at 30 ms each they take ten minutes."""

MOST_COMBINATIONS = 2_000_000
"""Of which a sample can be drawn: they are counted one by one, in ten seconds."""

PANEL = "panel"
"""What an option may name beside fields of a specification: the panel it is estimated on."""

ONLY_PANEL = "public"
"""The panel of a point whose options name none."""

CLAIM = "claim"
"""Column, and name by which a constraint speaks of claims as if they were an axis."""

POWER_FACTOR = 2.8
"""z(0.975) + z(0.80): an effect of so many standard errors is found in 80 % of samples at 5 %."""

NUMBERS = ("value", "error", "p_value", "n")
"""What is kept of each estimate."""


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


@dataclass(frozen=True, eq=False)
class Explored:
    """A multiverse that was estimated.

    Attributes
    ----------
    declared : Multiverse
    table : pandas.DataFrame
        A row a point: ``claim``, a column an axis, value, error, p_value, n, and ``problem``: why there is no
        number, else empty.
    joint : pandas.DataFrame
        A row a unit: the splitting columns and the tests of
        :func:`digital_clusters.analysis.joint_null.joint_tests`.
    ruled_out : mapping of str to int
    repeated : int
    """

    declared: Multiverse
    table: pd.DataFrame
    joint: pd.DataFrame
    ruled_out: Mapping[str, int] = field(default_factory=dict)
    repeated: int = 0

    def summary(self) -> pd.DataFrame:
        """A row a unit: see :func:`sum_up`."""
        return sum_up(self.declared, self.table)

    def moves(self) -> pd.DataFrame:
        """A row a unit and choice: see :func:`what_moves`."""
        return what_moves(self.declared, self.table)


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
    source = read_yaml(path)
    if not isinstance(source.data, dict):
        raise ParameterError(f"{path} is not a mapping; it needs: {', '.join(Multiverse.model_fields)}")
    try:
        declared = Multiverse.model_validate(source.data)
    except ValidationError as error:
        raise ParameterError(source.explain(error)) from None
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
            yield f"{source.where(*keys, unknown)}: unknown field; the fields are: {known}"


def _unknown_options(declared: Multiverse, source: YamlFile) -> Iterator[str]:
    known = {CLAIM: list(declared.claims)}
    known |= {name: list(axis.options) for name, axis in declared.axes.items()}
    for k, constraint in enumerate(declared.constraints):
        for part in ("choose", "only_if", "not_with"):
            for axis, options in getattr(constraint, part).items():
                where = source.where("constraints", k, part, axis)
                if axis not in known:
                    yield f"{where}: no such axis; there are: {', '.join(known)}"
                    continue
                for option in options:
                    if option not in known[axis]:
                        yield f"{where}: no option '{option}'; there are: {', '.join(known[axis])}"


def _holds(wanted: Mapping[str, Sequence[str]], choices: Mapping[str, str]) -> bool:
    return all(choices[axis] in options for axis, options in wanted.items())


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


def explore(
    declared: Multiverse, panels: Mapping[str, Panel], *, draws: int = 1999, seed: int = 1
) -> Explored:
    """Estimate every point and test each unit's curve as a whole.

    Parameters
    ----------
    declared : Multiverse
    panels : mapping of str to Panel
        By the names that options give; ``public`` where they give none.
    draws : int
        Of the joint test.
    seed : int

    Raises
    ------
    ParameterError
        If an option names a panel that is not there, or a specification is not valid.
    """
    plan = plan_points(declared)
    if missing := {point.panel for point in plan.points} - panels.keys():
        raise ParameterError(f"no panel {', '.join(sorted(missing))}; there are: {', '.join(panels)}")
    rows, moved = [], []
    for point in plan.points:
        row, by_city = _estimated(point, declared.claims[point.choices[CLAIM]].term, panels[point.panel])
        rows.append(row)
        moved.append(by_city)
    table = pd.DataFrame(rows, columns=[CLAIM, *declared.axes, *NUMBERS, "problem"])
    joint = _joint_by_unit(declared, table, moved, draws, seed)
    return Explored(declared, table, joint, plan.ruled_out, plan.repeated)


def _estimated(point: SpecPoint, term: str, panel: Panel) -> tuple[dict[str, Any], pd.Series | None]:
    """The row of a point, and the influence of each city on its number."""
    try:
        found = fit(_learnt(point.spec), panel)
        number = _number(found, point.spec, term)
        by_city = influence(found, term)
    except (DataError, MissingTableError, ParameterError) as error:
        nothing = dict.fromkeys(NUMBERS, float("nan"))
        return {**point.choices, **nothing, "problem": str(error)}, None
    kept = {name: getattr(number, name) for name in NUMBERS}
    return {**point.choices, **kept, "problem": ""}, by_city


def _learnt(spec: Spec) -> Spec:
    """The specification whose fit serves this one too: learning does not depend on the rule of errors."""
    shares = spec.method == "double_machine_learning" and spec.errors in SCORE_ERRORS
    return spec.change(errors="clustered") if shares else spec


def _number(found: Fit, spec: Spec, term: str) -> Coefficient:
    if found.spec == spec:
        return found.term(term)
    return estimate_partialled_out(found.partialled_out, errors=spec.errors).term(term)


def _joint_by_unit(declared, table, moved, draws, seed) -> pd.DataFrame:
    rows = []
    for unit, group in table.groupby(declared.splitting, sort=False):
        usable = [k for k in group.index if moved[k] is not None]
        if not usable:
            continue
        effects = pd.DataFrame({k: moved[k] for k in usable}).fillna(0.0)
        numbers, sign = table.loc[usable], declared.claims[unit[0]].sign
        tests = joint_tests(
            numbers["value"].to_numpy(float),
            numbers["error"].to_numpy(float),
            effects.to_numpy(),
            sign=sign,
            draws=draws,
            seed=seed,
        )
        rows.append(dict(zip(declared.splitting, unit, strict=True)) | tests)
    return pd.DataFrame(rows)


def sum_up(declared: Multiverse, table: pd.DataFrame) -> pd.DataFrame:
    """What the specifications of each unit say of its claim.

    Returns
    -------
    pandas.DataFrame
        The splitting columns; ``n_specs``; ``median``, ``low`` and ``high`` of the values; ``share_sign``,
        the share with the claimed sign; ``share_clear``, with it and p < 0.05; ``share_against``, with the
        other sign and p < 0.05; ``median_error`` and ``detectable``, the smallest effect that a test with
        that error finds in four of five samples.
    """
    rows = []
    for unit, group in _units(declared, table):
        sign = declared.claims[unit[CLAIM]].sign
        clear = group["p_value"] < 0.05
        claimed = group["value"] * sign > 0
        rows.append(
            unit
            | {
                "n_specs": len(group),
                "median": group["value"].median(),
                "low": group["value"].min(),
                "high": group["value"].max(),
                "share_sign": claimed.mean(),
                "share_clear": (claimed & clear).mean(),
                "share_against": (~claimed & clear).mean(),
                "median_error": group["error"].median(),
                "detectable": POWER_FACTOR * group["error"].median(),
            }
        )
    return pd.DataFrame(rows)


def what_moves(declared: Multiverse, table: pd.DataFrame) -> pd.DataFrame:
    """Which choices move the estimate, the strongest first within each unit.

    Returns
    -------
    pandas.DataFrame
        The splitting columns; ``choice``; ``spread``, the largest difference between the medians of two of
        its options, with ``lowest`` and ``highest``, their names; ``share``, the part of the variance over
        specifications that lies between its options.
    """
    rows = []
    for unit, group in _units(declared, table):
        total = group["value"].var(ddof=0)
        found = []
        for axis in declared.choices:
            by_option = group.groupby(axis, sort=False)["value"]
            medians = by_option.median()
            if len(medians) < 2:
                continue
            between = by_option.transform("mean").var(ddof=0)
            found.append(
                unit
                | {
                    "choice": axis,
                    "spread": medians.max() - medians.min(),
                    "lowest": medians.idxmin(),
                    "highest": medians.idxmax(),
                    "share": between / total if total > 0 else 0.0,
                }
            )
        rows += sorted(found, key=itemgetter("spread"), reverse=True)
    return pd.DataFrame(rows)


def _units(declared: Multiverse, table: pd.DataFrame) -> Iterator[tuple[dict[str, str], pd.DataFrame]]:
    there = table[table["problem"] == ""]
    for unit, group in there.groupby(declared.splitting, sort=False):
        yield dict(zip(declared.splitting, unit, strict=True)), group


def to_facts(explored: Explored) -> dict[str, Any]:
    """What is frozen of a multiverse: ``facts`` of :func:`digital_clusters.analysis.frozen.freeze`.

    A point is one line of comma-separated values, so that a number that changes is one line that changes;
    six significant digits are kept.
    """
    lines = explored.table.to_csv(index=False, float_format="%.6g").splitlines()
    joint = explored.joint.to_csv(index=False, float_format="%.6g").splitlines()
    return {
        "multiverse": explored.declared.model_dump(mode="json"),
        "ruled_out": dict(explored.ruled_out),
        "repeated": explored.repeated,
        "points": lines,
        "joint": joint,
    }


def from_facts(facts: Mapping[str, Any]) -> Explored:
    """Read what :func:`to_facts` gave, with the claims in the words of today."""
    declared = _in_words_of_today(Multiverse.model_validate(facts["multiverse"]))
    words = dict.fromkeys((CLAIM, *declared.axes, "problem"), str)
    table = pd.read_csv(StringIO("\n".join(facts["points"])), dtype=words, keep_default_na=False)
    numbers = {name: pd.to_numeric(table[name], errors="coerce") for name in NUMBERS}
    joint = pd.read_csv(StringIO("\n".join(facts["joint"])), dtype=dict.fromkeys(declared.splitting, str))
    return Explored(declared, table.assign(**numbers), joint, facts["ruled_out"], facts["repeated"])


def _in_words_of_today(frozen: Multiverse) -> Multiverse:
    """Claims that are decided as they are now declared, in the declared words: words estimate nothing."""
    file = multiverse_file(frozen.study)
    now = read_multiverse(file).claims if file.is_file() else {}
    claims = {}
    for key, claim in frozen.claims.items():
        worded = claim.model_copy(update={"statement": now[key].statement}) if key in now else claim
        claims[key] = worded if worded == now.get(key) else claim
    return frozen.model_copy(update={"claims": claims})


def frozen_multiverse(study: str) -> Explored:
    """The multiverse of a study on public data as it is frozen: a book never explores it again.

    Raises
    ------
    FileError
        If it is not frozen; `digital-clusters freeze <study>.multiverse` makes it.
    """
    return from_facts(load_frozen(f"{study}.multiverse").facts)
