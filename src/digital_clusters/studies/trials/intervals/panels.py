"""Designs of panel regressions: errors, joint tests, instruments, mediators, curves, groups, placebos."""

from dataclasses import replace
from functools import partial

import numpy as np

from digital_clusters.estimators.curves.moderation import effects_over_moderator
from digital_clusters.estimators.curves.moving import curve_at, turning_point_path, turning_point_shift
from digital_clusters.estimators.curves.turning_points import turning_point, u_test
from digital_clusters.estimators.double_ml.partially_linear import estimate_partialled_out, partial_out
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.panel.demeaning import group_sums
from digital_clusters.estimators.panel.fixed_b import default_lags, fixed_b_degrees
from digital_clusters.estimators.panel.instrumental import instrumental_variables
from digital_clusters.estimators.panel.jackknife import jackknife_covariance
from digital_clusters.estimators.panel.leads_and_lags import lead_lag_columns
from digital_clusters.estimators.panel.least_squares import within_panel
from digital_clusters.estimators.panel.mediation import mediation
from digital_clusters.estimators.resampling.multiple_testing import FamilyMember, family_tests
from digital_clusters.estimators.resampling.permutation import difference, permute_slopes
from digital_clusters.estimators.resampling.placebo import permute_paths
from digital_clusters.estimators.resampling.simulated_panels import autocorrelated
from digital_clusters.estimators.wald import WaldTest, wald_test
from digital_clusters.studies.trials.intervals.runner import Check, TrialDesign

PERSISTENCE = 0.5
"""Autocorrelation of terms and errors over the years of a unit."""

THETA = 0.5
"""True coefficient."""

PERMUTED = 99
"""Permutations and resamples of a test: with 99 a test at 5 % has that size exactly."""

RESAMPLES = 199
"""Of an interval by percentiles."""

YEARS = 12

EVERYWHERE = "every empirical chapter"


def keys(units: int, years: int) -> dict[str, np.ndarray]:
    """Labels of a balanced panel, rows by unit."""
    entity, time = np.divmod(np.arange(units * years), years)
    return {"entity": entity, "time": time}


def persistent(rng: np.random.Generator, units: int, years: int, columns: int) -> np.ndarray:
    """Columns with unit effects and autocorrelation, shape (units · years, columns)."""
    found = [
        autocorrelated(rng, units, years, PERSISTENCE) + rng.normal(size=(units, 1)) for _ in range(columns)
    ]
    return np.stack(found, axis=-1).reshape(units * years, columns)


def fast_fit(y, x, *, entity, time, terms, errors="clustered") -> Estimate:
    """:func:`two_way_fixed_effects` without its library, for thousands of fits; a test holds them equal."""
    panel = within_panel(y, x, entity=entity, time=time, terms=terms, errors=errors)
    return panel.estimate(panel.fit(panel.y, panel.d, panel.raw.terms), "two_way_fixed_effects")


def jackknifed(y, x, *, entity, time, terms) -> Estimate:
    """``errors='cv3'`` of :func:`two_way_fixed_effects` without its library."""
    panel = within_panel(y, x, entity=entity, time=time, terms=terms)
    found = panel.estimate(panel.fit(panel.y, panel.d, panel.raw.terms), "two_way_fixed_effects")
    return replace(found, covariance=jackknife_covariance(panel.raw, "two_way"), errors="cv3", warnings=())


def kernel_fit(y, x, *, entity, time, terms) -> Estimate:
    """``errors='driscoll_kraay'`` of :func:`two_way_fixed_effects` without its library."""
    fit, scores = _scores(y, x, entity=entity, time=time, terms=terms)
    periods, rows, bandwidth = int(time.max()) + 1, len(y), default_lags(int(time.max()) + 1)
    sums = group_sums(scores, time)
    meat = sums.T @ sums
    for lag in range(1, bandwidth + 1):
        moved = sums[lag:].T @ sums[:-lag]
        meat += (1 - lag / (bandwidth + 1)) * (moved + moved.T)
    parameters = len(fit.terms) + int(entity.max()) + periods
    factor = periods / (periods - 1) * (rows - 1) / (rows - parameters)
    return replace(
        fit, covariance=factor * meat, degrees_of_freedom=periods - 1.0, errors="driscoll_kraay", warnings=()
    )


