"""Grades as they were recorded, so that one that gets worse is noticed."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.scorecard.building import every_entry
from digital_clusters.analysis.scorecard.card_lines import CardLine
from digital_clusters.analysis.scorecard.declared import DECLARED_FILE, declared_cards
from digital_clusters.analysis.scorecard.grades import MARKS, MOMENT_WORDS, TWIN_WORDS, VERDICTS
from digital_clusters.analysis.scorecard.waivers import Waiver
from digital_clusters.paths import data_folder

NAME = "scorecard"
"""Of the record: ``data/results/scorecard.json``."""

RERECORD = f"`digital-clusters freeze {NAME}` records the grades anew"

Grades = Mapping[str, Mapping[str, str]]
"""Key of the line → grade → word."""


def scorecard_results() -> dict[str, Any]:
    """Every grade there is now: the arguments of ``frozen.freeze``."""
    return {
        "estimates": {},
        "facts": {"grades": {entry.key: entry.grades for entry in every_entry()}},
        "inputs": _hashes(),
    }


def recorded_grades() -> Grades:
    """What :func:`scorecard_results` gave when it was frozen.

    Raises
    ------
    FileError
        If it never was.
    """
    return dict(load_frozen(NAME).facts["grades"])


def got_worse(recorded: Grades, entries: Iterable[CardLine], waivers: Sequence[Waiver] = ()) -> list[str]:
    """Grades that are worse than the recorded ones, and lines that are only on one side, as sentences.

    A grade with a waiver may be what it is.
    """
    now = {entry.key: entry.grades for entry in entries}
    waived = {(waiver.claim, waiver.grade) for waiver in waivers}
    found = [f"'{key}' is not recorded: {RERECORD}" for key in now.keys() - recorded.keys()]
    found += [
        f"'{key}' is recorded and no longer on the scorecard: if it was meant to go, {RERECORD}"
        for key in recorded.keys() - now.keys()
    ]
    for key in recorded.keys() & now.keys():
        for grade, word in now[key].items():
            before = recorded[key].get(grade, "not available")
            if _rank(grade, word) > _rank(grade, before) and (key, grade) not in waived:
                found.append(
                    f"the {grade} of '{key}' was '{before}' and is '{word}': find out why; if it is right, "
                    f"{RERECORD}, and the commit says what made it worse"
                )
    return sorted(found)


def _rank(grade: str, word: str) -> int:
    """Place of a word, the best first."""
    if grade == "twin":
        return list(TWIN_WORDS).index(word)  # type: ignore[arg-type]
    if grade == "verdict":
        words: list[str] = list(MOMENT_WORDS if word in MOMENT_WORDS and word not in VERDICTS else VERDICTS)
        return words.index(word) if word != "not available" else len(VERDICTS)
    return MARKS.index(word)  # type: ignore[arg-type]


def _hashes() -> dict[str, str]:
    """sha256 of every file that the scorecard is read from."""
    data = data_folder()
    files = [data / DECLARED_FILE]
    for study in declared_cards():
        files.append(data / "published" / f"{study}.yml")
        files += sorted((data / "results").glob(f"{study}.*json"))
    return {
        file.relative_to(data.parent).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in files
    }
