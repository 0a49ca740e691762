"""The published columns as functions of the outcome alone, fast enough to be solved for.

Sample, treatment and covariates do not change while the outcome's parameters are searched: treatments are
partialled out once, and each trial costs one nuisance regression a column.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from digital_clusters.analysis.sample import Design, design, select_sample
from digital_clusters.analysis.spec import Spec
from digital_clusters.estimators.double_ml.folds import draw_folds, splits
from digital_clusters.estimators.double_ml.learners import make_learner
from digital_clusters.estimators.panel.demeaning import indicators
from digital_clusters.estimators.units import unit_of
from digital_clusters.measures.panel import Panel


@dataclass(frozen=True, eq=False)
class FastColumn:
    """One published column on one panel, ready for any outcome.

    Attributes
    ----------
    spec : Spec
        Double machine learning with dummies and folds over rows.
    panel : Panel
        Its outcome is replaced in :meth:`coefficients`.
    """

    spec: Spec
    panel: Panel

    @cached_property
    def _arrays(self) -> Design:
        return design(self.spec, select_sample(self.spec, self.panel))

    @cached_property
    def _covariates(self) -> np.ndarray:
        a = self._arrays
        codes = (np.unique(labels, return_inverse=True)[1] for labels in (a.entity, a.time))
        return np.hstack([a.controls / unit_of(a.controls), *map(indicators, codes)])

    @cached_property
    def _splits(self) -> list[tuple[np.ndarray, np.ndarray]]:
        rng = np.random.default_rng(self.spec.seed)
        return splits(draw_folds(len(self._arrays.outcome), self.spec.folds, seed=rng))

    @cached_property
    def _treatments(self) -> np.ndarray:
        return np.column_stack([self._residual(column) for column in self._arrays.treatments.T])

    def residual_outcome(self, outcome: np.ndarray) -> np.ndarray:
        """Outcome of the column's sample less its cross-fitted prediction, given that of the panel's rows."""
        panel = replace(self.panel, frame=self.panel.frame.assign(gini=outcome))
        return self._residual(design(self.spec, select_sample(self.spec, panel)).outcome)

    def coefficients(self, residual: np.ndarray) -> dict[str, float]:
        """Coefficient of each term, from the residual of the outcome."""
        theta = np.linalg.lstsq(self._treatments, residual, rcond=None)[0]
        return dict(zip(self._arrays.terms, theta.tolist(), strict=True))

    def _residual(self, y: np.ndarray) -> np.ndarray:
        unit = unit_of(y)
        y, out = y / unit, np.empty_like(y)
        for train, test in self._splits:
            model = search_learner(self.spec).fit(self._covariates[train], y[train])
            out[test] = y[test] - model.predict(self._covariates[test])
        return out * unit


def search_learner(spec: Spec):
    """The specification's learner, scikit-learn's boosting replaced by its fast equal."""
    fast = {"gradient_boosting": "fast_gradient_boosting"}
    return make_learner(fast.get(spec.learner, spec.learner), spec.seed)


def fast_columns(specs: Mapping[str, Spec], panel: Panel) -> dict[str, FastColumn]:
    """A :class:`FastColumn` of each specification."""
    return {key: FastColumn(spec, panel) for key, spec in specs.items()}


def all_coefficients(columns: Mapping[str, FastColumn], outcome: np.ndarray) -> dict[str, dict[str, float]]:
    """Coefficients of every column for one outcome; equal samples and covariates share the regression.

    Parameters
    ----------
    outcome : numpy.ndarray, shape (rows of the panel,)
    """
    shared, out = {}, {}
    for key, column in columns.items():
        question = column.spec.change(moderator=None, scaling="centred")
        if question not in shared:
            shared[question] = column.residual_outcome(outcome)
        out[key] = column.coefficients(shared[question])
    return out
