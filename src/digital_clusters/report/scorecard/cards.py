"""The scorecard as tables: one a study, a line a number or claim, the word first."""

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from digital_clusters.analysis.scorecard.card_lines import CardLine, OnTwin
from digital_clusters.analysis.scorecard.declared import declared_cards
from digital_clusters.analysis.scorecard.grades import (
    ASPECTS,
    MARKS,
    MEANINGS,
    MOMENT_WORDS,
    TWIN_WORDS,
    VERDICTS,
)
from digital_clusters.analysis.spec import read_spec
from digital_clusters.report.scorecard.sentences import (
    count_verdicts,
    entry_sentence,
    places,
    twin_sentence,
    with_error,
)
from digital_clusters.report.tables import styled
from digital_clusters.report.words import BOTH, MISSING, PUBLIC, lines, number
from digital_clusters.sources.columns import words_of

if TYPE_CHECKING:
    from great_tables import GT

_GLYPHS = {"agrees": "✓", "partly": "≈", "differs": "✗", "not available": MISSING}
_SHORT = {"sign": "sign", "magnitude": "size", "error": "s.e.", "significance": "5 %", "n": "N"}
"""Aspect → its name in a narrow cell."""

ROOT = "../notebooks/"
"""From the page of the scorecard to the chapters."""


def card_table(entries: Sequence[CardLine], title: str = "") -> "GT":
    """Lines of one study: the word, what is printed, public data, the twin, and each grade apart."""
    frame = pd.DataFrame(
        {
            "Verdict": word_chip(entry.verdict),
            "What": _what(entry),
            "Printed": _printed(entry),
            "Public data": _public(entry),
            "Synthetic twin": _twin(entry.twin),
        }
        for entry in entries
    )
    marks = "; ".join(f"{_GLYPHS[mark]} {mark}" for mark in _GLYPHS)
    note = (
        "Public data: best design (standard error), its city-years N, the median and range over its "
        "multiverse, and the paper's own recipe, where there is one. Marks, of that recipe, else of the best "
        f"design: {marks}. Twin: planted → found, power at public noise."
    )
    return styled(frame, title, note, BOTH, markup=list(frame.columns))


def moments_table(entries: Sequence[CardLine], title: str = "") -> "GT":
    """Moments of a printed Table 1, a line a variable: printed, public, and the word, four times."""
    rows: dict[str, dict[str, str]] = {}
    for entry in entries:
        printed = entry.said.text
        found = number(entry.public.value, entry.said.decimals or 0)
        cell = f'{printed}<br><span class="dc-small">{found}</span><br>{word_chip(entry.verdict)}'
        variable = lines(entry.said.place, [words_of(entry.key.split(".")[-2])])
        rows.setdefault(variable, {})[entry.said.words] = cell
    frame = pd.DataFrame([{"Variable": place} | cells for place, cells in rows.items()])
    meaning = "; ".join(f"{word}: {words}" for word, words in MOMENT_WORDS.items())
    note = f"Above: printed. Below: public data. {meaning}."
    return styled(frame, title, note, PUBLIC, markup=list(frame))


def counts_table(entries: Sequence[CardLine]) -> "GT":
    """How many lines of each study have which word; moments are not counted here."""
    rows = []
    for study, card in declared_cards().items():
        own = [entry for entry in entries if entry.study == study and entry.kind != "moment"]
        for kind, words in _KIND_WORDS.items():
            of_kind = [entry for entry in own if entry.kind == kind]
            if of_kind:
                counts = count_verdicts(of_kind)
                cells = {word: str(counts.get(word, 0) or MISSING) for word in VERDICTS}
                rows.append({"Study": card.title, "Lines": f"{len(of_kind)} {words}"} | cells)
    return styled(pd.DataFrame(rows), "", "", PUBLIC)


_KIND_WORDS = {"hypothesis": "hypotheses", "coefficient": "printed coefficients", "claim": "claims"}


