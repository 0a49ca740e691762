"""Figures that a reader moves: data for the book's own small scripts, which draw them in the page.

A figure is written as an element with its data and a line that its script takes away. Where no script runs,
as in a downloaded notebook, the line says so; the still figure beside it remains.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any, Literal

import numpy as np

from digital_clusters.errors import ParameterError, check_option

Kind = Literal["depth", "estimates", "lorenz", "map", "turning"]
"""One script each, ``book/live/<kind>.js``."""

NOTE = "this figure moves on the page of the book, where its script runs."

DIGITS = 7
"""Significant digits of what a script computes with; a reader is shown three."""


@dataclass(frozen=True)
class LiveFigure:
    """A figure that its reader moves.

    Attributes
    ----------
    kind : str
        Of :data:`Kind`.
    title : str
        Also the name by which it is announced.
    label : str
        Of the data, written below it.
    data : mapping
        What the script of the kind reads.
    """

    kind: Kind
    title: str
    label: str
    data: Mapping[str, Any] = field(repr=False)

    def __post_init__(self):
        check_option("kind", self.kind, Kind)
        if not self.label:
            raise ParameterError("a live figure needs the label of its data, such as 'synthetic twin'")

    def __str__(self) -> str:
        return f"{self.title} (moves in the book)"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        told = {"title": self.title, "label": self.label, **self.data}
        text = json.dumps(_plain(told), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        # a text that ends the element would end it for the browser too
        inside = text.replace("<", "\\u003c")
        return (
            f'<div class="live-figure" data-live="{escape(self.kind)}">'
            f'<p class="live-note">{escape(self.title)}: {NOTE}</p>'
            f'<script type="application/json">{inside}</script></div>'
        )


def _plain(value: Any) -> Any:
    """Plain numbers, lists and texts for JSON; what is not finite is missing."""
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(item) for item in value]
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
    return value
