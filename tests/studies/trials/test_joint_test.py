import numpy as np
import pandas as pd
import pytest

from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects
from digital_clusters.studies.trials import joint_test, tables
from digital_clusters.studies.trials.joint_test import (
    ALONE,
    CONTROLS,
    DESIGNS,
    LATER_HALF,
    LEVEL,
    NAME,
    TESTS,
    TREATMENT,
    CurveDesign,
    curve_of,
    curve_p_values,
    frozen_sizes,
    outcome_drawn_anew,
    size_rows,
    twin_hash,
)

NULL = CurveDesign(60, 0.0)


def test_a_curve_has_every_subset_of_controls_on_two_samples():
    frame = outcome_drawn_anew(NULL, np.random.default_rng(1))
    values, errors, p, effects = curve_of(frame)
    assert len(values) == 2 * 2 ** len(CONTROLS) and effects.shape == (60, len(values))
    later = frame[frame["year"] >= LATER_HALF]
    for rows, place in ((frame, 31), (later, 63)):
        names = [TREATMENT, *CONTROLS]
        alone = two_way_fixed_effects(
            rows["y"], rows[names], entity=rows["city"], time=rows["year"], terms=names
        )[TREATMENT]
        assert [values[place], errors[place]] == pytest.approx(alone, rel=1e-8)


def test_an_outcome_of_another_seed_is_another_and_of_the_same_the_same():
    first, again, other = (outcome_drawn_anew(NULL, np.random.default_rng(k))["y"] for k in (1, 1, 2))
    assert (first == again).all() and not np.isclose(first.mean(), other.mean())


def test_a_large_effect_is_found_by_every_test_in_its_direction():
    found = curve_p_values(CurveDesign(60, 2.0), 1, 199)
    assert max(found[test] for test in TESTS if test != "p_against") <= LEVEL < found["p_against"]
    assert found[ALONE] == 1.0


def test_rows_hold_a_share_and_its_interval():
    rows = size_rows(NULL, panels=10, draws=99)
    assert [row["test"] for row in rows] == [*TESTS, ALONE]
    assert all(row["low"] <= row["rejected"] <= row["high"] for row in rows[:-1])
    assert rows[-1]["low"] is None and {row["specs"] for row in rows} == {64}


def test_the_frozen_sizes_keep_what_is_promised_and_are_of_this_twin():
    assert load_frozen(NAME).inputs == {"columns of the twin": twin_hash()}
    found = frozen_sizes()
    assert {(row.cities, row.effect) for row in found.itertuples()} == {(d.cities, d.effect) for d in DESIGNS}
    null = found[(found["effect"] == 0) & (found["test"] != ALONE)]
    assert ((null["low"] <= LEVEL) & (null["high"] >= LEVEL)).all()
    power = found[found["effect"] > 0].set_index(["cities", "test"])["rejected"]
    assert power[250, "p_stouffer"] > power[60, "p_stouffer"] > 2 * LEVEL


def test_the_table_shows_every_design():
    html = tables.joint_test(frozen_sizes(), label="synthetic twin").as_raw_html()
    assert "no effect, 60 cities" in html and "effect 0.2 s.d., 250 cities" in html
    assert "1,000 panels" in html and "synthetic twin" in html


def test_the_rivals_record_has_every_package_and_is_shown():
    sizes = joint_test.frozen_rivals()
    assert set(sizes["tool"]) == {"this package", "specification_curve", "robustipy", "phack"}
    assert ((sizes["low"] <= sizes["rejected"]) & (sizes["rejected"] <= sizes["high"])).all()
    html = tables.joint_test_rivals(sizes).as_raw_html()
    assert all(tool in html for tool in sizes["tool"])


def test_what_rejects_too_often_is_named():
    rows = [("this package", "median", 0.06, 0.03, 0.1), ("a", "median", 0.7, 0.6, 0.8)]
    rows += [("b", "share", 0.07, 0.03, 0.12), ("b", "median", 0.0, 0.0, 0.04)]
    sizes = pd.DataFrame(rows, columns=["tool", "test", "rejected", "low", "high"])
    said = joint_test.rivals_sentence(sizes)
    assert said.startswith("The 1 tests of this package reject in 6% to 6%")
    assert said.endswith(
        "Of the 3 of other packages 1 reject more often than 5 %, by their interval: a, median: 70%; "
        "1 less often."
    )
