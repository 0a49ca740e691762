"""Several estimates drawn beside each other, as :func:`digital_clusters.report.models.table` lists them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from digital_clusters.report.models import side_by_side_models
from digital_clusters.report.style import CYCLE, canvas, house_style, stamp
from digital_clusters.sources.columns import words_of_term

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MARKERS = ("o", "s", "D", "^", "v", "P", "X")

SPREAD = 0.6
"""Part of a term's row over which its models stand."""


@house_style
def coefficient_plot(
    models: Mapping[str, Any] | Sequence[Any],
    *,
    terms: Sequence[str] | None = None,
    xlabel: str = "coefficient, 95 % interval",
) -> "Figure":
    """Coefficients of several estimates with 95 % intervals: a row a term, a mark a model.

    Parameters
    ----------
    models : mapping of str to result, or sequence of results
        As in :func:`digital_clusters.report.models.table`.
    terms : sequence of str, optional
        Which terms to draw, from top to bottom; by default all. Terms in unlike units are better drawn apart.
    xlabel : str

    Returns
    -------
    matplotlib.figure.Figure
        Shown by notebooks; ``.savefig("figure.pdf")`` writes it.

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
    >>> figure = dc.coefficient_plot({"alone": alone, "with income": both})
    >>> [text.get_text() for text in figure.axes[0].get_yticklabels()]
    ['internet users per 10 residents', 'log GDP per head']
    """
    estimates, shown, label = side_by_side_models(models, terms)
    fig, ax = canvas(1.0 + max(0.42, 0.2 * len(estimates)) * len(shown))
    ax.axvline(0, color="#888888", linewidth=1)
    for k, (name, found) in enumerate(estimates.items()):
        there = [(row, found.term(term)) for row, term in enumerate(shown) if term in found.terms]
        aside = SPREAD * ((k + 0.5) / len(estimates) - 0.5)
        places, marks = [row + aside for row, _ in there], [mark for _, mark in there]
        span = [[mark.value - mark.low for mark in marks], [mark.high - mark.value for mark in marks]]
        look = {"fmt": MARKERS[k % len(MARKERS)], "color": CYCLE[k % len(CYCLE)], "markersize": 5}
        ax.errorbar([mark.value for mark in marks], places, xerr=span, label=name, **look)
    ax.set_yticks(range(len(shown)), [words_of_term(term) for term in shown])
    ax.set_ylim(len(shown) - 0.5, -0.5)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(xlabel)
    fig.legend(loc="outside upper center", ncols=min(len(estimates), 4))
    return stamp(fig, label)
