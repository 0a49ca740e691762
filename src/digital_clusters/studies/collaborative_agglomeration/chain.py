"""The chain of the abstract: integration speeds diffusion, and what diffuses strengthens the correction."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from digital_clusters.estimators.estimate import Coefficient, Estimate
from digital_clusters.sources.twin.truth import project_truth

DIFFUSES, STRENGTHENS = "neighbours_lead:delta_member", "coagglomeration:internet"
"""Terms of the two links: in the regression of internet use, and in that of misallocation."""


@dataclass(frozen=True)
class Chain:
    """Two links and their product.

    Attributes
    ----------
    diffusion, correction : Coefficient
        What membership adds to the share of the neighbours' lead that a city makes up in a year, and what one
        more internet user per 10 residents does to the effect of co-agglomeration.
    """

    diffusion: Coefficient
    correction: Coefficient

    @property
    def value(self) -> float:
        """Change of the effect by membership for each user per 10 residents that neighbours are ahead."""
        return self.diffusion.value * self.correction.value

    @property
    def error(self) -> float:
        """By the delta method, the two regressions taken as independent (Sobel 1982)."""
        a, b = self.diffusion, self.correction
        return float(np.hypot(a.value * b.error, b.value * a.error))

    @property
    def p_value(self) -> float:
        """Of the joint test that both links are there: the larger of the two p values."""
        links = [
            2 * stats.norm.sf(abs(link.value) / link.error) for link in (self.diffusion, self.correction)
        ]
        return float(max(links))


def chain(diffusion: Estimate, correction: Estimate) -> Chain:
    """The chain of two estimates, of the specifications for diffusion and for the curve.

    Raises
    ------
    ParameterError
        If one of them lacks its term.
    """
    return Chain(diffusion.term(DIFFUSES), correction.term(STRENGTHENS))


def planted_chain() -> tuple[float, float, float]:
    """Both links and their product as they are planted in the twin."""
    truth = project_truth()
    links = truth.internet.diffusion, -truth.misallocation.digital
    return (*links, links[0] * links[1])
