import numpy as np
import pandas as pd
import pytest

from digital_clusters.errors import MissingTableError
from digital_clusters.measures.panel import DROPPED_COLUMNS, Panel


def panel(**columns):
    frame = pd.DataFrame({"city": [1, 1, 2], "year": [2011, 2012, 2011], "name": ["a", "b", "c"]} | columns)
    return Panel(frame, "twin", "synthetic twin", "f" * 64, missing={"students": "not published"})


def test_hash_follows_the_content():
    first = panel(gini=[0.1, 0.2, 0.3])
    assert first.hash == panel(gini=[0.1, 0.2, 0.3]).hash
    others = [
        panel(gini=[0.1, 0.2, np.nextafter(0.3, 1)]),
        panel(uil=[0.1, 0.2, 0.3]),
        panel(gini=[0.1, 0.2, 0.3], name=["a", "b", "d"]),
        panel(gini=[0.1, 0.2, 0.3], is_municipality=[True, False, False]),
    ]
    assert len({first.hash, *(other.hash for other in others)}) == 5


def test_what_it_holds():
    some = panel()
    assert (some.n_cities, some.years, some.is_balanced) == (2, (2011, 2012), False)
    assert some.dropped.columns.tolist() == DROPPED_COLUMNS and some.dropped.empty
    assert some.require("year", "city").columns.tolist() == ["year", "city"]


def test_a_missing_column_gives_the_reason():
    with pytest.raises(MissingTableError, match="synthetic twin has no 'students': not published"):
        panel().require("city", "students")
    with pytest.raises(MissingTableError, match="its columns are city, year, name"):
        panel().require("height")
