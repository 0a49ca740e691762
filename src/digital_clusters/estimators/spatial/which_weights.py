"""Which spatial weights the data speak for: likelihoods and posterior probabilities of several matrices."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from digital_clusters.errors import ParameterError, check_option
from digital_clusters.estimators.spatial.arrays import SpatialEffects, SpatialPanel, spatial_arrays
from digital_clusters.estimators.spatial.durbin import model_jacobian, usual_correction
from digital_clusters.estimators.spatial.estimate import SpatialModel

GRID = 4001
"""Values of ρ between −1 and 1. A posterior with standard deviation 0.005, as 100,000 rows may give it, still
has ten of them in each standard deviation, where the trapezoid rule has no error to speak of."""


def which_weights(
    y, x, weights: Mapping[str, Any], *, entity, time, terms, model: SpatialModel = "durbin",
    effects: SpatialEffects = "two_way",
) -> pd.DataFrame:  # fmt: skip
    """One spatial panel model under several weights, and how much each is believed after the data.

    Effects are removed, and their degrees of freedom, where the rows of all weights have one sum. Beforehand
    all weights are equally likely, ρ is uniform on (−1, 1), the density of σ is 1/σ, and β given σ and ρ is
    normal around zero with covariance g σ² (Z'Z)⁻¹, with g the number of observations: the information of
    one of them (Zellner 1986; Fernández, Ley & Steel 2001). Then β and σ leave the likelihood in closed form
    and ρ by one integral (LeSage & Parent 2007; LeSage & Pace 2009, ch. 6).

    Parameters
    ----------
    y : array_like, shape (n T,)
    x : array_like, shape (n T, k)
    weights : mapping of str to weights
        Each as :func:`~digital_clusters.estimators.spatial.durbin.spatial_panel` takes them.
    entity, time : array_like, shape (n T,)
    terms : sequence of str, length k
    model : {'durbin', 'lag'}
    effects : {'two_way', 'individual', 'time', 'none'}

    Returns
    -------
    pandas.DataFrame
        Index: the names. Columns ``log_likelihood`` at its maximum over ρ and ``likelihood_share``, its
        exponential over that of all (all models have as many parameters); ``log_marginal``, up to a constant
        of the data, and ``posterior_share``; ``rho``, the posterior mean.

    Raises
    ------
    ParameterError
        Fewer than two weights, another model, or weights some of which lose other degrees of freedom.
    DataError
        As ``spatial_panel``.
    """
    check_option("model", model, SpatialModel)
    if model not in ("durbin", "lag"):
        raise ParameterError(f"model = '{model}': weights are compared in 'durbin' or 'lag'")
    if len(weights) < 2:
        raise ParameterError("a comparison needs at least two weights")
    lagged = terms if model == "durbin" else ()
    panels = {
        name: spatial_arrays(y, x, w, entity=entity, time=time, terms=terms, lagged=lagged, effects=effects)
        for name, w in weights.items()
    }
    corrections = {usual_correction(panel.w, effects, model) for panel in panels.values()}
    if len(corrections) > 1:
        raise ParameterError("some weights have rows with one sum and some do not: standardise all alike")
    removed = "transformation" if corrections == {"transformation"} else "none"
    rho = np.linspace(-1, 1, GRID)[1:-1]
    rows = {name: _one(panel, removed, rho) for name, panel in panels.items()}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("weights")
    for share, column in (("likelihood_share", "log_likelihood"), ("posterior_share", "log_marginal")):
        table[share] = special.softmax(table[column].to_numpy())
    return table[["log_likelihood", "likelihood_share", "log_marginal", "posterior_share", "rho"]]


def _one(panel: SpatialPanel, removed, rho: np.ndarray) -> dict[str, float]:
    """Largest likelihood, integrated likelihood and posterior mean of ρ."""
    jacobian = model_jacobian(panel, "auto", removed)
    n, z = jacobian.observations, panel.regressors()
    columns = z.reshape(-1, z.shape[2])
    outcomes = np.column_stack([panel.within(panel.y).ravel(), panel.outcome_lag().ravel()])
    basis = np.linalg.qr(columns / np.linalg.norm(columns, axis=0))[0]
    left = outcomes - basis @ (basis.T @ outcomes)
    contrast = np.vstack([np.ones_like(rho), -rho])
    squares, residual = (np.einsum("ir,ij,jr->r", contrast, m.T @ m, contrast) for m in (outcomes, left))
    # squares are compared in a unit of their own, which is a constant of the data
    unit = float(outcomes[:, 0] @ outcomes[:, 0])
    determinant = jacobian(rho)
    profile = determinant - n / 2 * np.log(residual / unit)
    shrunk = (squares + n * residual) / (1 + n)
    density = determinant - n / 2 * np.log(shrunk / unit) - columns.shape[1] / 2 * np.log1p(n)
    largest = density.max()
    mass = np.exp(density - largest)
    step = rho[1] - rho[0]
    return {
        "log_likelihood": float(profile.max() - n / 2 * (np.log(2 * np.pi * unit / n) + 1)),
        "log_marginal": float(largest + np.log(mass.sum() * step / 2) - n / 2 * np.log(unit)),
        "rho": float(mass @ rho / mass.sum()),
    }
