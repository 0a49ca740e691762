"""The table of methods of inference: every declared method has its frozen numbers."""

import re

import pytest

from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.studies.trials.inference.table import METHODS, inference_table


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_a_method_has_a_trial_and_a_change(method):
    assert re.search(r"(coverage|size|bias) .*\d", method.on_twin())
    assert re.search(r"\d", method.on_public())
    assert method.reference and method.library


def test_the_table_shows_every_method_once():
    html = inference_table().as_raw_html()
    for method in METHODS:
        assert html.count(f">{method.name}<") + html.count(f">{method.name.replace(chr(39), '&#x27;')}<") >= 1


def test_the_note_says_how_many_countries_stand_behind_the_counts():
    counts = {method.name: method.rests_on for method in METHODS}
    groups = load_frozen("industrial_upgrading.groups").facts["countries"]
    assert counts["groups in panel double machine learning, first differences"] == groups
    deals = load_frozen("virtual_agglomeration.family").facts["trial"]["deals"]
    assert counts["step-down over all claims, virtual agglomeration"] == deals
    assert f"{deals:,} for each method" in inference_table().as_raw_html()


def test_arrows_go_from_the_chapters_number_to_the_methods():
    facts = load_frozen("collaborative_agglomeration.joiners").facts
    (one,) = [method for method in METHODS if method.source == "Sun & Abraham 2021"]
    before, after = re.findall(r"−?\d\.\d{3}(?= \()", one.changes(facts))
    assert before == f"{facts['public']['two_way']['value']:.3f}".replace("-", "−")
    assert after.lstrip("−") == f"{abs(facts['public']['estimates'][0]['value']):.3f}"
