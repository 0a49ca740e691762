"""A specification's interaction by other ways: in bins of the moderator, and from changes within cities."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from digital_clusters.analysis.fit import Fit
from digital_clusters.estimators.curves.bins import BINS, BinnedInteraction, binned_interaction
from digital_clusters.estimators.curves.within_product import PRODUCTS, WithinProduct, within_product
from digital_clusters.measures.transforms import centre

WORLDS = ("as it is", "effect that stops rising", "effects that differ between cities")
"""What is added to the twin's outcome in a trial."""

NULL_WORLD = "a line and nothing else"
"""The treatment has the paths of other cities, and the outcome the planted line of these paths: there the
hypothesis of one line is true. In the twin as it is it need not be."""

LEVEL = 0.05


def in_bins(found: Fit, *, bins: int = BINS) -> BinnedInteraction:
    """The specification's two-way regression with an effect in each bin of its moderator.

    Spatial terms are left out; the square of a squared treatment stays, the same in all bins, and effects are
    those at the treatment's mean.
    """
    binned, known = binned_interaction(**_arrays(found), bins=bins), found.estimate
    labelled = binned.effects.with_provenance(data=known.data, data_hash=known.data_hash)
    return replace(binned, effects=labelled)


def within_cities(found: Fit) -> WithinProduct:
    """The interaction of the specification's two-way regression, usual and within cities.

    Raises
    ------
    DataError
        A moderator that never changes in a city.
    """
    return within_product(**_arrays(found))


def _arrays(found: Fit) -> dict[str, Any]:
    spec, arrays = found.spec, found.design
    treatment = centre(found.values(spec.treatment))
    square = f"{spec.treatment}^2"
    taken = {spec.treatment, square, found.product, spec.moderator}
    beside = [k for k, name in enumerate(arrays.names) if name not in taken]
    squares = [treatment**2] if square in arrays.names else []
    return {
        "y": arrays.outcome,
        "d": treatment,
        "m": found.values(spec.moderator),
        "x": np.column_stack([*squares, arrays.regressors[:, beside]]),
    } | arrays.keys


def try_moderation(found: Fit, planted: float, dealt: Fit) -> list[dict[str, Any]]:
    """Both ways in one synthetic country: as it is, with something added to its outcome, with a line alone.

    The effect that stops rising is the planted one up to the moderator's mean, and no more beyond. Effects
    that differ between cities do so, for each s.d. of the city's *mean* of the moderator, by what is planted
    for one s.d. of the moderator, on top of the planted moderation: no change of the moderator causes them.

    Parameters
    ----------
    found : Fit
    planted : float
        Change of the effect per unit of the moderator.
    dealt : Fit
        The same specification with the treatment's paths dealt anew over cities, so that it does nothing.

    Returns
    -------
    list of dict
        One for each of :data:`WORLDS` and one for :data:`NULL_WORLD`. ``world``;
        ``line_off``, ``line_covers`` of the usual product and
        ``within_off``, ``within_covers`` of that of deviations, against ``planted``; ``within_of_means``:
        :func:`within_of_means` of the planted line; ``bends`` and ``differs``: whether the test of one line,
        and that of equal products, rejects at 5 %.
    """
    given = _arrays(found)
    mean = pd.Series(given["m"]).groupby(given["entity"]).transform("mean").to_numpy()
    centred, by_city = given["m"] - given["m"].mean(), (mean - mean.mean()) / mean.std()
    differing = planted * given["m"].std() * by_city
    added = (0.0, -planted * given["d"] * np.maximum(centred, 0.0), given["d"] * differing)
    worlds = {world: given | {"y": given["y"] + more} for world, more in zip(WORLDS, added, strict=True)} | {
        NULL_WORLD: _with_line(_arrays(dealt), planted)
    }
    part = within_of_means(given, planted)
    of_means = dict.fromkeys(WORLDS, part) | {NULL_WORLD: within_of_means(worlds[NULL_WORLD], planted)}
    rows = []
    for world, arrays in worlds.items():
        binned, demeaned = binned_interaction(**arrays), within_product(**arrays)
        line, within = demeaned.usual.term(PRODUCTS[0]), demeaned.within.term(PRODUCTS[1])
        rows.append(
            {
                "world": world,
                "line_off": line.value - planted,
                "line_covers": line.low <= planted <= line.high,
                "within_off": within.value - planted,
                "within_covers": within.low <= planted <= within.high,
                "within_of_means": of_means[world],
                "within_error": within.error,
                "line_error": line.error,
                "bends": binned.test.p_value <= LEVEL,
                "differs": demeaned.test.p_value <= LEVEL,
            }
        )
    return rows


