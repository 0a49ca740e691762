"""Commands on pages: build the book, run a page, edit one; and what is wrong with the installation."""

import sys
from typing import Annotated

import typer

from digital_clusters.cli.application import Jobs, app
from digital_clusters.errors import ParameterError

UNCHANGED = (
    "nothing changed since the book was built: sources, packages and every published file are as they were; "
    "--force executes all pages again"
)


@app.command()
def build(
    data: Annotated[str, typer.Option(help="twin, public, or folder:PATH of your own files.")] = "twin",
    jobs: Jobs = None,
    force: Annotated[
        bool, typer.Option("--force", help="Execute every page and learn everything, whatever is kept.")
    ] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="Print it too, with Chromium: _build/book.pdf.")] = False,
) -> None:
    """Execute the notebooks and build the book into _build/html; own files into a book of their own."""
    from digital_clusters.paths import project_root
    from digital_clusters.pipeline import editions

    # asked first: what executes pages takes seconds to load
    if not force and editions.standing(project_root(), data):
        print(UNCHANGED, file=sys.stderr)
        print(project_root() / "_build" / "html" / "index.html")
        if pdf:
            _print()
    else:
        _build(data, jobs, force, pdf)


def _build(data: str, jobs: int | None, force: bool, pdf: bool) -> None:
    from digital_clusters.paths import project_root
    from digital_clusters.pipeline import book, progress
    from digital_clusters.pipeline.notebooks import notebooks
    from digital_clusters.pipeline.parameters import check_source
    from digital_clusters.sources import own_folder

    if own_folder(data) is not None and data not in ("twin", "public"):
        if pdf:
            raise ParameterError("--pdf prints the book of the twin or of public data; leave it out")
        _build_own(data, jobs, force)
        return
    check_source(data)
    with progress.progress_lines("page", len(notebooks(project_root()))) as tell:
        first = book.build(project_root(), data, jobs=jobs, force=force, tell=tell)
    print(first)
    if pdf:
        _print()


def _print() -> None:
    from digital_clusters.paths import project_root
    from digital_clusters.pipeline import book

    print(book.print_pdf(project_root()))


def _build_own(data: str, jobs: int | None, force: bool) -> None:
    from digital_clusters.paths import project_root
    from digital_clusters.pipeline import progress
    from digital_clusters.pipeline.own_data.edition import build_own

    with progress.progress_lines("chapter") as tell:
        options = {"jobs": jobs, "force": force, "tell": tell, "expect": tell.expect}
        print(build_own(project_root(), data, **options))


@app.command()
def run(
    notebook: Annotated[str | None, typer.Argument(help="study/section, as `list` shows them.")] = None,
    parameter: Annotated[
        list[str] | None, typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="Repeat for more.")
    ] = None,
    show: Annotated[bool, typer.Option("--list", help="Show parameters and end.")] = False,
    html: Annotated[bool, typer.Option("--html", help="Build the page as HTML too.")] = False,
    open_: Annotated[bool, typer.Option("--open", help="Build the page as HTML and open it.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Execute and learn even if nothing changed.")
    ] = False,
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
def lab(
    browser: Annotated[bool, typer.Option(help="Open a browser.")] = True,
    arguments: Annotated[
        list[str] | None, typer.Argument(help="After --, for JupyterLab itself, such as -- --port=8889.")
    ] = None,
) -> None:
    """Edit the notebooks in JupyterLab: text notebooks open as notebooks, the book's results stay."""
    from digital_clusters.paths import project_root
    from digital_clusters.pipeline.workshop.lab import run_lab

    raise typer.Exit(run_lab(project_root(), browser, arguments or ()))


@app.command()
def show(
    name: Annotated[str | None, typer.Argument(help="A sweep, or study/section; default: a list.")] = None,
) -> None:
    """Show what a sweep, or the runs of a page, found; without a name, what there is."""
    from digital_clusters.paths import project_root
    from digital_clusters.pipeline.workshop.show import show_found

    print(show_found(project_root(), name))


@app.command()
def doctor() -> None:
    """Say what is wrong with this installation and what to do; exit code 1 if anything is."""
    from digital_clusters.paths import project_root
    from digital_clusters.pipeline.upkeep.doctor import examine, report

    findings = examine(project_root())
    print(report(findings))
    if any(finding.is_fault for finding in findings):
        raise typer.Exit(1)
