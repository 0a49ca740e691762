"""Clear results against chance: how many there would be by luck, and what is left in the family of claims."""

from collections.abc import Sequence

from digital_clusters.analysis.scorecard.card_lines import CardLine, OnPublic
from digital_clusters.analysis.scorecard.claimed import among_claims
from digital_clusters.analysis.scorecard.grades import LEVEL_OF_TESTS
from digital_clusters.report.glue import glue
from digital_clusters.report.words import number, p_text


def is_clear(found: OnPublic, sign: float) -> bool:
    """Whether a number has the sign and is different from zero at the level of the tests."""
    return found.p_value < LEVEL_OF_TESTS and found.value * sign > 0


def chance_sentence(results: Sequence[CardLine]) -> str:
    """How many results would have the claimed sign and p below the level if no claim were true.

    Half of the level of a two-sided test falls on the claimed side; an expected number adds up whether or not
    the results depend on each other.
    """
    expected = len(results) * LEVEL_OF_TESTS / 2
    met = sum(is_clear(entry.public, entry.said.sign) for entry in results)
    return (
        f"If none of the {len(results)} were true, {number(expected, 2)} of them would on average have the "
        f"claimed sign and p < {LEVEL_OF_TESTS:.2f} in the best design by chance alone; {met} {_have(met)}."
    )


def family_sentences(results: Sequence[CardLine]) -> str:
    """Each claim with the claimed sign and a small p value, and that among all claims of its abstract.

    Empty where there is none.
    """
    return " ".join(
        _in_family(entry, p_family)
        for entry in results
        if (p_family := entry.public.p_family) is not None and is_clear(entry.public, entry.said.sign)
    )


def quote_standing(entries: Sequence[CardLine]) -> None:
    """Quote ``card-chance`` and ``card-family`` for prose that counts the verdicts."""
    results = [entry for entry in entries if entry.kind in ("coefficient", "claim")]
    glue("card-chance", chance_sentence(results))
    glue("card-family", family_sentences(results))


def _have(count: int) -> str:
    return "has" if count == 1 else "have"


def _in_family(entry: CardLine, p_family: float) -> str:
    """The claim, its p value alone and adjusted for all claims of its abstract (Romano & Wolf 2005)."""
    kept = "remains" if p_family < LEVEL_OF_TESTS else "does not remain"
    return (
        f"By itself “{entry.said.words.rstrip('.')}” (in our words) has a p value of "
        f"{p_text(entry.public.p_value)}; among the {len(among_claims(entry.study))} claims of its abstract, "
        f"tested together, it is {p_text(p_family)} (Romano and Wolf): the claim {kept} different from zero "
        f"at {LEVEL_OF_TESTS * 100:.0f} %."
    )
