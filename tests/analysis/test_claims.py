"""Claims: read, refused when damaged, measured on the twin, and their planted sizes and power."""

import json
from dataclasses import replace

import numpy as np
import pytest
import yaml

from digital_clusters.analysis.claims import load_claims
from digital_clusters.analysis.data import load_city_panel
from digital_clusters.analysis.power import (
    COLUMNS,
    freeze_power,
    load_power,
    many_countries,
    one_country,
    summarise,
    truth_hash,
)
from digital_clusters.analysis.readings import public_claims, twin_claims
from digital_clusters.errors import DataError, FileError
from digital_clusters.estimators.estimate import Coefficient
from digital_clusters.paths import data_folder
from digital_clusters.sources.twin.truth import project_truth, truth_file
from digital_clusters.studies.catalogue import STUDIES as ALL

VIRTUAL, COLLABORATIVE = (ALL[f"{kind}_agglomeration"] for kind in ("virtual", "collaborative"))
STUDIES = [pytest.param(study, id=study.key) for study in (VIRTUAL, COLLABORATIVE)]

# The same code on another machine: sums of a few thousand doubles in another order, after a maximisation.
MACHINES = 1e-5

# The frozen size is the mean over countries; what passes through neighbours, or is read at a sample's mean,
# is up to a quarter more or less in one of them.
COUNTRIES = 0.4


@pytest.mark.parametrize("study", STUDIES)
def test_every_claim_names_specifications_that_exist_and_terms_they_have(study):
    for claim in load_claims(study.key).claims:
        assert claim.spec in study.specs
        assert claim.public is None or claim.public in study.public
        if claim.quantity == "coefficient":
            assert claim.term
        if claim.quantity.endswith("marginal_effect"):
            assert claim.at is not None


@pytest.mark.parametrize("study", STUDIES)
def test_claims_have_planted_sizes_of_the_claimed_sign_and_are_recovered_on_the_twin(study):
    planted, found = study.planted_sizes(), twin_claims(study)
    for claim in load_claims(study.key).claims:
        size = planted[claim.key]
        assert np.isnan(size) or size * claim.sign > 0
        assert found[claim.key].verdict(claim.sign) in ("sign found", "right sign")
        assert found[claim.key].low <= found[claim.key].value <= found[claim.key].high


@pytest.mark.parametrize(
    ("value", "p", "sign", "verdict"),
    [
        (0.2, 0.01, 1, "sign found"),
        (0.2, 0.2, 1, "right sign"),
        (-0.2, 0.2, 1, "wrong sign"),
        (-0.2, 0.01, 1, "other sign found"),
        (-0.2, 0.01, -1, "sign found"),
    ],
)
def test_a_verdict_is_sign_and_significance(value, p, sign, verdict):
    assert Coefficient("d", value, 0.1, value - 1, value + 1, p, 100).verdict(sign) == verdict


def test_planted_sizes_follow_from_the_truth():
    truth, sizes = project_truth(), VIRTUAL.planted_sizes()
    p = truth.resilience
    assert sizes["less_in_old_bases"] == pytest.approx(p.direct * p.old)
    assert sizes["through_demand"] == pytest.approx(p.by_demand * p.demand_on_virtual)
    # the city's own share of the spatial multiplier is a little more than one
    assert 1 < -sizes["eases_misallocation"] / truth.misallocation.virtual < 1.1
    assert sizes["raises_resilience"] > sizes["through_misallocation"] + sizes["through_demand"]
    other = COLLABORATIVE.planted_sizes()
    m = truth.misallocation
    assert other["later_with_digital"] == pytest.approx(m.digital / (2 * m.fall))
    # joining takes off `member` at once and more each year
    assert other["integration_corrects"] < -m.member


def test_public_claims_are_frozen_with_their_numbers_or_their_reasons():
    for study in (VIRTUAL, COLLABORATIVE):
        for claim, quantity in zip(load_claims(study.key).claims, public_claims(study).values(), strict=True):
            assert (quantity is None) == (claim.public is None)
            assert quantity is None or (quantity.n > 500 and np.isfinite(quantity.value))


@pytest.mark.slow
@pytest.mark.parametrize("study", STUDIES)
def test_frozen_public_claims_are_what_the_code_finds_now(study, mirror):
    frozen, now = public_claims(study), public_claims(study, "public")
    for key, quantity in now.items():
        if quantity is not None:
            assert frozen[key].n == quantity.n
            assert frozen[key].value == pytest.approx(quantity.value, rel=MACHINES, abs=MACHINES)


