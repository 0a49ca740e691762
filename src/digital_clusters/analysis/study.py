"""A study as one record: its specifications, its panel, what is planted of it, and what is frozen of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from digital_clusters.analysis.adoption import Policy
from digital_clusters.analysis.claims import load_claims
from digital_clusters.analysis.data import multiverse_panels
from digital_clusters.analysis.spec import Spec
from digital_clusters.errors import ParameterError
from digital_clusters.measures.panel import Panel
from digital_clusters.sources.twin.country import TwinCountry, country_of
from digital_clusters.sources.twin.truth import project_truth

Sizes = Callable[[TwinCountry, np.ndarray], dict[str, float]]
"""From a synthetic country and the years of the study (a mask of its years) to claim → planted size."""

Planted = Callable[[Spec, pd.DataFrame], Mapping[str, float]]
"""From a specification and its sample of the twin to term → planted effect, where there is one."""


def nothing_planted(spec: Spec, sample: pd.DataFrame) -> Mapping[str, float]:
    """For a study of which the twin knows no true coefficient."""
    return {}


@dataclass(frozen=True, eq=False)
class Study:
    """One paper, as the rest of the project needs it; it is handed in and never looked up.

    Attributes
    ----------
    key : str
        Name of its folder, of its published numbers and of its frozen results.
    specs, public : mapping of str to Spec
        Every regression by name; and those that public data can serve, which are frozen.
    base : Spec
        What the others depart from: a change that a reader asks for concerns the fields they share with it.
    panel : callable
        Source (``twin``, ``public``, ``folder:PATH``) → panel, made once a process.
    sizes : callable, optional
        What is planted of each claim; ``None`` for a paper whose numbers are printed.
    planted : callable
        True value of each term of a specification in the twin, where there is one.
    policy : Policy, optional
        Whose adoption the claims on matched cities are about.
    indicators : tuple of str
        Columns whose coverage on public data is told.
    explored : callable
        From the study's panel to those of its multiverse, by the names that options give.
    records : mapping of str to callable
        File in ``data/results/`` → the function that gives ``estimates``, ``inputs``, ``notes`` and ``facts``
        of public data.
    """

    key: str
    specs: Mapping[str, Spec]
    public: Mapping[str, Spec]
    base: Spec
    panel: Callable[[str], Panel]
    sizes: Sizes | None = None
    planted: Planted = nothing_planted
    policy: Policy | None = None
    indicators: tuple[str, ...] = ()
    explored: Callable[[Panel], Mapping[str, Panel]] = multiverse_panels
    records: Mapping[str, Callable[["Study"], dict[str, Any]]] = field(default_factory=dict)

    def planted_sizes(self, seed: int | None = None) -> dict[str, float]:
        """Claim → planted size; NaN for a claim that has no size of its own in the twin.

        Parameters
        ----------
        seed : int, optional
            Of the twin; by default its own.

        Raises
        ------
        ParameterError
            If the paper prints its numbers, so that its claims have none planted.
        """
        if self.sizes is None:
            raise ParameterError(
                f"the study '{self.key}' has no claims with a planted size: its paper prints its "
                "coefficients, which the pages compare with the twin's true effects"
            )
        return sizes_of_claims(self.key, self.sizes, seed)


def sizes_of_claims(study: str, sizes: Sizes, seed: int | None = None) -> dict[str, float]:
    """Claim → planted size in the country of ``seed``, over the study's years, in the order of claims."""
    truth = project_truth()
    country = country_of(truth, truth.seed if seed is None else seed)
    claimed = load_claims(study)
    years = (truth.country.years >= claimed.first_year) & (truth.country.years <= claimed.last_year)
    found = sizes(country, years)
    return {claim.key: found[claim.key] for claim in claimed.claims}
