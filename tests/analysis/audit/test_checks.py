import numpy as np
import pytest

from digital_clusters.analysis.audit import (
    effects,
    fit_statistics,
    moments,
    samples,
    spatial,
    transformations,
)
from digital_clusters.analysis.audit.moments import check_extremes, check_moments
from digital_clusters.analysis.audit.printed import PValue, term
from digital_clusters.analysis.audit.rounding import Number
from digital_clusters.analysis.audit.samples import (
    check_median_split,
    check_parts,
    check_sample_size,
    check_whole_cities,
)
from digital_clusters.analysis.audit.significance import check_stars
from digital_clusters.analysis.audit.transformations import check_rescaling
from digital_clusters.errors import ParameterError

DIFI_RANGE = 359.683 - 21.260
"""Maximum minus minimum of the digital finance index in Table 1 of Yu & Zhang."""


def grades(findings):
    return [found.grade for found in findings]


def grade(findings):
    (found,) = findings
    return found.grade


def numbers(*texts):
    return [Number(text) for text in texts]


def test_a_printed_number_stands_for_an_interval():
    assert tuple(Number("-0.002").interval) == pytest.approx((-0.0025, -0.0015))
    assert tuple(Number("2,783").interval) == (2782.5, 2783.5)
    assert tuple(Number("-0.06", places=3).interval) == pytest.approx((-0.0605, -0.0595))
    assert tuple(term("-0.002", "0.001").t_range) == pytest.approx((1.0, 5.0))
    assert tuple(term("0.000", "0.001").t_range) == pytest.approx((0.0, 1.0))
    assert tuple(term("0.010", "0.000").t_range) == pytest.approx((19.0, np.inf))


@pytest.mark.parametrize(
    ("coefficient", "error", "stars", "decimals", "verdict"),
    [
        ("-0.262", "0.029", "***", None, "consistent"),
        ("-0.06", "0.027", "**", 3, "consistent"),  # |t| 2.16 to 2.28
        ("-0.06", "0.03", "**", None, "possible"),  # |t| 1.57 to 2.60
        ("-0.097", "0.036", "***", None, "consistent"),
        ("-0.002", "0.001", "**", None, "possible"),
        ("-0.074", "0.035", "***", None, "contradicts"),
        ("-0.074", "0.035", "", None, "contradicts"),
        ("0.010", "0.035", "", None, "consistent"),
    ],
)
def test_stars_against_t(coefficient, error, stars, decimals, verdict):
    row = term(coefficient, error, stars, places=decimals)
    assert grades(check_stars("Table 9 (1)", row)) == [verdict]


def test_stars_of_few_degrees_of_freedom_are_harder_to_get():
    row = term("2.100", "1.000", "**")
    assert grades(check_stars("Table 9 (1)", row)) == ["consistent"]
    assert grades(check_stars("Table 9 (1)", row, df=10)) == ["contradicts"]
    with pytest.raises(ParameterError, match="Table 9"):
        check_stars("Table 9 (1)", term("1", "1", "+"))


@pytest.mark.parametrize(
    ("printed", "cities", "years", "excluded", "verdict"),
    [
        (2783, 253, 11, 0, "consistent"),
        (2739, 253, 11, 4, "consistent"),
        (2789, 253, 11, 0, "contradicts"),
        (1265, 253, 5, 0, "consistent"),
        (1518, 253, 6, 0, "consistent"),
    ],
)
def test_sample_sizes_of_a_balanced_panel(printed, cities, years, excluded, verdict):
    found = check_sample_size("Table 4", printed, cities, years, excluded)
    assert grades(found) == [verdict]
    assert f"= {(cities - excluded) * years:,}" in found[0].implied


def test_parts_of_a_sample():
    assert grades(check_parts("Table 5", [1393, 1390], 2783)) == ["consistent"]
    assert grades(check_parts("Table 5", [1393, 1391], 2783)) == ["contradicts"]
    assert grades(check_whole_cities("Table 5", [1393, 1390], 11)) == ["contradicts"]
    assert grades(check_whole_cities("Table 5", [1265, 1518], 11)) == ["consistent"]


@pytest.mark.parametrize(
    ("above", "below", "verdict", "words"),
    [
        (1392, 1391, "consistent", "without ties"),
        (1393, 1390, "possible", "2 or more equal to the median"),
        (1390, 1393, "contradicts", "at least 1,392"),
        (5, 5, "consistent", "without ties"),
    ],
)
def test_sizes_of_a_median_split(above, below, verdict, words):
    found = check_median_split("Table 5", above, below)
    assert grades(found) == [verdict] and words in found[0].implied


