"""The table of speed: what counts as met, and what the page says of it."""

from dataclasses import replace

import pytest

from digital_clusters.analysis.frozen import Frozen, load_frozen
from digital_clusters.studies.trials import tables
from digital_clusters.studies.trials.speed import (
    NAME,
    TIES,
    Race,
    Timed,
    frozen_races,
    machine_sentence,
    obstacle_lines,
    ties_sentence,
    verdict_sentence,
)

OWN = Timed("this package", "1", cpu=0.5, wall=2.0, peak=2048, pieces=100, is_equal=True)
SLOW = Timed("slow", "2", cpu=8.0, pieces=10, is_equal=True)
WRONG = Timed("wrong", "3", cpu=0.001, pieces=10)
ABSENT = Timed("absent", "none", missing="absent")


def race(*ways, factor=100.0, **limits):
    return Race("Gini of lights", "tables", factor, limits, ways)


def test_the_fastest_rival_has_the_same_result_and_was_there():
    run = race(OWN, SLOW, WRONG, ABSENT)
    assert run.fastest is SLOW
    assert run.ratio == pytest.approx((8 / 10) / (0.5 / 100))


@pytest.mark.parametrize(
    ("run", "met"),
    [
        (race(OWN, SLOW), True),
        (race(OWN, SLOW, factor=200.0), False),
        (race(OWN, WRONG, ABSENT), None),
        (race(OWN, ABSENT, seconds=1), False),
        (race(OWN, SLOW, a_cpu_second=200, a_second=50, seconds=3, gib=3), True),
        (race(OWN, SLOW, a_cpu_second=201), False),
        (race(OWN, SLOW, a_second=51), False),
        (race(OWN, SLOW, gib=2), False),
        (race(OWN, factor=None, gib=3), True),
        (race(replace(OWN, others=1), factor=None, others=0), False),
        (race(replace(OWN, others=1), factor=None, others=1), True),
    ],
)
def test_a_path_is_met_if_every_target_is(run, met):
    assert run.is_met is met


def test_sentences_count_and_name_what_is_missed():
    runs = [race(OWN, SLOW), replace(race(OWN, SLOW, factor=1e6), path="Gini slow"), race(OWN, ABSENT)]
    said = verdict_sentence(runs)
    assert said.startswith("1 of 3 paths meet every target; not met: Gini slow; without a rival")
    assert said.endswith("All results agree.")
    assert "Other results than this package's: wrong." in verdict_sentence([race(OWN, WRONG)])
    assert "; not measured in this run: other." in verdict_sentence(runs, [runs[0].path, "other"])
    assert obstacle_lines(runs).startswith("* *Gini slow*: asked are 8e-05 CPU seconds, it takes 0.5; pandas")
    assert obstacle_lines(runs[:1]).startswith("Nothing:")


def test_an_obstacle_tells_what_is_asked_and_which_part_of_the_time_is_which():
    slow = replace(race(OWN, SLOW, factor=1e3), floor=("one sort", 0.4))
    said = "asked are 0.08 CPU seconds, it takes 0.5; one sort alone takes 0.4; pandas"
    assert slow.obstacle.startswith(said)
    assert replace(slow, factor=2.0).obstacle == ""
    parts = {"count": 2, "pages": 90.0, "cells": 80.0, "html": 30.0, "longest": {"study/page": 70.0}}
    book = Race("whole book, cold", "books", None, {"seconds": 1}, (OWN,), parts=parts)
    assert "2 pages take 90 seconds, of which their cells 80 (the longest: study/page 70)" in book.obstacle
    alone = replace(book, parts=parts | {"count": 1}, ways=(replace(OWN, wall=237.4),))
    assert "under 1 s, measured: 237 s; one page takes 90 seconds" in alone.obstacle


def test_an_obstacle_tells_by_how_much_results_differ():
    path = "one column by double machine learning"
    way = replace(WRONG, gap=0.06)
    other = Race(path, "columns", 12.0, {}, (OWN, way), agrees=0.05, why="in standard errors")
    said = (
        "other results are found: wrong by 0.06, where 0.05 counts as equal (in standard errors); both grow"
    )
    assert other.is_met is None and other.obstacle.startswith(said)
    assert replace(other, ways=(OWN, SLOW), factor=2.0).obstacle == ""


def test_ties_are_told_with_their_means_and_what_a_single_run_moves_by():
    measured = {"draws": 4, "orders": 12, "states": 6, "own": 0.05, "rival": 0.04}
    measured |= {"difference": 0.0154, "error": 0.012, "first": -0.03}
    said = ties_sentence(measured)
    for words in (
        "by 0.05 standard errors",
        "differ by +0.015 standard",
        "error of 0.012",
        "lies −0.030 from",
    ):
        assert words in said


def test_the_means_over_ties_are_the_same_estimate():
    found = load_frozen(TIES).facts
    assert abs(found["difference"]) <= 0.05, "what counts as the same estimate"
    assert found["draws"] >= 4 and found["orders"] >= 12 and found["states"] >= 6


def test_every_path_of_the_record_that_misses_a_target_or_a_result_says_why():
    open_ones = [
        run for run in frozen_races() if run.is_met is not True and not any(w.missing for w in run.ways)
    ]
    assert [run.path for run in open_ones if not run.obstacle] == []


def test_a_row_says_what_was_not_run():
    html = tables.speed([race(OWN, SLOW, WRONG, ABSENT)]).as_raw_html()
    for words in ("not run: there is no absent", "another result", "160×", ">met<"):
        assert words in html


def test_a_build_that_takes_minutes_is_not_told_as_none_a_second():
    html = tables.speed([race(replace(OWN, cpu=400.0, pieces=1))]).as_raw_html()
    assert ">0.003<" in html and ">0.0<" not in html


def test_the_machine_is_described():
    machine = {"system": "Linux", "cores": 2, "gib": 8.0, "python": "3.11", "load": 0.1, "load_at_end": 1.5}
    said = machine_sentence(Frozen("benchmarks", {}, {}, "abc", "2026-01-02T03", facts={"machine": machine}))
    assert "2026-01-02 at commit abc on Linux with 2 cores, 8 GiB and Python 3.11" in said


def test_the_frozen_record_compares_results_of_every_path():
    record, runs = load_frozen(NAME), frozen_races()
    assert {run.path for run in runs} <= set(record.facts["planned"])
    assert len({run.path for run in runs}) == len(runs) > 0
    assert all(run.own.is_equal and run.own.cpu > 0 for run in runs)
    rivals = {way.name for run in runs for way in run.ways[1:]}
    assert {"pyfixest feols", "linearmodels PanelOLS", "spreg ML_LagFE", "phack", "robustipy"} <= rivals
