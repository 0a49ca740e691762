import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.did.abadie_imbens import matched_difference
from digital_clusters.estimators.did.matching import Matching, att, kernel_matching, nearest_neighbours
from digital_clusters.estimators.did.propensity import propensity_score


def made(seed, n=60):
    rng = np.random.default_rng(seed)
    score = rng.uniform(0.05, 0.95, n)
    treated = rng.uniform(size=n) < 0.4
    treated[:4] = [True, False, False, False]
    return rng.normal(size=n) + 2 * treated + score, score, treated


@pytest.mark.parametrize(
    ("columns", "effect", "error", "pairs"),
    [
        ("age educ black hisp married nodegr re74 re75", 2624.3, 802.19, 344),
        (
            "age age2 educ educ2 black hisp married nodegr re74 re742 re75 re752 u74 u75",
            2153.3,
            825.4,
            346,
        ),
    ],
)
def test_lalonde_as_the_r_package_matching_prints_it(reference_case, columns, effect, error, pairs):
    """Sekhon (2011, J. Statistical Software 42, 7): the package counts scores as tied whose squared distance
    in standard deviations is within 1e-5 of the least. Estimates, errors and numbers of pairs of the longer
    logit are those of the package's saved output (4.7-9, tests/DehejiaWahba.Rout.save); those of the shorter
    are what ``summary(Match(...))`` prints for it."""
    case = reference_case("I2")
    file = (case["folder"] / case["data"]).with_name("lalonde_nsw_matchingpkg.csv")
    raw = pd.read_csv(file).astype(float)
    thousands = raw.assign(re74=raw["re74"] / 1e3, re75=raw["re75"] / 1e3)
    squares = {f"{name}2": thousands[name] ** 2 for name in ("age", "educ", "re74", "re75")}
    names = columns.split()
    treated = raw["treat"].to_numpy() == 1
    score = propensity_score(treated, thousands.assign(**squares)[names].to_numpy(), terms=names).score
    at, chosen, pool = score / score.std(ddof=1), np.flatnonzero(treated), np.flatnonzero(~treated)
    gap = (at[chosen][:, None] - at[pool]) ** 2
    near = np.argwhere(gap <= gap.min(axis=1, keepdims=True) + 1e-5)
    pairs_of = np.c_[chosen[near[:, 0]], pool[near[:, 1]]]
    found = Matching("1 nearest", treated, treated * 1.0, pairs_of, 185, 185, 0)
    estimate = matched_difference(raw["re78"], score, found, noise="of_all")
    assert len(near) == pairs
    assert estimate["att"][0] == pytest.approx(effect, abs=0.05)  # printed with one decimal
    assert estimate.standard_errors[0] == pytest.approx(error, abs=0.05)


@settings(derandomize=True, max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), neighbours=st.integers(1, 3), others=st.integers(1, 3))
def test_the_variance_by_loops(seed, neighbours, others):
    y, score, treated = made(seed)
    matching = nearest_neighbours(score, treated, neighbours=neighbours, replacement=True)
    found = matched_difference(y, score, matching, neighbours=others)
    n1, gaps, times = int(treated.sum()), [], np.zeros(len(y))
    for i in np.flatnonzero(treated):
        partners = [j for k, j in matching.pairs if k == i]
        gaps.append(y[i] - np.mean(y[partners]))
        times[partners] += 1
    variance = sum((gap - np.mean(gaps)) ** 2 for gap in gaps)
    for j in np.flatnonzero(~treated):
        rest = sorted((abs(score[j] - score[k]), k) for k in np.flatnonzero(~treated) if k != j)[:others]
        spread = others / (others + 1) * (y[j] - np.mean([y[k] for _, k in rest])) ** 2
        variance += times[j] * (times[j] - 1) / neighbours**2 * spread
    assert found["att"][0] == pytest.approx(np.mean(gaps), rel=1e-9)
    assert found.covariance[0, 0] == pytest.approx(variance / n1**2, rel=1e-9)


def test_without_reuse_only_the_gaps_count():
    y, score, treated = made(3)
    matching = nearest_neighbours(score, treated, replacement=False)
    found = matched_difference(y, score, matching)
    gaps = np.array([y[i] - y[j] for i, j in matching.pairs])
    assert found.covariance[0, 0] == pytest.approx(gaps.var() / len(gaps), rel=1e-9)
    assert found["att"][0] == pytest.approx(att(y, matching)["att"][0], rel=1e-9)


def test_the_error_is_that_of_samples():
    """2,000 samples with one match each: the spread of estimates is met within 5 per cent, three times
    its own error of 1.6 per cent."""
    estimates, errors, rng = [], [], np.random.default_rng(1)
    for _ in range(2000):
        score, treated = rng.uniform(0.1, 0.9, 120), np.arange(120) < 50
        y = score + (1 + rng.normal(size=120)) * treated + rng.normal(size=120)
        matching = nearest_neighbours(score, treated, replacement=True)
        found = matched_difference(y, score, matching)
        estimates.append(found["att"][0])
        errors.append(found.covariance[0, 0])
    assert np.sqrt(np.mean(errors)) == pytest.approx(np.std(estimates), rel=0.05)


def test_units_and_order_do_not_matter():
    y, score, treated = made(5)
    found = matched_difference(y, score, nearest_neighbours(score, treated, replacement=True))
    order = np.random.default_rng(2).permutation(len(y))
    moved = nearest_neighbours(score[order], treated[order], replacement=True)
    other = matched_difference(1e6 * y[order], score[order], moved)
    assert other["att"][0] / 1e6 == pytest.approx(found["att"][0], rel=1e-9)
    assert other.standard_errors / 1e6 == pytest.approx(found.standard_errors, rel=1e-9)


def test_what_has_no_error_is_refused():
    y, score, treated = made(5)
    matching = nearest_neighbours(score, treated, replacement=True)
    with pytest.raises(ParameterError, match="need nearest neighbours"):
        matched_difference(y, score, kernel_matching(score, treated))
    with pytest.raises(ParameterError, match="59 outcomes"):
        matched_difference(y[1:], score, matching)
    with pytest.raises(ParameterError, match="at least one"):
        matched_difference(y, score, matching, neighbours=0)
    with pytest.raises(ParameterError, match="noise"):
        matched_difference(y, score, matching, noise="none")
    with pytest.raises(DataError, match="missing or infinite"):
        matched_difference(np.where(score > 0.9, np.nan, y), score, matching)
    few = treated | (np.arange(60) > 4)
    with pytest.raises(DataError, match="too few"):
        matched_difference(y, score, nearest_neighbours(score, few, replacement=True), neighbours=10)
