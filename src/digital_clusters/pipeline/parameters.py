"""Parameters of notebooks: read from the parameter cell, validated before a kernel starts.

A parameter cell holds plain assignments of literals and nothing else, because a value derived in it
would not follow when the parameter is changed from outside. The vocabulary is the fields of
:class:`~digital_clusters.analysis.spec.Spec` and of :class:`NotebookParameters`.
"""

import ast
import difflib
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from types import NoneType
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from digital_clusters.analysis.spec import Spec
from digital_clusters.errors import ParameterError, check_option

DataSource = Literal["twin", "public"]

UNSAID = "must be said"
"""Default of a field that has none."""

ANY_YEAR = 2000
"""Stands for the years of a page that declares none, where fields are checked together."""


class NotebookParameters(BaseModel):
    """What a notebook may declare besides the fields of a Spec; add a field here to add a parameter."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: DataSource = Field("twin", description="source of the raw tables")
    replications: int = Field(20, ge=2, le=100_000, description="simulated samples of an experiment")
    draws: int = Field(999, ge=1, le=1_000_000, description="random draws of a bootstrap or permutation")
    spatial_distance: float = Field(1.0, ge=0, le=100, description="distance in space, theory of clusters")
    psychological_distance: float = Field(1.0, ge=0, le=100, description="distance of minds, same theory")
    elasticity: float = Field(5.0, gt=1, le=13, description="of substitution, core–periphery theory")
    mobile_share: float = Field(0.4, gt=0, lt=1, description="share of the mobile sector, same theory")
    digital: float = Field(0.5, ge=0, le=1, description="digital technology, same theory")


@dataclass(frozen=True)
class Parameter:
    """One row of the options table: all text, ready to be shown."""

    name: str
    type: str
    range: str
    default: str
    description: str


@cache
def vocabulary() -> dict[str, FieldInfo]:
    """Every parameter a notebook may declare, by name."""
    return NotebookParameters.model_fields | Spec.model_fields


def describe(name: str, default: Any = ...) -> Parameter:
    """A parameter's type, range, default and meaning; ``default`` is a notebook's own, if it has one."""
    field = vocabulary()[name]
    schema = _adapter(name).json_schema()
    variants = schema.get("anyOf", [schema])
    kinds = [_kind(variant) for variant in variants if variant.get("type") != "null"]
    if len(kinds) < len(variants):
        kinds.append("none")
    unsaid = default is ... and field.is_required()
    shown = UNSAID if unsaid else repr(field.default if default is ... else default)
    return Parameter(name, " or ".join(kinds), _range(variants[0]), shown, field.description or "")


def declared(cells: Iterable[Mapping[str, Any]], page: str) -> dict[str, Any]:
    """Names and defaults in the cell tagged ``parameters``; empty where the notebook has none.

    Parameters
    ----------
    cells : iterable of mapping
        Cells of an nbformat notebook.
    page : str
        Named in errors.

    Raises
    ------
    ParameterError
        If the cell holds anything but ``name = literal``, or a name appears twice.
    """
    tagged = [cell["source"] for cell in cells if "parameters" in cell["metadata"].get("tags", ())]
    if len(tagged) > 1:
        raise ParameterError(f"{page}: {len(tagged)} cells are tagged 'parameters'; keep one")
    found: dict[str, Any] = {}
    for statement in _statements(tagged[0], page) if tagged else ():
        name, value = _assignment(statement, page)
        if name in found:
            raise ParameterError(f"{page}: '{name}' is assigned twice in the parameter cell")
        found[name] = value
    return found


def validate(page: str, defaults: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """The values a notebook will run with: its defaults, replaced by ``overrides``.

    Parameters
    ----------
    page : str
        Named in errors.
    defaults : mapping
        What :func:`declared` found.
    overrides : mapping
        Text (from a command line) or typed values (from YAML).

    Returns
    -------
    dict
        Plain values (lists instead of tuples), in the order of the parameter cell.

    Raises
    ------
    ParameterError
        For a name that the project or the notebook does not know, a wrong type, or a value out of range.
    """
    for name in defaults:
        if name not in vocabulary():
            raise ParameterError(
                f"{page}: the parameter cell declares '{name}', which is not a parameter of this project"
                f"{_suggestion(name, vocabulary())}; known: {', '.join(vocabulary())}"
            )
    for name in overrides:
        if name not in defaults:
            raise ParameterError(f"{page} has no parameter '{name}'{_undeclared(name, defaults)}")
    values = {name: _read(page, name, value) for name, value in {**defaults, **overrides}.items()}
    _check_together(page, values)
    return values


def parse_options(options: Iterable[str]) -> dict[str, str]:
    """``name=value`` words of a command line as a mapping; the value may itself hold ``=``."""
    found: dict[str, str] = {}
    for option in options:
        name, sign, value = option.partition("=")
        if not sign or not name.strip():
            raise ParameterError(f"'{option}' is not of the form name=value")
        if name.strip() in found:
            raise ParameterError(f"parameter '{name.strip()}' is given twice")
        found[name.strip()] = value
    return found


def check_source(word: str) -> None:
    """Raise a :class:`ParameterError` unless ``word`` names a source of data that a notebook can use."""
    check_option("data", word, DataSource)


@cache
def _adapter(name: str) -> TypeAdapter:
    field = vocabulary()[name]
    return TypeAdapter(Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation)


def _read(page: str, name: str, value: Any) -> Any:
    readings = _readings(name, value) if isinstance(value, str) else [value]
    problem = "is not a plain value"
    for reading in readings:
        try:
            text = json.dumps(reading)
        except (TypeError, ValueError):
            continue
        try:
            # JSON in strict mode: a list is a tuple, but "6" is not a number and true is not one either
            return json.loads(json.dumps(_adapter(name).validate_json(text, strict=True)))
        except ValidationError as error:
            problem = error.errors()[0]["msg"]
    row = describe(name)
    allowed = "; ".join(part for part in (row.type, row.range) if part)
    raise ParameterError(f"{page}: {name} = {value!r}: {problem} (expected: {allowed})")


def _readings(name: str, text: str) -> list[Any]:
    """What a word on the command line can mean, the likeliest first; the last one's error is shown."""
    field = vocabulary()[name]
    constants = {"none": None, "null": None, "true": True, "false": False}
    if text.lower() in constants and (constants[text.lower()] is not None or _optional(field)):
        return [constants[text.lower()], text]
    readings: list[Any] = [text]
    # a word that is no literal has no other reading than itself
    with suppress(ValueError, SyntaxError):
        readings.append(ast.literal_eval(text.strip()))
    if _adapter(name).json_schema().get("type") == "array" and not isinstance(readings[-1], list | tuple):
        bare = text.strip().removeprefix("[").removesuffix("]")
        readings.append([word.strip() for word in bare.split(",") if word.strip()])
    return readings


