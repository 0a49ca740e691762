"""Results by key in a file of one JSON object a line: each is kept as soon as it is known.

A run that was ended goes on with what its file lacks, and all that can be lost is the line it was writing.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parent


@dataclass(frozen=True)
class KeptLines:
    """What is known by its key.

    Attributes
    ----------
    path : Path
        Made with the first result.
    """

    path: Path
    _known: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.path.exists():
            for line in self.path.read_text(encoding="utf-8").splitlines():
                entry = _entry(line)
                if entry is not None:
                    self._known[entry["key"]] = entry["found"]

    def __contains__(self, key: str) -> bool:
        return key in self._known

    def __getitem__(self, key: str) -> Any:
        return self._known[key]

    def keep(self, key: str, found: Any) -> None:
        """Write down what JSON can say."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            # the first break ends a line that was torn
            file.write("\n" + json.dumps({"key": key, "found": found}) + "\n")
        self._known[key] = found


def each_kept(
    one: Callable[[int], Any], seeds: Iterable[int], path: Path, said: str, workers: int = 1
) -> list[Any]:
    """``one(seed)`` for each seed, in their order; what ``path`` has of this code is not made again.

    Parameters
    ----------
    one : callable
        Its result is made of what JSON can say.
    seeds : iterable of int
    path : Path
        Of the :class:`KeptLines`.
    said : str
        What else the results depend on, such as the hash of a truth.
    workers : int
        Processes (-1: one a core); the results do not depend on them.
    """
    from joblib import Parallel, delayed

    kept = KeptLines(path)
    keys = {seed: _digest(code_hash(), said, str(seed)) for seed in seeds}
    lacking = [seed for seed, key in keys.items() if key not in kept]
    made = Parallel(n_jobs=workers, return_as="generator")(delayed(one)(seed) for seed in lacking)
    for seed, found in zip(lacking, made, strict=True):
        kept.keep(keys[seed], found)
    return [kept[key] for key in keys.values()]


@cache
def code_hash() -> str:
    """sha256 of the source of the whole package: after a change of any module nothing kept is of use."""
    files = sorted(PACKAGE.rglob("*.py"))
    return _digest(*(f"{file.relative_to(PACKAGE)}\n{file.read_text(encoding='utf-8')}" for file in files))


def _digest(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _entry(line: str) -> Mapping[str, Any] | None:
    """One line of the file; ``None`` for one of a run that was ended while it wrote."""
    try:
        return json.loads(line)
    except ValueError:
        return None
