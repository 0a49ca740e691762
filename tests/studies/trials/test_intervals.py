"""The trial of intervals: its runner, what it declares, and the frozen table."""

import importlib
import inspect
import pkgutil
import re
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from digital_clusters import estimators, measures
from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects
from digital_clusters.estimators.panel.leads_and_lags import lead_lag_effects
from digital_clusters.studies.catalogue import results_of
from digital_clusters.studies.trials.intervals import figures, panels, quotes, tables
from digital_clusters.studies.trials.intervals.declared import (
    DESIGNS,
    EXCUSED,
    LIVE_DESIGNS,
    described,
    frozen_trial,
    live_part,
)
from digital_clusters.studies.trials.intervals.runner import (
    LIVE,
    Check,
    TrialDesign,
    digest,
    judge,
    run_designs,
    wilson,
)

SAME = 1e-9  # relative; the same sums in another order
TIES = 0.02
"""Shares of the first hundred data sets on another processor: two of them may fall on the other side."""

NORMAL_97_5 = 1.959963984540054


def mean_of_normals(rng, *, width: float):
    """An interval of known coverage around a standard normal, and a test of known size."""
    value = rng.normal()
    return [abs(value) <= width, 0.0 if abs(value) > width else 1.0]


def known(name="known", width=NORMAL_97_5, draws=1000) -> TrialDesign:
    checks = (Check("interval", "a page", ("f",)), Check("test", "a page", ("f",), "size"))
    return TrialDesign(name, "normals", checks, partial(mean_of_normals, width=width), draws)


def test_the_runner_finds_a_coverage_that_is_known():
    table = run_designs([known(), known("short", 1.0)]).set_index(["design", "check"])
    right, short = table.loc[("known", "interval")], table.loc[("short", "interval")]
    assert right["low"] <= 0.95 <= right["high"] and right["verdict"] == "holds"
    assert short["low"] <= 0.6827 <= short["high"] and short["verdict"] == "fails"
    size = table.loc[("known", "test")]
    assert size["share"] == pytest.approx(1 - right["share"]) and size["verdict"] == "holds"
    assert table.loc[("short", "test"), "verdict"] == "fails"
    assert (table["draws"] == 1000).all() and (table["refused"] == 0).all()


def test_fewer_data_sets_are_the_first_of_all_whatever_the_processes():
    whole, part = run_designs([known()]), run_designs([known()], draws=LIVE)
    assert part["share"].tolist() == whole["first"].tolist()
    declared = [design for design in DESIGNS if design.name == "monotone curve"]
    assert run_designs(declared, draws=20, n_jobs=2).equals(run_designs(declared, draws=20))
    assert np.isnan(run_designs([known(draws=50)])["first"]).all()


def test_data_sets_that_a_method_refuses_are_counted_apart():
    def sometimes(rng):
        if rng.random() < 0.5:
            raise DataError("nothing to estimate")
        return [True]

    table = run_designs([TrialDesign("half", "coins", (Check("c", "p", ("f",)),), sometimes, 200)])
    assert 60 < table["refused"].iloc[0] < 140 and table["share"].iloc[0] == 1.0

    def never(rng):
        raise DataError("nothing to estimate")

    with pytest.raises(DataError, match="no data set has an answer"):
        run_designs([TrialDesign("none", "coins", (Check("c", "p", ("f",)),), never, 5)])


def test_what_cannot_be_run_is_refused():
    with pytest.raises(ParameterError, match="at least two are needed"):
        run_designs([known()], draws=1)
    with pytest.raises(ParameterError, match="two designs have one name"):
        run_designs([known(), known()])


def test_wilson_intervals_and_verdicts():
    low, high = wilson(8, 10)  # (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n)
    z2 = NORMAL_97_5**2
    half = NORMAL_97_5 * np.sqrt(0.16 / 10 + z2 / 400)
    assert [low, high] == pytest.approx(
        [(0.8 + z2 / 20 - half) / (1 + z2 / 10), (0.8 + z2 / 20 + half) / (1 + z2 / 10)], rel=SAME
    )
    assert judge("coverage", 0.95, 0.93, 0.91, 0.945) == "fails"
    assert judge("coverage", 0.95, 0.936, 0.92, 0.949) == "holds"  # within a point and a half
    assert judge("coverage", 0.95, 0.92, 0.88, 0.951) == "holds"
    assert judge("coverage", 0.95, 0.99, 0.98, 0.995) == "cautious"
    assert judge("size", 0.05, 0.09, 0.07, 0.11) == "fails"
    assert judge("size", 0.05, 0.01, 0.0, 0.02) == "cautious"


@pytest.mark.parametrize(
    ("fast", "errors"),
    [
        (panels.fast_fit, "clustered"),
        (partial(panels.fast_fit, errors="robust"), "robust"),
        (panels.jackknifed, "cv3"),
        (panels.kernel_fit, "driscoll_kraay"),
        (panels.two_way_clustered_fit, "two_way_clustered"),
    ],
)
@pytest.mark.parametrize("years", [10, 18])
def test_the_fast_ways_are_the_estimators_of_the_pages(fast, errors, years):
    x, y = panels.common_shocks(np.random.default_rng(3), 20, years).T
    labels = panels.keys(20, years) | {"terms": ["x"]}
    found, shown = fast(y, x, **labels), two_way_fixed_effects(y, x, **labels, errors=errors)
    assert found.coefficients == pytest.approx(shown.coefficients, rel=SAME)
    assert found.interval() == pytest.approx(shown.interval(), rel=SAME)


