import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.curves.moving import curve_at, turning_point_path, turning_point_shift
from digital_clusters.estimators.curves.ratios import ratio_set
from digital_clusters.estimators.curves.turning_points import turning_point, u_test
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects

REFERENCE = 1e-6  # relative; the tolerance stated with the case
PRINTED = 5e-7  # the case gives slopes with six decimals
HAND = 1e-12  # closed forms in other arrangements of the same arithmetic
GRADIENT = 1e-6  # relative; central differences of step 1e-5 have an error of about 1e-9
ROOT = 1e-7  # relative; the test at an end of a set differs from its critical value by rounding alone
DRAWS = 1_500  # of coefficients; shares may be off by four standard errors
CURVE = {"linear": "c", "square": "c2"}
MODERATED = CURVE | {"interaction": "cz", "square_interaction": "c2z"}
TERMS = ("c", "c2", "cz", "c2z")


def estimate(coefficients, covariance, terms=None, degrees_of_freedom=None):
    terms = TERMS[: len(coefficients)] if terms is None else terms
    return Estimate(
        terms, coefficients, covariance, 100, "by hand", "none", degrees_of_freedom=degrees_of_freedom
    )


def example(seed=0, scale=0.01, n=4):
    """An inverted U whose top moves with z, and an arbitrary covariance."""
    root = np.random.default_rng(seed).standard_normal((n, n))
    return estimate([1.0, -0.5, 0.4, 0.1][:n], scale * root @ root.T / n)


@pytest.fixture(scope="module")
def wages(reference_case):
    case = reference_case("J1")
    frame = pd.read_csv(case["folder"] / case["data"])
    x = frame[["exper", "expersq"]].to_numpy(float)
    keys = {"entity": np.arange(len(frame)), "time": np.zeros(len(frame), dtype=int)}
    found = two_way_fixed_effects(
        frame["wage"], x, **keys, terms=["exper", "expersq"], effects="none", errors="homoskedastic"
    )
    return case["expected"], found, {"linear": "exper", "square": "expersq"}


def test_wages_over_experience(wages):
    expected, found, terms = wages
    assert found.coefficients == pytest.approx(expected["b"], rel=REFERENCE)
    assert found.degrees_of_freedom == expected["df"]
    point = turning_point(found, **terms)
    assert point.value == pytest.approx(expected["tp"], rel=REFERENCE)
    assert point.standard_error == pytest.approx(expected["delta_se"], rel=REFERENCE)
    assert point.fieller.interval == pytest.approx(expected["fieller95"], rel=REFERENCE)
    ninety = turning_point(found, **terms, level=0.9)
    assert ninety.fieller.interval == pytest.approx(expected["fieller90"], rel=REFERENCE)
    test = u_test(found, **terms, low=1, high=51)
    assert test.slopes == pytest.approx(expected["slope"], abs=PRINTED)
    assert test.t == pytest.approx(expected["t"], rel=REFERENCE)
    assert test.overall_t == pytest.approx(expected["overall_t"], rel=REFERENCE)
    assert test.overall_p == pytest.approx(expected["overall_p"], rel=REFERENCE)
    assert (test.curve, test.inside) == ("inverted_u", True)


def test_printed_turning_point_of_wages():
    """Wooldridge, Introductory Econometrics, eq. 6.12: .298 experience − .0061 its square, top at 24.4."""
    point = turning_point(estimate([0.298, -0.0061], np.zeros((2, 2))), **CURVE)
    assert round(point.value, 1) == 24.4
    assert point.fieller.interval == (point.value, point.value)


def test_independent_coefficients_by_hand():
    """(2 − 2r)² ≤ .04 + 4 · .01 r² for a critical value of 1, that is .99 r² − 2 r + .99 ≤ 0."""
    found = estimate([2.0, -1.0], np.diag([0.04, 0.01]))
    point = turning_point(found, **CURVE, level=stats.norm.cdf(1) - stats.norm.cdf(-1))
    assert point.value == 1.0
    assert point.standard_error == pytest.approx(np.sqrt(0.04 / 4 + 0.01), rel=HAND)
    root = np.sqrt(1 - 0.99**2)
    assert point.fieller.interval == pytest.approx(((1 - root) / 0.99, (1 + root) / 0.99), rel=HAND)
    low, high = point.delta
    assert (low + high) / 2 == pytest.approx(1.0, rel=HAND)
    assert high - 1 < point.fieller.interval[1] - 1  # the Fieller interval is skewed outwards


