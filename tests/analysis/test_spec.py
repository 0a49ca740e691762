"""The specification is the vocabulary of the project: what it accepts, what it refuses and how."""

import pytest

from digital_clusters.analysis.spec import read_spec
from digital_clusters.errors import ParameterError
from digital_clusters.studies.industrial_upgrading.specs import NO_CONTROLS


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
        NO_CONTROLS.change(**change)
    assert all(word in str(refusal.value) for word in words)


def test_two_wrong_fields_are_both_named():
    with pytest.raises(ParameterError, match=r"folds.*; seed"):
        read_spec(NO_CONTROLS.model_dump() | {"folds": 0, "seed": -1})


def test_a_specification_cannot_be_edited_in_place():
    with pytest.raises(Exception, match="frozen"):
        NO_CONTROLS.folds = 3


def test_plain_values_and_back():
    spec = NO_CONTROLS.change(controls=("a", "b"), moderator="m", group="above_median")
    assert read_spec(spec.model_dump(mode="json")) == spec


def test_outcome_treatment_and_years_must_be_said():
    with pytest.raises(ParameterError) as refusal:
        read_spec({"method": "two_way_fixed_effects"})
    for name in ("outcome", "treatment", "first_year", "last_year"):
        assert f"{name} must be said" in str(refusal.value)


def test_a_specification_shows_what_applies_and_is_not_the_default():
    spec = NO_CONTROLS.change(folds=6, weights="contiguity")
    assert repr(spec) == "Spec(gini on uil, 2011–2021, double_machine_learning, folds=6)"
    spatial = spec.change(method="spatial_panel")
    assert repr(spatial) == "Spec(gini on uil, 2011–2021, spatial_panel, weights='contiguity')"
    moderated = spatial.change(moderator="difi", scaling="normalised")
    assert "scaling" in repr(moderated) and "scaling" not in repr(spec.change(scaling="normalised"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {},
            "Gini of lights on index of structure; double machine learning, learner gradient boosting,",
        ),
        ({"fold_unit": "clusters", "repeats": 3}, "5 folds by city, fixed effects by dummies, 3 repetitions"),
        (
            {"squared": True, "moderator": "difi"},
            "Gini of lights on index of structure and its square, moderated by digital finance index;",
        ),
        ({"lag": 1}, "on index of structure a year earlier;"),
        ({"lag": 2}, "on index of structure 2 years earlier;"),
        ({"mediators": ("a", "b")}, "through a and b"),
        ({"mediators": ("market_demand", "b")}, "through market demand and b"),
        (
            {"controls": ("coagglomeration^2", "coagglomeration:internet", "x")},
            "controls co-agglomeration squared, co-agglomeration × internet users, x;",
        ),
        ({"instrument": "z", "method": "instrumental_variables"}, "instrument z; two-stage least squares"),
        (
            {"method": "spatial_panel", "correction": "bias"},
            "model durbin, weights nearest cities, bias of the effects subtracted",
        ),
        (
            {"winsorise": 0.01, "group": "above_median"},
            "winsorised at 0.01 in each tail, index of structure above the median",
        ),
        ({"exclude_municipalities": True}, "2011–2021, without municipalities"),
        ({"balanced": True}, "2011–2021, cities with every year"),
        ({"errors": "driscoll_kraay"}, "errors of Driscoll and Kraay"),
        ({"errors": "clustered"}, "errors clustered by city;"),
        ({"errors": "conley", "cutoff": 250}, "errors of Conley up to 250 km"),
        (
            {"errors": "clustered", "clusters": "province", "method": "two_way_fixed_effects"},
            "errors clustered by province",
        ),
    ],
)
def test_a_specification_is_said_in_words(change, words):
    assert words in NO_CONTROLS.change(**change).in_words()


def test_other_clusters_need_clustered_errors_of_least_squares():
    for change in ({"errors": "robust", "method": "two_way_fixed_effects"}, {"errors": "clustered"}):
        with pytest.raises(
            ParameterError, match="clusters 'province' go with method 'two_way_fixed_effects'"
        ):
            NO_CONTROLS.change(clusters="province", **change)
