"""No result depends on units of measurement, on the order of rows or columns, or on how things are called.

A table holds every public function of the estimators with what it returns and the units of each number. Each
is run on columns in other units, on shuffled rows, swapped columns and other labels, and must say the same. A
public function that is neither in the table nor in the list of those that do not estimate fails the test.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple, get_args

import numpy as np
import pandas as pd
import pytest

from digital_clusters import estimators
from digital_clusters.estimators.assumptions.omitted import omitted_variable
from digital_clusters.estimators.assumptions.plausible import plausible_exogeneity
from digital_clusters.estimators.assumptions.shift_share import shift_share_errors
from digital_clusters.estimators.curves.bins import binned_interaction
from digital_clusters.estimators.curves.moderation import effects_over_moderator
from digital_clusters.estimators.curves.moving import curve_at, turning_point_path, turning_point_shift
from digital_clusters.estimators.curves.ratios import coefficient_ratio, ratio_set
from digital_clusters.estimators.curves.turning_points import turning_point, u_test
from digital_clusters.estimators.curves.within_product import within_product
from digital_clusters.estimators.did.abadie_imbens import matched_difference
from digital_clusters.estimators.did.balance import balance
from digital_clusters.estimators.did.decomposition import goodman_bacon, two_way_weights
from digital_clusters.estimators.did.honest import relative_magnitudes
from digital_clusters.estimators.did.matching import (
    att,
    inverse_probability,
    kernel_matching,
    nearest_neighbours,
)
from digital_clusters.estimators.did.placebo import placebo_adoption, placebo_pretrend
from digital_clusters.estimators.did.propensity import common_support, propensity_score
from digital_clusters.estimators.did.psm_did import pre_period_means, psm_did
from digital_clusters.estimators.did.robust import RobustMethod, robust_did
from digital_clusters.estimators.did.spillovers import donut_did
from digital_clusters.estimators.did.staggered import (
    event_study,
    group_time_effects,
    two_way_did,
)
from digital_clusters.estimators.double_ml.partially_linear import (
    estimate_partialled_out,
    partial_out,
    partially_linear,
)
from digital_clusters.estimators.double_ml.sensitivity import sensitivity
from digital_clusters.estimators.many_specs.two_way import (
    all_choices,
    entity_products,
    many_influences,
    many_slopes,
)
from digital_clusters.estimators.options import Effects, ErrorRule, FixedEffects, Learner
from digital_clusters.estimators.panel.anderson_rubin import invert_anderson_rubin
from digital_clusters.estimators.panel.binary_mediation import binary_mediation
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects, weighted_two_way
from digital_clusters.estimators.panel.instrumental import instrumental_variables
from digital_clusters.estimators.panel.leads_and_lags import lead_lag_columns, lead_lag_effects
from digital_clusters.estimators.panel.least_squares import within_panel
from digital_clusters.estimators.panel.mediation import mediation
from digital_clusters.estimators.panel.poisson import poisson_fixed_effects
from digital_clusters.estimators.panel.random_effects import random_effects
from digital_clusters.estimators.resampling.monte_carlo import bias_and_coverage
from digital_clusters.estimators.resampling.multiple_testing import FamilyMember, adjust, family_tests
from digital_clusters.estimators.resampling.permutation import difference, permute_slopes
from digital_clusters.estimators.resampling.placebo import permute_paths
from digital_clusters.estimators.resampling.simulated_panels import PanelDraw
from digital_clusters.estimators.spatial import effects as effects_in_space
from digital_clusters.estimators.spatial.durbin import spatial_panel
from digital_clusters.estimators.spatial.log_determinant import log_determinant
from digital_clusters.estimators.spatial.model_tests import (
    hausman,
    likelihood_ratio,
    lm_tests,
    reduction_tests,
    wald_tests,
)
from digital_clusters.estimators.spatial.residual_moran import residual_moran
from digital_clusters.estimators.spatial.which_weights import which_weights
from digital_clusters.estimators.wald import quadratic_test, wald_test

pytestmark = pytest.mark.slow  # the file takes more than ten seconds

ROUNDING = 1e-7
"""Relative: sums in another order and columns divided by another number, through at most one inverse."""

ITERATED = 1e-4
"""Relative, for what iterates until a tolerance: coordinate descent, a library's search."""

TIES = 0.2
"""Standard errors by which near ties between splits, broken by the last digit, may move a coefficient: less
than another seed of the folds does."""

UNITS, PERIODS = 36, 8
FIRST_YEAR = 2001


class Units(NamedTuple):
    """Powers of the units of outcome, treatment and covariates that a number is in."""

    y: int = 0
    d: int = 0
    x: int = 0


PLAIN, Y, PER_D, PER_X = Units(), Units(y=1), Units(y=1, d=-1), Units(y=1, x=-1)

FACTORS = {
    f"{name} x {factor:g}": tuple(factor if i == k else 1.0 for i in range(3))
    for k, name in enumerate(("outcome", "treatment", "covariates"))
    for factor in (1e10, 1e-10)
} | {"large, small, large": (1e10, 1e-10, 1e10), "small, large, small": (1e-10, 1e10, 1e-10)}
"""Other units of outcome, treatment and covariates."""


@dataclass(frozen=True)
class Data:
    """A panel: columns by row, names of the covariates, and weights of units by label."""

    y: np.ndarray
    d: np.ndarray
    m: np.ndarray
    z: np.ndarray
    x: np.ndarray
    entity: np.ndarray
    time: np.ndarray
    adoption: np.ndarray
    points: np.ndarray
    weights: np.ndarray
    folds: np.ndarray
    folds_of_units: np.ndarray
    names: tuple[str, ...]
    w: pd.DataFrame
    first: int = FIRST_YEAR

    @property
    def keys(self):
        return {"entity": self.entity, "time": self.time}

    @property
    def terms(self):
        return ("d", *self.names)

    @property
    def columns(self):
        return np.column_stack([self.d, self.x])

    @property
    def adopted(self):
        return self.keys | {"adoption": self.adoption}

    def covariate(self, name: str) -> np.ndarray:
        return self.x[:, self.names.index(name)]

    def of_units(self) -> pd.DataFrame:
        return pre_period_means(self.x, **self.keys, before=self.first + 3, terms=self.names)

    def treated_units(self) -> np.ndarray:
        first = pd.Series(self.adoption).groupby(self.entity).first()
        return first.loc[self.of_units().index].notna().to_numpy(float)

    def outcome_of_units(self) -> np.ndarray:
        return pd.Series(self.y).groupby(self.entity).mean().loc[self.of_units().index].to_numpy()


