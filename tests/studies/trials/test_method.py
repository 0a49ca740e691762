"""Recipes on panels whose effect is known: designs, pieces, the frozen trial, and what the page shows."""

import numpy as np
import pandas as pd
import pytest

from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.errors import ParameterError
from digital_clusters.studies.trials.intervals.runner import wilson
from digital_clusters.studies.trials.method import figures, quotes, runner, tables
from digital_clusters.studies.trials.method.designs import DESIGNS, THETA, PanelDesign, panel_of
from digital_clusters.studies.trials.method.recipes import CHANGES, LEAST_SQUARES, NAMES, PRINTED

SAME = 1e-6
"""Two machines may add in another order; trees then split alike, and sums differ in the last digits."""

LARGE = PanelDesign("large", "many cities", cities=2000, years=6)


@pytest.fixture(scope="module")
def frozen():
    return runner.frozen_methods()


def test_a_panel_is_made_of_its_equations():
    draw = panel_of(LARGE, np.random.default_rng(1))
    d, x = draw.d[:, 0], draw.x
    known = np.column_stack([d, 0.5 * np.tanh(x[:, 0]), 0.25 * x[:, 2] ** 2])
    indicators = draw.y - known @ [THETA, 1.0, 1.0]
    by_city = indicators.reshape(LARGE.cities, LARGE.years)
    assert (by_city - by_city.mean(axis=1, keepdims=True)).var() == pytest.approx(5 / 6 + 0.07, abs=0.1)
    assert by_city.mean(axis=1).var() == pytest.approx(1 + 1 / 6, abs=0.1)


@pytest.mark.parametrize("within", [0.1, 0.5])
def test_the_share_within_is_what_the_design_says(within):
    draw = panel_of(PanelDesign("x", "", within=within, cities=2000, years=8), np.random.default_rng(2))
    cube = draw.x.reshape(2000, 8, 3)
    assert cube.var(axis=1, ddof=1).mean() == pytest.approx(within, abs=0.02)
    assert cube.var() == pytest.approx(1, abs=0.03)


def test_a_confounder_that_moves_is_left_by_city_means():
    rng = np.random.default_rng(3)
    moving = panel_of(PanelDesign("x", "", moving=1.0, cities=2000), rng)
    fixed = panel_of(PanelDesign("x", "", cities=2000), rng)

    def within(draw):
        y, d = (part.reshape(2000, 8) for part in (draw.y - THETA * draw.d[:, 0], draw.d[:, 0]))
        y, d = (part - part.mean(axis=1, keepdims=True) for part in (y, d))
        return (y * d).sum() / (d * d).sum()

    assert within(moving) > within(fixed) + 0.2


def test_panels_depend_on_the_name_and_number_of_a_design_only():
    first, second = DESIGNS[:2]
    draws = [
        panel_of(design, np.random.default_rng(runner.panel_seed(design, k))).y
        for design, k in ((first, 0), (first, 0), (first, 1), (second, 0))
    ]
    assert (draws[0] == draws[1]).all()
    assert not np.allclose(draws[0], draws[2]) and not np.allclose(draws[0], draws[3])


def test_pieces_that_are_there_are_not_estimated_again(tmp_path, monkeypatch):
    asked = []

    def quick(design, panel):
        asked.append((design.name, panel))
        return [{"design": design.name, "panel": panel, "recipe": "r", "value": 0.1 * panel}]

    monkeypatch.setattr(runner, "tried_once", quick)
    whole = runner.run_panels(DESIGNS[:2], 3)
    asked.clear()
    runner.run_panels(DESIGNS[:2], 2, tmp_path)
    resumed = runner.run_panels(DESIGNS[:2], 3, tmp_path)
    assert len(asked) == len(set(asked)) == 6
    pd.testing.assert_frame_equal(resumed, whole)


def test_the_summary_is_counted_by_hand():
    values = np.array([0.1, 0.3, 0.5])
    rows = pd.DataFrame({"design": "a", "recipe": "b", "value": values, "error": 0.06})
    found = runner.summarised(rows.assign(low=values - 0.1, high=values + 0.1)).iloc[0]
    assert found["bias"] == pytest.approx(0.3 - THETA)
    assert found["spread"] == pytest.approx(0.2)
    assert (found["coverage"], found["size"], found["power"]) == pytest.approx((1 / 3, 2 / 3, 2 / 3))
    assert (found["coverage_low"], found["coverage_high"]) == wilson(1, 3)
    assert found["q50"] == pytest.approx(0.3 - THETA)
    assert found["spread_error"] == pytest.approx(0.2 / 2)


