"""Cluster jackknife (CV3): the covariance from leaving out one entity after another."""

from dataclasses import replace

import numpy as np

from digital_clusters.errors import DataError
from digital_clusters.estimators.options import Effects
from digital_clusters.estimators.panel.arrays import PanelArrays
from digital_clusters.estimators.panel.products import SINGULAR, entity_design, resampled_products
from digital_clusters.estimators.units import unit_of


def jackknife_covariance(panel: PanelArrays, effects: Effects, *, intercept: bool = True) -> np.ndarray:
    """(G − 1)/G · Σ (β₍g₎ − β)(β₍g₎ − β)', shape (k, k), with effects removed anew without each entity g.

    Without effects an intercept is removed, unless ``intercept`` says that it is among the terms.

    MacKinnon, Nielsen & Webb (2023), eq. 14: CV3, nearer to its level with few or unequal clusters than the
    usual sandwich.

    Raises
    ------
    DataError
        Without one of the entities a coefficient is not identified, as with one treated unit.
    """
    columns = np.column_stack([panel.y, panel.d])
    units = unit_of(columns)
    design = entity_design(columns / units, np.empty((len(columns), 0)), panel.entity, panel.time, effects)
    if effects == "none" and not intercept:
        design = replace(design, nuisance=design.nuisance[:, :0])
    groups = int(panel.entity.max()) + 1
    counts = np.vstack([np.ones(groups), np.ones((groups, groups)) - np.eye(groups)])
    products = resampled_products(design, counts)
    gram, cross = products[:, 1:, 1:], products[:, 1:, 0]
    scale = np.sqrt(np.diag(gram[0]))
    if np.linalg.eigvalsh(gram / np.outer(scale, scale))[:, 0].min() < SINGULAR:
        raise DataError(
            "errors = 'cv3': without one of the entities nothing is left that tells the terms apart, so that "
            "one entity alone decides a coefficient; use errors = 'clustered' and a permutation"
        )
    slopes = np.linalg.solve(gram, cross[..., None])[..., 0]
    gaps = (slopes[1:] - slopes[0]) * (units[0] / units[1:])
    return (groups - 1) / groups * gaps.T @ gaps
