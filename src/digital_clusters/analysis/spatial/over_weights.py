"""One answer of a spatial model over several weights, each with the probability that the data give it."""

from typing import Any

import numpy as np

from digital_clusters.analysis.fit import Fit, fit
from digital_clusters.analysis.spatial.curves import effects_at
from digital_clusters.analysis.spatial.patterns import KINDS, every_weights
from digital_clusters.estimators.spatial.effects import KINDS as EFFECTS
from digital_clusters.estimators.spatial.log_determinant import shared_log_determinants
from digital_clusters.estimators.spatial.which_weights import which_weights
from digital_clusters.measures.space.weights import Weights


def weights_shares(found: Fit) -> dict[str, dict[str, float]]:
    """Likelihood and posterior share of each kind of weights, and the posterior mean of ρ.

    All kinds are equally likely beforehand; see
    :func:`~digital_clusters.estimators.spatial.which_weights.which_weights`.
    """
    arrays = found.design
    table = which_weights(
        arrays.outcome,
        arrays.regressors,
        {str(kind): weights for kind, weights in every_weights(found).items()},
        **arrays.keys,
        terms=arrays.names,
        model=found.spec.spatial_model,
    )
    return {str(kind): dict(row) for kind, row in table.to_dict("index").items()}


def over_weights(found: Fit, at: tuple[float, ...]) -> dict[str, Any]:
    """Effects of a squared treatment at some of its quantiles by each weights, and averaged over all.

    The average has the posterior shares as weights; its variance is the mean of the variances plus the
    variance of the effects between weights (Hoeting et al. 1999, eq. 3). Where the transformed data have no
    maximum, the estimate of a kind is that without correction.

    Returns
    -------
    dict
        ``kinds``: a record each with ``kind``, ``likelihood_share``, ``posterior_share``, ``rho`` and, as
        ``direct 0.25``, …, value and error; ``average`` and ``largest``: the same effects averaged, and those
        of the kind with the largest share.
    """
    with shared_log_determinants():
        return _shared_over_weights(found, at)


def _shared_over_weights(found: Fit, at: tuple[float, ...]) -> dict[str, Any]:
    shares = weights_shares(found)
    values = np.quantile(found.values(found.spec.treatment), at)
    rows: list[dict[str, Any]] = []
    for kind in KINDS:
        effects = effects_at(_with(found, kind), values, draws=2)
        own = effects[["effect", "standard_error"]].to_numpy().reshape(len(at), len(EFFECTS), 2)
        named = {
            f"{name} {quantile:g}": [float(own[i, j, 0]), float(own[i, j, 1])]
            for i, quantile in enumerate(at)
            for j, name in enumerate(EFFECTS)
        }
        rows.append({"kind": kind} | shares[kind] | {"effects": named})
    posterior = np.array([row["posterior_share"] for row in rows])
    average = {
        name: _average(np.array([row["effects"][name] for row in rows]), posterior)
        for name in rows[0]["effects"]
    }
    return {
        "kinds": rows,
        "average": average,
        "largest": KINDS[int(posterior.argmax())],
        "n": found.estimate.n_observations,
    }


def _with(found: Fit, kind: Weights) -> Fit:
    correction = "none" if kind == "inverse_distance" else found.spec.correction
    return fit(found.spec.change(weights=kind, correction=correction), found.panel)


def _average(pairs: np.ndarray, shares: np.ndarray) -> list[float]:
    mean = float(shares @ pairs[:, 0])
    variance = shares @ (pairs[:, 1] ** 2 + (pairs[:, 0] - mean) ** 2)
    return [mean, float(np.sqrt(variance))]
