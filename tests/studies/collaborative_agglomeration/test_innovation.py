"""Science expenditure for innovation: leads by hand, planted effects found, the page complete."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from digital_clusters.analysis.fit import fit
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.estimators.estimate import Coefficient
from digital_clusters.measures.panel import Panel
from digital_clusters.studies.collaborative_agglomeration import quotes
from digital_clusters.studies.collaborative_agglomeration.innovation.record import (
    RECORD,
    TESTS,
    estimate_tests,
    with_science,
)
from digital_clusters.studies.collaborative_agglomeration.innovation.tables import innovation_table
from digital_clusters.studies.collaborative_agglomeration.sentences import sequence_sentence

EXACT = 1e-9
"""The same sums in another order."""

FOLLOWS, RAISES = 0.5, 0.8
"""Planted: share of the capital's change a year later, and effect of the index."""

NOISE = 0.01
"""Standard deviation of what is neither."""


@pytest.fixture(scope="module")
def country():
    rng = np.random.default_rng(3)
    cities, years, provinces = 60, np.arange(2003, 2020), 12
    places = pd.DataFrame({"city": np.arange(cities) + 1, "province": np.arange(cities) % provinces})
    places["lon"], places["lat"] = rng.uniform(100, 120, cities), rng.uniform(25, 40, cities)
    places["is_provincial_capital"], places["is_municipality"] = places["city"] <= provinces, False
    frame = places.merge(pd.DataFrame({"year": years}), how="cross")
    columns = ("coagglomeration", "misallocation", "misallocation_level", "income", "uil", "internet")
    for name in columns:
        frame[name] = rng.uniform(0.5, 1.5, len(frame))
    c = frame["coagglomeration"].to_numpy().reshape(cities, -1)
    log = RAISES * c + rng.normal(0, NOISE, c.shape)
    for t in range(1, len(years)):
        log[provinces:, t] += FOLLOWS * log[np.arange(provinces, cities) % provinces, t - 1]
    people = rng.uniform(50, 500, len(frame))
    raw = frame[["city", "year"]].assign(population=people, science_expenditure=np.exp(log.ravel()) * people)
    panel = Panel.of(frame)
    return with_science(panel, SimpleNamespace(table=lambda name: {"city_year": raw}[name])), log


def test_leads_are_of_the_province_a_year_earlier(country):
    panel, log = country
    frame = panel.frame.set_index(["city", "year"])
    assert frame.loc[(14, 2010), "centre_before"] == pytest.approx(log[1, 6], rel=EXACT)
    others = log[[k for k in range(12, 60) if k % 12 == 1], 6].mean()
    assert frame.loc[(2, 2010), "others_before"] == pytest.approx(others, rel=EXACT)
    assert np.isnan(frame.loc[(2, 2010), "centre_before"]) and np.isnan(
        frame.loc[(14, 2010), "others_before"]
    )
    assert frame.xs(2003, level="year")[["centre_before", "others_before"]].isna().all(axis=None)


def test_what_is_planted_is_found_and_the_way_back_is_not(country):
    panel, _ = country
    alone = replace(panel, frame=panel.frame[panel.frame["is_provincial_capital"]].reset_index(drop=True))
    found = estimate_tests(panel)
    outwards = found["from the centre"].term("centre_before")
    assert outwards.low < FOLLOWS < outwards.high and outwards.error < 0.1
    assert found["to the centre"].term("others_before").verdict(1) != "sign found"
    at_home = fit(TESTS["at home"].spec, alone).estimate.term("coagglomeration")
    assert at_home.value == pytest.approx(RAISES, abs=4 * at_home.error)


def test_the_record_has_every_test_and_the_table_every_number(monkeypatch):
    found = load_frozen(RECORD).estimates
    assert found.keys() == TESTS.keys()
    table = innovation_table(found).as_raw_html()
    for name, test in TESTS.items():
        b = found[name].term(test.term)
        assert f"{b.value:.3f}".replace("-", "−") in table and test.statement in table
    kept = {}
    monkeypatch.setattr(quotes, "glue", lambda name, value: kept.__setitem__(name, value))
    quotes.innovation(found)
    assert kept["innovation-parts"] == len(TESTS) - 1 and kept["innovation-found"] <= len(TESTS) - 1
    assert kept["innovation-sequence"].startswith("Cities follow their capital by ")


@pytest.mark.parametrize(
    ("outwards", "inwards", "words"),
    [(1, 1, "common shock"), (1, -1, "only the first"), (-1, 1, "only the second"), (-1, -1, "neither")],
)
def test_the_sequence_is_told_by_both_directions(outwards, inwards, words):
    def number(sign: int) -> Coefficient:
        return Coefficient("x", 0.3 * sign, 0.1, 0.3 * sign - 0.2, 0.3 * sign + 0.2, 0.003, 100)

    assert words in sequence_sentence(number(outwards), number(inwards))
