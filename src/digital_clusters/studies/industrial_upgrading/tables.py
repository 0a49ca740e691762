"""Tables of the chapters on industrial upgrading."""

import html
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from digital_clusters.analysis.frozen import Frozen
from digital_clusters.analysis.panel_facts import Facts
from digital_clusters.analysis.published import PrintedMoments, PrintedTerm, PublishedStudy, load_published
from digital_clusters.analysis.replication.columns import Replication
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.resampling.permutation import PermutationTest
from digital_clusters.measures.descriptive import describe, variance_shares
from digital_clusters.measures.panel import Panel
from digital_clusters.report.compare import STARS_NOTE, Row, rows_beside_print, stars
from digital_clusters.report.scorecard.sentences import places
from digital_clusters.report.tables import styled
from digital_clusters.report.words import MISSING, PUBLIC, lines, number, p_value
from digital_clusters.sources.columns import words_of, words_of_term
from digital_clusters.studies.industrial_upgrading.contrasts import EffectsOverIndex, apart, at_quantiles
from digital_clusters.studies.industrial_upgrading.printed_paper import TERMS
from digital_clusters.studies.industrial_upgrading.specs import EVERY_SPEC, READY_MADE, STUDY

if TYPE_CHECKING:
    from great_tables import GT

PER_UNIT = "Gini points per unit of the index of industrial structure"


def rows_of(replications: Sequence[Replication], terms: Sequence[str] | None = None) -> list[Row]:
    """As :func:`~digital_clusters.report.compare.rows_beside_print`, in the words of this study."""
    return rows_beside_print(replications, terms, TERMS)


def nuisance(rows: Sequence[Row]) -> "GT":
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


def differences(rows: Sequence[Row], together: Sequence[Row], permutation) -> "GT":
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
    note = (
        f"Difference: {PER_UNIT}. Errors: robust where the groups are apart, clustered by city where "
        "they are together; a permutation has none."
    )
    return styled(frame, "Tests of a difference", note, _labels(rows))


def _permutation(contrast: str, label: str, test: PermutationTest) -> dict:
    return {
        "Contrast": contrast,
        "Data": label,
        "Test": f"permutation, {len(test.draws):,} relabellings",
        "Difference": test.observed,
        "Standard error": None,
        "p": p_value(test.p_value),
    }


def _test(contrast: str, label: str, words: str, estimate: Estimate, term: str | None = None) -> dict:
    k = 0 if term is None else estimate.position(term)
    return {
        "Contrast": contrast,
        "Data": label,
        "Test": words,
        "Difference": estimate.coefficients[k],
        "Standard error": estimate.standard_errors[k],
        "p": p_value(estimate.p_values[k]),
    }


def effects(curves: list[EffectsOverIndex], panel: Panel) -> "GT":
    """Effects at low, middle and high values of the index."""
    frame = at_quantiles(curves)
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
    title = "Effect of structure over the digital finance index"
    return styled(frame, title, "", panel.label, decimals={"Index": 0})


def twin_moments(paper: PublishedStudy, panel: Panel) -> "GT":
    """Table 1 on a live panel."""
    title = f"Table 1: printed moments and those of the {panel.label}"
    return descriptive_table(paper.table1, describe(panel), panel.label, missing=panel.missing, title=title)


def public_moments(paper: PublishedStudy, known: Facts) -> "GT":
    """Table 1 on the public panel, from its aggregates."""
    computed = pd.DataFrame(known.moments).astype(dict.fromkeys(("mean", "sd", "min", "max"), float))
    title = "Table 1: printed moments and those of the public panel"
    note = f"{known.cities} cities, {known.years[0]}–{known.years[1]}, {known.n:,} city-years."
    return descriptive_table(
        paper.table1, computed, known.label, missing=known.missing, title=title, note=note
    )


def variation(panel: Panel) -> "GT":
    """How much of each variable's variance lies between cities, between years, and in neither."""
    shares = variance_shares(panel)
    note = (
        f"{panel.n_cities} cities, {panel.years[0]}–{panel.years[1]}, {len(panel.frame):,} city-years that "
        "have all of these variables. Neither: what two-way fixed effects leave."
    )
    note += "" if panel.is_balanced else " Cities lack years, so that the three need not add to 100."
    names = {"between_cities": "Between cities, %", "between_years": "Between years, %", "rest": "Neither, %"}
    return styled(
        (100 * shares).rename(columns=names).rename_axis("Variable").reset_index(),
        "Where the variation is",
        note,
        panel.label,
        decimals=1,
    )


def dropped(known: Facts) -> "GT":
    """City-years left out of a panel, by column and reason."""
    frame = pd.DataFrame(known.dropped, columns=["column", "reason", "count"])
    frame["column"] = [words_of(name) if name else MISSING for name in frame["column"]]
    frame = frame.rename(columns={"column": "Variable", "reason": "Reason", "count": "City-years"})
    return styled(frame, "City-years that are not in the panel", "", known.label)


RAW_TABLES = {"city_year": "city and year", "lights": "lights of counties"}
"""What one row of a raw table of public files is."""


