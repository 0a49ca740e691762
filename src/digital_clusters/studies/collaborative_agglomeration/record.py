"""What public data say about co-agglomeration beyond single estimates: maps, tests, curves, designs.

Everything is plain (texts, numbers, lists of records), so that it can be frozen and read by everybody.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from digital_clusters.analysis.adoption import Designs, cohorts, estimates_of, every_design
from digital_clusters.analysis.data import load_city_panel, load_tables
from digital_clusters.analysis.fit import Fit, fit
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.readings import public_results
from digital_clusters.analysis.spatial.curves import effects_at, inner, quantile_effects, turning
from digital_clusters.analysis.spatial.model_tests import reduction_table
from digital_clusters.analysis.spatial.patterns import clusters, every_weights, moran_tables, weights_rows
from digital_clusters.analysis.spec import Spec
from digital_clusters.analysis.study import Study
from digital_clusters.estimators.panel.demeaning import demean_two_way
from digital_clusters.measures.indicators.misallocation import efficiency_loss
from digital_clusters.measures.panel import Panel
from digital_clusters.measures.recipes import ELASTICITY, factors
from digital_clusters.measures.space.moran import QUADRANTS
from digital_clusters.sources import SourceName
from digital_clusters.studies.collaborative_agglomeration.groups import differences, group_specs, with_thirds
from digital_clusters.studies.collaborative_agglomeration.joiners import row_of
from digital_clusters.studies.collaborative_agglomeration.multiverse.panels import SIDES
from digital_clusters.studies.collaborative_agglomeration.specs import COUNCIL, PUBLIC, STUDY, mapped


def everything(study: Study) -> dict[str, Any]:
    """Everything about public data that is frozen: the arguments of ``frozen.freeze``."""
    found = public_results(study)
    facts = {"record": public_record("public"), "loss": loss_record("public")}
    return found | {"facts": found["facts"] | facts}


def loss_record(source: SourceName) -> list[dict[str, Any]]:
    """``year``, ``loss`` and ``cities``: what unequal returns of factors cost the country."""
    return efficiency_loss(factors(load_tables(source)), ELASTICITY).to_dict("records")


def public_loss(data: str = "twin") -> list[dict[str, Any]]:
    """:func:`loss_record` of public data: made now if ``data`` is ``public``, else as frozen."""
    return loss_record("public") if data == "public" else load_frozen(STUDY).facts["loss"]


KEYS = ("city", "year")


MOMENTS = ("coagglomeration", "misallocation", "capital_misallocation", "labour_misallocation")
"""Columns whose moments are told."""


DRAWS = 999
"""Permutations of adoption and of whole maps."""


LOCAL_DRAWS = 9_999
"""Permutations behind each city's p value, whose smallest must survive the rule for many cities."""


GRID = 41
"""Values of the treatment at which a curve is drawn, with delta intervals."""


DRAWN = ["simulated_low", "simulated_high"]


VARIANTS = tuple(key for key, spec in PUBLIC.items() if spec.squared)
"""Specifications of a curve: every squared one."""


def public_record(data: str = "twin") -> Mapping[str, Any]:
    """The record of public data: made now if ``data`` is ``public``, else as frozen."""
    if data == "public":
        return make_record(load_city_panel("public"))
    return load_frozen(STUDY).facts["record"]


def make_record(panel: Panel) -> dict[str, Any]:
    """The record of a panel, by the specifications for public data.

    Returns
    -------
    dict
        ``patterns``, ``tests``, ``curve``, ``variants``, ``groups`` and ``adoption``.
    """
    spec = PUBLIC["public"]
    found = fit(spec, panel)
    return {
        "patterns": patterns(found),
        "tests": reduction_table(found).to_dict("records"),
        "curve": curve_record(found),
        "variants": {key: curve_variant(PUBLIC[key], panel) for key in VARIANTS},
        "groups": differences(group_specs(spec), with_thirds(panel)).to_dict("records"),
        "adoption": adoption_record(every_design(PUBLIC["public, accession"], panel, COUNCIL, draws=DRAWS)),
    }


def patterns(found: Fit) -> dict[str, Any]:
    """Size of the sample, weights, Moran's I by year, each city's mean index and local clusters."""
    spec, sample = found.spec, found.sample
    mean = sample.groupby("city")[spec.treatment].mean().round(2)
    tables = moran_tables(found, mapped(), permutations=DRAWS)
    shown = ["year", "moran", "expected", "null_low", "null_high", "p_permutation"]
    return {
        "n": len(sample),
        "cities": int(sample["city"].nunique()),
        "years": [int(sample["year"].min()), int(sample["year"].max())],
        "weights": weights_rows(every_weights(found)),
        "mean_index": {"city": mean.index.tolist(), "value": mean.tolist()},
        "moran": {name: table[shown].to_dict("records") for name, table in tables.items()},
        "clusters": {spec.outcome: cluster_record(found, spec.outcome)},
        "moments": moments(sample, MOMENTS),
        "trend": {column: trend_record(sample, column) for column in mapped()},
    }


