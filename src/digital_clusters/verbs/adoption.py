"""Staggered adoption on a panel by names of columns: matched DID, event study, group-time effects."""

from dataclasses import replace

import numpy as np

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.did import psm_did as matched
from digital_clusters.estimators.did import robust, spillovers, staggered
from digital_clusters.estimators.did.adoption import AlwaysTreated
from digital_clusters.estimators.did.psm_did import Method, PsmDid, pre_period_means
from digital_clusters.estimators.did.robust import RobustMethod
from digital_clusters.estimators.did.spillovers import Donut
from digital_clusters.estimators.did.staggered import (
    Adjustment,
    BasePeriod,
    ControlGroup,
    EventStudy,
    GroupTimeEffects,
    group_time_effects,
)
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.spatial.labelled_weights import aligned_weights
from digital_clusters.measures.panel import Panel
from digital_clusters.measures.space.weights import SpatialWeights
from digital_clusters.verbs.columns import Names, arrays, as_names, stamped


def psm_did(
    panel: Panel,
    outcome: str,
    *,
    adoption: str,
    covariates: Names,
    controls: Names = (),
    method: Method = "kernel",
    **options,
) -> PsmDid:
    """Match cities on what they were before the first adoption, then compare changes.

    Parameters
    ----------
    panel : Panel
    outcome : str
    adoption : str
        Column with the first treated year of the city; missing, or zero, for never.
    covariates : str or sequence of str
        What cities are matched on: means over the years before the first adoption in the panel.
    controls : str or sequence of str
        Of the regression on the matched sample.
    method : {'kernel', 'nearest', 'inverse_probability'}
    **options
        ``support``, ``matching``, ``leads``, ``lags``, ``denominator``, ``always_treated`` of
        :func:`digital_clusters.estimators.did.psm_did.psm_did`.

    Raises
    ------
    MissingTableError, DataError, ParameterError
        As :func:`digital_clusters.verbs.columns.arrays`; a column of zeros and ones in place of years; no one
        on the common support.

    Examples
    --------
    >>> import digital_clusters as dc
    >>> panel = dc.city_panel("twin").complete("growth_gap", "income", "population")
    >>> found = dc.psm_did(
    ...     panel, "growth_gap", adoption="delta_council_year", covariates=["income", "population"]
    ... )
    >>> found.did.terms, found.balance.index.tolist()
    (('did',), ['propensity score', 'income', 'population'])
    """
    given = arrays(panel, outcome, covariates=covariates, controls=controls)
    years = _adoption(panel, adoption)
    entering = years[years > given.time.min()]
    if not len(entering):
        raise DataError(
            f"column '{adoption}' has no year after {given.time.min()}: no city adopts in the panel"
        )
    before = pre_period_means(
        given.terms["covariates"], **given.keys, before=int(entering.min()), terms=as_names(covariates)
    )
    found = matched.psm_did(
        given.outcome,
        **given.keys,
        adoption=years,
        unit_covariates=before,
        method=method,
        covariates=given.terms["controls"],
        terms=as_names(controls),
        **options,
    )
    return replace(found, did=stamped(found.did, panel, outcome=outcome, adoption=adoption))


def event_study(
    panel: Panel,
    outcome: str,
    *,
    adoption: str,
    controls: Names = (),
    leads: int | None = None,
    lags: int | None = None,
    reference: int = -1,
    always_treated: AlwaysTreated = "drop",
) -> EventStudy:
    """Two-way fixed effects with one indicator for each year since adoption, and the pre-trend test.

    Parameters
    ----------
    panel, outcome, adoption, controls
        As in :func:`psm_did`.
    leads, lags : int, optional
        Years up to ``-leads``, and from ``lags`` on, share an indicator.
    reference : int
        Year since adoption that is omitted.
    always_treated : {'drop', 'keep'}
        Cities treated from the first year on.

    Raises
    ------
    MissingTableError, DataError, ParameterError
        As in :func:`psm_did`; the reference is not observed, or indicators are collinear.

    Examples
    --------
    >>> import digital_clusters as dc
    >>> panel = dc.city_panel("twin").complete("growth_gap")
    >>> found = dc.event_study(panel, "growth_gap", adoption="delta_council_year", leads=3, lags=3)
    >>> found.path["relative"].tolist()
    [-3, -2, -1, 0, 1, 2, 3]
    """
    given = arrays(panel, outcome, controls=controls)
    found = staggered.event_study(
        given.outcome,
        **given.keys,
        adoption=_adoption(panel, adoption),
        covariates=given.terms["controls"],
        terms=as_names(controls),
        leads=leads,
        lags=lags,
        reference=reference,
        always_treated=always_treated,
    )
    return replace(found, estimate=stamped(found.estimate, panel, outcome=outcome, adoption=adoption))


