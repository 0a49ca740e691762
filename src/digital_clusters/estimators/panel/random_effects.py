"""Random unit effects by feasible least squares (Swamy & Arora 1972) and the test of Hausman (1978)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from digital_clusters.errors import DataError
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.panel.arrays import as_columns, label_codes
from digital_clusters.estimators.wald import WaldTest, quadratic_test

INTERCEPT = "intercept"


@dataclass(frozen=True, eq=False)
class RandomEffects:
    """Random and fixed unit effects of one regression.

    Attributes
    ----------
    estimate : Estimate
        Random effects; the first term is the intercept.
    fixed : Estimate
        The within estimate of the same terms, with conventional errors.
    variance, unit_variance : float
        Of the noise and of the unit effects.
    theta : numpy.ndarray, shape (units,)
        Share of a unit's mean that is taken out: 0 is pooled least squares, 1 the within estimate.
    """

    estimate: Estimate
    fixed: Estimate
    variance: float
    unit_variance: float
    theta: np.ndarray

    def hausman(self) -> WaldTest:
        """Fixed less random effects against the difference of their covariances, each with its own variance.

        This is the form of ``phtest`` in the R package plm.

        Raises
        ------
        DataError
            The difference is no covariance, which can happen as each estimate has its own variance; the
            comparison of within with between estimates does not have this defect
            (:func:`digital_clusters.estimators.spatial.model_tests.hausman`).
        """
        gap = self.fixed.coefficients - self.estimate.coefficients[1:]
        more = self.fixed.covariance - self.estimate.covariance[1:, 1:]
        scale = self.fixed.standard_errors
        if np.linalg.eigvalsh(more / np.outer(scale, scale)).min() <= 0:
            raise DataError(
                "fixed effects are not less precise than random ones in every direction: this form of "
                "Hausman's test has no statistic; compare within and between estimates instead"
            )
        return quadratic_test(gap, more)


def random_effects(y: ArrayLike, x: ArrayLike, *, entity: ArrayLike, terms) -> RandomEffects:
    """Least squares of y and x less the share θ of their unit means.

    The noise has the variance of the within regression, s² with n T − n − k degrees of freedom; that of the
    unit effects is the variance of the between regression, with n − k − 1, less s²/T, and zero where this
    is negative. Where units have different numbers of periods, T is their harmonic mean.

    Parameters
    ----------
    y : array_like, shape (n T,)
    x : array_like, shape (n T, k)
        Without intercept.
    entity : array_like, shape (n T,)
    terms : sequence of str, length k

    Raises
    ------
    DataError
        Fewer than k + 2 units, a term that does not vary within units, or collinear terms.
    """
    y, x = np.asarray(y, float), as_columns(x, len(np.asarray(y)))
    labels, codes = label_codes("entity", entity)
    counts, k = np.bincount(codes).astype(float), x.shape[1]
    if len(labels) < k + 2:
        raise DataError(f"{len(labels)} units: random effects of {k} terms need at least {k + 2}")
    both = np.column_stack([y, x])
    means = np.column_stack([np.bincount(codes, column) / counts for column in both.T])
    within = both - means[codes]
    fixed, precision, left = _least_squares(within)
    variance = left / (len(y) - len(labels) - k)
    ones = np.ones((len(labels), 1))
    _, _, between_left = _least_squares(np.column_stack([means[:, :1], ones, means[:, 1:]]))
    harmonic = len(labels) / np.sum(1 / counts)
    unit_variance = max(0.0, between_left / (len(labels) - k - 1) - variance / harmonic)
    theta = 1 - np.sqrt(variance / (variance + counts * unit_variance))
    moved = (
        np.column_stack([y, np.ones(len(y)), x])
        - theta[codes, None] * np.column_stack([means[:, :1], ones, means[:, 1:]])[codes]
    )
    found, inverse, squares = _least_squares(moved)
    shared = {"n_observations": len(y), "errors": "homoskedastic"}
    return RandomEffects(
        estimate=Estimate(
            terms=(INTERCEPT, *terms),
            coefficients=found,
            covariance=inverse * squares / (len(y) - k - 1),
            method="random_effects",
            **shared,
        ),
        fixed=Estimate(
            terms=tuple(terms),
            coefficients=fixed,
            covariance=precision * variance,
            method="within",
            **shared,
        ),
        variance=float(variance),
        unit_variance=float(unit_variance),
        theta=theta,
    )


def _least_squares(data: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Coefficients of the first column on the others, (X'X)⁻¹, and the sum of squares left."""
    y, scale = data[:, 0], np.linalg.norm(data[:, 1:], axis=0)
    if not scale.all():
        raise DataError("a term does not vary: leave it out")
    x = data[:, 1:] / scale
    b, _, rank, _ = np.linalg.lstsq(x, y)
    if rank < x.shape[1]:
        raise DataError("the terms are collinear: leave one out")
    inverse = np.linalg.inv(x.T @ x) / np.outer(scale, scale)
    return b / scale, inverse, float(np.sum((y - x @ b) ** 2))
