"""A cluster that grows, deepens and upgrades: an agent-based network of firms, one model for two paths.

Firms stand on a map of 3 × 3 regions, the home region in the middle. Each has a norm, the way it does
business, which neighbours in space share. Two firms cooperate while the benefit, which rises with their
quality, exceeds the cost of spatial distance, of the distance between their norms, and of the attention that
partners already take. Firms learn from partners and may start research. A *platform* removes the cost of
spatial distance; a *community* pulls the norms of members together. Firms enter where they expect to earn
more than the rent of their region, and leave after losses.

The rules are this project's; the two kinds of distance and the two switches are those of Chen (2017).
"""

from dataclasses import dataclass

import numpy as np

from digital_clusters.errors import ParameterError
from digital_clusters.theory.clusters.rules import ClusterRules

REGIONS_ACROSS = 3
HOME = 4
"""Of the nine regions, counted from the lower left by rows; the middle one."""

_GONE = (0, 0.0, 0.0, 0.0, 0.0, 1.0)
"""What is observed of a cluster without firms, in the order of :class:`Aggregates`."""

_CENTRE = REGIONS_ACROSS / 2
DISTRICT = 0.4
NEARBY = 0.1
"""Width of the founders' district; how far from its parent a spin-off settles (standard deviation)."""


@dataclass(frozen=True)
class Aggregates:
    """What an observer sees of the cluster, each an array of shape (periods,).

    Attributes
    ----------
    firms : numpy.ndarray of int
    quality : numpy.ndarray
        Mean over firms.
    research : numpy.ndarray
        Share of firms with research.
    partners : numpy.ndarray
        Mean number of partners of a firm.
    openness : numpy.ndarray
        Share of links between regions over the share among all pairs of firms: zero where no link leaves a
        region, one where regions do not matter. Zero without links or with one region only.
    strangeness : numpy.ndarray
        Mean distance between the norms of two firms, over that between the norms they came with: one
        where nothing has pulled them together. One for a single firm.
    """

    firms: np.ndarray
    quality: np.ndarray
    research: np.ndarray
    partners: np.ndarray
    openness: np.ndarray
    strangeness: np.ndarray


@dataclass(frozen=True)
class Evolution:
    """One run: the aggregates and the cluster in the last period.

    Attributes
    ----------
    aggregates : Aggregates
    position : numpy.ndarray, shape (firms, 2)
        In widths of a region.
    region : numpy.ndarray of int, shape (firms,)
    norm : numpy.ndarray, shape (firms,)
    links : numpy.ndarray of bool, shape (firms, firms)
        Symmetric, without loops.
    """

    aggregates: Aggregates
    position: np.ndarray
    region: np.ndarray
    norm: np.ndarray
    links: np.ndarray


class _Members:
    """Firms of a run; arrays change as the periods pass. Only :func:`evolve` holds one."""

    def __init__(self, position: np.ndarray, norm: np.ndarray, quality: np.ndarray):
        self.position, self.norm, self.quality = position, norm, quality
        self.origin = norm.copy()
        self.research = np.zeros(len(norm), dtype=bool)
        self.links = np.zeros((len(norm), len(norm)), dtype=bool)

    def __len__(self) -> int:
        return len(self.norm)

    def keep(self, stays: np.ndarray) -> None:
        self.position, self.norm = self.position[stays], self.norm[stays]
        self.origin = self.origin[stays]
        self.quality, self.research = self.quality[stays], self.research[stays]
        self.links = self.links[np.ix_(stays, stays)]

    def join(self, position: np.ndarray, norm: np.ndarray, quality: np.ndarray) -> None:
        more = len(norm)
        self.position = np.vstack([self.position, position])
        self.origin = np.r_[self.origin, norm]
        self.norm, self.quality = np.r_[self.norm, norm], np.r_[self.quality, quality]
        self.research = np.r_[self.research, np.zeros(more, dtype=bool)]
        self.links = np.pad(self.links, ((0, more), (0, more)))


def evolve(
    rules: ClusterRules,
    rng: np.random.Generator,
    *,
    platform: bool = False,
    community: bool = False,
    periods: int = 60,
) -> Evolution:
    """Run a cluster.

    Parameters
    ----------
    rules : ClusterRules
    rng : numpy.random.Generator
    platform : bool
        Whether spatial distance costs nothing.
    community : bool
        Whether members' norms are pulled together.
    periods : int

    Returns
    -------
    Evolution

    Examples
    --------
    >>> evolve(ClusterRules(), np.random.default_rng(1), periods=5).aggregates.firms.shape
    (5,)
    """
    if periods < 1:
        raise ParameterError(f"periods = {periods}: choose one or more")
    per_spatial = 0.0 if platform else rules.per_spatial
    members = _found(rules, rng)
    seen: list[tuple] = []
    stays = np.ones(len(members), dtype=bool)
    for _ in range(periods):
        members.keep(stays)
        if not len(members):
            stays = stays[:0]
            seen.append(_GONE)
            continue
        _enter(members, rules, per_spatial, rng)
        if community:
            members.norm += rules.community_pace * (members.norm.mean() - members.norm)
        surplus = _surplus(members, members, rules, per_spatial)
        profit = _meet(members, surplus, rules, rng)
        _upgrade(members, profit, rules)
        seen.append(_observe(members))
        stays = (profit >= 0) | (rng.random(len(members)) >= rules.exit)
    firms, *others = zip(*seen, strict=True)
    aggregates = Aggregates(np.array(firms), *(np.array(values) for values in others))
    return Evolution(aggregates, members.position, _region(members.position), members.norm, members.links)


