"""Two-stage least squares for one treatment in a panel, and what to believe when the instrument is weak."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from scipy import stats

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.equation import Equation, solve
from digital_clusters.estimators.estimate import Estimate, ShowsEstimate
from digital_clusters.estimators.options import Effects
from digital_clusters.estimators.panel.anderson_rubin import AndersonRubin, invert_anderson_rubin
from digital_clusters.estimators.panel.arrays import as_matrix
from digital_clusters.estimators.panel.collinearity import LOST
from digital_clusters.estimators.panel.least_squares import SandwichRule, WithinPanel, within_panel
from digital_clusters.estimators.units import unit_of
from digital_clusters.estimators.wald import WaldTest, wald_test

WORST_BIAS = 0.1
"""Share of the worst-case bias above which an instrument counts as weak (Montiel Olea & Pflueger 2013)."""


@dataclass(frozen=True, eq=False, repr=False)
class InstrumentalEstimate(ShowsEstimate):
    """Two-stage least squares with its two reduced forms and tests.

    Attributes
    ----------
    estimate : Estimate
        Treatment, then the controls.
    least_squares : Estimate
        The same equation with the treatment taken as exogenous.
    first_stage : Estimate
        Treatment on instruments, then controls.
    reduced_form : Estimate
        Outcome on instruments, then controls.
    first_stage_test : WaldTest
        Of all instruments, by the covariance rule of the estimate.
    first_stage_f : float
        Effective F; with one instrument the F of ``first_stage_test``.
    critical_f : float
        Its 5 % critical value for a worst-case bias of a tenth: 23.1 with one instrument. Below it the
        interval of ``estimate`` is not to be relied upon, and ``anderson_rubin`` is.
    anderson_rubin : AndersonRubin
        Test of a zero effect and confidence set, valid however weak the instruments.
    endogeneity : Estimate or None
        Least squares less two-stage least squares of the treatment, with the clustered error of the
        difference; ``None`` where the instruments reproduce the treatment.
    """

    estimate: Estimate
    least_squares: Estimate
    first_stage: Estimate
    reduced_form: Estimate
    first_stage_test: WaldTest
    first_stage_f: float
    critical_f: float
    anderson_rubin: AndersonRubin
    endogeneity: Estimate | None

    def remarks(self) -> list[str]:
        """Strength of the instrument, and the set that holds where it is weak."""
        sets = " and ".join(f"[{low:.4g}, {high:.4g}]" for low, high in self.anderson_rubin.intervals)
        return [
            f"first stage F = {self.first_stage_f:.1f}, weak below {self.critical_f:.1f}",
            f"Anderson–Rubin set of {self.estimate.terms[0]}: {sets or 'empty'}",
        ]


def instrumental_variables(
    y,
    d,
    z,
    x=None,
    *,
    entity,
    time,
    terms,
    instruments: Sequence[str] | None = None,
    effects: Effects = "two_way",
    errors: SandwichRule = "clustered",
    level: float = 0.95,
) -> InstrumentalEstimate:
    """Effect of ``d`` on ``y`` from the variation of ``d`` that ``z`` moves, fixed effects removed.

    Parameters
    ----------
    y, d : array_like, shape (n,)
    z : array_like, shape (n,) or (n, q)
        Excluded instruments, such as a shift-share exposure.
    x : array_like, shape (n, p), optional
        Controls, which instrument themselves.
    entity, time : array_like, shape (n,)
        The panel may be unbalanced.
    terms : sequence of str, length 1 + p
        Of treatment and controls.
    instruments : sequence of str, length q, optional
        Default ``instrument``, or ``instrument 1``, ….
    effects : {'two_way', 'entity', 'time', 'none'}
    errors : {'homoskedastic', 'robust', 'clustered'}
        Small-sample factors and degrees of freedom as in :func:`fixed_effects.two_way_fixed_effects`, which
        ``z = d`` reproduces.
    level : float
        Of the Anderson–Rubin confidence set.

    Raises
    ------
    ParameterError
        Unknown option, a level outside (0, 1), lengths or names that do not agree.
    DataError
        Missing values, instruments absorbed by effects and controls or collinear, or unrelated to ``d``.

    Notes
    -----
    That the instrument reaches the outcome through the treatment alone is assumed; no number here tests it.
    Where effects differ and the instrument moves no unit against the others, the coefficient is a mean of the
    effects of those it moves (Imbens & Angrist 1994).
    """
    started = perf_counter()
    if not 0 < level < 1:
        raise ParameterError(f"level = {level}: choose a number between 0 and 1")
    panel, names, first_names = _panel(y, d, z, x, entity, time, terms, instruments, effects, errors)
    plain, second, first, reduced = _equations(panel, names, first_names)
    q = len(first_names) - len(names) + 1
    first_stage = panel.estimate(first, "first_stage")
    z, x = panel.d[:, len(names) :], panel.d[:, 1 : len(names)]
    effective, critical = _effective_f(first_stage, q, z, x)
    joint = panel.covariance([reduced, first])
    kept = np.r_[:q, len(first_names) : len(first_names) + q]
    robust = invert_anderson_rubin(
        reduced.coefficients[:q],
        first.coefficients[:q],
        joint[np.ix_(kept, kept)],
        degrees_of_freedom=panel.degrees_of_freedom(len(first_names)),
        level=level,
    )
    found = panel.estimate(second, "instrumental_variables")
    return InstrumentalEstimate(
        estimate=found.with_provenance(seconds=perf_counter() - started),
        least_squares=panel.estimate(plain, "two_way_fixed_effects"),
        first_stage=first_stage,
        reduced_form=panel.estimate(reduced, "reduced_form"),
        first_stage_test=wald_test(first_stage, first_names[:q]),
        first_stage_f=effective,
        critical_f=critical,
        anderson_rubin=robust,
        endogeneity=_difference(panel, plain, second, first),
    )


def _equations(panel: WithinPanel, names, first_names) -> tuple[Equation, Equation, Equation, Equation]:
    """Least squares, two-stage least squares, first stage and reduced form."""
    structural, z = panel.d[:, : len(names)], panel.d[:, len(names) :]
    d, x = structural[:, 0], structural[:, 1:]
    plain = panel.fit(panel.y, structural, names)
    first = panel.fit(d, np.hstack([z, x]), first_names)
    reduced = panel.fit(panel.y, np.hstack([z, x]), first_names)
    fitted = d - first.residual
    if np.linalg.norm(_residual(fitted, x)) <= LOST * np.linalg.norm(d):
        raise DataError("the instruments do not move the treatment once effects and controls are removed")
    second = solve(panel.y, np.column_stack([fitted, x]), structural, names)
    return plain, second, first, reduced


def _panel(y, d, z, x, entity, time, terms, instruments, effects, errors):
    """The demeaned panel with columns d, x, z; names of the equation; names of the first stage."""
    n = len(np.asarray(y))
    d, z, x = as_matrix("d", d, n), as_matrix("z", z, n), as_matrix("x", x, n)
    terms, q = tuple(terms), z.shape[1]
    if d.shape[1] != 1:
        raise ParameterError(f"one treatment is instrumented, {d.shape[1]} were given")
    if len(terms) != 1 + x.shape[1]:
        raise ParameterError(f"{1 + x.shape[1]} terms are needed, given: {', '.join(terms)}")
    if instruments is None:
        instruments = ["instrument"] if q == 1 else [f"instrument {j + 1}" for j in range(q)]
    names = (*terms, *instruments)
    panel = within_panel(
        y, np.hstack([d, x, z]), entity=entity, time=time, terms=names, effects=effects, errors=errors
    )
    return panel, terms, (*instruments, *terms[1:])


def _residual(columns: np.ndarray, x: np.ndarray) -> np.ndarray:
    x = x / unit_of(x)
    return columns - x @ np.linalg.lstsq(x, columns, rcond=None)[0] if x.shape[1] else columns


def _effective_f(first: Estimate, q: int, z: np.ndarray, x: np.ndarray) -> tuple[float, float]:
    """Effective F and its simplified critical value (Montiel Olea & Pflueger 2013, sections 3 and 4).

    With the instruments made orthonormal after controls, F is the sum of squares of the first-stage
    coefficients over the trace of their covariance W.
    """
    left = _residual(z, x)
    root = np.linalg.cholesky(left.T @ left)
    slopes = root.T @ first.coefficients[:q]
    w = root.T @ first.covariance[:q, :q] @ root
    trace, bias = np.trace(w), 1 / WORST_BIAS
    df = trace**2 * (1 + 2 * bias) / (np.sum(w**2) + 2 * bias * trace * np.linalg.eigvalsh(w)[-1])
    return float(slopes @ slopes / trace), float(stats.ncx2.ppf(0.95, df, df * bias) / df)


def _difference(panel: WithinPanel, plain: Equation, second: Equation, first: Equation) -> Estimate | None:
    """Hausman's contrast with the covariance of both estimators taken together, not as a difference."""
    if np.linalg.norm(first.residual) <= LOST * np.linalg.norm(panel.d[:, 0]):
        return None
    k = len(plain.terms)
    joint = panel.covariance([plain, second])
    weights = np.zeros(2 * k)
    weights[[0, k]] = 1, -1
    return Estimate(
        terms=(f"{plain.terms[0]}: least squares less instrumental",),
        coefficients=[plain.coefficients[0] - second.coefficients[0]],
        covariance=[[weights @ joint @ weights]],
        n_observations=len(panel.y),
        method="hausman_contrast",
        errors=panel.errors,
        n_clusters=panel.entities if panel.errors == "clustered" else None,
        degrees_of_freedom=panel.degrees_of_freedom(k),
    )
