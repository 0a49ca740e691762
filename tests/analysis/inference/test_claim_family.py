"""Claims as one family: each number and its error are those of the claim, and false ones are rarely found."""

import numpy as np
import pandas as pd
import pytest

from digital_clusters.analysis.claims import load_claims
from digital_clusters.analysis.fit import fit
from digital_clusters.analysis.inference.claim_family import (
    city_influence,
    claim_family,
    deal_columns,
    family_rows,
    try_family,
)
from digital_clusters.analysis.readings import measure
from digital_clusters.studies.collaborative_agglomeration.study import COLLABORATIVE_AGGLOMERATION
from digital_clusters.studies.virtual_agglomeration.study import VIRTUAL_AGGLOMERATION

STUDIES = (VIRTUAL_AGGLOMERATION, COLLABORATIVE_AGGLOMERATION)
NUMBERS = 1e-8  # the same estimate by another solver
JACKKNIFE = 0.12
"""Relative: leaving out a city corrects for its leverage, the sandwich does not; of 290 cities a few have a
large one."""


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.key)
def test_numbers_are_those_of_the_claims_and_errors_nearly_so(study):
    panel = study.panel("twin")
    rows = {row["claim"]: row for row in claim_family(study, panel, draws=99)}
    for claim in load_claims(study.key).claims:
        found = measure(claim, study, panel)
        row = rows[claim.key]
        assert row["value"] == pytest.approx(found.value, rel=NUMBERS)
        if np.isfinite(found.error):
            assert row["error"] == pytest.approx(found.error, rel=JACKKNIFE), claim.key


def test_an_indirect_effect_changes_with_a_city_as_leaving_it_out_says():
    study, panel = VIRTUAL_AGGLOMERATION, VIRTUAL_AGGLOMERATION.panel("twin")
    claim = load_claims(study.key).claim("through_misallocation")
    found = fit(study.specs[claim.spec], panel)
    value, moved = city_influence(claim, found, study)
    city = moved.abs().idxmax()
    rows = found.sample["city"].to_numpy() != city
    arrays = found.design
    keys = {"entity": arrays.entity[rows], "time": arrays.time[rows]}
    from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects

    x, m, y = arrays.regressors[rows], arrays.mediators[rows], arrays.outcome[rows]
    a = two_way_fixed_effects(m[:, 0], x, **keys, terms=arrays.names)[arrays.names[0]][0]
    names = (*arrays.names, *found.spec.mediators)
    b = two_way_fixed_effects(y, np.column_stack([x, m]), **keys, terms=names)["misallocation"][0]
    # year effects of the whole sample stay in the approximation, and the product of two changes is left out
    assert value - a * b == pytest.approx(moved[city], rel=0.05)


def test_the_family_by_hand():
    rng = np.random.default_rng(1)
    effects = pd.DataFrame(rng.normal(size=(40, 2)), columns=["a", "b"])
    rows = family_rows(
        {"a": (30.0, effects["a"]), "b": (9.0, effects["b"])}, {"a": 1, "b": -1}, draws=999, seed=4
    )
    coins = np.random.default_rng(4).choice([-1.0, 1.0], size=(999, 40))
    null = np.abs(coins @ effects.to_numpy()) / np.sqrt((effects.to_numpy() ** 2).sum(axis=0))
    t = {row["claim"]: row["t"] for row in rows}
    alone = (1 + (null[:, 1] >= t["b"]).sum()) / 1000
    assert rows[1]["p"] == pytest.approx(alone) and rows[0]["romano_wolf"] == 0.001
    # the largest is out of the way, so that the second is compared with its own draws
    assert rows[1]["romano_wolf"] == pytest.approx(alone)


def test_dealing_leaves_every_path_whole_and_other_columns_alone():
    panel = VIRTUAL_AGGLOMERATION.panel("twin")
    dealt = deal_columns(panel, ["virtual"], np.random.default_rng(0)).frame
    assert dealt.drop(columns="virtual").equals(panel.frame.drop(columns="virtual"))
    before, after = (
        np.sort(frame.pivot(index="city", columns="year", values="virtual").to_numpy(), axis=0)
        for frame in (panel.frame, dealt)
    )
    assert np.array_equal(before, after, equal_nan=True)


def test_a_family_is_found_less_often_than_its_claims():
    panel = VIRTUAL_AGGLOMERATION.panel("twin")
    found = try_family(VIRTUAL_AGGLOMERATION, panel, ["virtual"], deals=4, draws=99)
    assert found["deals"] == 4 and found["romano_wolf"] <= found["alone"]
