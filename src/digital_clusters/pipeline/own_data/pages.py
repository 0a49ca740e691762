"""The text notebooks of chapters on a reader's own files, and the way to them from a chapter of the book."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from digital_clusters.analysis.own_data.chapters import MEASUREMENT, OwnStudy, own_studies
from digital_clusters.errors import ParameterError
from digital_clusters.files import write_text
from digital_clusters.pipeline.notebooks import OWN, Page
from digital_clusters.sources import FOLDER_PREFIX, own_folder
from digital_clusters.sources.folder.column_map import MAP_NAME, read_map

FOLDER = Path("_build") / "own_data"
"""Folder below the project for the text of the pages and for the editions."""

SOURCES = ("twin", "public")

HEAD = """\
# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # {heading} on your own data
#
# *Question.* {question} *Data.* The files of the folder that the parameter `data` names, read through its
# `columns.yml`. {what}

# %% tags=["parameters"]
{parameters}

# %%
"""

MEASURED = """\
from digital_clusters.analysis.data import load_tables
from digital_clusters.studies.{study}.study import {constant} as study

panel = study.panel(data)  # one row a city and year, nothing imputed
panel

# %% tags=["hide-input"] mystnb={{"code_prompt_show": "Code of the table: columns"}}
from digital_clusters.report.own_data import tables

tables.own_columns(panel)

# %% [markdown]
# ## What is missing, and why

# %% tags=["hide-input"] mystnb={{"code_prompt_show": "Code of the table: columns that are missing"}}
tables.own_gaps(panel)

# %% tags=["hide-input"] mystnb={{"code_prompt_show": "Code of the table: rows and values left out"}}
tables.own_losses(load_tables(data), panel)
"""

ESTIMATED = """\
from digital_clusters.analysis.own_data.chapters import chapter_fits
from digital_clusters.studies.{study}.study import {constant} as study

panel = study.panel(data)  # one row a city and year, nothing imputed
recipe = {{{recipe}}}
fits = chapter_fits(study, "{section}", panel, recipe)
panel

# %% [markdown]
# ## Estimates

# %% tags=["hide-input"] mystnb={{"code_prompt_show": "Code of the table: estimates"}}
from digital_clusters.report.own_data import tables

tables.own_estimates(fits, panel.label, "{heading}: estimates")

# %% tags=["hide-input"] mystnb={{"code_prompt_show": "Code of the figure: coefficients over standard errors", "figure": {{"caption": "The first coefficient of each regression over its standard error, so that regressions of unlike units share one scale. Shaded: nearer to zero than 1.96 standard errors.", "name": "fig-own-{key}"}}, "image": {{"alt": "One mark a regression on an axis of standard errors from zero."}}}}
from digital_clusters.report.own_data.figures import standard_errors_from_zero

standard_errors_from_zero(fits, panel.label)

# %% [markdown]
# Each regression in words, as the study specifies it:

# %%
for made in fits:
    print(made.name, made.fit.spec.in_words() if made.fit else "not run", sep=": ")

# %% [markdown]
# ## What these files cannot serve

# %% tags=["hide-input"] mystnb={{"code_prompt_show": "Code of the table: what cannot be served"}}
tables.own_refusals(fits, panel.label)
"""  # noqa: E501 a cell's caption and alternative text stand on its header line

WHAT_IS_MEASURED = "*Here.* What they give, what is missing and why."
WHAT_IS_ESTIMATED = (
    "*Regressions.* Those of the study's chapter, as the\n"
    "# study specifies them. A control that the files do not give is left out, and the table says so; a\n"
    "# regression that they cannot serve is listed with the reason."
)


def own_word(data: Any) -> str | None:
    """``folder:PATH``, the path made whole, where a value of ``data`` names a folder of files; else ``None``.

    Raises
    ------
    ParameterError
        If the folder is not there.
    FileError, DataError
        If it has no ``columns.yml``, or one that breaks its schema.
    """
    if not isinstance(data, str) or data in SOURCES:
        return None
    folder = own_folder(data)
    if folder is None:
        return None
    if not folder.is_dir():
        raise ParameterError(f"data = {data!r}: there is no folder {folder}; name the one with your files")
    read_map(folder / MAP_NAME)
    return f"{FOLDER_PREFIX}{folder.resolve()}"


def on_own_data(page: Page, overrides: Mapping[str, Any], root: Path) -> tuple[Page, Mapping[str, Any]]:
    """The page that runs where ``data`` is a reader's folder, and its parameters; others as they are.

    Raises
    ------
    ParameterError
        If the page has no form for own files, or the folder is not there.
    FileError, DataError
        If the folder's column map cannot be read.
    """
    word = own_word(overrides.get("data"))
    if word is None:
        return page, overrides
    changed = {**overrides, "data": word}
    if page.entry.startswith(OWN.as_posix()):
        return page, changed
    study, _, section = page.name.partition("/")
    known = own_studies()
    if study not in known or section not in known[study].sections:
        near = {study: known[study]} if study in known else known
        listed = ", ".join(f"{name}/{part}" for name, own in near.items() for part in own.sections)
        raise ParameterError(f"{page.name} does not run on files of your own; these do: {listed}")
    return own_page(root, study, section), changed


def own_page(root: Path, study: str, section: str) -> Page:
    """The chapter of a study on own files, written below ``_build`` unless it stands there already."""
    file = root / FOLDER / "pages" / study / f"{section}.py"
    text = own_text(study, section, own_studies()[study])
    if not file.is_file() or file.read_text(encoding="utf-8") != text:
        write_text(file, text)
    return Page(f"notebooks/{study}/{section}", file, True)


def own_text(study: str, section: str, told: OwnStudy) -> str:
    """Text notebook of one chapter; the folder is the parameter ``data``."""
    measured = section == MEASUREMENT
    defaults: dict[str, Any] = {"data": f"{FOLDER_PREFIX}my_data"} | ({} if measured else told.parameters)
    words = {
        "heading": f"{told.title}: {section}",
        "question": told.question,
        "what": WHAT_IS_MEASURED if measured else WHAT_IS_ESTIMATED,
        "parameters": "\n".join(f"{name} = {json.dumps(value)}" for name, value in defaults.items()),
        "recipe": ", ".join(f'"{name}": {name}' for name in told.parameters),
        "study": study,
        "constant": study.upper(),
        "section": section,
        "key": f"{study}-{section}".replace("_", "-"),
    }
    return (HEAD + (MEASURED if measured else ESTIMATED)).format(**words)
