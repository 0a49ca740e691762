"""From a specification and a study panel to the sample and the arrays an estimator takes."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from digital_clusters.analysis.spec import Spec
from digital_clusters.errors import DataError
from digital_clusters.measures.panel import Panel
from digital_clusters.measures.transforms import centre, median_split, min_max, winsorise

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
    instrument : numpy.ndarray, shape (n,), or None
    mediators : numpy.ndarray, shape (n, j)
        j may be 0.
    control_names : tuple of str, length p
    """

    outcome: np.ndarray
    treatments: np.ndarray
    controls: np.ndarray
    entity: np.ndarray
    time: np.ndarray
    terms: tuple[str, ...]
    instrument: np.ndarray | None
    mediators: np.ndarray
    control_names: tuple[str, ...]

    @property
    def regressors(self) -> np.ndarray:
        """Treatments and controls, shape (n, k + p)."""
        return np.column_stack([self.treatments, self.controls])

    @property
    def names(self) -> tuple[str, ...]:
        """Of :attr:`regressors`."""
        return (*self.terms, *self.control_names)

    @property
    def keys(self) -> dict[str, Any]:
        """``entity`` and ``time``, as every estimator takes them."""
        return {"entity": self.entity, "time": self.time}


def adapt(spec: Spec, panel: Panel) -> tuple[Spec, tuple[str, ...]]:
    """The nearest specification a panel can serve, and the covariates that had to be left out."""
    omitted = tuple(
        name
        for name in (*spec.controls, *spec.contemporaneous)
        if not all(_base(part) in panel.frame for part in name.split(":"))
    )
    if not omitted:
        return spec, omitted
    lists = {"controls": spec.controls, "contemporaneous": spec.contemporaneous}
    kept = {key: tuple(name for name in names if name not in omitted) for key, names in lists.items()}
    return spec.change(**kept), omitted


def select_sample(spec: Spec, panel: Panel) -> pd.DataFrame:
    """Rows of the panel a specification asks for, winsorised where it says so.

    Two binary columns are derived on the whole panel and can serve as moderators: ``late_period``
    (after 2015) and ``high_structure`` (index of structure at or above its median).

    Controls of another year than the outcome's are columns of their own (their names say so), made of
    the whole panel, so that no outcome year is lost where the panel has the year before.

    The order is: lag of the treatment, timing of the controls, years, municipalities and capitals, city-years
    that lack a column of the specification (for a spatial panel, and where ``balanced``: cities that lack
    one in some year),
    winsorising of the continuous variables over what is left, then the median split of the treatment over
    the same city-years.

    Raises
    ------
    MissingTableError
        If the panel lacks a column of the specification.
    DataError
        If a column is not of numbers, or nothing is left.
    """
    frame = panel.frame.assign(late_period=panel.frame["year"] > LAST_YEAR_OF_CONSTRUCTION)
    if "high_structure" in columns_of(spec):
        frame = frame.assign(high_structure=median_split(panel.require("uil")["uil"]))
    flags = {"is_municipality": spec.exclude_municipalities}
    flags["is_provincial_capital"] = spec.exclude_provincial_capitals
    needed = [*columns_of(spec), *(name for name, wanted in flags.items() if wanted)]
    panel.require(*(name for name in needed if name not in frame))
    panel.require_numbers(*(name for name in columns_of(spec) if name in panel.frame))
    continuous = [name for name, column in _used(spec).items() if frame[column].dtype.kind == "f"]
    frame = frame.assign(**_timed_controls(spec, frame))
    if spec.lag:
        frame = frame.assign(**{spec.treatment: lagged(frame, spec.treatment, spec.lag)})
    sample = _complete(spec, frame.loc[_wanted(spec, frame)])
    if spec.winsorise and len(sample):
        sample = sample.assign(**{name: winsorise(sample[name], spec.winsorise) for name in continuous})
    if spec.group != "all" and len(sample):
        above = median_split(sample[spec.treatment])
        sample = sample.loc[above if spec.group == "above_median" else ~above].reset_index(drop=True)
    if sample.empty:
        years = f"{frame['year'].min()}–{frame['year'].max()}"
        raise DataError(
            f"no city-year of {panel.label} is left for years {spec.first_year}–{spec.last_year}, "
            f"group '{spec.group}', columns {', '.join(columns_of(spec))}; the panel covers {years}"
        )
    return sample


