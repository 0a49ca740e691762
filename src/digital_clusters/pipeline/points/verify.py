"""Is a table of specifications what its record says, and do its numbers come out again?"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from digital_clusters.analysis.fit import fit
from digital_clusters.analysis.spec import Spec
from digital_clusters.errors import (
    DataError,
    FileError,
    MissingTableError,
    ParameterError,
)
from digital_clusters.kept_lines import code_hash
from digital_clusters.measures.panel import Panel
from digital_clusters.pipeline.hashing.files import file_hash
from digital_clusters.pipeline.points.spec_mode import (
    RECORD,
    TABLE,
    SpecRun,
    declaration_hash,
    open_spec_sweep,
    read_spec_run,
)

AGREES = 1e-6
"""Relative: a batch solves products of columns, one fit factorises them; learners agree to the last digit."""

NUMBERS = ("value", "error", "p_value", "n")


@dataclass(frozen=True)
class Checked:
    """One thing that was looked at.

    Attributes
    ----------
    what : str
    fault : str
        What is wrong, or empty.
    """

    what: str
    fault: str = ""

    def __str__(self) -> str:
        return f"{'fault' if self.fault else 'fine':<6} {self.what}{f': {self.fault}' if self.fault else ''}"


def drawn_points(total: int, points: int, seed: int) -> list[int]:
    """Places of a sample of points among all of them, in their order; all where there are no more."""
    return sorted(random.Random(seed).sample(range(total), min(points, total)))


def verify_folder(folder: Path, root: Path, *, points: int = 20, seed: int = 1) -> list[Checked]:
    """Recompute the hashes of a table of specifications, and a sample of its points one at a time.

    Parameters
    ----------
    folder : pathlib.Path
        What ``sweep --mode spec`` made.
    root : pathlib.Path
        The project.
    points : int
        Drawn from the table.
    seed : int
        Of the draw.

    Raises
    ------
    FileError
        If the folder has no record or no table.
    ParameterError
        Fewer than one point.
    """
    if points < 1:
        raise ParameterError(f"points = {points}: choose a positive number")
    run = read_spec_run(folder)
    table = folder / TABLE
    if not table.is_file():
        raise FileError(f"{folder} has a {RECORD} and no {TABLE}: run the sweep again")
    sweep = open_spec_sweep(root / run.file, root, run.data, sample=run.sample, seed=run.seed)
    same_declaration = declaration_hash(sweep.declared) == run.declared
    found = [
        _same(f"{TABLE} has its recorded sha256", file_hash(table) == run.table, "it was changed"),
        _same(f"{run.file} is as it was", same_declaration, "it was changed: run the sweep again"),
        _same(f"the panels are as they were ({run.label})", sweep.data_hash == run.data_hash, "other data"),
        _same("the package is as it was", code_hash() == run.code, "other code: numbers may differ"),
        _whole(run, len(sweep.plan.points)),
    ]
    return [*found, *_points_again(pd.read_parquet(table), sweep.panels, points, seed)]


def _same(what: str, holds: bool, fault: str) -> Checked:
    return Checked(what, "" if holds else fault)


def _whole(run: SpecRun, planned: int) -> Checked:
    what = f"all {planned:,} points are there"
    return _same(what, run.points == planned, f"{run.points:,} are: start the sweep again")


def _points_again(
    table: pd.DataFrame, panels: Mapping[str, Panel], points: int, seed: int
) -> Iterator[Checked]:
    for row in table.iloc[drawn_points(len(table), points, seed)].itertuples():
        yield Checked(f"point {row.point} comes out again", _difference(row, panels[row.panel]))


def _difference(row, panel: Panel) -> str:
    """How one fit by itself differs from a row; empty where it does not."""
    try:
        number = fit(Spec.model_validate_json(row.spec), panel).term(row.term)
    except (DataError, MissingTableError, ParameterError) as error:
        return "" if str(error) == row.problem else f"it was {row.value:.6g}, is: {error}"
    if row.problem:
        return f"it was not estimated ({row.problem}), is {number.value:.6g}"
    for name in NUMBERS:
        old, new = getattr(row, name), getattr(number, name)
        if not np.isclose(old, new, rtol=AGREES, atol=0.0, equal_nan=True):
            return f"{name} was {old:.8g}, is {new:.8g}"
    return ""
