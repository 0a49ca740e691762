"""What only the twin can show: coefficients beside the part that is planted, and with what is hidden.

Everything here looks up the truth of the synthetic twin; no data set has these columns.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from digital_clusters.analysis.diagnostics import made_of
from digital_clusters.analysis.fit import fit
from digital_clusters.analysis.spec import Spec
from digital_clusters.analysis.study import sizes_of_claims
from digital_clusters.errors import ParameterError
from digital_clusters.estimators.panel.mediation import MediationEstimate
from digital_clusters.measures.city_panel import build_city_panel
from digital_clusters.measures.panel import Panel
from digital_clusters.sources import open_source
from digital_clusters.sources.twin import resilience
from digital_clusters.sources.twin.country import TwinCountry, country_of
from digital_clusters.sources.twin.digital import enterprise
from digital_clusters.sources.twin.spillovers import multiplier
from digital_clusters.sources.twin.truth import project_truth
from digital_clusters.studies.virtual_agglomeration.specs import STUDY


def sizes(country: TwinCountry, years: np.ndarray) -> dict[str, float]:
    """Claim → planted size, in the unit of the number that tests it; ``years`` is a mask of the country's."""
    p, truth = country.truth.resilience, country.truth
    strength = resilience.strength(country.places, country.internet, country.manufacturing, truth)
    eased = truth.misallocation.virtual * float(np.diag(multiplier(country)).mean())
    through_wedges, through_demand = p.by_misallocation * eased, p.by_demand * p.demand_on_virtual
    return {
        "raises_resilience": p.direct * strength[:, years].mean() + through_wedges + through_demand,
        "less_in_old_bases": p.direct * p.old,
        "more_with_digital_infrastructure": p.direct * p.digital,
        "more_with_regional_integration": p.direct * p.integrated,
        "more_with_fusion": float("nan"),
        "eases_misallocation": -eased,
        "through_misallocation": through_wedges,
        "boosts_demand": p.demand_on_virtual,
        "through_demand": through_demand,
        "complements_geography": p.direct * p.geographic,
    }


HIDDEN = "enterprise"
"""Column with the twin's hidden factor, which no data set would have."""


PLANTED = "planted_part"
"""Column with what storefront density adds to a city's relative growth in the twin."""


SHOCK = {"market_demand": 0.04, "resilience": 0.05}
"""What one s.d. of a common shock adds to a mediator (log points) and to the outcome (relative growth)."""


FEEDBACK = {"income": 0.30, "finance": -0.25}
"""Log points that a unit of this year's relative growth adds to a control of this year, and of no other.

Twice what goes with a unit in yearly changes of public data (0.15 and −0.11), so that it can be seen in a
country whose controls have more noise of their own.
"""


PLAIN, CONTROLLED, SHOCKED = (
    "as a study would do it",
    "with the hidden factor as a control",
    "with a shock common to demand and growth",
)


def planted_parts(planted: Mapping[str, float], mediators: Sequence[str]) -> list[float]:
    """Planted total, direct, each indirect effect, and their sum, in the order of a mediation figure."""
    total = planted["raises_resilience"]
    ways = {"misallocation": "through_misallocation", "market_demand": "through_demand"}
    through = [planted[ways[name]] for name in mediators]
    return [total, total - sum(through), *through, sum(through)]


def mediation_trials(spec: Spec, panel: Panel, *, draws: int, seed: int) -> dict[str, MediationEstimate]:
    """The same mediation where the hidden factor is known, and where a shock moves mediator and outcome.

    Only the twin has a hidden factor that can be looked up.
    """
    known = spec.change(contemporaneous=(HIDDEN,))
    return {
        PLAIN: fit(spec, panel, draws=draws).mediated,
        CONTROLLED: fit(known, with_hidden_factor(panel), draws=draws).mediated,
        SHOCKED: fit(spec, with_common_shock(panel, seed), draws=draws).mediated,
    }


def other_countries(specs: Mapping[str, Spec], seeds: Iterable[int]) -> pd.DataFrame:
    """What coefficients are made of in synthetic countries of other seeds, with a column seed."""
    parts = []
    for seed in seeds:
        panel = with_planted_outcome(build_city_panel(open_source("twin", seed=seed)), seed)
        parts.append(made_of(specs, panel, PLANTED).assign(seed=seed))
    return pd.concat(parts, ignore_index=True)


def with_planted_outcome(panel: Panel, seed: int | None = None) -> Panel:
    """The twin's panel with the part of relative growth that storefront density causes.

    Raises
    ------
    ParameterError
        If the panel is not the twin's.
    """
    country, planted = _country(panel, seed), sizes_of_claims(STUDY, sizes, seed)
    truth = country.truth
    strength = resilience.strength(country.places, country.internet, country.manufacturing, truth)
    through = planted["through_misallocation"] + planted["through_demand"]
    return _with_column(
        panel, country, PLANTED, (truth.resilience.direct * strength + through) * country.density
    )


def with_hidden_factor(panel: Panel) -> Panel:
    """The twin's panel with the factor that moves storefronts and growth.

    Raises
    ------
    ParameterError
        If the panel is not the twin's.
    """
    country = _country(panel)
    return _with_column(panel, country, HIDDEN, enterprise(country.places, country.truth, country.seed))


def with_common_shock(panel: Panel, seed: int) -> Panel:
    """The panel where market demand and resilience also share a shock of city and year (:data:`SHOCK`)."""
    shock = np.random.default_rng(seed).standard_normal(len(panel.frame))
    moved = {name: panel.frame[name] + size * shock for name, size in SHOCK.items()}
    return replace(panel, frame=panel.frame.assign(**moved))


def with_feedback(panel: Panel) -> Panel:
    """The panel where this year's relative growth is a part of this year's controls (:data:`FEEDBACK`).

    A city-year without relative growth keeps its controls. The outcome is what it was, and so is the effect.
    """
    growth = panel.frame["resilience"].fillna(0.0)
    moved = {name: panel.frame[name] + size * growth for name, size in FEEDBACK.items()}
    return replace(panel, frame=panel.frame.assign(**moved))


def _country(panel: Panel, seed: int | None = None) -> TwinCountry:
    if panel.source != "twin":
        raise ParameterError(f"what moves {panel.label} is not known: only the twin's truth is")
    truth = project_truth()
    return country_of(truth, truth.seed if seed is None else seed)


def _with_column(panel: Panel, country: TwinCountry, name: str, values: np.ndarray) -> Panel:
    made = pd.DataFrame(values, index=country.places["city"], columns=country.truth.country.years)
    made = made.stack().rename(name).rename_axis(["city", "year"]).reset_index()
    return replace(panel, frame=panel.frame.merge(made, on=["city", "year"], how="left"))
