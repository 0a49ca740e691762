"""The figure of the landing page, what its sentence quotes, and the scorecard as a file."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from digital_clusters.analysis.scorecard.card_lines import CardLine
from digital_clusters.analysis.scorecard.declared import declared_cards
from digital_clusters.analysis.scorecard.grades import VERDICTS
from digital_clusters.analysis.scorecard.rates import CLASSES, Rates, rates_of
from digital_clusters.analysis.scorecard.waivers import Waiver
from digital_clusters.files import write_text
from digital_clusters.paths import results_folder
from digital_clusters.report.glue import glue
from digital_clusters.report.results import plain
from digital_clusters.report.scorecard.sentences import count_verdicts, entry_sentence, twin_sentence
from digital_clusters.report.scorecard.standing import is_clear, quote_standing
from digital_clusters.report.style import BLACK, PHONE_WIDTH, canvas, house_style, series, stamp
from digital_clusters.report.tables import styled
from digital_clusters.report.words import MISSING, PUBLIC, key_in_words, number, p_text

if TYPE_CHECKING:
    from great_tables import GT
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SCORECARD_FILE = "scorecard.json"

FARTHEST = 8.0
"""Public standard errors at which the axis of the figure ends; what is farther is drawn at the edge."""

HALF = 1.96
"""Standard errors on each side of a 95 per cent interval."""


@house_style
def survey_figure(entries: Sequence[CardLine], *, narrow: bool = False) -> "Figure":
    """Hypotheses and claims on one axis: public number with interval, and the printed one where there is one.

    All are in standard errors of the public number, and positive in the direction that the paper claims.

    Parameters
    ----------
    entries : sequence of CardLine
    narrow : bool
        For the screen of a phone: as wide as its text, with all words above their marks.
    """
    shown = [entry for entry in entries if entry.kind in ("hypothesis", "claim")]
    places, titles = _rows(shown, apart=narrow)
    last = places[-1]
    if narrow:
        fig, ax = canvas(1.6 + 0.33 * last, width=PHONE_WIDTH)
    else:
        fig, ax = canvas(1.3 + 0.24 * last)
    ax.axvline(0, color="#888888", linewidth=1)
    for place, entry in zip(places, shown, strict=True):
        _survey_row(ax, place, entry)
    (_words_above if narrow else _words_beside)(ax, places, shown, titles)
    colour, marker = series(PUBLIC)
    ax.plot([], [], marker, color=colour, label="public data, 95 % interval")
    ax.plot([], [], "s", color=BLACK, label=f"printed (arrow: beyond {FARTHEST:.0f})")
    fig.legend(loc="outside upper center", ncols=1 if narrow else 2)
    ax.set(xlim=(-4.5, FARTHEST), ylim=(last + 0.6, -0.6))
    ax.grid(visible=False, axis="y")
    joint = "\n" if narrow else "; "
    ax.set_xlabel(f"standard errors of the public number{joint}to the right: as the paper claims")
    return stamp(fig, PUBLIC)


def _words_beside(
    ax: "Axes", places: Sequence[int], shown: Sequence[CardLine], titles: Sequence[tuple[int, str]]
) -> None:
    """What a line is left of its row, its word right of it, and a study's title above its first row's end."""
    across = ax.get_yaxis_transform()
    ax.set_yticks(places, [_short(entry) for entry in shown])
    for place, entry in zip(places, shown, strict=True):
        ax.text(1.02, place, entry.verdict, transform=across, va="center", size=9)
    for place, title in titles:
        ax.axhline(place - 0.5, color="#bbbbbb", linewidth=0.8)
        ax.text(0.99, place, title, transform=across, ha="right", va="center", size=8.5, color="#555555")


def _words_above(
    ax: "Axes", places: Sequence[int], shown: Sequence[CardLine], titles: Sequence[tuple[int, str]]
) -> None:
    """What a line is and its word above its marks, and a study's title in a row of its own."""
    look = {"transform": ax.get_yaxis_transform(), "va": "center"}
    ground = {"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none"}
    ax.set_yticks([])
    for place, entry in zip(places, shown, strict=True):
        ax.text(0.01, place - 0.42, _short(entry), size=8.5, bbox=ground, **look)
        ax.text(0.99, place - 0.42, entry.verdict, ha="right", size=8.5, bbox=ground, **look)
    for place, title in titles:
        ax.axhline(place - 0.35, color="#bbbbbb", linewidth=0.8)
        ax.text(0.01, place, title, size=9, weight="bold", bbox=ground, **look)


def _rows(shown: Sequence[CardLine], *, apart: bool) -> tuple[list[int], list[tuple[int, str]]]:
    """Row of each line, and row and title of each study: its first line's, or one ``apart`` above that."""
    places: list[int] = []
    titles: list[tuple[int, str]] = []
    for entry, before in zip(shown, [None, *shown], strict=False):
        place = places[-1] + 1 if places else 0
        if before is None or before.study != entry.study:
            titles.append((place, declared_cards()[entry.study].title))
            place += apart
        places.append(place)
    return places, titles


