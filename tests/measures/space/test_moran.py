import warnings
from itertools import permutations as orderings

import numpy as np
import pandas as pd
import pytest
from scipy import sparse, stats

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.measures.space.moran import (
    NO_NEIGHBOUR,
    NOT_SIGNIFICANT,
    global_moran,
    local_moran,
    moran_by_year,
)
from digital_clusters.measures.space.weights import spatial_weights

EXACT = 1e-10  # the same sums in another order
SAMPLED = 4.5  # standard errors by which a share of random permutations may be off


def lattice(rows=6, columns=6, **options):
    lat, lon = np.divmod(np.arange(rows * columns), columns)
    table = pd.DataFrame({"city": np.arange(rows * columns), "lon": lon + 100.0, "lat": lat + 30.0})
    return spatial_weights(table, "contiguity", metric="plane", **options)


def scattered(n=25, seed=0, kind="nearest", **options):
    rng = np.random.default_rng(seed)
    table = {"city": np.arange(n), "lon": rng.uniform(100, 122, n), "lat": rng.uniform(22, 42, n)}
    return spatial_weights(pd.DataFrame(table), kind, **options)


def rng(seed=0):
    return np.random.default_rng(seed)


def naive(y, w):
    """Moran's I and its variance under randomisation, sum by sum (Cliff & Ord 1981)."""
    n, mean = len(y), sum(y) / len(y)
    cross = total = s1 = s2 = 0.0
    for i in range(n):
        for j in range(n):
            cross += w[i, j] * (y[i] - mean) * (y[j] - mean)
            total += w[i, j]
            s1 += (w[i, j] + w[j, i]) ** 2 / 2
        s2 += (sum(w[i]) + sum(w[:, i])) ** 2
    second = sum((v - mean) ** 2 for v in y)
    kurtosis = n * sum((v - mean) ** 4 for v in y) / second**2
    above = n * ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * total**2)
    above -= kurtosis * ((n**2 - n) * s1 - 2 * n * s2 + 6 * total**2)
    variance = above / ((n - 1) * (n - 2) * (n - 3) * total**2) - 1 / (n - 1) ** 2
    return n * cross / (total * second), variance


def test_checkerboard_is_minus_one_and_a_split_board_is_not():
    weights = lattice()
    row, column = np.divmod(np.arange(36), 6)
    board = global_moran((row + column) % 2, weights, rng=rng())
    assert board.moran == pytest.approx(-1, abs=EXACT)
    assert board.p_permutation == 2 / 1000
    assert board.expected == pytest.approx(-1 / 35, rel=EXACT)
    unscaled = global_moran(row < 3, lattice(standardise="none"), rng=rng())
    assert unscaled.moran == pytest.approx((60 - 2 * 6) / 60, rel=EXACT)  # 6 of 60 borders lie between halves


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("nearest", {"neighbours": 3}),
        ("contiguity", {"standardise": "eigenvalue"}),
        ("inverse_distance", {"cutoff_km": 200, "islands": "keep"}),
    ],
)
def test_moran_is_the_double_loop(seed, kind, options):
    weights = scattered(seed=seed, kind=kind, **options)
    y = rng(seed).lognormal(size=25)
    found = global_moran(y, weights, rng=rng(), permutations=19)
    moran, variance = naive(y, weights.matrix.toarray())
    assert found.moran == pytest.approx(moran, rel=EXACT)
    assert found.standard_deviation**2 == pytest.approx(variance, rel=EXACT)
    score = (moran + 1 / 24) / np.sqrt(variance)
    assert found.z_score == pytest.approx(score, rel=EXACT)
    assert found.p_randomisation == pytest.approx(2 * stats.norm.sf(abs(score)), rel=EXACT)
    assert found.n_cities == 25


