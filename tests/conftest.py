"""Fixtures shared by all tests: the mirror of public data and the reference cases.

Where an environment variable names the folder, a missing file is a failure. Where none does, the
test is skipped with the reason.

Also workbooks written cell by cell, so that no library that writes them is needed; and how hypothesis draws
its examples: the same ones every time, so that a run cannot fail by chance; or, where
``DIGITAL_CLUSTERS_SEARCH`` is set (``make search``), others each time and more of them. No test has a
deadline, because a loaded machine is no fault of the code.
"""

import json
import os
import signal
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import settings

from digital_clusters.paths import LEARNT_VARIABLE, MIRROR_VARIABLE, REFERENCE_CASES_VARIABLE
from digital_clusters.pipeline.site.browsers import find_browser

REPOSITORY = Path(__file__).parents[1]

settings.register_profile("repeatable", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("search", max_examples=1000, deadline=None, print_blob=True)
settings.load_profile("search" if os.environ.get("DIGITAL_CLUSTERS_SEARCH") else "repeatable")

# A shell lets what it starts in the background ignore interrupts, and so would the commands under test.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items):
    """In parallel processes files that hold a slow test come first: none is left alone with one at the end.

    They keep this order with ``--no-loadscope-reorder``; by default files of few tests come last.
    """
    if "PYTEST_XDIST_WORKER" in os.environ:
        slow = {item.path for item in items if item.get_closest_marker("slow")}
        items.sort(key=lambda item: item.path not in slow)


def _folder(variable: str, what: str) -> Path:
    named = os.environ.get(variable)
    if not named:
        pytest.skip(f"{what}: set {variable} to the folder that holds them")
    folder = Path(named)
    assert folder.is_dir(), f"{variable} names {folder}, which is not a folder"
    return folder


@pytest.fixture(scope="session")
def browser() -> str:
    """A browser; that there is none is a failure under CI, and a skip elsewhere."""
    found = find_browser()
    if found is None and os.environ.get("CI"):
        pytest.fail("neither Chromium nor Chrome is installed; with CI set this is a failure")
    if found is None:
        pytest.skip("neither Chromium nor Chrome is installed")
    return found


@pytest.fixture(scope="session")
def mirror() -> Path:
    """Folder with the public upstream files."""
    return _folder(MIRROR_VARIABLE, "public upstream files")


@pytest.fixture(scope="session")
def reference_case():
    """A function from the id of a reference case to its record, with ``folder`` added."""
    folder = _folder(REFERENCE_CASES_VARIABLE, "reference cases")
    cases = {case["id"]: case for case in json.loads((folder / "cases.json").read_text(encoding="utf-8"))}
    return lambda name: cases[name] | {"folder": folder}


@pytest.fixture
def learnt_in_builds(monkeypatch) -> None:
    """Columns that a build of this very code has learnt from the same arrays are read and not learnt again.

    CI has just built both editions; where there is no build everything is learnt here, which takes minutes.
    """
    from digital_clusters.pipeline.book import learnt

    monkeypatch.setenv(LEARNT_VARIABLE, str(learnt(REPOSITORY)))


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def cell(value):
    if value is None:
        return "<c/>"
    if isinstance(value, str):
        return f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f"<c><v>{value}</v></c>"


@pytest.fixture
def write_workbook():
    """A function (path, sheets): sheet name → rows of numbers, text and None, as an .xlsx file."""

    def write(path, sheets):
        with zipfile.ZipFile(path, "w") as archive:
            listed = "".join(
                f'<sheet name="{escape(name)}" sheetId="{n}" r:id="r{n}"/>'
                for n, name in enumerate(sheets, 1)
            )
            related = "".join(
                f'<Relationship Id="r{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
                for n in range(1, len(sheets) + 1)
            )
            archive.writestr(
                "[Content_Types].xml",
                f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" '
                'ContentType="application/xml"/></Types>',
            )
            archive.writestr(
                "_rels/.rels",
                f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
                f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            )
            archive.writestr(
                "xl/workbook.xml",
                f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>',
            )
            archive.writestr(
                "xl/_rels/workbook.xml.rels",
                f'<Relationships xmlns="{PACKAGE}/relationships">{related}</Relationships>',
            )
            for n, rows in enumerate(sheets.values(), 1):
                body = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
                archive.writestr(
                    f"xl/worksheets/sheet{n}.xml",
                    f'<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData></worksheet>',
                )
        return path

    return write
