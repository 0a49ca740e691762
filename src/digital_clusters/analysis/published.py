"""The printed numbers of a paper, read from ``data/published/<study>.yml``."""

from functools import cache
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from digital_clusters.errors import DataError, FileError
from digital_clusters.paths import data_folder
from digital_clusters.yaml_files import plain_values


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PrintedTerm(_Record):
    """A coefficient as printed; text, so that the number of decimals survives."""

    term: str
    coefficient: str
    standard_error: str
    stars: str

    @property
    def value(self) -> float:
        """The coefficient as a number."""
        return float(self.coefficient)

    @property
    def error(self) -> float:
        """The standard error as a number."""
        return float(self.standard_error)


class PrintedColumn(_Record):
    """One column of a printed regression table and where it stands."""

    key: str
    label: str
    table: int
    column: int
    section: str
    page: int | None
    n: int
    terms: tuple[PrintedTerm, ...]

    def term(self, name: str) -> PrintedTerm:
        """The printed coefficient called ``name``."""
        return next(term for term in self.terms if term.term == name)


class PrintedMoments(_Record):
    """One row of a printed table of descriptive statistics."""

    variable: str
    printed_as: str
    n: int
    mean: str
    sd: str
    min: str
    max: str
    section: str
    page: int | None


class PredictedSign(_Record):
    """The sign (−1 or 1) that a hypothesis gives to a term of a column."""

    column: str
    term: str
    sign: int


class Hypothesis(_Record):
    """A hypothesis in our words, with the predictions that can fail."""

    key: str
    statement: str
    predictions: tuple[PredictedSign, ...]


class PublishedStudy(_Record):
    """Everything a paper prints that this project compares itself with."""

    study: str
    title: str
    citation: str
    doi: str
    cities: int
    first_year: int
    last_year: int
    errors: str
    stars: dict[str, float]
    table1: tuple[PrintedMoments, ...]
    columns: tuple[PrintedColumn, ...]
    hypotheses: tuple[Hypothesis, ...]

    def column(self, key: str) -> PrintedColumn:
        """The printed column called ``key``, such as ``table2.column1``."""
        return next(column for column in self.columns if column.key == key)


@cache
def load_published(study: str, folder: Path | None = None) -> PublishedStudy:
    """Read the printed numbers of ``study``.

    Raises
    ------
    FileError
        If there is no such file.
    DataError
        If the file does not have the expected fields.
    """
    path = (folder or data_folder() / "published") / f"{study}.yml"
    return read_record(PublishedStudy, path, f"printed numbers for '{study}'")


Record = TypeVar("Record", bound=BaseModel)


def read_record(model: type[Record], path: Path, what: str) -> Record:
    """The file as a ``model``; ``what`` is missing if there is none, in the words of the error.

    Raises
    ------
    FileError
        If there is no such file.
    DataError
        If the file does not have the expected fields; the first wrong one is named.
    """
    if not path.is_file():
        raise FileError(f"no {what}: {path} does not exist")
    try:
        return model(**plain_values(path))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise DataError(f"{path}: {place}: {first['msg']}") from None
