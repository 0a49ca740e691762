"""The log of rows and values that a source refused."""

from dataclasses import dataclass, field

import pandas as pd

from digital_clusters.sources.tables import LOG_COLUMNS, empty_log


@dataclass
class Refusals:
    """Collects refusals file by file.

    Attributes
    ----------
    parts : list of pandas.DataFrame
        One frame for each rule that met a row, columns
        :data:`~digital_clusters.sources.tables.LOG_COLUMNS`.
    """

    parts: list[pd.DataFrame] = field(default_factory=list)

    def add(
        self,
        rows: pd.DataFrame,
        *,
        file: str,
        rule: str,
        action: str,
        column: str | None = None,
        table: str = "city_year",
    ) -> None:
        """Enter each row of ``rows`` (columns ``city``, ``year`` and ``column`` where there are such)."""
        if rows.empty:
            return
        entry = pd.DataFrame({"file": file, "table": table, "rule": rule}, index=rows.index)
        for key in ("city", "year"):
            entry[key] = pd.to_numeric(rows[key], errors="coerce").astype("Int64") if key in rows else pd.NA
        entry["column"] = column or ""
        entry["value"] = rows[column].astype("str") if column else ""
        entry["action"] = action
        self.parts.append(entry.astype({"city": "Int64", "year": "Int64", "value": "str"}))

    def frame(self) -> pd.DataFrame:
        """The log so far, in the order of the files."""
        if not self.parts:
            return empty_log()
        return pd.concat(self.parts, ignore_index=True)[LOG_COLUMNS]
