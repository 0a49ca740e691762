"""What a heading of a yearbook or database means: which column of ours, in which unit."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from digital_clusters.paths import data_folder
from digital_clusters.sources.cells import heading
from digital_clusters.sources.schema import codebook
from digital_clusters.yaml_files import read_yaml

TABLE = "city_year"
"""The table whose columns :func:`meaning` recognises."""

UNITS = {
    "100 million yuan": ("yuan", 1e8),
    "10,000 yuan": ("yuan", 1e4),
    "yuan": ("yuan", 1.0),
    "10,000 persons": ("persons", 1e4),
    "persons": ("persons", 1.0),
    "million USD": ("USD", 1e6),
    "share": ("share", 1.0),
    "count": ("count", 1.0),
}
"""Unit of the codebook → what is measured and how many of it make one; others have no unit to convert."""

_BRACKETS = re.compile(r"\(([^()]*)\)")
_SEPARATORS = re.compile(r"[_\-,:;/·、]+")


@dataclass(frozen=True)
class Meaning:
    """What a heading says.

    Attributes
    ----------
    column : str or None
        Our column of ``city_year``; ``None`` where the heading is not known.
    unit : str or None
        Unit as written; ``None`` where there is none.
    why_not : str
        Why a known heading cannot be taken; empty where it can.
    """

    column: str | None
    unit: str | None = None
    why_not: str = ""


def meaning(text: str) -> Meaning:
    """The column and unit that a heading names.

    Examples
    --------
    >>> meaning("年末金融机构各项贷款余额(万元)")
    Meaning(column='loans', unit='万元', why_not='')
    """
    words, unit = _words_and_unit(heading(text))
    kept = [word for word in words if word not in _facts()["words"]["whole_city"]]
    column = _columns().get(_bare("".join(kept)))
    districts = [word for word in _facts()["words"]["districts"] if word in kept]
    if districts:
        inside = _columns().get(_bare("".join(word for word in kept if word not in districts)))
        return Meaning(inside, unit, f"'{districts[0]}' is not the whole city" if inside else "")
    return Meaning(column, unit)


def factor_to_ours(column: str, unit: str) -> float | None:
    """What brings a value in ``unit`` to the codebook's; ``None`` for another kind of unit."""
    ours = UNITS.get(codebook()[TABLE]["columns"][column]["unit"])
    if ours is None:
        return None
    for kind in (ours[0], "any"):
        if unit.lower() in _units()[kind]:
            return _units()[kind][unit.lower()] / ours[1]
    return None


def needs_unit(column: str) -> bool:
    """Whether values of the column come in several units (indices and counts do not)."""
    ours = UNITS.get(codebook()[TABLE]["columns"][column]["unit"])
    return ours is not None and ours[0] not in ("share", "count")


def typical(column: str) -> tuple[float, float]:
    """Range of the median of ``column`` over cities and years, in the unit of the codebook."""
    low, high = _facts()["columns"][column]["typical"]
    return float(low), float(high)


def is_word(kind: str, text: str) -> bool:
    """Whether a heading is one of the words for ``city``, ``year``, ``unit`` or ``notes``."""
    words = {_bare(word) for word in _facts()["words"][kind]}
    plain, _ = _words_and_unit(heading(text))
    shortened = [word for word in plain if word not in ("final", "db")]
    return _bare("".join(shortened)) in words


def is_unit(text: str) -> bool:
    """Whether ``text`` is a unit of measurement."""
    return any(text.lower() in units for units in _units().values())


def _words_and_unit(text: str) -> tuple[list[str], str | None]:
    """The parts of a heading without the unit, and the unit; brackets that hold something else go."""
    unit = next((inside for inside in _BRACKETS.findall(text) if is_unit(inside)), None)
    words = [word for word in _SEPARATORS.split(_BRACKETS.sub("", text)) if word]
    named = [word for word in words if is_unit(word)]
    if unit is None and named and len(words) > 1:
        unit = named[-1]
    return [word for word in words if word not in named or len(words) == 1], unit


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


@cache
def _facts() -> dict[str, Any]:
    return read_yaml(data_folder() / "headings.yml").data


@cache
def _units() -> dict[str, dict[str, float]]:
    return {
        kind: {heading(unit).lower(): float(size) for unit, size in units.items()}
        for kind, units in _facts()["units"].items()
    }


@cache
def _columns() -> dict[str, str]:
    known = {}
    for column, facts in _facts()["columns"].items():
        known |= {_bare(name): column for name in (column, *facts["names"])}
    return known
