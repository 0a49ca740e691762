"""Recipes in prose: made from the specification that a page runs, and typed where nothing can change them."""

import re
from pathlib import Path

import pytest

from digital_clusters.pipeline.notebooks import notebooks
from digital_clusters.pipeline.parameters import declared
from digital_clusters.report.spoken.recipes import changes_in_words, quote_recipe, recipe_in_words
from digital_clusters.studies.collaborative_agglomeration.specs import BASELINE as SPATIAL
from digital_clusters.studies.industrial_upgrading.specs import BASELINE

ROOT = Path(__file__).parents[3]
PAGES = [page for page in notebooks(ROOT) if page.file.suffix == ".py"]
EXERCISE = re.compile(r"^:::\{admonition\} Exercise.*?^:::$", re.MULTILINE | re.DOTALL)
"""An exercise names the choice that it asks for."""

TYPED = {
    "learner": r"boost(?:ed|ing)\b|\blasso\b|random forest|xgboost|elastic net|\bridge\b",
    "folds": r"\b(?:\d+|two|three|four|five|six|ten)[ -]folds?\b",
    "errors": r"(?:robust|clustered)(?: standard)? errors|errors(?: are)? (?:robust|clustered)",
    "spatial_model": r"(?:a|the) spatial (?:Durbin|lag) (?:panel|model)\b|SLX",
    "weights": r"weights (?:are|of) (?:the )?(?:nearest|contiguity|inverse)",
    "winsorise": r"winsorised at \d",
}
"""Parameter → words that a run with another value belies."""


def typed(text, parameters):
    """Words of a markdown cell that a parameter decides; years stand for both ends of the sample."""
    prose = EXERCISE.sub("", text)
    known = [pattern for name, pattern in TYPED.items() if name in parameters]
    if {"first_year", "last_year"} <= set(parameters):
        known.append(f"twin[^.]*{parameters['first_year']}–{parameters['last_year']}")
    return [match[0] for pattern in known for match in re.finditer(pattern, prose, re.IGNORECASE)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_prose_types_no_choice_that_a_parameter_makes(page):
    parameters = declared(page.notebook.cells, page.name)
    prose = [cell.source for cell in page.notebook.cells if cell.cell_type == "markdown"]
    assert not [words for text in prose for words in typed(text, parameters)]


@pytest.mark.parametrize(
    ("text", "parameters", "found"),
    [
        ("Gradient boosting, five folds", {"learner": "x", "folds": 5}, ["boosting", "five folds"]),
        ("Gradient boosting, five folds", {"data": "twin"}, []),
        ("with robust errors", {"errors": "robust"}, ["robust errors"]),
        ("# A spatial Durbin panel", {"spatial_model": "durbin"}, ["A spatial Durbin panel"]),
        ("the twin, 2004–2020", {"first_year": 2004, "last_year": 2020}, ["twin, 2004–2020"]),
        (":::{admonition} Exercise 1\nTry the lasso.\n:::", {"learner": "x"}, []),
    ],
)
def test_a_typed_choice_is_seen(text, parameters, found):
    assert typed(text, parameters) == found


def test_the_paper_is_run_as_it_is_or_each_change_is_said():
    assert changes_in_words(BASELINE.change(controls=()), BASELINE) == "This page runs it as it is."
    other = BASELINE.change(learner="lasso", errors="clustered", winsorise=0.01)
    told = changes_in_words(other, BASELINE)
    assert "learner lasso instead of gradient boosting" in told and "winsorise 0.01 instead of 0" in told
    assert "errors clustered instead of robust" in told and "folds" not in told


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (BASELINE.change(learner="random_forest"), "learner random forest"),
        (BASELINE.change(folds=3), "3 folds by row"),
        (SPATIAL.change(spatial_model="slx"), "model slx"),
    ],
)
def test_a_recipe_tells_its_choices_and_not_its_columns(spec, words):
    told = recipe_in_words(spec)
    assert words in told and spec.outcome not in told and str(spec.first_year) not in told


def test_quoted_are_the_paper_the_run_and_the_change(monkeypatch):
    quoted = {}
    monkeypatch.setattr("digital_clusters.report.spoken.recipes.glue", quoted.__setitem__)
    run = BASELINE.change(learner="linear")
    quote_recipe(run, BASELINE)
    assert quoted == {
        "recipe-paper": recipe_in_words(BASELINE),
        "recipe-run": recipe_in_words(run),
        "recipe-changes": changes_in_words(run, BASELINE),
    }
