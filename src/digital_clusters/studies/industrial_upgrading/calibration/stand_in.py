"""The published columns by a stand-in of the recipe's boosting, cheap enough for hundreds of countries.

Trees of the recipe's depth with one indicator a split, grown from histograms and with fewer, longer steps.
How far its coefficients lie from the recipe's is measured, and shown with every number that is made from it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from digital_clusters.analysis.sample import Design, design, select_sample
from digital_clusters.analysis.spec import Spec
from digital_clusters.estimators.double_ml.folds import draw_folds, splits
from digital_clusters.estimators.double_ml.learners import import_xgboost
from digital_clusters.estimators.units import unit_of
from digital_clusters.measures.panel import Panel

STEPS = {"gradient_boosting": 33, "xgboost": 100}
"""Learner → trees. Boosting takes a third of the recipe's trees and three times its steps."""

TREES = {
    "gradient_boosting": {"max_depth": 3, "eta": 0.3, "reg_lambda": 0.0, "max_bin": 64},
    "xgboost": {"max_depth": 6, "eta": 0.3, "reg_lambda": 1.0, "max_bin": 64},
}
"""Learner → settings of its trees."""

ONE_AGAINST_REST = 10_000
"""Categories below which a split takes one of them: every split on a city or year is an indicator's."""


@dataclass(frozen=True, eq=False)
class Question:
    """Sample, covariates and folds of one published column; columns that differ in the moderator share it.

    Attributes
    ----------
    spec : Spec
        Without moderator.
    panel : Panel
        Its outcome is replaced in :meth:`outcome_left`.
    """

    spec: Spec
    panel: Panel

    def arrays(self, outcome: np.ndarray | None = None) -> Design:
        """Arrays of the regression, with the panel's own outcome or another one, given for its rows."""
        panel = self.panel
        if outcome is not None:
            panel = replace(panel, frame=panel.frame.assign(gini=outcome))
        return design(self.spec, select_sample(self.spec, panel))

    def left(self, columns: np.ndarray, arrays: Design) -> np.ndarray:
        """Each column less its cross-fitted prediction by the covariates of ``arrays``, shape (n, k)."""
        units = np.array([unit_of(column) for column in columns.T])
        scaled = columns / units
        out = np.empty_like(scaled)
        for train, test, fitted in self._folds(arrays):
            out[test] = scaled[test] - np.column_stack([fitted(y[train]) for y in scaled.T])
        return out * units

    def outcome_left(self, outcome: np.ndarray) -> np.ndarray:
        """:meth:`left` of another outcome, given for the panel's rows."""
        arrays = self.arrays(outcome)
        return self.left(arrays.outcome[:, None], arrays)[:, 0]

    def _folds(self, a: Design) -> Iterator:
        """Training rows, held-out rows, and the prediction of the latter for an outcome of the former."""
        import_xgboost()
        import xgboost

        # the recipe's own folds
        rng = np.random.default_rng(self.spec.seed)
        numbers = draw_folds(len(a.entity), self.spec.folds, seed=rng)
        codes = [np.unique(labels, return_inverse=True)[1] for labels in (a.entity, a.time)]
        x = np.column_stack([a.controls / unit_of(a.controls), *codes])
        kinds = {"feature_types": ["q"] * a.controls.shape[1] + ["c", "c"], "enable_categorical": True}
        settings = TREES[self.spec.learner] | {
            "tree_method": "hist", "max_cat_to_onehot": ONE_AGAINST_REST, "nthread": 1,
        }  # fmt: skip
        for train, test in splits(numbers):
            known, held_out = xgboost.DMatrix(x[train], **kinds), xgboost.DMatrix(x[test], **kinds)

            def fitted(y: np.ndarray, known=known, held_out=held_out) -> np.ndarray:
                known.set_label(y)
                start = {"base_score": float(y.mean())}
                model = xgboost.train(settings | start, known, STEPS[self.spec.learner])
                return model.predict(held_out)

            yield train, test, fitted


@dataclass(frozen=True, eq=False)
class StandInColumns:
    """Every published column in one country, ready for any outcome.

    Attributes
    ----------
    specs : mapping of str to Spec
    panel : Panel
    """

    specs: Mapping[str, Spec]
    panel: Panel

    @cached_property
    def questions(self) -> dict[Spec, Question]:
        """Each distinct question, by its specification."""
        return {plain: Question(plain, self.panel) for plain in map(_plain, self.specs.values())}

    @cached_property
    def treatments(self) -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
        """Column → its terms, and what covariates leave of them, shape (n, terms)."""
        made, out = {}, {}
        for key, spec in self.specs.items():
            # a moderator's scale and centre change no tree
            shape = spec.change(scaling="centred")
            question = self.questions[_plain(spec)]
            a = design(spec, select_sample(spec, self.panel))
            if shape not in made:
                made[shape] = (question.left(a.treatments, a), a.treatments)
            left, columns = made[shape]
            out[key] = a.terms, left * (a.treatments.std(axis=0) / columns.std(axis=0))
        return out

    def coefficients(self, outcome: np.ndarray) -> dict[str, dict[str, float]]:
        """Coefficient of each term of each column for one outcome, given for the panel's rows."""
        left = {plain: question.outcome_left(outcome) for plain, question in self.questions.items()}
        out = {}
        for key, (terms, treatments) in self.treatments.items():
            theta = np.linalg.lstsq(treatments, left[_plain(self.specs[key])], rcond=None)[0]
            out[key] = dict(zip(terms, theta.tolist(), strict=True))
        return out


def _plain(spec: Spec) -> Spec:
    return spec.change(moderator=None, scaling="centred")
