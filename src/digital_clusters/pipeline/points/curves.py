"""The curves of a sweep, drawn after it: one file a claim and unit, or a coefficient of a page."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from digital_clusters.analysis.multiverse.declared import CLAIM
from digital_clusters.files import draft_prefix, remove
from digital_clusters.pipeline.points.spec_mode import SpecSweep
from digital_clusters.report.figures.multiverse import specification_curve

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CURVES = "curves"

MOST_CURVES = 24
"""Curves drawn of a sweep of pages, the coefficients with most points first."""


def draw_curves(sweep: SpecSweep, table: Path) -> Iterator[Path]:
    """Draw every unit's curve as SVG below the sweep's folder; a unit without a number has none."""
    folder = sweep.folder / CURVES
    remove(folder)
    folder.mkdir()
    declared, frame = sweep.declared, pd.read_parquet(table)
    units = frame[frame["problem"] == ""].groupby(declared.splitting, sort=False)
    for number, (unit, points) in enumerate(units, start=1):
        named = dict(zip(declared.splitting, unit, strict=True))
        claim = declared.claims[named[CLAIM]]
        drawn = specification_curve(
            points, declared.choices, sign=claim.sign, ylabel=claim.term, label=sweep.panel.label
        )
        yield _save(drawn, folder / f"{number:02}-{_file_name(unit)}.svg")


def draw_page_curves(table: Path, parameters: Sequence[str]) -> Iterator[Path]:
    """Draw each coefficient that several points of a sweep of pages saved, over the parameters that vary.

    Parameters
    ----------
    table : pathlib.Path
        ``estimates.parquet``; the curves are put beside it.
    parameters : sequence of str
        Its columns that are parameters.
    """
    folder = table.parent / CURVES
    remove(folder)
    frame = pd.read_parquet(table)
    frame = frame[frame["standard_error"] > 0].astype(dict.fromkeys(parameters, str))
    frame = frame.assign(error=frame["standard_error"])
    frame["p_value"] = 2 * stats.norm.sf(np.abs(frame["value"] / frame["error"]))
    several = [(key, rows) for key, rows in frame.groupby(COEFFICIENT, sort=False) if len(rows) > 1]
    several.sort(key=lambda found: -len(found[1]))
    for number, (key, rows) in enumerate(several[:MOST_CURVES], start=1):
        folder.mkdir(exist_ok=True)
        label = ", ".join(dict.fromkeys(rows["data_label"].dropna())) or "data not said"
        drawn = specification_curve(rows, parameters, sign=None, ylabel=str(key[-1]), label=label)
        yield _save(drawn, folder / f"{number:02}-{_file_name(key)}.svg")


COEFFICIENT = ["file", "column", "term"]
"""Columns that say which coefficient a row is of."""


def _save(drawn: "Figure", path: Path) -> Path:
    import matplotlib.pyplot as plt

    draft = path.with_name(f"{draft_prefix()}{path.name}")
    # neither a date nor a random salt of names, so that the same table gives the same file
    with plt.rc_context({"svg.hashsalt": path.name}):
        drawn.savefig(draft, format="svg", metadata={"Date": None})
    plt.close(drawn)
    return draft.replace(path)


def _file_name(unit: tuple[str, ...]) -> str:
    return re.sub(r"[^\w.+-]+", "-", "_".join(unit)).strip("-")[:80]
