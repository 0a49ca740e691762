"""The panel of the two studies of agglomeration: what is in it, what is missing and why."""

from typing import get_args

import numpy as np
import pandas as pd
import pytest

from digital_clusters.measures.city_panel import build_city_panel
from digital_clusters.measures.indicators.virtual_agglomeration import Definition
from digital_clusters.measures.recipes import VIRTUAL, telephone_shift
from digital_clusters.sources import open_source
from digital_clusters.sources.tables import RawTables
from digital_clusters.sources.twin.country import TwinCountry
from digital_clusters.sources.twin.truth import project_truth

# Standardised values of a few hundred cities in float64.
ROUNDING = 1e-9
# Log size of a wedge measured from capital, against the planted one: where investment would be negative the
# stock is larger than intended, in about one city-year in a hundred.
WEDGES = 0.999


@pytest.fixture(scope="module")
def twin():
    return open_source("twin")


@pytest.fixture(scope="module")
def panel(twin):
    return build_city_panel(twin)


def test_every_city_has_every_year_once(panel):
    assert panel.is_balanced
    assert not panel.frame.duplicated(["city", "year"]).any()
    assert (panel.n_cities, panel.years) == (290, (2003, 2021))


def test_standardised_columns_are_standardised_within_the_year(panel):
    for column in (*VIRTUAL, "digital_infrastructure", "geographic", "digital_finance", "fusion"):
        by_year = panel.frame.groupby("year")[column]
        known = by_year.count() > 0
        np.testing.assert_allclose(by_year.mean()[known], 0, atol=ROUNDING)
        np.testing.assert_allclose(by_year.std(ddof=0)[known], 1, atol=ROUNDING)


def test_the_twins_own_variables_are_measured_again(panel):
    country = TwinCountry(project_truth(), project_truth().seed)
    frame, years = panel.frame, country.truth.country.years
    sizes = np.mean([np.log(np.abs(wedge)) for wedge in country.wedges.values()], axis=0)
    assert np.corrcoef(frame["misallocation"], sizes.ravel())[0, 1] > WEDGES
    from_2008 = frame["year"] >= 2008
    np.testing.assert_allclose(
        frame.loc[from_2008, "virtual"], country.density[:, years >= 2008].ravel(), atol=ROUNDING
    )
    np.testing.assert_allclose(10 * frame["internet"], country.internet.ravel(), atol=ROUNDING)


def test_resilience_is_growth_relative_to_the_countrys(panel, twin):
    raw = twin.table("city_year").pivot(index="city", columns="year", values="gdp_real")
    own = raw[2012] / raw[2011] - 1
    country = raw[2012].sum() / raw[2011].sum() - 1
    found = panel.frame.query("year == 2012").set_index("city")["resilience"]
    np.testing.assert_allclose(found, (own - country) / country, atol=ROUNDING)


def test_every_definition_of_virtual_agglomeration_has_its_column():
    assert set(VIRTUAL.values()) == set(get_args(Definition))


def test_without_years_of_accession_nobody_is_a_member_and_the_panel_says_why(twin):
    loaders = {name: lambda name=name: twin.table(name) for name in twin.loaders}
    loaders["cities"] = lambda: twin.table("cities").drop(columns="delta_council_year")
    missing = dict(twin.missing) | {"cities.delta_council_year": "no list of members"}
    made = build_city_panel(RawTables("folder", loaders, missing))
    for column in ("delta_member", "years_as_member", "delta_council_year"):
        assert column not in made.frame and made.missing[column] == "no list of members"
    assert "resilience" in made.frame


def test_storefront_density_is_zero_before_the_platform_and_virtual_has_no_value(panel):
    before = panel.frame["year"] < 2008
    assert (panel.frame.loc[before, "storefront_density"] == 0).all()
    assert panel.frame.loc[before, "virtual"].isna().all()
    after = panel.frame.loc[~before]
    pd.testing.assert_series_equal(after["virtual"], after["storefront_density"], check_names=False)


def test_the_neighbours_lead_is_a_year_old_and_sums_to_nothing(panel):
    lead = panel.frame.groupby("year")["neighbours_lead"]
    assert lead.count()[2003] == 0 and (lead.count().loc[2004:] == 290).all()
    np.testing.assert_allclose(lead.mean().loc[2004:], 0, atol=ROUNDING)


def test_membership_and_its_years(panel):
    frame = panel.frame
    joined = frame["delta_council_year"].to_numpy()
    member = frame["year"].to_numpy() >= np.where(np.isnan(joined), np.inf, joined)
    assert (frame["delta_member"] == member).all()
    assert (frame.loc[~member, "years_as_member"] == 0).all()
    expected = frame["year"].to_numpy()[member] - joined[member]
    np.testing.assert_array_equal(frame.loc[member, "years_as_member"], expected)


def _without(tables: RawTables, column: str, reason: str) -> RawTables:
    loaders = {name: lambda name=name: tables.table(name) for name in tables.loaders}
    loaders["city_year"] = lambda: tables.table("city_year").drop(columns=column)
    return RawTables("twin", loaders, dict(tables.missing) | {f"city_year.{column}": reason})


def test_a_column_the_source_lacks_takes_what_is_made_of_it_along_and_says_why(twin):
    short = build_city_panel(_without(twin, "internet_users", "nobody counted them"))
    for column in ("internet", "digital_infrastructure", "telephone_shift"):
        assert column not in short.frame
        assert "nobody counted them" in short.missing[column]
    assert "internet" in short.missing["fusion"]
    assert "resilience" in short.frame


def test_without_a_capital_stock_it_is_accumulated_and_called_a_proxy(twin, panel):
    made = build_city_panel(_without(twin, "capital_stock", "not published"))
    assert "perpetual inventory" in made.proxies["misallocation"]
    both = panel.frame.merge(made.frame, on=["city", "year"]).query("year >= 2015")
    both = both[["misallocation_x", "misallocation_y"]].dropna()
    # twelve years after the first stock, 0.904^12 = 30 % of its error is left
    assert len(both) > 1500 and both.corr().iloc[0, 1] > 0.9


def test_public_data_give_resilience_of_280_cities_and_say_what_is_a_proxy(mirror):
    public = build_city_panel(open_source("public", mirror=mirror))
    known = public.frame.dropna(subset="resilience")
    per_year = known.groupby("year")["city"].nunique()
    assert per_year.min() >= 280 and (per_year.index.min(), per_year.index.max()) == (2001, 2023)
    assert set(public.proxies) >= {"coagglomeration", "misallocation", "taobao_villages"}
    assert "virtual" in public.missing and "telephone_shift" in public.missing
    assert known.loc[known["misallocation"].notna(), "year"].max() == 2016


def test_users_per_head_elsewhere_are_of_cities_where_both_are_known():
    cities = pd.DataFrame({"city": [1, 2, 3, 4], "telephones_1984": np.e})
    rows = pd.DataFrame({"city": [1, 2, 3, 4], "year": 2015, "population": [10.0, 20, 30, 40]})
    rows["internet_users"] = [2.0, 4.0, 6.0, np.nan]
    tables = RawTables("folder", {"cities": lambda: cities, "city_year": lambda: rows})
    made = telephone_shift(tables, rows).set_index("city")["telephone_shift"]
    # in the city whose own users are not known, those elsewhere are
    assert made.to_numpy() == pytest.approx(0.2, rel=ROUNDING)
