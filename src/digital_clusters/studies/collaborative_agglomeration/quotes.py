"""Numbers that the chapters on collaborative agglomeration quote."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from digital_clusters.analysis.scorecard.grades import LEVEL_OF_TESTS
from digital_clusters.estimators.did.balance import LARGEST_DIFFERENCE
from digital_clusters.report.glue import glue
from digital_clusters.report.multiverse import stands
from digital_clusters.report.words import interval, number
from digital_clusters.studies.collaborative_agglomeration import sentences
from digital_clusters.studies.collaborative_agglomeration.figures import COVARIATE_WORDS
from digital_clusters.studies.collaborative_agglomeration.innovation.record import TESTS
from digital_clusters.studies.collaborative_agglomeration.measured.tables import cluster_counts
from digital_clusters.studies.collaborative_agglomeration.specs import PUBLIC, mapped

if TYPE_CHECKING:
    from digital_clusters.analysis.claims import ClaimedStudy
    from digital_clusters.analysis.multiverse.explored import Explored
    from digital_clusters.analysis.power import Power
    from digital_clusters.estimators.curves.moving import TurningPath
    from digital_clusters.estimators.curves.ratios import Ratio
    from digital_clusters.estimators.estimate import Coefficient, Estimate


def years_of_designs() -> None:
    """Quote the years of public designs: ``years-curve``, ``years-finance`` and ``years-diffusion``."""
    names = {"curve": "public", "finance": "public, digital finance", "diffusion": "public, diffusion"}
    for name, key in names.items():
        spec = PUBLIC[key]
        glue(f"years-{name}", f"{spec.first_year}–{spec.last_year}")


def within(twin: Sequence[Mapping[str, Any]], public: Sequence[Mapping[str, Any]]) -> None:
    """Quote ``within-index`` and ``within-misallocation``: the public s.d. within cities and years over the
    twin's."""
    own, other = (
        {row["column"]: row["sd"] * row["within"] ** 0.5 for row in rows} for rows in (twin, public)
    )
    for name, column in (("index", "coagglomeration"), ("misallocation", "misallocation")):
        glue(f"within-{name}", number(other[column] / own[column], 1))


def two_intervals(quantiles: pd.DataFrame) -> None:
    """Quote how far the delta and the simulated intervals of effects lie apart.

    ``ends-apart``: the largest distance of two ends, in per cent of the delta interval's width;
    ``ends-disagree`` and ``ends-effects``: of how many effects one of the two alone holds zero, and their
    number.
    """
    ends = quantiles[["low", "high"]].to_numpy(float)
    drawn = quantiles[["simulated_low", "simulated_high"]].to_numpy(float)
    apart = np.abs(drawn - ends).max(axis=1) / np.ptp(ends, axis=1)
    hold = [np.prod(each, axis=1) <= 0 for each in (ends, drawn)]
    glue("ends-apart", number(100 * apart.max(), 0))
    glue("ends-disagree", int((hold[0] != hold[1]).sum()))
    glue("ends-effects", len(quantiles))


def turning(point: "Ratio", planted: float) -> None:
    """Quote a turning point and the planted one: ``turn``, ``-set``, ``-planted``, ``-where`` (in the set or
    not) and ``-off``, the distance of the two as they are shown, in words."""
    glue("turn", number(point.value, 2))
    glue("turn-set", str(point.fieller))
    glue("turn-planted", number(planted, 2))
    glue("turn-where", "inside" if planted in point.fieller else "outside")
    off = round(point.value, 2) - round(planted, 2)
    glue("turn-off", f"{number(abs(off), 2)} {'early' if off < 0 else 'late'}")


def shift(shift: "Ratio", truth: np.ndarray, path: "TurningPath") -> None:
    """Quote how far the turning point moves: ``shift-value``, ``-delta``, ``-fieller``, ``-planted``.

    ``shift-early-least`` and ``-most``: by how much less than the planted turning points the path lies.
    """
    early = truth - path.value
    glue("shift-early-least", number(early.min(), 2))
    glue("shift-early-most", number(early.max(), 2))
    planted = (truth[-1] - truth[0]) / (path.moderator[-1] - path.moderator[0])
    glue("shift-value", number(shift.value))
    glue("shift-delta", interval(*shift.delta))
    glue("shift-fieller", str(shift.fieller))
    glue("shift-planted", number(planted))


def counts(found: Mapping[str, Mapping[str, Any]]) -> None:
    """Quote numbers of cities by source: ``<source>-always``, ``-off`` (off the support) and ``-joined``."""
    for source, record in found.items():
        cohorts = [row["cities"] for row in record["cohorts"] if row["year"] is not None]
        glue(f"{source}-always", record["always"])
        glue(f"{source}-off", record["controls_off_support"])
        glue(f"{source}-joined", sum(cohorts) - record["always"])


