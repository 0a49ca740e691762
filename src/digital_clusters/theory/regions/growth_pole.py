"""Polarisation and diffusion in a city of two zones, solved.

A share ``core`` of a city's townships is the core. Upgrading by one unit raises log light there by
``gain``, and in the periphery by ``gain`` times a *diffusion rate* that grows with digital reach d
(between 0 and 1) and, as the core gets crowded, with the structure s itself:

δ(s, d) = base + reach·d + crowding·s .

The core's log advantage is then Λ(s, d) = start + gain·[(1 − base − reach·d) s − crowding·s²/2], and with
two kinds of township the Gini coefficient of light is the core's share of light less its share of townships.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, logit

from digital_clusters.errors import ParameterError


@dataclass(frozen=True)
class GrowthPole:
    """A city of two zones.

    Attributes
    ----------
    core : float
        Share of townships in the core, between 0 and 1.
    start : float
        Log advantage of a core township in light where s = 0.
    gain : float
        Log light a unit of structure adds to a core township; positive.
    base, reach, crowding : float
        Of the diffusion rate; ``reach`` and ``crowding`` are positive.

    Examples
    --------
    >>> city = GrowthPole()
    >>> bool(city.turning_structure(0.0) > city.turning_structure(1.0))
    True
    """

    core: float = 0.2
    start: float = 1.0
    gain: float = 1.0
    base: float = 0.2
    reach: float = 0.6
    crowding: float = 0.8

    def __post_init__(self):
        if not 0 < self.core < 1:
            raise ParameterError(f"core = {self.core}: choose a share between 0 and 1")
        for name in ("gain", "reach", "crowding"):
            if getattr(self, name) <= 0:
                raise ParameterError(f"{name} = {getattr(self, name)}: choose a positive number")

    def diffusion(self, structure: ArrayLike, digital: ArrayLike) -> np.ndarray:
        """The periphery's gain from upgrading over the core's, δ(s, d)."""
        return self.base + self.reach * np.asarray(digital) + self.crowding * np.asarray(structure)

    def advantage(self, structure: ArrayLike, digital: ArrayLike) -> np.ndarray:
        """Log light of a core township less that of a peripheral one, Λ(s, d)."""
        s, d = np.asarray(structure, dtype=float), np.asarray(digital, dtype=float)
        return self.start + self.gain * ((1 - self.base - self.reach * d) * s - self.crowding * s**2 / 2)

    def gini(self, structure: ArrayLike, digital: ArrayLike) -> np.ndarray:
        """Gini coefficient of light over townships: |q − core|, with q the core's share of light."""
        return np.abs(self._share(structure, digital) - self.core)

    def marginal_effect(self, structure: ArrayLike, digital: ArrayLike) -> np.ndarray:
        """∂Gini/∂s = q(1 − q)·gain·(1 − δ), while the core is the brighter zone (Λ > 0)."""
        q = self._share(structure, digital)
        return q * (1 - q) * self.gain * (1 - self.diffusion(structure, digital))

    def turning_structure(self, digital: ArrayLike) -> np.ndarray:
        """s*(d) = (1 − base − reach·d)/crowding, where the diffusion rate reaches one.

        Upgrading widens the gap below it and narrows the gap above it.
        """
        return (1 - self.base - self.reach * np.asarray(digital, dtype=float)) / self.crowding

    def _share(self, structure: ArrayLike, digital: ArrayLike) -> np.ndarray:
        return expit(logit(self.core) + self.advantage(structure, digital))
