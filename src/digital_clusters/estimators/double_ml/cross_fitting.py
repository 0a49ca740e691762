"""Cross-fitted residuals of outcome and treatments, on ``doubleml``."""

import warnings
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pandas as pd

from digital_clusters.estimators.double_ml.folds import splits
from digital_clusters.estimators.double_ml.panel_columns import add_own_means, panel_columns
from digital_clusters.estimators.double_ml.shared_predictions import Predictions


@dataclass(frozen=True, eq=False)
class PartialledOut:
    """Outcome and treatments less their cross-fitted predictions, one set a repetition.

    Attributes
    ----------
    outcome : numpy.ndarray, shape (repeats, n)
    treatments : numpy.ndarray, shape (repeats, n, k)
    entity, time : numpy.ndarray of int, shape (n,)
        Codes 0, 1, … of the labels in sorted order. First differences have fewer rows than the data.
    fold_numbers : numpy.ndarray of int, shape (repeats, n)
    whole_entities : bool
        Whether folds keep entities together.
    fixed_effects : str
    terms : tuple of str, length k
    nuisance : mapping of str to float
        Out-of-sample R² of ``outcome`` and of each ``treatment:<term>``, median over repetitions.
    learner : str
    folds, seed : int
    seconds : float
    """

    outcome: np.ndarray
    treatments: np.ndarray
    entity: np.ndarray
    time: np.ndarray
    fold_numbers: np.ndarray
    whole_entities: bool
    fixed_effects: str
    terms: tuple[str, ...]
    nuisance: Mapping[str, float]
    learner: str
    folds: int
    seed: int | None
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class Residuals:
    """What one cross-fitting returns; fields as in :class:`PartialledOut`."""

    outcome: np.ndarray
    treatments: np.ndarray
    entity: np.ndarray
    time: np.ndarray
    fold_numbers: np.ndarray
    outcome_fit: float
    treatment_fit: tuple[float, ...]


def cross_fit(y, d, x, *, entity, time, learner, fold_numbers) -> Residuals:
    """Residuals of ``DoubleMLPLR``: outcome and every treatment on ``x`` alone.

    With several treatments each is predicted from ``x`` only, never from the other treatments, and
    the outcome is predicted once.

    Parameters
    ----------
    y, d, x : numpy.ndarray, shapes (n,), (n, k), (n, p)
        A constant column stands in for ``x`` where ``p`` is zero.
    entity, time : numpy.ndarray of int, shape (n,)
    learner : scikit-learn regressor, or with ``cross_predict``
    fold_numbers : numpy.ndarray of int, shape (repeats, n)
    """
    x = x if x.shape[1] else np.zeros((len(y), 1))
    if hasattr(learner, "cross_predict"):
        return _all_at_once(y, d, x, entity, time, learner, fold_numbers)
    with _quiet():
        from doubleml import DoubleMLData, DoubleMLPLR

    samples = [splits(numbers) for numbers in fold_numbers]
    predictions = Predictions(x, fold_numbers, learner)
    predicted_outcome, treatment_residuals = predictions.of(y), []
    for column in np.ascontiguousarray(d.T):
        predicted = predictions.of(column)
        if predicted is None or predicted_outcome is None:
            data = DoubleMLData.from_arrays(x, y, column)
            model = DoubleMLPLR(data, learner, learner, draw_sample_splitting=False)
            model.set_sample_splitting(samples)
            predicted_outcome, predicted = _fit(model, "d", predicted_outcome, predicted)
            predictions.keep(y, predicted_outcome)
            predictions.keep(column, predicted)
        treatment_residuals.append(column[:, None] - predicted)
    outcome = (y[:, None] - predicted_outcome).T
    treatments = np.stack(treatment_residuals, axis=-1).transpose(1, 0, 2)
    fits = _fits(y, d, outcome, treatments)
    return Residuals(outcome, treatments, entity, time, fold_numbers, *fits)


