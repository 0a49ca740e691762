"""The scorecard as a reader sees it: every line, number and word is on the page and in the file."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from bs4 import BeautifulSoup

from digital_clusters.analysis.multiverse.explored import frozen_multiverse
from digital_clusters.analysis.scorecard.building import every_entry, study_entries
from digital_clusters.analysis.scorecard.declared import card_of, declared_cards
from digital_clusters.analysis.scorecard.grades import ASPECTS, MEANINGS, TWIN_WORDS, VERDICTS
from digital_clusters.analysis.scorecard.multiverses import in_other_units
from digital_clusters.analysis.scorecard.waivers import load_waivers
from digital_clusters.errors import ParameterError
from digital_clusters.paths import project_root
from digital_clusters.report.scorecard import cards, filters, overview, sentences
from digital_clusters.report.words import number

ENTRIES = every_entry()
LINES = [entry for entry in ENTRIES if entry.kind != "moment"]


def _soup(table) -> BeautifulSoup:
    return BeautifulSoup(table.as_raw_html(), "html.parser")


@pytest.mark.parametrize("study", list(declared_cards()))
def test_a_table_has_a_row_for_every_line_with_its_word_and_link(study):
    own = [entry for entry in LINES if entry.study == study]
    rows = _soup(cards.card_table(own)).select("tbody tr")[: len(own)]
    for row, entry in zip(rows, own, strict=True):
        chip = row.select_one("td .dc-chip")
        assert chip["data-word"] == chip.text == entry.verdict, "the word is written, not only coloured"
        assert row.select_one("a")["href"] == f"../notebooks/{entry.page}.html"
        assert sentences.entry_sentence(entry) in row.select_one("details").text
        assert entry.public.record in row.select_one("details").text
        if entry.said.text:
            assert entry.said.text.replace("-", "−") in row.text
        assert f"N = {entry.public.n:,}" in row.text, "the sample of the public number"
        if entry.recipe is not None:
            assert f"recipe: {number(entry.recipe.value)[:-1]}" in row.text, "the number that the marks grade"


def test_every_mark_is_defined():
    table = _soup(cards.marks_table()).text
    assert all(words in table for meanings in MEANINGS.values() for words in meanings.values())
    assert set(MEANINGS) == set(ASPECTS)


def test_moments_are_shown_printed_and_public():
    own = [entry for entry in ENTRIES if entry.kind == "moment"]
    table = _soup(cards.moments_table(own))
    assert len(table.select("tbody .dc-chip")) == len(own) == 32
    assert all(entry.said.text in table.text for entry in own)
    told = [cell.text for cell in table.select("tbody tr > :first-child")]
    assert any("UIL" in text and "index of structure" in text for text in told)


def test_no_public_number_with_an_error_is_told_as_zero():
    assert not re.search(r"\b0\.0+ \(", _soup(cards.card_table(LINES)).text)


def test_every_word_is_defined_where_it_stands():
    table = _soup(cards.words_table()).text
    assert all(word in table and meaning in table for word, meaning in (VERDICTS | TWIN_WORDS).items())


def test_counts_add_up():
    rows = _soup(cards.counts_table(ENTRIES)).select("tbody tr")
    shown = [sum(int(cell.text) for cell in row.select("td")[2:] if cell.text.isdigit()) for row in rows[:4]]
    assert sum(shown) == len(LINES)
    assert sum(sentences.count_verdicts(LINES).values()) == len(LINES)


def test_there_is_a_button_for_each_word_that_a_line_has():
    counts = sentences.count_verdicts(LINES)
    page = BeautifulSoup(filters.verdict_filters(counts).data, "html.parser")
    assert {button["data-show"] for button in page.select("button")} == set(counts)
    assert "http" not in str(page), "nothing is loaded from another host"


def test_a_sentence_says_what_would_have_been_found():
    entry = next(entry for entry in LINES if entry.key == "industrial_upgrading|table2.column2|uil")
    said = sentences.entry_sentence(entry)
    assert number(entry.public.value) in said and number(entry.public.detectable) in said
    assert "outside its interval" in said and f"{entry.multiverse.n} specifications" in said
    none = replace(entry, verdict="not available", public=replace(entry.public, note="no file has it"))
    assert sentences.entry_sentence(none) == "Public data do not touch it: no file has it."


def test_small_numbers_keep_two_digits():
    assert sentences.places(0.00012) == 5 and sentences.places(0.5, 0.00012) == 3
    assert sentences.places(float("nan"), None) == 3
    assert sentences.with_error(-0.5, None) == "−0.500" and sentences.with_error(1, 0.25, 2) == "1.00 (0.25)"


@pytest.mark.parametrize("study", list(declared_cards()))
@pytest.mark.parametrize("section", ["baseline", "robustness", "heterogeneity", "mechanism"])
def test_what_survives_counts_every_line_of_the_chapter_once(study, section):
    said = sentences.survives_sentence(study, section)
    first, twin = said.split("On the synthetic twin")
    assert first.startswith("On public data"), "public data come first"
    total = int(re.search(r"of (\d+|the one) ", first)[1].replace("the one", "1"))
    counted = [int(n) for n, _ in re.findall(r"(\d+) (" + "|".join(VERDICTS) + ")", first.split(":")[1])]
    assert sum(counted) == total
    assert sum(int(n) for n in re.findall(r"(\d+) [a-z]", twin)) == total
    here = [e for e in study_entries(study) if e.page == f"{study}/{section}" and e.kind != "moment"]
    assert total == (len(here) or sum(e.kind in ("coefficient", "claim") for e in study_entries(study)))


@pytest.mark.parametrize("study", list(declared_cards()))
@pytest.mark.parametrize("section", ["baseline", "heterogeneity", "mechanism"])
def test_a_chapter_opens_with_the_number_of_each_line_it_decides(study, section):
    said, lines = sentences.opening_sentence(study, section), sentences.opening_lines(study, section)
    here = [e for e in study_entries(study) if e.page == f"{study}/{section}" and e.kind != "moment"]
    for entry, line in zip(here, lines, strict=True):
        decimals = sentences.places(entry.public.value, entry.public.error)
        assert f": {sentences.with_error(entry.public.value, entry.public.error, decimals)}" in line
        assert ("the other sign" in line) == (entry.public.value * entry.said.sign <= 0)
    clear = sum(e.public.p_value < 0.05 and e.public.value * e.said.sign > 0 for e in here)
    if len(here) > 1:
        assert said.startswith(f"On public data {clear or 'none'} of {len(here)} numbers ha")
    tried = [e for e in here if e.recipe is not None]
    by_recipe = sum(e.recipe.p_value < 0.05 and e.recipe.value * e.said.sign > 0 for e in tried)
    assert (f"best design, {by_recipe or 'none'} by the paper's recipe" in said) == bool(tried)
    for entry in tried:
        decimals = sentences.places(entry.public.value, entry.public.error)
        told = f"by the recipe {sentences.with_error(entry.recipe.value, entry.recipe.error, decimals)}"
        assert told in lines[here.index(entry)]


def test_a_chapter_quotes_every_line_that_it_decides():
    every = {page: page.read_text(encoding="utf-8") for page in (project_root() / "notebooks").glob("*/*.py")}
    told = {page: text for page, text in every.items() if "quote_survivors(" in text}
    assert len(told) > len(declared_cards())
    for page, text in told.items():
        lines = sentences.opening_lines(page.parent.name, page.stem)
        wanted = [*map(str, range(1, len(lines) + 1)), *(["reading"] if lines else [])]
        assert re.findall(r"`came-out-(\w+)`", text) == wanted, page


@pytest.mark.parametrize("study", list(declared_cards()))
def test_the_head_says_in_how_many_countries_the_numbers_were_found(study):
    said = sentences.reading_sentence(study, "mechanism")
    here = [e for e in study_entries(study) if e.page == f"{study}/mechanism" and e.kind != "moment"]
    (countries,) = {e.twin.countries for e in here if e.twin.planted is not None}
    words = "in one synthetic country" if countries == 1 else f"the mean over {countries} synthetic countries"
    assert said.endswith(f"; found: {words}.")


def test_a_page_that_decides_no_line_quotes_the_public_number_of_those_it_is_about():
    by_name = {e.key.partition("|")[2]: e for e in study_entries("virtual_agglomeration")}
    names = ("boosts_demand", "complements_geography")
    said = sentences.lines_sentence("virtual_agglomeration", *names)
    for entry in map(by_name.get, names):
        decimals = sentences.places(entry.public.value, entry.public.error)
        assert sentences.with_error(entry.public.value, entry.public.error, decimals) in said
    assert "planted" not in said and said.startswith("On public data none of 2 numbers has")
    with pytest.raises(ParameterError, match="no line 'boosts_demnd'.*boosts_demand"):
        sentences.lines_sentence("virtual_agglomeration", "boosts_demnd")


@pytest.mark.parametrize("study", list(declared_cards()))
def test_a_share_of_a_multiverse_says_its_unit_and_the_shares_in_the_others(study):
    table = frozen_multiverse(study).summary()
    axes = [name for name, axis in frozen_multiverse(study).declared.axes.items() if axis.splits]
    claims = {card_of(study).multiverse.get(e.key.partition("|")[2]) for e in study_entries(study)} - {None}
    for name, claim in card_of(study).multiverse.items():
        own = table[table["claim"] == claim]
        others = in_other_units(study, name)
        assert len(others) == len(own) - 1
        shares = {", ".join(row[axis] for axis in axes): row["share_clear"] for _, row in own.iterrows()}
        assert all(shares[over.unit] == over.share_clear for over in others)
    assert claims
    if study == "industrial_upgrading":
        said = sentences.survives_sentence(study, "public_data")
        ready = table[table["series"] == "ready made, by population"]["share_clear"].mean()
        assert f"Eq. (1) over counties; counted apart: ready made, by population {ready:.0%})" in said


def test_a_chapter_that_decides_nothing_opens_with_the_study():
    said = sentences.opening_sentence("virtual_agglomeration", "robustness")
    claims = [entry for entry in study_entries("virtual_agglomeration") if entry.kind == "claim"]
    agree = [e for e in claims if e.public.value * e.said.sign > 0]
    assert f"the study's {len(claims)} claims" in said
    assert (
        f"{len(agree)} have the claimed sign, {sum(e.public.p_value < 0.05 for e in agree) or 'none'} "
        in said
    )


def test_measurement_opens_with_how_many_moments_are_met():
    said = sentences.opening_sentence("industrial_upgrading", "measurement")
    moments = [entry for entry in study_entries("industrial_upgrading") if entry.kind == "moment"]
    near = sum(entry.verdict == "alike" for entry in moments)
    assert f"Of {len(moments)} printed moments" in said and f"{near} of these lie within 5 %" in said


def test_the_figure_has_a_row_for_each_hypothesis_and_claim_in_one_unit():
    fig = overview.survey_figure(ENTRIES)
    ax = fig.axes[0]
    shown = [entry for entry in ENTRIES if entry.kind in ("hypothesis", "claim")]
    assert len(ax.get_yticklabels()) == len(shown) == 24
    words = [text.get_text() for text in ax.texts]
    assert [word for word in words if word in VERDICTS] == [entry.verdict for entry in shown]
    first = shown[0]
    drawn = [line.get_xydata()[0] for line in ax.lines if len(line.get_xydata()) == 1]
    expected = first.said.sign * first.public.value / first.public.error
    assert any(np.allclose(point, (expected, 0)) for point in drawn)
    bare = [e for e in shown if np.isfinite(e.public.p_value) and not e.public.error > 0]
    told = [word for word in words if word.startswith("no standard error: p = ")]
    assert told == [f"no standard error: p = {number(e.public.p_value)}" for e in bare]


def test_the_figure_for_a_phone_says_the_same_in_half_the_width():
    wide, narrow = overview.survey_figure(ENTRIES), overview.survey_figure(ENTRIES, narrow=True)
    assert narrow.get_figwidth() <= wide.get_figwidth() / 1.9

    def said(fig):
        ax = fig.axes[0]
        words = [text.get_text() for text in (*ax.get_yticklabels(), *ax.texts)]
        values = [line.get_xdata()[0] for line in ax.lines if len(line.get_xdata()) == 1]
        return sorted(words), sorted(values)

    assert said(narrow) == said(wide)
    narrow.draw_without_rendering()
    edge = narrow.get_window_extent()
    boxes = [text.get_window_extent() for text in narrow.axes[0].texts]
    assert all(edge.x0 <= box.x0 and box.x1 <= edge.x1 for box in boxes)


def test_the_file_has_every_line_with_grades_and_waivers(tmp_path):
    path = overview.save_scorecard(ENTRIES, load_waivers(), tmp_path)
    rows = json.loads(path.read_text(encoding="utf-8"))
    assert path.name == "scorecard.json" and [row["key"] for row in rows] == [e.key for e in ENTRIES]
    assert all(row["grades"]["verdict"] == row["verdict"] for row in rows)
    waived = {row["key"] for row in rows if row["waivers"]}
    assert waived == {waiver.claim for waiver in load_waivers()}


def test_rates_are_shown_with_the_thresholds_of_the_classes():
    text = _soup(overview.rates_table(ENTRIES)).text
    assert "18 of 18" in text and "at most 25 % of the numbers differ" in text
