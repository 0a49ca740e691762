"""What the chapter on the synthetic twin shows: what is planted, the calibration and its spread."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from digital_clusters.report import figures
from digital_clusters.report.glue import glue
from digital_clusters.report.style import BLUE, GREEN, RED, canvas, house_style, stamp
from digital_clusters.report.tables import styled
from digital_clusters.report.words import column_name, number
from digital_clusters.sources.tables import LABELS, RawTables
from digital_clusters.sources.twin import misallocation
from digital_clusters.sources.twin.truth import Truth, marginal_effect, project_truth, truth_file
from digital_clusters.studies.industrial_upgrading.calibration.countries import Countries
from digital_clusters.studies.industrial_upgrading.calibration.spread import count_met

if TYPE_CHECKING:
    from great_tables import GT
    from matplotlib.figure import Figure

LABEL = LABELS["twin"]
TERMS = {"uil": "structure", "uil:difi": "structure × digital index", "difi": "digital index"}
FINE = 4
"""Decimals of what is found: three would write the errors of products with the index as zero."""

INDEX_YEARS = (2012, None, 2021)
"""Years whose mean digital index the true effect is drawn at; ``None``: that of all years."""


def map_of(values: pd.Series, cities: pd.DataFrame, value_label: str) -> "Figure":
    """Cities of the synthetic map coloured by a value, ``values`` indexed by city code."""
    shown = cities.set_index("city")
    values = values.reindex(shown.index)
    return figures.city_map(shown["lon"], shown["lat"], values, value_label=value_label, label=LABEL)


@house_style
def true_effect_figure(frame: pd.DataFrame, truth: Truth | None = None) -> "Figure":
    """True marginal effect of upgrading over the index of structure, at three levels of the digital index."""
    truth = truth or project_truth()
    uil = np.linspace(frame["uil"].min(), frame["uil"].max(), 200)
    fig, ax = canvas(3.6)
    ax.axhline(0, color="#888888", linewidth=1)
    for year, colour in zip(INDEX_YEARS, (RED, BLUE, GREEN), strict=True):
        level = (frame if year is None else frame[frame["year"] == year])["difi"].mean()
        effect = marginal_effect(uil, np.full_like(uil, level), truth)
        words = f"digital index {number(level, 0)} ({year or 'all years'})"
        ax.plot(uil, effect, color=colour, label=words)
    ax.set(xlabel="index of industrial structure", ylabel="true effect on the Gini of light")
    fig.legend(loc="outside upper center", ncols=3)
    return stamp(fig, LABEL)


@house_style
def misses_figure(results: pd.DataFrame) -> "Figure":
    """Distance of each coefficient from the printed one, in printed standard errors."""
    fig, ax = canvas(0.9 + 0.27 * len(results))
    ax.axvspan(-1, 1, color="#000000", alpha=0.08, linewidth=0)
    ax.axvline(0, color="#888888", linewidth=1)
    ax.plot(results["miss"], range(len(results)), "o", color=BLUE, markersize=5)
    ax.set_yticks(range(len(results)), [place(row) for row in results.itertuples()])
    ax.set_ylim(len(results) - 0.4, -0.6)
    ax.set_xlabel("twin − paper, printed standard errors")
    return stamp(fig, LABEL)


@house_style
def turning_figure(truth: Truth | None = None) -> "Figure":
    """Correction of misallocation over co-agglomeration, at three levels of internet use."""
    truth = truth or project_truth()
    own = np.linspace(1.4, 3.4, 200)
    fig, ax = canvas(3.4)
    for users, colour in zip((5, 25, 45), (RED, BLUE, GREEN), strict=True):
        label = f"{users} internet users per 100"
        ax.plot(own, misallocation.planted_correction(own, users, False, truth), color=colour, label=label)
        ax.axvline(
            misallocation.planted_turning_point(users, False, truth), color=colour, linestyle=":", linewidth=1
        )
    ax.set(
        xlabel="co-agglomeration of manufacturing and producer services", ylabel="log points off the wedge"
    )
    fig.legend(loc="outside upper center", ncols=3)
    return stamp(fig, LABEL)


def place(row) -> str:
    """Printed place of a target and its term, such as "Table 6 (1), digital index"."""
    where = column_name(row.column)
    return where if row.term == "uil" else f"{where}, {TERMS[row.term]}"


def parts_table(parts: pd.DataFrame) -> "GT":
    """Coefficient of upgrading without parts of the outcome (``calibration_spread.without_parts``)."""
    shown = parts.rename(columns=column_name).rename_axis("Outcome").reset_index()
    return styled(shown, "What the recipe would find without parts of the outcome", "", LABEL)


def results_table(results: pd.DataFrame) -> "GT":
    """Printed, found and true values of the calibration's targets (``calibration.exact_results``)."""
    shown = pd.DataFrame(
        {
            "Coefficient": [place(row) for row in results.itertuples()],
            "printed": results["printed"],
            "printed error": results["printed_error"],
            "recipe on twin": results["found"],
            "its error": results["found_error"],
            "distance": results["miss"],
            "true effect": results["true_effect"],
        }
    )
    note = "Distance in printed standard errors. True effect: as planted, mean over the sample."
    decimals = dict.fromkeys(("recipe on twin", "its error", "true effect"), FINE) | {"distance": 2}
    return styled(shown, "What the recipe finds on the twin", note, LABEL, decimals=decimals)


