"""What the chapter on measures of collaborative agglomeration shows."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from digital_clusters.measures.coagglomeration import coagglomeration_index
from digital_clusters.measures.moran import LocalMoran
from digital_clusters.measures.panel import Panel
from digital_clusters.report.figures_of_space import cluster_map, moran_over_years, value_map
from digital_clusters.report.glue import glue
from digital_clusters.report.style import BLUE, RED, canvas, house_style, stamp
from digital_clusters.report.tables import MISSING, lines, number, styled
from digital_clusters.sources.facts import city_facts
from digital_clusters.sources.tables import LABELS
from digital_clusters.studies.claimed import coverage
from digital_clusters.studies.collaborative_agglomeration import STUDY
from digital_clusters.studies.frozen import load_frozen
from digital_clusters.studies.spatial_patterns import INDICATORS

if TYPE_CHECKING:
    from great_tables import GT
    from matplotlib.figure import Figure

TWIN, PUBLIC = LABELS["twin"], LABELS["public"]
BOTH = f"{TWIN}, {PUBLIC}"
KIND_WORDS = {
    "contiguity": "contiguity",
    "inverse_distance": "inverse distance",
    "nearest": "nearest cities",
    "economic": "economic distance",
    "nested": "nested distance",
}
MEASURES = {
    "coagglomeration": (
        "co-agglomeration",
        "1 − |m − s| / (m + s) + (m + s), location quotients of employment",
    ),
    "misallocation": ("log misallocation", "mean log size of the capital and the labour wedge"),
    "internet": ("digital technology", "internet users per 10 residents"),
    "digital_finance": ("digital finance", "index, standardised within the year"),
}
"""Column → name and what it is on the twin."""
COLUMN_WORDS = {
    "coagglomeration": "co-agglomeration",
    "misallocation": "log misallocation",
    "capital_misallocation": "capital wedge, size",
    "labour_misallocation": "labour wedge, size",
}


@house_style
def index_contours(frame: pd.DataFrame, *, label: str) -> "Figure":
    """The index over the two location quotients, and where the city-years of a sample lie.

    Parameters
    ----------
    frame : pandas.DataFrame
        ``lq_manufacturing`` and ``lq_producer_services``.
    """
    m, s = (frame[f"lq_{name}"].to_numpy(float) for name in ("manufacturing", "producer_services"))
    reach = 1.05 * np.nanmax(np.concatenate([m, s]))
    grid = np.linspace(0.02, reach, 240)
    values = coagglomeration_index(*np.meshgrid(grid, grid))
    fig, ax = canvas(4.6)
    levels = np.arange(0.5, np.nanmax(values), 0.5)
    drawn = ax.contour(grid, grid, values, levels=levels, cmap="viridis", linewidths=1.1)
    ax.clabel(drawn, fontsize=8)
    ax.scatter(m, s, s=5, color=BLUE, alpha=0.25, linewidths=0, rasterized=True)
    ax.plot([0, reach], [0, reach], color="#888888", linestyle=":", linewidth=1)
    ax.set(
        xlabel="location quotient of manufacturing",
        ylabel="location quotient of producer services",
        xlim=(0, reach),
        ylim=(0, reach),
    )
    ax.set_aspect("equal")
    return stamp(fig, label)


@house_style
def trends(records: Mapping[str, Mapping[str, Sequence[dict]]], ylabels: Mapping[str, str]) -> "Figure":
    """Mean, median and middle four fifths of cities by year: a row an indicator, a column a source.

    Parameters
    ----------
    records : mapping of str to mapping of str to list of dict
        Label of the source → column → records of ``trend_record``.
    ylabels : mapping of str to str
        Column → name and unit.
    """
    fig, axes = canvas(2.2 * len(ylabels) + 0.6, len(ylabels), len(records), squeeze=False, sharex="col")
    for j, (label, tables) in enumerate(records.items()):
        colour = RED if label == PUBLIC else BLUE
        for i, (column, ylabel) in enumerate(ylabels.items()):
            ax, table = axes[i, j], pd.DataFrame(tables[column])
            ax.fill_between(table["year"], table["low"], table["high"], color=colour, alpha=0.18, linewidth=0)
            ax.plot(table["year"], table["median"], color=colour, linestyle="--", linewidth=1.1)
            ax.plot(table["year"], table["mean"], color=colour, marker="o", markersize=3.5)
            ax.set_ylabel(ylabel if j == 0 else "")
            ax.xaxis.get_major_locator().set_params(integer=True)
        axes[0, j].set_title(label)
        axes[-1, j].set_xlabel("year")
    return stamp(fig, ", ".join(records))


def twin_map(frame: pd.DataFrame) -> "Figure":
    """Each fictional city's mean co-agglomeration."""
    mean = frame.groupby("city")["coagglomeration"].mean()
    places = frame.groupby("city")[["lon", "lat"]].first().reset_index()
    return value_map(places, mean, value_label="co-agglomeration, mean over years", label=TWIN)


def public_map(record: Mapping[str, Any]) -> "Figure":
    """Each real city's mean index of two sectors, at its centroid."""
    mean = pd.DataFrame(record["patterns"]["mean_index"]).set_index("city")["value"]
    places = _real_places(mean.index)
    words = "two-sector index, mean over years"
    return value_map(places, mean, value_label=words, label=PUBLIC, outlines=True)


def public_clusters(record: Mapping[str, Any], column: str) -> "Figure":
    """Clusters of real cities by local Moran, tested one by one."""
    found = record["patterns"]["clusters"][column]
    table = pd.DataFrame(found["cities"])
    local = LocalMoran(table, found["level"], "none", found["permutations"])
    return cluster_map(_real_places(table["city"]), local, label=PUBLIC, outlines=True)


