"""The trial among neighbours: run in pieces, summarised, frozen."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
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
from digital_clusters.studies.trials.neighbours.designs import NeighbourDesign, Topic
from digital_clusters.studies.trials.pieces import Piece, Rows, in_pieces

NAME = "neighbours"
"""Of the frozen file."""

SEED = 20260701

DRAWS: Mapping[Topic, int] = {"errors": 1000, "weights": 500}
"""Data sets of each design."""

PIECE = 20
"""Data sets of a piece."""

KEPT = 1
"""First data sets of each design whose answers are frozen one by one, so that they can be made again."""

DESIGNS: tuple[NeighbourDesign, ...] = (*errors.DESIGNS, *weights.DESIGNS)


@dataclass(frozen=True)
class FrozenNeighbours:
    """The frozen trial.

    Attributes
    ----------
    table : pandas.DataFrame
        As of :func:`summed_up`.
    first : pandas.DataFrame
        Answers of the first data sets, as of :func:`run_neighbours`.
    exact : pandas.DataFrame
        As of :func:`~digital_clusters.studies.trials.neighbours.joiners.exact_biases`.
    commit, date : str
    """

    table: pd.DataFrame
    first: pd.DataFrame
    exact: pd.DataFrame
    commit: str
    date: str


def answers_of(design: NeighbourDesign, numbers: Sequence[int]) -> Rows:
    """What every method says in the data sets of these numbers.

    Random numbers depend on the topic and the number of a data set and on nothing else: designs of one
    topic differ in what is planted only.
    """
    rows = []
    seeds = [np.random.SeedSequence([SEED, *design.topic.encode(), number]) for number in numbers]
    for number, answers in zip(numbers, design.answers([*map(np.random.default_rng, seeds)]), strict=True):
        for answer in answers:
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
    for topic in DRAWS:
        whole = draws or DRAWS[topic]
        # all designs of a topic before more data sets, so that what an interrupt leaves has all designs
        for first in range(0, whole, PIECE):
            numbers = range(first, min(first + PIECE, whole))
            for design in designs:
                if design.topic == topic:
                    name = hashlib.sha256(design.name.encode()).hexdigest()[:8]
                    yield f"{topic}-{name}-{first}-{numbers.stop}", partial(answers_of, design, numbers)


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
    """sha256 of what the designs say of themselves, of the seed and the numbers of data sets."""
    lines = [f"{SEED} {dict(DRAWS)}", *(f"{d.topic}|{d.name}|{d.drawn}" for d in designs)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def neighbours_folder() -> Path:
    """Where pieces are kept: one folder for each state of the designs and the estimators."""
    root = project_root()
    here = Path(__file__).parent
    files = [here / f"{name}.py" for name in ("designs", "errors", "weights")]
    files += sorted((root / "src" / "digital_clusters" / "estimators").rglob("*.py"))
    code = hashlib.sha256(b"".join(file.read_bytes() for file in files) + f"{SEED}".encode())
    return root / "_build" / "neighbours" / code.hexdigest()[:12]


def neighbours_results() -> dict[str, Any]:
    """The arguments of ``frozen.freeze``: the whole trial, which takes minutes and may be interrupted."""
    answers = run_neighbours(folder=neighbours_folder())
    first = answers[answers["number"] < KEPT]
    facts = {"seed": SEED, "rows": summed_up(answers).to_dict("records"), "first": first.to_dict("records")}
    facts |= {"exact": joiners.exact_biases().to_dict("records")}
    return {"estimates": {}, "inputs": {"declared designs": neighbours_declared()}, "facts": facts}


def frozen_neighbours() -> FrozenNeighbours:
    """The trial in ``data/results``."""
    found = load_frozen(NAME)
    tables = (pd.DataFrame(found.facts[name]) for name in ("rows", "first", "exact"))
    return FrozenNeighbours(*tables, found.commit, found.date)
