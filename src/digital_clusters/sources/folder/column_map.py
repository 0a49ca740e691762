"""The column map of a user's folder, ``columns.yml``, under a schema of its own."""

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from digital_clusters.errors import DataError, FileError
from digital_clusters.sources.schema import codebook
from digital_clusters.wording import suggestion
from digital_clusters.yaml_files import Keys, YamlFile, cut, read_yaml

MAP_NAME = "columns.yml"
YEAR_MARK = "{year}"
"""Stands in a heading for the four digits of a year: one column a year."""

LONGEST_PART = 255
"""Bytes of a file's or folder's name that file systems allow."""

RECORDS = "storefronts"
"""The table that may be counted from files of records."""


def _name(value: Any) -> str:
    """A name as text; a heading that is a whole number (``2011``) is one too."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("a name is wanted here, in quotes if it looks like anything else")
    if not str(value).strip():
        raise ValueError("a name is wanted here, and this is empty")
    return str(value)


def _factor(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("a factor is one number, such as 0.0001, without quotes and without a fraction")
    number = float(value) if abs(value) < 1e300 else math.inf
    if not math.isfinite(number) or number == 0:
        raise ValueError("a factor is one finite number and not zero")
    return number


def _file(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise ValueError("one file name is wanted here, as text")
    if any(len(part.encode()) > LONGEST_PART for part in value.split("/")) or len(value) > 10 * LONGEST_PART:
        raise ValueError(f"a file name has at most {LONGEST_PART} bytes")
    return value


def _listed(value: Any) -> list[str]:
    return [_name(item) for item in (value if isinstance(value, list) else [value])]


Model = TypeVar("Model", bound=BaseModel)

Name = Annotated[str, BeforeValidator(_name)]
FileName = Annotated[str, BeforeValidator(_file)]
Names = Annotated[list[str], BeforeValidator(_listed)]


class Column(BaseModel):
    """A column of the file and the factor that brings it to the unit of the codebook."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: Name
    factor: Annotated[float, BeforeValidator(_factor)] = 1.0

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return value if isinstance(value, dict) else {"column": _name(value)}


class Entry(BaseModel):
    """A table, or some columns of it, in one file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: FileName
    sheet: Name | None = None
    encoding: Annotated[str, BeforeValidator(_name)] = "utf-8"
    columns: dict[str, Column]
    missing: Names = Field(default_factory=list)
    """Text that stands for a missing value, beside blanks and dashes."""
    leave_out: Names = Field(default_factory=list)
    """Cities (codes or names as in the file) whose rows are dropped and logged."""
    out_of_range: Annotated[str, BeforeValidator(_name)] = "error"
    """``missing`` sets values outside the range of the codebook to missing and logs them."""

    @model_validator(mode="after")
    def _known_word(self) -> "Entry":
        if self.out_of_range not in ("error", "missing"):
            raise ValueError("'out_of_range' is one of: error, missing")
        return self


class Records(BaseModel):
    """Files of storefront records that are counted, never loaded whole."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    files: Annotated[list[FileName], BeforeValidator(lambda v: v if isinstance(v, list) else [v])]
    columns: dict[str, Name]
    memory_limit: Name | None = None
    threads: Annotated[int, Field(strict=True, ge=1, le=1024)] | None = None


class ColumnMap(BaseModel):
    """Table → its entries (one a file), and the records where there are such."""

    model_config = ConfigDict(frozen=True)

    path: Path
    tables: dict[str, list[Entry]]
    records: Records | None = None

    def columns(self, table: str) -> set[str]:
        """Our columns that the entries of ``table`` give together."""
        entries = self.tables.get(table, [])
        found = {ours for entry in entries for ours in entry.columns}
        marked = any(YEAR_MARK in column.column for entry in entries for column in entry.columns.values())
        return found | ({"year"} if marked else set())


def read_map(path: Path) -> ColumnMap:
    """The column map in ``path``.

    Raises
    ------
    FileError
        If the file is missing, empty or not YAML, or holds a key twice.
    DataError
        If it names an unknown table, column or key, or a value is of the wrong kind. The text names file,
        line and key.
    """
    if not path.is_file():
        raise FileError(
            f"{path} is missing: it says which file and column holds what (see data/README.md). "
            f"`digital-clusters data propose {path.parent}` writes a first one"
        )
    return parse_map(read_yaml(path))


def parse_map(document: YamlFile) -> ColumnMap:
    """As :func:`read_map`, of YAML already read."""
    declared = document.data
    if declared is None or declared == {}:
        raise FileError(f"{document.path} is empty: name at least one table, with its file and columns")
    if not isinstance(declared, dict):
        raise DataError(f"{document.where()}: tables are wanted, `table: {{file: …, columns: …}}`")
    tables, records = {}, None
    for table, entry in declared.items():
        if table not in codebook():
            raise DataError(
                f"{document.where(table)}: unknown table '{cut(table)[1:-1]}'{_near(table, codebook())}; "
                f"the tables are: {', '.join(codebook())}"
            )
        if table == RECORDS and isinstance(entry, dict) and "files" in entry:
            records = _records(document, entry)
        else:
            tables[table] = _entries(document, table, entry)
    return ColumnMap(path=document.path, tables=tables, records=records)


