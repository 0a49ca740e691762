"""Whatever is written on the command line or into a sweep file is used, or refused in a short sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digital_clusters.errors import DigitalClustersError, ParameterError
from digital_clusters.pipeline import notebooks, parameters
from digital_clusters.pipeline.sweep import MOST_POINTS, plan, point_id, read_sweep

pytestmark = pytest.mark.slow  # the file takes more than ten seconds

KIND = "Hostile words, sweep files and tables of contents"

LONGEST_MESSAGE = 4000
"""Characters of a refusal: the names of all parameters, and what is wrong with twenty values."""

SETTINGS = settings(
    derandomize=True,
    deadline=None,
    max_examples=max(300, round(1100 * float(os.environ.get("DIGITAL_CLUSTERS_LONG_CAMPAIGN") or 0))),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
PAGE = '# %% tags=["parameters"] limits={"folds": {"le": 9}}\n' + "\n".join(
    f"{name} = {field.default!r}"
    for name, field in parameters.vocabulary().items()
    if not field.is_required()
)
NAMES = st.sampled_from(list(parameters.vocabulary())) | st.text(max_size=30)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
)
WORDS = st.one_of(
    st.text(),
    st.text("([{-'\"\\0,=9e+\n"),
    st.sampled_from("([{-'9").map(lambda sign: sign * 9_000),
    st.integers(1, 10**6).map(lambda size: "x" * size),
    VALUES.map(repr),
)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    root = tmp_path_factory.mktemp("project")
    for name, text in {
        "_toc.yml": "format: jb-book\nroot: book/index\nchapters:\n  - file: notebooks/study/only\n",
        "book/index.md": "# Book\n",
        "data/facts.yml": "x: 1\n",
        "notebooks/study/only.py": PAGE + "\n",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return notebooks.find(root, "study/only")


def refused(call) -> str | None:
    """The sentence of a refusal; any other exception is a failure of the test."""
    try:
        call()
    except DigitalClustersError as error:
        assert 0 < len(str(error)) < LONGEST_MESSAGE
        return str(error)
    return None


@SETTINGS
@given(st.lists(st.tuples(NAMES, WORDS), max_size=3), st.text(max_size=3))
def test_words_of_the_command_line(page, record_property, pairs, rest):
    record_property("tried", 1)
    options = [f"{name}={value}" for name, value in pairs] + ([rest] if rest else [])

    def read():
        overrides = parameters.parse_options(options)
        values = parameters.validate_parameters(page.name, page.defaults, overrides, page.limits)
        # what is accepted is accepted again as it stands, so that the record of a run can be run
        assert parameters.validate_parameters(page.name, page.defaults, values, page.limits) == values

    refused(read)


@SETTINGS
@given(
    st.fixed_dictionaries(
        {"notebook": st.just("study/only")},
        optional={
            "fixed": st.dictionaries(NAMES, SCALARS, max_size=2) | VALUES,
            "grid": st.dictionaries(NAMES, st.lists(SCALARS, max_size=3), max_size=3) | VALUES,
            "points": st.lists(st.dictionaries(NAMES, SCALARS, max_size=2), max_size=3) | VALUES,
        },
    )
    | VALUES
)
def test_sweep_files_of_plain_values(page, tmp_path, record_property, content):
    record_property("tried", 1)
    file = tmp_path / "sweep.yml"
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    root = page.path.parents[2]
    refused(lambda: plan(read_sweep(file), root, "sweep"))


@SETTINGS
@given(st.binary(max_size=200) | st.text("-:[]{}&*!|>#'\" \n\tfoldsgrid05~.\\").map(str.encode))
def test_sweep_files_of_any_bytes(page, tmp_path, record_property, content):
    record_property("tried", 1)
    file = tmp_path / "sweep.yml"
    file.write_bytes(content)
    assert refused(lambda: plan(read_sweep(file), page.path.parents[2], "sweep"))


@pytest.mark.parametrize("sign", ["[", "{", "(", "- ", "'", "!", "&a ", "? "])
def test_deep_sweep_files(tmp_path, sign):
    file = tmp_path / "sweep.yml"
    file.write_text("notebook: study/only\ngrid: " + sign * 20_000, encoding="utf-8")
    assert refused(lambda: read_sweep(file))


def test_a_size_is_told_without_the_points(tmp_path):
    file = tmp_path / "sweep.yml"
    grid = {f"p{number}": list(range(100)) for number in range(100)}
    file.write_text(yaml.safe_dump({"notebook": "study/only", "grid": grid}), encoding="utf-8")
    with pytest.raises(ParameterError, match=f"at most {MOST_POINTS:,}"):
        read_sweep(file)


@SETTINGS
@given(st.dictionaries(NAMES, VALUES | st.text(min_size=50, max_size=300), max_size=4))
def test_every_point_has_a_name_for_a_file(record_property, point):
    record_property("tried", 1)
    name = point_id(point)
    assert name not in ("", ".", "..")
    assert "/" not in name and "\0" not in name and name.isprintable()
    assert len(name.encode()) <= 80


@pytest.mark.parametrize(
    "text", ["a: [", "\t", "root: [", "- a", "format: jb-book\nroot: 3\n", "root: \xe9\x00"]
)
def test_a_table_of_contents_that_is_none(page, tmp_path, text):
    (tmp_path / "_toc.yml").write_text(text, encoding="latin-1")
    assert refused(lambda: notebooks.notebooks(tmp_path))


@pytest.mark.parametrize("name", ["x" * 10**6, "", "../..", "study/onyl", "\0", "学"])
def test_a_name_of_no_notebook(page, name):
    assert refused(lambda: notebooks.find(page.path.parents[2], name))


@pytest.mark.parametrize(
    "locale", [{"LC_ALL": "C"}, {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}]
)
@pytest.mark.parametrize(
    "words", [("run", "--list"), ("run", "x((((", "-p", "x=((((学"), ("sweep", "学.yml")]
)
def test_any_locale(page, locale, words):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    source = str(Path(parameters.__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-m", "digital_clusters.cli", *words],
        cwd=page.path.parents[2],
        env=environment | {"LC_ALL": "C"} | locale | {"PYTHONPATH": source},
        capture_output=True,
        check=False,
    )
    assert done.returncode in (0, 2)
    assert b"Traceback" not in done.stderr
