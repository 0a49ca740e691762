"""Does the joint test of a specification curve hold its size? Outcomes without an effect, on the twin."""

from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from digital_clusters.analysis.data import load_city_panel
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.joint_null import joint_tests
from digital_clusters.analysis.many_specs.decisions import effective_number
from digital_clusters.estimators.many_specs.two_way import (
    all_choices,
    entity_products,
    many_influences,
    many_slopes,
)
from digital_clusters.estimators.resampling.simulated_panels import autocorrelated
from digital_clusters.measures.panel import Panel
from digital_clusters.studies.trials.intervals.runner import wilson

NAME = "joint_test"
"""Of the frozen file."""

TREATMENT = "virtual"
CONTROLS = ("income", "population", "uil", "finance", "openness")
FIRST_YEAR, LAST_YEAR = 2010, 2019
LATER_HALF = 2015
"""First year of the shorter of the two samples."""

SEED = 20260501
PANELS, DRAWS = 1000, 499
WORKERS = 2
RIVALS = "joint_test_rivals"
"""Frozen by ``benchmarks/joint_size.py``."""

LEVEL = 0.05
PERSISTENCE = 0.8
"""Autocorrelation of the errors of a city: errors by row would be too small."""


@dataclass(frozen=True)
class CurveDesign:
    """Cities drawn from the twin, and the effect that is planted, in standard deviations of the error."""

    cities: int
    effect: float


DESIGNS = tuple(CurveDesign(cities, effect) for effect in (0.0, 0.2) for cities in (60, 250))

ALONE = "alone"
"""The share of specifications that are clear at 5 %, each by itself."""

TESTS = ("p_median", "p_share", "p_against", "p_stouffer", "p_search")


def joint_test_results() -> dict[str, Any]:
    """The arguments of ``frozen.freeze``: the whole trial, which takes minutes."""
    rows = [row for design in DESIGNS for row in size_rows(design, panels=PANELS, n_jobs=WORKERS)]
    facts = {"rows": rows, "seed": SEED, "panels": PANELS, "draws": DRAWS}
    inputs = {"columns of the twin": twin_hash()}
    return {"estimates": {}, "inputs": inputs, "facts": facts}


def frozen_sizes() -> pd.DataFrame:
    """The table in ``data/results``: a row a design and statistic, as :func:`size_rows` gives it."""
    return pd.DataFrame(load_frozen(NAME).facts["rows"])


def frozen_rivals() -> pd.DataFrame:
    """Size of the default tests of this package and of others: ``tool``, ``test``, ``rejected``, …"""
    return pd.DataFrame(load_frozen(RIVALS).facts["rows"])


def rivals_sentence(sizes: pd.DataFrame) -> str:
    """What came out: this package's tests, and those of the others that reject too often or too seldom."""
    is_own = sizes["tool"] == "this package"
    own, others = sizes[is_own], sizes[~is_own]
    often = others[others["low"] > LEVEL]
    listed = "; ".join(f"{row.tool}, {row.test}: {row.rejected:.0%}" for row in often.itertuples())
    seldom = int((others["high"] < LEVEL).sum())
    return (
        f"The {len(own)} tests of this package reject in {own['rejected'].min():.0%} to "
        f"{own['rejected'].max():.0%} of panels. Of the {len(others)} of other packages {len(often)} reject "
        f"more often than 5 %, by their interval{': ' if listed else ''}{listed}; "
        f"{seldom or 'none'} less often."
    )


