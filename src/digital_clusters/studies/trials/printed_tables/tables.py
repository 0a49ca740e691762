"""Tables of the page on printed tables: what a check asks for, and what an audit finds of a changed digit."""

import html
import inspect
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

import pandas as pd

from digital_clusters.analysis.audit.form import Form, PrintedRow, Regression, Variable
from digital_clusters.analysis.audit.printed import PValue, Term
from digital_clusters.analysis.audit.register import CHECKS, id_and_sentence, inputs_of
from digital_clusters.analysis.audit.rounding import Number
from digital_clusters.report.glue import glue
from digital_clusters.report.tables import styled

if TYPE_CHECKING:
    from great_tables import GT

WORDS = {Number: "number", PValue: "p", Term: "coefficient", int: "count", float: "value", bool: "yes or no"}
"""Types of a signature in words."""


def checks() -> "GT":
    """Every check: its id, its name in a file, what it holds, and what it asks for."""
    rows = []
    for name, check in CHECKS.items():
        key, sentence = id_and_sentence(check)
        asked = [_input(*item) for item in inputs_of(check).items()]
        rows.append(
            {
                "Id": key,
                "Key in a file": _in_code(f"``{name}``"),
                "Holds": _in_code(sentence),
                "Inputs": ", ".join(asked),
            }
        )
    note = (
        "Number, p and coefficient are printed text in quotes; a coefficient has coefficient, "
        "standard_error and, if it has any, stars. Count and value are plain numbers. What is in brackets "
        "may be left out."
    )
    frame = pd.DataFrame(rows).sort_values("Id", kind="stable")
    markup = ["Key in a file", "Holds"]
    return styled(frame, "Checks", note, "none, these are definitions", markup=markup)


def _in_code(text: str) -> str:
    """HTML of a text in which names stand between double backticks; everything is escaped."""
    parts = (html.escape(part) for part in text.split("``"))
    return "".join(f"<code>{part}</code>" if place % 2 else part for place, part in enumerate(parts))


PARTS = {"the file": Form, "columns": Regression, "terms of a column": PrintedRow, "variables": Variable}

PARTS_IN_WORDS = {Regression: "columns", PrintedRow: "terms", Variable: "variables"}


def keys() -> "GT":
    """Every key of a file: where it stands, what it holds, and whether it must be there."""
    rows = []
    for part, model in PARTS.items():
        for name, field in model.model_fields.items():
            default = "must be there" if field.is_required() else _default(field)
            rows.append({"In": part, "Key": name, "Holds": _in_words(field.annotation), "Default": default})
    note = (
        "Number and p are printed text in quotes. Checks have keys of their own, which the last table shows."
    )
    return styled(pd.DataFrame(rows), "Keys of a file", note, "none, these are definitions")


def _default(field: Any) -> str:
    value = field.get_default(call_default_factory=True)
    return "left out" if value in (None, "", []) else str(value)


def _input(name: str, kind: tuple[Any, Any]) -> str:
    hint, default = kind
    text = f"{name}: {_in_words(hint)}"
    return text if default is inspect.Parameter.empty else f"[{text}]"


def _in_words(hint: Any) -> str:
    arguments = get_args(hint)
    if get_origin(hint) is list:
        return f"list of {_in_words(arguments[0])}"
    if get_origin(hint) is dict:
        return "check and its inputs" if arguments[1] is Any else "marks and levels"
    if get_origin(hint) is Annotated:
        return _in_words(arguments[0])
    if get_origin(hint) is Literal:
        return " or ".join(map(str, arguments))
    if get_origin(hint) in (Union, UnionType):
        return _in_words(arguments[0])
    return (WORDS | PARTS_IN_WORDS).get(hint, "text" if hint is str else "marks and levels")


def detection_rates(full: pd.DataFrame, lean: pd.DataFrame) -> "GT":
    """Share of changed digits that are found, by kind of number, in full tables and in lean ones."""
    joined = full.merge(lean, on="number", how="left", suffixes=("", "_lean"))
    total = joined["number"] == "any of them"
    joined = pd.concat([joined[~total].sort_values("share", ascending=False), joined[total]])
    frame = pd.DataFrame(
        {
            "Number changed": joined["number"],
            "Papers": joined["papers"],
            "Found": [_share(row) for _, row in joined.iterrows()],
            "Papers, lean": joined["papers_lean"].astype("Int64"),
            "Found, lean": [_share(row, "_lean") for _, row in joined.iterrows()],
        }
    )
    note = (
        "Found: share of papers in which numbers contradict, and its 95 % interval. Lean tables print "
        "coefficients, standard errors, stars, R², n and descriptive statistics only."
    )
    return styled(frame, "One changed digit", note, "simulated papers")


def quote_detection(full: pd.DataFrame, lean: pd.DataFrame) -> None:
    """Quote ``audit-found`` and ``audit-least``, with ``-lean`` too: the share of changed digits that are
    found, and the kind of number whose changes are found least often."""
    for ending, rates in {"": full, "-lean": lean}.items():
        total = rates["number"] == "any of them"
        glue(f"audit-found{ending}", f"{rates.loc[total, 'share'].iloc[0]:.0%}")
        least = rates[~total].sort_values("share").iloc[0]
        glue(f"audit-least{ending}", f"{least['number']} ({least['share']:.0%})")


def _share(row: pd.Series, suffix: str = "") -> str:
    share, low, high = (row[f"{name}{suffix}"] for name in ("share", "low", "high"))
    return "–" if pd.isna(share) else f"{share:.0%} ({low:.0%} to {high:.0%})"
