"""Methods for accession that takes place in several years."""

from collections.abc import Callable

from digital_clusters.report.words import number, p_text
from digital_clusters.studies.trials.inference.declared import Facts, TriedMethod, estimate_text
from digital_clusters.studies.trials.staggered.quotes import spilled

JOINERS = "collaborative_agglomeration.joiners"
_ACCESSION = "collaborative agglomeration: accession"
_COUNTIES = "county teen employment"


def _trial(method: str) -> Callable[[Facts], str]:
    def words(facts: Facts) -> str:
        row = next(row for row in facts["trial"] if row["method"] == method)
        parts = []
        if row.get("coverage") is not None:
            parts.append(f"coverage {row['coverage']:.0%}")
        if row.get("size") is not None:
            parts.append(f"size {row['size']:.0%}")
        if row.get("bias") is not None:
            parts.append(f"bias {number(row['bias'])}")
        return ", ".join(parts)

    return words


def _with_spillover(method: str, tried: str, *, donut: bool = False) -> Callable[[Facts], str]:
    """What the twin says of a method, and what planted spillovers say of what is ``tried`` there."""
    on_twin = _trial(method)
    return lambda facts: f"{on_twin(facts)}; {spilled(tried, donut=donut)}"


def _robust(design: str) -> Callable[[Facts], str]:
    def words(facts: Facts) -> str:
        public = facts["public"]
        row = next(row for row in public["estimates"] if row["design"] == design)
        before = public["two_way"]
        return (
            f"accession {estimate_text(before['value'], before['standard_error'])} → "
            f"{estimate_text(row['value'], row['standard_error'])}"
        )

    return words


ON_ACCESSION: tuple[TriedMethod, ...] = (
    TriedMethod(
        "interaction-weighted event study",
        "Sun & Abraham 2021",
        "diff-diff",
        f"{_COUNTIES}: −0.0400 (0.0118) of R's fixest; cohort by cohort by least squares",
        _ACCESSION,
        JOINERS,
        _with_spillover("Sun–Abraham", "Sun–Abraham"),
        _robust("Sun–Abraham"),
    ),
    TriedMethod(
        "imputation",
        "Borusyak, Jaravel & Spiess 2024",
        "diff-diff",
        f"{_COUNTIES}: −0.0477 of R's did2s; their theorem 3 by hand",
        _ACCESSION,
        JOINERS,
        _with_spillover("imputation (Borusyak–Jaravel–Spiess)", "imputation"),
        _robust("imputation (Borusyak–Jaravel–Spiess)"),
    ),
    TriedMethod(
        "two stages",
        "Gardner 2022",
        "diff-diff",
        f"{_COUNTIES}: −0.0477 of R's did2s; influence function by hand",
        _ACCESSION,
        JOINERS,
        _with_spillover("two stages (Gardner)", "two stages"),
        _robust("two stages (Gardner)"),
    ),
    TriedMethod(
        "comparison with those not treated yet",
        "de Chaisemartin & D'Haultfœuille 2024",
        "diff-diff's group-time effects",
        "diff-diff's own estimator, horizon by horizon; its error of the mean takes horizons as "
        "independent and "
        "is not used",
        _ACCESSION,
        JOINERS,
        _with_spillover("de Chaisemartin–D'Haultfœuille", "de Chaisemartin–D'Haultfœuille"),
        _robust("de Chaisemartin–D'Haultfœuille"),
    ),
    TriedMethod(
        "donut without reached controls",
        "Butts 2021",
        "here, on diff-diff's imputation",
        "planted spillovers to two neighbours, taken out exactly",
        _ACCESSION,
        JOINERS,
        _with_spillover("imputation, neighbours of members dropped", "imputation", donut=True),
        _robust("imputation, neighbours of members dropped"),
    ),
    TriedMethod(
        "bounds of relative magnitude",
        "Rambachan & Roth 2023",
        "here; diff-diff's set adds an interval that takes the changes before as known",
        "restaurants' profits: interval [0.159, 0.233] of R's HonestDiD; sets by linear programs",
        _ACCESSION,
        JOINERS,
        _trial("bounds, relative magnitude 1"),
        lambda facts: f"zero is in the set from M̄ = {number(facts['public']['breakdown'], 2)} on",
    ),
    TriedMethod(
        "wild cluster bootstrap for few joiners",
        "Cameron, Gelbach & Miller 2008",
        "here",
        "every draw refitted by brute force",
        _ACCESSION,
        JOINERS,
        _trial("wild cluster bootstrap of the two-way estimate"),
        lambda facts: f"p {p_text(facts['public']['t_p'])} → {p_text(facts['public']['wild_p'])}",
    ),
)