def size_rows(
    design: CurveDesign, *, panels: int, draws: int = DRAWS, n_jobs: int = 1
) -> list[dict[str, Any]]:
    """How often each statistic rejects at 5 %, and the mean share of specifications clear by themselves.

    Returns
    -------
    list of dict
        ``cities``, ``effect``, ``test``, ``rejected`` (share of panels), ``low``, ``high`` (Wilson's 95 %
        interval), ``panels``, ``specs``, ``effective`` (mean effective number of the specifications).
    """
    from joblib import Parallel, delayed

    numbers = range(panels)
    found = pd.DataFrame(
        Parallel(n_jobs=n_jobs)(delayed(curve_p_values)(design, number, draws) for number in numbers)
    )
    rows = []
    for test in TESTS:
        hits = int((found[test] <= LEVEL).sum())
        low, high = wilson(hits, panels)
        rows.append({"test": test, "rejected": hits / panels, "low": low, "high": high})
    # specifications of one panel are alike, so that their share has no interval of this kind
    rows.append({"test": ALONE, "rejected": float(found[ALONE].mean()), "low": None, "high": None})
    counts = {"specs": int(found["specs"].iloc[0]), "effective": float(found["effective"].mean())}
    return [asdict(design) | row | counts | {"panels": panels} for row in rows]


def curve_p_values(design: CurveDesign, number: int, draws: int) -> dict[str, float]:
    """P values of one panel's curve, and :data:`ALONE`."""
    rng = np.random.default_rng([SEED, design.cities, round(100 * design.effect), number])
    frame = outcome_drawn_anew(design, rng)
    values, errors, p, effects = curve_of(frame)
    tests = joint_tests(values, errors, effects, sign=1, draws=draws, seed=number)
    return {**tests, ALONE: float((p < LEVEL).mean()), "effective": effective_number(effects)}


def outcome_drawn_anew(design: CurveDesign, rng: np.random.Generator) -> pd.DataFrame:
    """Cities of the twin with their treatment and controls, and an outcome drawn anew.

    The outcome is the planted effect of the standardised treatment, a third of each standardised control, a
    city's and a year's effect, and errors of variance one that are autocorrelated over a city's years.
    """
    whole = twin_columns()
    cities = rng.choice(whole["city"].unique(), size=design.cities, replace=False)
    frame = whole[whole["city"].isin(cities)].reset_index(drop=True)
    years = LAST_YEAR - FIRST_YEAR + 1
    own, common = rng.normal(size=(design.cities, 1)), rng.normal(size=(1, years))
    noise = own + common + autocorrelated(rng, design.cities, years, PERSISTENCE)
    part = frame[list(CONTROLS)].sum(axis=1) / 3
    return frame.assign(y=design.effect * frame[TREATMENT] + part + noise.ravel())


def curve_of(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """All subsets of the controls on two samples: values, errors, p values, influences of shape (C, S)."""
    choices, parts = all_choices([True, *[False] * len(CONTROLS)]), []
    for first in (FIRST_YEAR, LATER_HALF):
        rows = frame[frame["year"] >= first]
        names = (TREATMENT, *CONTROLS)
        products = entity_products(
            rows["y"], rows[list(names)], entity=rows["city"], time=rows["year"], terms=names
        )
        found = many_slopes(products, choices, TREATMENT)
        moved = many_influences(products, choices, TREATMENT)
        parts.append((found.values, found.errors, found.p_values, moved.T))
    values, errors, p, moved = (np.concatenate(part) for part in zip(*parts, strict=True))
    return values, errors, p, moved.T


def twin_hash() -> str:
    """Sha256 of the twin's columns that outcomes are drawn for."""
    return Panel.of(_raw_columns()).hash


@cache
def twin_columns() -> pd.DataFrame:
    """City, year, treatment and controls of the twin's cities that have all years, standardised."""
    frame = _raw_columns()
    names = [TREATMENT, *CONTROLS]
    return frame.assign(**((frame[names] - frame[names].mean()) / frame[names].std()))


def _raw_columns() -> pd.DataFrame:
    frame = load_city_panel("twin").frame
    frame = frame.loc[frame["year"].between(FIRST_YEAR, LAST_YEAR), ["city", "year", TREATMENT, *CONTROLS]]
    frame = frame.dropna()
    whole = frame.groupby("city")["year"].transform("size") == LAST_YEAR - FIRST_YEAR + 1
    return frame[whole].sort_values(["city", "year"]).reset_index(drop=True)
