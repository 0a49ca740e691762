import numpy as np
import pandas as pd
import pytest

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.did.matching import nearest_neighbours
from digital_clusters.estimators.did.propensity import common_support, propensity_score
from digital_clusters.estimators.did.psm_did import pre_period_means, psm_did
from digital_clusters.estimators.did.staggered import two_way_did

EXACT = 1e-9  # the same steps one by one
EFFECT = 0.3
YEARS = np.arange(2003, 2021)


def cities(seed=3, n=290, trend=0.03):
    """Large cities adopt more often and grow faster: without matching the effect looks larger."""
    rng = np.random.default_rng(seed)
    size, openness = rng.normal(size=(2, n))
    chosen = rng.permutation(np.argsort(-(1.2 * size + 0.8 * openness + rng.logistic(size=n)))[:41])
    adoption = np.full(n, np.nan)
    adoption[chosen] = np.repeat([2003, 2010, 2013, 2018, 2019], [16, 6, 8, 4, 7])
    entity, time = np.repeat(np.arange(n), 18), np.tile(YEARS, n)
    y = rng.normal(size=n)[entity] + trend * size[entity] * (time - 2003)
    y = y + EFFECT * (time >= adoption[entity]) + 0.3 * rng.normal(size=len(time))
    x = np.column_stack([size[entity] + 0.1 * rng.normal(size=len(time)), openness[entity]])
    keys = {"entity": entity, "time": time, "adoption": adoption[entity]}
    before = pre_period_means(x, entity=entity, time=time, before=2010, terms=["size", "openness"])
    return y, keys, before


@pytest.fixture(scope="module")
def country():
    return cities()


@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("kernel", {}),
        ("nearest", {"neighbours": 3, "replacement": True, "caliper": 0.5}),
        ("inverse_probability", {}),
    ],
)
def test_matching_removes_what_size_does(country, method, options):
    y, keys, before = country
    found = psm_did(y, **keys, unit_covariates=before, method=method, matching=options)
    low, high = found.did.interval()[0]
    assert low < EFFECT < high
    wrong = found.unmatched.interval()[0][0]
    assert wrong > EFFECT
    after, before_matching = (found.balance[f"difference_{when}"].abs() for when in ("after", "before"))
    assert after.max() < 0.15 < before_matching.max()
    assert found.event_study.pretrend.p_value > 0.01


def test_everyone_is_counted(country):
    y, keys, before = country
    found = psm_did(y, **keys, unit_covariates=before)
    assert found.n_always_treated == 16
    assert len(found.units) == 290 - 16 and found.units["treated"].sum() == 25
    off = found.units[~found.units["support"]]
    assert (found.n_treated_off_support, found.n_controls_off_support) == (
        off["treated"].sum(),
        (~off["treated"]).sum(),
    )
    assert found.n_treated_off_support + found.n_unmatched + found.matching.n_matched == 25
    assert found.did.n_clusters == (found.units["weight"] > 0).sum()
    by_unit = pd.Series(found.weights).groupby(keys["entity"]).agg(["min", "max"])
    assert (by_unit["min"] == by_unit["max"]).all()
    assert by_unit["max"].reindex(found.units.index).to_numpy() == pytest.approx(
        found.units["weight"].to_numpy()
    )
    always = keys["adoption"] == 2003
    assert not found.weights[always].any()


def test_it_is_its_steps_one_by_one(country):
    y, keys, before = country
    always = keys["adoption"] == 2003
    kept = np.setdiff1d(before.index, keys["entity"][always])
    treated = ~np.isnan(keys["adoption"][::18][kept])
    fit = propensity_score(treated, before.loc[kept], terms=["size", "openness"])
    inside = common_support(fit.score, treated, rule="trim", trim=0.1)
    matched = nearest_neighbours(fit.score, treated, eligible=inside)
    weights = pd.Series(matched.weights, kept).reindex(keys["entity"], fill_value=0.0).to_numpy()
    found = psm_did(y, **keys, unit_covariates=before, method="nearest", support="trim")
    assert found.did["did"] == pytest.approx(two_way_did(y, **keys, weights=weights)["did"], rel=EXACT)
    assert found.unmatched["did"] == pytest.approx(
        two_way_did(y, **keys, always_treated="drop")["did"], rel=EXACT
    )


def test_controls_and_ends_reach_the_regressions(country):
    y, keys, before = country
    x = np.random.default_rng(0).normal(size=len(y))
    found = psm_did(y + 2 * x, **keys, unit_covariates=before, covariates=x, terms=["x"], leads=4, lags=3)
    assert found.did["x"][0] == pytest.approx(2, abs=0.1)
    assert found.event_study.path["relative"].tolist() == list(range(-4, 4))


def test_always_treated_can_be_kept(country):
    y, keys, before = country
    found = psm_did(y, **keys, unit_covariates=before, always_treated="keep")
    assert len(found.units) == 290 and found.units["treated"].sum() == 41


def test_order_of_rows_does_not_matter(country):
    y, keys, before = country
    order = np.random.default_rng(1).permutation(len(y))
    plain = psm_did(y, **keys, unit_covariates=before)
    mixed = psm_did(y[order], **{n: c[order] for n, c in keys.items()}, unit_covariates=before.sample(frac=1))
    assert mixed.did["did"] == pytest.approx(plain.did["did"], rel=EXACT)
    assert mixed.weights == pytest.approx(plain.weights[order], rel=EXACT)


def test_means_before_adoption():
    x = np.array([1.0, 3.0, 100.0, np.nan, 5.0, 100.0])
    found = pre_period_means(x, entity=list("aaabbb"), time=[1, 2, 3] * 2, before=3, terms=["x"])
    assert found["x"].to_dict() == {"a": 2.0, "b": 5.0}
    with pytest.raises(ParameterError, match="no period lies before 1"):
        pre_period_means(x, entity=list("aaabbb"), time=[1, 2, 3] * 2, before=1, terms=["x"])


def test_what_cannot_be_matched_is_refused(country):
    y, keys, before = country
    with pytest.raises(DataError, match="5 units have a missing covariate, such as 100, 101"):
        never = before.index[np.isnan(keys["adoption"][::18])]
        gone = [u for u in never if u >= 100][:5]
        frame = before.rename(index={g: f"x{i}" for i, g in enumerate(gone)})
        frame.index = [i if isinstance(i, str) else int(i) for i in frame.index]
        psm_did(y, **keys, unit_covariates=frame)
    with pytest.raises(DataError, match="more than one row for a unit"):
        psm_did(y, **keys, unit_covariates=pd.concat([before, before.head(1)]))
    with pytest.raises(ParameterError, match="matching by 'kernel'.*neighbours"):
        psm_did(y, **keys, unit_covariates=before, matching={"neighbours": 2})
    with pytest.raises(ParameterError, match="nearest, kernel, inverse_probability"):
        psm_did(y, **keys, unit_covariates=before, method="mahalanobis")
