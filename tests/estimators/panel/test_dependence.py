import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.panel.arrays import check_panel
from digital_clusters.estimators.panel.demeaning import demean_two_way, indicators
from digital_clusters.estimators.panel.dependence import distance_kernel, effect_leverage
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects
from digital_clusters.measures.space.proximity import distances

SAME = 1e-9  # relative; the same sums in another order
TERMS = ["d", "a", "b", "c"]
BARE = {"terms": TERMS, "small_sample": "none"}


@pytest.fixture(scope="module")
def balanced(draw):
    return draw.y, np.hstack([draw.d, draw.x]), {"entity": draw.entity, "time": draw.time}


@pytest.fixture(scope="module")
def unbalanced(balanced):
    y, w, keys = balanced
    kept = np.random.default_rng(4).permutation(len(y))[:200]
    return y[kept], w[kept], {name: key[kept] for name, key in keys.items()}


def places(entity):
    """A longitude and latitude of each row's entity."""
    rng = np.random.default_rng(8)
    own = np.column_stack([rng.uniform(100, 120, 40), rng.uniform(22, 42, 40)])
    return own[np.unique(entity, return_inverse=True)[1]]


def scores_and_bread(y, w, keys):
    codes = {name: np.unique(key, return_inverse=True)[1] for name, key in keys.items()}
    y, w = (demean_two_way(array, codes["entity"], codes["time"]) for array in (y, w))
    bread = np.linalg.inv(w.T @ w)
    return w * (y - w @ (bread @ w.T @ y))[:, None], bread, codes


def same(covariance, expected):
    scale = np.sqrt(np.diag(expected))
    assert covariance / np.outer(scale, scale) == pytest.approx(
        expected / np.outer(scale, scale), rel=SAME, abs=SAME
    )


def over_pairs(y, w, keys, weight):
    """The sandwich by two loops over rows."""
    scores, bread, codes = scores_and_bread(y, w, keys)
    meat = np.zeros((4, 4))
    for i in range(len(y)):
        for j in range(len(y)):
            meat += weight(i, j, codes["entity"], codes["time"]) * np.outer(scores[i], scores[j])
    return bread @ meat @ bread


@pytest.mark.parametrize("lags", [0, 2, 5])
def test_newey_west_by_pairs_of_rows(unbalanced, lags):
    y, w, keys = unbalanced

    def weight(i, j, entity, time):
        return (entity[i] == entity[j]) * max(0.0, 1 - abs(time[i] - time[j]) / (lags + 1))

    found = two_way_fixed_effects(y, w, **keys, **BARE, errors="newey_west", bandwidth=lags)
    same(found.covariance, over_pairs(y, w, keys, weight))


def test_newey_west_without_lags_is_robust(unbalanced):
    y, w, keys = unbalanced
    found = two_way_fixed_effects(y, w, **keys, terms=TERMS, errors="newey_west", bandwidth=0)
    robust = two_way_fixed_effects(y, w, **keys, terms=TERMS, errors="robust")
    same(found.covariance, robust.covariance)
    assert found.degrees_of_freedom == robust.degrees_of_freedom


@pytest.mark.parametrize("lags", [1, 3])
def test_newey_west_is_that_of_statsmodels(balanced, lags):
    """Balanced: the library takes an entity's rows for neighbours whatever year lies between them."""
    import statsmodels.api as sm

    y, w, keys = balanced
    raw = check_panel(y, w, None, **keys, terms=TERMS)
    dummies = [indicators(codes, drop_first=True) for codes in (raw.entity, raw.time)]
    model = sm.OLS(y, np.hstack([w, np.ones((len(y), 1)), *dummies]))
    options = {"groups": raw.entity, "maxlags": lags, "use_correction": False}
    theirs = model.fit(cov_type="hac-panel", cov_kwds=options)
    found = two_way_fixed_effects(y, w, **keys, **BARE, errors="newey_west", bandwidth=lags)
    same(found.covariance, theirs.cov_params()[:4, :4])


