"""Numbers and sentences that the page on intervals quotes."""

import pandas as pd

from digital_clusters.report.glue import glue
from digital_clusters.studies.trials.intervals.declared import DESIGNS_IN_WORDS, FrozenTrial, described
from digital_clusters.studies.trials.intervals.runner import CLOSE, NO_PAGE, SEED, THIS_PAGE
from digital_clusters.studies.trials.intervals.tables import percent

REMEDIES = (
    "Wald, Hotelling",
    "Driscoll–Kraay, fixed-b",
    "Hausman, panel, degrees of freedom, F",
    "Hausman, Durbin model, degrees of freedom, F",
)
"""Checks of the rules for small samples that the page names."""


def of_chapters(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of what a chapter shows."""
    return table[~described(table)["shown"].isin([THIS_PAGE, NO_PAGE])]


def failing(table: pd.DataFrame) -> str:
    """Each check that fails somewhere, with its worst design and share."""
    bad = table[table["verdict"] == "fails"]
    bad = bad.assign(gap=(bad["share"] - bad["nominal"]).abs()).sort_values("gap", ascending=False)
    worst = bad.drop_duplicates("check")
    parts = [
        f"{row.check} ({percent(row.share)} %, {DESIGNS_IN_WORDS.get(row.design, row.design)})"
        for row in worst.itertuples()
    ]
    return "; ".join(parts) if parts else "none"


def trial(frozen: FrozenTrial) -> None:
    """Quote the frozen table: ``intervals-…``.

    ``rows``, ``others`` (that no chapter shows), ``designs``, ``holds``, ``cautious``, ``fails``,
    ``coverage-failing``, ``size-failing`` and ``remedies-failing`` (the checks, in words), ``draws``,
    ``seed``, ``commit``, ``date``, ``close``.
    """
    table = of_chapters(frozen.table)
    counts = table["verdict"].value_counts()
    for verdict in ("holds", "cautious", "fails"):
        glue(f"intervals-{verdict}", int(counts.get(verdict, 0)))
    for promise in ("coverage", "size"):
        glue(f"intervals-{promise}-failing", failing(table[table["promise"] == promise]))
    glue("intervals-remedies-failing", failing(frozen.table[frozen.table["check"].isin(REMEDIES)]))
    glue("intervals-rows", len(table))
    glue("intervals-others", len(frozen.table) - len(table))
    glue("intervals-designs", table["design"].nunique())
    glue("intervals-draws", f"{int(frozen.table['draws'].min()):,}")
    glue("intervals-seed", str(SEED))
    glue("intervals-commit", frozen.commit[:7])
    glue("intervals-date", frozen.date[:10])
    glue("intervals-close", f"{100 * CLOSE:g}")
