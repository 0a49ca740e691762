"""What a table prints: a coefficient with its error and stars, and a p value as it is stated."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from pydantic import ConfigDict
from pydantic_core import core_schema

from digital_clusters.analysis.audit.intervals import Interval
from digital_clusters.analysis.audit.rounding import Number, School
from digital_clusters.errors import ParameterError

NOT_SIGNIFICANT = 0.05
"""Level that ``ns`` refers to."""


@dataclass(frozen=True)
class Term:
    """A printed coefficient with its standard error.

    Attributes
    ----------
    coefficient, standard_error : Number
    stars : str, optional
        As printed; empty if the table gives it none.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    coefficient: Number
    standard_error: Number
    stars: str = ""

    @property
    def t_range(self) -> Interval:
        """Absolute t statistics that the two numbers allow."""
        return abs(self.coefficient.interval) / self.standard_error.error_range

    def __str__(self) -> str:
        return f"{self.coefficient}{self.stars} ({self.standard_error})"


@dataclass(frozen=True)
class PValue:
    """A p value as printed: ``0.036``, ``<0.05``, ``> .10`` or ``ns``."""

    text: str
    school: School = "nearest"

    def __post_init__(self) -> None:
        _ = self.interval

    @cached_property
    def interval(self) -> Interval:
        """All p values that are stated so."""
        text = re.sub(r"^p\s*|\s", "", self.text.strip().lower())
        if text in ("ns", "n.s."):
            return Interval(NOT_SIGNIFICANT, 1.0)
        sign, number = (text[0], text[1:]) if text[:1] in ("<", ">", "=") else ("=", text)
        printed = Number(number, self.school)
        if sign == "=":
            return printed.share_range
        low, high = (0.0, printed.value) if sign == "<" else (printed.value, 1.0)
        return Interval(low, high).clipped(0.0, 1.0)

    def __str__(self) -> str:
        bare = re.sub(r"^p\s*", "", self.text.strip())
        return f"p {bare}" if bare[:1] in "<>=" else ("not significant" if bare[:1] == "n" else f"p = {bare}")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.with_info_plain_validator_function(_read_p)


def _read_p(value: Any, info: core_schema.ValidationInfo) -> PValue:
    if isinstance(value, PValue):
        return value
    if not isinstance(value, str):
        raise ValueError("write the p value as it is printed, in quotes, so that its decimals are kept")
    try:
        return PValue(value, (info.context or {}).get("rounding", "nearest"))
    except ParameterError:
        raise ValueError(f"{value!r} is not a p value such as '0.036', '<0.05' or 'ns'") from None


def term(
    coefficient: str,
    standard_error: str,
    stars: str = "",
    *,
    school: School = "nearest",
    places: int | None = None,
) -> Term:
    """A coefficient from the texts that are printed; ``places`` as of :class:`Number`.

    Examples
    --------
    >>> print(term("-0.002", "0.001", "**"))
    −0.002** (0.001)
    """
    return Term(Number(coefficient, school, places), Number(standard_error, school, places), stars)
