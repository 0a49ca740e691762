"""Chapters of a study on a reader's own files: each regression fitted, or the reason why it cannot be."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, RootModel

from digital_clusters.analysis.fit import Fit, fit_nearest
from digital_clusters.analysis.published import read_record
from digital_clusters.analysis.spec import Spec
from digital_clusters.analysis.study import Study
from digital_clusters.errors import DigitalClustersError, ParameterError
from digital_clusters.measures.panel import Panel
from digital_clusters.paths import data_folder
from digital_clusters.wording import suggestion

OWN_DATA_FILE = "own_data.yml"
MEASUREMENT = "measurement"
"""The chapter that every study has: what the files give, before any regression."""


class OwnStudy(BaseModel):
    """What ``data/own_data.yml`` says of one study.

    Attributes
    ----------
    title, question : str
        Head the pages.
    parameters : dict
        Names and defaults of what a reader may change on them: fields of the study's base specification.
    chapters : dict of str to list of str
        Section → names of the study's specifications.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    question: str
    parameters: dict[str, int | float | str]
    chapters: dict[str, list[str]] = Field(min_length=1)

    @property
    def sections(self) -> tuple[str, ...]:
        """Its chapters in reading order, the measurement first."""
        return (MEASUREMENT, *self.chapters)


class _OwnStudies(RootModel[dict[str, OwnStudy]]):
    model_config = ConfigDict(frozen=True)

    def __init__(self, **studies: OwnStudy):
        super().__init__(studies)


@cache
def own_studies(folder: Path | None = None) -> dict[str, OwnStudy]:
    """Study → its chapters on own files, in the order of ``data/own_data.yml``.

    Raises
    ------
    FileError
        If there is no such file.
    DataError
        If it does not have the expected fields; the first wrong one is named.
    """
    path = (folder or data_folder()) / OWN_DATA_FILE
    return read_record(_OwnStudies, path, "declaration of the chapters on own files").root


@dataclass(frozen=True)
class OwnFit:
    """One regression of a chapter on a reader's files.

    Attributes
    ----------
    name : str
        As the study calls it.
    fit : Fit or None
        ``None`` where the files cannot serve it.
    note : str
        What differs from the specification: controls left out, years.
    reason : str
        Why there is no fit; empty where there is one.
    """

    name: str
    fit: Fit | None
    note: str = ""
    reason: str = ""


def chapter_specs(study: Study, section: str, changes: Mapping[str, Any] | None = None) -> dict[str, Spec]:
    """Name → specification of a chapter, with a reader's changes where the paper's check leaves them free.

    Raises
    ------
    ParameterError
        If the study has no such chapter on own files, or a change is not one of a specification.
    """
    chapters = own_studies()[study.key].chapters
    if section not in chapters:
        hint = suggestion(section, chapters)
        raise ParameterError(
            f"{study.key} runs no regression in '{section}'{hint}; choose from {', '.join(chapters)}"
        )
    known = {**study.public, **study.specs}
    return {name: known[name].override(study.base, changes or {}) for name in chapters[section]}


def chapter_fits(
    study: Study, section: str, panel: Panel, changes: Mapping[str, Any] | None = None
) -> list[OwnFit]:
    """Every regression of a chapter, estimated, or the sentence that says why it is not.

    Parameters
    ----------
    study : Study
    section : str
        Such as ``baseline``.
    panel : Panel
        Of the study, from the reader's files.
    changes : mapping, optional
        Fields of a specification.

    Raises
    ------
    ParameterError
        As :func:`chapter_specs`.
    """
    specs = chapter_specs(study, section, changes)
    return [_estimated(name, spec, panel) for name, spec in specs.items()]


def refusals(study: Study, section: str, panel: Panel) -> Iterator[tuple[str, str]]:
    """Regression of a chapter → why the panel cannot serve it, ``""`` where it can; nothing is estimated."""
    for name, spec in chapter_specs(study, section).items():
        yield name, _sampled(name, spec, panel).reason


def _estimated(name: str, spec: Spec, panel: Panel) -> OwnFit:
    made = _sampled(name, spec, panel)
    if made.fit is None:
        return made
    try:
        made.fit.estimate  # noqa: B018 the estimate is made, and kept, when it is asked for
    except DigitalClustersError as error:
        return OwnFit(name, None, reason=str(error))
    return made


def _sampled(name: str, spec: Spec, panel: Panel) -> OwnFit:
    try:
        found, note = fit_nearest(spec, panel)
        if spec.method == "spatial_panel":
            found.weights  # noqa: B018 the weights need columns of their own
    except DigitalClustersError as error:
        return OwnFit(name, None, reason=str(error))
    return OwnFit(name, found, note)
