"""A cluster with external economies of its own beside those of the division of labour.

In the rest of this room product per head depends on distances alone: a cluster is strong because it makes
cooperation cheap. Marshall (1890, book IV, chapter X) has firms on one site raise each other's product by
being many. Here both are in one model: the gain from division is A·Nᵉ with N the firms on the site and e ≥ 0,
and firms enter as in :class:`~digital_clusters.theory.clusters.size.ClusterSize`, which is the case e = 0.
"""

import math
from dataclasses import dataclass, field, replace

from digital_clusters.errors import ParameterError
from digital_clusters.theory.clusters.division_of_labour import DivisionOfLabour
from digital_clusters.theory.clusters.size import Cluster, ClusterSize

LARGEST_LOG = 60.0
"""Logarithm of the number of firms from which a cluster counts as without limit."""


@dataclass(frozen=True)
class MarshallianCluster:
    """A cluster whose firms raise each other's gain from division by being on one site.

    Attributes
    ----------
    cluster : ClusterSize
        Market, entry and division of labour.
    externality : float
        e ≥ 0, elasticity of the gain with respect to the firms on the site.
    on_site : float
        Share of the firms that are on the site, in [0, 1]: one for a traditional cluster, zero for one whose
        members are anywhere. Fewer than one firm on the site counts as one.

    Examples
    --------
    >>> plain, marshallian = MarshallianCluster(externality=0.0), MarshallianCluster(externality=0.05)
    >>> plain.equilibrium(1, 1) == ClusterSize().equilibrium(1, 1)
    True
    >>> marshallian.equilibrium(1, 1).firms > plain.equilibrium(1, 1).firms
    True
    """

    cluster: ClusterSize = field(default_factory=ClusterSize)
    externality: float = 0.05
    on_site: float = 1.0

    def __post_init__(self):
        if not 0 <= self.externality < math.inf:
            raise ParameterError(
                f"externality = {self.externality}: choose a finite number that is not negative"
            )
        if not 0 <= self.on_site <= 1:
            raise ParameterError(f"on_site = {self.on_site}: choose a share between 0 and 1")

    def labour(self, firms: float) -> DivisionOfLabour:
        """The trade-off of a team among ``firms`` firms."""
        own = self.cluster.labour
        return replace(own, gain=own.gain * max(self.on_site * firms, 1.0) ** self.externality)

    def product(self, firms: float, spatial: float, psychological: float) -> float:
        """Product per head at the best depth among ``firms`` firms."""
        labour = self.labour(firms)
        depth = labour.optimum(spatial, psychological)
        return math.inf if math.isinf(depth) else float(labour.product(depth, spatial, psychological))

    def equilibrium(self, spatial: float, psychological: float) -> Cluster:
        """Depth, firms and goods where no further firm pays its way, the smallest such cluster.

        Infinite firms where the economies of number outrun the market.
        """
        firms = self._firms(spatial, psychological)
        if math.isinf(firms):
            return Cluster(self.labour(1.0).optimum(spatial, psychological), math.inf, math.nan)
        return self._entered(firms, spatial, psychological)

    def product_elasticity(self, spatial: float, psychological: float) -> float:
        """∂ ln y*/∂ ln N in equilibrium at given distances: e·A(N)·n*ᶿ / y*, by the envelope theorem.

        Zero where the site holds one firm or fewer.

        Raises
        ------
        ParameterError
            If the cluster is without limit or produces nothing.
        """
        found = self.equilibrium(spatial, psychological)
        if not 0 < found.firms < math.inf:
            raise ParameterError(f"a cluster of {found.firms} firms has no elasticity")
        if self.on_site * found.firms <= 1:
            return 0.0
        labour = self.labour(found.firms)
        gain = labour.gain * found.depth**labour.gain_elasticity
        return self.externality * gain / float(labour.product(found.depth, spatial, psychological))

    def _entered(self, firms: float, spatial: float, psychological: float) -> Cluster:
        """The cluster that enters where ``firms`` are thought to be there."""
        return replace(self.cluster, labour=self.labour(firms)).equilibrium(spatial, psychological)

    def _firms(self, spatial: float, psychological: float) -> float:
        """Smallest fixed point of entry: a rising function of the firms that are there, so steps reach it.

        From below, each step is at most the root; the interval is then searched.
        """
        from scipy.optimize import brentq

        def excess(log_firms: float) -> float:
            entered = self._entered(math.exp(log_firms), spatial, psychological).firms
            return math.log(entered) - log_firms if 0 < entered < math.inf else math.copysign(1, entered - 1)

        start = self._entered(0.0, spatial, psychological).firms
        if self.externality == 0 or self.on_site * start <= 1 or math.isinf(start):
            return start
        low, step = math.log(start), 0.05
        while excess(low + step) > 0:
            low += step
            if low > LARGEST_LOG:
                return math.inf
        return math.exp(brentq(excess, low, low + step, xtol=1e-13, rtol=1e-13))


def break_even(cluster: ClusterSize, psychological: float) -> float:
    """Externality at which a traditional cluster's product per head is that of a virtual one.

    The traditional cluster has a spatial distance of one and all firms on its site, the virtual one no
    spatial distance and no site. With a smaller externality going virtual raises product per head; with a
    larger one it lowers it. Undefined (nan) where product per head is not finite and positive in both, or the
    site holds one firm or fewer.
    """
    from scipy.optimize import brentq

    plain, free = MarshallianCluster(cluster, 0.0), MarshallianCluster(cluster, 0.0, on_site=0.0)
    start, virtual = plain.equilibrium(1.0, psychological).firms, free.product(1.0, 0.0, psychological)
    if not (1 < start < math.inf and virtual < math.inf):
        return math.nan

    def lead(externality: float) -> float:
        traditional = MarshallianCluster(cluster, externality)
        firms = traditional.equilibrium(1.0, psychological).firms
        return 1.0 if math.isinf(firms) else traditional.product(firms, 1.0, psychological) / virtual - 1

    high = 0.01
    while lead(high) < 0:
        high *= 2
    return brentq(lead, 0.0, high, xtol=1e-12)
