import pytest

from digital_clusters.errors import BuildError, ParameterError
from digital_clusters.pipeline.notebooks import contents, find, notebooks, read

MYST = """\
---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {name: python3, display_name: Python 3, language: python}
---

# Twin

```{code-cell} ipython3
:tags: [parameters]
folds = 7
```
"""


def test_pages_come_in_reading_order_and_only_text_notebooks_run(project):
    pages = contents(project.root)
    assert [page.name for page in pages] == [
        "book/index",
        "study/first",
        "study/second",
        "book/parameters",
        "book/status",
        "book/references",
    ]
    assert [page.name for page in notebooks(project.root)] == ["study/first", "study/second"]


def test_a_myst_page_with_a_header_is_a_notebook(project):
    project.write("book/references.md", MYST)
    page = find(project.root, "book/references")
    assert page.is_notebook
    assert page.defaults == {"folds": 7}


@pytest.mark.parametrize("name", ["study/first", "notebooks/study/first.py", "./notebooks/study/first"])
def test_a_notebook_is_found_by_name_or_path(project, name):
    assert find(project.root, name).path == project.root / "notebooks/study/first.py"


def test_an_unknown_notebook_is_answered_with_those_there_are(project):
    with pytest.raises(ParameterError, match=r"did you mean 'study/first'\?.*study/first, study/second"):
        find(project.root, "study/frist")


def test_a_page_without_file_and_a_malformed_table_of_contents(project):
    project.replace("_toc.yml", "book/references", "book/nowhere")
    with pytest.raises(BuildError, match="no file for 'book/nowhere'"):
        contents(project.root)
    assert [page.name for page in notebooks(project.root)] == ["study/first", "study/second"]
    project.write("_toc.yml", "format: jb-book\nchapters: 3\n")
    with pytest.raises(BuildError, match=r"_toc\.yml"):
        contents(project.root)


def test_two_files_for_one_page_are_refused(project):
    project.write("notebooks/study/first.md", MYST)
    with pytest.raises(BuildError, match="ambiguous"):
        contents(project.root)


def test_a_broken_header_is_an_error_that_names_the_file(project):
    project.replace("notebooks/study/first.py", "#     display_name: Python 3\n", "")
    with pytest.raises(BuildError, match=r"first\.py: not a jupytext notebook"):
        read(project.root / "notebooks/study/first.py")
