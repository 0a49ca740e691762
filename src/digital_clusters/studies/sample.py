"""From a specification and a study panel to the sample and the arrays an estimator takes."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from digital_clusters.errors import DataError
from digital_clusters.measures.panel import Panel
from digital_clusters.measures.transforms import centre, median_split, min_max, winsorise
from digital_clusters.studies.spec import Spec

LAST_YEAR_OF_CONSTRUCTION = 2015
"""Yu & Zhang, section 4.3.1: networks are built 2011–2015, the digital economy grows fast from 2016."""


@dataclass(frozen=True)
class Design:
    """Arrays of one regression.

    Attributes
    ----------
    outcome : numpy.ndarray, shape (n,)
    treatments : numpy.ndarray, shape (n, k)
        One column a term.
    controls : numpy.ndarray, shape (n, p)
        Without city and year indicators; p may be 0.
    entity, time : numpy.ndarray, shape (n,)
        City codes and years.
    terms : tuple of str, length k
    """

    outcome: np.ndarray
    treatments: np.ndarray
    controls: np.ndarray
    entity: np.ndarray
    time: np.ndarray
    terms: tuple[str, ...]


def adapt(spec: Spec, panel: Panel) -> tuple[Spec, tuple[str, ...]]:
    """The nearest specification a panel can serve, and the controls that had to be left out."""
    omitted = tuple(name for name in spec.controls if name not in panel.frame)
    kept = tuple(name for name in spec.controls if name not in omitted)
    return (spec.change(controls=kept) if omitted else spec), omitted


def select_sample(spec: Spec, panel: Panel) -> pd.DataFrame:
    """Rows of the panel a specification asks for, winsorised where it says so.

    Two binary columns are derived on the whole panel and can serve as moderators: ``late_period``
    (after 2015) and ``high_structure`` (index of structure at or above its median).

    The order is: years, municipalities, winsorising of the continuous variables over what is left,
    then the median split of the treatment over the same city-years.

    Raises
    ------
    MissingTableError
        If the panel lacks a column of the specification.
    DataError
        If nothing is left.
    """
    frame = panel.frame.assign(late_period=panel.frame["year"] > LAST_YEAR_OF_CONSTRUCTION)
    frame = frame.assign(high_structure=median_split(frame["uil"])) if "uil" in frame else frame
    panel.require(*(name for name in _columns(spec) if name not in frame))
    keep = frame["year"].between(spec.first_year, spec.last_year)
    if spec.exclude_municipalities:
        keep &= ~frame["is_municipality"]
    sample = frame.loc[keep].reset_index(drop=True)
    if spec.winsorise and len(sample):
        continuous = [name for name in _columns(spec) if sample[name].dtype.kind == "f"]
        sample = sample.assign(**{name: winsorise(sample[name], spec.winsorise) for name in continuous})
    if spec.group != "all" and len(sample):
        above = median_split(sample[spec.treatment])
        sample = sample.loc[above if spec.group == "above_median" else ~above].reset_index(drop=True)
    if sample.empty:
        years = f"{frame['year'].min()}–{frame['year'].max()}"
        raise DataError(
            f"no city-year of {panel.label} is left for years {spec.first_year}–{spec.last_year}, "
            f"group '{spec.group}'; the panel covers {years}"
        )
    return sample


def design(spec: Spec, sample: pd.DataFrame) -> Design:
    """Arrays of the regression on an already selected sample.

    With a moderator m the terms are the treatment d, ``d:m`` and m; both are centred at their sample
    means, m after it was scaled to [0, 1] if the specification says *normalised*. A moderator that is
    constant within every year or every city has no coefficient of its own: the indicators hold it.
    """
    treatment = sample[spec.treatment].to_numpy(float)
    if spec.moderator is None:
        treatments, terms = treatment[:, None], (spec.treatment,)
    else:
        moderator = sample[spec.moderator].to_numpy(float)
        moderator = centre(min_max(moderator) if spec.scaling == "normalised" else moderator)
        treatment = centre(treatment)
        columns = {spec.treatment: treatment, f"{spec.treatment}:{spec.moderator}": treatment * moderator}
        if not _absorbed(sample, spec.moderator):
            columns[spec.moderator] = moderator
        treatments, terms = np.column_stack(list(columns.values())), tuple(columns)
    return Design(
        outcome=sample[spec.outcome].to_numpy(float),
        treatments=treatments,
        controls=sample[list(spec.controls)].to_numpy(float).reshape(len(sample), -1),
        entity=sample["city"].to_numpy(),
        time=sample["year"].to_numpy(),
        terms=terms,
    )


def _absorbed(sample: pd.DataFrame, name: str) -> bool:
    return any((sample.groupby(key)[name].nunique() == 1).all() for key in ("city", "year"))


def _columns(spec: Spec) -> list[str]:
    moderators = [spec.moderator] if spec.moderator else []
    return [spec.outcome, spec.treatment, *moderators, *spec.controls]