def test_median_split_agrees_with_counting():
    random = np.random.default_rng(5)
    for _ in range(200):
        x = random.integers(0, 6, random.integers(3, 12))
        above = int((x >= np.median(x)).sum())
        found = check_median_split("", above, x.size - above)
        assert grades(found) != ["contradicts"]
        extra = above - (x.size + 1) // 2
        if extra:
            assert f"{extra + 1} or more" in found[0].implied
            assert (x == np.median(x)).sum() >= extra + 1


def test_an_index_scaled_to_one_keeps_its_t():
    raw = term("-0.002", "0.001", "***")
    scaled = term("-0.509", "0.069", "***")
    found = {row.check: row.grade for row in check_rescaling("", raw, scaled, DIFI_RANGE)}
    assert found == {
        "rescaling, coefficient": "possible",
        "rescaling, standard error": "contradicts",
        "rescaling, |t|": "contradicts",
    }
    interaction = check_rescaling(
        "", term("-0.002", "0.001", "**"), term("-0.565", "0.252", "**"), DIFI_RANGE
    )
    assert grades(interaction) == ["possible"] * 3
    other = check_rescaling("", term("-0.137", "0.049"), term("-0.139", "0.049"), 1)
    assert grades(other) == ["contradicts", "consistent", "possible"]


@pytest.mark.parametrize(
    ("after", "grade"), [("-0.139", "tension"), ("-0.185", "tension"), ("-0.188", "contradicts")]
)
def test_with_folds_drawn_anew_a_learnt_coefficient_moves_by_a_part_of_its_error(after, grade):
    before = term("-0.137", "0.049")
    found = check_rescaling("", before, term(after, "0.049"), 1, learnt=True)
    assert found[0].grade == grade


def test_moments_between_minimum_and_maximum():
    assert grades(check_moments("Gini", 2783, *numbers("0.407", "0.147", "0.016", "0.792"))) == ["consistent"]
    assert grades(check_moments("Gini", 2783, *numbers("0.407", "0.400", "0.016", "0.792"))) == [
        "contradicts"
    ]
    assert grades(check_moments("Gini", 2783, *numbers("0.900", "0.100", "0.016", "0.792"))) == [
        "contradicts"
    ]
    # two values, one at each end: the largest standard deviation there is, 1 / sqrt(2)
    assert grades(check_moments("x", 2, *numbers("0.5", "0.7", "0.0", "1.0"))) == ["possible"]


def printed(coefficient, error):
    return term(coefficient, error, places=3)


EARLY, LATE, WHOLE = printed("0.156", "0.055"), printed("-0.133", "0.043"), printed("-0.099", "0.035")


def test_parts_and_whole_by_the_formula_for_pooled_estimates():
    found = samples.check_pooled("t", [EARLY, LATE], WHOLE)
    assert "−0.027 to −0.020" in found[0].implied and grade(found) == "tension"
    # parts that agree, of which the whole is the mean
    assert (
        grade(samples.check_pooled("t", [printed("-0.2", "0.05"), printed("0.0", "0.05")], WHOLE))
        == "possible"
    )


def test_a_difference_is_told_in_z_over_all_roundings():
    found = samples.check_difference("t", EARLY, LATE)
    low, high = (float(x) for x in found[0].implied.removeprefix("|z| ").split(" to "))
    assert low < 0.289 / np.hypot(0.055, 0.043) < high
    assert grade(found) == "consistent"
    assert grade(samples.check_difference("t", LATE, WHOLE)) == "tension"
    assert grade(samples.check_difference("t", printed("0.1", "0.05"), printed("0", "0.012"))) == "possible"


def test_centring_moves_the_main_effect_by_the_product():
    main, product_term = printed("-0.137", "0.049"), printed("-0.565", "0.252")
    centre = (185.837 - 21.260) / (359.683 - 21.260)
    assert (
        grade(transformations.check_centring("t", main, printed("-0.139", "0.049"), product_term, centre))
        == "tension"
    )
    moved = printed(f"{-0.137 + 0.565 * centre:.3f}", "0.1")
    assert grade(transformations.check_centring("t", main, moved, product_term, centre)) in (
        "possible",
        "consistent",
    )


@pytest.mark.parametrize("correlation", [-1.0, -0.5, 0.0, 0.8, 1.0])
def test_the_error_of_an_effect_is_inside_its_bounds_whatever_the_covariance(correlation):
    m, a, b = -0.4863, 0.049, 0.252
    exact = np.sqrt(a**2 + m**2 * b**2 + 2 * m * correlation * a * b)
    effect, error = transformations.effect_at(printed("-0.139", "0.049"), printed("-0.565", "0.252"), m)
    assert effect.low < -0.139 - 0.565 * m < effect.high
    assert error.low - 1e-12 <= exact <= error.high + 1e-12