def cluster_record(found: Fit, column: str) -> dict[str, Any]:
    """Cities' clusters, tested one by one, and how many are left with the false discovery rate bounded."""
    single, bounded = (
        clusters(found, column, permutations=LOCAL_DRAWS, multiple_testing=rule) for rule in ("none", "fdr")
    )
    return {
        "cities": single.table[["city", "cluster"]].to_dict("list"),
        "left": int(bounded.table["cluster"].isin(QUADRANTS).sum()),
        "level": single.level,
        "permutations": single.permutations,
    }


def moments(sample: pd.DataFrame, columns: Sequence[str]) -> list[dict]:
    """``column``, ``mean``, ``sd``, ``min``, ``max``, and ``within``: the share of the variance that city and
    year effects leave."""
    rows = []
    for column in columns:
        x = sample[column].to_numpy(float)
        left = demean_two_way(x[:, None], *(np.unique(sample[key], return_inverse=True)[1] for key in KEYS))
        row = {"column": column, "mean": x.mean(), "sd": x.std(ddof=1), "min": x.min(), "max": x.max()}
        rows.append(row | {"within": float(np.var(left) / np.var(x))})
    return rows


def trend_record(sample: pd.DataFrame, column: str) -> list[dict]:
    """``year``, ``mean``, ``low`` (10 %), ``median`` and ``high`` (90 %) over cities."""
    grouped = sample.groupby("year")[column]
    table = pd.DataFrame(
        {
            "mean": grouped.mean(),
            "low": grouped.quantile(0.1),
            "median": grouped.median(),
            "high": grouped.quantile(0.9),
        }
    )
    return table.reset_index().to_dict("records")


def curve_record(found: Fit) -> dict[str, Any]:
    """Effects at quantiles and over a grid, turning point with its set, and the joint test of a U shape."""
    low, high = inner(found)
    return {
        "quantiles": quantile_effects(found).to_dict("records"),
        "grid": effects_at(found, np.linspace(low, high, GRID), draws=2).drop(columns=DRAWN).to_dict("list"),
        "n": found.estimate.n_observations,
        "cities": len(found.weights.cities),
    } | turn_record(found)


def turn_record(found: Fit) -> dict[str, Any]:
    """Turning point at the moderator's mean with its set, and the joint test of a U shape."""
    point, test = turning(found)
    return {
        "turning_point": point.value,
        "set": str(point.fieller),
        "pieces": [list(piece) for piece in point.fieller.pieces if np.isfinite(piece).all()],
        "inside": test.inside,
        "u_p": test.overall_p,
        "slopes_t": list(test.t),
        "inner": list(inner(found)),
    }


def sides(found: Fit) -> dict[str, Any]:
    """Coefficients of square and Wy, and direct and indirect effects at the two :data:`SIDES`."""
    spec, estimate = found.spec, found.estimate
    effects = effects_at(found, np.quantile(found.values(spec.treatment), SIDES), draws=2)
    names = [f"{kind} {side}" for side in ("left", "right") for kind in ("direct", "indirect", "total")]
    columns = ["effect", "standard_error", "low", "high"]
    records = dict(zip(names, effects[columns].to_dict("records"), strict=True))
    return records | {
        "square": list(estimate[f"{spec.treatment}^2"]),
        "rho": list(estimate["rho"]) if "rho" in estimate.terms else None,
        "n": estimate.n_observations,
        "outcome": spec.outcome,
    }


def curve_variant(spec: Spec, panel: Panel) -> dict[str, Any]:
    """:func:`sides` and :func:`turn_record` of a specification, with ``product`` where there is a moderator.

    A specification without spatial terms has its own marginal effect as the direct one and no other.
    """
    model = {} if spec.method == "spatial_panel" else {"method": "spatial_panel", "spatial_model": "none"}
    found, alone = fit(spec, panel), fit(spec.change(**model), panel)
    record = sides(alone)
    if model:
        record = {key: value for key, value in record.items() if not key.startswith(("indirect", "total"))}
    record |= turn_record(alone) | {"first_year": spec.first_year, "last_year": spec.last_year}
    if found.product not in found.estimate.terms:
        return record
    return record | {"product": list(found.estimate[found.product])}


def adoption_record(designs: Designs) -> dict[str, Any]:
    """Cohorts, every estimate, paths, balance, decomposition and permutation tests as plain values."""
    kernel = designs.matched["kernel"]
    rows = [row_of(name, *found) for name, found in estimates_of(designs).items()]
    return {
        "cohorts": cohorts(designs.arrays).astype(object).where(lambda t: t.notna(), None).to_dict("records"),
        "always": kernel.n_always_treated,
        "controls_off_support": kernel.n_controls_off_support,
        "treated_off_support": kernel.n_treated_off_support,
        "estimates": rows,
        "balance": kernel.balance[["difference_before", "difference_after"]].reset_index().to_dict("records"),
        "event_study": designs.event_study.path.to_dict("records"),
        "group_time": designs.group_time.event_study.to_dict("records"),
        "bacon": designs.bacon.by_kind.reset_index().astype(object).to_dict("records"),
        "never_matched": float(designs.bacon_matched.by_kind.loc["never", "weight"]),
        "share_negative": designs.weights.share_negative,
        "share_negative_kept": designs.weights_kept.share_negative,
        "wald_p": designs.event_study.pretrend.p_value,
        "pretrend_p": designs.pretrend.p_value,
        "placebo_p": designs.placebo.p_value,
        "draws": len(designs.placebo.draws),
    }
