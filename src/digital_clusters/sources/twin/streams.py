"""Random streams: one generator a block, so that a change in one block leaves the others as they were."""

import zlib

import numpy as np


def stream(seed: int, block: str) -> np.random.Generator:
    """The generator of ``block``; it depends on ``seed`` and the block's name alone."""
    return np.random.default_rng([seed, zlib.crc32(block.encode())])


def autoregressive(rng: np.random.Generator, shape: tuple[int, int], persistence: float) -> np.ndarray:
    """Stationary AR(1) along the second axis with unit variance, shape (cities, years)."""
    draws = rng.standard_normal(shape)
    out = np.empty(shape)
    out[:, 0] = draws[:, 0]
    for t in range(1, shape[1]):
        out[:, t] = persistence * out[:, t - 1] + np.sqrt(1 - persistence**2) * draws[:, t]
    return out


def standardised(values: np.ndarray) -> np.ndarray:
    """Each column less its mean over its standard deviation (cities along the first axis)."""
    spread = values.std(axis=0)
    return (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
