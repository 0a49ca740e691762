"""Tables and quotes of what the estimates of virtual agglomeration rest on."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from digital_clusters.report.glue import glue
from digital_clusters.report.inference.counted import COUNTED, counted, counted_words
from digital_clusters.report.tables import styled
from digital_clusters.report.words import BOTH, PUBLIC, TWIN, interval, lines, number
from digital_clusters.sources.columns import words_of

if TYPE_CHECKING:
    from great_tables import GT


def omitted_table(found: Mapping[str, Sequence[Mapping[str, Any]]]) -> "GT":
    """What an omitted variable would have to be, by the label of the source."""
    rows = [
        {
            "Specification": lines(row["design"], [label]),
            "Estimate": lines(number(row["value"]), [f"({number(row['error'])})"]),
            "Partial R², %": number(100 * row["partial_r2"], 2),
            "To zero, %": number(100 * row["robustness"], 1),
            "To the interval, %": number(100 * row["robustness_interval"], 1),
            "Strongest control": lines(
                _control(row["strongest"]),
                [f"{100 * row['with_treatment']:.2f} % and {100 * row['with_outcome']:.2f} %"],
            ),
            "Left by its like": number(row["adjusted"]),
            "Oster's δ": number(row["delta"], 1),
        }
        for label, table in found.items()
        for row in table
    ]
    note = (
        "To zero, to the interval: share of what is left of treatment and of outcome that an omitted "
        "variable has to "
        "explain to bring the effect to zero, or zero into the 95 % interval. Below the strongest "
        "control: what a "
        "variable as strong would explain of both. δ: selection on what is omitted, in that on the "
        "controls, that "
        "brings the effect to zero at 1.3 times the R²."
    )
    markup = ["Specification", "Estimate", "Strongest control"]
    return styled(pd.DataFrame(rows), "", note, ", ".join(found), markup=markup)


def _control(name: str) -> str:
    base, _, rest = name.partition(" (")
    return words_of(base) + (f" ({rest}" if rest else "")


def shocks_table(found: Mapping[str, Mapping[str, Any]]) -> "GT":
    """The instrumented effect with errors by city and by shocks, by the label of the source."""
    rows = []
    for label, record in found.items():
        row = record["shocks"]
        low, high = (row["value"] + sign * 1.96 * row["clustered"] for sign in (-1, 1))
        for rule, error, text in (
            ("clustered by city", row["clustered"], interval(low, high)),
            ("by shocks", row["akm"], interval(*row["akm_interval"])),
            ("by shocks, residuals under the null", None, _pieces(row["null_interval"])),
        ):
            rows.append(
                {
                    "Data": label,
                    "Errors": rule,
                    "Effect": number(row["value"]),
                    "S.e.": number(error),
                    "95 % interval": text,
                    "Shocks": lines(f"{row['shocks']}", [f"{row['effective']:.1f} effective"]),
                }
            )
    note = "Two-stage least squares; normal intervals without small-sample factors."
    return styled(pd.DataFrame(rows), "", note, ", ".join(found), markup=["Shocks"])


def _pieces(pieces: Sequence[Sequence[float | None]]) -> str:
    if not pieces:
        return "empty"
    ends = [
        ("−∞" if low is None else number(low), "∞" if high is None else number(high)) for low, high in pieces
    ]
    return " and ".join(f"[{low}, {high}]" for low, high in ends)


def placebos_table(found: Mapping[str, Sequence[Mapping[str, Any]]], draws: int) -> "GT":
    """Share of placebo series of shocks that each rule rejects at 5 %."""
    labels = {"twin": TWIN, "public": PUBLIC}
    frame = pd.DataFrame({"Errors": [row["rule"] for row in next(iter(found.values()))]})
    spanners, headings = {}, {}
    for source, rows in found.items():
        columns = [f"{source} {kind}" for kind in ("independent", "persistent")]
        for column, kind in zip(columns, ("independent", "persistent"), strict=True):
            frame[column] = [counted(row[kind], draws) for row in rows]
            headings[column] = f"{kind} shocks"
        spanners[labels[source]] = columns
    note = (
        f"{draws} series each in place of the country's internet use; outcome, controls and exposures as "
        f"they are. "
        f"Persistent: first-order autocorrelation 0.9. {COUNTED}"
    )
    return styled(frame, "", note, BOTH, spanners=spanners, headings=headings, markup=list(headings))


def plausible_table(found: Mapping[str, Mapping[str, Any]]) -> "GT":
    """Union of intervals by the share of the reduced form that may be the instrument's own."""
    first = next(iter(found.values()))["plausible"]
    frame = pd.DataFrame({"Own effect, % of the reduced form": [f"{row['share']:.0%}" for row in first]})
    for label, record in found.items():
        frame[label] = [interval(row["low"], row["high"]) for row in record["plausible"]]
    note = "Union of 95 % intervals over all own effects of the instrument up to that size, of either sign."
    return styled(frame, "", note, ", ".join(found))


def quote_doubts(
    found: Mapping[str, Mapping[str, Any]], trial: Mapping[str, Any], placebos: Mapping[str, Any]
) -> None:
    """Quote ``<source>-robustness``, ``-breakdown``, …, ``omitted-…`` and ``placebo-<source>-…``."""
    for source, record in found.items():
        row = record["omitted"][0]
        glue(f"{source}-robustness", f"{row['robustness']:.0%}")
        glue(f"{source}-delta", number(row["delta"], 1))
        glue(f"{source}-like", number(row["adjusted"]))
        glue(f"{source}-breakdown", f"{record['breakdown']:.0%}")
        glue(f"{source}-shock-f", number(record["shocks"]["f"], 1))
        glue(f"{source}-effective", number(record["shocks"]["effective"], 1))
    glue("omitted-countries", trial["countries"])
    glue("omitted-bias", number(trial["bias"]))
    glue("omitted-range", counted_words(trial["range"], trial["countries"]))
    glue("omitted-wide", counted_words(trial["wide"], trial["countries"]))
    glue("omitted-robustness", f"{trial['robustness']:.0%}")
    for source, rows in placebos.items():
        for name, row in zip(("clustered", "akm", "null"), rows, strict=True):
            for kind in ("independent", "persistent"):
                glue(f"placebo-{source}-{name}-{kind}", f"{row[kind]:.0%}")
