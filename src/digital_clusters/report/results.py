"""Results of a page as JSON: every estimate with its provenance, published value and grade."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from digital_clusters.estimators.estimate import Estimate
from digital_clusters.files import write_text
from digital_clusters.paths import results_folder


def save(study: str, section: str, rows: Sequence[Mapping[str, Any]], folder: Path | None = None) -> Path:
    """Write ``<study>.<section>.json``, at once or not at all.

    Parameters
    ----------
    study, section : str
        Of the page, such as ``industrial_upgrading`` and ``baseline``.
    rows : sequence of mapping
        One entry a coefficient or test; an :class:`Estimate` anywhere in it is written with
        :meth:`Estimate.to_dict`, arrays as lists, NaN and infinities as null.
    folder : pathlib.Path, optional
        Default: :func:`digital_clusters.paths.results_folder`.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    FileError
        If the folder or file cannot be written.
    """
    path = _path(study, section, folder)
    text = json.dumps(plain(list(rows)), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    write_text(path, text)
    return path


def plain(value: Any) -> Any:
    """A value made of dictionaries, lists, texts, numbers and None only."""
    if isinstance(value, Estimate):
        return plain(value.to_dict())
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.generic | np.ndarray):
        return plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, Iterable):
        return [plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no place in a results file")


def _path(study: str, section: str, folder: Path | None) -> Path:
    return (folder or results_folder()) / f"{study}.{section}.json"
