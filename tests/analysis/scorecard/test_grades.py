"""Grades and words at their thresholds, and that nothing is read into a number that is not there."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digital_clusters.analysis.scorecard import grades

NAN = float("nan")


@pytest.mark.parametrize(
    ("value", "mark"),
    [(-0.134, "agrees"), (-0.064, "agrees"), (-0.135, "partly"), (-0.029, "partly"), (0.0, "differs")],
)
def test_magnitude_counts_printed_errors(value, mark):
    assert grades.grade_magnitude(value, -0.099, 0.035) == mark


@pytest.mark.parametrize(
    ("error", "mark"),
    [(0.04, "agrees"), (0.03, "agrees"), (0.06, "partly"), (0.021, "partly"), (0.09, "differs")],
)
def test_errors_are_compared_as_ratios(error, mark):
    assert grades.grade_error(error, 0.04) == mark


def test_observations_and_moments_are_compared_relatively():
    assert [grades.grade_n(n, 1000) for n in (1010, 1011, 1250, 1251, None)] == [
        "agrees", "partly", "partly", "differs", "not available",
    ]  # fmt: skip
    assert grades.grade_moment(0.42, 0.4) == "agrees" and grades.grade_moment(0.43, 0.4) == "partly"
    assert grades.grade_moment(None, 0.4) == "not available"


@pytest.mark.parametrize(
    ("value", "p", "share", "word"),
    [
        (-0.1, 0.01, 0.51, "stands"),
        (-0.1, 0.01, 0.5, "fragile"),
        (-0.1, 0.01, None, "fragile"),
        (0.1, 0.01, 0.9, "opposite"),
        (-0.1, 0.05, 0.9, "undecided"),
        (NAN, NAN, 0.9, "not available"),
    ],
)
def test_the_word_follows_from_sign_test_and_multiverse(value, p, share, word):
    assert grades.verdict_of(value, p, (-0.2, 0.2), -1.0, share_clear=share) == word


@pytest.mark.parametrize(("p_family", "word"), [(0.049, "stands"), (0.05, "fragile"), (None, "stands")])
def test_a_claim_stands_among_all_claims_of_its_abstract(p_family, word):
    assert grades.verdict_of(-0.1, 0.01, (-0.2, 0.0), -1.0, share_clear=0.9, p_family=p_family) == word
    assert grades.verdict_of(0.1, 0.01, (0.0, 0.2), -1.0, share_clear=0.9, p_family=p_family) == "opposite"


@pytest.mark.parametrize(("printed", "word"), [(-0.2, "undecided"), (-0.21, "smaller"), (None, "undecided")])
def test_a_printed_size_outside_the_interval_is_told(printed, word):
    assert grades.verdict_of(-0.01, 0.9, (-0.2, 0.2), -1.0, printed=printed) == word


def test_the_twin_has_its_own_words():
    assert grades.twin_word(1.0, 0.065) == "sign only", "a sign found always, and a size in 6 per cent"
    assert grades.twin_word(0.8, 0.9) == "sign and size" and grades.twin_word(0.79, 1.0) == "often missed"
    assert grades.twin_word(1.0, None) == "not available"
    assert grades.twin_word_once(0.06, -0.09, 0.02) == "other sign"
    assert grades.twin_word_once(0.06, 0.07, 0.02) == "sign and size"
    assert grades.twin_word_once(0.06, 0.2, 0.02) == "sign only"
    assert grades.twin_word_once(0.06, 0.01, 0.02) == "often missed"
    assert grades.twin_word_once(None, 0.1, 0.02) == "not available"


@given(st.sampled_from(["sign", "magnitude", "error", "significance", "n"]))
def test_what_is_missing_never_agrees(aspect):
    made = {
        "sign": grades.grade_sign(NAN, 1.0),
        "magnitude": grades.grade_magnitude(NAN, 0.1, 0.1),
        "error": grades.grade_error(NAN, 0.1),
        "significance": grades.grade_significance(NAN, NAN, 1.0),
        "n": grades.grade_n(None, 100),
    }
    assert made[aspect] == "not available"


finite = st.floats(-10, 10).filter(lambda x: abs(x) > 1e-3)


@given(finite, finite, st.floats(0.01, 5), st.floats(1e-3, 1e3))
def test_grades_do_not_depend_on_the_unit(value, printed, error, unit):
    distance = abs(value - printed) / error
    if min(abs(distance - 1), abs(distance - 2)) > 1e-6:
        there = grades.grade_magnitude(value * unit, printed * unit, error * unit)
        assert there == grades.grade_magnitude(value, printed, error)
    assert grades.grade_sign(value * unit, printed) == grades.grade_sign(value, printed)


@given(st.floats(0, 1), st.floats(-1, 1), st.one_of(st.none(), st.floats(0, 1)))
def test_every_word_is_defined(p, value, share):
    word = grades.verdict_of(value, p, (value - 1, value + 1), 1.0, printed=0.5, share_clear=share)
    assert word in grades.VERDICTS and not math.isnan(value)
