"""Which modules under ``src/`` a notebook can reach, found without running anything.

Imports are followed wherever they stand, inside functions too. What cannot be followed (an import by a
computed name, ``exec``, a shell line in a cell) makes the notebook depend on all of ``src/``.
"""

import ast
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

UNTRACEABLE = {
    "__import__",
    "compile",
    "entry_points",
    "eval",
    "exec",
    "pkgutil",
    "runpy",
    "spec_from_file_location",
    "subprocess",
}
"""Names whose use hides what is imported."""

HARMLESS_MAGICS = ("%matplotlib", "%config")


class Untraceable(Exception):
    """The imports of some code cannot be known before it runs."""


def modules(source: Path) -> dict[str, Path]:
    """Dotted name → file of every module below ``source``."""
    found = {}
    for file in sorted(source.rglob("*.py")):
        parts = file.relative_to(source).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def closure(code: list[str], source: Path) -> set[Path]:
    """Files below ``source`` that code can import, directly or through other modules there.

    Parameters
    ----------
    code : list of str
        Sources of the code cells.
    source : pathlib.Path
        The folder ``src/``.

    Returns
    -------
    set of pathlib.Path
        All modules of ``source`` if the imports cannot be traced.
    """
    known = modules(source)
    try:
        waiting = set().union(*(_cell_imports(cell, known) for cell in code))
        reached: set[str] = set()
        while waiting:
            name = waiting.pop()
            reached.add(name)
            waiting |= _file_imports(name, known) - reached
    except Untraceable:
        return set(known.values())
    return {known[name] for name in reached}


def _cell_imports(cell: str, known: dict[str, Path]) -> set[str]:
    lines = []
    for line in cell.splitlines():
        start = line.lstrip()
        if start.startswith(("!", "%", "?")) and not start.startswith(HARMLESS_MAGICS):
            raise Untraceable(line)
        lines.append("" if start.startswith("%") else line)
    try:
        tree = ast.parse("\n".join(lines))
    except SyntaxError as error:
        raise Untraceable(cell) from error
    return set(_imports(tree, "", known))


def _file_imports(name: str, known: dict[str, Path]) -> set[str]:
    tree = _parse(known[name], known[name].stat().st_mtime_ns)
    package = name if known[name].name == "__init__.py" else name.rpartition(".")[0]
    return set(_imports(tree, package, known))


@lru_cache(maxsize=1024)
def _parse(file: Path, _modified: int) -> ast.Module:
    try:
        return ast.parse(file.read_text(encoding="utf-8"))
    except SyntaxError as error:
        raise Untraceable(str(file)) from error


def _imports(tree: ast.Module, package: str, known: dict[str, Path]) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    _refuse(alias.name.split(".")[-1])
                    yield from _with_parents(alias.name, known)
            case ast.ImportFrom(module=module, names=names, level=level):
                base = _absolute(module, level, package)
                _refuse(base)
                yield from _with_parents(base, known)
                for alias in names:
                    _refuse(alias.name)
                    yield from _from_import(base, alias.name, known)
            case ast.Call(func=ast.Attribute(attr="import_module") | ast.Name(id="import_module")):
                yield from _with_parents(_constant_name(node), known)
            case ast.Call(func=ast.Name(id=name)):
                _refuse(name)
            case ast.Attribute(attr="spec_from_file_location" | "entry_points" as name):
                _refuse(name)


def _from_import(base: str, name: str, known: dict[str, Path]) -> Iterator[str]:
    if name == "*":
        yield from (module for module in known if module.startswith(f"{base}."))
    else:
        yield from _with_parents(f"{base}.{name}", known)


def _with_parents(name: str, known: dict[str, Path]) -> Iterator[str]:
    """The packages above a module run before it does."""
    parts = name.split(".")
    yield from (prefix for end in range(1, len(parts) + 1) if (prefix := ".".join(parts[:end])) in known)


def _absolute(module: str | None, level: int, package: str) -> str:
    if not level:
        return module or ""
    parts = package.split(".")
    base = parts[: len(parts) - level + 1]
    return ".".join([*base, module] if module else base)


def _constant_name(call: ast.Call) -> str:
    match call.args:
        case [ast.Constant(value=str(name))] if not name.startswith("."):
            return name
    raise Untraceable(ast.unparse(call))


def _refuse(name: str) -> None:
    if name in UNTRACEABLE:
        raise Untraceable(name)
