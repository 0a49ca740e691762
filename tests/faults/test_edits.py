"""Somebody saves a file at any moment of a page's run, and perhaps puts it back: nothing stale is kept.

The run is a stand-in that reads what a page reads; the keys and the store are the real ones.
"""

import importlib.util
import json
import random
import time
from contextlib import suppress
from pathlib import Path

from digital_clusters.errors import NotebookError
from digital_clusters.pipeline import notebooks
from digital_clusters.pipeline.cache import Store, page_key

KIND = "A file is saved at a random moment of a page's run"
EDITS = ("notebooks/study/first.py", "src/helpers/doubling.py", "data/facts.yml")


def toy(folder):
    file = Path(__file__).parents[1] / "pipeline" / "conftest.py"
    spec = importlib.util.spec_from_file_location("toy", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Project(folder)


def shown_now(project):
    return {file: (project.root / file).read_text() for file in EDITS}


def run_while_edited(project, store, moments, file):
    """A page that reads one file after the other, while ``file`` is saved and, perhaps, put back."""
    text, saved, back = (project.root / file).read_text(), *moments
    page = notebooks.find(project.root, "study/first")
    key, shown = page_key(page, page.defaults, project.root), {}
    with store.new(page.name, key) as made:
        for moment, read in enumerate([*EDITS, None]):
            if moment == saved:
                # a comment in a module is no edit: Python reads the same
                name = "SAVED = " if file.endswith(".py") else "# "
                project.write(file, f"{text}{name}{time.monotonic_ns()}\n")
            if moment == back:
                project.write(file, text)
            if read:
                shown[read] = (project.root / read).read_text()
        made.page.write_text(json.dumps(shown))
        (made.folder / ".kernel").mkdir()
        (made.folder / ".kernel" / "opened.txt").write_text("data/facts.yml\n")


def test_no_edit_at_any_moment_leaves_a_stale_page(tmp_path, record_property, tries):
    """Whatever is kept under the key of now shows what stands in the files now."""
    project, store = toy(tmp_path / "project"), Store(tmp_path / "store", keep=3)
    draw, count, kept = random.Random(0), tries(30, 150), 0
    record_property("tried", count)
    for _ in range(count):
        moments = sorted(draw.choices(range(len(EDITS) + 2), k=2))
        with suppress(NotebookError):
            run_while_edited(project, store, moments, draw.choice(EDITS))
        page = notebooks.find(project.root, "study/first")
        entry = store.get(page.name, page_key(page, page.defaults, project.root))
        if entry:
            kept += 1
            assert json.loads(entry.page.read_text()) == shown_now(project)
    assert 0 < kept < count, "nothing was kept, or nothing was edited"
