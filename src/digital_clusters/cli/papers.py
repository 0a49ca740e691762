"""Commands on papers and studies: printed tables, frozen results, power."""

from pathlib import Path
from typing import Annotated

import typer

from digital_clusters.cli.application import app


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
