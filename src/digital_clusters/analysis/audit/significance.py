"""Terms of a regression against themselves: t, p, stars, confidence limits, standardised coefficients."""

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
from scipy import special

from digital_clusters.analysis.audit.findings import AuditFinding, compared, grade_of, span
from digital_clusters.analysis.audit.intervals import Interval, exactly, over_corners
from digital_clusters.analysis.audit.printed import PValue, Term
from digital_clusters.analysis.audit.rounding import Number
from digital_clusters.errors import ParameterError

STARS = {"***": 0.01, "**": 0.05, "*": 0.10}
"""Stars → level of the two-sided test."""

ONE = exactly(1.0)

SMALL_P = 0.00005
"""p values below are not told apart."""


def _check_df(df: float | None) -> None:
    if df is not None and df <= 0:
        raise ParameterError(f"df = {df:g}: degrees of freedom are more than 0")


def two_sided_p(t: float, df: float | None = None) -> float:
    """p value of a t statistic; without degrees of freedom of a normal one."""
    _check_df(df)
    if np.isinf(t):
        return 0.0
    return float(2 * (special.ndtr(-abs(t)) if df is None else special.stdtr(df, -abs(t))))


def critical_value(level: float, df: float | None = None) -> float:
    """|t| at which a two-sided test rejects at ``level``."""
    _check_df(df)
    if not 0 < level < 1:
        raise ParameterError(f"a level of {level:g} is not between 0 and 1")
    return float(-(special.ndtri(level / 2) if df is None else special.stdtrit(df, level / 2)))


TWO_SIDED_5 = critical_value(0.05)


def p_range(t: Interval, df: float | None = None) -> Interval:
    """p values of the absolute t statistics of an interval."""
    return Interval(two_sided_p(t.high, df), two_sided_p(t.low, df))


def check_t(place: str, term: Term, t: Number) -> list[AuditFinding]:
    """A1: |t| is the coefficient over its standard error, and has its sign."""
    ratio = term.coefficient.interval / term.standard_error.error_range
    return [
        AuditFinding(
            "A1", "t", place, f"{term}, t = {t}", span(ratio, t.decimals + 1), compared(ratio, t.interval)
        )
    ]


def check_p(place: str, term: Term, p: PValue, df: float | None = None) -> list[AuditFinding]:
    """A2: p is that of the t statistic, two-sided. With clustered errors ``df`` is clusters − 1."""
    implied = p_range(term.t_range, df)
    return [_p_finding("A2", "p", place, f"{term}, {p}", implied, p)]


def check_statistic(
    place: str,
    kind: Literal["t", "z", "r", "F", "chi2"],
    statistic: Number,
    p: PValue,
    df: float | None = None,
    df2: float | None = None,
) -> list[AuditFinding]:
    """A2: p is that of a t, z, r, F or χ² statistic; F needs ``df`` and ``df2``, all but z need ``df``."""
    if (kind != "z" and not df) or (kind == "F" and not df2):
        raise ParameterError(
            f"{place}: a statistic of kind {kind} needs {'df and df2' if kind == 'F' else 'df'}"
        )
    tail = _tail(kind, df or 0.0, df2 or 0.0)
    low, high = abs(statistic.interval)
    implied = Interval(tail(high), tail(low))
    named = {"F": f"F({df:g}, {df2 or 0:g})", "z": "z"}.get(kind, f"{kind}({df:g})") if df else kind
    return [_p_finding("A2", f"p of {kind}", place, f"{named} = {statistic}, {p}", implied, p)]


def p_words(p: Interval) -> str:
    """An interval of p values in words."""
    return "below 0.0001" if p.high < SMALL_P else span(p, 4)


def _tail(kind: str, df: float, df2: float) -> Callable[[float], float]:
    if kind == "F":
        return lambda x: float(special.fdtrc(df, df2, x))
    if kind == "chi2":
        return lambda x: float(special.chdtrc(df, x))
    if kind == "z":
        return two_sided_p
    if kind == "r":
        return lambda r: two_sided_p(r * np.sqrt(df / (1 - r**2)) if r < 1 else np.inf, df)
    return lambda t: two_sided_p(t, df)


