"""Core and periphery with footloose entrepreneurs (Forslid & Ottaviano, 2003, J. Econ. Geography 3).

Each variety takes one entrepreneur, who is mobile, and labour, which is not. Freeness of trade is
φ = T^(1−σ), with T the iceberg cost. With shares h of entrepreneurs and productivity a (of variable cost,
to the power σ − 1; one if left out), wages solve a system that is linear:

    w_i = (μ/σ) a_i Σ_j φ_ij Y_j / Δ_j,   Y_j = L/R + w_j h_j,   Δ_j = Σ_k φ_kj a_k h_k,

and utility is V_i = w_i Δ_i^(μ/(σ−1)), up to a constant of μ. Labour L and entrepreneurs H are one each.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from digital_clusters.errors import ParameterError
from digital_clusters.theory.regions.long_run import Equilibrium, find_equilibria


def check_tastes(elasticity: float, mobile_share: float) -> None:
    """Raise a :class:`ParameterError` unless σ > 1 and 0 < μ < 1."""
    if not elasticity > 1:
        raise ParameterError(f"elasticity = {elasticity}: choose a number above one")
    if not 0 < mobile_share < 1:
        raise ParameterError(f"mobile_share = {mobile_share}: choose a share between 0 and 1")


@dataclass(frozen=True)
class FootlooseEntrepreneurs:
    """Tastes of the model.

    Attributes
    ----------
    elasticity : float
        Of substitution between varieties, σ > 1.
    mobile_share : float
        Share of spending on the sector of the mobile factor, μ between 0 and 1.

    Examples
    --------
    >>> round(FootlooseEntrepreneurs(5.0, 0.4).break_point(), 4)
    0.697
    """

    elasticity: float
    mobile_share: float

    def __post_init__(self):
        check_tastes(self.elasticity, self.mobile_share)

    def wages(
        self, shares: ArrayLike, freeness: float | ArrayLike, productivity: ArrayLike | None = None
    ) -> np.ndarray:
        """Entrepreneurs' wages, also the latent ones of regions without any.

        Parameters
        ----------
        shares : array_like, shape (..., R)
            Of the mobile factor; they add up to one over the last axis.
        freeness : float or array_like, shape (R, R)
            Of trade between different regions, between 0 and 1; a matrix has ones on its diagonal.
        productivity : array_like, shape (..., R), optional
            a_i; one everywhere if left out.

        Returns
        -------
        numpy.ndarray, shape (..., R)
        """
        h, phi, a = self._arrays(shares, freeness, productivity)
        pull = a[..., :, None] * phi / self._crowding(h, phi, a)[..., None, :]
        pull *= self.mobile_share / self.elasticity
        regions = h.shape[-1]
        local = np.full(h.shape, 1 / regions)
        right = (pull @ local[..., None])[..., 0]
        return np.linalg.solve(np.eye(regions) - pull * h[..., None, :], right[..., None])[..., 0]

    def utilities(
        self, shares: ArrayLike, freeness: float | ArrayLike, productivity: ArrayLike | None = None
    ) -> np.ndarray:
        """Indirect utilities V, shape (..., R); arguments as of :meth:`wages`."""
        h, phi, a = self._arrays(shares, freeness, productivity)
        power = self.mobile_share / (self.elasticity - 1)
        return self.wages(h, phi, a) * self._crowding(h, phi, a) ** power

    def log_gap(self, share: ArrayLike, freeness: float) -> np.ndarray:
        """ln V_1 − ln V_2 of two regions alike, for each share of the first; the shape of ``share``."""
        share = np.asarray(share, dtype=float)
        utility = np.log(self.utilities(np.stack([share, 1 - share], axis=-1), freeness))
        return utility[..., 0] - utility[..., 1]

    def break_point(self) -> float:
        """Freeness above which dispersion is unstable, in closed form.

        Raises
        ------
        ParameterError
            If μ ≥ σ − 1, where dispersion is unstable at any freeness.
        """
        s, m = self.elasticity, self.mobile_share
        if m >= s - 1:
            raise ParameterError(
                f"mobile_share = {m} is not below elasticity − 1 = {s - 1:g}: agglomeration wins at any "
                "freeness and there is no break point; choose a higher elasticity or a smaller share"
            )
        return (s - m) * (s - 1 - m) / ((s + m) * (s - 1 + m))

    def sustain_point(self) -> float:
        """Freeness above which all entrepreneurs in one region is stable: a root below the break point.

        φ^(μ/(σ−1)) [(1 + μ/σ) φ² + (1 − μ/σ)] = 2φ; φ = 1 also solves it.
        """
        power, lean = self.mobile_share / (self.elasticity - 1), self.mobile_share / self.elasticity

        def lure(log_freeness: float) -> float:
            phi = np.exp(log_freeness)
            return power * log_freeness + np.log((1 + lean) * phi**2 + (1 - lean)) - np.log(2 * phi)

        # without the term in φ², which adds to the lure, it would be zero here
        far = np.log((1 - lean) / 2) / (1 - power)
        return float(np.exp(brentq(lure, far, np.log(self.break_point()), xtol=1e-14)))

    def equilibria(self, freeness: float) -> tuple[Equilibrium, ...]:
        """All equilibria of two regions alike, by rising share of the first."""
        return find_equilibria(lambda share: self.log_gap(share, freeness))

    @staticmethod
    def _arrays(shares, freeness, productivity) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        h = np.asarray(shares, dtype=float)
        phi, regions = np.asarray(freeness, dtype=float), h.shape[-1]
        if phi.ndim == 0:
            phi = np.where(np.eye(regions, dtype=bool), 1.0, phi)
        if (phi < 0).any() or (phi > 1).any():
            raise ParameterError("freeness of trade lies outside 0 to 1")
        return h, phi, np.ones_like(h) if productivity is None else np.asarray(productivity, dtype=float)

    @staticmethod
    def _crowding(h: np.ndarray, phi: np.ndarray, a: np.ndarray) -> np.ndarray:
        return (a * h) @ phi