def _made() -> Data:
    rng = np.random.default_rng(20)
    entity, time = np.divmod(np.arange(UNITS * PERIODS), PERIODS)
    n = len(entity)
    unit = rng.normal(size=UNITS)[entity]
    x = rng.normal(size=(n, 2)) + 0.3 * unit[:, None]
    z = rng.normal(size=(n, 2))
    d = 0.8 * z[:, 0] + 0.2 * z[:, 1] + 0.5 * x[:, 0] + unit + rng.normal(size=n)
    m = 0.7 * d + rng.normal(size=n)
    since = rng.choice([np.nan, np.nan, 4.0, 6.0], size=UNITS)[entity]
    effect = np.where(time >= since, 1.0, 0.0)
    y = d - 0.2 * d**2 + 0.5 * m + x @ [0.5, -0.3] + effect + unit + 0.1 * time + rng.normal(size=n)
    w = (rng.uniform(size=(UNITS, UNITS)) < 0.15).astype(float)
    points = np.column_stack([100.0 + entity % 6 * 2, 25.0 + entity // 6 * 1.5])
    w = np.maximum(w, np.roll(np.eye(UNITS), 1, axis=1))
    np.fill_diagonal(w, 0.0)
    return Data(
        y, d, m, z, x, entity, time + FIRST_YEAR, since + FIRST_YEAR, points,
        rng.uniform(0.5, 2, UNITS)[entity], rng.permutation(n) % 3,
        (rng.permutation(UNITS) % 3)[entity], ("a", "b"),
        pd.DataFrame(w / w.sum(axis=1, keepdims=True)),
    )  # fmt: skip


DATA = _made()


def of(estimate, *units: Units, name: str = "") -> dict:
    """Coefficients, errors and t by term, with their units."""
    out = {}
    for term, unit, b, error in zip(
        estimate.terms, units, estimate.coefficients, estimate.standard_errors, strict=True
    ):
        out |= {f"{name}{term}": (b, unit), f"{name}{term} error": (error, unit)}
        out[f"{name}{term} t"] = (b / error, PLAIN)
    return out


def slopes(estimate, data: Data, name: str = "") -> dict:
    """Terms d, a, b in a regression of y."""
    return of(estimate, PER_D, *[PER_X] * len(data.names), name=name)


def of_test(test, name: str = "") -> dict:
    return {f"{name} statistic": (test.statistic, PLAIN), f"{name} p": (test.p_value, PLAIN)}


def table(frame: pd.DataFrame, units: dict[str, Units], keys: list[str]) -> dict:
    """Columns of a frame by what its rows are of."""
    ordered = frame.sort_values(keys)
    return {name: (ordered[name].to_numpy(float), unit) for name, unit in units.items()}


INTERVALS = {"effect": Y, "se": Y, "low": Y, "high": Y}


def _plain_fit(data: Data):
    return two_way_fixed_effects(data.y, data.columns, **data.keys, terms=data.terms)


def _curve(data: Data):
    """y on c, c², m, c m and c² m, with c = d and m a moderator in the unit of the covariates."""
    c, m = data.d, data.m
    columns = np.column_stack([c, c**2, m, c * m, c**2 * m])
    return two_way_fixed_effects(data.y, columns, **data.keys, terms=["c", "cc", "m", "cm", "ccm"])


NAMES = {"linear": "c", "square": "cc", "interaction": "cm", "square_interaction": "ccm"}


def fixed_effects(data):
    out = {}
    for errors in get_args(ErrorRule):
        where = {"points": data.points, "cutoff": 800.0} if errors == "conley" else {}
        fit = two_way_fixed_effects(
            data.y, data.columns, **data.keys, terms=data.terms, errors=errors, **where
        )
        out |= slopes(fit, data, f"{errors} ")
    for effects in get_args(Effects):
        fit = two_way_fixed_effects(data.y, data.columns, **data.keys, terms=data.terms, effects=effects)
        out |= slopes(fit, data, f"{effects} ")
    return out


def within(data):
    out = {}
    for errors in ("homoskedastic", "robust", "clustered"):
        panel = within_panel(data.y, data.columns, **data.keys, terms=data.terms, errors=errors)
        out |= slopes(panel.estimate(panel.fit(panel.y, panel.d, panel.raw.terms), "within"), data, errors)
    return out


def instrumented(data):
    out = {}
    for count in (1, 2):
        fit = instrumental_variables(data.y, data.d, data.z[:, :count], data.x, **data.keys, terms=data.terms)
        name = f"{count} instruments "
        out |= slopes(fit.estimate, data, name) | slopes(fit.least_squares, data, name + "plain ")
        out |= of_test(fit.first_stage_test, name) | of_test(fit.anderson_rubin.zero, name + "zero")
        out[name + "F"] = (fit.first_stage_f, PLAIN)
        out[name + "critical F"] = (fit.critical_f, PLAIN)
        out[name + "pieces"] = (float(len(fit.anderson_rubin.intervals)), PLAIN)
        out[name + "set"] = (np.ravel(fit.anderson_rubin.intervals), PER_D)
        out |= of(fit.endogeneity, PER_D, name=name)
    return out


def not_quite_exogenous(data):
    fit = instrumental_variables(data.y, data.d, data.z[:, :1], data.x, **data.keys, terms=data.terms)
    found = plausible_exogeneity(fit)
    bounds = table(found.table, {"low": PER_D, "high": PER_D}, ["share"])
    return bounds | {"breakdown": (found.breakdown, PLAIN)}


def by_shocks(data):
    """One series of shocks; the exposures, and a control beside those in their unit, have units too."""
    exposure = pd.Series(data.covariate("a")).groupby(data.entity).transform("mean").to_numpy()
    period = data.time - data.first
    shares = exposure[:, None] * (period[:, None] == np.arange(PERIODS))
    z = exposure * np.sin(3.0 * period)
    moved = [column + 3 * column.std() / z.std() * z for column in (data.d, data.m)]
    out = {}
    for name, treatment, controls, unit in (
        ("instrumented", moved[0], data.x, PER_D),
        ("controls in two units", moved[1], np.column_stack([data.d, data.x]), PER_X),
        ("reduced form", z, data.x, PER_X),
    ):
        found = shift_share_errors(data.y, treatment, z, shares, controls, **data.keys)
        numbers = [found.effect, found.clustered, found.akm, *found.akm_interval]
        out |= {
            name: (numbers, unit),
            f"{name} null": (np.ravel(found.null_interval), unit),
            f"{name} pieces": (float(len(found.null_interval)), PLAIN),
            f"{name} shocks": ([found.shocks, found.effective], PLAIN),
        }
    return out


def left_out(data):
    found = omitted_variable(data.y, data.d, data.x, **data.keys, terms=data.terms)
    beside = omitted_variable(
        data.y, data.m, data.columns, **data.keys, terms=["m", *data.terms]
    )  # controls in two units
    out = slopes(found.estimate, data)
    for name, one, unit in (("", found, PER_D), ("beside ", beside, PER_X)):
        out |= {
            f"{name}values": (
                [one.partial_r2, one.robustness_value, one.robustness_value_interval, one.delta], PLAIN
            ),
            f"{name}strongest": ([one.strongest == term for term in ("d", "a", "b")], PLAIN),
        }  # fmt: skip
        kinds = {"with_treatment": PLAIN, "with_outcome": PLAIN, "adjusted": unit}
        made = table(one.benchmarks.reset_index(), kinds, ["control"])
        out |= {f"{name}{part}": value for part, value in made.items()}
    return out


def many_at_once(data):
    """Every choice by the names of its columns, entities in the order of their values."""
    design = entity_products(data.y, data.columns, **data.keys, terms=data.terms)
    lengths = dict(zip(("y", *data.terms), design.lengths, strict=True))
    out = {f"{term} length": (lengths[term], Units(x=1)) for term in data.names}
    out |= {"y length": (lengths["y"], Y), "d length": (lengths["d"], Units(d=1))}
    out["products"] = (np.sort(design.products, axis=None), PLAIN)
    for term, unit in (("d", PER_D), ("a", PER_X)):
        choices = all_choices([name == term for name in data.terms])
        found, moved = many_slopes(design, choices, term), many_influences(design, choices, term)
        for j, choice in enumerate(choices):
            name = f"{term} in {' '.join(sorted(np.array(data.terms)[choice]))}"
            out |= {
                name: ([found.values[j], found.errors[j]], unit),
                f"{name} p": ([found.p_values[j], found.solved[j], found.degrees], PLAIN),
                f"{name} influences": (np.sort(moved[:, j]), unit),
            }
    return out


def cut_in_two(data):
    """The moderator's upper half as a mediator that is there or not."""
    upper = (data.m > np.median(data.m)).astype(float)
    found = binary_mediation(data.y, data.d, upper, data.x, **data.keys, terms=data.terms, draws=100)
    return {
        "indirect": (found.indirect, PER_D),
        "direct": (found.direct, PER_D),
        "mediator": (found.outcome_coefficient, Y),
        "marginal": (found.marginal_effect, Units(d=-1)),
        "step": (found.coefficient, Units(d=-1)),
        "interval": (np.array(found.interval), PER_D),
    }


def robust_set(data):
    """The set from slopes whose instruments are in different units."""
    panel = within_panel(
        data.y,
        np.column_stack([data.z[:, 0], data.covariate("a"), data.d]),
        **data.keys,
        terms=["z", "x", "d"],
    )
    reduced = panel.fit(panel.y, panel.d[:, :2], ("z", "x"))
    first = panel.fit(panel.d[:, 2], panel.d[:, :2], ("z", "x"))
    found = invert_anderson_rubin(
        reduced.coefficients, first.coefficients, panel.covariance([reduced, first]), degrees_of_freedom=30.0
    )
    return of_test(found.zero) | {"set": (np.ravel(found.intervals), PER_D)}


def mediated(data):
    fit = mediation(
        data.y, data.d, np.column_stack([data.m, data.covariate("b")]), data.covariate("a"), **data.keys,
        terms=["d", "a"], mediators=["m", "b"], draws=200,
    )  # fmt: skip
    return (
        of(fit.indirect, PER_D, PER_D, PER_D)
        | {"share": (fit.share, PLAIN), "sobel": (fit.sobel_errors, PER_D)}
        | {"percentile": (fit.percentile, PER_D), "corrected": (fit.bias_corrected, PER_D)}
    )


def partialled(learner, fixed_effects="within"):
    def run(data):
        panel = fixed_effects in ("first_differences", "within_approximate", "correlated_random_effects")
        whole = {"fold_unit": "clusters", "errors": "clustered"} if panel else {}
        fit = partially_linear(
            data.y, data.d, data.x, **data.keys, terms=["d"], seed=1, learner=learner,
            fixed_effects=fixed_effects, fold_numbers=data.folds_of_units if panel else data.folds, **whole,
        )  # fmt: skip
        fits = {name: (value, PLAIN) for name, value in fit.nuisance.items()}
        return of(fit, PER_D) | fits

    return run


def several_treatments(data):
    residuals = partial_out(
        data.y, data.columns, data.z, **data.keys, terms=data.terms, learner="linear", seed=1,
        fixed_effects="within", repeats=2,
    )  # fmt: skip
    return slopes(estimate_partialled_out(residuals, errors="clustered"), data)


def confounded(data):
    given = {"terms": ["d"], "learner": "linear", "seed": 1, "fixed_effects": "within"}
    given |= data.keys | {"fold_numbers": data.folds}
    full = partial_out(data.y, data.d, data.x, **given)
    found = sensitivity(full, cf_y=0.1, cf_d=0.1)
    return {
        "bounds": (found.bounds, PER_D),
        "interval": (found.interval, PER_D),
        "scales": (found.scales, PER_D),
        "robustness": (found.robustness_value, PLAIN),
        "robustness of the interval": (found.robustness_value_interval, PLAIN),
    }


def in_space(model, **options):
    def run(data):
        keys = data.keys | {"terms": data.terms} | options
        fit = spatial_panel(data.y, data.columns, data.w, model=model, **keys)
        units = {"d": PER_D, "W·d": PER_D, "sigma2": Units(y=2)}
        units |= dict.fromkeys(["a", "b", "W·a", "W·b"], PER_X)
        out = of(fit.estimate, *[units.get(term, PLAIN) for term in fit.estimate.terms])
        for intervals in get_args(effects_in_space.Intervals):
            found = effects_in_space.spatial_effects(fit, draws=100, intervals=intervals).frame()
            for unit, part in ((PER_D, found["label"] == "d"), (PER_X, found["label"] != "d")):
                kinds = dict.fromkeys(("effect", "standard_error", "lower", "upper"), unit)
                made = table(found[part], kinds, ["label", "kind"])
                out |= {f"{intervals} {unit} {name}": value for name, value in made.items()}
        return out

    return run


def bent_in_space(data):
    c, z = data.d, data.m
    columns, terms = np.column_stack([c, c**2, c * z, z]), ["c", "cc", "cz", "z"]
    fit = spatial_panel(data.y, columns, data.w, **data.keys, terms=terms)
    curve = effects_in_space.Polynomial("c", "cc", "cz")
    found = effects_in_space.marginal_effects(
        fit, curve, c=[c.min(), c.max()], z=[z.min(), z.max()], draws=100
    )
    return {part: (getattr(found, part), PER_D) for part in ("effects", "standard_errors", "lower", "upper")}


def checked_in_space(data):
    given = (data.y, data.columns, data.w)
    keys = data.keys | {"terms": data.terms}
    durbin, lag = (spatial_panel(*given, **keys, model=model) for model in ("durbin", "lag"))
    found = {f"lm {k}": v for k, v in lm_tests(*given, **keys).items()}
    found |= {f"reduction {k}": v for k, v in reduction_tests(*given, **keys).items()}
    found |= {f"wald {k}": v for k, v in wald_tests(durbin).items()}
    found |= {"lr": likelihood_ratio(durbin, lag), "hausman": hausman(*given, **keys, model="slx")}
    out = {}
    for name, test in found.items():
        out |= of_test(test, name)
    moran = residual_moran(*given, **keys)
    out |= {"moran": (moran.moran, PLAIN), "moran z": (moran.z_score, PLAIN)}
    return out | {"log determinant": (float(log_determinant(data.w)(0.4)), PLAIN)}


def did(data):
    covariates = {"covariates": data.x, "terms": data.names}
    bare, weighted = (
        two_way_did(data.y, **data.adopted, **covariates, weights=weights) for weights in (None, data.weights)
    )
    per_x = [PER_X] * 2
    return of(bare, Y, *per_x) | of(weighted, Y, *per_x, name="weighted ")


def events(data):
    study = event_study(data.y, **data.adopted, covariates=data.x, terms=data.names, leads=3)
    return table(study.path, INTERVALS, ["relative"]) | of_test(study.pretrend)


def group_time(data):
    out = {}
    for adjustment in ("dr", "ipw", "reg"):
        found = group_time_effects(data.y, **data.adopted, covariates=data.x, adjustment=adjustment)
        parts = of(found.overall, Y, name="overall ") | of(found.dynamic, Y, name="dynamic ")
        parts |= {f"cell {k}": v for k, v in table(
            found.cells, {"effect": Y, "se": Y, "p_value": PLAIN}, ["group", "time"]).items()}  # fmt: skip
        parts |= {f"event {k}": v for k, v in table(found.event_study, INTERVALS, ["relative"]).items()}
        parts |= {f"group {k}": v for k, v in table(found.groups, INTERVALS, ["group"]).items()}
        out |= {f"{adjustment} {name}": value for name, value in (parts | of_test(found.pretrend)).items()}
    return out


def robust(data):
    out = {}
    for method in get_args(RobustMethod):
        out |= of(robust_did(data.y, **data.adopted, method=method), Y, name=f"{method} ")
    return out


def ringed(data):
    """The neighbour is the next to the west on the same parallel; units in the order of their labels."""
    lon, lat = pd.DataFrame(data.points).groupby(data.entity).first().to_numpy().T
    links = (lon[:, None] - lon == 2.0) & (lat[:, None] == lat)
    found = donut_did(data.y, **data.adopted, links=links)
    counts = {"reached": (found.n_reached, PLAIN), "far": (found.n_far, PLAIN)}
    return of(found.effect, Y) | of(found.ring, Y, name="ring ") | counts


def honest(data):
    """With an effect that no small deviation brings to zero."""
    raised = data.y + 5 * data.y.std() * (data.time >= data.adoption)
    path = group_time_effects(raised, **data.adopted, base="universal").relative
    found = relative_magnitudes(path, before=4, after=2)
    bounds = dict.fromkeys(["set_low", "set_high", "low", "high"], Y)
    return (
        of(found.effect, Y)
        | table(found.table, bounds, ["magnitude"])
        | {"breakdown": (found.breakdown, PLAIN), "before": (found.largest_before, Y)}
    )


def averaged(data):
    bacon, cells = goodman_bacon(data.y, **data.adopted), two_way_weights(data.y, **data.adopted)
    pairs = table(bacon.comparisons, {"estimate": Y, "weight": PLAIN}, ["treated", "control"])
    return pairs | {
        "estimate": (bacon.estimate, Y),
        "weights": (cells.cells["weight"].to_numpy(), PLAIN),
        "reversal": (cells.reversal_spread, Y),
    }


def dealt(data):
    rng = np.random.default_rng
    placebo = placebo_adoption(data.y, **data.adopted, covariates=data.x, draws=99, rng=rng(0))
    trend = placebo_pretrend(data.y, **data.adopted, covariates=data.x, draws=99, rng=rng(0))
    paths = permute_paths(data.y, data.d, data.x, **data.keys, draws=99)
    groups = permute_slopes(data.y, data.d, data.weights > 1, units=data.entity, relabellings=99)
    return of_test(trend) | {
        "adoption": (placebo.observed, Y),
        "adoption p": (placebo.p_value, PLAIN),
        "adoption draws": (placebo.draws, Y),
        "paths": (paths.observed, PER_D),
        "paths p": (paths.p_value, PLAIN),
        "paths draws": (paths.draws, PER_D),
        "groups": (groups.observed, PER_D),
        "groups p": ([groups.p_value, groups.p_value_one_sided], PLAIN),
        "groups draws": (groups.draws, PER_D),
    }


def matched(data):
    means, treated, outcome = data.of_units(), data.treated_units(), data.outcome_of_units()
    propensity = propensity_score(treated, means, terms=data.names)
    support = common_support(propensity.score, treated)
    out = {
        "slopes": (propensity.coefficients[1:][np.argsort(data.names)], Units(x=-1)),
        "logit": (np.sort(propensity.logit), PLAIN),
        "pseudo r2": (propensity.pseudo_r2, PLAIN),
    }
    nearest = nearest_neighbours(propensity.score, treated, eligible=support, replacement=True)
    out |= of(matched_difference(outcome, propensity.score, nearest), Y, name="counted ")
    for name, match in (
        ("nearest", nearest),
        ("kernel", kernel_matching(propensity.score, treated, eligible=support)),
        ("inverse", inverse_probability(propensity.score, treated, eligible=support)),
    ):
        out |= of(att(outcome, match), Y, name=f"{name} ")
        out |= of(att(outcome, match, covariates=means), Y, name=f"{name} adjusted ")
        balanced = balance(means, treated, match.weights, terms=data.names)
        out[f"{name} difference"] = (np.sort(balanced["difference_after"].abs()), PLAIN)
        out[f"{name} t"] = (np.sort(balanced["t_before"].to_numpy(float)), PLAIN)
        out[f"{name} means"] = (np.sort(balanced["mean_treated_after"].to_numpy(float)), Units(x=1))
    return out


def matched_did(data):
    found = psm_did(data.y, **data.adopted, unit_covariates=data.of_units(), leads=2, support="none")
    out = of(found.did, Y) | of(found.unmatched, Y, name="unmatched ")
    return out | table(found.event_study.path, INTERVALS, ["relative"])


def moved(data):
    fit = lead_lag_effects(
        data.y, data.d, data.x, **data.keys, leads=1, lags=1, name="d", controls=data.names
    )
    shifted = np.sort(lead_lag_columns(data.d, **data.keys, leads=1, lags=0).columns, axis=0)
    return (
        of(fit.estimate, *[PER_D] * 3, *[PER_X] * 2)
        | of(fit.cumulative, PER_D)
        | of_test(fit.leads_test)
        | {"columns": (np.nan_to_num(shifted), Units(d=1))}
    )


def families(data):
    members = [
        FamilyMember("d", data.y, data.columns, **data.keys),
        FamilyMember("m", data.y, np.column_stack([data.m, data.x]), **data.keys),
    ]
    found = family_tests(members, draws=99)
    plain = dict.fromkeys(["p", "p_wild", "holm", "benjamini_hochberg", "romano_wolf"], PLAIN)
    out = table(found.reset_index(), plain, ["hypothesis"])
    adjusted = adjust(found["p"].to_dict())
    return out | {
        "d": (found.loc["d", ["coefficient", "standard_error"]].to_numpy(float), PER_D),
        "m": (found.loc["m", ["coefficient", "standard_error"]].to_numpy(float), PER_X),
        "adjusted": (adjusted.to_numpy(), PLAIN),
    }


PER_DX = Units(y=1, d=-1, x=-1)


def moderated(data):
    """The moderator is in the unit of the covariates."""
    given = (data.y, data.d, data.m, data.x)
    binned, product = binned_interaction(*given, **data.keys), within_product(*given, **data.keys)
    out = {"medians": (binned.medians, Units(x=1)), "rows": (np.array(binned.rows, float), PLAIN)}
    for name in ("usual", "within"):
        estimate = getattr(product, name)
        out[name] = ([estimate.coefficients[0], estimate.standard_errors[0]], PER_DX)
    return (
        out
        | of(binned.effects, PER_D, PER_D, PER_D)
        | of(binned.line, PER_D, PER_DX, name="line ")
        | of_test(binned.test, "one line")
        | of_test(product.test, "same product")
    )


def counted(data):
    """Amounts with zeros; the outcome's unit is in its own scale and in no coefficient."""
    above = np.maximum(data.y - np.quantile(data.y, 0.4), 0.0)
    found = poisson_fixed_effects(above, data.columns, **data.keys, terms=data.terms)
    counts = {"rows": ([found.rows, found.dropped, found.zeros], PLAIN)}
    return of(found.estimate, Units(d=-1), Units(x=-1), Units(x=-1)) | counts


def between_weights(data):
    """Nobody's neighbours but those of the same parallel, or of all; units in the order of their labels."""
    lon, lat = pd.DataFrame(data.points).groupby(data.entity).first().to_numpy().T
    near = (np.abs(lon[:, None] - lon) <= 2.0) & (np.abs(lat[:, None] - lat) <= 1.5)
    np.fill_diagonal(near, False)
    rows = near / near.sum(axis=1, keepdims=True)
    keys = data.keys | {"terms": data.terms}
    found = which_weights(data.y, data.columns, {"drawn": data.w, "near": rows}, **keys)
    shares = ["likelihood_share", "posterior_share", "rho"]
    return {name: (found[name].to_numpy(), PLAIN) for name in shares}


def drawn_at_random(data):
    found = random_effects(data.y, data.columns, entity=data.keys["entity"], terms=data.terms)
    intercept, *rest = zip(found.estimate.coefficients, found.estimate.standard_errors, strict=True)
    return (
        slopes(found.fixed, data, "within ")
        | {
            "intercept": (intercept, Y),
            "treatment": (rest[0], PER_D),
            "variance": (found.variance, Units(y=2)),
        }
        | {name: (pair, PER_X) for name, pair in zip(data.terms[1:], rest[1:], strict=True)}
    )


def joint(data):
    fit = _plain_fit(data)
    k = len(fit.terms)
    return (
        of_test(wald_test(fit, list(fit.terms)), "all")
        | of_test(wald_test(fit, ["a", "b"]), "covariates")
        | of_test(wald_test(fit, list(fit.terms), rank="reduced", reference="chi2"), "χ²")
        | of_test(quadratic_test(fit.coefficients, fit.covariance, float(k)), "quadratic")
    )


def two_groups(data):
    group = data.weights > 1
    fits = [
        two_way_fixed_effects(
            data.y[part], data.d[part], entity=data.entity[part], time=data.time[part], terms=["d"]
        )
        for part in (group, ~group)
    ]
    return of(difference(*fits, "d"), PER_D)


def curved(data):
    fit, c, m = _curve(data), data.d, data.m
    two = {name: NAMES[name] for name in ("linear", "square")}
    at = curve_at(fit, float(m.mean()), **NAMES)
    tested = u_test(at, **two, low=c.min(), high=c.max())
    point = turning_point(at, **two)
    path = turning_point_path(fit, [m.min(), m.max()], **NAMES)
    shift = turning_point_shift(fit, at=float(m.mean()), **NAMES)
    rows = np.zeros((2, len(fit.terms)))
    rows[0, 0], rows[1, 1] = 1, 1
    ratio = coefficient_ratio(fit, rows @ fit.coefficients, rows, 0.95)
    bare = ratio_set(*(rows @ fit.coefficients), rows @ fit.covariance @ rows.T, critical_value=2, level=0.95)
    margin = effects_over_moderator(fit, [m.min(), m.max()], treatment="c", interaction="cm")
    in_d, moved_by = Units(d=1), Units(d=1, x=-1)
    return {
        "point": ([point.value, point.standard_error, *point.delta], in_d),
        "set": (np.ravel(point.fieller.pieces), in_d),
        "t": (tested.t, PLAIN),
        "path": ([path.value, path.standard_errors, path.delta_lower, path.delta_upper], in_d),
        "shift": ([shift.value, shift.standard_error, *shift.delta], moved_by),
        "ratio": ([ratio.value, ratio.standard_error], in_d),
        "bare": (np.ravel(bare.pieces), in_d),
        "margin": ([margin.effect, margin.standard_errors, margin.lower, margin.upper], PER_D),
    }


def covered(data):
    """Draws are the data with a little noise, in units of the outcome."""

    def noisy(rng):
        noise = rng.normal(size=len(data.y))[np.lexsort((data.time, data.entity)).argsort()]
        return PanelDraw(data.y + data.y.std() * noise, data.d, data.x, data.entity, data.time, 0.0)

    def fit(draw):
        return two_way_fixed_effects(draw.y, draw.d, entity=draw.entity, time=draw.time, terms=["d"])

    found = bias_and_coverage(noisy, {"fit": fit}, draws=3, seed=0)["fit"]
    return {
        "mean": (found.mean, PER_D),
        "rmse": (found.rmse, PER_D),
        "coverage": (found.coverage, PLAIN),
    }


@dataclass(frozen=True)
class Entry:
    """One row of the table.

    Attributes
    ----------
    run : callable
        Data → name of a number → (value, its units).
    covers : tuple of callable
        The public functions that it goes through.
    tolerance : float
    seeded : bool
        Random draws belong to units in the order of their labels: other labels in the same order give the
        same draws, another order gives others.
    exact_units : bool
        Trees break ties between splits by the last digit: other units are then powers of two.
    """

    run: Callable[[Data], dict]
    covers: tuple = ()
    tolerance: float = ROUNDING
    seeded: bool = False
    exact_units: bool = False


TREES = ("gradient_boosting", "fast_gradient_boosting", "xgboost", "random_forest")
DML = (partially_linear, partial_out, estimate_partialled_out)


def _learnt() -> dict[str, Entry]:
    """Every learner with every treatment of fixed effects."""
    out = {}
    for learner in get_args(Learner):
        for rule in get_args(FixedEffects):
            tree = learner in TREES
            tolerance = ITERATED if learner == "lasso" else ROUNDING
            entry = Entry(
                partialled(learner, rule), DML, tolerance, seeded=tree or learner == "lasso", exact_units=tree
            )
            out[f"{learner}, {rule}"] = entry
    return out


def _spatial() -> dict[str, Entry]:
    models = {
        "durbin": {},
        "lag": {"correction": "bias"},
        "error": {"errors": "clustered"},
        "slx": {"effects": "individual"},
        "none": {"effects": "none"},
        "durbin of all units": {"correction": "transformation", "errors": "clustered"},
    }
    covers = (spatial_panel, effects_in_space.spatial_effects)
    return {
        name: Entry(in_space(name.split()[0], **options), covers, seeded=True)
        for name, options in models.items()
    }


ENTRIES: dict[str, Entry] = {
    "fixed effects": Entry(fixed_effects, (two_way_fixed_effects,)),
    "within": Entry(within, (within_panel,)),
    "weighted": Entry(
        lambda data: slopes(
            weighted_two_way(data.y, data.columns, weights=data.weights, **data.keys, terms=data.terms), data
        ),
        (weighted_two_way,),
    ),
    "random effects": Entry(drawn_at_random, (random_effects,)),
    "instrumental variables": Entry(instrumented, (instrumental_variables,)),
    "plausible exogeneity": Entry(not_quite_exogenous, (plausible_exogeneity,)),
    "errors by shocks": Entry(by_shocks, (shift_share_errors,)),
    "omitted variables": Entry(left_out, (omitted_variable,)),
    "many regressions at once": Entry(many_at_once, (entity_products, many_slopes, many_influences)),
    "Anderson-Rubin": Entry(robust_set, (invert_anderson_rubin,)),
    "mediation": Entry(mediated, (mediation,), seeded=True),
    "binary mediation": Entry(cut_in_two, (binary_mediation,), seeded=True),
    "several treatments": Entry(several_treatments, DML, seeded=True),
    "sensitivity": Entry(confounded, (sensitivity,), tolerance=ITERATED),
    "polynomials in space": Entry(
        bent_in_space,
        (effects_in_space.marginal_effects,),
        seeded=True,
    ),
    "tests in space": Entry(
        checked_in_space,
        (
            lm_tests, likelihood_ratio, wald_tests, reduction_tests, hausman, log_determinant,
            residual_moran,
        ),
    ),
    "static differences": Entry(did, (two_way_did,)),
    "event study": Entry(events, (event_study,)),
    "group-time effects": Entry(group_time, (group_time_effects,), tolerance=ITERATED),
    "robust differences": Entry(robust, (robust_did,)),
    "donut": Entry(ringed, (donut_did,)),
    "relative magnitudes": Entry(honest, (relative_magnitudes,)),
    "decompositions": Entry(averaged, (goodman_bacon, two_way_weights)),
    "placebos": Entry(
        dealt, (placebo_adoption, placebo_pretrend, permute_paths, permute_slopes), seeded=True
    ),
    "matching": Entry(
        matched,
        (
            propensity_score, common_support, nearest_neighbours, kernel_matching, inverse_probability, att,
            balance, pre_period_means, matched_difference,
        ),
    ),
    "matched differences": Entry(matched_did, (psm_did,)),
    "leads and lags": Entry(moved, (lead_lag_effects, lead_lag_columns)),
    "families": Entry(families, (family_tests, adjust), seeded=True),
    "counts": Entry(counted, (poisson_fixed_effects,), tolerance=ITERATED),
    "which weights": Entry(between_weights, (which_weights,)),
    "interactions": Entry(moderated, (binned_interaction, within_product)),
    "joint tests": Entry(joint, (wald_test, quadratic_test)),
    "two groups": Entry(two_groups, (difference,)),
    "curves": Entry(
        curved,
        (
            turning_point, u_test, curve_at, turning_point_path, turning_point_shift, coefficient_ratio,
            ratio_set, effects_over_moderator,
        ),
    ),
    "coverage": Entry(covered, (bias_and_coverage,), seeded=True),
}  # fmt: skip
ENTRIES |= _spatial() | _learnt()

HELPERS = """
assumptions.omitted.bias_bound assumptions.omitted.robustness_value assumptions.omitted.robustness_value_test
curves.ratios.combinations curves.ratios.known_terms did.adoption.check_adoption
did.adoption.drop_always_treated did.adoption.prepare_rows did.callaway_santanna.cell_table
did.callaway_santanna.event_covariance did.callaway_santanna.fit_group_time
did.callaway_santanna.library_frame did.placebo.count_dealings
did.propensity.check_treated did.staggered.event_indicators did.staggered.judge_treated
double_ml.cross_fitting.cross_fit double_ml.shared_predictions.shared_predictions
spatial.log_determinant.shared_log_determinants
double_ml.cross_fitting.cross_fit_panel double_ml.folds.draw_folds double_ml.folds.splits
double_ml.learners.as_learner double_ml.learners.import_xgboost double_ml.learners.learner_label
double_ml.learners.make_learner double_ml.learners.sparse_if_mostly_zero
double_ml.boosted_folds.cells_of double_ml.boosted_folds.cuts double_ml.panel_columns.add_own_means
double_ml.panel_columns.panel_columns
double_ml.partially_linear.transform double_ml.scores.aggregate double_ml.scores.solve_moments
double_ml.scores.weigh_units few_clusters.cluster_warnings
few_clusters.correction_warnings few_clusters.effective_clusters
few_clusters.joint_warnings few_clusters.name_some few_clusters.period_warnings
few_clusters.without_negative few_clusters.without_vanished many_specs.two_way.all_choices
panel.arrays.as_columns panel.arrays.check_panel panel.arrays.label_codes
panel.collinearity.refuse_absorbed panel.collinearity.refuse_collinear panel.demeaning.demean
panel.dependence.bartlett_sum panel.dependence.by_entity panel.dependence.distance_kernel
panel.dependence.effect_leverage panel.dependence.neighbours_sum panel.dependence.without_own_pull
panel.demeaning.demean_two_way panel.demeaning.group_means panel.demeaning.group_sums
panel.demeaning.indicators panel.fixed_b.default_lags
 panel.fixed_b.fixed_b_critical_value panel.fixed_b.fixed_b_degrees
panel.jackknife.jackknife_covariance panel.arrays.as_matrix
panel.least_squares.least_squares_estimate equation.solve panel.products.draw_counts
panel.products.entity_design panel.products.orthonormal_basis panel.products.resampled_products
resampling.monte_carlo.coverage_of resampling.multiple_testing.step_down
resampling.multiple_testing.wild_statistics resampling.permutation.permutation_test
resampling.simulated_panels.autocorrelated resampling.simulated_panels.correlated_effects
spatial.arrays.lag spatial.arrays.spatial_arrays spatial.durbin.model_jacobian
spatial.durbin.usual_correction spatial.effects.marginal_gradients spatial.information.bias
spatial.information.clustered_covariance spatial.information.covariance spatial.information.information
spatial.information.unit_influences spatial.information.unit_departures
spatial.labelled_weights.aligned_weights spatial.labelled_weights.matrix_and_labels
spatial.likelihood.error_profile spatial.likelihood.lag_profile spatial.likelihood.least_squares
spatial.likelihood.log_likelihood spatial.likelihood.maximise spatial.multiplier.moments_over
spatial.multiplier.moments_slope spatial.multiplier.uniform_moments spatial.simulated.durbin_panel
spatial.simulated.near_neighbours spatial.weights_algebra.check_weights
spatial.weights_algebra.constant_row_sum spatial.weights_algebra.factorisations
spatial.weights_algebra.factorise spatial.interpolant.interpolate
spatial.weights_algebra.log_modulus spatial.weights_algebra.solver
spatial.weights_algebra.symmetric_similar spatial.weights_algebra.transfer
spatial.weights_algebra.transfer_square units.unit_of
"""
"""Public functions that estimate nothing: what the estimators above are made of, formulas of a few plain
numbers, lists of choices, and simulated data."""


def _name(function) -> str:
    return f"{function.__module__.removeprefix(estimators.__name__ + '.')}.{function.__name__}"


def _public_functions() -> set[str]:
    found = set()
    for module in pkgutil.walk_packages(estimators.__path__, f"{estimators.__name__}."):
        loaded = importlib.import_module(module.name)
        for name, function in inspect.getmembers(loaded, inspect.isfunction):
            if function.__module__ == loaded.__name__ and not name.startswith("_"):
                found.add(_name(function))
    return found


def test_every_public_function_is_in_the_table_or_estimates_nothing():
    tried = {_name(function) for entry in ENTRIES.values() for function in entry.covers}
    helpers = set(HELPERS.split())
    assert _public_functions() - tried - helpers == set(), "put these into the table"
    assert (tried | helpers) - _public_functions() == set(), "these are gone"
    assert not tried & helpers


def _slow(name: str) -> bool:
    return name.startswith((*TREES, "lasso")) and not name.endswith(", within")


def _every(entries: dict[str, Entry]) -> list:
    marks = {name: [pytest.mark.slow] if _slow(name) else [] for name in entries}
    return [pytest.param(name, id=name, marks=marks[name]) for name in entries]


def _in_every_unit() -> list:
    """Every entry in every unit; slow ones where all three units change, as ``within`` has each one alone."""
    return [
        pytest.param(units, *param.values, id=f"{units}-{param.id}", marks=param.marks)
        for units, factors in FACTORS.items()
        for param in _every(ENTRIES)
        if 1.0 not in factors or not _slow(param.id)
    ]


_known: dict[str, dict] = {}


def _natural(name: str) -> dict:
    if name not in _known:
        _known[name] = ENTRIES[name].run(DATA)
    return _known[name]


def _same(name: str, found: dict, factors=(1.0, 1.0, 1.0)) -> None:
    expected = _natural(name)
    assert found.keys() == expected.keys()
    for part, (value, units) in expected.items():
        value = np.asarray(value, dtype=float)
        factor = float(np.prod([f**power for f, power in zip(factors, units, strict=True)]))
        left, size = np.asarray(found[part][0]) / factor, np.abs(value[np.isfinite(value)]).max(initial=1e-3)
        assert left == pytest.approx(
            value, rel=ENTRIES[name].tolerance, abs=ENTRIES[name].tolerance * size, nan_ok=True
        ), part


def _in_other_units(factors) -> Data:
    y, d, x = factors
    return replace(DATA, y=DATA.y * y, d=DATA.d * d, m=DATA.m * x, z=DATA.z * x, x=DATA.x * x)


def _rows(order: np.ndarray) -> Data:
    kept = {name: value[order] for name, value in vars(DATA).items() if isinstance(value, np.ndarray)}
    return replace(DATA, **kept)


@pytest.mark.parametrize(("units", "name"), _in_every_unit())
def test_units_do_not_matter(units, name):
    factors = FACTORS[units]
    if ENTRIES[name].exact_units:
        factors = tuple(np.exp2(np.rint(np.log2(factors))))
    _same(name, ENTRIES[name].run(_in_other_units(factors)), factors)


@pytest.mark.parametrize("name", _every(ENTRIES))
def test_the_order_of_rows_does_not_matter(name):
    _same(name, ENTRIES[name].run(_rows(np.random.default_rng(5).permutation(len(DATA.y)))))


@pytest.mark.parametrize("name", _every({k: e for k, e in ENTRIES.items() if not e.exact_units}))
def test_the_order_of_covariates_does_not_matter(name):
    _same(name, ENTRIES[name].run(replace(DATA, x=DATA.x[:, ::-1], names=DATA.names[::-1])))


@pytest.mark.parametrize("name", _every(ENTRIES))
def test_names_of_units_do_not_matter(name):
    labels = np.array([f"city {code:03d}" for code in range(UNITS)])
    named = DATA.w.set_axis(labels).set_axis(labels, axis=1)
    _same(name, ENTRIES[name].run(replace(DATA, entity=labels[DATA.entity], w=named)))


@pytest.mark.parametrize("name", _every({k: e for k, e in ENTRIES.items() if not e.seeded}))
def test_the_order_of_names_does_not_matter(name):
    labels = np.random.default_rng(6).permutation(UNITS) + 100
    named = DATA.w.set_axis(labels).set_axis(labels, axis=1)
    _same(name, ENTRIES[name].run(replace(DATA, entity=labels[DATA.entity], w=named)))


@pytest.mark.parametrize("name", _every(ENTRIES))
def test_the_calendar_does_not_matter(name):
    moved = replace(DATA, time=DATA.time - FIRST_YEAR + 1, adoption=DATA.adoption - FIRST_YEAR + 1)
    _same(name, _with_calendar(name, moved))


def _with_calendar(name: str, data: Data) -> dict:
    return ENTRIES[name].run(replace(data, first=1))


@pytest.mark.slow
@pytest.mark.parametrize("learner", TREES)
@pytest.mark.parametrize("units", FACTORS)
def test_other_units_move_trees_by_ties_alone(learner, units):
    run = partialled(learner)
    (before, _), (after, _) = run(DATA)["d"], run(_in_other_units(FACTORS[units]))["d"]
    scale = FACTORS[units][0] / FACTORS[units][1]
    assert after / scale == pytest.approx(before, abs=TIES * run(DATA)["d error"][0])
