"""All studies with regressions, for what works on any of them: freezing and power. Pages import their own."""

from collections.abc import Callable, Mapping
from typing import Any

from digital_clusters.analysis.scorecard.recorded import NAME as SCORECARD
from digital_clusters.analysis.scorecard.recorded import scorecard_results
from digital_clusters.analysis.study import Study
from digital_clusters.errors import ParameterError
from digital_clusters.studies.collaborative_agglomeration.study import COLLABORATIVE_AGGLOMERATION
from digital_clusters.studies.industrial_upgrading.study import INDUSTRIAL_UPGRADING
from digital_clusters.studies.trials.intervals.declared import NAME as INTERVALS
from digital_clusters.studies.trials.intervals.declared import intervals_results
from digital_clusters.studies.trials.joint_test import NAME as JOINT_TEST
from digital_clusters.studies.trials.joint_test import joint_test_results
from digital_clusters.studies.trials.method.runner import NAME as METHOD
from digital_clusters.studies.trials.method.runner import method_results
from digital_clusters.studies.trials.neighbours.record import NAME as NEIGHBOURS
from digital_clusters.studies.trials.neighbours.record import neighbours_results
from digital_clusters.studies.trials.staggered.record import NAME as STAGGERED
from digital_clusters.studies.trials.staggered.record import staggered_results
from digital_clusters.studies.virtual_agglomeration.study import VIRTUAL_AGGLOMERATION
from digital_clusters.studies.virtual_clusters.record import STUDY as THEORY
from digital_clusters.studies.virtual_clusters.record import statement_results
from digital_clusters.wording import shortened, suggestion

IN_ORDER: tuple[Study, ...] = (
    INDUSTRIAL_UPGRADING,
    VIRTUAL_AGGLOMERATION,
    COLLABORATIVE_AGGLOMERATION,
)

STUDIES: dict[str, Study] = {study.key: study for study in IN_ORDER}

TRIALS: Mapping[str, Callable[[], dict[str, Any]]] = {
    INTERVALS: intervals_results,
    JOINT_TEST: joint_test_results,
    METHOD: method_results,
    NEIGHBOURS: neighbours_results,
    SCORECARD: scorecard_results,
    STAGGERED: staggered_results,
    THEORY: statement_results,
}
"""Records of no study with regressions: trials on simulated data, grades of all studies, a theory."""


def results_of(record: str) -> dict[str, Any]:
    """What ``data/results/<record>.json`` holds, made now: the arguments of ``frozen.freeze``.

    Raises
    ------
    ParameterError
        If no study and no trial freezes it.
    """
    if record in TRIALS:
        return TRIALS[record]()
    study = owner_of(record)
    return study.records[record](study)


def find_study(key: str) -> Study:
    """The study of that name.

    Raises
    ------
    ParameterError
        If there is none.
    """
    if key not in STUDIES:
        hint = suggestion(key, STUDIES)
        raise ParameterError(f"there is no study '{shortened(key)}'{hint}; choose from {', '.join(STUDIES)}")
    return STUDIES[key]


def owner_of(record: str) -> Study:
    """The study that freezes ``data/results/<record>.json``.

    Raises
    ------
    ParameterError
        If none does.
    """
    owners = {name: study for study in STUDIES.values() for name in study.records}
    if record not in owners:
        known = (*owners, *TRIALS)
        hint = suggestion(record, known)
        choice = f"choose from {', '.join(known)}"
        if (key := record.partition(".")[0]) in STUDIES:
            own = ", ".join(STUDIES[key].records) or "nothing yet"
            choice = f"{key} freezes {own}: `records` in studies/{key}/study.py says what makes each"
        raise ParameterError(f"no study freezes '{shortened(record)}'{hint}; {choice}")
    return owners[record]
