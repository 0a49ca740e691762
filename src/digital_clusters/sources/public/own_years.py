"""Values set against the same city's neighbouring years: the rules for slips that no total would show."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from digital_clusters.sources.public.clean import set_missing
from digital_clusters.sources.refusals import Refusals

WINDOW = 2
"""Years on each side whose median a value is compared with."""

GROWTH_WINDOW = 3
"""Years on each side whose growth a year's growth is compared with."""

FEWEST_RATES = 3
"""Fewest other rates of growth that a year's growth is compared with."""

AT_AN_END = 2
"""Times the limit, for a value that has neighbours on one side only."""


def off_own_years(frame: pd.DataFrame, column: str, limit: float) -> pd.Series:
    """Whether each value stands out from the city's years before it *and* from those after it.

    A value is compared, in logs and less the city's usual growth (the median of its yearly changes), with the
    median of up to :data:`WINDOW` years before and of as many after; it is off if it lies beyond both on the
    same side by more than ``limit``. A lasting change of level puts a value beside one of the two and is left
    alone. Where one side has no value, the distance from the other must exceed :data:`AT_AN_END` times the
    limit, and that side must have :data:`WINDOW` values. The worst
    value of a city goes first and the rest are compared again without it, so that a slip does not make its
    neighbours look wrong.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns city, year and ``column``; one row a city-year.
    column : str
        A stock or flow; values that are not positive are skipped.
    limit : float
        Log points.

    Returns
    -------
    pandas.Series of bool
        Index of ``frame``.
    """
    wide = _logs_by_year(frame, column)
    growth = np.nan_to_num(_median(np.diff(wide.to_numpy(), axis=1).T))[:, None]
    logs, off = wide.to_numpy() - growth * np.arange(wide.shape[1]), np.zeros(wide.shape, dtype=bool)
    rows = np.arange(len(logs))
    while rows.size:
        distance = np.maximum(_beyond_both_sides(logs[rows]), _at_an_end(logs[rows]))
        worst = distance.argmax(axis=1)
        beyond = distance[np.arange(rows.size), worst] > limit
        rows, worst = rows[beyond], worst[beyond]
        off[rows, worst] = True
        logs[rows, worst] = np.nan
    return _of_rows(frame, pd.DataFrame(off, wide.index, wide.columns))


def near_own_years(
    frame: pd.DataFrame, limits: Mapping[str, float], file: str, log: Refusals
) -> pd.DataFrame:
    """Values set to missing that :func:`off_own_years` finds; ``limits`` is column → log points."""
    kept = {}
    for column, limit in limits.items():
        rule = f"off the city's years before and after by more than {limit} log points"
        kept[column] = set_missing(frame, column, off_own_years(frame, column, limit), file, rule, log)
    return frame.assign(**kept)


def off_own_growth(frame: pd.DataFrame, column: str, limit: float) -> pd.Series:
    """Whether a year's growth is off the median of the city's growth in the years around it.

    A change of base or a revision that was not carried back is one odd rate between ordinary ones.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns city, year and ``column``; one row a city-year.
    limit : float
        Log points; the median is over up to :data:`GROWTH_WINDOW` rates on each side, without the year's own.

    Returns
    -------
    pandas.Series of bool
        Index of ``frame``; False where there are fewer than :data:`FEWEST_RATES` others.
    """
    rates = _logs_by_year(frame, column).diff(axis=1)
    steps = [step for step in range(-GROWTH_WINDOW, GROWTH_WINDOW + 1) if step]
    others = np.stack([rates.shift(step, axis=1).to_numpy() for step in steps])
    enough = np.isfinite(others).sum(axis=0) >= FEWEST_RATES
    off = enough & ((rates - _median(others)).abs().to_numpy() > limit)
    return _of_rows(frame, pd.DataFrame(off, rates.index, rates.columns))


def flat_at_the_ends(frame: pd.DataFrame, column: str) -> pd.Series:
    """Whether a value repeats the city's first or last one that is not a repetition: an edge filled flat."""
    ordered = frame.loc[frame[column].notna()].sort_values(["city", "year"])
    city, values = ordered["city"], ordered[column]
    flat = pd.Series(False, frame.index)
    for order in (1, -1):
        level, unit = values.iloc[::order], city.iloc[::order]
        same_as_next = level == level.groupby(unit).shift(-1)
        edge = same_as_next.groupby(unit).cummin()
        flat.loc[edge.index[edge]] = True
    return flat


def _logs_by_year(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """Logs of a column, one row a city and one column for every year from the first to the last."""
    level = frame[["city", "year"]].assign(level=frame[column].where(frame[column] > 0))
    wide = np.log(level.pivot(index="city", columns="year", values="level"))
    return wide.reindex(columns=np.arange(wide.columns.min(), wide.columns.max() + 1))


def _of_rows(frame: pd.DataFrame, flags: pd.DataFrame) -> pd.Series:
    """Flags by city and year brought to the rows of ``frame``."""
    keys = pd.MultiIndex.from_frame(frame[["city", "year"]])
    return pd.Series(flags.stack().reindex(keys).to_numpy(), frame.index)


def _beyond_both_sides(logs: np.ndarray) -> np.ndarray:
    """Distance beyond the medians of both sides, shape of ``logs``; 0 where a side has no value."""
    over, under = (logs - _median(_neighbours(logs, sign)) for sign in (1, -1))
    same = np.sign(over) == np.sign(under)
    return np.where(same, np.fmin(np.abs(over), np.abs(under)), 0.0)


def _at_an_end(logs: np.ndarray) -> np.ndarray:
    """Distance over :data:`AT_AN_END` where one side has all its values and the other none; else 0."""
    out = np.zeros_like(logs)
    sides = [_neighbours(logs, sign) for sign in (1, -1)]
    for side, other in (sides, sides[::-1]):
        alone = np.isfinite(side).all(axis=0) & np.isnan(other).all(axis=0)
        out = np.where(alone, np.abs(logs - _median(side)) / AT_AN_END, out)
    return np.nan_to_num(out)


def _neighbours(logs: np.ndarray, sign: int) -> np.ndarray:
    """The years before (sign 1) or after (−1), shape (WINDOW, cities, years)."""
    out = np.full((WINDOW, *logs.shape), np.nan)
    for step in range(1, WINDOW + 1):
        if sign > 0:
            out[step - 1][:, step:] = logs[:, :-step]
        else:
            out[step - 1][:, :-step] = logs[:, step:]
    return out


def _median(stack: np.ndarray) -> np.ndarray:
    """Median over the first axis of what is there, NaN where nothing is."""
    if not len(stack):
        return np.full(stack.shape[1:], np.nan)
    there = np.isfinite(stack).any(axis=0)
    return np.where(there, np.nanmedian(np.where(there, stack, 0.0), axis=0), np.nan)
