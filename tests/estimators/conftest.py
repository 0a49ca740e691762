"""A small panel with known effects, shared by the tests of the estimators."""

import numpy as np
import pytest

from digital_clusters.estimators.resampling.simulated_panels import correlated_effects


@pytest.fixture(scope="session")
def draw():
    """40 units over 6 years, one treatment with effect 0.25, three covariates."""
    return correlated_effects(np.random.default_rng(7), n_units=40, n_years=6, n_covariates=3)


@pytest.fixture(scope="session")
def keys(draw):
    return {"entity": draw.entity, "time": draw.time}
