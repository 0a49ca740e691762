"""What the chapters on virtual agglomeration show of splits, moderators and mediators."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from digital_clusters.estimators.differences import PermutationTest
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.mediation import MediationEstimate
from digital_clusters.report import figures
from digital_clusters.report.chapter_virtual_agglomeration import EFFECT, TWIN
from digital_clusters.report.chapter_virtual_designs import interval
from digital_clusters.report.chapters import p_value
from digital_clusters.report.glue import glue
from digital_clusters.report.style import GREEN, canvas, house_style, series, stamp
from digital_clusters.report.tables import number, styled
from digital_clusters.studies.virtual_designs import EffectsOver

if TYPE_CHECKING:
    from great_tables import GT
    from matplotlib.figure import Figure


def splits_table(family: pd.DataFrame, planted: Mapping[str, float]) -> "GT":
    """Interactions with every correction for the number of splits."""
    rows = [
        {
            "Split": name,
            "Planted": number(planted[name]),
            "Interaction (s.e.)": f"{number(row.coefficient)} ({number(row.standard_error)})",
            "p": p_value(row.p),
            "Wild bootstrap": p_value(row.p_wild),
            "Holm": p_value(row.holm),
            "Benjamini–Hochberg": p_value(row.benjamini_hochberg),
            "Romano–Wolf": p_value(row.romano_wolf),
        }
        for name, row in family.iterrows()
    ]
    note = "Holm and Romano–Wolf bound the chance of any false finding, Benjamini–Hochberg their share."
    return styled(pd.DataFrame(rows), "", note, TWIN)


@house_style
def splits_figure(family: pd.DataFrame, planted: Mapping[str, float]) -> "Figure":
    """Interactions with 95 per cent intervals, and the planted differences."""
    colour, marker = series(TWIN)
    fig, ax = canvas(1.1 + 0.34 * len(family))
    ax.axvline(0, color="#888888", linewidth=1)
    places = range(len(family))
    half = 1.96 * family["standard_error"]
    ax.errorbar(
        family["coefficient"], places, xerr=half, fmt=marker, color=colour, markersize=5, capsize=2,
        label="estimate, 95 % interval",
    )  # fmt: skip
    ax.plot([planted[name] for name in family.index], places, "D", color=GREEN, markersize=5, label="planted")
    ax.set_yticks(places, list(family.index))
    ax.set_ylim(len(family) - 0.5, -0.5)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("change of the effect, relative growth per s.d. of storefront density")
    fig.legend(loc="outside upper center", ncols=2)
    return stamp(fig, TWIN)


def relabelled_table(tests: Mapping[str, PermutationTest], family: pd.DataFrame) -> "GT":
    """Fisher's permutation of labels beside the interaction in one regression."""
    rows = [
        {
            "Split": name,
            "Interaction": family.loc[name, "coefficient"],
            "its p": p_value(family.loc[name, "p"]),
            "Slope, labelled less others": test.observed,
            "p by permutation": p_value(test.p_value),
            "Relabellings": len(test.draws),
        }
        for name, test in tests.items()
    ]
    note = "Labels are dealt over whole cities; a city that ever joins the council is labelled throughout."
    return styled(pd.DataFrame(rows), "", note, TWIN)


def effects_figure(curve: EffectsOver, *, at_mean: float, slope: float, xlabel: str) -> "Figure":
    """Effect of storefront density over a moderator, with the planted line."""
    return figures.marginal_effect(
        curve.moderator,
        curve.effects.effect,
        curve.effects.lower,
        curve.effects.upper,
        xlabel=xlabel,
        ylabel=EFFECT.replace(" per", "\nper"),
        label=TWIN,
        truth=curve.line(at_mean, slope),
    )


def steps_table(found: MediationEstimate, mediators: Mapping[str, str]) -> "GT":
    """The regressions of a mediation analysis, one a row."""
    treatment = found.total.terms[0]
    rows = [_step("resilience on density", found.total, treatment)]
    for words, first in zip(mediators.values(), found.first, strict=True):
        rows.append(_step(f"{words} on density", first, treatment))
    both = " and ".join(mediators.values())
    rows.append(_step(f"resilience on density, given {both}", found.outcome, treatment))
    for name, words in mediators.items():
        rows.append(_step(f"same regression: {words}", found.outcome, name))
    return styled(
        pd.DataFrame(rows),
        "",
        "Indirect effect: slope of a mediator on density times its slope in the last regression.",
        TWIN,
    )


def _step(words: str, estimate: Estimate, term: str) -> dict:
    place = estimate.terms.index(term)
    return {
        "Regression": words,
        "Coefficient": number(estimate.coefficients[place]),
        "S.e.": number(estimate.standard_errors[place]),
        "95 % interval": interval(*estimate.interval()[place]),
        "N": number(estimate.n_observations, 0),
    }


def parts_table(trials: Mapping[str, MediationEstimate], planted: list[float], names: list[str]) -> "GT":
    """Total, direct and indirect parts beside the planted ones, in each setting."""
    rows = {
        "Part": ["total", "direct", *(f"via {name}" for name in names), "sum of indirect"],
        "Planted": planted,
    }
    for words, found in trials.items():
        rows[words.capitalize()] = parts(found)
    return styled(pd.DataFrame(rows), "", f"All in {EFFECT}.", TWIN)


def parts(found: MediationEstimate) -> list[float]:
    """Total, direct, each indirect effect and their sum."""
    return [float(found.total.coefficients[0]), found.direct[0], *map(float, found.indirect.coefficients)]


def quote_parts(name: str, found: MediationEstimate) -> None:
    """Quote in prose ``<name>-total``, ``-direct``, ``-first``, ``-second``, ``-share``."""
    total, direct, first, second, both = parts(found)
    values: dict[str, float] = {"total": total, "direct": direct, "first": first, "second": second}
    for part, value in values.items():
        glue(f"{name}-{part}", number(value))
    glue(f"{name}-share", f"{100 * both / total:.0f} %")
