"""Designs of panel regressions: errors, joint tests, instruments, mediators, curves, groups, placebos."""

from dataclasses import replace
from functools import partial

import numpy as np

from digital_clusters.estimators.curves.moderation import effects_over_moderator
from digital_clusters.estimators.curves.moving import curve_at, turning_point_path, turning_point_shift
from digital_clusters.estimators.curves.turning_points import turning_point, u_test
from digital_clusters.estimators.double_ml.partially_linear import estimate_partialled_out, partial_out
from digital_clusters.estimators.panel.fixed_b import default_lags, fixed_b_degrees
from digital_clusters.estimators.panel.instrumental import instrumental_variables
from digital_clusters.estimators.panel.leads_and_lags import lead_lag_columns
from digital_clusters.estimators.panel.least_squares import within_panel
from digital_clusters.estimators.panel.mediation import mediation
from digital_clusters.estimators.resampling.multiple_testing import FamilyMember, family_tests
from digital_clusters.estimators.resampling.permutation import difference, permute_slopes
from digital_clusters.estimators.resampling.placebo import permute_paths
from digital_clusters.estimators.resampling.simulated_panels import autocorrelated
from digital_clusters.estimators.wald import WaldTest, wald_test
from digital_clusters.studies.trials.intervals.made_panels import (
    PERMUTED,
    PERSISTENCE,
    THETA,
    YEARS,
    fast_fit,
    holds,
    jackknifed,
    kernel_fit,
    keys,
    persistent,
    two_way_clustered_fit,
)
from digital_clusters.studies.trials.intervals.panel_checks import (
    CV3,
    FIXED_EFFECTS,
    ROBUST,
    cluster_checks,
    curve_checks,
    family_checks,
    group_checks,
    instrument_checks,
    joint_checks,
    mediation_checks,
    period_checks,
)
from digital_clusters.studies.trials.intervals.runner import NO_PAGE, Check, TrialDesign

RESAMPLES = 199
"""Of an interval by percentiles."""


def _clusters(rng, *, units: int):
    x, u = persistent(rng, units, YEARS, 2).T
    labels = keys(units, YEARS) | {"terms": ["x"]}
    y = THETA * x + u
    clustered = fast_fit(y, x, **labels)
    member = FamilyMember("x", y - THETA * x, x, labels["entity"], labels["time"])
    return [
        holds(clustered, THETA),
        holds(fast_fit(y, x, **labels, errors="robust"), THETA),
        holds(jackknifed(y, x, **labels), THETA),
        family_tests([member], draws=PERMUTED, seed=rng)["p_wild"].iloc[0],
    ]


def _joint(rng, *, units: int):
    *x, u = persistent(rng, units, YEARS, 5).T
    names = list("abcd")
    fit = fast_fit(u, np.column_stack(x), **keys(units, YEARS), terms=names)
    return [
        wald_test(fit, names).p_value,
        wald_test(fit, names, reference="hotelling").p_value,
        wald_test(fit, names, rank="reduced", reference="chi2").p_value,
    ]


def common_shocks(rng, units: int, years: int) -> np.ndarray:
    """Columns whose units load differently on persistent shocks of the year, shape (n, 2)."""
    found = []
    for _ in range(2):
        shock = autocorrelated(rng, 1, years, PERSISTENCE)
        found.append(rng.normal(size=(units, 1)) * shock + rng.normal(size=(units, years)))
    return np.stack(found, axis=-1).reshape(units * years, 2)


def _periods(rng, *, years: int):
    x, u = common_shocks(rng, 30, years).T
    labels = keys(30, years) | {"terms": ["x"]}
    y = THETA * x + u
    plain = kernel_fit(y, x, **labels)
    wide = replace(plain, degrees_of_freedom=fixed_b_degrees(default_lags(years), years))
    return [holds(plain, THETA), holds(wide, THETA), holds(fast_fit(y, x, **labels), THETA)]


def _two_way_clusters(rng, *, years: int):
    x, u = common_shocks(rng, 60, years).T
    labels = keys(60, years) | {"terms": ["x"]}
    return [holds(two_way_clustered_fit(THETA * x + u, x, **labels), THETA)]


def _instrument(rng, *, strength: float):
    z, hidden, u, v = persistent(rng, 60, 10, 4).T
    d = strength * z + hidden + v
    found = instrumental_variables(THETA * d + hidden + u, d, z, **keys(60, 10), terms=["d"])
    return [holds(found.estimate, THETA), found.anderson_rubin.contains(THETA)]


def _exogenous(rng):
    z, u, v = persistent(rng, 60, 10, 3).T
    d = z + v
    found = instrumental_variables(THETA * d + u, d, z, **keys(60, 10), terms=["d"])
    return [float(found.endogeneity.p_values[0])]


