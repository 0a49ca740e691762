"""Which spatial model a specification needs: tests from below, from above, and of random effects."""

from contextlib import suppress

import numpy as np
import pandas as pd

from digital_clusters.analysis.fit import Fit
from digital_clusters.errors import DataError
from digital_clusters.estimators.panel.random_effects import random_effects
from digital_clusters.estimators.spatial.log_determinant import log_determinant
from digital_clusters.estimators.spatial.model_tests import TestResult, hausman, lm_tests, reduction_tests
from digital_clusters.estimators.spatial.residual_moran import residual_moran

COLUMNS = ["test", "null", "statistic", "degrees_of_freedom", "p_value"]


def reduction_table(fit: Fit) -> pd.DataFrame:
    """Every test between the spatial models of one specification.

    Moran's I and Lagrange multiplier tests start from the model without spatial terms, likelihood ratios and
    Wald tests from the Durbin model; Wald tests here use the information matrix, as likelihood ratios do.

    Parameters
    ----------
    fit : Fit
        Of method ``spatial_panel``; ``spatial_model``, ``errors`` and ``correction`` do not matter.

    Returns
    -------
    pandas.DataFrame
        :data:`COLUMNS`, one row a test. Hausman's compares two models; where one of them has no maximum, as
        dense weights can have it, the test is left out. It divides by the number of observations, as
        likelihoods do; the last row is the form without spatial terms of
        :meth:`~digital_clusters.estimators.panel.random_effects.RandomEffects.hausman`, left out where it
        has no statistic.
    """
    arrays, w = fit.design, fit.weights
    x, keys = arrays.regressors, arrays.keys | {"terms": arrays.names}
    prepared = log_determinant(w)
    found = [
        _moran(arrays.outcome, x, w, keys),
        *lm_tests(arrays.outcome, x, w, **keys).values(),
        *reduction_tests(arrays.outcome, x, w, **keys, log_determinant=prepared).values(),
    ]
    with suppress(DataError):  # with dense weights the model of city means may have no maximum
        found.append(hausman(arrays.outcome, x, w, **keys, log_determinant=prepared))
    with suppress(DataError):  # each estimate has its own variance: their difference may be no covariance
        found.append(_without_space(fit))
    rows = [(t.name, t.null, t.statistic, t.degrees_of_freedom, t.p_value) for t in found]
    return pd.DataFrame(rows, columns=COLUMNS)


def _moran(y: np.ndarray, x: np.ndarray, w, keys: dict) -> TestResult:
    """Cliff and Ord's z, squared, which is χ² with one degree of freedom."""
    found = residual_moran(y, x, w, **keys)
    words = f"Moran's I of residuals, {found.moran:.3f}: z² of Cliff and Ord"
    return TestResult(words, "no correlation of the errors over space", found.z_score**2, 1)


def _without_space(fit: Fit) -> TestResult:
    """Fixed against random city effects by least squares, means of the years taken out first."""
    arrays = fit.design
    both = pd.DataFrame(np.column_stack([arrays.outcome, arrays.regressors]))
    left = (both - both.groupby(arrays.time).transform("mean")).to_numpy()
    test = random_effects(left[:, 0], left[:, 1:], entity=arrays.entity, terms=arrays.names).hausman()
    return TestResult(
        "Hausman, no spatial terms, each estimate its own variance",
        "unit effects are random",
        test.statistic,
        test.df,
    )
