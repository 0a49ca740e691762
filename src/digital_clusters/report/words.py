"""Numbers in the house's words: decimals, intervals, p values, what is missing, labels of data."""

import html
from collections.abc import Sequence

import numpy as np

from digital_clusters.sources.tables import LABELS


def p_text(p: float | None) -> str:
    """A p value with three decimals, or below 0.001."""
    if p is None:
        return MISSING
    return "<\xa00.001" if p < 0.001 else number(p)


def interval(low: float, high: float) -> str:
    """An interval in brackets."""
    return f"[{number(low)}, {number(high)}]"


def p_value(p: float) -> str:
    """A p value for a table: three decimals, never zero."""
    return "<\xa00.001" if p < 0.001 else f"{p:.3f}"


def p_phrase(p: float) -> str:
    """A p value as it follows the letter in a sentence.

    Examples
    --------
    >>> p_phrase(0.0123), p_phrase(0.0001)
    ('= 0.012', '< 0.001')
    """
    text = p_value(p)
    return text.replace("\xa0", " ") if text.startswith("<") else f"= {text}"


TWIN, PUBLIC = LABELS["twin"], LABELS["public"]
BOTH = f"{TWIN}, {PUBLIC}"
"""Labels of the two kinds of data, and of a table that shows both."""

MISSING = "–"
"""A value that is not there, by nature (a reason belongs in a footnote)."""


def number(value: float, decimals: int = 3) -> str:
    """A number with a fixed count of decimals, grouped thousands and a proper minus sign, which no zero has.

    Examples
    --------
    >>> number(-1234.5, 1), number(-0.0004)
    ('−1,234.5', '0.000')
    """
    if value is None or not np.isfinite(value):
        return MISSING
    return f"{value:z,.{decimals}f}".replace("-", "−")


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def power_of_ten(value: float, digits: int = 2) -> str:
    """A very large or very small number by its significant digits and a power of ten.

    Examples
    --------
    >>> power_of_ten(8.04e-10), power_of_ten(-5.237e8, 3)
    ('8.0 × 10⁻¹⁰', '−5.24 × 10⁸')
    """
    size, power = f"{value:.{digits - 1}e}".split("e")
    return f"{size} × 10{str(int(power)).translate(_RAISED)}".replace("-", "−")


def lines(first: str, small: Sequence[str] = (), emphasised: Sequence[str] = ()) -> str:
    """HTML of a cell with several lines; every text is escaped."""
    parts = [html.escape(first)]
    parts += [f'<span class="dc-small">{html.escape(text)}</span>' for text in small]
    parts += [f'<span class="dc-words">{html.escape(text)}</span>' for text in emphasised]
    return "<br>".join(parts)


def key_in_words(key: str) -> str:
    """The key of a claim as a phrase; a letter by itself is a shape and stays a capital.

    Examples
    --------
    >>> key_in_words("inverted_u"), key_in_words("eases_misallocation")
    ('inverted U', 'eases misallocation')
    """
    return " ".join(word.upper() if len(word) == 1 else word for word in key.split("_"))


def column_name(key: str) -> str:
    """The key of a printed column as the paper has it.

    Examples
    --------
    >>> column_name("table2.column1")
    'Table 2 (1)'
    """
    table, column = key.split(".")
    return f"Table {table.removeprefix('table')} ({column.removeprefix('column')})"
