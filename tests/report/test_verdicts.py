"""Tables and figures of claims: what they say, and that nothing is left out of them."""

import json

import numpy as np
import pytest

from digital_clusters.analysis.claims import load_claims
from digital_clusters.analysis.power import load_power
from digital_clusters.analysis.scorecard.claimed import public_noises
from digital_clusters.analysis.scorecard.noise import CRITICAL, DETECTABLE
from digital_clusters.errors import ParameterError
from digital_clusters.estimators.estimate import Coefficient, Estimate
from digital_clusters.report import verdicts as report
from digital_clusters.report.words import number

LOADED = load_claims("virtual_agglomeration")
UNTOUCHED = {"public": None, "public_term": None, "public_reason": "no public file has retail sales"}
STUDY = LOADED.model_copy(
    update={
        "claims": tuple(
            claim.model_copy(update=UNTOUCHED) if claim.key == "boosts_demand" else claim
            for claim in LOADED.claims
        )
    }
)
"""The claims of the study, one of them as if no public file could touch it."""
FOUND = {
    claim.key: Coefficient(claim.key, 0.2 * claim.sign, 0.1, -1.0, 1.0, 0.01, 1234) for claim in STUDY.claims
}
PLANTED = {claim.key: 0.125 * claim.sign for claim in STUDY.claims} | {"more_with_fusion": float("nan")}
PUBLIC = {claim.key: FOUND[claim.key] if claim.public else None for claim in STUDY.claims}


def _estimate(value):
    return Estimate(("d", "x"), [value, 1.0], np.diag([0.01, 1]), 500, method="m", errors="clustered")


def test_claims_are_told_with_their_sign_unit_and_reading():
    html = report.claims_table(STUDY).as_raw_html()
    for claim in STUDY.claims:
        assert claim.statement in html.replace("&#x27;", "'") and claim.unit in html
    assert "a word has more than one reading" in html and "storefront data of Alibaba" in html


def test_verdicts_say_planted_size_interval_and_power():
    power = load_power("virtual_agglomeration")
    html = report.verdicts_table(STUDY, FOUND, PLANTED, power).as_raw_html()
    assert html.count("sign found</td>") == len(STUDY.claims)
    assert "0.125" in html and "[−1.000, 1.000]" in html and "synthetic twin" in html
    assert f"{len(power.seeds)} other synthetic countries" in html
    one = report.verdicts_table(STUDY, FOUND, PLANTED, power, ["boosts_demand"]).as_raw_html()
    assert one.count("sign found</td>") == 1


def test_public_claims_give_a_number_or_the_reason():
    html = report.public_table(STUDY, PUBLIC).as_raw_html()
    for claim in STUDY.claims:
        assert (claim.public or claim.public_reason) in html
    assert html.count("not touched") == sum(claim.public is None for claim in STUDY.claims)
    assert "1,234" in html and "public data" in html


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [(-1.0, 2.0, "[−1.000, 2.000]"), (-np.inf, np.inf, "[−∞, ∞]"), (0.5, np.inf, "[0.500, ∞]")],
)
def test_an_interval_may_be_unbounded(low, high, text):
    assert report.interval_text(Coefficient("d", 1.0, 0.1, low, high, 0.5, 10)) == text


def test_a_family_of_estimates_as_table_and_figure():
    family = {"first": (_estimate(0.5), "d"), "second": (_estimate(-0.25), "d")}
    html = report.specs_table(family, label="synthetic twin").as_raw_html()
    assert "0.500" in html and "−0.250" in html and "0.100" in html
    fig = report.specs_figure(family, xlabel="units", label="synthetic twin", truth=0.4)
    (ax,) = fig.axes
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["first", "second"]
    assert any(text.get_text() == "synthetic twin" for text in fig.texts)
    with pytest.raises(ParameterError):
        report.specs_figure(family, xlabel="units", label="")


def test_power_is_drawn_for_the_claims_that_are_asked_for():
    power = load_power("virtual_agglomeration")
    fig = report.verdicts_figure(STUDY, power, ["boosts_demand", "less_in_old_bases"])
    widths = [bar.get_width() for bar in fig.axes[0].patches]
    expected = [100 * power.of(key)["share_recovered"] for key in ("boosts_demand", "less_in_old_bases")]
    assert widths == pytest.approx(expected)


def test_claims_are_saved_with_their_verdicts(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITAL_CLUSTERS_RESULTS", str(tmp_path))
    report.save_claims(STUDY, "mechanism", FOUND, PLANTED, PUBLIC)
    rows = json.loads((tmp_path / "virtual_agglomeration.mechanism.json").read_text(encoding="utf-8"))
    by_claim = {row["claim"]: row for row in rows}
    assert set(by_claim) == set(FOUND)
    assert by_claim["raises_resilience"]["twin"]["verdict"] == "sign found"
    assert by_claim["raises_resilience"]["public"]["spec"] == "villages"
    assert "retail" in by_claim["boosts_demand"]["public"]["missing"]
    assert by_claim["more_with_fusion"]["planted"] is None


def test_power_at_public_noise_stands_beside_power_on_the_twin():
    noise = public_noises("virtual_agglomeration")["boosts_demand"]
    power = load_power("virtual_agglomeration")
    html = report.verdicts_table(STUDY, FOUND, PLANTED, power, ["boosts_demand"]).as_raw_html()
    assert f"detectable {number(noise.detectable)}" in html
    assert number(100 * noise.power(PLANTED["boosts_demand"], 1), 0) in html
    shown = report.public_table(STUDY, PUBLIC, ["raises_resilience"]).as_raw_html()
    assert number(DETECTABLE / CRITICAL) in shown, "an interval from −1 to 1 is 1.96 errors wide on each side"
