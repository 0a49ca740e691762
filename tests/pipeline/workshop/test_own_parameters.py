"""A notebook may have parameters that the project does not know; they are read like their defaults."""

import pytest

from digital_clusters.errors import ParameterError
from digital_clusters.pipeline.parameters import describe_parameter, validate_parameters

DEFAULTS = {"folds": 5, "threshold": 0.5, "words": "a", "flags": (1, 2), "on": False, "count": 3}


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("threshold", "0.25", 0.25),
        ("threshold", "2", 2.0),
        ("threshold", 2, 2.0),
        ("words", "6", "6"),
        ("flags", "[3, 4]", [3, 4]),
        ("flags", (3,), [3]),
        ("on", "true", True),
        ("count", "4", 4),
    ],
)
def test_a_value_is_read_like_its_default(name, given, value):
    found = validate_parameters("mine/x", DEFAULTS, {name: given})
    assert found[name] == value and type(found[name]) is type(value)


@pytest.mark.parametrize(
    ("name", "given"),
    [("threshold", "high"), ("count", "4.5"), ("count", "true"), ("on", "1"), ("flags", "3"), ("words", 6)],
)
def test_a_value_of_another_kind_is_refused(name, given):
    with pytest.raises(ParameterError, match=f"mine/x: {name} = .* as its default"):
        validate_parameters("mine/x", DEFAULTS, {name: given})


def test_a_page_of_a_study_may_have_them_and_what_it_does_not_declare_is_refused():
    assert validate_parameters("study/x", DEFAULTS, {"threshold": "0.25"})["threshold"] == 0.25
    with pytest.raises(ParameterError, match="study/x has no parameter 'treshold'.*did you mean 'threshold'"):
        validate_parameters("study/x", DEFAULTS, {"treshold": "0.25"})


def test_a_name_that_is_nearly_a_known_one_is_a_slip_but_on_a_page_of_ones_own():
    with pytest.raises(ParameterError, match="'lerner', which is not .*did you mean 'learner'"):
        validate_parameters("study/x", {"lerner": "linear"}, {})
    assert validate_parameters("mine/x", {"lerner": "linear"}, {}) == {"lerner": "linear"}


def test_what_the_project_knows_is_checked_as_ever():
    with pytest.raises(ParameterError, match="folds = '1'"):
        validate_parameters("mine/x", DEFAULTS, {"folds": "1"})
    with pytest.raises(ParameterError, match="None"):
        validate_parameters("mine/x", {"empty": None}, {})


def test_it_is_described_by_its_default():
    row = describe_parameter("threshold", 0.5)
    assert (row.type, row.default, row.description) == ("number", "0.5", "of this notebook alone")