def with_every_year(variants: Mapping[str, Mapping[str, Any]]) -> None:
    """Quote ``internet-years``, ``internet-cities`` and ``all-cities``: the balanced panels there are."""
    for name, key in (("internet", "public, internet users"), ("all", "public")):
        one = variants[key]
        glue(f"{name}-years", f"{one['first_year']}–{one['last_year']}")
        glue(f"{name}-cities", one["n"] // (one["last_year"] - one["first_year"] + 1))


def balance(table: pd.DataFrame) -> None:
    """Quote ``balance-line``, in per cent, and ``balance-beyond``: what differs by more after matching."""
    beyond = table.index[table["difference_after"].abs() > LARGEST_DIFFERENCE]
    glue("balance-line", number(100 * LARGEST_DIFFERENCE, 0))
    glue("balance-beyond", ", ".join(COVARIATE_WORDS.get(name, name) for name in beyond) or "nothing")


def tests_before(record: Mapping[str, Any]) -> None:
    """Quote ``twin-wald``, ``-pretrend`` and ``-placebo``: whether each test of accession rejects at 5 %."""
    said = {"wald": "rejects", "pretrend": "rejects", "placebo": "is rejected"}
    for name, word in said.items():
        kept = "does not reject" if word == "rejects" else "is not rejected"
        glue(f"twin-{name}", word if record[f"{name}_p"] <= LEVEL_OF_TESTS else kept)


def shares(record: Mapping[str, Any]) -> None:
    """Quote shares in per cent: ``share-never``, ``-never-matched``, ``-negative`` and ``-negative-kept``."""
    never = next(row["weight"] for row in record["bacon"] if row["kind"] == "never")
    shares = {
        "never": never,
        "never-matched": record["never_matched"],
        "negative": record["share_negative"],
        "negative-kept": record["share_negative_kept"],
    }
    for name, share in shares.items():
        glue(f"share-{name}", number(100 * share, 0))


def planted_designs(rows: Sequence[dict], planted: Sequence[float], mean: float) -> None:
    """Quote ``two-way``, ``two-way-alone``, ``two-way-kept-alone``, ``matched-alone`` and ``mean-planted``.

    *Alone* is what the design finds of the planted effect alone.
    """
    names = [row["design"] for row in rows]
    dropped, kept = (
        next(place for place, name in enumerate(names) if name.startswith("two-way") and word in name)
        for word in ("dropped", "kept")
    )
    glue("two-way", number(rows[dropped]["value"]))
    glue("two-way-alone", number(planted[dropped]))
    glue("two-way-kept-alone", number(planted[kept]))
    glue("matched-alone", number(planted[0]))
    glue("mean-planted", number(mean))


def public_designs(rows: Sequence[Mapping[str, Any]], planted: float) -> None:
    """Quote how many intervals hold zero, ``public-zero``, and ``planted``, ``public-planted``."""
    for name, value in (("zero", 0.0), ("planted", planted)):
        held = sum(row["low"] <= value <= row["high"] for row in rows)
        glue(f"public-{name}", f"{held} of {len(rows)}")


def power(power: "Power", claim: str) -> None:
    """Quote a claim's mean estimate and planted size over countries: ``did-mean``, ``did-planted``."""
    glue("did-mean", number(power.of(claim)["mean"]))
    glue("did-planted", number(power.of(claim)["planted"]))


def moran_range(tables: Mapping[str, Any], column: str) -> dict[str, str]:
    """Smallest and largest Moran's I of an indicator over the years, and years with p below 5 %."""
    table = pd.DataFrame(tables[mapped()[column]])
    clear = int((table["p_permutation"] < 0.05).sum())
    return {
        "low": number(table["moran"].min(), 2),
        "high": number(table["moran"].max(), 2),
        "clear": f"{clear} of {len(table)}",
    }


def patterns(found: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]]) -> None:
    """Quote Moran's I and the counts of clusters: ``<source>-<column>-low``, ``-high``, ``-clear``, ….

    Parameters
    ----------
    found : mapping of str to (mapping, mapping)
        Source → tables of Moran's I by year, and records of clusters by column.
    """
    for source, (morans, clusters) in found.items():
        for column in mapped():
            counts = cluster_counts(clusters[column]) if column in clusters else {}
            for name, text in (moran_range(morans, column) | counts).items():
                glue(f"{source}-{column}-{name}", text)


def public_curve(one: Mapping[str, Mapping[str, Any]], variants: Mapping[str, Mapping[str, Any]]) -> None:
    """Quote ``public-curve-sentence`` and ``-effects-sentence`` of one specification, ``-all-…`` of all."""
    (row,) = one.values()
    glue("public-curve-sentence", sentences.curve_sentence(row))
    glue("public-effects-sentence", sentences.effects_sentence(one))
    glue("public-all-curves", sentences.curves_sentence(variants))
    glue("public-all-effects", sentences.effects_sentence(variants))


