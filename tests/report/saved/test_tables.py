"""A table as a file: what Word opens has the same words as the page, and the same bytes each time."""

import shutil
import subprocess
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
    # a heading that is as high as two rows stands above its own column
    assert rows[:2] == [["", "Both"], ["Term", "One", "Two"]]
    assert rows[2:] == [["x < y & z", "1.0(0.2)", "a"], ["last1", "3", "b"]]
    assert [span.get(tag("val")) for span in body.iter(tag("gridSpan"))] == ["2"]
    assert len(list(body.iter(tag("br")))) == 1 and len(list(body.iter(tag("gridCol")))) == 3
    (raised,) = {words(run) for run in body.iter(tag("r")) if list(run.iter(tag("vertAlign")))}
    assert raised == "1"


def test_the_same_table_is_the_same_bytes(tmp_path):
    first, second = (save_table(TABLE, tmp_path / name).read_bytes() for name in ("a.docx", "b.docx"))
    assert first == second


def test_latex_has_spans_breaks_and_footnotes(tmp_path):
    lines = save_table(TABLE, tmp_path / "t.tex").read_text(encoding="utf-8").splitlines()
    body = lines[lines.index(r"\begin{tabular}{lll}") + 1 : lines.index(r"\end{tabular}}")]
    assert body == [
        r"\toprule",
        r" & \multicolumn{2}{c}{Both} \\ \cmidrule(lr){2-3}",
        r"Term & One & Two \\",
        r"\midrule",
        r"x $<$ y \& z & \begin{tabular}[t]{@{}l@{}}1.0\\(0.2)\end{tabular} & a \\",
        r"last\textsuperscript{1} & 3 & b \\",
        r"\bottomrule",
    ]
    assert "A note. Data: some data.\\par" in lines and r"\textsuperscript{1} A footnote." in lines


def test_html_is_a_page(tmp_path):
    page = save_table(TABLE, str(tmp_path / "t.html")).read_text(encoding="utf-8")
    assert page.lstrip().lower().startswith("<!doctype html") and "Title" in page


DOCUMENT = r"""\documentclass{article}
\usepackage{booktabs, caption, graphicx}
\begin{document}
\input{a.tex}
\input{b.tex}
\end{document}
"""


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_pdftex_takes_it_and_nothing_sticks_out(tmp_path):
    words = [
        "virtual agglomeration of a whole province",
        "[1.0, 2.0]",
        "* 5 % & ρ ≥ 0 _ ^ ~ \\ { } # $ | < >",
    ]
    wide = styled(
        pd.DataFrame({f"{k}. {word}": words for k, word in enumerate(words)}), "Wide", "", "some data"
    )
    save_table(TABLE, tmp_path / "a.tex")
    save_table(wide, tmp_path / "b.tex")
    (tmp_path / "d.tex").write_text(DOCUMENT)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "d.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace")
    assert done.returncode == 0, done.stdout
    assert "Overfull" not in done.stdout


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
    assert text.isascii() and text.startswith("% \\usepackage{booktabs, caption, graphicx}")
    assert r"$\rho$ & $-$0.005" in text and r"W$\cdot$x$^2$ & a \& b\_c, 5 \%" in text
