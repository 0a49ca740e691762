"""Marginal effects of a squared treatment over its range, its turning point, and how it moves."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from digital_clusters.analysis.fit import spatial
from digital_clusters.analysis.sample import select_sample
from digital_clusters.analysis.spec import Spec
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.measures.panel import Panel

if TYPE_CHECKING:
    from digital_clusters.estimators.curves.moving import TurningPath
    from digital_clusters.estimators.curves.ratios import Ratio
    from digital_clusters.estimators.curves.turning_points import UTest
    from digital_clusters.estimators.spatial.durbin import SpatialEstimate

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.98)
"""Of the treatment, at which marginal effects are told."""


INNER = (0.01, 0.99)
"""Quantiles between which a curve is drawn and the U shape tested."""


@dataclass(frozen=True, eq=False)
class SpatialCurve:
    """A fitted spatial model with a squared treatment, and the sample's values that its effects are taken at.

    Attributes
    ----------
    spec : Spec
    fit : SpatialEstimate
    c : numpy.ndarray, shape (n,)
        Treatment of every city-year.
    z : numpy.ndarray, shape (n,), or None
        Moderator, if there is one.
    """

    spec: Spec
    fit: "SpatialEstimate"
    c: np.ndarray
    z: np.ndarray | None

    @property
    def mean_z(self) -> float:
        """Mean of the moderator; zero without one."""
        return 0.0 if self.z is None else float(self.z.mean())

    @property
    def inner(self) -> tuple[float, float]:
        """The treatment's quantiles :data:`INNER`."""
        low, high = np.quantile(self.c, INNER)
        return float(low), float(high)

    def at_mean(self) -> Estimate:
        """Linear and squared coefficient at the moderator's mean."""
        from digital_clusters.estimators.curves.moving import curve_at

        if self.z is None:
            return self.fit.estimate
        return curve_at(self.fit.estimate, self.mean_z, **curve_terms(self.spec), interaction=self._product)

    @property
    def _product(self) -> str:
        return f"{self.spec.treatment}:{self.spec.moderator}"


def fit_curve(spec: Spec, panel: Panel) -> SpatialCurve:
    """Estimate a squared specification as a spatial model."""
    sample = select_sample(spec, panel)
    z = None if spec.moderator is None else sample[spec.moderator].to_numpy(float)
    return SpatialCurve(spec, spatial(spec, panel), sample[spec.treatment].to_numpy(float), z)


def effects_at(curve: SpatialCurve, c: ArrayLike, *, draws: int = 1000, seed: int = 0) -> pd.DataFrame:
    """Direct, indirect and total marginal effect at values of the treatment, with two kinds of interval.

    Returns
    -------
    pandas.DataFrame
        ``c``, ``kind``, ``effect``, ``standard_error``, ``low``, ``high`` (delta), ``simulated_low``,
        ``simulated_high``; the moderator is at its mean.
    """
    from digital_clusters.estimators.spatial.effects import KINDS, marginal_effects

    terms = polynomial(curve.spec)
    at = {"c": np.atleast_1d(np.asarray(c, float)), "z": curve.mean_z}
    delta = marginal_effects(curve.fit, terms, **at, intervals="delta")
    drawn = marginal_effects(curve.fit, terms, **at, draws=draws, seed=seed)
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


def quantile_effects(curve: SpatialCurve, *, draws: int = 1000, seed: int = 0) -> pd.DataFrame:
    """:func:`effects_at` the :data:`QUANTILES`, with the column ``quantile``."""
    found = effects_at(curve, np.quantile(curve.c, QUANTILES), draws=draws, seed=seed)
    return found.assign(quantile=np.repeat(QUANTILES, 3))


def turning(curve: SpatialCurve) -> tuple["Ratio", "UTest"]:
    """Turning point at the moderator's mean, and the joint test of a U shape over the inner range."""
    from digital_clusters.estimators.curves.turning_points import turning_point, u_test

    low, high = curve.inner
    terms, at_mean = curve_terms(curve.spec), curve.at_mean()
    return turning_point(at_mean, **terms), u_test(at_mean, **terms, low=low, high=high)


def moving(curve: SpatialCurve, points: int = 25) -> tuple["TurningPath", "Ratio"]:
    """Turning point over the inner range of the moderator, and how far it moves with one unit of it."""
    from digital_clusters.estimators.curves.moving import turning_point_path, turning_point_shift

    terms = curve_terms(curve.spec) | {"interaction": f"{curve.spec.treatment}:{curve.spec.moderator}"}
    z = np.linspace(*np.quantile(curve.z, INNER), points)
    return turning_point_path(curve.fit.estimate, z, **terms), turning_point_shift(
        curve.fit.estimate, **terms
    )


def polynomial(spec: Spec):
    """The terms of a squared specification, as the functions of spatial effects take them."""
    from digital_clusters.estimators.spatial.effects import Polynomial

    product = None if spec.moderator is None else f"{spec.treatment}:{spec.moderator}"
    return Polynomial(spec.treatment, square=f"{spec.treatment}^2", product=product)


def curve_terms(spec: Spec) -> dict[str, str]:
    """Names of the linear and the squared term."""
    return {"linear": spec.treatment, "square": f"{spec.treatment}^2"}
