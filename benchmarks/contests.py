"""What is timed beside what: every path of the table, its tasks, its target, and how equal results must be.

A task makes its data ready and gives the function that is timed, which returns what it found by name.
"""

from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import partial
from io import StringIO

import fixed_effects
import gini
import many_specs
import numpy as np
import pandas as pd
import rivals
import spatial_durbin
from double_ml import SEED, columns, manual
from double_ml import ours as double_ml
from rivals import Found, Task
from scipy import linalg

from digital_clusters.estimators.double_ml.folds import draw_folds
from digital_clusters.estimators.panel.demeaning import demean_two_way
from digital_clusters.estimators.resampling.simulated_panels import correlated_effects
from digital_clusters.estimators.spatial.weights_algebra import check_weights, symmetric_similar
from digital_clusters.measures.indicators.inequality import gini_by_group

OURS, OWN_PACKAGE = "this package", "digital-clusters"
WITH_EFFECTS = "two-way, all effects and intervals"


@dataclass(frozen=True)
class Entry:
    """One way to do the work of a path.

    Attributes
    ----------
    name : str
    package : str
        Whose version is recorded.
    task : callable
        Data ready → what is timed.
    pieces : int
        Regressions or other pieces of work in one call.
    note : str
        What it leaves out, or does beside.
    """

    name: str
    package: str
    task: Callable[[], Task]
    pieces: int = 1
    note: str = ""


@dataclass(frozen=True)
class Contest:
    """A path, this package first.

    Attributes
    ----------
    path : str
    piece : str
        What the pieces are.
    entries : tuple of Entry
    factor : float or None
        How many times the CPU time of the fastest rival is asked for.
    limits : mapping
        Of this package: ``a_cpu_second`` pieces at least; ``seconds``, ``gib`` at most.
    floor : Entry or None
        A part of this package's work that it cannot do without, timed by itself.
    agrees : float
        Largest relative difference, or share of the standard error ``error``, that counts as equal.
    why : str
        Why results may differ as much.
    ties : bool
        Whether ties make single runs differ: then means over them are compared (``ties.py``).
    """

    path: str
    piece: str
    entries: tuple[Entry, ...]
    factor: float | None
    agrees: float
    why: str
    limits: dict[str, float]
    floor: Entry | None = None
    ties: bool = False

    @property
    def timed(self) -> tuple[Entry, ...]:
        """Every way, and last the floor."""
        return self.entries if self.floor is None else (*self.entries, self.floor)


ROUNDING = "sums in another order"


def _specs() -> Task:
    made = many_specs.Made(285, 12, 12)
    names = [
        rivals.named(n for n, wanted in zip(made.names, row, strict=True) if wanted and n != "d")
        for row in made.choices
    ]
    return lambda: dict(zip(names, many_specs.batch(made, len(names))[0], strict=True))


def _rival(make: Callable[[many_specs.Made], Task]) -> Task:
    return make(many_specs.Made(285, 12, 12))


SPECS = Contest(
    "two-way regressions, errors by city, 285 × 12",
    "regressions",
    (
        Entry(OURS, "digital-clusters", _specs, 4096),
        Entry("pyfixest feols", "pyfixest", partial(_rival, rivals.pyfixest), 16),
        Entry("linearmodels PanelOLS", "linearmodels", partial(_rival, rivals.linearmodels), 16),
        Entry(
            "specification_curve",
            "specification_curve",
            partial(_rival, rivals.specification_curve),
            16,
            "effects removed beforehand, classical errors",
        ),
        Entry(
            "robustipy",
            "robustipy",
            partial(_rival, rivals.robustipy),
            16,
            "effects removed beforehand; two draws of a bootstrap and two folds within the time",
        ),
        Entry("phack", "phack", partial(_rival, rivals.phack), 5, "nested sets of controls"),
    ),
    1000,
    1e-6,
    ROUNDING,
    {"a_cpu_second": 100_000},
)


def _slope(estimate: Callable, units: int) -> Task:
    draw = correlated_effects(np.random.default_rng(1), n_units=units, n_years=10)
    return lambda: {"d": estimate(draw)[0]}


def _feols(draw) -> tuple[float, float]:
    import pyfixest as pf

    x = np.hstack([draw.d, draw.x])
    names = [f"x{j}" for j in range(x.shape[1])]
    columns = dict(zip(names, x.T, strict=True))
    frame = pd.DataFrame({"y": draw.y, "entity": draw.entity, "time": draw.time, **columns})
    fit = pf.feols(f"y ~ {' + '.join(names)} | entity + time", frame, vcov={"CRV1": "entity"})
    return float(fit.coef()["x0"]), float(fit.se()["x0"])


def _without_effects(units: int) -> Task:
    draw = correlated_effects(np.random.default_rng(1), n_units=units, n_years=10)
    columns = np.column_stack([draw.y, draw.d, draw.x])

    def task() -> Found:
        left = demean_two_way(columns, draw.entity, draw.time)
        return {"d": float(np.linalg.lstsq(left[:, 1:], left[:, 0], rcond=None)[0][0])}

    return task


