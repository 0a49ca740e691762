"""Every exercise has a folded solution that its page executes; a command that says what to change runs."""

import re
from pathlib import Path

import pytest

from digital_clusters.pipeline import parameters
from digital_clusters.pipeline.notebooks import notebooks

ROOT = Path(__file__).parents[2]
PAGES = {page.name: page for page in notebooks(ROOT)}
EXERCISE = re.compile(r"\{admonition\} Exercise (\d+)")
SOLUTION = re.compile(r"Solution (\d+)")
COMMAND = re.compile(r"`digital-clusters run ([^`]+)`")

WITH_EXERCISES = [
    *(
        f"industrial_upgrading/{section}"
        for section in ("measurement", "baseline", "robustness", "heterogeneity", "mechanism")
    ),
    "virtual_clusters/theory",
    "collaborative_agglomeration/accession",
    *(
        f"{study}/{section}"
        for study in ("virtual_agglomeration", "collaborative_agglomeration")
        for section in ("theory", "baseline", "mechanism")
    ),
]
"""Chapters that a class can work through; others may have exercises too."""

FEWEST = 2


def exercises(page) -> list[int]:
    texts = (cell.source for cell in page.notebook.cells if cell.cell_type == "markdown")
    return [int(number) for text in texts for number in EXERCISE.findall(text)]


def solutions(page) -> list[int]:
    found = []
    for cell in page.notebook.cells:
        label = cell.metadata.get("mystnb", {}).get("code_prompt_show", "")
        if cell.cell_type == "code" and (told := SOLUTION.fullmatch(label)):
            assert "hide-cell" in cell.metadata["tags"], f"{page.name}: {label} is not folded"
            found.append(int(told[1]))
    return found


def commands(page) -> list[str]:
    texts = (cell.source for cell in page.notebook.cells if cell.cell_type == "markdown")
    return [command for text in texts for command in COMMAND.findall(text)]


@pytest.mark.parametrize("name", WITH_EXERCISES)
def test_a_chapter_has_exercises(name):
    assert len(exercises(PAGES[name])) >= FEWEST


@pytest.mark.parametrize("name", sorted(PAGES))
def test_every_exercise_has_its_solution(name):
    asked = exercises(PAGES[name])
    assert asked == list(range(1, len(asked) + 1)) == solutions(PAGES[name])


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_command_on_a_page_names_a_page_and_values_that_it_allows(name):
    for command in commands(PAGES[name]):
        target, *words = command.split()
        page = PAGES[target]
        options = [word for word in words if word not in ("-p", "--html", "--force")]
        chosen = parameters.parse_options(options)
        values = parameters.validate_parameters(page.name, page.defaults, chosen, page.limits)
        assert all(values[key] != page.defaults[key] for key in chosen), f"{command} changes nothing"
