"""An interaction from changes within entities alone: the product of deviations (double demeaning)."""

from dataclasses import dataclass

import numpy as np

from digital_clusters.errors import DataError
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.panel.arrays import check_panel
from digital_clusters.estimators.panel.collinearity import LOST
from digital_clusters.estimators.panel.demeaning import demean, demean_two_way
from digital_clusters.estimators.panel.least_squares import within_panel
from digital_clusters.estimators.wald import WaldTest, quadratic_test

PRODUCTS = ("product", "product of deviations")


@dataclass(frozen=True, eq=False)
class WithinProduct:
    """The interaction as it is usual, and as it is within entities.

    Attributes
    ----------
    usual : Estimate
        Its term ``product`` is d m: it also holds how the effect differs between entities whose mean of m
        differs.
    within : Estimate
        Its term ``product of deviations`` is (d − mean of the entity) (m − mean of the entity).
    test : WaldTest
        That both have the same interaction; errors of the difference are clustered by entity.
    """

    usual: Estimate
    within: Estimate
    test: WaldTest


def within_product(y, d, m, x=None, *, entity, time) -> WithinProduct:
    """Interaction of two variables that both change within entities, with entity and time effects.

    An effect that differs between entities for a reason that goes with their mean of ``m`` is taken for
    moderation by the usual product, and not by the product of deviations (Giesselmann & Schmidt-Catran 2022).
    The test of their difference does not take the usual one for efficient.

    Parameters
    ----------
    y, d, m : array_like, shape (n,)
    x : array_like, shape (n, p), optional
        Controls.
    entity, time : array_like, shape (n,)

    Raises
    ------
    DataError
        Missing values, repeated keys, or a moderator that never changes in an entity.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> unit, year = np.divmod(np.arange(600), 6)
    >>> d, m = rng.normal(size=(2, 600))
    >>> of_unit = rng.normal(size=100)[unit]
    >>> found = within_product(d * of_unit, d, m + of_unit, entity=unit, time=year)
    >>> round(found.usual["product"][0], 1), abs(found.within["product of deviations"][0]) < 0.1
    (0.5, True)
    """
    controls = np.empty((len(np.asarray(y)), 0)) if x is None else x
    panel = check_panel(
        y, np.column_stack([d, m]), controls, entity=entity, time=time, terms=["treatment", "moderator"]
    )
    treatment, moderator = panel.d.T
    deviations = demean(panel.d, panel.entity)
    if np.linalg.norm(deviations[:, 1]) <= LOST * np.linalg.norm(moderator - moderator.mean()):
        raise DataError("the moderator never changes in an entity: there is no product within entities")
    centred = panel.d - panel.d.mean(axis=0)
    products = np.column_stack([centred.prod(axis=1), deviations.prod(axis=1)])
    left = demean_two_way(moderator, panel.entity, panel.time)
    absorbed = np.linalg.norm(left) <= LOST * np.linalg.norm(centred[:, 1])
    beside = ["treatment", *([] if absorbed else ["moderator"])]
    columns = np.column_stack([products, panel.d[:, : len(beside)], panel.x])
    rest = [*beside, *(f"control {k + 1}" for k in range(panel.x.shape[1]))]
    within = within_panel(panel.y, columns, entity=panel.entity, time=panel.time, terms=[*PRODUCTS, *rest])
    equations = [
        within.fit(within.y, np.delete(within.d, 1 - k, axis=1), (name, *rest))
        for k, name in enumerate(PRODUCTS)
    ]
    joint, length = within.covariance(equations), 1 + len(rest)
    gap = equations[1].coefficients[:1] - equations[0].coefficients[:1]
    ends = np.ix_([0, length], [0, length])
    contrast = np.array([-1.0, 1.0])
    variance = contrast @ joint[ends] @ contrast
    usual, alone = (within.estimate(equation, "two_way_fixed_effects") for equation in equations)
    test = quadratic_test(gap, np.array([[variance]]), within.degrees_of_freedom(length))
    return WithinProduct(usual, alone, test)