def _found(rules: ClusterRules, rng: np.random.Generator) -> _Members:
    position = _CENTRE + DISTRICT * (rng.random((rules.founders, 2)) - 0.5)
    return _Members(position, _norms(position, rules, rng), rng.uniform(0.4, 0.6, rules.founders))


def _region(position: np.ndarray) -> np.ndarray:
    column, row = np.minimum(position.astype(int), REGIONS_ACROSS - 1).T
    return REGIONS_ACROSS * row + column


def _norms(position: np.ndarray, rules: ClusterRules, rng: np.random.Generator) -> np.ndarray:
    """A region's mean plus noise; the means run over [0, 1], the home region's is the middle one."""
    mean = _region(position) / (REGIONS_ACROSS**2 - 1)
    return mean + rules.norm_spread * rng.standard_normal(len(mean))


def _surplus(some: _Members, others: _Members, rules: ClusterRules, per_spatial: float) -> np.ndarray:
    """Benefit less cost of a link of each of ``some`` with each of ``others``, before attention."""
    surplus = rules.benefit * np.outer(np.sqrt(some.quality), np.sqrt(others.quality))
    surplus -= rules.per_psychological * np.abs(some.norm[:, None] - others.norm)
    if per_spatial > 0:
        apart = some.position[:, None, :] - others.position
        surplus -= per_spatial * np.sqrt((apart**2).sum(axis=2))
    return surplus - rules.size_cost * len(others)


def _enter(members: _Members, rules: ClusterRules, per_spatial: float, rng: np.random.Generator) -> None:
    """Candidates join who would earn their region's rent from the links open to them."""
    count = rules.candidates
    position = REGIONS_ACROSS * rng.random((count, 2))
    near = rng.random(count) < rules.spinoffs
    parents = members.position[rng.integers(len(members), size=count)]
    beside = np.clip(parents + NEARBY * rng.standard_normal((count, 2)), 0, REGIONS_ACROSS)
    position[near] = beside[near]
    norm, quality = _norms(position, rules, rng), rng.uniform(0.4, 0.6, count)
    partners = members.links.sum(axis=1)
    offers = _surplus(_Members(position, norm, quality), members, rules, per_spatial)
    offers -= rules.attention * partners / 2
    hopes = np.maximum(offers, 0).sum(axis=1) / 2
    crowd = np.bincount(_region(members.position), minlength=REGIONS_ACROSS**2)[_region(position)]
    enters = hopes > rules.rent * (crowd + 1) ** rules.rent_elasticity
    members.join(position[enters], norm[enters], quality[enters])


def _meet(
    members: _Members, surplus: np.ndarray, rules: ClusterRules, rng: np.random.Generator
) -> np.ndarray:
    """Pairs that meet link or part; returns profits, to which both ends of a link add half its surplus."""
    count = len(members)
    partners = members.links.sum(axis=1)
    net = surplus - rules.attention * (partners[:, None] + partners) / 2
    # the upper triangle decides, so that both ends of a pair meet at once
    meets = np.triu(rng.random((count, count)) < rules.meetings, 1)
    meets |= meets.T
    members.links = np.where(meets, net > 0, members.links)
    region = _region(members.position)
    crowd = np.bincount(region, minlength=REGIONS_ACROSS**2)[region]
    return np.where(members.links, net, 0.0).sum(axis=1) / 2 - rules.rent * crowd**rules.rent_elasticity


def _upgrade(members: _Members, profit: np.ndarray, rules: ClusterRules) -> None:
    """Learning from partners, towards the frontier; research lifts the frontier."""
    able = (members.quality >= rules.research_quality) & (profit >= rules.research_cost)
    members.research |= able
    frontier = np.where(members.research, rules.research_frontier, rules.frontier)
    partners = members.links.sum(axis=1)
    depth = partners / (1 + partners)
    members.quality += rules.learning * depth * np.maximum(frontier - members.quality, 0)


def mean_distance(values: np.ndarray) -> float:
    """Mean absolute difference over all pairs of values, shape (n,); zero for a single one."""
    count = len(values)
    rank = 2 * np.arange(count) - count + 1
    return float(2 * (rank * np.sort(values)).sum() / max(count * (count - 1), 1))


def _observe(members: _Members) -> tuple[int, float, float, float, float, float]:
    count = len(members)
    region = _region(members.position)
    ends = int(members.links.sum())
    sizes = np.bincount(region)
    of_pairs = 1 - (sizes * (sizes - 1)).sum() / max(count * (count - 1), 1)
    across = int((members.links & (region[:, None] != region)).sum())
    openness = across / ends / of_pairs if ends and of_pairs > 0 else 0.0
    came_with = mean_distance(members.origin)
    return (
        count,
        float(members.quality.mean()),
        float(members.research.mean()),
        ends / count,
        openness,
        mean_distance(members.norm) / came_with if came_with > 0 else 1.0,
    )
