import numpy as np
import pytest

from digital_clusters.errors import ParameterError
from digital_clusters.report import audit
from digital_clusters.report.audit import (
    FINDING_COLUMNS,
    Printed,
    check_median_split,
    check_moments,
    check_parts,
    check_rescaling,
    check_sample_size,
    check_stars,
    check_whole_cities,
    rounded,
)

DIFI_RANGE = 359.683 - 21.260
"""Maximum minus minimum of the digital finance index in Table 1 of Yu & Zhang."""


def verdicts(frame):
    assert frame.columns.tolist() == FINDING_COLUMNS
    return frame["verdict"].tolist()


def test_a_printed_number_stands_for_an_interval():
    assert rounded("-0.002") == pytest.approx((-0.0025, -0.0015))
    assert rounded("2783") == (2782.5, 2783.5)
    assert rounded("-0.06", decimals=3) == pytest.approx((-0.0605, -0.0595))
    assert Printed("", "-0.002", "0.001").t_range == pytest.approx((1.0, 5.0))
    assert Printed("", "0.000", "0.001").t_range == pytest.approx((0.0, 1.0))
    assert Printed("", "0.010", "0.000").t_range == pytest.approx((19.0, np.inf))


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
    row = Printed("Table 9 (1)", coefficient, error, stars, decimals)
    assert verdicts(check_stars([row])) == [verdict]


def test_stars_of_few_degrees_of_freedom_are_harder_to_get():
    row = Printed("Table 9 (1)", "2.100", "1.000", "**")
    assert verdicts(check_stars([row])) == ["consistent"]
    assert verdicts(check_stars([row], degrees_of_freedom=10)) == ["contradicts"]
    with pytest.raises(ParameterError, match="Table 9"):
        check_stars([Printed("Table 9 (1)", "1", "1", "+")])


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
    assert verdicts(found) == [verdict]
    assert f"= {(cities - excluded) * years:,}" in found["implied"].iloc[0]


def test_parts_of_a_sample():
    assert verdicts(check_parts("Table 5", [1393, 1390], 2783)) == ["consistent"]
    assert verdicts(check_parts("Table 5", [1393, 1391], 2783)) == ["contradicts"]
    assert verdicts(check_whole_cities("Table 5", [1393, 1390], 11)) == ["contradicts"]
    assert verdicts(check_whole_cities("Table 5", [1265, 1518], 11)) == ["consistent"]


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
    assert verdicts(found) == [verdict] and words in found["implied"].iloc[0]


def test_median_split_agrees_with_counting():
    random = np.random.default_rng(5)
    for _ in range(200):
        x = random.integers(0, 6, random.integers(3, 12))
        above = int((x >= np.median(x)).sum())
        found = check_median_split("", above, x.size - above)
        assert verdicts(found) != ["contradicts"]
        extra = above - (x.size + 1) // 2
        if extra:
            assert f"{extra + 1} or more" in found["implied"].iloc[0]
            assert (x == np.median(x)).sum() >= extra + 1


def test_an_index_scaled_to_one_keeps_its_t():
    raw = Printed("Table 6 (1) DIFI", "-0.002", "0.001", "***")
    scaled = Printed("Table 6 (2) DIFI", "-0.509", "0.069", "***")
    found = check_rescaling(raw, scaled, DIFI_RANGE).set_index("check")["verdict"]
    assert found.to_dict() == {
        "rescaling, coefficient": "possible",
        "rescaling, standard error": "contradicts",
        "rescaling, |t|": "contradicts",
    }
    interaction = check_rescaling(
        Printed("(1)", "-0.002", "0.001", "**"), Printed("(2)", "-0.565", "0.252", "**"), DIFI_RANGE
    )
    assert verdicts(interaction) == ["possible"] * 3
    other = check_rescaling(Printed("(1)", "-0.137", "0.049"), Printed("(2)", "-0.139", "0.049"), 1)
    assert verdicts(other) == ["contradicts", "consistent", "possible"]


