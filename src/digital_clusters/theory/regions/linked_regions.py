"""The forces of ``linked_industries`` in an economy of many regions, solved.

Entrepreneurs live in the model of :mod:`digital_clusters.theory.regions.footloose_entrepreneurs`. Region 0 is
the core: it alone has co-agglomeration, its neighbours reach the part ``spillover`` of it, and entry
costs differ by region. Productivity is that of an equal share times (R h_i)^η_i. With V the utility an
entrepreneur earns, the allocation is an *equilibrium* where V_i exp(−B_i) is equal everywhere, and
*efficient* where the marginal revenue product V_i (1 + (σ − 1)η_i) is. Trade costs, and what a move
does to prices elsewhere, are taken as given in both: only barriers and the unpaid externality are
called misallocation.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import root
from scipy.special import softmax

from digital_clusters.errors import ParameterError
from digital_clusters.theory.regions.footloose_entrepreneurs import FootlooseEntrepreneurs
from digital_clusters.theory.regions.linked_industries import LinkedIndustries

_SOLVED = 1e-9
"""Largest difference of log returns at which an allocation counts as solved."""

_STEP = 1e-6


@dataclass(frozen=True)
class Allocation:
    """The mobile factor over R regions.

    Attributes
    ----------
    shares, efficient : numpy.ndarray, shape (R,)
        In equilibrium, and where marginal revenue products are equal.
    wedges : numpy.ndarray, shape (R,)
        Log marginal revenue product in equilibrium less its mean weighted by shares; positive where a region
        has too little of the factor.
    """

    shares: np.ndarray
    efficient: np.ndarray
    wedges: np.ndarray

    @property
    def misallocation(self) -> float:
        """Mean absolute log wedge."""
        return float(np.abs(self.wedges).mean())

    @property
    def excess(self) -> np.ndarray:
        """Log of the share over the efficient share, shape (R,)."""
        return np.log(self.shares / self.efficient)


@dataclass(frozen=True)
class LinkedRegions:
    """Regions on a ring or side by side.

    Attributes
    ----------
    forces : LinkedIndustries
    mobile_share : float
        Share of spending on the sector of the mobile factor, μ between 0 and 1.
    freeness : float
        Of trade over one step without digital technology and integration; over n steps it is the n-th power.
    entry : tuple of float, length R
        Each region's barrier over that of the core; the first is the core's.
    advantage : float
        Log of what makes a variety of the core sell more than one from elsewhere at the same wage and size.
    spillover : float
        Share of the core's co-agglomeration within reach of its neighbours.

    Examples
    --------
    >>> economy = LinkedRegions(LinkedIndustries(), 0.4, 0.2)
    >>> (allocation,) = economy.path([0.0])
    >>> bool(allocation.shares[0] < allocation.efficient[0])
    True
    """

    forces: LinkedIndustries
    mobile_share: float
    freeness: float
    entry: tuple[float, ...] = (1.0, 0.0)
    advantage: float = 0.0
    spillover: float = 0.0

    def __post_init__(self):
        if len(self.entry) < 2 or min(self.entry) < 0:
            raise ParameterError(f"entry = {self.entry}: name at least two regions and no negative barrier")
        for name in ("freeness", "spillover"):
            if not 0 <= getattr(self, name) <= 1:
                raise ParameterError(f"{name} = {getattr(self, name)}: choose a number between 0 and 1")

    @property
    def steps(self) -> np.ndarray:
        """Steps between regions along the ring, shape (R, R)."""
        regions = len(self.entry)
        apart = np.abs(np.subtract.outer(np.arange(regions), np.arange(regions)))
        return np.minimum(apart, regions - apart)

    def path(
        self, co_agglomeration: ArrayLike, digital: float = 0.0, integration: float = 0.0
    ) -> list[Allocation]:
        """Equilibrium, efficient allocation and wedges along rising co-agglomeration of the core.

        Values lie between 0 and 1; each allocation is solved from the one before.

        Raises
        ------
        ParameterError
            If no stable allocation keeps some of the factor in every region.
        """
        found: list[Allocation] = []
        for c in np.asarray(co_agglomeration, dtype=float):
            found.append(self._solve(float(c), digital, integration, found[-1] if found else None))
        return found

    def _solve(self, c: float, digital: float, integration: float, start: Allocation | None) -> Allocation:
        regions, forces = len(self.entry), self.forces
        core = np.eye(regions)[0]
        access = core * c + (self.steps[0] == 1) * self.spillover * c
        barrier = np.array(self.entry) * forces.entry_cost(access, digital, integration)
        eta, social = forces.externality(core * c, digital), np.log(forces.social_factor(core * c, digital))
        model = FootlooseEntrepreneurs(forces.elasticity, self.mobile_share)
        phi = self.freeness ** (self.steps * forces.open_share(digital, integration))

        def log_utility(shares: np.ndarray) -> np.ndarray:
            size = (regions * shares) ** ((forces.elasticity - 1) * eta)
            return np.log(model.utilities(shares, phi, np.exp(self.advantage * core) * size))

        even = np.full(regions, 1 / regions)
        shares = _level(lambda h: log_utility(h) - barrier, start.shares if start else even)
        efficient = _level(lambda h: log_utility(h) + social, start.efficient if start else even)
        product = log_utility(shares) + social
        return Allocation(shares, efficient, product - shares @ product)


def effects(allocations: list[Allocation], co_agglomeration: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """How the absolute wedge of the core and, on average, of its two neighbours moves with co-agglomeration.

    Parameters
    ----------
    allocations : list of Allocation, length n
        Of a ring, along ``co_agglomeration``.
    co_agglomeration : array_like, shape (n,)

    Returns
    -------
    local, neighbour : numpy.ndarray, shape (n,)
        Derivatives by differences; negative where misallocation falls.
    """
    sizes = np.abs([allocation.wedges for allocation in allocations])
    local = np.gradient(sizes[:, 0], co_agglomeration)
    return local, np.gradient((sizes[:, 1] + sizes[:, -1]) / 2, co_agglomeration)


def _level(log_return: Callable[[np.ndarray], np.ndarray], start: np.ndarray) -> np.ndarray:
    """Shares at which returns are equal and from which no small move pays; shape (R,)."""

    def gaps(free: np.ndarray) -> np.ndarray:
        values = log_return(softmax(np.append(0.0, free)))
        return values[1:] - values[0]

    first = np.log(start[1:] / start[0])
    solution = root(gaps, first, method="hybr", options={"xtol": 1e-12})
    free = solution.x
    if not np.abs(gaps(free)).max() < _SOLVED:
        raise ParameterError(_UNSTABLE)
    steps = _STEP * np.eye(len(free))
    jacobian = np.array([(gaps(free + step) - gaps(free - step)) / (2 * _STEP) for step in steps]).T
    if np.linalg.eigvals(jacobian).real.max() >= 0:
        raise ParameterError(_UNSTABLE)
    return softmax(np.append(0.0, free))


_UNSTABLE = (
    "no stable allocation keeps some of the mobile factor in every region: choose less free trade, a smaller "
    "mobile share or a higher elasticity"
)
