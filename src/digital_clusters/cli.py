"""The command line: ``digital-clusters``. Heavy modules are imported by the command that needs them."""

import signal
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from typer.core import TyperGroup

from digital_clusters import __version__
from digital_clusters.errors import DigitalClustersError, FileError, ParameterError


class Interrupted(DigitalClustersError):
    """Ctrl-C."""

    exit_code = 130


class Terminated(DigitalClustersError):
    """The system, or another program, asked the command to end."""

    exit_code = 143


class Commands(TyperGroup):
    """The commands; an interrupt gets its own sentence where typer would end without a word."""

    def invoke(self, ctx):
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise Interrupted("interrupted; nothing was left half-written") from None


app = typer.Typer(
    cls=Commands,
    name="digital-clusters",
    help="Executable replications of studies of the digital economy in urban China.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
data_app = typer.Typer(no_args_is_help=True, help="The public data: fetch, check, describe.")
app.add_typer(data_app, name="data")

Jobs = Annotated[
    int | None, typer.Option(min=1, help="Notebooks at a time; default: one a core, at least 2.")
]
Mirror = Annotated[
    Path | None, typer.Option(help="Folder with the public files; default: DIGITAL_CLUSTERS_MIRROR.")
]


def main() -> NoReturn:
    """Entry point: an error that the user can mend is one message and an exit code, no stack trace."""
    for stream in (sys.stdout, sys.stderr):
        # a locale that lacks a character shows its number, and no command ends over it
        stream.reconfigure(errors="backslashreplace")
    signal.signal(signal.SIGTERM, _terminate)
    try:
        app(standalone_mode=True)
    except DigitalClustersError as error:
        _die(str(error), error.exit_code)
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        _die(f"{error.strerror or error}{where}", FileError.exit_code)
    sys.exit(0)


def _terminate(*_: object) -> NoReturn:
    """As an exception, so that kernels are ended and drafts removed on the way out."""
    raise Terminated("ended from outside; nothing was left half-written")


def _die(message: str, code: int) -> NoReturn:
    print(f"error: {message}", file=sys.stderr)
    sys.exit(code)


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Show the version and end.")] = False,
) -> None:
    if version:
        print(f"digital-clusters {__version__}")
        raise typer.Exit


@app.command()
def build(
    data: Annotated[str, typer.Option(help="twin or public.")] = "twin",
    jobs: Jobs = None,
    force: Annotated[
        bool, typer.Option("--force", help="Execute every page, whatever the cache has.")
    ] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="Print it too, with Chromium: _build/book.pdf.")] = False,
) -> None:
    """Execute the notebooks and build the book into _build/html."""
    from digital_clusters.paths import project_root
    from digital_clusters.pipeline import book, progress
    from digital_clusters.pipeline.notebooks import notebooks
    from digital_clusters.pipeline.parameters import check_source

    check_source(data)
    with progress.progress_lines("page", len(notebooks(project_root()))) as tell:
        first = book.build(project_root(), data, jobs=jobs, force=force, tell=tell)
    print(first)
    if pdf:
        print(book.print_pdf(project_root()))


@app.command()
def run(
    notebook: Annotated[str | None, typer.Argument(help="study/section, as `list` shows them.")] = None,
    parameter: Annotated[
        list[str] | None, typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="Repeat for more.")
    ] = None,
    show: Annotated[bool, typer.Option("--list", help="Show parameters and end.")] = False,
    html: Annotated[bool, typer.Option("--html", help="Build the page as HTML too.")] = False,
    open_: Annotated[bool, typer.Option("--open", help="Build the page as HTML and open it.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Execute even if nothing changed.")] = False,
) -> None:
    """Run one notebook, with other parameters if you like, and name the result."""
    from digital_clusters.paths import project_root
    from digital_clusters.pipeline import progress, single

    if show:
        print(single.parameter_list(project_root(), notebook))
        return
    if notebook is None:
        raise ParameterError("which notebook? `digital-clusters list` shows them")
    with progress.progress_lines("notebook", 1) as tell:
        wanted = {"html": html or open_, "force": force}
        result = single.run_page(project_root(), notebook, parameter or [], **wanted, tell=tell)
    for path in (result.page, *result.results, result.html):
        if path:
            print(path)
    if open_:
        typer.launch(str(result.html))


