"""What public data could have shown: detectable effects, and the power of a planted size at public noise."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from digital_clusters.analysis.claims import load_claims
from digital_clusters.analysis.spec import Spec
from digital_clusters.analysis.study import Study
from digital_clusters.estimators.estimate import LEVEL, Coefficient
from digital_clusters.measures.panel import Panel

FOUR_IN_FIVE = 0.80
"""Power at which an effect counts as detectable."""

CRITICAL = float(stats.norm.ppf(1 - LEVEL / 2))
"""Of a two-sided test; with hundreds of clusters t and normal quantiles differ by less than one per cent."""

DETECTABLE = CRITICAL + float(stats.norm.ppf(FOUR_IN_FIVE))
"""Standard errors that an effect must have to be found in four of five samples (Bloom 1995)."""


@dataclass(frozen=True)
class Noise:
    """The standard error of a public number, in the unit of the size that is planted.

    Attributes
    ----------
    error : float
        NaN where the interval has no finite width.
    scale : float
        Units of the public number in one of the planted: one s.d. of the stand-in for one s.d. of what it
        stands in for; 1 where both have the same column.
    """

    error: float
    scale: float = 1.0

    @property
    def detectable(self) -> float:
        """Effect found in four of five samples at 5 %, in the unit of the planted size."""
        return DETECTABLE * self.error

    def power(self, size: float, sign: int) -> float:
        """Share of samples in which an effect of ``size`` has the claimed sign and differs from zero.

        NaN where the error or the size is not known.
        """
        return float(stats.norm.cdf(sign * size / self.error - CRITICAL))


def public_noise(found: Coefficient, scale: float = 1.0) -> Noise:
    """Noise of a public number, from the width of its 95 per cent interval."""
    width = (found.high - found.low) / (2 * CRITICAL)
    return Noise(width * scale if np.isfinite(width) else float("nan"), scale)


def unit_of_stand_in(study: Study) -> dict[str, dict[str, Any]]:
    """Claim → ``scale`` of :class:`Noise`, and ``words`` that say which column stands in for which.

    Only claims that public data touch are there. The s.d. is over all city-years in the years of the
    specification.
    """
    twin, public = study.panel("twin"), study.panel("public")
    found = {}
    for claim in load_claims(study.key).claims:
        if claim.public is None:
            continue
        here, there = study.specs[claim.spec], study.public[claim.public]
        scale, words = 1.0, []
        for ours, theirs in ((here.treatment, there.treatment), (here.moderator, there.moderator)):
            if ours and theirs and ours != theirs:
                scale *= _spread(public, there, theirs) / _spread(twin, here, ours)
                words.append(f"{theirs} for {ours}")
        found[claim.key] = {"scale": scale, "words": words}
    return found


def _spread(panel: Panel, spec: Spec, column: str) -> float:
    years = panel.frame["year"].between(spec.first_year, spec.last_year)
    return float(panel.frame.loc[years, column].astype(float).std(ddof=1))