def test_permutations_have_the_moments_and_tails_of_all_orderings():
    """Seven cities: 5,040 orderings give the exact moments, tail and band."""
    weights = scattered(7, neighbours=2)
    y = np.array([1.0, 2, 4, 7, 11, 16, 25])
    matrix, z = weights.matrix.toarray(), y - y.mean()
    every = np.array(list(orderings(z)))
    exact = 7 / matrix.sum() * np.einsum("pi,ij,pj->p", every, matrix, every) / (z @ z)
    found = global_moran(y, weights, rng=rng(), permutations=20_000)
    assert exact.mean() == pytest.approx(found.expected, rel=EXACT)
    assert exact.std() == pytest.approx(found.standard_deviation, rel=EXACT)
    slack = 1e-12
    tail = min((exact >= found.moran - slack).mean(), (exact <= found.moran + slack).mean())
    error = 2 * np.sqrt(tail * (1 - tail) / 20_000)
    assert abs(found.p_permutation - min(2 * tail, 1)) < SAMPLED * error
    for quantile, edge in ((0.025, found.null_low), (0.975, found.null_high)):
        assert abs((exact <= edge).mean() - quantile) < 0.01


def test_p_is_uniform_where_there_is_no_pattern():
    weights = scattered(40)
    draws = rng(3)
    p = [
        global_moran(draws.normal(size=40), weights, rng=draws, permutations=99).p_permutation
        for _ in range(300)
    ]
    assert abs(np.mean(np.array(p) <= 0.1) - 0.1) < SAMPLED * np.sqrt(0.1 * 0.9 / 300)


def test_local_moran_is_the_loop_and_sums_to_the_global():
    weights = scattered(30)
    y = rng(1).normal(size=30)
    found = local_moran(y, weights, rng=rng(), permutations=199)
    table, matrix = found.table, weights.matrix.toarray()
    z = (y - y.mean()) / y.std()
    for i in range(30):
        lag = sum(matrix[i, j] * z[j] for j in range(30))
        row = table.loc[i]
        assert (row["city"], row["z"], row["lag"]) == (i, pytest.approx(z[i]), pytest.approx(lag))
        assert row["local_moran"] == pytest.approx(29 / 30 * z[i] * lag, rel=EXACT)
        words = ("high" if z[i] > 0 else "low") + "-" + ("high" if lag > 0 else "low")
        assert row["quadrant"] == words
    whole = global_moran(y, weights, rng=rng(), permutations=19).moran
    assert table["local_moran"].sum() * 30 / 29 / 30 == pytest.approx(whole, rel=EXACT)
    assert found.slope == pytest.approx(whole, rel=EXACT)


def test_conditional_permutations_against_every_choice_of_neighbours():
    """One neighbour each: the null of city i is the value of each other city, 1 in n − 1."""
    weights = scattered(12, neighbours=1)
    y = rng(2).normal(size=12)
    table = local_moran(y, weights, rng=rng(), permutations=20_000).table
    z = table["z"].to_numpy()
    for i in range(12):
        null = z[i] * np.delete(z, i) * 11 / 12
        seen = table.loc[i, "local_moran"]
        tail = min((null >= seen - 1e-12).mean(), (null <= seen + 1e-12).mean())
        error = 2 * np.sqrt(tail * (1 - tail) / 20_000)
        assert abs(table.loc[i, "p_permutation"] - min(2 * tail, 1)) < SAMPLED * error + 1e-4


def test_local_p_is_twice_the_directed_p_of_esda():
    """esda reports the smaller tail of its own draws; medians over cities agree within sampling."""
    from esda.moran import Moran_Local
    from libpysal.weights import WSP

    weights = scattered(30)
    y = rng(4).normal(size=30)
    table = local_moran(y, weights, rng=rng(), permutations=9_999).table
    state = np.random.get_state()  # noqa: NPY002 (esda draws from the global generator)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        w = WSP(sparse.csr_matrix(weights.matrix)).to_W(silence_warnings=True)
        theirs = Moran_Local(y, w, transformation="O", permutations=9_999, seed=1).p_sim
    np.random.set_state(state)  # noqa: NPY002
    error = 2 * np.sqrt(theirs * (1 - theirs) / 9_999) * np.sqrt(2)
    assert (np.abs(table["p_permutation"] - np.minimum(2 * theirs, 1)) < SAMPLED * error + 1e-3).all()


