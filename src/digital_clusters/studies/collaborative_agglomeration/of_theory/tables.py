"""Tables of the chapter on theory: critical points of two models, and the strengths of the forces."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from digital_clusters.report.tables import styled
from digital_clusters.theory.regions.linked_industries import LinkedIndustries

if TYPE_CHECKING:
    from great_tables import GT

STRENGTHS = {
    "elasticity": ("σ", "elasticity of substitution between varieties"),
    "barrier": ("β", "barrier around the core without co-agglomeration, log points"),
    "relief": ("b", "share of the barrier that full co-agglomeration takes away"),
    "linkage": ("ℓ", "linkage: elasticity of productivity with respect to local size"),
    "congestion": ("k", "congestion: the same, to be taken off"),
    "digital_reach": ("ρ", "share of trade and information costs that full digital technology removes"),
    "digital_space": ("κ", "share of congestion that full digital technology removes"),
    "opening": ("γ", "share of trade and information costs that full integration removes"),
    "diffusion": ("ω", "how much further services reach under full integration, a share"),
}
"""Field of :class:`LinkedIndustries` → its symbol and what it is."""


def critical_points(points: Mapping[str, tuple[float, float]], *, label: str) -> "GT":
    """Break and sustain point by model and by the scale on which they are measured."""
    frame = pd.DataFrame([(name, *map(float, pair)) for name, pair in points.items()])
    frame.columns = ["Model", "Break point", "Sustain point"]
    return styled(frame, "", "T = φ^(1/(1 − σ)).", label, decimals=4)


def strengths(forces: LinkedIndustries, *, label: str) -> "GT":
    """Every parameter of the forces: symbol, meaning, value."""
    rows = [
        {"Symbol": symbol, "Strength": words, "Value": f"{getattr(forces, name):g}"}
        for name, (symbol, words) in STRENGTHS.items()
    ]
    return styled(pd.DataFrame(rows), "", "", label)
