"""What an estimate says of its own errors, at the foot of the table that shows it."""

import re
from collections.abc import Iterable

from digital_clusters.estimators.estimate import Coefficient, Estimate
from digital_clusters.sources.columns import words_of_term

REMEDIES = {
    "errors = 'clustered' or 'cv3'": "errors clustered by unit, or by leaving out one unit after another",
    "errors = 'clustered'": "errors clustered by unit",
    "errors = 'cv3'": "errors by leaving out one unit after another",
    "the wild bootstrap of family_tests": "the wild bootstrap",
    "correction = 'transformation'": "effects removed by transformation",
    "variance = 'degrees_of_freedom'": "a variance corrected for degrees of freedom",
    "reference = 'hotelling'": "Hotelling's reference distribution",
    "placebo_adoption": "a permutation of the years of adoption",
    "placebo_pretrend": "a permutation of the paths before adoption",
    "intervals of rho": "intervals of ρ",
}
"""What a caution tells somebody who writes code to try → what it is called."""

EFFECTS = {"att": "the effect", "did": "the effect"}
"""Terms of designs that are no columns."""

_QUOTED = re.compile(r"'([^']+)'(?=[,:]| and \d+ more)")


def cautions(cells: Iterable[tuple[int, str, Estimate | Coefficient | None]]) -> list[tuple[int, str, str]]:
    """Footnotes of the cells whose estimate carries warnings, one for each sentence.

    Parameters
    ----------
    cells : iterable of (row, column, Estimate, Coefficient or None)
        Row counted from zero, heading of the column, and what the cell shows; ``None`` has nothing to say.

    Returns
    -------
    list of (row, column, text)
        As :func:`~digital_clusters.report.tables.styled` takes them; equal sentences share one mark there.
    """
    return [
        (row, column, f"{_capital(text[:1])}{text[1:]}.")
        for row, column, found in cells
        if found is not None
        for text in map(caution_in_words, found.warnings)
    ]


def caution_in_words(text: str) -> str:
    """A warning of an estimate without names of code: terms by the codebook, remedies by what they are.

    Examples
    --------
    >>> caution_in_words("'virtual:delta_member': 13.4 effective clusters; compare errors = 'clustered'")
    'virtual agglomeration × member: 13.4 effective clusters; compare errors clustered by unit'
    """
    for code, words in REMEDIES.items():
        text = text.replace(code, words)
    return _QUOTED.sub(lambda found: _words(found[1]), text)


def _words(term: str) -> str:
    return EFFECTS.get(term) or words_of_term(term).replace("_", " ")


def _capital(letter: str) -> str:
    """A letter as a sentence begins; a Greek one is a symbol and stays."""
    return letter.upper() if letter.isascii() else letter
