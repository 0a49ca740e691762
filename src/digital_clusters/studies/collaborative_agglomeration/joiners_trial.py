"""The estimators of accession in other synthetic countries, with the council and without it."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from digital_clusters.analysis.data import load_city_panel, load_tables
from digital_clusters.analysis.power import truth_hash
from digital_clusters.analysis.study import Study
from digital_clusters.estimators.did.honest import relative_magnitudes
from digital_clusters.estimators.did.placebo import placebo_adoption
from digital_clusters.estimators.did.robust import robust_did
from digital_clusters.estimators.did.spillovers import donut_did
from digital_clusters.estimators.did.staggered import group_time_effects, two_way_did
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.measures.space.weights import spatial_weights
from digital_clusters.sources.twin.country import country_of
from digital_clusters.sources.twin.truth import project_truth
from digital_clusters.studies.collaborative_agglomeration.joiners import (
    AFTER,
    BEFORE,
    DEALT,
    DONUT,
    ROBUST,
    joiners_record,
    wild_p,
)
from digital_clusters.studies.collaborative_agglomeration.planted import log_size, without_council
from digital_clusters.studies.collaborative_agglomeration.specs import ACCESSION, PUBLIC

COUNTRIES = 500
"""Other countries of the same truth."""

DRIFT = 0.03
"""Log points a year by which joiners depart from parallel trends, before joining and after it alike."""

RESAMPLES = 199
"""Of bootstrap and placebo: p ≤ 5 % in exactly five of a hundred."""

STATIC = "two-way, cohort of the first year dropped"
WILD = "wild cluster bootstrap of the two-way estimate"
PARALLEL, HONEST = "parallel trends", "bounds, relative magnitude 1"


def joiners_results(study: Study) -> dict[str, Any]:
    """Public estimates and the trial: the arguments of ``frozen.freeze``."""
    found = try_countries(range(1, COUNTRIES + 1))
    record = joiners_record(PUBLIC["public, accession"], load_city_panel("public"))
    facts = {"public": record, "trial": joiners_summary(found), "countries": COUNTRIES, "drift": DRIFT}
    inputs = dict(load_tables("public").provenance) | {"data/twin.yml": truth_hash()}
    return {"estimates": {}, "notes": {}, "facts": facts, "inputs": inputs}


def try_countries(seeds: Iterable[int]) -> pd.DataFrame:
    """One row a country and method; see :func:`one_country_of_joiners`."""
    return pd.DataFrame([row for seed in seeds for row in one_country_of_joiners(seed)])


def one_country_of_joiners(seed: int) -> list[dict[str, Any]]:
    """Each method in one country.

    Returns
    -------
    list of dict
        ``method``; ``off``: what the method finds of the planted effect alone less the planted mean over
        treated city-years; ``covers``: whether its interval holds that mean; ``rejects``: whether its test
        rejects at 5 % where no council was ever founded; ``noise``: its estimate there. ``None`` for what a
        method has not.
    """
    truth = project_truth()
    country = country_of(truth, seed)
    kept = truth.country.years >= ACCESSION.first_year
    kept &= truth.country.years <= ACCESSION.last_year
    y1, y0 = (log_size(one)[:, kept] for one in (country, without_council(country)))
    joined = country.places["delta_council_year"].to_numpy(dtype=float, na_value=np.nan)
    joined = np.where(joined <= ACCESSION.last_year, joined, np.nan)
    years = truth.country.years[kept]
    keys = {
        "entity": np.repeat(country.places["city"].to_numpy(), len(years)),
        "time": np.tile(years, len(joined)),
        "adoption": np.repeat(joined, len(years)),
    }
    links = spatial_weights(country.places[["city", "lon", "lat"]], "nearest").matrix
    treated = (keys["time"] >= keys["adoption"]) & (keys["adoption"] > years[0])
    planted = float((y1 - y0).ravel()[treated].mean())
    methods = {STATIC: lambda y: two_way_did(y, **keys, always_treated="drop")}
    for name, method in ROBUST.items():
        methods[name] = lambda y, method=method: robust_did(y, **keys, method=method)
    methods[DONUT] = lambda y: donut_did(y, **keys, links=links).effect
    rows = [_row(name, method(y1.ravel()), method(y0.ravel()), planted) for name, method in methods.items()]
    rng = np.random.default_rng(seed)
    p_values = {
        WILD: wild_p(y0.ravel(), keys, draws=RESAMPLES, seed=rng),
        DEALT: placebo_adoption(y0.ravel(), **keys, rng=rng, draws=RESAMPLES, always_treated="drop").p_value,
    }
    rows += [{"method": name, "rejects": p <= 0.05} for name, p in p_values.items()]
    return rows + _drifting(y0, years, joined, keys)


def _row(name: str, with_council: Estimate, without: Estimate, planted: float) -> dict[str, Any]:
    low, high = with_council.interval()[0]
    effect, noise = with_council.coefficients[0], without.coefficients[0]
    return {
        "method": name,
        "off": effect - noise - planted,
        "covers": low <= planted <= high,
        "rejects": without.p_values[0] <= 0.05,
        "noise": noise,
        "error": without.standard_errors[0],
    }


def _drifting(y0, years, joined, keys) -> list[dict[str, Any]]:
    """No council, but joiners that drift off: whether intervals hold the effect, which is zero."""
    drift = np.nan_to_num(years - joined[:, None]) * DRIFT
    path = group_time_effects((y0 + drift).ravel(), **keys, base="universal").relative
    table = relative_magnitudes(path, before=BEFORE, after=AFTER, magnitudes=(0.0, 1.0)).table
    inside = (table["low"] <= 0) & (table["high"] >= 0)
    return [{"method": name, "covers": held} for name, held in zip((PARALLEL, HONEST), inside, strict=True)]


def joiners_summary(found: pd.DataFrame) -> list[dict[str, Any]]:
    """A record a method: bias, spread and mean error, coverage, size; ``None`` for what it has not."""
    rows = []
    for name, own in found.groupby("method", sort=False):
        row = {
            "method": name,
            "bias": own["off"].astype(float).mean(),
            "spread": own["noise"].astype(float).std(ddof=1),
            "mean_error": own["error"].astype(float).mean(),
            "coverage": own["covers"].astype(float).mean(),
            "size": own["rejects"].astype(float).mean(),
        }
        rows.append({k: v if isinstance(v, str) or np.isfinite(v) else None for k, v in row.items()})
    return rows
