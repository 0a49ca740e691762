"""How many printed coefficients the calibrated truth meets in other countries, frozen.

``python -m digital_clusters.studies.industrial_upgrading.calibration.countries COMMIT`` makes it anew; COMMIT
names the code that ran.
"""

import json
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from digital_clusters.analysis.power import truth_hash
from digital_clusters.errors import FileError
from digital_clusters.files import write_text
from digital_clusters.paths import data_folder
from digital_clusters.studies.industrial_upgrading.calibration.spread import count_met, other_countries

SEEDS = 40
COUNTRIES_FILE = "industrial_upgrading.countries.json"
AGAIN = "`python -m digital_clusters.studies.industrial_upgrading.calibration.countries COMMIT` makes it"


@dataclass(frozen=True)
class Countries:
    """How many targets the calibrated truth meets in other countries.

    Attributes
    ----------
    seeds : tuple of int
        Of the countries.
    met : tuple of int
        Targets within one printed standard error, in the order of ``seeds``.
    targets : int
    truth, commit, date : str
        Hash of the twin's parameters, and the code that counted.
    """

    seeds: tuple[int, ...]
    met: tuple[int, ...]
    targets: int
    truth: str
    commit: str
    date: str


def freeze_countries(spread: pd.DataFrame, commit: str, folder: Path | None = None) -> Path:
    """Write the counts of a spread over countries to :data:`COUNTRIES_FILE` of ``folder``."""
    met = count_met(spread)
    record = Countries(
        seeds=tuple(int(seed) for seed in met.index),
        met=tuple(int(count) for count in met),
        targets=int(spread.groupby("seed").size().iloc[0]),
        truth=truth_hash(),
        commit=commit,
        date=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    path = (folder or data_folder() / "results") / COUNTRIES_FILE
    write_text(path, json.dumps(asdict(record), indent=1) + "\n")
    return path


def load_countries(folder: Path | None = None) -> Countries:
    """Read what :func:`freeze_countries` wrote.

    Raises
    ------
    FileError
        If there is no such file, it is not whole, or it was made from another ``data/twin.yml``.
    """
    path = (folder or data_folder() / "results") / COUNTRIES_FILE
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        found = Countries(**record | {"seeds": tuple(record["seeds"]), "met": tuple(record["met"])})
    except FileNotFoundError:
        raise FileError(f"{path} does not exist; {AGAIN}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise FileError(f"{path} is damaged ({type(error).__name__}: {error}); {AGAIN}") from None
    if found.truth != truth_hash():
        raise FileError(f"{path} was made from another data/twin.yml; {AGAIN} anew")
    return found


if __name__ == "__main__":
    print(freeze_countries(other_countries(range(1, SEEDS + 1)), commit=sys.argv[1]))
