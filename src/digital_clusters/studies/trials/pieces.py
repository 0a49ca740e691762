"""Long trials in pieces: what is done is kept, and a start after an interrupt does what is missing."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from time import perf_counter
from typing import Any

import pandas as pd

from digital_clusters.files import write_text

Rows = list[dict[str, Any]]

Piece = tuple[str, Callable[[], Rows]]
"""Name of its file, and what makes its rows."""


def in_pieces(
    pieces: Iterable[Piece], folder: Path | None = None, *, seconds: float = float("inf")
) -> pd.DataFrame:
    """Rows of all pieces, in their order.

    Parameters
    ----------
    pieces : iterable of (str, callable)
        Each makes the same rows whenever it is called.
    folder : pathlib.Path, optional
        Keeps each piece when it is done; started again, only what is missing is made.
    seconds : float
        No piece is begun after them, and the rows are those of the pieces before.
    """
    rows: Rows = []
    started = perf_counter()
    for name, make in pieces:
        kept = folder / f"{name}.json" if folder else None
        if kept and kept.is_file():
            rows += json.loads(kept.read_text(encoding="utf-8"))
            continue
        if perf_counter() - started > seconds:
            break
        found = make()
        if kept:
            write_text(kept, json.dumps(found))
        rows += found
    return pd.DataFrame(rows)
