"""What a reader's own frame may get wrong is said in words, by every verb that takes columns."""

import numpy as np
import pandas as pd
import pytest

import digital_clusters as dc
from digital_clusters.errors import DataError, MissingTableError, ParameterError

REGRESSIONS = {
    "two_way": dc.two_way,
    "double_ml": lambda *args, **options: dc.double_ml(*args, learner="linear", **options),
    "spatial_panel": dc.spatial_panel,
    "iv": lambda *args, **options: dc.iv(*args, instrument="z", **options),
    "mediation": lambda *args, **options: dc.mediation(*args, mediators="m", draws=100, **options),
}
DESIGNS = {
    "psm_did": lambda *args, **options: dc.psm_did(*args, covariates="x", **options),
    "event_study": dc.event_study,
    "group_time": dc.group_time,
}
CITIES, YEARS = 24, 6


def frame(**columns) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    keys = pd.MultiIndex.from_product([range(CITIES), range(2011, 2011 + YEARS)], names=["city", "year"])
    found = keys.to_frame(index=False)
    places = rng.uniform(0, 10, (CITIES, 2))
    found[["lon", "lat"]] = places[found["city"]]
    found[["x", "z", "m", "a"]] = rng.normal(size=(len(found), 4))
    found["x"] += found["z"]
    found["y"] = found["x"] + found["a"] + rng.normal(size=len(found))
    joined = np.where(
        np.arange(CITIES) % 3 == 0, 2013.0, np.where(np.arange(CITIES) % 3 == 1, 2014.0, np.nan)
    )
    return found.assign(joined=joined[found["city"]], region=found["city"] // 4).assign(**columns)


def panel(**columns) -> dc.Panel:
    return dc.Panel.of(frame(**columns))


@pytest.mark.parametrize("verb", REGRESSIONS.values(), ids=REGRESSIONS)
@pytest.mark.parametrize(
    ("columns", "names", "error", "words"),
    [
        ({}, ("y", "xx"), MissingTableError, r"your data has no 'xx'.*Did you mean 'x'\?"),
        ({"x": "—"}, ("y", "x"), DataError, r"column 'x' .* holds '—' in city 0, 2011 \(144 such cells\)"),
        ({"a": np.nan}, ("y", "x"), DataError, r"144 of 144 city-years .*a 144.*panel\.complete\('y', 'x'"),
        ({"a": np.inf}, ("y", "x"), DataError, "missing or infinite"),
        ({}, ("y", "y"), ParameterError, "'y' is named twice, as outcome and in treatment"),
        ({}, ("y", "a"), ParameterError, "'a' is named twice, as treatment and in controls"),
        ({}, ("y", ()), ParameterError, "treatment: name a column"),
    ],
)
def test_a_regression_says_what_is_wrong_with_a_column(verb, columns, names, error, words):
    with pytest.raises(error, match=words):
        verb(panel(**columns), *names, controls=["a"])


@pytest.mark.parametrize("verb", DESIGNS.values(), ids=DESIGNS)
@pytest.mark.parametrize(
    ("columns", "adoption", "error", "words"),
    [
        ({}, "joind", MissingTableError, r"has no 'joind'.*Did you mean 'joined'\?"),
        ({"joined": "2013"}, "joined", DataError, "is not of numbers"),
        ({"joined": 1}, "joined", ParameterError, "holds no years but .* first treated year"),
        ({"y": np.nan}, "joined", DataError, "144 of 144 city-years"),
    ],
)
def test_a_design_says_what_is_wrong_with_adoption(verb, columns, adoption, error, words):
    with pytest.raises(error, match=words):
        verb(panel(**columns), "y", adoption=adoption)


def test_zero_is_never_adopting():
    missing = dc.event_study(panel(), "y", adoption="joined", leads=2, lags=2)
    zero = dc.event_study(panel(joined=frame()["joined"].fillna(0)), "y", adoption="joined", leads=2, lags=2)
    pd.testing.assert_frame_equal(zero.path, missing.path)


def test_nobody_who_adopts_later_is_an_error_of_matching():
    with pytest.raises(DataError, match="no year after 2011: no city adopts"):
        dc.psm_did(panel(joined=2010.0), "y", adoption="joined", covariates="x")


# numbers


def test_a_verb_is_its_estimator_on_the_columns():
    found = panel()
    rows = found.frame.sample(frac=1, random_state=1)
    shuffled = dc.Panel.of(rows)
    for verb in REGRESSIONS.values():
        ours = verb(found, "y", "x", controls=["a"])
        again = verb(shuffled, "y", "x", controls=["a"])
        one, other = (getattr(r, "estimate", getattr(r, "total", r)) for r in (ours, again))
        assert one.coefficients == pytest.approx(other.coefficients, rel=1e-12)
        assert "x" in one.terms


def test_squares_and_products_are_terms():
    found = panel()
    made = panel(xx=frame()["x"] ** 2, xa=frame()["x"] * frame()["a"])
    named = dc.two_way(found, "y", ["x", "x^2", "x:a"], controls="a")
    plain = dc.two_way(made, "y", ["x", "xx", "xa"], controls="a")
    assert named.terms == ("x", "x^2", "x:a", "a")
    assert named.coefficients == pytest.approx(plain.coefficients, rel=1e-12)


def test_an_estimate_knows_its_data():
    found = panel()
    estimate = dc.two_way(found, "y", "x", clusters="region")
    assert (estimate.data, estimate.data_hash, estimate.n_clusters) == ("your data", found.hash, 6)
    options = {"clusters": "region", "cutoff": None, "bandwidth": None, "weights": None}
    assert estimate.spec == {"outcome": "y", "effects": "two_way"} | options


def test_weights_count_rows():
    doubled = frame().assign(w=lambda rows: np.where(rows["city"] < 12, 2.0, 1.0))
    weighted = dc.two_way(dc.Panel.of(doubled), "y", "x", weights="w")
    copies = doubled[doubled["city"] < 12].assign(city=lambda rows: rows["city"] + 100)
    twice = dc.two_way(dc.Panel.of(pd.concat([doubled, copies])), "y", "x")
    assert weighted["x"][0] == pytest.approx(twice["x"][0], rel=1e-9)


def test_weights_go_with_two_way_effects_only_and_clusters_with_clustered_errors():
    doubled = dc.Panel.of(frame().assign(w=2.0))
    for options in ({"effects": "entity"}, {"errors": "robust"}):
        with pytest.raises(ParameterError, match="weights go with"):
            dc.two_way(doubled, "y", "x", weights="w", **options)
    with pytest.raises(ParameterError, match="'robust' takes no clusters"):
        dc.two_way(panel(), "y", "x", clusters="region", errors="robust")
    with pytest.raises(MissingTableError, match="Did you mean 'region'"):
        dc.two_way(panel(), "y", "x", clusters="regions")


def test_sensitivity_is_of_the_estimate():
    found = dc.sensitivity(panel(), "y", "x", controls="a", learner="linear", seed=3)
    estimate = dc.double_ml(panel(), "y", "x", controls="a", learner="linear", seed=3)
    assert found.coefficient == pytest.approx(estimate["x"][0], rel=1e-9)
    assert found.interval[0] < found.bounds[0] < found.coefficient
