"""Many two-way regressions on one panel at once: every one a choice among the same columns.

Effects are removed once, and what is left enters as sums of products by entity. The slopes of a choice of
columns then solve a small system of the summed products, and its clustered variance is a quadratic form in
them, so that no regression touches the rows again (the algebra of Frisch & Waugh 1933 and of Liang & Zeger
1986). All choices of the same size are solved in one batch.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from digital_clusters.errors import ParameterError
from digital_clusters.estimators.few_clusters import VANISHED
from digital_clusters.estimators.panel.arrays import check_panel
from digital_clusters.estimators.panel.collinearity import LOST, WELL_CONDITIONED
from digital_clusters.estimators.panel.demeaning import demean_two_way, group_sums
from digital_clusters.estimators.panel.least_squares import WithinPanel

BATCH = 1024
"""Choices solved at a time: what ten columns of them need stays in a processor's cache."""

PADDED = 4
"""Rows that all entities would have, had each as many as the largest, over the rows there are: up to here
entities are filled up with rows of zeros and multiplied at once."""


@dataclass(frozen=True, eq=False)
class ManySlopes:
    """One slope of each of many regressions.

    Attributes
    ----------
    values, errors : numpy.ndarray, shape (S,)
        Slopes and their errors clustered by entity; NaN where ``solved`` is false.
    solved : numpy.ndarray of bool, shape (S,)
        False where a choice is nearly collinear, has too few rows or leaves no clustered variance: what such
        a regression says is a matter for
        :func:`~digital_clusters.estimators.panel.fixed_effects.two_way_fixed_effects`.
    degrees : float
        Of Student's t: entities less one.
    n_observations, n_clusters : int
    """

    values: np.ndarray
    errors: np.ndarray
    solved: np.ndarray
    degrees: float
    n_observations: int
    n_clusters: int

    @property
    def p_values(self) -> np.ndarray:
        """Two-sided, shape (S,)."""
        return 2 * stats.t.sf(np.abs(self.values / self.errors), self.degrees)


@dataclass(frozen=True, eq=False)
class EntityProducts:
    """A panel less its two-way effects as sums of products by entity, columns scaled to norm one.

    Attributes
    ----------
    products : numpy.ndarray, shape (C, 1 + k, 1 + k)
        Outcome first.
    lengths : numpy.ndarray, shape (1 + k,)
        Norms that were taken out of the columns.
    absorbed : numpy.ndarray of bool, shape (k,)
        Columns of which the effects leave nothing.
    panel : WithinPanel
    """

    products: np.ndarray
    lengths: np.ndarray
    absorbed: np.ndarray
    panel: WithinPanel

    @property
    def total(self) -> np.ndarray:
        """Summed over entities, shape (1 + k, 1 + k)."""
        return self.products.sum(axis=0)

    def position(self, term: str) -> int:
        """Where a term stands among the columns.

        Raises
        ------
        ParameterError
            If there is no such term.
        """
        terms = self.panel.raw.terms
        if term not in terms:
            raise ParameterError(f"no term '{term}'; there are: {', '.join(terms)}")
        return terms.index(term)

    def checked(self, choices, wanted: int) -> np.ndarray:
        """Choices as an array of bool, shape (S, k), each with the wanted column.

        Raises
        ------
        ParameterError
            Another shape, or a choice without the term whose slope is asked for.
        """
        chosen = np.asarray(choices, dtype=bool)
        k = len(self.absorbed)
        if chosen.ndim != 2 or chosen.shape[1] != k:
            raise ParameterError(
                f"choices have shape {chosen.shape}: one row a regression, one column a term, {k} in all"
            )
        if not chosen[:, wanted].all():
            term = self.panel.raw.terms[wanted]
            raise ParameterError(f"{int((~chosen[:, wanted]).sum())} choices leave out the term '{term}'")
        return chosen

    def usable(self, chosen: np.ndarray) -> np.ndarray:
        """Whether the effects leave something of the outcome and of every column of a choice, shape (S,)."""
        return ~(chosen & self.absorbed).any(axis=1) & (self.lengths[0] > 0)

    def unit(self, wanted: int) -> float:
        """From a slope of scaled columns to one of the columns as they came."""
        return self.lengths[0] / (self.lengths[1 + wanted] or 1.0)


