import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from digital_clusters import __version__, cli
from digital_clusters.cli.commands import app
from digital_clusters.paths import MIRROR_VARIABLE, ROOT_VARIABLE, project_root
from digital_clusters.pipeline import runs
from digital_clusters.sources.upstream import upstream_files

ROOT = Path(__file__).parents[1]
HEAVY = ("pandas", "papermill", "jupytext", "sphinx", "distributed", "sklearn")


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A project of one notebook; the working directory is in it."""
    for name, text in {
        "_toc.yml": "format: jb-book\nroot: book/index\nchapters:\n  - file: notebooks/study/only\n",
        "_config.yml": "title: Book\n",
        "book/index.md": "# Book\n",
        "data/facts.yml": "x: 1\n",
        "notebooks/study/only.py": '# %% tags=["parameters"]\ndata = "twin"\nfolds = 5\n',
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.delenv(ROOT_VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    project_root.cache_clear()
    yield tmp_path
    project_root.cache_clear()


@pytest.fixture
def command(small, monkeypatch, capsys):
    """The console script's function, in this process: exit code, output, errors."""

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["digital-clusters", *words])
        with pytest.raises(SystemExit) as left:
            cli.main()
        return (left.value.code, *capsys.readouterr())

    return call


def outside(*words):
    return subprocess.run(
        [sys.executable, "-m", "digital_clusters.cli", *words], capture_output=True, text=True
    )


def test_help_names_every_command_and_version_the_version():
    done = outside("--help")
    assert done.returncode == 0
    assert all(word in done.stdout for word in ("build", "run", "list", "sweep", "data", "freeze"))
    assert outside("--version").stdout.strip() == f"digital-clusters {__version__}"


def test_every_command_has_a_help(capsys, monkeypatch):
    def names(group, *before):
        for name, command in group.commands.items():
            yield (*before, name)
            if hasattr(command, "commands"):
                yield from names(command, *before, name)

    listed = list(names(get_command(app)))
    assert ("data", "fetch") in listed
    for words in listed:
        monkeypatch.setattr(sys, "argv", ["digital-clusters", *words, "--help"])
        with pytest.raises(SystemExit) as left:
            cli.main()
        told = capsys.readouterr()
        assert (left.value.code, told.err) == (0, "")
        assert f"digital-clusters {' '.join(words)} " in told.out.splitlines()[0]


def test_help_imports_nothing_heavy():
    code = f"import sys, digital_clusters.cli.commands; print([m for m in {HEAVY} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).stdout.strip() == b"[]"


def test_a_mistake_leaves_no_stack_trace_in_a_terminal(small):
    done = outside("run", "study/only", "-p", "folds=six")
    assert done.returncode == 2
    assert done.stderr.startswith("error: study/only: folds = 'six'")
    assert "Traceback" not in done.stderr


def test_notebooks_and_parameters_are_listed(command):
    assert command("list")[1].split() == ["study/only", "data,", "folds"]
    code, listed, _ = command("run", "study/only", "--list")
    assert code == 0
    assert "folds = 5" in listed
    assert "≥ 2, ≤ 20" in listed
    assert command("run", "--list")[1] == listed


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["run", "study/only", "-p", "fold=6"], 2, "did you mean 'folds'?"),
        (["run", "study/only", "-p", "folds"], 2, "'folds' is not of the form name=value"),
        (["run", "study/onyl"], 2, "did you mean 'study/only'?"),
        (["run"], 2, "which notebook?"),
        (["build", "--data", "tiwn"], 2, "data = 'tiwn' is not one of: twin, public"),
        (["data", "describe", "tiwn"], 2, "is not one of: twin, public"),
        (["run", "only"], 2, "did you mean 'study/only'?"),
        (["show", "only"], 2, "did you mean 'study/only'?"),
        (["sweep", "nowhere.yml"], 2, "there is no sweep file nowhere.yml"),
        (["sweep", "_tok.yml"], 2, "did you mean '_toc.yml'?"),
        (["sweep", "_tok.yml", "--mode", "spec"], 2, "did you mean '_toc.yml'?"),
        (["audit", "_tok.yml"], 1, "_tok.yml is missing (did you mean '_toc.yml'?)"),
        (["verify", "notbooks"], 1, "did you mean 'notebooks'?"),
        (["verify", "notebooks"], 1, "it needs sweep.json and estimates.parquet"),
        (["freeze", "industrial_upgradin"], 2, "did you mean 'industrial_upgrading'?"),
        (["power", "virtual_aglomeration"], 2, "did you mean 'virtual_agglomeration'?"),
        (["freeze", "nothing"], 2, "no study freezes 'nothing'; choose from industrial_upgrading"),
        (["power", "nothing"], 2, "there is no study 'nothing'; choose from"),
        (["power", "industrial_upgrading"], 2, "its paper prints its coefficients"),
        (["freeze", "../../x"], 2, "no study freezes '../../x'"),
        (["freeze", "virtual_agglomeration.none"], 2, "`records` in studies/virtual_agglomeration/study.py"),
        (["power", "../../x"], 2, "there is no study '../../x'"),
        (["data", "fetch", "--mirror", "nowhere"], 1, "mirror folder nowhere does not exist"),
        (["bulid"], 2, "No such command 'bulid'"),
    ],
)
def test_a_mistake_is_one_sentence_and_an_exit_code(small, command, words, code, message):
    told = command(*words)
    assert told[0] == code
    assert message in told[2]
    assert told[1] == ""
    assert not (small / "_build").exists()


