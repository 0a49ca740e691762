"""Made panels, and fits without a library for thousands of them: what the designs of panels share."""

from dataclasses import replace

import numpy as np

from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.panel.demeaning import group_sums
from digital_clusters.estimators.panel.fixed_b import default_lags
from digital_clusters.estimators.panel.jackknife import jackknife_covariance
from digital_clusters.estimators.panel.least_squares import within_panel
from digital_clusters.estimators.resampling.simulated_panels import autocorrelated

PERSISTENCE = 0.5
"""Autocorrelation of terms and errors over the years of a unit."""

THETA = 0.5
"""True coefficient."""

PERMUTED = 99
"""Permutations and resamples of a test: with 99 a test at 5 % has that size exactly."""

YEARS = 12


def keys(units: int, years: int) -> dict[str, np.ndarray]:
    """Labels of a balanced panel, rows by unit."""
    entity, time = np.divmod(np.arange(units * years), years)
    return {"entity": entity, "time": time}


def persistent(rng: np.random.Generator, units: int, years: int, columns: int) -> np.ndarray:
    """Columns with unit effects and autocorrelation, shape (units · years, columns)."""
    found = [
        autocorrelated(rng, units, years, PERSISTENCE) + rng.normal(size=(units, 1)) for _ in range(columns)
    ]
    return np.stack(found, axis=-1).reshape(units * years, columns)


def fast_fit(y, x, *, entity, time, terms, errors="clustered") -> Estimate:
    """:func:`two_way_fixed_effects` without its library, for thousands of fits; a test holds them equal."""
    panel = within_panel(y, x, entity=entity, time=time, terms=terms, errors=errors)
    return panel.estimate(panel.fit(panel.y, panel.d, panel.raw.terms), "two_way_fixed_effects")


def jackknifed(y, x, *, entity, time, terms) -> Estimate:
    """``errors='cv3'`` of :func:`two_way_fixed_effects` without its library."""
    panel = within_panel(y, x, entity=entity, time=time, terms=terms)
    found = panel.estimate(panel.fit(panel.y, panel.d, panel.raw.terms), "two_way_fixed_effects")
    return replace(found, covariance=jackknife_covariance(panel.raw, "two_way"), errors="cv3", warnings=())


def kernel_fit(y, x, *, entity, time, terms) -> Estimate:
    """``errors='driscoll_kraay'`` of :func:`two_way_fixed_effects` without its library."""
    fit, scores = _scores(y, x, entity=entity, time=time, terms=terms)
    periods, rows, bandwidth = int(time.max()) + 1, len(y), default_lags(int(time.max()) + 1)
    sums = group_sums(scores, time)
    meat = sums.T @ sums
    for lag in range(1, bandwidth + 1):
        moved = sums[lag:].T @ sums[:-lag]
        meat += (1 - lag / (bandwidth + 1)) * (moved + moved.T)
    parameters = len(fit.terms) + int(entity.max()) + periods
    factor = periods / (periods - 1) * (rows - 1) / (rows - parameters)
    return replace(
        fit, covariance=factor * meat, degrees_of_freedom=periods - 1.0, errors="driscoll_kraay", warnings=()
    )


def two_way_clustered_fit(y, x, *, entity, time, terms) -> Estimate:
    """``errors='two_way_clustered'`` of :func:`two_way_fixed_effects` without its library, where positive."""
    fit, scores = _scores(y, x, entity=entity, time=time, terms=terms)
    rows, covariance = len(y), 0.0
    for codes, sign in ((entity, 1), (time, 1), (np.arange(rows), -1)):
        sums, groups = group_sums(scores, codes), int(codes.max()) + 1
        covariance = covariance + sign * groups / (groups - 1) * sums.T @ sums
    factor = (rows - 1) / (rows - len(fit.terms) - 1)
    degrees = float(min(entity.max(), time.max()))
    return replace(
        fit,
        covariance=factor * covariance,
        degrees_of_freedom=degrees,
        errors="two_way_clustered",
        warnings=(),
    )


def _scores(y, x, *, entity, time, terms) -> tuple[Estimate, np.ndarray]:
    """The fit, and each row's part in the error of its coefficients, shape (n, k)."""
    panel = within_panel(y, x, entity=entity, time=time, terms=terms)
    equation = panel.fit(panel.y, panel.d, panel.raw.terms)
    fit = panel.estimate(equation, "two_way_fixed_effects")
    return fit, equation.projection * equation.residual[:, None]


def holds(estimate: Estimate, truth: float, place: int = 0) -> bool:
    """Whether a 95 per cent interval holds the truth."""
    low, high = estimate.interval()[place]
    return bool(low <= truth <= high)
