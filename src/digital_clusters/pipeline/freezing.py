"""``digital-clusters freeze`` and ``power``: results too slow or too private to be made by every reader.

Which estimates a study freezes is written in the study itself.
"""

from importlib import import_module
from pathlib import Path

from digital_clusters.errors import ParameterError
from digital_clusters.pipeline.runs import git_commit
from digital_clusters.studies.frozen import freeze

PACKAGE = "digital_clusters.studies"
FUNCTION = "public_results"
"""A study module's function without arguments; it gives ``estimates``, ``inputs``, ``notes``, ``facts``."""


def freeze_study(study: str, root: Path) -> Path:
    """Estimate ``study`` on public data and write ``data/results/<study>.json``.

    Raises
    ------
    ParameterError
        If there is no such study, or it has nothing to freeze.
    """
    name = f"{PACKAGE}.{study}"
    try:
        module = import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise ParameterError(f"there is no study '{study}'") from None
    if not hasattr(module, FUNCTION):
        raise ParameterError(f"the study '{study}' freezes no estimates ({name} has no {FUNCTION}())")
    results = getattr(module, FUNCTION)()
    return freeze(study, **results, commit=git_commit(root), folder=root / "data" / "results")


def freeze_power_study(study: str, countries: int, workers: int, root: Path) -> Path:
    """Test every claim of ``study`` in ``countries`` twins and write ``data/results/<study>.power.json``.

    Raises
    ------
    FileError
        If the study has no claims.
    """
    from digital_clusters.studies.power import freeze_power, many_countries

    results = many_countries(study, range(1, countries + 1), workers)
    return freeze_power(study, results, git_commit(root), root / "data" / "results")
