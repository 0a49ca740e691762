"""How strong an omitted confounder would have to be to overturn a coefficient.

Chernozhukov, Cinelli, Newey, Sharma & Syrgkanis (2022), "Long story short: omitted variable bias in causal
machine learning", for the partially linear model: |bias| ≤ |ρ| √(cf_y · cf_d / (1 − cf_d)) · S with
S² = E(u − θv)² / E v².
"""

from dataclasses import dataclass, replace

import numpy as np

from digital_clusters.errors import ParameterError, check_option
from digital_clusters.estimators.double_ml.cross_fitting import PartialledOut
from digital_clusters.estimators.double_ml.folds import splits
from digital_clusters.estimators.units import unit_of


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """Bounds for one strength of confounding, and the strength that would explain the coefficient away.

    Attributes
    ----------
    term : str
    coefficient : float
    cf_y, cf_d : float
        Share of the residual variance of the outcome, and of the residual variance of the treatment, that the
        omitted confounder explains.
    rho : float
        Correlation between its two roles; 1 is the worst case.
    level : float
        Of each one-sided interval below.
    null_hypothesis : float
    bounds : tuple of float
        Smallest and largest coefficient under ``cf_y``, ``cf_d``, ``rho``.
    interval : tuple of float
        Lower end of a one-sided interval for the lower bound, upper end of one for the upper bound.
    robustness_value : float
        Equal strength cf_y = cf_d at which the bound reaches the null hypothesis.
    robustness_value_interval : float
        The same for the end of the interval (RVa); near zero if the null hypothesis is inside already.
    repetitions, scales : numpy.ndarray, shape (repeats,)
        Coefficient and S of each repeated cross-fitting.
    """

    term: str
    coefficient: float
    cf_y: float
    cf_d: float
    rho: float
    level: float
    null_hypothesis: float
    bounds: tuple[float, float]
    interval: tuple[float, float]
    robustness_value: float
    robustness_value_interval: float
    repetitions: np.ndarray
    scales: np.ndarray

    def bias(self, cf_y, cf_d) -> np.ndarray:
        """Largest absolute bias at other strengths; arrays broadcast."""
        strength = np.sqrt(np.asarray(cf_y) * np.asarray(cf_d) / (1 - np.asarray(cf_d)))
        return abs(self.rho) * strength * float(np.median(self.scales))

    def contour(self, largest: float = 0.15, points: int = 51) -> "Contour":
        """Coefficient moved towards the null hypothesis, over a square of strengths from 0 to ``largest``."""
        if not 0 < largest < 1:
            raise ParameterError(f"largest = {largest}: a share between 0 and 1 is needed")
        strengths = np.linspace(0, largest, points)
        bias = self.bias(strengths[:, None], strengths[None, :])
        towards = np.sign(self.null_hypothesis - self.coefficient)
        return Contour(strengths, strengths, bias, self.coefficient + towards * bias)


@dataclass(frozen=True, eq=False)
class Contour:
    """Bias over strengths: ``cf_y`` (m,) down the rows, ``cf_d`` (m,) along the columns of (m, m) fields."""

    cf_y: np.ndarray
    cf_d: np.ndarray
    bias: np.ndarray
    coefficient: np.ndarray


def sensitivity(
    residuals: PartialledOut,
    *,
    cf_y: float = 0.03,
    cf_d: float = 0.03,
    rho: float = 1.0,
    level: float = 0.95,
    null_hypothesis: float = 0.0,
    errors: str = "robust",
) -> Sensitivity:
    """Sensitivity of the single coefficient of a partially linear model, by ``doubleml``.

    Parameters
    ----------
    residuals : PartialledOut
        With one term. Rows count equally, also where folds kept entities together.
    cf_y, cf_d : float in [0, 1)
    rho : float in [-1, 1]
    level : float
    null_hypothesis : float
    errors : {'robust', 'clustered'}
        Rule for the interval and for the robustness value of its end.

    Raises
    ------
    ParameterError
        Several terms, or a strength out of its range.
    """
    if len(residuals.terms) != 1:
        raise ParameterError(f"sensitivity takes one term, these residuals have {len(residuals.terms)}")
    for name, value, top in (("cf_y", cf_y, 1), ("cf_d", cf_d, 1), ("level", level, 1)):
        if not 0 <= value < top:
            raise ParameterError(f"{name} = {value}: choose a share from 0 to below 1")
    if not -1 <= rho <= 1:
        raise ParameterError(f"rho = {rho}: choose a correlation between -1 and 1")
    check_option("errors", errors, ("robust", "clustered"))
    units = unit_of(residuals.outcome[0]), unit_of(residuals.treatments[0, :, 0])
    unit = float(units[0] / units[1])
    scaled = replace(
        residuals, outcome=residuals.outcome / units[0], treatments=residuals.treatments / units[1]
    )
    model = _model(scaled, errors)
    model.sensitivity_analysis(
        cf_y=float(cf_y),
        cf_d=float(cf_d),
        rho=float(rho),
        level=float(level),
        null_hypothesis=float(null_hypothesis) / unit,
    )
    found = model.sensitivity_params
    elements = model.sensitivity_elements
    return Sensitivity(
        term=residuals.terms[0],
        coefficient=unit * float(model.coef[0]),
        cf_y=cf_y,
        cf_d=cf_d,
        rho=rho,
        level=level,
        null_hypothesis=null_hypothesis,
        bounds=tuple(unit * float(found["theta"][end][0]) for end in ("lower", "upper")),
        interval=tuple(unit * float(found["ci"][end][0]) for end in ("lower", "upper")),
        robustness_value=float(found["rv"][0]),
        robustness_value_interval=float(found["rva"][0]),
        repetitions=unit * model.all_coef[0],
        scales=unit * np.sqrt(elements["sigma2"] * elements["nu2"])[0, :, 0],
    )


def _model(residuals: PartialledOut, errors: str):
    """A fitted ``DoubleMLPLR`` whose predictions are the ones that were made already.

    Clusters have leave-one-out splits, which give every cluster the same weight in the score.
    """
    from doubleml import DoubleMLData, DoubleMLPLR
    from sklearn.linear_model import LinearRegression

    repeats, n = residuals.outcome.shape
    clusters = np.unique(residuals.entity, return_inverse=True)[1]
    y, d = residuals.outcome[0], residuals.treatments[0, :, 0]
    data = DoubleMLData.from_arrays(
        np.zeros((n, 1)), y, d, cluster_vars=clusters if errors == "clustered" else None
    )
    # y and d are the first repetition's residuals; "predictions" carry the others back to theirs
    predictions = {
        "d": {
            "ml_l": (y - residuals.outcome).T,
            "ml_m": (d - residuals.treatments[..., 0]).T,
        }
    }
    folds = int(clusters.max()) + 1 if errors == "clustered" else 2
    unused = LinearRegression()
    model = DoubleMLPLR(data, unused, unused, n_folds=folds, draw_sample_splitting=False)
    if errors == "clustered":
        labels = np.arange(folds)
        by_cluster = [([labels[labels != c]], [labels[labels == c]]) for c in labels]
        model.set_sample_splitting([splits(clusters)] * repeats, [by_cluster] * repeats)
    else:
        model.set_sample_splitting([splits(np.arange(n) % 2)] * repeats)
    return model.fit(external_predictions=predictions)
