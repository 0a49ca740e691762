"""One specification on one panel: the single way from a :class:`Spec` to an :class:`Estimate`."""

import html
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd

from digital_clusters.analysis.sample import Design, adapt, design, select_sample
from digital_clusters.analysis.spec import Spec
from digital_clusters.errors import MissingTableError, ParameterError
from digital_clusters.estimators.double_ml.cross_fitting import PartialledOut
from digital_clusters.estimators.double_ml.partially_linear import estimate_partialled_out, partial_out
from digital_clusters.estimators.double_ml.shared_predictions import shared_predictions
from digital_clusters.estimators.estimate import Coefficient, Estimate
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects
from digital_clusters.estimators.panel.instrumental import InstrumentalEstimate, instrumental_variables
from digital_clusters.estimators.panel.mediation import MediationEstimate, mediation
from digital_clusters.estimators.spatial.durbin import spatial_panel
from digital_clusters.estimators.spatial.estimate import SpatialEstimate
from digital_clusters.measures.panel import Panel
from digital_clusters.measures.space.weights import SpatialWeights, spatial_weights
from digital_clusters.paths import learnt_folder
from digital_clusters.sources.policies import city_adjacency

Result = Estimate | InstrumentalEstimate | MediationEstimate | SpatialEstimate
"""What the estimators give; :attr:`Fit.estimate` is the :class:`Estimate` in it."""

BOOTSTRAP_DRAWS = 2000
"""Of an indirect effect, unless a caller asks for another number."""

REMEMBERED = 64
"""Fits and samples that a process keeps; each fit holds its sample and its panel."""

RULE_OF_ERRORS = ("errors", "clusters", "cutoff")
"""Fields of a specification on which neither its sample nor its coefficients depend."""


@dataclass(frozen=True, eq=False, repr=False)
class Fit:
    """A specification on a panel: made once, read many times.

    The sample and its arrays are there from the start; what is costly is estimated when it is first asked
    for, and kept.

    Attributes
    ----------
    spec : Spec
    panel : Panel
    sample : pandas.DataFrame
        Rows of the panel that the specification asks for, with all its columns.
    design : Design
        Arrays of the regression on ``sample``.
    draws : int
        Bootstrap draws of indirect effects.

    Examples
    --------
    >>> import digital_clusters as dc
    >>> said = {"outcome": "growth_gap", "treatment": "virtual", "first_year": 2010, "last_year": 2019}
    >>> found = dc.fit(dc.Spec(method="two_way_fixed_effects", **said), dc.city_panel("twin"))
    >>> isinstance(found, dc.Fit), found.estimate.terms, len(found.sample)
    (True, ('virtual',), 2900)
    """

    spec: Spec
    panel: Panel
    sample: pd.DataFrame
    design: Design
    draws: int = BOOTSTRAP_DRAWS

    @cached_property
    def weights(self) -> SpatialWeights:
        """Spatial weights of the sample's cities, of the kind that the specification names."""
        return weights_of(self.spec, self.sample, self.panel.source)

    @cached_property
    def result(self) -> Result:
        """All that the estimator gives, one of :data:`Result`.

        Raises
        ------
        DataError
            If a term is absorbed by the fixed effects or collinear with others.
        """
        if self.spec.mediators:
            return _mediated(self)
        return _ESTIMATORS[self.spec.method](self)

    @cached_property
    def estimate(self) -> Estimate:
        """Coefficients with their provenance: label and hash of the panel, and the specification.

        Two-way fixed effects report the controls after the terms of interest. With mediators it is the total
        effect.
        """
        found = self.result
        if isinstance(found, MediationEstimate):
            found = found.total
        elif not isinstance(found, Estimate):
            found = found.estimate
        return found.with_provenance(
            data=self.panel.label, data_hash=self.panel.hash, spec=self.spec.model_dump(mode="json")
        )

    @cached_property
    def partialled_out(self) -> PartialledOut:
        """Residuals of outcome and treatments behind a double machine learning estimate.

        Specifications that differ in their errors alone share them.

        Raises
        ------
        ParameterError
            If the method is another.
        """
        if self.spec.method != "double_machine_learning":
            raise ParameterError(
                f"method '{self.spec.method}' predicts nothing: cross-fitted residuals are those of "
                "'double_machine_learning'"
            )
        robust = self.spec.change(errors="robust")
        if robust != self.spec:
            return fit(robust, self.panel).partialled_out
        arrays, folder = self.design, learnt_folder()
        with shared_predictions(folder) if folder else nullcontext():
            return partial_out(
                arrays.outcome,
                arrays.treatments,
                arrays.controls,
                **arrays.keys,
                terms=arrays.terms,
                **self.spec.cross_fitting,
            )

    @property
    def spatial(self) -> SpatialEstimate:
        """:attr:`result` of a spatial panel.

        Raises
        ------
        ParameterError
            If the method is another.
        """
        return self._of(SpatialEstimate, "method 'spatial_panel'")

    @property
    def instrumented(self) -> InstrumentalEstimate:
        """:attr:`result` of two-stage least squares: first stage, reduced form, weak-instrument-robust sets.

        Raises
        ------
        ParameterError
            If the method is another.
        """
        return self._of(InstrumentalEstimate, "method 'instrumental_variables'")

    @property
    def mediated(self) -> MediationEstimate:
        """:attr:`result` of a mediation: its steps, with bootstrapped indirect effects.

        Raises
        ------
        ParameterError
            If the specification has no mediators.
        """
        return self._of(MediationEstimate, "mediators")

    def _of(self, kind: type, needed: str) -> Any:
        if not isinstance(self.result, kind):
            raise ParameterError(f"a specification with {needed} is needed, not: {self.spec.in_words()}")
        return self.result

    @property
    def product(self) -> str:
        """Name of the treatment's product with the moderator."""
        return f"{self.spec.treatment}:{self.spec.moderator}"

    def values(self, column: str | None) -> np.ndarray:
        """A column of the sample, shape (n,).

        Raises
        ------
        ParameterError
            If the specification does not name the column that is asked for.
        """
        if column is None:
            raise ParameterError(f"a moderator is needed, which is not in: {self.spec.in_words()}")
        return self.sample[column].to_numpy(float)

    def term(self, name: str) -> Coefficient:
        """One term of :attr:`estimate`."""
        return self.estimate.term(name)

    def table(self) -> pd.DataFrame:
        """A row for each term: coefficient, standard_error, low, high (95 %), p_value."""
        return self.estimate.to_frame()

    def __repr__(self) -> str:
        return f"{self.spec.in_words()}\n{self.estimate.summary()}"

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(self.spec.in_words())}</p>{self.estimate._repr_html_()}"


