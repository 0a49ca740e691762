"""Parameters of notebooks: read from the parameter cell, validated before a kernel starts.

A parameter cell holds plain assignments of literals and nothing else, because a value derived in it
would not follow when the parameter is changed from outside. The vocabulary is the fields of
:class:`~digital_clusters.analysis.spec.Spec` and of :class:`NotebookParameters`; others are the page's own.
"""

import ast
import json
import math
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from types import NoneType
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from digital_clusters.analysis.spec import Spec
from digital_clusters.errors import ParameterError
from digital_clusters.pipeline.workshop.own_parameters import MINE, kind_of_own, mistaken_for, read_own
from digital_clusters.sources import FOLDER_PREFIX
from digital_clusters.wording import shortened, shown, suggestion

DataSource = Literal["twin", "public"]
OwnData = Annotated[str, Field(pattern=f"^{FOLDER_PREFIX}.+")]
"""A reader's own files: chapters of the studies run on them in a form of their own."""

UNSAID = "must be said"
"""Default of a field that has none."""

ANY_YEAR = 2000
"""Stands for the years of a page that declares none, where fields are checked together."""

LONGEST_TEXT = 10_000
"""Characters of a value on the command line."""

LIMITS = "limits"
"""Key of a parameter cell's metadata: name → allowed words, or bounds ``{"ge": 2, "le": 500}``.

The bounds of ``last_year`` may hold a ``span`` too.
"""

BOUNDS = {"ge": "≥", "le": "≤"}

SPAN = "span"
"""Limit of ``last_year``: years that a sample needs from its first to its last, both counted."""

Limits = Mapping[str, list[str] | Mapping[str, float]]
"""What a notebook allows less of than the project does, by parameter."""


