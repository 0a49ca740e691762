from pathlib import Path

import jupytext
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digital_clusters.analysis.spec import Spec
from digital_clusters.errors import ParameterError
from digital_clusters.pipeline import parameters
from digital_clusters.pipeline.notebooks import notebooks

DEFAULTS = {
    "data": "twin",
    "learner": "lasso",
    "folds": 5,
    "controls": (),
    "winsorise": 0.0,
    "outcome": "gini",
}


def cells(text):
    return jupytext.reads(text, fmt="py:percent").cells


def parameter_cell(body):
    return cells(f'# %% tags=["parameters"]\n{body}\n\n# %%\nfolds = folds + 1\n')


def test_reads_literals_of_the_tagged_cell_only():
    body = '# a comment\ndata = "twin"  # where from\nfolds = 5\nwinsorise = 0.01\n'
    body += 'controls = ["a", "b"]\nseed = -1'
    assert parameters.declared(parameter_cell(body), "page") == {
        "data": "twin",
        "folds": 5,
        "winsorise": 0.01,
        "controls": ["a", "b"],
        "seed": -1,
    }


def test_a_notebook_without_parameter_cell_has_none():
    assert parameters.declared(cells("# %%\nx = 1\n"), "page") == {}


@pytest.mark.parametrize(
    "body",
    ["folds = 2 + 3", "a = b = 1", "folds: int = 5", "import os", "a, b = 1, 2", "folds += 1", "x = [folds]"],
)
def test_anything_but_a_literal_is_refused_with_its_line(body):
    with pytest.raises(ParameterError, match="page: line 2 of the parameter cell"):
        parameters.declared(parameter_cell(f'data = "twin"\n{body}'), "page")


def test_double_assignment_and_second_cell_are_refused():
    with pytest.raises(ParameterError, match="'folds' is assigned twice"):
        parameters.declared(parameter_cell("folds = 5\nfolds = 6"), "page")
    with pytest.raises(ParameterError, match="2 cells are tagged"):
        parameters.declared(parameter_cell("folds = 5") + parameter_cell("seed = 5"), "page")


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({"folds": "6"}, {"folds": 6}),
        ({"folds": 6}, {"folds": 6}),
        ({"winsorise": "1e-2"}, {"winsorise": 0.01}),
        ({"winsorise": 0}, {"winsorise": 0}),
        ({"outcome": "a=b"}, {"outcome": "a=b"}),
        ({"outcome": "6"}, {"outcome": "6"}),
        ({"controls": "a, b"}, {"controls": ["a", "b"]}),
        ({"controls": "['a']"}, {"controls": ["a"]}),
        ({"controls": ("a",)}, {"controls": ["a"]}),
        ({"data": "public"}, {"data": "public"}),
    ],
)
def test_text_and_typed_values_are_read_alike(overrides, expected):
    values = parameters.validate_parameters("page", DEFAULTS, overrides)
    assert values == {**DEFAULTS, "controls": [], **expected}
    assert list(values) == list(DEFAULTS)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"fold": "6"}, r"no parameter 'fold' \(did you mean 'folds'\?\); it has: data, learner, folds"),
        ({"seed": 1}, "other notebooks have it, but this one's parameter cell does not declare it"),
        ({"folds": "six"}, "folds = 'six': expected whole number; ≥ 2, ≤ 20"),
        ({"folds": "1"}, "folds = '1': expected whole number; ≥ 2"),
        ({"folds": "5.5"}, "folds = '5.5'"),
        ({"folds": True}, "folds = True"),
        ({"folds": None}, "folds = None"),
        ({"winsorise": "nan"}, "winsorise = 'nan'"),
        ({"winsorise": True}, "winsorise = True"),
        ({"winsorise": 0.25}, "winsorise = 0.25: expected number; ≥ 0.*, < 0.25"),
        ({"learner": "LASSO"}, "one of gradient_boosting, .*linear"),
        ({"data": "folder"}, "one of twin, public"),
        ({"outcome": 3}, "outcome = 3"),
        ({"controls": [1]}, "controls"),
        ({"folds": object()}, "is not a plain value"),
    ],
)
def test_wrong_names_types_and_ranges_are_refused(overrides, message):
    with pytest.raises(ParameterError, match=message):
        parameters.validate_parameters("page", DEFAULTS, overrides)