@pytest.mark.slow
@pytest.mark.parametrize("study", STUDIES)
def test_frozen_power_is_what_the_code_finds_now(study):
    power = load_power(study.key)
    assert len(power.seeds) >= 200
    again = one_country(study, power.seeds[0]).set_index("claim")
    for claim, values in power.values.items():
        assert again.loc[claim, "value"] == pytest.approx(values[0], rel=MACHINES, abs=MACHINES)
        planted = power.of(claim)["planted"]
        if planted is None:
            assert np.isnan(again.loc[claim, "planted"])
        else:
            assert again.loc[claim, "planted"] == pytest.approx(planted, rel=COUNTRIES)


@pytest.mark.slow
def test_power_is_counted_and_kept(tmp_path):
    results = many_countries(VIRTUAL, [1, 2])
    assert list(results.columns) == COLUMNS
    freeze_power("virtual_agglomeration", results, "abc", tmp_path)
    power = load_power("virtual_agglomeration", tmp_path)
    assert power.seeds == (1, 2) and power.rows == summarise(results)
    first = results.loc[results["claim"] == "boosts_demand"]
    row = power.of("boosts_demand")
    assert row["mean"] == pytest.approx(first["value"].mean())
    assert row["share_recovered"] == (first["verdict"] == "sign found").mean()
    held = (first["low"] <= first["planted"]) & (first["planted"] <= first["high"])
    assert row["coverage"] == held.mean()
    assert power.of("more_with_fusion")["planted"] is None


def test_power_of_another_truth_is_refused(tmp_path):
    source = data_folder() / "results" / "virtual_agglomeration.power.json"
    record = json.loads(source.read_text(encoding="utf-8")) | {"truth": "0" * 64}
    (tmp_path / source.name).write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(FileError, match=r"another data/twin\.yml.*digital-clusters power"):
        load_power("virtual_agglomeration", tmp_path)
    with pytest.raises(FileError, match="does not exist"):
        load_power("collaborative_agglomeration", tmp_path)
    (tmp_path / source.name).write_text("{", encoding="utf-8")
    with pytest.raises(FileError, match="damaged"):
        load_power("virtual_agglomeration", tmp_path)


def test_a_comment_in_the_truth_leaves_power_as_it_is_and_a_number_does_not(tmp_path):
    text, copy = truth_file().read_text(encoding="utf-8"), tmp_path / "twin.yml"
    lines = [f"{line}  # said otherwise" if line and "#" not in line else line for line in text.splitlines()]
    copy.write_text("# a remark\n\n" + "\n".join(lines) + "\n", encoding="utf-8")
    assert truth_hash(copy) == truth_hash()
    copy.write_text(text.replace("first_year: 2003", "first_year: 2002"), encoding="utf-8")
    assert truth_hash(copy) != truth_hash()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sign": 2}, "claims.0.sign"),
        ({"grade": "A"}, "claims.0.grade"),
        ({"public": None}, "why there is none"),
        ({"colour": "red"}, "claims.0.colour"),
    ],
)
def test_a_damaged_claim_is_named(tmp_path, change, words):
    path = data_folder() / "published" / "virtual_agglomeration.yml"
    text = yaml.safe_load(path.read_text(encoding="utf-8"))
    text["claims"][0] |= change
    (tmp_path / path.name).write_text(yaml.safe_dump(text), encoding="utf-8")
    with pytest.raises(DataError, match=words):
        load_claims("virtual_agglomeration", tmp_path)


def test_a_study_without_claims_is_refused(tmp_path):
    with pytest.raises(FileError, match="no claims of 'nothing'"):
        load_claims("nothing", tmp_path)


def test_a_claim_fails_where_its_effect_is_taken_out():
    """The outcome dealt anew over cities has no effect: the claims on it are not recovered."""
    panel = load_city_panel("twin")
    wide = panel.frame.pivot(index="city", columns="year", values="resilience")
    dealt = wide.iloc[np.random.default_rng(1).permutation(len(wide))].set_axis(wide.index)
    tidy = dealt.stack(future_stack=True).rename("resilience").reset_index()
    frame = panel.frame.drop(columns="resilience").merge(tidy, on=["city", "year"])
    from digital_clusters.analysis.readings import measure

    claimed = load_claims("virtual_agglomeration")
    shuffled = replace(panel, frame=frame)
    verdicts = [
        measure(claimed.claim(key), VIRTUAL, shuffled).verdict(1)
        for key in ("raises_resilience", "complements_geography", "through_demand")
    ]
    assert "sign found" not in verdicts
