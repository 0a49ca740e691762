"""Regression learners of the nuisance functions, by name."""

import numpy as np

from digital_clusters.errors import ParameterError, check_option
from digital_clusters.estimators.options import Learner

MOSTLY_ZERO = 0.75
"""Share of zeros above which a tree learner is faster on a sparse matrix than on a dense one."""


SINGULAR = 1e-10
"""Singular value, relative to the largest, below which least squares leaves a direction out: indicators that
repeat each other, and not a covariate of small variation."""


def make_learner(name: Learner, seed: int):
    """A scikit-learn regressor that uses one thread.

    ``gradient_boosting``, ``xgboost`` and ``random_forest`` have the default settings of their libraries,
    ``lasso`` standardises the covariates and picks its penalty by five-fold cross-validation, ``linear``
    is least squares. ``fast_gradient_boosting`` is XGBoost with exact splits and the settings of
    scikit-learn's gradient boosting: the same trees but for ties, several times as fast. Tree learners
    get a sparse matrix where indicators dominate: it halves the time, and can only break near ties between
    splits otherwise than a dense one would.

    Parameters
    ----------
    name : str
        One of :data:`digital_clusters.estimators.options.Learner`.
    seed : int
        Of the learner's own randomness.

    Raises
    ------
    ParameterError
        For an unknown name, or if XGBoost is asked for and cannot be loaded.
    """
    check_option("learner", name, Learner)
    return MAKERS[name](seed)


def as_learner(learner, seed: int):
    """The regressor itself where one is given instead of a name."""
    return make_learner(learner, seed) if isinstance(learner, str) else learner


def learner_label(learner) -> str:
    """The name, or the class of a regressor."""
    return learner if isinstance(learner, str) else type(learner).__name__


def sparse_if_mostly_zero(x):
    """A CSR matrix where indicators dominate, else the matrix as it came."""
    from scipy.sparse import csr_matrix

    return csr_matrix(x) if np.mean(x == 0) > MOSTLY_ZERO else x


def _gradient_boosting(seed: int):
    from sklearn.ensemble import GradientBoostingRegressor

    return _on_sparse(GradientBoostingRegressor(random_state=seed))


def _random_forest(seed: int):
    from sklearn.ensemble import RandomForestRegressor

    return _on_sparse(RandomForestRegressor(random_state=seed, n_jobs=1))


def import_xgboost() -> None:
    """Load XGBoost or say what is missing."""
    # a missing shared library surfaces as an error of xgboost's own class, which is a ValueError
    try:
        import xgboost  # noqa: F401
    except (ImportError, OSError, ValueError) as error:
        raise ParameterError(
            "XGBoost cannot be loaded; on macOS run `brew install libomp`, elsewhere reinstall "
            f"xgboost, or choose learner = 'gradient_boosting'. The library said: {str(error).strip()[:200]}"
        ) from None


def _xgboost(seed: int):
    import_xgboost()
    from xgboost import XGBRegressor

    return _on_sparse(XGBRegressor(random_state=seed, n_jobs=1))


def _fast_gradient_boosting(seed: int):
    import_xgboost()
    from xgboost import XGBRegressor

    return _on_sparse(
        XGBRegressor(
            n_estimators=100,
            max_depth=3,
            learning_rate=0.1,
            reg_lambda=0,
            min_child_weight=1,
            tree_method="exact",
            random_state=seed,
            n_jobs=1,
        )
    )


def _lasso(seed: int):
    from sklearn.linear_model import LassoCV
    from sklearn.model_selection import KFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    cv = KFold(5, shuffle=True, random_state=seed)
    return make_pipeline(StandardScaler(), LassoCV(cv=cv, random_state=seed, n_jobs=1))


def _linear(seed: int):
    from sklearn.linear_model import LinearRegression

    return LinearRegression(tol=SINGULAR)


def _on_sparse(regressor):
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    return make_pipeline(FunctionTransformer(sparse_if_mostly_zero, accept_sparse=True), regressor)


MAKERS = {
    "gradient_boosting": _gradient_boosting,
    "fast_gradient_boosting": _fast_gradient_boosting,
    "xgboost": _xgboost,
    "random_forest": _random_forest,
    "lasso": _lasso,
    "linear": _linear,
}
