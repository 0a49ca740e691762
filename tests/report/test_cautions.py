"""Tables say at their foot what the estimates in them warn of."""

import json
import re
from dataclasses import replace

import pytest

from digital_clusters.analysis.claims import load_claims
from digital_clusters.analysis.published import PrintedTerm
from digital_clusters.estimators.estimate import Coefficient, Estimate
from digital_clusters.estimators.wald import REMEDY
from digital_clusters.paths import project_root
from digital_clusters.report import verdicts
from digital_clusters.report.cautions import caution_in_words, cautions
from digital_clusters.report.compare import Row, comparison_table
from digital_clusters.report.estimates import coefficients_table, errors_table
from digital_clusters.report.models import table

RESULTS = project_root() / "data" / "results"
SAID = "'x': 4.0 effective clusters of 30, fewer than 20: the errors are too small"
WORDS = SAID.replace("'x'", "X")


@pytest.fixture
def calm():
    return Estimate(("x",), [0.5], [[0.01]], 100, "two_way_fixed_effects", "clustered", n_clusters=30)


@pytest.fixture
def warned(calm):
    return replace(calm, warnings=(SAID,))


def text_of(page) -> str:
    return re.sub(r"<[^>]+>", " ", page.as_raw_html())


def compared(found):
    printed = PrintedTerm(term="x", coefficient="0.5", standard_error="0.1", stars="")
    return comparison_table([Row("Table 1", "x", printed, 10, found, found)])


MAKERS = {
    "models": lambda found: table({"one": found, "two": found}),
    "errors": lambda found: errors_table({"robust": found, "clustered": found}, {"x": "term"}, "made up"),
    "coefficients": lambda found: coefficients_table(found, "made up"),
    "specifications": lambda found: verdicts.specs_table({"as it is": (found, "x")}, label="made up"),
    "comparison": compared,
}


def test_a_sentence_is_a_footnote_of_each_cell_that_shows_the_estimate(calm, warned):
    found = cautions([(0, "a", calm), (1, "b", warned), (2, "c", None), (3, "d", warned.term("x"))])
    assert found == [(1, "b", f"{WORDS}."), (3, "d", f"{WORDS}.")]
    assert warned.term("x").warnings == (SAID,)
    assert "warnings" not in warned.term("x").record()


def kept_warnings():
    """Every warning in the records of results."""
    for path in sorted(RESULTS.glob("*.json")):
        for said in re.findall(r'"warnings": (\[.*?\])', path.read_text("utf-8"), re.DOTALL):
            yield from json.loads(said)


def test_no_caution_of_a_record_names_code():
    found = {caution_in_words(text) for text in kept_warnings()}
    assert len(found) > 5
    for text in found:
        assert not re.search(r"[a-z]_[a-z]|'\w+'|=", text), text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("'rho': 4.0 effective clusters", "ρ: 4.0 effective clusters"),
        (
            "'att': 2 units; use placebo_adoption",
            "the effect: 2 units; use a permutation of the years of adoption",
        ),
        ("'uil', 'uil^2' and 2 more: few", "index of structure, index of structure, squared and 2 more: few"),
        (
            "a test; " + REMEDY,
            "a test; compare Hotelling's reference distribution, or use the wild bootstrap",
        ),
    ],
)
def test_terms_and_remedies_are_told_in_words(text, words):
    assert caution_in_words(text) == words


@pytest.mark.parametrize("kind", MAKERS)
def test_tables_of_estimates_say_it_once_and_only_where_it_is(kind, calm, warned):
    assert text_of(MAKERS[kind](warned)).count("4.0 effective clusters") == 1
    assert "effective clusters" not in text_of(MAKERS[kind](calm))


def test_tables_of_claims_say_it():
    study = load_claims("virtual_agglomeration")
    said = Coefficient("x", 0.1, 0.1, -0.1, 0.3, 0.4, 50, warnings=(SAID,))
    found = {claim.key: said for claim in study.claims}
    assert text_of(verdicts.public_table(study, found)).count("4.0 effective clusters") == 1
    quiet = {key: replace(value, warnings=()) for key, value in found.items()}
    assert "effective clusters" not in text_of(verdicts.public_table(study, quiet))
