"""What an estimate says of its own errors, at the foot of the table that shows it."""

from collections.abc import Iterable

from digital_clusters.estimators.estimate import Coefficient, Estimate


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
        (row, column, f"{text[:1].upper()}{text[1:]}.")
        for row, column, found in cells
        if found is not None
        for text in found.warnings
    ]