def within_of_means(given: dict[str, Any], planted: float) -> float:
    """What the product of deviations takes for its own of a planted line's other part.

    A line in the moderator is the product of deviations, and the entity's mean of the treatment times the
    deviation of the moderator, and what moves with the treatment alone. The second is a slope of the
    moderator that differs between entities, for which the regression has no term; it goes with the product of
    deviations where the treatment's deviations lean on its mean while the moderator changes most.

    Parameters
    ----------
    given : dict
        ``d``, ``m``, ``x``, shapes (n,), (n,), (n, p), ``entity`` and ``time``.
    planted : float
        Change of the effect per unit of the moderator.
    """
    means = pd.DataFrame({"d": given["d"], "m": given["m"]}).groupby(given["entity"]).transform("mean")
    part = planted * means["d"].to_numpy() * (given["m"] - means["m"].to_numpy())
    return within_product(**given | {"y": part}).within.term(PRODUCTS[1]).value


def _with_line(given: dict[str, Any], planted: float) -> dict[str, Any]:
    return given | {"y": given["y"] + planted * given["d"] * (given["m"] - given["m"].mean())}


def moderation_trials(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Means over countries of what :func:`try_moderation` gives, a row a ``design`` and world."""
    table = pd.DataFrame(rows)
    means = table.groupby(["design", "world"], sort=False).mean(numeric_only=False)
    return means.astype(float).reset_index().to_dict("records")


def moderation_row(words: str, found: Fit) -> dict[str, Any]:
    """The interaction in four ways, as plain values.

    Returns
    -------
    dict
        ``design``, ``moderator``, ``n``; ``line`` (value, error, p), that of the bins' test, or the usual
        product where there are none; ``bins`` (records:
        median, rows, value, error, low, high), ``test_p`` of the straight line; ``within`` (value, error, p)
        of the product of deviations and ``difference_p``, ``None`` for what a moderator with two values, or
        one that never changes in a city, has not.
    """
    line, bins, test_p = None, [], None
    values = found.values(found.spec.moderator)
    if len(np.unique(values)) > 2:
        binned = in_bins(found)
        line, bins, test_p = _pair(binned.line, "interaction"), _bins(binned), binned.test.p_value
    within, difference_p = None, None
    if found.sample.groupby("city")[found.spec.moderator].nunique().max() > 1:
        demeaned = within_cities(found)
        line = line or _pair(demeaned.usual, PRODUCTS[0])
        within, difference_p = _pair(demeaned.within, PRODUCTS[1]), demeaned.test.p_value
    return {
        "design": words,
        "moderator": found.spec.moderator,
        "n": len(values),
        "line": line or _pair(found.estimate, found.product),
        "bins": bins,
        "test_p": test_p,
        "within": within,
        "difference_p": difference_p,
    }


def _pair(estimate, term: str) -> dict[str, float]:
    number = estimate.term(term)
    return {"value": number.value, "error": number.error, "p": number.p_value}


def _bins(binned: BinnedInteraction) -> list[dict[str, float]]:
    rows = []
    for median, count, term in zip(binned.medians, binned.rows, binned.effects.terms, strict=True):
        number = binned.effects.term(term)
        rows.append(
            {
                "median": float(median),
                "rows": count,
                "value": number.value,
                "error": number.error,
                "low": number.low,
                "high": number.high,
            }
        )
    return rows
