import itertools

import numpy as np
import pandas as pd
import pytest

from digital_clusters.analysis.fit import fit
from digital_clusters.analysis.frozen import freeze, load_frozen
from digital_clusters.analysis.multiverse.declared import read_multiverse
from digital_clusters.analysis.multiverse.explored import explore, from_facts, to_facts
from digital_clusters.analysis.multiverse.points import plan_points
from digital_clusters.analysis.multiverse.summary import POWER_FACTOR, sum_up, what_moves
from digital_clusters.errors import ParameterError
from digital_clusters.measures.panel import Panel

DECLARED = """\
study: toy
base: {method: two_way_fixed_effects, treatment: x, first_year: 2010, last_year: 2015, errors: clustered}
claims:
  up: {statement: y rises with x, term: x, sign: 1}
  less late: {statement: less so later, term: "x:late", sign: -1, change: {moderator: late}}
axes:
  series:
    splits: true
    options:
      level: {outcome: y}
      tenfold: {outcome: y10}
  controls:
    options:
      none: {}
      one: {controls: [z]}
      same as one: {controls: [z]}
  years:
    options:
      all: {}
      from 2012: {first_year: 2012}
  errors:
    options:
      by city: {}
      Driscoll–Kraay: {errors: driscoll_kraay}
constraints:
  - choose: {errors: [Driscoll–Kraay]}
    not_with: {years: [from 2012]}
    why: four years are too few
  - choose: {controls: [none]}
    only_if: {claim: [up]}
    why: the moderated claim needs the control
"""

PRINTED_DIGITS = 1e-5
"""Relative: what is frozen has six significant digits."""


@pytest.fixture
def panel():
    rng = np.random.default_rng(3)
    keys = pd.DataFrame(list(itertools.product(range(30), range(2010, 2016))), columns=["city", "year"])
    x, z = rng.normal(size=(2, len(keys)))
    y = 0.5 * x + 0.3 * z + rng.normal(size=len(keys)) + keys["city"]
    late = rng.normal(size=len(keys)) + keys["year"] / 10
    return Panel.of(keys.assign(x=x, z=z, y=y, y10=10 * y, late=late))


@pytest.fixture
def declare(tmp_path):
    def write(text=DECLARED):
        path = tmp_path / "toy.yml"
        path.write_text(text, encoding="utf-8")
        return read_multiverse(path)

    return write


def test_the_product_less_what_constraints_rule_out_less_what_is_said_twice(declare):
    declared = declare()
    plan = plan_points(declared)
    assert declared.size == 2 * 2 * 3 * 2 * 2
    assert plan.ruled_out == {"four years are too few": 12, "the moderated claim needs the control": 6}
    # of the 30 left, "same as one" repeats "one": 6 for each claim
    assert plan.repeated == 12
    assert len(plan.points) == declared.size - 18 - 12
    assert len({(point.choices["claim"], point.spec) for point in plan.points}) == len(plan.points)


def test_every_point_is_the_estimate_of_its_specification(declare, panel):
    declared = declare()
    found = explore(declared, {"public": panel}, draws=9)
    plan = plan_points(declared)
    assert len(found.table) == len(plan.points)
    for row, point in zip(found.table.itertuples(), plan.points, strict=True):
        number = fit(point.spec, panel).term(declared.claims[row.claim].term)
        assert (row.value, row.error, row.p_value, row.n) == (
            number.value,
            number.error,
            number.p_value,
            number.n,
        )


def test_units_of_another_scale_have_their_own_summary(declare, panel):
    declared = declare()
    table = explore(declared, {"public": panel}, draws=9).table
    summary = sum_up(declared, table).set_index(["claim", "series"])
    assert len(summary) == 4
    assert summary.loc[("up", "tenfold"), "median"] == pytest.approx(
        10 * summary.loc[("up", "level"), "median"]
    )
    here = table[(table["claim"] == "up") & (table["series"] == "level")]
    row = summary.loc[("up", "level")]
    assert row["n_specs"] == len(here)
    assert row["share_sign"] == (here["value"] > 0).mean()
    assert row["share_clear"] == ((here["value"] > 0) & (here["p_value"] < 0.05)).mean()
    assert row["detectable"] == pytest.approx(POWER_FACTOR * here["error"].median())


def test_the_choice_that_moves_an_estimate_is_named_with_its_size(declare):
    table = pd.DataFrame(
        [
            ("up", "level", controls, years, "by city", 1.0 * (controls == "one") + 0.1 * (years == "all"))
            for controls in ("none", "one")
            for years in ("all", "from 2012")
        ],
        columns=["claim", "series", "controls", "years", "errors", "value"],
    ).assign(error=1.0, p_value=0.5, n=10, problem="")
    moves = what_moves(declare(), table).set_index("choice")
    assert moves.index.tolist() == ["controls", "years"]
    assert moves.loc["controls", "spread"] == pytest.approx(1.0)
    assert (moves.loc["controls", "lowest"], moves.loc["controls", "highest"]) == ("none", "one")
    # a complete product of additive choices: the shares are those of an analysis of variance, and add to one
    assert moves["share"].sum() == pytest.approx(1.0)
    assert moves.loc["controls", "share"] == pytest.approx(1 / 1.01)


