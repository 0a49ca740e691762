"""What a frozen multiverse says of one number of a scorecard."""

from collections.abc import Mapping
from functools import cache

from digital_clusters.analysis.multiverse.declared import CLAIM
from digital_clusters.analysis.multiverse.explored import frozen_multiverse
from digital_clusters.analysis.scorecard.card_lines import OverMultiverse
from digital_clusters.analysis.scorecard.declared import card_of


@cache
def multiverse_units(study: str) -> Mapping[str, OverMultiverse]:
    """Claim of the study's multiverse → its summary with the first option of every axis that splits.

    The first option is the one in the unit of the claim; those of other units are on the study's pages.
    """
    explored = frozen_multiverse(study)
    declared = explored.declared
    main = {name: next(iter(axis.options)) for name, axis in declared.axes.items() if axis.splits}
    found = {}
    for row in explored.summary().to_dict("records"):
        if all(row[name] == option for name, option in main.items()):
            found[row[CLAIM]] = OverMultiverse(
                n=int(row["n_specs"]),
                unit=", ".join(main.values()),
                **{name: float(row[name]) for name in _KEPT},
            )
    return found


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
