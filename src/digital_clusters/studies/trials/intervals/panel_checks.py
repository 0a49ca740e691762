"""What the designs of panels try: the rule, the page that uses it, the functions, and what to use instead."""

from digital_clusters.studies.trials.intervals.runner import NO_PAGE, THIS_PAGE, Check

EVERYWHERE = "every empirical chapter"


ROBUST = "clustered errors: rows of a city are not independent"
_FEW_CLUSTERS = "errors = 'cv3', or the wild bootstrap of family_tests"
FIXED_EFFECTS = ("panel.fixed_effects.two_way_fixed_effects",)
_MORE_CITIES = "nothing on offer: sixty cities are few for a product of coefficients"
CV3 = "errors = 'cv3': a curve gives cities of large values much weight"
_WITHIN = (*FIXED_EFFECTS, "panel.least_squares.within_panel")


def cluster_checks() -> tuple[Check, ...]:
    """Errors by city."""
    return (
        Check("clustered by city", EVERYWHERE, _WITHIN, instead=_FEW_CLUSTERS),
        Check("robust", "industrial upgrading: baseline", _WITHIN, instead=ROBUST),
        Check("cluster jackknife (CV3)", NO_PAGE, FIXED_EFFECTS, instead="the wild bootstrap"),
        Check(
            "wild cluster bootstrap",
            "virtual agglomeration: heterogeneity",
            ("resampling.multiple_testing.family_tests",),
            "size",
            "errors = 'cv3'",
        ),
    )


def period_checks() -> tuple[Check, ...]:
    """Errors over years."""
    page = "industrial upgrading and virtual agglomeration: robustness"
    fixed_b = "small_sample = 'fixed_b'; with ten years clustered errors, if cities share no shocks"
    return (
        Check("Driscoll–Kraay, t", page, FIXED_EFFECTS, instead=fixed_b),
        Check("Driscoll–Kraay, fixed-b", THIS_PAGE, FIXED_EFFECTS, instead="nothing on offer: more years"),
        Check(
            "clustered by city", page, _WITHIN, instead="Driscoll–Kraay: cities share the shocks of a year"
        ),
    )


def joint_checks() -> tuple[Check, ...]:
    """Tests of several coefficients."""
    return (
        Check("Wald F", EVERYWHERE, ("wald.wald_test",), "size", "reference = 'hotelling'"),
        Check("Wald, Hotelling", THIS_PAGE, ("wald.wald_test",), "size", "fewer restrictions"),
        Check("Wald χ²", "pre-trends", ("wald.wald_test",), "size", "reference = 'hotelling'"),
    )


_POINT = ("curves.turning_points.turning_point", "curves.ratios.coefficient_ratio", "curves.ratios.ratio_set")


def curve_checks() -> tuple[Check, ...]:
    """Turning points and effects at a moderator."""
    page, moving = "collaborative agglomeration: baseline", "collaborative agglomeration: heterogeneity"
    return (
        Check("turning point, Fieller", page, (*_POINT, "curves.moving.curve_at"), instead=CV3),
        Check("turning point, delta", page, _POINT, instead=CV3),
        Check(
            "turning point at a moderator, Fieller",
            moving,
            ("curves.moving.turning_point_path",),
            instead=CV3,
        ),
        Check(
            "shift of the turning point, Fieller",
            moving,
            ("curves.moving.turning_point_shift",),
            instead=CV3,
        ),
        Check(
            "effect at a moderator",
            "virtual agglomeration: mechanism",
            ("curves.moderation.effects_over_moderator",),
            instead=CV3,
        ),
    )


def instrument_checks() -> tuple[Check, ...]:
    """Intervals of an instrumented coefficient."""
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


def family_checks() -> tuple[Check, ...]:
    """Any false rejection among several outcomes."""
    page, where = "virtual agglomeration: heterogeneity", "resampling.multiple_testing."
    return (
        Check("any false rejection, Romano–Wolf", page, (f"{where}family_tests",), "size"),
        Check("any false rejection, Holm", page, (f"{where}adjust",), "size", "Romano–Wolf"),
        Check("any false rejection, Benjamini–Hochberg", page, (f"{where}adjust",), "size", "Romano–Wolf"),
        Check("any false rejection, unadjusted", page, (f"{where}family_tests",), "size", "Romano–Wolf"),
    )


def group_checks() -> tuple[Check, ...]:
    """Differences of two groups."""
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


def mediation_checks() -> tuple[Check, ...]:
    """Intervals of an indirect effect."""
    page, function = "virtual agglomeration: mechanism", ("panel.mediation.mediation",)
    return (
        Check("indirect effect, percentile", page, function, instead=_MORE_CITIES),
        Check("indirect effect, bias-corrected", page, function, instead=_MORE_CITIES),
        Check("indirect effect, delta", page, function, instead=_MORE_CITIES),
    )
