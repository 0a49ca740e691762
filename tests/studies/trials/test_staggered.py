"""Estimators of accession with planted spillovers: what is planted, three fits for all, the frozen record."""

import numpy as np
import pandas as pd
import pytest

from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.errors import ParameterError
from digital_clusters.estimators.did.spillovers import donut_did
from digital_clusters.estimators.spatial.simulated import near_neighbours
from digital_clusters.studies.trials.intervals.runner import wilson
from digital_clusters.studies.trials.staggered import (
    family,
    figures,
    joining,
    matched,
    quotes,
    record,
    tables,
)
from digital_clusters.studies.trials.staggered.methods import (
    ESTIMATORS,
    MATCHERS,
    ROBUST,
    TWO_WAY,
    UNMATCHED,
    own_truth,
)

EXACT = 1e-9  # closed forms; the same sums in another order
SAME = 1e-6  # two machines may add in another order, and the library regularises

BOTH = pytest.mark.parametrize("is_donut", [False, True])


@pytest.fixture(scope="module")
def frozen():
    return record.frozen_staggered()


def test_what_is_planted_is_planted_city_by_city():
    near = near_neighbours(np.random.default_rng(joining.CITIES), joining.CITIES).toarray() > 0
    known, change = joining.waves_map(), joining.planted(1.0, 0.25)
    since = np.arange(joining.YEARS) - known.adoption[:, None] + 1
    mean = since[since > 0].mean()
    for city in range(joining.CITIES):
        for year in range(joining.YEARS):
            beside = any(known.adoption[j] <= year for j in np.flatnonzero(near[city]))
            expected = since[city, year] / mean if since[city, year] > 0 else 0.25 * beside
            assert change[city, year] == pytest.approx(joining.EFFECT * expected, abs=EXACT)
    assert joining.truth_of() == pytest.approx(joining.EFFECT, abs=EXACT)
    assert joining.truth_of(0) == pytest.approx(joining.EFFECT / mean, abs=EXACT)


def test_the_map_has_what_the_page_says():
    known = joining.waves_map()
    members = np.isfinite(known.adoption)
    assert members.sum() == joining.HALF * sum(len(years) for years in joining.CLUMPS)
    # reached controls, controls that are not, and members that are reached before they join
    assert known.ringed.sum() > 10 and (~members & ~known.ringed).sum() > 10
    assert (members & known.reached.any(axis=1)).sum() > 5


@BOTH
@pytest.mark.parametrize("method", ROBUST)
def test_without_a_spillover_the_planted_mean_is_found(method, is_donut):
    noise = np.random.default_rng(1).normal(size=(joining.CITIES, joining.YEARS))
    fit = family.fit_of(method, is_donut)
    found = fit(noise + joining.on_members()).effect - fit(noise).effect
    assert found == pytest.approx(own_truth(method), abs=SAME)


@BOTH
@pytest.mark.parametrize("method", [TWO_WAY, "two stages"])
def test_three_fits_are_the_fit_to_any_planted_change(method, is_donut):
    noise = np.random.default_rng(2).normal(size=(joining.CITIES, joining.YEARS))
    fits, moved = family.three_fits(method, is_donut, noise), family.moved_by(method, is_donut)
    for a, s in ((0.0, 0.5), (1.0, 0.25), (-2.0, 3.0)):
        direct = family.fit_of(method, is_donut)(noise + joining.planted(a, s))
        assert fits.at(a, s, moved) == pytest.approx(direct, rel=SAME)


def test_a_donut_is_that_of_the_package():
    noise, _ = record.drawn(3)
    links = near_neighbours(np.random.default_rng(joining.CITIES), joining.CITIES)
    package = donut_did(noise.ravel(), **joining.labels_of(), links=links).effect
    found = family.fit_of("imputation", True)(noise)
    assert (found.effect, found.variance**0.5) == pytest.approx(package["att"], rel=SAME)


def test_nobody_matched_is_no_answer():
    noise, _ = record.drawn(0)
    x = 10.0 * np.isfinite(joining.waves_map().adoption) + np.linspace(0, 1, joining.CITIES)
    found = pd.DataFrame(
        [(method, fit.effect) for *_, method, _, fit in matched.matched_answers(noise, x)],
        columns=["method", "effect"],
    )
    assert found.loc[found["method"] == UNMATCHED, "effect"].notna().all()
    assert found.loc[found["method"] != UNMATCHED, "effect"].isna().all()


