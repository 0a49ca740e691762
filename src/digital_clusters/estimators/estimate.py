"""The one result type of every estimator."""

import html
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from digital_clusters.errors import ParameterError
from digital_clusters.wording import suggestion, with_caption

Verdict = Literal["sign found", "right sign", "wrong sign", "other sign found"]
"""Sign as claimed and different from zero at 5 %; sign as claimed; the other sign; the other sign and
different from zero."""

LEVEL = 0.05
"""Of the test behind a verdict."""

DIGITS = 6
"""Significant digits of a printed number."""

DIGITS_OF_A_PAGE = 4
"""The same where an estimate is shown as HTML; its frame has all of them."""

LEAST_P_VALUE = 0.001
"""A smaller p-value is shown on a page as smaller than that."""


@dataclass(frozen=True)
class Coefficient:
    """One number of a regression with what is known about its precision.

    Attributes
    ----------
    term : str
        Its name among the terms, or of the claim it decides.
    value, error : float
        Estimate and standard error; NaN where a method gives an interval and no error.
    low, high : float
        Ends of the 95 per cent interval; an unbounded interval has infinite ends.
    p_value : float
        Of the hypothesis that the number is zero, two-sided except for the joint test of a U shape.
    n : int
        Observations.
    warnings : tuple of str
        Of the estimate it is from.
    """

    term: str
    value: float
    error: float
    low: float
    high: float
    p_value: float
    n: int
    warnings: tuple[str, ...] = ()

    def verdict(self, sign: int) -> Verdict:
        """How the estimate answers a claim of this sign (1 or −1)."""
        clear = self.p_value < LEVEL
        if self.value * sign > 0:
            return "sign found" if clear else "right sign"
        return "other sign found" if clear else "wrong sign"

    def record(self) -> dict[str, float | int]:
        """What is kept of a claim: value, low, high, p_value, n; :meth:`from_record` reads it."""
        return {name: getattr(self, name) for name in ("value", "low", "high", "p_value", "n")}

    @classmethod
    def from_record(cls, term: str, values: Mapping[str, Any]) -> "Coefficient":
        """Read what :meth:`record` gave; the standard error is not kept, and is NaN."""
        return cls(term=term, error=float("nan"), **values)