def two_way_clustered_fit(y, x, *, entity, time, terms) -> Estimate:
    """``errors='two_way_clustered'`` of :func:`two_way_fixed_effects` without its library, where positive."""
    fit, scores = _scores(y, x, entity=entity, time=time, terms=terms)
    rows, covariance = len(y), 0.0
    for codes, sign in ((entity, 1), (time, 1), (np.arange(rows), -1)):
        sums, groups = group_sums(scores, codes), int(codes.max()) + 1
        covariance = covariance + sign * groups / (groups - 1) * sums.T @ sums
    factor = (rows - 1) / (rows - len(fit.terms) - 1)
    degrees = float(min(entity.max(), time.max()))
    return replace(
        fit,
        covariance=factor * covariance,
        degrees_of_freedom=degrees,
        errors="two_way_clustered",
        warnings=(),
    )


def _scores(y, x, *, entity, time, terms) -> tuple[Estimate, np.ndarray]:
    """The fit, and each row's part in the error of its coefficients, shape (n, k)."""
    panel = within_panel(y, x, entity=entity, time=time, terms=terms)
    equation = panel.fit(panel.y, panel.d, panel.raw.terms)
    fit = panel.estimate(equation, "two_way_fixed_effects")
    return fit, equation.projection * equation.residual[:, None]


def holds(estimate: Estimate, truth: float, place: int = 0) -> bool:
    """Whether a 95 per cent interval holds the truth."""
    low, high = estimate.interval()[place]
    return bool(low <= truth <= high)


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


_ROBUST = "clustered errors: rows of a city are not independent"
_FEW_CLUSTERS = "errors = 'cv3', or the wild bootstrap of family_tests"
_FE = ("panel.fixed_effects.two_way_fixed_effects",)
_MORE_CITIES = "nothing on offer: sixty cities are few for a product of coefficients"
_CV3 = "errors = 'cv3': a curve gives cities of large values much weight"
_WITHIN = (*_FE, "panel.least_squares.within_panel")


def _cluster_checks() -> tuple[Check, ...]:
    return (
        Check("clustered by city", EVERYWHERE, _WITHIN, instead=_FEW_CLUSTERS),
        Check("robust", "industrial upgrading: baseline", _WITHIN, instead=_ROBUST),
        Check("cluster jackknife (CV3)", "the face of the package", _FE, instead="the wild bootstrap"),
        Check(
            "wild cluster bootstrap",
            "virtual agglomeration: heterogeneity",
            ("resampling.multiple_testing.family_tests",),
            "size",
            "errors = 'cv3'",
        ),
    )


def _period_checks() -> tuple[Check, ...]:
    page = "industrial upgrading and virtual agglomeration: robustness"
    fixed_b = "small_sample = 'fixed_b'; with ten years clustered errors, if cities share no shocks"
    return (
        Check("Driscoll–Kraay, t", page, _FE, instead=fixed_b),
        Check("Driscoll–Kraay, fixed-b", "this page", _FE, instead="nothing on offer: more years"),
        Check(
            "clustered by city", page, _WITHIN, instead="Driscoll–Kraay: cities share the shocks of a year"
        ),
    )


def _joint_checks() -> tuple[Check, ...]:
    return (
        Check("Wald F", EVERYWHERE, ("wald.wald_test",), "size", "reference = 'hotelling'"),
        Check("Wald, Hotelling", "this page", ("wald.wald_test",), "size", "fewer restrictions"),
        Check("Wald χ²", "pre-trends", ("wald.wald_test",), "size", "reference = 'hotelling'"),
    )


_POINT = ("curves.turning_points.turning_point", "curves.ratios.coefficient_ratio", "curves.ratios.ratio_set")


def _curve_checks() -> tuple[Check, ...]:
    page, moving = "collaborative agglomeration: baseline", "collaborative agglomeration: heterogeneity"
    return (
        Check("turning point, Fieller", page, (*_POINT, "curves.moving.curve_at"), instead=_CV3),
        Check("turning point, delta", page, _POINT, instead=_CV3),
        Check(
            "turning point at a moderator, Fieller",
            moving,
            ("curves.moving.turning_point_path",),
            instead=_CV3,
        ),
        Check(
            "shift of the turning point, Fieller",
            moving,
            ("curves.moving.turning_point_shift",),
            instead=_CV3,
        ),
        Check(
            "effect at a moderator",
            "virtual agglomeration: mechanism",
            ("curves.moderation.effects_over_moderator",),
            instead=_CV3,
        ),
    )


