"""What the chapter on the twin shows of the frozen calibration: tables and computed sentences."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from digital_clusters.report.glue import glue
from digital_clusters.report.tables import styled
from digital_clusters.report.words import BOTH, MISSING, TWIN, column_name, number, power_of_ten
from digital_clusters.sources.columns import words_of
from digital_clusters.studies.industrial_upgrading.calibration.noise_of_claims import (
    CLAIMED,
    public_spread_of,
)
from digital_clusters.studies.industrial_upgrading.calibration.pages import FINE, TERMS
from digital_clusters.studies.industrial_upgrading.calibration.record import (
    CHECKED,
    SHOWN_COUNTRIES,
    TODAY,
    Calibrated,
    Calibration,
)

if TYPE_CHECKING:
    from great_tables import GT

OFF = 0.1
"""Relative distance of a within share or s.d., and absolute one of an AR(1), from which on it is not met."""


def target_places(calibration: Calibration) -> list[str]:
    """Printed place of each target, such as "Table 6 (1), digital index"."""
    return [
        column_name(t["column"]) + ("" if t["term"] == "uil" else f", {TERMS[t['term']]}")
        for t in calibration.targets
    ]


def means_table(calibration: Calibration) -> "GT":
    """The 18 coefficients: printed, and mean and s.d. over countries of today's truth and the simple one."""
    frame = pd.DataFrame(
        {
            "Coefficient": target_places(calibration),
            "printed": [t["printed"] for t in calibration.targets],
            "printed error": [t["error"] for t in calibration.targets],
        }
    )
    spanners = {}
    for words, key in (("data/twin.yml", TODAY), ("simple truth", calibration.simple)):
        one = calibration.of(key)
        columns = {f"{words} mean": one.mean, f"{words} s.d.": one.sd, f"{words} met": one.met}
        frame = frame.assign(**columns)
        spanners[words] = list(columns)
    headings = {name: name.rpartition(" ")[2] for names in spanners.values() for name in names}
    note = (
        f"Mean and s.d. over {calibration.countries} countries. Met: the mean lies within one printed error "
        "of the printed coefficient. The simple truth has the noise of public data."
    )
    title = "The printed coefficients as means over countries"
    decimals = {name: FINE for name in headings if not name.endswith(" met")}
    return styled(frame, title, note, TWIN, decimals=decimals, spanners=spanners, headings=headings)


def ladder_table(calibration: Calibration) -> "GT":
    """Each truth: what it says, its parameters, and how many coefficients it meets."""
    rows = [
        {
            "Truth": one.words,
            "In one sentence": one.sentence,
            "numbers": one.parameters,
            "searched": one.searched,
            "met in the mean": sum(one.met),
            "met in one country, mean": float(np.mean(one.met_by_country)),
            "most": max(one.met_by_country),
        }
        for one in calibration.truths
    ]
    note = (
        f"Of {len(calibration.targets)} coefficients, over {calibration.countries} countries. Numbers: "
        "parameters of the outcome; searched: those set so that the coefficients are met."
    )
    return styled(
        pd.DataFrame(rows), "A ladder of truths", note, TWIN, decimals={"met in one country, mean": 1}
    )


def noise_table(calibration: Calibration) -> "GT":
    """Within share, s.d. and AR(1) of each variable: today's truth, the simple one, public data."""
    today, simple = calibration.of(TODAY).noise, calibration.of(calibration.simple).noise
    sources = {"today": today, "simple": simple, "public": calibration.public}
    rows, spanners = [], {}
    for name in today:
        cells = {"Variable": words_of(name) or name}
        for words, (measure, scale, decimals) in _SHOWN.items():
            for source, values in sources.items():
                value = values[name][measure]
                cells[f"{words} {source}"] = number(scale * value, decimals)
                spanners.setdefault(words, []).append(f"{words} {source}")
        rows.append(cells)
    both = {words: list(dict.fromkeys(columns)) for words, columns in spanners.items()}
    headings = {name: name.rpartition(" ")[2] for columns in both.values() for name in columns}
    note = (
        "Today: data/twin.yml; simple: data/twins/public_noise.yml; means over "
        f"{len(SHOWN_COUNTRIES)} countries. Within: left after city and year effects. Years are those of "
        "industrial upgrading, for the Gini those in which public data have lights of counties; for "
        f"{_claimed_years()}, in public data as far as they go."
    )
    title = "Noise of the twins beside public data"
    return styled(pd.DataFrame(rows), title, note, BOTH, spanners=both, headings=headings)


def _claimed_years() -> str:
    """Outcomes of the claims with the years that each is taken over."""
    spans = [(one, public_spread_of(one.column, one.study)[0]) for one in CLAIMED]
    return " and ".join(f"{words_of(one.column)} {first}–{last}" for one, (first, last) in spans)


