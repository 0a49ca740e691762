"""Which modules under ``src/`` a notebook can reach, found without running anything.

Imports are followed wherever they stand, inside functions too. What cannot be followed (an import by a
computed name, ``exec``, a shell line in a cell) makes the notebook depend on all of ``src/``.

A package may load its names lazily, from a literal table ``WHERE`` of name → module in its ``__init__.py``.
What is used of it then counts, and not the whole table.
"""

import ast
from collections import deque
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TypeGuard

from digital_clusters.pipeline.hashing.modules import KnownModules, known_modules, parsed_module

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

IMPORTERS = {"import_module", "__import__", "exec", "eval"}
"""Functions that can be followed under their own name only, where they are called."""

TABLE = "WHERE"
"""Name of a package's table of lazy names."""

FOR_TYPES = "TYPE_CHECKING"
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


def closure(code: list[str], source: Path, found: KnownModules | None = None) -> set[Path]:
    """Files below ``source`` (the folder ``src/``) that the sources of code cells can import.

    They are found directly or through other modules there; all of ``source`` if imports cannot be traced.
    ``found`` are the modules there, where they are known.
    """
    known = known_modules(modules(source)) if found is None else found
    try:
        waiting = _Code(_notebook(code), "", known).imports()
        reached: set[str] = set()
        while waiting:
            name = waiting.pop()
            reached.add(name)
            waiting |= _file_imports(name, known) - reached
    except Untraceable:
        return set(known.values())
    return {known[name] for name in reached}


def _notebook(cells: list[str]) -> ast.Module:
    """All cells as one module: what one imports, another may use."""
    return ast.Module([statement for cell in cells for statement in _cell(cell).body], type_ignores=[])


def _cell(cell: str) -> ast.Module:
    lines = []
    for line in cell.splitlines():
        start = line.lstrip()
        if start.startswith(("!", "%", "?")) and not start.startswith(HARMLESS_MAGICS):
            raise Untraceable(line)
        lines.append("" if start.startswith("%") else line)
    try:
        return ast.parse("\n".join(lines))
    except (SyntaxError, ValueError) as error:
        raise Untraceable(cell) from error


def _file_imports(name: str, project: KnownModules) -> set[str]:
    if name not in project.imports:
        package = name if project[name].name == "__init__.py" else name.rpartition(".")[0]
        try:
            project.imports[name] = _Code(_parse_file(project[name]), package, project).imports()
        except Untraceable:
            project.imports[name] = None
    found = project.imports[name]
    if found is None:
        raise Untraceable(name)
    return found


def _parse_file(file: Path) -> ast.Module:
    try:
        return parsed_module(file)
    except (SyntaxError, ValueError) as error:
        raise Untraceable(str(file)) from error


class _Code:
    """One module, or all cells of a notebook: which modules of the project it can load."""

    def __init__(self, tree: ast.Module, package: str, known: dict[str, Path]):
        self.package, self.known = package, known
        self.nodes = _telling_nodes(tree)
        self.lazy_imports = _imports_by_table(tree)
        self.called = {node.func for node in self.nodes if isinstance(node, ast.Call)}

    def imports(self) -> set[str]:
        """Dotted names of modules of the project."""
        found: set[str] = set()
        for node in self.nodes:
            found.update(self._imports_of(node))
        for face, alias in self._face_aliases():
            found.update(self._used_of_face(face, alias))
        return found

    def _imports_of(self, node: ast.AST) -> Iterator[str]:
        match node:
            case ast.Import(names=names):
                for alias in names:
                    _refuse(alias.name.split(".")[-1])
                    yield from _with_parents(alias.name, self.known)
            case ast.ImportFrom(module=module, names=names, level=level):
                yield from self._from(_absolute(module, level, self.package), names)
            case ast.Call(func=ast.Attribute(attr="import_module") | ast.Name(id="import_module")):
                if node not in self.lazy_imports:
                    name = _constant_name(node)
                    yield from _with_parents(name, self.known)
                    yield from self._all_of_face(name)
            case ast.Call(func=ast.Name(id=name)):
                _refuse(name)
            case ast.Attribute(attr="spec_from_file_location" | "entry_points" | "__import__" as name):
                _refuse(name)
            case ast.Attribute(value=ast.Name(id="builtins"), attr=name):
                _refuse(name)
            case ast.Name(id=name) | ast.Attribute(attr=name) if (
                name in IMPORTERS and node not in self.called
            ):
                raise Untraceable(name)

    def _from(self, base: str, names: list[ast.alias]) -> Iterator[str]:
        _refuse(base)
        yield from _with_parents(base, self.known)
        for alias in names:
            _refuse(alias.name)
            if alias.name in IMPORTERS and alias.asname:
                raise Untraceable(alias.asname)
            yield from _from_import(base, alias.name, self.known)
            if base in self.known:
                yield from self._of_face(base, alias.name)

    def _face_aliases(self) -> Iterator[tuple[str, str]]:
        """Package with a table of lazy names, and what it is called here."""
        for node in self.nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    whole = alias.name if alias.asname else alias.name.partition(".")[0]
                    if whole in self.known and _face(self.known[whole]):
                        yield whole, alias.asname or whole
            elif isinstance(node, ast.ImportFrom):
                base = _absolute(node.module, node.level, self.package)
                for alias in node.names:
                    whole = f"{base}.{alias.name}"
                    if whole in self.known and _face(self.known[whole]):
                        yield whole, alias.asname or alias.name

    def _used_of_face(self, face: str, alias: str) -> Iterator[str]:
        """What the attributes of ``alias`` load; everything where it is used in another way."""
        followed = set()
        for node in self.nodes:
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id == alias
            ):
                followed.add(node.value)
                yield from self._of_face(face, node.attr)
        others = (node for node in self.nodes if isinstance(node, ast.Name) and node.id == alias)
        if any(node not in followed for node in others):
            yield from self._all_of_face(face)

    def _of_face(self, face: str, name: str) -> Iterator[str]:
        table = _face(self.known[face])
        if not table:
            return
        if name in table:
            yield from _with_parents(table[name], self.known)
            # a table may point at a package with a table of its own
            yield from self._all_of_face(table[name])
        elif f"{face}.{name}" in self.known:
            yield f"{face}.{name}"
        elif name not in _top_level_names(_parse_file(self.known[face])):
            yield from self._all_of_face(face)

    def _all_of_face(self, face: str) -> Iterator[str]:
        table = _face(self.known[face]) if face in self.known else {}
        for module in table.values():
            yield from _with_parents(module, self.known)


