"""The file of a paper: what it says, what it refuses and in which words."""

from pathlib import Path

import pytest

import digital_clusters as dc
from digital_clusters.analysis.audit.findings import FINDING_COLUMNS, GRADES, MEANINGS
from digital_clusters.analysis.audit.form import inputs_model
from digital_clusters.analysis.audit.register import CHECKS, check_named, id_and_sentence, inputs_of
from digital_clusters.errors import DataError, FileError, ParameterError
from digital_clusters.paths import data_folder

EXAMPLE = data_folder() / "audit_example.yml"

LEAST_CHECKS = 35


def write(folder: Path, text: str) -> Path:
    path = folder / "paper.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_example_finds_the_two_slips_and_nothing_else():
    found = dc.audit(EXAMPLE)
    assert {finding.id + " " + finding.place for finding in found.contradictions} == {
        "B1 Table 2 (2)",
        "A1 Table 2 (2), hours",
        "A2 Table 2 (2), hours",
    }
    assert [finding.grade for finding in found.findings[:3]] == ["contradicts"] * 3
    assert found.to_frame().columns.tolist() == FINDING_COLUMNS
    assert str(found).splitlines()[-1] == found.summary()
    assert "<table" in found._repr_html_() and "Wages in an invented town" in found._repr_html_()


def test_the_slips_mended_nothing_contradicts(tmp_path):
    text = (
        EXAMPLE.read_text(encoding="utf-8").replace('"19.30"', '"17.30"').replace('"0.012", t', '"0.021", t')
    )
    found = dc.audit(write(tmp_path, text))
    assert not found.contradictions and len(found.findings) == len(dc.audit(EXAMPLE).findings)


def test_the_way_of_rounding_holds_for_the_whole_file(tmp_path):
    body = "checks:\n- {check: t, place: T, term: {coefficient: '1.00', standard_error: '1.00'}, t: '0.99'}\n"
    nearest = dc.audit(write(tmp_path, "paper: x\n" + body))
    assert nearest.findings[0].implied == "0.990 to 1.010"
    cut = dc.audit(write(tmp_path, "paper: x\nrounding: truncated\n" + body))
    assert cut.findings[0].implied == "0.990 to 1.010"
    assert nearest.findings[0].grade == cut.findings[0].grade == "possible"
    one = body.replace("0.99'", "1.02'")
    assert dc.audit(write(tmp_path, "paper: x\n" + one)).contradictions
    assert dc.audit(write(tmp_path, "paper: x\nrounding: unknown\n" + one)).contradictions == ()


CHECK = "paper: x\nchecks:\n- {check: sample_size, place: T, printed: 22, cities: 2, years: 11}\n"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "cities: 2",
            "cites: 2",
            r"line 3, key 'checks\.0\.cites': unknown key 'cites' \(did you mean 'cities'",
        ),
        (", years: 11", "", r"key 'checks\.0\.years': field required"),
        ("printed: 22", "printed: '22'", r"key 'checks\.0\.printed': is text here; write 22 without quotes"),
        ("printed: 22", "printed: many", "is text and no number"),
        ("printed: 22", "printed: true", "is a truth value and no number"),
        ("printed: 22", "printed: .nan", r"key 'checks\.0\.printed'"),
        ("printed: 22", "printed: 1.5", r"key 'checks\.0\.printed'"),
        ("printed: 22", "printed: -3", "greater than or equal to 0"),
        (
            "check: sample_size",
            "check: sample_sise",
            r"no check 'sample_sise' \(did you mean 'sample_size'\?\)",
        ),
        ("check: sample_size, ", "", "needs 'check', the name of one"),
        ("check: sample_size", "check: 3", "needs 'check', the name of one"),
        ("place: T", "place: 7", r"key 'checks\.0\.place': input should be a valid string"),
        ("paper: x", "paper: x\ntitle: y", r"line 2, key 'title': unknown key 'title'.*the keys are: paper"),
        ("paper: x", "paper: x\nrounding: up", r"line 2, key 'rounding': input should be 'nearest'"),
        ("paper: x", "paper: x\nstars: {'*': 5}", r"key 'stars\.\*': input should be less than 1"),
        ("paper: x\n", "", "key 'paper': field required"),
    ],
)
def test_what_is_wrong_is_a_sentence_with_line_and_key(tmp_path, old, new, words):
    assert old in CHECK
    with pytest.raises(DataError, match=words) as refused:
        dc.audit(write(tmp_path, CHECK.replace(old, new, 1)))
    assert str(tmp_path) in str(refused.value) and "Traceback" not in str(refused.value)


