"""The twin beside public data in what decides a regression with city effects: a table and a sentence."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from digital_clusters.report.glue import glue
from digital_clusters.report.tables import styled
from digital_clusters.report.words import BOTH, MISSING, number
from digital_clusters.sources.columns import words_of

if TYPE_CHECKING:
    from great_tables import GT

FACTOR = 2.0
"""Ratio of two spreads from which on twin and public data are said to be apart."""

PERSISTENCE_APART = 0.15
"""Difference of two AR(1) coefficients from which on they are said to be apart."""


def likeness_table(variation: pd.DataFrame) -> "GT":
    """Within share, s.d. within and AR(1) of every measured variable, twin beside public data.

    Parameters
    ----------
    variation : pandas.DataFrame
        From :func:`digital_clusters.analysis.scorecard.variation.variation_table`.
    """
    rows, spanners = [], {}
    for row in variation.to_dict("records"):
        cells = {"Variable": words_of(row["column"]) or row["column"]}
        for words, (measure, scale, decimals) in _SHOWN.items():
            for source in ("twin", "public"):
                value = row[f"{source}_{measure}"]
                cells[f"{words} {source}"] = MISSING if np.isnan(value) else number(scale * value, decimals)
                spanners.setdefault(words, []).append(f"{words} {source}")
        rows.append(cells)
    frame = pd.DataFrame(rows)
    note = (
        "Within: what is left after city and year effects; AR(1): its slope on itself a year before, which a "
        "short panel pulls down. Years are those of the first study that has the variable, as far as a panel "
        "has them. A dash: no number there."
    )
    both = {words: list(dict.fromkeys(columns)) for words, columns in spanners.items()}
    headings = {name: name.rpartition(" ")[2] for columns in both.values() for name in columns}
    return styled(frame, "", note, BOTH, spanners=both, headings=headings)


_SHOWN = {
    "Within, % of variance": ("within_share", 100, 1),
    "S.d. within": ("within_sd", 1, 3),
    "AR(1)": ("ar1", 1, 2),
}
"""Words → measure, factor, decimals."""


def likeness_sentence(variation: pd.DataFrame) -> str:
    """How many variables both sources have, and for how many they are apart, with the farthest one."""
    both = variation.dropna(subset=["twin_within_sd", "public_within_sd"])
    both = both[(both["twin_within_sd"] > 0) & (both["public_within_sd"] > 0)]
    ratio = both["public_within_sd"] / both["twin_within_sd"]
    noisier, calmer = int((ratio >= FACTOR).sum()), int((ratio <= 1 / FACTOR).sum())
    far = both.loc[np.log(ratio).abs().idxmax()]
    apart = int(((both["public_ar1"] - both["twin_ar1"]).abs() >= PERSISTENCE_APART).sum())
    return (
        f"Of {len(both)} variables that both have, public data move at least twice as much within a "
        f"city in {noisier} and at most half as much in {calmer}; farthest {words_of(far['column'])}, with "
        f"a s.d. within of {number(far['twin_within_sd'])} on the twin and {number(far['public_within_sd'])} "
        f"in public data. Persistence differs by {PERSISTENCE_APART} or more in {apart}."
    )


def quote_likeness(variation: pd.DataFrame) -> None:
    """Quote ``likeness``, the sentence, and the within shares of the Gini as ``likeness-gini-<source>``."""
    glue("likeness", likeness_sentence(variation))
    gini = variation.set_index("column").loc["gini"]
    for source in ("twin", "public"):
        glue(f"likeness-gini-{source}", f"{gini[f'{source}_within_share']:.1%}")
