"""Sentences and numbers that pages quote from the trial with planted spillovers."""

import numpy as np
import pandas as pd

from digital_clusters.errors import ParameterError
from digital_clusters.report.glue import glue
from digital_clusters.report.words import number
from digital_clusters.studies.trials.staggered import joining, matched
from digital_clusters.studies.trials.staggered.methods import ESTIMATORS, MATCHERS, UNMATCHED
from digital_clusters.studies.trials.staggered.record import FrozenStaggered, frozen_staggered

PROMISED = 0.95
"""Share of intervals that should hold the truth."""

HALF = 0.5

_NAMES = {0.0: "none", 0.25: "quarter", HALF: "half", 1.0: "whole"}


def row_at(
    table: pd.DataFrame, method: str, *, spillover: float, donut: bool, effect: float = 1
) -> pd.Series:
    """The row of one method under one planted change.

    Raises
    ------
    ParameterError
        There is not exactly one.
    """
    keys = {"effect": effect, "spillover": spillover, "method": method, "donut": donut}
    found = table[(table[list(keys)] == pd.Series(keys)).all(axis=1)]
    if len(found) != 1:
        raise ParameterError(f"the trial has {len(found)} rows of '{method}' at a spillover of {spillover:g}")
    return found.iloc[0]


def spilled(method: str, *, donut: bool = False) -> str:
    """Bias and coverage of one method with half of the effect on neighbours, for a table of methods."""
    row = row_at(frozen_staggered().table, method, spillover=HALF, donut=donut)
    found = f"coverage {row['coverage']:.0%}, bias {number(row['bias'])}"
    return f"simulated, half of the effect on neighbours: {found}"


def staggered(frozen: FrozenStaggered) -> None:
    """Quote ``staggered-…``: the design, ranges over methods, how many keep what they promise."""
    _design(frozen)
    of = frozen.table[frozen.table["method"].isin(list(ESTIMATORS))]
    for spillover, name in _NAMES.items():
        for is_donut, controls in {False: "all", True: "donut"}.items():
            here = of[(of["spillover"] == spillover) & (of["donut"] == is_donut)]
            own, null = here[here["effect"] == 1], here[here["effect"] == 0]
            key = f"staggered-{controls}-{name}"
            glue(f"{key}-bias", _range(own["bias"]))
            glue(f"{key}-coverage", _percents(own["coverage"]))
            glue(f"{key}-size", _percents(1 - null["coverage"]))
    _kept(of)
    _matched(frozen.table)


def _design(frozen: FrozenStaggered) -> None:
    known = joining.waves_map()
    facts = {
        "draws": int(frozen.table["draws"].min()),
        "methods": len(ESTIMATORS),
        "cities": joining.CITIES,
        "years": joining.YEARS,
        "members": int(np.isfinite(known.adoption).sum()),
        "ringed": int(known.ringed.sum()),
        "waves": len(set(known.adoption[np.isfinite(known.adoption)])),
        "before": int((np.isfinite(known.adoption) & known.reached.any(axis=1)).sum()),
        "effect": joining.EFFECT,
        "persistence": joining.PERSISTENCE,
        "resembling": matched.RESEMBLING,
        "trend": matched.TREND,
    }
    for name, value in facts.items():
        glue(f"staggered-{name}", f"{value:g}")
    glue("staggered-commit", frozen.commit[:10])
    glue("staggered-date", frozen.date[:10])


def _kept(of: pd.DataFrame) -> None:
    """Methods whose coverage may be what is promised, by Wilson's interval, with and without a donut."""
    for is_donut, controls in {False: "all", True: "donut"}.items():
        for spillover in (0.0, HALF):
            own = of[(of["effect"] == 1) & (of["spillover"] == spillover) & (of["donut"] == is_donut)]
            names = own.loc[own["high"] >= PROMISED, "method"].tolist()
            glue(f"staggered-{controls}-{_NAMES[spillover]}-keeping", ", ".join(names) or "none")


def _matched(table: pd.DataFrame) -> None:
    nearest, kernel = MATCHERS
    for key, method in {"nearest": nearest, "kernel": kernel, "unmatched": UNMATCHED}.items():
        for is_donut, controls in {False: "all", True: "donut"}.items():
            for spillover in (0.0, HALF):
                row = row_at(table, method, spillover=spillover, donut=is_donut, effect=0)
                name = f"staggered-{key}-{controls}-{_NAMES[spillover]}"
                glue(f"{name}-bias", number(row["bias"]))
                glue(f"{name}-size", f"{100 * (1 - row['coverage']):.0f} %")
                row = row_at(table, method, spillover=spillover, donut=is_donut)
                glue(f"{name}-coverage", f"{100 * row['coverage']:.0f} %")


def _range(values: pd.Series) -> str:
    return f"{number(values.min(), 2)} to {number(values.max(), 2)}"


def _percents(shares: pd.Series) -> str:
    return f"{100 * shares.min():.0f} to {100 * shares.max():.0f} %"
