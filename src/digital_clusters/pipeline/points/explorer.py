"""The data of the explorer page: every frozen multiverse as one file beside the page.

The file is a call with the data as its argument, so that a browser reads it from a disk as well as from a
server, and asks nobody else for anything.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from digital_clusters.analysis.claims import load_claims
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.multiverse.declared import CLAIM, Multiverse
from digital_clusters.analysis.multiverse.explored import Explored, from_facts
from digital_clusters.analysis.published import load_published
from digital_clusters.analysis.scorecard.declared import card_of
from digital_clusters.analysis.study import Study
from digital_clusters.files import copy, write_text
from digital_clusters.paths import data_folder
from digital_clusters.pipeline.hashing.kept import Kept
from digital_clusters.pipeline.hashing.project import data_snapshot
from digital_clusters.report.multiverse import worded_claim
from digital_clusters.sources.columns import words_of_term
from digital_clusters.sources.tables import LABELS
from digital_clusters.studies.catalogue import STUDIES

PAGE = "book/explorer"
FOLDER = "_explorer/explorer"
"""Below the staged project; its parent is an ``html_extra_path``."""

RECORDS = {"public": "multiverse", "twin": "twin_multiverse"}
"""Source of data → the ending of the record that holds its multiverse."""

DIGITS = 6
"""Significant digits, as frozen."""


def stage_explorer(root: Path, stage: Path) -> None:
    """Script, style and data of the explorer, where the project has its page.

    Raises
    ------
    FileError
        If a frozen multiverse is damaged.
    """
    (stage / FOLDER).mkdir(parents=True, exist_ok=True)
    if not (root / f"{PAGE}.md").is_file():
        return
    for name in ("explorer.js", "explorer.css"):
        copy(root / "book" / "explorer" / name, stage / FOLDER / name)
    write_text(stage / FOLDER / "explorer-data.js", f"explorerData({_data_text(root)});\n")


def _data_text(root: Path) -> str:
    """The data as JSON, worked out once for the same records and the same code."""
    kept, before = Kept.of(root, "explorer"), data_snapshot(data_folder())
    if told := kept.get(before.digest):
        return str(told["text"])
    text = json.dumps(explorer_data(), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    if before.is_of_loaded_code and data_snapshot(data_folder()) == before:
        kept.put(before.digest, {"text": text})
        kept.prune()
    return text


def explorer_data() -> dict[str, Any]:
    """Studies with a frozen multiverse: what is declared, and the numbers of each unit by column."""
    found = []
    for study in STUDIES.values():
        curves = dict(_records(study))
        if curves:
            found.append(_study(study, curves))
    return {"studies": found}


def printed_number(study: Study, explored: Explored, claim: str) -> float | None:
    """The printed coefficient that a claim is about, where a column has its term, moderator and scale."""
    column = _printed_column(study, explored.declared, claim)
    if column is None:
        return None
    return load_published(study.key).column(column).term(explored.declared.claims[claim].term).value


def _printed_column(study: Study, multiverse: Multiverse, claim: str) -> str | None:
    if study.sizes is not None:
        return None
    declared = multiverse.claims[claim]
    fields = {**multiverse.base, **declared.change}
    for hypothesis in load_published(study.key).hypotheses:
        for prediction in hypothesis.predictions if hypothesis.key == claim else ():
            column = study.specs.get(prediction.column)
            if column is None or prediction.term != declared.term:
                continue
            alike = [getattr(column, name) == fields.get(name, default) for name, default in SCALE.items()]
            if all(alike):
                return prediction.column
    return None


SCALE = {"moderator": None, "scaling": "centred", "squared": False}
"""Fields that decide the unit of a coefficient, with what holds where none is said."""


@dataclass(frozen=True, eq=False)
class _Curves:
    """A frozen multiverse, and the planted size of each claim where it is of the twin."""

    explored: Explored
    planted: Mapping[str, float]


def _records(study: Study) -> Iterator[tuple[str, _Curves]]:
    for source, ending in RECORDS.items():
        if (data_folder() / "results" / f"{study.key}.{ending}.json").is_file():
            facts = load_frozen(f"{study.key}.{ending}").facts
            yield source, _Curves(from_facts(facts), facts.get("planted", {}))


def _study(study: Study, curves: Mapping[str, _Curves]) -> dict[str, Any]:
    declared = next(iter(curves.values())).explored.declared
    claims = {key: _claim(study, declared, key) for key in declared.claims}
    return {
        "key": study.key,
        "title": _title(study),
        "base": dict(declared.base),
        "claims": claims,
        "choices": [{"name": name, **_axis(declared.axes[name].options)} for name in declared.choices],
        "splitting": {name: _axis(axis.options) for name, axis in declared.axes.items() if axis.splits},
        "sources": [
            {"key": source, "label": LABELS[source], "units": list(_units(study, one, declared))}
            for source, one in curves.items()
        ],
    }


def _claim(study: Study, declared: Multiverse, key: str) -> dict[str, Any]:
    claim = declared.claims[key]
    return {
        **claim.model_dump(include={"term", "sign", "change"}),
        "words": worded_claim(declared, key),
        "decided": words_of_term(claim.term),
        "pages": _pages(study, declared, key),
    }


def _pages(study: Study, declared: Multiverse, claim: str) -> list[dict[str, str]]:
    """Chapters of the book that have a claim, and the printed column beside its replication."""
    named, place = card_of(study.key).pages, claim.partition(", ")[0]
    found = [{"what": "Chapter of the claim", "page": named[place]}] if place in named else []
    column = _printed_column(study, declared, claim)
    if column is not None:
        told = column.replace("table", "Table ").replace(".column", ", column ")
        found.append({"what": f"Chapter of {told}", "page": named[column.partition(".")[0]]})
    return [
        {"what": one["what"], "page": f"{study.key}/{one['page']}", "words": one["page"].replace("_", " ")}
        for one in found
    ]


def _title(study: Study) -> str:
    """Of the paper, from its record of printed numbers, or of claims where it prints none."""
    return (load_published if study.sizes is None else load_claims)(study.key).title


def _axis(options: Mapping[str, Mapping[str, Any]]) -> dict[str, list]:
    return {"options": list(options), "fields": [dict(fields) for fields in options.values()]}


def _units(study: Study, curves: _Curves, declared: Multiverse) -> Iterator[dict[str, Any]]:
    """Units of one source; options go by their place in ``declared``, the declaration of the first."""
    explored = curves.explored
    splits = [name for name in declared.splitting if name != CLAIM]
    table = explored.table
    for unit, points in table[table["problem"] == ""].groupby(declared.splitting, sort=False):
        chosen = dict(zip(declared.splitting, unit, strict=True))
        yield {
            "claim": chosen[CLAIM],
            "split": [[name, list(declared.axes[name].options).index(chosen[name])] for name in splits],
            "printed": printed_number(study, explored, chosen[CLAIM]),
            "truth": curves.planted.get(chosen[CLAIM]),
            "columns": _columns(declared, points),
        }


def _columns(declared: Multiverse, points: pd.DataFrame) -> dict[str, list]:
    places = {name: {o: k for k, o in enumerate(declared.axes[name].options)} for name in declared.choices}
    codes = [points[name].map(places[name]).astype(int).tolist() for name in declared.choices]
    numbers = {"value": points["value"], "error": points["error"], "p": points["p_value"]}
    return {
        "at": [list(row) for row in zip(*codes, strict=True)],
        **{name: [_short(value) for value in column] for name, column in numbers.items()},
        "n": points["n"].astype(int).tolist(),
    }


def _short(value: float) -> float | None:
    return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
