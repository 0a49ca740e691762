"""Several least-squares equations on one panel, with their joint sandwich.

The numbers of a single equation are those of :func:`fixed_effects.two_way_fixed_effects`; what is added is
the covariance between equations, and speed: the effects are removed once for all of them.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from digital_clusters.errors import DataError, ParameterError, check_option
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.few_clusters import cluster_warnings, without_vanished
from digital_clusters.estimators.options import Effects
from digital_clusters.estimators.panel.arrays import PanelArrays, as_columns, check_panel
from digital_clusters.estimators.panel.collinearity import refuse_absorbed, refuse_collinear
from digital_clusters.estimators.panel.demeaning import group_sums
from digital_clusters.estimators.panel.fixed_effects import remove_effects

SandwichRule = Literal["homoskedastic", "robust", "clustered"]
"""Covariance rules that extend to several equations; clusters are entities."""


@dataclass(frozen=True, eq=False)
class Equation:
    """A fitted equation before its covariance is scaled.

    Attributes
    ----------
    terms : tuple of str, length k
    coefficients : numpy.ndarray, shape (k,)
    projection : numpy.ndarray, shape (n, k)
        H such that the coefficients are H'y.
    residual : numpy.ndarray, shape (n,)
    """

    terms: tuple[str, ...]
    coefficients: np.ndarray
    projection: np.ndarray
    residual: np.ndarray


@dataclass(frozen=True, eq=False)
class WithinPanel:
    """A panel less its fixed effects.

    Attributes
    ----------
    y : numpy.ndarray, shape (n,)
    d : numpy.ndarray, shape (n, k)
    x : numpy.ndarray, shape (n, p)
    raw : PanelArrays
        As it came in, with its codes and names.
    effects : {'two_way', 'entity', 'time', 'none'}
        ``none`` still removes an intercept.
    errors : {'homoskedastic', 'robust', 'clustered'}
    """

    y: np.ndarray
    d: np.ndarray
    x: np.ndarray
    raw: PanelArrays
    effects: Effects
    errors: SandwichRule

    def fit(self, outcome: np.ndarray, regressors: np.ndarray, terms: tuple[str, ...]) -> Equation:
        """Least squares of ``outcome`` on ``regressors``, both without their effects."""
        refuse_collinear(terms, regressors)
        return solve(outcome, regressors, regressors, terms)

    def estimate(self, equation: Equation, method: str) -> Estimate:
        """The equation with its scaled covariance and the degrees of freedom of its intervals."""
        covariance, warnings = self.covariance([equation]), ()
        if self.errors == "clustered":
            independent = np.mean(equation.residual**2) * (equation.projection**2).sum(axis=0)
            covariance, vanished = without_vanished(equation.terms, covariance, independent)
            few = cluster_warnings(equation.terms, equation.projection, self.raw.entity)
            warnings = (*vanished, *few)
        return Estimate(
            terms=equation.terms,
            coefficients=equation.coefficients,
            covariance=covariance,
            warnings=warnings,
            n_observations=len(self.y),
            method=method,
            errors=self.errors,
            n_clusters=self.entities if self.errors == "clustered" else None,
            degrees_of_freedom=self.degrees_of_freedom(len(equation.terms)),
        )

    def covariance(self, equations: list[Equation]) -> np.ndarray:
        """Joint covariance of all coefficients, equation after equation, small-sample factors included.

        The factor is that of ``small_sample='nested'`` in :func:`fixed_effects.two_way_fixed_effects`;
        between two equations it is the geometric mean of theirs.
        """
        factors = [np.sqrt(self._factor(len(e.terms))) for e in equations]
        if self.errors == "homoskedastic":
            columns = np.hstack([f * e.projection for f, e in zip(factors, equations, strict=True)])
            residuals = np.column_stack([e.residual for e in equations])
            owner = np.repeat(np.arange(len(equations)), [len(e.terms) for e in equations])
            moments = residuals.T @ residuals / len(residuals)
            return columns.T @ columns * moments[np.ix_(owner, owner)]
        scores = np.hstack(
            [f * e.projection * e.residual[:, None] for f, e in zip(factors, equations, strict=True)]
        )
        if self.errors == "clustered":
            scores = group_sums(scores, self.raw.entity)
        return scores.T @ scores

    def degrees_of_freedom(self, k: int) -> float:
        """Clusters less one, or rows less all parameters of an equation with ``k`` slopes."""
        return float(self.entities - 1 if self.errors == "clustered" else len(self.y) - self._parameters(k))

    @property
    def entities(self) -> int:
        """Number of entities."""
        return int(self.raw.entity.max()) + 1

    def _parameters(self, k: int, *, nested: bool = False) -> int:
        removed = {"two_way": ("entity", "time"), "entity": ("entity",), "time": ("time",), "none": ()}
        levels = {"entity": 0 if nested else self.entities - 1, "time": int(self.raw.time.max())}
        return k + 1 + sum(levels[name] for name in removed[self.effects])

    def _factor(self, k: int) -> float:
        n, groups = len(self.y), self.entities
        if self.errors == "clustered":
            return groups / (groups - 1) * (n - 1) / (n - self._parameters(k, nested=True))
        return n / (n - self._parameters(k))


def within_panel(
    y,
    d,
    x=None,
    *,
    entity,
    time,
    terms,
    effects: Effects = "two_way",
    errors: SandwichRule = "clustered",
) -> WithinPanel:
    """Check a panel and remove its effects.

    Parameters
    ----------
    y : array_like, shape (n,)
    d : array_like, shape (n, k)
        Regressors named by ``terms``.
    x : array_like, shape (n, p), optional
        Further columns to be treated alike.
    entity, time : array_like, shape (n,)
    terms : sequence of str, length k
    effects : {'two_way', 'entity', 'time', 'none'}
    errors : {'homoskedastic', 'robust', 'clustered'}

    Raises
    ------
    ParameterError
        Unknown option, or lengths that do not agree.
    DataError
        Missing values, repeated keys, a term absorbed by the effects, too few rows or one cluster.
    """
    check_option("effects", effects, Effects)
    check_option("errors", errors, SandwichRule)
    raw = check_panel(y, d, x, entity=entity, time=time, terms=terms)
    columns = np.column_stack([raw.y, raw.d, raw.x])
    columns = columns - columns.mean(axis=0) if effects == "none" else remove_effects(columns, raw, effects)
    k = raw.d.shape[1]
    out = WithinPanel(columns[:, 0], columns[:, 1 : k + 1], columns[:, k + 1 :], raw, effects, errors)
    refuse_absorbed(raw.terms, raw.d, out.d)
    parameters = out._parameters(columns.shape[1] - 1)
    if len(raw.y) <= parameters:
        raise DataError(f"{len(raw.y)} rows are too few for {parameters} parameters")
    if out.entities < 2:
        raise DataError("one entity is not enough: errors and effects need several")
    return out


def columns_of(name: str, array, n: int) -> np.ndarray:
    """A float matrix of ``n`` rows; a vector becomes one column and ``None`` no column.

    Raises
    ------
    ParameterError
        Another number of rows.
    """
    columns = np.empty((n, 0)) if array is None else as_columns(array, n)
    if columns.ndim != 2 or len(columns) != n:
        raise ParameterError(f"{name} has {len(columns)} rows, the outcome has {n}")
    return columns


def solve(
    outcome: np.ndarray, fitted: np.ndarray, regressors: np.ndarray, terms: tuple[str, ...]
) -> Equation:
    """Least squares of ``outcome`` on ``fitted``, with residuals taken at ``regressors``.

    The two are the same in least squares; in two-stage least squares ``fitted`` holds the regressors as the
    instruments predict them. Shapes (n,), (n, k) and (n, k).
    """
    q, r = np.linalg.qr(fitted)
    projection = np.linalg.solve(r, q.T).T
    coefficients = projection.T @ outcome
    return Equation(terms, coefficients, projection, outcome - regressors @ coefficients)
