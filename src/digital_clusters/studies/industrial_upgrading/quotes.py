"""Numbers that the chapters on industrial upgrading quote and save."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from digital_clusters.analysis.fit import Fit
from digital_clusters.analysis.frozen import Frozen
from digital_clusters.analysis.multiverse.declared import CLAIM
from digital_clusters.analysis.multiverse.explored import Explored
from digital_clusters.analysis.published import PublishedStudy, load_published
from digital_clusters.analysis.replication.columns import Replication
from digital_clusters.analysis.sample import LAST_YEAR_OF_CONSTRUCTION
from digital_clusters.analysis.scorecard.building import lines_of_kind, study_entries
from digital_clusters.analysis.scorecard.grades import LEVEL_OF_TESTS
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.measures.panel import Panel
from digital_clusters.report.compare import Row, records
from digital_clusters.report.glue import glue
from digital_clusters.report.multiverse import claim_sentence, stands
from digital_clusters.report.results import save
from digital_clusters.report.words import number
from digital_clusters.studies.industrial_upgrading.specs import EVERY_SPEC, READY_MADE, STUDY
from digital_clusters.studies.industrial_upgrading.tables import rows_of


def save_rows(section: str, replications: Sequence[Replication]) -> list[Row]:
    """Write the estimates of a page to the results folder and return them as rows."""
    rows = rows_of(replications)
    kept = [
        record | {"key": replication.key}
        for replication in replications
        for record in records(rows_of([replication]))
    ]
    save(STUDY, section, kept)
    return rows


def rows(rows: Sequence[Row], keys: Mapping[str, str]) -> None:
    """Quote coefficients in prose: ``name-twin``, ``name-public``, ``name-truth``, ``name-published``.

    Parameters
    ----------
    keys : mapping of str to str
        Name in the prose → ``column|term`` of the row.
    """
    by_place = {f"{row.column}|{row.term}": row for row in rows}
    for name, place in keys.items():
        row = by_place[place]
        for source, estimate in (("twin", row.twin), ("public", row.public)):
            glue(f"{name}-{source}", _quoted(estimate, row.term))
        glue(f"{name}-truth", "not defined" if row.truth is None else number(row.truth))
        if row.published is not None:
            glue(f"{name}-published", row.published.coefficient.replace("-", "−"))


ABSORBING = (
    "linear learner",
    "two-way within",
    "within, raw controls",
    "first differences",
    "two-way fixed effects",
    "two-way fixed effects, no controls",
)
"""Alternatives that take city effects out; Driscoll–Kraay changes the error and not the coefficient."""


def distances(alternatives: Sequence[Row]) -> None:
    """Quote how far methods are from the truth of the twin: ``distance-truth``, ``-recipe``, ``-farther``,
    ``-nearer``.

    Parameters
    ----------
    alternatives : sequence of Row
        The recipe, and the methods of :data:`ABSORBING`, on the twin.
    """
    by_name = {row.column: row for row in alternatives if row.twin is not None}
    gaps = {name: abs(by_name[name].twin["uil"][0] - by_name[name].truth) for name in ("recipe", *ABSORBING)}
    farther = [name for name in ABSORBING if gaps[name] > gaps["recipe"]]
    nearer = [name for name in ABSORBING if name not in farther]
    glue("distance-truth", number(by_name["recipe"].truth))
    glue("distance-recipe", number(by_name["recipe"].twin["uil"][0]))
    glue("distance-farther", f"{len(farther)} of {len(ABSORBING)}")
    glue("distance-nearer", f"{', '.join(nearer) or 'none'} ({len(nearer)})")


def leftover(table: pd.DataFrame, label: str) -> None:
    """Quote what is left between cities: ``left-noise``, a share for each way, and ``left-times`` noise.

    Parameters
    ----------
    table : pandas.DataFrame
        Of :func:`~.diagnostics.leftover_city_effects`.
    label : str
        Of the data, quoted as ``left-data``.
    """
    glue("left-data", label)
    by_way = table.set_index("way")
    glue("left-noise", f"{by_way['noise'].iloc[0]:.0%}")
    for name, way in LEFT.items():
        glue(f"left-{name}", f"{by_way.loc[way, 'share']:.0%}")
    times = by_way["share"] / by_way["noise"]
    glue("left-times", number(times[LEFT["boosting"]], 1))
    glue("left-xgboost-times", number(times[LEFT["xgboost"]], 1))


LEFT = {
    "boosting": "gradient boosting on dummies",
    "six": "gradient boosting, six folds",
    "xgboost": "XGBoost on dummies",
    "linear": "linear learner on dummies",
    "within": "two-way within",
}
"""Name in the prose → way of handling city effects."""


LEARNERS = {"recipe": "gradient boosting", "Table 3 (2)": "XGBoost"}
"""Row → its learner, where that is not its name."""


def predicting(rows: Sequence[Row]) -> None:
    """Quote ``predicting``: on the twin, how well each learner predicts and how far it is from the truth."""
    found = pd.DataFrame(
        {
            "learner": LEARNERS.get(row.column, row.term_label),
            "fit": row.twin.nuisance["treatment:uil"],
            "distance": abs(row.twin["uil"][0] - row.truth),
        }
        for row in rows
        if row.twin is not None
    ).sort_values("fit", ascending=False, ignore_index=True)
    order = ", ".join(f"{row.learner} ({number(row.fit)})" for row in found.itertuples())
    gaps = ", ".join(number(value) for value in found["distance"])
    place = int(found["distance"].rank()[0])
    glue(
        "predicting",
        f"A better prediction is not a better estimate. By the R² of structure on the twin the order "
        f"is {order}; in this order the estimates are {gaps} away from the true effect. Of {len(found)} "
        f"learners the best predictor is number {place} by nearness to the truth.",
    )


def public_years(row: Row) -> None:
    """Quote ``years-public``: the years of the public sample of a row."""
    glue("years-public", row.public_note.removeprefix("years ") or "that of the paper")


def movements(series: pd.DataFrame) -> None:
    """Quote how far the ready-made Gini moves: ``moved-2012``, ``moved-2013``, ``moved-later``.

    ``moved-early-least`` and ``moved-early-most`` are the ends up to 2013, ``moved-later-least`` and
    ``moved-later`` those from 2014 on.
    """
    ready = series[series["series"].str.startswith("ready")].set_index("year")["movement"]
    for year in (2012, 2013):
        glue(f"moved-{year}", number(ready[year]))
    early, later = ready[ready.index <= 2013], ready[ready.index > 2013]
    glue("moved-early-least", number(early.min()))
    glue("moved-early-most", number(early.max()))
    glue("moved-later-least", number(later.min()))
    glue("moved-later", number(later.max()))


def least_education(paper: PublishedStudy, moments: Sequence[Mapping]) -> None:
    """Quote the smallest education expenditure: ``education-printed``, and ``education-public``, found."""
    (printed,) = (row.min for row in paper.table1 if row.variable == "education")
    (found,) = (row["min"] for row in moments if row["column"] == "education")
    glue("education-printed", printed)
    glue("education-public", number(found))


def hypotheses(explored: Explored) -> None:
    """Quote a sentence and its word for each claim and series: ``H1-counties``, ``H1-ready`` and so on."""
    for _, row in explored.summary().iterrows():
        series = "counties" if row["series"].startswith("Eq.") else "ready"
        glue(f"{row[CLAIM]}-{series}", f"{stands(row)}. {claim_sentence(row)}")


FIRST_YEAR_BY_YEAR = "five, first year × year"
"""Option of the controls that lets the first year's values have a slope of their own in every year."""


