"""The ladder of truths, each calibrated so that means over countries meet the printed coefficients.

A rung starts where the one before ended. Its Jacobian is taken by differences on a few countries, its level
on more, corrected by how far those few lay from all countries on the rung before: countries are the same on
every rung, so that most of their luck cancels.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from digital_clusters.errors import DataError
from digital_clusters.sources.twin.truth import Truth
from digital_clusters.studies.industrial_upgrading.calibration.means import Memory
from digital_clusters.studies.industrial_upgrading.calibration.search import STEPS, printed_targets
from digital_clusters.studies.industrial_upgrading.calibration.truths import RUNGS, Rung, with_rung

ALL, LEVEL, SLOPES = 200, 12, 3
"""Countries that the means are told of, those a search step is judged on, and those of the Jacobian."""

ROUNDS = 2
"""Steps of a search: the recipe is nearly linear in the outcome."""

HALVINGS = 5
"""Of a step to an outcome whose printed moments no map can meet."""

LONGEST = 12.0
"""Of a step, in units of :data:`search.STEPS` and each parameter: the linear model is not trusted beyond."""


@dataclass(frozen=True)
class Solved:
    """One calibrated rung: its parameters, its truth, and the 18 coefficients in every country.

    Attributes
    ----------
    rung : Rung
    values : mapping of str to float
    truth : Truth
    found : numpy.ndarray, shape (countries, 18)
    """

    rung: Rung
    values: Mapping[str, float]
    truth: Truth
    found: np.ndarray


def climb(
    memory: Memory, truth: Truth, countries: int = ALL, tell: Callable[[str], None] = print,
    rungs: Sequence[Rung] = RUNGS,
) -> list[Solved]:  # fmt: skip
    """Every rung, calibrated at the noise of ``truth``."""
    out: list[Solved] = []
    shift, values = np.zeros(len(printed_targets())), {}
    for rung in rungs:
        values = solve_rung(memory, truth, rung, rung.start(values), shift)
        solved = with_rung(truth, rung, values)
        found = memory.table(solved, range(1, countries + 1))
        shift = found.mean(axis=0) - found[:LEVEL].mean(axis=0)
        out.append(Solved(rung, values, solved, found))
        tell(f"{rung.words}: {int(is_met(found).sum())} of {found.shape[1]} met in the mean of {len(found)}")
    return out


def solve_rung(
    memory: Memory, truth: Truth, rung: Rung, start: Mapping[str, float], shift: np.ndarray
) -> dict[str, float]:
    """Parameters of a rung for which most means are met.

    Parameters
    ----------
    shift : numpy.ndarray, shape (18,)
        Added to the means of the countries of a search step.
    """
    names = list(start)
    steps = np.array([STEPS[name] for name in names])

    def at(z: np.ndarray) -> Truth:
        # four digits are written, and what is written is what is tried
        values = {name: float(f"{value:.4g}") for name, value in zip(names, z * steps, strict=True)}
        return with_rung(truth, rung, values)

    def missed(z: np.ndarray, seeds: range, added: np.ndarray | float = 0.0) -> np.ndarray:
        return in_errors(memory.mean(at(z), seeds) + added)

    few, level = range(1, SLOPES + 1), range(1, LEVEL + 1)
    z = np.array([start[name] for name in names]) / steps
    reference = missed(z, few)
    jacobian = np.column_stack([missed(z + unit, few) - reference for unit in np.eye(len(names))])
    now = missed(z, level, shift)
    for _ in range(ROUNDS):
        step, then = _reached(lambda z: missed(z, level, shift), z, _best_step(now, jacobian))
        jacobian += np.outer(then - now - jacobian @ step, step) / max(step @ step, 1e-12)
        if unmet(then) < unmet(now):
            z, now = z + step, then
    outcome = at(z).outcome
    return {name: getattr(outcome, name) for name in names}


def _reached(
    missed: Callable[[np.ndarray], np.ndarray], z: np.ndarray, step: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The step, halved until the printed moments can be met where it leads, and the misses there."""
    for _ in range(HALVINGS):
        try:
            return step, missed(z + step)
        except DataError:
            step = step / 2
    return np.zeros_like(step), missed(z)


def in_errors(means: np.ndarray) -> np.ndarray:
    """Distance of each mean from the printed coefficient, in printed standard errors."""
    targets = printed_targets()
    printed, errors = (np.array([getattr(t, name) for t in targets]) for name in ("value", "error"))
    return (means - printed) / errors


def is_met(found: np.ndarray) -> np.ndarray:
    """Whether the mean over countries lies within one printed standard error of the printed coefficient."""
    return np.abs(in_errors(found.mean(axis=0))) <= 1


def unmet(missed: np.ndarray) -> float:
    """A smooth count of the targets that are not met: m⁴ / (1 + m⁴), one half at the edge.

    A target that is out of reach costs one whatever its distance, and does not spoil those in reach.
    """
    return float(np.sum(missed**4 / (1 + missed**4)))


def _best_step(now: np.ndarray, jacobian: np.ndarray) -> np.ndarray:
    """Minimum of :func:`unmet` under the linear model, from nothing and from least squares."""
    from scipy.optimize import minimize

    bounds = [(-LONGEST, LONGEST)] * jacobian.shape[1]
    squares = np.clip(np.linalg.lstsq(jacobian, -now, rcond=None)[0], -LONGEST, LONGEST)
    starts = [np.zeros_like(squares), *(share * squares for share in (0.25, 0.5, 0.75, 1.0))]
    found = [
        minimize(lambda step: unmet(now + jacobian @ step), start, method="L-BFGS-B", bounds=bounds)
        for start in starts
    ]
    return min(found, key=lambda one: one.fun).x
