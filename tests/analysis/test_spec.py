"""The specification is the vocabulary of the project: what it accepts, what it refuses and how."""

import pytest

from digital_clusters.analysis.spec import Spec, read_spec
from digital_clusters.errors import ParameterError


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"fold": 6}, ["unknown field 'fold'", "folds"]),
        ({"folds": "6"}, ["folds = '6'", "integer"]),
        ({"folds": 6.0}, ["folds = 6.0", "integer"]),
        ({"folds": 1}, ["folds = 1", "greater than or equal to 2"]),
        ({"learner": "boosting"}, ["learner = 'boosting'", "gradient_boosting"]),
        ({"winsorise": 0.5}, ["winsorise = 0.5", "less than 0.25"]),
        ({"exclude_municipalities": "yes"}, ["exclude_municipalities = 'yes'", "boolean"]),
        ({"first_year": 2020, "last_year": 2011}, ["first_year 2020 is after last_year 2011"]),
    ],
)
def test_a_wrong_field_is_refused_with_its_name_and_what_is_right(change, words):
    with pytest.raises(ParameterError) as refusal:
        Spec().change(**change)
    assert all(word in str(refusal.value) for word in words)


def test_two_wrong_fields_are_both_named():
    with pytest.raises(ParameterError, match=r"folds.*; seed"):
        read_spec({"folds": 0, "seed": -1})


def test_a_specification_cannot_be_edited_in_place():
    with pytest.raises(Exception, match="frozen"):
        Spec().folds = 3


def test_plain_values_and_back():
    spec = Spec(controls=("a", "b"), moderator="m", group="above_median")
    assert read_spec(spec.model_dump(mode="json")) == spec
