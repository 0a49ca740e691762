"""Poisson pseudo-maximum likelihood with effects, against statsmodels with every indicator."""

import numpy as np
import pytest

from digital_clusters.errors import DataError
from digital_clusters.estimators.panel.poisson import poisson_fixed_effects

UNITS, PERIODS = 30, 6
SAME = 1e-6
"""Relative: both stop when the deviance moves by less than 1e-10 of itself, of which coefficients have the
root."""


@pytest.fixture(scope="module")
def panel():
    rng = np.random.default_rng(8)
    entity, time = np.divmod(np.arange(UNITS * PERIODS), PERIODS)
    x = rng.normal(size=(len(entity), 2))
    mean = np.exp(x @ [0.5, -0.3] - 1 + rng.normal(size=UNITS)[entity] + 0.1 * time)
    return {"y": rng.poisson(mean), "x": x, "entity": entity, "time": time, "terms": ["a", "b"]}


def test_coefficients_and_errors_are_those_of_statsmodels(panel):
    import statsmodels.api as sm

    found = poisson_fixed_effects(**panel)
    sums = np.bincount(panel["entity"], weights=panel["y"])
    kept = sums[panel["entity"]] > 0
    entity = np.unique(panel["entity"][kept], return_inverse=True)[1]
    effects = np.column_stack([np.eye(entity.max() + 1)[entity], np.eye(PERIODS)[panel["time"][kept]][:, 1:]])
    model = sm.GLM(
        panel["y"][kept], np.column_stack([panel["x"][kept], effects]), family=sm.families.Poisson()
    )
    options = {"groups": entity, "use_correction": False}
    by_library = model.fit(tol=1e-13, cov_type="cluster", cov_kwds=options)
    groups = entity.max() + 1
    assert found.estimate.coefficients == pytest.approx(by_library.params[:2], rel=SAME)
    errors = by_library.bse[:2] * np.sqrt(groups / (groups - 1))
    assert found.estimate.standard_errors == pytest.approx(errors, rel=SAME)
    assert (found.rows, found.dropped) == (kept.sum(), (~kept).sum()) and found.dropped > 0


def test_two_periods_are_the_conditional_logit_of_shares():
    """With two periods the effects leave a logit of the second period's share (Hausman et al. 1984)."""
    y = np.array([[1, 3], [2, 2], [5, 1], [4, 6], [0, 0]]).ravel()
    entity, time = np.divmod(np.arange(10), 2)
    x = np.array([[0, 1], [0, 0], [0, 0], [0, 1], [0, 1]]).ravel().astype(float)
    found = poisson_fixed_effects(y, x, entity=entity, time=time, terms=["x"]).estimate
    changed, same = np.log((3 + 6) / (1 + 4)), np.log((2 + 1) / (2 + 5))
    assert found["x"][0] == pytest.approx(changed - same, rel=SAME)


def test_the_scale_of_the_outcome_is_in_no_coefficient(panel):
    found, other = (poisson_fixed_effects(**panel | {"y": f * panel["y"]}).estimate for f in (1.0, 1e6))
    assert other.coefficients == pytest.approx(found.coefficients, rel=SAME)
    assert other.standard_errors == pytest.approx(found.standard_errors, rel=SAME)


def test_what_has_no_log_mean_is_refused(panel):
    with pytest.raises(DataError, match="negative"):
        poisson_fixed_effects(**panel | {"y": panel["y"] - 1.0})
    with pytest.raises(DataError, match="zero in every row"):
        poisson_fixed_effects(**panel | {"y": 0.0 * panel["y"]})
    with pytest.raises(DataError, match="separate zeros"):
        there = (panel["y"] > 0).astype(float)
        poisson_fixed_effects(**panel | {"x": np.column_stack([there, panel["x"][:, 1]])})
