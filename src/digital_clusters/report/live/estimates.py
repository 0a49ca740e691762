"""Switches between sets of estimates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from digital_clusters.report.live.element import LiveFigure


@dataclass(frozen=True)
class Estimates:
    """A set of estimates that a switch shows.

    Attributes
    ----------
    name : str
        On the switch.
    table : pandas.DataFrame
        ``at`` (place on the axis), ``name``, ``value``, ``low``, ``high``; an end may be missing.
    words : str
        What it shows, as a sentence.
    """

    name: str
    table: pd.DataFrame
    words: str


def live_estimates(
    sets: Sequence[Estimates],
    *,
    title: str,
    question: str,
    xlabel: str,
    ylabel: str,
    label: str,
    ticks: Mapping[float, str] | None = None,
    truth: pd.DataFrame | None = None,
) -> LiveFigure:
    """A switch between sets of estimates with their intervals, on axes that stay.

    Parameters
    ----------
    question : str
        Above the switch.
    ticks : mapping of float to str, optional
        Names of places on the axis.
    truth : pandas.DataFrame, optional
        ``at``, ``name``, ``value`` of what is planted.
    """
    shown = [{"name": one.name, "words": one.words, "points": _records(one.table)} for one in sets]
    told = [] if truth is None else _records(truth)
    data = {"sets": shown, "question": question, "xlabel": xlabel, "ylabel": ylabel, "truth": told}
    return LiveFigure(
        "estimates",
        title,
        label,
        {**data, "levels": [], "xticks": [list(one) for one in (ticks or {}).items()]},
    )


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]
