"""What the chapters on industrial upgrading show: studies' results put into tables and figures."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from digital_clusters.estimators.estimate import Estimate
from digital_clusters.measures.descriptive import correlations, variance_shares
from digital_clusters.measures.panel import Panel
from digital_clusters.report import figures
from digital_clusters.report.compare import Row, records
from digital_clusters.report.glue import glue
from digital_clusters.report.paper_audit import audit_findings
from digital_clusters.report.results import save
from digital_clusters.report.tables import descriptive_table, number, styled
from digital_clusters.sources.tables import RawTables
from digital_clusters.studies.contrasts import EffectsOverIndex, apart, at_quantiles
from digital_clusters.studies.facts import Facts
from digital_clusters.studies.industrial_upgrading import STUDY
from digital_clusters.studies.published import PublishedStudy
from digital_clusters.studies.replication import Replication

if TYPE_CHECKING:
    from great_tables import GT
    from matplotlib.figure import Figure

TERMS = {"uil": "structure", "uil:difi": "structure × index", "difi": "index"}
"""Names of the coefficients for a reader."""

PER_UNIT = "Gini points per unit of the index of industrial structure"


def rows_of(replications: Sequence[Replication], terms: Sequence[str] | None = None) -> list[Row]:
    """One row a coefficient; without ``terms``, those that are printed or else the first two."""
    return [
        _row(replication, term) for replication in replications for term in terms or _shown_terms(replication)
    ]


def _shown_terms(replication: Replication) -> tuple[str, ...]:
    if replication.printed is not None:
        return tuple(term.term for term in replication.printed.terms)
    first = replication.estimates["twin"].terms
    product = [term for term in first if ":" in term]
    return tuple(product or first[:1])


def _row(replication: Replication, term: str) -> Row:
    printed, notes = replication.printed, replication.notes
    place = f"Table {printed.table} ({printed.column})" if printed else replication.key
    label = TERMS.get(term, term.replace("uil:", "structure × ").replace("_", " "))
    return Row(
        column=place,
        term=term,
        published=printed.term(term) if printed else None,
        n=printed.n if printed else None,
        twin=replication.estimates["twin"],
        public=replication.estimates["public"],
        twin_missing=notes["twin"],
        public_missing=notes["public"],
        truth=replication.truth.get(term),
        term_label=f"{printed.label}: {label}" if printed else label,
    )


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


def glue_rows(rows: Sequence[Row], keys: Mapping[str, str]) -> None:
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


def _quoted(estimate: Estimate | None, term: str) -> str:
    if estimate is None:
        return "not available"
    coefficient, error = estimate[term]
    return f"{number(coefficient)} ({number(error)})"


def predictions_table(paper: PublishedStudy) -> "GT":
    """Each hypothesis with the coefficients whose signs decide it."""
    frame = pd.DataFrame(
        {
            "Hypothesis": hypothesis.key,
            "In our words": hypothesis.statement,
            "Decided by": f"Table {column.table} ({column.column}), {TERMS[prediction.term]}",
            "Predicted": "negative" if prediction.sign < 0 else "positive",
            "Printed": f"{printed.coefficient}{printed.stars}".replace("-", "−"),
        }
        for hypothesis in paper.hypotheses
        for prediction in hypothesis.predictions
        for column in [paper.column(prediction.column)]
        for printed in [column.term(prediction.term)]
    )
    return styled(frame, "Hypotheses as signs", "", "the printed paper")


def lorenz_extremes(tables: RawTables, panel: Panel) -> "Figure":
    """Lorenz curves of the most even, the median and the most uneven city-year of a panel.

    Where the units are other ones than the panel's outcome is made of, the choice is by the units.
    """
    from digital_clusters.measures.inequality import gini_of_units

    units = tables.table("lights")
    found = gini_of_units(units).dropna(subset="gini").sort_values("gini", ignore_index=True)
    found = found.merge(panel.frame[["city", "year", "name"]], on=["city", "year"])
    curves = {}
    for place, words in ((0, "most even"), (len(found) // 2, "median"), (-1, "most uneven")):
        chosen = found.iloc[place]
        here = units[(units["city"] == chosen["city"]) & (units["year"] == chosen["year"])]
        curves[f"{words}, {chosen['name']} {chosen['year']}"] = here["radiance"].to_numpy()
    return figures.lorenz_curves(curves, label=panel.label)


def twin_moments(paper: PublishedStudy, panel: Panel) -> "GT":
    """Table 1 on a live panel."""
    from digital_clusters.measures.descriptive import describe

    title = "Table 1: printed moments and those of the panel"
    return descriptive_table(paper.table1, describe(panel), panel.label, missing=panel.missing, title=title)


def public_moments(paper: PublishedStudy, known: Facts) -> "GT":
    """Table 1 on the public panel, from its aggregates."""
    computed = pd.DataFrame(known.moments).astype(dict.fromkeys(("mean", "sd", "min", "max"), float))
    title = "Table 1: printed moments and those of the public panel"
    note = f"{known.cities} cities, {known.years[0]}–{known.years[1]}, {known.n:,} city-years."
    return descriptive_table(
        paper.table1, computed, known.label, missing=known.missing, title=title, note=note
    )


def correlation_figure(panel: Panel) -> "Figure":
    """Correlations of the panel's variables over all city-years and within cities and years."""
    overall, within = correlations(panel)
    return figures.correlations(overall, within, label=panel.label)


