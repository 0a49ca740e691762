"""How often an interval holds the truth, and a test rejects what is true: designs and their runner."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from digital_clusters.errors import DataError, ParameterError

LEVEL = 0.95
"""Of every interval; tests are at one minus it."""

DRAWS = 1000
"""Data sets of a design, where it does not say otherwise."""

LIVE = 100
"""First data sets of a design whose share is kept too, so that a page can draw them again."""

SEED = 20260401

THIS_PAGE, NO_PAGE = "this page", "the package, no chapter"
"""Where a check is shown that no chapter uses."""

CLOSE = 0.015
"""Distance from the promised share that still counts as kept: what 1,000 draws can tell apart."""

Promise = Literal["coverage", "size"]
"""An interval promises to hold the truth in 95 per cent of samples, a test to reject it in five."""

Verdict = Literal["holds", "fails", "cautious"]
"""``fails``: covers less, or rejects more, than promised. ``cautious``: the other way round, which costs
precision and misleads nobody."""


@dataclass(frozen=True)
class Check:
    """One interval or test.

    Attributes
    ----------
    name : str
    shown : str
        Pages that show it.
    functions : tuple of str
        Public functions of the estimators or measures behind it, without the package.
    promise : {'coverage', 'size'}
    instead : str
        What to use where it does not hold, or why nothing is on offer.
    """

    name: str
    shown: str
    functions: tuple[str, ...]
    promise: Promise = "coverage"
    instead: str = ""

    @property
    def nominal(self) -> float:
        """The share it promises."""
        return LEVEL if self.promise == "coverage" else 1 - LEVEL


@dataclass(frozen=True, eq=False)
class TrialDesign:
    """A way to draw data whose truth is known, and what is checked on them.

    Attributes
    ----------
    name : str
    drawn : str
        How, for the reader.
    checks : tuple of Check
    once : callable
        Takes a generator, gives for each check whether the interval holds the truth, or the p value of the
        true hypothesis.
    draws : int
    """

    name: str
    drawn: str
    checks: tuple[Check, ...]
    once: Callable[[np.random.Generator], Sequence[bool | float]]
    draws: int = DRAWS


def seeds(design: TrialDesign, draws: int) -> list[np.random.SeedSequence]:
    """A seed for each data set, which depends on the name of the design and on nothing else."""
    return np.random.SeedSequence([SEED, *design.name.encode()]).spawn(draws)


def run_designs(designs: Sequence[TrialDesign], *, draws: int | None = None, n_jobs: int = 1) -> pd.DataFrame:
    """Coverage or size of every check.

    Parameters
    ----------
    designs : sequence of TrialDesign
    draws : int, optional
        Instead of each design's own number; the data sets are then the first of those.
    n_jobs : int
        Processes; the table does not depend on it.

    Returns
    -------
    pandas.DataFrame
        One row a check: design, check, promise, nominal, draws, refused (data sets on which a method gives no
        answer, left out), share, first (share among the first :data:`LIVE`; NaN with fewer), low, high (95 %
        interval of Wilson 1927), verdict.

    Raises
    ------
    ParameterError
        Fewer than two draws, or two designs of one name.
    """
    from joblib import Parallel, delayed

    if draws is not None and draws < 2:
        raise ParameterError(f"draws = {draws}: at least two are needed")
    if len({design.name for design in designs}) < len(designs):
        raise ParameterError("two designs have one name: their data sets would be the same")
    rows = []
    for design in designs:
        found = Parallel(n_jobs=n_jobs, batch_size=25)(
            delayed(_one)(design, seed) for seed in seeds(design, draws or design.draws)
        )
        rows += summaries(design, np.array(found, dtype=float))
    return pd.DataFrame(rows)


def summaries(design: TrialDesign, found: np.ndarray) -> list[dict]:
    """Rows of :func:`run_designs` from answers of shape (draws, checks): one, zero, or NaN for none."""
    rows = []
    for check, answers in zip(design.checks, found.T, strict=True):
        known = answers[np.isfinite(answers)]
        if not known.size:
            raise DataError(f"{design.name}, {check.name}: no data set has an answer")
        low, high = wilson(int(known.sum()), known.size)
        share = float(known.mean())
        rows.append(
            {
                "design": design.name,
                "check": check.name,
                "promise": check.promise,
                "nominal": check.nominal,
                "draws": len(answers),
                "refused": len(answers) - known.size,
                "share": share,
                "first": float(np.nanmean(answers[:LIVE])) if len(answers) >= LIVE else np.nan,
                "low": low,
                "high": high,
                "verdict": judge(check.promise, check.nominal, share, low, high),
            }
        )
    return rows


def wilson(hits: int, draws: int) -> tuple[float, float]:
    """95 per cent interval of a share (Wilson 1927)."""
    found = stats.binomtest(hits, draws).proportion_ci(0.95, method="wilson")
    return float(found.low), float(found.high)


def judge(promise: Promise, nominal: float, share: float, low: float, high: float) -> Verdict:
    """Whether a share is what is promised, by its Wilson interval or within :data:`CLOSE`."""
    if low <= nominal <= high or abs(share - nominal) <= CLOSE:
        return "holds"
    return "fails" if (share < nominal) == (promise == "coverage") else "cautious"


def digest(designs: Sequence[TrialDesign]) -> str:
    """sha256 of what decides the numbers of a table: seed, level, designs, data sets, checks."""
    lines = [f"{SEED} {LEVEL}"]
    for design in designs:
        lines += [f"{design.name}|{design.draws}", *(f"{c.name}|{c.promise}" for c in design.checks)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _one(design: TrialDesign, seed: np.random.SeedSequence) -> list[float]:
    """Answers on one data set; NaN for all where a method refuses it."""
    try:
        answers = design.once(np.random.default_rng(seed))
    except DataError:
        return [np.nan] * len(design.checks)
    return [_answer(check, answer) for check, answer in zip(design.checks, answers, strict=True)]


def _answer(check: Check, answer: bool | float) -> float:
    if check.promise == "coverage":
        return float(answer)
    return float(answer <= 1 - LEVEL) if np.isfinite(answer) else np.nan
