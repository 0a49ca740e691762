"""Numbers that the chapter on theory quotes: two worked examples, critical points and turning points."""

import numpy as np

from digital_clusters.report.glue import glue
from digital_clusters.theory.regions.footloose_entrepreneurs import FootlooseEntrepreneurs
from digital_clusters.theory.regions.linked_industries import LinkedIndustries
from digital_clusters.theory.regions.linked_regions import LinkedRegions

SHARE = 0.6
"""Of the entrepreneurs in region 1, in the worked example."""

AWAY = 0.8
"""In the worked example freeness is this share of the sustain point, or lacks this share of what is left."""

HALF = 0.5
"""Of all co-agglomeration, in the worked example."""


def footloose(model: FootlooseEntrepreneurs) -> None:
    """Quote parameters, critical points, and what being in the larger region changes: ``gap-``.

    ``gap-below`` and ``gap-above`` are relative changes of utility at :data:`SHARE`, at a freeness of trade
    below the sustain point and above the break point.
    """
    sustain, break_point = model.sustain_point(), model.break_point()
    glue("phi-break", break_point, ".4f")
    glue("phi-sustain", sustain, ".4f")
    glue("elasticity", model.elasticity, "g")
    glue("mobile-share", model.mobile_share, "g")
    glue("gap-share", f"{SHARE:.0%}")
    for name, freeness in (("below", AWAY * sustain), ("above", 1 - AWAY * (1 - break_point))):
        glue(f"gap-freeness-{name}", freeness, ".2f")
        glue(f"gap-{name}", float(np.expm1(model.log_gap(SHARE, freeness))), "+.2%")


def forces(model: LinkedIndustries, digital: float) -> None:
    """Quote the parameters, the worked example and the turning points.

    ``wedge-none``, ``-half`` and ``-all`` are marginal revenue products in the core over those in the
    periphery, less one, by co-agglomeration; ``turn-`` are turning points, ``correction-`` what is corrected
    at the turning point without digital technology, at none of it and at all of it.
    """
    for name in ("barrier", "relief", "linkage", "congestion"):
        glue(name, getattr(model, name), "g")
    glue("digital", digital, "g")
    for name, c in (("none", 0.0), ("half", HALF), ("all", 1.0)):
        glue(f"wedge-{name}", float(np.expm1(model.wedge(c, digital))), ".0%")
    turns = {"none": (0.0,), "full": (1.0,), "apart": (digital,), "joined": (digital, 1.0)}
    for name, at in turns.items():
        turn = model.turning_point(*at)
        glue(f"turn-{name}", f"{turn:.2f}" if turn > 0 else "none")
    old_peak = model.turning_point(0.0)
    for name, level in (("none", 0.0), ("full", 1.0)):
        start, peak = (float(model.misallocation(c, level)) for c in (0.0, old_peak))
        glue(f"correction-{name}", start - peak, ".3f")


def regions(model: LinkedRegions) -> None:
    """Quote ``trade``, the freeness over one step, and ``advantage``: times a core variety sells more."""
    glue("trade", model.freeness, ".3f")
    glue("advantage", float(np.exp(model.advantage)), ".2f")