@pytest.mark.parametrize("effects", ["two_way", "entity", "time", "none"])
def test_hc3_is_that_of_statsmodels_with_every_dummy(unbalanced, effects):
    import statsmodels.api as sm

    y, w, keys = unbalanced
    raw = check_panel(y, w, None, **keys, terms=TERMS)
    removed = {"two_way": ("entity", "time"), "none": ()}.get(effects, (effects,))
    dummies = [indicators(getattr(raw, name), drop_first=True) for name in removed]
    theirs = sm.OLS(y, np.hstack([w, np.ones((len(y), 1)), *dummies])).fit(cov_type="HC3")
    found = two_way_fixed_effects(y, w, **keys, terms=TERMS, effects=effects, errors="hc3")
    same(found.covariance, theirs.cov_params()[:4, :4])


def test_leverages_of_two_separate_panels_sum_to_the_rank_of_their_indicators():
    """Two sets of entities that share no period: one indicator more than usual is redundant."""
    entity, time = np.repeat([0, 1, 2, 3], 3), np.tile([0, 1, 2], 4) + np.repeat([0, 3], 6)
    found = effect_leverage(entity, time, "two_way", intercept=True)
    both = np.hstack([indicators(entity), indicators(time)])
    assert found == pytest.approx(np.diag(both @ np.linalg.pinv(both)), abs=1e-12)
    assert found.sum() == pytest.approx(4 + 6 - 2)


def test_hc3_of_an_entity_with_one_row_is_that_without_it(unbalanced):
    y, w, keys = unbalanced
    extra = {"entity": np.append(keys["entity"], 99), "time": np.append(keys["time"], keys["time"][0])}
    found = two_way_fixed_effects(
        np.append(y, 1.0), np.vstack([w, np.ones(4)]), **extra, terms=TERMS, errors="hc3"
    )
    same(found.covariance, two_way_fixed_effects(y, w, **keys, terms=TERMS, errors="hc3").covariance)


def test_hc3_refuses_a_row_that_is_fitted_by_itself(unbalanced):
    y, w, keys = unbalanced
    alone = np.column_stack([w[:, 0], np.arange(len(y)) == 7])
    with pytest.raises(DataError, match="1 rows are each fitted by a slope of their own"):
        two_way_fixed_effects(y, alone, **keys, terms=["d", "one"], errors="hc3")


@pytest.mark.parametrize("cutoff", [150, 400, 1500])
def test_conley_by_pairs_of_rows(unbalanced, cutoff):
    y, w, keys = unbalanced
    points = places(keys["entity"])
    distance = distances(*points.T)

    def weight(i, j, entity, time):
        if entity[i] == entity[j]:
            return 1.0
        return (time[i] == time[j]) * max(0.0, 1 - distance[i, j] / cutoff)

    found = two_way_fixed_effects(y, w, **keys, **BARE, errors="conley", points=points, cutoff=cutoff)
    same(found.covariance, over_pairs(y, w, keys, weight))


@pytest.mark.parametrize(("cutoff", "lags"), [(300, 1), (800, 3), (2000, 4)])
def test_conley_is_that_of_diff_diff(balanced, cutoff, lags):
    from diff_diff.linalg import compute_robust_vcov

    y, w, keys = balanced
    scores, bread, codes = scores_and_bread(y, w, keys)
    columns = demean_two_way(w, codes["entity"], codes["time"])
    outcome = demean_two_way(y, codes["entity"], codes["time"])
    points = places(keys["entity"])
    theirs = compute_robust_vcov(
        columns,
        outcome - columns @ (bread @ columns.T @ outcome),
        vcov_type="conley",
        conley_coords=points[:, ::-1],
        conley_cutoff_km=float(cutoff),
        conley_time=codes["time"],
        conley_unit=codes["entity"],
        conley_lag_cutoff=lags,
    )
    rule = {"errors": "conley", "points": points, "cutoff": cutoff, "bandwidth": lags}
    found = two_way_fixed_effects(y, w, **keys, **BARE, **rule)
    scale = np.sqrt(np.diag(theirs))
    # relative; the library's Earth has a radius of 6,371.01 km, this one of 6,371.0088
    assert found.covariance / np.outer(scale, scale) == pytest.approx(
        theirs / np.outer(scale, scale), rel=1e-6, abs=1e-6
    )


