"""Results that stand are held against chance and against the family of claims."""

import re
from dataclasses import replace

from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.scorecard.building import every_entry
from digital_clusters.report.scorecard import standing
from digital_clusters.report.scorecard.sentences import survives_sentence
from digital_clusters.report.words import number

RESULTS = [entry for entry in every_entry() if entry.kind in ("coefficient", "claim")]


def test_chance_gives_each_result_half_of_the_level():
    said = standing.chance_sentence(RESULTS)
    clear = sum(e.public.p_value < 0.05 and e.public.value * e.said.sign > 0 for e in RESULTS)
    assert said.startswith(f"If none of the {len(RESULTS)} were true, {number(len(RESULTS) / 40, 2)} of them")
    assert said.endswith(f"by chance alone; {clear} {'has' if clear == 1 else 'have'}.")


def test_every_claim_that_stands_is_shown_in_its_family():
    standing_claims = [e for e in RESULTS if e.kind == "claim" and e.verdict == "stands"]
    said = standing.family_sentences(RESULTS)
    assert standing_claims and said.count("What stands, in our words") == len(standing_claims)
    for entry in standing_claims:
        rows = load_frozen(f"{entry.study}.family").facts["public"]
        (row,) = [row for row in rows if f"{entry.study}|{row['claim']}" == entry.key]
        assert entry.said.words.rstrip(".") in said and number(row["romano_wolf"]) in said
        assert ("it remains different" in said) == (row["romano_wolf"] < 0.05)


def test_without_a_claim_that_stands_there_is_no_family():
    undecided = [replace(entry, verdict="undecided") for entry in RESULTS]
    assert standing.family_sentences(undecided) == ""


def test_a_chapter_whose_claim_stands_says_what_is_left_of_it():
    said = survives_sentence("virtual_agglomeration", "mechanism")
    assert re.search(r"1 stands.*tested together.*On the synthetic twin", said)
