"""Every recipe on every panel, a piece at a time, and what the frozen trial says of each."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.paths import project_root
from digital_clusters.studies.trials.intervals.runner import wilson
from digital_clusters.studies.trials.method.designs import DESIGNS, THETA, PanelDesign, panel_of
from digital_clusters.studies.trials.method.recipes import CHANGES, LEAST_SQUARES, PRINTED, recipes
from digital_clusters.studies.trials.pieces import in_pieces

NAME = "method"
"""Of the frozen file."""

PANELS = 500
"""Panels of each design; all recipes share them."""

PRINTED_PANELS = 40
"""First panels on which the slow learners run too."""

KEPT = 2
"""First panels of each design whose estimates are frozen one by one, so that a page can draw them again."""

SEED = 20110101

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)

REJECTS = 1.959963984540054
"""|t| at which a two-sided test of no effect rejects at 5 per cent."""


@dataclass(frozen=True)
class FrozenMethods:
    """The frozen trial.

    Attributes
    ----------
    table : pandas.DataFrame
        As of :func:`summarised`.
    estimates : pandas.DataFrame
        By design, panel and recipe, of the first panels.
    learners : pandas.DataFrame
        As of :func:`learners_compared`.
    panels, printed_panels, seed : int
    commit, date : str
    """

    table: pd.DataFrame
    estimates: pd.DataFrame
    learners: pd.DataFrame
    panels: int
    printed_panels: int
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
    for name, recipe in recipes(SEED + panel, printed=panel < PRINTED_PANELS).items():
        term = recipe(draw).term("d")
        found = {"value": term.value, "error": term.error, "low": term.low, "high": term.high}
        rows.append({"design": design.name, "panel": panel, "recipe": name, **found})
    return rows


def run_panels(
    designs: Sequence[PanelDesign],
    panels: int,
    folder: Path | None = None,
    *,
    seconds: float = float("inf"),
) -> pd.DataFrame:
    """All recipes on the first ``panels`` panels of some designs.

    Parameters
    ----------
    designs : sequence of PanelDesign
    panels : int
    folder : pathlib.Path, optional
        Keeps each panel when it is done; started again, only what is missing is estimated.
    seconds : float
        No panel is begun after them.
    """
    # panel by panel, so that what an interrupt leaves has all designs
    pieces = (
        (f"{place}-{panel}", partial(tried_once, design, panel))
        for panel in range(panels)
        for place, design in enumerate(designs)
    )
    return in_pieces(pieces, folder, seconds=seconds)


def pieces_folder() -> Path:
    """Where pieces are kept: one folder for each state of the designs, the recipes and the estimators."""
    root = project_root()
    package = root / "src" / "digital_clusters"
    here = Path(__file__).parent
    files = [here / "designs.py", here / "recipes.py"]
    files += sorted((package / "estimators" / "double_ml").rglob("*.py"))
    files += sorted((package / "estimators" / "panel").rglob("*.py"))
    code = hashlib.sha256(b"".join(file.read_bytes() for file in files) + declaration().encode())
    return root / "_build" / "method" / code.hexdigest()[:12]


def declaration(designs: Sequence[PanelDesign] = DESIGNS) -> str:
    """sha256 of what decides the numbers: seed, designs, recipes."""
    parts = [f"{SEED} {THETA}", *map(repr, designs), *map(repr, (CHANGES | PRINTED).items()), LEAST_SQUARES]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def method_results() -> dict[str, Any]:
    """The arguments of ``frozen.freeze``: the whole trial, which takes an hour and may be interrupted."""
    found = run_panels(DESIGNS, PANELS, pieces_folder())
    facts = {"seed": SEED, "panels": PANELS, "printed_panels": PRINTED_PANELS}
    facts |= {"rows": summarised(found).to_dict("records")}
    facts |= {"learners": learners_compared(found).to_dict("records")}
    facts |= {"first": found[found["panel"] < KEPT].to_dict("records")}
    return {"estimates": {}, "inputs": {"declared designs": declaration()}, "facts": facts}


def frozen_methods() -> FrozenMethods:
    """The trial in ``data/results``."""
    found = load_frozen(NAME)
    known: Mapping[str, Any] = found.facts
    tables = (pd.DataFrame(known[name]) for name in ("rows", "first", "learners"))
    numbers = (known[name] for name in ("panels", "printed_panels", "seed"))
    return FrozenMethods(*tables, *numbers, found.commit, found.date)


def summarised(estimates: pd.DataFrame) -> pd.DataFrame:
    """Bias, spread, coverage and power of every recipe in every design.

    Returns
    -------
    pandas.DataFrame
        design, recipe, panels, bias and its Monte Carlo error, spread (standard deviation of estimates) and
        its Monte Carlo error (of a normal sample), claimed (mean standard error), coverage of 95 % intervals
        with ends of its 95 % interval (Wilson 1927), size (one less coverage: rejects the truth), power
        (rejects no effect), and the quantiles q05, q25, q50, q75, q95 of estimates less the truth.
    """
    rows = []
    for (design, recipe), part in estimates.groupby(["design", "recipe"], sort=False):
        gap = part["value"].to_numpy() - THETA
        held = (part["low"] <= THETA) & (part["high"] >= THETA)
        low, high = wilson(int(held.sum()), len(part))
        spread = gap.std(ddof=1)
        rows.append(
            {
                "design": design,
                "recipe": recipe,
                "panels": len(part),
                "bias": gap.mean(),
                "bias_error": spread / np.sqrt(len(part)),
                "spread": spread,
                "spread_error": spread / np.sqrt(2 * (len(part) - 1)),
                "claimed": part["error"].mean(),
                "coverage": held.mean(),
                "coverage_low": low,
                "coverage_high": high,
                "size": 1 - held.mean(),
                "power": (part["value"].abs() > REJECTS * part["error"]).mean(),
            }
            | {f"q{100 * q:02.0f}": np.quantile(gap, q) for q in QUANTILES}
        )
    return pd.DataFrame(rows)


def learners_compared(estimates: pd.DataFrame) -> pd.DataFrame:
    """The recipe in bins beside its printed learners, on the panels that both ran on.

    Returns
    -------
    pandas.DataFrame
        design, recipe, panels, difference (mean of the estimate in bins less that of the printed learner),
        its Monte Carlo error, correlation of the two over panels.
    """
    keys = ["design", "panel"]
    binned = estimates[estimates["recipe"] == next(iter(CHANGES))].set_index(keys)["value"]
    rows = []
    for (design, recipe), part in estimates[estimates["recipe"].isin(list(PRINTED))].groupby(
        ["design", "recipe"], sort=False
    ):
        printed = part.set_index(keys)["value"]
        apart = binned.loc[printed.index] - printed
        error = apart.std(ddof=1) / np.sqrt(len(apart))
        both = {"difference": apart.mean(), "error": error, "correlation": binned.corr(printed)}
        rows.append({"design": design, "recipe": recipe, "panels": len(apart), **both})
    return pd.DataFrame(rows)