def test_the_count_is_by_hand():
    one = {"effect": 1.0, "spillover": 0.5, "method": TWO_WAY, "donut": False, "reach": 2.0}
    values = [(0.4, 0.06), (0.8, 0.1), (0.6, 0.1), (None, None)]
    found = record.counted(pd.DataFrame([one | {"value": v, "error": e} for v, e in values])).iloc[0]
    assert (found["draws"], found["refused"], found["truth"]) == (4, 1, pytest.approx(0.5))
    assert found["bias"] == pytest.approx(0.1) and found["spread"] == pytest.approx(0.2)
    assert found["coverage"] == pytest.approx(2 / 3)
    assert (found["low"], found["high"]) == wilson(2, 3)


def test_pieces_do_not_change_the_answers(tmp_path, monkeypatch):
    monkeypatch.setattr(record, "PIECE", 2)
    monkeypatch.setattr(record, "answers_in", lambda number: [{"number": number, "value": 0.5 * number}])
    whole = record.run_staggered(3)
    assert record.run_staggered(3, folder=tmp_path, seconds=-1.0).empty
    record.run_staggered(2, folder=tmp_path)
    pd.testing.assert_frame_equal(record.run_staggered(3, folder=tmp_path), whole)
    assert sorted(path.name for path in tmp_path.glob("*.json")) == ["0-2.json", "2-3.json"]


def test_the_frozen_record_is_complete(frozen):
    assert load_frozen(record.NAME).inputs["declared designs"] == record.staggered_declared()
    methods = [*ESTIMATORS, *MATCHERS, UNMATCHED]
    keys = ["effect", "spillover", "method", "donut"]
    cells = pd.MultiIndex.from_product(
        [joining.EFFECTS.values(), joining.SPILLOVERS, methods, [False, True]], names=keys
    )
    assert set(frozen.table.set_index(keys).index) == set(cells)
    assert len(frozen.table) == len(frozen.first) == len(cells)
    assert (frozen.table["draws"] == record.DRAWS).all()
    assert (frozen.table["refused"] < 0.02 * record.DRAWS).all()


def test_the_first_panel_made_again_gives_the_frozen_answers(frozen):
    noise, x = record.drawn(0)
    kept = frozen.first.set_index(["effect", "spillover", "method", "donut"])
    y = noise + joining.planted(1.0, 0.5)
    for method in ESTIMATORS:
        for is_donut in (False, True):
            row, found = kept.loc[(1.0, 0.5, method, is_donut)], family.fit_of(method, is_donut)(y)
            assert (row["value"], row["error"], row["reach"]) == pytest.approx(
                (found.effect, found.variance**0.5, found.reach), rel=SAME
            )
    for *key, found in matched.matched_answers(noise, x):
        assert kept.loc[tuple(key), "value"] == pytest.approx(found.effect, rel=SAME)


def test_a_spillover_takes_from_every_estimator_and_a_donut_gives_back(frozen):
    """Biases of a method differ by a fixed amount, whatever the noise."""
    table = frozen.table.set_index(["effect", "method", "donut", "spillover"])["bias"]
    for method in (*ESTIMATORS, *MATCHERS):
        lost, left = (
            table[1.0, method, is_donut, 1.0] - table[1.0, method, is_donut, 0.0]
            for is_donut in (False, True)
        )
        assert lost < left < 0
    for method in ROBUST:
        plain = frozen.table[(frozen.table["method"] == method) & (frozen.table["spillover"] == 0)]
        # unbiased: what is left is the noise of many panels, beyond four of its errors once in 16,000
        assert (plain["bias"].abs() < 4 * plain["bias_error"]).all()


def test_the_page_shows_every_method_and_quotes_every_number(frozen, monkeypatch):
    quoted = {}
    monkeypatch.setattr(quotes, "glue", lambda name, value: quoted.update({name: value}))
    for table in (tables.bias, tables.coverage, tables.size, tables.spread):
        html = table(frozen.table).as_raw_html().replace("&#x27;", "'")
        assert all(method in html for method in frozen.table["method"].unique()) and "nan" not in html
    quotes.staggered(frozen)
    assert quoted["staggered-methods"] == "8"
    assert all(isinstance(value, str) and value for value in quoted.values())
    assert "coverage" in quotes.spilled("imputation", donut=True)
    drawn = figures.bias_by_spillover(frozen.table)
    shown = {ax.get_title() for ax in drawn.axes} - {""}
    assert shown == set(frozen.table["method"])
    legend = next(ax.get_legend() for ax in drawn.axes if ax.get_legend())
    assert [words.get_text() for words in legend.get_texts()] == list(tables.CONTROLS.values())
    assert "Sun–Abraham, all controls: " in drawn.get_gid()
    with pytest.raises(ParameterError, match="0 rows of 'none'"):
        quotes.row_at(frozen.table, "none", spillover=0.5, donut=False)
