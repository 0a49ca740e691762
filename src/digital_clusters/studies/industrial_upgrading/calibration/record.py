"""The calibration as one frozen record: today's truth and the ladder's, beside print and public data."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from digital_clusters.analysis.power import truth_hash
from digital_clusters.errors import FileError
from digital_clusters.files import write_text
from digital_clusters.paths import data_folder
from digital_clusters.sources.twin.country import TwinCountry
from digital_clusters.sources.twin.economy import study_sample
from digital_clusters.sources.twin.truth import Truth, hash_of_truth, named_truth, read_truth
from digital_clusters.studies.industrial_upgrading.calibration import noise, truths
from digital_clusters.studies.industrial_upgrading.calibration.ladder import (
    ALL,
    Solved,
    climb,
    in_errors,
    is_met,
)
from digital_clusters.studies.industrial_upgrading.calibration.means import Memory
from digital_clusters.studies.industrial_upgrading.calibration.noise_of_claims import (
    CLAIMED,
    claims_noise,
    public_spread_of,
    spread_of,
)
from digital_clusters.studies.industrial_upgrading.calibration.search import STEPS, printed_targets

CALIBRATION_FILE = "industrial_upgrading.calibration.json"
PUBLIC_NOISE = "public_noise"
"""Name of the twin that is calibrated: ``data/twins/public_noise.yml``."""

TODAY = "today"
AGAIN = "`digital-clusters calibrate` makes it"

FIRST_SLOPE = -0.1
"""Effect at which the noise of the Gini is set: about the benchmark's printed coefficient."""

CHECKED = range(1, 3)
"""Countries in which the stand-in is held against the recipe."""

SHOWN_COUNTRIES = range(1, 5)
"""Countries whose moments and noise are told, as means."""


@dataclass(frozen=True)
class Calibrated:
    """One truth in many countries.

    Attributes
    ----------
    key, words, sentence : str
    parameters : int
        Numbers that shape its outcome.
    searched : int
        Of those, how many were searched for the printed coefficients.
    values : dict of str to float
        The outcome's parameters that are not zero.
    mean, sd : list of float, 18
        Of each coefficient over countries.
    met : list of bool, 18
        Whether the mean is within one printed error.
    met_by_country : list of int
        How many are, in each country by itself.
    moments : dict of str to list of float
        Variable → mean, s.d., minimum and maximum, means over a few countries.
    noise : dict of str to dict
        Variable → ``within_share``, ``ar1``, ``sd``, means over the same.
    """

    key: str
    words: str
    sentence: str
    parameters: int
    searched: int
    values: dict[str, float]
    mean: list[float]
    sd: list[float]
    met: list[bool]
    met_by_country: list[int]
    moments: dict[str, list[float]]
    noise: dict[str, dict[str, float]]


@dataclass(frozen=True)
class Calibration:
    """What ``digital-clusters calibrate`` found.

    Attributes
    ----------
    countries : int
        Seeds 1 to this.
    targets : list of dict
        ``column``, ``term``, ``printed``, ``error``.
    truths : list of Calibrated
        Today's first, then the ladder.
    simple : str
        Key of the simple truth, as of :func:`simplest`.
    public : dict of str to dict
        Variable → its spread in public data.
    gap : list of float, 18
        Stand-in less the recipe's own trees in printed standard errors, mean over :data:`CHECKED` of the
        simple truth.
    truth, changes, commit, date : str
        Hashes of ``data/twin.yml`` and of the calibrated twin's truth, and the code.
    """

    countries: int
    targets: list[dict[str, Any]]
    truths: list[Calibrated]
    simple: str
    public: dict[str, dict[str, float]]
    gap: list[float]
    truth: str
    changes: str
    commit: str
    date: str

    def of(self, key: str) -> Calibrated:
        """The truth of that name."""
        return next(each for each in self.truths if each.key == key)


