"""City codes and names of different years brought to one list (GB/T 2260 as of 2018)."""

import pandas as pd

from digital_clusters.sources.policies import city_facts, code_changes, name_changes

MUNICIPALITIES = {11: 110000, 12: 120000, 31: 310000, 50: 500000}
"""First two digits of a county code → municipality; its counties do not carry its code."""

_INVISIBLE = r"[\s\u200b-\u200f\u2060\ufeff]+"


def current_codes(codes: pd.Series) -> pd.Series:
    """Each code replaced by the one that succeeded it; other codes stay.

    Examples
    --------
    >>> current_codes(pd.Series([542100, 110000])).tolist()
    [540300, 110000]
    """
    changes = code_changes()
    return codes.replace(dict(zip(changes["old_code"], changes["new_code"], strict=True)))


def clean_names(names: pd.Series) -> pd.Series:
    """Names without spaces and zero-width characters."""
    return names.astype("str").str.replace(_INVISIBLE, "", regex=True)


def codes_of_names(names: pd.Series) -> pd.Series:
    """Code of each Chinese city name, with or without the final 市; missing where it is unknown.

    Old names and common misspellings are understood (``data/policies/city_name_changes.csv``).
    """
    cities, changes = city_facts(), name_changes()
    known = dict(zip(cities["name_zh"], cities["city"], strict=True))
    known |= {old: known[new] for old, new in zip(changes["old_name_zh"], changes["name_zh"], strict=True)}
    known |= {name.removesuffix("市"): code for name, code in known.items()}
    return clean_names(names).map(known).astype("Int64")


def city_of_county(counties: pd.Series) -> pd.Series:
    """Code of the city that a six-digit county code belongs to.

    Examples
    --------
    >>> city_of_county(pd.Series([320102, 110105])).tolist()
    [320100, 110000]
    """
    municipality = (counties // 10_000).map(MUNICIPALITIES)
    return current_codes(municipality.fillna(counties // 100 * 100).astype("int64"))