def _mediated(rng):
    d, u, v = persistent(rng, 60, 10, 3).T
    m = 0.3 * d + v
    y = THETA * d + 0.3 * m + u
    labels = keys(60, 10) | {"terms": ["d"], "mediators": ["m"]}
    found = mediation(y, d, m, **labels, draws=RESAMPLES, seed=rng)
    truth = 0.3 * 0.3
    return [
        *(bool(low <= truth <= high) for low, high in (found.percentile[0], found.bias_corrected[0])),
        holds(found.indirect, truth),
    ]


def _curve(rng, *, bend: float):
    """y = −2·bend·c + bend·c² + bend·cz: the turning point at z = 0 is 1 and moves by −1/2 a unit of z."""
    c, z, u = persistent(rng, 60, 10, 3).T
    y = bend * (c**2 - 2 * c + c * z) + u
    labels = keys(60, 10) | {"terms": ["c", "c2", "cz", "z"]}
    fit = fast_fit(y, np.column_stack([c, c**2, c * z, z]), **labels)
    names = {"linear": "c", "square": "c2"}
    point = turning_point(curve_at(fit, 0.0, **names, interaction="cz"), **names)
    path = turning_point_path(fit, [1.0], **names, interaction="cz")
    shift = turning_point_shift(fit, **names, interaction="cz")
    slope = effects_over_moderator(fit, [1.0], treatment="c", interaction="cz")
    return [
        1.0 in point.fieller,
        bool(point.delta[0] <= 1.0 <= point.delta[1]),
        0.5 in path.fieller[0],
        -0.5 in shift.fieller,
        bool(slope.lower[0] <= -bend <= slope.upper[0]),
    ]


def _monotone(rng):
    """A curve that is flat at the upper end of the range: the hardest of those that are not a U."""
    c, u = persistent(rng, 60, 10, 2).T
    fit = fast_fit((c - 2) ** 2 + u, np.column_stack([c, c**2]), **keys(60, 10), terms=["c", "c2"])
    p = u_test(fit, linear="c", square="c2", low=-2.0, high=2.0).overall_p
    return [1.0 if p is None else p]


def _leads(rng):
    d, u = persistent(rng, 60, YEARS, 2).T
    return [leads_test(THETA * d + u, d, **keys(60, YEARS)).p_value]


def leads_test(y, d, *, entity, time) -> WaldTest:
    """Test of two leads beside one lag, as :func:`lead_lag_effects` makes it, without its library."""
    moved = lead_lag_columns(d, entity=entity, time=time, leads=2, lags=1)
    kept, names = moved.complete, ["lead 2", "lead 1", "d", "lag 1"]
    labels = {"entity": entity[kept], "time": time[kept], "terms": names}
    return wald_test(fast_fit(y[kept], moved.columns[kept], **labels), names[:2])


def _family(rng):
    """Four outcomes that share half of their errors, none of which the treatment moves."""
    d, shared, *own = persistent(rng, 30, YEARS, 6).T
    labels = keys(30, YEARS)
    members = [
        FamilyMember(str(k), (shared + u) / np.sqrt(2), d, labels["entity"], labels["time"])
        for k, u in enumerate(own)
    ]
    table = family_tests(members, draws=PERMUTED, seed=rng)
    return [table[name].min() for name in ("romano_wolf", "holm", "benjamini_hochberg", "p")]


def _groups(rng, *, spread: float):
    """Thirty cities with errors of one size, sixty with others; one slope."""
    units = 90
    x, u = persistent(rng, units, 10, 2).T
    labels = keys(units, 10)
    group = labels["entity"] < 30
    y = THETA * x + np.where(group, spread, 1.0) * u
    parts = [
        fast_fit(y[rows], x[rows], entity=labels["entity"][rows], time=labels["time"][rows], terms=["x"])
        for rows in (group, ~group)
    ]
    gap = within_panel(y, x, **labels, terms=["x"])
    permuted = permute_slopes(
        gap.y, gap.d[:, 0], group, units=labels["entity"], relabellings=PERMUTED, seed=rng
    )
    return [holds(difference(*parts, "x"), 0.0), permuted.p_value]


def _paths(rng):
    d, u = persistent(rng, 60, 10, 2).T
    return [permute_paths(u, d, **keys(60, 10), draws=PERMUTED, seed=rng).p_value]