@app.command(name="list")
def list_() -> None:
    """List the notebooks and the parameters each declares."""
    from digital_clusters.paths import project_root
    from digital_clusters.pipeline.notebooks import notebooks

    for page in notebooks(project_root()):
        print(f"{page.name:<40} {', '.join(page.defaults)}".rstrip())


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Such as my_baseline: small letters, digits, _.")],
    source: Annotated[str, typer.Option("--from", help="The page to copy, study/section.")],
) -> None:
    """Copy a page to notebooks/mine/NAME to change it; `run mine/NAME` runs it, the book stays as it is."""
    from digital_clusters.paths import project_root
    from digital_clusters.pipeline.workshop.copies import new_copy

    print(new_copy(project_root(), name, source))
    print(f"change it, then: digital-clusters run mine/{name} --html")


@app.command()
def reset(notebook: Annotated[str, typer.Argument(help="The page, study/section.")]) -> None:
    """Put a page of the book back as it was committed; what you had changed is kept, and named."""
    from digital_clusters.paths import project_root
    from digital_clusters.pipeline.workshop import copies

    kept = copies.reset(project_root(), notebook)
    print(f"your text is kept in {kept}" if kept else "nothing had changed")


@app.command()
def lab(browser: Annotated[bool, typer.Option(help="Open a browser.")] = True) -> None:
    """Edit the notebooks in JupyterLab: text notebooks open as notebooks, the book's results stay."""
    from digital_clusters.paths import project_root
    from digital_clusters.pipeline.workshop.lab import run_lab

    raise typer.Exit(run_lab(project_root(), browser))


@app.command()
def sweep(
    file: Annotated[Path, typer.Argument(help="Such as sweeps/quick.yml, data/multiverse/STUDY.yml.")],
    mode: Annotated[
        str, typer.Option(help="notebook: a page a point; spec: an estimate a point, no kernel.")
    ] = "notebook",
    data: Annotated[str, typer.Option(help="Of mode spec: twin or public.")] = "twin",
    sample: Annotated[
        int | None, typer.Option(min=1, help="Of mode spec: how many combinations are drawn.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the draw.")] = 1,
    plot: Annotated[bool, typer.Option("--plot", help="Draw the curves when all is done.")] = False,
    scheduler: Annotated[
        str | None, typer.Option(help="Dask scheduler, such as tcp://host:8786; workers share the folder.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Of mode notebook: so many Dask workers on this machine.")
    ] = None,
    jobs: Jobs = None,
) -> None:
    """Run declared points, as pages or as specifications; started again, only what is missing."""
    if mode not in ("notebook", "spec"):
        raise ParameterError(f"--mode {mode}: choose notebook or spec")
    notebook_only = {"--scheduler": scheduler, "--workers": workers, "--jobs": jobs}
    spec_only = {"--sample": sample, "--data": data if data != "twin" else None}
    beside = notebook_only if mode == "spec" else spec_only
    if given := [name for name, value in beside.items() if value is not None]:
        raise ParameterError(f"{', '.join(given)}: not with --mode {mode}")
    if mode == "spec":
        _sweep_specs(file, data, sample, seed, plot)
    else:
        _sweep_notebook(file, jobs, scheduler, workers, plot)


def _sweep_notebook(
    file: Path, jobs: int | None, scheduler: str | None, workers: int | None, plot: bool
) -> None:
    from digital_clusters.paths import project_root
    from digital_clusters.pipeline import progress
    from digital_clusters.pipeline.points.curves import draw_page_curves
    from digital_clusters.pipeline.points.workers import address_of_workers
    from digital_clusters.pipeline.sweep import raise_for_failures, run_sweep

    with address_of_workers(scheduler, workers) as address, progress.progress_lines("point") as tell:
        told = {"tell": tell, "expect": tell.expect, "say": tell.say}
        result = run_sweep(file, project_root(), jobs=jobs, scheduler=address, **told)
    print(result.table)
    parameters = list(dict.fromkeys(name for run in result.runs for name in run.request.values))
    for path in draw_page_curves(result.table, parameters) if plot else ():
        print(path)
    raise_for_failures(result)


