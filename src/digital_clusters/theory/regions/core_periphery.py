"""Core and periphery by numbers.

Krugman (1991, J. Political Economy 99) in the form of Fujita, Krugman & Venables (1999, ch. 5). With shares λ
of mobile workers, iceberg costs T and units in which nominal wages are one under symmetry, the short run
solves, for every region,

    Y_i = μ λ_i w_i + (1 − μ)/R,
    G_i^(1−σ) = Σ_j λ_j (w_j T_ji)^(1−σ),
    w_i^σ = Σ_j Y_j T_ij^(1−σ) G_j^(σ−1),

and workers move to the higher real wage ω_i = w_i G_i^(−μ).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from digital_clusters.errors import ParameterError
from digital_clusters.theory.regions.footloose_entrepreneurs import check_tastes
from digital_clusters.theory.regions.long_run import Equilibrium, find_equilibria, symmetric_slope

_ROUNDS = 5000
_CLOSE = 1e-13
"""Largest difference between log wages and what firms can pay at which the short run counts as solved."""

_LARGEST_LOG_COST = 50.0
"""Upper end of the search for break and sustain points, in logs of the transport cost."""


@dataclass(frozen=True)
class ShortRun:
    """Prices for given shares of workers; every field has the shape of the shares.

    Attributes
    ----------
    wages, prices, incomes, real_wages : numpy.ndarray, shape (..., R)
        Nominal wages, price indices of manufactures, incomes and real wages.
    """

    wages: np.ndarray
    prices: np.ndarray
    incomes: np.ndarray
    real_wages: np.ndarray


@dataclass(frozen=True)
class CorePeriphery:
    """Tastes of the model.

    Attributes
    ----------
    elasticity : float
        Of substitution between varieties, σ > 1.
    mobile_share : float
        Share of spending on manufactures and of workers who are mobile, μ between 0 and 1.

    Examples
    --------
    >>> model = CorePeriphery(5.0, 0.4)
    >>> round(model.break_point(), 3), round(model.break_point_by_numbers(), 3)
    (1.627, 1.627)
    """

    elasticity: float
    mobile_share: float

    def __post_init__(self):
        check_tastes(self.elasticity, self.mobile_share)

    def short_run(self, shares: ArrayLike, cost: float | ArrayLike) -> ShortRun:
        """Wages, prices and incomes for given shares.

        What firms can pay is a map of log wages into log wages, and a contraction: its derivatives are not
        negative and add up to less than one in every row. Newton steps are taken where they come closer to
        its fixed point, and a step of the map itself where they do not.

        Parameters
        ----------
        shares : array_like, shape (..., R)
            Of mobile workers; they add up to one over the last axis.
        cost : float or array_like, shape (R, R)
            Iceberg transport cost between different regions, at least one; a matrix has a diagonal of ones.

        Raises
        ------
        ParameterError
            If a cost is below one, or the iteration does not settle.
        """
        share, freeness = np.asarray(shares, dtype=float), self._freeness(cost, np.shape(shares)[-1])
        log_wages, eye = np.zeros_like(share), np.eye(share.shape[-1])
        for _ in range(_ROUNDS):
            offers, derivatives = self._offers(share, log_wages, freeness)
            miss = offers - log_wages
            if np.abs(miss).max() < _CLOSE:
                break
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                jump = log_wages + np.linalg.solve(eye - derivatives, miss[..., None])[..., 0]
                left = np.abs(self._offers(share, jump, freeness)[0] - jump).max(axis=-1)
            closer = left < np.abs(miss).max(axis=-1)
            log_wages = np.where(closer[..., None], jump, offers)
        else:
            raise ParameterError(
                f"wages do not settle with elasticity = {self.elasticity}, mobile_share = "
                f"{self.mobile_share}: choose a smaller transport cost or mobile share"
            )
        wages = np.exp(log_wages)
        income, crowding = self._income_and_crowding(share, wages, freeness)
        prices = crowding ** (1 / (1 - self.elasticity))
        return ShortRun(wages, prices, income, wages * prices**-self.mobile_share)

    def log_gap(self, share: ArrayLike, cost: float) -> np.ndarray:
        """ln ω_1 − ln ω_2 of two regions alike, for each share of the first; the shape of ``share``."""
        share = np.asarray(share, dtype=float)
        real = np.log(self.short_run(np.stack([share, 1 - share], axis=-1), cost).real_wages)
        return real[..., 0] - real[..., 1]

    def equilibria(self, cost: float) -> tuple[Equilibrium, ...]:
        """All equilibria of two regions alike, by rising share of the first."""
        return find_equilibria(lambda share: self.log_gap(share, cost))

    def break_point(self) -> float:
        """Transport cost below which dispersion is unstable, in closed form.

        Raises
        ------
        ParameterError
            If μ ≥ (σ − 1)/σ, where dispersion is unstable at any cost.
        """
        s, m, rho = self.elasticity, self.mobile_share, self._rho()
        return ((rho + m) * (1 + m) / ((rho - m) * (1 - m))) ** (1 / (s - 1))

    def sustain_point(self) -> float:
        """Transport cost below which all workers in one region is stable: a root above the break point.

        1 = (1+μ)/2·T^(1−σ−σμ) + (1−μ)/2·T^(σ−1−σμ); T = 1 also solves it.
        """
        s, m = self.elasticity, self.mobile_share

        def lure(log_cost: float) -> float:
            near = np.log((1 + m) / 2) + (1 - s - s * m) * log_cost
            far = np.log((1 - m) / 2) + (s - 1 - s * m) * log_cost
            return float(np.logaddexp(near, far))

        return float(np.exp(brentq(lure, np.log(self.break_point()), _LARGEST_LOG_COST, xtol=1e-14)))

    def break_point_by_numbers(self) -> float:
        """The break point from the solved model: where the slope of the gap at equal shares is zero."""

        def slope(log_cost: float) -> float:
            return symmetric_slope(lambda share: self.log_gap(share, np.exp(log_cost)))

        return self._crossing(slope)

    def sustain_point_by_numbers(self) -> float:
        """The sustain point from the solved model: where a worker gains nothing by leaving a full core."""
        return self._crossing(lambda log_cost: float(self.log_gap(np.array([1.0]), np.exp(log_cost))[0]))

    def _crossing(self, advantage) -> float:
        """Cost at which an advantage of agglomeration, positive at small costs, turns negative."""
        self._rho()
        low = high = 0.05
        while advantage(high) > 0:
            low, high = high, 1.5 * high
            if high > _LARGEST_LOG_COST:
                raise ParameterError(
                    "agglomeration wins at any transport cost: choose a smaller mobile_share"
                )
        while advantage(low) < 0:
            low /= 2
        return float(np.exp(brentq(advantage, low, high, xtol=1e-12)))

    def _rho(self) -> float:
        s, m = self.elasticity, self.mobile_share
        if m >= (s - 1) / s:
            raise ParameterError(
                f"mobile_share = {m} is not below (elasticity − 1)/elasticity = {(s - 1) / s:.3f}: "
                "agglomeration wins at any transport cost and there is no break point; choose a higher "
                "elasticity or a smaller share"
            )
        return (s - 1) / s

    def _freeness(self, cost: float | ArrayLike, regions: int) -> np.ndarray:
        costs = np.asarray(cost, dtype=float)
        if costs.ndim == 0:
            costs = np.where(np.eye(regions, dtype=bool), 1.0, costs)
        if (costs < 1).any():
            raise ParameterError("a transport cost lies below one")
        return costs ** (1 - self.elasticity)

    def _income_and_crowding(self, share, wages, freeness) -> tuple[np.ndarray, np.ndarray]:
        income = self.mobile_share * share * wages + (1 - self.mobile_share) / share.shape[-1]
        return income, (share * wages ** (1 - self.elasticity)) @ freeness

    def _offers(self, share, log_wages, freeness) -> tuple[np.ndarray, np.ndarray]:
        """Log wages that firms can pay, shape (..., R), and their derivatives, shape (..., R, R)."""
        wages, s = np.exp(log_wages), self.elasticity
        income, crowding = self._income_and_crowding(share, wages, freeness)
        sales = freeness * (income / crowding)[..., None, :]
        total = sales.sum(axis=-1, keepdims=True)
        earned = np.eye(share.shape[-1]) * (self.mobile_share * share * wages / income)[..., None, :]
        rivals = freeness.T * (share * wages ** (1 - s))[..., None, :] / crowding[..., None]
        return np.log(total[..., 0]) / s, (sales / total) @ (earned + (s - 1) * rivals) / s