def other_sign(explored: Explored) -> None:
    """Quote how many clear regressions against H2, H3 and H4 have :data:`FIRST_YEAR_BY_YEAR` controls.

    ``other-counties`` and ``other-ready``, each as "part of whole".
    """
    table = explored.table
    signs = table[CLAIM].map({name: claim.sign for name, claim in explored.declared.claims.items()})
    against = (table[CLAIM] != "H1") & (signs * table["value"] < 0) & (table["p_value"] < LEVEL_OF_TESTS)
    for words, found in table[against].groupby("series"):
        series = "counties" if words.startswith("Eq.") else "ready"
        glue(f"other-{series}", f"{(found['controls'] == FIRST_YEAR_BY_YEAR).sum()} of {len(found)}")


def outside_the_list(frozen: Frozen) -> None:
    """Quote how many effects of structure without a moderator are frozen, and how many are positive.

    ``outside-count``; ``outside-counties`` by Eq. (1) and ``outside-ready`` with the ready-made series.
    """
    plain = [key for key in EVERY_SPEC if not any(":" in term for term in frozen.estimates[key].terms)]
    glue("outside-count", len(plain))
    for series, ending in (("counties", ""), ("ready", READY_MADE)):
        values = [frozen.estimates[key + ending].term("uil").value for key in plain]
        glue(f"outside-{series}", sum(value > 0 for value in values))


