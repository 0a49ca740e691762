"""Sentences on public data that are computed from everything that was estimated, not from what is quoted."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from digital_clusters.report.multiverse import MOST
from digital_clusters.report.words import key_in_words, number, p_phrase
from digital_clusters.studies.collaborative_agglomeration.multiverse.panels import SIDES

if TYPE_CHECKING:
    import pandas as pd

    from digital_clusters.analysis.multiverse.explored import Explored
    from digital_clusters.estimators.estimate import Coefficient

CRITICAL = 1.96
"""t ratio beyond which an effect counts as different from zero at 5 %."""

LEVEL = 0.05


def _effects(variants: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str, float, float]]:
    """Specification, kind and side, effect and t ratio of every direct and indirect effect."""
    for spec, record in variants.items():
        for name, found in record.items():
            if name.startswith(("direct", "indirect")):
                yield spec, name, found["effect"], found["effect"] / found["standard_error"]


def _specifications(n: int) -> str:
    return f"{n} specification{'' if n == 1 else 's'}"


def effects_sentence(variants: Mapping[str, Mapping[str, Any]]) -> str:
    """How many effects left and right of a turning point differ from zero, and which.

    Parameters
    ----------
    variants : mapping of str to mapping
        Words → record of ``curve_variant``.
    """
    every = list(_effects(variants))
    clear = [row for row in every if abs(row[3]) > CRITICAL]
    places = " and ".join(f"the {100 * side:.0f} % quantile" for side in SIDES)
    count = f"Of {len(every)} direct and indirect effects, at {places}, in {_specifications(len(variants))}"
    if not clear:
        return f"{count} none differs from zero at 5 per cent."
    named = "; ".join(f"{spec}: {name}, {number(b, 2)} (t = {number(t, 1)})" for spec, name, b, t in clear)
    verb = "differs" if len(clear) == 1 else "differ"
    chance = f"Of as many true zeros {number(len(every) * LEVEL, 1)} would on average."
    return f"{count} {len(clear)} {verb} from zero at 5 per cent ({named}). {chance}"


def curves_sentence(variants: Mapping[str, Mapping[str, Any]]) -> str:
    """In how many specifications the curve is a U by the joint test, and where it turns."""
    bent = {
        name: row
        for name, row in variants.items()
        if row["inside"] and row["u_p"] is not None and row["u_p"] < LEVEL and row["square"][0] > 0
    }
    count = f"The joint test finds a U in {len(bent) or 'none'} of {_specifications(len(variants))}"
    if not bent:
        return f"{count}."
    named = "; ".join(
        f"{name}: square {number(row['square'][0], 2)} ({number(row['square'][1], 2)}), turning point "
        f"{number(row['turning_point'], 2)} with set {row['set']}, p = {number(row['u_p'])}"
        for name, row in bent.items()
    )
    return f"{count} ({named})."


def curve_sentence(row: Mapping[str, Any]) -> str:
    """Where one curve turns, and whether its range holds a U."""
    where = "inside" if row["inside"] else "outside"
    test = "" if row["u_p"] is None else f"; the joint test of a U shape has p = {number(row['u_p'])}"
    return (
        f"The estimated turning point is {number(row['turning_point'], 2)}, {where} the range of the index, "
        f"and its Fieller set is {row['set']}{test}."
    )


def groups_sentence(rows: Sequence[Mapping[str, Any]]) -> str:
    """Which differences between groups are clear, before and after the correction for their number."""
    alone = [row for row in rows if row["p"] < LEVEL]
    if not alone:
        return f"None of {len(rows)} differences is different from zero at 5 per cent."
    named = "; ".join(
        f"{row['words']}: {number(row['value'], 2)}, p = {number(row['p'])}, "
        f"by Holm's rule {number(row['holm'])}"
        for row in alone
    )
    left = sum(row["holm"] < LEVEL for row in rows)
    return (
        f"One by one {len(alone)} of {len(rows)} {'is' if len(alone) == 1 else 'are'} different from zero at "
        f"5 per cent ({named}); "
        f"corrected for their number {left or 'none'}."
    )


def verdicts_sentence(verdicts: Mapping[str, str | None]) -> str:
    """How many claims have which verdict; ``None`` for a claim that is not touched."""
    counts: dict[str, int] = {}
    for verdict in verdicts.values():
        word = verdict or "not touched"
        counts[word] = counts.get(word, 0) + 1
    listed = ", ".join(f"{n} {word}" for word, n in sorted(counts.items(), key=lambda item: -item[1]))
    return f"Of {len(verdicts)} claims, by the one specification named for each: {listed}."


def standings_sentence(words: Mapping[str, str]) -> str:
    """How many claims stand how over a multiverse, the commonest first; no full stop.

    Parameters
    ----------
    words : mapping of str to str
        Claim, with its reading after a comma where it has several → word.
    """
    found = list(words.values())
    counts = sorted(((found.count(word), word) for word in set(found)), key=lambda pair: (-pair[0], pair[1]))
    listed = ", ".join(f"{n} as '{word}'" for n, word in counts)
    claims = f"{len({claim.split(',')[0] for claim in words})} claims in {len(words)} readings"
    return f"{claims} stand over the declared specifications as follows: {listed}"


def options_sentence(explored: "Explored", outcome: str, choice: str) -> str:
    """Shares of specifications that find a claim by the options of one choice, and the joint p of all.

    Of the claims that more than one in ten specifications find: with the claimed sign and p < 0.05.

    Parameters
    ----------
    explored : Explored
    outcome, choice : str
        Option of the axis ``outcome``, and the axis that is told.
    """
    summary = explored.summary().merge(explored.joint, on=explored.declared.splitting, how="left")
    kept = summary[(summary["outcome"] == outcome) & (summary["share_clear"] > 1 - MOST)]
    if kept.empty:
        return "No claim is found by more than one specification in ten."
    table = explored.table[(explored.table["outcome"] == outcome) & (explored.table["problem"] == "")]
    parts = [_by_option(explored, table, row, choice) for _, row in kept.iterrows()]
    return (
        "The claims that more than one specification in ten finds, with the claimed sign and p < 0.05, and "
        f"the joint p of so large a share, each by itself: {'; '.join(parts)}."
    )


def _by_option(explored: "Explored", table: "pd.DataFrame", row: "pd.Series", choice: str) -> str:
    claim = row["claim"]
    own = table[table["claim"] == claim]
    clear = (own["p_value"] < LEVEL) & (own["value"] * explored.declared.claims[claim].sign > 0)
    shares = clear.groupby(own[choice]).mean()
    options = [option for option in explored.declared.axes[choice].options if option in shares]
    listed = ", ".join(f"{shares[option]:.0%} with {choice} “{option}”" for option in options)
    return f"{key_in_words(claim)} {listed} (joint p {p_phrase(row['p_share'])})"


def sequence_sentence(outwards: "Coefficient", inwards: "Coefficient") -> str:
    """How much cities follow their centre, and their centre them; which differs from zero."""
    follows, leads = (b.verdict(1) == "sign found" for b in (outwards, inwards))
    numbers = (
        f"Cities follow their capital by {number(outwards.value)} of its change and capitals the others by "
        f"{number(inwards.value)}"
    )
    if follows and leads:
        return f"{numbers}, both different from zero: two directions at once, as a common shock has them."
    if follows or leads:
        return f"{numbers}; only the {'first' if follows else 'second'} is positive and differs from zero."
    return f"{numbers}; neither is positive and differs from zero."
