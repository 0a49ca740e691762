"""What a multiverse says, as tables and sentences."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import pandas as pd

from digital_clusters.analysis.many_specs.decisions import by_distance, shapley_shares
from digital_clusters.analysis.multiverse.declared import CLAIM, Multiverse
from digital_clusters.analysis.multiverse.explored import Explored
from digital_clusters.report.tables import styled
from digital_clusters.report.words import MISSING, number, p_value
from digital_clusters.sources.columns import words_of_term

if TYPE_CHECKING:
    from great_tables import GT

Standing = Literal["robust", "mostly", "mixed", "against", "not detected"]
"""How the specifications of one unit stand to the claim."""

MOST = 0.9
"""Share of specifications from which on one speaks of nearly all of them."""

HALF = 0.5

LEVEL = 0.05
"""Below which a p value counts as different from zero."""

STANDINGS: dict[Standing, str] = {
    "robust": "nine in ten specifications have the claimed sign and are different from zero",
    "mostly": "more than half have the claimed sign and are different from zero",
    "against": "more than half have the other sign and are different from zero",
    "not detected": "at most one in ten is different from zero, in either direction",
    "mixed": "anything else: the answer is a matter of the specification",
}
"""Word → what it means; different from zero is at 5 %, each specification by itself."""


def stands(row: pd.Series) -> Standing:
    """The word for a row of :meth:`digital_clusters.analysis.multiverse.explored.Explored.summary`."""
    if row["share_clear"] >= MOST:
        return "robust"
    if row["share_clear"] > HALF:
        return "mostly"
    if row["share_against"] > HALF:
        return "against"
    if row["share_clear"] + row["share_against"] <= 1 - MOST + 1e-12:
        return "not detected"
    return "mixed"


def claim_sentence(row: pd.Series) -> str:
    """One sentence on a row of the summary: median, range, signs, significance, what could be detected."""
    return (
        f"Median {number(row['median'])}, from {number(row['low'])} to {number(row['high'])} over "
        f"{row['n_specs']:,} specifications; {row['share_sign']:.0%} have the claimed sign, "
        f"{row['share_clear']:.0%} with it and different from zero, {row['share_against']:.0%} with the "
        f"other sign and different from zero; an effect of {number(row['detectable'])} would be found four "
        "times in five."
    )


def summary_table(explored: Explored, *, title: str, label: str) -> "GT":
    """A row a claim (and series): median, range, shares, detectable effect, joint p values, word."""
    declared, found = explored.declared, explored.summary()
    both = found.merge(explored.joint, on=declared.splitting, how="left")
    frame = _units_in_words(explored, both)
    frame["Regressions"] = both["n_specs"]
    frame["Median"] = both["median"]
    frame["Range"] = [f"{number(a)} to {number(b)}" for a, b in zip(both["low"], both["high"], strict=True)]
    frame["Claimed sign"] = both["share_sign"].map("{:.0%}".format)
    frame["p < 0.05: claimed, other"] = _pairs(both["share_clear"], both["share_against"], "{:.0%}".format)
    frame["Detectable"] = both["detectable"]
    frame["Joint p: median, share"] = _pairs(both["p_median"], both["p_share"], _p_or_missing)
    frame["Stands"] = [stands(row) for _, row in both.iterrows()]
    meaning = "; ".join(f"{word}: {words}" for word, words in STANDINGS.items())
    note = (
        "Detectable: effect that a test finds in four of five samples at 5 %, 2.8 times the median standard "
        "error. Joint p: the null forced on each specification, whole cities drawn alike for all; median by "
        f"its size, share with the claimed sign and |t| > 1.96. {meaning}."
    )
    return styled(frame, title, note, label)


def _pairs(first: pd.Series, second: pd.Series, words: Callable[[float], str]) -> list[str]:
    return [f"{words(a)}, {words(b)}" for a, b in zip(first, second, strict=True)]


def _p_or_missing(p: float) -> str:
    return MISSING if pd.isna(p) else p_value(p)


def moves_table(explored: Explored, *, title: str, label: str, most: int = 3) -> "GT":
    """The ``most`` choices that move the estimates of each claim furthest, the strongest first."""
    found = (
        explored.moves().groupby(explored.declared.splitting, sort=False).head(most).reset_index(drop=True)
    )
    frame = _units_in_words(explored, found)
    frame["Choice"] = found["choice"]
    frame["Largest difference of medians"] = found["spread"]
    frame["Lowest with"], frame["Highest with"] = found["lowest"], found["highest"]
    frame["Share of variance"] = found["share"].map("{:.0%}".format)
    note = "Share of variance: between the options of the choice, over the specifications of the claim."
    return styled(frame, title, note, label)


def error_rules_table(explored: Explored, *, title: str, label: str, choice: str = "errors") -> "GT":
    """What the rule of errors does to the same coefficients: a row a rule, against the first of the file.

    Parameters
    ----------
    explored : Explored
    title, label : str
    choice : str
        Axis whose options are rules of errors.
    """
    first, *others = explored.declared.axes[choice].options
    estimated = explored.table[explored.table["problem"] == ""]
    same = [name for name in estimated.columns if name in (CLAIM, *explored.declared.axes) and name != choice]
    wide = estimated.set_index([*same, choice])[["error", "p_value"]].unstack(choice)
    clear = wide["p_value"].lt(LEVEL)
    rows = []
    for rule in [name for name in others if name in wide["error"]]:
        both = wide["error"][[first, rule]].notna().all(axis=1)
        ratio = (wide["error"][rule] / wide["error"][first])[both]
        low, middle, high = ratio.quantile([0.05, 0.5, 0.95])
        rows.append(
            {
                "Errors": rule,
                "Regressions": int(both.sum()),
                "Median ratio of errors": middle,
                "Nine in ten ratios": f"{number(low)} to {number(high)}",
                f"p < {LEVEL}": f"{clear.loc[both, rule].mean():.0%}",
                f"p < {LEVEL}, {first}": f"{clear.loc[both, first].mean():.0%}",
            }
        )
    note = (
        f"Ratio: standard error by the rule over that {first}, of the same coefficient, over the regressions "
        "that have both. The last two columns are shares of these regressions."
    )
    return styled(pd.DataFrame(rows), title, note, label)


def left_out_table(explored: Explored, *, title: str, label: str) -> "GT":
    """Combinations that constraints rule out, that repeat another one, and that could not be estimated."""
    failed = explored.table.loc[explored.table["problem"] != "", "problem"]
    counts = dict(explored.ruled_out)
    counts["the same regression as another combination"] = explored.repeated
    counts |= {f"not estimated: {why}": int(n) for why, n in failed.value_counts().items()}
    kept = {why: n for why, n in counts.items() if n}
    frame = pd.DataFrame({"Why": list(kept), "Combinations": list(kept.values())})
    whole = explored.declared.size
    note = f"{whole:,} combinations are declared; {whole - sum(kept.values()):,} are estimated."
    return styled(frame, title, note, label)


def claims_in_words(explored: Explored, *, title: str, label: str) -> "GT":
    """The claims in words, with the coefficient and the sign that decide them."""
    frame = pd.DataFrame(
        {
            CLAIM.capitalize(): name,
            "In our words": claim.statement,
            "Decided by": words_of_term(claim.term),
            "Claimed": "positive" if claim.sign > 0 else "negative",
        }
        for name, claim in explored.declared.claims.items()
    )
    return styled(frame, title, "", label)


def shares_table(explored: Explored, *, title: str, label: str) -> "GT":
    """Share of the variance of the estimates that each choice accounts for, a row a claim (and series)."""
    declared, rows = explored.declared, []
    for unit, points in _estimated_units(explored):
        shares = shapley_shares(points, declared.choices)
        # adding a choice explains no less, so that less than nothing is rounding
        words = {name: f"{max(shares[name], 0.0):.0%}" for name in (*declared.choices, "together")}
        named = _in_words(explored, unit)
        rows.append(named | {name.capitalize(): share for name, share in words.items()})
    note = (
        "Part of the variance of the estimates that a choice explains, averaged over all orders in which "
        "choices can be added; together: what only combinations of options explain. A row sums to 100 % but "
        "for rounding."
    )
    return styled(pd.DataFrame(rows), title, note, label)


def distance_table(explored: Explored, anchor: Mapping[str, str], *, title: str, label: str) -> "GT":
    """Estimates by the number of choices changed from ``anchor``, for the units that have all its options."""
    rows = []
    for unit, found in _distances(explored, anchor):
        for row in found.itertuples():
            rows.append(
                _in_words(explored, unit)
                | {
                    "Choices changed": row.changed,
                    "Specifications": row.n_specs,
                    "Median": row.median,
                    "Range": f"{number(row.low)} to {number(row.high)}",
                    "p < 0.05, claimed sign": f"{row.share_clear:.0%}",
                }
            )
    chosen = ", ".join(f"{name}: {option}" for name, option in anchor.items())
    return styled(pd.DataFrame(rows), title, f"Changed from {chosen}.", label)


def distance_sentence(explored: Explored, anchor: Mapping[str, str]) -> str:
    """What :func:`distance_table` says of its ends, claim by claim: the anchor, and most choices changed."""
    parts = []
    for unit, found in _distances(explored, anchor):
        ends = found.iloc[[0, -1]]
        medians = " to ".join(number(value) for value in ends["median"])
        clear = " to ".join(f"{share:.0%}" for share in ends["share_clear"])
        parts.append(f"{unit[0]} from {medians} ({clear})")
    return (
        "From the printed specification to those that differ from it in most choices, median estimates go: "
        f"{'; '.join(parts)}; in parentheses the share with p < 0.05 and the claimed sign."
    )


def _distances(
    explored: Explored, anchor: Mapping[str, str]
) -> Iterator[tuple[tuple[str, ...], pd.DataFrame]]:
    for unit, points in _estimated_units(explored):
        if all(option in set(points[name]) for name, option in anchor.items()):
            yield unit, by_distance(points, anchor, sign=explored.declared.claims[unit[0]].sign)


def worded_claim(declared: Multiverse, key: str) -> str:
    """A claim by its statement: a number such as H1 precedes it, a stand-in that the key names follows it.

    Examples
    --------
    >>> stated = {"statement": "It falls.", "term": "x", "sign": -1}
    >>> axes = {"errors": {"options": {"by city": {}, "by row": {}}}}
    >>> claims = {"H1": stated, "lowers_gaps, villages": stated}
    >>> declared = Multiverse(study="toy", base={}, claims=claims, axes=axes)
    >>> worded_claim(declared, "H1"), worded_claim(declared, "lowers_gaps, villages")
    ('H1. It falls.', 'It falls (villages).')
    """
    statement, stand_in = declared.claims[key].statement, key.partition(", ")[2]
    if stand_in:
        return f"{statement.removesuffix('.')} ({stand_in})."
    return f"{key}. {statement}" if key.isupper() else statement


def _in_words(explored: Explored, unit: Sequence[str]) -> dict[str, str]:
    """The claim in words, and the options that split it."""
    declared = explored.declared
    named = {name.capitalize(): value for name, value in zip(declared.splitting, unit, strict=True)}
    return named | {CLAIM.capitalize(): worded_claim(declared, named[CLAIM.capitalize()])}


def _units_in_words(explored: Explored, rows: pd.DataFrame) -> pd.DataFrame:
    units = rows[list(explored.declared.splitting)].itertuples(index=False, name=None)
    return pd.DataFrame([_in_words(explored, unit) for unit in units], index=rows.index)


def _estimated_units(explored: Explored) -> Iterator[tuple[tuple[str, ...], pd.DataFrame]]:
    there = explored.table[explored.table["problem"] == ""]
    yield from there.groupby(explored.declared.splitting, sort=False)
