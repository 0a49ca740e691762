"""The specification: which sample, which variables, which estimator."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from digital_clusters.errors import ParameterError
from digital_clusters.estimators.options import ErrorRule, FixedEffects, FoldUnit, Learner
from digital_clusters.estimators.spatial.durbin import Correction, SpatialModel
from digital_clusters.measures.space.weights import Weights
from digital_clusters.sources.columns import weights_words, words_of, words_of_term
from digital_clusters.wording import suggestion, suggestion_of_listed

Method = Literal[
    "double_machine_learning", "two_way_fixed_effects", "instrumental_variables", "spatial_panel"
]
Scaling = Literal["centred", "normalised"]
Group = Literal["all", "above_median", "below_median"]
ControlTiming = Literal["same_year", "year_before", "base_year_by_year"]
Year = Annotated[int, Field(ge=1978, le=2050, strict=True)]

RECIPE_SEED = 20110101
"""Seed of the folds wherever a study does not state one (none of them does)."""


LARGEST_SEED = 2**32 - 1
"""What numpy's and scikit-learn's generators take."""


class Spec(BaseModel):
    """One regression, frozen: a published column, a student's change or a point of a sweep.

    The fields are the vocabulary of the whole project: parameter cells, the command line, sweep files
    and the options table in the book are validated against them. Outcome, treatment and years are no
    matter of habit: they must be said.

    Examples
    --------
    >>> spec = Spec(
    ...     method="two_way_fixed_effects",
    ...     outcome="gini",
    ...     treatment="uil",
    ...     first_year=2011,
    ...     last_year=2021,
    ... )
    >>> spec
    Spec(gini on uil, 2011–2021, two_way_fixed_effects)
    >>> print(*spec.change(controls=("education",), errors="clustered").in_words().split("; "), sep="\\n")
    Gini of lights on index of structure, controls log education expenditure
    two-way fixed effects, errors clustered by city
    2011–2021
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: Method = Field("double_machine_learning", description="estimator")
    outcome: str = Field(description="column of the study panel to explain")
    treatment: str = Field(description="column whose coefficient is wanted")
    moderator: str | None = Field(None, description="column that the treatment is interacted with")
    scaling: Scaling = Field("centred", description="scale of the moderator before it is centred")
    squared: bool = Field(False, strict=True, description="add the square of the treatment, uncentred")
    lag: int = Field(0, ge=0, le=5, strict=True, description="years by which the treatment is lagged")
    instrument: str | None = Field(None, description="column that stands in for the treatment")
    mediators: tuple[str, ...] = Field((), description="columns through which the treatment may work")
    controls: tuple[str, ...] = Field(
        (), description="columns among the covariates; a:b is a product, a^2 a square"
    )
    control_timing: ControlTiming = Field(
        "same_year", description="year of the controls: a control that can be an outcome is to be earlier"
    )
    contemporaneous: tuple[str, ...] = Field(
        (), description="further covariates, of the outcome's year whatever the timing of the controls"
    )
    first_year: Year = Field(description="first year of the sample")
    last_year: Year = Field(description="last year of the sample")
    balanced: bool = Field(False, strict=True, description="keep cities that have every year of the sample")
    winsorise: float = Field(0.0, ge=0, lt=0.25, description="share set to the quantile in each tail")
    exclude_municipalities: bool = Field(False, strict=True, description="drop the four municipalities")
    exclude_provincial_capitals: bool = Field(
        False, strict=True, description="drop the capitals of provinces"
    )
    group: Group = Field("all", description="side of the median of the treatment, over city-years")
    fixed_effects: FixedEffects = Field("dummies", description="treatment of city and year effects")
    spatial_model: SpatialModel = Field("durbin", description="spatial model of a spatial panel")
    weights: Weights = Field("nearest", description="spatial weights: who is whose neighbour")
    correction: Correction = Field("transformation", description="bias correction of a spatial panel")
    learner: Learner = Field("gradient_boosting", description="learner of the nuisance functions")
    folds: int = Field(5, ge=2, le=20, strict=True, description="folds of the cross-fitting")
    fold_unit: FoldUnit = Field("rows", description="what stays together when folds are drawn")
    repeats: int = Field(1, ge=1, le=100, strict=True, description="repeated cross-fittings, median taken")
    errors: ErrorRule = Field("robust", description="covariance rule")
    clusters: str = Field("city", description="column whose values are the clusters of clustered errors")
    cutoff: float = Field(
        500.0, gt=0, description="kilometres from which on cities are independent, errors of Conley"
    )
    seed: int = Field(
        RECIPE_SEED, ge=0, le=LARGEST_SEED, strict=True, description="seed of folds and learners"
    )

    @model_validator(mode="after")
    def _years_in_order(self) -> "Spec":
        if self.first_year > self.last_year:
            raise ValueError(f"first_year {self.first_year} is after last_year {self.last_year}")
        if self.method == "instrumental_variables" and self.instrument is None:
            raise ValueError("method 'instrumental_variables' needs an instrument")
        if self.clusters != "city" and (self.method, self.errors) != ("two_way_fixed_effects", "clustered"):
            raise ValueError(
                f"clusters '{self.clusters}' go with method 'two_way_fixed_effects' and errors 'clustered'"
            )
        return self

    def change(self, **values: Any) -> "Spec":
        """A validated copy with some fields changed.

        Raises
        ------
        ParameterError
            For an unknown field or a value of the wrong type or range.
        """
        return read_spec(self.model_dump() | values)

    def override(self, base: "Spec", values: Mapping[str, Any]) -> "Spec":
        """A validated copy with ``values``, but for the fields that it sets differently from ``base``.

        A check that cuts the years itself keeps them where the years asked for would leave it nothing.

        Raises
        ------
        ParameterError
            For an unknown field or a value of the wrong type or range.
        """
        unknown = values.keys() - Spec.model_fields.keys()
        own = {name for name in Spec.model_fields if getattr(self, name) != getattr(base, name)}
        free = {name: value for name, value in values.items() if name in unknown or name not in own}
        if own & set(YEARS):
            first, last = (free.get(name, getattr(self, name)) for name in YEARS)
            if first > last:
                free = {name: value for name, value in free.items() if name not in YEARS}
        return self.change(**free)

    @property
    def cross_fitting(self) -> dict[str, Any]:
        """The options of double machine learning, by the names its functions give them."""
        return {name: getattr(self, name) for name in CROSS_FITTING}

    def in_words(self) -> str:
        """One sentence: outcome on treatment, controls; estimator, errors; years and cuts of the sample.

        Columns are called as in tables; one that the codebook does not know keeps its name.
        """
        return "; ".join(", ".join(part) for part in (_equation(self), _estimator(self), _rows(self)))

    def __repr__(self) -> str:
        """The fields that apply to the method and are not at their default, as :meth:`change` takes them."""
        head = f"{self.outcome} on {self.treatment}, {self.first_year}–{self.last_year}, {self.method}"
        said = {"outcome", "treatment", "method", *YEARS}
        rest = [
            f"{name}={getattr(self, name)!r}"
            for name, known in Spec.model_fields.items()
            if name not in said and _applies(name, self) and getattr(self, name) != known.default
        ]
        return f"Spec({', '.join([head, *rest])})"

    __str__ = __repr__


