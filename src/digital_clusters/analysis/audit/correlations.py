"""Correlations and collinearity: a matrix that can exist, and variance inflation that follows from R²."""

import numpy as np

from digital_clusters.analysis.audit.findings import AuditFinding, compared, grade_of, span
from digital_clusters.analysis.audit.intervals import Interval, exactly, total
from digital_clusters.analysis.audit.rounding import Number
from digital_clusters.errors import ParameterError

_TOLERANCE = 1e-12
"""An eigenvalue above minus this times the order is not negative: the error of the decomposition."""


def check_correlations(place: str, lower: list[list[Number]]) -> list[AuditFinding]:
    """E5: some matrix of correlations that round to the printed ones is positive semidefinite.

    ``lower``: the rows below the diagonal, one number, then two, and so on. With v the eigenvector of the
    least eigenvalue, no matrix is if v'Rv is negative for all of them; all are if the rounding cannot lift
    the least eigenvalue below zero (Weyl 1912).
    """
    if [len(row) for row in lower] != list(range(1, len(lower) + 1)):
        raise ParameterError(f"{place}: rows below the diagonal have one number, two, three and so on")
    size = len(lower) + 1
    middle, half = np.eye(size), np.zeros((size, size))
    for i, row in enumerate(lower, start=1):
        for j, number in enumerate(row):
            low, high = number.interval.clipped(-1.0, 1.0)
            middle[i, j] = middle[j, i] = (low + high) / 2
            half[i, j] = half[j, i] = (high - low) / 2
    values, vectors = np.linalg.eigh(middle)
    v = np.abs(vectors[:, 0])
    most, slack = values[0] + v @ half @ v, _TOLERANCE * size
    surely = values[0] - np.linalg.norm(half, 2) >= -slack
    outside = any(not number.interval.overlaps(Interval(-1.0, 1.0)) for row in lower for number in row)
    grade = grade_of(surely and not outside, most >= -slack and not outside)
    words = f"least eigenvalue {values[0]:.3f}, at most {most:.3f}".replace("-", "−")
    printed = f"{size * (size - 1) // 2} correlations of {size} variables"
    return [AuditFinding("E5", "correlations", place, printed, words, grade)]


def check_vif(place: str, r2: Number, vif: Number) -> list[AuditFinding]:
    """E5: variance inflation is 1 / (1 − R²) of a regressor on the others."""
    implied = exactly(1.0) / (exactly(1.0) - r2.share_range)
    words = span(implied, vif.decimals + 1)
    return [
        AuditFinding(
            "E5", "variance inflation", place, f"R² = {r2}, VIF {vif}", words, compared(implied, vif.interval)
        )
    ]


def check_mean_vif(place: str, vifs: list[Number], mean: Number) -> list[AuditFinding]:
    """E5: the mean variance inflation is the mean of those that are printed; none is below one."""
    if not vifs:
        raise ParameterError(f"{place}: no variance inflation factor")
    implied = total([vif.interval for vif in vifs]).times(1 / len(vifs))
    grade = compared(implied, mean.interval) if all(vif.interval.high >= 1 for vif in vifs) else "contradicts"
    printed = f"VIF {', '.join(map(str, vifs))}, mean {mean}"
    return [
        AuditFinding("E5", "mean variance inflation", place, printed, span(implied, mean.decimals + 1), grade)
    ]
