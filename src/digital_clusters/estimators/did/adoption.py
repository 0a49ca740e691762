"""A panel in which units adopt a treatment in different periods and keep it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from digital_clusters.errors import DataError, ParameterError, check_option
from digital_clusters.estimators.panel.arrays import as_columns, check_panel

AlwaysTreated = Literal["drop", "keep"]
"""What to do with units treated in the first period: no period shows them untreated."""


@dataclass(frozen=True, eq=False)
class AdoptionPanel:
    """Rows of a panel with the period in which each unit adopts.

    Attributes
    ----------
    y : numpy.ndarray, shape (n,)
    entity : numpy.ndarray of int, shape (n,)
        Codes 0, 1, … of ``units``.
    time : numpy.ndarray of int, shape (n,)
        Periods as they came in, such as years.
    adoption : numpy.ndarray, shape (units,)
        First treated period of each unit, NaN for never.
    units : numpy.ndarray, shape (units,)
        Labels in sorted order.
    """

    y: np.ndarray
    entity: np.ndarray
    time: np.ndarray
    adoption: np.ndarray
    units: np.ndarray

    @property
    def treated(self) -> np.ndarray:
        """One where a unit has adopted by that period, else zero, shape (n,)."""
        return (self.time >= self.adoption[self.entity]).astype(float)

    @property
    def relative(self) -> np.ndarray:
        """Periods since adoption, NaN for never, shape (n,)."""
        return self.time - self.adoption[self.entity]

    @property
    def always(self) -> np.ndarray:
        """Units treated in the first period of the panel, shape (units,)."""
        return self.adoption <= self.time.min()

    @property
    def never(self) -> np.ndarray:
        """Units that do not adopt within the panel, shape (units,)."""
        return np.isnan(self.adoption)


def check_adoption(y, *, entity, time, adoption) -> AdoptionPanel:
    """Check a staggered adoption; units that adopt after the last period are never treated.

    Parameters
    ----------
    y, entity : array_like, shape (n,)
    time : array_like of int, shape (n,)
    adoption : array_like, shape (n,)
        First treated period of the row's unit; NaN or infinite for never. Zero, which csdid and R's did write
        for never, is taken for never where all periods of the panel are after it.

    Raises
    ------
    DataError
        A missing outcome or label, a repeated key, a unit with two adoption periods or nobody treated.
    ParameterError
        Lengths differ, a period is not a whole number, or one is negative where no period of the panel is.
    """
    panel = check_panel(y, np.empty((len(np.asarray(y)), 0)), None, entity=entity, time=time, terms=())
    time, adoption = np.asarray(time, dtype=float), np.array(adoption, dtype=float)
    if len(adoption) != len(panel.y):
        raise ParameterError(f"adoption has {len(adoption)} rows, the outcome has {len(panel.y)}")
    adoption[(adoption == 0) & (time.min() > 0)] = np.nan
    if time.min() >= 0 and (adoption < 0).any():
        raise ParameterError(
            f"adoption {np.nanmin(adoption):g} is no period of a panel from {time.min():g} to "
            f"{time.max():g}: use NaN for never treated, and the first period for treated always"
        )
    adoption[~np.isfinite(adoption) | (adoption > time.max())] = np.nan
    if (time % 1 != 0).any() or (adoption[np.isfinite(adoption)] % 1 != 0).any():
        raise ParameterError("periods of time and adoption must be whole numbers")
    units, first = np.unique(np.asarray(entity), return_index=True)
    of_unit = adoption[first]
    same = (of_unit[panel.entity] == adoption) | (np.isnan(of_unit[panel.entity]) & np.isnan(adoption))
    if not same.all():
        raise DataError(f"unit {np.asarray(entity)[np.argmin(same)]} has more than one adoption period")
    if np.isnan(of_unit).all():
        raise DataError("nobody is treated within the panel")
    return AdoptionPanel(panel.y, panel.entity, time.astype(int), of_unit, units)


def drop_always_treated(panel: AdoptionPanel) -> tuple[AdoptionPanel, np.ndarray]:
    """The panel without units treated in its first period, and which rows are kept, shape (n,)."""
    rows = ~panel.always[panel.entity]
    if np.isnan(panel.adoption[~panel.always]).all():
        raise DataError("every treated unit is treated from the first period: no effect can be estimated")
    kept = np.flatnonzero(~panel.always)
    codes = np.searchsorted(kept, panel.entity[rows])
    return AdoptionPanel(
        panel.y[rows], codes, panel.time[rows], panel.adoption[kept], panel.units[kept]
    ), rows


def prepare_rows(y, entity, time, adoption, covariates, weights, always_treated: AlwaysTreated):
    """Panel, covariates and weights of the rows that are used, and how many units are always treated.

    Parameters
    ----------
    y, entity, time, adoption : array_like, shape (n,)
    covariates : array_like, shape (n, k), or None
    weights : array_like, shape (n,), or None
        Rows whose weight is not positive are left out.
    always_treated : {'drop', 'keep'}

    Returns
    -------
    AdoptionPanel, numpy.ndarray of shape (m, k), numpy.ndarray of shape (m,) or None, int
        For the m rows that are used; ``k`` is zero without covariates.
    """
    check_option("always_treated", always_treated, AlwaysTreated)
    columns = {"y": y, "entity": entity, "time": time, "adoption": adoption}
    columns = {name: np.asarray(column) for name, column in columns.items()}
    n = len(columns["y"])
    x = np.empty((n, 0)) if covariates is None else as_columns(covariates, n)
    if weights is not None:
        weights = np.asarray(weights, dtype=float)
        if len(weights) != n:
            raise ParameterError(f"{len(weights)} weights for {n} rows")
        rows = weights > 0
        columns = {name: column[rows] for name, column in columns.items()}
        x, weights = x[rows], weights[rows]
    panel = check_adoption(columns["y"], **{k: v for k, v in columns.items() if k != "y"})
    always = int(panel.always.sum())
    if always_treated == "drop" and always:
        panel, rows = drop_always_treated(panel)
        x, weights = x[rows], None if weights is None else weights[rows]
    return panel, x, weights, always
