"""Commands on data: `digital-clusters data …`."""

from pathlib import Path
from typing import Annotated

import typer

from digital_clusters.cli.application import Mirror, data_app
from digital_clusters.errors import FileError


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
        counted = ", ".join(f"{count} {state}" for state, count in bad["state"].value_counts().items())
        raise FileError(
            f"{len(bad)} of {len(states)} public files are not as they should be ({counted}): "
            "`digital-clusters data fetch` downloads what is missing; delete what has a wrong checksum first"
        )


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
        _print_readiness(folder)
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
    _print_readiness(folder)


def _print_readiness(folder: Path) -> None:
    from digital_clusters.pipeline.own_data.edition import readiness, readiness_text
    from digital_clusters.sources import FOLDER_PREFIX

    print(f"\n{readiness_text(readiness(f'{FOLDER_PREFIX}{folder}'))}")
    print(f"\nthe book of it: digital-clusters build --data {FOLDER_PREFIX}{folder}")
