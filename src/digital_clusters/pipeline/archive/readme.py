"""The README of the replication package, by the template of the Social Science Data Editors."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from digital_clusters.pipeline.archive.exhibits import Exhibit
from digital_clusters.pipeline.archive.measured import Machine, Measured
from digital_clusters.sources.listed_file import UpstreamFile

NAME = "README-REPLICATION.md"

TEMPLATE = """\
# Replication package: {title} {version}

## Overview

The code in this package makes {tables} tables and {figures} figures of the book from two sources: an
artificial country that is generated from a seed (the *synthetic twin*), and public files that are fetched
from their own hosts. One command, `make book`, runs all of it. The package was made at commit
`{commit}`{dirty}.

## Data availability and provenance statements

* This package does not contain data that others own. The artificial country is generated; its parameters
  are in `data/twin.yml`.
* Estimates from public files are kept in `data/results/`, each with the sha256 of its inputs, so that every
  table can be made without them.

### Statement about rights

* The authors of the package hold the rights to the code, the prose and the output of the artificial country.
* The public files are **not redistributed**: their terms do not allow it, or state none.
  `digital-clusters data fetch` downloads each from its own host at one commit and refuses it if a byte
  differs from its sha256.

### Summary of availability

* All data that the default build needs **are** in this package.
* Public files: {hosted} are publicly available and fetched by the code; {others} must be obtained by the
  replicator and is used where it is found. An address can go; the checksums stay.

### Details on each data source

| Data | File | Provided | Licence | Coverage | Citation |
| --- | --- | --- | --- | --- | --- |
| Synthetic twin | `data/twin.yml` | yes | CC BY 4.0 | generated from a seed | this package |
{sources}

## Dataset list

| File | Source | Bytes | sha256 |
| --- | --- | --- | --- |
{datasets}

## Computational requirements

### Software requirements

* Python 3.11 or newer (this package was written with {python}) on Linux or macOS; GNU make; `uv` or pip.
* Every Python package at the version and hash of `requirements.lock`; `make environment` installs them.
* Optional: Chromium or Chrome, for printing and for the tests of the built pages.

### Controlled randomness

* Folds, learners, bootstraps and the artificial country have seeds: parameter `seed` of each page, `seed` in
  `data/twin.yml`. Kernels run with one thread and `PYTHONHASHSEED=0`.

### Memory, runtime and storage requirements

{runtime}

## Description of programs

* `src/digital_clusters/`: the package; `README.md` lists its rooms.
* `notebooks/`, `book/`: one text notebook a chapter; they call the package and hold no results.
* `data/published/`: numbers and claims of the papers. `data/results/`: frozen estimates.
* `tests/`: `make test` runs them.

### License for code

Code: MIT (`LICENSE`). Prose, figures and the output of the artificial country: CC BY 4.0 (`LICENSE-TEXT`).

## Instructions to replicators

1. `sha256sum --check SHA256SUMS` in this folder.
2. `make book` makes `_build/html/index.html` from the artificial country and the frozen estimates.
3. `digital-clusters data fetch`, then `make book DATA=public`, makes the public estimates anew.
4. `digital-clusters freeze STUDY` writes `data/results/STUDY.json` anew from public files.
5. `make test` runs the tests.

## List of tables, figures and programs

Every table and figure is made by the code that begins at the line, and stands on the page of that name in
`_build/html`.

| Exhibit | Program | Line | Page |
| --- | --- | --- | --- |
{exhibits}

## References

The replicated papers and all data citations are in `book/references.bib` and in the table of sources above.
"""

NOT_MEASURED = (
    "* No execution of the pages was found when this package was made, so nothing is measured here.\n"
    "  `make book`, then `digital-clusters archive`, fills this in."
)


@dataclass(frozen=True)
class Package:
    """What the README tells: title, version and commit, exhibits, sources, executions and the machine."""

    title: str
    version: str
    commit: str
    exhibits: Sequence[Exhibit]
    sources: Sequence[UpstreamFile]
    measured: Sequence[Measured]
    machine: Machine


def replication_readme(package: Package) -> str:
    """Markdown of the README."""
    kinds = [one.kind for one in package.exhibits]
    hosted = sum(file.hosted for file in package.sources)
    dirty = package.commit.endswith("+")
    return TEMPLATE.format(
        title=package.title,
        version=package.version,
        commit=package.commit.removesuffix("+"),
        dirty=", from files that differ from it" if dirty else "",
        tables=kinds.count("table"),
        figures=kinds.count("figure"),
        hosted=hosted,
        others=len(package.sources) - hosted,
        sources=_rows(_source(file) for file in package.sources),
        datasets=_rows(_dataset(file) for file in package.sources),
        python=package.machine.python,
        runtime=_runtime(package.measured, package.machine),
        exhibits=_rows(_exhibit(one) for one in package.exhibits),
    )


def _runtime(measured: Sequence[Measured], machine: Machine) -> str:
    if not measured:
        return NOT_MEASURED
    total, slowest = sum(one.seconds for one in measured), max(measured, key=lambda one: one.seconds)
    memory = f", {machine.memory:.0f} GB of memory" if machine.memory else ""
    facts = (
        f"* Measured on {machine.system}, Python {machine.python}, {machine.cores} cores{memory}: "
        f"{len(measured)} pages in {total / 60:.1f} minutes of wall time one after another; the slowest, "
        f"`{slowest.page}`, took {slowest.seconds:.0f} seconds.\n\n"
    )
    head = "| Page | Seconds | Data | Commit |\n| --- | --- | --- | --- |\n"
    return facts + head + _rows([o.page, f"{o.seconds:.1f}", o.data, f"`{o.commit}`"] for o in measured)


def _source(file: UpstreamFile) -> list[str]:
    provided = "no, fetched by the code" if file.hosted else "no, obtained by the replicator"
    return [file.measures, f"`{file.path}`", provided, file.licence, file.coverage, file.citation]


def _dataset(file: UpstreamFile) -> list[str]:
    known = str(file.sha256 or "not known")
    size = f"{file.bytes:,}" if file.bytes else "not known"
    return [f"`{file.path}`", f"{file.repository} at `{file.commit[:12]}`", size, f"`{known}`"]


def _exhibit(one: Exhibit) -> list[str]:
    return [f"{one.kind.capitalize()}: {one.what}", f"`{one.program}`", str(one.line), one.page]


def _rows(rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows)
