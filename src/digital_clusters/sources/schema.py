"""The schema of the raw tables, built from ``data/codebook.yml``."""

from functools import cache
from typing import Any

import pandas as pd

from digital_clusters.errors import DataError
from digital_clusters.paths import data_folder
from digital_clusters.yaml_files import LONGEST_SHOWN, cut, plain_values

SHOWN = 5
"""Offenders that an error names one by one; the rest are counted."""

DTYPES = {
    "integer": "int64",
    "optional integer": "Int64",
    "number": "float64",
    "optional number": "float64",
    "yes/no": None,
    "text": "str",
    "optional text": "str",
    "identifier": None,
}
"""Type in the codebook → dtype in the frame (``None``: kept as it is; yes/no becomes ``bool`` at the end)."""

ADVICE = {
    "number": "Put a number there, or leave the cell empty where none is available.",
    "missing": "Fill the cell or remove the row.",
    "range": "Correct the value, or leave the cell empty where it is not known.",
    "values": "Use one of the values of data/codebook.yml.",
    "key": "Keep one row for each key.",
    "city": "Add the city to the table 'cities', or correct the code.",
}


SECTIONS = ("panel", "weights")
"""Entries of ``data/codebook.yml`` that are not raw tables: columns of panels, kinds of spatial weights."""


@cache
def codebook() -> dict[str, dict[str, Any]]:
    """``data/codebook.yml``: table → ``row``, ``key`` and ``columns`` (column → type, unit, description)."""
    return {name: entry for name, entry in _whole_codebook().items() if name not in SECTIONS}


def codebook_section(name: str) -> dict[str, dict[str, str]]:
    """One of :data:`SECTIONS` of ``data/codebook.yml``: name → words, Chinese words, unit, meaning."""
    return _whole_codebook()[name]


@cache
def _whole_codebook() -> dict[str, dict[str, Any]]:
    return plain_values(data_folder() / "codebook.yml")


def describe_columns(table: str | None = None) -> pd.DataFrame:
    """The codebook as a frame with columns table, column, type, unit and description."""
    names = [table] if table else list(codebook())
    rows = [
        {"table": name, "column": column} | {key: facts[key] for key in ("type", "unit", "description")}
        for name in names
        for column, facts in _entry(name)["columns"].items()
    ]
    return pd.DataFrame(rows)


def needed_columns(table: str) -> list[str]:
    """Keys of ``table`` and the columns that every source of it must have."""
    entry = _entry(table)
    return [c for c, facts in entry["columns"].items() if c in entry["key"] or facts.get("needed")]


@cache
def schema(table: str):
    """The :class:`pandera.pandas.DataFrameSchema` of a raw table.

    Raises
    ------
    DataError
        For a table that the codebook does not know.
    """
    import pandera.pandas as pa

    entry, needed = _entry(table), needed_columns(table)
    columns = {
        name: pa.Column(
            DTYPES[facts["type"]],
            checks=_checks(facts),
            nullable=facts["type"].startswith("optional"),
            required=name in needed,
            coerce=DTYPES[facts["type"]] is not None,
            title=facts["unit"],
            description=facts["description"],
        )
        for name, facts in entry["columns"].items()
    }
    return pa.DataFrameSchema(columns, name=table, strict=True, unique=entry["key"])


def validate(frame: pd.DataFrame, table: str, origin: str) -> pd.DataFrame:
    """``frame`` with the dtypes and column order of the codebook, if it keeps to the schema.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a key; the index labels are the row numbers that errors name.
    table : str
        Name of the raw table.
    origin : str
        File or source that errors name.

    Raises
    ------
    DataError
        For an empty table, a missing or unknown column, a value that is not a number, out of its
        range or missing where it must not be, and for a duplicate key. The text names origin, row,
        column and value of the first five offenders and counts the rest.
    """
    from pandera.errors import SchemaErrors

    entry = _entry(table)
    _check_columns(frame, table, origin)
    if frame.empty:
        raise DataError(
            f"{origin}: table '{table}' has no rows. Check that the right file or sheet is named."
        )
    frame = frame if frame.index.is_unique else frame.reset_index(drop=True)
    _check_numbers(frame, table, origin)
    try:
        valid = schema(table).validate(frame, lazy=True)
    except SchemaErrors as error:
        raise DataError(_explain(error.failure_cases, frame, table, origin)) from None
    yes_no = {c: bool for c in valid if entry["columns"][c]["type"] == "yes/no"}
    ordered = [c for c in entry["columns"] if c in valid]
    return valid[ordered].astype(yes_no).reset_index(drop=True)


def check_cities(frame: pd.DataFrame, cities: pd.DataFrame, table: str, origin: str) -> pd.DataFrame:
    """``frame`` unchanged, if each of its cities is in ``cities``.

    Raises
    ------
    DataError
        Naming the unknown codes and the first rows that carry them.
    """
    unknown = frame.index[~frame["city"].isin(cities["city"])]
    if len(unknown):
        raise DataError(_sentence(frame, table, origin, "city", "unknown city code", unknown, "city"))
    return frame


