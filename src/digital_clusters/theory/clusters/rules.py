"""Rules of the simulated cluster: what cooperation brings and costs, who enters, learns and leaves."""

from dataclasses import dataclass

from digital_clusters.errors import ParameterError


@dataclass(frozen=True)
class ClusterRules:
    """Rules of the simulated cluster. Distances are in widths of a region; one period is a step.

    Attributes
    ----------
    founders, candidates : int
        Firms in the home region at the start; would-be entrants in a period.
    spinoffs : float
        Share of the candidates who settle next to a firm that is there; the others settle anywhere.
    benefit : float
        Of a link between two firms of quality one.
    per_spatial, per_psychological : float
        Cost of a link per unit of distance.
    attention : float
        Cost a partner adds to every further link of a firm.
    size_cost : float
        Cost a member of the cluster adds to every link of it; zero means that coordination does not get
        dearer with the size of the cluster.
    norm_spread : float
        Standard deviation of norms within a region; regions' means are spread evenly over [0, 1].
    meetings : float
        Share of the pairs who reconsider their link in a period.
    community_pace : float
        Share of the distance to the members' mean norm that a community closes in a period.
    learning : float
        Rise of quality in a period for a firm with very many partners that is far from the frontier.
    frontier, research_frontier : float
        Highest quality without and with research.
    research_quality : float
        Quality a firm must have to start research; zero lifts the condition.
    research_cost : float
        Profit a firm must make to start research.
    rent, rent_elasticity : float
        What a firm pays is the rent times the number of firms in its region to the power of the elasticity.
    exit : float
        Probability that a firm leaves after a period with a loss.
    """

    founders: int = 10
    candidates: int = 5
    spinoffs: float = 0.5
    benefit: float = 1.0
    per_spatial: float = 1.2
    per_psychological: float = 4.0
    attention: float = 0.003
    size_cost: float = 0.0
    norm_spread: float = 0.03
    meetings: float = 0.2
    community_pace: float = 0.06
    learning: float = 0.05
    frontier: float = 1.0
    research_frontier: float = 1.5
    research_quality: float = 0.9
    research_cost: float = 1.0
    rent: float = 1.5e-6
    rent_elasticity: float = 4.0
    exit: float = 0.15

    def __post_init__(self):
        for name in ("founders", "candidates"):
            if getattr(self, name) < 1:
                raise ParameterError(f"{name} = {getattr(self, name)}: choose one or more")
        for name in ("spinoffs", "meetings", "community_pace", "exit"):
            if not 0 <= getattr(self, name) <= 1:
                raise ParameterError(f"{name} = {getattr(self, name)}: choose a share between 0 and 1")
        rest = set(self.__dataclass_fields__) - {"founders", "candidates"}
        for name in sorted(rest):
            if not getattr(self, name) >= 0:
                raise ParameterError(f"{name} = {getattr(self, name)}: choose a number that is not negative")
