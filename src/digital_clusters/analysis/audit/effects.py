"""Estimates made of others: indirect effects, instruments, fixed against random effects."""

from digital_clusters.analysis.audit.findings import AuditFinding, Grade, compared, grade_of, span
from digital_clusters.analysis.audit.intervals import over_corners, total
from digital_clusters.analysis.audit.printed import PValue, Term
from digital_clusters.analysis.audit.rounding import Number
from digital_clusters.analysis.audit.significance import p_range, p_words
from digital_clusters.errors import ParameterError


def check_mediation(
    place: str, total_effect: Number, direct: Number, first: list[Number], second: list[Number]
) -> list[AuditFinding]:
    """C5: in least squares on the same rows, total less direct is the sum of products of both paths.

    ``first``: treatment → mediators; ``second``: mediators → outcome.
    """
    if len(first) != len(second):
        raise ParameterError(f"{place}: {len(first)} first paths and {len(second)} second ones")
    paths = total([a.interval * b.interval for a, b in zip(first, second, strict=True)])
    gap = total_effect.interval - direct.interval
    pairs = ", ".join(f"{a} × {b}" for a, b in zip(first, second, strict=True))
    printed = f"total {total_effect}, direct {direct}, paths {pairs}"
    words = f"total less direct {span(gap, 4)}, paths {span(paths, 4)}"
    return [AuditFinding("C5", "mediation", place, printed, words, compared(paths, gap))]


def check_sobel(place: str, first: Term, second: Term, z: Number) -> list[AuditFinding]:
    """C5: Sobel's z is ab / √(a² s_b² + b² s_a²), that is 1 / √(1/t_a² + 1/t_b²) (Sobel 1982, eq. 7)."""
    t_a, t_b = first.t_range, second.t_range
    implied = over_corners(lambda a, b: (_inverse_square(a) + _inverse_square(b)) ** -0.5, t_a, t_b)
    printed = f"a = {first}, b = {second}, z = {z}"
    return [
        AuditFinding(
            "C5",
            "Sobel's z",
            place,
            printed,
            f"|z| {span(implied, z.decimals + 1)}",
            compared(implied, abs(z.interval)),
        )
    ]


def check_just_identified(
    place: str, reduced_form: Number, first_stage: Number, second_stage: Number
) -> list[AuditFinding]:
    """C7: with one instrument the second stage is reduced form over first stage."""
    implied = reduced_form.interval / first_stage.interval
    printed = f"reduced form {reduced_form}, first stage {first_stage}, second stage {second_stage}"
    words = span(implied, second_stage.decimals + 1)
    return [
        AuditFinding("C7", "just identified", place, printed, words, compared(implied, second_stage.interval))
    ]


def check_first_stage(place: str, term: Term, f: Number) -> list[AuditFinding]:
    """C7: with one instrument F of the first stage is its squared t, if both use the same errors."""
    implied = term.t_range.squared()
    words = f"F {span(implied, f.decimals + 1)}"
    return [
        AuditFinding(
            "C7", "F of the first stage", place, f"{term}, F = {f}", words, compared(implied, f.interval)
        )
    ]


def check_anderson_rubin(
    place: str, reduced_form: Term, p: PValue, df: float | None = None
) -> list[AuditFinding]:
    """C7: with one instrument p of Anderson and Rubin's test of no effect is that of the reduced form."""
    implied = p_range(reduced_form.t_range, df)
    printed = f"reduced form {reduced_form}, {p}"
    return [
        AuditFinding("C7", "Anderson–Rubin", place, printed, p_words(implied), compared(implied, p.interval))
    ]


def check_hausman(
    place: str, fixed: Term, random: Term, statistic: Number, coefficients: int = 1
) -> list[AuditFinding]:
    """C8: Hausman's statistic is (b_fe − b_re)² / (s_fe² − s_re²) of one term, at least that of several.

    Tension if the fixed effects estimate is the more precise one, which leaves the statistic undefined.
    """
    gap = (fixed.coefficient.interval - random.coefficient.interval).squared()
    variance = fixed.standard_error.error_range.squared() - random.standard_error.error_range.squared()
    printed = f"fixed {fixed}, random {random}, H = {statistic}"
    if variance.high <= 0:
        words = "no statistic: fixed effects are the more precise"
        return [AuditFinding("C8", "Hausman", place, printed, words, "tension")]
    implied = gap / variance.clipped(0.0)
    grade: Grade
    if coefficients == 1:
        grade = compared(implied, statistic.interval)
    else:
        grade = grade_of(implied.high <= statistic.interval.low, implied.low <= statistic.interval.high)
    words = span(implied, statistic.decimals + 1) if coefficients == 1 else f"at least {implied.low:.3f}"
    return [AuditFinding("C8", "Hausman", place, printed, words, grade)]


def _inverse_square(t: float) -> float:
    return t**-2 if t > 0 else float("inf")
