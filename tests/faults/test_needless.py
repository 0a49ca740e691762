"""A file of this project is edited: the pages that neither read it nor reach it are used again as they are.

Which modules a page reaches is found here by a pattern over the text, not by the way of the keys.
"""

import importlib
import os
import re
import shutil
from functools import cache
from pathlib import Path

import pytest

from digital_clusters.pipeline.cache import TEXT_SUFFIXES, Store, page_key
from digital_clusters.pipeline.hashing.sources import SourceTree
from digital_clusters.pipeline.kernels.environment import KERNEL_FOLDER, OPENED
from digital_clusters.pipeline.notebooks import notebooks

pytestmark = pytest.mark.slow  # the file takes more than ten seconds

KIND = "A file is edited that a page does not read"
ROOT = Path(__file__).parents[2]
LONG = "DIGITAL_CLUSTERS_LONG_CAMPAIGN"
FACE = "digital_clusters"
COPIED = ("_toc.yml", "requirements.lock", "data", "book", "notebooks", "src")
MOST_NEEDLESS = 0.05
"""Of the times that a page runs again for an edit of a module."""

IMPORTS = re.compile(r"^[ \t]*(?:from[ ]+([\w.]+)[ ]+import[ ]+(\([^)]*\)|.*)|import[ ]+(.*))$", re.MULTILINE)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of this project, to be edited."""
    root = tmp_path_factory.mktemp("project")
    for name in COPIED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
        copy(ROOT / name, root / name)
    return root


@pytest.fixture(scope="module")
def keys(project):
    """Of every page, as it runs by default."""
    return keys_of(project)


def keys_of(project):
    """Of the files as they are now, listed once for all pages, as a build does."""
    tree = SourceTree(project)
    return {page.name: page_key(page, page.defaults, project, tree) for page in notebooks(project)}


@cache
def text_of(module: str) -> str | None:
    """The source of a module of this project."""
    place = ROOT / "src" / Path(*module.split("."))
    for file in (place.with_suffix(".py"), place / "__init__.py"):
        if file.is_file():
            return file.read_text(encoding="utf-8")
    return None


def named(text: str) -> set[str]:
    """Modules that a text imports anywhere, in functions and for types too, and those behind lazy names."""
    found = set()
    for base, names, whole in IMPORTS.findall(text):
        for word in re.findall(r"[\w.]+", re.sub(r"\bas\s+\w+", "", whole)):
            found.add(word)
        for name in re.findall(r"\w+", re.sub(r"\bas\s+\w+|#.*", "", names)) if base else ():
            found |= {base, f"{base}.{name}", lazy(base, name)}
    for alias in re.findall(rf"import {FACE} as (\w+)", text):
        found |= {lazy(FACE, name) for name in re.findall(rf"\b{alias}\.(\w+)", text)}
    return {part for name in found for part in parents(name) if text_of(part) is not None}


def lazy(base: str, name: str) -> str:
    table = getattr(importlib.import_module(base), "WHERE", {}) if text_of(base) is not None else {}
    return table.get(name, base).partition(":")[0]


def parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts) + 1)]


def reached(page) -> set[str]:
    """Every module that the cells of a page lead to."""
    waiting = named("\n".join(cell.source for cell in page.notebook.cells if cell.cell_type == "code"))
    found: set[str] = set()
    while waiting:
        module = waiting.pop()
        found.add(module)
        waiting |= imported_by(module) - found
    return found


@cache
def imported_by(module: str) -> set[str]:
    return named(text_of(module) or "")


def module_of(file: str) -> str:
    parts = Path(file).relative_to("src").with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_a_module_makes_only_the_pages_that_reach_it_run_again(project, keys, record_property):
    """What a key was taken of is what it changes with: a few edits below hold that."""
    modules = {module_of(str(file.relative_to(project))) for file in (project / "src").rglob("*.py")}
    again = needless = untouched = 0
    for page in notebooks(project):
        rerun = {module_of(file) for file in keys[page.name].seen if file.startswith("src/")}
        led_to = reached(page)
        again, needless = again + len(rerun), needless + len(rerun - led_to)
        untouched += len(modules - led_to)
        assert led_to >= {FACE}, "the pattern finds nothing on this page"
    record_property("tried", untouched)
    record_property("lost", needless)
    assert needless <= MOST_NEEDLESS * again, f"{needless} of {again} needless"


@pytest.mark.slow
@pytest.mark.parametrize(
    "file",
    ["src/digital_clusters/sources/upstream.py", "src/digital_clusters/measures/recipes.py"]
    + ["notebooks/virtual_clusters/theory.py"],
)
def test_a_key_changes_with_what_it_was_taken_of_and_with_nothing_else(project, keys, file):
    place = project / file
    text = place.read_text(encoding="utf-8")
    place.write_text(f"{text}\nMORE = 1\n", encoding="utf-8")
    try:
        after = keys_of(project)
    finally:
        place.write_text(text, encoding="utf-8")
    changed = {name for name, key in after.items() if key != keys[name]}
    assert changed == {name for name, key in keys.items() if file in key.seen}
    assert 0 < len(changed) < len(keys)


def test_no_key_holds_the_bytes_of_the_data(project, keys, record_property):
    """They are compared for those that a page read."""
    pages = notebooks(project)[:: 1 if os.environ.get(LONG) else 9]
    files = [file for file in (project / "data").rglob("*") if file.is_file()]
    assert files
    assert {file.suffix for file in files} <= TEXT_SUFFIXES
    for file in files:
        file.write_bytes(file.read_bytes() + b"\n")
    lost = sum(page_key(page, page.defaults, project) != keys[page.name] for page in pages)
    record_property("tried", len(pages) * len(files))
    record_property("lost", lost)
    assert not lost


@pytest.mark.slow
def test_an_entry_holds_while_other_data_than_it_read_are_edited(project, tmp_path, record_property):
    page = notebooks(project)[0]
    files = sorted(file for file in (project / "data").rglob("*") if file.is_file())
    key, store = page_key(page, page.defaults, project), Store(tmp_path)
    names = {file: file.relative_to(project).as_posix() for file in files}
    for name in names.values():
        # an entry of each file, as if so many pages had one key
        with store.new(name, key) as made:
            made.page.write_text("{}")
            (made.folder / KERNEL_FOLDER).mkdir()
            (made.folder / KERNEL_FOLDER / OPENED).write_text(f"{name}\n")
    lost = 0
    for file in files:
        text = file.read_bytes()
        file.write_bytes(text + b" ")
        kept = {read for read, name in names.items() if store.get(name, key) is not None}
        file.write_bytes(text)
        assert file not in kept, "stale"
        lost += len(files) - 1 - len(kept)
    record_property("tried", len(files) * (len(files) - 1))
    record_property("lost", lost)
    assert not lost
