"""The whole card: complete, fast, from frozen results alone; worse grades and expired waivers are told."""

import datetime
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import pytest
import yaml

from digital_clusters.analysis.claims import load_claims
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.multiverse.explored import frozen_multiverse
from digital_clusters.analysis.power import load_power
from digital_clusters.analysis.published import load_published
from digital_clusters.analysis.scorecard.building import every_entry, study_entries
from digital_clusters.analysis.scorecard.claimed import claim_entries
from digital_clusters.analysis.scorecard.declared import card_of, declared_cards
from digital_clusters.analysis.scorecard.rates import editors_class, rates_of
from digital_clusters.analysis.scorecard.recorded import got_worse, recorded_grades
from digital_clusters.analysis.scorecard.waivers import Waiver, load_waivers, waiver_problems
from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.estimate import Coefficient
from digital_clusters.paths import project_root

UPGRADING = "industrial_upgrading"
CLAIMED = ("virtual_agglomeration", "collaborative_agglomeration")
ENTRIES = every_entry()
BY_KEY = {entry.key: entry for entry in ENTRIES}
TODAY = datetime.date(2026, 12, 1)


def test_every_printed_number_and_every_claim_has_its_line():
    kinds = [entry.kind for entry in ENTRIES if entry.study == UPGRADING]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "coefficient": 18,
        "moment": 32,
        "hypothesis": 4,
    }
    for study in CLAIMED:
        assert [entry.key for entry in study_entries(study)] == [
            f"{study}|{claim.key}" for claim in load_claims(study).claims
        ]
    assert len(BY_KEY) == len(ENTRIES)


def test_a_line_names_a_page_that_there_is_and_a_record_that_has_its_number():
    for entry in ENTRIES:
        assert (project_root() / "notebooks" / f"{entry.page}.py").is_file(), entry.key
        if entry.kind != "moment" and entry.verdict != "not available":
            assert entry.public.estimate in load_frozen(entry.public.record).estimates


def test_declared_multiverses_exist_and_share_the_claimed_sign():
    for study, card in declared_cards().items():
        claims = frozen_multiverse(study).declared.claims
        for name, claim in card.multiverse.items():
            assert BY_KEY[f"{study}|{name}"].said.sign == claims[claim].sign, name


@pytest.mark.parametrize("study", CLAIMED)
def test_claims_are_told_from_the_frozen_numbers(study):
    frozen, claims = load_frozen(study).facts["claims"], load_claims(study)
    for entry in claim_entries(study):
        key = entry.key.partition("|")[2]
        old = Coefficient.from_record(key, frozen[key]).verdict(claims.claim(key).sign)
        words = {"sign found": {"stands", "fragile"}, "other sign found": {"opposite"}}
        assert entry.verdict in words.get(old, {"undecided"}), key


def test_printed_coefficients_are_graded_as_by_hand():
    frozen = load_frozen(UPGRADING).estimates
    for column in load_published(UPGRADING).columns:
        for term in column.terms:
            entry, found = BY_KEY[f"{UPGRADING}|{column.key}|{term.term}"], frozen[column.key].term(term.term)
            assert (entry.marks["sign"] == "agrees") == (found.value * term.value > 0)
            near = abs(found.value - term.value) <= term.error * (1 + 1e-9)
            assert (entry.marks["magnitude"] == "agrees") == near
            outside = not entry.public.low <= term.value <= entry.public.high
            assert (entry.verdict == "smaller") == (entry.public.p_value >= 0.05 and outside)


def test_rates_against_counting_by_eye():
    entries = study_entries(UPGRADING)
    rates = rates_of(entries)
    coefficients = [entry for entry in entries if entry.kind == "coefficient"]
    assert (rates.results, rates.touched, rates.printed) == (18, 18, 50)
    kept = sum(e.public.value * e.said.value > 0 and e.public.p_value < 0.05 for e in coefficients)
    assert rates.significant == pytest.approx(kept / 18)
    assert rates_of(claim_entries(CLAIMED[0])).editors_class == "not available"


@pytest.mark.parametrize(
    ("exact", "word"),
    [
        (40, "full reproduction"),
        (30, "full reproduction with minor issues"),
        (29, "partial reproduction"),
        (10, "partial reproduction"),
        (9, "not able to reproduce"),
    ],
)
def test_classes_of_the_data_editor_at_their_thresholds(exact, word):
    assert editors_class(40, exact) == word


