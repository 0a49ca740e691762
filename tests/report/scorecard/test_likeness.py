"""The twin beside public data: every variable shown, and a sentence that counts right."""

import numpy as np
import pandas as pd
from bs4 import BeautifulSoup

from digital_clusters.analysis.scorecard.variation import MEASURES, variation_table
from digital_clusters.report.scorecard.likeness import likeness_sentence, likeness_table

STUDIES = ("industrial_upgrading", "virtual_agglomeration", "collaborative_agglomeration")


def _made(rows: dict[str, tuple[float, float, float, float]]) -> pd.DataFrame:
    """Column → s.d. within on the twin and in public data, AR(1) of both."""
    frame = pd.DataFrame(
        {"column": list(rows)} | {f"{source}_{m}": 0.5 for source in ("twin", "public") for m in MEASURES}
    )
    values = np.array(list(rows.values()))
    names = ["twin_within_sd", "public_within_sd", "twin_ar1", "public_ar1"]
    return frame.assign(**{name: values[:, k] for k, name in enumerate(names)})


def test_every_variable_has_a_row_with_both_sources():
    variation = variation_table(STUDIES)
    table = BeautifulSoup(likeness_table(variation).as_raw_html(), "html.parser")
    assert len(table.select("tbody tr")) == len(variation)
    assert "synthetic twin, public data" in table.text and "log misallocation" in table.text


def test_the_sentence_counts_what_is_apart():
    made = _made(
        {
            "gini": (0.1, 0.2, 0.5, 0.5),
            "uil": (0.1, 0.19, 0.5, 0.64),
            "difi": (0.1, 0.01, 0.5, 0.66),
            "resilience": (0.1, np.nan, 0.5, np.nan),
        }
    )
    said = likeness_sentence(made)
    assert said.startswith("Of 3 variables") and "in 1 and at most half as much in 1;" in said
    assert "0.100 on the twin and 0.010 in public" in said and said.endswith("in 1.")
