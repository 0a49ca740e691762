"""Sizes of samples, and the parts of a sample against the whole."""

from collections.abc import Sequence
from itertools import product

import numpy as np

from digital_clusters.analysis.audit.findings import (
    AuditFinding,
    Grade,
    compared,
    grade_of,
    need_at_least,
    span,
)
from digital_clusters.analysis.audit.intervals import Interval
from digital_clusters.analysis.audit.printed import Term
from digital_clusters.analysis.audit.rounding import Number
from digital_clusters.analysis.audit.significance import TWO_SIDED_5
from digital_clusters.errors import ParameterError

FACTOR_OF_ERRORS = 2.0
"""Errors of two samples that differ by more than this from what their sizes say are told as a tension: noise
and spread of the regressor would have to differ by as much."""


def check_sample_size(
    place: str, printed: int, cities: int, years: int, excluded_cities: int = 0, lags: int = 0
) -> list[AuditFinding]:
    """D1: N of a balanced panel is (cities − excluded cities) × (years − lags)."""
    units, periods = cities - excluded_cities, years - lags
    implied = units * periods
    words = f"{units} × {periods} = {implied:,}"
    return [AuditFinding("D1", "sample size", place, f"N = {printed:,}", words, grade_of(printed == implied))]


def check_subsample(place: str, part: int, whole: int) -> list[AuditFinding]:
    """D1: a subsample is no larger than the whole."""
    words = f"at most {whole:,}"
    return [AuditFinding("D1", "subsample", place, f"N = {part:,}", words, grade_of(part <= whole))]


def check_parts(place: str, parts: list[int], whole: int) -> list[AuditFinding]:
    """D1: sizes of subsamples that exhaust a sample add to its size."""
    printed = " + ".join(f"{part:,}" for part in parts) + f" = {sum(parts):,}"
    grade = grade_of(sum(parts) == whole)
    return [AuditFinding("D1", "parts of the sample", place, printed, f"N = {whole:,}", grade)]


def check_whole_cities(place: str, parts: list[int], years: int) -> list[AuditFinding]:
    """D1: subsamples of a balanced panel that are made of whole cities are multiples of its years."""
    need_at_least(place, 1, years=years)
    left = [part % years for part in parts]
    printed = ", ".join(f"{part:,}" for part in parts)
    words = f"multiples of {years}; the remainders are {', '.join(map(str, left))}"
    return [AuditFinding("D1", "whole cities", place, printed, words, grade_of(not any(left)))]


def check_median_split(place: str, at_or_above: int, below: int) -> list[AuditFinding]:
    """D1: two groups are the sides of a median; how many ties at it they need.

    With n values and no ties at the median ceil(n / 2) are at or above it. A larger group at or above
    needs at least as many values equal to the median as it has beyond that, plus one.
    """
    without_ties = (at_or_above + below + 1) // 2
    extra = at_or_above - without_ties
    if extra == 0:
        implied = f"{without_ties:,} at or above without ties"
    elif extra > 0:
        implied = f"{without_ties:,} at or above without ties; {extra + 1} or more equal to the median"
    else:
        implied = f"at least {without_ties:,} at or above"
    printed = f"{at_or_above:,} and {below:,}"
    return [AuditFinding("D1", "median split", place, printed, implied, grade_of(extra == 0, extra > 0))]


