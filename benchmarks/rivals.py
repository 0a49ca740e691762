"""Ways of others to estimate every subset of some controls, each as its manual shows it.

A task makes its data ready, which is not timed, and gives a function of no argument: what is timed. That
returns the coefficient by its controls, such as ``{"x0+x1": 0.2}``. Three of them absorb no two-way effects:
they are given columns from which the effects are removed already.
"""

from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO

import numpy as np
import pandas as pd
from many_specs import Made

from digital_clusters.estimators.panel.demeaning import demean_two_way

Found = dict[str, float]
Task = Callable[[], Found]

WANTED = 4
"""Controls whose subsets a rival estimates: 16 regressions, the first of those this package is timed on."""

SEED = 1


def named(controls) -> str:
    """A set of controls in one order: ``x0+x1``; ``none`` without."""
    return "+".join(sorted(controls)) or "none"


def sets(made: Made) -> list[list[str]]:
    """The sets of controls, smallest first."""
    few = made.choices[~made.choices[:, 1 + WANTED :].any(axis=1)]
    return [[name for name, wanted in zip(made.names, row, strict=True) if wanted][1:] for row in few]


def within(made: Made) -> pd.DataFrame:
    columns = ["y", *made.names]
    left = demean_two_way(made.frame[columns].to_numpy(), made.keys["entity"], made.keys["time"])
    return pd.DataFrame(left, columns=columns)[["y", *made.names[: 1 + WANTED]]]


def pyfixest(made: Made) -> Task:
    import pyfixest as pf

    def one(controls: list[str]) -> float:
        formula = f"y ~ {' + '.join(['d', *controls])} | city + year"
        return float(pf.feols(formula, made.frame, vcov={"CRV1": "city"}).coef()["d"])

    return lambda: {named(controls): one(controls) for controls in sets(made)}


def linearmodels(made: Made) -> Task:
    from linearmodels.panel import PanelOLS

    data = made.frame.set_index(["city", "year"])

    def one(controls: list[str]) -> float:
        model = PanelOLS(data["y"], data[["d", *controls]], entity_effects=True, time_effects=True)
        return float(model.fit(cov_type="clustered", cluster_entity=True).params["d"])

    return lambda: {named(controls): one(controls) for controls in sets(made)}


def phack(made: Made) -> Task:
    """Its key of a specification counts controls and does not name them: nested sets only, five of them."""
    from phack import grid, search

    card = grid.load_card(
        {
            "outcomes": ["y"],
            "treatment": "d",
            "controls_pool": made.names[1 : 1 + WANTED],
            "control_policy": "nested",
            "fixed_effects": [["city", "year"]],
            "vcov": ["cluster"],
            "cluster": ["city"],
        }
    )

    def task() -> Found:
        ledger = search.run(made.frame, card)
        names = [named(label.split("+")) for label in ledger["controls"]]
        return dict(zip(names, ledger["coef"].astype(float), strict=True))

    return task


def specification_curve(made: Made) -> Task:
    """Classical errors."""
    from specification_curve import SpecificationCurve

    data, controls = within(made), made.names[1 : 1 + WANTED]

    def task() -> Found:
        curve = SpecificationCurve(data, "y", "d", controls)
        curve.fit()
        used = [named(set(names) - {"y", "d"}) for names in curve.df_r["Specification"]]
        return dict(zip(used, curve.df_r["Coefficient"].astype(float), strict=True))

    return task


def robustipy(made: Made) -> Task:
    """It makes no curve without draws of a bootstrap and folds: two of each, the fewest it takes."""
    from robustipy.models import OLSRobust

    data, controls = within(made), made.names[1 : 1 + WANTED]
    options = {"draws": 2, "kfold": 2, "oos_metric": "rmse", "n_cpu": 1, "seed": SEED, "compute_shap": False}

    def task() -> Found:
        with redirect_stdout(StringIO()):
            model = OLSRobust(y=["y"], x=["d"], data=data)
            model.fit(controls=controls, **options)
        found = model.get_results()
        values = [float(np.ravel(slopes)[0]) for slopes in found.all_b]
        return {named(set(s)): value for s, value in zip(found.specs_names, values, strict=True)}

    return task
