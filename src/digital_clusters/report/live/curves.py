"""Curves that a reader bends: of shares, of a team over distances, and one whose turning point moves."""

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
from numpy.typing import ArrayLike

from digital_clusters.errors import ParameterError
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.report.live.element import LiveFigure
from digital_clusters.theory.clusters.division_of_labour import DivisionOfLabour


def live_lorenz(values: ArrayLike, *, title: str, unit: str, what: str, label: str) -> LiveFigure:
    """Lorenz curve and Gini coefficient of a few units, whose shares the reader changes.

    Parameters
    ----------
    values : array_like, shape (n,)
        Not negative; the largest is shown as 100.
    unit : str
        Such as ``township``; they are numbered.
    what : str
        What is shared out.

    Raises
    ------
    ParameterError
        Negative values, or none above zero.
    """
    found = np.asarray(values, float).ravel()
    if not found.size or not np.isfinite(found).all() or found.min() < 0 or found.max() == 0:
        raise ParameterError("values must be finite, not negative, and at least one above zero")
    shown = np.sort(100 * found / found.max())
    return LiveFigure("lorenz", title, label, {"values": shown, "unit": unit, "what": what})


def live_depth(team: DivisionOfLabour, here: tuple[float, float], *, title: str, label: str) -> LiveFigure:
    """Marginal gain and cost of a finer division, which cross at n*, at distances that the reader changes.

    Parameters
    ----------
    team : DivisionOfLabour
    here : (float, float)
        Spatial and psychological distance at first.

    Raises
    ------
    ParameterError
        Costs that do not rise faster than the gain: the script looks for one crossing.
    """
    if min(team.cost_elasticity, team.attention_elasticity) <= team.gain_elasticity:
        raise ParameterError("the live figure needs costs whose elasticities exceed that of the gain")
    spatial, psychological = here
    data = {"team": asdict(team), "spatial": spatial, "psychological": psychological}
    return LiveFigure("depth", title, label, data)


def live_turning(
    estimate: Estimate,
    terms: tuple[str, str, str],
    *,
    span: tuple[float, float],
    moderators: Sequence[float],
    z: float,
    title: str,
    moderator: str,
    xlabel: str,
    ylabel: str,
    label: str,
    planted: ArrayLike | None = None,
) -> LiveFigure:
    """The fitted parabola of c at a value of its moderator z, with its turning point and Fieller's 95 % set.

    Parameters
    ----------
    estimate : Estimate
    terms : (str, str, str)
        Of c, c² and c z.
    span : (float, float)
        Range of c that is drawn.
    moderators : sequence of float
        Ascending; the first and the last are the ends of the slider.
    z : float
        At first.
    moderator : str
        What z counts, such as ``internet users per 10 residents``.
    planted : array_like, shape (m,), optional
        Planted turning points at ``moderators``; straight lines between them.
    """
    places = [estimate.position(term) for term in terms]
    level = 0.95
    data = {
        "coefficients": estimate.coefficients[places],
        "covariance": estimate.covariance[np.ix_(places, places)],
        "critical": estimate.critical_value(level),
        "low": span[0],
        "high": span[1],
        "moderators": [min(moderators), max(moderators)],
        "z": z,
        "planted": [] if planted is None else list(zip(moderators, np.asarray(planted, float), strict=True)),
    }
    return LiveFigure(
        "turning", title, label, {**data, "moderator": moderator, "xlabel": xlabel, "ylabel": ylabel}
    )