@pytest.mark.parametrize(
    ("variances", "shape", "words"),
    [
        ((0.01, 0.01), "bounded", r"\[0\."),
        ((0.01, 4.0), "two_rays", "up to .* and from"),
        ((100.0, 4.0), "whole_line", "every value"),
    ],
)
def test_shapes_of_the_fieller_set(variances, shape, words):
    """Bounded if and only if the curvature differs from zero (|t| of b2: 10, 0.5, 0.5)."""
    found = turning_point(estimate([2.0, -1.0], np.diag(variances)), **CURVE).fieller
    assert found.shape == shape
    assert 1.0 in found
    assert re.search(words, str(found))
    assert (found.interval == (-np.inf, np.inf)) == (shape != "bounded")
    if shape == "two_rays":
        gap = sum(found.pieces[i][1 - i] for i in (0, 1)) / 2
        assert gap not in found


def test_a_denominator_at_the_edge_gives_a_half_line():
    found = ratio_set(1.0, 1.0, [[0.25, 0], [0, 1.0]], critical_value=1.0, level=0.68)
    assert found.shape == "half_line"
    assert found.pieces == ((0.375, np.inf),)  # (1 − r)² ≤ .25 + r² from r = .75 / 2
    assert str(found) == "from 0.375"
    mirrored = ratio_set(-1.0, 1.0, [[0.25, 0], [0, 1.0]], critical_value=1.0, level=0.68)
    assert mirrored.pieces == ((-np.inf, -0.375),)
    assert str(mirrored) == "up to -0.375"


coefficient = st.floats(0.1, 5) | st.floats(-5, -0.1)


@settings(max_examples=150)
@given(b1=coefficient, b2=coefficient, seed=st.integers(0, 10_000), scale=st.floats(1e-3, 3))
def test_ends_of_the_set_are_where_the_test_turns(b1, b2, seed, scale):
    root = np.random.default_rng(seed).standard_normal((2, 2))
    found = estimate([b1, b2], scale * root @ root.T)
    point = turning_point(found, **CURVE)

    def statistic(c):
        weights = np.array([1.0, 2 * c])
        return abs(weights @ found.coefficients) / np.sqrt(weights @ found.covariance @ weights)

    ends = [end for piece in point.fieller.pieces for end in piece if np.isfinite(end)]
    assume(all(abs(end) < 1e4 for end in ends))
    for end in ends:
        assert statistic(end) == pytest.approx(found.critical_value(), rel=1e-5)
    for c in np.linspace(-20, 20, 41):
        excess = statistic(c) / found.critical_value() - 1
        if abs(excess) > ROOT:
            assert (c in point.fieller) == (excess < 0)
    bend, error = found["c2"]
    assert (point.fieller.shape == "bounded") == (abs(bend / error) > found.critical_value())


@settings(max_examples=60)
@given(seed=st.integers(0, 10_000), factor=st.floats(0.01, 100), unit=st.floats(0.01, 100))
def test_units_of_the_regressor_and_the_outcome(seed, factor, unit):
    """c in other units multiplies the turning point and its intervals; units of y change nothing."""
    found = example(seed, n=2)
    change = unit * np.diag([1 / factor, 1 / factor**2])
    scaled = estimate(change @ found.coefficients, change @ found.covariance @ change)
    one, other = turning_point(found, **CURVE), turning_point(scaled, **CURVE)
    assert other.value == pytest.approx(factor * one.value, rel=ROOT)
    assert other.standard_error == pytest.approx(factor * one.standard_error, rel=ROOT)
    assert other.fieller.shape == one.fieller.shape
    for piece, same in zip(other.fieller.pieces, one.fieller.pieces, strict=True):
        assert piece == pytest.approx([factor * end for end in same], rel=ROOT)
    test = u_test(found, **CURVE, low=-1, high=2)
    rescaled = u_test(scaled, **CURVE, low=-factor, high=2 * factor)
    assert rescaled.t == pytest.approx(test.t, rel=ROOT)


