"""Terms that cannot be told apart from the effects or from each other, refused by name."""

import numpy as np

from digital_clusters.errors import DataError

LOST = 1e-8
"""Share of a column's norm below which what is left of it counts as rounding."""


def refuse_absorbed(terms: tuple[str, ...], before: np.ndarray, after: np.ndarray) -> None:
    """Raise a :class:`DataError` that names a term with no variation left once effects are removed.

    Parameters
    ----------
    terms : tuple of str, length k
    before, after : numpy.ndarray, shape (n, k)
        Columns before and after effects and covariates are removed; the rows need not be the same.
    """
    left = np.linalg.norm(after, axis=0)
    lost = left <= LOST * np.maximum(np.linalg.norm(before, axis=0), np.finfo(float).tiny)
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
    """
    scale = np.linalg.norm(columns, axis=0)
    diagonal = np.abs(np.diag(np.linalg.qr(columns / np.where(scale > 0, scale, 1), mode="r")))
    if len(diagonal) < len(terms):
        raise DataError(f"{len(terms)} terms need at least as many rows, there are {len(columns)}")
    if (diagonal <= LOST).any():
        term = terms[int(np.argmax(diagonal <= LOST))]
        raise DataError(f"'{term}' is a linear combination of the terms before it: drop it")