def test_the_fast_test_of_leads_is_that_of_the_pages():
    d, y = panels.persistent(np.random.default_rng(3), 20, 8, 2).T
    shown = lead_lag_effects(y, d, **panels.keys(20, 8), leads=2, lags=1, name="d").leads_test
    assert panels.leads_test(y, d, **panels.keys(20, 8)).p_value == pytest.approx(shown.p_value, rel=SAME)


def _public_functions(room) -> set[str]:
    found = set()
    for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
        loaded = importlib.import_module(module.name)
        for name, function in inspect.getmembers(loaded, inspect.isfunction):
            if function.__module__ == loaded.__name__ and not name.startswith("_"):
                found.add(f"{loaded.__name__.removeprefix(room.__name__ + '.')}.{name}")
    return found


def _helpers() -> set[str]:
    """Functions that estimate nothing, as the table of units and orders lists them."""
    source = (Path(__file__).parents[2] / "estimators" / "test_invariance.py").read_text(encoding="utf-8")
    return set(re.search(r'HELPERS = """(.*?)"""', source, re.DOTALL).group(1).split())


def test_every_interval_and_test_is_tried_or_excused():
    tried = {name for design in DESIGNS for check in design.checks for name in check.functions}
    public = _public_functions(estimators)
    assert public - tried - set(EXCUSED) - _helpers() == set(), "name these in a design, or excuse them"
    assert tried - public - _public_functions(measures) == set(), "these are gone"
    assert set(EXCUSED) <= public and not set(EXCUSED) & tried and all(EXCUSED.values())


def test_the_frozen_table_is_of_the_declared_designs():
    frozen = frozen_trial()
    assert frozen.digest == digest(DESIGNS), "make it again: digital-clusters freeze intervals"
    declared = [(d.name, c.name, d.draws, c.promise) for d in DESIGNS for c in d.checks]
    columns = ["design", "check", "draws", "promise"]
    assert list(frozen.table[columns].itertuples(index=False, name=None)) == declared
    assert re.fullmatch("[0-9a-f]{12}", frozen.commit) and frozen.date, "made beside uncommitted code"


def test_frozen_verdicts_follow_from_the_frozen_shares():
    for row in frozen_trial().table.itertuples():
        answered = row.draws - row.refused
        assert [row.low, row.high] == pytest.approx(wilson(round(row.share * answered), answered), rel=SAME)
        assert row.verdict == judge(row.promise, row.nominal, row.share, row.low, row.high)


@pytest.mark.slow
def test_the_first_data_sets_come_out_again():
    frozen = frozen_trial().table.set_index(["design", "check"])
    live = live_part(draws=LIVE).set_index(["design", "check"])
    assert {design for design, _ in live.index} == set(LIVE_DESIGNS)
    gap = (live["share"] - frozen.loc[live.index, "first"].astype(float)).abs()
    assert gap.max() <= TIES


def test_every_failing_row_of_a_chapter_says_what_to_use_instead():
    found = described(quotes.of_chapters(frozen_trial().table))
    assert found.loc[(found["verdict"] == "fails") & (found["instead"] == ""), ["design", "check"]].empty


def test_rows_of_a_chapter_name_a_chapter():
    """What only the package offers was once counted among what a chapter shows."""
    found = described(quotes.of_chapters(frozen_trial().table))
    chapter = re.compile("empirical chapter|agglomeration|upgrading|pre-trends")
    assert found["shown"].map(lambda shown: bool(chapter.search(shown))).all()


def test_a_table_of_other_designs_is_refused():
    table = frozen_trial().table
    with pytest.raises(DataError, match="1 rows are of no declared design, such as another / Wald F"):
        described(table.iloc[[0]].assign(design="another", check="Wald F"))


def test_page_shows_table_figures_and_sentences(monkeypatch):
    frozen = frozen_trial()
    page = tables.trial(frozen.table).as_raw_html()
    assert page.count("holds the truth in 95 %") == (frozen.table["promise"] == "coverage").sum()
    for promise in ("coverage", "size"):
        figure = figures.shares(frozen.table, promise=promise)
        assert len(figure.axes[0].get_yticklabels()) == (frozen.table["promise"] == promise).sum()
    with pytest.raises(ParameterError, match="no check of size"):
        figures.shares(frozen.table[frozen.table["promise"] == "coverage"], promise="size")
    quoted = {}
    monkeypatch.setattr(quotes, "glue", lambda name, value, fmt="": quoted.update({name: value}))
    quotes.trial(frozen)
    kept = quoted["intervals-holds"] + quoted["intervals-fails"] + quoted["intervals-cautious"]
    assert kept == quoted["intervals-rows"] <= len(frozen.table)
    assert "Wald χ²" in quoted["intervals-size-failing"]
    assert set(quotes.REMEDIES) <= set(frozen.table["check"])
    assert "Driscoll–Kraay, fixed-b (" in quoted["intervals-remedies-failing"]


def test_the_part_drawn_again_stands_beside_the_frozen_one():
    rows = [{"design": "d", "check": "c", "share": 0.91}]
    page = tables.again(pd.DataFrame(rows), pd.DataFrame([rows[0] | {"first": 0.92, "share": 0.95}]))
    text = page.as_raw_html()
    assert text.index("91.0") < text.index("92.0") < text.index("95.0")


def test_a_record_that_nobody_freezes_is_refused():
    with pytest.raises(ParameterError, match="choose from .*intervals"):
        results_of("nothing")
