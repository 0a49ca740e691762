import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.panel.demeaning import demean_two_way, indicators
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects, weighted_two_way

SAME = 1e-9  # two exact algorithms for one regression, relative


def test_equal_weights_are_the_unweighted_regression(draw, keys):
    terms = list("dabc")
    columns = np.column_stack([draw.d, draw.x[:, :3]])
    plain = two_way_fixed_effects(draw.y, columns, **keys, terms=terms)
    weighted = weighted_two_way(draw.y, columns, weights=np.full(len(draw.y), 7.0), **keys, terms=terms)
    assert weighted.coefficients == pytest.approx(plain.coefficients, rel=SAME)
    assert weighted.covariance == pytest.approx(plain.covariance, rel=SAME)
    assert weighted.degrees_of_freedom == plain.degrees_of_freedom


def test_rows_without_weight_take_no_part(draw, keys):
    kept = draw.entity < 25
    all_rows = weighted_two_way(draw.y, draw.d, weights=kept.astype(float), **keys, terms=["d"])
    some = two_way_fixed_effects(
        draw.y[kept], draw.d[kept], entity=draw.entity[kept], time=draw.time[kept], terms=["d"]
    )
    assert all_rows["d"] == pytest.approx(some["d"], rel=SAME)
    assert (all_rows.n_clusters, all_rows.n_observations) == (25, kept.sum())


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000), share=st.floats(0.7, 1.0))
def test_residuals_are_those_of_weighted_dummies(seed, share):
    rng = np.random.default_rng(seed)
    rows = np.flatnonzero(rng.random(72) < share)
    entity, time = (np.unique(c, return_inverse=True)[1] for c in (rows // 6, rows % 6))
    weights, columns = rng.uniform(0.1, 3, len(rows)), rng.normal(size=(len(rows), 2))
    root = np.sqrt(weights)[:, None]
    dummies = np.hstack([indicators(entity), indicators(time, drop_first=True)])
    fit = dummies @ np.linalg.lstsq(root * dummies, root * columns, rcond=None)[0]
    found = demean_two_way(columns, entity, time, weights)
    assert found == pytest.approx(columns - fit, rel=SAME, abs=SAME)


def test_unusable_weights_are_refused(draw, keys):
    for weights, says in ((-np.ones(240), "negative"), (np.zeros(240), "no row has a positive weight")):
        with pytest.raises(DataError, match=says):
            weighted_two_way(draw.y, draw.d, weights=weights, **keys, terms=["d"])
    with pytest.raises(ParameterError, match="3 weights for 240 rows"):
        weighted_two_way(draw.y, draw.d, weights=np.ones(3), **keys, terms=["d"])
    with pytest.raises(DataError, match="no variation is left in 'd'"):
        weighted_two_way(draw.y, draw.entity * 1.0, weights=np.ones(240), **keys, terms=["d"])


# clusters of the reader's choice


@pytest.fixture(scope="module")
def regions(draw):
    """Whole entities, four to a region."""
    return draw.entity // 4


def test_clusters_default_to_entities(draw, keys):
    columns = np.column_stack([draw.d, draw.x[:, :1]])
    options = {"weights": np.ones(len(draw.y)), **keys, "terms": ["d", "a"]}
    plain = weighted_two_way(draw.y, columns, **options)
    named = weighted_two_way(draw.y, columns, **options, clusters=[f"e{code}" for code in draw.entity])
    assert named.covariance == pytest.approx(plain.covariance, rel=SAME)
    assert (named.n_clusters, named.degrees_of_freedom) == (plain.n_clusters, plain.degrees_of_freedom)


@pytest.mark.parametrize("nested", [True, False])
def test_linearmodels_has_the_same_sandwich(draw, keys, regions, nested):
    import pandas as pd
    from linearmodels import PanelOLS

    rng = np.random.default_rng(5)
    n, weights = len(draw.y), rng.uniform(0.5, 2, len(draw.y))
    clusters = regions if nested else rng.integers(0, 12, n)
    found = weighted_two_way(draw.y, draw.d, weights=weights, **keys, terms=["d"], clusters=clusters)
    index = pd.MultiIndex.from_arrays([draw.entity, draw.time])
    model = PanelOLS(
        pd.Series(draw.y, index, name="y"),
        pd.DataFrame({"d": np.ravel(draw.d)}, index),
        weights=pd.Series(weights, index),
        entity_effects=True,
        time_effects=True,
    )
    options = {"debiased": False, "auto_df": False, "count_effects": False, "group_debias": True}
    theirs = model.fit(cov_type="clustered", clusters=pd.Series(clusters, index, name="c"), **options)
    effects = len(np.unique(draw.time)) - 1 + (0 if nested else len(np.unique(draw.entity)) - 1)
    assert found["d"][0] == pytest.approx(theirs.params["d"], rel=SAME)
    expected = theirs.cov.to_numpy() * n / (n - 2 - effects)
    assert found.covariance == pytest.approx(expected, rel=1e-6), "linearmodels iterates its demeaning"
    assert found.n_clusters == len(np.unique(clusters))


def test_unusable_clusters_are_refused(draw, keys):
    options = {"weights": np.ones(240), **keys, "terms": ["d"]}
    with pytest.raises(DataError, match="2 rows have no cluster"):
        weighted_two_way(draw.y, draw.d, **options, clusters=[None, None, *("a", "b") * 119])
    with pytest.raises(DataError, match="one cluster \\(a\\) is not enough"):
        weighted_two_way(draw.y, draw.d, **options, clusters=["a"] * 240)
    with pytest.raises(ParameterError, match="3 clusters for 240 rows"):
        weighted_two_way(draw.y, draw.d, **options, clusters=["a"] * 3)