TERM = """paper: x
columns:
- place: T
  terms:
  - {name: a, coefficient: '1.0', standard_error: '0.5', p: '0.05'}
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "'1.0'",
            "1.0",
            r"line 5, key 'columns\.0\.terms\.0\.coefficient': write the number as it is printed",
        ),
        ("'1.0'", "'one'", "'one' is not a number"),
        ("'1.0'", "'nan'", "'nan' is not a number"),
        ("'1.0'", "'inf'", "'inf' is not a number"),
        ("'0.05'", "0.05", "write the p value as it is printed, in quotes"),
        ("'0.05'", "'small'", "'small' is not a p value such as"),
        ("name: a", "nam: a", r"key 'columns\.0\.terms\.0\.nam'"),
        (
            "place: T",
            "place: T\n  r2: '0.5'\n  f: '3'\n  n: 3\n  regressors: 4",
            "n = 3 leaves no degree of freedom",
        ),
    ],
)
def test_what_is_wrong_in_a_table_is_a_sentence(tmp_path, old, new, words):
    with pytest.raises(DataError, match=words):
        dc.audit(write(tmp_path, TERM.replace(old, new)))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty or not a mapping; it needs: paper, rounding"),
        ("- 1\n", "is empty or not a mapping"),
        ("paper: x\n", "has nothing to check"),
    ],
)
def test_a_file_without_tables(tmp_path, text, words):
    with pytest.raises(DataError, match=words):
        dc.audit(write(tmp_path, text))


def test_a_key_twice_and_no_file(tmp_path):
    with pytest.raises(FileError, match="line 2: key 'paper' is there twice, first in line 1"):
        dc.audit(write(tmp_path, "paper: x\npaper: y\n"))
    with pytest.raises(FileError, match="missing"):
        dc.audit(tmp_path / "none.yml")


def test_many_problems_are_told_five_at_a_time(tmp_path):
    text = "paper: x\nchecks:\n" + "- {check: sample_size, place: T}\n" * 4
    with pytest.raises(DataError) as refused:
        dc.audit(write(tmp_path, text))
    lines = str(refused.value).splitlines()
    assert len(lines) == 6 and lines[-1] == "… 7 more"


def test_an_error_of_a_check_names_its_line(tmp_path):
    text = "paper: x\nchecks:\n- {check: whole_cities, place: T, parts: [11], years: 0}\n"
    with pytest.raises(DataError, match=r"line 3, key 'checks\.0': T: years = 0 must be 1 or more"):
        dc.audit(write(tmp_path, text))


def test_every_check_has_an_id_a_sentence_and_a_schema():
    assert len(CHECKS) >= LEAST_CHECKS
    for name, check in CHECKS.items():
        key, sentence = id_and_sentence(check)
        assert key[0] in "ABCDE" and key[1:].isdigit(), name
        assert sentence.endswith(".") and sentence[0] != " ", name
        assert set(inputs_model(check).model_fields) == {"check", "place", *inputs_of(check)}
    with pytest.raises(ParameterError, match="they are: t, p, statistic"):
        check_named("zzzzzzzz")


def test_every_grade_has_a_meaning():
    assert set(MEANINGS) == set(GRADES)
