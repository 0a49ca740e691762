"""``digital-clusters freeze``, ``power``, ``calibrate``: results too slow or private for every reader.

Which estimates a study freezes is written in its record.
"""

from pathlib import Path

from digital_clusters.analysis.frozen import freeze
from digital_clusters.analysis.power import freeze_power, many_countries
from digital_clusters.pipeline.runs import git_commit
from digital_clusters.studies.catalogue import find_study, results_of
from digital_clusters.studies.industrial_upgrading.calibration.means import Memory
from digital_clusters.studies.industrial_upgrading.calibration.record import calibrate_to_means


def freeze_study(record: str, root: Path) -> Path:
    """Make what ``record`` holds, on public or simulated data, and write ``data/results/<record>.json``.

    Raises
    ------
    ParameterError
        If no study and no trial freezes it.
    """
    return freeze(record, **results_of(record), commit=git_commit(root), folder=root / "data" / "results")


def freeze_power_study(key: str, countries: int, workers: int, root: Path) -> Path:
    """Test every claim of a study in ``countries`` twins and write ``data/results/<study>.power.json``.

    Raises
    ------
    ParameterError
        If there is no such study, or its claims have no planted size.
    """
    results = many_countries(find_study(key), range(1, countries + 1), workers)
    return freeze_power(key, results, git_commit(root), root / "data" / "results")


def freeze_calibration(countries: int, workers: int, root: Path) -> Path:
    """Calibrate a twin to public noise: ``data/twins`` and a record in ``data/results``."""
    memory = Memory(root / "_build" / "calibration" / "coefficients.jsonl", workers)
    return calibrate_to_means(memory, git_commit(root), countries)