def planted_cluster():
    """A board of noise with a high block in one corner."""
    weights = lattice(12, 12)
    row, column = np.divmod(np.arange(144), 12)
    corner = (row < 4) & (column < 4)
    return weights, 4.0 * corner + rng(5).normal(size=144), corner


def test_a_planted_cluster_is_found_and_the_rules_are_ordered():
    weights, y, corner = planted_cluster()
    tables = {
        rule: local_moran(y, weights, rng=rng(), permutations=19_999, multiple_testing=rule).table
        for rule in ("none", "fdr", "bonferroni")
    }
    clusters = {rule: table["cluster"] != NOT_SIGNIFICANT for rule, table in tables.items()}
    assert clusters["none"].sum() > clusters["fdr"].sum() >= clusters["bonferroni"].sum() > 0
    assert (clusters["none"] | ~clusters["fdr"]).all() and (clusters["fdr"] | ~clusters["bonferroni"]).all()
    found = tables["fdr"].loc[tables["fdr"]["cluster"] == "high-high", "city"]
    assert corner[found].all() and len(found) >= 8
    p = tables["none"]["p_permutation"].to_numpy()
    order, m = np.argsort(p), len(p)
    step_up = np.minimum.accumulate((p[order] * m / np.arange(1, m + 1))[::-1])[::-1]
    assert tables["fdr"]["p_adjusted"].to_numpy()[order] == pytest.approx(np.minimum(step_up, 1), rel=EXACT)
    assert tables["bonferroni"]["p_adjusted"].to_numpy() == pytest.approx(np.minimum(p * m, 1), rel=EXACT)


def test_a_city_without_neighbours_has_no_p():
    weights = scattered(kind="inverse_distance", cutoff_km=250, islands="keep")
    assert weights.islands
    table = local_moran(rng().normal(size=25), weights, rng=rng(), permutations=99).table.set_index("city")
    alone = table.loc[list(weights.islands)]
    assert alone["p_permutation"].isna().all() and alone["p_adjusted"].isna().all()
    assert set(alone["cluster"]) == {NO_NEIGHBOUR}
    others = table.drop(index=list(weights.islands))
    assert others["p_adjusted"].notna().all() and NO_NEIGHBOUR not in set(others["cluster"])


def test_runs_repeat_and_leave_no_trace():
    weights, y = scattered(), rng().normal(size=25)
    state, filters = np.random.get_state()[1].copy(), list(warnings.filters)  # noqa: NPY002
    runs = [global_moran(y, weights, rng=rng(7)) for _ in range(2)]
    assert vars(runs[0]) == vars(runs[1])
    maps = [local_moran(y, weights, rng=rng(7), permutations=99).table for _ in range(2)]
    pd.testing.assert_frame_equal(*maps)
    other = global_moran(y, weights, rng=rng(8))
    assert (other.moran, other.null_low) != (runs[0].moran, runs[0].null_low)
    assert (np.random.get_state()[1] == state).all()  # noqa: NPY002
    assert list(warnings.filters) == filters


def yearly(weights, years=(2003, 2004, 2005)):
    draws = rng(9)
    n = len(weights.cities)
    parts = [pd.DataFrame({"city": weights.cities, "year": y, "x": draws.normal(size=n)}) for y in years]
    return pd.concat(parts, ignore_index=True).sample(frac=1, random_state=1)


def test_by_year_is_year_by_year():
    weights = scattered()
    frame = yearly(weights)
    table = moran_by_year(frame, "x", weights, seed=3, permutations=99)
    assert table["year"].tolist() == [2003, 2004, 2005]
    last = frame[frame["year"] == 2005].sort_values("city")["x"]
    alone = global_moran(last, weights, rng=rng([3, 2005]), permutations=99)
    assert table.iloc[2].drop("year").to_dict() == pytest.approx(vars(alone))
    only = moran_by_year(frame[frame["year"] == 2005], "x", weights, seed=3, permutations=99)
    pd.testing.assert_frame_equal(only, table.iloc[[2]].reset_index(drop=True))


