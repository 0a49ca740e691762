"""Descriptive statistics against themselves: means, standard deviations, extremes, balance of two groups."""

import numpy as np
from scipy import stats

from digital_clusters.analysis.audit.findings import (
    AuditFinding,
    Grade,
    compared,
    grade_of,
    need_at_least,
    span,
)
from digital_clusters.analysis.audit.intervals import Interval, exactly
from digital_clusters.analysis.audit.rounding import Number
from digital_clusters.errors import ParameterError


def check_moments(
    place: str, n: int, mean: Number, sd: Number, minimum: Number, maximum: Number
) -> list[AuditFinding]:
    """E1: a mean and a standard deviation can belong to values between a minimum and a maximum.

    The mean lies between them, and the variance is at most (max − mean)(mean − min) n / (n − 1)
    (Bhatia & Davis 2000).
    """
    need_at_least(place, 2, n=n)
    low, middle, high, spread = (number.interval for number in (minimum, mean, maximum, sd))
    widest, narrowest = Interval(low.low, high.high), Interval(low.high, high.low)
    largest = max(_largest_sd(value, widest, n) for value in _candidates(middle, widest))
    surely = min(_largest_sd(value, narrowest, n) for value in middle)
    grade = grade_of(
        middle.within(narrowest) and spread.high <= surely,
        middle.overlaps(widest) and Interval(0.0, largest).overlaps(spread),
    )
    printed = f"mean {mean}, s.d. {sd}, {minimum} to {maximum}"
    return [AuditFinding("E1", "moments", place, printed, f"s.d. at most {largest:.3f}", grade)]


def check_dummy(place: str, n: int, mean: Number, sd: Number) -> list[AuditFinding]:
    """E1: the standard deviation of a variable of zeros and ones is √(n p (1 − p) / (n − 1))."""
    need_at_least(place, 2, n=n)
    share = mean.share_range
    ends = [(n / (n - 1) * p * (1 - p)) ** 0.5 for p in share]
    top = 0.5 * (n / (n - 1)) ** 0.5 if share.low <= 0.5 <= share.high else max(ends)
    implied = Interval(min(ends), top)
    grade = compared(implied, sd.interval) if mean.interval.overlaps(Interval(0.0, 1.0)) else "contradicts"
    words = f"s.d. {span(implied, sd.decimals + 1)}"
    return [AuditFinding("E1", "dummy", place, f"mean {mean}, s.d. {sd}, n = {n:,}", words, grade)]


def check_extremes(
    place: str, n: int, mean: Number, sd: Number, minimum: Number, maximum: Number
) -> list[AuditFinding]:
    """E1: an extreme is no further out than the largest of n normal values is in 95 of 100 samples.

    Variables need not be normal: an extreme beyond it is a lead to a slip in the data and no proof of one.
    """
    if sd.value <= 0:
        raise ParameterError(f"{place}: a standard deviation of {sd} gives no distance")
    need_at_least(place, 2, n=n)
    limit = float(stats.norm.isf((1 - 0.95 ** (1 / n)) / 2))
    below, above = (abs(end.value - mean.value) / sd.value for end in (minimum, maximum))
    words = f"{below:.1f} s.d. below and {above:.1f} above the mean; {limit:.1f} for normal values"
    grade: Grade = "tension" if max(below, above) > limit else "consistent"
    return [AuditFinding("E1", "distance of extremes", place, f"{minimum} and {maximum}", words, grade)]


def check_bias(place: str, means: list[Number], sds: list[Number], bias: Number) -> list[AuditFinding]:
    """E6: standardised bias is 100 (m₁ − m₀) / √((s₁² + s₀²) / 2). ``means``, ``sds``: treated, controls."""
    if len(means) != 2 or len(sds) != 2:
        raise ParameterError(f"{place}: bias is of two groups: two means and two standard deviations")
    spread = (sds[0].error_range.squared() + sds[1].error_range.squared()).times(0.5).root()
    implied = (means[0].interval - means[1].interval).times(100.0) / spread
    printed = f"means {means[0]} and {means[1]}, s.d. {sds[0]} and {sds[1]}, bias {bias} %"
    words = span(implied, bias.decimals + 1)
    return [AuditFinding("E6", "standardised bias", place, printed, words, compared(implied, bias.interval))]


def check_bias_reduction(place: str, before: Number, after: Number, reduction: Number) -> list[AuditFinding]:
    """E6: the reduction of bias is 100 (1 − |after| / |before|) per cent."""
    implied = (exactly(1.0) - abs(after.interval) / abs(before.interval)).times(100.0)
    printed = f"bias {before} % → {after} %, reduced by {reduction} %"
    words = span(implied, reduction.decimals + 1)
    return [
        AuditFinding("E6", "reduction of bias", place, printed, words, compared(implied, reduction.interval))
    ]


def _candidates(mean: Interval, between: Interval) -> tuple[float, float, float]:
    """Means that may allow the largest standard deviation: both ends and the nearest to the middle."""
    return *mean, float(np.clip((between.low + between.high) / 2, *mean))


def _largest_sd(mean: float, between: Interval, n: int) -> float:
    room = max((between.high - mean) * (mean - between.low), 0.0)
    return float(np.sqrt(room * n / (n - 1)))