@settings(derandomize=True, max_examples=20, deadline=None)
@given(cutoff=st.floats(1e-3, 5.0))
def test_conley_between_places_that_are_far_apart_is_clustered(balanced, cutoff):
    y, w, keys = balanced
    rule = {"points": places(keys["entity"]), "cutoff": cutoff}
    found = two_way_fixed_effects(y, w, **keys, terms=TERMS, errors="conley", **rule)
    clustered = two_way_fixed_effects(y, w, **keys, terms=TERMS, errors="clustered")
    assert found.covariance == pytest.approx(clustered.covariance, rel=SAME, abs=1e-14)
    assert found.degrees_of_freedom == clustered.degrees_of_freedom


def test_conley_at_one_place_adds_the_years_to_the_cities(balanced):
    """All distances zero: clusters of years and of entities, less what both have, as two-way clusters do."""
    y, w, keys = balanced
    points = np.full((len(y), 2), 30.0)
    rule = {"points": points, "cutoff": 1.0}
    found = two_way_fixed_effects(y, w, **keys, **BARE, errors="conley", **rule)
    two_way = two_way_fixed_effects(y, w, **keys, **BARE, errors="two_way_clustered")
    assert found.covariance == pytest.approx(two_way.covariance, rel=SAME)


def test_conley_holds_in_another_order_of_rows_and_names(unbalanced):
    y, w, keys = unbalanced
    points = places(keys["entity"])
    rule = {"terms": TERMS, "errors": "conley", "cutoff": 500.0}
    found = two_way_fixed_effects(y, w, **keys, points=points, **rule)
    order = np.random.default_rng(1).permutation(len(y))
    names = np.array([f"c{(k * 17) % 41:02d}" for k in range(41)])[keys["entity"]][order]
    other = two_way_fixed_effects(
        y[order], w[order], entity=names, time=keys["time"][order], points=points[order], **rule
    )
    same(other.covariance, found.covariance)


def test_the_kernel_falls_in_a_straight_line():
    points = np.array([[100.0, 0.0], [101.0, 0.0], [103.0, 0.0], [101.0, 0.0]])
    degree = distances([0, 1], [0, 0])[0, 1]
    found = distance_kernel(points, np.array([0, 1, 2, 1]), 2 * degree)
    assert found == pytest.approx(np.array([[1, 0.5, 0], [0.5, 1, 0], [0, 0, 1]]), abs=1e-12)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"errors": "conley"}, "needs points"),
        ({"errors": "conley", "points": "there"}, "needs points"),
        ({"errors": "clustered", "cutoff": 100.0}, "cutoff are for errors = 'conley'"),
        ({"errors": "conley", "points": "there", "cutoff": 0.0}, "kilometres above 0"),
        ({"errors": "conley", "points": "there", "cutoff": float("nan")}, "kilometres above 0"),
        ({"errors": "conley", "points": "flat", "cutoff": 1.0}, "longitude and latitude are needed"),
        ({"errors": "newey_west", "bandwidth": 6}, "between 0 and 5"),
        ({"errors": "robust", "clusters": "flat"}, "takes no clusters"),
    ],
)
def test_wrong_options_are_refused(balanced, change, words):
    y, w, keys = balanced
    known = {"there": places(keys["entity"]), "flat": keys["entity"]}
    change = {
        name: known.get(value, value) if isinstance(value, str) else value for name, value in change.items()
    }
    with pytest.raises(ParameterError, match=words):
        two_way_fixed_effects(y, w, **keys, terms=TERMS, **change)


@pytest.mark.parametrize(
    ("at", "words"), [(np.nan, "on the globe"), (200.0, "on the globe"), (50.0, "two places")]
)
def test_wrong_places_are_refused(balanced, at, words):
    y, w, keys = balanced
    points = places(keys["entity"])
    points[3, 1] = at
    with pytest.raises(DataError, match=words):
        two_way_fixed_effects(y, w, **keys, terms=TERMS, errors="conley", points=points, cutoff=100.0)


def test_clusters_by_another_label(balanced):
    y, w, keys = balanced
    provinces = keys["entity"] // 8
    scores, bread, _ = scores_and_bread(y, w, keys)
    sums = np.array([scores[provinces == province].sum(axis=0) for province in np.unique(provinces)])
    found = two_way_fixed_effects(y, w, **keys, **BARE, clusters=provinces)
    same(found.covariance, bread @ sums.T @ sums @ bread)
    assert found.n_clusters == 5
