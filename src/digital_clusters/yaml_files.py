"""YAML that people write by hand: plain values with their lines, and a sentence for what is wrong.

Words are read as YAML 1.2 has them (core schema): ``1e-4`` is a number, ``no`` and ``2011-01-01`` are
text. Duplicate keys, aliases, tags, deep nesting and huge files are refused.
"""

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from digital_clusters.errors import FileError
from digital_clusters.wording import file_suggestion, suggestion, suggestion_of_listed

LARGEST = 256 * 1024
"""Bytes of a file; a map or a sweep written by hand has a few thousand."""

DEEPEST = 12
"""Levels of nesting."""

LONGEST_SHOWN = 60
"""Characters of a value that a message repeats."""

Keys = tuple[str | int, ...]
"""Keys and list positions that lead to a value."""

_SAYING = ("anchor", "tag", "implicit", "value", "version", "tags")
"""What counts of an event of YAML's parser; ``implicit`` tells a word in quotes from one without."""

_TAG = "tag:yaml.org,2002:"
_CORE = {
    "null": (r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    "bool": (r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    "int": (r"^[-+]?[0-9]+$", list("-+0123456789")),
    "float": (
        r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$",
        list("-+.0123456789"),
    ),
}


@dataclass(frozen=True)
class YamlFile:
    """What a file says, and where.

    Attributes
    ----------
    path : pathlib.Path
    data : object
        Dictionaries with text or numbers as keys, lists, text, numbers, booleans and ``None``.
    lines : mapping
        Keys and positions that lead to a value → line of the file, counted from 1.
    """

    path: Path
    data: Any
    lines: Mapping[Keys, int]

    def where(self, *keys: str | int) -> str:
        """File, line and key of a value, for a message; the nearest one above where there is none."""
        known = keys
        while known and known not in self.lines:
            known = known[:-1]
        line = f", line {self.lines[known]}" if known in self.lines else ""
        key = f", key '{shown_key(keys)}'" if keys else ""
        return f"{self.path}{line}{key}"

    def explain(self, error: ValidationError, schema: Any = None, prefix: Keys = ()) -> str:
        """One sentence for each thing that a pydantic schema refused: file, line, key, value and rule.

        Of a schema that is given, the keys that may stand in the place of an unknown one are listed.
        """
        sentences = []
        for item in error.errors(include_url=False):
            keys = self._keys_of((*prefix, *item["loc"]))
            sentences.append(f"{self.where(*keys)}: {_refused_because(item, schema)}")
        return "\n".join(dict.fromkeys(sentences))

    def _keys_of(self, location: Keys) -> Keys:
        """``location`` without the names of union members that pydantic adds."""
        keys: Keys = ()
        for part in location[:-1]:
            keys = (*keys, part) if (*keys, part) in self.lines else keys
        return (*keys, *location[-1:]) if location else keys


def read_yaml(path: Path) -> YamlFile:
    """The values of a YAML file and their lines.

    Raises
    ------
    FileError
        If the file is missing, larger than :data:`LARGEST`, not UTF-8, not YAML, holds a key twice, an
        alias or a tag, or is nested deeper than :data:`DEEPEST`. The text names file and line.
    """
    return parse_yaml(_text(path), path)


def parse_yaml(text: str, path: Path) -> YamlFile:
    """As :func:`read_yaml`, of text already read; ``path`` is named in errors."""
    loader = None
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        lines: dict[Keys, int] = {}
        return YamlFile(path, None if node is None else _value(node, (), lines), lines)
    except _Refused as refused:
        raise FileError(f"{path}, line {refused.line}: {refused}") from None
    except yaml.YAMLError as error:
        raise FileError(f"{path}{_place(error)} is not YAML: {_problem(error)}") from None
    finally:
        if loader is not None:
            loader.dispose()


def plain_values(path: Path) -> Any:
    """The values of a file of the project's own, as YAML 1.1 reads them, and no lines."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def said_hash(text: str) -> str | None:
    """Sha256 of what YAML says to any reader of its values; ``None`` where it is not YAML.

    Comments, blank lines and layout do not count. The order of entries does, for tables are shown in it.
    """
    try:
        return _said_hash(text)
    except yaml.YAMLError:
        return None


@lru_cache(maxsize=256)
def _said_hash(text: str) -> str:
    told = [
        [type(event).__name__, *(getattr(event, name, None) for name in _SAYING)]
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def cut(value: object) -> str:
    """``value`` as written in Python, at most :data:`LONGEST_SHOWN` characters of it."""
    if isinstance(value, str):
        return repr(value) if len(value) <= LONGEST_SHOWN else f"{value[:LONGEST_SHOWN]!r}…"
    if isinstance(value, dict | list | tuple):
        kind = "mapping" if isinstance(value, dict) else "list"
        return f"a {kind} of {len(value)}"
    if isinstance(value, int) and value.bit_length() > 200:
        return f"a whole number of {value.bit_length()} bits"
    text = repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def shown_key(keys: Keys) -> str:
    """Keys joined by dots, cut where they are long."""
    text = ".".join(str(key) for key in keys)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


class _Refused(Exception):
    """Something that YAML allows and these files do not; never leaves this module."""

    def __init__(self, message: str, mark: yaml.Mark) -> None:
        super().__init__(message)
        self.line = mark.line + 1


class _Loader(yaml.SafeLoader):
    """Nodes only, with words as in YAML 1.2; aliases and deep nesting are refused while composing."""

    yaml_implicit_resolvers: dict = {}
    level = 0

    def compose_node(self, parent, index):
        event = self.peek_event()
        if isinstance(event, yaml.AliasEvent):
            raise _Refused(
                f"'*{cut(event.anchor)[1:-1]}': aliases are not read; write it out", event.start_mark
            )
        self.level += 1
        if self.level > DEEPEST:
            raise _Refused(f"nested deeper than {DEEPEST} levels", event.start_mark)
        node = super().compose_node(parent, index)
        self.level -= 1
        return node


for _name, (_pattern, _first) in _CORE.items():
    _Loader.add_implicit_resolver(_TAG + _name, re.compile(_pattern), _first)


def _text(path: Path) -> str:
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise FileError(f"{path} has {size:,} bytes; more than {LARGEST:,} are not read")
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise FileError(f"{path} is missing{file_suggestion(path)}") from None
    except UnicodeDecodeError as error:
        raise FileError(f"{path} is not in UTF-8 (byte {error.start:,}): save it as UTF-8") from None
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}") from None


def _value(node: yaml.Node, keys: Keys, lines: dict[Keys, int]) -> Any:
    lines.setdefault(keys, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode) and node.tag == _TAG + "map":
        return _mapping(node, keys, lines)
    if isinstance(node, yaml.SequenceNode) and node.tag == _TAG + "seq":
        return [_value(item, (*keys, place), lines) for place, item in enumerate(node.value)]
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node)
    raise _Refused(f"the tag {cut(node.tag)} is not read; write the plain value", node.start_mark)


def _mapping(node: yaml.MappingNode, keys: Keys, lines: dict[Keys, int]) -> dict:
    found: dict = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise _Refused("a list or a mapping cannot be a key", key_node.start_mark)
        key = _scalar(key_node)
        if isinstance(key, float | bool | None):
            key = key_node.value
        if key in found:
            first = lines[(*keys, key)]
            raise _Refused(
                f"key '{shown_key((*keys, key))}' is there twice, first in line {first}: keep one",
                key_node.start_mark,
            )
        lines[(*keys, key)] = key_node.start_mark.line + 1
        found[key] = _value(value_node, (*keys, key), lines)
    return found


def _scalar(node: yaml.ScalarNode) -> Any:
    kind = node.tag.removeprefix(_TAG)
    readers = {"str": str, "null": lambda text: None, "bool": lambda text: text.lower() == "true"}
    readers |= {"int": int, "float": _float}
    if kind not in readers:
        raise _Refused(f"the tag {cut(node.tag)} is not read; write the plain value", node.start_mark)
    try:
        return readers[kind](node.value)
    except ValueError:
        raise _Refused(f"{cut(node.value)} is not a number that can be read", node.start_mark) from None


def _float(text: str) -> float:
    return float(re.sub(r"\.(inf|nan)$", r"\1", text.lower()))


def _refused_because(item: ErrorDetails, schema: Any) -> str:
    """What pydantic says of one value, and what is near it."""
    place = item["loc"]
    known = _fields_at(schema, place[:-1]) if item["type"] == "extra_forbidden" else []
    if known:
        name = str(place[-1])
        return f"unknown key {cut(name)}{suggestion(name, known)}; the keys are: {', '.join(known)}"
    said = item["msg"].removeprefix("Value error, ")
    given = "" if item["type"] in ("missing", "extra_forbidden") else f" ({cut(item['input'])})"
    near = suggestion_of_listed(item["input"], item.get("ctx", {}).get("expected"))
    return f"{said[:1].lower()}{said[1:]}{given}{near}"


def _fields_at(schema: Any, place: Keys) -> list[str]:
    """Fields of the models that may stand at a place of a schema; none where that is no model."""
    if isinstance(schema, type) and issubclass(schema, BaseModel):
        if not place:
            return list(schema.model_fields)
        field = schema.model_fields.get(str(place[0]))
        return _fields_at(field.annotation, place[1:]) if field else []
    parts = get_args(schema)
    if isinstance(get_origin(schema), type) and issubclass(get_origin(schema), Collection):
        # a list, or a mapping with keys of the writer's own
        return _fields_at(parts[-1], place[1:]) if parts and place else []
    return list(dict.fromkeys(name for part in parts for name in _fields_at(part, place)))


def _place(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f", line {mark.line + 1}," if mark else ""


def _problem(error: yaml.YAMLError) -> str:
    text = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be parsed"
    return text if len(text) <= 2 * LONGEST_SHOWN else f"{text[: 2 * LONGEST_SHOWN]}…"