@dataclass(frozen=True)
class _Key:
    """A panel by its contents: two panels that are alike have one fit."""

    contents: str
    source: str
    label: str
    panel: Panel = field(compare=False)


def fit(spec: Spec, panel: Panel, *, draws: int = BOOTSTRAP_DRAWS) -> Fit:
    """A specification on a panel, remembered within the process.

    Parameters
    ----------
    spec : Spec
    panel : Panel
    draws : int
        Bootstrap draws of indirect effects; without mediators it does not matter.

    Raises
    ------
    MissingTableError
        If the panel lacks a column (see :func:`digital_clusters.analysis.sample.adapt`).
    DataError
        If no row is left.

    Examples
    --------
    >>> import digital_clusters as dc
    >>> said = {"outcome": "growth_gap", "treatment": "virtual", "first_year": 2010, "last_year": 2019}
    >>> spec = dc.Spec(method="two_way_fixed_effects", errors="clustered", **said)
    >>> print(str(dc.fit(spec, dc.city_panel("twin"))).splitlines()[0])
    growth gap on virtual agglomeration; two-way fixed effects, errors clustered by city; 2010–2019
    """
    return _fit(spec, _key(panel), draws if spec.mediators else BOOTSTRAP_DRAWS)


@lru_cache(maxsize=REMEMBERED)
def _fit(spec: Spec, key: _Key, draws: int) -> Fit:
    return Fit(spec, key.panel, *_sampled(_beside_errors(spec), key), draws)


def sampled(spec: Spec, panel: Panel) -> tuple[pd.DataFrame, Design]:
    """Sample and arrays of a specification: made once for all that differ in their errors alone.

    Raises
    ------
    MissingTableError
        If the panel lacks a column of the specification.
    DataError
        If no row is left.
    """
    return _sampled(_beside_errors(spec), _key(panel))


@lru_cache(maxsize=REMEMBERED)
def _sampled(spec: Spec, key: _Key) -> tuple[pd.DataFrame, Design]:
    sample = select_sample(spec, key.panel)
    return sample, design(spec, sample)


