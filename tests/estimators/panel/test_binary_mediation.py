import numpy as np
import pytest

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.panel.binary_mediation import binary_mediation
from digital_clusters.estimators.panel.demeaning import indicators
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects

TERMS = ["d", "x"]
SAME = 1e-6  # relative; two algorithms that stop at a small change of the likelihood


def made(seed=0, cities=60, years=6, a=0.8, b=0.5, law="logistic"):
    rng = np.random.default_rng(seed)
    entity, time = np.divmod(np.arange(cities * years), years)
    level = rng.normal(size=cities)[entity]
    d, x = 0.5 * level + rng.normal(size=len(entity)), rng.normal(size=len(entity))
    noise = rng.logistic(size=len(entity)) if law == "logistic" else rng.normal(size=len(entity))
    m = (a * d + 0.5 * x + 0.1 * time + noise > 0).astype(float)
    y = 0.3 * d + b * m + 0.2 * x + level + 0.1 * time + 0.5 * rng.normal(size=len(entity))
    return y, d, m, x, {"entity": entity, "time": time, "terms": TERMS}


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_the_step_is_that_of_statsmodels_and_the_outcome_two_way(link):
    import statsmodels.api as sm

    y, d, m, x, keys = made()
    found = binary_mediation(y, d, m, x, **keys, link=link, draws=100)
    both = np.column_stack([d, x])
    means = np.array([both[keys["entity"] == e].mean(axis=0) for e in range(60)])[keys["entity"]]
    design = np.column_stack([both, means, indicators(keys["time"])])
    theirs = {"logit": sm.Logit, "probit": sm.Probit}[link](m, design).fit(disp=0, tol=1e-12)
    assert found.coefficient == pytest.approx(theirs.params[0], rel=SAME)
    assert found.marginal_effect == pytest.approx(theirs.get_margeff().margeff[0], rel=SAME)
    outcome = two_way_fixed_effects(
        y, np.column_stack([d, m, x]), entity=keys["entity"], time=keys["time"], terms=["d", "m", "x"]
    )
    assert found.direct == pytest.approx(outcome["d"][0], rel=1e-9)
    assert found.outcome_coefficient == pytest.approx(outcome["m"][0], rel=1e-9)
    assert found.indirect == pytest.approx(found.marginal_effect * outcome["m"][0], rel=1e-9)


def test_a_planted_effect_is_found():
    """The interval of 400 cities holds the mean marginal effect at the planted coefficients times b."""
    y, d, m, x, keys = made(seed=3, cities=400)
    found = binary_mediation(y, d, m, x, **keys)
    p = 1 / (1 + np.exp(-(0.8 * d + 0.5 * x + 0.1 * keys["time"])))
    planted = 0.5 * np.mean(p * (1 - p)) * 0.8
    assert found.interval[0] < planted < found.interval[1]
    assert found.interval[1] - found.interval[0] < planted
    assert found.interval[0] < found.indirect < found.interval[1]


def test_units_order_and_labels_do_not_matter():
    y, d, m, x, keys = made(seed=4)
    found = binary_mediation(y, d, m, x, **keys, draws=100)
    order = np.random.default_rng(1).permutation(len(y))
    moved = {"entity": keys["entity"][order] + 500, "time": keys["time"][order] + 1990, "terms": TERMS}
    other = binary_mediation(1e6 * y[order], 1e-4 * d[order], m[order], 1e3 * x[order], **moved, draws=100)
    for name in ("indirect", "direct"):
        assert getattr(other, name) / 1e10 == pytest.approx(getattr(found, name), rel=SAME)
    assert np.array(other.interval) / 1e10 == pytest.approx(np.array(found.interval), rel=SAME)
    assert other.marginal_effect / 1e4 == pytest.approx(found.marginal_effect, rel=SAME)


def test_what_has_no_step_is_refused():
    y, d, m, x, keys = made()
    for wrong in (np.ones_like(m), m + 1, m + 0.5 * (d > 1)):
        with pytest.raises(DataError, match="zeros and ones"):
            binary_mediation(y, d, wrong, x, **keys)
    with pytest.raises(DataError, match="no maximum"):
        binary_mediation(y, d, (d > 0).astype(float), x, **keys)
    for options, words in (
        ({"link": "cloglog"}, "link"),
        ({"draws": 5}, "at least 100"),
        ({"level": 1}, "level"),
    ):
        with pytest.raises(ParameterError, match=words):
            binary_mediation(y, d, m, x, **keys, **options)
