"""Values that other tools' tests and examples give, or that follow from their formulas by hand."""

import numpy as np
import pytest

from digital_clusters.analysis.audit import (
    correlations,
    effects,
    fit_statistics,
    significance,
    transformations,
    whole_numbers,
)
from digital_clusters.analysis.audit.intervals import Interval
from digital_clusters.analysis.audit.printed import PValue, term
from digital_clusters.analysis.audit.rounding import Number
from digital_clusters.analysis.audit.samples import TWO_SIDED_5, check_difference, check_pooled


def grade(findings):
    (found,) = findings
    return found.grade


def numbers(*texts):
    return [Number(text) for text in texts]


@pytest.mark.parametrize(
    ("t", "low", "high"),
    [("2.2", 0.03249, 0.04034), ("2", 0.01855, 0.14481), ("2.20", 0.03584, 0.03662)],
)
def test_p_of_a_rounded_t(t, low, high):
    assert tuple(significance.p_range(Number(t).interval, 28)) == pytest.approx((low, high), abs=6e-6)


@pytest.mark.parametrize(
    ("kind", "statistic", "p", "df"),
    [
        ("t", "2", ".02", 28),
        ("t", "2", ".14", 28),
        ("t", "2.2", ".03", 28),
        ("t", "2.2", ".04", 28),
        ("t", "2.20", ".036", 28),
        ("t", "2.20", ".037", 28),
        ("t", "2.0", "<.05", 28),
        ("z", "-2.42", "0.016", None),
    ],
)
def test_statistics_and_p_values_that_agree(kind, statistic, p, df):
    found = significance.check_statistic("", kind, Number(statistic), PValue(p), df)
    assert grade(found) in ("possible", "consistent")


@pytest.mark.parametrize(
    ("kind", "statistic", "p", "df", "df2", "interval"),
    [
        ("t", "2.20", ".03", 28, None, None),
        ("F", "2.20", ".15", 2, 28, (0.1290, 0.1302)),
        ("r", ".22", ".26", 28, None, (0.2319, 0.2539)),
        ("chi2", "22.20", ".79", 28, None, (0.7717, 0.7722)),
        ("z", "2.20", ".04", None, None, (0.02745, 0.02816)),
        ("t", "-2.20", ".03", 28, None, None),
        ("t", "2.20", "ns", 28, None, None),
        ("t", "1.20", ".03", 28, None, None),
        ("t", "2.20", ".30", 28, None, None),
    ],
)
def test_statistics_and_p_values_that_do_not(kind, statistic, p, df, df2, interval):
    (found,) = significance.check_statistic("", kind, Number(statistic), PValue(p), df, df2)
    assert found.grade == "contradicts"
    if interval:
        said = tuple(float(end) for end in found.implied.split(";")[0].split(" to "))
        assert said == pytest.approx(interval, abs=6e-5)


def test_a_p_value_of_a_one_sided_test_is_named():
    (found,) = significance.check_statistic("", "t", Number("2.20"), PValue(".018"), 28)
    assert found.grade == "contradicts" and "one-sided" in found.implied


def test_t_and_limits_of_a_coefficient():
    printed = term("-5.34", ".56")
    assert tuple(printed.t_range) == pytest.approx((9.4425, 9.6306), abs=5e-5)
    reach = printed.standard_error.error_range.times(significance.critical_value(0.05, 30))
    assert tuple(printed.coefficient.interval - reach) == pytest.approx((-6.4989, -6.4685), abs=5e-5)
    assert tuple(printed.coefficient.interval + reach) == pytest.approx((-4.2115, -4.1811), abs=5e-5)
    found = significance.check_limits("", printed, *numbers("-6.49", "-4.20"), df=30)
    assert {end.grade for end in found} == {"possible"}
    (low, _) = significance.check_limits("", printed, *numbers("-6.40", "-4.20"), df=30)
    assert low.grade == "contradicts"


def test_f_and_r2():
    df = 1923 - 3
    assert tuple(fit_statistics.f_range(Number(".41").interval, 2, df)) == pytest.approx(
        (653.45, 681.03), abs=5e-3
    )
    assert grade(fit_statistics.check_f("", *numbers(".41", "665.4"), 1923, 2)) == "possible"
    found = fit_statistics.r2_range(Number("665.4").interval, 2, df)
    assert tuple(found) == pytest.approx((0.409358, 0.409394), abs=5e-7)
    adjusted = fit_statistics.adjusted_range(Number(".41").interval, 1923, df)
    assert tuple(adjusted) == pytest.approx((0.40438, 0.41439), abs=5e-6)
    (found,) = fit_statistics.check_added("", *numbers(".18", ".41"), 1923, 2, 1, Number("748"))
    ends = [float(end) for end in found.implied.removeprefix("F ").split(" to ")]
    assert ends == pytest.approx([709.9, 787.7], abs=0.05) and found.grade == "possible"


def test_standardised_coefficients_and_correlations_with_the_outcome():
    betas, with_outcome = numbers("-.39", ".47"), numbers("-.53", ".61")
    (found,) = fit_statistics.check_r2_of_betas("", betas, with_outcome, Number(".41"))
    assert found.implied == "0.483 to 0.503" and found.grade == "contradicts"
    (found,) = fit_statistics.check_two_regressors("", betas, with_outcome)
    assert found.implied == "correlation −0.323 to −0.274 and −0.390 to −0.329"
    assert found.grade == "contradicts"