def lagged(frame: pd.DataFrame, column: str, years: int) -> np.ndarray:
    """A column as it was in the same city some years before, NaN where that year is not in the frame."""
    before = frame.set_index(["city", "year"])[column]
    keys = pd.MultiIndex.from_arrays([frame["city"], frame["year"] - years])
    return before.reindex(keys).to_numpy(dtype=float)


def in_base_year(frame: pd.DataFrame, column: str, first_year: int) -> np.ndarray:
    """A column as it was in the city's first year with a value, from ``first_year`` on.

    NaN before that year: a later value is no control for what came earlier.
    """
    known = frame.loc[(frame["year"] >= first_year) & frame[column].notna(), ["city", "year", column]]
    base = known.sort_values("year").drop_duplicates("city").set_index("city").reindex(frame["city"])
    there = frame["year"].to_numpy() >= base["year"].to_numpy()
    return np.where(there, base[column].to_numpy(dtype=float), np.nan)


def _timed_controls(spec: Spec, frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """Parts of the controls that are of another year than the outcome, by their names in the sample."""
    parts = {part: name for name, part in _parts(spec).items() if name != part}
    if spec.control_timing == "year_before":
        return {name: lagged(frame, part, 1) for part, name in parts.items()}
    return {name: in_base_year(frame, part, spec.first_year) for part, name in parts.items()}


def _wanted(spec: Spec, frame: pd.DataFrame) -> pd.Series:
    keep = frame["year"].between(spec.first_year, spec.last_year)
    if spec.exclude_municipalities:
        keep &= ~frame["is_municipality"]
    if spec.exclude_provincial_capitals:
        keep &= ~frame["is_provincial_capital"]
    return keep


def _complete(spec: Spec, sample: pd.DataFrame) -> pd.DataFrame:
    whole = sample[list(_used(spec))].notna().all(axis=1)
    if (spec.method == "spatial_panel" or spec.balanced) and len(sample):
        # a year in which no city has a value is not in the sample at all
        sample = sample.loc[whole.groupby(sample["year"]).transform("any")]
        whole = whole.loc[sample.index].groupby(sample["city"]).transform("all")
        span = sample.groupby("city")["year"].transform("size")
        whole &= span == sample["year"].nunique()
    return sample.loc[whole].reset_index(drop=True)


def design(spec: Spec, sample: pd.DataFrame) -> Design:
    """Arrays of the regression on an already selected sample.

    With a moderator m the terms are the treatment d, ``d:m`` and m; both are centred at their sample
    means, m after it was scaled to [0, 1] if the specification says *normalised*. A moderator that is
    constant within every year or every city has no coefficient of its own: the indicators hold it. With a
    square the terms are d, ``d^2`` and, if there is a moderator, ``d:m`` and m, none of them centred, so
    that a turning point is read in the unit of d.

    Controls of the base year are multiplied by an indicator of each year but the first, whose product the
    city effects hold; a year in which a control does not vary has none, the year's own indicator holds it.
    """
    columns = _polynomial(spec, sample) if spec.squared else _linear(spec, sample)
    controls = _controls(spec, sample)
    return Design(
        outcome=sample[spec.outcome].to_numpy(float),
        treatments=np.column_stack(list(columns.values())),
        controls=_stacked(controls, len(sample)),
        entity=sample["city"].to_numpy(),
        time=sample["year"].to_numpy(),
        terms=tuple(columns),
        instrument=None if spec.instrument is None else sample[spec.instrument].to_numpy(float),
        mediators=_columns(sample, spec.mediators),
        control_names=tuple(controls),
    )


def _controls(spec: Spec, sample: pd.DataFrame) -> dict[str, np.ndarray]:
    """Name → column of the regression; the names say of which year a control is."""
    after = _TIMES[spec.control_timing]
    names = [":".join(_timed(part, after) for part in control.split(":")) for control in spec.controls]
    own = {name: _column(sample, name) for name in spec.contemporaneous}
    if spec.control_timing != "base_year_by_year":
        return {name: _column(sample, name) for name in names} | own
    return {key: column for name in names for key, column in _by_year(sample, name).items()} | own


def _by_year(sample: pd.DataFrame, name: str) -> dict[str, np.ndarray]:
    values = _column(sample, name)
    varying = pd.Series(values).groupby(sample["year"].to_numpy()).nunique() > 1
    later = varying.index[varying.to_numpy()][1:]
    return {f"{name}:{year}": values * (sample["year"] == year).to_numpy() for year in later}


def _column(sample: pd.DataFrame, name: str) -> np.ndarray:
    """A column, for a name such as ``a:b`` the product of two, for ``a^2`` a square, shape (n,)."""
    parts = [(_base(part), 2 if part.endswith(SQUARED) else 1) for part in name.split(":")]
    return np.prod([sample[part].to_numpy(float) ** power for part, power in parts], axis=0)


SQUARED = "^2"
"""What the name of a square ends in."""


def _base(part: str) -> str:
    return part.removesuffix(SQUARED)


def _timed(part: str, after: str) -> str:
    """The name of a part of a control of another year; a square is one of that year's value."""
    return f"{_base(part)}{after}{SQUARED if part.endswith(SQUARED) else ''}"


def _columns(sample: pd.DataFrame, names: tuple[str, ...]) -> np.ndarray:
    return _stacked({name: _column(sample, name) for name in names}, len(sample))


def _stacked(columns: dict[str, np.ndarray], n: int) -> np.ndarray:
    """Columns side by side, shape (n, len(columns))."""
    return np.column_stack(list(columns.values())) if columns else np.empty((n, 0))


def _linear(spec: Spec, sample: pd.DataFrame) -> dict[str, np.ndarray]:
    treatment = sample[spec.treatment].to_numpy(float)
    if spec.moderator is None:
        return {spec.treatment: treatment}
    moderator = sample[spec.moderator].to_numpy(float)
    moderator = centre(min_max(moderator) if spec.scaling == "normalised" else moderator)
    treatment = centre(treatment)
    columns = {spec.treatment: treatment, f"{spec.treatment}:{spec.moderator}": treatment * moderator}
    return columns | ({} if _absorbed(sample, spec.moderator) else {spec.moderator: moderator})


def _polynomial(spec: Spec, sample: pd.DataFrame) -> dict[str, np.ndarray]:
    treatment = sample[spec.treatment].to_numpy(float)
    columns = {spec.treatment: treatment, f"{spec.treatment}^2": treatment**2}
    if spec.moderator is None:
        return columns
    moderator = sample[spec.moderator].to_numpy(float)
    columns[f"{spec.treatment}:{spec.moderator}"] = treatment * moderator
    return columns | ({} if _absorbed(sample, spec.moderator) else {spec.moderator: moderator})


def _absorbed(sample: pd.DataFrame, name: str) -> bool:
    return any((sample.groupby(key)[name].nunique() == 1).all() for key in ("city", "year"))


def columns_of(spec: Spec) -> list[str]:
    """Columns of the panel that a specification uses, each once."""
    return list(dict.fromkeys(_used(spec).values()))


_TIMES = {"same_year": "", "year_before": " (year before)", "base_year_by_year": " (base year)"}
"""What follows the name of a control that is of another year than the outcome."""


def _used(spec: Spec) -> dict[str, str]:
    """Column of the sample → the panel's column it is made of."""
    single = (spec.outcome, spec.treatment, spec.moderator, spec.instrument, *spec.mediators)
    return {name: name for name in single if name} | _parts(spec)


def _parts(spec: Spec) -> dict[str, str]:
    """The controls' part of :func:`_used`; a product has two parts."""
    parts = [_base(part) for control in spec.controls for part in control.split(":")]
    own = [_base(part) for name in spec.contemporaneous for part in name.split(":")]
    return {part + _TIMES[spec.control_timing]: part for part in parts} | {part: part for part in own}
