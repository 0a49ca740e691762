"""The trial of estimators of accession with planted spillovers: run in pieces, summarised, frozen."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.estimators.resampling.simulated_panels import autocorrelated
from digital_clusters.paths import project_root
from digital_clusters.studies.trials.intervals.runner import wilson
from digital_clusters.studies.trials.pieces import Piece, Rows, in_pieces
from digital_clusters.studies.trials.staggered import joining, matched
from digital_clusters.studies.trials.staggered.family import EffectFit, moved_by, three_fits
from digital_clusters.studies.trials.staggered.joining import CITIES, EFFECTS, PERSISTENCE, SPILLOVERS, YEARS
from digital_clusters.studies.trials.staggered.methods import ESTIMATORS, MATCHERS, own_truth

NAME = "staggered"
"""Of the frozen file."""

SEED = 20260801

DRAWS = 500
"""Data sets; all methods and planted changes share them."""

PIECE = 10
"""Data sets of a piece."""

KEPT = 1
"""First data sets whose answers are frozen one by one, so that they can be made again."""

_KEYS = ["effect", "spillover", "method", "donut"]


@dataclass(frozen=True)
class FrozenStaggered:
    """The frozen trial: ``table`` as of :func:`counted`, ``first`` as of :func:`answers_in`."""

    table: pd.DataFrame
    first: pd.DataFrame
    commit: str
    date: str


def drawn(number: int) -> tuple[np.ndarray, np.ndarray]:
    """Noise, shape (cities, years), and x, shape (cities,), of one data set: of its number alone."""
    rng = np.random.default_rng([SEED, number])
    noise = autocorrelated(rng, CITIES, YEARS, PERSISTENCE)
    return noise, matched.likeness(rng)


def answers_in(number: int) -> Rows:
    """What every method says in one data set, for every planted change.

    Returns
    -------
    list of dict
        number, effect and spillover (multiples), method, donut, value, error; the last two ``None`` where a
        method refuses the data, and reach (half width of the interval in standard errors).
    """
    noise, x = drawn(number)
    found = [*_staggered_answers(noise), *matched.matched_answers(noise, x)]
    return [dict(zip(_KEYS, key, strict=True)) | {"number": number} | _plain(fit) for *key, fit in found]


def _staggered_answers(noise: np.ndarray) -> Iterator[tuple[float, float, str, bool, EffectFit]]:
    for method in ESTIMATORS:
        for is_donut in (False, True):
            fits, moved = three_fits(method, is_donut, noise), moved_by(method, is_donut)
            for a in EFFECTS.values():
                for s in SPILLOVERS:
                    yield a, s, method, is_donut, fits.at(a, s, moved)


def _plain(fit: EffectFit) -> dict[str, float | None]:
    if not np.isfinite(fit.variance):
        return {"value": None, "error": None, "reach": None}
    return {"value": fit.effect, "error": float(np.sqrt(fit.variance)), "reach": fit.reach}


def run_staggered(
    draws: int = DRAWS, *, folder: Path | None = None, seconds: float = float("inf")
) -> pd.DataFrame:
    """Answers in the first ``draws`` data sets, pieces as in :func:`in_pieces`."""
    return in_pieces(_pieces(draws), folder, seconds=seconds)


def _pieces(draws: int) -> Iterator[Piece]:
    for first in range(0, draws, PIECE):
        numbers = range(first, min(first + PIECE, draws))
        yield f"{numbers.start}-{numbers.stop}", partial(_of_numbers, numbers)


def _of_numbers(numbers: range) -> Rows:
    return [row for number in numbers for row in answers_in(number)]


def counted(answers: pd.DataFrame) -> pd.DataFrame:
    """Bias, spread and coverage of every method under every planted change.

    Returns
    -------
    pandas.DataFrame
        effect, spillover, method, donut, truth, draws, refused (data sets without an answer, left out), bias
        and its Monte Carlo error, spread (standard deviation of estimates), claimed (mean standard error),
        coverage of 95 % intervals and the ends of its 95 % interval (Wilson 1927). Without an effect the
        coverage is one less the size of the test of no effect.
    """
    rows = []
    for key, part in answers.groupby(_KEYS, sort=False):
        own = dict(zip(_KEYS, key, strict=True))
        truth = own["effect"] * own_truth(own["method"])
        known = part.dropna(subset="value")
        value, error = (known[name].to_numpy(float) for name in ("value", "error"))
        held = np.abs(value - truth) <= known["reach"].to_numpy(float) * error
        low, high = wilson(int(held.sum()), len(known))
        rows.append(
            own
            | {
                "truth": truth,
                "draws": len(part),
                "refused": len(part) - len(known),
                "bias": value.mean() - truth,
                "bias_error": value.std(ddof=1) / np.sqrt(len(known)),
                "spread": value.std(ddof=1),
                "claimed": error.mean(),
                "coverage": held.mean(),
                "low": low,
                "high": high,
            }
        )
    return pd.DataFrame(rows)


def staggered_declared() -> str:
    """sha256 of what decides the numbers: seed, data sets, map, planted changes, methods."""
    known = joining.waves_map()
    lines = [f"{SEED} {DRAWS} {CITIES} {YEARS} {PERSISTENCE} {matched.RESEMBLING} {matched.TREND}"]
    lines += [f"{known.adoption.tolist()}", f"{known.reached.astype(int).tolist()}"]
    lines += [f"{joining.EFFECT} {EFFECTS} {SPILLOVERS}", f"{[*ESTIMATORS]}", f"{dict(MATCHERS)}"]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def staggered_folder() -> Path:
    """Where pieces are kept: one folder for each state of the trial and the estimators."""
    root = project_root()
    files = [Path(__file__).parent / f"{name}.py" for name in ("joining", "methods", "family", "matched")]
    files += sorted((root / "src" / "digital_clusters" / "estimators").rglob("*.py"))
    code = hashlib.sha256(b"".join(file.read_bytes() for file in files) + staggered_declared().encode())
    return root / "_build" / "staggered" / code.hexdigest()[:12]


def staggered_results() -> dict[str, Any]:
    """The arguments of ``frozen.freeze``: the whole trial, which takes minutes and may be interrupted."""
    answers = run_staggered(folder=staggered_folder())
    first = answers[answers["number"] < KEPT].astype(object)
    facts = {"seed": SEED, "rows": counted(answers).to_dict("records")}
    facts |= {"first": first.where(first.notna(), None).to_dict("records")}
    return {"estimates": {}, "inputs": {"declared designs": staggered_declared()}, "facts": facts}


def frozen_staggered() -> FrozenStaggered:
    """The trial in ``data/results``."""
    found = load_frozen(NAME)
    table, first = (pd.DataFrame(found.facts[name]) for name in ("rows", "first"))
    return FrozenStaggered(table, first, found.commit, found.date)
