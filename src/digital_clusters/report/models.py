"""Several estimates side by side, one column a model."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from digital_clusters.errors import ParameterError
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.report.cautions import cautions
from digital_clusters.report.compare import STARS_NOTE, stars
from digital_clusters.report.tables import styled
from digital_clusters.report.words import number
from digital_clusters.sources.columns import words_of_term
from digital_clusters.wording import suggestion

if TYPE_CHECKING:
    from great_tables import GT

INSIDE = ("estimate", "did", "overall", "total")
"""Where a result that is more than one estimate keeps the one that a table shows."""


def table(
    models: Mapping[str, Any] | Sequence[Any],
    *,
    terms: Sequence[str] | None = None,
    title: str = "",
    note: str = "",
    decimals: int = 3,
) -> "GT":
    """Several estimates side by side: coefficients with stars, standard errors below, observations.

    Parameters
    ----------
    models : mapping of str to result, or sequence of results
        Estimates, fits and results that hold an estimate; without names they are numbered.
    terms : sequence of str, optional
        Which terms to show, in this order; by default all, in the order in which they appear.
    title, note : str
    decimals : int

    Returns
    -------
    great_tables.GT
        Shown by notebooks; ``.as_latex()`` and ``.as_raw_html()`` give the text. What an estimate warns of is
        a footnote to the kind of its errors.

    Raises
    ------
    ParameterError
        No model, a result that holds no estimate, or a term that no model has.

    Examples
    --------
    >>> import digital_clusters as dc
    >>> panel = dc.city_panel("twin").complete("growth_gap", "internet", "income")
    >>> alone = dc.two_way(panel, "growth_gap", "internet")
    >>> both = dc.two_way(panel, "growth_gap", "internet", controls="income")
    >>> "internet users" in dc.table([alone, both]).as_raw_html()
    True
    """
    estimates, shown, label = side_by_side_models(models, terms)
    rows = [row for term in shown for row in _rows(term, estimates, decimals)]
    rows += [{"Term": words} | cells for words, cells in _facts(estimates).items()]
    footnotes = cautions((len(rows) - 1, name, found) for name, found in estimates.items())
    shown_note = f"{STARS_NOTE} {note}".strip()
    found = styled(pd.DataFrame(rows), title, shown_note, label, footnotes=footnotes)
    return found.cols_align("center", list(estimates))


def side_by_side_models(
    models: Mapping[str, Any] | Sequence[Any], terms: Sequence[str] | None = None
) -> tuple[dict[str, Estimate], list[str], str]:
    """Estimates by the names of their models, the terms to show, and the label of their data.

    Raises
    ------
    ParameterError
        No model, a result that holds no estimate, or a term that no model has.
    """
    named = models if isinstance(models, Mapping) else {f"({k})": m for k, m in enumerate(models, start=1)}
    if not named:
        raise ParameterError("name at least one model")
    estimates = {name: estimate_of(model) for name, model in named.items()}
    known = list(dict.fromkeys(term for found in estimates.values() for term in found.terms))
    unknown = [term for term in terms or () if term not in known]
    if unknown:
        near = suggestion(unknown[0], known)
        raise ParameterError(f"no model has the term '{unknown[0]}'{near}; they have: {', '.join(known)}")
    label = ", ".join(dict.fromkeys(found.data or "your data" for found in estimates.values()))
    return estimates, list(terms or known), label


def estimate_of(result: Any) -> Estimate:
    """The estimate in a result: itself, or the one that stands under a name of :data:`INSIDE`.

    Raises
    ------
    ParameterError
        If there is none.
    """
    if isinstance(result, Estimate):
        return result
    for name in INSIDE:
        if isinstance(found := getattr(result, name, None), Estimate):
            return found
    raise ParameterError(f"a {type(result).__name__} holds no estimate that a table could show")


def _rows(term: str, estimates: Mapping[str, Estimate], decimals: int) -> list[dict[str, str]]:
    """Two rows: the coefficients with their stars, the standard errors below."""
    values, errors = {"Term": words_of_term(term)}, {"Term": ""}
    for name, found in estimates.items():
        values[name] = errors[name] = ""
        if term in found.terms:
            value, error = found[term]
            p = float(found.p_values[found.terms.index(term)])
            values[name], errors[name] = number(value, decimals) + stars(p), f"({number(error, decimals)})"
    return [values, errors]


def _facts(estimates: Mapping[str, Estimate]) -> dict[str, dict[str, str]]:
    facts = {"Observations": {name: number(found.n_observations, 0) for name, found in estimates.items()}}
    counts = {name: found.n_clusters for name, found in estimates.items()}
    if any(count is not None for count in counts.values()):
        facts["Clusters"] = {name: number(count, 0) if count else "" for name, count in counts.items()}
    facts["Errors"] = {name: found.errors.replace("_", " ") for name, found in estimates.items()}
    return facts
