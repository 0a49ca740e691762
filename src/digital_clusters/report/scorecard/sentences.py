"""Sentences on lines of the scorecard, and on how many there are of which kind."""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from digital_clusters.analysis.scorecard.building import study_entries
from digital_clusters.analysis.scorecard.card_lines import CardLine, OnTwin
from digital_clusters.analysis.scorecard.grades import (
    LEVEL_OF_TESTS,
    MOMENT_WORDS,
    SAME_MOMENT,
    TWIN_WORDS,
    VERDICTS,
    Verdict,
)
from digital_clusters.analysis.scorecard.multiverses import in_other_units
from digital_clusters.errors import ParameterError
from digital_clusters.report.glue import glue
from digital_clusters.report.scorecard.standing import family_sentences, is_clear
from digital_clusters.report.words import number, p_text
from digital_clusters.wording import suggestion

_KINDS = {
    "coefficient": "printed coefficient",
    "claim": "claim",
    "hypothesis": "hypothesis",
    "moment": "moment",
}
_MANY = {
    "coefficient": "printed coefficients",
    "claim": "claims",
    "hypothesis": "hypotheses",
    "moment": "printed moments",
}


def entry_sentence(entry: CardLine) -> str:
    """One sentence: the public number, how it stands to the printed one, multiverse, what was detectable."""
    if entry.kind == "moment":
        return _moment_sentence(entry)
    if entry.verdict == "not available":
        return f"Public data do not touch it: {entry.public.note}."
    decimals = places(entry.public.value, entry.public.error)
    parts = [_number_part(entry, decimals)]
    if entry.public.p_family is not None and is_clear(entry.public, entry.said.sign):
        parts.append(f"among all claims of its abstract its p value is {p_text(entry.public.p_family)}")
    if entry.multiverse is not None:
        over = entry.multiverse
        parts.append(
            f"over {over.n} specifications the median is {number(over.median)}, from {number(over.low)} to "
            f"{number(over.high)}, and {over.share_clear:.0%} have the claimed sign and p < 0.05"
        )
    if np.isfinite(entry.public.detectable):
        parts.append(
            f"an effect of {number(entry.public.detectable, decimals)} would be found four times in five"
        )
    return f"{'; '.join(parts)}."


PLACES = 3
"""Decimals of a number, unless its scale needs more for two significant digits."""


def places(*values: float | None) -> int:
    """Decimals with which numbers of one scale are told: three, or two significant digits of the largest."""
    known = [abs(value) for value in values if value is not None and np.isfinite(value) and value != 0]
    if not known:
        return PLACES
    return max(PLACES, 1 - int(np.floor(np.log10(max(known)))))


def _number_part(entry: CardLine, decimals: int) -> str:
    public, said = entry.public, entry.said
    side = "the claimed sign" if _agrees(entry) else "the other sign"
    clear = "different from zero" if public.p_value < 0.05 else "not different from zero at 5 %"
    found = f"Best design {with_error(public.value, public.error, decimals)}, {side}, {clear}"
    if said.value is None:
        return found
    held = public.low <= said.value <= public.high
    place, ends = (
        "inside" if held else "outside",
        f"[{number(public.low, decimals)}, {number(public.high, decimals)}]",
    )
    return f"{found}; the printed {number(said.value, places(said.value))} lies {place} its interval {ends}"


def with_error(value: float, error: float | None, decimals: int = PLACES) -> str:
    """A number with its standard error in parentheses, where there is one."""
    shown = number(value, decimals)
    return f"{shown} ({number(error, decimals)})" if error is not None and np.isfinite(error) else shown


def _moment_sentence(entry: CardLine) -> str:
    value, printed = entry.public.value, entry.said.value
    if not np.isfinite(value) or printed is None:
        return "Public data do not have the variable."
    return f"Public data {number(value)}, printed {number(printed)}: {value / printed - 1:+.1%}.".replace(
        "-", "−"
    )