def _entry(table: str) -> dict[str, Any]:
    if table not in codebook():
        raise DataError(f"there is no raw table '{table}'; the tables are: {', '.join(codebook())}")
    return codebook()[table]


def _checks(facts: dict[str, Any]) -> list:
    import pandera.pandas as pa

    bounds = {"minimum": pa.Check.ge, "maximum": pa.Check.le, "above": pa.Check.gt}
    checks = [check(facts[bound], error="range") for bound, check in bounds.items() if bound in facts]
    if "values" in facts or facts["type"] == "yes/no":
        checks.append(pa.Check.isin(facts.get("values", [0, 1]), error="values"))
    return checks


def _check_columns(frame: pd.DataFrame, table: str, origin: str) -> None:
    missing = [c for c in needed_columns(table) if c not in frame]
    if missing:
        there = ", ".join(map(str, frame.columns)) or "none"
        raise DataError(
            f"{origin}: table '{table}' lacks column {_quoted(missing)}. Columns there: {there}. "
            "Add the column, or correct its name in the column map."
        )
    unknown = [c for c in frame if c not in _entry(table)["columns"]]
    if unknown:
        known = ", ".join(_entry(table)["columns"])
        raise DataError(f"{origin}: table '{table}' has no column {_quoted(unknown)}. It may have: {known}.")


def _check_numbers(frame: pd.DataFrame, table: str, origin: str) -> None:
    """Before any conversion: pandas would cut 2010.5 to 2010 without a word."""
    sentences = []
    for column in frame:
        kind = _entry(table)["columns"][column]["type"]
        if "integer" not in kind and "number" not in kind:
            continue
        number = pd.to_numeric(frame[column], errors="coerce")
        text = (number.isna() & frame[column].notna()) | number.isin([float("inf"), float("-inf")])
        broken = number.notna() & (number % 1 != 0) if "integer" in kind else text & False
        for rows, what in ((text, "text in a number"), (broken, "number that is not whole")):
            if rows.any():
                sentences.append(_sentence(frame, table, origin, "number", what, frame.index[rows], column))
    if sentences:
        raise DataError("\n".join(sentences))


def _explain(cases: pd.DataFrame, frame: pd.DataFrame, table: str, origin: str) -> str:
    """One sentence a column and broken rule, from pandera's failure cases."""
    facts, key = _entry(table)["columns"], _entry(table)["key"]
    rules = cases["check"].map(_rule)
    sentences = []
    for (rule, column), group in cases[rules != "key"].groupby([rules, "column"], sort=False):
        rows = pd.Index(group["index"].dropna().unique()).sort_values()
        what = _what(rule, facts[column])
        sentences.append(_sentence(frame, table, origin, rule, what, rows, column))
    if (rules == "key").any():
        rows, what = frame.index[frame.duplicated(key)], f"duplicate key ({', '.join(key)})"
        sentences.append(_sentence(frame, table, origin, "key", what, rows))
    return "\n".join(sentences)


def _rule(check: str) -> str:
    if check in ("range", "values"):
        return check
    if "uniqueness" in check:
        return "key"
    # What is left of an integer column that pandera cannot convert is a missing value.
    return "missing"


def _what(rule: str, facts: dict[str, Any]) -> str:
    if rule != "range":
        return {"missing": "missing value", "values": "value that is not in the list"}[rule]
    if "above" in facts:
        return f"value not above {facts['above']}"
    low, high = facts["minimum"], facts.get("maximum")
    return f"value below {low}" if high is None else f"value outside [{low}, {high}]"


def _sentence(
    frame: pd.DataFrame,
    table: str,
    origin: str,
    rule: str,
    what: str,
    rows: pd.Index,
    column: str | None = None,
) -> str:
    """``origin``, what is wrong, the first offenders with row, key and value, and what to do."""
    key = [k for k in _entry(table)["key"] if k in frame and k != column]
    places = []
    for row in rows[:SHOWN]:
        names = ", ".join(f"{k} {str(_plain(frame.at[row, k]))[:LONGEST_SHOWN]}" for k in key)
        place = f"row {row}" + (f" ({names})" if names else "")
        places.append(place if column is None else f"{place}: {cut(_plain(frame.at[row, column]))}")
    more = f"; and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
    where = f"table '{table}'" + (f", column '{column}'" if column else "")
    return f"{origin}, {where}: {what} in {'; '.join(places)}{more}. {ADVICE[rule]}"


def _plain(value: object) -> object:
    """A value as the user wrote it: no numpy type name, whole numbers without a decimal point."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value.item() if hasattr(value, "item") else value


def _quoted(names: list) -> str:
    return ", ".join(f"'{name}'" for name in names)