def spread_table(summary: pd.DataFrame, title: str) -> "GT":
    """Mean and s.d. over seeds of each coefficient (``calibration.spread.by_target``)."""
    shown = pd.DataFrame(
        {
            "Coefficient": [place(row) for row in summary.itertuples()],
            "printed": summary["printed"],
            "printed error": summary["printed_error"],
            "mean": summary["mean"],
            "s.d.": summary["sd"],
            "share within one error": summary["within"],
        }
    )
    decimals = {"mean": FINE, "s.d.": FINE, "share within one error": 2}
    return styled(shown, title, "", LABEL, decimals=decimals)


def parameters_table(block: str, truth: Truth | None = None) -> "GT":
    """Values of one block of ``data/twin.yml`` with the comments that say what they mean."""
    values = getattr(truth or project_truth(), block).model_dump()
    words = comments(truth_file().read_text(encoding="utf-8"), block)
    rows = [
        {"Parameter": name, "Value": _plain(value), "Meaning": words.get(name, "").replace("`", "")}
        for name, value in values.items()
    ]
    return styled(pd.DataFrame(rows), "", "", f"data/twin.yml, {LABEL}")


def comments(text: str, block: str) -> dict[str, str]:
    """Parameter → the comment on its line, within one block of the file."""
    lines = text.split(f"\n{block}:\n", 1)[1].split("\n\n", 1)[0].splitlines()
    named = (line.partition("#") for line in lines if ":" in line.partition("#")[0])
    return {head.partition(":")[0].strip(): comment.strip() for head, _, comment in named}


def _plain(value) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_plain(item)}" for key, item in value.items())
    if isinstance(value, tuple | list):
        return ", ".join(map(_plain, value))
    return f"{value:,.4g}".replace("-", "−") if isinstance(value, float) else str(value)


def glue_country(twin: RawTables, frame: pd.DataFrame) -> None:
    """Quote how large the country is: ``country-cities``, ``-provinces``, …; ``study-cities``, ``-left-out``.

    Parameters
    ----------
    twin : RawTables
    frame : pandas.DataFrame
        City-years of the study.
    """
    cities, years = twin.table("cities"), twin.table("city_year")["year"]
    units = twin.table("lights").groupby(["city", "year"]).size()
    facts = {
        "cities": len(cities),
        "provinces": cities["province"].nunique(),
        "years": f"{years.min()} to {years.max()}",
        "municipalities": cities["is_municipality"].sum(),
        "capitals": cities["is_provincial_capital"].sum(),
        "industries": twin.table("city_industry_year")["industry"].nunique(),
        "townships": f"{units.min()} to {units.max()}",
    }
    for name, value in facts.items():
        glue(f"country-{name}", value)
    glue("study-cities", frame["city"].nunique())
    glue("study-left-out", len(cities) - frame["city"].nunique())


