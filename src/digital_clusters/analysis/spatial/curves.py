"""Marginal effects of a squared treatment over its range, its turning point, and how it moves.

Every function reads a :class:`~digital_clusters.analysis.fit.Fit` of a spatial panel with a square.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from digital_clusters.analysis.fit import Fit
from digital_clusters.estimators.curves.moving import (
    TurningPath,
    curve_at,
    turning_point_path,
    turning_point_shift,
)
from digital_clusters.estimators.curves.ratios import Ratio
from digital_clusters.estimators.curves.turning_points import UTest, turning_point, u_test
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.spatial.effects import KINDS, Polynomial, marginal_effects

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.98)
"""Of the treatment, at which marginal effects are told."""


INNER = (0.01, 0.99)
"""Quantiles between which a curve is drawn and the U shape tested."""


def mean_moderator(fit: Fit) -> float:
    """Mean of the moderator over the sample; zero without one."""
    return 0.0 if fit.spec.moderator is None else float(fit.values(fit.spec.moderator).mean())


def inner(fit: Fit) -> tuple[float, float]:
    """The treatment's quantiles :data:`INNER`."""
    low, high = np.quantile(fit.values(fit.spec.treatment), INNER)
    return float(low), float(high)


def at_mean(fit: Fit) -> Estimate:
    """Linear and squared coefficient at the moderator's mean."""
    if fit.spec.moderator is None:
        return fit.estimate
    return curve_at(fit.estimate, mean_moderator(fit), **curve_terms(fit), **_moved_by(fit))


def effects_at(fit: Fit, c: ArrayLike, *, draws: int = 1000, seed: int = 0) -> pd.DataFrame:
    """Direct, indirect and total marginal effect at values of the treatment, with two kinds of interval.

    Returns
    -------
    pandas.DataFrame
        ``c``, ``kind``, ``effect``, ``standard_error``, ``low``, ``high`` (delta), ``simulated_low``,
        ``simulated_high``; the moderator is at its mean.
    """
    terms = polynomial(fit)
    at: dict[str, Any] = {"c": np.atleast_1d(np.asarray(c, float)), "z": mean_moderator(fit)}
    delta = marginal_effects(fit.spatial, terms, **at, intervals="delta")
    drawn = marginal_effects(fit.spatial, terms, **at, draws=draws, seed=seed)
    return pd.DataFrame(
        {
            "c": np.repeat(at["c"], len(KINDS)),
            "kind": list(KINDS) * len(at["c"]),
            "effect": delta.effects.ravel(),
            "standard_error": delta.standard_errors.ravel(),
            "low": delta.lower.ravel(),
            "high": delta.upper.ravel(),
            "simulated_low": drawn.lower.ravel(),
            "simulated_high": drawn.upper.ravel(),
        }
    )


def quantile_effects(fit: Fit, *, draws: int = 1000, seed: int = 0) -> pd.DataFrame:
    """:func:`effects_at` the :data:`QUANTILES`, with the column ``quantile``."""
    found = effects_at(fit, np.quantile(fit.values(fit.spec.treatment), QUANTILES), draws=draws, seed=seed)
    return found.assign(quantile=np.repeat(QUANTILES, 3))


def turning(fit: Fit) -> tuple[Ratio, UTest]:
    """Turning point at the moderator's mean, and the joint test of a U shape over the inner range."""
    low, high = inner(fit)
    terms, curve = curve_terms(fit), at_mean(fit)
    return turning_point(curve, **terms), u_test(curve, **terms, low=low, high=high)


def moving(fit: Fit, points: int = 25) -> tuple[TurningPath, Ratio]:
    """Turning point over the inner range of the moderator, and how far it moves with one unit of it.

    With the square's own product the shift is that at the moderator's mean.
    """
    terms = curve_terms(fit) | _moved_by(fit)
    low, high = np.quantile(fit.values(fit.spec.moderator), INNER)
    z = np.linspace(low, high, points)
    shift = turning_point_shift(fit.estimate, at=mean_moderator(fit), **terms)
    return turning_point_path(fit.estimate, z, **terms), shift


def _moved_by(fit: Fit) -> dict[str, Any]:
    """Names of the products with the moderator."""
    terms = polynomial(fit)
    return {"interaction": terms.product, "square_interaction": terms.square_product}


def polynomial(fit: Fit) -> Polynomial:
    """The terms of a squared specification, as the functions of spatial effects take them."""
    square = f"{fit.spec.treatment}^2"
    product = None if fit.spec.moderator is None else fit.product
    bent = f"{square}:{fit.spec.moderator}"
    return Polynomial(
        fit.spec.treatment,
        square=square,
        product=product,
        square_product=bent if bent in fit.design.names else None,
    )


def curve_terms(fit: Fit) -> dict[str, Any]:
    """Names of the linear and the squared term."""
    return {"linear": fit.spec.treatment, "square": f"{fit.spec.treatment}^2"}
