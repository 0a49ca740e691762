"""Columns that are predicted once for all estimates with the same covariates, folds and learner."""

import base64
import hashlib
import json
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import joblib
import numpy as np

from digital_clusters.errors import FileError
from digital_clusters.files import remove, write_text

LIBRARIES = ("doubleml", "numpy", "scikit-learn", "scipy", "xgboost", "xgboost-cpu")
"""What a prediction is made with, beside the modules of this folder; XGBoost comes under either name."""


@dataclass(frozen=True)
class _Shelf:
    """What a block has learnt, and the folder in which other processes find it."""

    known: dict[str, np.ndarray]
    folder: Path | None

    def get(self, key: str) -> np.ndarray | None:
        if key in self.known or not self.folder:
            return self.known.get(key)
        found = _read(_file(self.folder, key), key)
        if found is not None:
            self.known[key] = found
        return found

    def put(self, key: str, predicted: np.ndarray) -> None:
        self.known[key] = predicted
        if self.folder:
            # where the disk is full the next process learns it again
            with suppress(FileError, OSError):
                if _text() == _IMPORTED:
                    _write(_file(self.folder, key), key, predicted)


_SHELF: ContextVar[_Shelf | None] = ContextVar("shared_predictions", default=None)


@contextmanager
def shared_predictions(folder: Path | None = None) -> Iterator[None]:
    """In this block a column is predicted once for all estimates with the same covariates, folds and learner.

    Specifications of one outcome, or with a treatment in common, then share what they learn; each estimate is
    what it is by itself, for a learner that gives the same when it is asked again. A block within a block
    shares what that one knows.

    Parameters
    ----------
    folder : pathlib.Path, optional
        Share with other processes too, which may be over: what is learnt is kept there under the hash of the
        column and of all that its prediction depends on, the versions of the libraries and the text of the
        modules of this folder among it. What other versions left there is removed. A learner must then be one
        of :data:`digital_clusters.estimators.double_ml.learners.MAKERS`: the hash does not see the code of
        another. A file that is damaged is learnt anew, and one that cannot be written is not kept.
    """
    outer = _SHELF.get()
    shelf = _Shelf(outer.known if outer else {}, folder or (outer.folder if outer else None))
    token = _SHELF.set(shelf)
    try:
        yield
    finally:
        _SHELF.reset(token)


class Predictions:
    """Predictions of columns by one learner in the same setting, kept as long as the block.

    ``setting`` is all but the column that a prediction depends on: covariates, folds, learner, and in panel
    models the keys of rows, the approach and whether it is the outcome or a treatment that is predicted.
    """

    def __init__(self, *setting):
        self._shelf = _SHELF.get()
        self._same = "" if self._shelf is None else joblib.hash(setting)

    def of(self, column: np.ndarray) -> np.ndarray | None:
        """Shape (n, repeats), or ``None`` where there is none yet."""
        return None if self._shelf is None else self._shelf.get(self._key(column))

    def keep(self, column: np.ndarray, predicted: np.ndarray) -> None:
        """Predictions of a column, shape (n, repeats)."""
        if self._shelf is not None:
            self._shelf.put(self._key(column), predicted)

    def _key(self, column: np.ndarray) -> str:
        return f"{self._same}{joblib.hash(column)}"


def _text() -> str:
    """Sha256 of the modules of this folder as they are on the disk."""
    modules = sorted(Path(__file__).parent.glob("*.py"))
    return _digest(*(f"{module.name}\n{module.read_text(encoding='utf-8')}" for module in modules))


@cache
def _made_with() -> str:
    """Sha256 of the modules of this folder as they were imported, and of the versions of what they call."""
    versions = (f"{name} {_version(name)}" for name in LIBRARIES)
    return _digest(_IMPORTED, platform.python_version(), *versions)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "is not installed"


def _file(folder: Path, key: str) -> Path:
    return folder / _made_with()[:16] / f"{key}.json"


def _read(file: Path, key: str) -> np.ndarray | None:
    """What was kept under a key; ``None`` where nothing was, or what was is damaged."""
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        if kept["sha256"] != _digest(key, kept["shape"], kept["values"]):
            return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return np.frombuffer(base64.b64decode(kept["values"])).reshape(kept["shape"])


def _write(file: Path, key: str, predicted: np.ndarray) -> None:
    if not file.parent.is_dir() and file.parents[1].is_dir():
        for old in file.parents[1].iterdir():
            # another process of this code may have made its folder by now
            if old != file.parent:
                remove(old)
    values = base64.b64encode(np.ascontiguousarray(predicted, dtype=float).tobytes()).decode()
    shape = list(predicted.shape)
    told = {"sha256": _digest(key, shape, values), "shape": shape, "values": values}
    write_text(file, json.dumps(told))


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


_IMPORTED = _text()
"""The text that this process runs: after an edit it reads what that text has learnt, and keeps nothing."""