def test_a_point_that_cannot_be_estimated_is_a_row_with_its_reason(declare, panel):
    text = DECLARED.replace("one: {controls: [z]}\n", "one: {controls: [nowhere]}\n", 1)
    found = explore(declare(text), {"public": panel}, draws=9)
    failed = found.table[found.table["problem"] != ""]
    assert len(failed) and failed["problem"].str.contains("nowhere").all() and failed["value"].isna().all()
    assert found.summary()["n_specs"].sum() == len(found.table) - len(failed)


def test_options_may_name_a_panel(declare, panel):
    text = DECLARED.replace("tenfold: {outcome: y10}", "tenfold: {outcome: y, panel: other}")
    declared = declare(text)
    with pytest.raises(ParameterError, match="no panel other; there are: public"):
        explore(declared, {"public": panel})
    other = Panel.of(panel.frame.assign(y=panel.frame["y10"]))
    summary = explore(declared, {"public": panel, "other": other}, draws=9).summary()
    by_series = summary.set_index(["claim", "series"])["median"]
    assert by_series["up", "tenfold"] == pytest.approx(10 * by_series["up", "level"])


def test_what_is_frozen_is_what_was_found(declare, panel, tmp_path):
    found = explore(declare(), {"public": panel}, draws=9)
    freeze("toy.multiverse", {}, {"file": "0" * 64}, commit="c", facts=to_facts(found), folder=tmp_path)
    again = from_facts(load_frozen("toy.multiverse", tmp_path).facts)
    assert again.declared == found.declared
    assert again.ruled_out == found.ruled_out and again.repeated == found.repeated
    pd.testing.assert_frame_equal(again.table, found.table, rtol=PRINTED_DIGITS, check_dtype=False)
    pd.testing.assert_frame_equal(again.joint, found.joint, rtol=PRINTED_DIGITS, check_dtype=False)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("study: toy", "study: toy\nclaim: no", r"line 2, key 'claim'"),
        (
            "{outcome: y10}",
            "{outcom: y10}",
            r"line 11, key 'axes.series.options.tenfold.outcom': unknown field",
        ),
        ("only_if: {claim", "only_if: {claims", r"line 30.*no such axis.*; there are: claim, series"),
        (
            "[from 2012]}\n    why",
            "[from 2013]}\n    why",
            r"line 27.*no option 'from 2013' \(did you mean 'from 2012'\?\); there are: all, from",
        ),
        ("    not_with: {years: [from 2012]}\n", "", r"line 26.*either 'only_if' or 'not_with'"),
        ("sign: 1}", "sign: 2}", r"line 4.*'claims.up.sign'"),
    ],
)
def test_a_wrong_declaration_is_answered_with_its_line(declare, old, new, message):
    assert old in DECLARED
    with pytest.raises(ParameterError, match=message):
        declare(DECLARED.replace(old, new, 1))


def test_a_combination_that_is_no_specification_names_its_options(declare):
    text = DECLARED.replace("from 2012: {first_year: 2012}", "from 2012: {first_year: 2020}")
    with pytest.raises(ParameterError, match="years 'from 2012'.*after last_year"):
        plan_points(declare(text))


def test_too_many_combinations_are_refused(declare):
    many = "\n".join(f"      f{k}: {{seed: {k}}}" for k in range(1000))
    # 24,048 less 4,008 of the moderated claim without its control, less 12 of few years, of which 2 are both
    with pytest.raises(ParameterError, match="20,030 combinations; at most 20,000"):
        declare(DECLARED.replace("      all: {}\n", f"{many}\n      all: {{}}\n"))


def test_learning_is_shared_by_rules_of_errors_and_changes_no_number(declare, panel):
    learnt = "{method: double_machine_learning, learner: linear, fixed_effects: within, fold_unit: clusters}"
    text = DECLARED.replace("      same as one: {controls: [z]}\n", "")
    text = text.replace("Driscoll–Kraay: {errors: driscoll_kraay}", "by row: {errors: robust}")
    text = text.replace("[Driscoll–Kraay]", "[by row]").replace("all: {}", f"all: {learnt}")
    declared = declare(text)
    table = explore(declared, {"public": panel}, draws=9).table
    for row, point in zip(table.itertuples(), plan_points(declared).points, strict=True):
        number = fit(point.spec, panel).term(declared.claims[row.claim].term)
        assert (row.value, row.error) == pytest.approx((number.value, number.error), rel=1e-12)