def _double_ml(rng):
    x, v, u = persistent(rng, 60, 10, 3).T
    d = x / 2 + v
    labels = keys(60, 10) | {"terms": ["d"], "fixed_effects": "within", "learner": "linear"}
    residuals = partial_out(
        THETA * d + x + u, d, x[:, None], **labels, fold_unit="clusters", seed=int(rng.integers(2**31))
    )
    found = [estimate_partialled_out(residuals, errors=rule) for rule in ("clustered", "robust")]
    return [holds(estimate, THETA) for estimate in found]


_AR = f"autocorrelation {PERSISTENCE:g} in x and errors"
_SHOCKS = f"30 cities that load differently on yearly shocks with autocorrelation {PERSISTENCE:g}"

DESIGNS = (
    *(
        TrialDesign(
            f"{units} clusters",
            f"{units} cities × {YEARS} years, {_AR}",
            cluster_checks(),
            partial(_clusters, units=units),
        )
        for units in (100, 30, 10)
    ),
    *(
        TrialDesign(
            f"four restrictions, {units} clusters",
            f"{units} cities × {YEARS} years, {_AR}",
            joint_checks(),
            partial(_joint, units=units),
        )
        for units in (100, 30)
    ),
    *(
        TrialDesign(
            f"{years} periods", f"{_SHOCKS}, {years} years", period_checks(), partial(_periods, years=years)
        )
        for years in (10, 18, 40)
    ),
    TrialDesign(
        "clusters of cities and years",
        f"60 cities that load differently on yearly shocks with autocorrelation {PERSISTENCE:g}, 18 years",
        (
            Check(
                "clustered by city and year",
                NO_PAGE,
                FIXED_EFFECTS,
                instead="Driscoll–Kraay with fixed-b: shocks last longer than a year",
            ),
        ),
        partial(_two_way_clusters, years=18),
    ),
    *(
        TrialDesign(
            f"{words} instrument",
            f"60 cities × 10 years, an unseen confounder, first-stage coefficient {strength:g}",
            instrument_checks(),
            partial(_instrument, strength=strength),
        )
        for words, strength in (("strong", 1.0), ("weak", 0.1))
    ),
    TrialDesign(
        "exogenous treatment",
        f"60 cities × 10 years, {_AR}",
        (
            Check(
                "least squares against two-stage least squares",
                "virtual agglomeration: robustness",
                ("panel.instrumental.instrumental_variables",),
                "size",
            ),
        ),
        _exogenous,
    ),
    TrialDesign(
        "one mediator", "60 cities × 10 years, both steps 0.3; 199 resamples", mediation_checks(), _mediated
    ),
    *(
        TrialDesign(
            f"{words} curve",
            f"60 cities × 10 years, coefficient {bend:g} of the square, errors of variance one",
            curve_checks(),
            partial(_curve, bend=bend),
        )
        for words, bend in (("clear", 0.5), ("faint", 0.05))
    ),
    TrialDesign(
        "monotone curve",
        "60 cities × 10 years, a curve that is flat where the range ends",
        (
            Check(
                "U test",
                "collaborative agglomeration: baseline",
                ("curves.turning_points.u_test",),
                "size",
                CV3,
            ),
        ),
        _monotone,
    ),
    TrialDesign(
        "no anticipation",
        f"60 cities × {YEARS} years, {_AR}",
        (
            Check(
                "two leads, Wald F",
                "virtual agglomeration: baseline",
                ("panel.leads_and_lags.lead_lag_effects",),
                "size",
            ),
        ),
        _leads,
    ),
    TrialDesign(
        "four outcomes", f"30 cities × {YEARS} years, errors that are half shared", family_checks(), _family
    ),
    *(
        TrialDesign(
            f"groups with errors {words}",
            f"30 and 60 cities × 10 years, errors of the first {spread:g} times those of the second",
            group_checks(),
            partial(_groups, spread=spread),
        )
        for words, spread in (("alike", 1.0), ("unlike", 2.0))
    ),
    TrialDesign(
        "paths dealt anew",
        f"60 cities × 10 years, {_AR}",
        (
            Check(
                "placebo permutation",
                "virtual agglomeration: robustness",
                ("resampling.placebo.permute_paths",),
                "size",
            ),
        ),
        _paths,
    ),
    TrialDesign(
        "double machine learning",
        f"60 cities × 10 years, {_AR}, a linear learner on demeaned columns",
        (
            Check(
                "clustered",
                "industrial upgrading: robustness; method",
                (
                    "double_ml.partially_linear.estimate_partialled_out",
                    "double_ml.partially_linear.partial_out",
                ),
                instead="more cities",
            ),
            Check(
                "robust",
                "industrial upgrading",
                ("double_ml.partially_linear.partially_linear",),
                instead=ROBUST,
            ),
        ),
        _double_ml,
    ),
)
