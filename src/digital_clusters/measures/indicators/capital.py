"""Capital stock of cities by perpetual inventory."""

from typing import Literal

import numpy as np
import pandas as pd

from digital_clusters.errors import DataError, ParameterError, check_option
from digital_clusters.measures.frames import refuse_repeated, require_columns

DEPRECIATION = 0.096
"""Share of the stock a year (Zhang, Wu & Zhang 2004)."""

Initial = Literal["opening", "closing"]
"""Whether I₀ / (δ + g) is the stock before the first year's investment or after it."""


def perpetual_inventory(
    frame: pd.DataFrame,
    *,
    investment: str = "fixed_asset_investment",
    depreciation: float = DEPRECIATION,
    growth_years: int = 5,
    deflator: str | None = None,
    initial: Initial = "opening",
) -> pd.DataFrame:
    """Stock K_t = (1 − δ) K_{t−1} + I_t of every city, from its first year of investment.

    The initial stock is I₀ / (δ + g), with g the city's mean (geometric) growth of real investment over the
    first ``growth_years`` years. As an ``opening`` stock it lies on the path of a city whose investment has
    always grown at g, where K_t = I_t (1 + g) / (δ + g); as a ``closing`` stock, which many studies use, it
    starts below that path by I₀ g / (δ + g), a gap that closes at the rate δ.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns city, year, ``investment`` (100 million yuan) and, if named, ``deflator``. Years before a
        city's first and after its last value are left out.
    depreciation : float
        δ, between 0 and 1.
    growth_years : int
        Years from the first over which g is taken; fewer where a city has fewer.
    deflator : str, optional
        Column with a price index, one in the base year; without it ``investment`` is taken for real.
    initial : {"opening", "closing"}

    Returns
    -------
    pandas.DataFrame
        city, year, investment (real), capital (stock at the end of the year), sorted by city and year.

    Raises
    ------
    ParameterError
        For a parameter out of its range.
    MissingTableError
        If a column is not there.
    DataError
        If a key is repeated; naming the first city and year, for a gap, a negative value, a deflator that is
        missing or not positive, a city with one year, an initial growth that is undefined or at most −δ.
        :func:`cities_without_stock` lists them all.
    """
    check_option("initial", initial, Initial)
    problems = cities_without_stock(
        frame, investment=investment, depreciation=depreciation, growth_years=growth_years, deflator=deflator
    )
    if len(problems):
        first = problems.iloc[0]
        raise DataError(
            f"{len(problems)} cities have no capital stock, the first is city {first['city']}, "
            f"{first['year']}: {first['reason']}. Mend the value or leave the city out"
        )
    rows = _flows(frame, investment, deflator)
    for _, own in rows.groupby("city"):
        flow = own["investment"].to_numpy()
        start = flow[0] / (depreciation + _growth(flow, growth_years))
        closing = start if initial == "closing" else (1 - depreciation) * start + flow[0]
        rows.loc[own.index, "capital"] = _accumulate(flow, closing, depreciation)
    return rows[["city", "year", "investment", "capital"]]


def cities_without_stock(
    frame: pd.DataFrame,
    *,
    investment: str = "fixed_asset_investment",
    depreciation: float = DEPRECIATION,
    growth_years: int = 5,
    deflator: str | None = None,
) -> pd.DataFrame:
    """Cities that :func:`perpetual_inventory` refuses, for a caller who wants to leave them out.

    Parameters are those of :func:`perpetual_inventory`. Cities without any investment are not listed.

    Returns
    -------
    pandas.DataFrame
        city, year, reason: the first problem of each city, sorted by city.
    """
    if not 0 < depreciation < 1:
        raise ParameterError(f"depreciation = {depreciation}: choose a share between 0 and 1")
    if growth_years < 1:
        raise ParameterError(f"growth_years = {growth_years}: choose one year or more")
    rows = _flows(frame, investment, deflator)
    found = []
    for city, own in rows.groupby("city"):
        problem = _problem(own, depreciation, growth_years)
        if problem is not None:
            found.append({"city": city, "year": problem[0], "reason": problem[1]})
    return pd.DataFrame(found, columns=["city", "year", "reason"])


def _flows(frame: pd.DataFrame, investment: str, deflator: str | None) -> pd.DataFrame:
    """Rows with investment, sorted: city, year, investment (real; NaN where the deflator is unusable)."""
    names = [investment] if deflator is None else [investment, deflator]
    require_columns(frame, ["city", "year", *names], "perpetual inventory")
    refuse_repeated(frame, ["city", "year"])
    rows = frame[frame[investment].notna()].sort_values(["city", "year"], ignore_index=True)
    real = rows[investment].astype(float)
    if deflator is not None:
        real = real / rows[deflator].where(rows[deflator] > 0)
    return rows[["city", "year"]].assign(investment=real)


def _problem(own: pd.DataFrame, depreciation: float, growth_years: int) -> tuple[int, str] | None:
    years, flow = own["year"].to_numpy(), own["investment"].to_numpy()
    gap, unusable = np.flatnonzero(np.diff(years) > 1), np.flatnonzero(~(flow >= 0))
    if gap.size:
        return int(years[gap[0]] + 1), "no investment, with values before and after"
    if unusable.size:
        year = int(years[unusable[0]])
        return year, "investment is negative, or its deflator missing or not positive"
    if len(flow) < 2:
        return int(years[0]), "the only year with investment, so that its growth is not known"
    span = min(growth_years, len(flow) - 1)
    for t in (0, span):
        if flow[t] == 0:
            return int(years[t]), "no investment in a year that initial growth is taken from"
    growth = _growth(flow, growth_years)
    if growth + depreciation <= 0:
        fall = f"investment falls by {-growth:.1%} a year in the {span} years from then on"
        return int(years[0]), f"{fall}, and the stock depreciates by {depreciation:.1%}: no steady state"
    return None


def _growth(flow: np.ndarray, growth_years: int) -> float:
    span = min(growth_years, len(flow) - 1)
    return float((flow[span] / flow[0]) ** (1 / span) - 1)


def _accumulate(flow: np.ndarray, first: float, depreciation: float) -> np.ndarray:
    stock = np.empty(len(flow))
    stock[0] = first
    for t in range(1, len(flow)):
        stock[t] = (1 - depreciation) * stock[t - 1] + flow[t]
    return stock
