"""What a frozen multiverse says of one number of a scorecard."""

from collections.abc import Mapping
from functools import cache

from digital_clusters.analysis.multiverse.declared import CLAIM
from digital_clusters.analysis.multiverse.explored import frozen_multiverse
from digital_clusters.analysis.scorecard.card_lines import OverMultiverse
from digital_clusters.analysis.scorecard.declared import card_of


@cache
def _in_every_unit(study: str) -> Mapping[str, Mapping[str, OverMultiverse]]:
    """Claim of the study's multiverse → unit → summary; a unit is an option of every axis that splits."""
    explored = frozen_multiverse(study)
    axes = [name for name, axis in explored.declared.axes.items() if axis.splits]
    found: dict[str, dict[str, OverMultiverse]] = {}
    for row in explored.summary().to_dict("records"):
        unit = ", ".join(row[name] for name in axes)
        kept = {name: float(row[name]) for name in _KEPT}
        found.setdefault(row[CLAIM], {})[unit] = OverMultiverse(n=int(row["n_specs"]), unit=unit, **kept)
    return found


@cache
def multiverse_units(study: str) -> Mapping[str, OverMultiverse]:
    """Claim of the study's multiverse → its summary with the first option of every axis that splits.

    The first option is the one in the unit of the claim; for the others see :func:`in_other_units`.
    """
    declared = frozen_multiverse(study).declared
    main = ", ".join(next(iter(axis.options)) for axis in declared.axes.values() if axis.splits)
    return {claim: units[main] for claim, units in _in_every_unit(study).items() if main in units}


_KEPT = ("median", "low", "high", "share_sign", "share_clear", "share_against")


def over_multiverse(study: str, name: str) -> OverMultiverse | None:
    """What the multiverse of ``study`` says of one number; ``None`` if it holds no such number.

    Parameters
    ----------
    study : str
    name : str
        A claim's key, or ``column|term`` of a printed coefficient.
    """
    claim = card_of(study).multiverse.get(name)
    return None if claim is None else multiverse_units(study).get(claim)


def in_other_units(study: str, name: str) -> tuple[OverMultiverse, ...]:
    """What the multiverse says of one number in units that are not its own; empty where there are none.

    Parameters
    ----------
    study : str
    name : str
        As in :func:`over_multiverse`.
    """
    own, claim = over_multiverse(study, name), card_of(study).multiverse.get(name)
    if own is None or claim is None:
        return ()
    return tuple(over for unit, over in _in_every_unit(study)[claim].items() if unit != own.unit)
