"""A page that is opened in JupyterLab and saved unchanged stays as it was: its folder's ``jupytext.toml``."""

import tomllib
from pathlib import Path

import jupytext
import pytest
from jupytext.config import JupytextConfiguration

ROOT = Path(__file__).parents[3]
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "notebooks").glob("[!m]*/*.py"))
BOOK = [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "book").glob("*.md"))]
EXECUTED = [page for page in BOOK if (ROOT / page).read_text(encoding="utf-8").startswith("---\njupytext:")]


def saved(text, folder="notebooks", form="py:percent"):
    settings = JupytextConfiguration()
    for name, value in tomllib.loads((ROOT / folder / "jupytext.toml").read_text(encoding="utf-8")).items():
        setattr(settings, name, value)
    notebook = jupytext.reads(text, fmt=form, config=settings)
    return jupytext.writes(notebook, fmt=form, config=settings)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_saved_unchanged_is_the_same_file(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    assert saved(text) == text


@pytest.mark.parametrize("page", EXECUTED)
def test_a_page_of_the_book_saved_unchanged_is_the_same_file(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    assert saved(text, "book", "md:myst") == text
