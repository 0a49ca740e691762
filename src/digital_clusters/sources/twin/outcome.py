"""The structural equation of the inequality of lights."""

import numpy as np
import pandas as pd

from digital_clusters.sources.twin.economy import MIDDLE_YEAR, Arrays, study_sample, turned
from digital_clusters.sources.twin.moments import solve_map
from digital_clusters.sources.twin.streams import autoregressive, stream
from digital_clusters.sources.twin.truth import Truth, centred


def causal_part(uil: np.ndarray, difi: np.ndarray, truth: Truth) -> np.ndarray:
    """What upgrading and the digital index do to the Gini; its derivative is ``truth.marginal_effect``."""
    p = truth.outcome
    u, d = centred(uil, difi, truth)
    bend = p.bend * p.width * np.log(np.cosh(u / p.width))
    peak = p.peak * p.peak_width * np.tanh(u / p.peak_width)
    return p.slope * u - bend + peak + p.interaction * u * d + p.digital * d


def other_part(cities: pd.DataFrame, panel: Arrays, truth: Truth, seed: int) -> np.ndarray:
    """Everything else, unmapped: controls, city effects and noise, shape (cities, years)."""
    p, moments = truth.outcome, truth.moments
    years = truth.country.years - MIDDLE_YEAR
    rng = stream(seed, "outcome")
    own = p.city * rng.standard_normal(len(cities))
    shocks = p.shock * autoregressive(rng, panel["uil"].shape, p.persistence)
    weights = {
        "loans_deposits": p.size,
        "gdp_per_capita": p.income,
        "science": p.science,
    }
    controls = sum(weight * (panel[name] - moments[name][0]) for name, weight in weights.items())
    structure, turn = (cities[name].to_numpy()[:, None] for name in ("structure", "turn"))
    hidden = structure * (p.hidden + p.hidden_growth * years / 10) + p.hidden_turn * turn * turned(
        truth.country.years
    )
    seats = (cities["is_municipality"] | cities["is_provincial_capital"]).to_numpy()
    listed = p.resource * cities["is_resource_based"].to_numpy() + p.capital * seats
    return controls + hidden + (own + listed)[:, None] + shocks


def year_effects(panel: Arrays, truth: Truth) -> np.ndarray:
    """Common to all cities, shape (years,): a trend, and what undoes the digital index's own common rise."""
    p = truth.outcome
    rise = panel["difi"].mean(axis=0) - truth.moments["difi"][0]
    return p.year_trend * (truth.country.years - MIDDLE_YEAR) - p.digital * rise


def planted_gini(cities: pd.DataFrame, panel: Arrays, truth: Truth, seed: int) -> np.ndarray:
    """Gini of lights of every city and year, shape (cities, years), with the printed moments on the sample.

    The causal part and the year effects enter as they are; the map that meets the moments is applied to
    the rest alone. A city-year beyond the printed minimum or maximum is stopped there, by its noise.
    """
    causal = causal_part(panel["uil"], panel["difi"], truth) + year_effects(panel, truth)
    other = other_part(cities, panel, truth, seed)
    sample = study_sample(cities, truth)
    mapped = solve_map(sample.of(other), truth.moments["gini"], offset=sample.of(causal))(other)
    return np.clip(causal + mapped, *truth.moments["gini"][2:])
