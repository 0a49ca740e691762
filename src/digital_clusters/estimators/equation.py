"""A fitted equation before its covariance is scaled, and least squares for it."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Equation:
    """A fitted equation before its covariance is scaled.

    Attributes
    ----------
    terms : tuple of str, length k
    coefficients : numpy.ndarray, shape (k,)
    projection : numpy.ndarray, shape (n, k)
        H such that the coefficients are H'y.
    residual : numpy.ndarray, shape (n,)
    """

    terms: tuple[str, ...]
    coefficients: np.ndarray
    projection: np.ndarray
    residual: np.ndarray


def solve(
    outcome: np.ndarray, fitted: np.ndarray, regressors: np.ndarray, terms: tuple[str, ...]
) -> Equation:
    """Least squares of ``outcome`` on ``fitted``, with residuals taken at ``regressors``.

    The two are the same in least squares; in two-stage least squares ``fitted`` holds the regressors as the
    instruments predict them. Shapes (n,), (n, k) and (n, k).
    """
    q, r = np.linalg.qr(fitted)
    projection = q @ np.linalg.inv(r).T
    coefficients = projection.T @ outcome
    return Equation(terms, coefficients, projection, outcome - regressors @ coefficients)
