"""Units of measurement, taken out of the columns at the door of an estimator and put back into its results.

Solvers, learners and libraries compare with numbers of their own (a singular value below 1e-6 of the largest,
a gain below 1e-6), so that a column in yuan beside a share would change what they find. Units are powers of
two: dividing by them and multiplying back is exact, and columns of ordinary size give the same digits as
without it.
"""

import numpy as np

CONSTANT = 1e-12
"""Standard deviation, relative to the root mean square, below which a column counts as constant."""


def unit_of(columns: np.ndarray) -> np.ndarray:
    """The power of two nearest to the standard deviation of each column; of its size where it is constant.

    Parameters
    ----------
    columns : numpy.ndarray, shape (n,) or (n, c)

    Returns
    -------
    numpy.ndarray, shape () or (c,)
        One for a column of zeros.
    """
    # the largest value goes first, so that squares neither overflow nor vanish
    largest = np.maximum(np.max(columns, axis=0, initial=0.0), -np.min(columns, axis=0, initial=0.0))
    relative = columns / np.where(largest > 0, largest, 1.0)
    size = _root_mean_square(relative)
    relative -= np.mean(relative, axis=0)
    spread = _root_mean_square(relative)
    used = np.where(spread > CONSTANT * size, spread, size) * largest
    return np.exp2(np.rint(np.log2(np.where(used > 0, used, 1.0))))


def _root_mean_square(columns: np.ndarray) -> np.ndarray:
    return np.sqrt(np.einsum("i...,i...->...", columns, columns) / len(columns))