@settings(max_examples=100)
@given(
    b1=st.floats(-4, 4), b2=coefficient, seed=st.integers(0, 10_000), df=st.sampled_from([None, 8.0, 200.0])
)
def test_u_test_rejects_where_the_fieller_interval_of_1_minus_2_alpha_is_inside(b1, b2, seed, df):
    """Lind & Mehlum (2010): the two decisions are one."""
    root = np.random.default_rng(seed).standard_normal((2, 2))
    found = estimate([b1, b2], 0.05 * root @ root.T, degrees_of_freedom=df)
    test = u_test(found, **CURVE, low=-1.0, high=2.0)
    low, high = turning_point(found, **CURVE, level=0.9).fieller.interval
    assert (test.overall_p is not None and test.overall_p < 0.05) == (low > -1.0 and high < 2.0)


def test_u_test_takes_the_weaker_end():
    """Slopes 2 − 2c at .5 and 3 are 1 and −4, both with a standard error of .5: t of 2 and −8."""
    found = estimate([2.0, -1.0], np.diag([0.25, 0.0]), degrees_of_freedom=20.0)
    test = u_test(found, **CURVE, low=0.5, high=3.0)
    assert test.slopes == (1.0, -4.0)
    assert test.t == pytest.approx((2.0, -8.0), rel=HAND)
    assert test.overall_t == pytest.approx(2.0, rel=HAND)
    assert test.overall_p == pytest.approx(stats.t.sf(2, 20), rel=HAND)
    upside_down = estimate([-2.0, 1.0], np.diag([0.25, 0.0]))
    assert u_test(upside_down, **CURVE, low=0.5, high=3.0).curve == "u"
    assert u_test(upside_down, **CURVE, low=0.5, high=3.0).overall_p == pytest.approx(stats.norm.sf(2))


@pytest.mark.parametrize(("low", "high"), [(1.5, 3.0), (-3.0, 0.5), (1.0, 2.0)])
def test_no_p_where_the_extremum_is_not_inside(low, high):
    test = u_test(example(n=2), **CURVE, low=low, high=high)
    assert (test.inside, test.overall_t, test.overall_p) == (False, None, None)
    assert test.turning_point == 1.0


def test_size_of_the_u_test_on_a_monotone_curve():
    """A curve that is flat at one end is the worst monotone case: a test at 5 % rejects in 5 %."""
    rng = np.random.default_rng(5)
    covariance = np.array([[0.01, -0.004], [-0.004, 0.002]])
    draws = rng.multivariate_normal([2.0, -1.0], covariance, size=DRAWS)  # flat at c = 1
    rejected = 0
    for draw in draws:
        p = u_test(estimate(draw, covariance), **CURVE, low=-4.0, high=1.0).overall_p
        rejected += p is not None and p < 0.05
    assert abs(rejected / DRAWS - 0.05) < 4 * np.sqrt(0.05 * 0.95 / DRAWS)


def test_coverage_of_fieller_where_the_curvature_is_weak():
    rng = np.random.default_rng(6)
    covariance = np.diag([0.05, 0.06])  # t of b2 is about 2: the delta method covers too little
    inside = sum(
        0.5 in turning_point(estimate(draw, covariance), **CURVE).fieller
        for draw in rng.multivariate_normal([0.5, -0.5], covariance, size=DRAWS)
    )
    assert abs(inside / DRAWS - 0.95) < 4 * np.sqrt(0.05 * 0.95 / DRAWS)


def test_curve_at_a_value_of_the_moderator():
    found = example()
    curve = curve_at(found, 2.0, **MODERATED)
    weights = np.array([[1, 0, 2, 0], [0, 1, 0, 2.0]])
    assert curve.coefficients == pytest.approx([1.8, -0.3], rel=HAND)
    assert curve.covariance == pytest.approx(weights @ found.covariance @ weights.T, rel=HAND)
    assert curve_at(found, 0.0, **MODERATED).coefficients == pytest.approx([1.0, -0.5])
    flat = curve_at(example(n=3), 2.0, **CURVE, interaction="cz")
    assert flat.coefficients == pytest.approx([1.8, -0.5], rel=HAND)


def test_repeated_cross_fitting_follows_the_curve():
    found = example()
    repeated = Estimate(
        **{name: getattr(found, name) for name in ("terms", "coefficients", "covariance")},
        n_observations=100,
        method="by hand",
        errors="none",
        repetitions=np.vstack([found.coefficients, 2 * found.coefficients]),
    )
    curve = curve_at(repeated, 2.0, **MODERATED)
    assert curve.repetitions == pytest.approx(np.array([[1.8, -0.3], [3.6, -0.6]]), rel=HAND)


