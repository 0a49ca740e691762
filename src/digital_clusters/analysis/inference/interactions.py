"""Interactions of one study in bins and within cities: on a panel, frozen, and tried in other countries."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from digital_clusters.analysis.data import load_city_panel, load_tables
from digital_clusters.analysis.fit import fit
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.inference.claim_family import deal_columns
from digital_clusters.analysis.inference.moderation import (
    moderation_row,
    moderation_trials,
    try_moderation,
)
from digital_clusters.analysis.power import truth_hash
from digital_clusters.analysis.spec import Spec
from digital_clusters.analysis.study import Study
from digital_clusters.measures.city_panel import build_city_panel
from digital_clusters.measures.panel import Panel
from digital_clusters.sources import open_source

COUNTRIES = 500
"""Other synthetic countries of a trial."""


@dataclass(frozen=True)
class Interactions:
    """What a study declares of its interactions.

    Attributes
    ----------
    record : str
        Name of the frozen file.
    twin, public : mapping of str to Spec
        Specifications with a moderator, by their words.
    planted : callable
        Seed of a synthetic country → planted size of those of ``twin`` that are tried.
    """

    record: str
    twin: Mapping[str, Spec]
    public: Mapping[str, Spec]
    planted: Callable[[int], Mapping[str, float]]

    def results(self, study: Study) -> dict[str, Any]:
        """Public interactions and the trial: the arguments of ``frozen.freeze``."""
        facts = {
            "public": interaction_rows(self.public, load_city_panel("public")),
            "trial": self.tried(range(1, COUNTRIES + 1)),
            "countries": COUNTRIES,
        }
        inputs = dict(load_tables("public").provenance) | {"data/twin.yml": truth_hash()}
        return {"estimates": {}, "notes": {}, "facts": facts, "inputs": inputs}

    def public_rows(self, data: str = "twin") -> list[Mapping[str, Any]]:
        """Rows of public data: made now if ``data`` is ``public``, else as frozen."""
        if data == "public":
            return list(interaction_rows(self.public, load_city_panel("public")))
        return load_frozen(self.record).facts["public"]

    def tried(self, seeds: Iterable[int]) -> list[dict[str, Any]]:
        """Both ways in other countries: means by specification and what is added to the outcome."""
        rows = []
        for seed in seeds:
            panel = build_city_panel(open_source("twin", seed=seed))
            for words, size in self.planted(seed).items():
                spec = self.twin[words]
                dealt = deal_columns(panel, [spec.treatment], np.random.default_rng(seed))
                tried = try_moderation(fit(spec, panel), size, fit(spec, dealt))
                rows += [{"design": words} | row for row in tried]
        return moderation_trials(rows)


def interaction_rows(specs: Mapping[str, Spec], panel: Panel) -> list[dict[str, Any]]:
    """:func:`~digital_clusters.analysis.inference.moderation.moderation_row` of each specification."""
    return [moderation_row(words, fit(spec, panel)) for words, spec in specs.items()]