def twin_sentence(twin: OnTwin) -> str:
    """What the twin adds: planted, found, and the power of the planted size at public noise."""
    if twin.planted is None:
        return "Nothing of it is planted in the twin."
    decimals = places(twin.planted, twin.found)
    mean = f", the mean over {twin.countries} countries" if twin.countries > 1 else ""
    shares = ""
    if twin.share_found is not None and twin.coverage is not None:
        shares = f", sign found in {twin.share_found:.0%}, size inside the interval in {twin.coverage:.0%}"
    power = (
        ""
        if twin.power is None or not np.isfinite(twin.power)
        else (f"; at public noise it would be found in {twin.power:.0%} of samples")
    )
    both = f"Planted {number(twin.planted, decimals)}, found {number(twin.found, decimals)}"
    return f"{both}{mean}{shares}{power}."


def count_verdicts(entries: Iterable[CardLine]) -> dict[Verdict, int]:
    """Verdict → lines, in the order of the verdicts; words that no line has are left out."""
    counts = Counter(entry.verdict for entry in entries)
    known: tuple[Verdict, ...] = (*VERDICTS, *(word for word in MOMENT_WORDS if word not in VERDICTS))
    return {word: counts[word] for word in known if counts[word]}


def counts_phrase(entries: Sequence[CardLine]) -> str:
    """Such as ``2 stand, 1 is fragile``: how many lines have which word."""
    return ", ".join(f"{count} {word}" for word, count in count_verdicts(entries).items())


def opening_sentence(study: str, section: str) -> str:
    """What came out, for the head of a chapter: how many of the lines it decides are clear on public data."""
    shown = _lines_of(study, section)
    if _moments_alone(shown):
        return _opening_of_moments(shown)
    if shown[0].page != f"{study}/{section}":
        return _opening_of_study(shown)
    tried = [entry for entry in shown if entry.recipe is not None]
    by_recipe = sum(is_clear(entry.recipe, entry.said.sign) for entry in tried)
    recipe = f", {by_recipe or 'none'} by the paper's recipe" if tried else ""
    return f"On public data {_clear_phrase(shown)} the claimed sign and p < 0.05 in the best design{recipe}."


def opening_lines(study: str, section: str) -> list[str]:
    """The numbers of each line that a chapter decides, public data first; none where it decides no line."""
    shown = _decided(study, section)
    return [f"{_name(entry, shown)}: {_public_number(entry)}; {_twin_number(entry)}." for entry in shown]


def reading_sentence(study: str, section: str) -> str:
    """How :func:`opening_lines` are read: the best design, parentheses, and where the twin's were found."""
    shown = _decided(study, section)
    said = f"{_how_to_read(shown)}{_found_where(shown)}."
    return f"{said[:1].upper()}{said[1:]}"


def lines_sentence(study: str, *names: str) -> str:
    """What public data say of lines that a chapter is about and does not decide, such as one of theory.

    Parameters
    ----------
    study : str
    names : str
        Keys of lines without their study, such as ``inverted_u``.

    Raises
    ------
    ParameterError
        If the study's scorecard has no such line.
    """
    by_name = {entry.key.partition("|")[2]: entry for entry in study_entries(study)}
    for name in names:
        if name not in by_name:
            raise ParameterError(
                f"the scorecard of '{study}' has no line '{name}'{suggestion(name, by_name)}"
            )
    shown = [by_name[name] for name in names]
    items = "; ".join(f"{_name(entry, shown)}: {_public_number(entry)}" for entry in shown)
    both = "the claimed sign and p < 0.05 in the best design"
    return f"On public data {_clear_phrase(shown)} {both} ({_how_to_read(shown)}). {items}."


def _how_to_read(shown: Sequence[CardLine]) -> str:
    """What the best design is, whose the words are, and what stands in parentheses."""
    design = "city and year effects removed, errors clustered by city"
    if any(entry.kind == "claim" for entry in shown):
        design = "for a claim the specification named on the scorecard"
    ours = "" if shown[0].kind == "coefficient" else "; the paper's statements in our words"
    return f"best design: {design}{ours}; standard errors in parentheses"


def _found_where(shown: Sequence[CardLine]) -> str:
    """In how many synthetic countries the numbers were found that stand beside the planted ones."""
    counts = sorted({entry.twin.countries for entry in shown if entry.twin.planted is not None})
    if not counts:
        return ""
    if counts == [1]:
        return "; found: in one synthetic country"
    return f"; found: the mean over {' or '.join(map(str, counts))} synthetic countries"


