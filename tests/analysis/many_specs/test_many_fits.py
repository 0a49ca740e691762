import itertools

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from digital_clusters.analysis.fit import fit
from digital_clusters.analysis.joint_null import influence
from digital_clusters.analysis.many_specs.fits import control_subsets, fit_many, influences
from digital_clusters.analysis.spec import Spec
from digital_clusters.errors import ParameterError
from digital_clusters.estimators.spatial.log_determinant import shared_log_determinants
from digital_clusters.measures.panel import Panel

ROUNDING = 1e-8
"""Relative: products of columns against a factorisation of the rows."""

SAID = {"outcome": "y", "treatment": "x", "first_year": 2011, "last_year": 2018, "errors": "clustered"}


@pytest.fixture(scope="module")
def panel():
    """Unbalanced: rows are left out, and two of the controls have gaps of their own."""
    rng = np.random.default_rng(4)
    keys = pd.DataFrame(list(itertools.product(range(40), range(2010, 2019))), columns=["city", "year"])
    a, b, c, m = rng.normal(size=(4, len(keys)))
    x = rng.normal(size=len(keys)) + 0.5 * a + keys["city"] / 10
    y = 0.4 * x + 0.3 * a - 0.2 * b * m + rng.normal(size=len(keys)) + keys["city"]
    frame = keys.assign(x=x, y=y, a=a, b=b, c=c, m=m, twin=2 * a, half=keys["city"] // 2)
    frame.loc[rng.random(len(frame)) < 0.1, "b"] = np.nan
    frame.loc[rng.random(len(frame)) < 0.1, "c"] = np.nan
    return Panel.of(frame[rng.random(len(frame)) < 0.9].reset_index(drop=True))


def spec(**changes):
    return Spec(**{"method": "two_way_fixed_effects", **SAID, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"moderator": "m", "scaling": "normalised"},
        {"squared": True, "contemporaneous": ("m", "x:m")},
        {"control_timing": "year_before"},
        {"control_timing": "base_year_by_year"},
        {"winsorise": 0.05, "lag": 1},
        {"group": "above_median"},
    ],
    ids=lambda changes: ",".join(changes) or "plain",
)
def test_each_specification_is_its_own_fit(panel, changes):
    specs = control_subsets(spec(controls=("a", "b", "c"), **changes))
    found = fit_many(specs, panel)
    assert found.batched == len(specs) == 8
    for one, row in zip(specs, found.table.itertuples(), strict=True):
        alone = fit(one, panel).term("x")
        assert row.n == alone.n and row.problem == ""
        assert_allclose(
            [row.value, row.error, row.p_value], [alone.value, alone.error, alone.p_value], ROUNDING
        )


def test_specifications_of_all_kinds_in_one_list(panel):
    specs = [
        spec(controls=("a",)),
        spec(errors="driscoll_kraay"),
        spec(controls=("a", "twin")),
        spec(moderator="m"),
        spec(controls=("nowhere",)),
        spec(method="double_machine_learning", learner="linear", controls=("a",)),
        spec(controls=("x",)),
        spec(clusters="half", controls=("a",)),
    ]
    terms = ["x", "x", "x", "x:m", "x", "x", "x", "x"]
    found = fit_many(specs, panel, terms)
    assert found.batched == 2
    for k in (0, 1, 3, 5, 7):
        alone = fit(specs[k], panel).term(terms[k])
        assert found.table.loc[k, "value"] == pytest.approx(alone.value)
        assert found.table.loc[k, "error"] == pytest.approx(alone.error)
    assert "linear combination" in found.table.loc[2, "problem"]
    assert "nowhere" in found.table.loc[4, "problem"]
    assert "different names" in found.table.loc[6, "problem"]


def test_a_term_that_a_specification_does_not_have(panel):
    found = fit_many([spec()], panel, ["x:m"])
    assert "x:m" in found.table.loc[0, "problem"]


def test_what_each_city_adds(panel):
    specs = [*control_subsets(spec(controls=("a", "b"))), spec(errors="robust")]
    found = influences(specs, panel, ["x"] * 5)
    assert list(found) == list(range(5))
    for k, one in enumerate(specs):
        alone = influence(fit(one, panel), "x").reindex(found.index, fill_value=0.0)
        assert_allclose(found[k], alone, rtol=1e-6, atol=1e-12)


def test_a_term_for_each_specification(panel):
    with pytest.raises(ParameterError, match="1 terms for 2 specifications"):
        fit_many([spec(), spec(lag=1)], panel, ["x"])


def test_spatial_specifications_with_the_same_weights_share_their_eigenvalues():
    rng = np.random.default_rng(7)
    keys = pd.DataFrame(list(itertools.product(range(30), range(2011, 2019))), columns=["city", "year"])
    places = rng.normal(size=(2, 30))[:, keys["city"]]
    x, a, e = rng.normal(size=(3, len(keys)))
    frame = keys.assign(x=x, a=a, y=0.4 * x + e, lon=110 + places[0], lat=30 + places[1])
    whole = Panel.of(frame)
    specs = [
        spec(method="spatial_panel", spatial_model=model, controls=controls, weights=weights)
        for model in ("durbin", "lag")
        for controls in ((), ("a",))
        for weights in ("nearest", "inverse_distance")
    ]
    with shared_log_determinants() as prepared:
        found = fit_many(specs, whole).table
    assert (prepared.made, prepared.asked) == (2, 8)
    assert (found["problem"] == "").all()
    renewed = Panel.of(frame.assign(label=0.0))  # another panel, so that no fit is remembered
    for one, row in zip(specs, found.itertuples(), strict=True):
        alone = fit(one, renewed).term("x")
        assert (row.value, row.error, row.p_value) == (alone.value, alone.error, alone.p_value)
