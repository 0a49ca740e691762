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


@app.command(name="calibrate")
def calibrate_(
    countries: Annotated[int, typer.Option(min=12, help="Synthetic countries, seeds 1, 2, …")] = 200,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 2,
) -> None:
    """Calibrate a twin to the noise of public data and the printed table; goes on where it was ended."""
    from digital_clusters.paths import project_root
    from digital_clusters.pipeline.freezing import freeze_calibration

    print(freeze_calibration(countries, workers, project_root()))


@app.command(name="new-study")
def new_study_(
    name: Annotated[str, typer.Argument(help="Such as my_study: small letters, digits, _.")],
    title: Annotated[str | None, typer.Option(help="Of the part of the book; default: the name.")] = None,
    outcome: Annotated[str, typer.Option(help="Column of the panel of cities to explain.")] = "growth_gap",
    treatment: Annotated[str, typer.Option(help="Column whose coefficient is wanted.")] = "internet",
    first_year: Annotated[int, typer.Option(help="First year of the sample.")] = 2008,
    last_year: Annotated[int, typer.Option(help="Last year of the sample.")] = 2019,
) -> None:
    """Write a study of your own: printed numbers, specifications, six pages, tests; CONTRIBUTING goes on."""
    from digital_clusters.paths import project_root
    from digital_clusters.pipeline.workshop.new_study import StudyPlan, new_study

    words = title or name.replace("_", " ").capitalize()
    plan = StudyPlan(name, words, outcome, treatment, first_year, last_year)
    for path in new_study(project_root(), plan):
        print(path.relative_to(project_root()))
    print(f"it runs: digital-clusters run {name}/baseline")
    print(f"the paper's numbers go to data/published/{name}.yml; the steps after are in CONTRIBUTING.md")


@app.command()
def archive(
    out: Annotated[Path | None, typer.Option(help="Zip file; default: below _build/archive.")] = None,
) -> None:
    """Write the replication package: the project's files, checksums, and a README as data editors ask for."""
    from digital_clusters.paths import project_root
    from digital_clusters.pipeline.archive.package import write_archive

    print(write_archive(project_root(), out))
