"""The one result type of every estimator."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
from scipy import stats


@dataclass(frozen=True, eq=False)
class Estimate:
    """Coefficients of interest with their covariance and everything needed to make them again.

    Attributes
    ----------
    terms : tuple of str, length k
        Names of the coefficients, in the outcome's units per unit of the term.
    coefficients : numpy.ndarray, shape (k,)
    covariance : numpy.ndarray, shape (k, k)
        Of the estimator, by the rule named in ``errors``.
    n_observations : int
    n_clusters : int or None
        Clusters behind the covariance; ``None`` when it is not clustered.
    method, errors : str
        Estimator and covariance rule, as the user typed them.
    degrees_of_freedom : float or None
        Of the t distribution of the intervals; ``None`` means normal.
    learner : str or None
    folds, repeats, seed : int or None
        Cross-fitting; ``None`` for estimators without it.
    repetitions : numpy.ndarray, shape (repeats, k), or None
        Coefficients of each repeated cross-fitting.
    nuisance : mapping of str to float
        Out-of-sample R² of each nuisance regression.
    seconds : float
        Wall time of the estimation.
    data, data_hash : str or None
        Label of the source and sha256 of the panel the arrays came from.
    spec : mapping or None
        The specification as plain values.
    """

    terms: tuple[str, ...]
    coefficients: np.ndarray
    covariance: np.ndarray
    n_observations: int
    method: str
    errors: str
    n_clusters: int | None = None
    degrees_of_freedom: float | None = None
    learner: str | None = None
    folds: int | None = None
    repeats: int | None = None
    seed: int | None = None
    repetitions: np.ndarray | None = None
    nuisance: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    data: str | None = None
    data_hash: str | None = None
    spec: Mapping[str, Any] | None = None

    def __post_init__(self):
        k = len(self.terms)
        object.__setattr__(self, "coefficients", np.asarray(self.coefficients, dtype=float).reshape(k))
        object.__setattr__(self, "covariance", np.asarray(self.covariance, dtype=float).reshape(k, k))
        if self.repetitions is not None:
            object.__setattr__(self, "repetitions", np.asarray(self.repetitions, dtype=float).reshape(-1, k))

    @cached_property
    def standard_errors(self) -> np.ndarray:
        """Square roots of the diagonal of the covariance, shape (k,)."""
        return np.sqrt(np.diag(self.covariance))

    @cached_property
    def p_values(self) -> np.ndarray:
        """Two-sided, of the hypothesis that the coefficient is zero, shape (k,)."""
        return 2 * self._distribution.sf(np.abs(self.coefficients / self.standard_errors))

    def interval(self, level: float = 0.95) -> np.ndarray:
        """Confidence intervals, shape (k, 2)."""
        half = self.critical_value(level) * self.standard_errors
        return np.column_stack([self.coefficients - half, self.coefficients + half])

    def critical_value(self, level: float = 0.95) -> float:
        """Half-width of an interval in standard errors."""
        return float(self._distribution.ppf(0.5 + level / 2))

    def __getitem__(self, term: str) -> tuple[float, float]:
        """Coefficient and standard error of one term."""
        k = self.terms.index(term)
        return float(self.coefficients[k]), float(self.standard_errors[k])

    @property
    def _distribution(self):
        return stats.norm if self.degrees_of_freedom is None else stats.t(self.degrees_of_freedom)

    def with_provenance(self, **values) -> "Estimate":
        """A copy with ``data``, ``data_hash``, ``spec`` or ``seconds`` filled in."""
        return replace(self, **values)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; :meth:`from_dict` is its inverse."""
        out = {f.name: getattr(self, f.name) for f in fields(self)}
        for name in ("coefficients", "covariance", "repetitions"):
            out[name] = None if out[name] is None else out[name].tolist()
        return out | {
            "terms": list(self.terms),
            "nuisance": dict(self.nuisance),
            "spec": None if self.spec is None else dict(self.spec),
            "standard_errors": self.standard_errors.tolist(),
            "interval_95": self.interval().tolist(),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Estimate":
        """Read what :meth:`to_dict` wrote."""
        known = {f.name for f in fields(cls)}
        kept = {key: value for key, value in values.items() if key in known}
        return cls(**kept | {"terms": tuple(values["terms"])})
