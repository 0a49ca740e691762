"""How many firms and how many goods a cluster holds, given the depth of its division of labour.

A team of n* firms makes one good. The cluster sells to buyers spread evenly over a disc, whose demand fades
with distance as exp(−decay·r); goods are sold at a markup under an elasticity σ against all other goods, so
that revenue is E(s)·y*^(σ−1) and the share 1/σ of it is free to pay for firms. Firms enter until that is used
up by what each needs to set up and, on a common site, by a rent that rises with their number N:

N·(F + c Nᵐ) = E(s)·y*^(σ−1)/σ .

The entry condition is that of monopolistic competition (Dixit and Stiglitz 1977) with a rent added.
"""

import math
from dataclasses import dataclass, field

from digital_clusters.errors import ParameterError
from digital_clusters.theory.clusters.division_of_labour import DivisionOfLabour

_UNDERFLOW = 1e-100
"""Of a distance whose square is taken: below it the market is the whole world's to rounding."""


@dataclass(frozen=True)
class Cluster:
    """A cluster in equilibrium.

    Attributes
    ----------
    depth : float
        Tasks a good is split into, n*.
    firms : float
        N.
    goods : float
        N/n*, one for each team.
    """

    depth: float
    firms: float
    goods: float


@dataclass(frozen=True)
class ClusterSize:
    """Market and entry of a cluster.

    Attributes
    ----------
    labour : DivisionOfLabour
    buyers : float
        Demand per unit of area; positive.
    world : float
        Radius of the disc the buyers live on; positive, may be infinite.
    decay : float
        Fall of log demand per unit of radius where the spatial distance is one; positive. Going virtual
        lowers it along with that distance.
    elasticity : float
        σ, of demand; more than one.
    setup : float
        F, what a firm needs to exist; positive.
    rent, rent_elasticity : float
        c ≥ 0 and m > 0; zero rent for firms that share no site.

    Examples
    --------
    >>> ClusterSize().equilibrium(0, 1).firms > ClusterSize().equilibrium(1, 1).firms
    True
    """

    labour: DivisionOfLabour = field(default_factory=DivisionOfLabour)
    buyers: float = 0.01
    world: float = 3.0
    decay: float = 1.0
    elasticity: float = 4.0
    setup: float = 1.0
    rent: float = 0.0
    rent_elasticity: float = 1.0

    def __post_init__(self):
        for name in ("buyers", "world", "decay", "setup", "rent_elasticity"):
            if not getattr(self, name) > 0:
                raise ParameterError(f"{name} = {getattr(self, name)}: choose a positive number")
        if not self.elasticity > 1:
            raise ParameterError(f"elasticity = {self.elasticity}: choose a number above one")
        if not self.rent >= 0:
            raise ParameterError(f"rent = {self.rent}: choose a number that is not negative")

    def market(self, spatial: float) -> float:
        """E(s), demand reached: 2π·buyers·∫ r exp(−decay·s·r) dr from 0 to the edge of the world.

        The whole of the world's demand, π·buyers·world², at zero distance; infinite in an infinite world.
        """
        from scipy.special import gammainc

        rate = self.decay * spatial
        if rate < _UNDERFLOW:
            return math.pi * self.buyers * self.world**2
        # gammainc(2, x) is 1 − (1 + x)exp(−x) without its cancellation at small x
        return 2 * math.pi * self.buyers * float(gammainc(2, rate * self.world)) / rate / rate

    def is_bounded(self, spatial: float, psychological: float) -> bool:
        """Whether the number of firms is finite.

        The depth of the division must be, and so must the market unless product per head is not positive.
        """
        if not self.labour.is_bounded(spatial, psychological):
            return False
        depth = self.labour.optimum(spatial, psychological)
        barren = self.labour.product(depth, spatial, psychological) <= 0
        return bool(barren) or math.isfinite(self.market(spatial))

    def goods_grow_with_depth(self) -> bool:
        """Whether a lower cost of distance that leaves the market as it is raises the number of goods.

        Exact where neither rent nor attention costs anything: θ(σ − 1) > 1. Otherwise deeper division makes
        fewer goods by more hands.
        """
        return self.labour.gain_elasticity * (self.elasticity - 1) > 1

    def equilibrium(self, spatial: float, psychological: float) -> Cluster:
        """Depth, firms and goods where no further firm pays its way.

        Infinite firms where :meth:`is_bounded` is false; none where product per head is not positive.
        The number of goods is undefined (nan) where both firms and depth are infinite.
        """
        depth = self.labour.optimum(spatial, psychological)
        if not self.is_bounded(spatial, psychological):
            return Cluster(depth, math.inf, math.inf if math.isfinite(depth) else math.nan)
        product = float(self.labour.product(depth, spatial, psychological))
        if product <= 0:
            return Cluster(depth, 0.0, 0.0)
        funds = self.market(spatial) * product ** (self.elasticity - 1) / self.elasticity
        firms = self._firms(funds)
        return Cluster(depth, firms, firms / depth)

    def _firms(self, funds: float) -> float:
        """Root of N(F + c Nᵐ) = funds. The lower of the bounds by one term is at most 2N."""
        from scipy.optimize import brentq

        most = funds / self.setup
        if self.rent == 0:
            return most
        most = min(most, (funds / self.rent) ** (1 / (1 + self.rent_elasticity)))

        def excess(firms: float) -> float:
            return firms * (self.setup + self.rent * firms**self.rent_elasticity) - funds

        # twice the bound: rounding may leave the bound itself short of the root where one term is tiny
        return brentq(excess, 0.0, 2 * most, xtol=1e-14 * most, rtol=1e-14)
