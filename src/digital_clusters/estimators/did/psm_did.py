"""Difference-in-differences on a matched sample: propensity score, matching, weights, regression."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import pandas as pd

from digital_clusters.errors import DataError, ParameterError, check_option
from digital_clusters.estimators.did.adoption import AlwaysTreated, check_adoption
from digital_clusters.estimators.did.balance import Denominator, balance
from digital_clusters.estimators.did.matching import (
    Matching,
    inverse_probability,
    kernel_matching,
    nearest_neighbours,
)
from digital_clusters.estimators.did.propensity import (
    Propensity,
    SupportRule,
    common_support,
    propensity_score,
)
from digital_clusters.estimators.did.staggered import EventStudy, event_study, two_way_did
from digital_clusters.estimators.estimate import Estimate, ShowsEstimate
from digital_clusters.estimators.panel.arrays import label_codes

Method = Literal["nearest", "kernel", "inverse_probability"]

_MATCHERS = {
    "nearest": nearest_neighbours,
    "kernel": kernel_matching,
    "inverse_probability": inverse_probability,
}


@dataclass(frozen=True, eq=False, repr=False)
class PsmDid(ShowsEstimate):
    """A matched difference-in-differences with everything it rests on.

    Attributes
    ----------
    units : pandas.DataFrame, one row a unit that enters the propensity score
        Index unit; treated, adoption, score, logit, support, weight.
    propensity : Propensity
    matching : Matching
        Rows are those of ``units``.
    balance : pandas.DataFrame
        Of the propensity score and the covariates, before and after (:func:`~.balance.balance`).
    weights : numpy.ndarray, shape (n,)
        Weight of each row of the panel that came in; zero where it is not used.
    did : Estimate
        Weighted two-way fixed effects on the matched sample, term ``did``, clustered by unit.
    unmatched : Estimate
        The same regression on all units that enter the propensity score, without weights.
    event_study : EventStudy
        On the matched sample, with its joint pre-trend test.
    n_always_treated : int
        Units treated from the first period of the panel on.
    n_treated_off_support, n_controls_off_support : int
        Units outside the common support.
    n_unmatched : int
        Treated units on the support without a match.
    """

    units: pd.DataFrame
    propensity: Propensity
    matching: Matching
    balance: pd.DataFrame
    weights: np.ndarray
    did: Estimate
    unmatched: Estimate
    event_study: EventStudy
    n_always_treated: int
    n_treated_off_support: int
    n_controls_off_support: int
    n_unmatched: int

    shown = "did"

    def remarks(self) -> list[str]:
        """How many units are matched."""
        found = self.matching
        return [
            f"{found.n_matched} of {found.n_treated} treated units matched by {found.method}, with "
            f"{found.n_controls} controls; {self.n_always_treated} treated from the first period on"
        ]

    def warnings_of_tests(self) -> tuple[str, ...]:
        """Of the pre-trend test of the event study."""
        return self.event_study.warnings_of_tests()


def psm_did(
    y,
    *,
    entity,
    time,
    adoption,
    unit_covariates: pd.DataFrame,
    method: Method = "kernel",
    support: SupportRule = "min_max",
    matching: Mapping[str, Any] = MappingProxyType({}),
    covariates=None,
    terms: Sequence[str] = (),
    leads: int | None = 5,
    lags: int | None = None,
    denominator: Denominator = "pooled",
    always_treated: AlwaysTreated = "drop",
) -> PsmDid:
    """Match units on what they were before treatment, then compare changes.

    Units that ever adopt are matched with units that never do. The weights of the matching, one for each
    unit, weight all its rows in a regression on treatment, entity and time effects.

    Parameters
    ----------
    y, entity, time : array_like, shape (n,)
    adoption : array_like, shape (n,)
        First treated period of the row's unit; NaN for never.
    unit_covariates : pandas.DataFrame, index unit
        What the propensity score is fitted on, such as :func:`pre_period_means`; other units are ignored.
    method : {'kernel', 'nearest', 'inverse_probability'}
    support : {'min_max', 'none', 'trim'}
    matching : mapping
        Further options of the method: ``neighbours``, ``caliper``, ``replacement``, ``bandwidth``, …
    covariates, terms
        Controls of the regression, shape (n, k), and their names.
    leads, lags : int, optional
        Ends of the event study, beyond which periods share an indicator. With one indicator for every period
        few treated units stand behind the first ones.
    denominator : {'pooled', 'treated'}
        Of the standardised differences.
    always_treated : {'drop', 'keep'}
        Units treated from the first period on have no period before treatment: dropped by default.

    Raises
    ------
    DataError
        A unit has no covariates, groups are separated, or no one is left on the support or matched.
    ParameterError
        An unknown option, or one that the method does not have.
    """
    check_option("method", method, Method)
    check_option("always_treated", always_treated, AlwaysTreated)
    panel = check_adoption(y, entity=entity, time=time, adoption=adoption)
    kept = ~panel.always if always_treated == "drop" else np.ones(len(panel.units), bool)
    x = _of_units(unit_covariates, panel.units[kept])
    names = tuple(str(name) for name in unit_covariates.columns)
    propensity = propensity_score(~panel.never[kept], x, terms=names)
    on_support = common_support(propensity.score, propensity.treated, rule=support)
    matched = _match(method, propensity, on_support, matching)
    of_unit = np.zeros(len(panel.units))
    of_unit[kept] = matched.weights
    weights = of_unit[panel.entity]
    keys = {"entity": entity, "time": time, "adoption": adoption, "covariates": covariates, "terms": terms}
    units = pd.DataFrame(
        {
            "treated": propensity.treated,
            "adoption": panel.adoption[kept],
            "score": propensity.score,
            "logit": propensity.logit,
            "support": on_support,
            "weight": matched.weights,
        },
        index=pd.Index(panel.units[kept], name="unit"),
    )
    return PsmDid(
        units=units,
        propensity=propensity,
        matching=matched,
        balance=balance(
            np.column_stack([propensity.score, x]),
            propensity.treated,
            matched.weights,
            terms=("propensity score", *names),
            denominator=denominator,
        ),
        weights=weights,
        did=two_way_did(y, **keys, weights=weights),
        unmatched=two_way_did(y, **keys, weights=kept[panel.entity].astype(float)),
        event_study=event_study(y, **keys, weights=weights, leads=leads, lags=lags),
        n_always_treated=int(panel.always.sum()),
        n_treated_off_support=int((~on_support & propensity.treated).sum()),
        n_controls_off_support=int((~on_support & ~propensity.treated).sum()),
        n_unmatched=int((on_support & propensity.treated).sum()) - matched.n_matched,
    )


def pre_period_means(columns, *, entity, time, before: int, terms: Sequence[str]) -> pd.DataFrame:
    """Each unit's mean of each column over the periods before ``before``.

    Parameters
    ----------
    columns : array_like, shape (n, k)
    entity, time : array_like, shape (n,)
    before : int
        First period left out, such as the first adoption after the panel begins.
    terms : sequence of str, length k

    Returns
    -------
    pandas.DataFrame, index unit, columns ``terms``
        Missing values are left out of the mean.
    """
    label_codes("entity", entity)
    label_codes("time", time)
    early = np.asarray(time) < before
    if not early.any():
        raise ParameterError(f"no period lies before {before}")
    frame = pd.DataFrame(np.asarray(columns, float).reshape(len(early), -1), columns=list(terms))
    return frame[early].groupby(np.asarray(entity)[early]).mean().rename_axis("unit")


def _of_units(table: pd.DataFrame, units: np.ndarray) -> np.ndarray:
    if not table.index.is_unique:
        raise DataError("unit_covariates has more than one row for a unit")
    found = table.reindex(units).to_numpy(float)
    bad = ~np.isfinite(found).all(axis=1)
    if bad.any():
        some = ", ".join(str(unit) for unit in units[bad][:5])
        raise DataError(f"{int(bad.sum())} units have a missing covariate, such as {some}")
    return found


def _match(method: Method, propensity: Propensity, on_support, options: Mapping[str, Any]) -> Matching:
    try:
        return _MATCHERS[method](propensity.score, propensity.treated, eligible=on_support, **options)
    except TypeError as error:
        raise ParameterError(f"matching by '{method}': {error}") from error
