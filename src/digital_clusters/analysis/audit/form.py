"""The file in which the printed numbers of a paper are typed, and what is read from it."""

import inspect
from collections.abc import Mapping
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, create_model

from digital_clusters.analysis.audit.printed import PValue
from digital_clusters.analysis.audit.register import Check, check_named, inputs_of
from digital_clusters.analysis.audit.rounding import Number, School
from digital_clusters.errors import DataError, ParameterError
from digital_clusters.yaml_files import YamlFile

SHOWN_PROBLEMS = 5
"""Problems of a file that are told at once."""

LARGEST_COUNT = 10**12
"""Of whole numbers; sizes of samples are smaller."""


def _bare(value: Any) -> Any:
    """Refuses text where a plain number is asked for, and truth values."""
    if isinstance(value, str):
        try:
            Number(value)
        except ParameterError:
            raise ValueError("is text and no number") from None
        raise ValueError(f"is text here; write {value} without quotes")
    if isinstance(value, bool):
        raise ValueError("is a truth value and no number")
    return value


Count = Annotated[int, BeforeValidator(_bare), Field(ge=0, le=LARGEST_COUNT)]
Exact = Annotated[float, BeforeValidator(_bare), Field(allow_inf_nan=False)]
Stars = Annotated[dict[str, Annotated[Exact, Field(gt=0, lt=1)]], Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PrintedRow(_Part):
    """A coefficient of a column, with whatever the table prints beside it."""

    name: str
    coefficient: Number
    standard_error: Number
    stars: str = ""
    t: Number | None = None
    p: PValue | None = None
    low: Number | None = None
    high: Number | None = None


class Regression(_Part):
    """A column of a regression table. ``df``: of its t statistics; normal ones without."""

    place: str
    n: Count | None = None
    terms: list[PrintedRow] = Field(default_factory=list)
    df: Annotated[Exact, Field(gt=0)] | None = None
    level: Annotated[Exact, Field(gt=0, lt=1)] = 0.95
    regressors: Count | None = None
    absorbed: Count = 0
    r2: Number | None = None
    adjusted_r2: Number | None = None
    f: Number | None = None
    log_likelihood: Number | None = None
    parameters: Count | None = None
    aic: Number | None = None
    bic: Number | None = None


class Variable(_Part):
    """A row of descriptive statistics. ``kind``: whole numbers and dummies are checked as such."""

    place: str
    n: Count
    mean: Number
    sd: Number
    min: Number | None = None
    max: Number | None = None
    kind: Literal["any", "whole", "dummy"] = "any"
    items: Annotated[Count, Field(ge=1)] = 1


class Form(_Part):
    """What a file says of a paper. Checks are kept as read; `form_of` holds each to its inputs."""

    paper: str
    rounding: School = "nearest"
    stars: Stars | None = None
    columns: list[Regression] = Field(default_factory=list)
    variables: list[Variable] = Field(default_factory=list)
    checks: list[dict[str, Any]] = Field(default_factory=list)


Asked = tuple[str, Check, dict[str, Any]]
"""Where an entry stands in its file, the check and its inputs."""


def form_of(source: YamlFile) -> tuple[Form, list[Asked]]:
    """The tables of a file, and the checks that it asks for.

    Raises
    ------
    DataError
        If a key is unknown or missing, or a value of the wrong kind; file, line and key are named.
    """
    if not isinstance(source.data, dict):
        raise DataError(f"{source.path} is empty or not a mapping; it needs: {', '.join(Form.model_fields)}")
    school = source.data.get("rounding", "nearest")
    context = {"rounding": school if school in get_args(School) else "nearest"}
    try:
        form = Form.model_validate(source.data, context=context)
    except ValidationError as error:
        raise DataError(_few(source.explain(error, Form).splitlines())) from None
    problems: list[str] = []
    checks = []
    for position, entry in enumerate(form.checks):
        try:
            checks.append(_check(source, position, entry, context))
        except DataError as error:
            problems += str(error).splitlines()
    if problems:
        raise DataError(_few(problems))
    if not (form.columns or form.variables or checks):
        raise DataError(f"{source.path} has nothing to check: give it 'columns', 'variables' or 'checks'")
    return form, checks


def _check(source: YamlFile, position: int, entry: Mapping[str, Any], context: Mapping[str, str]) -> Asked:
    keys = ("checks", position)
    named = entry.get("check")
    if not isinstance(named, str):
        raise DataError(f"{source.where(*keys)}: needs 'check', the name of one")
    try:
        check = check_named(named)
    except ParameterError as error:
        raise DataError(f"{source.where(*keys, 'check')}: {error}") from None
    try:
        inputs = inputs_model(check).model_validate(dict(entry), context=dict(context))
    except ValidationError as error:
        raise DataError(source.explain(error, inputs_model(check), prefix=keys)) from None
    given = {name: getattr(inputs, name) for name in type(inputs).model_fields if name != "check"}
    return source.where(*keys), check, given


@cache
def inputs_model(check: Check) -> type[BaseModel]:
    """Schema of a check's entry in a file, from its signature."""
    fields: dict[str, Any] = {"check": (str, ...), "place": (str, ...)}
    for name, (hint, default) in inputs_of(check).items():
        needed = default is inspect.Parameter.empty
        fields[name] = (_strict(hint), ... if needed else default)
    return create_model(check.__name__, __config__=ConfigDict(extra="forbid", frozen=True), **fields)


def _strict(hint: Any) -> Any:
    """A type of a signature as that of a file: no text for plain numbers, no NaN."""
    if hint is int:
        return Count
    if hint is float:
        return Exact
    arguments = get_args(hint)
    if get_origin(hint) is list:
        return list[_strict(arguments[0])]  # type: ignore[misc]
    if get_origin(hint) in (Union, UnionType):
        return Union[tuple(_strict(part) for part in arguments)]  # noqa: UP007
    if get_origin(hint) is Mapping:
        return Stars
    return hint


def _few(problems: list[str]) -> str:
    more = len(problems) - SHOWN_PROBLEMS
    return "\n".join(problems[:SHOWN_PROBLEMS]) + (f"\n… {more:,} more" if more > 0 else "")
