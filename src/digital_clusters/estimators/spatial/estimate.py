"""What a fitted spatial panel model is, and the options it was fitted with."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from scipy import sparse

from digital_clusters.errors import ParameterError
from digital_clusters.estimators.estimate import Estimate, ShowsEstimate
from digital_clusters.estimators.spatial.arrays import LAG_PREFIX, SpatialEffects
from digital_clusters.estimators.spatial.information import Point, unit_departures
from digital_clusters.estimators.spatial.log_determinant import LogDeterminant
from digital_clusters.wording import suggestion

SpatialModel = Literal["lag", "error", "durbin", "slx", "none"]
"""``lag``: y = ρWy + Xβ + u. ``error``: u = λWu + ε. ``durbin``: y = ρWy + Xβ + WXθ + u.
``slx``: y = Xβ + WXθ + u. ``none``: y = Xβ + u."""

SpatialErrors = Literal["information", "information_of_demeaned", "clustered"]
"""``information``: inverse of the expected information of the model with its effects.
``information_of_demeaned``: of the demeaned data as if they were the model (Elhorst 2014, splm); with time
effects it counts movements of all units together as information on ρ. ``clustered``: sandwich by unit."""

Correction = Literal["none", "bias", "transformation"]
"""Lee & Yu (2010). ``bias``: the estimates less their bias, σ² times T/(T−1) with unit effects.
``transformation``: likelihood of the data with the effects transformed away."""

PARAMETERS = {"lag": "rho", "durbin": "rho", "error": "lambda", "slx": "none", "none": "none"}
"""Name of the spatial parameter among the terms, by model."""


@dataclass(frozen=True, eq=False, repr=False)
class SpatialEstimate(ShowsEstimate):
    """A fitted spatial panel model.

    Attributes
    ----------
    estimate : Estimate
        Terms: those of x, their spatial lags (``W·x``), ``rho`` or ``lambda`` (if any), ``sigma2``.
    model, effects, correction : str
    terms, lagged : tuple of str
        Terms of x, and those of them that have a spatial lag.
    weights : scipy.sparse.csr_array, shape (n, n)
    log_determinant : LogDeterminant
    log_likelihood : float
        At the maximum; at the maximum before the correction for ``bias``. That of ``transformation`` counts
        fewer observations and compares only with its like.
    point : Point
        The model at these estimates.
    """

    estimate: Estimate
    model: SpatialModel
    effects: SpatialEffects
    correction: Correction
    terms: tuple[str, ...]
    lagged: tuple[str, ...]
    weights: sparse.csr_array
    log_determinant: LogDeterminant
    log_likelihood: float
    point: Point

    @property
    def residuals(self) -> np.ndarray:
        """Innovations less effects, units and periods sorted, shape (n, T)."""
        return self.point.residuals

    @cached_property
    def influences(self) -> np.ndarray:
        """By how much each unit, sorted, changes the coefficients, shape (n, parameters).

        :func:`~digital_clusters.estimators.spatial.information.unit_departures`, made when first asked for.
        """
        return unit_departures(self.point)

    @property
    def rho(self) -> float:
        """Coefficient of Wy; zero in models without it (also ``error``, whose parameter is ``lambda``)."""
        return self.estimate["rho"][0] if "rho" in self.estimate.terms else 0.0

    @property
    def sigma2(self) -> float:
        return self.estimate["sigma2"][0]

    def positions(self, terms) -> tuple[np.ndarray, np.ndarray]:
        """Places of terms and of their spatial lags among the coefficients, −1 where there is no lag.

        Raises
        ------
        ParameterError
            A name that is not a term of the model.
        """
        unknown = [term for term in terms if term not in self.terms]
        if unknown:
            near = suggestion(unknown[0], self.terms)
            raise ParameterError(f"'{unknown[0]}' is not one of the terms {', '.join(self.terms)}{near}")
        names = self.estimate.terms
        lags = [names.index(LAG_PREFIX + t) if t in self.lagged else -1 for t in terms]
        return np.array([names.index(t) for t in terms], dtype=int), np.array(lags, dtype=int)

    def remarks(self) -> list[str]:
        """The model and its likelihood."""
        effects = self.effects.replace("two_way", "two-way").replace("_", " ")
        return [f"{self.model} model, {effects} effects; log-likelihood {self.log_likelihood:.1f}"]
