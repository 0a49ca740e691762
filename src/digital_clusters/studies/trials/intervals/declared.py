"""Every design, what is tried and what is excused, and the frozen table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.errors import DataError
from digital_clusters.studies.trials.intervals import adoption, panels, space
from digital_clusters.studies.trials.intervals.runner import SEED, TrialDesign, digest, run_designs

NAME = "intervals"
"""Of the frozen file."""

DESIGNS: tuple[TrialDesign, ...] = (*panels.DESIGNS, *adoption.DESIGNS, *space.DESIGNS)

WORKERS = 2

LIVE_DESIGNS = (
    "four restrictions, 30 clusters",
    "10 periods",
    "weak instrument",
    "clear curve",
    "groups with errors unlike",
)
"""Of the part that a page draws again: a few seconds for a hundred data sets."""


_NO_INTERVAL = "gives no interval and no test"
_ON_THE_TWIN = "tried on the twin, on the page on inference"
_ELSEWHERE = "the intervals of spatial_effects, which are tried, at other values"

EXCUSED: Mapping[str, str] = {
    "assumptions.omitted.bias_bound": _NO_INTERVAL,
    "assumptions.omitted.omitted_variable": _ON_THE_TWIN,
    "assumptions.omitted.robustness_value": _NO_INTERVAL,
    "assumptions.omitted.robustness_value_test": _NO_INTERVAL,
    "assumptions.plausible.plausible_exogeneity": "bounds around an interval that is tried",
    "assumptions.shift_share.shift_share_errors": _ON_THE_TWIN,
    "curves.bins.binned_interaction": _ON_THE_TWIN,
    "curves.within_product.within_product": _ON_THE_TWIN,
    "did.balance.balance": _NO_INTERVAL,
    "did.abadie_imbens.matched_difference": "its tests draw the spread of its estimates",
    "did.decomposition.goodman_bacon": _NO_INTERVAL,
    "did.decomposition.two_way_weights": _NO_INTERVAL,
    "did.matching.att": "no page shows the difference of matched means",
    "did.matching.inverse_probability": "no page weights by inverse probability",
    "did.propensity.common_support": _NO_INTERVAL,
    "did.propensity.propensity_score": _NO_INTERVAL,
    "did.honest.relative_magnitudes": _ON_THE_TWIN,
    "did.psm_did.pre_period_means": _NO_INTERVAL,
    "did.robust.robust_did": _ON_THE_TWIN,
    "did.spillovers.donut_did": _ON_THE_TWIN,
    "double_ml.sensitivity.sensitivity": "bounds of a bias, around an interval that is tried",
    "many_specs.two_way.entity_products": _NO_INTERVAL,
    "many_specs.two_way.many_influences": _NO_INTERVAL,
    "many_specs.two_way.many_slopes": "equal to two_way_fixed_effects, which is tried, as its tests compare",
    "panel.binary_mediation.binary_mediation": "its tests plant an effect and find it",
    "panel.leads_and_lags.lead_lag_columns": _NO_INTERVAL,
    "panel.fixed_effects.weighted_two_way": "behind the regressions of adoption, which are tried",
    "panel.poisson.poisson_fixed_effects": _ON_THE_TWIN,
    "panel.random_effects.random_effects": "one side of Hausman's test, which is tried",
    "resampling.monte_carlo.bias_and_coverage": "counts coverage itself",
    "spatial.effects.marginal_effects": _ELSEWHERE,
    "spatial.residual_moran.residual_moran": "its tests draw its moments",
    "spatial.log_determinant.log_determinant": _NO_INTERVAL,
    "spatial.which_weights.which_weights": _ON_THE_TWIN,
    "wald.quadratic_test": "what wald_test, which is tried, is made of",
}
"""Public functions of the estimators that no design names, and why; helpers are left out."""


@dataclass(frozen=True)
class FrozenTrial:
    """The frozen table.

    Attributes
    ----------
    table : pandas.DataFrame
        As :func:`~digital_clusters.studies.trials.intervals.runner.run_designs` gives it.
    digest : str
        Of the designs that were declared when it was made.
    commit, date : str
    """

    table: pd.DataFrame
    digest: str
    commit: str
    date: str


def intervals_results() -> dict[str, Any]:
    """The arguments of ``frozen.freeze``: the whole trial, which takes minutes."""
    table = run_designs(DESIGNS, n_jobs=WORKERS)
    return {
        "estimates": {},
        "inputs": {"declared designs": digest(DESIGNS)},
        "facts": {"seed": SEED, "rows": table.astype(object).where(table.notna(), None).to_dict("records")},
    }


def frozen_trial() -> FrozenTrial:
    """The table in ``data/results``."""
    found = load_frozen(NAME)
    table = pd.DataFrame(found.facts["rows"])
    return FrozenTrial(table, found.inputs["declared designs"], found.commit, found.date)


DESIGNS_IN_WORDS = {"paths dealt anew": "paths of other cities, drawn at random"}
"""Design → what a reader calls it, where that is not its name, which fixes what is drawn."""


def described(table: pd.DataFrame) -> pd.DataFrame:
    """The table with what is declared of each row: drawn, shown, instead.

    Raises
    ------
    DataError
        A row that no design declares: the table is of another version.
    """
    known = {(d.name, c.name): (d.drawn, c.shown, c.instead) for d in DESIGNS for c in d.checks}
    keys = list(zip(table["design"], table["check"], strict=True))
    unknown = [key for key in keys if key not in known]
    if unknown:
        raise DataError(
            f"{len(unknown)} rows are of no declared design, such as {' / '.join(unknown[0])}: "
            f"make the table again with `digital-clusters freeze {NAME}`"
        )
    columns = ["drawn", "shown", "instead"]
    return table.join(pd.DataFrame([known[key] for key in keys], columns=columns, index=table.index))


def live_part(*, draws: int) -> pd.DataFrame:
    """The quickest designs, drawn again: the first ``draws`` data sets of each."""
    return run_designs([design for design in DESIGNS if design.name in LIVE_DESIGNS], draws=draws)