def _instrument_checks() -> tuple[Check, ...]:
    page = "virtual agglomeration: robustness"
    iv = "panel.instrumental.instrumental_variables"
    return (
        Check("two-stage least squares, Wald", page, (iv,), instead="the Anderson–Rubin set"),
        Check(
            "Anderson–Rubin set",
            page,
            (iv, "panel.anderson_rubin.invert_anderson_rubin"),
            instead="more cities",
        ),
    )


def _family_checks() -> tuple[Check, ...]:
    page, where = "virtual agglomeration: heterogeneity", "resampling.multiple_testing."
    return (
        Check("any false rejection, Romano–Wolf", page, (f"{where}family_tests",), "size"),
        Check("any false rejection, Holm", page, (f"{where}adjust",), "size", "Romano–Wolf"),
        Check("any false rejection, Benjamini–Hochberg", page, (f"{where}adjust",), "size", "Romano–Wolf"),
        Check("any false rejection, unadjusted", page, (f"{where}family_tests",), "size", "Romano–Wolf"),
    )


def _group_checks() -> tuple[Check, ...]:
    pages = "industrial upgrading and virtual agglomeration: heterogeneity"
    where = "resampling.permutation."
    return (
        Check("difference of two groups, z", pages, (f"{where}difference",), instead="more cities a group"),
        Check(
            "permutation of slopes",
            pages,
            (f"{where}permute_slopes",),
            "size",
            "the z interval: labels are exchangeable only where errors are alike",
        ),
    )


def _mediation_checks() -> tuple[Check, ...]:
    page, function = "virtual agglomeration: mechanism", ("panel.mediation.mediation",)
    return (
        Check("indirect effect, percentile", page, function, instead=_MORE_CITIES),
        Check("indirect effect, bias-corrected", page, function, instead=_MORE_CITIES),
        Check("indirect effect, delta", page, function, instead=_MORE_CITIES),
    )


_AR = f"autocorrelation {PERSISTENCE:g} in x and errors"
_SHOCKS = f"30 cities that load differently on yearly shocks with autocorrelation {PERSISTENCE:g}"

DESIGNS = (
    *(
        TrialDesign(
            f"{units} clusters",
            f"{units} cities × {YEARS} years, {_AR}",
            _cluster_checks(),
            partial(_clusters, units=units),
        )
        for units in (100, 30, 10)
    ),
    *(
        TrialDesign(
            f"four restrictions, {units} clusters",
            f"{units} cities × {YEARS} years, {_AR}",
            _joint_checks(),
            partial(_joint, units=units),
        )
        for units in (100, 30)
    ),
    *(
        TrialDesign(
            f"{years} periods", f"{_SHOCKS}, {years} years", _period_checks(), partial(_periods, years=years)
        )
        for years in (10, 18, 40)
    ),
    TrialDesign(
        "clusters of cities and years",
        f"60 cities that load differently on yearly shocks with autocorrelation {PERSISTENCE:g}, 18 years",
        (
            Check(
                "clustered by city and year",
                "the face of the package",
                _FE,
                instead="Driscoll–Kraay with fixed-b: shocks last longer than a year",
            ),
        ),
        partial(_two_way_clusters, years=18),
    ),
    *(
        TrialDesign(
            f"{words} instrument",
            f"60 cities × 10 years, an unseen confounder, first-stage coefficient {strength:g}",
            _instrument_checks(),
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
        "one mediator", "60 cities × 10 years, both steps 0.3; 199 resamples", _mediation_checks(), _mediated
    ),
    *(
        TrialDesign(
            f"{words} curve",
            f"60 cities × 10 years, coefficient {bend:g} of the square, errors of variance one",
            _curve_checks(),
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
                _CV3,
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
        "four outcomes", f"30 cities × {YEARS} years, errors that are half shared", _family_checks(), _family
    ),
    *(
        TrialDesign(
            f"groups with errors {words}",
            f"30 and 60 cities × 10 years, errors of the first {spread:g} times those of the second",
            _group_checks(),
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
                instead=_ROBUST,
            ),
        ),
        _double_ml,
    ),
)
