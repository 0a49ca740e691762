"""Which cities a printed table allows, on a panel whose sample is known."""

import itertools

import numpy as np
import pandas as pd
import pytest

from digital_clusters.analysis.published import PrintedMoments, load_published
from digital_clusters.errors import DataError
from digital_clusters.measures.panel import Panel
from digital_clusters.sources.tables import RawTables
from digital_clusters.studies.industrial_upgrading.public_sample import (
    HALF_DIGIT,
    MATCHED,
    fitting_samples,
    light_movements,
    overlap,
    sample_bounds,
)
from digital_clusters.studies.industrial_upgrading.replication import load_panel

CITIES, CHOSEN = 40, 30


@pytest.fixture
def panel():
    rng = np.random.default_rng(2)
    keys = pd.DataFrame(list(itertools.product(range(CITIES), range(2011, 2015))), columns=["city", "year"])
    levels = rng.normal(10, 2, size=(CITIES, len(MATCHED)))
    values = levels[keys["city"]] + rng.normal(0, 0.1, size=(len(keys), len(MATCHED)))
    named = keys.assign(name="city " + keys["city"].astype(str))
    return Panel.of(named.join(pd.DataFrame(values, columns=list(MATCHED))))


def printed(frame):
    """The paper with the moments of a sample in place of its own."""
    rows = tuple(
        PrintedMoments(
            variable=name,
            printed_as=name,
            n=len(frame),
            mean=f"{frame[name].mean():.3f}",
            sd=f"{frame[name].std():.3f}",
            min=f"{frame[name].min():.3f}",
            max=f"{frame[name].max():.3f}",
            section="3",
            page=None,
        )
        for name in MATCHED
    )
    return load_published("industrial_upgrading").model_copy(update={"table1": rows, "cities": CHOSEN})


@pytest.fixture
def sample(panel):
    means = panel.frame.groupby("city")[list(MATCHED)].mean()
    extreme = {means["students"].idxmax(), means["uil"].idxmin()}
    others = np.random.default_rng(0).permutation(sorted(set(range(CITIES)) - extreme))
    return panel.frame[panel.frame["city"].isin(others[:CHOSEN])]


def test_extremes_shut_out_and_force_in_without_touching_the_true_sample(panel, sample):
    bounds = sample_bounds(panel, printed(sample))
    inside = set(sample["city"])
    assert bounds["candidates"] == CITIES
    assert bounds["excluded"] and not set(bounds["excluded"]) & inside
    assert bounds["certain"] and set(bounds["certain"]) <= inside


def test_samples_that_fit_hold_what_is_certain_and_are_nearer_than_chance(panel, sample):
    paper = printed(sample)
    bounds = sample_bounds(panel, paper)
    found = fitting_samples(panel, paper, samples=3, seed=4)
    assert found == fitting_samples(panel, paper, samples=3, seed=4)
    for cities, distance in found:
        assert len(set(cities)) == CHOSEN
        assert set(bounds["certain"]) <= set(cities) and not set(bounds["excluded"]) & set(cities)
        rows = panel.frame[panel.frame["city"].isin(cities)]
        goal = {row.variable: (float(row.mean), float(row.sd)) for row in paper.table1}
        gaps = [((rows[n].mean() - m) / s) ** 2 + (rows[n].std() / s - 1) ** 2 for n, (m, s) in goal.items()]
        assert distance == pytest.approx(sum(gaps))
        assert distance < 0.05


@pytest.mark.slow
def test_what_the_page_says_of_structure_and_education_is_so_in_public_files(mirror):
    paper, frame = load_published("industrial_upgrading"), load_panel("public").frame
    printed = {row.variable: row for row in paper.table1}
    least = float(printed["uil"].min)
    (holder,) = frame.loc[(frame["uil"] - least).abs() <= HALF_DIGIT, ["name", "year"]].to_numpy().tolist()
    assert holder == ["Shuangyashan", 2011]
    after = frame.loc[(frame["name"] == holder[0]) & (frame["year"] == 2012), "uil"].item()
    assert after < least - HALF_DIGIT
    bounds = sample_bounds(Panel.of(frame), paper)
    excluded, certain = (np.array(list(map(int, bounds[kind]))) for kind in ("excluded", "certain"))
    goal = float(printed["education"].mean) + HALF_DIGIT
    above = (frame["education"] - goal).groupby(frame["city"]).sum().drop(excluded)  # > 0: lifts the mean
    lowest = above.drop(certain).nsmallest(paper.cities - len(certain))
    assert above[certain].sum() + lowest.sum() > 0


def test_a_paper_larger_than_the_country_is_refused(panel, sample):
    paper = printed(sample).model_copy(update={"cities": CITIES})
    with pytest.raises(DataError, match="40 are asked for"):
        fitting_samples(panel, paper)


def test_movement_is_the_mean_absolute_change_by_series():
    keys = {"city": [1, 1, 2, 2], "year": [2013, 2014] * 2}
    city_year = pd.DataFrame({**keys, "lights_gini": [0.5, 0.6, 0.4, 0.2]})
    lights = pd.DataFrame(
        {
            "city": [1, 1, 1, 1],
            "year": [2013, 2013, 2014, 2014],
            "unit": [1, 2] * 2,
            "radiance": [1.0, 1.0, 0.0, 1.0],
        }
    )
    tables = RawTables("public", {"city_year": lambda: city_year, "lights": lambda: lights})
    found = light_movements(tables).set_index(["series", "year"])["movement"]
    assert found["ready made, weighted by population", 2014] == pytest.approx(0.15)
    assert found["Eq. (1) over counties", 2014] == pytest.approx(0.5)


def test_overlap_is_the_share_in_common():
    assert overlap([[1, 2], [2, 3], [1, 2]]) == pytest.approx((0.5 + 1 + 0.5) / 3)
