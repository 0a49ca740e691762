"""Accession to the delta council as a staggered treatment: the samples of matching and event studies."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from digital_clusters.estimators.psm_did import PsmDid, pre_period_means, psm_did
from digital_clusters.estimators.staggered import GroupTimeEffects, group_time_effects
from digital_clusters.measures.panel import Panel
from digital_clusters.studies.sample import select_sample
from digital_clusters.studies.spec import Spec

COVARIATES = ("income", "population", "uil", "finance", "coagglomeration")
"""What the propensity score is fitted on: means over the years before the first accession in the panel."""


@dataclass(frozen=True, eq=False)
class Accession:
    """Arrays of an adoption design.

    Attributes
    ----------
    outcome, entity, time : numpy.ndarray, shape (n,)
    adoption : numpy.ndarray, shape (n,)
        Year of accession of the row's city, NaN if it does not accede by the last year.
    before : pandas.DataFrame, index city
        :data:`COVARIATES` of the years before the first accession.
    """

    outcome: np.ndarray
    entity: np.ndarray
    time: np.ndarray
    adoption: np.ndarray
    before: pd.DataFrame

    @property
    def keys(self) -> dict[str, np.ndarray]:
        """What every estimator of adoption designs takes besides the outcome."""
        return {"entity": self.entity, "time": self.time, "adoption": self.adoption}


def accession(spec: Spec, panel: Panel) -> Accession:
    """Cities complete in the outcome, with adoption years and what they were before the first accession."""
    known = panel.require("city", "year", *COVARIATES, "delta_council_year")
    sample = select_sample(spec.change(method="spatial_panel"), panel)
    joined = sample["delta_council_year"].to_numpy(float)
    joined = np.where(joined <= spec.last_year, joined, np.nan)
    first = int(joined[joined > sample["year"].min()].min())
    early = known.loc[known["year"].between(spec.first_year, spec.last_year)]
    before = pre_period_means(
        early[list(COVARIATES)], entity=early["city"], time=early["year"], before=first, terms=COVARIATES
    ).dropna()
    kept = sample["city"].isin(before.index).to_numpy()
    return Accession(
        outcome=sample.loc[kept, spec.outcome].to_numpy(float),
        entity=sample.loc[kept, "city"].to_numpy(),
        time=sample.loc[kept, "year"].to_numpy(),
        adoption=joined[kept],
        before=before,
    )


def matched(spec: Spec, panel: Panel, **options) -> PsmDid:
    """Matched difference-in-differences; ``options`` are those of ``psm_did``."""
    arrays = accession(spec, panel)
    return psm_did(arrays.outcome, **arrays.keys, unit_covariates=arrays.before, **options)


def group_time(spec: Spec, panel: Panel, **options) -> GroupTimeEffects:
    """Group-time effects; ``options`` are those of ``group_time_effects``."""
    arrays = accession(spec, panel)
    return group_time_effects(arrays.outcome, **arrays.keys, **options)
