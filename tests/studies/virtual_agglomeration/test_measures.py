"""Ways to measure, and what is frozen about them."""

import numpy as np
import pytest

from digital_clusters.analysis.data import load_city_panel, load_tables
from digital_clusters.analysis.fit import fit
from digital_clusters.analysis.frozen import Tolerance, compare, load_frozen
from digital_clusters.measures import recipes as indicators
from digital_clusters.sources.upstream import upstream_files
from digital_clusters.studies.virtual_agglomeration import measures, record
from digital_clusters.studies.virtual_agglomeration.specs import MECHANISM, STUDY

EXACT = 1e-9
"""The same sums in another order."""
SAME = Tolerance(1e-9, 1e-6, "least squares on another processor")


def test_definitions_are_the_indicators_and_correlate_with_themselves():
    assert set(measures.SHORT) == set(indicators.VIRTUAL)
    for table in measures.definition_correlations(load_city_panel("twin"), 2008, 2019):
        np.testing.assert_allclose(np.diag(table), 1.0)
        np.testing.assert_allclose(table, table.T)
    overall, within = measures.definition_correlations(load_city_panel("twin"), 2008, 2019)
    assert within.loc["density", "quotient"] > 0.5
    assert abs(within.loc["density", "information"]) < 0.1 < overall.loc["density", "exposure"]


def test_the_first_variant_is_the_study_s_own_measure():
    panel, variants = load_city_panel("twin"), measures.misallocation_variants(load_tables("twin"))
    assert next(iter(variants)) == measures.COMMON
    own = fit(MECHANISM["misallocation"], panel).estimate["virtual"]
    effects = measures.twin_variants(variants, panel, {})
    assert effects[measures.COMMON]["virtual"] == pytest.approx(own, rel=EXACT)
    assert set(effects) == set(variants)


def test_agreement_with_the_first_variant():
    first, *others = measures.variant_facts(measures.misallocation_variants(load_tables("twin")))
    assert (first.correlation, first.within, first.left_out) == (pytest.approx(1), pytest.approx(1), 0)
    assert {row.name for row in others} == {measures.OWN, measures.PER_WEDGE, measures.INVENTORY}
    assert all(0 < row.within < 1 for row in others)


def test_frozen_measures_agree_with_the_frozen_study():
    known, study = record.public_measures(), load_frozen(STUDY)
    for key in ("villages on misallocation", "digital finance on misallocation"):
        ours = known.estimates[f"{key}, {measures.COMMON}"]
        np.testing.assert_allclose(ours.coefficients, study.estimates[key].coefficients, rtol=EXACT)
    for key, row in known.placebos.items():
        estimate_ = study.estimates[key]
        assert row["observed"] == pytest.approx(estimate_.coefficients[0], rel=EXACT)
    pinned = {file.sha256 for file in upstream_files().values()}
    assert set(load_frozen(record.NAME).inputs.values()) <= pinned


def test_public_resilience_covers_more_than_280_cities():
    facts = record.public_measures().resilience
    assert facts.cities >= 280
    assert (facts.by_year[0]["year"], facts.by_year[-1]["year"]) == (2001, 2023)
    assert facts.n == sum(row["cities"] for row in facts.by_year if row["year"] not in facts.near_zero)


@pytest.mark.slow
@pytest.mark.usefixtures("mirror")
def test_frozen_measures_come_out_again():
    frozen, made = load_frozen(record.NAME), record.measures_results()
    differences = compare(frozen.estimates, made["estimates"], SAME)
    assert not differences, "\n".join(map(str, differences))
    assert made["inputs"] == frozen.inputs
    assert made["facts"]["placebos"].keys() == frozen.facts["placebos"].keys()
    for key, row in made["facts"]["placebos"].items():
        assert row == pytest.approx(frozen.facts["placebos"][key], rel=1e-6)
    old, new = (facts["resilience"]["by_year"] for facts in (frozen.facts, made["facts"]))
    assert all(a == pytest.approx(b, rel=1e-6) for a, b in zip(old, new, strict=True))
