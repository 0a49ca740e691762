"""Descriptive statistics of a study panel in the order and with the names of the paper's Table 1."""

import numpy as np
import pandas as pd

from digital_clusters.measures.panel import Panel

TABLE_1 = {
    "gini": ("Gini", "outcome", "Gini coefficient of lights within the city"),
    "uil": ("UIL", "treatment", "index of industrial upgrading, 1 to 3"),
    "education": ("EI", "control", "education expenditure, log 10,000 yuan"),
    "students": ("SN", "control", "university students, log persons"),
    "science": ("ES", "control", "science expenditure, log 10,000 yuan"),
    "loans_deposits": ("DL", "control", "loans and deposits, log 10,000 yuan"),
    "gdp_per_capita": ("GDP", "control", "GDP per head, log yuan"),
    "difi": ("DIFI", "moderator", "digital finance index, index points"),
}
"""Column → name in the paper, role, what it is and its unit."""


def describe(panel: Panel) -> pd.DataFrame:
    """Number, mean, standard deviation (n − 1), minimum and maximum of each variable.

    Returns
    -------
    pandas.DataFrame
        One row a variable of Table 1: column, variable, role, meaning, n, mean, sd, min, max. A
        variable the panel does not have is there with n = 0 and NaN.
    """
    return pd.DataFrame([_row(panel, column, *names) for column, names in TABLE_1.items()])


def _row(panel: Panel, column: str, variable: str, role: str, meaning: str) -> dict:
    names = {"column": column, "variable": variable, "role": role, "meaning": meaning}
    if column not in panel.frame:
        return names | {"n": 0, "mean": np.nan, "sd": np.nan, "min": np.nan, "max": np.nan}
    values = panel.frame[column]
    return names | {
        "n": int(values.count()),
        "mean": float(values.mean()),
        "sd": float(values.std(ddof=1)),
        "min": float(values.min()),
        "max": float(values.max()),
    }


def variance_shares(panel: Panel) -> pd.DataFrame:
    """Share of each variable's variance between cities, between years, and in neither.

    For a balanced panel the three add to one (two-way analysis of variance); ``rest`` is the share that
    two-way fixed effects leave in any panel.

    Returns
    -------
    pandas.DataFrame
        Index: names of Table 1 that the panel has; columns between_cities, between_years, rest.
    """
    values, frame = _variables(panel), panel.frame
    total = values.var(ddof=0)
    by = {name: values.groupby(frame[key]).transform("mean") for name, key in _GROUPS.items()}
    shares = pd.DataFrame({name: means.var(ddof=0) / total for name, means in by.items()})
    return shares.assign(rest=_within(values, frame).var(ddof=0) / total)


def correlations(panel: Panel) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Correlations of the variables, and of what two-way fixed effects leave of them."""
    values = _variables(panel)
    return values.corr(), _within(values, panel.frame).corr()


_GROUPS = {"between_cities": "city", "between_years": "year"}


def _variables(panel: Panel) -> pd.DataFrame:
    there = {column: names[0] for column, names in TABLE_1.items() if column in panel.frame}
    return panel.frame[list(there)].rename(columns=there)


STILL = 1e-10
"""A move of less than this share of a variable's standard deviation is none."""


def _within(values: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """What two-way fixed effects leave: means of cities and of years taken out in turn until nothing moves.

    A balanced panel is done after one turn; where years are missing, taking both means out once leaves part
    of the year effects in place.
    """
    still = STILL * values.std(ddof=0)
    while True:
        before = values
        for key in _GROUPS.values():
            values = values - values.groupby(frame[key]).transform("mean")
        if not ((values - before).abs().max() > still).any():
            return values
