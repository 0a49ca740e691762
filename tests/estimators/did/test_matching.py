import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.did.matching import (
    att,
    inverse_probability,
    kernel_matching,
    nearest_neighbours,
)
from digital_clusters.estimators.did.propensity import propensity_score

REFERENCE = 1e-7  # relative; the case prints ten digits and its scores agree with ours to 1e-8
EXACT = 1e-10  # the same sum in another order
TERMS = ["age", "educ", "hispan", "white", "married", "nodegree", "re74", "re75"]


@pytest.fixture(scope="module")
def lalonde(reference_case):
    case = reference_case("I2")
    file = case["folder"] / case["data"]
    frame = pd.read_csv(file)
    x = frame.assign(hispan=frame["race"] == "hispan", white=frame["race"] == "white")[TERMS]
    score = propensity_score(frame["treat"], x, terms=TERMS).score
    return case["expected"], frame, x.to_numpy(float), score, pd.read_csv(file.with_name("ps_nn.csv"))


def test_lalonde_without_replacement(lalonde):
    expected, frame, x, score, listed = lalonde
    found = nearest_neighbours(score, frame["treat"], side="below")
    assert found.weights.tolist() == listed["w"].tolist()
    left, right = (listed["sub"].to_numpy()[found.pairs[:, j]] for j in (0, 1))
    assert (left == right).all() and len(left) == 185
    assert att(frame["re78"], found)["att"][0] == pytest.approx(expected["ATT_diff"], rel=REFERENCE)
    adjusted = att(frame["re78"], found, covariates=x)
    assert adjusted["att"][0] == pytest.approx(expected["ATT_reg"], rel=REFERENCE)


def test_lalonde_with_replacement(lalonde):
    expected, frame, _, score, _ = lalonde
    found = nearest_neighbours(score, frame["treat"], side="below", replacement=True)
    assert found.n_controls == expected["n_controls_replace"]
    assert att(frame["re78"], found)["att"][0] == pytest.approx(expected["ATT_NN_replace"], rel=REFERENCE)


def test_lalonde_inverse_probability(lalonde):
    expected, frame, _, score, _ = lalonde
    found = att(frame["re78"], inverse_probability(score, frame["treat"]))
    assert found["att"][0] == pytest.approx(expected["IPW_ATT"], rel=REFERENCE)


def test_the_side_below_is_farther_than_the_nearest(lalonde):
    _, frame, _, score, _ = lalonde

    def distance(side):
        pairs = nearest_neighbours(score, frame["treat"], side=side, replacement=True).pairs
        return np.abs(score[pairs[:, 0]] - score[pairs[:, 1]])

    assert (distance("both") <= distance("below") + EXACT).all()
    assert distance("both").sum() < distance("below").sum()


def sample(seed, n=60, share=0.3):
    rng = np.random.default_rng(seed)
    score = np.round(rng.uniform(0.02, 0.98, n), 2)  # two decimals: ties happen
    treated = rng.random(n) < share
    treated[:2] = True, False
    return score, treated, rng


def greedy(score, treated, neighbours, reach):
    """Pairs by loops: the largest score first, the nearest free control, the first row of equals."""
    queue = sorted(np.flatnonzero(treated), key=lambda i: (-score[i], i))
    free, pairs = set(np.flatnonzero(~treated)), set()
    for _ in range(neighbours):
        for i in queue:
            near = sorted(free, key=lambda j: (round(abs(score[i] - score[j]), 12), j))
            near = [j for j in near if abs(logit(score[i]) - logit(score[j])) <= reach]
            if near:
                pairs.add((i, near[0]))
                free.remove(near[0])
    return pairs


def logit(p):
    return np.log(p / (1 - p))


@settings(max_examples=40)
@given(seed=st.integers(0, 10_000), neighbours=st.integers(1, 3), caliper=st.sampled_from([None, 0.1, 0.5]))
def test_without_replacement_is_the_greedy_loop(seed, neighbours, caliper):
    score, treated, _ = sample(seed)
    z = logit(score)
    reach = np.inf
    if caliper and treated.sum() > 1:
        reach = caliper * np.sqrt((z[treated].var(ddof=1) + z[~treated].var(ddof=1)) / 2)
    expected = greedy(score, treated, neighbours, reach)
    if treated.sum() < 2 or not expected:
        return
    found = nearest_neighbours(score, treated, neighbours=neighbours, caliper=caliper)
    assert {tuple(pair) for pair in found.pairs} == expected
    assert len(set(found.pairs[:, 1])) == len(found.pairs)


@settings(max_examples=40)
@given(seed=st.integers(0, 10_000), neighbours=st.integers(1, 3), ties=st.sampled_from(["first", "all"]))
def test_weights_are_of_the_effect_on_the_treated(seed, neighbours, ties):
    score, treated, _ = sample(seed)
    matchings = [
        nearest_neighbours(score, treated, neighbours=neighbours, replacement=True, ties=ties),
        nearest_neighbours(score, treated, neighbours=neighbours, scale="logit"),
        kernel_matching(score, treated, bandwidth=0.2),
        inverse_probability(score, treated),
    ]
    for found in matchings:
        assert set(found.weights[treated]) <= {0.0, 1.0}
        assert (found.weights >= 0).all()
        assert found.weights[~treated].sum() == pytest.approx(found.n_matched, rel=EXACT)


