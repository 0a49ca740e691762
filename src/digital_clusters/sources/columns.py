"""What the columns of a panel are called, in which unit, and what they mean: ``data/codebook.yml``."""

import difflib
from collections.abc import Iterable

import pandas as pd

from digital_clusters.sources.schema import codebook_section

PARAMETERS = {"rho": "ρ", "lambda": "λ", "sigma2": "σ²"}
"""Terms of spatial models that are no columns."""

FROM_QUANTILES = {
    f"{column}_{side}": {"words": f"{index} less its {place}", "brief": index}
    for column, index in {"index": "co-agglomeration", "near": "co-agglomeration nearby"}.items()
    for side, place in {"low": "lower quartile", "high": "98 % quantile"}.items()
}
"""Columns that a multiverse makes of those of the codebook: a coefficient is the slope at the quantile."""

OF_PROVINCES = {
    "centre_before": {"words": "science expenditure of the province's capital, a year before"},
    "others_before": {"words": "science expenditure of the province's other cities, a year before"},
}
"""Columns that set a city against its province."""


def words_of(column: str) -> str:
    """What tables and figures call a column; its own name where the codebook does not know it."""
    return _facts(column).get("words", column)


def column_unit(column: str) -> str:
    """Unit of a column; empty where the codebook does not know it."""
    return _facts(column).get("unit", "")


def meaning_of(column: str, language: str = "en") -> str:
    """What a column is, in English (``en``) or Chinese (``zh``); empty for an unknown column."""
    return _facts(column).get("zh" if language == "zh" else "meaning", "")


def words_of_term(term: str) -> str:
    """A term of a regression in words: a column, a square ``a^2`` or a product ``a:b`` of columns or squares.

    Examples
    --------
    >>> words_of_term("coagglomeration:internet")
    'co-agglomeration × internet users'
    >>> words_of_term("coagglomeration^2")
    'co-agglomeration, squared'
    >>> words_of_term("coagglomeration^2:internet")
    'co-agglomeration squared × internet users'
    >>> words_of_term("uil (year before)")
    'index of structure (year before)'
    """
    if ":" in term:
        return " × ".join(_brief(part) for part in term.split(":"))
    if term.endswith("^2"):
        return f"{words_of(term.removesuffix('^2'))}, squared"
    column, bracket, when = term.partition(" (")
    return PARAMETERS.get(term) or f"{words_of(column)}{bracket}{when}"


def _brief(part: str) -> str:
    column = part.removesuffix("^2")
    words = _facts(column).get("brief", words_of(column))
    return words if column == part else f"{words} squared"


def per_unit(outcome: str, treatment: str) -> str:
    """The unit of a coefficient, such as *log points per unit of co-agglomeration*."""
    return f"{column_unit(outcome) or words_of(outcome)} per unit of {words_of(treatment)}"


def weights_words(kind: str) -> str:
    """What a kind of spatial weights is called."""
    return codebook_section("weights")[kind]["words"]


def describe_panel_columns(columns: Iterable[str] | None = None) -> pd.DataFrame:
    """Columns of the panels as a frame: column, words, unit, meaning, zh; by default all of the codebook.

    Examples
    --------
    >>> describe_panel_columns(["misallocation"]).loc[0, ["words", "unit", "zh"]].tolist()
    ['log misallocation', 'log points', '资源错配']
    """
    names = list(codebook_section("panel")) if columns is None else list(columns)
    rows = [
        (name, words_of(name), column_unit(name), meaning_of(name), meaning_of(name, "zh")) for name in names
    ]
    return pd.DataFrame(rows, columns=["column", "words", "unit", "meaning", "zh"])


def did_you_mean(wanted: str, columns: Iterable[str]) -> str:
    """A hint at the columns that ``wanted`` may stand for, empty where nothing is near.

    Names that are written alike come first, then columns whose English or Chinese words are ``wanted``.

    Examples
    --------
    >>> did_you_mean("虚拟集聚", ["city", "virtual"])
    " Did you mean 'virtual'?"
    """
    names = [str(column) for column in columns]
    alike = difflib.get_close_matches(str(wanted), names, n=3)
    known = [
        name
        for name in names
        if str(wanted).casefold() in (words_of(name).casefold(), meaning_of(name, "zh")) and name != wanted
    ]
    found = list(dict.fromkeys([*alike, *known]))
    return f" Did you mean {' or '.join(repr(name) for name in found)}?" if found else ""


def _facts(column: str) -> dict[str, str]:
    return codebook_section("panel").get(column) or (FROM_QUANTILES | OF_PROVINCES).get(column, {})