def test_no_grade_is_worse_than_it_was_recorded():
    worse = got_worse(recorded_grades(), ENTRIES, load_waivers())
    assert not worse, "\n".join(worse)


def test_a_grade_made_worse_is_told_unless_it_is_waived():
    key = f"{UPGRADING}|table3.column1|uil"
    worse = replace(BY_KEY[key], marks={**BY_KEY[key].marks, "sign": "differs"})
    changed = [worse if entry.key == key else entry for entry in ENTRIES]
    (told,) = got_worse(recorded_grades(), changed)
    assert f"the sign of '{key}' was 'agrees' and is 'differs'" in told and "freeze scorecard" in told
    waiver = Waiver(claim=key, grade="sign", reason="tried", date=TODAY, expires=datetime.date(2027, 1, 1))
    assert not got_worse(recorded_grades(), changed, [waiver])


def test_what_can_no_longer_be_had_is_worse_than_any_grade():
    key = f"{CLAIMED[0]}|boosts_demand"
    gone = replace(BY_KEY[key], verdict="not available", marks={})
    told = got_worse(recorded_grades(), [gone if entry.key == key else entry for entry in ENTRIES])
    assert {line.split(" of ")[0] for line in told} == {"the verdict", "the sign", "the significance"}


def test_a_line_that_goes_or_comes_is_told():
    assert "no longer on the scorecard" in got_worse(recorded_grades(), ENTRIES[1:])[0]
    new = replace(ENTRIES[0], key="x|y")
    assert "'x|y' is not recorded" in got_worse(recorded_grades(), [*ENTRIES, new])[0]


def test_no_waiver_has_expired_and_each_is_of_a_grade_there_is():
    problems = waiver_problems(load_waivers(), ENTRIES, datetime.date.today())
    assert not problems, "\n".join(problems)


def test_an_expired_waiver_and_one_of_nothing_are_told():
    kept = {"reason": "tried", "date": "2026-01-01", "expires": "2026-06-30"}
    waivers = [
        Waiver(claim=ENTRIES[0].key, grade="sign", **kept),
        Waiver(claim="nobody", grade="sign", **kept | {"expires": "2027-06-30"}),
        Waiver(claim=ENTRIES[0].key, grade="colour", **kept | {"expires": "2027-06-30"}),
    ]
    expired, nobody, colour = waiver_problems(waivers, ENTRIES, TODAY)
    assert "expired on 2026-06-30" in expired
    assert "no line of the scorecard" in nobody and "of no grade" in colour


@pytest.mark.parametrize(
    "change", [{"reason": " "}, {"expires": "2025-01-01"}, {"who": "me"}, {"grade": None}]
)
def test_a_damaged_waiver_is_refused(tmp_path, change):
    entry = {"claim": "a|b", "grade": "sign", "reason": "r", "date": "2026-01-01", "expires": "2026-02-01"}
    file = tmp_path / "waivers.yml"
    file.write_text(yaml.safe_dump({"waivers": [entry | change]}), encoding="utf-8")
    with pytest.raises(DataError, match="waivers"):
        load_waivers(file)


def test_a_study_without_a_card_is_refused():
    with pytest.raises(ParameterError, match="no scorecard of 'nothing'"):
        card_of("nothing")


def test_the_card_is_made_without_a_study_or_an_estimator_of_trees():
    code = (
        "import sys; from digital_clusters.analysis.scorecard.building import every_entry; every_entry(); "
        "print(*[m for m in sys.modules if m.startswith('digital_clusters.studies')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_the_readme_says_what_the_scorecard_says():
    text = " ".join((project_root() / "README.md").read_text(encoding="utf-8").split())
    counts = Counter(entry.verdict for entry in ENTRIES if entry.kind in ("coefficient", "claim"))
    words = ("stands", "fragile", "undecided", "smaller", "opposite", "not available")
    assert ", ".join(f"{counts[word]} *{word}*" for word in words) in text
    assert f"of {counts.total()} results" in text
    for study in CLAIMED:
        assert f"counted over {len(load_power(study).seeds)} other synthetic countries" in text