def test_equally_near_controls():
    score, treated = [0.5, 0.4, 0.6, 0.4, 0.9], [1, 0, 0, 0, 0]
    first = nearest_neighbours(score, treated, replacement=True)
    every = nearest_neighbours(score, treated, replacement=True, ties="all")
    assert first.weights.tolist() == [1, 1, 0, 0, 0]
    assert every.weights == pytest.approx([1, 1 / 3, 1 / 3, 1 / 3, 0])
    assert every.pairs.tolist() == [[0, 1], [0, 2], [0, 3]]


def test_order_decides_who_gets_the_control():
    score, treated = [0.5, 0.6, 0.55, 0.1], [1, 1, 0, 0]
    assert nearest_neighbours(score, treated).pairs.tolist() == [[0, 3], [1, 2]]
    assert nearest_neighbours(score, treated, order="data").pairs.tolist() == [[0, 2], [1, 3]]
    draws = {
        tuple(nearest_neighbours(score, treated, order="random", rng=np.random.default_rng(s)).pairs[:, 1])
        for s in range(20)
    }
    assert draws == {(3, 2), (2, 3)}


def test_the_caliper_is_in_logits_and_leaves_units_unmatched():
    score, treated = np.array([0.5, 0.9, 0.52, 0.3, 0.2]), np.array([1, 1, 0, 0, 0])
    found = nearest_neighbours(score, treated, caliper=0.2)
    assert found.pairs.tolist() == [[0, 2]]
    assert (found.n_treated, found.n_matched, found.n_controls) == (2, 1, 1)
    with pytest.raises(DataError, match="nobody is matched"):
        nearest_neighbours(score, treated, caliper=0.001)


@pytest.mark.parametrize(
    ("kernel", "mass"),
    [
        ("epanechnikov", lambda u: max(0.0, 0.75 * (1 - u * u))),
        ("gaussian", lambda u: np.exp(-u * u / 2) / np.sqrt(2 * np.pi)),
        ("uniform", lambda u: 0.5 * (abs(u) <= 1)),
    ],
)
def test_kernel_is_the_mean_of_local_means(kernel, mass):
    score, treated, rng = sample(5, n=80)
    y = rng.normal(size=80)
    gaps = []
    for i in np.flatnonzero(treated):
        k = np.array([mass((score[i] - score[j]) / 0.06) for j in np.flatnonzero(~treated)])
        if k.sum() > 0:
            gaps.append(y[i] - k @ y[~treated] / k.sum())
    found = kernel_matching(score, treated, kernel=kernel)
    assert found.n_matched == len(gaps)
    assert att(y, found)["att"][0] == pytest.approx(np.mean(gaps), rel=EXACT)


def test_a_wide_kernel_is_the_difference_in_means():
    score, treated, rng = sample(8)
    y = rng.normal(size=60)
    found = att(y, kernel_matching(score, treated, kernel="uniform", bandwidth=1.0))
    assert found["att"][0] == pytest.approx(y[treated].mean() - y[~treated].mean(), rel=EXACT)
    squares = sum(((y[g] - y[g].mean()) ** 2).sum() / g.sum() ** 2 for g in (treated, ~treated))
    # The weights of the controls are equal, n1/n0, so that the sandwich is that of two means.
    assert found["att"][1] == pytest.approx(np.sqrt(squares * 60 / 58), rel=EXACT)


def test_inverse_probabilities_find_the_effect_on_the_treated():
    rng = np.random.default_rng(4)
    x = rng.normal(size=4000)
    treated = rng.random(4000) < 1 / (1 + np.exp(1 - x))
    y = 2 * x + treated * (1 + x) + rng.normal(size=4000)
    truth = 1 + x[treated].mean()
    score = propensity_score(treated, x, terms=["x"]).score
    for found in (inverse_probability(score, treated), kernel_matching(score, treated, bandwidth=0.02)):
        estimate = att(y, found)
        low, high = estimate.interval(0.999)[0]
        assert low < truth < high
    assert abs(y[treated].mean() - y[~treated].mean() - truth) > 1, "without matching it is far off"


def test_only_eligible_units_are_matched():
    score, treated, _ = sample(3)
    eligible = np.arange(60) % 2 == 0
    for match in (nearest_neighbours, kernel_matching, inverse_probability):
        found = match(score, treated, eligible=eligible)
        assert not found.weights[~eligible].any() and found.weights[eligible].any()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"order": "smallest"}, "largest, data, random"),
        ({"scale": "probit"}, "score, logit"),
        ({"ties": "random"}, "first, all"),
        ({"side": "above"}, "both, below"),
        ({"ties": "all"}, "needs replacement=True"),
        ({"order": "random"}, "needs rng"),
        ({"neighbours": 0}, "at least one"),
    ],
)
def test_wrong_options_are_refused(options, says):
    with pytest.raises(ParameterError, match=says):
        nearest_neighbours([0.2, 0.4, 0.3], [0, 1, 0], **options)


def test_wrong_scores_are_refused():
    with pytest.raises(DataError, match="not strictly between 0 and 1"):
        kernel_matching([0.0, 0.5, 0.5], [0, 1, 0])
    with pytest.raises(ParameterError, match="bandwidth = 0"):
        kernel_matching([0.2, 0.5, 0.5], [0, 1, 0], bandwidth=0)
    with pytest.raises(ParameterError, match="2 scores, 3 treatments"):
        inverse_probability([0.2, 0.5], [0, 1, 0])
