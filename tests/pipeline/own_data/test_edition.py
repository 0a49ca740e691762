"""A book on a reader's files: chapters that run, pages with the reason for others, nothing of the twin."""

from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from digital_clusters.analysis.own_data.chapters import own_studies
from digital_clusters.errors import FileError, ParameterError
from digital_clusters.pipeline import runs
from digital_clusters.pipeline.notebooks import find
from digital_clusters.pipeline.own_data.edition import (
    Readiness,
    build_own,
    folder_key,
    readiness,
    readiness_text,
)
from digital_clusters.pipeline.own_data.pages import own_page, own_word
from digital_clusters.pipeline.parameters import validate_parameters

ROOT = Path(__file__).parents[3]
MAP = "city_year:\n  file: p.csv\n  columns: {city: c, year: y, gdp: g, population: p}\n"
CHAPTERS = [(study, section) for study, told in own_studies().items() for section in told.sections]


@pytest.fixture
def folder(tmp_path):
    """Output and residents of four cities in two years: enough for a panel, and for no regression."""
    place = tmp_path / "my files"
    place.mkdir()
    codes = (130100, 130200, 320100, 330100)
    rows = [f"{code},{year},{1000 + year},{400}" for code in codes for year in (2014, 2015)]
    (place / "p.csv").write_text("\n".join(["c,y,g,p", *rows]) + "\n")
    (place / "columns.yml").write_text(MAP)
    return place


@pytest.fixture
def project(tmp_path):
    """The checkout under another name, with a folder of its own for what is built."""
    root = tmp_path / "project"
    root.mkdir()
    for name in ("src", "data", "book", "notebooks", "_config.yml", "_toc.yml", "requirements.lock"):
        (root / name).symlink_to(ROOT / name)
    return root


@pytest.mark.parametrize(("study", "section"), CHAPTERS)
def test_a_chapter_is_a_notebook_whose_parameters_are_valid(project, study, section):
    page = own_page(project, study, section)
    assert page.defaults["data"] == "folder:my_data" and page.name == f"{study}/{section}"
    assert validate_parameters(page.name, page.defaults, {}, page.limits) == page.defaults
    code = "\n".join(cell.source for cell in page.notebook.cells if cell.cell_type == "code")
    compile(code, page.name, "exec")


def test_the_key_of_a_page_follows_the_files(folder):
    page, data = find(ROOT, "virtual_agglomeration/measurement"), {"data": f"folder:{folder}"}
    first = runs.request(page, data, ROOT)
    assert runs.request(page, data, ROOT).key == first.key and not first.key.saved_since(())
    with (folder / "p.csv").open("a") as stream:
        stream.write("330200,2015,1500,500\n")
    assert first.key.saved_since(()) == [str(folder / "p.csv")]
    assert runs.request(page, data, ROOT).key != first.key


def test_a_folder_is_named_with_and_without_its_prefix(folder, tmp_path, monkeypatch):
    assert own_word(f"folder:{folder}") == own_word(str(folder)) == f"folder:{folder}"
    monkeypatch.chdir(tmp_path)
    assert own_word("folder:my files") == f"folder:{folder}"
    assert own_word("twin") is None and own_word("public") is None
    assert folder_key("folder:my files") == folder_key(str(folder)).replace("/", "")
    (tmp_path / "other").mkdir()
    with pytest.raises(FileError, match="data propose"):
        own_word("folder:other")
    with pytest.raises(ParameterError, match="there is no folder"):
        own_word("folder:gone")


@pytest.mark.parametrize("name", ["industrial_upgrading/theory", "virtual_clusters/theory"])
def test_a_page_without_a_form_for_own_files_says_which_have_one(folder, name):
    with pytest.raises(ParameterError, match="does not run on files of your own; these do: .*/measurement"):
        runs.request(find(ROOT, name), {"data": f"folder:{folder}"}, ROOT)


def test_readiness_is_one_line_a_chapter():
    found = [Readiness("a", "measurement", True, 0, 0), Readiness("a", "baseline", False, 0, 2, ("no x",))]
    lines = readiness_text(found).splitlines()
    assert len(lines) == 3 and lines[1].endswith("tables") and lines[2].endswith("nothing  (no x)")


def test_a_study_whose_panel_cannot_be_made_says_why_in_every_chapter(folder):
    found = {(one.study, one.section): one for one in readiness(f"folder:{folder}")}
    assert list(found) == CHAPTERS
    for section in own_studies()["industrial_upgrading"].sections:
        one = found["industrial_upgrading", section]
        assert not one.runs and one.reasons
    assert found["virtual_agglomeration", "measurement"].runs


@pytest.mark.slow
def test_the_book_has_a_page_for_every_chapter_and_leaves_the_other_book_alone(folder, project):
    first = build_own(project, f"folder:{folder}", jobs=2)
    html = first.parent
    pages = {
        path: BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser") for path in html.rglob("*.html")
    }
    front = pages[html / "book/index.html"].get_text(" ")
    assert f"Chapters that ran: 2 of {len(CHAPTERS)}." in front
    assert len(pages[html / "book/index.html"].select("tbody tr")) == len(CHAPTERS)
    for study, section in CHAPTERS:
        text = pages[html / f"notebooks/{study}/{section}.html"].get_text(" ")
        ran = study != "industrial_upgrading" and section == "measurement"
        assert ("This chapter did not run" in text) == (not ran)
        assert not ran or "your own data: 4 cities × 2 years" in text
    assert not [path for path, page in pages.items() if "synthetic twin" in page.get_text(" ").lower()]
    assert not (project / "_build/html").exists()
