"""Facts about a paper in a YAML file, read into a validated record."""

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from digital_clusters.errors import DataError, FileError

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
        return model(**yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise DataError(f"{path}: {place}: {first['msg']}") from None
