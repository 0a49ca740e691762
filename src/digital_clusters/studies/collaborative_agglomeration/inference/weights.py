"""The curve over several spatial weights as one answer: on public data, and in other synthetic countries."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from digital_clusters.analysis.data import load_city_panel, load_tables
from digital_clusters.analysis.fit import fit
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.power import truth_hash
from digital_clusters.analysis.spatial.over_weights import over_weights
from digital_clusters.analysis.study import Study, sizes_of_claims
from digital_clusters.measures.city_panel import build_city_panel
from digital_clusters.sources import open_source
from digital_clusters.studies.collaborative_agglomeration.planted import sizes
from digital_clusters.studies.collaborative_agglomeration.record import SIDES
from digital_clusters.studies.collaborative_agglomeration.specs import BASELINE, PUBLIC, STUDY

RECORD = f"{STUDY}.weights"
"""Name of the frozen file."""

COUNTRIES = 500
"""Other synthetic countries, whose neighbours are the five nearest cities."""

CLAIMED = {"direct 0.25": "corrects_at_home", "indirect 0.25": "corrects_next_door"}
"""Effect that the trial looks at → the claim whose planted size it is compared with."""

AVERAGE = "all, by their shares"


def weights_results(study: Study) -> dict[str, Any]:
    """Public answer and the trial: the arguments of ``frozen.freeze``."""
    facts = {
        "public": over_weights(fit(PUBLIC["public"], load_city_panel("public")), SIDES),
        "trial": try_weights(range(1, COUNTRIES + 1)),
        "countries": COUNTRIES,
    }
    inputs = dict(load_tables("public").provenance) | {"data/twin.yml": truth_hash()}
    return {"estimates": {}, "notes": {}, "facts": facts, "inputs": inputs}


def public_weights(data: str = "twin") -> Mapping[str, Any]:
    """The answer of public data: made now if ``data`` is ``public``, else as frozen."""
    if data == "public":
        return over_weights(fit(PUBLIC["public"], load_city_panel("public")), SIDES)
    return load_frozen(RECORD).facts["public"]


def try_weights(seeds: Iterable[int]) -> list[dict[str, Any]]:
    """What each weights and their average find in other countries.

    Returns
    -------
    list of dict
        ``kind``; means over countries of ``posterior_share`` and ``largest`` (whether it is the largest); of
        each effect of :data:`CLAIMED` ``bias`` and ``coverage`` of the 95 % interval.
    """
    rows = []
    for seed in seeds:
        planted = sizes_of_claims(STUDY, sizes, seed)
        found = over_weights(fit(BASELINE, build_city_panel(open_source("twin", seed=seed))), SIDES)
        answers = {row["kind"]: row["effects"] for row in found["kinds"]} | {AVERAGE: found["average"]}
        shares = {row["kind"]: row["posterior_share"] for row in found["kinds"]}
        for kind, effects in answers.items():
            row = {"kind": kind, "posterior_share": shares.get(kind), "largest": kind == found["largest"]}
            for name, claim in CLAIMED.items():
                value, error = effects[name]
                row[f"{name} bias"] = value - planted[claim]
                row[f"{name} coverage"] = abs(value - planted[claim]) <= 1.96 * error
            rows.append(row)
    table = pd.DataFrame(rows)
    means = table.set_index("kind").astype(float).groupby(level=0, sort=False).mean()
    out = means.reset_index().to_dict("records")
    return [row | ({"posterior_share": None} if row["kind"] == AVERAGE else {}) for row in out]