def check_pooled(place: str, parts: list[Term], whole: Term) -> list[AuditFinding]:
    """D2: the coefficient of a sample is near the mean of the parts it consists of, weighted by 1/s.e.².

    The mean is what the whole would show if precision decided the weights. Tension if the whole is more
    than 1.96 standard errors of that mean away, however all were rounded.
    """
    if len(parts) > MOST_PARTS:
        raise ParameterError(f"{place}: {len(parts)} parts; at most {MOST_PARTS} are compared with a whole")
    if any(part.standard_error.error_range.low <= 0 for part in parts):
        raise ParameterError(f"{place}: a standard error that may be zero gives no weight")
    corners = [
        _weighted(coefficients, errors)
        for coefficients in product(*(part.coefficient.interval for part in parts))
        for errors in product(*(part.standard_error.error_range for part in parts))
    ]
    mean = Interval(min(c for c, _ in corners), max(c for c, _ in corners))
    error = max(s for _, s in corners)
    near = Interval(mean.low - TWO_SIDED_5 * error, mean.high + TWO_SIDED_5 * error)
    grade: Grade = "possible" if near.overlaps(whole.coefficient.interval) else "tension"
    printed = f"{' and '.join(map(str, parts))}; whole {whole}"
    words = f"mean weighted by precision {span(mean, 3)}, s.e. at most {error:.3f}"
    return [AuditFinding("D2", "parts and whole", place, printed, words, grade)]


MOST_PARTS = 6
"""Parts of a whole: 4 to their power are the corners that are tried."""


def _weighted(coefficients: Sequence[float], errors: Sequence[float]) -> tuple[float, float]:
    weights = 1 / np.square(errors)
    return float(np.average(coefficients, weights=weights)), float(weights.sum() ** -0.5)


def check_difference(place: str, first: Term, second: Term) -> list[AuditFinding]:
    """D2: two coefficients that the text tells apart differ at 5 %, taken as independent."""
    gap = abs(first.coefficient.interval - second.coefficient.interval)
    errors = (first.standard_error.error_range.squared() + second.standard_error.error_range.squared()).root()
    z = gap / errors
    grade = compared(z, Interval(TWO_SIDED_5, np.inf))
    words = f"|z| {span(z)}"
    grade = "tension" if grade == "contradicts" else grade
    return [AuditFinding("D2", "difference", place, f"{first}, {second}", words, grade)]


def check_errors(place: str, first: Term, second: Term, first_n: int, second_n: int) -> list[AuditFinding]:
    """D3: errors of two samples are to each other about as √n₂ to √n₁; tension beyond a factor of two."""
    need_at_least(place, 1, first_n=first_n, second_n=second_n)
    ratio = first.standard_error.error_range / second.standard_error.error_range
    expected = (second_n / first_n) ** 0.5
    likely = Interval(expected / FACTOR_OF_ERRORS, expected * FACTOR_OF_ERRORS)
    grade: Grade = "possible" if ratio.overlaps(likely) else "tension"
    printed = f"{first.standard_error} of {first_n:,}, {second.standard_error} of {second_n:,}"
    words = f"ratio {span(ratio)}, by the sizes {expected:.2f}"
    return [AuditFinding("D3", "errors and sizes", place, printed, words, grade)]


def check_absorbed(place: str, without: Term, with_it: Term) -> list[AuditFinding]:
    """D4: a control that is constant within cities leaves a coefficient with city effects as it was."""
    changed = (
        with_it.coefficient.value / without.coefficient.value - 1 if without.coefficient.value else np.nan
    )
    words = f"no change where city effects are absorbed; printed {changed:+.0%}".replace("-", "−")
    same = without.coefficient.interval.overlaps(with_it.coefficient.interval)
    grade: Grade = "possible" if same else "tension"
    return [
        AuditFinding("D4", "control that city effects hold", place, f"{without} → {with_it}", words, grade)
    ]


def check_size_of_effect(place: str, term: Term, outcome_mean: Number, minimum: Number) -> list[AuditFinding]:
    """D5: the effect of a regressor's whole range leaves the mean outcome in the range of the outcome.

    For a regressor on a unit scale, whose coefficient is the effect of its range.
    """
    left = outcome_mean.interval + term.coefficient.interval
    grade: Grade = "possible" if left.high >= minimum.interval.low else "tension"
    end = f"{outcome_mean.value + term.coefficient.value:.{max(outcome_mean.decimals, 0)}f}".replace("-", "−")
    words = f"from least to most, the mean outcome {outcome_mean} becomes {end}; its minimum is {minimum}"
    return [AuditFinding("D5", "size of an effect", place, str(term), words, grade)]