def entity_products(y, x, *, entity, time, terms) -> EntityProducts:
    """Remove two-way effects and sum products by entity.

    Parameters
    ----------
    y : array_like, shape (n,)
    x : array_like, shape (n, k)
        Every column that some regression uses.
    entity, time : array_like, shape (n,)
        Labels; the panel may be unbalanced. All regressions are on these rows.
    terms : sequence of str, length k

    Raises
    ------
    ParameterError
        Lengths that do not agree.
    DataError
        Missing values or repeated keys.
    """
    raw = check_panel(y, x, None, entity=entity, time=time, terms=terms)
    columns = np.column_stack([raw.y, raw.d])
    whole = np.linalg.norm(columns, axis=0)
    scaled = columns / np.where(whole > 0, whole, 1.0)
    left = demean_two_way(scaled, raw.entity, raw.time)
    lengths = np.linalg.norm(left, axis=0)
    absorbed = lengths[1:] <= LOST
    left = left / np.where(lengths > 0, lengths, 1.0)
    panel = WithinPanel(left[:, 0], left[:, 1:], raw.x, raw, "two_way", "clustered", raw.entity)
    return EntityProducts(_by_entity(left, raw.entity), lengths * whole, absorbed, panel)


def many_slopes(design: EntityProducts, choices, term: str) -> ManySlopes:
    """The slope of one term in many regressions, with errors clustered by entity.

    Equal, to rounding, to the term of ``two_way_fixed_effects(…, errors='clustered')`` on the chosen columns.

    Parameters
    ----------
    design : EntityProducts
    choices : array_like of bool, shape (S, k)
        A row a regression: its columns.
    term : str
        In every choice.

    Raises
    ------
    ParameterError
        See :meth:`EntityProducts.checked`.
    """
    wanted = design.position(term)
    chosen = design.checked(choices, wanted)
    values, variances = np.full((2, len(chosen)), np.nan)
    total, root = design.total, _score_root(design.products)
    usable = design.usable(chosen)
    sound = _are_well_conditioned(total, chosen[usable].any(axis=0))
    for rows, columns in _by_size(chosen, usable):
        if not sound:
            usable[rows] = _is_well_conditioned(total, columns)
            rows, columns = rows[usable[rows]], columns[usable[rows]]
        if len(rows):
            slope, variance, kept = _slopes(design.panel, total, root, columns, wanted)
            values[rows], variances[rows], usable[rows] = slope, variance, kept
    unit = design.unit(wanted)
    values[~usable] = variances[~usable] = np.nan
    panel = design.panel
    return ManySlopes(
        values * unit,
        np.sqrt(variances) * unit,
        usable,
        panel.degrees_of_freedom(1),
        len(panel.y),
        panel.entities,
    )


def many_influences(design: EntityProducts, choices, term: str) -> np.ndarray:
    """By how much each regression's slope changes with each entity: with it less without it, shape (C, S).

    Effects are those of the whole panel. NaN for a choice that :func:`many_slopes` does not solve.

    Raises
    ------
    ParameterError
        See :meth:`EntityProducts.checked`.
    """
    wanted = design.position(term)
    chosen = design.checked(choices, wanted)
    found = np.full((len(design.products), len(chosen)), np.nan)
    total = design.total
    for rows, columns in _by_size(chosen, design.usable(chosen)):
        for row, names in zip(rows, columns, strict=True):
            if _is_well_conditioned(total, names[None, :])[0]:
                found[:, row] = _leaving_out(design.products, total, names, wanted)
    return found * design.unit(wanted)


def all_choices(always: Sequence[bool]) -> np.ndarray:
    """Every choice of columns that holds those of ``always``, the smallest first, shape (2^free, k).

    Examples
    --------
    >>> all_choices([True, False]).tolist()
    [[True, False], [True, True]]
    """
    kept = np.asarray(always, dtype=bool)
    free = np.flatnonzero(~kept)
    out = np.tile(kept, (2 ** len(free), 1))
    out[:, free] = np.arange(len(out))[:, None] >> np.arange(len(free)) & 1
    return out[np.argsort(out.sum(axis=1), kind="stable")]


def _by_entity(columns: np.ndarray, entity: np.ndarray) -> np.ndarray:
    m = columns.shape[1]
    counts = np.bincount(entity)
    if len(counts) * counts.max() <= PADDED * len(columns):
        order = np.argsort(entity, kind="stable")
        own = entity[order]
        within = np.arange(len(own)) - (np.cumsum(counts) - counts)[own]
        rows = np.zeros((len(counts), counts.max(), m))
        rows[own, within] = columns[order]
        return rows.mT @ rows
    first, second = np.triu_indices(m)
    sums = group_sums(columns[:, first] * columns[:, second], entity)
    out = np.empty((len(sums), m, m))
    out[:, first, second] = out[:, second, first] = sums
    return out


