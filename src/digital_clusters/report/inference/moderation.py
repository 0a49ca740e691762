"""Tables of interactions in bins and within cities, and of their trials."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from digital_clusters.analysis.inference.moderation import LEVEL
from digital_clusters.report.glue import glue
from digital_clusters.report.inference.counted import COUNTED, counted, counted_words
from digital_clusters.report.tables import styled
from digital_clusters.report.words import MISSING, TWIN, lines, number, p_text
from digital_clusters.sources.columns import words_of

if TYPE_CHECKING:
    from great_tables import GT

THIRDS = ("Lowest third", "Middle third", "Highest third")


def moderation_table(found: Mapping[str, Sequence[Mapping[str, Any]]]) -> "GT":
    """Interactions as a line, in thirds of the moderator and within cities, by the label of the source."""
    rows = [_row(label, row) for label, table in found.items() for row in table]
    note = (
        "Two-way least squares, errors clustered by city in parentheses. Line: change of the effect per unit "
        "of the moderator, whose own part is as free as with thirds. Thirds: the effect at the median of the "
        "moderator in each third of the city-years; one line: p of the test that the effects within and "
        "across thirds lie on it. Within cities: the product of deviations from the city's means; same: p of "
        "the test that it equals the usual product. An en dash where the moderator has two values or never "
        "changes in a city."
    )
    spanners = {"Effect in the": list(THIRDS), "p value": ["One line", "Same"]}
    markup = ["Interaction", "Line", *THIRDS, "Within cities"]
    return styled(pd.DataFrame(rows), "", note, ", ".join(found), spanners=spanners, markup=markup)


def _row(label: str, row: Mapping[str, Any]) -> dict[str, str]:
    thirds = dict.fromkeys(THIRDS, MISSING)
    thirds |= {name: _value(one) for name, one in zip(THIRDS, row["bins"], strict=False)}
    return {
        "Interaction": lines(row["design"], [words_of(row["moderator"]), label]),
        "Line": _value(row["line"]),
        **thirds,
        "One line": p_text(row["test_p"]),
        "Within cities": _value(row["within"]),
        "Same": p_text(row["difference_p"]),
    }


def _value(one: Mapping[str, float] | None) -> str:
    return MISSING if one is None else lines(number(one["value"]), [f"({number(one['error'])})"])


def moderation_trial_table(trial: Sequence[Mapping[str, Any]], countries: int) -> "GT":
    """Bias and coverage of line and product of deviations, and how often their tests reject."""
    rows = [
        {
            "Interaction": lines(row["design"], [row["world"]]),
            "Bias": number(row["line_off"]),
            "Coverage": counted(row["line_covers"], countries),
            "Bias within": number(row["within_off"]),
            "Coverage within": counted(row["within_covers"], countries),
            "One line": counted(row["bends"], countries),
            "Same": counted(row["differs"], countries),
        }
        for row in trial
    ]
    note = (
        f"{countries} other countries. Below each interaction: what is added to the outcome. An effect that "
        "stops rising is the planted one up to the moderator's mean. Effects that differ between cities do "
        "so by as much per s.d. of the city's mean of the moderator as is planted per s.d. of the "
        "moderator. A line and nothing else: the treatment has the paths of other cities, and only the "
        "planted line is added to the outcome, so that one line is true and its rejections are the test's "
        f"size. Coverage of 95 % intervals; rejections at 5 %. {COUNTED}"
    )
    return styled(
        pd.DataFrame(rows),
        "",
        note,
        TWIN,
        spanners={
            "Line": ["Bias", "Coverage"],
            "Within cities": ["Bias within", "Coverage within"],
            "Rejected": ["One line", "Same"],
        },
        headings={"Bias within": "Bias", "Coverage within": "Coverage"},
        markup=["Interaction", "Coverage", "Coverage within", "One line", "Same"],
    )


def quote_moderation(
    trial: Sequence[Mapping[str, Any]], public: Sequence[Mapping[str, Any]], tried: str, countries: int
) -> None:
    """Quote ``mod-…`` of the trial of one interaction, and ``mod-public-…`` counts of public rows."""
    glue("mod-countries", countries)
    plain, bent, between, null = (row for row in trial if row["design"] == tried)
    glue("mod-size-line", counted_words(null["bends"], countries))
    glue("mod-null-same", counted_words(null["differs"], countries))
    glue("mod-null-within-bias", number(null["within_off"]))
    glue("mod-null-of-means", number(null["within_of_means"]))
    glue("mod-twin-line", f"{plain['bends']:.0%}")
    glue("mod-power-line", f"{bent['bends']:.0%}")
    for name, row in (("plain", plain), ("between", between)):
        glue(f"mod-{name}-line-cover", f"{row['line_covers']:.0%}")
        glue(f"mod-{name}-within-cover", f"{row['within_covers']:.0%}")
        glue(f"mod-{name}-line-bias", number(row["line_off"]))
        glue(f"mod-{name}-within-bias", number(row["within_off"]))
        glue(f"mod-{name}-differs", f"{row['differs']:.0%}")
    glue("mod-wider", number(plain["within_error"] / plain["line_error"], 1))
    bends = [row for row in public if row["test_p"] is not None]
    apart = [row for row in public if row["difference_p"] is not None]
    turned = [row for row in apart if row["within"]["value"] * row["line"]["value"] < 0]
    glue("mod-public-binned", len(bends))
    glue("mod-public-bent", sum(row["test_p"] <= LEVEL for row in bends))
    glue("mod-public-within", len(apart))
    glue("mod-public-apart", sum(row["difference_p"] <= LEVEL for row in apart))
    glue("mod-public-turned", len(turned))
