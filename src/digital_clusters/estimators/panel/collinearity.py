"""Terms that cannot be told apart from the effects or from each other, refused by name."""

import numpy as np

from digital_clusters.errors import DataError

LOST = 1e-8
"""Share of a column's norm below which what is left of it counts as rounding."""

WELL_CONDITIONED = 1e-8
"""Smallest eigenvalue of scaled products from which their solution has eight correct digits: products square
what columns lose, so that what is left of a column here is 1e-4 of it, far above :data:`LOST`."""


def refuse_absorbed(terms: tuple[str, ...], before: np.ndarray, after: np.ndarray) -> None:
    """Raise a :class:`DataError` that names a term with no variation left once effects are removed.

    Parameters
    ----------
    terms : tuple of str, length k
    before, after : numpy.ndarray, shape (n, k)
        Columns before and after effects and covariates are removed; the rows need not be the same.
    """
    lost = _norms(after) <= LOST * np.maximum(_norms(before), np.finfo(float).tiny)
    if lost.any():
        names = ", ".join(f"'{term}'" for term, gone in zip(terms, lost, strict=True) if gone)
        raise DataError(
            f"no variation is left in {names} once fixed effects and covariates are removed: drop it"
        )


def refuse_collinear(terms: tuple[str, ...], columns: np.ndarray) -> None:
    """Raise a :class:`DataError` that names the first term which is a combination of those before it.

    Parameters
    ----------
    terms : tuple of str, length k
    columns : numpy.ndarray, shape (n, k)

    Notes
    -----
    What a term has of its own is at least the smallest singular value of the scaled terms, so that their
    products clear most sets of terms without a decomposition of all rows.
    """
    scale = _norms(columns)
    if len(columns) >= len(terms) and _are_well_conditioned(columns, scale):
        return
    diagonal = np.abs(np.diag(np.linalg.qr(columns / np.where(scale > 0, scale, 1), mode="r")))
    if len(diagonal) < len(terms):
        raise DataError(f"{len(terms)} terms need at least as many rows, there are {len(columns)}")
    if (diagonal <= LOST).any():
        term = terms[int(np.argmax(diagonal <= LOST))]
        raise DataError(f"'{term}' is a linear combination of the terms before it: drop it")


def _norms(columns: np.ndarray) -> np.ndarray:
    return np.sqrt(np.einsum("ij,ij->j", columns, columns))


def _are_well_conditioned(columns: np.ndarray, scale: np.ndarray) -> bool:
    if not (np.isfinite(scale) & (scale > 0)).all():
        return False
    products = columns.T @ columns / np.outer(scale, scale)
    return bool(np.linalg.eigvalsh(products).min(initial=1.0) > WELL_CONDITIONED)
