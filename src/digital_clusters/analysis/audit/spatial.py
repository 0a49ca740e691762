"""Spatial models against themselves: effects, the range of ρ, Moran's I."""

from digital_clusters.analysis.audit.findings import AuditFinding, compared, span
from digital_clusters.analysis.audit.intervals import Interval, exactly
from digital_clusters.analysis.audit.rounding import Number
from digital_clusters.errors import ParameterError


def check_total(place: str, direct: Number, indirect: Number, total_effect: Number) -> list[AuditFinding]:
    """C6: the total effect of a spatial model is direct plus indirect."""
    implied = direct.interval + indirect.interval
    printed = f"direct {direct}, indirect {indirect}, total {total_effect}"
    words = span(implied, total_effect.decimals + 1)
    return [
        AuditFinding("C6", "total effect", place, printed, words, compared(implied, total_effect.interval))
    ]


def check_multiplier(
    place: str, beta: Number, theta: Number, rho: Number, total_effect: Number
) -> list[AuditFinding]:
    """C6: with row-standardised weights the total effect of a Durbin model is (β + θ) / (1 − ρ)."""
    implied = (beta.interval + theta.interval) / (exactly(1.0) - rho.interval)
    printed = f"β = {beta}, θ = {theta}, ρ = {rho}, total {total_effect}"
    words = span(implied, total_effect.decimals + 1)
    return [
        AuditFinding(
            "C6",
            "total effect of a Durbin model",
            place,
            printed,
            words,
            compared(implied, total_effect.interval),
        )
    ]


def check_rho(
    place: str, rho: Number, largest: float = 1.0, smallest: float | None = None
) -> list[AuditFinding]:
    """C6: ρ lies between the inverses of the smallest and largest eigenvalue of the weights.

    ``largest`` is 1 for row-standardised weights; without ``smallest`` the lower bound is −1 / largest, which
    is where estimates are sought, though it may be lower.
    """
    if largest <= 0 or (smallest is not None and smallest >= 0):
        raise ParameterError(f"{place}: the largest eigenvalue is positive and the smallest negative")
    bounds = Interval(1 / smallest if smallest else -1 / largest, 1 / largest)
    grade = compared(rho.interval, bounds)
    return [AuditFinding("C6", "range of ρ", place, f"ρ = {rho}", span(bounds, 3), grade)]


def check_moran_expected(place: str, n: int, expected: Number) -> list[AuditFinding]:
    """C6: the expectation of Moran's I without spatial correlation is −1 / (n − 1)."""
    if n < 2:
        raise ParameterError(f"{place}: Moran's I needs two units or more")
    implied = exactly(-1 / (n - 1))
    words = span(implied, expected.decimals + 1)
    printed = f"E(I) = {expected}, n = {n:,}"
    return [
        AuditFinding(
            "C6", "expectation of Moran's I", place, printed, words, compared(implied, expected.interval)
        )
    ]


def check_moran(place: str, moran: Number, n: int, sd: Number, z: Number) -> list[AuditFinding]:
    """C6: z of Moran's I is (I − E(I)) / s.d."""
    if n < 2:
        raise ParameterError(f"{place}: Moran's I needs two units or more")
    implied = (moran.interval - exactly(-1 / (n - 1))) / sd.error_range
    printed = f"I = {moran}, n = {n:,}, s.d. {sd}, z = {z}"
    return [
        AuditFinding(
            "C6",
            "z of Moran's I",
            place,
            printed,
            span(implied, z.decimals + 1),
            compared(implied, z.interval),
        )
    ]
