"""The table of methods of inference: every declared method has its frozen numbers."""

import re

import pytest

from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.studies.trials.inference import METHODS, NOT_TRIED, inference_table


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_a_method_has_a_trial_and_a_change(method):
    facts = load_frozen(method.record).facts
    assert re.search(r"(coverage|size|bias) .*\d", method.found(facts)) or method.found(facts) == NOT_TRIED
    assert re.search(r"\d", method.changes(facts))
    assert method.reference and method.library


def test_one_method_has_no_trial_and_says_so():
    silent = [
        method.source for method in METHODS if method.found(load_frozen(method.record).facts) == NOT_TRIED
    ]
    assert silent == ["Conley, Hansen & Rossi 2012"]


def test_the_table_shows_every_method_once():
    html = inference_table().as_raw_html()
    for method in METHODS:
        assert html.count(f">{method.name}<") + html.count(f">{method.name.replace(chr(39), '&#x27;')}<") >= 1


def test_arrows_go_from_the_chapters_number_to_the_methods():
    facts = load_frozen("collaborative_agglomeration.joiners").facts
    (one,) = [method for method in METHODS if method.source == "Sun & Abraham 2021"]
    before, after = re.findall(r"−?\d\.\d{3}(?= \()", one.changes(facts))
    assert before == f"{facts['public']['two_way']['value']:.3f}".replace("-", "−")
    assert after.lstrip("−") == f"{abs(facts['public']['estimates'][0]['value']):.3f}"
