"""Errors of a shift-share regression whose shocks are few and common (Adão, Kolesár & Morales 2019).

Units with like shares have like residuals, whatever their place. The errors count shocks and not units.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.panel.arrays import as_matrix
from digital_clusters.estimators.panel.demeaning import demean_two_way
from digital_clusters.estimators.panel.least_squares import within_panel
from digital_clusters.estimators.units import unit_of

VANISHES = 1e-12
"""Share of a column's length below which nothing is left of it."""


@dataclass(frozen=True, eq=False)
class ShiftShareErrors:
    """One effect with errors by shocks.

    Attributes
    ----------
    effect : float
    clustered : float
        Standard error clustered by entity, without small-sample factor.
    akm : float
        Standard error by shocks.
    akm_interval : (float, float)
        Normal.
    null_interval : tuple of (float, float)
        Set of effects that the test with residuals under the null does not reject (AKM0); pieces in ascending
        order, ends may be infinite.
    shocks, effective : float
        Number of shocks, and of equal ones that would carry the effect as well.
    """

    effect: float
    clustered: float
    akm: float
    akm_interval: tuple[float, float]
    null_interval: tuple[tuple[float, float], ...]
    shocks: int
    effective: float


def shift_share_errors(
    y, d, z, shares, x=None, *, entity, time, clusters=None, level: float = 0.95
) -> ShiftShareErrors:
    """Two-stage least squares of ``y`` on ``d`` by a shift-share ``z``, with errors by shocks.

    Parameters
    ----------
    y, d : array_like, shape (n,)
        ``d = z`` for the reduced form.
    z : array_like, shape (n,)
        Sum of shares times shocks.
    shares : array_like, shape (n, s)
        Of each row in each shock. Where the shocks are one series over time, a row has its exposure in the
        column of its period and zero elsewhere.
    x : array_like, shape (n, p), optional
        Controls.
    entity, time : array_like, shape (n,)
        Both effects are removed.
    clusters : array_like, shape (s,), optional
        Groups of shocks that may depend on each other.
    level : float

    Raises
    ------
    ParameterError
        Shares, clusters or a level of the wrong form.
    DataError
        Nothing is left of the instrument, or it does not move the treatment.

    Notes
    -----
    With Z̈ and W̃ instrument and shares less effects and controls, X̃ the least-squares coefficients of Z̈
    on W̃ and R_s = Σ w̃_is e_i, the variance is Σ X̃_s² R_s² / (Σ Z̈ d)² (eq. 39; AKM0: section 4.3). Shares
    lose the effects too, since with year effects and one series of shocks their means would otherwise shrink
    X̃. It assumes shocks that are independent over s, or over clusters of s, given shares and outcomes.
    """
    n = len(np.asarray(y))
    d, z, x = as_matrix("d", d, n), as_matrix("z", z, n), as_matrix("x", x, n)
    w = np.asarray(shares, dtype=float)
    if w.ndim != 2 or len(w) != n or w.shape[1] < 2 or not np.isfinite(w).all():
        raise ParameterError(
            f"shares {w.shape}: one row for each of {n}, a column for each of at least 2 shocks"
        )
    if not 0 < level < 1:
        raise ParameterError(f"level = {level}: choose a number between 0 and 1")
    groups = np.arange(w.shape[1]) if clusters is None else np.unique(clusters, return_inverse=True)[1]
    if len(groups) != w.shape[1]:
        raise ParameterError(f"{len(groups)} clusters for {w.shape[1]} shocks")
    names = ("d", *(f"x{j}" for j in range(x.shape[1])))
    panel = within_panel(y, np.hstack([d, x]), z, entity=entity, time=time, terms=names)
    controls = panel.d[:, 1:]
    left = _residual(np.column_stack([panel.y, panel.d[:, 0], panel.x[:, 0]]), controls)
    if np.linalg.norm(left[:, 2]) <= VANISHES * np.linalg.norm(z):
        raise DataError("nothing is left of the instrument once effects and controls are removed")
    u, v, instrument = left.T
    moved = float(instrument @ v)
    if abs(moved) <= VANISHES * np.linalg.norm(instrument) * np.linalg.norm(v):
        raise DataError("the instrument does not move the treatment once effects and controls are removed")
    w = _residual(demean_two_way(w, panel.raw.entity, panel.raw.time), controls)
    weight = np.linalg.lstsq(w, instrument, rcond=None)[0]
    of_y, of_d = (np.bincount(groups, weight * (w.T @ column)) for column in (u, v))
    effect = float(instrument @ u) / moved
    residual = u - effect * v
    by_shock = np.bincount(groups, weight * (w.T @ residual))
    akm = float(np.sqrt(by_shock @ by_shock)) / abs(moved)
    by_entity = np.bincount(panel.raw.entity, instrument * residual)
    size = np.bincount(groups, weight**2 * (w**2).sum(axis=0))
    critical = float(stats.norm.ppf(0.5 + level / 2))
    return ShiftShareErrors(
        effect=effect,
        clustered=float(np.sqrt(by_entity @ by_entity)) / abs(moved),
        akm=akm,
        akm_interval=(effect - critical * akm, effect + critical * akm),
        null_interval=_null_set(float(instrument @ u), moved, of_y, of_d, critical),
        shocks=int(groups.max()) + 1,
        effective=float(size.sum() ** 2 / (size @ size)),
    )


def _null_set(zu: float, zv: float, of_y, of_d, critical: float) -> tuple[tuple[float, float], ...]:
    """Every b with (zu − b zv)² ≤ c² Σ (of_y − b of_d)²: a quadratic inequality."""
    a = zv**2 - critical**2 * float(of_d @ of_d)
    half = -zu * zv + critical**2 * float(of_y @ of_d)
    c = zu**2 - critical**2 * float(of_y @ of_y)
    inside = half**2 - a * c
    if inside < 0:
        return ((-np.inf, np.inf),) if a < 0 else ()
    low, high = sorted(((-half - np.sqrt(inside)) / a, (-half + np.sqrt(inside)) / a))
    return ((low, high),) if a > 0 else ((-np.inf, low), (high, np.inf))


def _residual(columns: np.ndarray, x: np.ndarray) -> np.ndarray:
    if not x.shape[1]:
        return columns
    x = x / unit_of(x)
    return columns - x @ np.linalg.lstsq(x, columns, rcond=None)[0]
