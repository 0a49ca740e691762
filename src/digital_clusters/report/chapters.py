"""What the chapters on industrial upgrading show: studies' results put into tables and figures."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from digital_clusters.estimators.differences import PermutationTest
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.measures.panel import Panel
from digital_clusters.report import figures
from digital_clusters.report.compare import Row, records
from digital_clusters.report.glue import glue
from digital_clusters.report.printed_paper import TERMS
from digital_clusters.report.results import save
from digital_clusters.report.tables import number, styled
from digital_clusters.studies.contrasts import EffectsOverIndex, apart, at_quantiles
from digital_clusters.studies.industrial_upgrading import STUDY
from digital_clusters.studies.replication import Replication

if TYPE_CHECKING:
    from great_tables import GT
    from matplotlib.figure import Figure

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
    label = TERMS.get(term, "")
    return Row(
        column=place,
        term=term,
        published=printed.term(term) if printed else None,
        n=printed.n if printed else None,
        twin=replication.estimates["twin"],
        public=replication.estimates["public"],
        twin_note=notes["twin"],
        public_note=notes["public"],
        truth=replication.truth.get(term),
        term_label=_term_label(replication, label),
    )


def _term_label(replication: Replication, label: str) -> str:
    """The printed column's label, with the term where there are several; else the specification's name."""
    printed = replication.printed
    if printed is None:
        return replication.key
    return printed.label if len(printed.terms) == 1 else f"{printed.label}: {label}"


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


def nuisance_table(rows: Sequence[Row]) -> "GT":
    """Out-of-sample R² of the nuisance regressions behind each estimate that has any."""
    lines = [
        {"Estimate": _estimate_name(row), "Data": label} | {_regression(k): fit for k, fit in fits.items()}
        for row in rows
        for label, fits in (
            ("synthetic twin", row.twin.nuisance if row.twin else {}),
            ("public data", row.public.nuisance if row.public else {}),
        )
        if fits
    ]
    note = "R² out of sample: the share of the variance that the learner predicts on the fold left out."
    return styled(pd.DataFrame(lines), "How well the learner predicts", note, _labels(rows))


def _estimate_name(row: Row) -> str:
    return ", ".join(dict.fromkeys([row.column, row.term_label or row.column]))


def _regression(name: str) -> str:
    term = name.removeprefix("treatment:")
    return TERMS.get(term, term).capitalize()


def _labels(rows: Sequence[Row]) -> str:
    public = any(row.public is not None for row in rows)
    return "synthetic twin, public data" if public else "synthetic twin"


def differences_table(rows: Sequence[Row], together: Sequence[Row], permutation) -> "GT":
    """Tests of the two contrasts of Table 5, on every kind of data that is there.

    Parameters
    ----------
    rows : sequence of Row
        The four columns of Table 5 in order.
    together : sequence of Row
        Interactions in one regression; their names start with the contrast.
    permutation : mapping of str to PermutationTest
        Label of the data → test of high − low structure.
    """
    lines = []
    for contrast, (first, second) in {"after 2015 − to 2015": (1, 0), "high − low structure": (2, 3)}.items():
        for label, source in (("synthetic twin", "twin"), ("public data", "public")):
            pair = [getattr(rows[k], source) for k in (first, second)]
            if None not in pair:
                lines.append(_test(contrast, label, "apart", apart(*pair)))
            for row in together:
                estimate = getattr(row, source)
                if estimate is not None and row.column.startswith(contrast):
                    words = row.column.removeprefix(contrast).strip(", ") or "double machine learning"
                    lines.append(_test(contrast, label, f"together, {words}", estimate, row.term))
            if label in permutation and contrast.startswith("high"):
                lines.append(_permutation(contrast, label, permutation[label]))
    frame = pd.DataFrame(lines).astype({"Standard error": float})
    return styled(frame, "Tests of a difference", "", _labels(rows))


def _permutation(contrast: str, label: str, test: PermutationTest) -> dict:
    return {
        "Contrast": contrast,
        "Data": label,
        "Test": f"permutation, {len(test.draws):,} relabellings",
        "Difference": test.observed,
        "Standard error": None,
        "p": p_value(test.p_value),
    }


def p_value(p: float) -> str:
    """A p value for a table: three decimals, never zero."""
    return "<\xa00.001" if p < 0.001 else f"{p:.3f}"


def _test(contrast: str, label: str, words: str, estimate: Estimate, term: str | None = None) -> dict:
    k = 0 if term is None else estimate.terms.index(term)
    return {
        "Contrast": contrast,
        "Data": label,
        "Test": words,
        "Difference": estimate.coefficients[k],
        "Standard error": estimate.standard_errors[k],
        "p": p_value(estimate.p_values[k]),
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


def made_of_table(parts: pd.DataFrame, truth: float) -> "GT":
    """What coefficients on the twin are made of, beside the true average effect."""
    names = {
        "method": "Method",
        "coefficient": "Coefficient",
        "effect": "From the planted effect",
        "rest": "From everything else",
    }
    note = f"True average effect: {number(truth)}."
    return styled(parts.rename(columns=names), "What each coefficient is made of", note, "synthetic twin")


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
