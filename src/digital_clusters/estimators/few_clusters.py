"""What clustered errors rest on, and sentences for results where that is too little.

A clustered error is a mean over clusters. Where few of them carry a coefficient, as a handful of treated
units among many, it is too small, and tests built on it reject a true hypothesis more often than they say
(Carter, Schnepel & Steigerwald 2017; MacKinnon & Webb 2018). Estimates keep their numbers and say so.
"""

import numpy as np

from digital_clusters.estimators.panel.demeaning import group_sums

LEAST_CLUSTERS = 20
"""Effective clusters below which an estimate carries a warning."""

CLUSTERS_A_RESTRICTION = 10
"""Clusters for each coefficient of a joint test below which the test carries a warning: with 30 clusters the
F test of four restrictions rejects a true hypothesis in 10 % of samples, with ten treated units of a hundred
the χ² test of effects before treatment in 46 %."""

LEAST_TREATED = 3
"""Treated units below which a group-time effect has no error: of one unit no variance can be estimated, and
with two a true hypothesis is rejected in 37 % of samples."""

LEAST_PERIODS = 25
"""Periods below which Driscoll–Kraay errors carry a warning: with ten, 95 % intervals cover 81 %."""

VANISHED = 1e-20
"""Clustered variance, relative to the variance under independent errors, that counts as rounding."""

ONE_CLUSTER = (
    "no clustered variance is left, as where one cluster alone decides a coefficient: it has no error; use a "
    "permutation"
)
NO_PERIODS = (
    "no variance between periods is left, as with two periods and effects of both kinds: it has no error; "
    "choose errors = 'clustered'"
)
"""Why a variance is rounding, and what to do: of clusters, and of Driscoll–Kraay."""

SHOWN = 3
"""Terms that a sentence names."""


def effective_clusters(projection: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """Number of equal clusters that would carry each coefficient as well, G / (1 + Γ).

    Γ is the squared coefficient of variation over clusters of their part in the variance of the coefficient
    under independent errors (Carter, Schnepel & Steigerwald 2017, eq. 6).

    Parameters
    ----------
    projection : numpy.ndarray, shape (n, k)
        H such that the coefficients are H'y.
    cluster : numpy.ndarray of int, shape (n,)
        Codes 0, 1, ….

    Returns
    -------
    numpy.ndarray, shape (k,)
        Between 1 and the number of clusters.
    """
    part = group_sums(projection**2, cluster)
    return len(part) / (1 + part.var(axis=0) / part.mean(axis=0) ** 2)


def cluster_warnings(terms, projection: np.ndarray, cluster: np.ndarray) -> tuple[str, ...]:
    """A sentence that names terms with few effective clusters, if there are any."""
    effective, groups = effective_clusters(projection, cluster), int(cluster.max()) + 1
    few = np.flatnonzero(effective < LEAST_CLUSTERS)
    if not few.size:
        return ()
    return (
        f"{name_some([terms[k] for k in few])}: {effective[few].min():.1f} effective clusters of {groups}, "
        f"fewer than {LEAST_CLUSTERS}: the errors are too small; compare errors = 'cv3', the wild bootstrap "
        "of family_tests or a permutation",
    )


def without_vanished(
    terms, covariance: np.ndarray, independent: np.ndarray, reason: str = ONE_CLUSTER
) -> tuple[np.ndarray, tuple[str, ...]]:
    """The covariance with NaN in place of variances that are rounding, and a sentence that names the terms.

    One cluster that alone decides a coefficient fits it without residual, and its clustered variance is zero;
    in two periods, effects of entities and periods leave scores that sum to zero in each.

    Parameters
    ----------
    terms : sequence of str, length k
    covariance : numpy.ndarray, shape (k, k)
        Clustered, or Driscoll & Kraay's.
    independent : numpy.ndarray, shape (k,)
        Variances under independent errors of one variance.
    reason : str
        The rest of the sentence.
    """
    gone = np.diag(covariance) <= VANISHED * independent
    gone &= independent > 0
    if not gone.any():
        return covariance, ()
    out = covariance.copy()
    out[gone] = out[:, gone] = np.nan
    names = name_some([term for term, lost in zip(terms, gone, strict=True) if lost])
    return out, (f"{names}: {reason}",)


def joint_warnings(restrictions: int, clusters: int | None, remedy: str) -> tuple[str, ...]:
    """A sentence where a joint test has fewer than :data:`CLUSTERS_A_RESTRICTION` clusters a restriction."""
    if clusters is None or clusters >= CLUSTERS_A_RESTRICTION * restrictions:
        return ()
    return (
        f"{restrictions} restrictions on {clusters} clusters or treated units: with fewer than "
        f"{CLUSTERS_A_RESTRICTION} for each the test rejects a true hypothesis more often than its level; "
        f"{remedy}",
    )


def period_warnings(periods: int) -> tuple[str, ...]:
    """A sentence where Driscoll–Kraay errors have few periods."""
    if periods >= LEAST_PERIODS:
        return ()
    return (
        f"Driscoll–Kraay errors of {periods} periods, fewer than {LEAST_PERIODS}: intervals cover less than "
        "they say; compare errors = 'clustered' or 'cv3'",
    )


def correction_warnings(periods: int) -> tuple[str, ...]:
    """A sentence where a spatial panel of few periods is estimated without correction for its unit effects.

    With 285 units and twelve periods the interval of ρ then holds the truth in 88 per cent of samples.
    """
    if periods >= LEAST_PERIODS:
        return ()
    return (
        f"spatial panel of {periods} periods, fewer than {LEAST_PERIODS}, without correction for its unit "
        "effects: intervals of rho cover less than they say; compare correction = 'transformation'",
    )


def name_some(terms: list[str]) -> str:
    """The first terms in quotes, and how many more."""
    more = f" and {len(terms) - SHOWN} more" if len(terms) > SHOWN else ""
    return ", ".join(f"'{term}'" for term in terms[:SHOWN]) + more


def without_negative(covariance: np.ndarray, errors: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """The covariance, negative eigenvalues set to zero where a variance is negative, and a sentence on it."""
    if (np.diag(covariance) >= 0).all():
        return covariance, ()
    scale = np.sqrt(np.abs(np.diag(covariance)))
    scale = np.where(scale > 0, scale, 1.0)
    values, vectors = np.linalg.eigh(covariance / np.outer(scale, scale))
    mended = vectors * np.maximum(values, 0.0) @ vectors.T * np.outer(scale, scale)
    return mended, (
        f"a variance of errors = '{errors}' was negative: negative eigenvalues are set to zero, and errors "
        "may be too small; compare errors = 'clustered'",
    )