def _one_regression(units: int, factor: float) -> Contest:
    return Contest(
        f"one two-way regression, {10 * units:,} rows",
        "regressions",
        (
            Entry(OURS, "digital-clusters", partial(_slope, fixed_effects.ours, units)),
            Entry("linearmodels PanelOLS", "linearmodels", partial(_slope, fixed_effects.direct, units)),
            Entry("pyfixest feols", "pyfixest", partial(_slope, _feols, units)),
        ),
        factor,
        1e-6,
        "pyfixest removes effects by iteration, to 1e-8",
        {},
        Entry("the removal of effects and the least squares", OWN_PACKAGE, partial(_without_effects, units)),
    )


def _double_ml(estimate: Callable) -> Task:
    draw = correlated_effects(np.random.default_rng(SEED), n_covariates=6)
    numbers = draw_folds(len(draw.y), 5, seed=SEED)

    def task() -> Found:
        value, error = estimate(draw, numbers)
        return {"d": value, "error": error}

    return task


def _many_columns() -> Task:
    draw = correlated_effects(np.random.default_rng(SEED), n_covariates=6)
    return lambda: dict(zip(("d", "error"), columns(draw, COLUMNS, REPEATS), strict=True))


COLUMNS, REPEATS = 14, 20
BY_TIES = {
    "agrees": 0.05,
    "why": "means over orders of columns and over random states, in standard errors: ties between equal "
    "splits make single runs differ",
    "limits": {},
    "ties": True,
}
_MANUAL = partial(_double_ml, manual)

DOUBLE_ML = Contest(
    "one column by double machine learning, 5 folds",
    "columns",
    (
        Entry(OURS, OWN_PACKAGE, partial(_double_ml, partial(double_ml, learner="fast_gradient_boosting"))),
        Entry("DoubleML and scikit-learn, dense", "doubleml", _MANUAL, note="in the mean over ties"),
    ),
    12,
    **BY_TIES,
)

MANY_COLUMNS = Contest(
    f"{COLUMNS} columns by double machine learning, {REPEATS} draws of the folds",
    "columns and draws",
    (
        Entry(
            OURS, OWN_PACKAGE, _many_columns, COLUMNS * REPEATS, "the outcome is learnt once for all columns"
        ),
        Entry(
            "DoubleML and scikit-learn, dense",
            "doubleml",
            _MANUAL,
            note="in the mean over ties; one column and one draw of them: each costs the same",
        ),
    ),
    15,
    **BY_TIES,
)


def _durbin(name: str, units: int) -> Task:
    task = spatial_durbin.TASKS[name](spatial_durbin.panel(units))

    def rho() -> Found:
        with redirect_stdout(StringIO()):
            return {"rho": float(task().split()[0])}

    return rho


def _eigenvalues(units: int) -> Task:
    similar = symmetric_similar(check_weights(spatial_durbin.panel(units).w, units)).toarray()
    return lambda: {"largest": float(linalg.eigvalsh(similar, driver="evr")[-1])}


def _spatial(units: int, factor: float | None, *, beside: bool, limits: dict[str, float]) -> Contest:
    entries = [
        Entry(
            OURS,
            "digital-clusters",
            partial(_durbin, "the same with all effects and intervals", units),
            note="all effects and their intervals",
        )
    ]
    if beside:
        spreg = partial(_durbin, "spreg ML_LagFE, individual effects", units)
        entries.append(Entry("spreg ML_LagFE", "spreg", spreg, note="no intervals of effects"))
    return Contest(
        f"spatial Durbin, {units:,} × 18",
        "models",
        tuple(entries),
        factor,
        1e-4,
        "both stop a search for ρ, spreg at 1e-7 of the likelihood",
        limits,
        Entry("finding eigenvalues", OWN_PACKAGE, partial(_eigenvalues, units)) if beside else None,
    )


def _lights(estimate: Callable) -> Task:
    groups = np.repeat(np.arange(253 * 11), 158)
    radiance = np.random.default_rng(0).lognormal(sigma=1.0, size=groups.size)
    order = np.random.default_rng(1).permutation(groups.size)
    lights = pd.DataFrame({"group": groups[order], "radiance": radiance[order]})
    return lambda: {str(k): float(v) for k, v in enumerate(estimate(lights))}


def _ours_gini(lights: pd.DataFrame) -> np.ndarray:
    return gini_by_group(lights["radiance"].to_numpy(), lights["group"].to_numpy())


def _sorted(lights: pd.DataFrame) -> np.ndarray:
    return np.sort(lights["radiance"].to_numpy())[:1]


GINI = Contest(
    "Gini coefficients of 440,000 lights",
    "tables",
    (
        Entry(OURS, "digital-clusters", partial(_lights, _ours_gini)),
        Entry("pandas groupby", "pandas", partial(_lights, gini.grouped)),
    ),
    4,
    1e-9,
    ROUNDING,
    {},
    Entry("one sort of the lights", OWN_PACKAGE, partial(_lights, _sorted)),
)

CONTESTS = (
    SPECS,
    _one_regression(281, 3),
    _one_regression(100_000, 1.5),
    DOUBLE_ML,
    MANY_COLUMNS,
    _spatial(285, 10, beside=True, limits={}),
    _spatial(1_000, 15, beside=True, limits={}),
    _spatial(3_000, None, beside=False, limits={"seconds": 60, "gib": 4}),
    _spatial(30_000, None, beside=False, limits={"seconds": 60, "gib": 4}),
    GINI,
)
"""spreg needs seven gigabytes at 3,000 units, so that it is beside this package up to 1,000."""
