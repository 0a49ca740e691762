"""Tables and figures of variants: other designs, groups of cities, sides of a turning point."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.instrumental import InstrumentalEstimate
from digital_clusters.report.chapter_marginal_effects import KINDS, PER_UNIT, interval, p_text
from digital_clusters.report.style import BLUE, GREEN, RED, canvas, house_style, series, stamp
from digital_clusters.report.tables import MISSING, lines, number, styled

if TYPE_CHECKING:
    from great_tables import GT
    from matplotlib.figure import Figure

SIDES = {"left": BLUE, "right": RED}
"""Side of the turning point → colour."""

WIDE = 6
"""An interval so many times wider than the median one is drawn beyond the axis."""


def variants_table(found: Mapping[str, Mapping[str, Any]], label: str, note: str = "") -> "GT":
    """One line a specification: square, spatial parameter, effects left and right of the turning point.

    Parameters
    ----------
    found : mapping of str to mapping
        Words → record of ``sides``.
    """
    rows = []
    for words, row in found.items():
        cells = {"Specification": words, "Square": _estimated(*row["square"])}
        if any("product" in other for other in found.values()):
            cells["Product"] = _estimated(*row["product"]) if "product" in row else MISSING
        cells["ρ"] = MISSING if row["rho"] is None else _estimated(*row["rho"])
        for side in SIDES:
            for kind in KINDS[:2]:
                cells[f"{kind} {side}"] = _effect(row.get(f"{kind} {side}"))
        rows.append(cells | {"N": number(row["n"], 0)})
    spanners = {f"Effect, {side}": [f"{kind} {side}" for kind in KINDS[:2]] for side in SIDES}
    headings = {f"{kind} {side}": kind for side in SIDES for kind in KINDS[:2]}
    frame = pd.DataFrame(rows)
    markup = [name for name in frame if name not in ("Specification", "N")]
    text = (
        "Left and right: marginal effects at the 25 % and the 98 % quantile of co-agglomeration. "
        f"Standard errors in parentheses. {note}"
    ).strip()
    return styled(frame, "", text, label, spanners=spanners, headings=headings, markup=markup)


def _estimated(value: float, error: float) -> str:
    return lines(number(value), [f"({number(error)})"])


def _effect(row: Mapping[str, float] | None) -> str:
    return MISSING if row is None else _estimated(row["effect"], row["standard_error"])


@house_style
def variants_figure(
    found: Mapping[str, Mapping[str, Any]], *, label: str, planted: Mapping[str, float] | None = None
) -> "Figure":
    """Direct and indirect effects left and right of the turning point, one line a specification.

    Parameters
    ----------
    found : as :func:`variants_table`
    planted : mapping of str to float, optional
        ``direct left``, … → planted size.
    """
    fig, axes = canvas(1.2 + 0.34 * len(found), columns=2, sharey=True)
    for ax, kind in zip(axes, KINDS[:2], strict=True):
        ax.axvline(0, color="#888888", linewidth=1)
        for shift, (side, colour) in zip((-0.14, 0.14), SIDES.items(), strict=True):
            name = f"{kind} {side}"
            shown = [(k, row[name]) for k, row in enumerate(found.values()) if name in row]
            places = np.array([k for k, _ in shown]) + shift
            values = np.array([[row["effect"], row["low"], row["high"]] for _, row in shown])
            spans = np.abs(values[:, 1:] - values[:, :1]).T
            words = f"{side} of the turning point" if kind == KINDS[0] else None
            style = {"fmt": "o", "color": colour, "markersize": 4, "elinewidth": 1.2, "label": words}
            ax.errorbar(values[:, 0], places, xerr=spans, **style)
            if planted is not None:
                ax.axvline(planted[name], color=colour, linestyle="--", linewidth=1)
        ax.set_xlabel(f"{kind} effect, log points per unit")
        ax.set_xlim(*_window(found, kind))
        ax.grid(visible=False, axis="y")
    if planted is not None:
        axes[0].plot([], [], color="#666666", linestyle="--", linewidth=1, label="planted")
    axes[0].set_yticks(range(len(found)), list(found))
    axes[0].set_ylim(len(found) - 0.4, -0.6)
    fig.legend(loc="outside upper center", ncols=3)
    return stamp(fig, label)


def _window(found: Mapping[str, Mapping[str, Any]], kind: str) -> tuple[float, float]:
    """Range that holds zero and all intervals but those :data:`WIDE` times as wide as the median one."""
    ends = [
        (row["low"], row["high"])
        for one in found.values()
        for name, row in one.items()
        if name.startswith(kind)
    ]
    ends = np.array(ends)
    width = np.ptp(ends, axis=1)
    kept = ends[width <= WIDE * np.median(width)]
    low, high = min(kept.min(), 0), max(kept.max(), 0)
    return low - 0.06 * (high - low), high + 0.06 * (high - low)


def errors_table(by_rule: Mapping[str, Estimate], terms: Mapping[str, str], label: str) -> "GT":
    """Standard errors of the same coefficients by several covariance rules, and their ratio."""
    rules = list(by_rule)
    rows = []
    for term, words in terms.items():
        errors = [by_rule[rule][term][1] for rule in rules]
        row = {"Term": words, "Coefficient": number(by_rule[rules[0]][term][0])}
        row |= {rule: number(error) for rule, error in zip(rules, errors, strict=True)}
        rows.append(row | {"Ratio": number(errors[1] / errors[0], 2)})
    note = f"Ratio: {rules[1]} over {rules[0]}."
    return styled(pd.DataFrame(rows), "", note, label)


def instrument_table(
    found: InstrumentalEstimate, planted: Mapping[str, float], names: Mapping[str, str], label: str
) -> "GT":
    """Least squares and two-stage least squares of a linear effect, and of the planted curve.

    Parameters
    ----------
    planted, names : mapping of str to float, str
        Keys ``least_squares`` and ``estimate``.
    """
    rows = []
    for key, words in names.items():
        estimate = getattr(found, key)
        value, error = estimate.coefficients[0], estimate.standard_errors[0]
        rows.append(
            {
                "Regression": words,
                "Of the planted curve": number(planted[key]),
                "Estimate": number(value),
                "S.e.": number(error),
                "95 % interval": interval(*estimate.interval()[0]),
                "N": number(estimate.n_observations, 0),
            }
        )
    sets = " and ".join(interval(*piece) for piece in found.anderson_rubin.intervals)
    gap = found.endogeneity
    note = (
        f"First stage: F = {number(found.first_stage_f, 0)} (weak below {number(found.critical_f, 1)}). "
        f"Anderson–Rubin set {sets}. Difference of the two estimates: p = {p_text(float(gap.p_values[0]))}."
    )
    return styled(pd.DataFrame(rows), "", note, label)


def differences_table(
    found: pd.DataFrame, label: str, planted: Mapping[str, float] | None = None, note: str = ""
) -> "GT":
    """Differences of the direct effect between groups, with p values adjusted for their number."""
    rows = []
    for _, row in found.iterrows():
        cells = {"Difference": row["words"]}
        if planted is not None:
            cells["Planted"] = number(planted[row["words"]])
        rows.append(
            cells
            | {
                "Estimate": number(row["value"]),
                "S.e.": number(row["standard_error"]),
                "95 % interval": interval(row["low"], row["high"]),
                "p": p_text(row["p"]),
                "Holm": p_text(row["holm"]),
                "Benjamini–Hochberg": p_text(row["benjamini_hochberg"]),
            }
        )
    text = f"Differences of the direct effect, {PER_UNIT}. {note}".strip()
    return styled(pd.DataFrame(rows), "", text, label)


@house_style
def differences_figure(
    found: Mapping[str, pd.DataFrame], *, label: str, truth: float | None = None
) -> "Figure":
    """Differences of :func:`differences_table` with intervals, one colour a family.

    Parameters
    ----------
    found : mapping of str to pandas.DataFrame
        Words for the family → its differences, of the same groups.
    """
    names = list(next(iter(found.values()))["words"])
    fig, ax = canvas(1.3 + 0.45 * len(names))
    ax.axvline(0, color="#888888", linewidth=1)
    if truth is not None:
        ax.axvline(truth, color=GREEN, linestyle="--", linewidth=1.4, label="planted")
    colours = (BLUE, RED) if len(found) > 1 else (series(label)[0],)
    shifts = np.linspace(-0.15, 0.15, len(found)) if len(found) > 1 else [0.0]
    for shift, colour, (words, table) in zip(shifts, colours, found.items(), strict=False):
        spans = np.abs(table[["low", "high"]].to_numpy() - table[["value"]].to_numpy()).T
        places = np.arange(len(names)) + shift
        ax.errorbar(table["value"], places, xerr=spans, fmt="o", color=colour, markersize=4.5, label=words)
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("difference of the direct effect, log points per unit")
    fig.legend(loc="outside upper center", ncols=3)
    return stamp(fig, label)


def sides_table(rows: Sequence[Mapping[str, Any]], label: str) -> "GT":
    """Effects below and above a turning point by several ways of splitting.

    Parameters
    ----------
    rows : sequence of mapping
        ``words``, ``below``, ``above`` (pairs of value and error), ``planted`` (pair), ``n`` (text).
    """
    frame = pd.DataFrame(
        [
            {
                "Way": row["words"],
                "below planted": number(row["planted"][0]),
                "below": _estimated(*row["below"]),
                "above planted": number(row["planted"][1]),
                "above": _estimated(*row["above"]),
                "City-years": row["n"],
            }
            for row in rows
        ]
    )
    spanners = {"Below": ["below planted", "below"], "Above": ["above planted", "above"]}
    headings = {"below planted": "planted", "below": "estimate"}
    headings |= {"above planted": "planted", "above": "estimate"}
    note = f"Direct effects, {PER_UNIT}. Standard errors in parentheses, clustered by city."
    return styled(frame, "", note, label, spanners=spanners, headings=headings, markup=["below", "above"])


def omission_table(
    rows: Sequence[Mapping[str, Any]], names: Mapping[str, str], words: str, label: str
) -> "GT":
    """The identity of an omitted variable, term by term.

    Parameters
    ----------
    rows : records of ``omission``
    names : mapping of str to str
        Term → words.
    words : str
        The omitted variable.
    """
    frame = pd.DataFrame(
        [
            {
                "Term": names[row["term"]],
                "With it": number(row["with_it"]),
                "How it moves with the term": _estimated(row["moves"], row["moves_error"]),
                "times its effect": number(row["moves"] * row["effect"]),
                "Without it": number(row["without"]),
            }
            for row in rows
        ]
    )
    note = (
        f"It: {words}; its effect is {number(rows[0]['effect'])}. Two-way least squares, no spatial terms: "
        "the second column and the fourth add up to the last."
    )
    return styled(frame, "", note, label, markup=["How it moves with the term"])
