"""A build makes what changed: nothing, one page and those that quote it, a file that is gone."""

import importlib.util
import os
from pathlib import Path

import pytest

from digital_clusters.errors import BuildError
from digital_clusters.pipeline import book, editions

DEATHS = Path(__file__).parents[1] / "faults" / "deaths.py"
"""Stand-ins for kernels and Jupyter Book that write the same kinds of files."""


@pytest.fixture
def stood_in(monkeypatch, project):
    spec = importlib.util.spec_from_file_location("deaths_of_builds", DEATHS)
    deaths = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(deaths)
    monkeypatch.setattr(book.runs, "run_all", deaths.run_all)
    monkeypatch.setattr(book, "jupyter_book", deaths.jupyter_book)
    monkeypatch.setattr(book, "stage_mathjax", lambda stage: None)
    book.build(project.root)
    return project


def published(root):
    """Path → content of every published file."""
    place = root / "_build" / "current"
    files = (Path(folder, name) for folder, _, names in os.walk(place) for name in names)
    return {file.relative_to(place).as_posix(): file.read_bytes() for file in files}


def test_where_nothing_changed_a_build_could_only_make_the_same_book(stood_in):
    before = published(stood_in.root)
    assert editions.standing(stood_in.root, "twin") == editions.current(stood_in.root)
    for name in ("book/index.md", "src/helpers/base.py"):
        os.utime(stood_in.root / name)
    assert editions.standing(stood_in.root, "twin") is not None
    assert published(stood_in.root) == before
    assert editions.standing(stood_in.root, "public") is None


CHANGES = {
    "book/index.md": "# Another book\n",
    "book/_static/new.css": "p {}\n",
    "data/facts.yml": "answer: 43\n",
    "data/more.yml": "answer: 43\n",
    "src/helpers/new.py": "",
    "notebooks/study/first.py": "# %%\nprint(1)\n",
    "_toc.yml": "format: jb-book\nroot: book/index\n",
    "requirements.lock": "numpy==2\n",
    "matplotlibrc": "lines.linewidth: 3\n",
}


def test_a_changed_or_new_source_is_noticed_and_so_is_its_return(stood_in):
    for name, text in CHANGES.items():
        file = stood_in.root / name
        old = file.read_text() if file.is_file() else None
        stood_in.write(name, text)
        assert editions.standing(stood_in.root, "twin") is None, name
        if old is None:
            file.unlink()
        else:
            file.write_text(old)
        assert editions.standing(stood_in.root, "twin") is not None, name


def test_a_file_that_a_page_read_elsewhere_in_the_project_is_noticed(stood_in):
    published = editions.current(stood_in.root)
    stood_in.write("sweeps/looked_for.yml", "a: 1\n")
    made_of = published.made_of()
    read = {**made_of.read, "sweeps/looked_for.yml": None}
    editions.now_made_of(published, editions.MadeOf(made_of.sources, read))
    assert editions.standing(stood_in.root, "twin") is None
    (stood_in.root / "sweeps/looked_for.yml").unlink()
    assert editions.standing(stood_in.root, "twin") is not None


def test_other_packages_are_noticed(stood_in, monkeypatch):
    monkeypatch.setattr(editions.snapshot.__module__ + ".installed", lambda: ("another package 1.0",))
    assert editions.standing(stood_in.root, "twin") is None


def test_a_published_file_that_is_gone_or_changed_comes_back(stood_in):
    before = published(stood_in.root)
    damages = {"html/book/index.html": "half a page", "pages/notebooks/study/first.ipynb": None}
    for name, text in damages.items():
        file = stood_in.root / "_build" / "current" / name
        if text is None:
            file.unlink()
        else:
            file.write_text(text)
        assert editions.standing(stood_in.root, "twin") is None
        book.build(stood_in.root)
        assert published(stood_in.root) == before


def test_a_link_to_the_published_book_that_is_gone_comes_back(stood_in):
    (stood_in.root / "_build/html").unlink()
    assert editions.standing(stood_in.root, "twin") is not None
    assert (stood_in.root / "_build/html/index.html").is_file()


def test_a_build_that_ends_before_it_publishes_is_no_book_that_stands(stood_in, monkeypatch):
    before = published(stood_in.root)
    stood_in.replace("book/index.md", "Small", "Smaller")

    def killed(*_, **__):
        raise BuildError("ended from outside")

    with monkeypatch.context() as patched, pytest.raises(BuildError):
        patched.setattr(book, "finish", killed)
        book.build(stood_in.root)
    assert published(stood_in.root) == before
    assert editions.standing(stood_in.root, "twin") is None
    book.build(stood_in.root)
    assert b"Smaller" in published(stood_in.root)["html/book/index.html"]
    assert editions.standing(stood_in.root, "twin") is not None


def test_a_source_that_is_saved_while_the_book_is_built_leaves_nothing_that_stands(stood_in, monkeypatch):
    stood_in.replace("book/index.md", "Small", "Smaller")
    file, stage_words = stood_in.root / "book/index.md", book._stage_words

    def saved_late(*values):
        # the edit is undone at once: the content alone would not show it
        text = file.read_text()
        file.write_text("# Between\n")
        file.write_text(text)
        return stage_words(*values)

    monkeypatch.setattr(book, "_stage_words", saved_late)
    book.build(stood_in.root)
    assert editions.standing(stood_in.root, "twin") is None


def test_a_change_that_changes_no_page_is_noted_and_not_looked_at_again(stood_in):
    before = published(stood_in.root)
    stood_in.write("README.md", "Read me.\n")
    assert editions.standing(stood_in.root, "twin") is None
    book.build(stood_in.root)
    assert editions.standing(stood_in.root, "twin") is not None
    del before["edition.json"]
    assert before.items() <= published(stood_in.root).items()


@pytest.mark.slow
def test_the_command_says_that_nothing_changed_and_how_to_force(project):
    assert project.command("build").returncode == 0
    index = project.root / "_build/html/index.html"
    before = index.resolve()
    again = project.command("build")
    assert again.returncode == 0
    assert "nothing changed" in again.stderr
    assert "--force" in again.stderr
    assert again.stdout.strip() == str(index)
    assert index.resolve() == before
    assert "nothing changed" not in project.command("build", "--force").stderr
