"""Night lights: the ready-made Gini coefficient of each city and the radiance of its counties."""

from pathlib import Path

import pandas as pd

from digital_clusters.sources.city_codes import city_of_county
from digital_clusters.sources.policies import units_left_out
from digital_clusters.sources.public.clean import DROPPED, city_years, set_missing
from digital_clusters.sources.refusals import Refusals

ONE_UNIT_LIMIT = 1e-6
"""A Gini coefficient below this is the rounding error of a city with one lit unit."""


def read_lights_inequality(path: Path, log: Refusals) -> pd.DataFrame:
    """Population-weighted Gini of mean light over counties, a share in [0, 1]."""
    columns = {"city": "city_id", "year": "year", "lights_gini": "GINIW_light_pc"}
    frame = city_years(pd.read_stata(path), columns, "lights_inequality", log)
    one_unit = frame["lights_gini"] < ONE_UNIT_LIMIT
    rule = "Gini of one unit"
    return frame.assign(
        lights_gini=set_missing(frame, "lights_gini", one_unit, "lights_inequality", rule, log)
    )


def read_county_lights(path: Path, log: Refusals) -> pd.DataFrame:
    """Mean VIIRS radiance of each county and year, nW/cm²/sr (raw table ``lights``)."""
    raw = pd.read_stata(path)
    frame = pd.DataFrame(
        {
            "city": city_of_county(raw["county_id"].astype("int64")),
            "unit": raw["county_id"].astype("int64"),
            "year": raw["year"].astype("int64"),
            "radiance": raw["viirs_mean_masked"].astype("float64"),
        }
    )
    left_out = units_left_out()
    rules = frame["city"].map(dict(zip(left_out["code"], left_out["rule"], strict=True)))
    for rule, rows in frame.groupby(rules):
        log.add(rows, file="county_lights", table="lights", rule=rule, action=DROPPED)
    return frame[rules.isna()].sort_values(["city", "unit", "year"], ignore_index=True)