def test_an_effect_is_held_against_what_another_table_prints():
    main, product_term = printed("-0.139", "0.049"), printed("-0.565", "0.252")
    assert grade(transformations.check_effect_at("t", main, product_term, -0.4863, EARLY)) == "tension"
    assert (
        grade(transformations.check_effect_at("t", main, product_term, -0.4863, printed("0.136", "0.1")))
        == "possible"
    )


def test_extremes_of_normal_samples_pass_and_a_slip_does_not():
    values = np.random.default_rng(1).normal(13, 1, size=2783)
    moments = [f"{x:.3f}" for x in (values.mean(), values.std(ddof=1), values.min(), values.max())]
    assert grade(check_extremes("t", 2783, *numbers(*moments))) == "consistent"
    assert grade(check_extremes("t", 2783, *numbers("13.032", "0.981", "8.424", "16.256"))) == "tension"


def test_a_control_that_city_effects_hold_and_an_effect_larger_than_the_outcome():
    assert grade(samples.check_absorbed("t", WHOLE, printed("-0.074", "0.035"))) == "tension"
    assert grade(samples.check_absorbed("t", WHOLE, printed("-0.099", "0.035"))) == "possible"
    assert (
        grade(samples.check_size_of_effect("t", printed("-0.509", "0.069"), *numbers("0.407", "0.016")))
        == "tension"
    )
    assert (
        grade(samples.check_size_of_effect("t", printed("-0.2", "0.069"), *numbers("0.407", "0.016")))
        == "possible"
    )


def test_effects_of_a_durbin_model_and_the_range_of_rho():
    beta, theta, rho = 0.30, 0.12, 0.40
    total = f"{(beta + theta) / (1 - rho):.3f}"
    assert grade(spatial.check_multiplier("", *numbers("0.300", "0.120", "0.400", total))) == "possible"
    assert grade(spatial.check_multiplier("", *numbers("0.300", "0.120", "0.400", "0.420"))) == "contradicts"
    assert grade(spatial.check_total("", *numbers("0.321", "0.379", "0.700"))) == "possible"
    assert grade(spatial.check_total("", *numbers("0.321", "0.379", "0.800"))) == "contradicts"
    assert grade(spatial.check_rho("", Number("0.998"))) == "consistent"
    assert grade(spatial.check_rho("", Number("1.02"))) == "contradicts"
    assert grade(spatial.check_rho("", Number("-1.3"), smallest=-0.5)) == "consistent"
    with pytest.raises(ParameterError, match="smallest negative"):
        spatial.check_rho("", Number("0.1"), smallest=0.5)


def test_moran_by_its_expectation():
    assert grade(spatial.check_moran_expected("", 285, Number("-0.0035"))) == "consistent"
    assert grade(spatial.check_moran_expected("", 285, Number("-0.0036"))) == "contradicts"
    z = f"{(0.215 + 1 / 284) / 0.041:.2f}"
    assert grade(spatial.check_moran("", Number("0.215"), 285, *numbers("0.041", z))) == "possible"
    assert grade(spatial.check_moran("", Number("0.215"), 285, *numbers("0.041", "9.99"))) == "contradicts"


def test_paths_add_to_what_a_mediator_takes_from_the_total_effect():
    inputs = [numbers("0.50", "2.00"), numbers("0.20", "0.05")]
    assert grade(effects.check_mediation("", *numbers("0.80", "0.60"), *inputs)) == "possible"
    assert grade(effects.check_mediation("", *numbers("0.90", "0.60"), *inputs)) == "contradicts"
    first, second = term("0.500", "0.100"), term("0.400", "0.080")
    z = 0.2 / np.hypot(0.5 * 0.08, 0.4 * 0.1)
    assert grade(effects.check_sobel("", first, second, Number(f"{z:.2f}"))) == "possible"
    assert grade(effects.check_sobel("", first, second, Number("4.20"))) == "contradicts"


def test_one_instrument():
    assert grade(effects.check_just_identified("", *numbers("0.150", "0.500", "0.300"))) == "possible"
    assert grade(effects.check_just_identified("", *numbers("0.150", "0.500", "0.330"))) == "contradicts"
    assert grade(effects.check_first_stage("", term("0.500", "0.100"), Number("25.0"))) == "possible"
    assert grade(effects.check_first_stage("", term("0.500", "0.100"), Number("29.0"))) == "contradicts"
    assert grade(effects.check_anderson_rubin("", term("0.150", "0.050"), PValue("0.003"))) == "possible"
    assert grade(effects.check_anderson_rubin("", term("0.150", "0.050"), PValue("0.030"))) == "contradicts"


