"""The two pages of words, written from data files: the glossary and the code book, in English and Chinese."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from digital_clusters.errors import BuildError
from digital_clusters.sources.columns import describe_panel_columns
from digital_clusters.yaml_files import read_yaml

GLOSSARY = "data/glossary.yml"
NEEDED = ("term", "zh", "meaning", "page")

GLOSSARY_INTRODUCTION = """\
# Glossary 术语表

The words of the book in English and Chinese, and where each is first used or best shown. The search finds
them under either language and under their abbreviations; the {ref}`index <genindex>` lists them all.
"""

CODEBOOK_INTRODUCTION = """\
# Code book 变量说明

What `outcome`, `treatment`, `moderator`, `instrument`, `mediators` and `controls` can name, what tables and
figures call it, its unit and its Chinese name. A panel has some of these columns, and a source
may lack others; an error then says why.
"""


def glossary_page(file: Path, entries: Iterable[str], introduction: str | None = None) -> str:
    """Markdown of the glossary.

    Parameters
    ----------
    file : pathlib.Path
        ``data/glossary.yml``.
    entries : iterable of str
        Pages that there are; a word of a page that is not there is explained without a link.
    introduction : str, optional
        What stands above the words, in place of the built-in text.

    Raises
    ------
    BuildError
        If a word lacks its Chinese term, meaning or page, or stands there twice.
    FileError
        If the file cannot be read.
    """
    told, known = read_yaml(file).data, set(entries)
    words = sorted(told["terms"], key=lambda word: str(word.get("term", "")).lower())
    _check_words(file.name, words)
    text = "\n\n".join(_word(word, known) for word in words)
    studies = "\n".join(
        f"* {study['name']} {study['zh']}{_where(study['page'], known)}" for study in told.get("studies", ())
    )
    glossary = f"````{{glossary}}\n{text}\n````"
    return f"{introduction or GLOSSARY_INTRODUCTION}\n{studies}\n\n## Words 词语\n\n{glossary}\n"


def codebook_page(introduction: str | None = None) -> str:
    """Markdown of the panel columns with words, unit, meaning and Chinese name."""
    lines = ["| Column | In words | Unit | Meaning | In Chinese |", "| --- | --- | --- | --- | --- |"]
    for row in describe_panel_columns().itertuples():
        cells = (f"`{row.column}`", row.words, row.unit, row.meaning, row.zh)
        lines.append("| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |")
    table = "\n".join(lines)
    return f"{introduction or CODEBOOK_INTRODUCTION}\n## Columns of the panels\n\n{table}\n"


def _check_words(name: str, words: Sequence[Mapping[str, Any]]) -> None:
    taken: set[str] = set()
    for word in words:
        called = str(word.get("term", "a word without a name"))
        if missing := [field for field in NEEDED if not word.get(field)]:
            raise BuildError(f"{name}: {called} has no {', '.join(missing)}")
        for one in (called, word["zh"], *word.get("also", ())):
            if one.lower() in taken:
                raise BuildError(f"{name}: {one} stands there twice")
            taken.add(one.lower())


def _word(word: Mapping[str, Any], known: set[str]) -> str:
    names = "\n".join([word["term"], *word.get("also", ()), word["zh"]])
    return f"{names}\n  {word['meaning']}{_where(word['page'], known)}"


def _where(page: str, known: set[str]) -> str:
    return f" → {{doc}}`/{page}`" if page in known else ""
