"""Rooms import only from rooms above them, and heavy libraries only where they are used."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "digital_clusters"
ROOMS = (
    "errors",
    "paths",
    "files",
    "sources",
    "measures",
    "estimators",
    "theory",
    "analysis",
    "report",
    "verbs",
    "studies",
    "pipeline",
    "cli",
)
"""Top to bottom: data flows down, imports go up."""

FORBIDDEN = {"estimators": ("sources", "measures")}
"""Rooms above that a room may not know either: estimators know arrays and nothing about cities."""

HEAVY = ("doubleml", "linearmodels", "xgboost", "sklearn.ensemble", "geopandas", "seaborn", "statsmodels")
"""Libraries that take more than a second to import, which every notebook would pay."""


def _modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def _name(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(("digital_clusters", *parts)).removesuffix(".__init__")


def _room(module: str) -> str:
    """``digital_clusters.measures.panel`` → ``measures``; the package itself → ''."""
    return (module.split(".") + [""])[1]


def _targets(node: ast.AST, module: str, is_package: bool) -> list[str]:
    """Full names of the modules that an import statement may load."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    base = node.module or ""
    if node.level:
        parents = module.split(".")
        cut = node.level - is_package
        base = ".".join(parents[: len(parents) - cut] + ([base] if base else []))
    if base == "digital_clusters":
        return [f"{base}.{alias.name}" for alias in node.names if not alias.name.startswith("__")]
    return [base, *(f"{base}.{alias.name}" for alias in node.names)]


def _type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def _top_level(tree: ast.Module) -> list[ast.AST]:
    """Statements that run on import: everything outside functions and ``if TYPE_CHECKING``."""
    found: list[ast.AST] = []
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) or _type_checking(node):
            continue
        found.append(node)
        waiting.extend(ast.iter_child_nodes(node))
    return found


def _violations(source: str, module: str, is_package: bool) -> list[str]:
    room = _room(module)
    if not room:
        allowed: set[str] = set()
    else:
        allowed = set(ROOMS[: ROOMS.index(room) + 1]) - set(FORBIDDEN.get(room, ()))
    out = []
    for node in ast.walk(ast.parse(source)):
        for target in _targets(node, module, is_package):
            if target.startswith("digital_clusters.") and (to := _room(target)) not in allowed:
                out.append(f"{module}:{node.lineno} imports from '{to}'")
    return sorted(set(out))


def test_every_module_stands_in_a_known_room():
    unknown = {_room(_name(path)) for path in _modules()} - set(ROOMS) - {""}
    assert not unknown, f"rooms without a place in the order: {sorted(unknown)}"


@pytest.mark.parametrize("path", _modules(), ids=_name)
def test_imports_go_up_only(path):
    found = _violations(path.read_text(encoding="utf-8"), _name(path), path.name == "__init__.py")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", _modules(), ids=_name)
def test_heavy_libraries_are_imported_where_they_are_used(path):
    module, is_package = _name(path), path.name == "__init__.py"
    for node in _top_level(ast.parse(path.read_text(encoding="utf-8"))):
        for target in _targets(node, module, is_package):
            heavy = [name for name in HEAVY if f"{target}.".startswith(f"{name}.")]
            assert not heavy, (
                f"{module}:{node.lineno} imports {heavy[0]} on import; do it inside the function"
            )


@pytest.mark.parametrize(
    ("source", "module"),
    [
        ("from digital_clusters.analysis.spec import Spec", "digital_clusters.measures.panel"),
        ("def f():\n    import digital_clusters.report.tables", "digital_clusters.analysis.fit"),
        ("from ..cli import main", "digital_clusters.pipeline.book"),
        ("from digital_clusters import pipeline", "digital_clusters.report.tables"),
        (
            "from digital_clusters.measures.panel import Panel",
            "digital_clusters.estimators.double_ml.partially_linear",
        ),
        ("from digital_clusters.errors import DataError", "digital_clusters"),
    ],
)
def test_a_wrong_import_is_found(source, module):
    assert len(_violations(source, module, is_package=module == "digital_clusters")) == 1


@pytest.mark.parametrize(
    ("source", "module"),
    [
        ("from digital_clusters.errors import DataError", "digital_clusters.cli"),
        ("from .estimate import Estimate", "digital_clusters.estimators.double_ml.partially_linear"),
        ("from ..sources import tables", "digital_clusters.measures.panel"),
        ("import digital_clusters.measures.panel as panel", "digital_clusters.analysis.fit"),
        ("import pandas as pd", "digital_clusters.errors"),
        ("from digital_clusters import __version__", "digital_clusters.cli"),
    ],
)
def test_a_right_import_is_let_through(source, module):
    assert _violations(source, module, is_package=False) == []
