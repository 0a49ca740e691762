"""Step-by-step regressions for mediators in a panel, and the indirect effects they imply.

Three steps with the same effects and controls: y on d (total effect c); each mediator on d (a); y on d and
all mediators (direct effect c', and b). In least squares c = c' + Σ a b holds exactly.

That a·b is a causal indirect effect needs *sequential ignorability* (Imai, Keele & Yamamoto 2010): given
effects and controls, the treatment is as good as random, **and so is the mediator given the treatment**. The
second part fails whenever something unobserved moves mediator and outcome together, even in an experiment on
d, and no regression here tests it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
from scipy import stats

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.equation import Equation
from digital_clusters.estimators.estimate import Estimate, ShowsEstimate
from digital_clusters.estimators.options import Effects
from digital_clusters.estimators.panel.arrays import as_matrix
from digital_clusters.estimators.panel.least_squares import SandwichRule, WithinPanel, within_panel
from digital_clusters.estimators.panel.products import (
    SINGULAR,
    draw_counts,
    entity_design,
    resampled_products,
)
from digital_clusters.estimators.units import unit_of

LEAST_DRAWS = 100
"""Resamples below which the ends of an interval mean nothing."""


@dataclass(frozen=True, eq=False, repr=False)
class MediationEstimate(ShowsEstimate):
    """The three steps and the indirect effects, J of them and their sum.

    Attributes
    ----------
    total : Estimate
        Outcome on treatment and controls.
    first : tuple of Estimate, length J
        Each mediator on treatment and controls.
    outcome : Estimate
        Outcome on treatment, mediators and controls: direct effect and the b of each mediator.
    indirect : Estimate
        a·b of each mediator and their sum, terms ``via <mediator>`` and ``indirect``, with the delta-method
        covariance, which takes a and b as jointly normal and allows for their correlation.
    sobel_errors : numpy.ndarray, shape (J,)
        Standard errors of a·b by Sobel (1982): a and b independent.
    draws : numpy.ndarray, shape (b, J + 1)
        ``indirect`` in each resample of entities in which treatment and mediators vary; where some are left
        out, as with few treated entities, ``indirect.warnings`` says how many.
    percentile, bias_corrected : numpy.ndarray, shape (J + 1, 2)
        Bootstrap intervals at ``level``; the second by Efron (1987) without acceleration.
    level : float
    """

    total: Estimate
    first: tuple[Estimate, ...]
    outcome: Estimate
    indirect: Estimate
    sobel_errors: np.ndarray
    draws: np.ndarray
    percentile: np.ndarray
    bias_corrected: np.ndarray
    level: float

    @property
    def direct(self) -> tuple[float, float]:
        """Effect that does not pass through the mediators, and its standard error."""
        return self.outcome[self.outcome.terms[0]]

    @property
    def share(self) -> float:
        """Sum of the indirect effects over the total effect; not a share where the two have unlike signs."""
        return float(self.indirect.coefficients[-1] / self.total.coefficients[0])

    shown = "indirect"

    def remarks(self) -> list[str]:
        """The effect that does not pass through the mediators, and the total."""
        (direct, error), (total, of_total) = self.direct, self.total[self.total.terms[0]]
        return [f"direct effect {direct:.4g} ({error:.2g}), total {total:.4g} ({of_total:.2g})"]


def mediation(
    y,
    d,
    m,
    x=None,
    *,
    entity,
    time,
    terms,
    mediators: Sequence[str],
    draws: int = 2000,
    seed: int | np.random.Generator = 0,
    effects: Effects = "two_way",
    errors: SandwichRule = "clustered",
    level: float = 0.95,
) -> MediationEstimate:
    """Effect of ``d`` on ``y`` split over the mediators ``m``, with an entity bootstrap.

    Parameters
    ----------
    y, d : array_like, shape (n,)
    m : array_like, shape (n,) or (n, J)
    x : array_like, shape (n, p), optional
    entity, time : array_like, shape (n,)
        The panel may be unbalanced.
    terms : sequence of str, length 1 + p
        Of treatment and controls.
    mediators : sequence of str, length J
    draws : int
        Resamples of entities with all their years; effects and controls are removed anew in each.
    seed : int or numpy.random.Generator
    effects : {'two_way', 'entity', 'time', 'none'}
    errors : {'homoskedastic', 'robust', 'clustered'}
    level : float

    Raises
    ------
    ParameterError
        Unknown option, fewer than 100 draws, a level outside (0, 1), names that do not agree.
    DataError
        Missing values, columns absorbed by the effects or collinear, or a treatment that varies in fewer than
        100 resamples.
    """
    started = perf_counter()
    if draws < LEAST_DRAWS:
        raise ParameterError(f"draws = {draws}: the ends of an interval need at least {LEAST_DRAWS}")
    if not 0 < level < 1:
        raise ParameterError(f"level = {level}: choose a number between 0 and 1")
    n = len(np.asarray(y))
    d, m, x = as_matrix("d", d, n), as_matrix("m", m, n), as_matrix("x", x, n)
    terms, mediators = tuple(terms), tuple(mediators)
    _check_names(d, m, x, terms, mediators)
    names = (terms[0], *mediators, *terms[1:])
    options = {"entity": entity, "time": time, "effects": effects, "errors": errors}
    panel = within_panel(y, np.hstack([d, m, x]), terms=names, **options)
    total, first, outcome = _steps(panel, terms, mediators)
    joint = _indirect(panel, first, outcome, mediators)
    resampled, lost = _bootstrap(panel.raw, len(mediators), effects, draws, np.random.default_rng(seed))
    percentile, corrected = _intervals(resampled, joint.coefficients, level)
    steps = [panel.estimate(equation, "mediation_step") for equation in (total, *first, outcome)]
    return MediationEstimate(
        total=steps[0],
        first=tuple(steps[1:-1]),
        outcome=steps[-1],
        indirect=replace(joint, seconds=perf_counter() - started, warnings=(*lost, *steps[0].warnings)),
        sobel_errors=_sobel(steps[1:-1], steps[-1]),
        draws=resampled,
        percentile=percentile,
        bias_corrected=corrected,
        level=level,
    )


def _check_names(d, m, x, terms, mediators) -> None:
    if d.shape[1] != 1:
        raise ParameterError(f"one treatment is mediated, {d.shape[1]} were given")
    if len(mediators) != m.shape[1] or not mediators:
        raise ParameterError(f"{m.shape[1]} mediators need as many names, given: {', '.join(mediators)}")
    if len(terms) != 1 + x.shape[1]:
        raise ParameterError(f"{1 + x.shape[1]} terms are needed, given: {', '.join(terms)}")


def _steps(panel: WithinPanel, terms, mediators) -> tuple[Equation, list[Equation], Equation]:
    columns, count = panel.d, len(mediators)
    without = np.delete(columns, range(1, count + 1), axis=1)
    total = panel.fit(panel.y, without, terms)
    first = [panel.fit(columns[:, 1 + j], without, terms) for j in range(count)]
    return total, first, panel.fit(panel.y, columns, panel.raw.terms)


def _indirect(panel: WithinPanel, first: list[Equation], outcome: Equation, mediators) -> Estimate:
    """a·b and their sum; the gradient of a·b is (b, a)."""
    count, k = len(mediators), len(first[0].terms)
    a = np.array([equation.coefficients[0] for equation in first])
    b = outcome.coefficients[1 : count + 1]
    gradient = np.zeros((count + 1, count * k + len(outcome.terms)))
    for j in range(count):
        gradient[j, j * k] = b[j]
        gradient[j, count * k + 1 + j] = a[j]
    gradient[-1] = gradient[:-1].sum(axis=0)
    return Estimate(
        terms=(*(f"via {name}" for name in mediators), "indirect"),
        coefficients=np.append(a * b, a @ b),
        covariance=gradient @ panel.covariance([*first, outcome]) @ gradient.T,
        n_observations=len(panel.y),
        method="product_of_coefficients",
        errors=panel.errors,
        n_clusters=panel.entities if panel.errors == "clustered" else None,
    )


def _sobel(first: list[Estimate], outcome: Estimate) -> np.ndarray:
    a = np.array([estimate.coefficients[0] for estimate in first])
    a_errors = np.array([estimate.standard_errors[0] for estimate in first])
    kept = slice(1, len(first) + 1)
    return np.hypot(outcome.coefficients[kept] * a_errors, a * outcome.standard_errors[kept])


def _bootstrap(raw, count: int, effects: Effects, draws: int, rng: np.random.Generator):
    """Indirect effects and their sum in each usable resample, shape (b, count + 1), and what to say."""
    columns = np.column_stack([raw.y, raw.d[:, : count + 1]])
    units = unit_of(columns)
    columns = columns / units
    design = entity_design(columns, raw.d[:, count + 1 :], raw.entity, raw.time, effects)
    entities = int(raw.entity.max()) + 1
    counts = np.vstack([np.ones(entities), draw_counts(rng, entities, draws)])
    products = resampled_products(design, counts)
    scale = np.sqrt(np.diag(products[0]))[1:]
    varies = np.linalg.eigvalsh(products[1:, 1:, 1:] / np.outer(scale, scale))[:, 0] > SINGULAR
    products = products[1:][varies]
    if len(products) < LEAST_DRAWS:
        raise DataError(
            f"treatment and mediators vary in {len(products)} of {draws} resamples of entities: the ends of "
            f"an interval need at least {LEAST_DRAWS}; too few entities are treated"
        )
    a = products[:, 1, 2:] / products[:, 1, 1, None]
    b = np.linalg.solve(products[:, 1:, 1:], products[:, 1:, 0, None])[:, 1:, 0]
    lost = (
        f"{draws - len(products)} of {draws} resamples of entities are left out, as the treatment does not "
        "vary in them: few entities are treated, and the intervals are of the other resamples",
    )
    found = np.column_stack([a * b, (a * b).sum(axis=1)]) * (units[0] / units[1])
    return found, () if varies.all() else lost


def _intervals(draws: np.ndarray, found: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Percentile and bias-corrected intervals, each of shape (J + 1, 2)."""
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    below = (draws < found).mean(axis=0)
    shift = stats.norm.ppf(np.clip(below, 0.5 / len(draws), 1 - 0.5 / len(draws)))
    moved = stats.norm.cdf(2 * shift[:, None] + stats.norm.ppf(tails))
    corrected = [np.quantile(draws[:, j], moved[j]) for j in range(draws.shape[1])]
    return np.quantile(draws, tails, axis=0).T, np.array(corrected)