def words_table() -> "GT":
    """Every verdict word with its definition, and those for the twin."""
    rows = [("Public data", word, meaning) for word, meaning in VERDICTS.items()]
    rows += [("Synthetic twin", word, meaning) for word, meaning in TWIN_WORDS.items()]
    frame = pd.DataFrame(rows, columns=["Of", "Word", "Meaning"])
    frame["Word"] = [word_chip(word) for word in frame["Word"]]
    note = (
        "The best design removes city and year effects, with errors clustered by city; for a claim it is the "
        "specification that its chapter names. Words say how estimates stand to a claim, not that an effect "
        "is causal."
    )
    return styled(frame, "", note, "definitions", markup=["Word"])


def marks_table() -> "GT":
    """What each mark of each aspect means."""
    rows = [
        {"Of": _SHORT[aspect]}
        | {f"{_GLYPHS[mark]} {mark}": MEANINGS[aspect].get(mark, MISSING) for mark in MARKS[:-1]}
        for aspect in ASPECTS
    ]
    note = f"{_GLYPHS[MARKS[-1]]} {MARKS[-1]}: one of the two numbers is missing."
    return styled(pd.DataFrame(rows), "", note, "definitions")


def word_chip(word: str) -> str:
    """A word on its colour."""
    return f'<span class="dc-chip dc-{word.replace(" ", "-")}" data-word="{word}">{word}</span>'


def _what(entry: CardLine) -> str:
    said = entry.said
    link = f'<a href="{ROOT}{entry.page}.html">{html.escape(said.place)}</a>'
    more = [html.escape(entry_sentence(entry)), html.escape(twin_sentence(entry.twin)), *_origin(entry)]
    inner = "<br>".join(more)
    return (
        f'{link}<br><span class="dc-small">{html.escape(said.words)}</span>'
        f"<details><summary>in a sentence</summary>{inner}</details>"
    )


def _origin(entry: CardLine) -> list[str]:
    """Our reading, the specification and the frozen record of a line."""
    said, public = entry.said, entry.public
    found = [f"Our reading: {html.escape(said.reading)}."] if said.reading else []
    if public.spec:
        found.append(f"Spec: {html.escape(read_spec(public.spec).in_words())}.")
    if public.estimate:
        where = f"data/results/{public.record}.json"
        found.append(f"Frozen: <code>{where}</code>, “{html.escape(public.estimate)}”.")
    return found + ([f"Differs: {html.escape(public.note)}."] if public.note and public.estimate else [])


def _printed(entry: CardLine) -> str:
    said = entry.said
    if said.value is None:
        return f'sign {"+" if said.sign > 0 else "−"}<br><span class="dc-small">no number</span>'
    text = said.text.replace("-", "−") or with_error(said.value, said.error, places(said.value))
    return text if said.n is None else f'{text}<br><span class="dc-small">N = {said.n:,}</span>'


def _public(entry: CardLine) -> str:
    public, over = entry.public, entry.multiverse
    if entry.verdict == "not available":
        return "not available"
    decimals = places(public.value, public.error)
    told = [with_error(public.value, public.error, decimals)]
    if public.n is not None:
        told.append(f'<span class="dc-small">N = {public.n:,}</span>')
    if over is not None:
        ends = f"{number(over.low, decimals)} to {number(over.high, decimals)}"
        told.append(f'<span class="dc-small">{over.n} specs: {number(over.median, decimals)}, {ends}</span>')
    if entry.recipe is not None:
        own = with_error(
            entry.recipe.value, entry.recipe.error, places(entry.recipe.value, entry.recipe.error)
        )
        told.append(f'<span class="dc-small">recipe: {own}</span>')
    return "<br>".join([*told, _marks(entry)])


def _marks(entry: CardLine) -> str:
    cells = []
    for aspect in ASPECTS:
        mark = entry.grades[aspect]
        cells.append(
            f'<span class="dc-mark" title="{aspect}: {mark}">{_SHORT[aspect]} {_GLYPHS[mark]}</span>'
        )
    return " ".join(cells)


def _twin(twin: OnTwin) -> str:
    if twin.planted is None:
        return word_chip("not available")
    decimals = places(twin.planted, twin.found)
    shown = f"{number(twin.planted, decimals)} → {number(twin.found, decimals)}"
    power = "" if twin.power is None or np.isnan(twin.power) else f"power {twin.power:.0%}"
    return f'{shown}<br><span class="dc-small">{power}</span><br>{word_chip(twin.word)}'
