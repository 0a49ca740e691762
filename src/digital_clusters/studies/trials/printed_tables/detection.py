"""How often an audit accuses tables that are right, and how often it finds one digit that was changed."""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any

import numpy as np
import pandas as pd

from digital_clusters.analysis.audit.rounding import School
from digital_clusters.studies.trials.intervals.runner import wilson
from digital_clusters.studies.trials.printed_tables.drawn import Paper, audited, drawn_paper, unrounded_paper

KINDS = {
    "coefficient": "coefficient",
    "standard_error": "standard error",
    "stars": "stars",
    "t": "t",
    "p": "p",
    "low": "confidence limit",
    "high": "confidence limit",
    "r2": "R²",
    "adjusted_r2": "adjusted R²",
    "f": "F",
    "n": "n",
    "aic": "AIC or BIC",
    "bic": "AIC or BIC",
    "mean": "mean",
    "sd": "standard deviation",
    "min": "minimum or maximum",
    "max": "minimum or maximum",
}
"""Key in a file → what a reader calls the number."""

Place = tuple[str | int, ...]


def wrongly_accused(papers: int, school: School, seed: int) -> list[str]:
    """Sentences of all contradictions found in consistent papers; there should be none."""
    return wrongly_accused_in(papers, [school], seed)[school]


def wrongly_accused_in(papers: int, schools: Sequence[School], seed: int) -> dict[School, list[str]]:
    """As :func:`wrongly_accused` by school; each paper is estimated once and printed in every one."""
    found: dict[School, list[str]] = {school: [] for school in schools}
    for k in range(papers):
        paper = unrounded_paper(np.random.default_rng([seed, k]))
        for school, sentences in found.items():
            sentences += [each.sentence for each in audited(paper.printed(school)).contradictions]
    return found


def detection(papers: int, seed: int, *, lean: bool = False) -> pd.DataFrame:
    """Share of papers in which a changed digit makes numbers contradict, by kind of number.

    In each paper one number of its tables is chosen, all kinds alike, and one of its digits becomes
    another; stars lose or gain one. Numbers that stand in the tables only, so that each paper is a
    regression table and its descriptive statistics.

    Parameters
    ----------
    papers : int
    seed : int
    lean : bool
        Tables without t, p, limits, adjusted R², F and criteria.

    Returns
    -------
    pandas.DataFrame
        ``number``, ``papers``, ``caught``, ``share`` and its 95 per cent interval ``low``, ``high``
        (Wilson 1927); the last row is all numbers.
    """
    rows = []
    for k in range(papers):
        rng = np.random.default_rng([seed, k])
        paper = drawn_paper(rng, lean=lean)
        paper.pop("checks", None)
        kind, changed = with_one_change(paper, rng)
        rows.append((kind, bool(audited(changed).contradictions)))
    frame = pd.DataFrame(rows, columns=["number", "caught"])
    counts = frame.groupby("number")["caught"].agg(papers="size", caught="sum")
    counts.loc["any of them"] = counts.sum()
    limits = [wilson(int(row.caught), int(row.papers)) for row in counts.itertuples()]
    counts["share"] = counts["caught"] / counts["papers"]
    counts[["low", "high"]] = limits
    return counts.reset_index()


def with_one_change(paper: Paper, rng: np.random.Generator) -> tuple[str, Paper]:
    """A copy of the tables with one digit changed, and the kind of number it is in."""
    places: dict[str, list[Place]] = {}
    for place in _places(paper):
        places.setdefault(KINDS[str(place[-1])], []).append(place)
    kind = str(rng.choice(sorted(places)))
    place = places[kind][rng.integers(len(places[kind]))]
    changed = deepcopy(paper)
    holder: Any = changed
    for key in place[:-1]:
        holder = holder[key]
    value = holder[place[-1]]
    holder[place[-1]] = _other_stars(value, rng) if kind == "stars" else _other_number(value, rng)
    return kind, changed


def _places(part: Any, path: Place = ()) -> Iterator[Place]:
    items = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, value in items:
        if key in KINDS and isinstance(value, str | int):
            yield (*path, key)
        elif key != "stars":
            yield from _places(value, (*path, key))


def _other_stars(stars: str, rng: np.random.Generator) -> str:
    return str(rng.choice([mark for mark in ("", "*", "**", "***") if abs(len(mark) - len(stars)) == 1]))


def _other_number(value: str | int, rng: np.random.Generator) -> str | int:
    """One digit becomes another; the zero before the point stays."""
    text = str(value)
    first = 1 if text.lstrip("-<").startswith("0.") else 0
    digits = [place for place, sign in enumerate(text) if sign.isdigit()][first:]
    place = int(rng.choice(digits))
    digit = str(rng.choice([d for d in "0123456789" if d != text[place]]))
    changed = text[:place] + digit + text[place + 1 :]
    return max(int(changed), 10) if isinstance(value, int) else changed