def _p_finding(key: str, check: str, place: str, printed: str, implied: Interval, p: PValue) -> AuditFinding:
    grade = compared(implied, p.interval)
    one_sided = grade == "contradicts" and implied.times(0.5).overlaps(p.interval)
    words = p_words(implied) + ("; half of it fits, as if one-sided" if one_sided else "")
    return AuditFinding(key, check, place, printed, words, grade)


def check_stars(
    place: str, term: Term, stars: Mapping[str, float] = STARS, df: float | None = None
) -> list[AuditFinding]:
    """A3: the stars are those of the t statistic. ``stars``: marks and two-sided levels."""
    if term.stars and term.stars not in stars:
        raise ParameterError(f"{place}: stars {term.stars!r} are not among {', '.join(stars)}")
    bounds = [critical_value(level, df) for level in stars.values()]
    low = critical_value(stars[term.stars], df) if term.stars else 0.0
    claimed = Interval(low, min((bound for bound in bounds if bound > low), default=np.inf))
    implied = f"|t| {span(term.t_range)}; {term.stars or 'no star'} {span(claimed)}"
    return [AuditFinding("A3", "stars", place, str(term), implied, compared(term.t_range, claimed))]


def check_limits(
    place: str, term: Term, low: Number, high: Number, level: float = 0.95, df: float | None = None
) -> list[AuditFinding]:
    """A4: confidence limits are the coefficient and as many standard errors as the level asks for."""
    reach = term.standard_error.error_range.times(critical_value(1 - level, df))
    ends = {
        "lower": (term.coefficient.interval - reach, low),
        "upper": (term.coefficient.interval + reach, high),
    }
    return [
        AuditFinding(
            "A4",
            f"{side} limit",
            place,
            f"{term}, {end}",
            span(implied, end.decimals + 1),
            compared(implied, end.interval),
        )
        for side, (implied, end) in ends.items()
    ]


def check_standardised(
    place: str, coefficient: Number, sd_x: Number, sd_y: Number, beta: Number
) -> list[AuditFinding]:
    """A5: a standardised coefficient is the coefficient times s.d. of regressor over s.d. of outcome."""
    implied = coefficient.interval * sd_x.error_range / sd_y.error_range
    printed = f"{coefficient}, s.d. {sd_x} and {sd_y}, β = {beta}"
    words = span(implied, beta.decimals + 1)
    return [
        AuditFinding(
            "A5", "standardised coefficient", place, printed, words, compared(implied, beta.interval)
        )
    ]


def check_t_bound(
    place: str, t: Number, beta: Number, r2: Number, n: int, regressors: int
) -> list[AuditFinding]:
    """A6: |t| is at most |β| √((n − k − 1) / (1 − R²)), which it is if regressors are uncorrelated."""
    df = degrees_of_freedom(place, n, regressors)
    most = abs(beta.interval) * (exactly(df) / (ONE - r2.share_range)).root()
    found = abs(t.interval)
    grade = grade_of(found.high <= most.low, found.low <= most.high)
    printed = f"t = {t}, β = {beta}, R² = {r2}, n = {n:,}"
    return [AuditFinding("A6", "bound of t", place, printed, f"|t| at most {most.high:.3f}", grade)]


def check_gain(place: str, t: Number, r2: Number, df: float, gain: Number) -> list[AuditFinding]:
    """A7: what a regressor adds to R² is t² (1 − R²) / df."""
    implied = over_corners(lambda a, b: a**2 * (1 - b) / df, abs(t.interval), r2.share_range)
    printed = f"t = {t}, R² = {r2}, gain {gain}"
    words = span(implied, gain.decimals + 1)
    return [AuditFinding("A7", "gain in R²", place, printed, words, compared(implied, gain.interval))]


def degrees_of_freedom(place: str, n: int, regressors: int, absorbed: int = 0) -> int:
    """n − k − 1 and less what fixed effects absorb.

    Raises
    ------
    ParameterError
        If none is left.
    """
    left = n - regressors - 1 - absorbed
    if left < 1:
        raise ParameterError(f"{place}: n = {n:,} leaves no degree of freedom to {n - left:,} coefficients")
    return left
