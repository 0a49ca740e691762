"""The synthetic twin: identities, moments, keys, randomness, planted structure."""

import numpy as np
import pandas as pd
import pytest

from digital_clusters.analysis.published import load_published
from digital_clusters.errors import DataError, ParameterError
from digital_clusters.sources.schema import check_cities, validate
from digital_clusters.sources.twin import TABLES, open_twin
from digital_clusters.sources.twin.country import TwinCountry, country_of
from digital_clusters.sources.twin.economy import DEPRECIATION, Sample
from digital_clusters.sources.twin.outcome import causal_part
from digital_clusters.sources.twin.truth import (
    hash_of_truth,
    marginal_effect,
    named_truth,
    project_truth,
    read_truth,
    true_effects,
    truth_file,
)
from digital_clusters.studies.industrial_upgrading.panel import build_panel

# Promised in the design: printed means and s.d. within half a per cent, extremes within one.
MEAN_AND_SD, EXTREMES = 0.005, 0.01
# Accounting identities hold to rounding of float64 sums.
IDENTITY = 1e-9
# Townships are bisected to 1e-14 in dispersion; the Gini of up to 320 units adds rounding.
GINI = 1e-9
# Central differences of step 1e-5 in UIL have an error of order 1e-10 relative to effects of order 0.1.
DERIVATIVE = 1e-7
OTHER_SEED = 11


@pytest.fixture(scope="module")
def twin():
    return open_twin()


@pytest.fixture(scope="module")
def panel(twin):
    return build_panel(twin)


@pytest.fixture(scope="module", params=[None, OTHER_SEED], ids=["own seed", "another seed"])
def city_year(request, twin):
    tables = twin if request.param is None else open_twin(request.param)
    return tables.table("city_year")


@pytest.mark.parametrize("name", TABLES)
def test_tables_keep_to_the_schema(twin, name):
    table = twin.table(name)
    validate(table, name, "twin")
    check_cities(table, twin.table("cities"), name, "twin")


def test_sizes_of_the_country(twin):
    cities, lights, shops = (twin.table(name) for name in ("cities", "lights", "storefronts"))
    assert len(cities) == 290
    assert cities["is_municipality"].sum() == 4
    assert cities["is_provincial_capital"].sum() == cities["province"].nunique() - 4 == 26
    assert (
        twin.table("city_year")
        .groupby("city")["year"]
        .agg(["min", "max", "count"])
        .eq([2003, 2021, 19])
        .all(axis=None)
    )
    assert len(twin.table("city_industry_year")) == 290 * 19 * 19
    assert lights["unit"].nunique() == pytest.approx(40_000, rel=0.05)
    assert len(shops) == pytest.approx(project_truth().storefronts.total, rel=0.02)


def test_same_seed_same_country_and_other_seed_another(panel):
    assert build_panel(open_twin()).hash == panel.hash
    assert build_panel(open_twin(OTHER_SEED)).hash != panel.hash
    assert open_twin().fingerprint != open_twin(OTHER_SEED).fingerprint
    # what the file says, and not how: a comment makes no other country
    assert open_twin().provenance["data/twin.yml"] == hash_of_truth(project_truth())


def test_a_country_that_is_shared_is_the_one_made_alone():
    truth = project_truth()
    shared = country_of(truth, 1)
    assert country_of(truth.model_copy(), 1) is shared is not country_of(truth, 2)
    np.testing.assert_array_equal(shared.gini, TwinCountry(truth, 1).gini)
    noisier = truth.model_copy(update={"storefronts": truth.storefronts.model_copy(update={"total": 1000})})
    assert country_of(noisier, 1).truth is noisier


def test_blocks_do_not_disturb_each_other():
    truth = project_truth()
    noisier = truth.model_copy(
        update={"storefronts": truth.storefronts.model_copy(update={"total": 1000, "closing": 0.5})}
    )
    one, two = TwinCountry(truth, 1), TwinCountry(noisier, 1)
    assert one.storefronts[0].sum() != two.storefronts[0].sum()
    np.testing.assert_array_equal(one.gini, two.gini)
    np.testing.assert_array_equal(one.industry_shares, two.industry_shares)
    np.testing.assert_array_equal(one.accounts["loans"], two.accounts["loans"])