def calibrate_to_means(
    memory: Memory, commit: str, countries: int = ALL, tell: Callable[[str], None] = print,
    data: Path | None = None,
) -> Path:  # fmt: skip
    """Set the noise, climb the ladder, write the simple truth and the record; the record's path.

    What an earlier run had made of the same truths is taken from ``memory``.

    Parameters
    ----------
    memory : Memory
    commit : str
        Of the code that runs.
    countries : int
        Seeds 1 to this.
    tell : callable
        Is given a line of progress.
    data : Path, optional
        Folder whose ``twins`` and ``results`` are written to; default: the project's own ``data``.
    """
    data = data or data_folder()
    today = read_truth()
    quiet = noisy_truth(today, memory.path.with_name("noise.json"))
    tell("the noise is set")
    solved = climb(memory, quiet, countries, tell)
    simple = simplest(solved)
    write_changes(simple.truth, today, simple.rung, data / "twins")
    now = memory.table(today, range(1, countries + 1))
    tell(f"data/twin.yml: {int(is_met(now).sum())} of {now.shape[1]} met in the mean of {len(now)}")
    made = [_of_today(today, now), *(_of_rung(each) for each in solved)]
    record = _gathered(made, simple, stand_in_gap(memory, simple.truth), countries, commit)
    path = data / "results" / CALIBRATION_FILE
    write_text(path, json.dumps(asdict(record), indent=1, ensure_ascii=False) + "\n")
    return path


def simplest(solved: Sequence[Solved]) -> Solved:
    """Of the truths that meet most coefficients in the mean, the one with the fewest numbers."""
    return min(solved, key=lambda each: (-int(is_met(each.found).sum()), each.rung.parameters))


def stand_in_gap(memory: Memory, truth: Truth) -> list[float]:
    """How far the stand-in's coefficients lie from the recipe's, in printed errors, means over countries."""
    recipe = np.array([memory.recipe(truth, seed) for seed in CHECKED])
    apart = in_errors(memory.table(truth, CHECKED)) - in_errors(recipe)
    return [float(f"{value:.4g}") for value in apart.mean(axis=0)]


def noisy_truth(today: Truth, kept: Path) -> Truth:
    """``today`` with the noise of public data and one constant effect; from ``kept`` where it is there.

    The file of an earlier run counts if it was made from the same truth and the same public numbers.
    """
    made_from = [hash_of_truth(today), public_rows()]
    if kept.exists():
        entry = json.loads(kept.read_text(encoding="utf-8"))
        if entry["made_from"] == made_from:
            return Truth(**entry["truth"])
    plain = noise.panel_noise(noise.without_extras(today))
    start = truths.with_rung(plain, truths.RUNGS[0], {"slope": FIRST_SLOPE})
    found = claims_noise(noise.gini_noise(start))
    text = json.dumps({"made_from": made_from, "truth": found.model_dump(mode="json")})
    kept.parent.mkdir(parents=True, exist_ok=True)
    write_text(kept, text)
    return found


def _of_today(truth: Truth, found: np.ndarray) -> Calibrated:
    sentence = "The effect is lowest at a middling structure, and three paths are hidden: data/twin.yml."
    count = len(type(truth.outcome).model_fields)
    return _calibrated(TODAY, "data/twin.yml", sentence, count, len(STEPS), truth, found)


def _of_rung(solved: Solved) -> Calibrated:
    rung = solved.rung
    about = rung.key, rung.words, rung.sentence, rung.parameters, len(rung.free)
    return _calibrated(*about, solved.truth, solved.found)


def _calibrated(
    key: str, words: str, sentence: str, parameters: int, searched: int, truth: Truth, found: np.ndarray
) -> Calibrated:
    countries = [TwinCountry(truth, seed) for seed in SHOWN_COUNTRIES]
    values = {name: value for name, value in truth.outcome.model_dump().items() if value != 0}
    alone = np.array([np.abs(in_errors(one)) <= 1 for one in found]).sum(axis=1)
    return Calibrated(
        key, words, sentence, parameters, searched, values,
        mean=[float(f"{value:.6g}") for value in found.mean(axis=0)],
        sd=[float(f"{value:.6g}") for value in found.std(axis=0, ddof=1)],
        met=is_met(found).tolist(),
        met_by_country=alone.tolist(),
        moments=_moments(countries),
        noise=_noise(countries),
    )  # fmt: skip


def _moments(countries: list[TwinCountry]) -> dict[str, list[float]]:
    found: dict[str, list[list[float]]] = {}
    for country in countries:
        sample = study_sample(country.places, country.truth)
        for name, values in ({"gini": country.gini} | country.panel).items():
            x = sample.of(values)
            found.setdefault(name, []).append([x.mean(), x.std(ddof=1), x.min(), x.max()])
    return {name: np.mean(each, axis=0).tolist() for name, each in found.items()}


