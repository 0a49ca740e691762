"""What a page reads, lists and looks for, in whatever process, and which pages run again for it."""

import subprocess
import sys

import pytest

from digital_clusters.pipeline import book, runs
from digital_clusters.pipeline.kernels.environment import (
    KERNEL_FOLDER,
    PROFILE,
    RECORDER,
    facts_of_files,
    isolated_environment,
    opened_files,
)
from digital_clusters.pipeline.notebooks import find

CONFIGURED = ("InteractiveShellApp", "HistoryManager", "InlineBackend")
SETTINGS = "class c:\n" + "".join(f"    class {name}: pass\n" for name in CONFIGURED)


def read_by(project, code, recorder=RECORDER):
    """The files that a plain Python process notes, with the profile in it, while it runs ``code``."""
    folder = project.root / "_build" / KERNEL_FOLDER
    environment = isolated_environment(folder, project.root)
    text = SETTINGS + recorder.read_text(encoding="utf-8") + PROFILE + code
    subprocess.run([sys.executable, "-c", text], env=environment, cwd=project.root, check=True)
    return opened_files(folder)


def facts(project):
    return facts_of_files(project.root / "_build" / KERNEL_FOLDER)


CHILDREN = {
    "python": "import subprocess, sys; subprocess.run([sys.executable, '-c', {code!r}], check=True)",
    "grandchild": "import subprocess, sys; child = 'import subprocess, sys; "
    "subprocess.run([sys.executable, sys.argv[1], sys.argv[2]], check=True)'; "
    "subprocess.run([sys.executable, '-c', child, '-c', {code!r}], check=True)",
    "joblib": "import joblib; joblib.Parallel(n_jobs=2)(joblib.delayed(exec)({code!r}) for _ in range(2))",
    "fork": "from multiprocessing import get_context; "
    "child = get_context('fork').Process(target=exec, args=({code!r}, {{}})); child.start(); child.join()",
}
SPAWNED = """
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
with ProcessPoolExecutor(1, mp_context=get_context({method!r})) as pool:
    pool.submit(exec, {code!r}).result()
"""
CHILDREN |= {name: SPAWNED.replace("{method!r}", repr(name)) for name in ("spawn", "forkserver")}


@pytest.mark.slow
@pytest.mark.parametrize("kind", CHILDREN)
def test_what_a_child_reads_and_lists_is_noted(project, kind):
    code = "import os; open('data/facts.yml').read(); os.listdir('data')"
    assert read_by(project, "\n" + CHILDREN[kind].format(code=code)) == {"data/facts.yml"}
    assert list(facts(project)) == ["data/"]


@pytest.mark.parametrize(
    "code",
    [
        "import subprocess, sys; subprocess.run([sys.executable, '-I', '-c', 'open(\"data/facts.yml\")'])",
        "import subprocess, sys; subprocess.run([sys.executable, '-c', '1'], env={})",
        "import subprocess, sys; subprocess.run(['sh', '-c', f'{sys.executable} -c 1'])",
        "import os; os.open('facts.yml', os.O_RDONLY, dir_fd=os.open('data', os.O_RDONLY))",
    ],
)
def test_a_child_that_cannot_be_followed_is_everything(project, code):
    assert read_by(project, code) is None


def test_a_library_that_is_not_installed_has_read_nothing(project):
    absent = RECORDER.read_text(encoding="utf-8").replace('"duckdb"', '"no_such_library"')
    assert absent != RECORDER.read_text(encoding="utf-8")
    changed = project.write("recorder.py", absent)
    code = "\nimport contextlib\nwith contextlib.suppress(ImportError):\n    import no_such_library\n"
    assert read_by(project, code, changed) == set()


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import os; os.listdir('data')", {"data/": "names"}),
        ("import pathlib; list(pathlib.Path('data').iterdir())", {"data/": "names"}),
        ("import pathlib; list(pathlib.Path('data/more').rglob('*.csv'))", {"data/more/": "names"}),
        ("import glob; glob.glob('data/more/*.csv')", {"data/more/": "names"}),
        ("import os; os.chdir('data'); os.listdir()", {"data/": "names"}),
        ("import os; list(os.walk('.'))", {"./": "names", "data/": "names", "data/more/": "names"}),
        ("import os; os.path.exists('data/none.csv')", {"data/none.csv": "there nothing"}),
        ("import pathlib; pathlib.Path('data/facts.yml').is_file()", {"data/facts.yml": "there file"}),
        ("import pathlib; pathlib.Path('data/more').is_dir()", {"data/more": "there folder"}),
        ("import os; os.access('data/none.csv', os.R_OK)", {"data/none.csv": "there nothing"}),
    ],
)
def test_what_is_listed_or_looked_for_is_noted(project, code, found):
    project.write("data/more/a.csv", "x\n")
    assert read_by(project, "\n" + code) == set()
    noted = facts(project)
    assert {name: told[: max(5, len(found[name]))] for name, told in noted.items() if name in found} == found


