"""The same regression in other units, with another centre, at another value of its moderator or square."""

from typing import Literal

from digital_clusters.analysis.audit.findings import AuditFinding, Grade, compared, grade_of, span
from digital_clusters.analysis.audit.intervals import Interval
from digital_clusters.analysis.audit.printed import Term
from digital_clusters.analysis.audit.rounding import Number
from digital_clusters.analysis.audit.significance import TWO_SIDED_5


def check_rescaling(
    place: str, before: Term, after: Term, factor: float, *, learnt: bool = False
) -> list[AuditFinding]:
    """C1: dividing a regressor by ``factor`` multiplies coefficient and error by it and leaves t as it was.

    For the other terms of the regression the factor is 1. ``learnt``: by double machine learning, where it
    holds exactly with the same folds only. With folds drawn anew a coefficient moves by a part of its error:
    one that is no more than an error away from what is implied is a tension and contradicts nothing.
    """
    pairs = {
        "coefficient": (before.coefficient.interval.times(factor), after.coefficient.interval),
        "standard error": (before.standard_error.error_range.times(factor), after.standard_error.error_range),
        "|t|": (before.t_range, after.t_range),
    }
    printed = {"coefficient": str(after.coefficient), "standard error": str(after.standard_error)}
    grades = {name: compared(implied, found) for name, (implied, found) in pairs.items()}
    if learnt and grades["coefficient"] == "contradicts":
        implied, found = pairs["coefficient"]
        near = found + Interval(-1.0, 1.0).times(after.standard_error.error_range.high)
        grades["coefficient"] = "tension" if implied.overlaps(near) else "contradicts"
    return [
        AuditFinding(
            "C1",
            f"rescaling, {name}",
            place,
            printed.get(name, span(found)),
            span(implied, 2 if name == "|t|" else 3),
            grades[name],
        )
        for name, (implied, found) in pairs.items()
    ]


def check_centring(place: str, main: Term, other: Term, product: Term, centre: float) -> list[AuditFinding]:
    """C2: moving the zero of a moderator by c moves the main effect by c times the product's coefficient.

    Whether a moderator that the text only rescales was centred too: ``main`` is the main effect with the
    moderator centred, ``other`` the one in question, ``centre`` the mean of its moderator. A text that says
    nothing of a centre is not contradicted by one, so that this is a tension at most.
    """
    implied = main.coefficient.interval + product.coefficient.interval.times(-centre)
    words = f"{span(implied, 3)} if the moderator were not centred"
    grade = compared(implied, other.coefficient.interval)
    grade = "tension" if grade == "contradicts" else grade
    return [AuditFinding("C2", "centring", place, f"main effect {other}", words, grade)]


def check_centre(place: str, raw: Term, centred: Term, product: Term, centre: Number) -> list[AuditFinding]:
    """C2: the centre that was subtracted from a moderator is the move of the main effect over the product."""
    implied = (centred.coefficient.interval - raw.coefficient.interval) / product.coefficient.interval
    printed = f"{raw} → {centred}, product {product}, centre {centre}"
    words = span(implied, centre.decimals + 1)
    return [
        AuditFinding("C2", "centre of a moderator", place, printed, words, compared(implied, centre.interval))
    ]


def effect_at(main: Term, product: Term, moderator: float) -> tuple[Interval, Interval]:
    """Effect at a value of the moderator, and its standard error whatever the covariance that is not printed.

    The correlation of the two coefficients is between −1 and 1, so the standard error is between the
    difference and the sum of s.e.(main) and |m| s.e.(product).
    """
    effect = main.coefficient.interval + product.coefficient.interval.times(moderator)
    a, b = main.standard_error.error_range, product.standard_error.error_range.times(abs(moderator))
    return effect, Interval(max(0.0, a.low - b.high, b.low - a.high), a.high + b.high)


def check_effect_at(
    place: str, main: Term, product: Term, moderator: float, claimed: Term, source: str = "printed"
) -> list[AuditFinding]:
    """C3: the effect that a moderated regression has at a value reaches what another table prints.

    Tension if the coefficient of ``source`` lies beyond the effect, however both were rounded.
    """
    effect, error = effect_at(main, product, moderator)
    grade: Grade = "possible" if effect.overlaps(claimed.coefficient.interval) else "tension"
    words = f"{span(effect, 3)}, s.e. {span(error, 3)}"
    return [
        AuditFinding("C3", "effect at a value of the moderator", place, f"{source} {claimed}", words, grade)
    ]


def check_significant_at(
    place: str, main: Term, product: Term, moderator: float, sign: Literal[-1, 1], stated: bool = True
) -> list[AuditFinding]:
    """C3: an effect that the text calls positive (1) or negative (−1) and significant can be so.

    For some covariance of the two coefficients, which is not printed; at 5 %. ``stated``: false if the text
    does not say so but another table does, which makes a contradiction a tension.
    """
    effect, error = effect_at(main, product, moderator)
    t = effect.times(sign) / error
    side = "positive" if sign > 0 else "negative"
    printed = f"{main}, product {product}: {side} and significant at {f'{moderator:.3g}'.replace('-', '−')}"
    words = f"{span(effect, 3)}, |t| {span(abs(t))}".replace("-", "−")
    grade = grade_of(t.low >= TWO_SIDED_5, t.high >= TWO_SIDED_5)
    grade = "tension" if grade == "contradicts" and not stated else grade
    return [AuditFinding("C3", "significance at a value of the moderator", place, printed, words, grade)]


def turning_range(linear: Number, squared: Number) -> Interval:
    """Where b₁x + b₂x² turns: −b₁ / (2 b₂)."""
    return linear.interval.times(-0.5) / squared.interval


def check_turning_point(
    place: str, linear: Number, squared: Number, turning_point: Number
) -> list[AuditFinding]:
    """C4: the turning point is −b₁ / (2 b₂)."""
    implied = turning_range(linear, squared)
    printed = f"{linear} and {squared}, turning point {turning_point}"
    words = span(implied, turning_point.decimals + 1)
    return [
        AuditFinding("C4", "turning point", place, printed, words, compared(implied, turning_point.interval))
    ]


def check_turning_inside(
    place: str, linear: Number, squared: Number, minimum: Number, maximum: Number
) -> list[AuditFinding]:
    """C4: a turning point that the text calls inside the data lies between minimum and maximum."""
    implied = turning_range(linear, squared)
    grade = compared(implied, Interval(minimum.interval.low, maximum.interval.high))
    printed = f"{linear} and {squared}, data from {minimum} to {maximum}"
    return [AuditFinding("C4", "turning point inside the data", place, printed, span(implied, 3), grade)]
