"""Grades of a number beside the printed one, each by itself, and the one word that is said of it.

A number that is not there is graded *not available*, which is a state of its own and counts for nothing.
"""

import math
from typing import Literal, get_args

from digital_clusters.analysis.scorecard.noise import CRITICAL

Aspect = Literal["sign", "magnitude", "error", "significance", "n"]
"""What is graded apart: direction, distance in printed errors, standard error, test at 5 %, observations."""

ASPECTS: tuple[Aspect, ...] = get_args(Aspect)

Mark = Literal["agrees", "partly", "differs", "not available"]
"""Best first; each aspect says in :data:`MEANINGS` what its marks mean."""

MARKS: tuple[Mark, ...] = get_args(Mark)

ClaimWord = Literal["stands", "fragile", "undecided", "smaller", "opposite", "not available"]
"""What public data say of a coefficient or claim, nearest to the paper first."""

VERDICTS: dict[ClaimWord, str] = {
    "stands": "the claimed sign and p < 0.05 in the best design, for a claim of an abstract also among all "
    "of its claims (Romano and Wolf), and in more than half of its multiverse",
    "fragile": "the claimed sign and p < 0.05 in the best design, but not among all claims of its abstract, "
    "or in half of its multiverse or less, or no multiverse has this number",
    "undecided": "not different from zero at 5 % in the best design; the printed size, if there is "
    "one, lies in its 95 % interval",
    "smaller": "not different from zero at 5 % in the best design, and the printed size lies outside its "
    "95 % interval",
    "opposite": "the other sign and p < 0.05 in the best design",
    "not available": "no public file has what it needs",
}
"""Word → what it means. The best design has city and year effects and errors clustered by city."""

MomentWord = Literal["alike", "near", "apart", "not available"]
"""What public data say of a moment of Table 1, nearest first."""

MOMENT_WORDS: dict[MomentWord, str] = {
    "alike": "within 5 % of the printed moment",
    "near": "within 25 %",
    "apart": "farther",
    "not available": "no public file has the variable",
}

MOMENT_OF_MARK: dict[Mark, MomentWord] = {
    "agrees": "alike",
    "partly": "near",
    "differs": "apart",
    "not available": "not available",
}

Verdict = ClaimWord | MomentWord

MEANINGS: dict[Aspect, dict[Mark, str]] = {
    "sign": {"agrees": "the printed or claimed one", "differs": "the other one"},
    "magnitude": {
        "agrees": "within one printed standard error of the printed number",
        "partly": "within two",
        "differs": "farther",
    },
    "error": {
        "agrees": "within 25 % of the printed error",
        "partly": "within a factor of two",
        "differs": "farther",
    },
    "significance": {
        "agrees": "different from zero at 5 % with the claimed sign",
        "partly": "not different from zero",
        "differs": "different from zero with the other sign",
    },
    "n": {
        "agrees": "within 1 % of the printed number of observations",
        "partly": "within 25 %",
        "differs": "farther",
    },
}
"""Aspect → what its marks mean; *not available* is where either number is missing."""

MOST_OF_MULTIVERSE = 0.5
"""Share of specifications that must have the claimed sign and p < 0.05 for a number to stand."""

NEAR, FAR = 1.0, 2.0
"""Printed standard errors between the grades of magnitude."""

ALIKE, WITHIN_FACTOR = 0.25, 2.0
"""Relative difference of two standard errors that counts as agreement; factor that counts as partly."""

SAME_N, SIMILAR_N = 0.01, 0.25
"""Relative difference of numbers of observations."""

LEVEL_OF_TESTS = 0.05

_SLACK = 1e-9
"""A distance of exactly a threshold counts as within, whatever binary makes of it."""


def grade_sign(value: float, claimed: float) -> Mark:
    """Whether two numbers lie on the same side of zero; ``claimed`` may be a sign."""
    if not (_known(value) and _known(claimed)):
        return "not available"
    return "agrees" if value * claimed > 0 else "differs"


def grade_magnitude(value: float, printed: float | None, printed_error: float | None) -> Mark:
    """Distance in printed standard errors."""
    if printed is None or not printed_error or not _known(value):
        return "not available"
    return _by(abs(value - printed) / printed_error, NEAR, FAR)


