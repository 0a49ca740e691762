"""What is said of public data is computed from all of it."""

import numpy as np
import pytest

from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.readings import public_estimates
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.sources.twin.truth import project_truth
from digital_clusters.studies.collaborative_agglomeration import sentences, tables
from digital_clusters.studies.collaborative_agglomeration.chain import (
    DIFFUSES,
    STRENGTHENS,
    chain,
    planted_chain,
)
from digital_clusters.studies.collaborative_agglomeration.record import public_record
from digital_clusters.studies.collaborative_agglomeration.specs import PUBLIC, STUDY
from digital_clusters.studies.collaborative_agglomeration.study import COLLABORATIVE_AGGLOMERATION

EXACT = 1e-12
"""One product of doubles."""


def variant(ratio: float, u_p: float | None = None) -> dict:
    names = [f"{kind} {side}" for kind in ("direct", "indirect") for side in ("left", "right")]
    effects = {name: {"effect": ratio * 0.1, "standard_error": 0.1} for name in names}
    curve = {"square": [0.3, 0.1], "turning_point": 2.5, "set": "[2, 3]"}
    return effects | curve | {"inside": u_p is not None, "u_p": u_p}


def test_an_effect_is_counted_as_soon_as_one_specification_finds_it():
    none = {"a": variant(1.0), "b": variant(-1.9)}
    assert sentences.effects_sentence(none) == (
        "Of 8 direct and indirect effects, at the 25 % quantile and the 98 % quantile, in 2 specifications "
        "none differs from zero at 5 per cent."
    )
    one = variant(1.0)
    one["direct right"] = {"effect": 0.5, "standard_error": 0.1}
    said = sentences.effects_sentence(none | {"c": one})
    assert (
        said.startswith("Of 12")
        and "1 differs from zero" in said
        and "c: direct right, 0.50 (t = 5.0)" in said
    )


def test_a_u_is_named_where_the_joint_test_finds_it():
    assert "in none of 2 specifications." in sentences.curves_sentence(
        {"a": variant(1), "b": variant(1, 0.2)}
    )
    said = sentences.curves_sentence({"a": variant(1), "b": variant(1, 0.02)})
    assert (
        "in 1 of 2 specifications" in said
        and "b: square 0.30 (0.10), turning point 2.50 with set [2, 3]" in said
    )


def test_differences_are_counted_before_and_after_their_number_is():
    row = {"words": "west", "value": 1.0, "p": 0.03, "holm": 0.12}
    assert sentences.groups_sentence([row | {"p": 0.3}]).startswith("None of 1 differences")
    said = sentences.groups_sentence([row, row | {"p": 0.5, "words": "east"}])
    assert "1 of 2 is different" in said and said.endswith("corrected for their number none.")


def test_verdicts_and_standings_are_counted():
    said = sentences.verdicts_sentence({"a": "sign found", "b": None, "c": "sign found"})
    assert said.endswith("2 sign found, 1 not touched.")
    said = sentences.standings_sentence({"bends": "mixed", "helps, here": "robust", "helps, there": "mixed"})
    assert said.startswith("2 claims in 3 readings") and said.endswith("2 as 'mixed', 1 as 'robust'")


def test_every_frozen_estimate_is_on_a_page():
    frozen = load_frozen(STUDY)
    shown = tables.public_estimates(public_estimates(COLLABORATIVE_AGGLOMERATION)).as_raw_html()
    assert set(frozen.estimates) == set(PUBLIC)
    for key in frozen.estimates:
        assert f">{key}</td>" in shown, key
    curves = tables.variants(public_record()["variants"], "public data").as_raw_html()
    assert all(f">{key}</td>" in curves for key, spec in PUBLIC.items() if spec.squared)


def test_sentences_on_the_frozen_record_name_its_clear_effects():
    variants = public_record()["variants"]
    said = sentences.effects_sentence(variants)
    ratios = {
        (key, name): row["effect"] / row["standard_error"]
        for key, record in variants.items()
        for name, row in record.items()
        if name.startswith(("direct", "indirect"))
    }
    clear = [key for key, ratio in ratios.items() if abs(ratio) > sentences.CRITICAL]
    assert all(f"{spec}: {name}" in said for spec, name in clear)
    assert said.count("(t = ") == len(clear)


def made(term: str, value: float, error: float) -> Estimate:
    return Estimate((term,), [value], [[error**2]], 100, method="m", errors="robust")


def test_the_chain_is_the_product_and_as_sure_as_its_weaker_link():
    found = chain(made(DIFFUSES, 0.5, 0.1), made(STRENGTHENS, -0.2, 0.1))
    assert found.value == pytest.approx(-0.1, rel=EXACT)
    assert found.error == pytest.approx(np.hypot(0.5 * 0.1, 0.2 * 0.1), rel=EXACT)
    assert found.p_value == pytest.approx(0.0455, abs=5e-5)  # two standard errors
    shown = tables.chains({"public data": found}, planted_chain()).as_raw_html()
    assert "−0.100" in shown and "0.046" in shown
    truth = project_truth()
    assert planted_chain()[2] == pytest.approx(
        -truth.internet.diffusion * truth.misallocation.digital, rel=EXACT
    )
