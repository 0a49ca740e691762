"""Does a paper's printed table agree with itself? Arithmetic on rounded numbers, no data needed.

Every check returns a frame with the columns :data:`FINDING_COLUMNS`. A printed number stands for every
value that rounds to it, so a verdict is *contradicts* only if no such value fits (the idea of the
GRIM test, Brown & Heathers 2017, doi 10.1177/1948550616673876).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from digital_clusters.errors import ParameterError

FINDING_COLUMNS = ["check", "place", "printed", "implied", "verdict"]
"""Which check, where in the paper, what is printed, what the rest implies, and whether they agree."""

VERDICTS = ("consistent", "possible", "contradicts", "tension")
"""Whether they fit: whatever the unrounded numbers were; for some of them; for none. *Tension*: no identity
ties them, but they are further apart than chance or the text would have it."""

TWO_SIDED_5 = float(stats.norm.ppf(0.975))

STARS = {"***": 0.01, "**": 0.05, "*": 0.10}

_SLACK = 1e-12
"""Binary fractions of decimal bounds are off by less than this."""


class Interval(NamedTuple):
    """All values a printed number can stand for."""

    low: float
    high: float

    def overlaps(self, other: "Interval") -> bool:
        """Whether some value is in both."""
        return self.low <= other.high + _SLACK and other.low <= self.high + _SLACK

    def within(self, other: "Interval") -> bool:
        """Whether every value is in the other."""
        return other.low - _SLACK <= self.low and self.high <= other.high + _SLACK

    def times(self, factor: float) -> "Interval":
        """Values multiplied by a number."""
        return Interval(*sorted((self.low * factor, self.high * factor)))


@dataclass(frozen=True)
class Printed:
    """A printed coefficient. ``decimals`` is what the table rounds to; default: as many as are printed."""

    place: str
    coefficient: str
    standard_error: str
    stars: str = ""
    decimals: int | None = None

    @property
    def coefficient_range(self) -> Interval:
        """Coefficients that round to the printed one."""
        return rounded(self.coefficient, self.decimals)

    @property
    def error_range(self) -> Interval:
        """Standard errors that round to the printed one."""
        low, high = rounded(self.standard_error, self.decimals)
        return Interval(max(low, 0.0), high)

    @property
    def t_range(self) -> Interval:
        """Absolute t statistics that the two ranges allow."""
        low, high = self.coefficient_range
        nearest = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
        error = self.error_range
        highest = max(abs(low), abs(high)) / error.low if error.low > 0 else np.inf
        return Interval(nearest / error.high, highest)

    def __str__(self) -> str:
        return f"{self.coefficient}{self.stars} ({self.standard_error})".replace("-", "−")


def rounded(text: str, decimals: int | None = None) -> Interval:
    """Values that are printed as ``text``; ``decimals`` if the paper cuts trailing zeros.

    Examples
    --------
    >>> rounded("-0.002")
    Interval(low=-0.0025, high=-0.0015)
    """
    value = Decimal(text)
    places = -int(value.as_tuple().exponent) if decimals is None else decimals
    half = Decimal(5).scaleb(-places - 1)
    return Interval(float(value - half), float(value + half))


def check_stars(
    rows: Sequence[Printed],
    stars: Mapping[str, float] = STARS,
    degrees_of_freedom: float | None = None,
) -> pd.DataFrame:
    """Whether the stars fit the t statistics that the rounded coefficient and error allow.

    Parameters
    ----------
    rows : sequence of Printed
    stars : mapping of str to float
        Stars → level of the two-sided test.
    degrees_of_freedom : float, optional
        Of the t distribution; default normal.
    """
    distribution = stats.norm if degrees_of_freedom is None else stats.t(degrees_of_freedom)
    bounds = {mark: float(distribution.ppf(1 - level / 2)) for mark, level in stars.items()}
    return _frame(_stars_finding(row, bounds) for row in rows)


def _stars_finding(row: Printed, bounds: Mapping[str, float]) -> dict:
    if row.stars and row.stars not in bounds:
        raise ParameterError(f"{row.place}: stars {row.stars!r} are not among {', '.join(bounds)}")
    low = bounds[row.stars] if row.stars else 0.0
    above = [bound for bound in bounds.values() if bound > low]
    claimed, possible = Interval(low, min(above, default=np.inf)), row.t_range
    return {
        "check": "stars",
        "place": row.place,
        "printed": str(row),
        "implied": f"|t| {_words(possible)}; {row.stars or 'no star'} {_words(claimed)}",
        "verdict": _verdict(possible.within(claimed), possible.overlaps(claimed)),
    }


def check_sample_size(
    place: str, printed: int, cities: int, years: int, excluded_cities: int = 0
) -> pd.DataFrame:
    """Whether N is (cities − excluded cities) × years, as in a balanced panel."""
    implied = (cities - excluded_cities) * years
    return _frame(
        [
            {
                "check": "sample size",
                "place": place,
                "printed": f"N = {printed:,}",
                "implied": f"{cities - excluded_cities} × {years} = {implied:,}",
                "verdict": _verdict(printed == implied),
            }
        ]
    )


def check_parts(place: str, parts: Sequence[int], whole: int) -> pd.DataFrame:
    """Whether the sizes of subsamples add to the size of the sample."""
    return _frame(
        [
            {
                "check": "parts of the sample",
                "place": place,
                "printed": " + ".join(f"{part:,}" for part in parts) + f" = {sum(parts):,}",
                "implied": f"N = {whole:,}",
                "verdict": _verdict(sum(parts) == whole),
            }
        ]
    )


def check_whole_cities(place: str, parts: Sequence[int], years: int) -> pd.DataFrame:
    """Whether subsamples of a balanced panel can be made of whole cities."""
    left = [part % years for part in parts]
    return _frame(
        [
            {
                "check": "whole cities",
                "place": place,
                "printed": ", ".join(f"{part:,}" for part in parts),
                "implied": f"multiples of {years}; the remainders are {', '.join(map(str, left))}",
                "verdict": _verdict(not any(left)),
            }
        ]
    )


def check_median_split(place: str, at_or_above: int, below: int) -> pd.DataFrame:
    """Whether two groups can be the sides of a median, and how many ties at it they need.

    With n values and no ties at the median ceil(n / 2) are at or above it. A larger group at or above
    needs at least as many values equal to the median as it has beyond that, plus one.
    """
    total = at_or_above + below
    without_ties = (total + 1) // 2
    extra = at_or_above - without_ties
    if extra == 0:
        implied = f"{without_ties:,} at or above without ties"
    elif extra > 0:
        implied = f"{without_ties:,} at or above without ties; {extra + 1} or more equal to the median"
    else:
        implied = f"at least {without_ties:,} at or above"
    return _frame(
        [
            {
                "check": "median split",
                "place": place,
                "printed": f"{at_or_above:,} and {below:,}",
                "implied": implied,
                "verdict": _verdict(extra == 0, extra > 0),
            }
        ]
    )


def check_rescaling(raw: Printed, scaled: Printed, factor: float) -> pd.DataFrame:
    """Whether a coefficient still fits after its variable was divided by ``factor``.

    Dividing a regressor by a constant multiplies its coefficient and its standard error by it and
    leaves t as it was. In double machine learning that holds exactly with the same folds; with folds
    drawn anew the coefficient moves by a fraction of its error, which this check does not allow for.

    Parameters
    ----------
    raw, scaled : Printed
        The coefficient before and after.
    factor : float
        E.g. maximum minus minimum where the variable was scaled to [0, 1]; 1 for the other terms of
        the regression.
    """
    place = f"{raw.place} → {scaled.place}"
    pairs = {
        "coefficient": (raw.coefficient_range.times(factor), scaled.coefficient_range, scaled.coefficient),
        "standard error": (raw.error_range.times(factor), scaled.error_range, scaled.standard_error),
        "|t|": (raw.t_range, scaled.t_range, _words(scaled.t_range)),
    }
    return _frame(
        {
            "check": f"rescaling, {name}",
            "place": place,
            "printed": printed.replace("-", "−"),
            "implied": _words(implied, 2 if name == "|t|" else 3),
            "verdict": _verdict(implied.within(found), implied.overlaps(found)),
        }
        for name, (implied, found, printed) in pairs.items()
    )


def check_moments(place: str, n: int, mean: str, sd: str, minimum: str, maximum: str) -> pd.DataFrame:
    """Whether a mean and a standard deviation can belong to values between a minimum and a maximum.

    The mean lies between them, and the variance is at most (max − mean)(mean − min) n / (n − 1)
    (Bhatia & Davis 2000).
    """
    low, middle, high, spread = (rounded(text) for text in (minimum, mean, maximum, sd))
    widest, narrowest = Interval(low.low, high.high), Interval(low.high, high.low)
    largest = max(_largest_sd(value, widest, n) for value in _candidates(middle, widest))
    surely = min(_largest_sd(value, narrowest, n) for value in middle)
    return _frame(
        [
            {
                "check": "moments",
                "place": place,
                "printed": f"mean {mean}, s.d. {sd}, {minimum} to {maximum}".replace("-", "−"),
                "implied": f"s.d. at most {largest:.3f}",
                "verdict": _verdict(
                    middle.within(narrowest) and spread.high <= surely,
                    middle.overlaps(widest) and spread.low <= largest,
                ),
            }
        ]
    )


def check_pooled(place: str, parts: Sequence[Printed], whole: Printed) -> pd.DataFrame:
    """Whether the coefficient of a sample fits those of the parts it consists of.

    The mean of the parts, weighted by 1/s.e.², is what the whole would show if precision decided the weights.
    Tension if the whole is more than 1.96 standard errors of that mean away, however all were rounded.
    """
    corners = [
        _weighted(coefficients, errors)
        for coefficients in product(*(part.coefficient_range for part in parts))
        for errors in product(*(part.error_range for part in parts))
    ]
    mean = Interval(min(c for c, _ in corners), max(c for c, _ in corners))
    error = max(s for _, s in corners)
    low, high = whole.coefficient_range
    near = Interval(mean.low - TWO_SIDED_5 * error, mean.high + TWO_SIDED_5 * error).overlaps(
        Interval(low, high)
    )
    return _one(
        "parts and whole",
        place,
        f"{' and '.join(map(str, parts))}; whole {whole}",
        f"mean weighted by precision {_words(mean, 3)}, s.e. at most {error:.3f}",
        "possible" if near else "tension",
    )


def _weighted(coefficients: Sequence[float], errors: Sequence[float]) -> tuple[float, float]:
    weights = 1 / np.square(errors)
    return float(np.average(coefficients, weights=weights)), float(weights.sum() ** -0.5)


def check_difference(place: str, first: Printed, second: Printed) -> pd.DataFrame:
    """Whether two coefficients that the text tells apart differ at 5 %, taken as independent."""
    gap = Interval(
        first.coefficient_range.low - second.coefficient_range.high,
        first.coefficient_range.high - second.coefficient_range.low,
    )
    nearest = 0.0 if gap.low <= 0 <= gap.high else min(map(abs, gap))
    errors = [np.hypot(a, b) for a, b in zip(first.error_range, second.error_range, strict=True)]
    z = Interval(nearest / errors[1], max(map(abs, gap)) / errors[0])
    verdict = _verdict(z.low > TWO_SIDED_5, z.high > TWO_SIDED_5)
    return _one(
        "difference",
        place,
        f"{first}, {second}",
        f"|z| {_words(z)}",
        "tension" if verdict == "contradicts" else verdict,
    )


def check_centring(
    place: str, main: Printed, other: Printed, product_term: Printed, centre: float
) -> pd.DataFrame:
    """Whether a moderator that the text only rescales was centred too.

    Moving the zero of a moderator by c moves the main effect by c times the product's coefficient. ``main``
    is the main effect with the moderator centred, ``other`` the one in question, ``centre`` the mean of its
    moderator.
    """
    moves = product_term.coefficient_range.times(-centre)
    low, high = main.coefficient_range
    implied = Interval(low + moves.low, high + moves.high)
    return _one(
        "centring",
        place,
        f"main effect {other}",
        f"{_words(implied, 3)} if the moderator were not centred",
        _verdict(other.coefficient_range.within(implied), implied.overlaps(other.coefficient_range)),
    )


def effect_at(main: Printed, product_term: Printed, moderator: float) -> tuple[Interval, Interval]:
    """Effect at a value of the moderator, and its standard error whatever the covariance that is not printed.

    The correlation of the two coefficients is between −1 and 1, so the standard error is between the
    difference and the sum of |m| s.e.(product) and s.e.(main).
    """
    moved = product_term.coefficient_range.times(moderator)
    effect = Interval(main.coefficient_range.low + moved.low, main.coefficient_range.high + moved.high)
    a, b = main.error_range, product_term.error_range.times(abs(moderator))
    least = max(0.0, a.low - b.high, b.low - a.high)
    return effect, Interval(least, a.high + b.high)


def check_effect_at(
    place: str, main: Printed, product_term: Printed, moderator: float, claimed: Printed
) -> pd.DataFrame:
    """Whether the effect that a moderated regression has at a value reaches what another table prints.

    Tension if the printed coefficient lies beyond the effect, however both were rounded.
    """
    effect, error = effect_at(main, product_term, moderator)
    apart = not effect.overlaps(claimed.coefficient_range)
    return _one(
        "effect at a value of the moderator",
        place,
        f"{claimed.place} {claimed}",
        f"{_words(effect, 3)}, s.e. {_words(error, 3)}",
        "tension" if apart else "possible",
    )


def check_extremes(place: str, n: int, mean: str, sd: str, minimum: str, maximum: str) -> pd.DataFrame:
    """Whether an extreme is further out than the largest of n normal values is in 95 of 100 samples.

    Variables need not be normal: an extreme beyond it is a lead to a slip in the data and no proof of one.
    """
    limit = float(stats.norm.isf((1 - 0.95 ** (1 / n)) / 2))
    middle, spread = float(mean), float(sd)
    distances = [abs(float(end) - middle) / spread for end in (minimum, maximum)]
    return _one(
        "distance of extremes",
        place,
        f"{minimum} and {maximum}".replace("-", "−"),
        f"{distances[0]:.1f} s.d. below and {distances[1]:.1f} above the mean; {limit:.1f} for normal values",
        "tension" if max(distances) > limit else "consistent",
    )


def check_absorbed(place: str, without: Printed, with_it: Printed) -> pd.DataFrame:
    """Whether a control that is constant within cities leaves a coefficient with city effects as it was."""
    low = without.coefficient_range
    changed = float(with_it.coefficient) / float(without.coefficient) - 1
    return _one(
        "control that city effects hold",
        place,
        f"{without} → {with_it}",
        f"no change where city effects are absorbed; printed {changed:+.0%}".replace("-", "−"),
        "possible" if low.overlaps(with_it.coefficient_range) else "tension",
    )


def check_size(place: str, coefficient: Printed, outcome_mean: str, minimum: str) -> pd.DataFrame:
    """Whether the effect of a regressor's whole range takes the mean outcome out of the outcome's range."""
    left = f"{float(outcome_mean) + float(coefficient.coefficient):.3f}".replace("-", "−")
    return _one(
        "size of an effect",
        place,
        str(coefficient),
        f"from least to most, the mean outcome {outcome_mean} becomes {left}; its minimum is {minimum}",
        "possible" if float(outcome_mean) + float(coefficient.coefficient) >= float(minimum) else "tension",
    )


def _one(check: str, place: str, printed: str, implied: str, verdict: str) -> pd.DataFrame:
    return _frame([dict(zip(FINDING_COLUMNS, (check, place, printed, implied, verdict), strict=True))])


def _candidates(mean: Interval, between: Interval) -> tuple[float, float, float]:
    """Means that may allow the largest standard deviation: both ends and the nearest to the middle."""
    return *mean, float(np.clip((between.low + between.high) / 2, *mean))


def _largest_sd(mean: float, between: Interval, n: int) -> float:
    room = max((between.high - mean) * (mean - between.low), 0.0)
    return float(np.sqrt(room * n / (n - 1)))


def _verdict(always: bool, sometimes: bool = False) -> str:
    if always:
        return "consistent"
    return "possible" if sometimes else "contradicts"


def _words(interval: Interval, decimals: int = 2) -> str:
    if np.isinf(interval.high):
        return f"≥ {interval.low:.{decimals}f}"
    return f"{interval.low:.{decimals}f} to {interval.high:.{decimals}f}".replace("-", "−")


def _frame(findings) -> pd.DataFrame:
    return pd.DataFrame(list(findings), columns=FINDING_COLUMNS)
