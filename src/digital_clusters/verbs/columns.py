"""From a panel and names of columns to the arrays an estimator takes, with errors in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.measures.panel import Panel

Names = str | Sequence[str]
"""One column or several; a term may be a square ``a^2`` or a product ``a:b`` of columns."""


@dataclass(frozen=True, eq=False)
class Arrays:
    """Columns of a panel as an estimator takes them.

    Attributes
    ----------
    outcome : numpy.ndarray, shape (n,)
    terms : mapping of str to numpy.ndarray, shape (n, k)
        Role → its columns; k may be 0.
    entity, time : numpy.ndarray, shape (n,)
    """

    outcome: np.ndarray
    terms: Mapping[str, np.ndarray]
    entity: np.ndarray
    time: np.ndarray

    @property
    def keys(self) -> dict[str, Any]:
        """Labels of rows, as every estimator takes them."""
        return {"entity": self.entity, "time": self.time}

    def regressors(self, *roles: str) -> np.ndarray:
        """Columns of several roles side by side, shape (n, k)."""
        return np.hstack([self.terms[role] for role in roles])


def arrays(panel: Panel, outcome: str, /, **roles: Names) -> Arrays:
    """The outcome and the columns of each role, complete and as floats.

    Raises
    ------
    MissingTableError
        A column that the panel does not have; near names are offered.
    DataError
        A column that is not of numbers, or a city-year without a value.
    ParameterError
        A column in two roles, or no treatment.
    """
    named = {role: as_names(names) for role, names in roles.items()}
    refuse_repeated(outcome, named)
    terms = [term for names in named.values() for term in names]
    check_columns(panel, [outcome, *(part for term in terms for part in parts_of(term))])
    frame = panel.frame
    return Arrays(
        outcome=frame[outcome].to_numpy(float),
        terms={role: _matrix(frame, names) for role, names in named.items()},
        entity=frame["city"].to_numpy(),
        time=frame["year"].to_numpy(),
    )


def as_names(names: Names) -> tuple[str, ...]:
    """One name or several as a tuple."""
    return (names,) if isinstance(names, str) else tuple(names)


def parts_of(term: str) -> list[str]:
    """Columns of a term: ``a`` of ``a`` and ``a^2``, ``a`` and ``b`` of ``a:b``."""
    return term.removesuffix("^2").split(":")


def check_columns(panel: Panel, columns: Iterable[str]) -> None:
    """Refuse columns that are not there, not of numbers, or not complete; errors as in :func:`arrays`."""
    names = list(dict.fromkeys(columns))
    frame = panel.require_numbers(*names)
    infinite = frame.astype(float).isin([np.inf, -np.inf])
    absent = frame.isna() | infinite
    if absent.any(axis=None):
        counts = absent.sum()
        some = ", ".join(f"{name} {count:,}" for name, count in counts[counts > 0].items())
        wanted = ", ".join(repr(name) for name in names)
        raise DataError(
            f"{int(absent.any(axis=1).sum()):,} of {len(frame):,} city-years of {panel.label} have a value "
            f"that is missing or infinite ({some}): fill them in, or leave those city-years out with "
            f"panel.complete({wanted}); balanced=True there keeps whole cities only"
        )


def refuse_repeated(outcome: str, roles: Mapping[str, Sequence[str]]) -> None:
    """Refuse a column in two roles, and a role that needs a column and has none."""
    seen = {outcome: "outcome"}
    for role, names in roles.items():
        if not names and role not in ("controls", "covariates"):
            raise ParameterError(f"{role}: name a column")
        for name in names:
            if name in seen:
                raise ParameterError(
                    f"'{name}' is named twice, as {seen[name]} and in {role}: keep it in one place"
                )
            seen[name] = role


def stamped(estimate: Estimate, panel: Panel, **call: Any) -> Estimate:
    """The estimate with the label and hash of its panel, and the call that made it as plain values."""
    plain = {
        key: value if isinstance(value, str | int | float | None) else str(value)
        for key, value in call.items()
    }
    return estimate.with_provenance(data=panel.label, data_hash=panel.hash, spec=plain)


def _matrix(frame: pd.DataFrame, terms: Sequence[str]) -> np.ndarray:
    return np.column_stack([_term(frame, term) for term in terms]) if terms else np.empty((len(frame), 0))


def _term(frame: pd.DataFrame, term: str) -> np.ndarray:
    product = frame[parts_of(term)].astype(float).prod(axis=1).to_numpy()
    return product**2 if term.endswith("^2") else product