def grade_error(error: float, printed_error: float | None) -> Mark:
    """How near a standard error is to the printed one."""
    if not printed_error or not _known(error) or error <= 0:
        return "not available"
    ratio = error / printed_error
    if abs(ratio - 1) <= ALIKE + _SLACK:
        return "agrees"
    return "partly" if max(ratio, 1 / ratio) <= WITHIN_FACTOR + _SLACK else "differs"


def grade_significance(value: float, p_value: float, claimed: float) -> Mark:
    """Whether the test at 5 % comes out as the paper has it."""
    if not (_known(value) and _known(p_value) and _known(claimed)):
        return "not available"
    if p_value >= LEVEL_OF_TESTS:
        return "partly"
    return "agrees" if value * claimed > 0 else "differs"


def grade_n(n: float | None, printed: float | None) -> Mark:
    """How near the number of observations is to the printed one."""
    if n is None or not printed:
        return "not available"
    return _by(abs(n / printed - 1), SAME_N, SIMILAR_N)


def verdict_of(
    value: float,
    p_value: float,
    interval: tuple[float, float],
    claimed: float,
    *,
    printed: float | None = None,
    share_clear: float | None = None,
    p_family: float | None = None,
) -> ClaimWord:
    """The word for a public number.

    Parameters
    ----------
    value, p_value : float
        Of the best design; NaN if there is none.
    interval : tuple of float
        Its 95 per cent interval.
    claimed : float
        The claimed sign, or a number that has it.
    printed : float, optional
        The printed size, in the unit of ``value``.
    share_clear : float, optional
        Share of the multiverse with the claimed sign and p < 0.05; ``None`` where it has no such number.
    p_family : float, optional
        P value among all claims that are tested with it; ``None`` where it is tested alone.
    """
    if not _known(value):
        return "not available"
    if p_value < LEVEL_OF_TESTS:
        if value * claimed < 0:
            return "opposite"
        widely = share_clear is not None and share_clear > MOST_OF_MULTIVERSE
        among_all = p_family is None or p_family < LEVEL_OF_TESTS
        return "stands" if widely and among_all else "fragile"
    outside = printed is not None and not interval[0] <= printed <= interval[1]
    return "smaller" if outside else "undecided"


TwinWord = Literal["sign and size", "sign only", "often missed", "other sign", "not available"]
"""What the design finds where the truth is planted."""

TWIN_WORDS: dict[TwinWord, str] = {
    "sign and size": "the planted sign is found, different from zero, in at least four of five countries, "
    "and the 95 % interval holds the planted size in at least nine of ten; in a single country, both",
    "sign only": "the planted sign is found, different from zero, in at least four of five countries, "
    "and the 95 % interval holds the planted size in fewer than nine of ten; in a single country, the sign "
    "and not the size",
    "often missed": "the sign is found in fewer than four of five countries, or not in the single one",
    "other sign": "the sign that is not planted is found, different from zero, in the single country",
    "not available": "nothing of it is planted",
}

OFTEN, HOLDS = 0.8, 0.9
"""Shares of synthetic countries in :data:`TWIN_WORDS`."""


def twin_word(share_found: float, coverage: float | None) -> TwinWord:
    """The word for a planted size, from shares of synthetic countries."""
    if coverage is None or not _known(share_found):
        return "not available"
    if share_found < OFTEN:
        return "often missed"
    return "sign and size" if coverage >= HOLDS else "sign only"


def twin_word_once(planted: float | None, found: float, error: float) -> TwinWord:
    """The word for a planted size from one country."""
    if planted is None:
        return "not available"
    clear = abs(found) > CRITICAL * error
    if clear and found * planted < 0:
        return "other sign"
    seen = clear and found * planted > 0
    return twin_word(float(seen), float(abs(found - planted) <= CRITICAL * error))


def grade_moment(value: float | None, printed: float) -> Mark:
    """A moment beside the printed one: within 5 % agrees, within 25 % partly."""
    if value is None or not _known(value) or printed == 0:
        return "not available"
    return _by(abs(value / printed - 1), SAME_MOMENT, SIMILAR_N)


SAME_MOMENT = 0.05
"""Relative difference at which a mean, s.d. or extreme counts as the printed one."""


def _by(distance: float, near: float, far: float) -> Mark:
    if distance <= near + _SLACK:
        return "agrees"
    return "partly" if distance <= far + _SLACK else "differs"


def _known(number: float) -> bool:
    return math.isfinite(number)
