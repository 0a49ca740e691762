"""Means and standard deviations of whole numbers, such as answers on a scale: only some can occur.

In exact fractions; the ends of a printed number belong to it as its way of rounding says.
"""

from fractions import Fraction
from math import ceil, floor

from digital_clusters.analysis.audit.findings import AuditFinding, grade_of, need_at_least
from digital_clusters.analysis.audit.rounding import Number

MOST_SUMS = 10_000
"""Sums that are tried one by one; with more some nearly always fits, and the finding is *possible*."""


def check_grim(place: str, n: int, mean: Number, items: int = 1) -> list[AuditFinding]:
    """E2: some sum of n whole numbers gives the mean (GRIM, Brown & Heathers 2017).

    ``items``: whole numbers that were averaged for each of the n.
    """
    sums = _sums(place, n, mean, items)
    return [
        AuditFinding(
            "E2",
            "mean of whole numbers",
            place,
            _printed(mean, n, items),
            _near(mean, n * items),
            grade_of(len(sums) > 0),
        )
    ]


def check_grimmer(place: str, n: int, mean: Number, sd: Number, items: int = 1) -> list[AuditFinding]:
    """E3: some whole numbers give mean and standard deviation (GRIMMER, Anaya 2016).

    For a sum S with mean m the sum of squares is a whole number, odd as S is, between those that the rounded
    standard deviation allows.
    """
    need_at_least(place, 2, n=n)
    printed = f"{_printed(mean, n, items)}, s.d. {sd}"
    sums = _sums(place, n, mean, items)
    if len(sums) > MOST_SUMS:
        return [_undecided("E3", "s.d. of whole numbers", place, printed, sums)]
    fits = [s for s in sums if _squares_exist(s, n, sd, items)]
    words = f"{len(fits):,} of {len(sums):,} sums of the mean fit" if fits else "no sum fits"
    return [AuditFinding("E3", "s.d. of whole numbers", place, printed, words, grade_of(len(fits) > 0))]


def check_debit(place: str, n: int, mean: Number, sd: Number) -> list[AuditFinding]:
    """E4: some number of ones among n gives mean and standard deviation (DEBIT, Heathers & Brown 2019)."""
    need_at_least(place, 2, n=n)
    printed = f"{_printed(mean, n, 1)}, s.d. {sd}"
    sums = _sums(place, n, mean, 1)
    if len(sums) > MOST_SUMS:
        return [_undecided("E4", "zeros and ones", place, printed, sums)]
    low, high = _variances(sd)
    ones = [k for k in sums if 0 <= k <= n and low <= Fraction(k * (n - k), n * (n - 1)) <= high]
    words = f"{len(ones):,} numbers of ones fit" if ones else "no number of ones fits"
    return [AuditFinding("E4", "zeros and ones", place, printed, words, grade_of(len(ones) > 0))]


def _undecided(key: str, check: str, place: str, printed: str, sums: range) -> AuditFinding:
    return AuditFinding(key, check, place, printed, f"{len(sums):,} sums give the mean", "possible")


def _squares_exist(s: int, n: int, sd: Number, items: int) -> bool:
    """Whether a sum of squares exists that gives the standard deviation and is odd as ``s`` is."""
    middle = n * Fraction(s, n * items) ** 2
    low, high = (((n - 1) * square + middle) * items**2 for square in _variances(sd))
    first = ceil(low)
    return first + (first - s) % 2 <= floor(high)


def _variances(sd: Number) -> tuple[Fraction, Fraction]:
    """Least and largest variance, both included: a root is taken in binary before it is rounded."""
    low, high, *_ = sd.ends
    return max(low, Fraction(0)) ** 2, high**2


def _sums(place: str, n: int, mean: Number, items: int) -> range:
    need_at_least(place, 1, n=n, items=items)
    return mean.whole_multiples(n * items)


def _near(mean: Number, count: int) -> str:
    """The two means of ``count`` whole numbers around the printed one."""
    whole = floor(Fraction(mean.value) * count)
    ends = [f"{k / count:.{max(mean.decimals, 0) + 2}f}".replace("-", "−") for k in (whole, whole + 1)]
    return f"nearest {ends[0]} and {ends[1]}"


def _printed(mean: Number, n: int, items: int) -> str:
    return f"mean {mean}, n = {n:,}" + (f", {items} items" if items > 1 else "")
