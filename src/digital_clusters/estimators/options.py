"""Every option of the estimators that a user can type, each with the list of right words."""

from typing import Literal

Learner = Literal[
    "gradient_boosting", "fast_gradient_boosting", "xgboost", "random_forest", "lasso", "linear"
]
"""Regression learner of the nuisance functions."""

FixedEffects = Literal[
    "dummies",
    "none",
    "within",
    "within_y_d",
    "mundlak",
    "first_differences",
    "within_approximate",
    "correlated_random_effects",
]
"""How double machine learning treats entity and time effects.

``dummies``: indicator columns among the covariates of the learner. ``within``: outcome, treatment and
covariates demeaned two ways. ``within_y_d``: outcome and treatment demeaned two ways, covariates both
raw and demeaned. ``mundlak``: entity means of treatment and covariates as further covariates.
``first_differences``, ``within_approximate``, ``correlated_random_effects``: Clarke & Polselli (2025),
with time indicators as covariates.
"""

ErrorRule = Literal[
    "homoskedastic",
    "robust",
    "hc3",
    "clustered",
    "two_way_clustered",
    "cv3",
    "newey_west",
    "driscoll_kraay",
    "conley",
]
"""Covariance rule; clusters are entities, two-way adds time, ``cv3`` is the jackknife over entities.

``hc3``: each residual is divided by one less the leverage of its row. ``newey_west``: years of an entity that
are near. ``conley``: entities that are near, in the same year, and an entity with itself.
"""

FoldUnit = Literal["rows", "clusters"]
"""What is kept together when folds are drawn: nothing, or whole entities."""

Effects = Literal["two_way", "entity", "time", "none"]
"""Which fixed effects a panel regression removes."""
