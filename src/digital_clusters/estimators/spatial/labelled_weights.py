"""Spatial weights that carry the labels of their units, put in the order of a panel's units."""

import numpy as np
import pandas as pd

from digital_clusters.errors import DataError

SHOWN = 3
"""Labels named in an error."""


def matrix_and_labels(w) -> tuple[object, list | None]:
    """The matrix of weights and the labels of its rows, ``None`` for a bare matrix.

    Parameters
    ----------
    w : scipy sparse matrix, array_like, pandas.DataFrame, or an object with labels
        Labels are known of a data frame (index and columns), of libpysal's ``W`` (``id_order``) and ``Graph``
        (``unique_ids``), and of objects with ``matrix`` and ``cities``.

    Raises
    ------
    DataError
        Index and columns of a data frame do not have the same labels.
    """
    if isinstance(w, pd.DataFrame):
        if not (w.index.is_unique and w.columns.is_unique and set(w.index) == set(w.columns)):
            raise DataError(
                "weights: the index and the columns of the table do not have the same labels once each"
            )
        return w.loc[:, list(w.index)].to_numpy(dtype=float), w.index.tolist()
    for matrix, labels in (("matrix", "cities"), ("sparse", "unique_ids"), ("sparse", "id_order")):
        if hasattr(w, matrix) and hasattr(w, labels):
            return getattr(w, matrix), pd.Index(getattr(w, labels)).tolist()
    return w, None


def aligned_weights(w, units: np.ndarray):
    """The matrix of weights with its rows and columns in the order of ``units``.

    Parameters
    ----------
    w
        As in :func:`matrix_and_labels`. A bare matrix is taken to be in this order already.
    units : numpy.ndarray, shape (n,)
        Labels of the panel's units in sorted order.

    Returns
    -------
    scipy sparse matrix or array_like, shape (n, n)

    Raises
    ------
    DataError
        A label twice, or labels of the weights that are not those of the panel.
    """
    matrix, labels = matrix_and_labels(w)
    if labels is None:
        return matrix
    place = {label: i for i, label in enumerate(labels)}
    if len(place) < len(labels):
        twice = next(label for i, label in enumerate(labels) if place[label] != i)
        raise DataError(f"weights: unit {twice} is there twice")
    units = units.tolist()
    _refuse_other_units(list(place), units)
    order = np.array([place[unit] for unit in units])
    return matrix[order][:, order]


def _refuse_other_units(labels: list, units: list) -> None:
    known, wanted = set(labels), set(units)
    without = [unit for unit in units if unit not in known]
    if without:
        raise DataError(
            f"weights: {len(without)} of the {len(units)} units of the panel have none ({_some(without)}); "
            f"the weights are of units such as {_some(labels)}"
        )
    beyond = [label for label in labels if label not in wanted]
    if beyond:
        raise DataError(
            f"weights: {len(beyond)} of their {len(labels)} units are not in the panel, such as "
            f"{_some(beyond)}: leave them out of the weights, and standardise anew"
        )


def _some(labels: list) -> str:
    return ", ".join(repr(label) for label in labels[:SHOWN])