def _clear_phrase(shown: Sequence[CardLine]) -> str:
    """How many numbers are clear, as the start of a sentence: ``none of 5 numbers has``."""
    clear = sum(is_clear(entry.public, entry.said.sign) for entry in shown)
    if len(shown) == 1:
        return "the number has" if clear else "the number does not have both"
    return f"{clear or 'none'} of {len(shown)} numbers {'have' if clear > 1 else 'has'}"


def _agrees(entry: CardLine) -> bool:
    return entry.public.value * entry.said.sign > 0


def _name(entry: CardLine, shown: Sequence[CardLine]) -> str:
    """Its words, or its place; with the term where a place has several."""
    if entry.kind != "coefficient":
        return f"“{entry.said.words.rstrip('.')}”"
    several = sum(other.said.place == entry.said.place for other in shown) > 1
    return f"{entry.said.place} {entry.said.words.rpartition(': ')[2]}" if several else entry.said.place


def _public_number(entry: CardLine) -> str:
    public, said = entry.public, entry.said
    if not np.isfinite(public.value):
        return "is not to be had"
    decimals = places(public.value, public.error)
    source = "difference of two printed numbers" if said.place.count("Table") > 1 else "printed"
    printed = "" if said.value is None else f", {source} {number(said.value, places(said.value))}"
    side = "" if _agrees(entry) else ", the other sign"
    found = f"{with_error(public.value, public.error, decimals)}{side}"
    if entry.recipe is None:
        return f"{found}{printed}"
    return f"{found}, by the recipe {with_error(entry.recipe.value, entry.recipe.error, decimals)}{printed}"


def _twin_number(entry: CardLine) -> str:
    twin = entry.twin
    if twin.planted is None or twin.found is None:
        return "on the synthetic twin nothing of it is planted"
    decimals = places(twin.planted, twin.found)
    both = f"planted {number(twin.planted, decimals)}, found {number(twin.found, decimals)}"
    return f"on the synthetic twin {both}"


def _opening_of_moments(shown: Sequence[CardLine]) -> str:
    had = [entry for entry in shown if np.isfinite(entry.public.value) and entry.said.value]
    away = {entry.key: abs(entry.public.value / entry.said.value - 1) for entry in had}
    worst = max(had, key=lambda entry: away[entry.key])
    near = sum(value <= SAME_MOMENT for value in away.values())
    return (
        f"Of {len(shown)} printed moments public data have {len(had)}, and {near} of these lie within "
        f"{SAME_MOMENT * 100:.0f} % of the printed value; the farthest is that of {worst.said.place}, "
        f"{worst.said.words}: {number(worst.public.value)} where {number(worst.said.value)} is printed."
    )


def _opening_of_study(shown: Sequence[CardLine]) -> str:
    ((kind, _),) = Counter(entry.kind for entry in shown).most_common(1)
    had = [entry for entry in shown if np.isfinite(entry.public.value)]
    agree = [entry for entry in had if _agrees(entry)]
    clear = sum(entry.public.p_value < LEVEL_OF_TESTS for entry in agree)
    return (
        f"On public data {len(had)} of the study's {len(shown)} {_MANY[kind]} can be estimated; by the best "
        f"design {len(agree)} have the claimed sign, {clear or 'none'} of them with p < 0.05."
    )


def survives_sentence(study: str, section: str) -> str:
    """What survives of what a chapter shows: public data first, then the twin.

    A chapter that decides nothing by itself tells of the whole study.
    """
    shown = _lines_of(study, section)
    here = shown[0].page == f"{study}/{section}"
    where = (
        "that this chapter tests" if here else "of the study, none of which this chapter decides by itself"
    )
    ((kind, _),) = Counter(entry.kind for entry in shown).most_common(1)
    what = f"{len(shown)} {_MANY[kind]}" if len(shown) > 1 else f"the one {_KINDS[kind]}"
    if _moments_alone(shown):
        return f"On public data, of {what} {where}: {counts_phrase(shown)}."
    return (
        f"On public data, of {what} {where}: {counts_phrase(shown)}. {_middle(shown)} {_in_family(shown)}"
        f"On the synthetic twin, where the truth is known: {_twin_counts(shown)}."
    )