def test_path_is_the_turning_point_of_each_curve():
    found, z = example(), np.linspace(-2, 3, 6)
    path = turning_point_path(found, z, **MODERATED)
    assert path.value == pytest.approx(-(1 + 0.4 * z) / (2 * (-0.5 + 0.1 * z)), rel=HAND)
    assert path.curvature == pytest.approx(-0.5 + 0.1 * z, rel=HAND)
    at_two = turning_point(curve_at(found, z[4], **MODERATED), **CURVE)
    assert (path.delta_lower[4], path.delta_upper[4]) == pytest.approx(at_two.delta, rel=HAND)
    assert path.fieller[4] == at_two.fieller
    assert path.standard_errors[4] == at_two.standard_error
    assert path.value.shape == path.delta_lower.shape == (6,) and len(path.fieller) == 6


def numeric_error(function, found):
    """Delta-method standard error with a gradient by central differences."""
    step = 1e-5 * np.eye(len(found.coefficients))
    beta = found.coefficients
    gradient = np.array([(function(beta + h) - function(beta - h)) / 2e-5 for h in step])
    return np.sqrt(gradient @ found.covariance @ gradient)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("z", [-1.0, 0.0, 0.7])
def test_delta_errors_are_those_of_numeric_gradients(seed, z):
    found = example(seed)

    def point(b):
        return -(b[0] + b[2] * z) / (2 * (b[1] + b[3] * z))

    def shift(b):
        return (b[0] * b[3] - b[1] * b[2]) / (2 * (b[1] + b[3] * z) ** 2)

    path = turning_point_path(found, z, **MODERATED)
    moved = turning_point_shift(found, at=z, **MODERATED)
    assert path.standard_errors[0] == pytest.approx(numeric_error(point, found), rel=GRADIENT)
    assert moved.value == pytest.approx(shift(found.coefficients), rel=HAND)
    assert moved.standard_error == pytest.approx(numeric_error(shift, found), rel=GRADIENT)


def test_shift_is_the_derivative_of_the_path():
    found, step = example(), 1e-5
    ahead, behind = turning_point_path(found, [1 + step, 1 - step], **MODERATED).value
    shift = turning_point_shift(found, at=1.0, **MODERATED)
    assert shift.value == pytest.approx((ahead - behind) / (2 * step), rel=GRADIENT)


def test_shift_without_a_square_interaction_is_one_ratio():
    """dc*/dz = −b4 / (2 b2) = 0.4, everywhere; the set is that of the turning point of (b4, b2)."""
    found = example(3, n=3)
    shift = turning_point_shift(found, **CURVE, interaction="cz", at=5.0)
    assert shift.value == pytest.approx(0.4, rel=HAND)
    same = turning_point(found, linear="cz", square="c2")
    assert (shift.value, shift.standard_error, shift.fieller) == (
        same.value,
        same.standard_error,
        same.fieller,
    )


def test_sets_of_the_shift_agree_where_the_square_interaction_is_known_to_be_zero():
    """b5 = 0 without variance: the products of the general form add terms of second order only."""
    found = example(3, scale=1e-6, n=3)
    padded = np.zeros((4, 4))
    padded[:3, :3] = found.covariance
    general = turning_point_shift(estimate([*found.coefficients, 0.0], padded), **MODERATED)
    single = turning_point_shift(found, **CURVE, interaction="cz")
    assert general.value == pytest.approx(single.value, rel=HAND)
    assert general.standard_error == pytest.approx(single.standard_error, rel=HAND)
    assert general.fieller.interval == pytest.approx(single.fieller.interval, rel=1e-4)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: turning_point(example(n=2), linear="c", square="d"), ParameterError, "it has: c, c2"),
        (lambda: turning_point(example(n=2), **CURVE, level=1.0), ParameterError, "level = 1.0"),
        (lambda: u_test(example(n=2), **CURVE, low=2, high=2), ParameterError, "must have a length"),
        (lambda: turning_point(estimate([1.0, 0.0], np.eye(2)), **CURVE), DataError, "exactly zero"),
        (lambda: turning_point_shift(example(n=3), **MODERATED), ParameterError, "'c2z' is not a term"),
        (
            lambda: ratio_set(1.0, 1.0, [[-1, 0], [0, 1]], critical_value=2.0, level=0.95),
            DataError,
            "variances",
        ),
        (lambda: ratio_set(1.0, 0.0, np.eye(2), critical_value=2.0, level=0.95), DataError, "zero"),
    ],
)
def test_what_has_no_answer_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()