def test_standardised_coefficient_bound_and_gain():
    (found,) = significance.check_standardised("", *numbers("-5.34", ".98", "6.03", "-.868"))
    assert found.implied == "−0.8738 to −0.8619"
    (found,) = significance.check_t_bound("", *numbers("4.78", ".30", ".20"), 200, 3)
    assert found.implied == "|t| at most 4.789"
    assert grade(significance.check_t_bound("", *numbers("4.80", ".30", ".20"), 200, 3)) == "contradicts"
    (found,) = significance.check_gain("", *numbers("3.50", ".40"), 200, Number(".0367"))
    assert found.implied == "0.03634 to 0.03716"


@pytest.mark.parametrize(("hundredths", "possible"), list(zip(range(519, 531), "FFTFFFTFFFTF", strict=True)))
def test_means_of_28_whole_numbers(hundredths, possible):
    found = whole_numbers.check_grim("", 28, Number(f"{hundredths / 100:.2f}"))
    assert grade(found) == ("consistent" if possible == "T" else "contradicts")


@pytest.mark.parametrize(
    ("mean", "n", "items", "possible"), [("5.19", 32, 1, True), ("5.19", 40, 1, False), ("2.84", 16, 2, True)]
)
def test_means_of_whole_numbers(mean, n, items, possible):
    assert (grade(whole_numbers.check_grim("", n, Number(mean), items)) == "consistent") is possible


@pytest.mark.parametrize(
    ("mean", "sd", "n", "possible"),
    [
        ("5.23", "2.55", 35, False),
        ("5.23", "2.55", 31, True),
        ("1.03", ".41", 40, False),
        ("3.10", "1.37", 10, True),
        ("2.57", "2.57", 30, True),
        ("9.42375", "3.86", 59, False),
    ],
)
def test_standard_deviations_of_whole_numbers(mean, sd, n, possible):
    assert (grade(whole_numbers.check_grimmer("", n, *numbers(mean, sd))) == "consistent") is possible


@pytest.mark.parametrize(("mean", "sd", "n"), [(".36", ".11", 20), (".35", ".18", 20), (".11", ".31", 40)])
def test_zeros_and_ones_that_cannot_be(mean, sd, n):
    assert grade(whole_numbers.check_debit("", n, *numbers(mean, sd))) == "contradicts"


def test_every_sample_of_zeros_and_ones_is_found():
    for ones in range(21):
        values = np.repeat([0, 1], [20 - ones, ones])
        texts = f"{values.mean():.2f}", f"{values.std(ddof=1):.2f}"
        assert grade(whole_numbers.check_debit("", 20, *numbers(*texts))) == "consistent"


def test_parts_against_the_whole_of_the_printed_periods_and_groups():
    early, late = term("0.156", "0.055"), term("-0.133", "0.043")
    high, low = term("-0.182", "0.058"), term("0.155", "0.065")
    whole = term("-0.099", "0.035")
    (periods,) = check_pooled("", [early, late], whole)
    (groups,) = check_pooled("", [high, low], whole)
    assert "−0.027 to −0.020" in periods.implied and "−0.036 to −0.029" in groups.implied
    assert periods.grade == "tension"
    for first, second, z in ((early, late, 4.14), (high, low, -3.87)):
        (found,) = check_difference("", first, second)
        ends = [float(end) for end in found.implied.removeprefix("|z| ").split(" to ")]
        assert ends[0] < abs(z) < ends[1] and ends[0] > TWO_SIDED_5 and found.grade == "consistent"


def test_stars_of_the_printed_tables():
    low, high = significance.p_range(term("-0.060", "0.027").t_range)
    assert (low, high) == pytest.approx((0.0224, 0.0305), abs=6e-5)
    low, high = significance.p_range(term("0.002", "0.001").t_range)
    assert (low, high) == pytest.approx((6e-7, 0.32), rel=0.05)


def test_correlations_that_no_data_have():
    rows = [numbers("0.90"), numbers("0.90", "-0.90")]
    assert grade(correlations.check_correlations("", rows)) == "contradicts"
    assert (
        grade(correlations.check_correlations("", [numbers("0.90"), numbers("0.90", "0.62")])) == "possible"
    )
    assert (
        grade(correlations.check_correlations("", [numbers("0.10"), numbers("0.20", "0.30")])) == "consistent"
    )


def test_hausman_of_one_coefficient_bounds_that_of_several():
    fixed, random = term("0.50", "0.10"), term("0.30", "0.06")
    exact = 0.2**2 / (0.1**2 - 0.06**2)
    assert grade(effects.check_hausman("", fixed, random, Number(f"{exact:.2f}"))) == "possible"
    assert grade(effects.check_hausman("", fixed, random, Number("1.00"))) == "contradicts"
    assert grade(effects.check_hausman("", fixed, random, Number("90"), coefficients=3)) == "consistent"
    assert grade(effects.check_hausman("", fixed, random, Number("1.00"), coefficients=3)) == "contradicts"
    assert grade(effects.check_hausman("", random, fixed, Number("1.00"))) == "tension"


def test_a_turning_point():
    linear, squared = numbers("-0.400", "0.250")
    assert tuple(transformations.turning_range(linear, squared)) == pytest.approx(
        (0.3995 / 0.501, 0.4005 / 0.499)
    )
    assert grade(transformations.check_turning_point("", linear, squared, Number("0.80"))) == "consistent"
    inside = transformations.check_turning_inside("", linear, squared, *numbers("0.1", "0.9"))
    assert grade(inside) == "consistent"
    outside = transformations.check_turning_inside("", linear, squared, *numbers("1.1", "1.9"))
    assert grade(outside) == "contradicts"


def test_division_by_what_may_be_zero_has_no_end():
    assert Interval(1, 2) / Interval(0, 2) == Interval(0.5, np.inf)
    assert Interval(1, 2) / Interval(-1, 2) == Interval(-np.inf, np.inf)
    assert Interval(-1, 2) * Interval(0, np.inf) == Interval(-np.inf, np.inf)
