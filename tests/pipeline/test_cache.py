import pytest

from digital_clusters.errors import FileError
from digital_clusters.pipeline.cache import Store, page_key
from digital_clusters.pipeline.notebooks import find


def key(project, section, **values):
    page = find(project.root, f"study/{section}")
    return page_key(page, {**page.defaults, **values}, project.root)


def keys(project):
    return [key(project, section) for section in ("first", "second")]


def test_nothing_changed_is_the_same_key(project):
    assert keys(project) == keys(project)


@pytest.mark.parametrize(
    ("file", "old", "new", "changed"),
    [
        ("src/helpers/doubling.py", "2.0", "2.5", [True, False]),
        ("src/helpers/tripling.py", "3.0", "3.5", [False, True]),
        ("src/helpers/base.py", "a * b", "b * a", [False, True]),
        ("src/helpers/base.py", "a * b", "(a * b)  # in words", [False, False]),
        ("src/helpers/__init__.py", "", "x = 1", [True, True]),
        ("notebooks/study/first.py", "The coefficient", "This coefficient", [True, False]),
        ("data/facts.yml", "42", "43", [False, False]),
        ("src/random.py", "", "seed = None", [True, True]),
        ("src/numpy/linalg/deep.py", "", "norm = None", [True, True]),
        ("src/helpers/unused.py", "", "x = 1", [False, False]),
        ("matplotlibrc", "", "lines.linewidth: 9", [True, True]),
        ("requirements.lock", "numpy==1", "numpy==2", [True, True]),
        ("book/index.md", "Small", "Tiny", [False, False]),
    ],
)
def test_a_change_reaches_what_uses_it_and_nothing_else(project, file, old, new, changed):
    before = keys(project)
    project.replace(file, old, new) if old else project.write(file, new)
    assert [a != b for a, b in zip(before, keys(project), strict=True)] == changed


def test_parameters_and_package_files_are_in_the_key_and_types_and_new_data_are_not(project):
    before = keys(project)
    assert key(project, "first", folds=6) != before[0]
    project.write("data/more/new.yml", "x: 1\n")
    assert keys(project) == before
    project.write("data/more/new.sav", "read by a library that Python does not see")
    with_data = keys(project)
    assert with_data != before
    project.write("src/helpers/template.json", "{}")
    with_template = keys(project)
    assert with_template != with_data
    project.write("src/helpers/__init__.pyi", "# for type checkers")
    project.write("src/helpers/py.typed", "")
    project.write("src/helpers/__pycache__/base.pyc", "compiled")
    project.write("data/.DS_Store", "finder")
    assert keys(project) == with_template


def fill(store, key, text="page"):
    with store.new("study/first", key) as entry:
        entry.page.write_text(text)
        (entry.folder / "results" / "study.first.json").write_text("[]")


def test_an_entry_is_given_back_only_whole(tmp_path):
    store = Store(tmp_path)
    assert store.get("study/first", "k" * 64) is None
    fill(store, "k" * 64)
    entry = store.get("study/first", "k" * 64)
    assert entry.page.read_text() == "page"
    assert [file.name for file in entry.results] == ["study.first.json"]
    entry.page.write_text("edited")
    assert store.get("study/first", "k" * 64) is None


def test_a_changed_or_missing_result_is_a_miss(tmp_path):
    store = Store(tmp_path)
    fill(store, "k" * 64)
    store.get("study/first", "k" * 64).results[0].unlink()
    assert store.get("study/first", "k" * 64) is None


def test_a_key_that_only_begins_alike_is_a_miss(tmp_path):
    store = Store(tmp_path)
    fill(store, "a" * 64)
    assert store.get("study/first", "a" * 63 + "b") is None


def test_a_failed_run_leaves_nothing_and_spares_the_old_entry(tmp_path):
    store = Store(tmp_path)
    fill(store, "k" * 64, "old")
    with pytest.raises(RuntimeError), store.new("study/first", "k" * 64) as entry:
        entry.page.write_text("half")
        raise RuntimeError
    assert store.get("study/first", "k" * 64).page.read_text() == "old"
    assert [path.name for path in (tmp_path / "study.first").iterdir()] == ["k" * 20]


def test_the_oldest_entries_are_dropped(tmp_path):
    store = Store(tmp_path, keep=2)
    for letter in "abc":
        fill(store, letter * 64)
    kept = [letter for letter in "abc" if store.get("study/first", letter * 64)]
    assert kept == ["b", "c"]


def test_single_runs_do_not_drop_the_book_s_own_pages(tmp_path):
    book, single = Store(tmp_path, keep=2), Store(tmp_path, keep=2)
    for name, letter in (("twin", "t"), ("public", "p")):
        book.pin("study/first", name, letter * 64)
        fill(book, letter * 64)
    for letter in "abcdef":
        fill(single, letter * 64)
    kept = [letter for letter in "tpabcdef" if book.get("study/first", letter * 64)]
    assert kept == ["t", "p", "e", "f"]


def test_an_unwritable_folder_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(FileError, match="cannot write to"), Store(tmp_path / "file").new("a", "k" * 64):
        pytest.fail("the block must not be entered")