def _sweep_specs(file: Path, data: str, sample: int | None, seed: int, plot: bool) -> None:
    from digital_clusters.paths import project_root
    from digital_clusters.pipeline import progress
    from digital_clusters.pipeline.parameters import check_source
    from digital_clusters.pipeline.points import curves, spec_mode

    check_source(data)
    wanted = spec_mode.open_spec_sweep(file, project_root(), data, sample=sample, seed=seed)
    print("\n".join(spec_mode.plan_sentences(wanted)), file=sys.stderr)
    with progress.progress_lines("specification", len(wanted.plan.points)) as tell:
        table = spec_mode.run_spec_sweep(wanted, tell.advance)
    print(table)
    for path in curves.draw_curves(wanted, table) if plot else ():
        print(path)


@app.command()
def verify(
    folder: Annotated[Path, typer.Argument(help="What sweep made, such as _build/sweeps/quick.")],
    points: Annotated[
        int | None, typer.Option(min=1, help="Points made again; default: 20 specifications, or 1 page.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the draw of points.")] = 1,
) -> None:
    """Recompute a sweep's hashes and a sample of its points; exit code 1 if anything differs."""
    from digital_clusters.paths import project_root
    from digital_clusters.pipeline.points.spec_mode import RECORD
    from digital_clusters.pipeline.points.verify import verify_folder
    from digital_clusters.pipeline.points.verify_pages import verify_pages

    of_specs = (folder / RECORD).is_file()
    look = verify_folder if of_specs else verify_pages
    found = look(folder, project_root(), points=points or (20 if of_specs else 1), seed=seed)
    for checked in found:
        print(checked)
    if any(checked.fault for checked in found):
        raise typer.Exit(1)


@app.command()
def doctor() -> None:
    """Say what is wrong with this installation and what to do; exit code 1 if anything is."""
    from digital_clusters.paths import project_root
    from digital_clusters.pipeline.upkeep.doctor import examine, report

    findings = examine(project_root())
    print(report(findings))
    if any(finding.is_fault for finding in findings):
        raise typer.Exit(1)


@app.command()
def audit(
    file: Annotated[Path, typer.Argument(help="Printed numbers, such as data/audit_example.yml.")],
    strict: Annotated[bool, typer.Option("--strict", help="Exit code 1 if numbers contradict.")] = False,
) -> None:
    """Check the printed tables of a paper against themselves; no data are needed."""
    from digital_clusters.analysis.audit import paper

    found = paper.audit(file)
    print(found)
    if strict and found.contradictions:
        raise typer.Exit(1)


@app.command()
def freeze(study: Annotated[str, typer.Argument(help="Such as industrial_upgrading.")]) -> None:
    """Estimate a study on public data and freeze the estimates into data/results."""
    from digital_clusters.paths import project_root
    from digital_clusters.pipeline.freezing import freeze_study

    print(freeze_study(study, project_root()))


@app.command()
def power(
    study: Annotated[str, typer.Argument(help="Such as virtual_agglomeration.")],
    countries: Annotated[int, typer.Option(min=2, help="Synthetic countries, seeds 1, 2, …")] = 200,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 2,
) -> None:
    """Test every claim of a study in many synthetic countries and freeze the power of each test."""
    from digital_clusters.paths import project_root
    from digital_clusters.pipeline.freezing import freeze_power_study

    print(freeze_power_study(study, countries, workers, project_root()))


