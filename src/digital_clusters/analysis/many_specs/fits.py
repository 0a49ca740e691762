"""Many specifications on one panel as a table: equal to :func:`digital_clusters.analysis.fit.fit` on each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from digital_clusters.analysis.fit import fit
from digital_clusters.analysis.joint_null import influence
from digital_clusters.analysis.many_specs.families import SpecFamily, spec_families
from digital_clusters.analysis.spec import Spec
from digital_clusters.errors import DataError, MissingTableError, ParameterError
from digital_clusters.estimators.double_ml.shared_predictions import shared_predictions
from digital_clusters.estimators.many_specs.two_way import (
    all_choices,
    entity_products,
    many_influences,
    many_slopes,
)
from digital_clusters.estimators.spatial.log_determinant import shared_log_determinants
from digital_clusters.measures.panel import Panel

FIELDS = ("value", "error", "p_value", "n", "n_clusters", "problem")
"""What is said of each specification."""


@dataclass(frozen=True, eq=False)
class ManyFits:
    """One coefficient of each of many specifications.

    Attributes
    ----------
    specs : tuple of Spec, length S
    table : pandas.DataFrame
        A row a specification, in their order: value, error, p_value, n, n_clusters, and ``problem``: why
        there is no number, else empty.
    batched : int
        How many were solved in batches; the others were fitted one at a time.
    """

    specs: tuple[Spec, ...]
    table: pd.DataFrame
    batched: int


def fit_many(specs: Sequence[Spec], panel: Panel, terms: Sequence[str] | None = None) -> ManyFits:
    """One coefficient of every specification, on one panel.

    Two-way regressions with errors by city that differ only in their controls are solved together; every
    other specification, and one that is nearly collinear, is fitted by itself. Those of double machine
    learning draw the same folds where they have the same rows and seed, and learn a column once for all that
    predict it from the same controls. Spatial models with the same weights share their eigenvalues.

    Parameters
    ----------
    specs : sequence of Spec
    panel : Panel
    terms : sequence of str, optional
        The coefficient that is wanted of each; by default that of its treatment.

    Raises
    ------
    ParameterError
        If there are not as many terms as specifications.
    """
    wanted = [spec.treatment for spec in specs] if terms is None else list(terms)
    if len(wanted) != len(specs):
        raise ParameterError(f"{len(wanted)} terms for {len(specs)} specifications")
    table = pd.DataFrame(np.nan, index=range(len(specs)), columns=list(FIELDS[:-1]))
    problems = dict.fromkeys(range(len(specs)), "")
    done = np.zeros(len(specs), dtype=bool)
    for family in spec_families(specs, panel):
        for numbers, values in _batched(family, wanted):
            table.iloc[numbers] = values
            done[numbers] = True
    with shared_predictions(), shared_log_determinants():
        for number in np.flatnonzero(~done).tolist():
            row, problems[number] = _alone(specs[number], wanted[number], panel)
            table.iloc[number] = row
    return ManyFits(tuple(specs), table.assign(problem=pd.Series(problems)), int(done.sum()))


def control_subsets(spec: Spec) -> list[Spec]:
    """The specification with every subset of its controls, the smallest first.

    Examples
    --------
    >>> said = {"outcome": "y", "treatment": "x", "first_year": 2010, "last_year": 2019}
    >>> [s.controls for s in control_subsets(Spec(controls=("a", "b"), **said))]
    [(), ('a',), ('b',), ('a', 'b')]
    """
    names = np.array(spec.controls, dtype=object)
    chosen = all_choices([False] * len(names))
    return [spec.model_copy(update={"controls": tuple(names[row])}) for row in chosen]


def influences(specs: Sequence[Spec], panel: Panel, terms: Sequence[str]) -> pd.DataFrame:
    """What each city adds to each specification's coefficient, as :func:`~..joint_null.influence` does.

    Returns
    -------
    pandas.DataFrame, shape (C, S)
        A row a city, a column the number of a specification; zero where a city is not in its sample. A
        specification whose estimator has no influence, or that cannot be estimated, has no column.
    """
    columns: dict[int, pd.Series] = {}
    for family in spec_families(specs, panel):
        arrays = family.design
        cities = np.unique(arrays.entity)
        products = entity_products(arrays.outcome, arrays.regressors, **arrays.keys, terms=arrays.names)
        for term, places in _by_term(family, terms):
            moved = many_influences(products, family.choices[places], term)
            for place, column in zip(places, moved.T, strict=True):
                if np.isfinite(column).all():
                    columns[family.members[place]] = pd.Series(column, index=cities)
    for number in range(len(specs)):
        if number not in columns:
            found = _influence_alone(specs[number], terms[number], panel)
            if found is not None:
                columns[number] = found
    return pd.DataFrame({number: columns[number] for number in sorted(columns)}).fillna(0.0)


def _batched(family: SpecFamily, wanted: Sequence[str]):
    """Numbers of specifications that are solved, and their rows of the table."""
    arrays = family.design
    products = entity_products(arrays.outcome, arrays.regressors, **arrays.keys, terms=arrays.names)
    for term, places in _by_term(family, wanted):
        if term not in arrays.terms:
            continue
        found = many_slopes(products, family.choices[places], term)
        solved = np.flatnonzero(found.solved)
        numbers = np.array(family.members)[np.array(places)[solved]]
        counts = np.tile([found.n_observations, found.n_clusters], (len(solved), 1))
        kept = (found.values[solved], found.errors[solved], found.p_values[solved])
        yield numbers, np.column_stack([*kept, counts])


def _by_term(family: SpecFamily, wanted: Sequence[str]):
    places: dict[str, list[int]] = {}
    for place, number in enumerate(family.members):
        places.setdefault(wanted[number], []).append(place)
    return places.items()


def _alone(spec: Spec, term: str, panel: Panel) -> tuple[list[float], str]:
    try:
        found = fit(spec, panel)
        number, estimate = found.term(term), found.estimate
    except (DataError, MissingTableError, ParameterError) as error:
        return [np.nan] * (len(FIELDS) - 1), str(error)
    clusters = np.nan if estimate.n_clusters is None else estimate.n_clusters
    return [number.value, number.error, number.p_value, number.n, clusters], ""


def _influence_alone(spec: Spec, term: str, panel: Panel) -> pd.Series | None:
    try:
        return influence(fit(spec, panel), term)
    except (DataError, MissingTableError, ParameterError):
        # a specification that cannot be estimated is no part of the curve, and its row says why
        return None