def test_defaults_are_validated_too():
    with pytest.raises(ParameterError, match=r"declares 'fodls'.*did you mean 'folds'"):
        parameters.validate_parameters("page", {"fodls": 5}, {})
    with pytest.raises(ParameterError, match="folds = 1"):
        parameters.validate_parameters("page", {"folds": 1}, {})


def test_fields_are_checked_together():
    with pytest.raises(ParameterError, match="first_year 2015 is after last_year 2014"):
        parameters.validate_parameters(
            "page", {"first_year": 2011, "last_year": 2014}, {"first_year": "2015"}
        )


def test_the_timing_of_controls_is_a_parameter_like_any_other():
    read = parameters.validate_parameters(
        "page", {"control_timing": "same_year"}, {"control_timing": "year_before"}
    )
    assert read == {"control_timing": "year_before"}
    with pytest.raises(ParameterError, match="one of same_year, year_before, base_year_by_year"):
        parameters.validate_parameters("page", {"control_timing": "same_year"}, {"control_timing": "later"})


def test_none_and_truth_words():
    defaults = {"moderator": None, "exclude_municipalities": False}
    read = parameters.validate_parameters(
        "page", defaults, {"moderator": "difi", "exclude_municipalities": "True"}
    )
    assert read == {"moderator": "difi", "exclude_municipalities": True}
    read = parameters.validate_parameters("page", {"moderator": "difi"}, {"moderator": "none"})
    assert read == {"moderator": None}


@given(st.text(max_size=20), st.text(max_size=20))
def test_options_split_at_the_first_sign_only(name, value):
    name = name.replace("=", "").strip()
    if name:
        assert parameters.parse_options([f"{name}={value}"]) == {name: value}


@pytest.mark.parametrize("words", [["folds"], ["=5"], ["a=1", "a=2"]])
def test_malformed_options_are_refused(words):
    with pytest.raises(ParameterError):
        parameters.parse_options(words)


def test_every_parameter_can_be_described():
    for name in parameters.vocabulary():
        row = parameters.describe_parameter(name)
        assert row.type != "value", name
        assert row.description, name
    assert set(Spec.model_fields) <= set(parameters.vocabulary())
    assert parameters.describe_parameter("folds", 7).default == "7"
    assert parameters.describe_parameter("outcome").default == parameters.UNSAID
    assert parameters.describe_parameter("outcome", "gini").default == "'gini'"
    assert parameters.describe_parameter("winsorise").range == "≥ 0, < 0.25"


def test_a_list_without_quotes_is_read_and_a_list_of_numbers_is_not_text():
    defaults = {"controls": ("a",)}
    for option in ("a,b", "[a,b]", "['a','b']", "[a, b]"):
        assert parameters.validate_parameters("page", defaults, {"controls": option}) == {
            "controls": ["a", "b"]
        }
    with pytest.raises(ParameterError, match="expected list of text"):
        parameters.validate_parameters("page", defaults, {"controls": "[1,2]"})


LIMITED = '# %% tags=["parameters"] limits={"draws": {"ge": 99}, "errors": ["robust"]}\ndraws = 999\n'


