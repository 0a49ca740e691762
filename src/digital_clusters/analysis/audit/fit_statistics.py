"""Statistics of a whole regression against each other: R², F, information criteria, likelihoods."""

from math import log

from digital_clusters.analysis.audit.findings import AuditFinding, compared, grade_of, span
from digital_clusters.analysis.audit.intervals import Interval, exactly, total
from digital_clusters.analysis.audit.rounding import Number
from digital_clusters.analysis.audit.significance import ONE, degrees_of_freedom
from digital_clusters.errors import ParameterError


def f_range(r2: Interval, regressors: int, df: int) -> Interval:
    """F statistics of regressions with such an R²: (R²/k) / ((1 − R²)/df)."""
    return Interval(*(_odds(share) * df / regressors for share in r2))


def r2_range(f: Interval, regressors: int, df: int) -> Interval:
    """R² of regressions with such an F statistic: Fk / (Fk + df)."""
    return Interval(*(value * regressors / (value * regressors + df) for value in f))


def adjusted_range(r2: Interval, n: int, df: int) -> Interval:
    """Adjusted R²: 1 − (1 − R²)(n − 1)/df."""
    return ONE - (ONE - r2).times((n - 1) / df)


def check_f(
    place: str, r2: Number, f: Number, n: int, regressors: int, absorbed: int = 0
) -> list[AuditFinding]:
    """B1: F of all regressors follows from R², with classical errors. ``absorbed``: fixed effects."""
    df = degrees_of_freedom(place, n, regressors, absorbed)
    implied = f_range(r2.share_range, regressors, df)
    printed = f"R² = {r2}, F = {f}, n = {n:,}, k = {regressors}"
    return [
        AuditFinding("B1", "F and R²", place, printed, f"F {span(implied)}", compared(implied, f.error_range))
    ]


def check_f_of_one(place: str, f: Number, t: Number) -> list[AuditFinding]:
    """B1: with one regressor F is t²."""
    implied = t.interval.squared()
    words = f"F {span(implied, f.decimals + 1)}"
    return [AuditFinding("B1", "F and t", place, f"t = {t}, F = {f}", words, compared(implied, f.interval))]


def check_adjusted(
    place: str, r2: Number, adjusted_r2: Number, n: int, regressors: int, absorbed: int = 0
) -> list[AuditFinding]:
    """B2: adjusted R² follows from R². With absorbed effects counted or not, it tells which R² is printed."""
    implied = adjusted_range(r2.share_range, n, degrees_of_freedom(place, n, regressors, absorbed))
    printed = f"R² = {r2}, adjusted {adjusted_r2}, n = {n:,}, k = {regressors + absorbed}"
    words = span(implied, adjusted_r2.decimals + 1)
    return [AuditFinding("B2", "adjusted R²", place, printed, words, compared(implied, adjusted_r2.interval))]


def check_nested(place: str, smaller: Number, larger: Number) -> list[AuditFinding]:
    """B3: R² does not fall when a regressor is added on the same rows."""
    low, high = smaller.share_range, larger.share_range
    grade = grade_of(low.high <= high.low, low.low <= high.high)
    printed = f"R² = {smaller}, with more regressors {larger}"
    return [AuditFinding("B3", "R² of nested models", place, printed, f"at least {low.low:g}", grade)]


def check_added(
    place: str, smaller: Number, larger: Number, n: int, regressors: int, added: int, f: Number
) -> list[AuditFinding]:
    """B3: F of ``added`` regressors follows from both R²; ``regressors``: of the larger model."""
    df = degrees_of_freedom(place, n, regressors)
    low, high = smaller.share_range, larger.share_range
    # (b - a) / (1 - b) rises in b and falls in a
    ends = [
        df / added * (_odds(b) - a / (1 - b) if b < 1 else _odds(b))
        for a, b in ((low.high, high.low), (low.low, high.high))
    ]
    implied = Interval(*ends)
    printed = f"R² = {smaller} and {larger}, n = {n:,}, {added} added, F = {f}"
    return [
        AuditFinding(
            "B3", "F of what is added", place, printed, f"F {span(implied)}", compared(implied, f.interval)
        )
    ]


def check_aic(place: str, log_likelihood: Number, parameters: int, aic: Number) -> list[AuditFinding]:
    """B4: AIC is 2k − 2 log L."""
    implied = exactly(2.0 * parameters) - log_likelihood.interval.times(2.0)
    printed = f"log L = {log_likelihood}, k = {parameters}, AIC = {aic}"
    words = span(implied, aic.decimals + 1)
    return [AuditFinding("B4", "AIC", place, printed, words, compared(implied, aic.interval))]


def check_bic(place: str, log_likelihood: Number, parameters: int, n: int, bic: Number) -> list[AuditFinding]:
    """B4: BIC is k log n − 2 log L."""
    implied = exactly(parameters * log(n)) - log_likelihood.interval.times(2.0)
    printed = f"log L = {log_likelihood}, k = {parameters}, n = {n:,}, BIC = {bic}"
    words = span(implied, bic.decimals + 1)
    return [AuditFinding("B4", "BIC", place, printed, words, compared(implied, bic.interval))]


def check_likelihood_ratio(
    place: str, smaller: Number, larger: Number, statistic: Number
) -> list[AuditFinding]:
    """B4: twice the difference of log likelihoods of nested models, which is not negative."""
    implied = (larger.interval - smaller.interval).times(2.0)
    possible = implied.clipped(0.0)
    grade = compared(possible, statistic.interval) if implied.high >= 0 else "contradicts"
    printed = f"log L = {smaller} and {larger}, LR = {statistic}"
    words = span(implied, statistic.decimals + 1)
    return [AuditFinding("B4", "likelihood ratio", place, printed, words, grade)]


def check_r2_of_betas(
    place: str, betas: list[Number], correlations: list[Number], r2: Number
) -> list[AuditFinding]:
    """B5: R² is the sum of standardised coefficients times correlations with the outcome."""
    _same_length(place, betas, correlations)
    implied = total([a.interval * b.interval for a, b in zip(betas, correlations, strict=True)])
    printed = f"β {_listed(betas)}, r {_listed(correlations)}, R² = {r2}"
    words = span(implied, r2.decimals + 1)
    return [
        AuditFinding(
            "B5", "R² of standardised coefficients", place, printed, words, compared(implied, r2.interval)
        )
    ]


def check_two_regressors(place: str, betas: list[Number], correlations: list[Number]) -> list[AuditFinding]:
    """B6: of two regressors the correlation follows from each coefficient: (r₁ − β₁)/β₂ = (r₂ − β₂)/β₁."""
    _same_length(place, betas, correlations)
    if len(betas) != 2:
        raise ParameterError(f"{place}: this holds for two regressors; there are {len(betas)}")
    b1, b2, r1, r2 = (number.interval for number in (*betas, *correlations))
    first, second = (r1 - b1) / b2, (r2 - b2) / b1
    both = first.overlaps(second) and all(part.overlaps(Interval(-1.0, 1.0)) for part in (first, second))
    printed = f"β {_listed(betas)}, r {_listed(correlations)}"
    words = f"correlation {span(first, 3)} and {span(second, 3)}"
    return [AuditFinding("B6", "two regressors", place, printed, words, grade_of(False, both))]


def _odds(share: float) -> float:
    return share / (1 - share) if share < 1 else float("inf")


def _listed(numbers: list[Number]) -> str:
    return ", ".join(map(str, numbers))


def _same_length(place: str, first: list[Number], second: list[Number]) -> None:
    if len(first) != len(second):
        raise ParameterError(f"{place}: {len(first)} coefficients and {len(second)} correlations")