def glue_example(row: pd.Series, effect: float) -> None:
    """Quote one city-year and its true effect: ``example-name``, ``-year``, ``-uil``, ``-difi``, ``-effect``.

    ``example-change`` is what a tenth of a unit of structure does to its Gini.
    """
    glue("example-name", str(row["name"]))
    glue("example-year", int(row["year"]))
    glue("example-uil", float(row["uil"]), ".2f")
    glue("example-difi", float(row["difi"]), ".0f")
    glue("example-effect", float(effect), ".3f")
    glue("example-change", float(effect / 10), "+.3f")


def glue_parts(parts: pd.DataFrame, results: pd.DataFrame) -> None:
    """Quote ``stand-in-gap``: the farthest that the first row of ``parts`` lies from the recipe's results."""
    recipe = results[results["term"] == "uil"].set_index("column")["found"]
    first = parts.iloc[0]
    glue("stand-in-gap", float((first - recipe.reindex(first.index)).abs().max()), ".3f")


def glue_results(results: pd.DataFrame) -> None:
    """Quote in prose: how many targets are met, the worst, and the baseline beside its truth.

    ``columns`` is how many printed columns they are in, ``smaller-errors`` how many errors on the twin are
    smaller than printed.
    """
    glue("columns", results["column"].nunique())
    glue("smaller-errors", int((results["found_error"] < results["printed_error"]).sum()))
    missed = results["miss"].abs()
    base = results[(results["column"] == "table2.column2") & (results["term"] == "uil")].iloc[0]
    glue("met", int((missed <= 1).sum()))
    glue("targets", len(results))
    glue("worst", float(missed.max()), ".2f")
    glue("worst-place", place(results.loc[missed.idxmax()]))
    glue("base-found", float(base["found"]), ".3f")
    glue("base-printed", float(base["printed"]), ".3f")
    glue("base-truth", float(base["true_effect"]), ".3f")


def methods_table(methods: pd.DataFrame) -> "GT":
    """Estimates and their distance from the truth (``calibration.spread.absorbing_methods``)."""
    frame = pd.DataFrame(
        {
            "Method": methods["method"],
            "estimate": methods["found"],
            "distance from the truth": methods["found"] - methods["truth"],
            "estimate, no turn": methods["found_still"],
            "distance, no turn": methods["found_still"] - methods["truth"],
        }
    )
    truth = number(float(methods["truth"].iloc[0]))
    note = f"True average effect {truth}. No turn: the same country with a hidden turn of zero."
    return styled(
        frame, "Methods that absorb city effects, with the turn around 2016 and without", note, LABEL
    )


def glue_methods(methods: pd.DataFrame) -> None:
    """Quote in prose how the absorbing methods, all rows but the first, compare with the recipe, the first.

    ``absorbing``: how many; ``absorbing-farther`` and ``-still-farther``: how many are farther from the truth
    than the recipe, with the turn and without; ``absorbing-nearer``: those that are not, with the turn.
    """
    apart = (methods["found"] - methods["truth"]).abs()
    still = (methods["found_still"] - methods["truth"]).abs()
    farther, still_farther = apart.iloc[1:] > apart.iloc[0], still.iloc[1:] > still.iloc[0]
    glue("absorbing", len(farther))
    glue("absorbing-farther", int(farther.sum()))
    glue("absorbing-still-farther", int(still_farther.sum()))
    glue("absorbing-nearer", ", ".join(methods["method"].iloc[1:][~farther]) or "none")


def glue_countries(countries: Countries) -> None:
    """Quote the frozen counts: ``many``, ``many-mean``, ``-least``, ``-most`` and ``-all``."""
    met = np.array(countries.met)
    glue("many", len(met))
    glue("many-mean", float(met.mean()), ".1f")
    glue("many-least", int(met.min()))
    glue("many-most", int(met.max()))
    glue("many-all", int((met == countries.targets).sum()))


def glue_spread(name: str, spread: pd.DataFrame) -> None:
    """Quote in prose ``<name>-mean``, ``-least``, ``-most``: targets met a seed; and ``-seeds``."""
    met = count_met(spread)
    glue(f"{name}-mean", float(met.mean()), ".1f")
    glue(f"{name}-least", int(met.min()))
    glue(f"{name}-most", int(met.max()))
    glue(f"{name}-seeds", len(met))