@lru_cache(maxsize=1024)
def _telling_nodes(tree: ast.Module) -> tuple[ast.AST, ...]:
    """The running nodes that can import something, or name what does."""
    kinds = ast.Import | ast.ImportFrom | ast.Call | ast.Attribute | ast.Name
    return tuple(node for node in _running_nodes(tree) if isinstance(node, kinds))


def _running_nodes(tree: ast.Module) -> Iterator[ast.AST]:
    """All nodes but those under ``if TYPE_CHECKING``, which never run."""
    nodes = list(ast.walk(tree))
    stored = (node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    if FOR_TYPES in stored:
        yield from nodes
        return
    waiting: deque[ast.AST] = deque([tree])
    while waiting:
        node = waiting.popleft()
        yield node
        inner = ast.iter_child_nodes(node)
        waiting.extend(node.orelse if _only_for_types(node) else inner)


def _only_for_types(node: ast.AST) -> TypeGuard[ast.If]:
    match node:
        case ast.If(test=ast.Name(id=name) | ast.Attribute(value=ast.Name(id="typing"), attr=name)):
            return name == FOR_TYPES
    return False


def _face(file: Path) -> dict[str, str]:
    """The table of lazy names of a package, name → module; empty where it has none.

    It is the literal ``WHERE = {"fit": "package.room.fit", …}`` at the top of the module.
    """
    return _table(_parse_file(file))


def _table(tree: ast.Module) -> dict[str, str]:
    for statement in tree.body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ) if name == TABLE:
                _refuse_changes(tree)
                return _literal_table(value)
    return {}


def _literal_table(value: ast.expr) -> dict[str, str]:
    try:
        table = ast.literal_eval(value)
    except ValueError:
        raise Untraceable(f"{TABLE} is not a literal") from None
    if not isinstance(table, dict) or not all(isinstance(place, str) for place in table.values()):
        raise Untraceable(f"{TABLE} is not a table of names and modules")
    return {name: place.partition(":")[0] for name, place in table.items()}


def _refuse_changes(tree: ast.Module) -> None:
    """The table is what stands in the text only if nothing writes to it later."""
    nodes = list(ast.walk(tree))
    stored = [node for node in nodes if _binds(node, TABLE)]
    for node in nodes:
        match node:
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()) if name == TABLE:
                raise Untraceable(ast.unparse(node))
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name == TABLE:
                if attribute not in {"get", "keys", "values", "items"}:
                    raise Untraceable(ast.unparse(node))
    if len(stored) > 1:
        raise Untraceable(f"{TABLE} is assigned {len(stored)} times")


def _binds(node: ast.AST, wanted: str) -> bool:
    match node:
        case ast.Name(id=name, ctx=ast.Store()) | ast.alias(name=name, asname=None) | ast.alias(asname=name):
            return name == wanted
    return False


def _imports_by_table(tree: ast.Module) -> set[ast.Call]:
    """Calls of ``import_module`` in a module's ``__getattr__`` whose name comes out of its table."""
    found = set()
    for function in tree.body if _table(tree) else ():
        if isinstance(function, ast.FunctionDef) and function.name == "__getattr__":
            names = _names_from_table(function)
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and call.args and _comes_from(call.args[0], names):
                    found.add(call)
    return found


def _comes_from(value: ast.expr, names: set[str]) -> bool:
    """A name out of the table, or a look-up in it; text made of one is another name."""
    match value:
        case ast.Name(id=name):
            return name in names
        case (
            ast.Subscript(value=ast.Name(id=name))
            | ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="get"), args=[_])
        ):
            return name == TABLE
    return False


def _names_from_table(function: ast.FunctionDef) -> set[str]:
    """Variables of a function that are assigned once, from a look-up in the table."""
    assigned: dict[str, list[ast.expr]] = {}
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[target], value=value) | ast.NamedExpr(target=target, value=value):
                for name in ast.walk(target):
                    if isinstance(name, ast.Name):
                        assigned.setdefault(name.id, []).append(value)
    return {
        name
        for name, values in assigned.items()
        if len(values) == 1 and any(isinstance(n, ast.Name) and n.id == TABLE for n in ast.walk(values[0]))
    }


def _top_level_names(tree: ast.Module) -> set[str]:
    """What a module defines by itself."""
    found = {"__name__", "__file__", "__doc__", "__path__", "__version__"}
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.Assign(targets=targets):
                found |= {target.id for target in targets if isinstance(target, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name)):
                found.add(name)
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                found |= {alias.asname or alias.name.partition(".")[0] for alias in names}
    return found - {"__getattr__", "__dir__"}


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
