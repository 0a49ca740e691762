"""What the scripts in benchmarks take from the package is there: between two records nothing runs them."""

import ast
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
PACKAGE = "digital_clusters"


def taken(script: Path) -> list[tuple[str, str]]:
    """Modules of the package and the names that are taken from them, also inside functions."""
    nodes = [
        n for n in ast.walk(ast.parse(script.read_text(encoding="utf-8"))) if isinstance(n, ast.ImportFrom)
    ]
    ours = [node for node in nodes if node.module and node.module.split(".")[0] == PACKAGE]
    return [(node.module, alias.name) for node in ours for alias in node.names]


def is_there(module: str, name: str) -> bool:
    found = import_module(module)
    if hasattr(found, name) or not hasattr(found, "__path__"):
        return hasattr(found, name)
    return find_spec(f"{module}.{name}") is not None


@pytest.mark.parametrize("script", sorted(BENCHMARKS.glob("*.py")), ids=lambda path: path.stem)
def test_what_a_script_takes_from_the_package_is_there(script):
    assert [f"{module}.{name}" for module, name in taken(script) if not is_there(module, name)] == []


def test_a_name_that_moved_is_seen(tmp_path):
    script = tmp_path / "script.py"
    inner = f"def run():\n    from {PACKAGE}.files import remove, gone\n"
    script.write_text(f"{inner}    from {PACKAGE} import paths, nowhere\n")
    names = [name for module, name in taken(script)]
    assert names == ["remove", "gone", "paths", "nowhere"]
    assert [name for module, name in taken(script) if not is_there(module, name)] == ["gone", "nowhere"]
