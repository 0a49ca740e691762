"""Tables and figures of a spatial model with a squared treatment: tests, coefficients, marginal effects."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from digital_clusters.estimators.estimate import Estimate
from digital_clusters.report.style import BLACK, GREEN, canvas, house_style, series, stamp
from digital_clusters.report.tables import MISSING, lines, number, styled

if TYPE_CHECKING:
    from great_tables import GT
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from digital_clusters.estimators.ratios import Ratio
    from digital_clusters.estimators.turning_points import UTest

LAG = "W·"
KINDS = ("direct", "indirect", "total")
PER_UNIT = "log points per unit of co-agglomeration"
TERMS = {
    "coagglomeration": "co-agglomeration",
    "coagglomeration^2": "co-agglomeration, squared",
    "coagglomeration:internet": "co-agglomeration × internet users",
    "internet": "internet users per 10 residents",
    "income": "log GDP per head",
    "population": "log population",
    "uil": "index of structure",
    "finance": "log credit over GDP",
    "delta_member": "member of the delta council",
    "years_as_member": "years as a member",
    "coagglomeration:delta_member": "co-agglomeration × member",
    "storefront_density": "storefront density",
    "neighbours_lead": "neighbours' lead in internet use",
    "neighbours_lead:delta_member": "neighbours' lead × member",
    "rho": "ρ",
}
"""Term → words."""


def tests_table(found: Mapping[str, Sequence[dict]]) -> "GT":
    """Tests between spatial models, one line a test, by the label of the source."""
    tables = {label: pd.DataFrame(rows).set_index("test") for label, rows in found.items()}
    nulls = pd.concat([table["null"] for table in tables.values()])
    nulls = nulls[~nulls.index.duplicated()]
    frame = pd.DataFrame({"Test": nulls.index, "Hypothesis": nulls.to_numpy()})
    spanners = {}
    for label, table in tables.items():
        columns = [f"{label} {name}" for name in ("χ²", "df", "p")]
        table = table.astype(object).reindex(nulls.index)
        table = table.where(table.notna(), None)
        frame[columns[0]] = [MISSING if v is None else number(v, 1) for v in table["statistic"]]
        frame[columns[1]] = [MISSING if v is None else str(v) for v in table["degrees_of_freedom"]]
        frame[columns[2]] = [p_text(p) for p in table["p_value"]]
        spanners[label] = columns
    headings = {name: name.split()[-1] for columns in spanners.values() for name in columns}
    note = (
        "LM: from the two-way model without spatial terms. LR and Wald: what the Durbin model is reduced to. "
        "All by the information matrix. A dash: a model that the test compares has no maximum."
    )
    return styled(frame, "", note, ", ".join(found), spanners=spanners, headings=headings)


def p_text(p: float | None) -> str:
    """A p value with three decimals, or below 0.001."""
    if p is None:
        return MISSING
    return "< 0.001" if p < 0.001 else number(p)


def coefficients_table(estimate: Estimate, label: str) -> "GT":
    """Coefficients of the terms beside those of their spatial lags, then the spatial parameter."""
    rows = []
    for term in (t for t in estimate.terms if not t.startswith(LAG) and t != "sigma2"):
        lag = LAG + term
        rows.append(
            {
                "Term": TERMS.get(term, term),
                "Own": _cell(estimate, term),
                "Neighbours' mean": _cell(estimate, lag) if lag in estimate.terms else MISSING,
            }
        )
    count = f"{estimate.n_observations:,} city-years"
    clusters = "" if estimate.n_clusters is None else f", errors clustered by {estimate.n_clusters} cities"
    return styled(
        pd.DataFrame(rows),
        "",
        f"Standard errors in parentheses. {count}{clusters}. City and year effects.",
        label,
        markup=["Own", "Neighbours' mean"],
    )


def _cell(estimate: Estimate, term: str) -> str:
    value, error = estimate[term]
    return lines(number(value), [f"({number(error)})"])


def effects_table(
    found: Sequence[dict] | pd.DataFrame, label: str, planted: np.ndarray | None = None
) -> "GT":
    """Marginal effects at quantiles with both intervals.

    Parameters
    ----------
    found : records of ``quantile_effects``
    planted : numpy.ndarray, shape (number of quantiles, 3), optional
    """
    table = pd.DataFrame(found)
    rows = []
    for place, (_, row) in enumerate(table.iterrows()):
        cells = {
            "Co-agglomeration": f"{number(row['c'], 2)} ({100 * row['quantile']:.0f} %)"
            if row["kind"] == KINDS[0]
            else "",
            "Effect": row["kind"],
        }
        if planted is not None:
            cells["Planted"] = number(planted.ravel()[place])
        cells |= {
            "Estimate": number(row["effect"]),
            "S.e.": number(row["standard_error"]),
            "Delta interval": interval(row["low"], row["high"]),
            "Simulated interval": interval(row["simulated_low"], row["simulated_high"]),
        }
        rows.append(cells)
    note = f"Marginal effects, {PER_UNIT}; in parentheses the quantile. Intervals at 95 per cent."
    return styled(pd.DataFrame(rows), "", note, label)


def interval(low: float, high: float) -> str:
    """An interval in brackets."""
    return f"[{number(low)}, {number(high)}]"


@house_style
def effects_figure(
    grid: pd.DataFrame | Mapping[str, Sequence],
    *,
    label: str,
    planted: np.ndarray | None = None,
    turning: tuple[float, Sequence[Sequence[float]]] | None = None,
    planted_turning: float | None = None,
) -> "Figure":
    """Direct and indirect marginal effect over the treatment with delta bands.

    Parameters
    ----------
    grid : pandas.DataFrame or its columns
        Of ``effects_at``.
    planted : numpy.ndarray, shape (points, 3), optional
        At the same values.
    turning : (float, sequence of pairs), optional
        Turning point and the pieces of its set.
    """
    grid, (colour, _) = pd.DataFrame(grid), series(label)
    fig, axes = canvas(3.6, columns=2, sharex=True)
    for k, (ax, kind) in enumerate(zip(axes, KINDS[:2], strict=True)):
        part = grid[grid["kind"] == kind]
        ax.axhline(0, color="#888888", linewidth=1)
        band = {"color": colour, "alpha": 0.18, "linewidth": 0}
        ax.fill_between(
            part["c"], part["low"], part["high"], label="95 % band, delta" if not k else None, **band
        )
        ax.plot(part["c"], part["effect"], color=colour, label="estimate" if not k else None)
        if planted is not None:
            words = "planted" if not k else None
            ax.plot(part["c"], planted[:, k], color=GREEN, linestyle="--", label=words)
        ax.set(xlabel="co-agglomeration", ylabel=f"{kind} effect, log points per unit")
        ax.set_xlim(part["c"].min(), part["c"].max())
    _mark_turning(axes[0], turning, planted_turning)
    fig.legend(loc="outside upper center", ncols=3)
    return stamp(fig, label)


def _mark_turning(ax: "Axes", turning, planted: float | None) -> None:
    if turning is not None:
        ax.axvline(turning[0], color=BLACK, linewidth=1, label="turning point")
        for low, high in turning[1]:
            ax.axvspan(low, high, color=BLACK, alpha=0.1, linewidth=0, label="its Fieller set")
    if planted is not None:
        ax.axvline(planted, color=GREEN, linewidth=1, linestyle=":", label="planted turning point")


def turning_table(point: "Ratio", test: "UTest", planted: float, label: str) -> "GT":
    """A turning point with both sets, and the joint test of a U shape over a range."""
    slopes = [f"{number(s)} (t = {number(t, 1)})" for s, t in zip(test.slopes, test.t, strict=True)]
    rows = {
        "turning point": number(point.value, 2),
        "planted": number(planted, 2),
        "delta interval": f"[{number(point.delta[0], 2)}, {number(point.delta[1], 2)}]",
        "Fieller set": str(point.fieller),
        f"slope at {number(test.ends[0], 2)}": slopes[0],
        f"slope at {number(test.ends[1], 2)}": slopes[1],
        "joint test of a U shape, p": p_text(test.overall_p),
    }
    frame = pd.DataFrame({"Quantity": list(rows), "Value": list(rows.values())})
    note = "Own coefficients at the mean of the moderator; slopes at the 1 % and the 99 % quantile."
    return styled(frame, "", note, label)


def crossing(grid: pd.DataFrame, kind: str) -> float:
    """Treatment at which a marginal effect, which is a line in it, is zero."""
    part = grid[grid["kind"] == kind]
    slope, level = np.polyfit(part["c"], part["effect"], 1)
    return float(-level / slope)
