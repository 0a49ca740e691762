import json

import numpy as np
import pytest
from scipy import stats

from digital_clusters.estimators.estimate import Estimate

EXACT = 1e-12  # the same closed form in double precision


def some_estimate(**values):
    given = {
        "terms": ("a", "b"),
        "coefficients": [1.0, -2.0],
        "covariance": [[0.25, 0.1], [0.1, 4.0]],
        "n_observations": 50,
        "method": "double_machine_learning",
        "errors": "robust",
        "repetitions": [[1.0, -2.0]],
        "nuisance": {"outcome": 0.5},
    }
    return Estimate(**given | values)


def test_normal_interval_and_p_values():
    estimate = some_estimate()
    assert estimate["b"] == (-2.0, 2.0)
    assert estimate.interval(0.9)[0] == pytest.approx(1 + 0.5 * stats.norm.ppf([0.05, 0.95]), abs=EXACT)
    assert estimate.p_values == pytest.approx(2 * stats.norm.sf([2.0, 1.0]), abs=EXACT)


def test_degrees_of_freedom_widen_the_interval():
    student = some_estimate(degrees_of_freedom=4.0)
    assert student.critical_value() == pytest.approx(stats.t(4).ppf(0.975), abs=EXACT)
    assert (np.ptp(student.interval(), axis=1) > np.ptp(some_estimate().interval(), axis=1)).all()


def test_survives_json():
    estimate = some_estimate(seed=3, folds=5, spec={"folds": 5})
    again = Estimate.from_dict(json.loads(json.dumps(estimate.to_dict())))
    assert again.to_dict() == estimate.to_dict()
    assert again.terms == ("a", "b")
