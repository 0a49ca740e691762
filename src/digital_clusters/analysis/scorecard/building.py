"""The whole scorecard, from printed numbers and frozen results alone: nothing is estimated here."""

from collections.abc import Iterable

from digital_clusters.analysis.scorecard.card_lines import CardLine, Kind
from digital_clusters.analysis.scorecard.claimed import claim_entries
from digital_clusters.analysis.scorecard.declared import card_of, declared_cards
from digital_clusters.analysis.scorecard.printed import printed_entries


def study_entries(study: str) -> list[CardLine]:
    """Every line of one study.

    Raises
    ------
    ParameterError
        If it has no scorecard.
    FileError
        If a frozen record is missing, or was made from another twin.
    """
    return printed_entries(study) if card_of(study).prints_numbers else claim_entries(study)


def every_entry() -> list[CardLine]:
    """Every line of every study, in the order of ``data/scorecard.yml``."""
    return [entry for study in declared_cards() for entry in study_entries(study)]


def lines_of_kind(entries: Iterable[CardLine], study: str, *kinds: Kind) -> list[CardLine]:
    """Those of one study and of some kinds, in their order."""
    return [entry for entry in entries if entry.study == study and entry.kind in kinds]