def variation_table(panel: Panel) -> "GT":
    """How much of each variable's variance lies between cities, between years, and in neither."""
    shares = variance_shares(panel)
    names = {"between_cities": "Between cities, %", "between_years": "Between years, %", "rest": "Neither, %"}
    return styled(
        (100 * shares).rename(columns=names).rename_axis("Variable").reset_index(),
        "Where the variation is",
        "",
        panel.label,
        decimals=1,
    )


def dropped_table(known: Facts) -> "GT":
    """City-years left out of a panel, by column and reason."""
    frame = pd.DataFrame(known.dropped, columns=["column", "reason", "count"])
    frame = frame.rename(columns={"column": "Variable", "reason": "Reason", "count": "City-years"})
    return styled(frame, "City-years that are not in the panel", "", known.label)


def refusals_table(known: Facts) -> "GT":
    """Rows and values that a source refused, by table and rule."""
    frame = pd.DataFrame(known.refused, columns=["table", "rule", "action", "count"])
    names = {"table": "Table", "rule": "Rule", "action": "What was done", "count": "Cases"}
    return styled(frame.rename(columns=names), "What was refused on the way in", "", known.label)


def audit_table(paper: PublishedStudy) -> "GT":
    """Every check of the printed tables that is not simply consistent, and how many were."""
    findings = audit_findings(paper)
    fine = int((findings["verdict"] == "consistent").sum())
    shown = findings[findings["verdict"] != "consistent"]
    note = f"{len(findings)} checks; {fine} are consistent whatever was rounded away and are not shown."
    names = {name: name.capitalize() for name in findings.columns}
    return styled(shown.rename(columns=names), "Checks of the printed tables", note, "the printed paper")


def nuisance_table(rows: Sequence[Row]) -> "GT":
    """Out-of-sample R² of the nuisance regressions behind each estimate."""
    lines = [
        {
            "Column": row.column,
            "Data": label,
            "Regression": name.replace("treatment:", "treatment ").replace("uil", "structure"),
            "R² out of sample": fit,
        }
        for row in rows
        for label, estimate in (("synthetic twin", row.twin), ("public data", row.public))
        if estimate is not None
        for name, fit in estimate.nuisance.items()
    ]
    return styled(pd.DataFrame(lines), "How well the learner predicts", "", _labels(rows))


