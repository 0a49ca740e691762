"""Regional economic resilience after Martin, Sunley, Gardiner & Tyler (2016), by cycle and by year.

Resilience compares a city's change with the change it would have had at the country's rate. The country is
always the sum over the cities that have a value in both years compared, so that its growth is not the
coming and going of cities.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.measures.frames import refuse_repeated, require_columns

NEAR_ZERO = 0.005
"""Absolute national growth below which the ratio of the annual version says nothing."""


def resistance(
    frame: pd.DataFrame, start: int, end: int, value: str = "gdp_real", *, industry: str | None = None
) -> pd.DataFrame:
    """Resistance to a slowdown, (ΔE_r − ΔE_r,expected) / |ΔE_r,expected|, between two years.

    ΔE_r,expected = g_N E_r(start), with g_N the growth of the country; with ``industry`` it is the sum over
    industries of g_iN E_ir(start), the country's rates applied to the city's own mix.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns city, year, ``value`` (employment or real output, positive) and, if named, ``industry``.
    start, end : int
        Last year before the slowdown, and its last year.

    Returns
    -------
    pandas.DataFrame
        city, change, expected, resistance, sorted by city, for cities with values in both years. Positive:
        the city did better than expected. The mean of ``resistance`` with weights |expected| is zero, as
        long as ``expected`` has one sign. NaN where ``expected`` is zero.

    Raises
    ------
    ParameterError
        If ``end`` is not after ``start``.
    MissingTableError, DataError
        If a column is not there; if a key is repeated, a value negative, or no city has both years.
    """
    return _response(frame, start, end, value, industry, "resistance")


def recoverability(
    frame: pd.DataFrame, start: int, end: int, value: str = "gdp_real", *, industry: str | None = None
) -> pd.DataFrame:
    """Recoverability, the ratio of :func:`resistance` in the upturn from ``start`` to ``end``.

    Returns
    -------
    pandas.DataFrame
        city, change, expected, recoverability.
    """
    return _response(frame, start, end, value, industry, "recoverability")


def by_cycle(frame: pd.DataFrame, windows: pd.DataFrame, value: str = "gdp_real") -> pd.DataFrame:
    """Resistance in every slowdown and recoverability in every recovery.

    Parameters
    ----------
    windows : pandas.DataFrame
        Columns phase (slowdown or recovery), start and end, as :func:`cycles` returns.

    Returns
    -------
    pandas.DataFrame
        city, phase, start, end, change, expected, response; one row a city and window.
    """
    require_columns(windows, ["phase", "start", "end"], "resilience by cycle")
    parts = [
        _response(frame, window.start, window.end, value, None, "response").assign(
            phase=window.phase, start=window.start, end=window.end
        )
        for window in windows[["phase", "start", "end"]].itertuples(index=False)
    ]
    columns = ["city", "phase", "start", "end", "change", "expected", "response"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def growth_gap(frame: pd.DataFrame, value: str = "gdp_real") -> pd.DataFrame:
    """Annual growth of a city less that of the country, in log points: no denominator that can vanish.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns city, year and ``value``, which is not negative.

    Returns
    -------
    pandas.DataFrame
        city, year, growth, national_growth, growth_gap (log points), for city-years that have a positive
        value in this and the preceding year; the country of a year is the sum of those cities.
    """
    pairs = _annual_pairs(frame, value)
    growth, national = np.log(pairs["after"] / pairs["before"]), np.log1p(pairs["national"])
    return pairs[["city", "year"]].assign(
        growth=growth, national_growth=national, growth_gap=growth - national
    )


@dataclass(frozen=True)
class NearZeroGrowth:
    """How much of a panel the threshold on national growth leaves without a value.

    Attributes
    ----------
    threshold : float
    years : tuple of int
        Years of smaller absolute national growth.
    share_of_years, share_of_rows : float
        Of those with growth.
    """

    threshold: float
    years: tuple[int, ...]
    share_of_years: float
    share_of_rows: float


@dataclass(frozen=True, eq=False)
class AnnualResponse:
    """Annual relative response and the report of what it leaves out.

    Attributes
    ----------
    frame : pandas.DataFrame
        city, year, growth, national_growth (shares a year), response = (g_it − g_Nt) / |g_Nt|.
    near_zero : NearZeroGrowth
    """

    frame: pd.DataFrame
    near_zero: NearZeroGrowth


def annual_response(
    frame: pd.DataFrame, value: str = "gdp_real", threshold: float = NEAR_ZERO
) -> AnnualResponse:
    """Annual version of the ratio, (g_it − g_Nt) / |g_Nt|, NaN in years when |g_Nt| < ``threshold``.

    The ratio grows without bound as national growth nears zero; beyond the threshold it still has long
    tails, and winsorising is left to the caller.

    Raises
    ------
    ParameterError
        If the threshold is not positive.
    """
    if not threshold > 0:
        raise ParameterError(f"threshold = {threshold}: choose a positive rate of growth")
    pairs = _annual_pairs(frame, value)
    growth, national = pairs["after"] / pairs["before"] - 1, pairs["national"]
    near = national.abs() < threshold
    response = ((growth - national) / national.abs()).mask(near)
    years = pairs["year"].unique()
    affected = tuple(int(year) for year in sorted(pairs.loc[near, "year"].unique()))
    report = NearZeroGrowth(threshold, affected, len(affected) / len(years), float(near.mean()))
    return AnnualResponse(
        pairs[["city", "year"]].assign(growth=growth, national_growth=national, response=response), report
    )


def national_growth(frame: pd.DataFrame, value: str = "gdp_real") -> pd.Series:
    """Growth of the country (share a year), indexed by year, of the cities there in both years."""
    return _annual_pairs(frame, value).groupby("year")["national"].first().rename("growth")


def cycles(growth: pd.Series, amplitude: float = 0.0) -> pd.DataFrame:
    """Slowdowns (from a peak of growth to the next trough) and recoveries (from a trough to a peak).

    Turning points are the local extremes of the series and its two ends; of years with equal growth the last
    counts. While the smallest swing between neighbouring turning points is below ``amplitude`` it is taken
    out with both its points (at an end of the series: with the end). A window runs from the year of one
    turning point to that of the next: the change of a level between the two is the growth of every year
    after the first up to the second.

    Parameters
    ----------
    growth : pandas.Series
        National growth indexed by consecutive years, as :func:`national_growth` returns.
    amplitude : float
        Smallest swing that counts, in the unit of ``growth``.

    Returns
    -------
    pandas.DataFrame
        phase, start, end, growth_start, growth_end, complete. ``complete`` is False for a window cut by the
        first or last year of the series: it may have begun earlier or not be over.

    Raises
    ------
    DataError
        For fewer than two years, a gap or a missing value.
    ParameterError
        For a negative amplitude.
    """
    if not amplitude >= 0:
        raise ParameterError(f"amplitude = {amplitude}: choose a number that is not negative")
    years, g = growth.index.to_numpy(), growth.to_numpy(dtype=float)
    if len(g) < 2 or not np.isfinite(g).all() or (np.diff(years) != 1).any():
        raise DataError("cycles need national growth in two or more consecutive years without a gap")
    points = _turning_points(g, amplitude)
    rows = [
        {
            "phase": "slowdown" if g[b] < g[a] else "recovery",
            "start": int(years[a]),
            "end": int(years[b]),
            "growth_start": g[a],
            "growth_end": g[b],
            "complete": a > 0 and b < len(g) - 1,
        }
        for a, b in zip(points[:-1], points[1:], strict=True)
    ]
    return pd.DataFrame(rows, columns=["phase", "start", "end", "growth_start", "growth_end", "complete"])


def _turning_points(g: np.ndarray, amplitude: float) -> list[int]:
    last_of_run = np.append(np.flatnonzero(np.diff(g) != 0), len(g) - 1)
    direction = np.sign(np.diff(g[last_of_run]))
    inner = last_of_run[1:-1][direction[1:] != direction[:-1]]
    points = [0, *map(int, inner), len(g) - 1]
    while len(points) > 1:
        swings = np.abs(np.diff(g[points]))
        smallest = int(swings.argmin())
        if swings[smallest] >= amplitude and swings[smallest] > 0:
            break
        first, last = smallest == 0, smallest == len(swings) - 1
        gone = slice(0, 1) if first else slice(-1, None) if last else slice(smallest, smallest + 2)
        del points[gone]
    return points


def _response(
    frame: pd.DataFrame, start: int, end: int, value: str, industry: str | None, name: str
) -> pd.DataFrame:
    if end <= start:
        raise ParameterError(f"the window {start}–{end} ends before it begins")
    keys = ["city"] if industry is None else ["city", industry]
    rows = _checked(frame, [*keys, "year"], value)
    wide = rows[rows["year"].isin([start, end])].pivot(index=keys, columns="year", values=value)
    wide = wide.reindex(columns=[start, end])
    complete = wide.notna().all(axis=1).groupby(level="city").transform("all")
    before, after = wide.loc[complete, start], wide.loc[complete, end]
    if before.empty:
        raise DataError(f"no city has {value} in both {start} and {end}")
    if industry is None:
        expected = before * (after.sum() / before.sum() - 1)
    else:
        rate = after.groupby(level=1).sum() / before.groupby(level=1).sum() - 1
        # An industry that was nowhere has no rate, and nothing is expected of it.
        expected = before * rate.reindex(before.index, level=1).where(before > 0, 0.0)
    cities = pd.DataFrame({"change": after - before, "expected": expected}).groupby(level="city").sum()
    response = (cities["change"] - cities["expected"]) / cities["expected"].abs().where(
        cities["expected"] != 0
    )
    return cities.assign(**{name: response}).reset_index()


def _annual_pairs(frame: pd.DataFrame, value: str) -> pd.DataFrame:
    """City-years with a positive value this year and the last: city, year, before, after, national."""
    rows = _checked(frame, ["city", "year"], value)
    rows = rows.loc[rows[value] > 0, ["city", "year", value]]
    earlier = rows.assign(year=rows["year"] + 1)
    pairs = rows.merge(earlier, on=["city", "year"], suffixes=("_after", "_before"))
    if pairs.empty:
        raise DataError(f"no city has a positive {value} in two consecutive years")
    pairs = pairs.set_axis(["city", "year", "after", "before"], axis=1)
    sums = pairs.groupby("year")[["after", "before"]].transform("sum")
    pairs["national"] = sums["after"] / sums["before"] - 1
    return pairs.sort_values(["city", "year"], ignore_index=True)


def _checked(frame: pd.DataFrame, keys: list[str], value: str) -> pd.DataFrame:
    require_columns(frame, [*keys, value], "resilience")
    refuse_repeated(frame, keys)
    if (frame[value] < 0).any():
        where = frame.loc[frame[value] < 0, keys].iloc[0].to_dict()
        raise DataError(f"{value} is negative, first in {where}: growth has no meaning there")
    return frame
