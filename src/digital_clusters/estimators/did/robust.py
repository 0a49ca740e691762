"""Mean effects of staggered adoption that stay right where effects differ over cohorts and time.

Seven answers to what a two-way regression does wrong, each the mean effect over treated units and periods;
the stacked one over the periods in which all cohorts are seen. They come from ``diff_diff``; one of them,
with an error of this package's choice.
"""

import warnings
from dataclasses import replace
from typing import Literal

import numpy as np

from digital_clusters.errors import DataError, check_option
from digital_clusters.estimators.did.adoption import AdoptionPanel, prepare_rows
from digital_clusters.estimators.did.callaway_santanna import COLUMNS, library_frame
from digital_clusters.estimators.did.staggered import group_time_effects, judge_treated
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.units import unit_of

RobustMethod = Literal[
    "sun_abraham",
    "callaway_santanna",
    "chaisemartin_dhaultfoeuille",
    "imputation",
    "two_stage",
    "extended_two_way",
    "stacked",
]
"""How untreated outcomes of treated units are filled in; see :func:`robust_did`."""

_CONTROLS: dict[str, Literal["never_treated", "not_yet_treated"]] = {
    "callaway_santanna": "never_treated",
    "chaisemartin_dhaultfoeuille": "not_yet_treated",
}

_NEED_NEVER = ("sun_abraham", "extended_two_way", "stacked")
"""Without units that never adopt the library leaves out treated periods or cohorts, and says so to nobody."""


def robust_did(y, *, entity, time, adoption, method: RobustMethod = "imputation") -> Estimate:
    """Mean effect over treated units and periods, without comparisons with units treated earlier.

    Parameters
    ----------
    y, entity, time : array_like, shape (n,)
    adoption : array_like, shape (n,)
        First treated period of the row's unit; NaN for never. Units treated from the first period on are left
        out: no period shows them untreated.
    method : str
        ``sun_abraham``: a regression with an indicator for each cohort and relative period, the period before
        adoption omitted, averaged by the cohorts' shares (Sun & Abraham 2021). ``callaway_santanna``: each
        cohort's change since the period before adoption less that of units that never adopt (Callaway &
        Sant'Anna 2021). ``chaisemartin_dhaultfoeuille``: the same less that of units not treated yet; where
        nobody leaves it is the estimator of de Chaisemartin & D'Haultfœuille (2024), horizon by horizon.
        ``imputation``: unit and period effects of untreated rows alone are carried over to treated ones; the
        error is conservative and leaves each unit out of the mean it is compared with (Borusyak, Jaravel &
        Spiess 2024, appendix A.9). ``two_stage``: the same estimate as a regression on what those effects
        leave, with the error of both stages (Gardner 2022). ``extended_two_way``: a regression with an
        indicator for each cohort and period from adoption on, averaged over treated rows (Wooldridge 2021);
        in a balanced panel the estimate of imputation. ``stacked``: each cohort beside the units that are not
        treated before its window ends, in one regression with the weights of Wing, Freedman & Hollingsworth
        (2024); the window goes from the period before adoption to the last relative period in which all
        cohorts are seen, and the effect is the mean over its treated periods.

    Returns
    -------
    Estimate
        Term ``att``, clustered by unit, normal intervals. Few treated units bring a warning, fewer than three
        no error.

    Raises
    ------
    DataError
        No unit can serve as control, or nobody is treated after the first period.
    ParameterError
        An unknown method.
    """
    check_option("method", method, RobustMethod)
    panel, _, _, _ = prepare_rows(y, entity, time, adoption, None, None, "drop")
    unit = float(unit_of(panel.y))
    if method in _CONTROLS:
        labels = {"entity": panel.entity, "time": panel.time, "adoption": panel.adoption[panel.entity]}
        found = group_time_effects(panel.y, **labels, control=_CONTROLS[method]).overall
        return replace(found, method=method)
    effect, error = _by_library(replace(panel, y=panel.y / unit), method)
    estimate = Estimate(
        ("att",),
        [effect],
        [[error**2]],
        n_observations=len(panel.y),
        n_clusters=len(panel.units),
        method=method,
        errors="clustered",
    )
    treated = int(np.isfinite(panel.adoption).sum())
    return judge_treated(estimate.in_units(unit), treated)


def _by_library(panel: AdoptionPanel, method: str) -> tuple[float, float]:
    from diff_diff import ImputationDiD, StackedDiD, SunAbraham, TwoStageDiD, WooldridgeDiD

    if method in _NEED_NEVER and not panel.never.any():
        raise DataError(f"no unit is never treated, {method} needs some: choose method='imputation'")
    model = {
        "sun_abraham": lambda: SunAbraham(),
        "imputation": lambda: ImputationDiD(leave_one_out=True),
        "two_stage": lambda: TwoStageDiD(),
        "extended_two_way": lambda: WooldridgeDiD(),
        "stacked": lambda: StackedDiD(kappa_pre=1, kappa_post=_seen_after(panel)),
    }[method]()
    # one of them has another word for a cohort
    columns = {**COLUMNS, "cohort": COLUMNS["first_treat"]}
    columns.pop("first_treat" if method == "extended_two_way" else "cohort")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = model.fit(library_frame(panel), **columns)
        except ValueError as error:
            raise DataError(f"the effect cannot be estimated by {method}: {error}") from error
    return float(found.overall_att), float(found.overall_se)


def _seen_after(panel: AdoptionPanel) -> int:
    """The last relative period in which every cohort is seen: ``stacked`` averages from 0 to it."""
    return int(panel.time.max() - np.nanmax(panel.adoption))