def test_likelihoods_and_nested_models():
    assert grade(fit_statistics.check_aic("", Number("-120.50"), 4, Number("249.00"))) == "possible"
    assert grade(fit_statistics.check_aic("", Number("-120.50"), 5, Number("249.00"))) == "contradicts"
    bic = f"{4 * np.log(300) + 241:.2f}"
    assert grade(fit_statistics.check_bic("", Number("-120.50"), 4, 300, Number(bic))) == "possible"
    assert grade(fit_statistics.check_likelihood_ratio("", *numbers("-120.5", "-118.1", "4.8"))) == "possible"
    assert (
        grade(fit_statistics.check_likelihood_ratio("", *numbers("-118.1", "-120.5", "4.8"))) == "contradicts"
    )
    assert grade(fit_statistics.check_nested("", *numbers("0.41", "0.39"))) == "contradicts"
    assert grade(fit_statistics.check_nested("", *numbers("0.41", "0.41"))) == "possible"


def test_a_moderator_tells_where_its_zero_was():
    raw, centred, product = term("0.140", "0.090"), term("-0.135", "0.049"), term("-0.565", "0.252")
    assert grade(transformations.check_centre("", raw, centred, product, Number("0.487"))) == "possible"
    assert grade(transformations.check_centre("", raw, centred, product, Number("0.587"))) == "contradicts"


def test_an_effect_that_no_covariance_makes_significant():
    main, product_term = printed("-0.139", "0.049"), printed("-0.565", "0.252")
    least, largest = -0.4863, 0.5137
    correlations = np.linspace(-1, 1, 201)
    errors = np.sqrt(0.049**2 + least**2 * 0.252**2 + 2 * least * correlations * 0.049 * 0.252)
    assert ((-0.139 - 0.565 * least) / errors).max() < 1.96
    assert grade(transformations.check_significant_at("", main, product_term, least, 1)) == "contradicts"
    assert grade(transformations.check_significant_at("", main, product_term, -0.75, 1)) == "possible"
    assert grade(transformations.check_significant_at("", main, product_term, least, -1)) == "contradicts"
    assert grade(transformations.check_significant_at("", main, product_term, largest, -1)) == "consistent"


def test_balance_of_two_groups():
    bias = f"{100 * (0.52 - 0.43) / np.sqrt((0.21**2 + 0.18**2) / 2):.1f}"
    means, sds = numbers("0.52", "0.43"), numbers("0.21", "0.18")
    assert grade(moments.check_bias("", means, sds, Number(bias))) == "possible"
    assert grade(moments.check_bias("", means, sds, Number("12.0"))) == "contradicts"
    assert grade(moments.check_bias_reduction("", *numbers("46.0", "-2.3", "95.0"))) == "possible"
    assert grade(moments.check_bias_reduction("", *numbers("46.0", "-2.3", "85.0"))) == "contradicts"


def test_a_subsample_and_errors_of_two_samples():
    assert grade(samples.check_subsample("", 1393, 2783)) == "consistent"
    assert grade(samples.check_subsample("", 2789, 2783)) == "contradicts"
    assert (
        grade(samples.check_errors("", printed("0.1", "0.055"), printed("0.1", "0.043"), 1265, 1518))
        == "possible"
    )
    assert (
        grade(samples.check_errors("", printed("0.1", "0.15"), printed("0.1", "0.043"), 1265, 1518))
        == "tension"
    )


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: check_whole_cities("T", [3], 0), "T: years = 0 must be 1 or more"),
        (
            lambda: fit_statistics.check_f("T", *numbers("0.4", "3"), 3, 4),
            "T: n = 3 leaves no degree of freedom",
        ),
        (lambda: moments.check_dummy("T", 1, *numbers("0.4", "0.3")), "n = 1 must be 2 or more"),
        (lambda: check_stars("T", term("1", "1"), df=-2), "degrees of freedom are more than 0"),
        (lambda: Number("nan"), "'nan' is not a number"),
        (lambda: Number("1.2.3"), "is not a number"),
        (lambda: Number("9" * 50), "is not a number"),
        (lambda: Number("1", "up"), "rounding = 'up' is not one of"),
        (lambda: PValue("<x"), "'x' is not a number"),
    ],
)
def test_impossible_inputs_are_sentences(call, words):
    with pytest.raises(ParameterError, match=words):
        call()
