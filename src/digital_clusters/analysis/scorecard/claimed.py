"""Cards of a paper that prints no number: its claims, each a sentence with a sign."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from digital_clusters.analysis.claims import Claim, load_claims
from digital_clusters.analysis.frozen import Frozen, load_frozen
from digital_clusters.analysis.power import load_power
from digital_clusters.analysis.scorecard import grades
from digital_clusters.analysis.scorecard.card_lines import CardLine, OnPublic, OnTwin, Said
from digital_clusters.analysis.scorecard.declared import card_of
from digital_clusters.analysis.scorecard.multiverses import over_multiverse
from digital_clusters.analysis.scorecard.noise import Noise, public_noise
from digital_clusters.analysis.scorecard.variation import load_variation
from digital_clusters.estimators.estimate import Coefficient

ABSTRACT = "the abstract"

READINGS = {
    "sign stated": "",
    "word to be read": "a word has more than one reading",
    "design to be chosen": "the abstract ties no design to it",
}
"""Grade of a claim → what our reading adds."""


def claim_entries(study: str) -> list[CardLine]:
    """One entry a claim, in the order of the abstract.

    Raises
    ------
    FileError
        If a frozen record is missing, or was made from another twin.
    """
    declared, frozen = card_of(study), load_frozen(study)
    noise = public_noises(study)
    return [
        _entry(study, f"{study}/{declared.pages[claim.key]}", claim, frozen, noise.get(claim.key))
        for claim in load_claims(study).claims
    ]


def public_noises(study: str) -> dict[str, Noise]:
    """Claim → noise of its public number in the unit of the planted size; claims that are touched only.

    Raises
    ------
    FileError
        If a frozen record is missing, or was made from another twin.
    """
    kept, units = load_frozen(study).facts["claims"], load_variation(study)["stand_ins"]
    return {
        key: public_noise(Coefficient.from_record(key, kept[key]), unit["scale"])
        for key, unit in units.items()
        if kept[key] is not None
    }


def _entry(study: str, page: str, claim: Claim, frozen: Frozen, noise: Noise | None) -> CardLine:
    public = _on_public(study, claim, frozen, noise)
    multiverse = over_multiverse(study, claim.key)
    return CardLine(
        key=f"{study}|{claim.key}",
        study=study,
        kind="claim",
        page=page,
        said=Said(
            place=ABSTRACT,
            words=claim.statement,
            reading="; ".join(part for part in (READINGS[claim.grade], claim.reading, claim.unit) if part),
            value=None,
            error=None,
            sign=float(claim.sign),
        ),
        public=public,
        twin=_on_twin(study, claim, noise),
        multiverse=multiverse,
        marks={
            "sign": grades.grade_sign(public.value, claim.sign),
            "significance": grades.grade_significance(public.value, public.p_value, claim.sign),
        },
        verdict=grades.verdict_of(
            public.value,
            public.p_value,
            (public.low, public.high),
            claim.sign,
            share_clear=None if multiverse is None else multiverse.share_clear,
            p_family=public.p_family,
        ),
    )


def _on_public(study: str, claim: Claim, frozen: Frozen, noise: Noise | None) -> OnPublic:
    kept: dict[str, Any] | None = frozen.facts["claims"][claim.key]
    if kept is None or noise is None or claim.public is None:
        return OnPublic(record=study, note=claim.public_reason or "")
    made = frozen.estimates[claim.public]
    return OnPublic(
        **kept,
        error=public_noise(Coefficient.from_record(claim.key, kept)).error,
        spec=made.spec or {},
        record=study,
        estimate=claim.public,
        note=frozen.notes.get(claim.public, ""),
        detectable=noise.detectable / noise.scale,
        p_family=among_claims(study).get(claim.key),
    )


@cache
def among_claims(study: str) -> Mapping[str, float]:
    """Claim → its p value among all claims of the abstract; empty where they are not tested together.

    Raises
    ------
    FileError
        If the declared record is missing.
    """
    family = card_of(study).family
    rows = load_frozen(family).facts["public"] if family else ()
    return {row["claim"]: row["romano_wolf"] for row in rows}


def _on_twin(study: str, claim: Claim, noise: Noise | None) -> OnTwin:
    power = load_power(study)
    row = power.of(claim.key)
    planted = row["planted"]
    return OnTwin(
        planted=planted,
        found=row["mean"],
        share_found=row["share_recovered"],
        coverage=row["coverage"],
        power=None if planted is None or noise is None else noise.power(planted, claim.sign),
        countries=len(power.seeds),
        word=grades.twin_word(row["share_recovered"], row["coverage"]),
    )
