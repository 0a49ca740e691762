"""What is said of Dask workers follows from the times of the record."""

import pytest

from digital_clusters.studies.trials import scaling

FACTS = {
    "multiverse": "virtual_agglomeration",
    "points": 6400,
    "part": 64,
    "runs": 3,
    "rows": [
        {"workers": 0, "seconds": 10.0},
        {"workers": 1, "seconds": 12.0},
        {"workers": 2, "seconds": 6.25},
    ],
    "empty_task": 0.001,
    "panels_mib": 2.5,
    "part_kib": 40.0,
    "cores": 2,
}


def test_rates_and_ratios_are_those_of_the_times():
    html = scaling.scaling_table(FACTS).as_raw_html()
    for cell in ("one process, no Dask", "Dask, 1 worker<", "Dask, 2 workers", "6.2", "1,024", "1.60"):
        assert cell in html


@pytest.mark.parametrize(
    ("empty", "words"),
    # a part takes 100 ms: ten million specifications are 15.6 s on a thousand cores
    [
        (0.00005, ("about 2,000 workers", "16 s of estimation", "8 s of handing out; estimation sets")),
        (0.001, ("about 100 workers", "156,250 parts", "156 s of handing out; the scheduler sets")),
    ],
)
def test_what_sets_the_time_is_the_slower_of_two(empty, words):
    said = scaling.limit_sentence(FACTS | {"empty_task": empty})
    assert all(each in said for each in words)


def test_the_frozen_record_says_what_it_was_made_of():
    facts = scaling.frozen_scaling()
    assert [row["workers"] for row in facts["rows"]] == [0, 1, 2, 4]
    assert facts["points"] >= 1000 and facts["empty_task"] > 0
    assert "travel to each worker once" in scaling.shared_sentence(facts)
