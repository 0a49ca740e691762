"""Panels on which the recipes are tried: what confounds, how persistent it is, how many cities there are."""

from dataclasses import dataclass

import numpy as np

from digital_clusters.estimators.resampling.simulated_panels import PanelDraw, autocorrelated

THETA = 0.25
"""True coefficient of every panel."""

STRENGTHS = (0.0, 0.5, 1.0, 2.0)
"""Standard deviations of the city effects of the first design."""

YEAR_SPREAD = 0.3
"""Standard deviation of year effects."""

CURVATURE = 2.0
"""Frequency of the sine that replaces the line in the design with curved g."""


@dataclass(frozen=True)
class PanelDesign:
    """How a panel is drawn.

    Attributes
    ----------
    name : str
    says : str
        What differs from the first design, for the reader.
    strength : float
        λ, standard deviation of city effects in treatment and outcome.
    moving : float
        κ, weight of a confounder that moves: a trend of each city's own.
    curved : bool
        Whether g of the first covariate is a sine and not nearly a line.
    persistence : float
        Autocorrelation of the noise over the years of a city.
    within : float
        Share of the variance of covariates that is within cities.
    cities, years : int
    """

    name: str
    says: str
    strength: float = 1.0
    moving: float = 0.0
    curved: bool = False
    persistence: float = 0.0
    within: float = 0.5
    cities: int = 40
    years: int = 8


DESIGNS: tuple[PanelDesign, ...] = (
    *(
        PanelDesign(f"city effects, λ = {value:g}", "city effects only", strength=value)
        for value in STRENGTHS
    ),
    PanelDesign("confounder that moves", "each city has a trend in treatment and outcome, κ = 1", moving=1.0),
    PanelDesign("curved g", "g of the first covariate is a sine", curved=True),
    PanelDesign(
        "persistent, little within",
        "noise with autocorrelation 0.8; a tenth of the covariates' variance is within cities",
        persistence=0.8,
        within=0.1,
    ),
    PanelDesign("few cities", "20 cities", cities=20),
)
"""What is tried; those that do not name it have city effects of standard deviation one."""


def panel_of(design: PanelDesign, rng: np.random.Generator) -> PanelDraw:
    """A balanced panel with city and year effects.

    With a, m, c ~ N(0, 1) by city (and covariate), b ~ N(0, 0.3²) by year, s the share within, r_t from
    −√3 to √3 over the years, e ~ N(0, 1), and v, u of variance one,

    x = √(1−s) m + √s e,  d = λ a + b + κ c r_t + g(x₁) + x₂/2 + v,
    y = θ d + λ a + b + κ c r_t + g(x₁)/2 + x₃²/4 + u,

    where g is tanh, or sin(2x) if it is curved.
    """
    shape = (design.cities, design.years)
    a, c = rng.normal(size=(2, design.cities, 1))
    b = YEAR_SPREAD * rng.normal(size=(1, design.years))
    means, noise = rng.normal(size=(design.cities, 1, 3)), rng.normal(size=(*shape, 3))
    x = np.sqrt(1 - design.within) * means + np.sqrt(design.within) * noise
    v, u = (autocorrelated(rng, *shape, design.persistence) for _ in range(2))
    trend = np.linspace(-np.sqrt(3), np.sqrt(3), design.years)
    common = design.strength * a + b + design.moving * c * trend
    g = np.sin(CURVATURE * x[..., 0]) if design.curved else np.tanh(x[..., 0])
    d = common + g + 0.5 * x[..., 1] + v
    y = THETA * d + common + 0.5 * g + 0.25 * x[..., 2] ** 2 + u
    entity, time = np.divmod(np.arange(y.size), design.years)
    return PanelDraw(y.ravel(), d.reshape(-1, 1), x.reshape(-1, 3), entity, time, THETA)
