"""What was found is shown as text; what is not there is a sentence with a near name."""

import json

import pandas as pd
import pytest

from digital_clusters.errors import FileError, ParameterError
from digital_clusters.pipeline.kernels.execute import METADATA
from digital_clusters.pipeline.workshop.show import MOST_ROWS, show_found

ESTIMATE = {
    "terms": ["uil"],
    "coefficients": [-0.25],
    "covariance": [[0.0625]],
    "n_observations": 10,
    "method": "double_machine_learning",
    "errors": "robust",
}


@pytest.fixture
def root(tmp_path):
    """A project with a run of one page and a sweep of three points, one of which failed."""
    files = {
        "_toc.yml": "format: jb-book\nroot: book/index\nchapters:\n  - file: notebooks/study/only\n",
        "book/index.md": "# Book\n",
        "notebooks/study/only.py": '# %% tags=["parameters"]\nfolds = 5\n',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    place = tmp_path / "_build/runs/study/only"
    (place / "folds=6").mkdir(parents=True)
    told = {"page": "study/only", "parameters": {"folds": 6}, "data": "twin", "commit": "abc"}
    (place / "folds=6.ipynb").write_text(json.dumps({"metadata": {METADATA: told}}))
    (place / "folds=6/study.only.json").write_text(json.dumps([{"key": "one", "estimate": ESTIMATE}]))
    rows = [("a", 5, "uil", -0.1, 0.02, None), ("b", 6, "uil", -0.2, 0.03, None)]
    rows += [("c", 7, None, None, None, "it broke\nin line 2")]
    names = ["point", "folds", "term", "coefficient", "standard_error", "error"]
    (tmp_path / "_build/sweeps/mine").mkdir(parents=True)
    pd.DataFrame(rows, columns=names).to_parquet(tmp_path / "_build/sweeps/mine/estimates.parquet")
    return tmp_path


def test_without_a_name_it_lists_what_there_is(root, tmp_path_factory):
    assert show_found(root).split() == ["sweep", "mine", "run", "study/only"]
    assert "nothing was run yet" in show_found(tmp_path_factory.mktemp("new"))


@pytest.mark.parametrize("by_folder", [False, True])
def test_a_sweep_shows_what_varies_and_what_failed(root, by_folder):
    text = show_found(root, str(root / "_build/sweeps/mine") if by_folder else "mine")
    assert "3 points, 2 estimates, 1 failed" in text and "c: it broke" in text and "line 2" not in text
    assert "folds" in text and "-0.2" in text and " uil" not in text


def test_a_long_table_is_cut_and_says_so(root):
    frame = pd.DataFrame({"point": range(MOST_ROWS + 5), "coefficient": 1.0, "error": None})
    frame.to_parquet(root / "_build/sweeps/mine/estimates.parquet")
    assert show_found(root, "mine").endswith("… 5 more rows")


def test_a_run_shows_parameters_and_estimates(root):
    text = show_found(root, "study/only")
    assert "folds=6" in text and "one.estimate" in text and "-0.25" in text and "0.25\n" in text + "\n"


@pytest.mark.parametrize(
    ("name", "words"),
    [("mien", "did you mean 'mine'"), ("study/onyl", "did you mean 'study/only'")],
)
def test_a_wrong_name_offers_the_near_one(root, name, words):
    with pytest.raises(ParameterError, match=words):
        show_found(root, name)


def test_a_damaged_table_is_a_sentence(root):
    (root / "_build/sweeps/mine/estimates.parquet").write_text("no")
    with pytest.raises(FileError, match="cannot be read"):
        show_found(root, "mine")
