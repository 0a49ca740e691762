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


def test_every_clear_claim_is_shown_among_all_claims_of_its_abstract():
    clear = [e for e in RESULTS if e.kind == "claim" and standing.is_clear(e.public, e.said.sign)]
    said = standing.family_sentences(RESULTS)
    assert clear and said.count("tested together") == len(clear)
    for entry in clear:
        rows = load_frozen(f"{entry.study}.family").facts["public"]
        (row,) = [row for row in rows if f"{entry.study}|{row['claim']}" == entry.key]
        assert entry.said.words.rstrip(".") in said and number(row["romano_wolf"]) in said
        assert ("the claim remains different" in said) == (row["romano_wolf"] < 0.05)
        assert entry.verdict == "fragile" or row["romano_wolf"] < 0.05


def test_without_a_clear_claim_there_is_no_family():
    blurred = [replace(entry, public=replace(entry.public, p_value=0.5)) for entry in RESULTS]
    assert standing.family_sentences(blurred) == ""


def test_a_chapter_with_a_clear_claim_says_what_is_left_of_it():
    said = survives_sentence("virtual_agglomeration", "mechanism")
    assert re.search(r"1 fragile.*tested together.*On the synthetic twin", said)