def _beside_errors(spec: Spec) -> Spec:
    return spec.model_copy(update={name: Spec.model_fields[name].default for name in RULE_OF_ERRORS})


def _key(panel: Panel) -> _Key:
    return _Key(panel.hash, panel.source, panel.label, panel)


def fit_nearest(spec: Spec, panel: Panel) -> tuple[Fit, str]:
    """Fit the nearest specification a panel can serve; the note says what differs."""
    nearest, omitted = adapt(spec, panel)
    notes = [f"without {', '.join(omitted)}"] if omitted else []
    first, last = panel.years
    if spec.first_year < first or spec.last_year > last:
        notes.append(f"years {max(spec.first_year, first)}–{min(spec.last_year, last)}")
    return fit(nearest, panel), "; ".join(notes)


def _double_machine_learning(found: Fit) -> Estimate:
    return estimate_partialled_out(found.partialled_out, errors=found.spec.errors)


def _two_way_fixed_effects(found: Fit) -> Estimate:
    arrays = found.design
    return two_way_fixed_effects(
        arrays.outcome,
        arrays.regressors,
        **arrays.keys,
        terms=arrays.names,
        errors=found.spec.errors,
        **_of_errors(found),
    )


def _of_errors(found: Fit) -> dict[str, Any]:
    """What the rule of errors needs of the sample: its column of clusters, or the places of its cities."""
    spec, sample = found.spec, found.sample
    needed = ["lon", "lat"] if spec.errors == "conley" else [spec.clusters]
    for column in needed:
        if column not in sample:
            raise MissingTableError(
                f"errors {spec.errors!r} need the column '{column}', which the panel does not have"
            )
    if spec.errors == "conley":
        return {"points": sample[needed].to_numpy(float), "cutoff": spec.cutoff}
    return {} if spec.clusters == "city" else {"clusters": sample[spec.clusters].to_numpy()}


def _instrumented(found: Fit) -> InstrumentalEstimate:
    arrays = found.design
    return instrumental_variables(
        arrays.outcome,
        arrays.treatments,
        arrays.instrument,
        arrays.controls,
        **arrays.keys,
        terms=arrays.names,
    )


def _mediated(found: Fit) -> MediationEstimate:
    arrays = found.design
    return mediation(
        arrays.outcome,
        arrays.treatments,
        arrays.mediators,
        arrays.controls,
        **arrays.keys,
        terms=arrays.names,
        mediators=found.spec.mediators,
        draws=found.draws,
        seed=found.spec.seed,
    )


def _spatial(found: Fit) -> SpatialEstimate:
    """Every term and control has a spatial lag where the model has any."""
    arrays, spec = found.design, found.spec
    return spatial_panel(
        arrays.outcome,
        arrays.regressors,
        found.weights,
        **arrays.keys,
        terms=arrays.names,
        model=spec.spatial_model,
        errors="clustered" if spec.errors == "clustered" else "information",
        correction=spec.correction,
    )


def weights_of(spec: Spec, sample: pd.DataFrame, source: str) -> SpatialWeights:
    """Spatial weights of the sample's cities, rows summing to one.

    Contiguity is by common borders for public data; elsewhere cities are points and have the neighbours of
    the Gabriel graph. Economic distance is the difference of mean GDP per head in the sample.

    Raises
    ------
    MissingTableError
        If the sample lacks the coordinates, or the income that economic distance is of.
    """
    economic = spec.weights in ("economic", "nested")
    for column in ("lon", "lat", *(("income",) if economic else ())):
        if column not in sample:
            raise MissingTableError(
                f"weights '{spec.weights}' need the column '{column}', which the panel does not have"
            )
    grouped = sample.groupby("city")
    cities = grouped[["lon", "lat"]].first().reset_index()
    values = np.exp(grouped["income"].mean()) if economic else None
    borders = city_adjacency() if source == "public" and spec.weights == "contiguity" else None
    return spatial_weights(cities, spec.weights, values=values, adjacency=borders)


_ESTIMATORS: dict[str, Callable[[Fit], Result]] = {
    "double_machine_learning": _double_machine_learning,
    "two_way_fixed_effects": _two_way_fixed_effects,
    "instrumental_variables": _instrumented,
    "spatial_panel": _spatial,
}