def _entries(document: YamlFile, table: str, declared: Any) -> list[Entry]:
    several = isinstance(declared, list)
    parts = declared if several and declared else [declared]
    places: list[Keys] = [(table, place) if several else (table,) for place in range(len(parts))]
    for part, keys in zip(parts, places, strict=True):
        _check_keys(document, table, part, keys, Entry, ("file", "columns"))
    found = [_parsed(Entry, document, part, keys) for part, keys in zip(parts, places, strict=True)]
    _check_key_columns(document, table, found, places)
    _check_once(document, table, found, places)
    return found


def _records(document: YamlFile, declared: dict) -> Records:
    _check_keys(document, RECORDS, declared, (RECORDS,), Records, ("files", "columns"))
    for ours, theirs in declared["columns"].items():
        if isinstance(theirs, dict):
            raise DataError(
                f"{document.where(RECORDS, 'columns', ours)}: column '{ours}' of storefront records takes "
                "a name and no factor"
            )
    return _parsed(Records, document, declared, (RECORDS,))


def _parsed(kind: type[Model], document: YamlFile, declared: Any, keys: Keys) -> Model:
    try:
        return TypeAdapter(kind).validate_python(declared)
    except ValidationError as error:
        raise DataError(document.explain(error, prefix=keys)) from None


def _check_keys(
    document: YamlFile, table: str, declared: Any, keys: Keys, kind: type[BaseModel], needed: tuple[str, ...]
) -> None:
    """What a person gets wrong most often, said before the schema says it."""
    if not isinstance(declared, dict) or not set(needed) <= declared.keys():
        wanted = " and ".join(f"'{name}'" for name in needed)
        raise DataError(f"{document.where(*keys)}: table '{table}' needs {wanted}")
    for key in declared:
        if key not in kind.model_fields:
            known = ", ".join(sorted(kind.model_fields))
            which = "with 'files' known are" if kind is Records else "known are"
            raise DataError(
                f"{document.where(*keys, key)}: table '{table}' has unknown entry '{cut(key).strip(chr(39))}'"
                f"{_near(key, kind.model_fields)}; {which}: {known}"
            )
    columns = declared["columns"]
    if not isinstance(columns, dict):
        raise DataError(
            f"{document.where(*keys, 'columns')}: 'columns' of table '{table}' must be a list of "
            "`our name: their name`"
        )
    known_columns = codebook()[table]["columns"]
    for ours in columns:
        if ours not in known_columns:
            raise DataError(
                f"{document.where(*keys, 'columns', ours)}: table '{table}' has no column "
                f"'{cut(ours).strip(chr(39))}'{_near(ours, known_columns)}. It may have: "
                f"{', '.join(known_columns)}."
            )


def _check_key_columns(document: YamlFile, table: str, entries: list[Entry], places: list[Keys]) -> None:
    for entry, keys in zip(entries, places, strict=True):
        given = set(entry.columns)
        wide = [ours for ours, theirs in entry.columns.items() if YEAR_MARK in theirs.column]
        if wide and "year" in given:
            raise DataError(
                f"{document.where(*keys, 'columns', wide[0])}: '{wide[0]}' has one column a year "
                f"('{YEAR_MARK}'), so no column 'year' is named beside it"
            )
        if wide and "year" not in codebook()[table]["key"]:
            raise DataError(f"{document.where(*keys, 'columns', wide[0])}: table '{table}' has no years")
        lacking = [
            key for key in codebook()[table]["key"] if key not in given and not (wide and key == "year")
        ]
        if lacking and entry.columns:
            raise DataError(
                f"{document.where(*keys, 'columns')}: table '{table}' needs a column for "
                f"{', '.join(repr(key) for key in lacking)}: each row is {codebook()[table]['row']}"
            )


def _check_once(document: YamlFile, table: str, entries: list[Entry], places: list[Keys]) -> None:
    seen: dict[str, Keys] = {}
    for entry, keys in zip(entries, places, strict=True):
        for ours in entry.columns:
            if ours in codebook()[table]["key"]:
                continue
            if ours in seen:
                raise DataError(
                    f"{document.where(*keys, 'columns', ours)}: '{ours}' of table '{table}' is named in two "
                    f"files, first in line {document.lines[(*seen[ours], 'columns', ours)]}: keep one"
                )
            seen[ours] = keys


def _near(word: Any, known: Iterable[str] | Mapping[str, Any]) -> str:
    return suggestion(str(word), known)
