"""How much each measured variable moves within cities, and how long it stays: the twin beside public data.

What a regression with city and year effects can tell depends on this, and not on means and extremes.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from digital_clusters.analysis.data import load_tables
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.power import truth_hash
from digital_clusters.analysis.scorecard.noise import unit_of_stand_in
from digital_clusters.analysis.study import Study
from digital_clusters.errors import FileError
from digital_clusters.estimators.panel.demeaning import demean_two_way
from digital_clusters.measures.panel import Panel
from digital_clusters.sources import SourceName

TWIN_FILE = "data/twin.yml"
"""Name of the twin's parameters among the inputs of a record."""

SOURCES: tuple[SourceName, ...] = ("twin", "public")

MEASURES = ("n", "sd", "within_share", "within_sd", "ar1")
"""Of one variable on one panel; see :func:`variation_of`."""


NEVER = 1e-9
"""Share of variance that rounding leaves within cities of what is constant there."""


def study_columns(study: Study) -> tuple[str, ...]:
    """Every column that a specification of the study names, and its indicators, in order of appearance."""
    found: dict[str, None] = {}
    for spec in (*study.specs.values(), *study.public.values()):
        single = (spec.outcome, spec.treatment, spec.moderator)
        for name in (*single, *spec.mediators, *spec.controls, *spec.contemporaneous):
            if name is not None and ":" not in name and "^" not in name:
                found[name] = None
    return tuple(dict.fromkeys([*found, *study.indicators]))


def variation_of(panel: Panel, column: str, years: tuple[int, int]) -> dict[str, float] | None:
    """Spread and persistence of one column; ``None`` if the panel has no number of it, or one year only.

    Parameters
    ----------
    panel : Panel
    column : str
    years : tuple of int
        First and last.

    Returns
    -------
    dict
        ``n``, city-years; ``sd``, of all; ``within_share``, the part of the variance that is left after city
        and year effects; ``within_sd``, its root; ``ar1``, the slope of what is left on itself a year before,
        over pairs of successive years (NaN without any). That slope is too low by about (1 + ρ) / (T − 1) for
        T years (Nickell 1981): panels of different length are compared with this in mind.
    """
    if column not in panel.frame:
        return None
    wanted = panel.frame[column].notna() & panel.frame["year"].between(*years)
    known = panel.frame.loc[wanted, ["city", "year", column]]
    values = known[column].to_numpy(float)
    if known["year"].nunique() < 2 or np.ptp(values) == 0:
        return None
    codes = [pd.factorize(known[key])[0] for key in ("city", "year")]
    left = known[["city", "year"]].assign(now=demean_two_way(values, *codes))
    later = left.assign(year=left["year"] - 1).rename(columns={"now": "next"})
    pairs = left.merge(later, on=["city", "year"])
    mass = float((pairs["now"] ** 2).sum())
    return {
        "n": len(known),
        "sd": float(values.std(ddof=1)),
        "within_share": float(left["now"].var(ddof=0) / values.var(ddof=0)),
        "within_sd": float(left["now"].std(ddof=1)),
        "ar1": float((pairs["now"] * pairs["next"]).sum() / mass) if mass > 0 else float("nan"),
    }


def variation_results(study: Study) -> dict[str, Any]:
    """Spread of every column on both panels, and the unit of each stand-in: arguments of ``frozen.freeze``.

    Returns
    -------
    dict
        ``facts``: ``years``, first and last of the study's design; ``rows``, one a column, with ``twin`` and
        ``public`` as :func:`variation_of` gives them; ``stand_ins``, claim →
        :func:`~digital_clusters.analysis.scorecard.noise.unit_of_stand_in`.
    """
    panels = {source: study.panel(source) for source in SOURCES}
    years = study.base.first_year, study.base.last_year
    rows = [
        {"column": name} | {source: variation_of(panel, name, years) for source, panel in panels.items()}
        for name in study_columns(study)
    ]
    return {
        "estimates": {},
        "facts": {"years": years, "rows": rows, "stand_ins": unit_of_stand_in(study) if study.sizes else {}},
        "inputs": {TWIN_FILE: truth_hash()} | dict(load_tables("public").provenance),
    }


def variation_table(studies: Sequence[str]) -> pd.DataFrame:
    """The frozen rows of several studies, each column once: in the years of the first study that has it.

    Columns that no panel has, or that never move within a city, are left out.

    Returns
    -------
    pandas.DataFrame
        ``column``, and each of :data:`MEASURES` as ``twin_…`` and ``public_…``; NaN where a source lacks it.

    Raises
    ------
    FileError
        If a record is missing, or the twin's parameters are no longer those it was made with.
    """
    rows: dict[str, dict[str, Any]] = {}
    for study in studies:
        for row in load_variation(study)["rows"]:
            rows.setdefault(row["column"], row)
    table = pd.DataFrame([dict(_flat(row)) for row in rows.values()])
    moves = (table[["twin_within_share", "public_within_share"]] > NEVER).any(axis=1)
    return table[moves].reset_index(drop=True)


def load_variation(study: str) -> dict[str, Any]:
    """Facts of ``data/results/<study>.variation.json``.

    Raises
    ------
    FileError
        If there is no such record, or the twin's parameters are no longer those it was made with.
    """
    name = f"{study}.variation"
    frozen = load_frozen(name)
    if frozen.inputs[TWIN_FILE] != truth_hash():
        raise FileError(
            f"data/results/{name}.json was made from another {TWIN_FILE}; `digital-clusters freeze {name}` "
            "makes it anew"
        )
    return dict(frozen.facts)


def _flat(row: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "column", row["column"]
    for source in SOURCES:
        for measure in MEASURES:
            yield f"{source}_{measure}", float("nan") if row[source] is None else row[source][measure]
