"""Where the project keeps its things."""

import os
from functools import cache
from pathlib import Path

from digital_clusters.errors import FileError

MIRROR_VARIABLE = "DIGITAL_CLUSTERS_MIRROR"
REFERENCE_CASES_VARIABLE = "DIGITAL_CLUSTERS_REFERENCE_CASES"
ROOT_VARIABLE = "DIGITAL_CLUSTERS_ROOT"
RESULTS_VARIABLE = "DIGITAL_CLUSTERS_RESULTS"
LEARNT_VARIABLE = "DIGITAL_CLUSTERS_LEARNT"


@cache
def project_root() -> Path:
    """The checkout: the nearest folder above the working directory or this file with a ``_toc.yml``.

    ``DIGITAL_CLUSTERS_ROOT`` overrides the search.

    Raises
    ------
    FileError
        If no such folder is found.
    """
    named = os.environ.get(ROOT_VARIABLE)
    starts = [Path(named)] if named else [Path.cwd(), Path(__file__).parent]
    for start in starts:
        for folder in (start, *start.parents):
            if (folder / "_toc.yml").is_file() and (folder / "data").is_dir():
                return folder.resolve()
    raise FileError(
        f"no project found above {starts[0]}: run the command inside a checkout of digital-clusters, "
        f"or set {ROOT_VARIABLE} to its path"
    )


def data_folder() -> Path:
    """Facts in text files (``data/``)."""
    return project_root() / "data"


def build_folder() -> Path:
    """Everything that can be deleted and made again (``_build/``)."""
    return project_root() / "_build"


def results_folder() -> Path:
    """Where a page writes its estimates: ``_build/results``, or what ``DIGITAL_CLUSTERS_RESULTS`` names.

    The executor of notebooks names another folder for each run, so that runs with other parameters do not
    overwrite each other.
    """
    named = os.environ.get(RESULTS_VARIABLE)
    return Path(named) if named else build_folder() / "results"


def learnt_folder() -> Path | None:
    """Where the pages of a book share what learners predict, as ``DIGITAL_CLUSTERS_LEARNT`` says.

    A build and a single run name the folder to the pages that they execute. A record, a sweep and ``verify``
    do not: they learn everything themselves.
    """
    named = os.environ.get(LEARNT_VARIABLE)
    return Path(named) if named else None
