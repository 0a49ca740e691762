"""What the specifications of a multiverse say of each claim, and which choices move the estimate."""

from collections.abc import Iterator
from operator import itemgetter

import pandas as pd

from digital_clusters.analysis.multiverse.declared import CLAIM, Multiverse

POWER_FACTOR = 2.8
"""z(0.975) + z(0.80): an effect of so many standard errors is found in 80 % of samples at 5 %."""


def sum_up(declared: Multiverse, table: pd.DataFrame) -> pd.DataFrame:
    """What the specifications of each unit say of its claim.

    Returns
    -------
    pandas.DataFrame
        The splitting columns; ``n_specs``; ``median``, ``low`` and ``high`` of the values; ``share_sign``,
        the share with the claimed sign; ``share_clear``, with it and p < 0.05; ``share_against``, with the
        other sign and p < 0.05; ``median_error`` and ``detectable``, the smallest effect that a test with
        that error finds in four of five samples.
    """
    rows = []
    for unit, group in _units(declared, table):
        sign = declared.claims[unit[CLAIM]].sign
        clear = group["p_value"] < 0.05
        claimed = group["value"] * sign > 0
        rows.append(
            unit
            | {
                "n_specs": len(group),
                "median": group["value"].median(),
                "low": group["value"].min(),
                "high": group["value"].max(),
                "share_sign": claimed.mean(),
                "share_clear": (claimed & clear).mean(),
                "share_against": (~claimed & clear).mean(),
                "median_error": group["error"].median(),
                "detectable": POWER_FACTOR * group["error"].median(),
            }
        )
    return pd.DataFrame(rows)


def what_moves(declared: Multiverse, table: pd.DataFrame) -> pd.DataFrame:
    """Which choices move the estimate, the strongest first within each unit.

    Returns
    -------
    pandas.DataFrame
        The splitting columns; ``choice``; ``spread``, the largest difference between the medians of two of
        its options, with ``lowest`` and ``highest``, their names; ``share``, the part of the variance over
        specifications that lies between its options.
    """
    rows = []
    for unit, group in _units(declared, table):
        total = group["value"].var(ddof=0)
        found = []
        for axis in declared.choices:
            by_option = group.groupby(axis, sort=False)["value"]
            medians = by_option.median()
            if len(medians) < 2:
                continue
            between = by_option.transform("mean").var(ddof=0)
            found.append(
                unit
                | {
                    "choice": axis,
                    "spread": medians.max() - medians.min(),
                    "lowest": medians.idxmin(),
                    "highest": medians.idxmax(),
                    "share": between / total if total > 0 else 0.0,
                }
            )
        rows += sorted(found, key=itemgetter("spread"), reverse=True)
    return pd.DataFrame(rows)


def _units(declared: Multiverse, table: pd.DataFrame) -> Iterator[tuple[dict[str, str], pd.DataFrame]]:
    there = table[table["problem"] == ""]
    for unit, group in there.groupby(declared.splitting, sort=False):
        yield dict(zip(declared.splitting, unit, strict=True)), group