@dataclass(frozen=True, eq=False, repr=False)
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
    warnings : tuple of str
        Sentences on what the errors cannot bear, such as few effective clusters or a negative variance.

    Examples
    --------
    >>> found = Estimate(("x",), [0.5], [[0.01]], 100, "two_way_fixed_effects", "clustered", n_clusters=20)
    >>> found.term("x").value, found.term("x").error
    (0.5, 0.1)
    >>> found.to_frame().columns.tolist()
    ['coefficient', 'standard_error', 'low', 'high', 'p_value']
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
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        k = len(self.terms)
        object.__setattr__(self, "coefficients", np.asarray(self.coefficients, dtype=float).reshape(k))
        object.__setattr__(self, "covariance", np.asarray(self.covariance, dtype=float).reshape(k, k))
        found = (*self.warnings, *_variance_warnings(self.terms, np.diag(self.covariance)))
        object.__setattr__(self, "warnings", tuple(dict.fromkeys(found)))
        if self.repetitions is not None:
            object.__setattr__(self, "repetitions", np.asarray(self.repetitions, dtype=float).reshape(-1, k))

    @cached_property
    def standard_errors(self) -> np.ndarray:
        """Square roots of the diagonal of the covariance, shape (k,); NaN where it is negative."""
        variance = np.diag(self.covariance)
        return np.sqrt(np.where(variance >= 0, variance, np.nan))

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
        """Coefficient and standard error of one term; :meth:`term` gives all that is known of it."""
        k = self.position(term)
        return float(self.coefficients[k]), float(self.standard_errors[k])

    def position(self, term: str) -> int:
        """Place of a term among the coefficients.

        Raises
        ------
        ParameterError
            A name that is not a term, with the names near it.
        """
        if term in self.terms:
            return self.terms.index(term)
        near = suggestion(term, self.terms)
        raise ParameterError(f"'{term}' is not one of the terms {', '.join(self.terms)}{near}")

    def term(self, name: str) -> Coefficient:
        """Coefficient, standard error, 95 per cent interval and p value of one term.

        Raises
        ------
        ParameterError
            A name that is not a term, with the names near it.
        """
        k = self.position(name)
        low, high = self.interval()[k]
        return Coefficient(
            term=name,
            value=float(self.coefficients[k]),
            error=float(self.standard_errors[k]),
            low=float(low),
            high=float(high),
            p_value=float(self.p_values[k]),
            n=self.n_observations,
            warnings=self.warnings,
        )

    def to_frame(self) -> pd.DataFrame:
        """A row for each term (the index): coefficient, standard_error, low, high (95 %), p_value."""
        low, high = self.interval().T
        columns = {
            "coefficient": self.coefficients,
            "standard_error": self.standard_errors,
            "low": low,
            "high": high,
            "p_value": self.p_values,
        }
        return pd.DataFrame(columns, index=pd.Index(self.terms, name="term"))

    def summary(self) -> str:
        """The table of :meth:`to_frame` as text, with what stands behind it."""
        table = self.to_frame().to_string(float_format=_digits)
        return "\n".join([self._caption(), table, *(f"caution: {text}" for text in self.warnings)])

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        shown = self.to_frame()
        shown["p_value"] = [_p_value(value) for value in shown["p_value"]]
        title = self._method_in_words() if self.data is None else f"{self._method_in_words()}, {self.data}"
        table = with_caption(shown.to_html(float_format=_fewer_digits, border=0), title)
        lines = [self._caption(), *(f"Caution: {text}" for text in self.warnings)]
        return f"<div>{table}{''.join(f'<p>{html.escape(text)}</p>' for text in lines)}</div>"

    def _method_in_words(self) -> str:
        words = self.method.replace("_", " ").replace("two way", "two-way")
        return f"{words[:1].upper()}{words[1:]}"

    def _caption(self) -> str:
        parts = [self._method_in_words(), f"N = {self.n_observations:,}"]
        if self.n_clusters is not None:
            parts.append(f"{self.n_clusters:,} clusters")
        parts.append(f"errors {self.errors.replace('_', ' ')}")
        return "; ".join(parts if self.data is None else [*parts, self.data])

    @property
    def _distribution(self) -> Any:
        return stats.norm if self.degrees_of_freedom is None else stats.t(self.degrees_of_freedom)

    def with_provenance(self, **values: Any) -> "Estimate":
        """A copy with ``data``, ``data_hash``, ``spec`` or ``seconds`` filled in."""
        return replace(self, **values)

    def in_units(self, factors) -> "Estimate":
        """A copy whose coefficients, shape (k,), are multiplied by ``factors``, errors and all."""
        factors = np.broadcast_to(np.asarray(factors, dtype=float), (len(self.terms),))
        return replace(
            self,
            coefficients=factors * self.coefficients,
            covariance=factors[:, None] * self.covariance * factors,
            repetitions=None if self.repetitions is None else self.repetitions * factors,
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; :meth:`from_dict` is its inverse."""
        out = {f.name: getattr(self, f.name) for f in fields(self)}
        for name in ("coefficients", "covariance", "repetitions"):
            out[name] = None if out[name] is None else out[name].tolist()
        warnings = list(out.pop("warnings"))
        out |= {"warnings": warnings} if warnings else {}
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
        texts = {name: tuple(values.get(name, ())) for name in ("terms", "warnings")}
        return cls(**kept | texts)


class ShowsEstimate:
    """A result that prints as one of its estimates, with lines on what stands beside it."""

    shown = "estimate"
    """Attribute that holds the estimate."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences on what the errors cannot bear: of the estimate, then of the tests beside it."""
        return tuple(dict.fromkeys((*getattr(self, self.shown).warnings, *self.warnings_of_tests())))

    def warnings_of_tests(self) -> tuple[str, ...]:
        """Sentences of the tests that stand beside the estimate."""
        return ()

    def remarks(self) -> list[str]:
        """Sentences under the table."""
        return []

    def __repr__(self) -> str:
        said = (f"caution: {text}" for text in self.warnings_of_tests())
        return "\n".join([getattr(self, self.shown).summary(), *self.remarks(), *said])

    def _repr_html_(self) -> str:
        lines = [*self.remarks(), *(f"Caution: {text}" for text in self.warnings_of_tests())]
        notes = "".join(f"<p>{html.escape(text)}</p>" for text in lines)
        return f"<div>{getattr(self, self.shown)._repr_html_()}{notes}</div>"


def _digits(value: float) -> str:
    return f"{value:.{DIGITS}g}"


def _fewer_digits(value: float) -> str:
    return f"{value:.{DIGITS_OF_A_PAGE}g}"


def _p_value(value: float) -> str:
    """With three decimals; smaller ones, which no test tells apart, by their bound."""
    return "< 0.001" if value < LEAST_P_VALUE else f"{value:.3f}"


def _variance_warnings(terms: tuple[str, ...], variance: np.ndarray) -> tuple[str, ...]:
    negative = [f"'{term}'" for term, value in zip(terms, variance, strict=True) if value < 0]
    if not negative:
        return ()
    return (f"{', '.join(negative)}: the variance is negative, so that it has no error; use another rule",)