@pytest.mark.parametrize(
    ("text", "mode", "message"),
    [
        ("notebook: study/only\ngrid: {folds: [2]}\n", "spec", "run it without --mode spec"),
        ("study: x\nbase: {}\nclaims: {}\naxes: {}\n", "notebook", "run it with --mode spec"),
    ],
)
def test_a_declaration_of_the_other_mode_says_which_it_is(small, command, text, mode, message):
    (small / "grid.yml").write_text(text, encoding="utf-8")
    code, _, told = command("sweep", "grid.yml", "--mode", mode)
    assert code == 2
    assert message in told


def test_public_files_that_are_missing_are_counted_and_the_command_that_fetches_them_is_named(small, command):
    shutil.copy(ROOT / "data" / "upstream.yml", small / "data")
    empty = small / "mirror"
    empty.mkdir()
    code, states, told = command("data", "check", "--mirror", str(empty))
    assert code == 1
    assert "missing" in states
    assert "`digital-clusters data fetch`" in told
    assert len(told.splitlines()) == 1


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("_toc.yml", b"format: jb-book\nroot: [book/index\n"),
        ("_toc.yml", b"format: jb-book\nroot: book/index\n\tx: 1\n"),
        ("_toc.yml", b"root: caf\xe9\n"),
        ("_config.yml", b"title: [x\n"),
        ("_config.yml", b"title: caf\xe9\n"),
        ("_config.yml", b""),
    ],
)
def test_a_settings_file_that_is_not_yaml_is_one_sentence(small, command, file, content):
    (small / file).write_bytes(content)
    code, _, told = command("build")
    assert code == 1
    assert told.splitlines()[0].startswith("error: ")
    assert file in told


def test_the_language_of_the_terminal_does_not_matter(small):
    settings = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "PYTHON"))}
    settings |= {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    settings["PYTHONPATH"] = os.environ.get("PYTHONPATH", "")
    done = subprocess.run(
        [sys.executable, "-m", "digital_clusters.cli", "run", "study/only", "--list"],
        cwd=small,
        env=settings,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "folds = 5" in done.stdout


def test_an_unwritable_folder_is_one_sentence(small, command):
    Path(small, "_build").write_text("a file where the folder should be")
    code, _, told = command("run", "study/only")
    assert code == 1
    assert told.splitlines()[-1].startswith("error: ")
    assert "_build" in told


@pytest.mark.parametrize(
    ("number", "code", "how"),
    [(signal.SIGINT, 130, "was interrupted"), (signal.SIGTERM, 143, "was ended from outside")],
)
def test_a_command_that_is_stopped_says_how_to_go_on(command, monkeypatch, number, code, how):
    ended = []

    def build(*_, **__):
        try:
            signal.raise_signal(number)
        finally:
            # an impatient second one does not cut short what ends kernels
            signal.raise_signal(signal.SIGINT)
            ended.append("kernels")

    monkeypatch.setattr("digital_clusters.pipeline.book.build", build)
    before = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
    found, _, told = command("build")
    assert (found, ended) == (code, ["kernels"])
    assert told.splitlines()[-1] == (
        f"error: `digital-clusters build` {how}; nothing was left half-written: what had ended is kept, and "
        "the same command goes on from there"
    )
    assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)] == before


@pytest.mark.parametrize(
    ("number", "code", "how"),
    [(signal.SIGINT, 130, "was interrupted"), (signal.SIGTERM, 143, "was ended from outside")],
)
@pytest.mark.parametrize("after", ["typer._click._compat", "typer", "digital_clusters.cli.application"])
def test_what_is_stopped_while_the_commands_are_imported_says_one_sentence(small, number, code, how, after):
    """Once the module ``after`` is imported; the signal may arrive at one that follows, or when all are."""
    command = [sys.executable, "-X", "importtime", "-m", "digital_clusters.cli", "list"]
    told, sent = [], False
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stderr:
            if not sent and line.split()[-1] == after:
                process.send_signal(number)
                sent = True
            elif not line.startswith("import time:"):
                told.append(line)
    # Python may end itself by the signal, which a shell tells by the same number
    assert process.returncode in (code, -number)
    (sentence,) = told
    assert sentence.startswith("error: `digital-clusters")
    assert how in sentence
    assert sentence.endswith("the same command starts it again\n")


def test_a_third_ctrl_c_is_obeyed_at_once(command, monkeypatch):
    def freeze(*_):
        try:
            signal.raise_signal(signal.SIGINT)
        finally:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            pytest.fail("it was not obeyed")

    monkeypatch.setattr("digital_clusters.pipeline.freezing.freeze_study", freeze)
    code, _, told = command("freeze", "x")
    assert code == 130
    assert told.splitlines()[-1].endswith("nothing was left half-written: the same command starts it again")


