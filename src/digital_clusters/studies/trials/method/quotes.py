"""Numbers that the page on the method quotes."""

from digital_clusters.estimators.double_ml.boosted_folds import BINS
from digital_clusters.report.glue import glue
from digital_clusters.report.words import number
from digital_clusters.studies.trials.method.designs import CURVATURE, DESIGNS, THETA, YEAR_SPREAD
from digital_clusters.studies.trials.method.recipes import CHANGES, LEAST_SQUARES, NAMES, PRINTED
from digital_clusters.studies.trials.method.runner import FrozenMethods

RECIPE, MUNDLAK = next(iter(CHANGES)), "boosting, Mundlak means"

HELD = 0.95
"""What an interval promises."""


def method(frozen: FrozenMethods) -> None:
    """Size and origin of the trial, and in how many designs each recipe may cover what it promises."""
    sizes = {"panels": frozen.panels, "printed-panels": frozen.printed_panels, "bins": BINS}
    sizes |= {"designs": len(DESIGNS), "recipes": len(NAMES), "seed": frozen.seed}
    sizes |= {"theta": THETA, "curvature": CURVATURE, "year-spread": YEAR_SPREAD}
    for name, value in sizes.items():
        glue(f"method-{name}", f"{value:g}" if isinstance(value, float) else f"{value}")
    glue("method-commit", frozen.commit[:10])
    glue("method-date", frozen.date[:10])
    glue("method-monte-carlo", f"{100 * (HELD * (1 - HELD) / frozen.panels) ** 0.5:.1f}")
    gaps = frozen.learners
    for key, name in zip(("every-split", "xgboost"), PRINTED, strict=True):
        own = gaps[gaps["recipe"] == name]["difference"]
        glue(f"method-{key}", f"{number(own.min())} to {number(own.max())}")
    holds = frozen.table.assign(holds=frozen.table["coverage_high"] >= HELD).groupby("recipe", sort=False)
    counts = holds["holds"].sum()
    words = [f"{name} in {count}" for name, count in counts.sort_values(ascending=False).items()]
    glue("method-holds", "; ".join(words))
    worst = frozen.table.loc[frozen.table["recipe"] == RECIPE].set_index("design")["bias"]
    glue("method-recipe-weakest", f"{worst.iloc[0]:.2f}".replace("-", "−"))
    glue("method-recipe-strongest", f"{worst.iloc[3]:.2f}".replace("-", "−"))
    absorbing = frozen.table[frozen.table["design"] == DESIGNS[3].name].set_index("recipe")["bias"]
    glue("method-least-squares-strongest", number(absorbing[LEAST_SQUARES], 2))
    glue("method-mundlak-strongest", number(absorbing[MUNDLAK], 2))
    moving = frozen.table[frozen.table["design"] == "confounder that moves"]
    nearest = moving.loc[moving["bias"].abs().idxmin()]
    glue("method-moving-nearest", f"{nearest['recipe']} ({nearest['bias']:.2f})".replace("-", "−"))