def group_time(
    panel: Panel,
    outcome: str,
    *,
    adoption: str,
    controls: Names = (),
    control: ControlGroup = "never_treated",
    base: BasePeriod = "varying",
    adjustment: Adjustment = "dr",
) -> GroupTimeEffects:
    """Effects of each cohort in each year without forbidden comparisons (Callaway & Sant'Anna 2021).

    Parameters
    ----------
    panel, outcome, adoption
        As in :func:`psm_did`.
    controls : str or sequence of str
        Parallel trends are assumed given their values in the base year.
    control : {'never_treated', 'not_yet_treated'}
    base : {'varying', 'universal'}
    adjustment : {'dr', 'ipw', 'reg'}

    Raises
    ------
    MissingTableError, DataError, ParameterError
        As in :func:`psm_did`; no city can serve as control.

    Examples
    --------
    >>> import digital_clusters as dc
    >>> panel = dc.city_panel("twin").complete("growth_gap")
    >>> found = dc.group_time(panel, "growth_gap", adoption="delta_council_year", base="universal")
    >>> found.overall.terms
    ('att',)
    """
    given = arrays(panel, outcome, controls=controls)
    found = group_time_effects(
        given.outcome,
        **given.keys,
        adoption=_adoption(panel, adoption),
        covariates=given.terms["controls"] if as_names(controls) else None,
        control=control,
        base=base,
        adjustment=adjustment,
    )
    return replace(found, overall=stamped(found.overall, panel, outcome=outcome, adoption=adoption))


def robust_did(panel: Panel, outcome: str, *, adoption: str, method: RobustMethod = "imputation") -> Estimate:
    """Mean effect of a staggered adoption by an estimator that stays right where effects differ.

    Parameters
    ----------
    panel, outcome, adoption
        As in :func:`psm_did`.
    method : str
        ``sun_abraham``, ``callaway_santanna``, ``chaisemartin_dhaultfoeuille``, ``imputation``,
        ``two_stage``, ``extended_two_way``, ``stacked``: see
        :func:`digital_clusters.estimators.did.robust.robust_did`.

    Raises
    ------
    MissingTableError, DataError, ParameterError
        As in :func:`psm_did`; no city can serve as control.

    Examples
    --------
    >>> import digital_clusters as dc
    >>> panel = dc.city_panel("twin").complete("misallocation")
    >>> found = dc.robust_did(panel, "misallocation", adoption="delta_council_year", method="imputation")
    >>> found.terms, found.term("att").value < 0
    (('att',), True)
    """
    given = arrays(panel, outcome)
    found = robust.robust_did(given.outcome, **given.keys, adoption=_adoption(panel, adoption), method=method)
    return stamped(found, panel, outcome=outcome, adoption=adoption)


def donut_did(
    panel: Panel,
    outcome: str,
    *,
    adoption: str,
    weights: SpatialWeights,
    method: RobustMethod = "imputation",
) -> Donut:
    """The effect without controls that have a neighbour that adopts, and the effect on those.

    Parameters
    ----------
    panel, outcome, adoption, method
        As in :func:`robust_did`.
    weights : SpatialWeights
        Of the panel's cities: neighbours are those with a weight.

    Raises
    ------
    MissingTableError, DataError, ParameterError
        As in :func:`robust_did`; every control has a neighbour that adopts.

    Examples
    --------
    >>> import digital_clusters as dc
    >>> panel = dc.city_panel("twin").complete("misallocation")
    >>> weights = dc.spatial_weights(panel, "nearest", neighbours=5)
    >>> found = dc.donut_did(panel, "misallocation", adoption="delta_council_year", weights=weights)
    >>> found.n_reached
    12
    """
    given = arrays(panel, outcome)
    found = spillovers.donut_did(
        given.outcome,
        **given.keys,
        adoption=_adoption(panel, adoption),
        links=aligned_weights(weights, np.unique(panel.frame["city"])),
        method=method,
    )
    return replace(found, effect=stamped(found.effect, panel, outcome=outcome, adoption=adoption))


def _adoption(panel: Panel, name: str) -> np.ndarray:
    """First treated year of each row's city, NaN for never, shape (n,)."""
    column = panel.require_numbers(name)[name]
    years = column.to_numpy(float)
    found = set(np.unique(years[np.isfinite(years)]).tolist())
    if found <= {0.0, 1.0}:
        raise ParameterError(
            f"adoption: column '{name}' of {panel.label} holds no years but {sorted(found)}. Name the column "
            "with the first treated year of each city, missing for cities that are never treated"
        )
    return np.where(years == 0, np.nan, years)