def test_study_sample_has_the_published_size(panel):
    frame = panel.frame
    assert len(frame) == 2783
    assert frame["city"].nunique() == 253
    assert frame.loc[frame["is_municipality"], "city"].nunique() == 4


@pytest.mark.parametrize("seed", [None, OTHER_SEED])
def test_moments_of_table_1(seed):
    frame = build_panel(open_twin(seed)).frame
    printed = load_published("industrial_upgrading").table1
    assert len(printed) == 8
    for row in printed:
        values = frame[row.variable]
        assert values.mean() == pytest.approx(float(row.mean), rel=MEAN_AND_SD), row.variable
        assert values.std() == pytest.approx(float(row.sd), rel=MEAN_AND_SD), row.variable
        assert values.min() == pytest.approx(float(row.min), rel=EXTREMES), row.variable
        assert values.max() == pytest.approx(float(row.max), rel=EXTREMES), row.variable


def test_moments_in_the_truth_are_the_printed_ones():
    printed = {
        r.variable: (r.mean, r.sd, r.min, r.max) for r in load_published("industrial_upgrading").table1
    }
    assert project_truth().moments == {name: tuple(map(float, four)) for name, four in printed.items()}


def test_accounts_add_up(city_year):
    sectors = city_year.filter(like="value_added_")
    assert (sectors > 0).all(axis=None)
    np.testing.assert_allclose(sectors.sum(axis=1), city_year["gdp"], rtol=IDENTITY)
    heads = city_year["gdp_per_capita"] * city_year["population"] / 1e4
    np.testing.assert_allclose(heads, city_year["gdp"], rtol=IDENTITY)
    assert (city_year["employment"] < city_year["population"]).all()
    assert city_year["retail_sales"].between(0.1 * city_year["gdp"], city_year["gdp"]).all()


def test_capital_accumulates(city_year):
    before = city_year.groupby("city")["capital_stock"].shift()
    country = city_year.groupby("year")[["gdp", "gdp_real"]].transform("sum")
    real = city_year["fixed_asset_investment"] * country["gdp_real"] / country["gdp"]
    expected = (1 - DEPRECIATION) * before + real
    known = before.notna()
    np.testing.assert_allclose(city_year["capital_stock"][known], expected[known], rtol=IDENTITY)


def test_digital_parts_make_the_index_from_2011_on(city_year):
    columns = [f"digital_finance_{part}" for part in ("index", "coverage", "depth", "digitisation")]
    values = city_year[columns]
    assert values[city_year["year"] < 2011].isna().all(axis=None)
    later = values[city_year["year"] >= 2011]
    weighted = later[columns[1:]] @ np.array([0.54, 0.297, 0.163])
    np.testing.assert_allclose(weighted, later[columns[0]], rtol=IDENTITY, atol=IDENTITY)


def test_industries_sum_to_the_city(twin):
    industry = twin.table("city_industry_year")
    total = industry.groupby(["city", "year"], as_index=False)["employment"].sum()
    both = total.merge(twin.table("city_year"), on=["city", "year"], suffixes=("_sum", ""))
    np.testing.assert_allclose(both["employment_sum"], both["employment"], rtol=IDENTITY)


def test_storefront_counts_are_those_of_the_shops(twin):
    shops, counts = twin.table("storefronts"), twin.table("city_industry_year")
    assert shops["opened"].min() == 2008
    assert (shops["closed"].dropna() > shops.loc[shops["closed"].notna(), "opened"]).all()
    for year in (2009, 2021):
        still = (shops["opened"] <= year) & (shops["closed"].isna() | (shops["closed"] > year)).to_numpy(bool)
        alive = shops[still].groupby(["city", "industry"]).size()
        told = counts[counts["year"] == year].set_index(["city", "industry"])["storefronts"]
        pd.testing.assert_series_equal(told[told > 0], alive, check_names=False)


def test_lights_have_the_intended_gini(twin):
    country = TwinCountry(project_truth(), project_truth().seed)
    lights = twin.table("lights")
    for row, year in ((0, 2003), (17, 2012), (289, 2021)):
        code = country.places["city"].iloc[row]
        x = lights.loc[(lights["city"] == code) & (lights["year"] == year), "radiance"].to_numpy()
        pairwise = np.abs(x[:, None] - x[None]).sum() / (2 * len(x) ** 2 * x.mean())
        assert pairwise == pytest.approx(country.gini[row, year - 2003], abs=GINI)


