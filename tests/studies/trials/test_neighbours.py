"""Trials among neighbours: what is planted, what is counted, and that the frozen record is of them."""

import numpy as np
import pandas as pd
import pytest

from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.errors import ParameterError
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects
from digital_clusters.studies.trials.intervals.runner import wilson
from digital_clusters.studies.trials.neighbours import errors, joiners, quotes, record, tables, weights

ALGEBRA = 1e-9
"""The same sums in another order."""

SAME = 1e-6
"""Two machines may add in another order, and a likelihood is maximised to a tolerance of its own."""


@pytest.fixture(scope="module")
def frozen():
    return record.frozen_neighbours()


def test_shared_shocks_are_correlated_as_the_page_says():
    places, root = errors.places_and_root()
    correlation = root @ root.T
    for i, j in ((0, 1), (3, 40), (7, 99)):
        (a, b), (c, d) = np.deg2rad(places[i]), np.deg2rad(places[j])
        cosine = np.sin(b) * np.sin(d) + np.cos(b) * np.cos(d) * np.cos(a - c)
        expected = np.exp(-errors.EARTH * np.arccos(cosine) / errors.REACH)
        assert correlation[i, j] == pytest.approx(expected, abs=ALGEBRA)
    assert np.diag(correlation) == pytest.approx(np.ones(errors.CITIES), abs=ALGEBRA)


def test_shocks_have_variance_one_whatever_is_shared():
    rng = np.random.default_rng(1)
    for share in errors.SHARES:
        drawn = np.concatenate([errors.shared_shocks(rng, share) for _ in range(60)])
        # shared parts of neighbours are worth fewer than their number
        assert drawn.var() == pytest.approx(1, abs=0.1)


def some_panels(count):
    rng = np.random.default_rng(7)
    x, u = (np.array([errors.shared_shocks(rng, 0.5) for _ in range(count)]) for _ in range(2))
    entity, time = np.divmod(np.arange(x.shape[1]), errors.YEARS)
    return x, u, {"entity": entity, "time": time, "terms": ["x"]}


@pytest.mark.parametrize("rule", errors.RULES)
def test_intervals_of_many_panels_are_those_of_the_estimator(rule):
    x, u, labels = some_panels(3)
    slopes, options = errors.fit_slopes(0.5 * x + u, x), errors.RULES[rule]
    half = errors.half_width(slopes, **options)
    given = {"points": errors.places_and_root()[0][labels["entity"]]} if options["errors"] == "conley" else {}
    for number in range(3):
        fit = two_way_fixed_effects(0.5 * x[number] + u[number], x[number], **labels, **options, **given)
        low, high = fit.interval()[0]
        assert slopes.values[number] == pytest.approx(fit.coefficients[0], abs=ALGEBRA)
        assert (2 * half[number], low) == pytest.approx(
            (high - low, slopes.values[number] - half[number]), abs=ALGEBRA
        )


def test_the_wild_bootstrap_refits_every_draw():
    x, u, labels = some_panels(1)
    signs = np.random.default_rng(8).choice((-1.0, 1.0), size=(1, 19, errors.CITIES))
    null = errors.fit_slopes(u, x)

    def t_of(y):
        fit = two_way_fixed_effects(y, x[0], **labels, errors="clustered")
        return abs(fit.coefficients[0] / fit.standard_errors[0])

    own = null.outcome[0]
    drawn = [t_of((sign[:, None] * own).ravel()) for sign in signs[0]]
    expected = (1 + sum(t >= t_of(own.ravel()) for t in drawn)) / 20
    assert errors.bootstrapped_p(null, signs)[0] == pytest.approx(expected, abs=ALGEBRA)
    assert 1 / 20 < expected < 1


def test_planted_effects_are_what_moving_x_does():
    w = next(iter(weights.candidates().values())).toarray()
    for rho, theta in weights.PLANTED.values():
        matrix = np.linalg.solve(np.eye(weights.CITIES) - rho * w, weights.BETA * np.eye(len(w)) + theta * w)
        found = weights.planted_effects(rho, theta)
        assert found["direct"] == pytest.approx(np.trace(matrix) / len(w), abs=ALGEBRA)
        assert found["total"] == pytest.approx(matrix.sum() / len(w), abs=ALGEBRA)


def test_wrong_weights_are_of_the_same_cities_and_differ():
    found = list(weights.candidates().values())
    for w in found:
        assert w.sum(axis=1) == pytest.approx(np.ones(weights.CITIES), abs=ALGEBRA)
    assert all(abs(w - found[0]).max() > 0 for w in found[1:])


def test_what_joining_does_is_planted_city_by_city():
    known = joiners.joiners_map()
    near, change = known.links.toarray() > 0, joiners.planted_change(0.5, joiners.BEYOND)
    for year in range(joiners.YEARS):
        member = {i for i in range(joiners.CITIES) if known.adoption[i] <= year}
        ring = {i for i in range(joiners.CITIES) if i not in member and set(np.flatnonzero(near[i])) & member}
        beyond = {i for i in range(joiners.CITIES) if set(np.flatnonzero(near[i])) & ring} - member - ring
        for city in range(joiners.CITIES):
            part = 1.0 if city in member else 0.5 if city in ring else 0.25 if city in beyond else 0.0
            assert change[city, year] == pytest.approx(joiners.EFFECT * part, abs=ALGEBRA)
    assert np.isfinite(known.adoption).sum() == sum(size for size, _ in joiners.CLUMPS)


