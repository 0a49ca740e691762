"""The trial among neighbours: run in pieces, summarised, frozen."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.paths import project_root
from digital_clusters.studies.trials.intervals.runner import wilson
from digital_clusters.studies.trials.neighbours import errors, joiners, weights
from digital_clusters.studies.trials.neighbours.designs import NeighbourDesign
from digital_clusters.studies.trials.pieces import Piece, Rows, in_pieces

NAME = "neighbours"
"""Of the frozen file."""

SEED = 20260701

PIECE = 50
"""Data sets of a piece."""

KEPT = 1
"""First data sets of each design whose answers are frozen one by one, so that they can be made again."""

DESIGNS: tuple[NeighbourDesign, ...] = (*errors.DESIGNS, *weights.DESIGNS, *joiners.DESIGNS)


@dataclass(frozen=True)
class FrozenNeighbours:
    """The frozen trial: ``table`` as of :func:`summed_up`, ``first`` answers as of :func:`run_neighbours`."""

    table: pd.DataFrame
    first: pd.DataFrame
    commit: str
    date: str


def answers_of(design: NeighbourDesign, numbers: Sequence[int]) -> Rows:
    """What every method says in the data sets of these numbers.

    Random numbers depend on the topic and the number of a data set and on nothing else: designs of one
    topic differ in what is planted only.
    """
    rows = []
    for number in numbers:
        seed = np.random.SeedSequence([SEED, *design.topic.encode(), number])
        for answer in design.once(np.random.default_rng(seed)):
            own = {"method": answer.method, "quantity": answer.quantity, "truth": answer.truth}
            known = np.isfinite(answer.value)
            own |= {"value": answer.value if known else None, "holds": answer.holds if known else None}
            rows.append({"topic": design.topic, "design": design.name, "number": number, **own})
    return rows


def run_neighbours(
    designs: Sequence[NeighbourDesign] = DESIGNS,
    *,
    draws: int | None = None,
    folder: Path | None = None,
    seconds: float = float("inf"),
) -> pd.DataFrame:
    """All answers; ``draws`` of each design instead of its own number, pieces as in :func:`in_pieces`."""
    return in_pieces(_pieces(designs, draws), folder, seconds=seconds)


def _pieces(designs: Sequence[NeighbourDesign], draws: int | None) -> Iterator[Piece]:
    for place, design in enumerate(designs):
        whole = draws or design.draws
        for first in range(0, whole, PIECE):
            numbers = range(first, min(first + PIECE, whole))
            yield f"{place}-{first}-{numbers.stop}", partial(answers_of, design, numbers)


def summed_up(answers: pd.DataFrame) -> pd.DataFrame:
    """Bias, spread and coverage of every method in every design.

    Returns
    -------
    pandas.DataFrame
        topic, design, method, quantity, truth, draws, refused (data sets without an answer, left out), bias
        and its Monte Carlo error, spread (standard deviation of estimates), coverage of 95 % intervals and
        the ends of its 95 % interval (Wilson 1927).
    """
    rows = []
    keys = ["topic", "design", "method", "quantity", "truth"]
    for key, part in answers.groupby(keys, sort=False):
        known = part.dropna(subset="value")
        values, held = known["value"].astype(float), known["holds"].astype(bool)
        low, high = wilson(int(held.sum()), len(known))
        rows.append(
            dict(zip(keys, key, strict=True))
            | {
                "draws": len(part),
                "refused": len(part) - len(known),
                "bias": values.mean() - key[-1],
                "bias_error": values.std(ddof=1) / np.sqrt(len(known)),
                "spread": values.std(ddof=1),
                "coverage": held.mean(),
                "low": low,
                "high": high,
            }
        )
    return pd.DataFrame(rows)


def neighbours_declared(designs: Sequence[NeighbourDesign] = DESIGNS) -> str:
    """sha256 of what the designs say of themselves, and the seed."""
    lines = [f"{SEED}", *(f"{d.topic}|{d.name}|{d.drawn}|{d.draws}" for d in designs)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def neighbours_folder() -> Path:
    """Where pieces are kept: one folder for each state of the designs and the estimators."""
    root = project_root()
    here = Path(__file__).parent
    files = [here / f"{name}.py" for name in ("designs", "errors", "weights", "joiners")]
    files += sorted((root / "src" / "digital_clusters" / "estimators").rglob("*.py"))
    code = hashlib.sha256(b"".join(file.read_bytes() for file in files) + neighbours_declared().encode())
    return root / "_build" / "neighbours" / code.hexdigest()[:12]


def neighbours_results() -> dict[str, Any]:
    """The arguments of ``frozen.freeze``: the whole trial, which takes minutes and may be interrupted."""
    answers = run_neighbours(folder=neighbours_folder())
    first = answers[answers["number"] < KEPT]
    facts = {"seed": SEED, "rows": summed_up(answers).to_dict("records"), "first": first.to_dict("records")}
    return {"estimates": {}, "inputs": {"declared designs": neighbours_declared()}, "facts": facts}


def frozen_neighbours() -> FrozenNeighbours:
    """The trial in ``data/results``."""
    found = load_frozen(NAME)
    tables = (pd.DataFrame(found.facts[name]) for name in ("rows", "first"))
    return FrozenNeighbours(*tables, found.commit, found.date)
