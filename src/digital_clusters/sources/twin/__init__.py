"""The synthetic twin: a fictional country whose true effects are known (``data/twin.yml``).

All four studies are measured from it. It is made in seconds from a seed and is never stored.
"""

import hashlib
from pathlib import Path

from digital_clusters.sources.tables import RawTables
from digital_clusters.sources.twin.country import country_of
from digital_clusters.sources.twin.truth import hash_of_truth, named_truth, project_truth

TABLES = ("cities", "city_year", "city_industry_year", "lights", "storefronts")
MISSING = {
    "city_year.lights_gini": "the Gini is computed from township lights",
    "city_year.taobao_villages": "the twin has the storefronts themselves",
}


def open_twin(seed: int | None = None, twin: str | None = None) -> RawTables:
    """The twin's raw tables; each is made when it is first asked for.

    Parameters
    ----------
    seed : int, optional
        Of the random streams; default: the one in ``data/twin.yml``, which the truth is calibrated for.
        Other seeds keep every identity and moment; what estimators find in them varies.
    twin : str, optional
        Name of another truth, a file of ``data/twins``; default: ``data/twin.yml`` as it is.

    Raises
    ------
    ParameterError
        If there is no twin of that name.
    """
    truth = project_truth() if twin is None else named_truth(twin)
    country = country_of(truth, truth.seed if seed is None else seed)
    loaders = {name: getattr(country, f"{name}_table") for name in TABLES}
    provenance = {
        "data/twin.yml": hash_of_truth(project_truth()),
        "seed": str(country.seed),
        "code": _code_hash(),
    }
    if twin is not None:
        provenance[f"data/twins/{twin}.yml"] = hash_of_truth(truth)
    return RawTables("twin", loaders, dict(MISSING), provenance)


def _code_hash() -> str:
    """sha256 of the generator's source."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
