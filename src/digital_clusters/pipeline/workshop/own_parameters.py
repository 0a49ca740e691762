"""Parameters that a reader's own notebook declares and the project does not know: read like their default."""

import ast
import difflib
from collections.abc import Collection
from contextlib import suppress
from typing import Any

from digital_clusters.errors import ParameterError
from digital_clusters.wording import shown

MINE = "mine/"
"""How the names of notebooks begin whose own parameters may have any name."""

SLIP = 0.8
"""Likeness from which a name is taken for a slip: one letter lost or two exchanged in a word of five."""

KINDS = {bool: "true or false", int: "whole number", float: "number", str: "text", list: "list"}
WORDS = {"true": True, "false": False}


def mistaken_for(name: str, known: Collection[str]) -> str | None:
    """The known name that an unknown one is nearly, if there is one."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=SLIP)
    return None if name in known or not near else near[0]


def kind_of_own(default: Any) -> str:
    """The kind of a parameter in words, by its default."""
    return KINDS.get(type(_plain(default)), "value")


def read_own(page: str, name: str, value: Any, default: Any) -> Any:
    """The value as the notebook will have it: of the kind of its default; a whole number may be a number.

    Raises
    ------
    ParameterError
        For another kind, or a default that has none (``None``).
    """
    kind = type(_plain(default))
    for reading in _readings(value) if kind in KINDS else ():
        if type(reading) is kind or (kind is float and type(reading) is int):
            return kind(reading)
    raise ParameterError(
        f"{page}: {name} = {shown(value)}: this notebook's own parameter takes a {kind_of_own(default)}, "
        f"as its default {shown(default)}"
    )


def _readings(value: Any) -> list[Any]:
    if not isinstance(value, str):
        return [_plain(value)]
    found: list[Any] = [value]
    # a word that is no literal, or is nested too deep to be one, has no other reading than itself
    with suppress(ValueError, SyntaxError, MemoryError, RecursionError):
        found.append(_plain(ast.literal_eval(value.strip())))
    return [*found, *([WORDS[value.lower()]] if value.lower() in WORDS else [])]


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