def test_total_light_grows_with_gdp(twin):
    total = twin.table("lights").groupby(["city", "year"])["radiance"].sum()
    gdp = twin.table("city_year").set_index(["city", "year"])["gdp"]
    assert np.corrcoef(np.log(total), np.log(gdp.loc[total.index]))[0, 1] > 0.9


def test_names_cannot_be_pinyin(twin):
    names = twin.table("cities")["name"]
    assert names.is_unique
    assert not names.str.contains(r"(?:[aeiou]|n|ng|r)$").any()
    assert not set(names) & {"Ordos", "Hohhot", "Karamay", "Turpan", "Hotan", "Nagqu", "Qamdo", "Lhasa"}


def test_incomplete_cities_lack_only_some_years(twin, panel):
    raw = twin.table("city_year")
    lacking = raw[raw["university_students"].isna()]
    assert lacking["city"].nunique() == 37
    assert lacking["year"].between(2011, 2021).all()
    assert not set(lacking["city"]) & set(panel.frame["city"])


def test_true_effect_is_the_derivative_of_the_causal_part():
    truth, step = project_truth(), 1e-5
    uil, difi = np.meshgrid(np.linspace(1.9, 2.83, 12), np.linspace(21, 359, 7))
    slope = (causal_part(uil + step, difi, truth) - causal_part(uil - step, difi, truth)) / (2 * step)
    np.testing.assert_allclose(marginal_effect(uil, difi, truth), slope, atol=DERIVATIVE)
    frame = pd.DataFrame({"uil": uil.ravel(), "difi": difi.ravel()})
    np.testing.assert_allclose(true_effects(frame), slope.ravel(), atol=DERIVATIVE)


def test_more_upgrading_moves_the_planted_outcome_by_the_true_effect():
    """Without noise left to squeeze, a nudge to UIL of the whole country moves the Gini as promised."""
    truth = project_truth()
    country = TwinCountry(truth, truth.seed)
    rows = Sample(country.places["complete"].to_numpy(), truth.country.years >= 2011)
    uil, difi = rows.of(country.panel["uil"]), rows.of(country.panel["difi"])
    moved = causal_part(uil + 0.01, difi, truth) - causal_part(uil, difi, truth)
    assert moved.mean() == pytest.approx(0.01 * marginal_effect(uil, difi, truth).mean(), abs=1e-4)


def test_few_city_years_are_stopped_at_the_extremes(panel):
    stopped = panel.frame["gini"].isin([0.016, 0.792]).mean()
    assert stopped < 0.01


def test_a_wrong_truth_is_refused_by_name(tmp_path):
    text = truth_file().read_text(encoding="utf-8")
    (tmp_path / "twin.yml").write_text(text.replace("  slope:", "  slop:"), encoding="utf-8")
    with pytest.raises(DataError, match=r"outcome\.slop"):
        read_truth(tmp_path / "twin.yml")


def test_a_named_twin_is_the_projects_with_the_changes_of_its_file(tmp_path):
    (tmp_path / "calm.yml").write_text(
        "outcome:\n  peak: 0.0\npanel:\n  uil: {turn: 0.01}\n", encoding="utf-8"
    )
    calm, own = named_truth("calm", tmp_path), project_truth()
    assert calm.outcome == own.outcome.model_copy(update={"peak": 0.0})
    assert calm.panel["uil"] == own.panel["uil"].model_copy(update={"turn": 0.01})
    assert calm.panel["difi"] == own.panel["difi"] and calm.misallocation == own.misallocation


def test_a_named_twin_that_is_not_there_or_changes_what_is_not_is_refused(tmp_path):
    with pytest.raises(ParameterError, match="no twin 'loud' in data/twins; there are: none"):
        named_truth("loud", tmp_path)
    (tmp_path / "loud.yml").write_text("outcome:\n  peek: 0.0\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"outcome\.peek"):
        named_truth("loud", tmp_path)
    (tmp_path / "loud.yml").write_text("- peak\n", encoding="utf-8")
    with pytest.raises(DataError, match="not a list of changes"):
        named_truth("loud", tmp_path)