def test_who_follows_links_has_found_out_nothing(project):
    assert read_by(project, "\nimport pathlib; pathlib.Path('data/facts.yml').resolve()") == set()
    assert facts(project) == {}


def test_a_text_that_is_taken_for_a_path_is_none(project):
    code = "\nimport os; os.path.exists('<style>\\na {}\\n</style>'), os.path.exists('a\\u2028b')"
    assert read_by(project, code) == set()
    assert facts(project) == {"a\u2028b": "there nothing"}


def test_who_asks_how_large_a_file_is_has_read_it(project):
    assert read_by(project, "\nimport os; os.path.getsize('data/facts.yml')") == {"data/facts.yml"}


PAGES = {
    "child": "import subprocess\nimport sys\n"
    "subprocess.run([sys.executable, '-c', 'open(\"data/facts.yml\").read()'], check=True)",
    "joblib": "import joblib\n"
    "joblib.Parallel(n_jobs=2)(joblib.delayed(exec)('open(\"data/facts.yml\").read()') for _ in range(2))",
    "lister": "print(sorted(path.name for path in Path('data').glob('*.yml')))",
    "seeker": "print(Path('data/later.yml').exists())",
    "reader": "print(Path('data/more.yml').read_text())",
    "shell": "get_ipython().system('cat data/facts.yml')",
    "neither": "print(1)",
}
"""Page → what it does beside its estimate."""


@pytest.fixture
def pages(project):
    """A project of these pages, and of two files of data."""
    text = (project.root / "notebooks/study/first.py").read_text()
    for name, code in PAGES.items():
        project.write(f"notebooks/study/{name}.py", f"{text}\n# %%\n{code}\n")
    project.write("data/more.yml", "x: 1\n")
    project.write(
        "_toc.yml",
        "format: jb-book\nroot: book/index\nchapters:\n"
        + "".join(f"- file: notebooks/study/{name}\n" for name in PAGES),
    )
    return project


def run_again(project):
    """Names of the pages that are not in the cache."""
    wanted = [runs.request(find(project.root, f"study/{name}"), {}, project.root) for name in PAGES]
    ended = runs.run_all(wanted, project.root, book.store(project.root))
    assert not [run.error for run in ended if run.error]
    return {run.request.page.name.removeprefix("study/") for run in ended if not run.cached}


@pytest.mark.slow
def test_exactly_the_pages_run_again_that_read_listed_or_looked_for_what_changed(pages):
    assert run_again(pages) == set(PAGES)
    assert run_again(pages) == set()
    pages.replace("data/facts.yml", "42", "43")
    assert run_again(pages) == {"child", "joblib", "shell"}
    pages.replace("data/more.yml", "1", "2")
    assert run_again(pages) == {"reader", "shell"}
    pages.write("data/results/unrelated.json", "{}")
    assert run_again(pages) == {"lister", "shell"}, "a new folder stands in the one that is listed"
    pages.write("data/results/more.json", "{}")
    assert run_again(pages) == {"shell"}, "what a shell line reads or lists nobody knows"
    pages.write("data/later.yml", "y: 1\n")
    assert run_again(pages) == {"lister", "seeker", "shell"}
    (pages.root / "data/later.yml").unlink()
    assert run_again(pages) == {"lister", "seeker", "shell"}, "the entry of before was replaced"