def test_moments_between_minimum_and_maximum():
    assert verdicts(check_moments("Gini", 2783, "0.407", "0.147", "0.016", "0.792")) == ["consistent"]
    assert verdicts(check_moments("Gini", 2783, "0.407", "0.400", "0.016", "0.792")) == ["contradicts"]
    assert verdicts(check_moments("Gini", 2783, "0.900", "0.100", "0.016", "0.792")) == ["contradicts"]
    # two values, one at each end: the largest standard deviation there is, 1 / sqrt(2)
    assert verdicts(check_moments("x", 2, "0.5", "0.7", "0.0", "1.0")) == ["possible"]


def printed(coefficient, error, place="here"):
    return audit.Printed(place, coefficient, error, decimals=3)


EARLY, LATE, WHOLE = printed("0.156", "0.055"), printed("-0.133", "0.043"), printed("-0.099", "0.035")


def verdict(frame):
    (value,) = frame["verdict"]
    return value


def test_parts_and_whole_by_the_formula_for_pooled_estimates():
    found = audit.check_pooled("t", [EARLY, LATE], WHOLE)
    assert "−0.027 to −0.020" in found["implied"].item() and verdict(found) == "tension"
    # parts that agree, of which the whole is the mean
    assert (
        verdict(audit.check_pooled("t", [printed("-0.2", "0.05"), printed("0.0", "0.05")], WHOLE))
        == "possible"
    )


def test_a_difference_is_told_in_z_over_all_roundings():
    found = audit.check_difference("t", EARLY, LATE)
    low, high = (float(x) for x in found["implied"].item().removeprefix("|z| ").split(" to "))
    assert low < 0.289 / np.hypot(0.055, 0.043) < high
    assert verdict(found) == "consistent"
    assert verdict(audit.check_difference("t", LATE, WHOLE)) == "tension"
    assert verdict(audit.check_difference("t", printed("0.1", "0.05"), printed("0", "0.012"))) == "possible"


def test_centring_moves_the_main_effect_by_the_product():
    main, product_term = printed("-0.137", "0.049"), printed("-0.565", "0.252")
    centre = (185.837 - 21.260) / (359.683 - 21.260)
    assert (
        verdict(audit.check_centring("t", main, printed("-0.139", "0.049"), product_term, centre))
        == "contradicts"
    )
    moved = printed(f"{-0.137 + 0.565 * centre:.3f}", "0.1")
    assert verdict(audit.check_centring("t", main, moved, product_term, centre)) in ("possible", "consistent")


@pytest.mark.parametrize("correlation", [-1.0, -0.5, 0.0, 0.8, 1.0])
def test_the_error_of_an_effect_is_inside_its_bounds_whatever_the_covariance(correlation):
    m, a, b = -0.4863, 0.049, 0.252
    exact = np.sqrt(a**2 + m**2 * b**2 + 2 * m * correlation * a * b)
    effect, error = audit.effect_at(printed("-0.139", "0.049"), printed("-0.565", "0.252"), m)
    assert effect.low < -0.139 - 0.565 * m < effect.high
    assert error.low - 1e-12 <= exact <= error.high + 1e-12


def test_an_effect_is_held_against_what_another_table_prints():
    main, product_term = printed("-0.139", "0.049"), printed("-0.565", "0.252")
    assert verdict(audit.check_effect_at("t", main, product_term, -0.4863, EARLY)) == "tension"
    assert (
        verdict(audit.check_effect_at("t", main, product_term, -0.4863, printed("0.136", "0.1")))
        == "possible"
    )


def test_extremes_of_normal_samples_pass_and_a_slip_does_not():
    values = np.random.default_rng(1).normal(13, 1, size=2783)
    moments = [f"{x:.3f}" for x in (values.mean(), values.std(ddof=1), values.min(), values.max())]
    assert verdict(audit.check_extremes("t", 2783, *moments)) == "consistent"
    assert verdict(audit.check_extremes("t", 2783, "13.032", "0.981", "8.424", "16.256")) == "tension"


def test_a_control_that_city_effects_hold_and_an_effect_larger_than_the_outcome():
    assert verdict(audit.check_absorbed("t", WHOLE, printed("-0.074", "0.035"))) == "tension"
    assert verdict(audit.check_absorbed("t", WHOLE, printed("-0.099", "0.035"))) == "possible"
    assert verdict(audit.check_size("t", printed("-0.509", "0.069"), "0.407", "0.016")) == "tension"
    assert verdict(audit.check_size("t", printed("-0.2", "0.069"), "0.407", "0.016")) == "possible"
