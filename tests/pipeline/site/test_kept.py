"""Pages that were made ready before: taken only if all that they are made of is the same."""

import json
import shutil
from dataclasses import replace

import pytest

from digital_clusters.pipeline.hashing.kept import KEPT_USES, Kept
from digital_clusters.pipeline.site import page as page_module
from digital_clusters.pipeline.site.finish import finish
from digital_clusters.pipeline.site.plan import BookPlan

PAGE = """<!DOCTYPE html><html><head><title>x</title>
<link rel="stylesheet" href="_static/a.css"/><link rel="stylesheet" href="_static/b.css"/></head>
<body><main><article class="bd-article"><section><h1>{title}</h1>
<div class="cell_output"><img src="_images/{picture}.svg" alt="A figure"/></div>
<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>{more}
</section></article></main></body></html>"""
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M 1.23456 2 L 3 4" style="fill: #ffffff"/></svg>'
TABLE = "<table><thead><tr><th>b</th></tr></thead><tbody><tr><td>2</td></tr></tbody></table>"
FILES = {
    "first.html": PAGE.format(title="First", picture="one", more=""),
    "second.html": PAGE.format(title="Second", picture="two", more=""),
    "_images/one.svg": DRAWING,
    "_images/two.svg": DRAWING.replace("1.23456", "6.54321"),
    "_static/a.css": "a {}",
    "_static/b.css": "b {}",
}
RAN = {"first": "2024-05-31", "second": "2024-06-01"}
PLAN = BookPlan("Small book", entries=("first", "second"), ran=RAN)


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Finishes a book of some files; returns its files and the pages that were made, not taken."""
    pages = []
    make = page_module.Finisher._make

    def noted(self, entry, *rest):
        pages.append(entry)
        return make(self, entry, *rest)

    monkeypatch.setattr(page_module.Finisher, "_make", noted)

    def finished(changes=None, plan=PLAN, kept=tmp_path / "kept"):
        folder = tmp_path / "html"
        shutil.rmtree(folder, ignore_errors=True)
        for name, text in {**FILES, **(changes or {})}.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        pages.clear()
        finish(folder, plan, Kept(kept))
        found = {
            file.relative_to(folder).as_posix(): file for file in sorted(folder.rglob("*")) if file.is_file()
        }
        return {name: file.read_text() for name, file in found.items()}, list(pages)

    return finished


def test_an_unchanged_book_is_taken_whole_and_is_the_same(made):
    first, pages = made()
    assert pages == ["first", "second"]
    assert "_images/one.dark.svg" in first
    again, pages = made()
    assert pages == []
    assert again == first


@pytest.mark.parametrize(
    ("changes", "pages"),
    [
        ({"second.html": FILES["second.html"].replace("Second", "Third")}, ["second"]),
        ({"_images/one.svg": DRAWING.replace("3 4", "3 5")}, ["first"]),
        ({"_static/b.css": "b { margin: 0 }"}, ["first", "second"]),
        # the second page's table has another number
        ({"first.html": PAGE.format(title="First", picture="one", more=TABLE)}, ["first", "second"]),
    ],
)
def test_only_pages_of_which_something_changed_are_made(made, tmp_path, changes, pages):
    made()
    found, remade = made(changes)
    assert remade == pages
    assert found == made(changes, kept=tmp_path / "other")[0]


def test_a_page_knows_the_day_of_its_own_run_alone(made):
    made()
    found, pages = made(plan=replace(PLAN, ran={**RAN, "first": "2024-07-01"}))
    assert pages == ["first"]
    assert "executed 2024-07-01" in found["first.html"]


@pytest.mark.parametrize("damage", ["{", "[]", '{"value": {}}', None])
def test_what_was_damaged_is_made_again(made, tmp_path, damage):
    first, _ = made()
    for file in (tmp_path / "kept").glob("*.json"):
        text = file.read_text().replace("First", "Worst") if damage is None else damage
        file.write_text(text)
    assert made()[0] == first


def test_values_that_were_not_used_for_longest_go(tmp_path):
    for number in range(KEPT_USES + 3):
        kept = Kept(tmp_path)
        kept.put(f"k{number}", {"n": number})
        kept.prune()
    left = {json.loads(file.read_text())["value"]["n"] for file in tmp_path.glob("*.json")}
    assert left == set(range(3, KEPT_USES + 3))
    assert Kept(tmp_path, fresh=True).get("k5") is None
    assert Kept(None).get("k5") is None
