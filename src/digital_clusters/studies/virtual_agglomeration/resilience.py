"""Resilience of a source over its whole span, by year and by cycle, as aggregates that can be shown."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from digital_clusters.measures.indicators.resilience import (
    annual_response,
    by_cycle,
    cycles,
    growth_gap,
    national_growth,
)
from digital_clusters.measures.recipes import AMPLITUDE, city_year
from digital_clusters.sources.tables import RawTables


@dataclass(frozen=True)
class ResilienceFacts:
    """Resilience of a source over its whole span.

    Attributes
    ----------
    label : str
    n, cities : int
        City-years and cities with an annual response.
    by_year : list of dict
        year, cities, national_growth (share), and of response and growth_gap their sd, p10, p50 and p90.
    threshold : float
        Absolute national growth below which the response is not formed.
    near_zero : list of int
        Years below it.
    windows : list of dict
        phase, start, end, complete, growth_start, growth_end, cities, p10, p50, p90 of the response.
    """

    label: str
    n: int
    cities: int
    by_year: list[dict[str, Any]]
    threshold: float
    near_zero: list[int]
    windows: list[dict[str, Any]]


def resilience_facts(tables: RawTables, amplitude: float = AMPLITUDE) -> ResilienceFacts:
    """Annual and cyclical resilience of every city with real GDP, summarised by year and window.

    Windows run between turning points of national growth whose swing is at least ``amplitude``.
    """
    raw = city_year(tables, "gdp_real")
    found, gap = annual_response(raw), growth_gap(raw)
    frame = found.frame.merge(gap[["city", "year", "growth_gap"]], on=["city", "year"])
    windows = cycles(national_growth(raw), amplitude)
    responses = by_cycle(raw, windows)
    rows = [
        window | _quantiles(responses.loc[responses["start"].eq(window["start"]), "response"])
        for window in windows.to_dict("records")
    ]
    known = frame.dropna(subset="response")
    return ResilienceFacts(
        label=tables.label,
        n=len(known),
        cities=int(known["city"].nunique()),
        by_year=[_year(int(year), own) for year, own in frame.groupby("year")],
        threshold=found.near_zero.threshold,
        near_zero=list(found.near_zero.years),
        windows=rows,
    )


def _year(year: int, own: pd.DataFrame) -> dict[str, Any]:
    row = {"year": year, "cities": len(own), "national_growth": float(own["national_growth"].iloc[0])}
    for column in ("response", "growth_gap"):
        found = _quantiles(own[column]) | {"sd": float(own[column].std())}
        row |= {f"{column}_{name}": value for name, value in found.items() if name != "cities"}
    return row


def _quantiles(values: pd.Series) -> dict[str, Any]:
    points = {f"p{share}": float(values.quantile(share / 100)) for share in (10, 50, 90)}
    return {"cities": int(values.count())} | points