def possible_cities(sample: Mapping[str, Any]) -> None:
    """Quote which cities Table 1 allows, and what its possible samples give: names begin with ``sample-``.

    ``sample-chance`` is the share of cities that two samples drawn at random from the same cities share,
    ``sample-gap`` a bound, rounded up, on what a mean or standard deviation of a sample misses the printed
    one by, in printed standard deviations, ``sample-least`` the smallest index of structure in print.
    """
    paper = load_published(STUDY)
    glue("sample-candidates", sample["candidates"])
    for kind in ("excluded", "certain"):
        glue(f"sample-{kind}", len(sample[kind]))
        glue(f"sample-{kind}-names", ", ".join(why.partition(":")[0] for why in sample[kind].values()))
    found = pd.DataFrame(sample["estimates"])
    glue("sample-count", found["sample"].nunique())
    glue("sample-overlap", f"{sample['overlap']:.0%}")
    free = paper.cities - len(sample["certain"])
    drawn = free / (sample["candidates"] - len(sample["excluded"]) - len(sample["certain"]))
    glue("sample-chance", f"{(len(sample['certain']) + free * drawn) / paper.cities:.0%}")
    glue("sample-gap", number(math.ceil(1000 * float(found["distance"].max()) ** 0.5) / 1000))
    glue("sample-least", next(row.min for row in paper.table1 if row.variable == "uil"))
    for spec, values in found.groupby("spec")["value"]:
        way = "two-way" if spec.startswith("two-way") else "recipe"
        series = "ready" if spec.endswith(READY_MADE) else "counties"
        glue(f"sample-{way}-{series}", f"{number(values.min())} to {number(values.max())}")


def printed_gaps(paper: PublishedStudy) -> None:
    """Quote z of printed differences: of periods, of kinds of city, of the later period and the whole.

    ``gap-halves``, ``gap-kinds`` and ``gap-rapid``.
    """
    early, late, high, low = (paper.column(f"table5.column{k}").term("uil") for k in (1, 2, 3, 4))
    whole = paper.column("table2.column2").term("uil")
    for name, first, second in (("halves", early, late), ("kinds", high, low), ("rapid", late, whole)):
        z = abs(first.value - second.value) / (first.error**2 + second.error**2) ** 0.5
        glue(f"gap-{name}", number(z, 1))


def rows_a_city(periods: Mapping[str, Fit], label: str) -> None:
    """Quote ``rows-a-city``, the mean number of years of a city in the sample of each period.

    ``periods-years`` are the years themselves, ``periods-data`` the label of the data.
    """
    glue("periods-data", label)
    years = [one.sample["year"] for one in periods.values()]
    glue("periods-years", " and ".join(f"{each.min()}–{each.max()}" for each in years))
    found = [len(one.sample) / one.sample["city"].nunique() for one in periods.values()]
    glue("rows-a-city", " and ".join(number(value, 1) for value in found))


def implied_early(paper: PublishedStudy, panel: Panel) -> None:
    """Quote what Table 6 (2) implies at the mean index of the years to 2015, beside Table 5 (1).

    ``early-index`` of the panel, ``early-implied`` and ``early-printed``.
    """
    column = paper.column("table6.column2")
    moments = next(row for row in paper.table1 if row.variable == "difi")
    early = panel.frame.loc[panel.frame["year"] <= LAST_YEAR_OF_CONSTRUCTION, "difi"].mean()
    shift = (early - float(moments.mean)) / (float(moments.max) - float(moments.min))
    glue("early-index", number(early, 0))
    glue("early-implied", number(column.term("uil").value + column.term("uil:difi").value * shift))
    glue("early-printed", number(paper.column("table5.column1").term("uil").value))


def size_of_effect(paper: PublishedStudy) -> None:
    """Quote the printed effect of one standard deviation of structure: ``size-effect``, ``size-share``."""
    spread = {row.variable: float(row.sd) for row in paper.table1}
    effect = paper.column("table2.column2").term("uil").value * spread["uil"]
    glue("size-effect", number(effect))
    glue("size-share", f"{abs(effect) / spread['gini']:.0%}")


def _quoted(estimate: Estimate | None, term: str) -> str:
    if estimate is None:
        return "not available"
    coefficient, error = estimate[term]
    return f"{number(coefficient)} ({number(error)})"


LIGHT = "Gini"
"""The outcome, as Table 1 names it."""


def moments_of_table_1() -> None:
    """Quote what Table 1 and the public panel share.

    ``light-sd-printed`` and ``light-sd-public`` are standard deviations of the Gini of light; ``extremes``
    counts printed extremes of the other variables, ``extremes-met`` those that the public panel has, too.
    """
    moments = lines_of_kind(study_entries(STUDY), STUDY, "moment")
    light = {one.said.words: one for one in moments if one.said.place.endswith(LIGHT)}["sd"]
    glue("light-sd-printed", number(light.said.value))
    glue("light-sd-public", number(light.public.value))
    rest = [one for one in moments if not one.said.place.endswith(LIGHT) and one.said.words in ("min", "max")]
    glue("extremes", len(rest))
    glue("extremes-met", sum(number(one.public.value) == number(one.said.value) for one in rest))
