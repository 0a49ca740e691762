"""What is planted in the twin about co-agglomeration and the council, in the terms its estimates use.

Sizes follow in closed form from ``data/twin.yml`` and the country's own variables; only that of accession is
a counterfactual, the same country without a council.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from digital_clusters.analysis.adoption import estimates_of, every_design
from digital_clusters.analysis.spec import Spec
from digital_clusters.measures.panel import Panel
from digital_clusters.sources.twin import misallocation as wedges
from digital_clusters.sources.twin.country import TwinCountry
from digital_clusters.sources.twin.spillovers import own_and_others, project_country
from digital_clusters.sources.twin.truth import project_truth
from digital_clusters.studies.collaborative_agglomeration.specs import COUNCIL


def planted_estimates(spec: Spec, panel: Panel) -> list[float]:
    """What each design of :func:`estimates_of` finds of the council's planted effect alone, on the twin."""
    alone = every_design(spec.change(outcome="council_change"), with_council_change(panel), COUNCIL, draws=1)
    return [estimate[term][0] for estimate, term in estimates_of(alone).values()]


def sizes(country: TwinCountry, years: np.ndarray) -> dict[str, float]:
    """Claim → planted size, in the unit of the number that tests it; ``years`` is a mask of the country's."""
    p, truth = country.truth.misallocation, country.truth
    c, users = country.coagglomeration[:, years], country.internet[:, years]
    own, others = own_and_others(country)
    left, right = (
        wedges.slope_at_centre(users.mean(), False, truth) - 2 * p.fall * (np.quantile(c, at) - p.centre)
        for at in (0.25, 0.98)
    )
    return {
        "corrects_at_home": -left * own,
        "corrects_next_door": -left * others,
        "inverted_u": p.fall,
        "worsens_at_home": -right * own,
        "worsens_next_door": -right * others,
        "stronger_with_digital": -p.digital,
        "later_with_digital": p.digital / (2 * p.fall),
        "integration_corrects": _accession(country, years),
        "integration_strengthens": -p.integrated,
        "integration_diffuses": truth.internet.diffusion,
    }


def _accession(country: TwinCountry, years: np.ndarray) -> float:
    """What the council changes in cities that joined after the first year, less in those never in it."""
    truth = country.truth
    change = council_change(country)[:, years]
    since = wedges.years_since_joining(country.places, truth.country.years)[:, years]
    later = (since >= 0) & (since[:, :1] < 0)
    never = np.isneginf(since).all(axis=1)
    return float(np.mean([change[:, t][later[:, t]].mean() - change[never, t].mean() for t in _any(later)]))


def _any(mask: np.ndarray) -> np.ndarray:
    return np.flatnonzero(mask.any(axis=0))


PER_TEN = 10
"""Internet users per 10 residents in the panel, per 100 in the twin."""


def index_gap(panel: Panel) -> float:
    """How much larger the index that the twin's wedges respond to is than the measured one, on average.

    The twin weighs its industries by output, the measure by employment, which the wedges on labour distort.
    """
    country = project_country()
    index = pd.DataFrame(country.coagglomeration, country.places["city"], country.truth.country.years)
    measured = panel.frame.pivot(index="city", columns="year", values="coagglomeration")
    return float((index - measured).stack().mean())


def planted_marginal_effects(
    c: ArrayLike, internet: ArrayLike, member: ArrayLike = False, *, gap: float
) -> np.ndarray:
    """Direct, indirect and total effect of the index on log misallocation, shape (m, 3).

    Parameters
    ----------
    c : array_like, shape (m,)
        Measured co-agglomeration.
    internet : array_like
        Users per 10 residents.
    member : array_like of bool
        In the delta council.
    gap : float
        Of :func:`index_gap`.
    """
    truth, p = project_truth(), project_truth().misallocation
    slope = wedges.slope_at_centre(PER_TEN * np.asarray(internet, float), member, truth)
    change = -(slope - 2 * p.fall * (np.asarray(c, float) + gap - p.centre))
    own, others = own_and_others(project_country())
    return np.multiply.outer(np.atleast_1d(change), [own, others, own + others])


def planted_turning_points(internet: ArrayLike, member: ArrayLike = False, *, gap: float) -> np.ndarray:
    """Measured co-agglomeration at which the correction is largest, by users per 10 residents."""
    return wedges.planted_turning_point(PER_TEN * np.asarray(internet, float), member, project_truth()) - gap


def council_change(country: TwinCountry) -> np.ndarray:
    """Log misallocation less what it would be had no city ever joined the council, shape (cities, years)."""
    return log_size(country) - log_size(without_council(country))


def without_council(country: TwinCountry) -> TwinCountry:
    """The same country, had no city ever joined the council."""
    truth = country.truth
    without = truth.model_copy(update={"country": truth.country.model_copy(update={"delta_cohorts": {}})})
    return TwinCountry(without, country.seed)


def accession_path(first_year: int, last_year: int) -> pd.DataFrame:
    """True effect of accession by years since joining, as an event study measures it.

    In cities that join after ``first_year``: the change since the year before joining, less that of cities
    never in the council, which the council reaches through their neighbours.

    Returns
    -------
    pandas.DataFrame
        ``relative``, ``effect`` (mean over joining cities, log points), ``n_units``.
    """
    country = project_country()
    years = country.truth.country.years
    kept = (years >= first_year) & (years <= last_year)
    change, years = council_change(country)[:, kept], years[kept]
    joined = country.places["delta_council_year"].to_numpy(dtype=float, na_value=np.nan)
    never = change[~(joined <= last_year)].mean(axis=0)
    rows = []
    for city in np.flatnonzero((joined > first_year) & (joined <= last_year)):
        gap = change[city] - never
        relative = years - int(joined[city])
        rows.append(pd.DataFrame({"relative": relative, "effect": gap - gap[relative == -1]}))
    path = pd.concat(rows).groupby("relative")["effect"].agg(effect="mean", n_units="size")
    return path.reset_index()


def with_council_change(panel: Panel) -> Panel:
    """A panel of the twin with ``council_change``, what the council adds to log misallocation.

    A regression of this column instead of misallocation finds what that design finds of the planted effect
    if nothing else moves misallocation.
    """
    country = project_country()
    change = pd.DataFrame(
        council_change(country), country.places["city"].rename("city"), country.truth.country.years
    )
    long = change.stack().rename("council_change").rename_axis(["city", "year"]).reset_index()
    return replace(panel, frame=panel.frame.merge(long, on=["city", "year"], how="left"))


def log_size(country: TwinCountry) -> np.ndarray:
    """Log misallocation of a country, shape (cities, years)."""
    return np.mean([np.log(np.abs(wedge)) for wedge in country.wedges.values()], axis=0)


def with_planted_part(panel: Panel) -> Panel:
    """A panel of the twin with ``planted_part``: log misallocation that the city's own index adds to it.

    A regression of this column instead of misallocation finds what that regression would find of the planted
    curve if nothing else moved misallocation.
    """
    frame, truth = panel.frame, project_truth()
    c, z = frame["coagglomeration"].to_numpy(float) + index_gap(panel), frame["internet"].to_numpy(float)
    taken = wedges.planted_correction(c, PER_TEN * z, frame["delta_member"].to_numpy(bool), truth)
    own, _ = own_and_others(project_country())
    return replace(panel, frame=frame.assign(planted_part=-own * taken))
