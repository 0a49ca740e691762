"""Commands on many points at once: sweeps, and the look at what a sweep left."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from digital_clusters.cli.application import Jobs, app
from digital_clusters.errors import ParameterError, check_option


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
        str | None,
        typer.Option(help="Dask scheduler, such as tcp://host:8786; for pages workers share the folder."),
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="So many Dask workers on this machine.")] = None,
    jobs: Jobs = None,
) -> None:
    """Run declared points, as pages or as specifications; started again, only what is missing."""
    check_option("--mode", mode, ("notebook", "spec"))
    notebook_only = {"--jobs": jobs}
    spec_only = {"--sample": sample, "--data": data if data != "twin" else None}
    beside = notebook_only if mode == "spec" else spec_only
    if given := [name for name, value in beside.items() if value is not None]:
        raise ParameterError(f"{', '.join(given)}: not with --mode {mode}")
    if mode == "spec":
        _sweep_specs(file, data, sample, seed, scheduler, workers, plot)
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


def _sweep_specs(
    file: Path, data: str, sample: int | None, seed: int,
    scheduler: str | None, workers: int | None, plot: bool,
) -> None:  # fmt: skip
    from digital_clusters.paths import project_root
    from digital_clusters.pipeline import progress
    from digital_clusters.pipeline.parameters import check_source
    from digital_clusters.pipeline.points import curves, spec_mode
    from digital_clusters.pipeline.points.workers import address_of_workers

    check_source(data)
    wanted = spec_mode.open_spec_sweep(file, project_root(), data, sample=sample, seed=seed)
    print("\n".join(spec_mode.plan_sentences(wanted)), file=sys.stderr)
    lines = progress.progress_lines("specification", len(wanted.plan.points))
    with address_of_workers(scheduler, workers) as address, lines as tell:
        table = spec_mode.run_spec_sweep(wanted, tell.advance, scheduler=address, say=tell.say)
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
