"""Wedges of firms and the gain from removing them within a sector (Hsieh & Klenow 2009)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from digital_clusters.errors import DataError, ParameterError


@dataclass(frozen=True, eq=False)
class FirmWedges:
    """Wedges of the firms of a sector, and the sector's efficiency.

    Attributes
    ----------
    tau_capital, tau_output : numpy.ndarray, shape (n,)
        Taxes on capital and on output that would explain the firm's factor costs (eqs. 17 and 18).
    tfpr, tfpq : numpy.ndarray, shape (n,)
        Revenue and physical productivity (eq. 19); ``tfpq`` up to a factor common to the sector.
    tfp, efficient_tfp : float
        Productivity of the sector as it is (eq. 15) and with equal ``tfpr``, in the unit of ``tfpq``.
    gain : float
        efficient_tfp / tfp − 1.
    variance_log_tfpr : float
        Over firms, divided by n.
    """

    tau_capital: np.ndarray
    tau_output: np.ndarray
    tfpr: np.ndarray
    tfpq: np.ndarray
    tfp: float
    efficient_tfp: float
    gain: float
    variance_log_tfpr: float


def firm_wedges(
    revenue: ArrayLike,
    capital: ArrayLike,
    labour_cost: ArrayLike,
    *,
    alpha: float,
    sigma: float = 3.0,
    rental: float = 0.1,
) -> FirmWedges:
    """Wedges of the firms of one sector.

    τ_K = α/(1−α) · wL/(RK) − 1,  τ_Y = 1 − σ/(σ−1) · wL/((1−α) PY),  TFPR = PY / (K^α (wL)^(1−α)).

    Parameters
    ----------
    revenue, capital, labour_cost : array_like, shape (n,)
        Value added PY, capital K and wage bill wL of each firm, in one currency; positive.
    alpha : float
        Capital's elasticity in the undistorted sector, between 0 and 1.
    sigma : float
        Elasticity of substitution between firms, above 1.
    rental : float
        Rental price R of a unit of capital. It moves the mean of 1 + τ_K and nothing else.

    Raises
    ------
    ParameterError
        For a parameter out of its range.
    DataError
        If an amount is missing or not positive, or the lengths differ.
    """
    for name, value, low, high in (
        ("alpha", alpha, 0, 1),
        ("sigma", sigma, 1, np.inf),
        ("rental", rental, 0, np.inf),
    ):
        if not low < value < high:
            raise ParameterError(f"{name} = {value}: choose a number between {low} and {high}, ends excluded")
    py, k, wl = (np.asarray(x, dtype=float) for x in (revenue, capital, labour_cost))
    if py.ndim != 1 or not py.shape == k.shape == wl.shape or not py.size:
        raise DataError(f"revenue, capital and labour cost have shapes {py.shape}, {k.shape}, {wl.shape}")
    for name, x in (("revenue", py), ("capital", k), ("labour_cost", wl)):
        if not ((x > 0) & np.isfinite(x)).all():
            raise DataError(f"{name} is missing or not positive in {(~(x > 0)).sum()} of {x.size} firms")
    inputs = k**alpha * wl ** (1 - alpha)
    tfpr, tfpq = py / inputs, py ** (sigma / (sigma - 1)) / inputs
    mean_tfpr = py.sum() / (k.sum() ** alpha * wl.sum() ** (1 - alpha))
    tfp, efficient = _ces(tfpq * mean_tfpr / tfpr, sigma), _ces(tfpq, sigma)
    return FirmWedges(
        tau_capital=alpha / (1 - alpha) * wl / (rental * k) - 1,
        tau_output=1 - sigma / (sigma - 1) * wl / ((1 - alpha) * py),
        tfpr=tfpr,
        tfpq=tfpq,
        tfp=tfp,
        efficient_tfp=efficient,
        gain=efficient / tfp - 1,
        variance_log_tfpr=float(np.log(tfpr).var()),
    )


def _ces(x: np.ndarray, sigma: float) -> float:
    return float((x ** (sigma - 1)).sum() ** (1 / (sigma - 1)))
