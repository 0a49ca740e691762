"""The specification curves of a table of specifications, one file a claim (and unit)."""

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from digital_clusters.analysis.multiverse import CLAIM
from digital_clusters.files import draft_prefix, remove
from digital_clusters.pipeline.points.spec_mode import SpecSweep
from digital_clusters.report.figures.multiverse import specification_curve

CURVES = "curves"


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
        path = folder / f"{number:02}-{_file_name(unit)}.svg"
        draft = path.with_name(f"{draft_prefix()}{path.name}")
        # no date, so that the same table gives the same file
        drawn.savefig(draft, format="svg", metadata={"Date": None})
        yield draft.replace(path)


def _file_name(unit: tuple[str, ...]) -> str:
    return re.sub(r"[^\w.+-]+", "-", "_".join(unit)).strip("-")[:80]
