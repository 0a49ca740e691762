"""Power of each claim's test: the share of synthetic countries in which the planted sign is found."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from digital_clusters.analysis.claims import load_claims
from digital_clusters.analysis.readings import measure
from digital_clusters.analysis.study import Study
from digital_clusters.errors import FileError
from digital_clusters.files import write_text
from digital_clusters.measures.city_panel import build_city_panel
from digital_clusters.paths import data_folder
from digital_clusters.sources import open_source
from digital_clusters.sources.twin.truth import hash_of_truth, read_truth

COLUMNS = ["seed", "claim", "planted", "value", "low", "high", "p_value", "verdict"]


@dataclass(frozen=True)
class Power:
    """Results of one study's claims in many synthetic countries.

    Attributes
    ----------
    study : str
    seeds : tuple of int
        Of the countries.
    rows : list of dict
        One a claim: claim, planted (mean over countries), mean, sd (of the estimates), share_recovered,
        share_contradicted, coverage (share of 95 per cent intervals that hold the planted size; ``None``
        where the claim has no size of its own).
    values : dict of str to list of float
        Claim → its estimate in each country, in the order of ``seeds``.
    truth : str
        :func:`truth_hash` of the ``data/twin.yml`` it was made with.
    commit, date : str
        Of the run.
    """

    study: str
    seeds: tuple[int, ...]
    rows: list[dict[str, Any]]
    values: dict[str, list[float]]
    truth: str
    commit: str
    date: str

    def of(self, claim: str) -> dict[str, Any]:
        """The row of one claim."""
        return next(row for row in self.rows if row["claim"] == claim)


def one_country(study: Study, seed: int) -> pd.DataFrame:
    """Every claim of a study in one synthetic country, columns :data:`COLUMNS`."""
    panel = build_city_panel(open_source("twin", seed=seed))
    planted = study.planted_sizes(seed)
    rows = []
    for claim in load_claims(study.key).claims:
        found = measure(claim, study, panel)
        rows.append(
            {
                "seed": seed,
                "claim": claim.key,
                "planted": planted[claim.key],
                "value": found.value,
                "low": found.low,
                "high": found.high,
                "p_value": found.p_value,
                "verdict": found.verdict(claim.sign),
            }
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def many_countries(study: Study, seeds: Iterable[int], workers: int = 1) -> pd.DataFrame:
    """:func:`one_country` for each seed, in ``workers`` processes."""
    from joblib import Parallel, delayed

    study.planted_sizes()  # a study without claims is refused before any process starts
    found = Parallel(n_jobs=workers)(delayed(one_country)(study, seed) for seed in seeds)
    return pd.concat(found, ignore_index=True)


def summarise(results: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of :class:`Power`, in the order of the claims."""
    rows = []
    for claim, found in results.groupby("claim", sort=False):
        held = (found["low"] <= found["planted"]) & (found["planted"] <= found["high"])
        sized = bool(found["planted"].notna().all())
        rows.append(
            {
                "claim": claim,
                "planted": float(found["planted"].mean()) if sized else None,
                "mean": float(found["value"].mean()),
                "sd": float(found["value"].std(ddof=1)),
                "share_recovered": float((found["verdict"] == "sign found").mean()),
                "share_contradicted": float((found["verdict"] == "other sign found").mean()),
                "coverage": float(held.mean()) if sized else None,
            }
        )
    return rows


def freeze_power(study: str, results: pd.DataFrame, commit: str, folder: Path | None = None) -> Path:
    """Write the summary of ``results`` to ``<folder>/<study>.power.json`` and return that path."""
    grouped = results.sort_values("seed", kind="stable").groupby("claim", sort=False)
    record = Power(
        study=study,
        seeds=tuple(int(seed) for seed in np.unique(results["seed"])),
        rows=summarise(results),
        values={claim: [float(f"{v:.8g}") for v in own["value"]] for claim, own in grouped},
        truth=truth_hash(),
        commit=commit,
        date=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    path = _path(study, folder)
    write_text(path, json.dumps(asdict(record), indent=1, ensure_ascii=False) + "\n")
    return path


def load_power(study: str, folder: Path | None = None) -> Power:
    """Read what :func:`freeze_power` wrote.

    Raises
    ------
    FileError
        If there is no such file, it is not whole, or it was made from other parameters in ``data/twin.yml``.
    """
    path = _path(study, folder)
    again = f"`digital-clusters power {study}` makes it"
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        found = Power(**record | {"seeds": tuple(record["seeds"])})
    except FileNotFoundError:
        raise FileError(f"no power study of '{study}': {path} does not exist; {again}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise FileError(f"{path} is damaged ({type(error).__name__}: {error}); {again}") from None
    if found.truth != truth_hash():
        raise FileError(f"{path} was made from another data/twin.yml; {again} anew")
    return found


def truth_hash(file: Path | None = None) -> str:
    """sha256 of the twin's parameters as ``file`` gives them; by default the project's ``data/twin.yml``.

    Comments, spacing and the order of entries do not count.
    """
    return hash_of_truth(read_truth(file))


def _path(study: str, folder: Path | None) -> Path:
    return (folder or data_folder() / "results") / f"{study}.power.json"