def _optional(field: FieldInfo) -> bool:
    return NoneType in get_args(field.annotation)


def _check_together(page: str, values: Mapping[str, Any]) -> None:
    """Rules that concern several fields of a Spec at once; what a page does not declare breaks none."""
    given = {name: value for name, value in values.items() if name in Spec.model_fields}
    year = given.get("first_year", given.get("last_year", ANY_YEAR))
    unsaid = {"outcome": "outcome", "treatment": "treatment", "first_year": year, "last_year": year}
    try:
        Spec(**unsaid | given)
    except ValidationError as error:
        reasons = "; ".join(item["msg"].removeprefix("Value error, ") for item in error.errors())
        raise ParameterError(f"{page}: {reasons}") from None


def _statements(source: str, page: str) -> list[ast.stmt]:
    try:
        return ast.parse(source).body
    except SyntaxError as error:
        raise ParameterError(f"{page}: line {error.lineno} of the parameter cell: {error.msg}") from None


def _assignment(statement: ast.stmt, page: str) -> tuple[str, Any]:
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        # anything but one name and one literal is refused below, with its line
        with suppress(ValueError):
            (target,) = statement.targets
            return target.id, ast.literal_eval(statement.value)
    raise ParameterError(
        f"{page}: line {statement.lineno} of the parameter cell, '{ast.unparse(statement)}', is not "
        f"'name = literal'; derive values in the cell after it, so that they follow a changed parameter"
    )


def _undeclared(name: str, defaults: Mapping[str, Any]) -> str:
    listed = ", ".join(defaults) or "none"
    if name in vocabulary():
        return (
            f": other notebooks have it, but this one's parameter cell does not declare it; it has: {listed}"
        )
    return f"{_suggestion(name, defaults)}; it has: {listed}"


def _suggestion(name: str, words: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(words), n=1)
    return f" (did you mean '{close[0]}'?)" if close else ""


def _kind(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return "one of " + ", ".join(str(word) for word in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    names = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
    return names.get(schema.get("type", ""), "value")


def _range(schema: Mapping[str, Any]) -> str:
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    return ", ".join(f"{sign} {schema[key]}" for key, sign in signs.items() if key in schema)
