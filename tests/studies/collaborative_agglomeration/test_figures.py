"""Figures of the chapters: a live figure holds the numbers of the paths that it is given."""

import pandas as pd
import pytest

from digital_clusters.studies.collaborative_agglomeration.figures import live_paths


def test_event_studies_are_switched_with_their_own_numbers():
    table = pd.DataFrame({"relative": [-2, 0, 1], "effect": [0.1, -0.2, -0.3]})
    table = table.assign(low=table["effect"] - 0.15, high=table["effect"] + 0.15)
    other = table.assign(effect=table["effect"] / 2)
    planted = pd.DataFrame({"relative": [-2, 0, 1, 9], "effect": [0.0, -0.1, -0.2, -0.9]})
    figure = live_paths({"group-time": table, "two-way": other.to_dict("records")}, "synthetic twin", planted)
    first, second = figure.data["sets"]
    assert [point["value"] for point in first["points"]] == table["effect"].tolist()
    assert [point["value"] for point in second["points"]] == other["effect"].tolist()
    assert [(p["at"], p["value"]) for p in figure.data["truth"]] == [(-2, 0.0), (0, -0.1), (1, -0.2)]
    assert first["words"] == (
        "group-time: −0.20 in the year of joining, −0.30 in year 1 after it; "
        "2 of 2 intervals from the year of joining on leave out zero."
    )
    assert first["points"][0]["name"] == "−2 years"
    assert first["points"][2]["high"] == pytest.approx(-0.15)