def refusals(known: Facts) -> "GT":
    """Rows and values that a source refused, by table and rule."""
    frame = pd.DataFrame(known.refused, columns=["table", "rule", "action", "count"])
    frame["table"] = [RAW_TABLES.get(name, name.replace("_", " ")) for name in frame["table"]]
    names = {"table": "Table", "rule": "Rule", "action": "What was done", "count": "Cases"}
    return styled(frame.rename(columns=names), "What was refused on the way in", "", known.label)


def both_series(frozen: Frozen) -> "GT":
    """Every frozen estimate: the paper's columns and its referee's, by Eq. 1 and with the ready-made Gini."""
    rows = [_both(frozen, key, term) for key in EVERY_SPEC for term in _terms_shown(frozen.estimates[key])]
    frame = pd.DataFrame(rows)
    note = (
        f"{STARS_NOTE} Printed coefficients are over townships, the others over counties. Errors are robust "
        "for the paper's columns and the recipe, Driscoll–Kraay where the line says so, and by city in all "
        "other lines."
    )
    return styled(frame, "Every specification on public data", note, PUBLIC, markup=list(frame.columns))


def _terms_shown(estimate: Estimate) -> list[str]:
    """Structure, its product with a moderator, and the index: the controls are not of interest."""
    return [term for term in estimate.terms if term in TERMS or term.startswith("uil:")]


def _both(frozen: Frozen, key: str, term: str) -> dict[str, str]:
    printed = {column.key: column for column in load_published(STUDY).columns}.get(key)
    there = printed is not None and term in {item.term for item in printed.terms}
    words = f"Table {printed.table} ({printed.column})" if printed else key
    labels = [*([printed.label] if printed else []), words_of_term(term)]
    cells = {
        "Specification": lines(words, small=labels),
        "Published": lines(_printed_text(printed.term(term))) if there else lines(MISSING),
    }
    for heading, name in (
        ("Eq. (1) over counties", key),
        ("Ready made, by population", f"{key}{READY_MADE}"),
    ):
        b = frozen.estimates[name].term(term)
        decimals = places(b.value, b.error)
        small = [f"({number(b.error, decimals)})", f"N = {b.n:,}", *filter(None, [frozen.notes.get(name)])]
        agrees = [] if not there else [_same_sign(b.value, printed.term(term).value)]
        cells[heading] = lines(number(b.value, decimals) + stars(b.p_value), small=small, emphasised=agrees)
    return cells


def _printed_text(term: PrintedTerm) -> str:
    return f"{term.coefficient}{term.stars} ({term.standard_error})".replace("-", "−")


def _same_sign(value: float, printed: float) -> str:
    return "same sign" if value * printed > 0 else "opposite sign"


MOMENTS = {"mean": "Mean", "sd": "S.d.", "min": "Minimum", "max": "Maximum"}


def descriptive_table(
    published: Sequence[PrintedMoments],
    computed: pd.DataFrame,
    label: str,
    *,
    missing: Mapping[str, str] | None = None,
    title: str = "",
    note: str = "",
) -> "GT":
    """Printed and computed moments side by side, with the deviation in per cent of the printed one.

    Parameters
    ----------
    published : sequence of PrintedMoments
        The paper's Table 1.
    computed : pandas.DataFrame
        From :func:`digital_clusters.measures.descriptive.describe`.
    label : str
        Of the panel.
    missing : mapping of str to str, optional
        Column → why the panel does not have it; becomes a footnote.
    """
    missing = missing or {}
    by_column = computed.set_index("column")
    rows, footnotes = [], []
    for position, printed in enumerate(published):
        found = by_column.loc[printed.variable]
        there = int(found["n"]) > 0
        count = f"N = {int(found['n']):,} (paper {printed.n:,})" if there else "not available"
        cells = {"Variable": lines(str(found["variable"]), small=[str(found["meaning"]), count])}
        for moment in MOMENTS:
            text = getattr(printed, moment)
            cells[f"{moment}_published"] = html.escape(text.replace("-", "−"))
            cells[f"{moment}_computed"] = _moment(found[moment], text) if there else MISSING
        if not there:
            reason = missing.get(printed.variable, "the panel does not have it")
            footnotes.append((position, "Variable", f"not available: {reason}"))
        rows.append(cells)
    frame = pd.DataFrame(rows)
    kinds = {f"{moment}_{kind}": word for moment in MOMENTS for kind, word in _KINDS.items()}
    spanners = {word: [f"{moment}_{kind}" for kind in _KINDS] for moment, word in MOMENTS.items()}
    text = f"Below each computed moment: its deviation from the printed one in per cent. {note}".strip()
    return styled(
        frame,
        title,
        text,
        label,
        spanners=spanners,
        headings=kinds,
        markup=list(frame.columns),
        footnotes=footnotes,
    )


_KINDS = {"published": "paper", "computed": "here"}


def _moment(value: float, printed: str) -> str:
    places = len(printed.partition(".")[2])
    reference = float(printed)
    small = [] if reference == 0 else [_deviation(100 * (value / reference - 1))]
    return lines(number(value, places), small=small)


def _deviation(percent: float) -> str:
    """A deviation with its sign, which a rounded zero does not have."""
    rounded = round(percent, 1)
    # a no-break space keeps the sign of per cent on the line of its number
    return f"{rounded:+.1f}\xa0%".replace("-", "−") if rounded else "0.0\xa0%"
