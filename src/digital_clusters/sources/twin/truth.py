"""The twin's structural truth: reading ``data/twin.yml``, and the true effects in closed form."""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.paths import data_folder
from digital_clusters.yaml_files import plain_values

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]


class Block(BaseModel):
    """A block of ``data/twin.yml``: frozen, every field named there, no other."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Country(Block):
    """Sizes of the country: cities, provinces, years, lists."""

    cities: int
    complete_cities: int
    provinces: int
    first_year: int
    last_year: int
    sample: tuple[int, int]
    resource_based: int
    old_industrial: int
    delta_cohorts: dict[int, int]
    townships: int

    @property
    def years(self) -> np.ndarray:
        """Every year of the country, shape (T,)."""
        return np.arange(self.first_year, self.last_year + 1)


class Factors(Block):
    """Correlations of the city factors, in standard deviations."""

    income_on_size: float
    structure_on_size: float
    structure_on_income: float
    knowledge_on_size: float
    knowledge_on_structure: float
    municipality_bonus: float
    capital_bonus: float
    resource_penalty: float


class Process(Block):
    """One panel variable before its moments are met: loadings, trend and shocks in its own unit."""

    size: float
    income: float
    structure: float
    knowledge: float
    own: float
    trend: float
    turn: float
    drift: float
    shock: float
    persistence: Share
    outlier: float = 0.0
    outliers: Share = 0.0


class PlantedOutcome(Block):
    """The equation of the Gini of lights; the causal part in Gini per unit."""

    slope: float
    bend: float
    peak: float
    width: Positive
    peak_width: Positive
    interaction: float
    digital: float
    size: float
    income: float
    science: float
    hidden: float
    hidden_turn: float
    hidden_growth: float
    resource: float
    capital: float
    year_trend: float
    city: Positive
    shock: Positive
    persistence: Share


class Internet(Block):
    """Internet users, and the telephones of 1984 that steer where platforms spread first."""

    base: float
    per_index: float
    shock: float
    persistence: Share
    floor: Positive
    diffusion: Share
    telephones: float
    telephones_on_size: float
    telephones_own: float


class Storefronts(Block):
    """Openings and closings of platform storefronts."""

    first_year: int
    total: int
    per_size: float
    per_income: float
    per_digital: float
    per_telephone: float
    enterprise: float
    own: float
    shock: float
    persistence: Share
    growth: float
    closing: Share


class Resilience(Block):
    """Real growth of cities relative to the country's."""

    growth: dict[int, float]
    direct: float
    old: float
    digital: float
    integrated: float
    geographic: float
    by_misallocation: float
    by_demand: float
    demand_on_virtual: float
    convergence: float
    enterprise: float
    city: float
    shock: float
    persistence: Share


class Misallocation(Block):
    """What co-agglomeration does to the wedges on capital and labour."""

    capital_level: Positive
    labour_level: Positive
    city: float
    centre: float
    rise: float
    fall: Positive
    digital: float
    spatial: Share
    spillover: float
    neighbours: int
    integrated: float
    member: float
    member_growth: float
    virtual: float
    shock: float
    persistence: Share
    capital_output: tuple[Positive, Positive]
    employment_rate: Share


class Truth(Block):
    """Everything that shapes the twin."""

    seed: int
    country: Country
    moments: dict[str, tuple[float, float, float, float]]
    factors: Factors
    panel: dict[str, Process]
    digital_profile: dict[int, float]
    outcome: PlantedOutcome
    internet: Internet
    storefronts: Storefronts
    resilience: Resilience
    misallocation: Misallocation


def truth_file() -> Path:
    """``data/twin.yml`` of the checkout."""
    return data_folder() / "twin.yml"


def read_truth(path: Path | None = None) -> Truth:
    """The truth in ``path`` (default: the project's own).

    Raises
    ------
    DataError
        If a block or parameter is missing, unknown or not a number, by name.
    """
    path = path or truth_file()
    return _validated(plain_values(path), path)


def _validated(values: Mapping[str, Any], path: Path) -> Truth:
    try:
        return Truth(**values)
    except ValidationError as error:
        lines = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise DataError(f"{path.name} is not a description of the twin: {'; '.join(lines)}") from None


def hash_of_truth(truth: Truth) -> str:
    """sha256 of a truth's parameters: comments, spacing and the order of entries do not count."""
    said = json.dumps(truth.model_dump(mode="json"), sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def twins_folder() -> Path:
    """``data/twins``: other truths, each a file of what it changes in ``data/twin.yml``."""
    return data_folder() / "twins"


def named_truth(name: str, folder: Path | None = None) -> Truth:
    """The project's truth with the changes that ``data/twins/<name>.yml`` declares.

    Raises
    ------
    ParameterError
        If there is no such file.
    DataError
        If the file is not one of changes, or names what ``data/twin.yml`` does not have.
    """
    folder = folder or twins_folder()
    path = folder / f"{name}.yml"
    known = sorted(each.stem for each in folder.glob("*.yml"))
    if name not in known:
        raise ParameterError(f"no twin '{name}' in data/twins; there are: {', '.join(known) or 'none'}")
    changes = plain_values(path)
    if not isinstance(changes, dict):
        raise DataError(f"{path.name} is not a list of changes: block, parameter and value")
    return _validated(merged(read_truth().model_dump(), changes), path)


def merged(values: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` with those that ``changes`` names, block within block."""
    inner = {
        key: merged(values[key], change)
        if isinstance(change, Mapping) and isinstance(values.get(key), Mapping)
        else change
        for key, change in changes.items()
    }
    return dict(values) | inner


@cache
def project_truth() -> Truth:
    """:func:`read_truth` of the project's own file, read once a process."""
    return read_truth()


def marginal_effect(uil: np.ndarray, difi: np.ndarray, truth: Truth) -> np.ndarray:
    """True effect of one more unit of UIL on the Gini, at UIL ``uil`` and digital index ``difi``.

    With u, d less their means: slope − bend·tanh(u/width) + peak/cosh(u/peak_width)² + interaction·d.
    """
    u, d = centred(uil, difi, truth)
    p = truth.outcome
    centre = np.cosh(u / p.peak_width) ** -2
    return p.slope - p.bend * np.tanh(u / p.width) + p.peak * centre + p.interaction * d


def centred(uil: np.ndarray, difi: np.ndarray, truth: Truth) -> tuple[np.ndarray, np.ndarray]:
    """UIL and the digital index less the means they are centred at (Table 1)."""
    return np.asarray(uil) - truth.moments["uil"][0], np.asarray(difi) - truth.moments["difi"][0]


def true_effects(frame: pd.DataFrame, truth: Truth | None = None) -> np.ndarray:
    """The planted marginal effect of upgrading in each row.

    Parameters
    ----------
    frame : pandas.DataFrame
        With columns ``uil`` (index) and ``difi`` (index points), untransformed.
    truth : Truth, optional
        Default: the project's own.

    Returns
    -------
    numpy.ndarray, shape (rows,)
        Gini per unit of UIL.
    """
    truth = truth or project_truth()
    return marginal_effect(frame["uil"].to_numpy(), frame["difi"].to_numpy(), truth)
