"""Which choices make the estimates of a curve differ, and how far each is from where one began."""

import itertools
import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from digital_clusters.errors import ParameterError

MOST_CHOICES = 12
"""Choices whose orders are averaged; each doubles the regressions, and twelve take 4,096."""


def shapley_shares(points: pd.DataFrame, choices: Sequence[str]) -> pd.Series:
    """Share of the variance of the estimates that each choice accounts for, over all orders of choices.

    The part of the variance that indicators of a set of choices explain grows with the set; a choice's share
    is what it adds, averaged over all orders in which it can be added (Shapley 1953; Lindeman, Merenda & Gold
    1980). Unlike the variance between its own options it does not count twice what two choices share where
    constraints make the grid uneven.

    Parameters
    ----------
    points : pandas.DataFrame
        Of one unit: ``value`` and a column a choice.
    choices : sequence of str

    Returns
    -------
    pandas.Series
        Choice → share, the largest first; ``together``, the rest, is what no choice explains by itself:
        combinations of options. They sum to one, or are all zero where the estimates do not differ.

    Raises
    ------
    ParameterError
        No point, or more than :data:`MOST_CHOICES` choices.
    """
    if points.empty:
        raise ParameterError("shares need at least one specification")
    varied = [name for name in choices if points[name].nunique() > 1]
    if len(varied) > MOST_CHOICES:
        raise ParameterError(f"{len(varied)} choices; at most {MOST_CHOICES} are weighed: name fewer")
    values = points["value"].to_numpy(float)
    values = values - values.mean()
    total = float(values @ values)
    explained = _explained(points, varied, values, total)
    whole, count = frozenset(varied), len(varied)
    shares = dict.fromkeys(choices, 0.0)
    for name in varied:
        for others in _subsets(whole - {name}):
            weight = 1 / (count * math.comb(count - 1, len(others)))
            shares[name] += weight * (explained[others | {name}] - explained[others])
    found = pd.Series(shares).sort_values(ascending=False, kind="stable")
    rest = 1 - explained[whole] if total > 0 else 0.0
    return pd.concat([found, pd.Series({"together": rest})])


def by_distance(points: pd.DataFrame, anchor: Mapping[str, str], *, sign: int) -> pd.DataFrame:
    """Estimates by the number of choices in which a specification differs from one of them.

    Parameters
    ----------
    points : pandas.DataFrame
        Of one unit: value, p_value and a column a choice.
    anchor : mapping of str to str
        Choice → option of the specification that one began with, such as the printed column's.
    sign : {-1, 1}
        Claimed.

    Returns
    -------
    pandas.DataFrame
        ``changed``, ``n_specs``, ``median``, ``low``, ``high``, ``share_clear`` (claimed sign, p < 0.05).

    Raises
    ------
    ParameterError
        If an option of the anchor is in no specification.
    """
    for name, option in anchor.items():
        if option not in set(points[name]):
            known = ", ".join(dict.fromkeys(points[name]))
            raise ParameterError(f"no specification has {name} '{option}'; there are: {known}")
    changed = sum((points[name] != option).astype(int) for name, option in anchor.items())
    clear = (points["value"] * sign > 0) & (points["p_value"] < 0.05)
    grouped = points.assign(changed=changed, clear=clear).groupby("changed")
    found = grouped["value"].agg(n_specs="size", median="median", low="min", high="max")
    return found.assign(share_clear=grouped["clear"].mean()).reset_index()


def effective_number(effects) -> float:
    """How many independent estimates a curve is worth, from what each city adds to each (Li & Ji 2005).

    Each eigenvalue of the correlations of the estimates counts as one where it is at least one, plus its part
    beyond the whole number below it.

    Parameters
    ----------
    effects : array_like, shape (C, S)
        :func:`~digital_clusters.analysis.joint_null.influence` of C cities on S specifications.

    Returns
    -------
    float
        Between 1 and S.
    """
    columns = np.asarray(effects, dtype=float)
    lengths = np.linalg.norm(columns, axis=0)
    columns = columns / np.where(lengths > 0, lengths, 1.0)
    values = np.clip(np.linalg.eigvalsh(columns.T @ columns), 0.0, None)
    # an eigenvalue that is whole but for rounding has no part beyond
    values = np.where(np.abs(values - np.rint(values)) < 1e-9, np.rint(values), values)
    return float(np.sum((values >= 1) + (values - np.floor(values))))


def _subsets(names: frozenset[str]):
    ordered = sorted(names)
    return (
        frozenset(chosen)
        for size in range(len(ordered) + 1)
        for chosen in itertools.combinations(ordered, size)
    )


def _explained(
    points: pd.DataFrame, names: Sequence[str], values: np.ndarray, total: float
) -> dict[frozenset[str], float]:
    """Set of choices → share of the variance that indicators of their options explain."""
    indicators = {name: pd.get_dummies(points[name], dtype=float).to_numpy() for name in names}
    found = {}
    for chosen in _subsets(frozenset(names)):
        if not chosen or total == 0:
            found[chosen] = 0.0
            continue
        basis = np.column_stack([np.ones(len(values)), *(indicators[name] for name in sorted(chosen))])
        left = values - basis @ np.linalg.lstsq(basis, values)[0]
        found[chosen] = 1 - float(left @ left) / total
    return found
