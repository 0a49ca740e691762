"""Methods for effects that differ, for many claims, for several weights, and for counts."""

from collections.abc import Callable

from digital_clusters.analysis.inference.moderation import NULL_WORLD
from digital_clusters.report.words import number
from digital_clusters.studies.trials.inference.declared import Facts, TriedMethod, estimate_text

VIRTUAL, COLLABORATIVE, UPGRADING = (
    "virtual_agglomeration",
    "collaborative_agglomeration",
    "industrial_upgrading",
)

LEVEL = 0.05


def _one_line(facts: Facts) -> str:
    bent = facts["trial"][1]
    null = next(row for row in facts["trial"] if row["world"] == NULL_WORLD)
    return f"size {null['bends']:.0%}; finds an effect that stops rising in {bent['bends']:.0%}"


def _lines_rejected(facts: Facts) -> str:
    rows = [row for row in facts["public"] if row["test_p"] is not None]
    return (
        f"one line is rejected in {sum(row['test_p'] <= LEVEL for row in rows)} of {len(rows)} interactions"
    )


def _within(facts: Facts) -> str:
    between = facts["trial"][2]
    covered = f"coverage {between['line_covers']:.0%} → {between['within_covers']:.0%}"
    return f"{covered} where effects differ between cities"


def _signs_within(facts: Facts) -> str:
    rows = [row for row in facts["public"] if row["difference_p"] is not None]
    turned = sum(row["within"]["value"] * row["line"]["value"] < 0 for row in rows)
    apart = sum(row["difference_p"] <= LEVEL for row in rows)
    return f"another sign in {turned} of {len(rows)} interactions; {apart} differ at 5 %"


def _family_sizes(facts: Facts) -> str:
    trial = facts["trial"]
    return f"size {trial['alone']:.0%} → {trial['romano_wolf']:.0%} for ten claims that are all false"


def _claims_left(facts: Facts) -> str:
    right = [row for row in facts["public"] if row["t"] * row["sign"] > 0]
    alone, together = (sum(row[name] <= LEVEL for row in right) for name in ("p", "romano_wolf"))
    return f"claims found with their sign: {alone} → {together} of {len(facts['public'])}"


def _weights_trial(facts: Facts) -> str:
    rows = {row["kind"]: row for row in facts["trial"]}
    average = facts["trial"][-1]
    covered = f"coverage {average['indirect 0.25 coverage']:.0%} of the averaged indirect effect"
    return f"{covered}; the right weights have the largest share in {rows['nearest']['largest']:.0%}"


def _weights_public(facts: Facts) -> str:
    public = facts["public"]
    found = sorted(row["effects"]["indirect 0.25"][0] for row in public["kinds"])
    average = estimate_text(*public["average"]["indirect 0.25"])
    return f"indirect effect between {number(found[0])} and {number(found[-1])} → {average}"


def _counts_trial(facts: Facts) -> str:
    log, mean = facts["trial"][:2]
    return (
        f"coverage {log['coverage']:.0%} → {mean['coverage']:.0%} where {log['zeros']:.0%} of counts are zero"
    )


def _counts_public(facts: Facts) -> str:
    row = facts["public"][-1]
    before, after = (estimate_text(one["value"], one["error"]) for one in row["ways"].values())
    return f"{row['design']}: {before} → {after}"


def _groups_trial(approach: str) -> Callable[[Facts], str]:
    def words(facts: Facts) -> str:
        rows = [row for row in facts["trial"] if row["approach"] == approach]
        return "coverage " + ", ".join(f"{row['claim']} {row['coverage']:.0%}" for row in rows)

    return words


def _groups_public(approach: str) -> Callable[[Facts], str]:
    def words(facts: Facts) -> str:
        parts = []
        for claim in ("H2", "H3", "H4"):
            rows = [row for row in facts["public"] if row["claim"] == claim]
            first = next(row for row in rows if row["approach"] == "two-way, least squares")
            other = next(row for row in rows if row["approach"] == approach)
            before, after = (
                estimate_text(row["difference"]["value"], row["difference"]["error"])
                for row in (first, other)
            )
            parts.append(f"{claim} {before} → {after}")
        return "; ".join(parts)

    return words


def _of_interactions(study: str, page: str) -> tuple[TriedMethod, TriedMethod]:
    words = study.replace("_", " ")
    return (
        TriedMethod(
            f"effects in bins, {words}",
            "Hainmueller, Mummolo & Xu 2019",
            "here",
            "their equation 4 with every indicator; its restrictions by hand",
            page,
            f"{study}.moderation",
            _one_line,
            _lines_rejected,
        ),
        TriedMethod(
            f"product of deviations, {words}",
            "Giesselmann & Schmidt-Catran 2022",
            "here",
            "least squares on the product; the difference by influence functions",
            page,
            f"{study}.moderation",
            _within,
            _signs_within,
        ),
    )


def _of_claims(study: str, page: str) -> TriedMethod:
    return TriedMethod(
        f"step-down over all claims, {study.replace('_', ' ')}",
        "Romano & Wolf 2005, 2016",
        "here",
        "draws compared by hand; each number and error with those of the claim",
        page,
        f"{study}.family",
        _family_sizes,
        _claims_left,
    )


ON_EFFECTS: tuple[TriedMethod, ...] = (
    *_of_interactions(VIRTUAL, "virtual agglomeration: heterogeneity"),
    *_of_interactions(COLLABORATIVE, "collaborative agglomeration: mechanism"),
    _of_claims(VIRTUAL, "virtual agglomeration: mechanism"),
    _of_claims(COLLABORATIVE, "collaborative agglomeration: mechanism"),
    TriedMethod(
        "groups in panel double machine learning, first differences",
        "Clarke & Polselli 2025",
        "doubleml",
        "doubleml's panel model, one effect; two slopes of least squares for the ends",
        "industrial upgrading: heterogeneity",
        f"{UPGRADING}.groups",
        _groups_trial("first differences"),
        _groups_public("first differences"),
    ),
    TriedMethod(
        "groups in panel double machine learning, correlated random effects",
        "Clarke & Polselli 2025",
        "doubleml",
        "doubleml's panel model, one effect",
        "industrial upgrading: heterogeneity",
        f"{UPGRADING}.groups",
        _groups_trial("correlated random effects"),
        _groups_public("correlated random effects"),
    ),
    TriedMethod(
        "one answer over several weights",
        "LeSage & Parent 2007; LeSage & Pace 2009",
        "here",
        "the density integrated over ρ by quadrature, over β by matrices",
        "collaborative agglomeration: robustness",
        f"{COLLABORATIVE}.weights",
        _weights_trial,
        _weights_public,
    ),
    TriedMethod(
        "log mean of counts (PPML)",
        "Santos Silva & Tenreyro 2006",
        "here",
        "statsmodels with every indicator; a conditional logit in closed form",
        "virtual agglomeration: measurement",
        f"{VIRTUAL}.counts",
        _counts_trial,
        _counts_public,
    ),
)
