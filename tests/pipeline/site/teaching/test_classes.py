"""The plan of classes: every page, figure, exercise and command that it names is there."""

from pathlib import Path

import pytest

from digital_clusters.errors import BuildError
from digital_clusters.pipeline import parameters
from digital_clusters.pipeline.notebooks import contents, notebooks
from digital_clusters.pipeline.site.teaching.classes import PLAN, read_classes, teaching_page

ROOT = Path(__file__).parents[4]
CLASSES = read_classes(ROOT / PLAN)
PAGES = {page.entry: page for page in notebooks(ROOT)}
each_class = pytest.mark.parametrize("one", CLASSES, ids=lambda one: str(one.number))


def figures_of(page) -> set[str]:
    cells = page.notebook.cells
    return {name for cell in cells if (name := cell.metadata.get("mystnb", {}).get("figure", {}).get("name"))}


def exercises_of(page) -> list[int]:
    labels = (cell.metadata.get("mystnb", {}).get("code_prompt_show", "") for cell in page.notebook.cells)
    return [int(label.split()[1]) for label in labels if label.startswith("Solution ")]


@each_class
def test_a_class_shows_figures_of_pages_that_are_read_for_it(one):
    there = set().union(*(figures_of(PAGES[entry]) for entry in one.read if entry in PAGES))
    assert set(one.figures) <= there


@each_class
def test_a_class_sets_exercises_that_have_solutions(one):
    for entry, numbers in one.exercises.items():
        assert list(numbers) == exercises_of(PAGES[entry])


@each_class
def test_what_students_bring_can_be_run(one):
    program, command, target, *words = one.home.split()
    assert (program, command) == ("digital-clusters", "run")
    page = PAGES[f"notebooks/{target}"]
    chosen = parameters.parse_options([word for word in words if word not in ("-p", "--html")])
    values = parameters.validate_parameters(page.name, page.defaults, chosen, page.limits)
    assert chosen and all(values[key] != page.defaults[key] for key in chosen)


def test_every_exercise_of_a_study_but_industrial_upgrading_is_set_in_a_class():
    told = {entry for one in CLASSES for entry in one.exercises}
    with_exercises = {entry for entry, page in PAGES.items() if exercises_of(page)}
    assert {entry for entry in with_exercises if "industrial_upgrading" not in entry} <= told


def test_the_page_has_a_section_and_slides_for_each_class():
    text = teaching_page(CLASSES, [page.entry for page in contents(ROOT)])
    for one in CLASSES:
        assert f"## Class {one.number}: {one.title}" in text
        assert f'href="../slides/class-{one.number}.html"' in text
        assert all(f"{{numref}}`{name}`" in text for name in one.figures)
    assert teaching_page(CLASSES, list(PAGES) + [e for one in CLASSES for e in one.read], "# Own").startswith(
        "# Own"
    )


def test_a_page_that_is_not_in_the_book_is_refused():
    with pytest.raises(BuildError, match="class 1 names the page book/data"):
        teaching_page(CLASSES, [])


def test_a_class_that_lacks_something_is_refused(tmp_path):
    file = tmp_path / "teaching.yml"
    file.write_text(
        "classes:\n  - {title: One, question: Why, read: [a], figures: [b], exercises: {a: [1]}}\n"
    )
    with pytest.raises(BuildError, match="class 1 has no home"):
        read_classes(file)