def words_sentence(study: str, section: str) -> str:
    """What each word means that :func:`survives_sentence` uses, in its order."""
    shown = _lines_of(study, section)
    meanings = VERDICTS | MOMENT_WORDS if _moments_alone(shown) else VERDICTS
    words = [f"{word}: {meanings[word]}" for word in count_verdicts(shown)]
    if not _moments_alone(shown):
        twin = {entry.twin.word for entry in shown}
        words += [f"{word}: {meaning}" for word, meaning in TWIN_WORDS.items() if word in twin]
    return f"{'; '.join(words)}."


def quote_lines(study: str, *names: str) -> None:
    """Quote :func:`lines_sentence` as ``on-public-data``."""
    glue("on-public-data", lines_sentence(study, *names))


def quote_survivors(study: str, section: str) -> None:
    """Quote what the boxes at the head and at the end of a chapter say.

    ``came-out``, with ``came-out-1``, ``came-out-2``, … and ``came-out-reading`` where the chapter decides
    lines; ``survives`` and ``survives-words``.
    """
    glue("came-out", opening_sentence(study, section))
    lines = opening_lines(study, section)
    for place, line in enumerate(lines, start=1):
        glue(f"came-out-{place}", line)
    if lines:
        glue("came-out-reading", reading_sentence(study, section))
    glue("survives", survives_sentence(study, section))
    glue("survives-words", words_sentence(study, section))


def _lines_of(study: str, section: str) -> list[CardLine]:
    """Lines that a chapter decides; moments only where it decides nothing else; else those of the study."""
    every = study_entries(study)
    here = [entry for entry in every if entry.page == f"{study}/{section}"]
    decided = _decided(study, section)
    return decided or here or [entry for entry in every if entry.kind in ("coefficient", "claim")]


def _decided(study: str, section: str) -> list[CardLine]:
    """Coefficients, hypotheses and claims that a chapter decides."""
    page = f"{study}/{section}"
    return [entry for entry in study_entries(study) if entry.page == page and entry.kind != "moment"]


def _moments_alone(shown: Sequence[CardLine]) -> bool:
    return all(entry.kind == "moment" for entry in shown)


def _in_family(shown: Sequence[CardLine]) -> str:
    """What claims with the claimed sign are worth among all of their study; empty where none has p < 0.05."""
    said = family_sentences(shown)
    return f"{said} " if said else ""


def _middle(shown: Sequence[CardLine]) -> str:
    """How much of the multiverse and of the printed size is left, over the lines that have them."""
    shares = [entry.multiverse.share_clear for entry in shown if entry.multiverse is not None]
    sizes = [e.public.value / e.said.value for e in shown if e.said.value and np.isfinite(e.public.value)]
    parts = []
    if sizes:
        parts.append(f"the best design has {number(float(np.median(sizes)), 2)} of the printed size (median)")
    if shares:
        parts.append(
            f"{np.mean(shares):.0%} of the specifications of their multiverses have the claimed sign and "
            f"p < 0.05{_other_units(shown)}"
        )
    said = "; ".join(parts)
    return f"{said[:1].upper()}{said[1:]}." if parts else "No multiverse holds these numbers."


def _other_units(shown: Sequence[CardLine]) -> str:
    """The unit that a share was counted in, and the shares in the others; empty where there is one unit."""
    own = {entry.multiverse.unit for entry in shown if entry.multiverse is not None}
    shares: dict[str, list[float]] = {}
    for entry in shown:
        for over in in_other_units(entry.study, entry.key.partition("|")[2]):
            shares.setdefault(over.unit, []).append(over.share_clear)
    if not shares:
        return ""
    others = ", ".join(f"{unit} {np.mean(found):.0%}" for unit, found in shares.items())
    return f" ({' or '.join(sorted(own))}; counted apart: {others})"


def _twin_counts(shown: Sequence[CardLine]) -> str:
    counts = Counter(entry.twin.word for entry in shown)
    return ", ".join(f"{counts[word]} {word}" for word in TWIN_WORDS if counts[word])