def _by_size(chosen: np.ndarray, usable: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Numbers of the choices that have as many columns, and their columns' places among the products."""
    sizes = chosen.sum(axis=1)
    for size in np.unique(sizes[usable]):
        rows = np.flatnonzero(usable & (sizes == size))
        for start in range(0, len(rows), BATCH):
            part = rows[start : start + BATCH]
            yield part, 1 + np.nonzero(chosen[part])[1].reshape(len(part), size)


def _are_well_conditioned(total: np.ndarray, used: np.ndarray) -> bool:
    """Whether every system of some of the columns in use, shape (k,), is far from singular.

    The smallest eigenvalue of a part is no smaller than that of the whole (Cauchy's interlacing), so that
    one matrix of all columns in use speaks for most.
    """
    places = 1 + np.flatnonzero(used)
    values = np.linalg.eigvalsh(total[np.ix_(places, places)])
    return bool(values.min(initial=1.0) > WELL_CONDITIONED)


def _is_well_conditioned(total: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Whether each system is far from singular; shape (S, r) → (S,)."""
    return np.linalg.eigvalsh(_parts(total, columns))[:, 0] > WELL_CONDITIONED


def _parts(total: np.ndarray, columns: np.ndarray) -> np.ndarray:
    return total[columns[:, :, None], columns[:, None, :]]


def _slopes(
    panel: WithinPanel, total: np.ndarray, root: np.ndarray, columns: np.ndarray, wanted: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Slope and clustered variance of each choice of ``r`` columns, and whether there is a variance."""
    count, r = columns.shape
    is_wanted = columns == 1 + wanted
    sides = np.stack([total[columns, 0], is_wanted.astype(float)], axis=-1)
    solved = np.linalg.solve(_parts(total, columns), sides)
    slopes, weights = solved[..., 0], solved[..., 1]
    residual, projection = np.zeros((2, len(total), count))
    residual[0] = 1.0
    place = columns, np.arange(count)[:, None]
    residual[place], projection[place] = -slopes, weights
    n, entities = len(panel.y), panel.entities
    freedom = n - panel.parameters(r, without=panel.nested)
    if n <= panel.parameters(r) or entities < 2:
        return slopes[is_wanted], np.full(count, np.nan), np.zeros(count, dtype=bool)
    meat = _squared_scores(projection, residual, root)
    variance = entities / (entities - 1) * (n - 1) / freedom * meat
    squares = total[0, 0] - np.einsum("sr,sr->s", slopes, total[columns, 0])
    kept = variance > VANISHED * np.maximum(squares / n, 0.0) * weights[is_wanted]
    # what is left of the outcome by subtraction has lost as many digits as the fit is close
    kept &= squares > WELL_CONDITIONED
    return slopes[is_wanted], variance, kept


def _score_root(products: np.ndarray) -> np.ndarray:
    """R such that R u is as long as the scores of all entities; u has a place a pair of columns."""
    first, second = np.triu_indices(products.shape[1])
    pairs = products[:, first, second]
    return np.linalg.qr(pairs, mode="r") if len(pairs) > pairs.shape[1] else pairs


def _squared_scores(projection: np.ndarray, residual: np.ndarray, root: np.ndarray) -> np.ndarray:
    """Sum over entities of (a' P_c d)²; a is the projection, d makes the residual; (1 + k, S) → (S,).

    A regression is a column: all of a pair's products are then next to each other in memory.
    """
    m, count = projection.shape
    pairs, end = np.empty((m * (m + 1) // 2, count)), 0
    for i in range(m):
        start, end = end, end + m - i
        np.multiply(projection[i], residual[i:], out=pairs[start:end])
        pairs[start + 1 : end] += residual[i] * projection[i + 1 :]
    scores = root @ pairs
    return np.einsum("cs,cs->s", scores, scores)


def _leaving_out(products: np.ndarray, total: np.ndarray, columns: np.ndarray, wanted: int) -> np.ndarray:
    """Slope less that without each entity, shape (C,)."""
    whole = total[np.ix_(columns, columns)]
    slopes = np.linalg.solve(whole, total[columns, 0])
    parts = products[:, columns[:, None], columns[None, :]]
    scores = products[:, columns, 0] - parts @ slopes
    moved = np.linalg.solve(whole - parts, scores[:, :, None])[:, :, 0]
    return moved[:, list(columns).index(1 + wanted)]