YEARS = ("first_year", "last_year")

CROSS_FITTING = ("fixed_effects", "learner", "folds", "fold_unit", "repeats", "seed")
"""Fields of double machine learning alone (``seed`` also draws the bootstrap of a mediation)."""

SPATIAL = ("spatial_model", "weights", "correction")
"""Fields of a spatial panel alone."""

_METHODS = {
    "double_machine_learning": "double machine learning",
    "two_way_fixed_effects": "two-way fixed effects",
    "instrumental_variables": "two-stage least squares with two-way fixed effects",
    "spatial_panel": "spatial panel with two-way fixed effects",
}
_ERRORS = {
    "driscoll_kraay": "of Driscoll and Kraay",
    "newey_west": "of Newey and West",
    "two_way_clustered": "clustered by city and year",
    "cv3": "by leaving out one city after another",
    "hc3": "HC3",
}
_CORRECTIONS = {
    "none": "no bias correction",
    "bias": "bias of the effects subtracted",
    "transformation": "effects removed by transformation",
}
_GROUPS = {"above_median": "above the median", "below_median": "below the median"}
_TIMINGS = {
    "same_year": "",
    "year_before": " of the year before",
    "base_year_by_year": " of the base year by year",
}


def override(specs: Mapping[str, Spec], base: Spec, values: Mapping[str, Any]) -> dict[str, Spec]:
    """:meth:`Spec.override` of each specification by name."""
    return {name: spec.override(base, values) for name, spec in specs.items()}


