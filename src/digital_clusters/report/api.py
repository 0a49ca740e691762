"""The names of a package's face with a sentence each, from their docstrings."""

import inspect
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from digital_clusters.report.tables import styled

if TYPE_CHECKING:
    from great_tables import GT

_ROLE = re.compile(r":\w+:`~?\.?([^`]+)`")
_CODE = re.compile(r"``([^`]+)``")


def first_sentence(thing: object) -> str:
    """The first paragraph of a docstring as plain text; empty without a docstring.

    Examples
    --------
    >>> first_sentence(first_sentence)
    'The first paragraph of a docstring as plain text; empty without a docstring.'
    """
    paragraph = (inspect.getdoc(thing) or "").split("\n\n")[0].replace("\n", " ")
    return _CODE.sub(r"\1", _ROLE.sub(lambda found: found[1].rpartition(".")[2], paragraph))


def api_table(things: Mapping[str, object], label: str = "digital_clusters") -> "GT":
    """Name → what it is, one row a name."""
    rows = [{"Name": name, "What it is": first_sentence(thing)} for name, thing in things.items()]
    return styled(pd.DataFrame(rows), "", "", label)
