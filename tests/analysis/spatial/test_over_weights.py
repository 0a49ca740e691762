"""One answer over several weights: shares, and an average that counts what differs between them."""

import numpy as np
import pytest

import digital_clusters as dc
from digital_clusters.analysis.spatial.curves import effects_at
from digital_clusters.analysis.spatial.over_weights import over_weights
from digital_clusters.studies.collaborative_agglomeration.specs import BASELINE

ALGEBRA = 1e-12
SIDES = (0.25, 0.98)


@pytest.fixture(scope="module")
def found():
    return dc.fit(BASELINE.change(first_year=2014), dc.city_panel("twin"))


def test_the_average_is_over_the_shares_and_counts_their_differences(found):
    answer = over_weights(found, SIDES)
    shares = np.array([row["posterior_share"] for row in answer["kinds"]])
    assert shares.sum() == pytest.approx(1) and answer["largest"] == "nearest"
    for name, (value, error) in answer["average"].items():
        pairs = np.array([row["effects"][name] for row in answer["kinds"]])
        assert value == pytest.approx(shares @ pairs[:, 0], rel=ALGEBRA)
        second = shares @ (pairs**2).sum(axis=1)
        assert error == pytest.approx(np.sqrt(second - value**2), rel=1e-6)


def test_the_effects_of_a_kind_are_those_of_the_specification(found):
    answer = over_weights(found, SIDES)
    own = next(row for row in answer["kinds"] if row["kind"] == found.spec.weights)
    at = effects_at(found, np.quantile(found.values("coagglomeration"), SIDES), draws=2)
    expected = at.loc[at["kind"] == "indirect", "effect"].to_numpy()
    assert [own["effects"][f"indirect {q:g}"][0] for q in SIDES] == pytest.approx(expected, rel=ALGEBRA)