def test_cities_without_a_value_are_left_out_of_their_year():
    weights = scattered()
    frame = yearly(weights)
    gone = (frame["year"] == 2004) & (frame["city"] < 4)
    frame.loc[gone, "x"] = np.nan
    table = moran_by_year(frame, "x", weights, permutations=99).set_index("year")
    assert table["n_cities"].tolist() == [25, 21, 25]
    rest = frame[(frame["year"] == 2004) & ~gone].sort_values("city")
    matrix = weights.subset(rest["city"]).matrix.toarray()
    assert table.loc[2004, "moran"] == pytest.approx(naive(rest["x"].to_numpy(), matrix)[0], rel=EXACT)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda w: global_moran(np.ones(25), w, rng=rng()), DataError, "same value"),
        (lambda w: global_moran(np.ones(24), w, rng=rng()), DataError, r"\(24,\) for 25 cities"),
        (lambda w: global_moran([np.nan, *range(24)], w, rng=rng()), DataError, "1 values are missing"),
        (lambda w: global_moran(range(25), w, rng=rng(), permutations=9), ParameterError, "at least 19"),
        (lambda w: local_moran(range(25), w, rng=rng(), level=1), ParameterError, "level = 1"),
        (lambda w: local_moran(range(25), w, rng=rng(), multiple_testing="bh"), ParameterError, "fdr, bonf"),
        (
            lambda w: local_moran(range(25), w, rng=rng(), permutations=998, multiple_testing="bonferroni"),
            ParameterError,
            "take 999 or more",
        ),
        (lambda w: moran_by_year(yearly(w).assign(x=np.nan), "x", w), DataError, "no city .* value of x"),
        (lambda w: moran_by_year(pd.concat([yearly(w)] * 2), "x", w), DataError, "appears twice"),
        (lambda w: global_moran(range(3), w.subset([0, 1, 2]), rng=rng()), DataError, "too few"),
    ],
)
def test_what_has_no_moran_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call(lattice(5, 5))


def test_a_series_is_put_in_order_by_its_cities():
    table = pd.DataFrame({"city": np.arange(110, 122), "lon": np.arange(12.0) ** 1.1, "lat": 30.0})
    weights = spatial_weights(table, "nearest", neighbours=2)
    values = pd.Series(np.sin(np.arange(12.0)), index=pd.Index(weights.cities, name="city"))
    shuffled = values.sample(frac=1, random_state=1)
    options = {"permutations": 19, "rng": np.random.default_rng(0)}
    assert global_moran(shuffled, weights, **options).moran == global_moran(values, weights, **options).moran
    assert weights.lag(shuffled).tolist() == weights.lag(values).tolist()
    with pytest.raises(DataError, match="city 110 has no value"):
        weights.lag(values.drop(110))
    with pytest.raises(DataError, match="city 130 is not among the cities"):
        weights.lag(pd.concat([values, pd.Series([1.0], index=[130])]).rename_axis("city"))
    with pytest.raises(DataError, match="city 110 has more than one value"):
        weights.lag(pd.concat([values, values[:1]]))


def test_rows_without_a_city_or_year_are_refused():
    table = pd.DataFrame({"city": [1, 2, 3, 4, 5], "lon": np.arange(5.0), "lat": 30.0})
    weights = spatial_weights(table, "nearest", neighbours=1)
    frame = table[["city"]].assign(year=2010, value=[1.0, 2, 4, 3, 5])
    for key in ("city", "year"):
        with pytest.raises(DataError, match=f"a row has no {key}"):
            moran_by_year(frame.assign(**{key: frame[key].where(frame.index > 0)}), "value", weights)