@app.command(name="calibrate")
def calibrate_(
    countries: Annotated[int, typer.Option(min=12, help="Synthetic countries, seeds 1, 2, …")] = 200,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 2,
) -> None:
    """Calibrate a twin to the noise of public data and the printed table; goes on where it was ended."""
    from digital_clusters.paths import project_root
    from digital_clusters.pipeline.freezing import freeze_calibration

    print(freeze_calibration(countries, workers, project_root()))


@data_app.command()
def fetch(mirror: Mirror = None) -> None:
    """Download the public files, or take them from a mirror folder; each is checked."""
    from digital_clusters.sources import upstream

    for key, path in upstream.fetch(mirror=mirror).items():
        print(f"{key:<32} {path}")


@data_app.command()
def check(mirror: Mirror = None) -> None:
    """Check that every public file is there, whole and unchanged."""
    from digital_clusters.sources import upstream

    states = upstream.check(mirror=mirror)
    print(states.to_string(index=False))
    bad = states[states["state"].isin(upstream.FAULTS)]
    if len(bad):
        named = ", ".join(f"{row.file} ({row.state})" for row in bad.itertuples())
        raise FileError(f"{len(bad)} of {len(states)} public files are not as they should be: {named}")


@data_app.command()
def storefronts(
    records: Annotated[list[str], typer.Argument(help="Parquet or CSV files, patterns, or folders of them.")],
    out: Annotated[Path, typer.Option(help="Counts are written here: .parquet or .csv.")],
    first_year: Annotated[int, typer.Option(help="First year counted.")] = 2008,
    last_year: Annotated[int, typer.Option(help="Last year counted.")] = 2019,
    memory_limit: Annotated[str, typer.Option(help="Of DuckDB; on Dask, of each worker.")] = "1GB",
    threads: Annotated[int, typer.Option(min=1, help="Of DuckDB; on Dask, of each worker.")] = 2,
    duplicates: Annotated[str, typer.Option(help="Shops named twice: reject or ignore.")] = "reject",
    engine: Annotated[str, typer.Option(help="duckdb, or dask: a task a file.")] = "duckdb",
    workers: Annotated[int, typer.Option(min=1, help="Processes of Dask on this machine.")] = 2,
    scheduler: Annotated[
        str | None, typer.Option(help="Dask scheduler, such as tcp://host:8786; workers see the files.")
    ] = None,
) -> None:
    """Count shop records by city, industry and year, out of core; bad rows are shown by kind."""
    from digital_clusters.sources.policies import city_facts
    from digital_clusters.sources.storefronts import aggregate_storefronts, rejected_text
    from digital_clusters.sources.storefronts.files import check_target, write_counts

    check_target(out)
    found = aggregate_storefronts(
        records,
        cities=city_facts()["city"],
        first_year=first_year,
        last_year=last_year,
        memory_limit=memory_limit,
        threads=threads,
        duplicates=duplicates,
        engine="dask" if scheduler else engine,
        workers=workers,
        scheduler=scheduler,
    )
    write_counts(found.counts, out)
    print(rejected_text(found))
    print(out)


@data_app.command()
def describe(
    source: Annotated[str, typer.Argument(help="twin, public, a folder or folder:PATH.")] = "public",
    mirror: Mirror = None,
) -> None:
    """Show the raw tables of a source: columns, units, years, share of values present, what is missing."""
    from digital_clusters.pipeline.parameters import check_source
    from digital_clusters.sources import own_folder
    from digital_clusters.sources.describe import describe_folder, describe_source

    folder = None if source in ("twin", "public") else own_folder(source)
    if folder is not None:
        print(describe_folder(folder))
        return
    check_source(source)
    print(describe_source(source, mirror))


@data_app.command()
def propose(
    folder: Annotated[Path, typer.Argument(help="Folder with your files.")],
    force: Annotated[bool, typer.Option("--force", help="Overwrite a columns.yml that is there.")] = False,
) -> None:
    """Write a first columns.yml for a folder of files, with what could not be placed and why."""
    from digital_clusters.sources.folder.propose import proposal_summary, write_proposal

    print(proposal_summary(folder, write_proposal(folder, force=force)))


if __name__ == "__main__":
    main()
