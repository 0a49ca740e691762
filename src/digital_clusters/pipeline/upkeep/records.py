"""Records of the project's upkeep: YAML files below ``data/`` that a command or a test writes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import yaml

from digital_clusters.errors import FileError
from digital_clusters.files import write_text

T = TypeVar("T")


def read_upkeep(file: Path, made: Callable[[Any], T], what: str) -> T | None:
    """What ``made`` makes of the content of a record; ``None`` where there is no file.

    Raises
    ------
    FileError
        If the file is not a record of ``what``.
    """
    if not file.is_file():
        return None
    try:
        return made(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (UnicodeDecodeError, yaml.YAMLError, TypeError, KeyError) as error:
        raise FileError(f"{file} is not a record of {what}: {error}; make it again") from None


def write_upkeep(file: Path, head: str, content: Any, width: int = 110, leaves_in_line: bool = False) -> None:
    """Write a record: its first comment, then the content in the order given.

    With ``leaves_in_line`` a mapping or list that holds no other one stands in a line of its own.
    """
    style = None if leaves_in_line else False
    text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=width, default_flow_style=style)
    write_text(file, head + text)
