"""Glossary and code book: every word in both languages, every page that is named is there."""

import re
from pathlib import Path

import pytest
import yaml

from digital_clusters.errors import BuildError
from digital_clusters.pipeline.notebooks import contents
from digital_clusters.pipeline.site.words import GLOSSARY, codebook_page, glossary_page
from digital_clusters.sources.schema import codebook_section

ROOT = Path(__file__).parents[3]
CHINESE = re.compile(r"[\u4e00-\u9fff]")
ENTRIES = [page.entry for page in contents(ROOT)]
WORD = {"term": "power", "zh": "检验功效", "meaning": "A share.", "page": "book/method"}


def page_of(tmp_path, *words):
    file = tmp_path / "glossary.yml"
    file.write_text(yaml.safe_dump({"terms": list(words)}, allow_unicode=True), encoding="utf-8")
    return glossary_page(file, ["book/method"])


def test_every_word_is_in_both_languages_and_leads_to_a_page_of_the_book():
    told = yaml.safe_load((ROOT / GLOSSARY).read_text(encoding="utf-8"))
    for word in (*told["terms"], *told["studies"]):
        assert CHINESE.search(word["zh"]), word
        assert word["page"] in ENTRIES, word


@pytest.mark.parametrize(
    "word", ["DML", "Fieller", "虚拟集聚", "twin", "Mundlak", "delta council", "coverage", "wedge"]
)
def test_a_word_that_readers_search_for_is_a_term(word):
    lines = glossary_page(ROOT / GLOSSARY, ENTRIES).splitlines()
    assert word in lines


def test_a_word_without_its_page_is_explained_without_a_link(tmp_path):
    text = page_of(tmp_path, WORD, WORD | {"term": "bias", "zh": "偏误", "page": "book/none"})
    assert "A share. → {doc}`/book/method`" in text and "book/none" not in text


@pytest.mark.parametrize("field", ["zh", "meaning", "page"])
def test_a_word_that_lacks_something_is_refused(tmp_path, field):
    with pytest.raises(BuildError, match=f"power has no {field}"):
        page_of(tmp_path, {name: text for name, text in WORD.items() if name != field})


def test_a_word_that_stands_twice_is_refused(tmp_path):
    with pytest.raises(BuildError, match="Power stands there twice"):
        page_of(tmp_path, WORD, {**WORD, "term": "size", "also": ["Power"], "zh": "水平"})


def test_every_column_of_the_panels_is_in_the_code_book_with_its_chinese_name():
    rows = [line.split(" | ") for line in codebook_page().splitlines() if line.startswith("| `")]
    assert [row[0].strip("| `") for row in rows] == list(codebook_section("panel"))
    assert all(CHINESE.search(row[-1]) for row in rows)