RECORDS = """storefront,city,industry,opened,closed
1,110000,F,2009,
2,110000,F,2010,2012
3,999999,F,2010,
4,110000,F,2010,2009
5,110000,F,2010
"""


@pytest.fixture
def storefronts(tmp_path, monkeypatch, capsys):
    """``data storefronts`` on a file of five records, inside this project: exit code, output, errors."""
    records = tmp_path / "records.csv"
    records.write_text(RECORDS)

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["digital-clusters", "data", "storefronts", str(records), *words])
        with pytest.raises(SystemExit) as left:
            cli.main()
        return (left.value.code, *capsys.readouterr())

    return call


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_shop_records_are_counted_and_bad_rows_shown(storefronts, tmp_path, suffix):
    import pandas as pd

    out = tmp_path / f"new/counts.{suffix}"
    code, told, _ = storefronts("--out", str(out), "--last-year", "2012", "--memory-limit", "200MB")
    assert code == 0
    first, header, *kinds, last = told.splitlines()
    assert first == "5 rows read, 3 of them bad and in no count"
    assert header.split() == ["kind", "rows", "example"]
    assert [line.split(" 1 ")[0].strip() for line in kinds] == [
        "malformed line",
        "unknown city",
        "closed before opened",
    ]
    assert last == str(out)
    counts = pd.read_csv(out) if suffix == "csv" else pd.read_parquet(out)
    shops = counts.query("city == 110000 and industry == 'F'").set_index("year")
    assert shops["open"].to_dict() == {2008: 0, 2009: 1, 2010: 2, 2011: 2, 2012: 1}
    assert list(out.parent.iterdir()) == [out]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--out", "x.xlsx"], 1, "error: x.xlsx: counts are written as .parquet or .csv"),
        (["nowhere.csv", "--out", "x.csv"], 1, "error: nowhere.csv is missing"),
        (["--out", "x.csv", "--memory-limit", "lots"], 2, "error: memory_limit = 'lots' is not a size"),
        (["--out", "x.csv", "--engine", "spark"], 2, "error: engine = 'spark' is not one of: duckdb, dask"),
        (["--out", "records.csv/x.csv"], 1, "records.csv"),
    ],
)
def test_a_mistake_with_shop_records_is_one_sentence(
    storefronts, tmp_path, monkeypatch, words, code, message
):
    monkeypatch.chdir(tmp_path)
    told = storefronts(*words)
    assert told[0] == code
    assert told[1] == ""
    assert message in told[2] and len(told[2].splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["records.csv"]


@pytest.mark.slow
def test_a_run_can_be_read_as_html(small, command):
    shutil.copy(Path(__file__).parents[1] / "_config.yml", small)
    (small / "book/references.bib").write_text("")
    text = "# %% [markdown]\n# # A page\n\n# %%\nprint(f'{folds} folds')\n"
    (small / "notebooks/study/only.py").open("a").write(text)
    code, output, _ = command("run", "study/only", "-p", "folds=7", "--html")
    assert code == 0
    page = Path(output.split()[-1])
    assert page.suffix == ".html"
    assert "7 folds" in page.read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_run_names_its_result(small, command):
    code, told, _ = command("run", "study/only", "-p", "folds=7")
    assert code == 0
    assert Path(told.strip()) == small / "_build/runs/study/only/folds-7.ipynb"
    assert "folds = 7" in Path(told.strip()).read_text()


@pytest.mark.parametrize("words", [("run", "study/only", "-p", "data=public"), ("build", "--data", "public")])
def test_public_pages_without_the_files_are_refused_before_a_kernel_starts(
    small, command, monkeypatch, words
):
    shutil.copy(Path(__file__).parents[1] / "data/upstream.yml", small / "data")
    monkeypatch.setenv(MIRROR_VARIABLE, str(small / "book"))
    monkeypatch.setattr(runs, "execute", lambda *_: pytest.fail("a kernel was started"))
    upstream_files.cache_clear()
    code, output, told = command(*words)
    upstream_files.cache_clear()
    assert code == 1
    assert output == ""
    assert "is missing (public file" in told
    assert "Mend the mirror" in told


def test_audit_tells_what_contradicts_and_its_exit_code_if_asked(command, small):
    example = small / "paper.yml"
    example.write_text(
        "paper: Wages\nchecks:\n- {check: sample_size, place: Table 1, printed: 21, cities: 2, years: 11}\n"
    )
    code, out, _ = command("audit", str(example))
    assert code == 0 and "contradicts D1  Table 1, sample size: N = 21; implied 2 × 11 = 22" in out
    assert command("audit", str(example), "--strict")[0] == 1
    example.write_text(example.read_text().replace("21", "22"))
    assert command("audit", str(example), "--strict")[0] == 0
    code, out, err = command("audit", str(small / "none.yml"))
    assert (code, out) == (1, "") and err.startswith("error: ") and "missing" in err