def twin_clusters(frame: pd.DataFrame, record: Mapping[str, Any]) -> "Figure":
    """Clusters of fictional cities; ``record`` is of ``cluster_record``."""
    local = LocalMoran(pd.DataFrame(record["cities"]), record["level"], "none", record["permutations"])
    places = frame.groupby("city")[["lon", "lat"]].first().reset_index()
    return cluster_map(places, local, label=TWIN)


def moran_figure(tables: Mapping[str, Any], label: str) -> "Figure":
    """Moran's I by year from frames or from records."""
    frames = {name: pd.DataFrame(table) for name, table in tables.items()}
    return moran_over_years(frames, label=label)


def cluster_counts(found: Mapping[str, Any]) -> dict[str, str]:
    """How many cities are in a cluster one by one, how many would be by chance, how many are left by rule."""
    names = pd.DataFrame(found["cities"])["cluster"]
    clustered = names.isin(["high-high", "low-low", "high-low", "low-high"]).sum()
    chance = found["level"] * len(names)
    return {"clustered": f"{clustered}", "chance": f"{chance:.0f}", "left": f"{found['left']}"}


def measures_table(panel: Panel, data: str) -> "GT":
    """What each measure is on the twin, what stands for it in public data, and where."""
    facts = load_frozen(STUDY).facts
    proxies = facts["proxies"]
    known = {row["column"]: row for row in coverage(data, STUDY)}
    rows = []
    for column, (name, meaning) in MEASURES.items():
        there = known.get(column)
        held = panel.frame.loc[panel.frame[column].notna()] if column in panel.frame else None
        rows.append(
            {
                "Measure": lines(name, [meaning]),
                TWIN: MISSING if held is None else _span(held["city"].nunique(), *_years(held)),
                PUBLIC: lines(
                    "none"
                    if there is None
                    else _span(there["cities"], there["first_year"], there["last_year"]),
                    [_public_words(column, proxies, facts["missing"])],
                ),
            }
        )
    note = "Cities in the fullest year, first and last year with a value; below, what stands in."
    return styled(pd.DataFrame(rows), "", note, BOTH, markup=["Measure", PUBLIC])


def _public_words(column: str, proxies: Mapping[str, str], missing: Mapping[str, str]) -> str:
    reason = missing.get(column, "the published index")
    return proxies.get(column, reason.split(": ", 1)[-1])


def _span(cities: int, first: int, last: int) -> str:
    return f"{cities} cities, {first}–{last}"


def _years(frame: pd.DataFrame) -> tuple[int, int]:
    return int(frame["year"].min()), int(frame["year"].max())


def moments_table(found: Mapping[str, Sequence[dict]]) -> "GT":
    """Moments of the measures, by the label of the source."""
    rows = [
        {
            "Measure": COLUMN_WORDS[row["column"]],
            "Data": label,
            "Mean": row["mean"],
            "S.d.": row["sd"],
            "Minimum": row["min"],
            "Maximum": row["max"],
            "Within s.d.": row["sd"] * row["within"] ** 0.5,
        }
        for label, moments in found.items()
        for row in moments
    ]
    frame = pd.DataFrame(rows).sort_values("Measure", kind="stable", key=_order)
    note = "Within s.d.: of what is left once means of cities and years are removed."
    return styled(frame, "", note, ", ".join(found))


def _order(column: pd.Series) -> pd.Series:
    return column.map(list(COLUMN_WORDS.values()).index)


def weights_table(found: Mapping[str, Sequence[dict]]) -> "GT":
    """The five kinds of weights with their rules, by the label of the source."""
    rows = [
        {
            "Weights": lines(KIND_WORDS[row["kind"]], [row["note"]]),
            "Data": label,
            "Cities": row["cities"],
            "Links a city": _links(row),
            "Islands": row["islands"],
        }
        for kind in KIND_WORDS
        for label, table in found.items()
        for row in table
        if row["kind"] == kind
    ]
    note = "Links: mean (smallest–largest). Islands: cities that had no neighbour before the rule."
    return styled(pd.DataFrame(rows), "", note, ", ".join(found), markup=["Weights"])


def _links(row: Mapping[str, Any]) -> str:
    if row["links_min"] == row["links_max"]:
        return number(row["links_min"], 0)
    return f"{number(row['links_mean'], 1)} ({row['links_min']}–{row['links_max']})"


def moran_range(tables: Mapping[str, Any], column: str) -> dict[str, str]:
    """Smallest and largest Moran's I of an indicator over the years, and years with p below 5 %."""
    table = pd.DataFrame(tables[INDICATORS[column]])
    clear = int((table["p_permutation"] < 0.05).sum())
    return {
        "low": number(table["moran"].min(), 2),
        "high": number(table["moran"].max(), 2),
        "clear": f"{clear} of {len(table)}",
    }


def _real_places(codes) -> pd.DataFrame:
    places = city_facts().set_index("city")[["lon", "lat"]]
    return places.loc[list(codes)].reset_index()


def glue_patterns(found: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]]) -> None:
    """Quote Moran's I and the counts of clusters: ``<source>-<column>-low``, ``-high``, ``-clear``, ….

    Parameters
    ----------
    found : mapping of str to (mapping, mapping)
        Source → tables of Moran's I by year, and records of clusters by column.
    """
    for source, (morans, clusters) in found.items():
        for column in INDICATORS:
            counts = cluster_counts(clusters[column]) if column in clusters else {}
            for name, text in (moran_range(morans, column) | counts).items():
                glue(f"{source}-{column}-{name}", text)