def cross_fit_panel(y, d, x, *, entity, time, approach, learner, fold_numbers) -> Residuals:
    """Residuals of ``DoubleMLPLPR``, a partially linear panel model (Clarke & Polselli 2025).

    Parameters
    ----------
    y, d, x : numpy.ndarray, shapes (n,), (n, k), (n, p)
        ``p`` at least one; time effects are indicators among the columns of ``x``.
    entity, time : numpy.ndarray of int, shape (n,)
    approach : str
        ``fd_exact``, ``wg_approx``, ``cre_general`` or ``cre_normal``.
    learner : scikit-learn regressor, or with ``cross_predict``
    fold_numbers : numpy.ndarray of int, shape (repeats, n)
        One number an entity.

    Notes
    -----
    Entities with one row and, in first differences, rows whose predecessor is missing are dropped.
    """
    if hasattr(learner, "cross_predict"):
        y, d, x, rows = panel_columns(y, d, x, entity=entity, time=time, approach=approach)
        labels = entity[rows], time[rows]
        means = approach == "cre_general"
        return _all_at_once(y, d, x, *labels, learner, fold_numbers[:, rows], own_means=means)
    with _quiet():
        from doubleml import DoubleMLPLPR

    fold_of = np.zeros((len(fold_numbers), entity.max() + 1), dtype=int)
    fold_of[:, entity] = fold_numbers
    setting = x, entity, time, approach, fold_numbers, learner
    of_outcome, of_treatments = Predictions("outcome", *setting), Predictions("treatment", *setting)
    predicted_outcome, residuals, columns = of_outcome.of(y), [], []
    for column in np.ascontiguousarray(d.T):
        with _quiet():
            model = DoubleMLPLPR(
                _panel_data(y, column, x, entity, time),
                learner,
                learner,
                n_folds=int(fold_numbers.max()) + 1,
                approach=approach,
                draw_sample_splitting=False,
            )
        kept = model.data_transform
        ids = np.asarray(kept.id_var).astype(int)
        model.set_sample_splitting(*_cluster_splits(ids, fold_of))
        known = of_treatments.of(column)
        predicted_outcome, predicted = _fit(model, kept.d_cols[0], predicted_outcome, known)
        of_treatments.keep(column, predicted)
        columns.append(np.array(kept.d))
        residuals.append(columns[-1][:, None] - predicted)
    of_outcome.keep(y, predicted_outcome)
    outcome = (kept.y[:, None] - predicted_outcome).T
    treatments = np.stack(residuals, axis=-1).transpose(1, 0, 2)
    times = np.asarray(kept.data[kept.t_col]).astype(int)
    fits = _fits(kept.y, np.column_stack(columns), outcome, treatments)
    return Residuals(outcome, treatments, ids, times, fold_of[:, ids], *fits)


def _all_at_once(y, d, x, entity, time, learner, fold_numbers, *, own_means=False) -> Residuals:
    """Residuals by a learner that predicts every fold and target in one pass."""
    targets = np.column_stack([y, d])
    predicted = np.stack([learner.cross_predict(x, targets, numbers) for numbers in fold_numbers])
    if own_means:
        predicted[:, :, 1:] = [add_own_means(one[:, 1:], d, entity) for one in predicted]
    left = targets - predicted
    fits = _fits(y, d, left[:, :, 0], left[:, :, 1:])
    return Residuals(left[:, :, 0], left[:, :, 1:], entity, time, fold_numbers, *fits)


@contextmanager
def _quiet():
    """Silence ``doubleml`` on dropped rows, which the number of observations shows, and on pandas 4.

    And ``tqdm``, which it loads, on progress bars that a notebook could have.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"The (panel )?data contains \d+", category=UserWarning)
        warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"doubleml")
        warnings.filterwarnings("ignore", message="IProgress not found")
        yield


def _fit(model, treatment: str, predicted_outcome, predicted_treatment=None):
    """Fit one treatment, reusing predictions that are there; both predictions as (n, repeats)."""
    given = {"ml_l": predicted_outcome, "ml_m": predicted_treatment}
    known = {name: values for name, values in given.items() if values is not None}
    with _quiet():
        model.fit(external_predictions={treatment: known} if known else None)
    return model.predictions["ml_l"][:, :, 0], model.predictions["ml_m"][:, :, 0]


def _panel_data(y, column, x, entity, time):
    from doubleml import DoubleMLPanelData

    names = [f"x{j}" for j in range(x.shape[1])]
    keys = pd.DataFrame({"y": y, "d": column, "entity": entity, "time": time})
    frame = pd.concat([keys, pd.DataFrame(x, columns=names)], axis=1)
    return DoubleMLPanelData(
        frame, y_col="y", d_cols="d", t_col="time", id_col="entity", x_cols=names, static_panel=True
    )


def _cluster_splits(ids: np.ndarray, fold_of: np.ndarray):
    """Splits over rows and over entities, in the nesting that ``doubleml`` reads."""
    present = np.unique(ids)
    rows = [splits(numbers[ids]) for numbers in fold_of]
    entities = [
        [([present[train]], [present[test]]) for train, test in splits(numbers[present])]
        for numbers in fold_of
    ]
    return rows, entities


def _fits(y, d, outcome, treatments) -> tuple[float, tuple[float, ...]]:
    """Out-of-sample R² of outcome and treatments, median over repetitions."""
    of_outcome = float(1 - np.median(np.mean(outcome**2, axis=1)) / np.var(y))
    of_treatments = 1 - np.median(np.mean(treatments**2, axis=1), axis=0) / np.var(d, axis=0)
    return of_outcome, tuple(of_treatments.tolist())
