"""Counts what the tests of faults try and lose.

A module of tests says its ``KIND``. Each test is one try, unless it says ``record_property("tried", n)``; a
failed test is one loss, unless it says ``record_property("lost", n)``. Where ``DIGITAL_CLUSTERS_CAMPAIGN`` is
set, the counts go to the record that the status page shows.

``DIGITAL_CLUSTERS_LONG_CAMPAIGN`` is the share of the long campaign that is run: 1 for all of it.
"""

import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digital_clusters.pipeline.runs import git_commit
from digital_clusters.pipeline.upkeep.campaign import Tried, add_to_record

REPOSITORY = Path(__file__).parents[2]
RECORDED = "DIGITAL_CLUSTERS_CAMPAIGN"
LONG = "DIGITAL_CLUSTERS_LONG_CAMPAIGN"

tried: Counter = Counter()
lost: Counter = Counter()


@pytest.fixture
def tries():
    """From the tries of a short campaign and those of a long one to how many are made now."""
    share = float(os.environ.get(LONG) or 0)
    return lambda short, long: max(short, round(share * long))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    kind = getattr(item.module, "KIND", None)
    if kind and report.when == "call" and report.outcome != "skipped":
        told = Counter()
        for name, value in report.user_properties:
            told[name] += value
        tried[kind] += told["tried"] or 1
        lost[kind] += told["lost"] or int(report.failed)
    return report


def pytest_sessionfinish():
    if os.environ.get(RECORDED) and tried:
        made = {"date": f"{datetime.now(UTC):%F}", "commit": git_commit(REPOSITORY)}
        add_to_record(REPOSITORY, [Tried(kind, tried[kind], lost[kind], **made) for kind in tried])