def test_learners_are_compared_on_the_panels_that_both_ran_on():
    recipe, printed = next(iter(CHANGES)), next(iter(PRINTED))
    rows = [("a", 0, recipe, 1.0), ("a", 1, recipe, 2.0), ("a", 2, recipe, 9.0)]
    rows += [("a", 0, printed, 0.5), ("a", 1, printed, 1.7)]
    frame = pd.DataFrame(rows, columns=["design", "panel", "recipe", "value"])
    (found,) = runner.learners_compared(frame).to_dict("records")
    assert (found["recipe"], found["panels"]) == (printed, 2)
    assert found["difference"] == pytest.approx(0.4)
    assert found["error"] == pytest.approx(0.1)


def test_no_panel_is_begun_after_the_time_that_is_given(monkeypatch):
    monkeypatch.setattr(runner, "tried_once", lambda design, panel: [{"design": design.name, "panel": panel}])
    assert runner.run_panels(DESIGNS, 2, seconds=-1.0).empty


def test_the_frozen_trial_is_of_the_declared_designs(frozen):
    assert load_frozen(runner.NAME).inputs["declared designs"] == runner.declaration()
    assert len(frozen.table) == len(DESIGNS) * len(NAMES)
    expected = np.where(frozen.table["recipe"].isin(list(PRINTED)), runner.PRINTED_PANELS, runner.PANELS)
    assert (frozen.table["panels"] == expected).all()
    assert (frozen.panels, frozen.printed_panels) == (runner.PANELS, runner.PRINTED_PANELS)
    assert len(frozen.estimates) == runner.KEPT * len(DESIGNS) * len(NAMES)
    assert len(frozen.learners) == len(DESIGNS) * len(PRINTED)


def test_a_panel_drawn_again_gives_the_frozen_estimates(frozen):
    few = DESIGNS[-1]
    live = runner.run_panels([few], 1)
    kept = frozen.estimates[(frozen.estimates["design"] == few.name) & (frozen.estimates["panel"] == 0)]
    assert live["recipe"].tolist() == kept["recipe"].tolist()
    assert live["value"].to_numpy() == pytest.approx(kept["value"].to_numpy(), rel=SAME)
    assert live["error"].to_numpy() == pytest.approx(kept["error"].to_numpy(), rel=SAME)
    html = tables.again(live, frozen.estimates).as_raw_html()
    assert html.count("few cities") == len(NAMES)
    with pytest.raises(ParameterError, match="have no frozen one"):
        tables.again(live.assign(panel=10**6), frozen.estimates)


def test_what_absorbs_city_effects_is_nearer_than_the_recipe_where_they_are_strong(frozen):
    strong = frozen.table[frozen.table["design"] == "city effects, λ = 2"].set_index("recipe")["bias"].abs()
    recipe = next(iter(CHANGES))
    for absorbing in ("boosting, within", "boosting, first differences", LEAST_SQUARES):
        assert strong[absorbing] < strong[recipe] / 2


def test_the_page_shows_every_design_and_recipe(frozen, monkeypatch):
    figure = figures.bias_by_strength(frozen.table)
    titles = [ax.get_title().replace("\n", " ") for ax in figure.axes if ax.get_title()]
    assert sorted(titles) == sorted(NAMES)
    assert "boosting on dummies, folds of cities: −0.00737 at 0" in figure.get_gid()
    scales = {ax.get_ylim() for ax in figure.axes if ax.get_title()}
    assert len(scales) == 2
    html = "".join(tables.trial(frozen.table, design.name).as_raw_html() for design in DESIGNS)
    assert "nan" not in html.lower()
    assert all(design.says in tables.designs().as_raw_html() for design in DESIGNS[4:5])
    with pytest.raises(ParameterError, match="no design 'other'"):
        tables.trial(frozen.table, "other")
    compared = tables.learners(frozen.learners).as_raw_html()
    assert all(compared.count(name) == len(DESIGNS) for name in PRINTED)
    quoted = {}
    monkeypatch.setattr(quotes, "glue", lambda name, value: quoted.update({name: value}))
    quotes.method(frozen)
    assert quoted["method-panels"] == str(frozen.panels) and quoted["method-designs"] == str(len(DESIGNS))
    assert all(name in quoted["method-holds"] for name in CHANGES)
    # the page says that means of cities leave much of the bias, though less than the recipe
    left = [float(quoted[f"method-{name}-strongest"]) for name in ("least-squares", "mundlak", "recipe")]
    assert left[0] < left[2] / 2 < left[1] < left[2]