def _applies(name: str, spec: Spec) -> bool:
    if name == "seed" and spec.mediators:
        return True
    if name in CROSS_FITTING:
        return spec.method == "double_machine_learning"
    if name in SPATIAL:
        return spec.method == "spatial_panel"
    if name == "control_timing":
        return bool(spec.controls)
    if name == "cutoff":
        return spec.errors == "conley"
    return name != "scaling" or spec.moderator is not None


def _equation(spec: Spec) -> list[str]:
    treatment = words_of(spec.treatment)
    treatment = f"{treatment} and its square" if spec.squared else treatment
    earlier = {0: "", 1: " a year earlier"}.get(spec.lag, f" {spec.lag} years earlier")
    parts = [f"{words_of(spec.outcome)} on {treatment}{earlier}"]
    if spec.moderator:
        parts.append(f"moderated by {words_of(spec.moderator)}")
    if spec.mediators:
        parts.append(f"through {' and '.join(map(words_of, spec.mediators))}")
    if spec.instrument:
        parts.append(f"instrument {words_of(spec.instrument)}")
    timing = _TIMINGS[spec.control_timing]
    parts += [f"controls {_listed(spec.controls)}{timing}"] if spec.controls else []
    return [*parts, f"with {_listed(spec.contemporaneous)}"] if spec.contemporaneous else parts


def _listed(terms: tuple[str, ...]) -> str:
    """Terms in words; a square without the comma that would make two of it."""
    return ", ".join(words_of_term(term).replace(", squared", " squared") for term in terms)


def _estimator(spec: Spec) -> list[str]:
    parts = [_METHODS[spec.method]]
    if spec.method == "double_machine_learning":
        parts += [
            f"learner {spec.learner.replace('_', ' ')}",
            f"{spec.folds} folds by {'city' if spec.fold_unit == 'clusters' else 'row'}",
            f"fixed effects by {spec.fixed_effects.replace('_', ' ')}",
        ]
        parts += [f"{spec.repeats} repetitions"] if spec.repeats > 1 else []
    if spec.method == "spatial_panel":
        parts += [f"model {spec.spatial_model}", f"weights {weights_words(spec.weights)}"]
        parts.append(_CORRECTIONS[spec.correction])
    return [*parts, f"errors {_errors(spec)}"]


def _errors(spec: Spec) -> str:
    if spec.errors == "clustered":
        return f"clustered by {words_of(spec.clusters)}"
    if spec.errors == "conley":
        return f"of Conley up to {spec.cutoff:g} km"
    return _ERRORS.get(spec.errors, spec.errors)


def _rows(spec: Spec) -> list[str]:
    parts = [f"{spec.first_year}–{spec.last_year}"]
    if spec.balanced:
        parts.append("cities with every year")
    if spec.winsorise:
        parts.append(f"winsorised at {spec.winsorise:.3g} in each tail")
    if spec.exclude_municipalities:
        parts.append("without municipalities")
    if spec.exclude_provincial_capitals:
        parts.append("without capitals of provinces")
    return [*parts, f"{words_of(spec.treatment)} {_GROUPS[spec.group]}"] if spec.group != "all" else parts


def read_spec(values: Mapping[str, Any]) -> Spec:
    """A :class:`Spec` from plain values; a :class:`ParameterError` names each field that is wrong."""
    try:
        return Spec(**values)
    except ValidationError as error:
        raise ParameterError(explain(error)) from None


def explain(error: ValidationError) -> str:
    """One sentence a wrong field, with the value that was given."""
    known = ", ".join(Spec.model_fields)
    lines = []
    for item in error.errors():
        name = ".".join(str(part) for part in item["loc"])
        if item["type"] == "extra_forbidden":
            near = suggestion(name, Spec.model_fields)
            lines.append(f"unknown field '{name}'{near}; the fields are: {known}")
        elif item["type"] == "missing":
            lines.append(f"{name} must be said")
        elif not name:
            lines.append(item["msg"].removeprefix("Value error, "))
        else:
            near = suggestion_of_listed(item["input"], item.get("ctx", {}).get("expected"))
            lines.append(f"{name} = {item['input']!r}: {item['msg']}{near}")
    return "; ".join(lines)
