"""The names of a package's face with a sentence each, and its examples beside those of other libraries."""

import inspect
import re
from collections.abc import Mapping, Sequence
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


def lines_of(cell: str) -> int:
    """Lines of a cell, without blank lines and the comment that opens it."""
    return sum(bool(line.strip()) for line in cell.splitlines()[1:])


def side_by_side(
    here: Mapping[str, tuple[float, float]],
    there: Mapping[str, tuple[float, float]],
    *,
    cells: Sequence[str],
    label: str,
) -> "GT":
    """The same numbers from two pieces of code, with the lines that each takes.

    Parameters
    ----------
    here : mapping of str to (float, float)
        Example → coefficient and standard error.
    there : mapping of str to (float, float)
        ``example with library`` → coefficient and standard error.
    cells : sequence of str
        Code that ran; each piece opens with a comment that is its key in ``here`` or ``there``.
    label : str
        Of the data.
    """
    opened = {cell.splitlines()[0].removeprefix("# "): cell for cell in cells if cell.startswith("# ")}
    rows = []
    for key, (value, error) in there.items():
        example, _, library = key.partition(" with ")
        ours, its_error = here[example]
        rows.append(
            {
                "Example": example,
                "Lines here": lines_of(opened[example]),
                "Coefficient here": float(ours),
                "S.e. here": float(its_error),
                "Library": library,
                "Lines there": lines_of(opened[key]),
                "Coefficient there": float(value),
                "S.e. there": float(error),
            }
        )
    note = "Clustered errors differ by the small-sample factor: here it is that of Stata and fixest."
    return styled(pd.DataFrame(rows), "", note, label, decimals=6)