_SHOWN = {
    "Within, % of variance": ("within_share", 100, 1),
    "S.d.": ("sd", 1, 3),
    "AR(1)": ("ar1", 1, 2),
}


def outcome_sentence(calibration: Calibration) -> str:
    """What came out: how many means each truth meets, and which the simplest meets none of the rest with."""
    today, simple = calibration.of(TODAY), calibration.of(calibration.simple)
    count = len(calibration.targets)
    missed = [place for place, met in zip(target_places(calibration), simple.met, strict=True) if not met]
    rest = f"it misses {_listed(missed)}" if missed else "it misses none"
    return (
        f"In the mean of {calibration.countries} countries the truth of data/twin.yml, which meets all "
        f"{count} printed coefficients in its own country, meets {sum(today.met)}; a truth of "
        f"{simple.parameters} numbers instead of {today.parameters}, calibrated to that mean at the noise of "
        f"public data, meets {sum(simple.met)}; {rest}."
    )


def ladder_sentence(calibration: Calibration) -> str:
    """How the count of met coefficients grows along the ladder, and the most that any truth meets."""
    rungs = [one for one in calibration.truths if one.key != TODAY]
    steps = ", ".join(f"{sum(one.met)} ({one.words})" for one in rungs)
    best = max(rungs, key=lambda one: (sum(one.met), -one.parameters))
    never = [
        place
        for k, place in enumerate(target_places(calibration))
        if not any(one.met[k] for one in calibration.truths)
    ]
    tail = f" No truth that was tried meets {_listed(never)} in the mean." if never else ""
    return (
        f"Along the ladder the truths meet {steps} of {len(calibration.targets)} in the mean; the most, "
        f"{sum(best.met)}, are met with the fewest numbers, {best.parameters}, by “{best.words}”.{tail}"
    )


def noise_sentence(calibration: Calibration) -> str:
    """Which numbers of the public noise the simple truth meets, and which it does not."""
    found, unmet, total = calibration.of(calibration.simple).noise, [], 0
    for name, own in found.items():
        for words, (measure, _, _) in _SHOWN.items():
            gap = abs(own[measure] - calibration.public[name][measure])
            scale = 1.0 if measure == "ar1" else abs(calibration.public[name][measure])
            total += 1
            if gap > OFF * scale:
                unmet.append(f"{words} of {words_of(name) or name}")
    rest = f" Not met: {_listed(unmet)}." if unmet else ""
    return (
        f"Of {total} numbers of the noise the simple truth meets {total - len(unmet)} (a share or s.d. to a "
        f"tenth of itself, an AR(1) to {OFF}).{rest} Where public data disagree with an s.d. of Table 1 the "
        "twin keeps Table 1, and misallocation keeps its own s.d., since wedges as unequal as the public "
        "ones would not balance the twin's accounts."
    )


def stand_in_sentence(calibration: Calibration) -> str:
    """How far the stand-in is from the recipe: half of the coefficients, and the farthest."""
    gaps = np.abs(calibration.gap)
    far = int(gaps.argmax())
    half, most = number(float(np.median(gaps)), 2), number(float(gaps[far]), 2)
    return (
        f"In {len(CHECKED)} countries of the simple truth its coefficients lie {half} printed standard "
        f"errors from the recipe's in the median, and at most {most} ({target_places(calibration)[far]})."
    )


def moments_sentence(calibration: Calibration, printed: Mapping[str, Sequence[float]]) -> str:
    """The largest distance of any moment of any truth from Table 1, in printed standard deviations."""
    gaps = [
        abs(np.array(one.moments[name]) - values).max() / values[1]
        for one in calibration.truths
        for name, values in printed.items()
    ]
    count = sum(len(values) for values in printed.values())
    farthest = max(gaps)
    return (
        f"Every truth meets the {count} moments of Table 1 by construction; the farthest is "
        f"{number(farthest) if farthest >= 0.001 else power_of_ten(farthest)} s.d. away."
    )


def quote_calibration(calibration: Calibration, printed: Mapping[str, Sequence[float]]) -> None:
    """Quote the sentences: ``calibration-outcome``, ``-ladder``, ``-noise``, ``-moments``, ``-stand-in``.

    And ``calibration-sentence``, what a reader can say of the simple truth, and ``calibration-countries``.
    """
    simple: Calibrated = calibration.of(calibration.simple)
    glue("calibration-outcome", outcome_sentence(calibration))
    glue("calibration-ladder", ladder_sentence(calibration))
    glue("calibration-noise", noise_sentence(calibration))
    glue("calibration-moments", moments_sentence(calibration, printed))
    glue("calibration-stand-in", stand_in_sentence(calibration))
    glue("calibration-sentence", simple.sentence)
    glue("calibration-countries", calibration.countries)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if names else MISSING
