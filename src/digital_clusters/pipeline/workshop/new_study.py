"""A new study: its folder, printed numbers, specifications, pages and tests, ready to be changed."""

import re
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from digital_clusters.errors import ParameterError
from digital_clusters.files import remove, write_text
from digital_clusters.pipeline.workshop.copies import NAME
from digital_clusters.pipeline.workshop.study_templates import FILES, OWN_DATA, SEVERAL_WORDS
from digital_clusters.sources.columns import words_of
from digital_clusters.sources.schema import codebook_section
from digital_clusters.wording import shortened, suggestion

CATALOGUE = "src/digital_clusters/studies/catalogue.py"
CONTENTS = "_toc.yml"
OWN_DATA_FILE = "data/own_data.yml"
SECTIONS = ("theory", "measurement", "baseline", "robustness", "heterogeneity", "mechanism")

AFTER_STUDIES = "  - caption: Policy\n"
"""Part of the table of contents before which a new study stands."""

END_OF_STUDIES = ")\n\nSTUDIES"
"""End of the list of studies in the catalogue."""

LONGEST_TITLE = 40
SPECIAL = set("\"'\\«»:#{}[]`$&*!|>%@,")
"""Characters that mean something in YAML, Python or Markdown."""

RESERVED = {"trials", "mine", "own", "book", "public", "twin", "catalogue"}
"""Names that mean something else where a study's name stands."""


@dataclass(frozen=True)
class StudyPlan:
    """What a new study is about; columns are those of the panel of cities (``data/codebook.yml``)."""

    name: str
    title: str
    outcome: str = "growth_gap"
    treatment: str = "internet"
    first_year: int = 2008
    last_year: int = 2019


def new_study(root: Path, plan: StudyPlan) -> list[Path]:
    """Write all files of a study and enter it in catalogue, table of contents and chapters on own data.

    Parameters
    ----------
    root : pathlib.Path
        The project.
    plan : StudyPlan

    Returns
    -------
    list of pathlib.Path
        New files, then changed ones. If one cannot be written, all is as it was.

    Raises
    ------
    ParameterError
        If the name cannot be one or is taken, a column is not known, or the years are in the wrong order.
    FileError
        If a file cannot be written.
    """
    _check(root, plan)
    texts = _new_files(plan) | _changed_files(root, plan)
    with _all_or_nothing(root, texts):
        for name, text in texts.items():
            write_text(root / name, text)
    return [root / name for name in texts]


def _check(root: Path, plan: StudyPlan) -> None:
    name = plan.name
    if not NAME.fullmatch(name) or name in RESERVED:
        raise ParameterError(
            f"'{shortened(name)}' cannot be a study's name: small letters, digits and _, a letter first, "
            f"and none of {', '.join(sorted(RESERVED))}"
        )
    taken = [path for path in map(_put(plan), FILES) if (root / path).exists()]
    folders = [f"{room}/{name}" for room in ("src/digital_clusters/studies", "notebooks", "tests/studies")]
    taken += [folder for folder in folders if (root / folder).exists()]
    if taken:
        raise ParameterError(f"'{name}' is taken: {taken[0]} is there already; choose another name")
    words = plan.title.strip()
    if not 0 < len(words) <= LONGEST_TITLE or not words.isprintable() or set(words) & SPECIAL:
        raise ParameterError(
            f"a study needs a title of one line, at most {LONGEST_TITLE} characters, without quotes, colons, "
            "#, braces or \\"
        )
    known = codebook_section("panel")
    for column in (plan.outcome, plan.treatment):
        if column not in known:
            raise ParameterError(f"the panel has no column '{shortened(column)}'{suggestion(column, known)}")
    if plan.first_year > plan.last_year:
        raise ParameterError(f"first year {plan.first_year} is after the last, {plan.last_year}")


def _new_files(plan: StudyPlan) -> dict[str, str]:
    put = _put(plan)
    found = {}
    for path, text in FILES.items():
        section = Path(path).stem
        heading, asked, group = SEVERAL_WORDS.get(section, ("", "", ""))
        told = {"heading": heading, "asked": asked, "group": group}
        found[put(path)] = put(_filled(text, told))
    return found


def _changed_files(root: Path, plan: StudyPlan) -> dict[str, str]:
    put = _put(plan)
    own = (root / OWN_DATA_FILE).read_text(encoding="utf-8")
    return {
        CATALOGUE: _in_catalogue(_read(root, CATALOGUE, END_OF_STUDIES), plan),
        CONTENTS: _in_contents(_read(root, CONTENTS, AFTER_STUDIES), plan),
        OWN_DATA_FILE: own + put(OWN_DATA),
    }


def _in_catalogue(text: str, plan: StudyPlan) -> str:
    """The catalogue with one import and one study more; imports stay sorted."""
    line = f"from digital_clusters.studies.{plan.name}.study import {plan.name.upper()}"
    lines = text.split("\n")
    imports = [at for at, old in enumerate(lines) if old.startswith("from digital_clusters.")]
    after = [at for at in imports if _module(lines[at]) < _module(line)]
    lines.insert(after[-1] + 1, line)
    return "\n".join(lines).replace(END_OF_STUDIES, f"    {plan.name.upper()},\n{END_OF_STUDIES}", 1)


def _module(line: str) -> str:
    return line.split()[1]


def _in_contents(text: str, plan: StudyPlan) -> str:
    chapters = "".join(f"      - file: notebooks/{plan.name}/{section}\n" for section in SECTIONS)
    part = f"  - caption: {plan.title}\n    chapters:\n{chapters}"
    return text.replace(AFTER_STUDIES, part + AFTER_STUDIES, 1)


def _read(root: Path, name: str, mark: str) -> str:
    text = (root / name).read_text(encoding="utf-8")
    if mark not in text:
        raise ParameterError(f"{name} has no line {mark.strip()!r}, before which a study is entered")
    return text


def _put(plan: StudyPlan):
    """A function that puts the study's words into a text."""
    words = {
        "study": plan.name,
        "CONSTANT": plan.name.upper(),
        "title": plan.title,
        "outcome": plan.outcome,
        "treatment": plan.treatment,
        "outcome_words": words_of(plan.outcome),
        "treatment_words": words_of(plan.treatment),
        "first": str(plan.first_year),
        "last": str(plan.last_year),
    }
    return lambda text: _filled(text, words)


def _filled(text: str, words: Mapping[str, str]) -> str:
    return re.sub("«(\\w+)»", lambda found: words.get(found[1], found[0]), text)


@contextmanager
def _all_or_nothing(root: Path, names: Mapping[str, str]):
    """Put every file back as it was, and remove those that were not there, if the block fails."""
    places = [root / name for name in names]
    before = {place: place.read_text(encoding="utf-8") for place in places if place.is_file()}
    folders = [folder for place in places for folder in place.parents if not folder.exists()]
    try:
        yield
    except BaseException:
        for place in places:
            if place in before:
                write_text(place, before[place])
            else:
                remove(place)
        for folder in folders:
            remove(folder)
        raise
