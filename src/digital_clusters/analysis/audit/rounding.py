"""Which values a printed number stands for, by the way it was rounded, and how values are printed."""

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import floor
from typing import Any, Literal, get_args

from pydantic_core import core_schema

from digital_clusters.analysis.audit.intervals import Interval
from digital_clusters.errors import ParameterError, check_option
from digital_clusters.wording import shortened

School = Literal["nearest", "half_up", "half_even", "truncated", "unknown"]
"""How numbers are rounded. ``half_up``: halves away from zero; ``half_even``: halves to the even digit;
``truncated``: digits are cut; ``nearest``: halves either way; ``unknown``: rounded or cut."""

_PLAIN = str.maketrans({"−": "-", "–": "-", ",": None})
"""Signs of a printed number to those of a program."""

_NUMBER = re.compile(r"(?=.*\d)[-+−–]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?([eE][-+]?\d{1,2})?")


LONGEST = 24
"""Characters of a printed number; decimal arithmetic is exact up to 28 digits."""


@dataclass(frozen=True)
class Number:
    """A number as printed: text, so that the number of decimals survives.

    Attributes
    ----------
    text : str
        Such as ``-0.099``, ``2,783`` or ``.36``.
    school : str
        See :data:`School`.
    places : int, optional
        Decimals of a table that cuts zeros at the end; by default as many as are printed.

    Raises
    ------
    ParameterError
        If the text is no finite number, or longer than :data:`LONGEST`, or the school is not known.

    Examples
    --------
    >>> Number("-0.002").interval
    Interval(low=-0.0025, high=-0.0015)
    """

    text: str
    school: School = "nearest"
    places: int | None = None

    def __post_init__(self) -> None:
        check_option("rounding", self.school, School)
        if len(self.text) > LONGEST or not _NUMBER.fullmatch(self.text):
            raise ParameterError(f"{shortened(repr(self.text))} is not a number")

    @cached_property
    def _decimal(self) -> Decimal:
        return Decimal(self.text.translate(_PLAIN))

    @property
    def value(self) -> float:
        """The printed number itself."""
        return float(self._decimal)

    @cached_property
    def decimals(self) -> int:
        """Digits after the point; negative if the last printed digit stands before it."""
        printed = -int(self._decimal.as_tuple().exponent)
        return printed if self.places is None else max(printed, self.places)

    @cached_property
    def _ends(self) -> tuple[int, int, int, bool, bool]:
        """Both ends as whole numbers, over a scale, and whether each belongs to what is printed so."""
        half, scale = (
            (1, 2 * 10**self.decimals) if self.decimals >= 0 else (5 * 10 ** (-self.decimals - 1), 1)
        )
        value = int(self._decimal * scale)
        if self.school in ("truncated", "unknown"):
            back = half if self.school == "unknown" else 0
            low, high, low_in, high_in = _cut(value, 2 * half, back)
        elif self.school == "half_up":
            low, high, low_in, high_in = value - half, value + half, value > 0, value < 0
        else:
            closed = self.school == "nearest" or value // (2 * half) % 2 == 0
            low, high, low_in, high_in = value - half, value + half, closed, closed
        return low, high, scale, low_in, high_in

    @property
    def ends(self) -> tuple[Fraction, Fraction, bool, bool]:
        """Lowest and highest value, exactly, and whether each belongs to those that are printed so."""
        low, high, scale, low_in, high_in = self._ends
        return Fraction(low, scale), Fraction(high, scale), low_in, high_in

    @cached_property
    def interval(self) -> Interval:
        """All values that are printed so; ends that do not belong to them are a hair away and count."""
        low, high, scale, *_ = self._ends
        return Interval(low / scale, high / scale)

    @property
    def error_range(self) -> Interval:
        """The same where the number cannot be negative, as a standard error."""
        return self.interval.clipped(0.0)

    @property
    def share_range(self) -> Interval:
        """The same where the number is between 0 and 1, as R² or p."""
        return self.interval.clipped(0.0, 1.0)

    def whole_multiples(self, n: int) -> range:
        """Whole numbers S for which S / n is printed so."""
        low, high, low_in, high_in = self.ends
        first = -floor(-low * n)
        last = floor(high * n)
        first += not low_in and Fraction(first, n) == low
        last -= not high_in and Fraction(last, n) == high
        return range(first, last + 1)

    def __str__(self) -> str:
        return self.text.replace("-", "−")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.with_info_plain_validator_function(_read_number)


def _cut(value: int, unit: int, back: int) -> tuple[int, int, bool, bool]:
    """Values of a number whose digits may have been cut; ``back``: half a unit if it may be rounded too."""
    if value > 0:
        return value - back, value + unit, True, False
    if value < 0:
        return value - unit, value + back, False, True
    return -unit, unit, False, False


def _read_number(value: Any, info: core_schema.ValidationInfo) -> Number:
    if isinstance(value, Number):
        return value
    if not isinstance(value, str):
        raise ValueError("write the number as it is printed, in quotes, so that its decimals are kept")
    try:
        return Number(value.strip(), (info.context or {}).get("rounding", "nearest"))
    except ParameterError as error:
        raise ValueError(str(error)) from None


def as_printed(value: float | Fraction, decimals: int, school: School) -> str:
    """A value as a table of that school prints it; ``nearest`` as ``half_even``, ``unknown`` cut.

    Examples
    --------
    >>> [as_printed(0.125, 2, school) for school in ("half_up", "half_even", "truncated")]
    ['0.13', '0.12', '0.12']
    """
    numerator, denominator = value.as_integer_ratio()
    whole, rest = divmod(abs(numerator) * 10**decimals, denominator)
    if school == "half_up":
        whole += 2 * rest >= denominator
    elif school in ("half_even", "nearest"):
        whole += 2 * rest > denominator or (2 * rest == denominator and whole % 2 == 1)
    digits = str(whole).rjust(decimals + 1, "0")
    text = f"{digits[: len(digits) - decimals]}.{digits[len(digits) - decimals :]}" if decimals else digits
    return f"-{text}" if value < 0 and whole else text


SCHOOLS = get_args(School)
