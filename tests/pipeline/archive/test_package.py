"""The replication package: the same bytes twice, checksums that agree, a map whose lines are there."""

import hashlib
import re
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from digital_clusters.errors import FileError
from digital_clusters.pipeline.archive import package
from digital_clusters.pipeline.archive.exhibits import exhibits
from digital_clusters.pipeline.archive.measured import Machine, Measured
from digital_clusters.pipeline.archive.package import CHECKSUMS, write_archive
from digital_clusters.pipeline.archive.readme import NAME, NOT_MEASURED, Package, replication_readme
from digital_clusters.pipeline.notebooks import notebooks
from digital_clusters.sources.upstream import upstream_files

ROOT = Path(__file__).parents[3]
PAGES = notebooks(ROOT)
FOUND = exhibits(ROOT, PAGES)
SOURCES = list(upstream_files().values())
MACHINE = Machine("Linux x86_64", "3.11.9", 2, 8.0)

SECTIONS = (
    "Overview",
    "Data availability and provenance statements",
    "Dataset list",
    "Computational requirements",
    "Description of programs",
    "Instructions to replicators",
    "List of tables, figures and programs",
    "References",
)
"""Of the template README of the Social Science Data Editors, in its order."""


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return write_archive(ROOT, tmp_path_factory.mktemp("archive") / "a.zip")


@pytest.fixture(scope="module")
def files(archive):
    """Name below the one folder of the archive → content."""
    with zipfile.ZipFile(archive) as opened:
        names = opened.namelist()
        (folder,) = {name.split("/", 1)[0] for name in names}
        return {name.removeprefix(f"{folder}/"): opened.read(name) for name in names}


def told(**changes):
    facts = {"title": "B", "version": "1", "commit": "abc", "exhibits": FOUND, "sources": SOURCES}
    return replication_readme(Package(**(facts | {"measured": [], "machine": MACHINE} | changes)))


def test_two_archives_are_the_same_bytes(archive, tmp_path):
    assert write_archive(ROOT, tmp_path / "b.zip").read_bytes() == archive.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["b.zip"]


def test_every_file_has_its_checksum(files):
    lines = files[CHECKSUMS].decode().splitlines()
    sums = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    assert set(sums) == set(files) - {CHECKSUMS}
    assert all(hashlib.sha256(files[name]).hexdigest() == digest for name, digest in sums.items())


def test_it_has_what_builds_the_book_and_nothing_that_others_own(files):
    assert {"Makefile", "requirements.lock", "LICENSE", "LICENSE-TEXT", "_toc.yml", NAME} <= set(files)
    assert {page.file.relative_to(ROOT).as_posix() for page in PAGES} <= set(files)
    public = {file.sha256 for file in SOURCES if file.sha256}
    assert not public & {hashlib.sha256(content).hexdigest() for content in files.values()}
    assert not [name for name in files if name.startswith(("_build/", ".git/", ".venv/"))]


def test_the_map_names_lines_that_are_there_and_no_label_is_left_out():
    texts = {one.program: (ROOT / one.program).read_text(encoding="utf-8") for one in FOUND}
    cells = {page.name: [c.source.split("\n")[0] for c in page.notebook.cells] for page in PAGES}
    for one in FOUND:
        assert texts[one.program].split("\n")[one.line - 1] in cells[one.page]
    for kind, mark in (("table", r"Code of the table: "), ("figure", r"Code of the figure: ")):
        labels = sum(len(re.findall(mark, text)) for text in texts.values())
        assert sum(one.kind == kind for one in FOUND) >= labels > 0, kind
    assert len({(one.program, one.line) for one in FOUND}) == len(FOUND)


def test_the_readme_has_the_sections_of_the_template_and_a_row_for_each_source_and_exhibit(files):
    text = files[NAME].decode()
    assert tuple(re.findall(r"^## (.+)$", text, re.MULTILINE)) == SECTIONS
    assert all(f"`{file.path}`" in text and file.licence in text for file in SOURCES)
    assert all(f"| `{one.program}` | {one.line} | {one.page} |" in text for one in FOUND)
    assert str(ROOT) not in text


def test_what_was_measured_is_told_and_nothing_else():
    assert NOT_MEASURED in told()
    ran = [Measured("a/b", 30.0, "twin", "c1"), Measured("a/c", 90.0, "twin", "c1")]
    text = told(measured=ran, commit="abc+")
    assert "2 pages in 2.0 minutes" in text and "`a/c`, took 90 seconds" in text and "2 cores, 8 GB" in text
    assert "`abc`, from files that differ from it" in text


def small(tmp_path):
    """A project of one file under version control."""
    (tmp_path / "facts.csv").write_text("a public file\n")
    for words in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True)
    return tmp_path


def test_a_public_file_under_another_name_is_refused(tmp_path, monkeypatch):
    root = small(tmp_path)
    digest = hashlib.sha256((root / "facts.csv").read_bytes()).hexdigest()
    known = replace(SOURCES[0], sha256=digest)
    monkeypatch.setattr(package, "upstream_files", lambda: {known.key: known})
    with pytest.raises(FileError, match=r"facts\.csv is the public file .*may not be redistributed"):
        write_archive(root)
    assert not (root / "_build").exists()


def test_without_version_control_there_is_a_sentence(tmp_path):
    with pytest.raises(FileError, match="Git does not know the project"):
        write_archive(tmp_path)
