"""Shares that were counted in a trial, with what chance leaves open of them."""

from digital_clusters.report.figures.monte_carlo import wilson_limits
from digital_clusters.report.words import MISSING, lines

COUNTED = "Below a share: its 95 % interval (Wilson)."
"""For the note of a table with cells of :func:`counted`."""


def counted(share: float | None, draws: int) -> str:
    """A share of ``draws`` in per cent above its 95 per cent interval (Wilson 1927), as a cell's HTML.

    Examples
    --------
    >>> counted(0.9, 100)
    '90.0 %<br><span class="dc-small">[82.6, 94.5]</span>'
    """
    if share is None:
        return MISSING
    low, high = wilson_limits(share, draws)
    return lines(f"{100 * share:.1f} %", [f"[{100 * low:.1f}, {100 * high:.1f}]"])


def counted_words(share: float, draws: int) -> str:
    """The same in a sentence.

    Examples
    --------
    >>> counted_words(0.9, 100)
    '90% (83% to 94%)'
    """
    low, high = wilson_limits(share, draws)
    return f"{share:.0%} ({low:.0%} to {high:.0%})"
