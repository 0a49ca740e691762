"""Rooms import only from rooms above them, heavy libraries only where they are used; no room is a hall."""

import ast
from collections import Counter, defaultdict
from pathlib import Path

import networkx as nx
import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "digital_clusters"
ROOMS = (
    "wording",
    "errors",
    "paths",
    "yaml_files",
    "files",
    "kept_lines",
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

LARGEST_ROOM = 16
"""Modules in one folder, packages' own files not counted: more are not taken in at a glance."""

CATALOGUE = "digital_clusters.studies.catalogue"
"""The one module that knows all studies, for commands that work on any of them."""

LAZY = {
    "digital_clusters": "the face loads what is asked for",
    **{
        f"digital_clusters.cli.{family}": "a command loads what it runs, so that --help is quick"
        for family in ("data", "pages", "papers", "sweeps")
    },
    "digital_clusters.cli.start": "Ctrl-C is answered while the commands are imported",
    "digital_clusters.sources.opening": "opening one source does not load the readers of the others",
}
"""Modules that may import modules of the package inside functions, and why."""

SAME_FILES = {"specs", "planted", "record", "study", "tables", "figures", "quotes"}
"""Files that every study has: ``tables.effects`` says by its room whose effects."""

SPOKEN_WITH_THEIR_ROOM = (
    "digital_clusters.report.figures",
    "digital_clusters.cli",
    "digital_clusters.measures.recipes",
    "digital_clusters.verbs",
)
"""Figures, commands, recipes and verbs bear the name of what they draw, run, make or call."""

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


def _imported(node: ast.AST, module: str, is_package: bool, known: set[str]) -> set[str]:
    """Modules of the package that a statement loads: a submodule, or else the package it is asked from."""
    found = [name for name in _targets(node, module, is_package) if name in known - {module}]
    return {name for name in found if not any(other.startswith(f"{name}.") for other in found)}


def test_no_circle_between_modules():
    graph, known = nx.DiGraph(), {_name(path) for path in _modules()}
    for path in _modules():
        module, is_package = _name(path), path.name == "__init__.py"
        for node in _top_level(ast.parse(path.read_text(encoding="utf-8"))):
            graph.add_edges_from((module, name) for name in _imported(node, module, is_package, known))
    circles = [sorted(circle) for circle in nx.strongly_connected_components(graph) if len(circle) > 1]
    assert not circles


def _other_studies(source: str, module: str) -> list[str]:
    own = module.split(".")[2]
    return [
        f"{module}:{node.lineno} imports from study '{target.split('.')[2]}'"
        for node in ast.walk(ast.parse(source))
        for target in _targets(node, module, is_package=False)
        if target.startswith("digital_clusters.studies.") and target.split(".")[2] != own
    ]


def test_no_study_imports_another():
    found = []
    for path in _modules():
        if (module := _name(path)).startswith("digital_clusters.studies.") and module != CATALOGUE:
            found += _other_studies(path.read_text(encoding="utf-8"), module)
    assert not found, "\n".join(found)


def test_an_import_of_another_study_is_found():
    line = "def f():\n    from digital_clusters.studies.trials.tables import effects"
    assert _other_studies(line, "digital_clusters.studies.virtual_clusters.tables")
    assert not _other_studies(line, "digital_clusters.studies.trials.quotes")


def _inside_functions(source: str, module: str) -> list[str]:
    functions = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef))
    inner = (node for function in functions for node in ast.walk(function))
    return [
        f"{module}:{node.lineno} imports {target} inside a function: do it at the top of the module"
        for node in inner
        if isinstance(node, ast.Import | ast.ImportFrom)
        for target in _targets(node, module, is_package=False)[:1]
        if target.split(".")[0] == "digital_clusters"
    ]


def test_modules_of_the_package_are_imported_at_the_top():
    found = []
    for path in _modules():
        if (module := _name(path)) not in LAZY:
            found += _inside_functions(path.read_text(encoding="utf-8"), module)
    assert not found, "\n".join(found)


def test_an_import_inside_a_function_is_found():
    assert _inside_functions("def f():\n    from digital_clusters.files import copy", "digital_clusters.x")
    assert not _inside_functions("def f():\n    import scipy", "digital_clusters.x")
    assert not _inside_functions("from digital_clusters.files import copy", "digital_clusters.x")


def test_no_folder_holds_more_modules_than_are_taken_in_at_a_glance():
    sizes = Counter(
        path.parent.relative_to(PACKAGE).as_posix() for path in _modules() if path.stem != "__init__"
    )
    assert not {folder: size for folder, size in sizes.items() if size > LARGEST_ROOM}


def _public_definitions(source: str) -> set[str]:
    """Functions and classes of a module."""
    kinds = (ast.FunctionDef, ast.ClassDef)
    names = {node.name for node in ast.parse(source).body if isinstance(node, kinds)}
    return {name for name in names if not name.startswith("_")}


def test_no_function_or_class_has_the_name_of_another():
    where = defaultdict(set)
    for path in _modules():
        module = _name(path)
        in_study = module.startswith("digital_clusters.studies.") and path.stem in SAME_FILES
        if not in_study and not module.startswith(SPOKEN_WITH_THEIR_ROOM):
            for name in _public_definitions(path.read_text(encoding="utf-8")):
                where[name].add(module)
    twice = {name: sorted(modules) for name, modules in where.items() if len(modules) > 1}
    assert not twice


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