def groups(found: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Quote ``<source>-groups-sentence`` and ``<source>-groups-short``."""
    for source, rows in found.items():
        glue(f"{source}-groups-sentence", sentences.groups_sentence(rows))
        left = sum(row["holm"] < sentences.LEVEL for row in rows)
        verb = "remain" if left > 1 else "remains"
        glue(
            f"{source}-groups-short",
            f"{left or 'none'} of {len(rows)} differences {verb} different from zero at 5 per cent by Holm's "
            "rule",
        )


def nearest_group(found: pd.DataFrame, without: pd.DataFrame) -> None:
    """Quote the difference with the smallest p value, as ``nearest-group``.

    Its ``nearest-value``, ``-p`` and ``-holm``, and ``-without``, the same without the product.

    Parameters
    ----------
    found, without : pandas.DataFrame
        Of :func:`~.groups.differences`, with and without the moderator's product; the same groups.
    """
    row = found.loc[found["p"].idxmin()]
    other = without.loc[without["words"] == row["words"]].iloc[0]
    glue("nearest-group", row["words"])
    for name in ("p", "holm"):
        glue(f"nearest-{name}", number(row[name]))
    for name, one in (("value", row), ("without", other)):
        glue(f"nearest-{name}", f"{number(one['value'])} ({number(one['standard_error'])})")


def sides_apart(rows: Sequence[Mapping[str, Any]]) -> None:
    """Quote how many pairs of slopes have the signs of a U: ``sides-pairs``, ``-signs``, ``-least`` (|t|)."""
    pairs = [(row["below"], row["above"]) for row in rows]
    signs = [below[0] < 0 < above[0] for below, above in pairs]
    glue("sides-pairs", len(pairs))
    glue("sides-signs", sum(signs) if sum(signs) < len(pairs) else "all")
    least = min(abs(value / error) for pair in pairs for value, error in pair)
    glue("sides-least", number(least, 1))


def verdicts(study: "ClaimedStudy", public: Mapping[str, "Coefficient | None"]) -> None:
    """Quote ``public-verdicts``: how many claims have which verdict on public data."""
    words = {
        claim.key: None if (found := public[claim.key]) is None else found.verdict(claim.sign)
        for claim in study.claims
    }
    glue("public-verdicts", sentences.verdicts_sentence(words))


def standings(explored: "Explored", outcome: str) -> None:
    """Quote ``public-standings``: how the claims stand over the multiverse with one outcome."""
    found = explored.summary()
    words = {row["claim"]: stands(row) for _, row in found[found["outcome"] == outcome].iterrows()}
    glue("public-standings", sentences.standings_sentence(words))


def innovation(found: Mapping[str, "Estimate"]) -> None:
    """Quote ``innovation-parts`` (all but the way back to the centre), ``-found`` of them, ``-sequence``."""
    *parts, back = (found[name].term(test.term) for name, test in TESTS.items())
    glue("innovation-parts", len(parts))
    glue("innovation-found", sum(b.verdict(1) == "sign found" for b in parts))
    glue("innovation-sequence", sentences.sequence_sentence(parts[-1], back))


def losses(found: Mapping[str, pd.DataFrame], years: tuple[int, int]) -> None:
    """Quote what misallocation costs in the first and last year: ``loss-<source>-first``, ``-from``, ….

    Between the ``years``, both counted, ``loss-<source>-low`` and ``-high`` with their ``-year``.

    Parameters
    ----------
    found : mapping of str to pandas.DataFrame
        Source → table of ``efficiency_loss``.
    """
    for source, table in found.items():
        known = table.dropna(subset=["loss"])
        for name, year, row in (("first", "from", known.iloc[0]), ("last", "to", known.iloc[-1])):
            glue(f"loss-{source}-{name}", f"{row['loss']:.0%}")
            glue(f"loss-{source}-{year}", f"{row['year']:.0f}")
        inside = known.loc[known["year"].between(*years)].set_index("year")["loss"]
        for name, year in (("low", inside.idxmin()), ("high", inside.idxmax())):
            glue(f"loss-{source}-{name}", f"{inside[year]:.0%}")
            glue(f"loss-{source}-{name}-year", f"{year:.0f}")


def crossing(grid: pd.DataFrame, kind: str) -> float:
    """Treatment at which a marginal effect, which is a line in it, is zero."""
    part = grid[grid["kind"] == kind]
    slope, level = np.polyfit(part["c"], part["effect"], 1)
    return float(-level / slope)
