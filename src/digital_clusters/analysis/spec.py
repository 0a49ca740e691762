"""The specification: which sample, which variables, which estimator."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from digital_clusters.errors import ParameterError
from digital_clusters.estimators.options import ErrorRule, FixedEffects, FoldUnit, Learner
from digital_clusters.estimators.spatial.durbin import Correction, SpatialModel
from digital_clusters.measures.space.weights import Weights

Method = Literal[
    "double_machine_learning", "two_way_fixed_effects", "instrumental_variables", "spatial_panel"
]
Scaling = Literal["centred", "normalised"]
Group = Literal["all", "above_median", "below_median"]
Year = Annotated[int, Field(ge=1978, le=2050, strict=True)]

RECIPE_SEED = 20110101
"""Seed of the folds wherever a study does not state one (none of them does)."""


class Spec(BaseModel):
    """One regression, frozen: a published column, a student's change or a point of a sweep.

    The fields are the vocabulary of the whole project: parameter cells, the command line, sweep files
    and the options table in the book are validated against them.

    Examples
    --------
    >>> Spec(controls=("log_gdp_per_capita",)).change(folds=6).folds
    6
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: Method = Field("double_machine_learning", description="estimator")
    outcome: str = Field("gini", description="column of the study panel to explain")
    treatment: str = Field("uil", description="column whose coefficient is wanted")
    moderator: str | None = Field(None, description="column that the treatment is interacted with")
    scaling: Scaling = Field("centred", description="scale of the moderator before it is centred")
    squared: bool = Field(False, strict=True, description="add the square of the treatment, uncentred")
    lag: int = Field(0, ge=0, le=5, strict=True, description="years by which the treatment is lagged")
    instrument: str | None = Field(None, description="column that stands in for the treatment")
    mediators: tuple[str, ...] = Field((), description="columns through which the treatment may work")
    controls: tuple[str, ...] = Field((), description="columns among the covariates; a:b is a product")
    first_year: Year = Field(2011, description="first year of the sample")
    last_year: Year = Field(2021, description="last year of the sample")
    winsorise: float = Field(0.0, ge=0, lt=0.25, description="share set to the quantile in each tail")
    exclude_municipalities: bool = Field(False, strict=True, description="drop the four municipalities")
    exclude_provincial_capitals: bool = Field(
        False, strict=True, description="drop the capitals of provinces"
    )
    group: Group = Field("all", description="side of the median of the treatment, over city-years")
    fixed_effects: FixedEffects = Field("dummies", description="treatment of city and year effects")
    spatial_model: SpatialModel = Field("durbin", description="spatial model of a spatial panel")
    weights: Weights = Field("nearest", description="spatial weights: who is whose neighbour")
    correction: Correction = Field("none", description="bias correction of a spatial panel")
    learner: Learner = Field("gradient_boosting", description="learner of the nuisance functions")
    folds: int = Field(5, ge=2, le=20, strict=True, description="folds of the cross-fitting")
    fold_unit: FoldUnit = Field("rows", description="what stays together when folds are drawn")
    repeats: int = Field(1, ge=1, le=100, strict=True, description="repeated cross-fittings, median taken")
    errors: ErrorRule = Field("robust", description="covariance rule")
    seed: int = Field(RECIPE_SEED, ge=0, strict=True, description="seed of folds and learners")

    @model_validator(mode="after")
    def _years_in_order(self) -> "Spec":
        if self.first_year > self.last_year:
            raise ValueError(f"first_year {self.first_year} is after last_year {self.last_year}")
        if self.method == "instrumental_variables" and self.instrument is None:
            raise ValueError("method 'instrumental_variables' needs an instrument")
        return self

    def change(self, **values) -> "Spec":
        """A validated copy with some fields changed.

        Raises
        ------
        ParameterError
            For an unknown field or a value of the wrong type or range.
        """
        return read_spec(self.model_dump() | values)


def read_spec(values: dict) -> Spec:
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
            lines.append(f"unknown field '{name}'; the fields are: {known}")
        elif not name:
            lines.append(item["msg"].removeprefix("Value error, "))
        else:
            lines.append(f"{name} = {item['input']!r}: {item['msg']}")
    return "; ".join(lines)
