"""What public data say of industrial upgrading, as it is frozen."""

from typing import Any

from digital_clusters.analysis.data import load_tables
from digital_clusters.analysis.fit import fit_nearest
from digital_clusters.analysis.study import Study
from digital_clusters.studies.industrial_upgrading.replication import public_facts


def everything(study: Study) -> dict[str, Any]:
    """Everything about the public panel that is frozen: the arguments of ``frozen.freeze``.

    Returns
    -------
    dict
        ``estimates`` and ``notes`` by name of the specification, ``facts`` of the panel, ``inputs`` by file.
    """
    panel = study.panel("public")
    found = {key: fit_nearest(spec, panel) for key, spec in study.public.items()}
    return {
        "estimates": {key: made.estimate for key, (made, _) in found.items()},
        "notes": {key: note for key, (_, note) in found.items() if note},
        "facts": public_facts("public").to_dict(),
        "inputs": dict(load_tables("public").provenance),
    }