def test_a_notebooks_own_limits_are_checked_and_shown():
    limits = parameters.limits(cells(LIMITED), "page")
    defaults = {"draws": 999, "errors": "robust", "seed": 1}
    assert parameters.validate_parameters("page", defaults, {"draws": "99"}, limits)["draws"] == 99
    with pytest.raises(ParameterError, match="draws = '98': this notebook needs ≥ 99 .*≥ 99, ≤ 1000000"):
        parameters.validate_parameters("page", defaults, {"draws": "98"}, limits)
    with pytest.raises(
        ParameterError, match="errors = 'clustered': this notebook cannot use it.*one of robust"
    ):
        parameters.validate_parameters("page", defaults, {"errors": "clustered"}, limits)
    assert parameters.describe_parameter("draws", 999, limits["draws"]).range == "≥ 99, ≤ 1000000"
    assert parameters.describe_parameter("errors", "robust", limits["errors"]).type == "one of robust"


SPANNED = (
    '# %% tags=["parameters"] limits={"last_year": {"le": 2019, "span": 4}}\n'
    "first_year = 2008\nlast_year = 2019\n"
)


def test_a_span_of_years_is_checked_and_shown():
    limits = parameters.limits(cells(SPANNED), "page")
    defaults = {"first_year": 2008, "last_year": 2019}
    assert (
        parameters.validate_parameters("page", defaults, {"last_year": "2011"}, limits)["last_year"] == 2011
    )
    with pytest.raises(ParameterError, match="leave 3 years; this notebook needs at least 4 years"):
        parameters.validate_parameters("page", defaults, {"last_year": "2010"}, limits)
    with pytest.raises(ParameterError, match="leave 1 year; "):
        parameters.validate_parameters("page", defaults, {"first_year": "2019"}, limits)
    shown = parameters.describe_parameter("last_year", 2019, limits["last_year"]).range
    assert shown.endswith("≤ 2019, at least 4 years from the first to the last")


@pytest.mark.parametrize(
    "limit",
    [
        '{"nothing": ["a"]}',
        '{"draws": 3}',
        '{"draws": {"above": 3}}',
        '{"errors": []}',
        '{"draws": {"span": 3}}',
        '{"last_year": {"span": "three"}}',
    ],
)
def test_a_limit_that_is_none_is_refused(limit):
    text = LIMITED.partition("limits=")[0] + f"limits={limit}\ndraws = 999\n"
    with pytest.raises(ParameterError, match="the limit of"):
        parameters.limits(cells(text), "page")


@pytest.mark.parametrize(
    "value", ["x" * 1_000_000, "(" * 1_000_000, "-" * 9_000 + "1", "[" * 9_000, "9" * 9_999]
)
@pytest.mark.parametrize("name", ["outcome", "folds", "controls", "winsorise", "moderator", "unknown"])
def test_a_huge_or_deep_value_is_a_short_sentence(name, value):
    defaults = {**DEFAULTS, "moderator": None}
    try:
        parameters.validate_parameters("page", defaults, {name: value})
    except ParameterError as error:
        assert len(str(error)) < 2000


def test_the_word_nearest_to_a_mistyped_one_is_offered():
    with pytest.raises(ParameterError, match=r"did you mean 'lasso'\?"):
        parameters.validate_parameters("page", DEFAULTS, {"learner": "laso"})
    with pytest.raises(ParameterError, match=r"did you mean 'public'\?"):
        parameters.check_source("publik")


LEAST_DRAWS = {
    "industrial_upgrading/heterogeneity": 19,
    "virtual_agglomeration/robustness": 19,
    "collaborative_agglomeration/accession": 19,
    "collaborative_agglomeration/measurement": 19,
    "book/intervals": 2,
}
"""Of 19 permutations a p value can be 0.05, the level of the book's tests, and of fewer it cannot."""


def test_draws_that_say_nothing_are_refused_before_a_kernel_starts():
    pages = {page.name: page for page in notebooks(Path(__file__).parents[2])}
    for name, least in LEAST_DRAWS.items():
        page = pages[name]
        checked = parameters.validate_parameters(name, page.defaults, {"draws": str(least)}, page.limits)
        assert checked["draws"] == least
        with pytest.raises(ParameterError, match=f"this notebook needs ≥ {least} "):
            parameters.validate_parameters(name, page.defaults, {"draws": str(least - 1)}, page.limits)
