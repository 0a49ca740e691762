"""Fixtures shared by all tests: the mirror of public data and the reference cases.

Where an environment variable names the folder, a missing file is a failure. Where none does, the
test is skipped with the reason.

Also how hypothesis draws its examples: the same ones every time, so that a run cannot fail by chance; or,
where ``DIGITAL_CLUSTERS_SEARCH`` is set (``make search``), others each time and more of them. No test has a
deadline, because a loaded machine is no fault of the code.
"""

import json
import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

from digital_clusters.paths import MIRROR_VARIABLE, REFERENCE_CASES_VARIABLE
from digital_clusters.pipeline.site.browsers import find_browser

settings.register_profile("repeatable", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("search", max_examples=1000, deadline=None, print_blob=True)
settings.load_profile("search" if os.environ.get("DIGITAL_CLUSTERS_SEARCH") else "repeatable")

# A shell lets what it starts in the background ignore interrupts, and so would the commands under test.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


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
