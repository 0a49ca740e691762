"""Modules as Python reads them: parsed once for each state of their file, hashed without comments."""

import ast
import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path


def module_state(file: Path) -> tuple[int, ...]:
    """What tells one text of a module from another."""
    state = file.stat()
    return state.st_mtime_ns, state.st_ctime_ns, state.st_size


def parsed_module(file: Path) -> ast.Module:
    """The syntax tree of a module, one object as long as its file stays as it is.

    Raises
    ------
    SyntaxError, ValueError
        If it is no Python.
    """
    return _parse(file, module_state(file))


@lru_cache(maxsize=1024)
def _parse(file: Path, _state: tuple[int, ...]) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def code_hash_of(module: Path) -> str | None:
    """Sha256 of a module as Python reads it, comments and layout aside; ``None`` where it cannot be read."""
    try:
        return _digest(parsed_module(module))
    except (SyntaxError, ValueError):
        return None


@lru_cache(maxsize=1024)
def _digest(tree: ast.Module) -> str:
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()


class KnownModules(dict[str, Path]):
    """Modules by name as their files are now, and what was worked out of these files.

    Attributes
    ----------
    imports : dict
        Module → those that it can load; ``None`` where that cannot be known.
    """

    def __init__(self, found: Mapping[str, Path]):
        super().__init__(found)
        self.imports: dict[str, set[str] | None] = {}


def known_modules(found: Mapping[str, Path]) -> KnownModules:
    """The modules of that name → file: one object for as long as no file changes."""
    return _known(tuple((name, file, module_state(file)) for name, file in found.items()))


@lru_cache(maxsize=2)
def _known(states: tuple[tuple[str, Path, tuple[int, ...]], ...]) -> KnownModules:
    return KnownModules({name: file for name, file, _ in states})
