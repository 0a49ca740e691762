"""Co-agglomeration, digital technology and integration as forces on the allocation of a mobile factor.

This project's own, in the model of footloose entrepreneurs; for a core and a periphery it can be solved by
hand. In the core, manufacturing and producer services stand together to the degree c between 0 and 1. Three
things follow.

* *Barrier.* The mobile factor enters the core only where it earns exp(B) times its return elsewhere. Services
  close by lower that cost, as do digital technology d and integration g, all between 0 and 1:
  B = β (1 − ρd)(1 − γg)(1 − b(1 + ωg) c).
* *Linkage and congestion.* Productivity rises with the local number of firms with elasticity
  η = ℓc − k(1 − κd) c²: cheaper intermediates less crowding. No firm pays its neighbour for either.
* *Wedge.* In equilibrium private returns differ by B, and the marginal revenue product of the factor is the
  private return times 1 + (σ − 1)η. Its log in the core less that in the periphery is

      Λ = B + ln(1 + (σ − 1)η).

Efficiency asks for Λ = 0. With Λ > 0 the core has too little of the factor, with Λ < 0 too much.
*Misallocation* is the mean absolute log wedge of the two regions, |Λ|/2, and the *correction* by c is
misallocation at 0 less that at c.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from digital_clusters.errors import ParameterError

Regime = Literal["inverted U", "still correcting", "worsens first"]
"""Shapes of the correction over c from 0 to 1."""

REGIMES: tuple[Regime, ...] = get_args(Regime)

_SHARES = ("relief", "digital_reach", "digital_space", "opening")


@dataclass(frozen=True)
class LinkedIndustries:
    """Strengths of the forces on a core and a periphery.

    Attributes
    ----------
    elasticity : float
        Of substitution between varieties, σ > 1.
    barrier : float
        Log return that keeps the factor out of the core without co-agglomeration, β ≥ 0.
    relief : float
        Share of the barrier that full co-agglomeration removes, b.
    linkage, congestion : float
        Elasticities ℓ and k of productivity with respect to local size, both at least zero.
    digital_reach : float
        Share of trade and information costs that full digital technology removes, ρ.
    digital_space : float
        Share of congestion that full digital technology removes, κ.
    opening : float
        Share of trade and information costs that full integration removes, γ.
    diffusion : float
        How much further the relief by services reaches under full integration, ω ≥ 0.

    Raises
    ------
    ParameterError
        If a strength is outside its range, if relief under integration exceeds the barrier, or if congestion
        turns a marginal product negative.

    Examples
    --------
    >>> economy = LinkedIndustries()
    >>> economy.regime()
    'inverted U'
    >>> economy.turning_point(digital=1.0) > economy.turning_point(digital=0.0)
    True
    """

    elasticity: float = 5.0
    barrier: float = 0.3
    relief: float = 0.6
    linkage: float = 0.02
    congestion: float = 0.1
    digital_reach: float = 0.3
    digital_space: float = 0.5
    opening: float = 0.3
    diffusion: float = 0.5

    def __post_init__(self):
        if not self.elasticity > 1:
            raise ParameterError(f"elasticity = {self.elasticity}: choose a number above one")
        for name in ("barrier", "linkage", "congestion", "diffusion"):
            if not getattr(self, name) >= 0:
                raise ParameterError(f"{name} = {getattr(self, name)}: choose a number of at least zero")
        for name in _SHARES:
            if not 0 <= getattr(self, name) <= 1:
                raise ParameterError(f"{name} = {getattr(self, name)}: choose a share between 0 and 1")
        if self.relief * (1 + self.diffusion) > 1:
            raise ParameterError(
                "relief·(1 + diffusion) exceeds one: integration would make barriers negative"
            )
        if 1 + (self.elasticity - 1) * (self.linkage - self.congestion) <= 0:
            raise ParameterError(
                f"congestion = {self.congestion} with elasticity = {self.elasticity} makes the marginal "
                "product negative where co-agglomeration is full: choose a smaller one of the two"
            )

    def open_share(self, digital: ArrayLike, integration: ArrayLike) -> np.ndarray:
        """Share of trade and information costs that is left, (1 − ρd)(1 − γg)."""
        return (1 - self.digital_reach * np.asarray(digital)) * (1 - self.opening * np.asarray(integration))

    def entry_cost(self, access: ArrayLike, digital: ArrayLike, integration: ArrayLike) -> np.ndarray:
        """B in logs; ``access`` is the co-agglomeration within reach, 0 to 1."""
        help_ = self.relief * (1 + self.diffusion * np.asarray(integration)) * np.asarray(access)
        return self.barrier * self.open_share(digital, integration) * (1 - help_)

    def externality(self, co_agglomeration: ArrayLike, digital: ArrayLike) -> np.ndarray:
        """η, the elasticity of local productivity with respect to local size that nobody pays for."""
        c = np.asarray(co_agglomeration, dtype=float)
        return self.linkage * c - self.congestion * (1 - self.digital_space * np.asarray(digital)) * c**2

    def social_factor(self, co_agglomeration: ArrayLike, digital: ArrayLike) -> np.ndarray:
        """1 + (σ − 1)η, the marginal revenue product over the private return."""
        return 1 + (self.elasticity - 1) * self.externality(co_agglomeration, digital)

    def wedge(
        self, co_agglomeration: ArrayLike, digital: ArrayLike = 0.0, integration: ArrayLike = 0.0
    ) -> np.ndarray:
        """Λ, log marginal revenue product in the core less that in the periphery; concave in c."""
        entry = self.entry_cost(co_agglomeration, digital, integration)
        return entry + np.log(self.social_factor(co_agglomeration, digital))

    def misallocation(
        self, co_agglomeration: ArrayLike, digital: ArrayLike = 0.0, integration: ArrayLike = 0.0
    ) -> np.ndarray:
        """Mean absolute log wedge of the two regions, |Λ|/2."""
        return np.abs(self.wedge(co_agglomeration, digital, integration)) / 2

    def first_step(self, digital: ArrayLike = 0.0, integration: ArrayLike = 0.0) -> np.ndarray:
        """∂Λ/∂c at c = 0: (σ − 1)ℓ − βb(1 − ρd)(1 − γg)(1 + ωg); negative where correction begins at once."""
        reach = self.relief * (1 + self.diffusion * np.asarray(integration))
        return (self.elasticity - 1) * self.linkage - self.barrier * reach * self.open_share(
            digital, integration
        )

    def last_wedge(self, digital: ArrayLike = 0.0, integration: ArrayLike = 0.0) -> np.ndarray:
        """Λ at c = 1; negative where the core ends with too much of the factor."""
        return self.wedge(1.0, digital, integration)

    def regime(self, digital: float = 0.0, integration: float = 0.0) -> Regime:
        """Shape of the correction over c.

        Λ is concave in c and not negative at c = 0. Hence the correction rises to a peak inside (0, 1), where
        misallocation is zero, and falls after it if and only if Λ falls from the start and is negative at the
        end. If it falls and does not get there, the correction rises throughout. If Λ does not fall from the
        start, misallocation grows first.
        """
        if self.first_step(digital, integration) >= 0:
            return "worsens first"
        return "inverted U" if self.last_wedge(digital, integration) < 0 else "still correcting"

    def turning_point(self, digital: float = 0.0, integration: float = 0.0) -> float:
        """Co-agglomeration c* at which the correction peaks, with Λ = 0; NaN without an inverted U."""
        if self.regime(digital, integration) != "inverted U":
            return float("nan")
        return float(brentq(lambda c: float(self.wedge(c, digital, integration)), 0.0, 1.0, xtol=1e-13))

    def digital_shift(self, digital: float = 0.0, integration: float = 0.0) -> float:
        """∂c*/∂d, by the implicit function theorem; NaN without an inverted U.

        Its sign is that of (σ − 1) k κ c*² exp(B) − ρ B/(1 − ρd): digital technology puts the turn off where
        it relieves congestion by more than it lowers the barrier that is still there to be removed.
        """
        c = self.turning_point(digital, integration)
        entry = float(self.entry_cost(c, digital, integration))
        room = (self.elasticity - 1) * self.congestion * self.digital_space * c**2 * np.exp(entry)
        lowered = self.digital_reach * entry / (1 - self.digital_reach * digital)
        return float((room - lowered) / -self._slope(c, digital, integration))

    def integration_strengthens(self, integration: float = 0.0) -> bool:
        """Whether integration raises what a first unit of co-agglomeration corrects: ω(1 − 2γg) > γ.

        Lower barriers alone (ω = 0) leave less to correct and weaken it.
        """
        return self.diffusion * (1 - 2 * self.opening * integration) > self.opening

    def _slope(self, c: float, digital: float, integration: float) -> float:
        """∂Λ/∂c."""
        space = self.congestion * (1 - self.digital_space * digital)
        entry_slope = float(self.first_step(digital, integration)) - (self.elasticity - 1) * self.linkage
        marginal = (self.elasticity - 1) * (self.linkage - 2 * space * c)
        return entry_slope + marginal / float(self.social_factor(c, digital))