def _survey_row(ax: "Axes", place: int, entry: CardLine) -> None:
    """The two numbers of a line; its p value where there is no standard error."""
    public, said = entry.public, entry.said
    colour, marker = series(PUBLIC)
    if np.isfinite(public.value) and public.error > 0:
        here = said.sign * public.value / public.error
        ax.errorbar(here, place, xerr=HALF, fmt=marker, color=colour, markersize=5, capsize=2)
        if said.value is not None:
            printed = min(said.sign * said.value / public.error, FARTHEST)
            edge = printed == FARTHEST
            ax.plot(printed, place, ">" if edge else "s", color=BLACK, markersize=5, clip_on=False)
    elif np.isfinite(public.p_value):
        told = f"no standard error: p = {p_text(public.p_value)}"
        ax.text(0.15, place, told, va="center", size=9, color=colour)


def _short(entry: CardLine) -> str:
    """``H1``, or the key of a claim as words."""
    return key_in_words(entry.key.partition("|")[2])


def rates_table(entries: Sequence[CardLine]) -> "GT":
    """Rates that the field compares, and the class of a data editor, a line a study."""
    rows = []
    for study, card in declared_cards().items():
        rates = rates_of([entry for entry in entries if entry.study == study])
        rows.append({"Study": card.title} | _rate_cells(rates))
    classes = "; ".join(f"{name}: {meaning}" for name, meaning in CLASSES.items())
    note = (
        "Best design, and the paper's own recipe in brackets. Under changes: mean share of specifications "
        f"with the claimed sign and p < 0.05. Classes: {classes}. Public data are not the paper's own, so a "
        "class tells what can be had without them and nothing of its code."
    )
    return styled(pd.DataFrame(rows), "", note, PUBLIC)


def _rate_cells(rates: Rates) -> dict[str, str]:
    return {
        "Results with a public number": f"{rates.touched} of {rates.results}",
        "Same sign": _share(rates.same_sign),
        "And p < 0.05": _both(_share(rates.significant), _share(rates.recipe_significant)),
        "Under changes": f"{_share(rates.under_changes)} ({rates.in_multiverse} results)",
        "Relative size, median": _both(_size(rates.relative_size), _size(rates.recipe_size)),
        "Printed numbers that come out": f"{rates.exact} of {rates.printed}" if rates.printed else MISSING,
        "Data editor's class": rates.editors_class,
    }


def _share(share: float | None) -> str:
    return MISSING if share is None else f"{share:.0%}"


def _size(size: float | None) -> str:
    return MISSING if size is None else number(size, 2)


def _both(best: str, recipe: str) -> str:
    return best if recipe == MISSING else f"{best} [{recipe}]"


def quote_card(entries: Sequence[CardLine]) -> None:
    """Quote counts in prose: ``card-<kind>`` for lines of a kind, ``card-<word>`` of results with a verdict.

    ``card-recipe-sign`` and ``card-recipe-magnitude`` count coefficients that the paper's own recipe finds on
    public data with the printed sign, and within one printed standard error; ``card-recipe-clear`` those that
    have the printed sign and p < 0.05. ``card-chance`` and ``card-family`` hold what stands against chance.
    Results are coefficients and claims; hypotheses are decided by some of the coefficients.
    """
    kinds = [entry.kind for entry in entries]
    for kind in ("coefficient", "claim", "hypothesis", "moment"):
        glue(f"card-{kind}", kinds.count(kind))
    results = [entry for entry in entries if entry.kind in ("coefficient", "claim")]
    counts = count_verdicts(results)
    glue("card-results", len(results))
    for word in VERDICTS:
        glue(f"card-{word.replace(' ', '-')}", counts.get(word, 0))
    recipes = [entry for entry in results if entry.recipe is not None]
    for aspect in ("sign", "magnitude"):
        glue(f"card-recipe-{aspect}", sum(entry.marks[aspect] == "agrees" for entry in recipes))
    clear = [e for e in recipes if e.recipe is not None and is_clear(e.recipe, e.said.sign)]
    glue("card-recipe-clear", len(clear) or "none")
    quote_standing(entries)


def save_scorecard(
    entries: Sequence[CardLine], waivers: Sequence[Waiver] = (), folder: Path | None = None
) -> Path:
    """Write every line with its grades, sentences, sources and waivers to ``scorecard.json`` of ``folder``.

    By default the folder of results; the file is written at once or not at all.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    path = (folder or results_folder()) / SCORECARD_FILE
    rows = plain([_record(entry, waivers) for entry in entries])
    write_text(path, json.dumps(rows, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    return path


def _record(entry: CardLine, waivers: Sequence[Waiver]) -> dict[str, Any]:
    waived = [waiver.model_dump(mode="json") for waiver in waivers if waiver.claim == entry.key]
    return asdict(entry) | {
        "grades": entry.grades,
        "sentence": entry_sentence(entry),
        "twin_sentence": twin_sentence(entry.twin),
        "waivers": waived,
    }