def _labels(rows: Sequence[Row]) -> str:
    public = any(row.public is not None for row in rows)
    return "synthetic twin, public data" if public else "synthetic twin"


def differences_table(rows: Sequence[Row], together: Sequence[Row], permutation) -> "GT":
    """Three tests of the two contrasts of Table 5, on every kind of data that is there.

    Parameters
    ----------
    rows : sequence of Row
        The four columns of Table 5 in order.
    together : sequence of Row
        Interactions in one regression.
    permutation : mapping of str to PermutationTest
        Label of the data → test of high − low structure.
    """
    lines = []
    for words, (first, second) in (("after 2015 − to 2015", (1, 0)), ("high − low structure", (2, 3))):
        for label, source in (("synthetic twin", "twin"), ("public data", "public")):
            pair = [getattr(rows[k], source) for k in (first, second)]
            if None not in pair:
                lines.append(_test(words, label, "apart", apart(*pair)))
    for row in together:
        for label, estimate in (("synthetic twin", row.twin), ("public data", row.public)):
            if estimate is not None:
                lines.append(_test(row.column, label, "together", estimate, row.term))
    for label, test in permutation.items():
        lines.append(
            {
                "Contrast": "high − low structure",
                "Data": label,
                "Test": f"permutation, {len(test.draws):,} relabellings",
                "Difference": test.observed,
                "Standard error": None,
                "p": test.p_value,
            }
        )
    frame = (
        pd.DataFrame(lines)
        .astype({"Standard error": float})
        .sort_values(["Contrast", "Data"], kind="stable", ignore_index=True)
    )
    return styled(frame, "Tests of a difference", "", _labels(rows))


def _test(contrast: str, label: str, words: str, estimate: Estimate, term: str | None = None) -> dict:
    k = 0 if term is None else estimate.terms.index(term)
    return {
        "Contrast": contrast,
        "Data": label,
        "Test": words,
        "Difference": estimate.coefficients[k],
        "Standard error": estimate.standard_errors[k],
        "p": estimate.p_values[k],
    }


def effect_figure(curve: EffectsOverIndex, panel: Panel) -> "Figure":
    """Effect of structure over the digital finance index, with its band and what was planted."""
    return figures.marginal_effect(
        curve.index,
        curve.effects.effect,
        curve.effects.lower,
        curve.effects.upper,
        xlabel="digital finance index, index points",
        ylabel=PER_UNIT.replace(" per", "\nper"),
        label=panel.label,
        observed=panel.frame["difi"],
        truth=curve.truth,
    )


def effects_table(curves: list[EffectsOverIndex], panel: Panel) -> "GT":
    """Effects at low, middle and high values of the index."""
    frame = at_quantiles(curves, panel)
    frame = pd.DataFrame(
        {
            "Method": frame["method"],
            "Index at quantile": frame["share"].map("{:.0%}".format),
            "Index": frame["index"],
            "Effect": frame["effect"],
            "95 % interval": [
                f"{number(low)} to {number(high)}"
                for low, high in zip(frame["lower"], frame["upper"], strict=True)
            ],
            "True effect": frame["truth"],
        }
    )
    frame = frame if frame["True effect"].notna().any() else frame.drop(columns="True effect")
    return styled(
        frame, "Effect of structure over the digital finance index", "", panel.label, decimals={"Index": 0}
    )


def trial_table(results: pd.DataFrame) -> "GT":
    """Bias and coverage of every method in the trial."""
    frame = pd.DataFrame(
        {
            "Method": results["method"],
            "Strength": results["strength"],
            "Mean estimate": results["mean"],
            "Bias": results["bias"],
            "Monte Carlo s.e.": results["bias_error"],
            "Spread": results["spread"],
            "Mean s.e.": results["mean_standard_error"],
            "Coverage of 95 %": results["coverage"].map("{:.0%}".format),
        }
    )
    return styled(frame, "Bias and coverage", "", "simulated panels", decimals={"Strength": 1})
