"""A table as a file: what Word opens has the same words as the page, and the same bytes each time."""

import zipfile
from xml.etree import ElementTree

import pandas as pd
import pytest
from great_tables import GT

from digital_clusters.errors import FileError, ParameterError
from digital_clusters.report.saved.tables import WORD, save_table
from digital_clusters.report.tables import styled

FRAME = pd.DataFrame({"Term": ["x < y & z", "last"], "One": ["1.0<br>(0.2)", "3"], "Two": ["a", "b"]})
TABLE = styled(
    FRAME,
    "Title",
    "A note.",
    "some data",
    spanners={"Both": ["One", "Two"]},
    markup=["One"],
    footnotes=[(1, "Term", "A footnote.")],
)


def tag(name):
    return f"{{{WORD}}}{name}"


def words(element):
    return "".join(found.text or "" for found in element.iter(tag("t")))


def test_word_gets_title_rows_spans_breaks_and_notes(tmp_path):
    with zipfile.ZipFile(save_table(TABLE, tmp_path / "t.docx")) as opened:
        assert opened.testzip() is None
        body = ElementTree.fromstring(opened.read("word/document.xml"))[0]
    paragraphs = [words(element) for element in body if element.tag == tag("p")]
    assert (
        paragraphs[0] == "Title"
        and "A note. Data: some data." in paragraphs
        and "1 A footnote." in paragraphs
    )
    rows = [[words(cell) for cell in row.iter(tag("tc"))] for row in body.iter(tag("tr"))]
    assert rows[-2:] == [["x < y & z", "1.0(0.2)", "a"], ["last1", "3", "b"]]
    assert [span.get(tag("val")) for span in body.iter(tag("gridSpan"))] == ["2"]
    assert len(list(body.iter(tag("br")))) == 1 and len(list(body.iter(tag("gridCol")))) == 3
    (raised,) = {words(run) for run in body.iter(tag("r")) if list(run.iter(tag("vertAlign")))}
    assert raised == "1"


def test_the_same_table_is_the_same_bytes(tmp_path):
    first, second = (save_table(TABLE, tmp_path / name).read_bytes() for name in ("a.docx", "b.docx"))
    assert first == second


def test_latex_and_html(tmp_path):
    plain = styled(FRAME[["Term", "Two"]], "Title", "A note.", "some data")
    assert "\\begin{tabular" in save_table(plain, tmp_path / "t.tex").read_text(encoding="utf-8")
    page = save_table(TABLE, str(tmp_path / "t.html")).read_text(encoding="utf-8")
    assert page.lstrip().lower().startswith("<!doctype html") and "Title" in page


def test_another_ending_and_a_place_that_is_none_are_sentences(tmp_path):
    with pytest.raises(ParameterError, match=r"did you mean '\.docx'"):
        save_table(TABLE, tmp_path / "t.doc")
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot be written"):
        save_table(TABLE, tmp_path / "file" / "t.docx")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_latex_has_only_signs_that_pdftex_knows(tmp_path):
    frame = pd.DataFrame({"Term": ["ρ", "W·x²"], "(1)": ["−0.005", "a & b_c, 5 %"]})
    text = save_table(GT(frame), tmp_path / "t.tex").read_text(encoding="utf-8")
    assert text.isascii() and text.startswith("% \\usepackage{booktabs, caption}")
    assert r"$\rho$ & $-$0.005" in text and r"W$\cdot$x$^2$ & a \& b\_c, 5 \%" in text
