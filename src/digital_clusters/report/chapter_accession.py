"""What the chapter on the mechanism shows of accession to the delta council: balance, paths, designs."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from digital_clusters.report.chapter_marginal_effects import interval, p_text
from digital_clusters.report.figures_of_designs import event_study
from digital_clusters.report.figures_of_matching import love_plot
from digital_clusters.report.glue import glue
from digital_clusters.report.style import GREEN, canvas, house_style, series, stamp
from digital_clusters.report.tables import MISSING, number, styled
from digital_clusters.sources.tables import LABELS
from digital_clusters.studies.adoption_designs import Designs

if TYPE_CHECKING:
    from great_tables import GT
    from matplotlib.figure import Figure

    from digital_clusters.estimators.moving_turning_points import TurningPath
    from digital_clusters.estimators.ratios import Ratio
    from digital_clusters.studies.power import Power

TWIN, PUBLIC = LABELS["twin"], LABELS["public"]
YLABEL = "effect on log misallocation, log points"
SINCE = "years since joining the council"
DIFFUSION_NOTE = (
    "Outcome: internet users per 10 residents. Share of the lead a year earlier that a city makes up; city "
    "and year effects, controls, errors clustered by city."
)
CONTROL_WORDS = {
    "never": "cities that never join",
    "not_yet": "cities that join later",
    "already": "cities that joined earlier",
    "always": "members from the first year on",
}
COVARIATE_WORDS = {
    "propensity score": "propensity score",
    "income": "log GDP per head",
    "population": "log population",
    "uil": "index of structure",
    "finance": "log credit over GDP",
    "coagglomeration": "co-agglomeration",
}


def cohorts_table(found: Mapping[str, Sequence[dict]]) -> "GT":
    """Cities by the year they join, a column a source."""
    rows = {label: {row["year"]: row["cities"] for row in table} for label, table in found.items()}
    years = sorted({year for table in rows.values() for year in table if year is not None})
    frame = pd.DataFrame(
        {
            "Joins": [f"{year:.0f}" for year in years] + ["not in these years"],
            **{label: [_count(table.get(year)) for year in (*years, None)] for label, table in rows.items()},
        }
    )
    note = "Cities that are complete in the outcome and in the covariates of the propensity score."
    return styled(frame, "", note, ", ".join(found))


def _count(value: int | None) -> str:
    return MISSING if value is None else number(value, 0)


def balance_figure(balance: pd.DataFrame, label: str) -> "Figure":
    """Standardised differences before and after matching, in words."""
    return love_plot(balance.rename(index=COVARIATE_WORDS), label=label)


def designs_table(
    rows: Sequence[dict], label: str, planted: Sequence[float] = (), mean: float | None = None
) -> "GT":
    """Every estimate of the effect of accession.

    Parameters
    ----------
    rows : records of ``adoption_record``'s ``estimates``
    planted : sequence of float
        What each design finds of the planted effect alone; empty where nothing is planted.
    mean : float, optional
        Planted effect over the city-years of members; told in the note.
    """
    frame = pd.DataFrame(
        [
            {"Design": row["design"]}
            | ({"Of the planted effect": number(planted[place])} if len(planted) else {})
            | {
                "Estimate": number(row["value"]),
                "S.e.": number(row["standard_error"]),
                "95 % interval": interval(row["low"], row["high"]),
                "Cities": row["cities"],
                "N": number(row["n"], 0),
            }
            for place, row in enumerate(rows)
        ]
    )
    told = "" if mean is None else f" Planted, mean over city-years of members: {number(mean)}."
    return styled(frame, "", f"Log points of misallocation, errors clustered by city.{told}", label)


@house_style
def designs_figure(rows: Sequence[dict], *, label: str, planted: float | None = None) -> "Figure":
    """The estimates of :func:`designs_table` with intervals."""
    colour, marker = series(label)
    values = np.array([[row["value"], row["low"], row["high"]] for row in rows])
    fig, ax = canvas(1.1 + 0.34 * len(rows))
    ax.axvline(0, color="#888888", linewidth=1)
    if planted is not None:
        ax.axvline(planted, color=GREEN, linestyle="--", linewidth=1.4, label="planted, mean over city-years")
        fig.legend(loc="outside upper center")
    spans = np.abs(values[:, 1:] - values[:, :1]).T
    ax.errorbar(values[:, 0], range(len(rows)), xerr=spans, fmt=marker, color=colour, markersize=5)
    ax.set_yticks(range(len(rows)), [row["design"] for row in rows])
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(YLABEL)
    return stamp(fig, label)


def path_figure(
    path: Sequence[dict] | pd.DataFrame, label: str, planted: pd.DataFrame | None = None
) -> "Figure":
    """An event study, with the planted path where there is one.

    Parameters
    ----------
    path : records with ``relative``, ``effect``, ``low`` and ``high``
    planted : pandas.DataFrame, optional
        Of ``accession_path``; the first period of a binned path is left as its own year.
    """
    table = pd.DataFrame(path)
    truth = None
    if planted is not None:
        truth = table["relative"].map(planted.set_index("relative")["effect"]).to_numpy(float)
    return event_study(
        table["relative"],
        table["effect"],
        table[["low", "high"]],
        xlabel=SINCE,
        ylabel=YLABEL,
        label=label,
        base=-1,
        truth=truth,
    )


def bacon_table(found: Mapping[str, Sequence[dict]]) -> "GT":
    """Weight and estimate of each kind of comparison in the static two-way estimate, by source."""
    frame = pd.DataFrame({"Compared with": list(CONTROL_WORDS.values())})
    spanners = {}
    for label, rows in found.items():
        by_kind = {row["kind"]: row for row in rows}
        columns = [f"{label} weight, %", f"{label} estimate"]
        frame[columns[0]] = [number(100 * by_kind[kind]["weight"], 1) for kind in CONTROL_WORDS]
        frame[columns[1]] = [number(by_kind[kind]["estimate"]) for kind in CONTROL_WORDS]
        spanners[label] = columns
    headings = {name: name.split(" ")[-2] + " %" for columns in spanners.values() for name in columns[:1]}
    headings |= {name: "estimate" for columns in spanners.values() for name in columns[1:]}
    note = "Of the two-way estimate that keeps members of the first year as controls."
    return styled(frame, "", note, ", ".join(found), spanners=spanners, headings=headings)


def pretrend_table(found: Mapping[str, Mapping[str, Any]]) -> "GT":
    """Tests that nothing precedes accession, and the permutation of accession itself, by source."""
    names = {
        "wald_p": "nothing before joining: Wald test, clustered errors",
        "pretrend_p": "nothing before joining: residual paths dealt anew",
        "placebo_p": "no effect: years of joining dealt anew",
    }
    frame = pd.DataFrame({"Test": list(names.values())})
    for label, record in found.items():
        frame[label] = [p_text(record[key]) for key in names]
    draws = next(iter(found.values()))["draws"]
    note = f"p values; {draws:,} permutations. The fifth year before joining holds all earlier ones."
    return styled(frame, "", note, ", ".join(found))


@house_style
def cell_weights_figure(designs: Designs, *, label: str) -> "Figure":
    """Weight of each treated cohort and year in the two-way estimate that keeps the first year's members.

    A negative weight turns the effect of those cities in that year around.
    """
    cells = designs.weights_kept.cells
    fig, ax = canvas(3.2)
    ax.axhline(0, color="#888888", linewidth=1)
    markers = "osD^vP"
    for marker, (cohort, part) in zip(markers, cells.groupby("adoption"), strict=False):
        each = 100 * part["weight"] / part["n_units"]
        ax.plot(part["time"], each, marker=marker, markersize=4, linewidth=1, label=f"joined {cohort}")
    ax.set(xlabel="year", ylabel="weight of a city-year, %")
    ax.xaxis.get_major_locator().set_params(integer=True)
    fig.legend(loc="outside upper center", ncols=5)
    return stamp(fig, label)


def mean_over_members(planted: pd.DataFrame) -> float:
    """Planted effect over the city-years of members, from its path."""
    since = planted[planted["relative"] >= 0]
    return float(np.average(since["effect"], weights=since["n_units"]))


def glue_shift(shift: "Ratio", truth: np.ndarray, path: "TurningPath") -> None:
    """Quote how far the turning point moves: ``shift-value``, ``-delta``, ``-fieller``, ``-planted``."""
    planted = (truth[-1] - truth[0]) / (path.moderator[-1] - path.moderator[0])
    glue("shift-value", number(shift.value))
    glue("shift-delta", interval(*shift.delta))
    glue("shift-fieller", str(shift.fieller))
    glue("shift-planted", number(planted))


def glue_counts(found: Mapping[str, Mapping[str, Any]]) -> None:
    """Quote numbers of cities by source: ``<source>-always``, ``-off`` (off the support) and ``-joined``."""
    for source, record in found.items():
        cohorts = [row["cities"] for row in record["cohorts"] if row["year"] is not None]
        glue(f"{source}-always", record["always"])
        glue(f"{source}-off", record["controls_off_support"])
        glue(f"{source}-joined", sum(cohorts) - record["always"])


def glue_shares(record: Mapping[str, Any]) -> None:
    """Quote shares in per cent: ``share-never``, ``-never-matched``, ``-negative`` and ``-negative-kept``."""
    never = next(row["weight"] for row in record["bacon"] if row["kind"] == "never")
    shares = {
        "never": never,
        "never-matched": record["never_matched"],
        "negative": record["share_negative"],
        "negative-kept": record["share_negative_kept"],
    }
    for name, share in shares.items():
        glue(f"share-{name}", number(100 * share, 0))


def glue_planted_designs(rows: Sequence[dict], planted: Sequence[float], mean: float) -> None:
    """Quote ``two-way``, ``two-way-alone``, ``two-way-kept-alone``, ``matched-alone`` and ``mean-planted``.

    *Alone* is what the design finds of the planted effect alone.
    """
    names = [row["design"] for row in rows]
    dropped, kept = (
        next(place for place, name in enumerate(names) if name.startswith("two-way") and word in name)
        for word in ("dropped", "kept")
    )
    glue("two-way", number(rows[dropped]["value"]))
    glue("two-way-alone", number(planted[dropped]))
    glue("two-way-kept-alone", number(planted[kept]))
    glue("matched-alone", number(planted[0]))
    glue("mean-planted", number(mean))


def glue_power(power: "Power", claim: str) -> None:
    """Quote a claim's mean estimate and planted size over countries: ``did-mean``, ``did-planted``."""
    glue("did-mean", number(power.of(claim)["mean"]))
    glue("did-planted", number(power.of(claim)["planted"]))
