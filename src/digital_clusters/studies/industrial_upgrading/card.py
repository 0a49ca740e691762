"""What the scorecard needs besides the paper's recipe: city effects removed on public data, and the twin."""

from typing import Any

from digital_clusters.analysis.data import load_tables
from digital_clusters.analysis.fit import fit_nearest
from digital_clusters.analysis.power import truth_hash
from digital_clusters.analysis.replication.columns import nearest
from digital_clusters.analysis.scorecard.variation import TWIN_FILE
from digital_clusters.analysis.spec import Spec
from digital_clusters.analysis.study import Study
from digital_clusters.measures.descriptive import describe
from digital_clusters.measures.panel import Panel
from digital_clusters.studies.industrial_upgrading.planted import planted_effects
from digital_clusters.studies.industrial_upgrading.specs import COLUMNS

CONSTANT = ("is_resource_based",)
"""Controls that never change in a city: its own effect is all of them."""


def absorbed(spec: Spec) -> Spec:
    """A printed column by two-way fixed effects, errors by city: what its recipe does not absorb."""
    controls = tuple(name for name in spec.controls if name not in CONSTANT)
    return spec.change(method="two_way_fixed_effects", errors="clustered", controls=controls)


def card_results(study: Study) -> dict[str, Any]:
    """Every printed column with city effects removed, and the recipe on the twin: arguments of ``freeze``.

    Returns
    -------
    dict
        ``estimates`` and ``notes`` on public data by the key of the column; ``facts``: ``twin``, a row a
        coefficient with ``planted``, ``found`` and ``error``; ``moments`` of the twin's Table 1.
    """
    public, twin = study.panel("public"), study.panel("twin")
    made = {key: nearest(absorbed(spec), public) for key, spec in COLUMNS.items()}
    return {
        "estimates": {key: found.estimate for key, (found, _) in made.items()},
        "notes": {key: note for key, (_, note) in made.items() if note},
        "facts": {
            "twin": [row for key, spec in COLUMNS.items() for row in _on_twin(key, spec, twin)],
            "moments": describe(twin).to_dict("records"),
        },
        "inputs": {TWIN_FILE: truth_hash()} | dict(load_tables("public").provenance),
    }


def _on_twin(key: str, spec: Spec, panel: Panel) -> list[dict[str, Any]]:
    found, _ = fit_nearest(spec, panel)
    planted = planted_effects(spec, found.sample)
    rows = []
    for term in found.estimate.terms:
        value, error = found.estimate[term]
        rows.append(
            {"column": key, "term": term, "planted": planted.get(term), "found": value, "error": error}
        )
    return rows