class NotebookParameters(BaseModel):
    """What a notebook may declare besides the fields of a Spec; add a field here to add a parameter."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: DataSource | OwnData = Field("twin", description="source of the raw tables")
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


def describe_parameter(name: str, default: Any = ..., limit: Any = None) -> Parameter:
    """A parameter's type, range, default and meaning; ``default`` and ``limit`` are a notebook's own."""
    if name not in vocabulary():
        return Parameter(name, kind_of_own(default), "", repr(default), "of this notebook alone")
    field = vocabulary()[name]
    schema = _adapter(name).json_schema()
    variants = schema.get("anyOf", [schema])
    kinds = [_kind(variant) for variant in variants if variant.get("type") != "null"]
    if len(kinds) < len(variants):
        kinds.append("none")
    unsaid = default is ... and field.is_required()
    kind, span = " or ".join(kinds), _range(variants[0])
    if isinstance(limit, list):
        kind = "one of " + ", ".join(limit)
    elif limit:
        bounds = {"ge": "minimum", "le": "maximum"}
        own = {bounds[word]: value for word, value in limit.items() if word in BOUNDS}
        span = _range(variants[0] | own) + (f", {_span_words(limit[SPAN])}" if SPAN in limit else "")
    default_words = UNSAID if unsaid else repr(field.default if default is ... else default)
    return Parameter(name, kind, span, default_words, field.description or "")


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


def limits(cells: Iterable[Mapping[str, Any]], page: str) -> dict[str, Any]:
    """What the parameter cell's metadata allows: words, or bounds, by parameter; empty where it says none.

    Raises
    ------
    ParameterError
        If a limit is neither a list of words nor bounds ``ge`` and ``le`` (of ``last_year``, ``span`` too),
        or names no parameter.
    """
    found: dict[str, Any] = {}
    for cell in cells:
        if "parameters" in cell["metadata"].get("tags", ()):
            found = dict(cell["metadata"].get(LIMITS, {}))
    for name, limit in found.items():
        words = isinstance(limit, list) and limit and all(isinstance(word, str) for word in limit)
        allowed = {*BOUNDS, SPAN} if name == "last_year" else {*BOUNDS}
        bounds = isinstance(limit, dict) and limit and limit.keys() <= allowed
        bounds = bounds and all(isinstance(value, int | float) for value in limit.values())
        if name not in vocabulary() or not (words or bounds):
            raise ParameterError(
                f"{page}: the limit of '{shortened(name)}' in the parameter cell must name a parameter and "
                'be a list of words or {"ge": …, "le": …}'
            )
    return found


def validate_parameters(
    page: str, defaults: Mapping[str, Any], overrides: Mapping[str, Any], limits: Limits | None = None
) -> dict[str, Any]:
    """The values a notebook will run with: its defaults, replaced by ``overrides``.

    Parameters
    ----------
    page : str
        Named in errors.
    defaults : mapping
        What :func:`declared` found.
    overrides : mapping
        Text (from a command line) or typed values (from YAML).
    limits : mapping, optional
        What :func:`limits` found.

    Returns
    -------
    dict
        Plain values (lists instead of tuples), in the order of the parameter cell.

    Raises
    ------
    ParameterError
        For a name that the notebook does not declare or that it nearly has from the project, a wrong type, or
        a value out of range.
    """
    for name in () if page.startswith(MINE) else defaults:
        if near := mistaken_for(name, vocabulary()):
            raise ParameterError(
                f"{page}: the parameter cell declares '{name}', which is not a parameter of this project "
                f"(did you mean '{near}'?); one of the page's own needs a name that is less like it"
            )
    merged = {**defaults, **overrides}
    values = {name: validate_one(page, defaults, name, value, limits or {}) for name, value in merged.items()}
    _check_together(page, values)
    _check_span(page, values, limits or {})
    return values


def validate_one(
    page: str, defaults: Mapping[str, Any], name: str, value: Any, limits: Limits | None = None
) -> Any:
    """One value as the notebook will have it; errors as in :func:`validate_parameters`."""
    if name not in defaults:
        raise ParameterError(f"{page} has no parameter '{shortened(str(name))}'{_undeclared(name, defaults)}")
    if name not in vocabulary():
        return read_own(page, name, value, defaults[name])
    limit = (limits or {}).get(name)
    read = _read(page, name, value, limit)
    if problem := _beyond(read, limit):
        raise _refusal(page, name, value, problem, limit)
    return read


def parse_options(options: Iterable[str]) -> dict[str, str]:
    """``name=value`` words of a command line as a mapping; the value may itself hold ``=``."""
    found: dict[str, str] = {}
    for option in options:
        name, sign, value = option.partition("=")
        if not sign or not name.strip():
            raise ParameterError(f"{shown(option)} is not of the form name=value")
        if name.strip() in found:
            raise ParameterError(f"parameter '{shortened(name.strip())}' is given twice")
        found[name.strip()] = value
    return found


def check_source(word: str) -> None:
    """Raise a :class:`ParameterError` unless ``word`` names a source of data that a notebook can use."""
    words = get_args(DataSource)
    if word not in words:
        raise ParameterError(
            f"data = {shown(word)} is not one of: {', '.join(words)}{suggestion(word, words)}; a folder of "
            f"your own files is {FOLDER_PREFIX}PATH"
        )


@cache
def _adapter(name: str) -> TypeAdapter:
    field = vocabulary()[name]
    kind: Any = field.annotation
    return TypeAdapter(Annotated[kind, *field.metadata] if field.metadata else kind)


def _read(page: str, name: str, value: Any, limit: Any = None) -> Any:
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        raise _refusal(page, name, value, f"more than {LONGEST_TEXT:,} characters are not read", limit)
    readings = _readings(name, value) if isinstance(value, str) else [value]
    problem = "is not a plain value"
    for reading in readings:
        try:
            text = json.dumps(reading)
        except (TypeError, ValueError, RecursionError):
            continue
        try:
            # JSON in strict mode: a list is a tuple, but "6" is not a number and true is not one either
            return json.loads(json.dumps(_adapter(name).validate_json(text, strict=True), allow_nan=False))
        except ValidationError as error:
            # what a value should be is said once, with the notebook's own range
            said = error.errors()[0]["msg"]
            problem = "" if said.startswith("Input should") else shortened(said, 200)
        except ValueError:
            problem = "is not a finite number"
    raise _refusal(page, name, value, problem, limit)


def _refusal(page: str, name: str, value: Any, problem: str, limit: Any) -> ParameterError:
    row = describe_parameter(name, limit=limit)
    allowed = "; ".join(part for part in (row.type, row.range) if part)
    words = limit if isinstance(limit, list) else _words(_adapter(name).json_schema())
    near = suggestion(value, [str(word) for word in words]) if isinstance(value, str) else ""
    why = f"{problem} (expected: {allowed})" if problem else f"expected {allowed}"
    return ParameterError(f"{page}: {name} = {shown(value)}: {why}{near}")


def _beyond(value: Any, limit: Any) -> str | None:
    """Why a value is not within a notebook's own limit, or ``None``."""
    if isinstance(limit, list):
        return None if value in limit else "this notebook cannot use it"
    low, high = (limit or {}).get("ge", -math.inf), (limit or {}).get("le", math.inf)
    if isinstance(value, int | float) and not low <= value <= high:
        return "this notebook needs " + _range({"minimum": low} if value < low else {"maximum": high})
    return None


