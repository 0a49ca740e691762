"""Division of labour limited by the cost of cooperating over distance, solved.

A team splits its work into n tasks, one for each member. Product per head is

y(n) = A nᶿ − τ nᵝ − κ nᵡ, n ≥ 1, with τ = τ_s·(spatial distance) + τ_p·(psychological distance).

The first term is the gain from a finer division, the second the cost of cooperating over distance, the third
a cost of coordination that no nearness removes (the attention every further partner takes). The depth n* is
where marginal gain and marginal cost meet. The trade-off is that of Becker and Murphy (1992) and, with a cost
of each transaction, Yang and Borland (1991); the powers and the split of distance are this project's.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from digital_clusters.errors import ParameterError, check_option

Distance = Literal["spatial", "psychological"]


@dataclass(frozen=True)
class DivisionOfLabour:
    """The trade-off of one team. Distances are in units of a traditional cluster's.

    Attributes
    ----------
    gain, gain_elasticity : float
        A and θ; positive.
    per_spatial, per_psychological : float
        τ_s and τ_p, cost per unit of distance; not negative.
    cost_elasticity : float
        β, how the cost of distance rises with depth; positive.
    attention, attention_elasticity : float
        κ ≥ 0 and χ > 0 of the cost that remains at zero distance.

    Examples
    --------
    >>> team = DivisionOfLabour()
    >>> round(team.optimum(1, 1), 6), round(team.optimum(0, 1), 6)
    (10.0, 20.0)
    """

    gain: float = 10.0
    gain_elasticity: float = 0.5
    per_spatial: float = 0.2
    per_psychological: float = 0.1
    cost_elasticity: float = 1.5
    attention: float = 0.002
    attention_elasticity: float = 2.5

    def __post_init__(self):
        for name in ("gain", "gain_elasticity", "cost_elasticity", "attention_elasticity"):
            if not getattr(self, name) > 0:
                raise ParameterError(f"{name} = {getattr(self, name)}: choose a positive number")
        for name in ("per_spatial", "per_psychological", "attention"):
            if not getattr(self, name) >= 0:
                raise ParameterError(f"{name} = {getattr(self, name)}: choose a number that is not negative")

    def cost_of_distance(self, spatial: float, psychological: float) -> float:
        """τ, the cost of distance to a team of one."""
        for name, distance in (("spatial", spatial), ("psychological", psychological)):
            if not 0 <= distance < math.inf:
                raise ParameterError(f"{name} distance = {distance}: choose a finite number, zero or more")
        return self.per_spatial * spatial + self.per_psychological * psychological

    def product(self, depth: ArrayLike, spatial: float, psychological: float) -> np.ndarray:
        """Product per head y(n), net of the cost of cooperation; the shape of ``depth``."""
        n = np.asarray(depth, dtype=float)
        total = self.gain * n**self.gain_elasticity
        return total - sum(c * n**e for c, e in self._costs(spatial, psychological))

    def marginal_gain(self, depth: ArrayLike) -> np.ndarray:
        """Aθ n^(θ−1), what one more task adds to product per head before costs."""
        n = np.asarray(depth, dtype=float)
        return self.gain * self.gain_elasticity * n ** (self.gain_elasticity - 1)

    def marginal_cost(self, depth: ArrayLike, spatial: float, psychological: float) -> np.ndarray:
        """τβ n^(β−1) + κχ n^(χ−1), what one more task adds to the cost of cooperation."""
        n = np.asarray(depth, dtype=float)
        return sum((c * e * n ** (e - 1) for c, e in self._costs(spatial, psychological)), np.zeros_like(n))

    def is_bounded(self, spatial: float, psychological: float) -> bool:
        """Whether the best depth is finite.

        With costs that are not zero, it is if the largest of their elasticities exceeds θ; if that elasticity
        equals θ, the costs with it must add up to A or more. Without costs it is not.
        """
        costs = self._costs(spatial, psychological)
        top = max((elasticity for _, elasticity in costs), default=0.0)
        if top != self.gain_elasticity:
            return top > self.gain_elasticity
        return sum(c for c, elasticity in costs if elasticity == top) >= self.gain

    def optimum(self, spatial: float, psychological: float) -> float:
        """Depth n* that maximises product per head over n ≥ 1, found numerically.

        Returns
        -------
        float
            One where no division pays, infinity where :meth:`is_bounded` is false.
        """
        if not self.is_bounded(spatial, psychological):
            return math.inf
        costs = self._costs(spatial, psychological)
        rising = self._log_of_steepest(costs)
        if self._excess(rising, costs) <= 0:
            return 1.0
        peak = math.exp(self._log_of_root(rising, costs))
        at_peak, undivided = self.product([peak, 1.0], spatial, psychological)
        return peak if at_peak > undivided else 1.0

    def optimum_closed_form(self, spatial: float, psychological: float) -> float:
        """Depth n* as a formula, for the elasticities that allow one.

        With one cost, or two of one elasticity e > θ, n* = (Aθ / (c e))^(1/(e − θ)). With
        χ − θ = 2(β − θ) > 0 the condition is a quadratic in n^(β−θ). In both cases n* is at least one.

        Raises
        ------
        ParameterError
            If there is no formula: use :meth:`optimum`.
        """
        if not self.is_bounded(spatial, psychological):
            return math.inf
        costs = self._costs(spatial, psychological)
        theta, constant = self.gain_elasticity, self.gain * self.gain_elasticity
        if len({elasticity for _, elasticity in costs}) == 1:
            cost, elasticity = sum(c for c, _ in costs), costs[0][1]
            if elasticity == theta:
                return 1.0
            return max(1.0, (constant / (cost * elasticity)) ** (1 / (elasticity - theta)))
        (tau, beta), (kappa, chi) = costs
        if beta <= theta or not math.isclose(chi - theta, 2 * (beta - theta), rel_tol=1e-12):
            raise ParameterError(
                f"no formula for n* where costs rise with elasticities {beta:g} and {chi:g} and gains with "
                f"{theta:g}; use optimum"
            )
        linear, square = tau * beta, kappa * chi
        # the smaller root's conjugate: no difference of nearly equal numbers where κ is small
        power = 2 * constant / (linear + math.sqrt(linear**2 + 4 * square * constant))
        return max(1.0, power ** (1 / (beta - theta)))

    def slope(self, spatial: float, psychological: float, of: Distance) -> float:
        """∂n*/∂(distance): negative where the division goes beyond one task, zero at n* = 1.

        Raises
        ------
        ParameterError
            If n* is not finite, or for an unknown distance.
        """
        check_option("of", of, Distance)
        price = self.per_spatial if of == "spatial" else self.per_psychological
        return price * self._response(spatial, psychological)[0]

    def cross_slope(self, spatial: float, psychological: float) -> float:
        """∂²n*/∂(spatial)∂(psychological).

        Positive: the nearer the members are in one sense, the more a step towards each other in the other
        sense adds. With β > θ it is positive at every interior n* if κ = 0 or 0 ≤ χ − β ≤ 1.
        """
        return self.per_spatial * self.per_psychological * self._response(spatial, psychological)[1]

    def virtual_cross_slope(self, spatial: float, psychological: float, remaining: float) -> float:
        """∂²n*/∂φ∂(spatial), where going virtual leaves a share φ = ``remaining`` of the spatial distance.

        Positive: moving online and moving closer reinforce each other; negative: one replaces the other.
        At an interior n* and φ = 1 it is positive if and only if the spatial part of τ is more than the share
        of it that :meth:`spatial_share_needed` gives; at φ = 0 it is never positive.
        """
        first, second = self._response(remaining * spatial, psychological)
        return self.per_spatial * (first + second * self.per_spatial * remaining * spatial)

    def spatial_share_needed(self, spatial: float, psychological: float) -> float:
        """Share of τ that must be spatial for moving online and moving closer to reinforce each other.

        (β − θ)/(1 + β − θ) if κ = 0; in general −n'(τ)/(τ n''(τ)). Infinite where no share is enough: where
        n* is not convex in τ, is one, or τ is zero.
        """
        first, second = self._response(spatial, psychological)
        tau = self.cost_of_distance(spatial, psychological)
        return -first / second / tau if second > 0 and tau > 0 else math.inf

    def _costs(self, spatial: float, psychological: float) -> list[tuple[float, float]]:
        """Coefficient and elasticity of each cost that is not zero, distance first."""
        tau = self.cost_of_distance(spatial, psychological)
        both = ((tau, self.cost_elasticity), (self.attention, self.attention_elasticity))
        return [(c, e) for c, e in both if c > 0]

    def _excess(self, log_depth: float, costs: list[tuple[float, float]]) -> float:
        """Marginal gain less marginal cost, times n^(1 − θ)."""
        theta = self.gain_elasticity
        return self.gain * theta - sum(c * e * math.exp((e - theta) * log_depth) for c, e in costs)

    def _log_of_steepest(self, costs: list[tuple[float, float]]) -> float:
        """Logarithm of the depth from which the excess only falls; it rises before if a cost has e < θ."""
        falling = [(c, e) for c, e in costs if e < self.gain_elasticity]
        if not falling:
            return 0.0
        (low, e_low), (high, e_high) = sorted(costs, key=lambda cost: cost[1])
        theta = self.gain_elasticity
        if e_high == theta:
            return 0.0
        ratio = low * e_low * (theta - e_low) / (high * e_high * (e_high - theta))
        return max(0.0, math.log(ratio) / (e_high - e_low))

    def _log_of_root(self, start: float, costs: list[tuple[float, float]]) -> float:
        """Root of the excess, positive at ``start`` and falling from there.

        It lies below the depth at which any one cost that rises faster than the gain would equal it alone.
        """
        from scipy.optimize import brentq

        theta = self.gain_elasticity
        ends = [math.log(self.gain * theta / (c * e)) / (e - theta) for c, e in costs if e > theta]
        return brentq(self._excess, start, min(ends) + 1.0, args=(costs,), xtol=1e-14, rtol=1e-14)

    def _response(self, spatial: float, psychological: float) -> tuple[float, float]:
        """First and second derivative of n* in τ, from the inverse τ(n) of the first-order condition."""
        n = self.optimum(spatial, psychological)
        if math.isinf(n):
            raise ParameterError("n* is not finite at these distances: it has no slope")
        if n == 1.0:
            return 0.0, 0.0
        theta, beta, chi = self.gain_elasticity, self.cost_elasticity, self.attention_elasticity
        gain, cost = self.gain * theta / beta, self.attention * chi / beta
        down, up = theta - beta, chi - beta
        first = gain * down * n ** (down - 1) - cost * up * n ** (up - 1)
        second = gain * down * (down - 1) * n ** (down - 2) - cost * up * (up - 1) * n ** (up - 2)
        return 1 / first, -second / first**3
