"""A mediator that is there or not: a logit or probit step in place of the linear one.

The product of two linear coefficients takes the probability of the mediator for a straight line. With a link
F, P(m = 1) = F(a d + x'c + city means + years), the effect that runs through m is b times the mean marginal
effect of d on that probability (Imai, Keele & Tingley 2010, for an outcome that is linear in m). City
effects would not leave a non-linear step consistent in a short panel; means of a city's own d and x stand for
them (Mundlak 1978; Wooldridge 2010). The outcome keeps effects of city and year.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from digital_clusters.errors import DataError, ParameterError, check_option
from digital_clusters.estimators.panel.arrays import PanelArrays, as_matrix, check_panel
from digital_clusters.estimators.panel.demeaning import demean_two_way, group_means, indicators
from digital_clusters.estimators.panel.products import draw_counts
from digital_clusters.estimators.units import unit_of

Link = Literal["logit", "probit"]
"""Distribution behind the step: logistic or normal."""

LEAST_DRAWS = 100
"""Of the bootstrap."""

_CONVERGED = 1e-10
"""Relative change of the deviance at which a step is solved; near its maximum each step squares the gap."""

_STEPS = 50

_SEPARATED = 1e-5
"""Deviance a row below which zeros and ones are told apart without fail."""

_FLAT = 1e-12
"""Density at which a row no longer says anything about the coefficients."""


@dataclass(frozen=True, eq=False)
class BinaryMediation:
    """What runs through a mediator that is there or not.

    Attributes
    ----------
    coefficient : float
        Of the treatment in the step, in the unit of the link.
    marginal_effect : float
        Mean over rows of the change of P(m = 1) with the treatment.
    outcome_coefficient : float
        Of the mediator in the regression of the outcome.
    indirect, direct : float
        Marginal effect times that coefficient; coefficient of the treatment beside the mediator.
    interval : tuple of float
        Percentiles of ``indirect`` over resamples of whole entities.
    draws : numpy.ndarray, shape (b,)
    link : str
    """

    coefficient: float
    marginal_effect: float
    outcome_coefficient: float
    indirect: float
    direct: float
    interval: tuple[float, float]
    draws: np.ndarray
    link: Link


def binary_mediation(
    y,
    d,
    m,
    x=None,
    *,
    entity,
    time,
    terms,
    link: Link = "logit",
    draws: int = 200,
    seed: int | np.random.Generator = 0,
    level: float = 0.95,
) -> BinaryMediation:
    """Effect of ``d`` on ``y`` through a mediator of zeros and ones.

    Parameters
    ----------
    y, d, m : array_like, shape (n,)
    x : array_like, shape (n, p), optional
    entity, time : array_like, shape (n,)
    terms : sequence of str, length 1 + p
        Of treatment and controls.
    link : {'logit', 'probit'}
    draws : int
        Resamples of entities with all their years; both equations are fitted anew in each.
    seed : int or numpy.random.Generator
    level : float

    Raises
    ------
    ParameterError
        An unknown link, fewer than 100 draws, a level outside (0, 1).
    DataError
        A mediator that is not of zeros and ones, or that the step separates; missing values.
    """
    check_option("link", link, Link)
    if draws < LEAST_DRAWS:
        raise ParameterError(f"draws = {draws}: the ends of an interval need at least {LEAST_DRAWS}")
    if not 0 < level < 1:
        raise ParameterError(f"level = {level}: choose a number between 0 and 1")
    n = len(np.asarray(y))
    d, m, x = as_matrix("d", d, n), as_matrix("m", m, n), as_matrix("x", x, n)
    panel = check_panel(y, np.hstack([d, x]), m, entity=entity, time=time, terms=terms)
    if panel.x.shape[1] != 1 or set(np.unique(panel.x)) != {0.0, 1.0}:
        raise DataError("the mediator must be one column of zeros and ones, with both of them there")
    unit, units = unit_of(panel.y), unit_of(panel.d)
    panel = PanelArrays(panel.y / unit, panel.d / units, panel.x, panel.entity, panel.time, panel.terms)
    design = _step_design(panel)
    found = _parts(panel, design, link, np.ones(n))
    cities = int(panel.entity.max()) + 1
    counts = draw_counts(np.random.default_rng(seed), cities, draws)
    resampled = np.array([_parts(panel, design, link, count[panel.entity])[3] for count in counts])
    scale = float(unit / units[0])
    tails = (1 - level) / 2, (1 + level) / 2
    low, high = np.quantile(resampled, tails) * scale
    a, marginal, b, indirect, direct = found
    return BinaryMediation(
        coefficient=a / float(units[0]),
        marginal_effect=marginal / float(units[0]),
        outcome_coefficient=b * float(unit),
        indirect=indirect * scale,
        direct=direct * scale,
        interval=(float(low), float(high)),
        draws=resampled * scale,
        link=link,
    )


def _step_design(panel: PanelArrays) -> np.ndarray:
    """Treatment, controls, their means by entity, and indicators of every period."""
    means = group_means(panel.d, panel.entity)
    return np.column_stack([panel.d, means, indicators(panel.time)])


def _parts(panel: PanelArrays, design: np.ndarray, link: Link, weights: np.ndarray) -> tuple[float, ...]:
    """a, mean marginal effect, b, their product, and the direct effect of a weighted sample."""
    used = weights > 0
    w, m = weights[used], panel.x[used, 0]
    beta = _maximise(m, design[used], w, link)
    density = (stats.logistic if link == "logit" else stats.norm).pdf(design[used] @ beta)
    marginal = float(np.average(density, weights=w) * beta[0])
    columns = np.column_stack([panel.y[used], panel.d[used, 0], m, panel.d[used, 1:]])
    codes = [np.unique(code[used], return_inverse=True)[1] for code in (panel.entity, panel.time)]
    left = demean_two_way(columns, *codes, w) * np.sqrt(w)[:, None]
    direct, b = np.linalg.lstsq(left[:, 1:], left[:, 0])[0][:2]
    return float(beta[0]), marginal, float(b), marginal * float(b), float(direct)


def _maximise(m: np.ndarray, design: np.ndarray, weights: np.ndarray, link: Link) -> np.ndarray:
    """Coefficients of largest likelihood, by weighted least squares again and again (Fisher scoring)."""
    law = stats.logistic if link == "logit" else stats.norm
    kept = (np.abs(design) * weights[:, None]).sum(axis=0) > 0
    columns, beta, deviance = design[:, kept], np.zeros(int(kept.sum())), np.inf
    for _ in range(_STEPS):
        eta = columns @ beta
        p, slope = np.clip(law.cdf(eta), 1e-12, 1 - 1e-12), law.pdf(eta)
        before, deviance = deviance, -2 * float(weights @ np.log(np.where(m == 1, p, 1 - p)))
        if abs(before - deviance) <= _CONVERGED * abs(deviance):
            out = np.zeros(design.shape[1])
            out[kept] = beta
            return out
        if deviance < _SEPARATED * weights.sum():
            break
        seen = slope > _FLAT
        root = np.sqrt(weights * slope**2 / (p * (1 - p))) * seen
        working = eta + np.divide(m - p, slope, out=np.zeros(len(m)), where=seen)
        beta = np.linalg.lstsq(columns * root[:, None], working * root)[0]
    raise DataError(
        f"the {link} of the mediator has no maximum: treatment and controls tell its zeros from its ones "
        "without fail; choose another mediator or fewer controls"
    )