def test_without_a_spillover_every_estimator_finds_the_effect(frozen):
    exact = joiners.exact_biases()
    assert (exact.loc[exact["design"] == "no spillover", "bias"].abs() < SAME).all()
    pd.testing.assert_frame_equal(exact, frozen.exact, atol=SAME)


def test_imputation_without_noise_is_by_hand(frozen):
    """City and year effects of untreated rows, by least squares on indicators, carried over to members."""
    for design, (strength, beyond) in joiners.SPILLOVERS.items():
        y = joiners.planted_change(strength, beyond).ravel()
        entity, time = np.divmod(np.arange(y.size), joiners.YEARS)
        known = joiners.joiners_map()
        member = time >= known.adoption[entity]
        effects = np.hstack([entity[:, None] == np.arange(joiners.CITIES), time[:, None] == np.arange(10)])
        ringed = np.isnan(known.adoption) & known.reached.any(axis=1)
        for kept, name in ((entity >= 0, ""), (~ringed[entity], joiners.DONUT)):
            rows = kept & ~member
            found = np.linalg.lstsq(effects[rows].astype(float), y[rows], rcond=None)[0]
            bias = (y - effects @ found)[member].mean() - joiners.EFFECT
            exact = frozen.exact.set_index(["design", "method"])["bias"]
            assert exact[design, "imputation" + name] == pytest.approx(bias, abs=SAME)


def test_pieces_do_not_change_the_answers(tmp_path, monkeypatch):
    monkeypatch.setattr(record, "PIECE", 2)
    few = record.DESIGNS[:2]
    whole = record.run_neighbours(few, draws=3)
    stopped = record.run_neighbours(few, draws=3, folder=tmp_path, seconds=-1.0)
    assert stopped.empty
    first = record.run_neighbours(few[:1], draws=3, folder=tmp_path)
    assert len(first) == len(whole) / 2
    again = record.run_neighbours(few, draws=3, folder=tmp_path)
    pd.testing.assert_frame_equal(again, whole)
    assert len(list(tmp_path.glob("*.json"))) == 4


def test_the_summary_is_counted_by_hand():
    one = {"topic": "errors", "design": "a", "method": "m", "quantity": "", "truth": 0.5}
    rows = pd.DataFrame(
        [one | {"value": v, "holds": h} for v, h in ((0.4, True), (0.8, False), (0.6, True), (None, None))]
    )
    found = record.summed_up(rows).iloc[0]
    assert found["bias"] == pytest.approx(0.1) and found["spread"] == pytest.approx(0.2)
    assert found["coverage"] == pytest.approx(2 / 3)
    assert (found["draws"], found["refused"]) == (4, 1)
    assert (found["low"], found["high"]) == wilson(2, 3)


def test_the_frozen_trial_is_of_the_declared_designs(frozen):
    assert load_frozen(record.NAME).inputs["declared designs"] == record.neighbours_declared()
    assert (frozen.table["draws"] == frozen.table["topic"].map(record.DRAWS)).all()
    assert set(frozen.table["design"]) == {design.name for design in record.DESIGNS}


@pytest.mark.parametrize("design", record.DESIGNS, ids=lambda design: design.name)
def test_a_data_set_drawn_again_gives_the_frozen_answers(frozen, design):
    live = pd.DataFrame(record.answers_of(design, [0]))
    kept = frozen.first[frozen.first["design"] == design.name]
    assert live["method"].tolist() == kept["method"].tolist()
    assert live["holds"].tolist() == kept["holds"].tolist()
    assert live["value"].to_numpy(float) == pytest.approx(kept["value"].to_numpy(float), rel=SAME, abs=SAME)


def test_errors_by_city_fail_and_right_weights_hold(frozen):
    shared = frozen.table[frozen.table["topic"] == "errors"].set_index(["design", "method"])
    most = errors.DESIGNS[-1].name
    assert shared.loc[(errors.DESIGNS[0].name, "by city"), "high"] >= 0.94
    assert shared.loc[(most, "by city"), "high"] < 0.9
    table = frozen.table.set_index(["design", "method", "quantity"])
    right, *_, dealt = weights.candidates()
    both = next(iter(weights.PLANTED))
    assert table.loc[(both, right, "indirect"), "high"] >= 0.92
    assert table.loc[(both, dealt, "indirect"), "high"] < 0.5


def test_pages_show_every_method_and_quote_every_number(frozen, monkeypatch):
    quoted = {}
    monkeypatch.setattr(quotes, "glue", lambda name, value: quoted.update({name: value}))
    shown = {"errors": tables.shared_errors, "weights": tables.other_weights}
    told = {"errors": quotes.shared_errors, "weights": quotes.other_weights}
    for topic, table in shown.items():
        html = table(frozen.table).as_raw_html().replace("&#x27;", "'")
        own = frozen.table[frozen.table["topic"] == topic]
        said = map(tables.weights_in_words, own["method"].unique())
        assert all(method in html for method in said) and "nan" not in html and "dealt" not in html
        told[topic](frozen.table)
    html = tables.exact_spilling(frozen.exact).as_raw_html().replace("&#x27;", "'")
    assert all(method in html for method in frozen.exact["method"].unique())
    quotes.spilling_accession(frozen.exact)
    quotes.origin(frozen)
    assert all(isinstance(value, str) and value and "dealt" not in value for value in quoted.values())
    with pytest.raises(ParameterError, match="0 rows of 'none'"):
        quotes.one_row(frozen.table, errors.DESIGNS[0].name, "none")
    with pytest.raises(ParameterError, match="nothing on weights"):
        tables.topic_of(frozen.table[frozen.table["topic"] == "errors"], "weights")
