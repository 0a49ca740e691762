"""All claims of a study as one family: adjusted p values where the same cities decide every claim.

Each claim's number is linear in what each city adds to it, whatever the estimator: a two-way regression, a
product of two coefficients, a marginal effect of a spatial model, a matched comparison. Under the null the
same random signs of whole cities go through all of them, so that the claims are as alike as they are in the
data (Romano & Wolf 2005, 2016; the signs are those of a score bootstrap, Kline & Santos 2012).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from digital_clusters.analysis.adoption import accession, matched
from digital_clusters.analysis.claims import Claim, load_claims
from digital_clusters.analysis.data import load_tables
from digital_clusters.analysis.fit import Fit, fit
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.inference.moderation import LEVEL
from digital_clusters.analysis.joint_null import influence, without_each
from digital_clusters.analysis.power import truth_hash
from digital_clusters.analysis.sample import adapt
from digital_clusters.analysis.spatial.curves import mean_moderator, polynomial
from digital_clusters.analysis.study import Study
from digital_clusters.errors import ParameterError
from digital_clusters.estimators.panel.demeaning import demean_two_way
from digital_clusters.estimators.resampling.multiple_testing import adjust, step_down
from digital_clusters.estimators.spatial.effects import marginal_effects, marginal_gradients
from digital_clusters.measures.panel import Panel

DRAWS, SEED = 4999, 20161113
"""Random signs of cities."""

DEALS = 500
"""Of a trial."""

Moved = tuple[float, pd.Series]
"""A number, and by how much it changes with each city."""


def claim_family(
    study: Study, panel: Panel, *, public: bool = False, draws: int = DRAWS, seed: int = SEED
) -> list[dict[str, Any]]:
    """Every claim's number with the p value of its own and those of the family.

    A curvature is tested by the coefficient of the square, a movement of the turning point by that of the
    product, without which there is none.

    Parameters
    ----------
    study : Study
    panel : Panel
    public : bool
        By the claims' stand-ins for public data.
    draws, seed : int

    Returns
    -------
    list of dict
        ``claim``, ``value``, ``error`` (of the cities' influences), ``t``, ``sign`` (claimed); ``p``, of the
        bootstrap of the claim alone; ``holm`` and ``romano_wolf``; ``cities``, see :func:`cities_behind`.
    """
    moved, claims = {}, []
    for claim in load_claims(study.key).claims:
        name = claim.public if public else claim.spec
        if name is None:
            continue
        spec, _ = adapt(study.specs[name], panel)
        asked = claim.model_copy(update={"term": claim.public_term}) if public else claim
        moved[claim.key] = city_influence(asked, fit(spec, panel), study)
        claims.append(claim)
    return family_rows(moved, {claim.key: claim.sign for claim in claims}, draws=draws, seed=seed)


def family_rows(
    moved: Mapping[str, Moved], signs: Mapping[str, int], *, draws: int, seed: int
) -> list[dict[str, Any]]:
    """Rows of :func:`claim_family` from numbers and what each city adds to them.

    Cities that take no part in a number add nothing to it.
    """
    values = np.array([value for value, _ in moved.values()])
    table = pd.concat({key: series for key, (_, series) in moved.items()}, axis=1).fillna(0.0).sort_index()
    effects = table.to_numpy()
    present = np.array([len(series) for _, series in moved.values()])
    errors = np.sqrt((effects**2).sum(axis=0) * (present - 1) / present)
    t = values / errors
    coins = np.random.default_rng(seed).choice([-1.0, 1.0], size=(draws, len(effects)))
    null = coins @ effects / np.sqrt((effects**2).sum(axis=0))
    alone = {key: float(step_down(t[[k]], null[:, [k]])[0]) for k, key in enumerate(moved)}
    together, holm = step_down(t, null), adjust(alone)["holm"]
    return [
        {
            "claim": key,
            "value": float(values[k]),
            "error": float(errors[k]),
            "t": float(t[k]),
            "sign": signs[key],
            "p": alone[key],
            "holm": float(holm[key]),
            "romano_wolf": float(together[k]),
            "cities": cities_behind(effects[:, k]),
        }
        for k, key in enumerate(moved)
    ]


def cities_behind(effects: np.ndarray) -> float:
    """Number of cities with equal effects, shape (C,), whose squares would sum to a variance as uncertain.

    (Σ e²)² / Σ e⁴: C where all are as large, one where a single city decides the number. A bootstrap of signs
    has a tail that is too short where it is small (MacKinnon & Webb 2018).

    Examples
    --------
    >>> cities_behind(np.array([1.0, -1.0, 1.0, 0.0]))
    3.0
    """
    squares = effects**2
    return float(squares.sum() ** 2 / (squares**2).sum())


def city_influence(claim: Claim, found: Fit, study: Study) -> Moved:
    """The claim's number, and by how much it changes with each city, by code of the city.

    Raises
    ------
    ParameterError
        A claim on matched cities of a study without a policy.
    """
    return _KINDS[claim.quantity](claim, found, study)


def _coefficient(claim: Claim, found: Fit, study: Study) -> Moved:
    return _of_term(found, claim.term or found.spec.treatment)


def _of_term(found: Fit, term: str) -> Moved:
    if found.spec.method != "spatial_panel":
        series = influence(found, term)
        assert series is not None
        return found.term(term).value, series
    gradient = np.zeros(len(found.estimate.terms))
    gradient[found.estimate.position(term)] = 1.0
    return found.term(term).value, _of_gradient(found, gradient)


def _of_gradient(found: Fit, gradient: np.ndarray) -> pd.Series:
    """By how much a function of the coefficients of a spatial model changes with each city."""
    return pd.Series(found.spatial.influences @ gradient, index=np.unique(found.design.entity))


def _indirect_effect(claim: Claim, found: Fit, study: Study) -> Moved:
    """Of a product: b times what a changes by, plus a times what b does."""
    arrays, place = found.design, found.spec.mediators.index(str(claim.term))
    columns = np.column_stack([arrays.outcome, arrays.mediators, arrays.regressors])
    labels, entity = np.unique(arrays.entity, return_inverse=True)
    left = demean_two_way(columns, entity, np.unique(arrays.time, return_inverse=True)[1])
    count = arrays.mediators.shape[1]
    mediator, treatment = left[:, 1 + place], left[:, 1 + count :]
    everything = np.column_stack([treatment, left[:, 1 : 1 + count]])
    a = np.linalg.lstsq(treatment, mediator, rcond=None)[0][0]
    b = np.linalg.lstsq(everything, left[:, 0], rcond=None)[0][place - count]
    of_a = without_each(mediator, treatment, entity)[:, 0]
    of_b = without_each(left[:, 0], everything, entity)[:, place - count]
    return float(a * b), pd.Series(b * of_a + a * of_b, index=labels)


def _marginal_effect(place: int) -> Callable[[Claim, Fit, Study], Moved]:
    def effect(claim: Claim, found: Fit, study: Study) -> Moved:
        at: dict[str, Any] = {
            "c": float(found.sample[found.spec.treatment].quantile(claim.at)),
            "z": mean_moderator(found),
        }
        curve = polynomial(found)
        value = marginal_effects(found.spatial, curve, **at, intervals="delta").effects[0, place]
        return float(value), _of_gradient(found, marginal_gradients(found.spatial, curve, **at)[0, place])

    return effect


def _shift(claim: Claim, found: Fit, study: Study) -> Moved:
    """Of the product alone, in units of the shift: the square is what it is when there is no product."""
    value, moved = _of_term(found, found.product)
    per_unit = -0.5 / found.term(f"{found.spec.treatment}^2").value
    return per_unit * value, per_unit * moved


def _matched(claim: Claim, found: Fit, study: Study) -> Moved:
    if study.policy is None:
        raise ParameterError(f"claim '{claim.key}' is about adopting a policy, and '{study.key}' names none")
    pairs = matched(found.spec, found.panel, study.policy)
    rows = _weighted_rows(found, study, pairs.weights)
    labels, entity = np.unique(rows["entity"], return_inverse=True)
    columns = np.column_stack([rows["outcome"], rows["treated"]])
    time = np.unique(rows["time"], return_inverse=True)[1]
    root = np.sqrt(rows["weights"])
    left = demean_two_way(columns, entity, time, rows["weights"]) * root[:, None]
    series = pd.Series(without_each(left[:, 0], left[:, 1:], entity)[:, 0], index=labels)
    return pairs.did.term("did").value, series


def _weighted_rows(found: Fit, study: Study, weights: np.ndarray) -> dict[str, np.ndarray]:
    assert study.policy is not None
    arrays = accession(found.spec, found.panel, study.policy)
    kept = weights > 0
    return {
        "outcome": arrays.outcome[kept],
        "treated": (arrays.time >= arrays.adoption)[kept].astype(float),
        "entity": arrays.entity[kept],
        "time": arrays.time[kept],
        "weights": weights[kept],
    }


_KINDS: dict[str, Callable[[Claim, Fit, Study], Moved]] = {
    "coefficient": _coefficient,
    "indirect_effect": _indirect_effect,
    "own_marginal_effect": _marginal_effect(0),
    "neighbours_marginal_effect": _marginal_effect(1),
    "curvature": lambda claim, found, study: _of_term(found, f"{found.spec.treatment}^2"),
    "turning_point_shift": _shift,
    "matched_did": _matched,
}


def deal_columns(panel: Panel, columns: Iterable[str], rng: np.random.Generator) -> Panel:
    """A panel in which each city has the whole path of another city in some columns.

    Outcomes, moderators and mediators stay: nothing that the columns are claimed to do is true.
    """
    names = list(columns)
    cities = np.unique(panel.frame["city"])
    other = dict(zip(cities, rng.permutation(cities), strict=True))
    keys = pd.MultiIndex.from_arrays([panel.frame["city"].map(other), panel.frame["year"]])
    dealt = panel.frame.set_index(["city", "year"])[names].reindex(keys)
    return replace(panel, frame=panel.frame.assign(**{name: dealt[name].to_numpy() for name in names}))


def try_family(
    study: Study, panel: Panel, columns: Iterable[str], *, deals: int, draws: int = 999, seed: int = SEED
) -> dict[str, Any]:
    """How often a family in which every claim is false has one that is found at 5 %.

    Returns
    -------
    dict
        ``deals``; ``alone``: share of deals with a p value of its own below 5 %; ``one``: mean share of
        claims found; ``holm``, ``romano_wolf``: share of deals with an adjusted one; ``claims``: a record a
        claim with its key, ``found``, the share of deals in which it is found alone, and ``cities``, the
        median over deals of :func:`cities_behind`.
    """
    rng, rows, names = np.random.default_rng(seed), [], list(columns)
    claims: list[pd.DataFrame] = []
    for _ in range(deals):
        found = pd.DataFrame(claim_family(study, deal_columns(panel, names, rng), draws=draws))
        claims.append(found[["claim", "cities"]].assign(found=found["p"] <= LEVEL))
        rejected = found[["p", "holm", "romano_wolf"]] <= LEVEL
        rows.append({"one": rejected["p"].mean()} | rejected.any().to_dict())
    means = pd.DataFrame(rows).astype(float).mean().rename({"p": "alone"})
    shares = {str(name): float(value) for name, value in means.items()}
    return {"deals": deals} | shares | {"claims": _by_claim(claims)}


def _by_claim(claims: Sequence[pd.DataFrame]) -> list[dict[str, Any]]:
    grouped = pd.concat(claims).groupby("claim", sort=False)
    return grouped.agg(found=("found", "mean"), cities=("cities", "median")).reset_index().to_dict("records")


@dataclass(frozen=True)
class ClaimFamily:
    """What a study declares of the family of its claims.

    Attributes
    ----------
    record : str
        Name of the frozen file.
    dealt : tuple of str
        Columns of the twin whose paths are dealt anew over cities, so that no claim is true.
    """

    record: str
    dealt: tuple[str, ...]

    def results(self, study: Study) -> dict[str, Any]:
        """Public claims and the trial: the arguments of ``frozen.freeze``."""
        facts = {
            "public": claim_family(study, study.panel("public"), public=True),
            "trial": try_family(study, study.panel("twin"), self.dealt, deals=DEALS),
            "draws": DRAWS,
        }
        inputs = dict(load_tables("public").provenance) | {"data/twin.yml": truth_hash()}
        return {"estimates": {}, "notes": {}, "facts": facts, "inputs": inputs}

    def public_rows(self, study: Study, data: str = "twin") -> list[Mapping[str, Any]]:
        """Rows of public data: made now if ``data`` is ``public``, else as frozen."""
        if data == "public":
            return list(claim_family(study, study.panel("public"), public=True))
        return load_frozen(self.record).facts["public"]
