"""A page that is opened in JupyterLab and saved unchanged stays as it was, by ``notebooks/jupytext.toml``."""

import tomllib
from pathlib import Path

import jupytext
import pytest
from jupytext.config import JupytextConfiguration

ROOT = Path(__file__).parents[3]
SETTINGS = tomllib.loads((ROOT / "notebooks/jupytext.toml").read_text(encoding="utf-8"))
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "notebooks").glob("[!m]*/*.py"))


def saved(text):
    settings = JupytextConfiguration()
    for name, value in SETTINGS.items():
        setattr(settings, name, value)
    notebook = jupytext.reads(text, fmt="py:percent", config=settings)
    return jupytext.writes(notebook, fmt="py:percent", config=settings)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_saved_unchanged_has_the_same_cells_and_head(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    once = saved(text)
    assert once.split("# ---\n")[1] == text.split("# ---\n")[1]
    assert saved(once) == once
    before, after = (jupytext.reads(version, fmt="py:percent").cells for version in (text, once))
    assert [(cell.source, cell.metadata) for cell in after] == [
        (cell.source, cell.metadata) for cell in before
    ]