def _noise(countries: list[TwinCountry]) -> dict[str, dict[str, float]]:
    rows: dict[str, list[dict[str, float]]] = {}
    for country in countries:
        sample, years = study_sample(country.places, country.truth), country.truth.country.years
        lit = (years >= noise.LIGHT_YEARS[0]) & (years <= noise.LIGHT_YEARS[1])
        for name, values in ({"gini": country.gini} | country.panel).items():
            inside = values[np.ix_(sample.cities, lit if name == "gini" else sample.years)]
            share, ar1 = noise.spread_within(inside)
            spread = {"within_share": share, "ar1": ar1, "sd": float(inside.std(ddof=1))}
            rows.setdefault(name, []).append(spread)
        for claimed in CLAIMED:
            rows.setdefault(claimed.column, []).append(spread_of(country, claimed))
    return {
        name: {key: float(np.mean([one[key] for one in each])) for key in each[0]}
        for name, each in rows.items()
    }


def public_rows() -> dict[str, dict[str, float]]:
    """Variable → its spread in public data: the study's panel, and the outcomes of the claims."""
    own = {
        name: dict(zip(("within_share", "ar1", "sd"), values, strict=True))
        for name, values in noise.public_spread().items()
    }
    for claimed in CLAIMED:
        _, facts = public_spread_of(claimed.column, claimed.study)
        own[claimed.column] = {key: facts[key] for key in ("within_share", "ar1", "sd")}
    return own


def write_changes(truth: Truth, base: Truth, rung: truths.Rung, folder: Path) -> Path:
    """Write what ``truth`` changes in ``base`` to ``public_noise.yml`` of ``folder``."""
    head = (
        f"# A twin with the noise of public data, as changes to data/twin.yml.\n# {rung.sentence}\n"
        "# Written by `digital-clusters calibrate`.\n"
    )
    changes = _changes(truth.model_dump(mode="json"), base.model_dump(mode="json"))
    lines = []
    for block, values in changes.items():
        lines.append(f"\n{block}:")
        for name, value in values.items():
            lines.append(f"  {name}: {_inline(value)}")
    path = folder / f"{PUBLIC_NOISE}.yml"
    write_text(path, head + "\n".join(lines) + "\n")
    return path


def _inline(value: Any) -> str:
    """A value as YAML on one line."""
    if not isinstance(value, dict):
        return str(value)
    return "{" + ", ".join(f"{name}: {inner}" for name, inner in value.items()) + "}"


def _changes(new: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    out = {}
    for key, value in new.items():
        if value == old[key]:
            continue
        out[key] = _changes(value, old[key]) if isinstance(value, dict) else value
    return out


def _gathered(
    made: list[Calibrated], simple: Solved, gap: list[float], countries: int, commit: str
) -> Calibration:
    targets = [
        {"column": t.column, "term": t.term, "printed": t.value, "error": t.error} for t in printed_targets()
    ]
    public = public_rows()
    return Calibration(
        countries=countries,
        targets=targets,
        truths=made,
        simple=simple.rung.key,
        public={name: public[name] for name in made[0].noise},
        gap=gap,
        truth=truth_hash(),
        changes=hash_of_truth(simple.truth),
        commit=commit,
        date=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def load_calibration(data: Path | None = None) -> Calibration:
    """Read what :func:`calibrate_to_means` wrote into ``data``, by default the project's own.

    Raises
    ------
    FileError
        If there is no such file, it is not whole, or one of the two truths has changed since.
    """
    data = data or data_folder()
    path = data / "results" / CALIBRATION_FILE
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        found = Calibration(**record | {"truths": [Calibrated(**each) for each in record["truths"]]})
    except FileNotFoundError:
        raise FileError(f"{path} does not exist; {AGAIN}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise FileError(f"{path} is damaged ({type(error).__name__}: {error}); {AGAIN}") from None
    if found.truth != truth_hash():
        raise FileError(f"{path} was made from another data/twin.yml; {AGAIN} anew")
    if found.changes != hash_of_truth(named_truth(PUBLIC_NOISE, data / "twins")):
        raise FileError(f"{path} was made with another data/twins/{PUBLIC_NOISE}.yml; {AGAIN} anew")
    return found
