"""Every recipe on every panel, a piece at a time, and what the frozen trial says of each."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.files import write_text
from digital_clusters.paths import project_root
from digital_clusters.studies.trials.intervals.runner import wilson
from digital_clusters.studies.trials.method.designs import DESIGNS, THETA, PanelDesign, panel_of
from digital_clusters.studies.trials.method.recipes import CHANGES, LEAST_SQUARES, recipes

NAME = "method"
"""Of the frozen file."""

PANELS = 16
"""Panels of each design; all recipes share them."""

SEED = 20110101

REJECTS = 1.959963984540054
"""|t| at which a two-sided test of no effect rejects at 5 per cent."""


@dataclass(frozen=True)
class FrozenMethods:
    """The frozen trial: ``table`` as of :func:`summarised`, ``estimates`` by design, panel and recipe."""

    table: pd.DataFrame
    estimates: pd.DataFrame
    panels: int
    seed: int
    commit: str
    date: str


def panel_seed(design: PanelDesign, panel: int) -> np.random.SeedSequence:
    """Of one panel: depends on the design's name and the panel's number and on nothing else."""
    return np.random.SeedSequence([SEED, *design.name.encode(), panel])


def tried_once(design: PanelDesign, panel: int) -> list[dict[str, Any]]:
    """Estimate, standard error and interval of every recipe on one panel."""
    draw = panel_of(design, np.random.default_rng(panel_seed(design, panel)))
    rows = []
    for name, recipe in recipes(SEED + panel).items():
        term = recipe(draw).term("d")
        found = {"value": term.value, "error": term.error, "low": term.low, "high": term.high}
        rows.append({"design": design.name, "panel": panel, "recipe": name, **found})
    return rows


def run_panels(designs: Sequence[PanelDesign], panels: int, folder: Path | None = None) -> pd.DataFrame:
    """All recipes on the first ``panels`` panels of some designs.

    Parameters
    ----------
    designs : sequence of PanelDesign
    panels : int
    folder : pathlib.Path, optional
        Keeps each panel when it is done; started again, only what is missing is estimated.
    """
    rows: list[dict[str, Any]] = []
    # panel by panel, so that what an interrupt leaves has all designs
    for panel in range(panels):
        for design in designs:
            piece = folder and folder / f"{designs.index(design)}-{panel}.json"
            if piece and piece.is_file():
                rows += json.loads(piece.read_text(encoding="utf-8"))
                continue
            found = tried_once(design, panel)
            if piece:
                write_text(piece, json.dumps(found))
            rows += found
    return pd.DataFrame(rows)


def pieces_folder() -> Path:
    """Where pieces are kept: one folder for each state of the designs, the recipes and the estimators."""
    root = project_root()
    package = root / "src" / "digital_clusters"
    here = Path(__file__).parent
    files = [here / "designs.py", here / "recipes.py", *sorted((package / "estimators").rglob("*.py"))]
    code = hashlib.sha256(b"".join(file.read_bytes() for file in files) + declaration().encode())
    return root / "_build" / "method" / code.hexdigest()[:12]


def declaration(designs: Sequence[PanelDesign] = DESIGNS) -> str:
    """sha256 of what decides the numbers: seed, designs, recipes."""
    text = "\n".join([f"{SEED} {THETA}", *map(repr, designs), *map(repr, CHANGES.items()), LEAST_SQUARES])
    return hashlib.sha256(text.encode()).hexdigest()


def method_results() -> dict[str, Any]:
    """The arguments of ``frozen.freeze``: the whole trial, which takes minutes and may be interrupted."""
    found = run_panels(DESIGNS, PANELS, pieces_folder())
    return {
        "estimates": {},
        "inputs": {"declared designs": declaration()},
        "facts": {"seed": SEED, "panels": PANELS, "rows": found.to_dict("records")},
    }


def frozen_methods() -> FrozenMethods:
    """The trial in ``data/results``."""
    found = load_frozen(NAME)
    estimates = pd.DataFrame(found.facts["rows"])
    known: Mapping[str, Any] = found.facts
    table = summarised(estimates)
    return FrozenMethods(table, estimates, known["panels"], known["seed"], found.commit, found.date)


def summarised(estimates: pd.DataFrame) -> pd.DataFrame:
    """Bias, spread, coverage and power of every recipe in every design.

    Returns
    -------
    pandas.DataFrame
        design, recipe, panels, bias and its Monte Carlo error, spread (standard deviation of estimates),
        claimed (mean standard error), coverage of 95 % intervals with ends of its 95 % interval (Wilson
        1927), size (one less coverage: rejects the truth), power (rejects no effect).
    """
    rows = []
    for (design, recipe), part in estimates.groupby(["design", "recipe"], sort=False):
        gap = part["value"].to_numpy() - THETA
        held = (part["low"] <= THETA) & (part["high"] >= THETA)
        low, high = wilson(int(held.sum()), len(part))
        rows.append(
            {
                "design": design,
                "recipe": recipe,
                "panels": len(part),
                "bias": gap.mean(),
                "bias_error": gap.std(ddof=1) / np.sqrt(len(part)),
                "spread": gap.std(ddof=1),
                "claimed": part["error"].mean(),
                "coverage": held.mean(),
                "coverage_low": low,
                "coverage_high": high,
                "size": 1 - held.mean(),
                "power": (part["value"].abs() > REJECTS * part["error"]).mean(),
            }
        )
    return pd.DataFrame(rows)
