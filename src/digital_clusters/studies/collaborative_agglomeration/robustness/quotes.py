"""Numbers that the chapter on robustness quotes: what each choice moves, and in how many lines signs hold."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from digital_clusters.report.glue import glue
from digital_clusters.report.words import number, p_phrase
from digital_clusters.studies.collaborative_agglomeration.sentences import CRITICAL

if TYPE_CHECKING:
    from digital_clusters.estimators.estimate import Estimate
    from digital_clusters.estimators.panel.instrumental import InstrumentalEstimate

Variants = Mapping[str, Mapping[str, Any]]
"""Words for a specification → record of ``curve_variant``."""

BASE = "baseline"

CONTROLLED = (
    BASE,
    "membership alone as control",
    "controls of the same year",
    "controls of the base year, by year",
)
"""Lines that differ in their controls alone."""

CLAIMED_SIGNS = {"left": -1, "right": 1}
"""Side of the turning point → sign of the effect there."""

KEYS = tuple(f"{kind} {side}" for kind in ("direct", "indirect") for side in CLAIMED_SIGNS)


def quote_weights_alone(found: Variants, planted: Mapping[str, float]) -> None:
    """Quote ``rho-economic``, ``rho-inverse``, ``indirect-economic`` and ``indirect-planted``."""
    for name, key in (("economic", "economic distance"), ("inverse", "inverse distance")):
        glue(f"rho-{name}", number(found[key]["rho"][0]))
    glue("indirect-economic", number(found["economic distance"]["indirect left"]["effect"]))
    glue("indirect-planted", number(planted["indirect left"]))


def quote_controls(found: Variants) -> None:
    """Quote ``controls-square-least``, ``-most`` and ``controls-signs``: effects of the claimed sign."""
    squares = [found[name]["square"][0] for name in CONTROLLED]
    glue("controls-square-least", number(min(squares)))
    glue("controls-square-most", number(max(squares)))
    kept = [_signed(found[name], key) for name in CONTROLLED for key in KEYS]
    glue("controls-signs", f"{sum(kept)} of {len(kept)}")


def quote_corrections(found: Variants) -> None:
    """Quote by how much ρ and the effects move: ``subtracted-rho``, ``-effects``, ``left-rho``, ``-effects``.

    Against the baseline, where city and year effects are removed by the transformation.
    """
    base = found[BASE]
    for name, key in (("subtracted", "bias subtracted"), ("left", "without bias correction")):
        other = found[key]
        moved = max(abs(other[each]["effect"] - base[each]["effect"]) for each in KEYS)
        glue(f"{name}-rho", number(abs(other["rho"][0] - base["rho"][0])))
        glue(f"{name}-effects", number(moved))


def quote_signs(lines: Variants, planted_square: float) -> None:
    """Quote in how many lines signs hold and effects differ from zero.

    ``signs-kept``: effects with the claimed sign, of all; ``signs-direct``, ``-indirect-left`` and
    ``-indirect-right``: those with that sign and beyond 1.96 errors; ``signs-steep``: squares larger than
    ``planted_square``.
    """
    shown = [(key, row) for row in lines.values() for key in KEYS if key in row]
    kept = sum(_signed(row, key) for key, row in shown)
    glue("signs-kept", f"{kept} of {len(shown)}")
    for name, keys in (
        ("direct", KEYS[:2]),
        ("indirect-left", KEYS[2:3]),
        ("indirect-right", KEYS[3:]),
    ):
        own = [(key, row) for key, row in shown if key in keys]
        clear = sum(_signed(row, key) and _ratio(row[key]) > CRITICAL for key, row in own)
        glue(f"signs-{name}", f"{clear} of {len(own)}")
    steep = sum(row["square"][0] > planted_square for row in lines.values())
    glue("signs-steep", f"{steep} of {len(lines)}")


def _signed(row: Mapping[str, Any], key: str) -> bool:
    return row[key]["effect"] * CLAIMED_SIGNS[key.split()[1]] > 0


def _ratio(effect: Mapping[str, float]) -> float:
    return abs(effect["effect"]) / effect["standard_error"]


def quote_line(line: "InstrumentalEstimate", base: Mapping[str, Any]) -> None:
    """Quote ``line-sentence`` on the linear estimates, and the curve's ``line-left`` and ``line-right``."""
    least, instrumented = _with_interval(line.least_squares), _with_interval(line.estimate)
    gap = line.endogeneity
    apart = "" if gap is None else f"; their difference has p {p_phrase(float(gap.p_values[0]))}"
    glue("line-sentence", f"Least squares gives {least}, two stages {instrumented}{apart}.")
    for side in CLAIMED_SIGNS:
        glue(f"line-{side}", number(base[f"direct {side}"]["effect"]))


def _with_interval(estimate: "Estimate") -> str:
    low, high = estimate.interval()[0]
    verb = "holds" if np.prod([low, high]) <= 0 else "leaves out"
    return f"{number(float(estimate.coefficients[0]))}, whose interval {verb} zero"