def _readings(name: str, text: str) -> list[Any]:
    """What a word on the command line can mean, the likeliest first; the last one's error is shown."""
    field = vocabulary()[name]
    constants = {"none": None, "null": None, "true": True, "false": False}
    if text.lower() in constants and (constants[text.lower()] is not None or _optional(field)):
        return [constants[text.lower()], text]
    readings: list[Any] = [text]
    # a word that is no literal, or is nested too deep to be one, has no other reading than itself
    with suppress(ValueError, SyntaxError, MemoryError, RecursionError):
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


def _check_span(page: str, values: Mapping[str, Any], limits: Limits) -> None:
    """Refuse years that are fewer than a notebook's estimates need."""
    limit = limits.get("last_year")
    needed = limit.get(SPAN, 0) if isinstance(limit, Mapping) else 0
    first, last = values.get("first_year"), values.get("last_year")
    if needed and first is not None and last is not None and (have := last - first + 1) < needed:
        raise ParameterError(
            f"{page}: first_year {first} and last_year {last} leave {have} "
            f"{'year' if have == 1 else 'years'}; this notebook needs {_span_words(needed)}"
        )


def _span_words(needed: float) -> str:
    return f"at least {needed} years from the first to the last"


def _statements(source: str, page: str) -> list[ast.stmt]:
    try:
        return ast.parse(source).body
    except SyntaxError as error:
        raise ParameterError(f"{page}: line {error.lineno} of the parameter cell: {error.msg}") from None


def _assignment(statement: ast.stmt, page: str) -> tuple[str, Any]:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            # anything but one name and one literal is refused below, with its line
            with suppress(ValueError):
                return name, ast.literal_eval(value)
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
    return f"{suggestion(str(name), defaults)}; it has: {listed}"


def _words(schema: Mapping[str, Any]) -> list[Any]:
    """Values that a schema lists."""
    return [word for one in (schema, *schema.get("anyOf", ())) for word in one.get("enum", ())]


def _kind(schema: Mapping[str, Any]) -> str:
    if "pattern" in schema:
        return f"{FOLDER_PREFIX}PATH"
    if "enum" in schema:
        return "one of " + ", ".join(str(word) for word in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    names = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
    return names.get(schema.get("type", ""), "value")


def _range(schema: Mapping[str, Any]) -> str:
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    return ", ".join(f"{sign} {schema[key]}" for key, sign in signs.items() if key in schema)
