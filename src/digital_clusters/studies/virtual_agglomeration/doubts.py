"""What the estimates of virtual agglomeration rest on: nothing left out, many shocks, an instrument without
effect of its own.

Everything is plain (texts, numbers, lists of records), so that it can be frozen and read by everybody.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from digital_clusters.analysis.data import load_city_panel, load_tables
from digital_clusters.analysis.fit import Fit, fit
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.power import truth_hash
from digital_clusters.analysis.spec import Spec
from digital_clusters.analysis.study import Study, sizes_of_claims
from digital_clusters.estimators.assumptions.omitted import OmittedVariable, omitted_variable
from digital_clusters.estimators.assumptions.plausible import plausible_exogeneity
from digital_clusters.estimators.assumptions.shift_share import shift_share_errors
from digital_clusters.measures.city_panel import build_city_panel
from digital_clusters.measures.panel import Panel
from digital_clusters.sources import open_source
from digital_clusters.studies.virtual_agglomeration.planted import sizes
from digital_clusters.studies.virtual_agglomeration.specs import BASELINE, INSTRUMENTED, PUBLIC, STUDY

RECORD = f"{STUDY}.doubts"
"""Name of the frozen file."""

OMITTED = ("villages", "digital finance")
"""Public specifications that are asked for an omitted variable."""

BY_TELECOMMUNICATIONS = "digital finance, telecommunications as instrument"

COUNTRIES, PLACEBOS, SEED = 500, 500, 19840101
"""Synthetic countries, and placebo series of shocks."""

KINDS = {"independent": 0.0, "persistent": 0.9}
"""Kind of a placebo series → its first-order autocorrelation."""

RULES = ("clustered by city", "by shocks", "by shocks, residuals under the null")


def doubts_results(study: Study) -> dict[str, Any]:
    """Public estimates and both trials: the arguments of ``frozen.freeze``."""
    panel = load_city_panel("public")
    facts = {
        "public": doubts_record({key: PUBLIC[key] for key in OMITTED}, PUBLIC[BY_TELECOMMUNICATIONS], panel),
        "omitted_trial": try_omitted(range(1, COUNTRIES + 1)),
        "placebos": {
            "twin": placebo_shocks(fit(INSTRUMENTED, load_city_panel("twin"))),
            "public": placebo_shocks(fit(PUBLIC[BY_TELECOMMUNICATIONS], panel)),
        },
    }
    inputs = dict(load_tables("public").provenance) | {"data/twin.yml": truth_hash()}
    return {"estimates": {}, "notes": {}, "facts": facts, "inputs": inputs}


def public_doubts(data: str = "twin") -> Mapping[str, Any]:
    """The record of public data: made now if ``data`` is ``public``, else as frozen."""
    if data == "public":
        specs = {key: PUBLIC[key] for key in OMITTED}
        return doubts_record(specs, PUBLIC[BY_TELECOMMUNICATIONS], load_city_panel("public"))
    return load_frozen(RECORD).facts["public"]


def doubts_record(specs: Mapping[str, Spec], by_instrument: Spec, panel: Panel) -> dict[str, Any]:
    """``omitted`` (a row a specification), ``shocks`` and ``plausible`` of the instrument."""
    instrumented = fit(by_instrument, panel)
    bounds = plausible_exogeneity(instrumented.instrumented)
    return {
        "omitted": [omitted_row(words, omitted_of(fit(spec, panel))) for words, spec in specs.items()],
        "shocks": shocks_row(instrumented),
        "plausible": bounds.table.to_dict("records"),
        "breakdown": bounds.breakdown,
    }


def omitted_of(found: Fit) -> OmittedVariable:
    """Sensitivity of a two-way estimate with one treatment to what is left out."""
    arrays = found.design
    return omitted_variable(
        arrays.outcome, arrays.treatments, arrays.controls, **arrays.keys, terms=arrays.names
    )


def omitted_row(words: str, found: OmittedVariable) -> dict[str, Any]:
    """One row: the estimate, robustness values, the strongest control and what its like would leave, δ."""
    number = found.estimate.term(found.estimate.terms[0])
    strongest = found.benchmarks.loc[found.strongest]
    return {
        "design": words,
        "value": number.value,
        "error": number.error,
        "partial_r2": found.partial_r2,
        "robustness": found.robustness_value,
        "robustness_interval": found.robustness_value_interval,
        "strongest": found.strongest,
        "with_treatment": float(strongest["with_treatment"]),
        "with_outcome": float(strongest["with_outcome"]),
        "adjusted": float(strongest["adjusted"]),
        "delta": found.delta,
    }


def shocks_row(found: Fit) -> dict[str, Any]:
    """The instrumented effect with errors by city and by the years of its one series of shocks."""
    arrays = found.design
    z = arrays.instrument
    errors = shift_share_errors(
        arrays.outcome, arrays.treatments, z, exposures(found), arrays.controls, **arrays.keys
    )
    return {
        "value": errors.effect,
        "clustered": errors.clustered,
        "akm": errors.akm,
        "akm_interval": list(errors.akm_interval),
        "null_interval": [[_finite(end) for end in piece] for piece in errors.null_interval],
        "shocks": errors.shocks,
        "effective": errors.effective,
        "f": float(found.instrumented.first_stage_f),
        "critical_f": float(found.instrumented.critical_f),
    }


def _finite(end: float) -> float | None:
    """JSON has no infinity."""
    return float(end) if np.isfinite(end) else None


def exposures(found: Fit) -> np.ndarray:
    """Each city's exposure in the column of the row's year, shape (n, years).

    The instrument is exposure times one value a year, but for the city's own part in the country: exposure is
    its mean over years in that of all cities.
    """
    arrays = found.design
    table = pd.DataFrame({"city": arrays.entity, "year": arrays.time, "z": arrays.instrument})
    relative = table["z"] / table.groupby("year")["z"].transform(lambda z: np.abs(z).mean())
    exposure = relative.groupby(table["city"]).transform("mean").to_numpy()
    years = np.unique(arrays.time, return_inverse=True)[1]
    return exposure[:, None] * np.eye(years.max() + 1)[years]


def placebo_shocks(found: Fit, *, draws: int = PLACEBOS, seed: int = SEED) -> list[dict[str, Any]]:
    """How often the reduced form rejects at 5 % where the series of shocks is drawn at random.

    Outcome, controls and exposures stay as they are; there is nothing to find (Adão, Kolesár & Morales 2019,
    section 2).

    Returns
    -------
    list of dict
        ``rule``, and a share for each of :data:`KINDS`.
    """
    arrays, shares = found.design, exposures(found)
    years = np.unique(arrays.time, return_inverse=True)[1]
    exposure, rng = shares.sum(axis=1), np.random.default_rng(seed)
    rejected = {rule: dict.fromkeys(KINDS, 0) for rule in RULES}
    for kind, persistence in KINDS.items():
        for _ in range(draws):
            z = exposure * _series(rng, years.max() + 1, persistence)[years]
            one = shift_share_errors(arrays.outcome, z, z, shares, arrays.controls, **arrays.keys)
            critical = (one.akm_interval[1] - one.effect) / one.akm
            answers = (
                abs(one.effect) > critical * one.clustered,
                abs(one.effect) > critical * one.akm,
                not any(low <= 0 <= high for low, high in one.null_interval),
            )
            for rule, answer in zip(RULES, answers, strict=True):
                rejected[rule][kind] += int(answer)
    return [
        {"rule": rule} | {kind: count / draws for kind, count in counts.items()}
        for rule, counts in rejected.items()
    ]


def _series(rng: np.random.Generator, periods: int, persistence: float) -> np.ndarray:
    shocks = rng.normal(size=periods)
    for t in range(1, periods):
        shocks[t] += persistence * shocks[t - 1]
    return shocks


def try_omitted(seeds: Iterable[int]) -> dict[str, Any]:
    """In other countries: whether the range from the estimate to what a confounder as strong as the strongest
    control would leave holds the planted size, and how the estimate compares with it."""
    rows = []
    for seed in seeds:
        row = omitted_row("", omitted_of(fit(BASELINE, build_city_panel(open_source("twin", seed=seed)))))
        planted = sizes_of_claims(STUDY, sizes, seed)["raises_resilience"]
        low, high = sorted((row["adjusted"], row["value"]))
        half = 1.96 * row["error"]
        rows.append(
            {
                "bias": row["value"] - planted,
                "range": low <= planted <= high,
                "interval": abs(row["value"] - planted) <= half,
                "wide": low - half <= planted <= high + half,
                "robustness": row["robustness"],
                "delta": row["delta"],
            }
        )
    found = pd.DataFrame(rows)
    return {"countries": len(found)} | {name: float(found[name].mean()) for name in found}
