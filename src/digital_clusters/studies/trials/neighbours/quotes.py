"""Sentences and numbers that pages quote from the trial among neighbours."""

import numpy as np
import pandas as pd

from digital_clusters.errors import ParameterError
from digital_clusters.report.glue import glue
from digital_clusters.report.words import number
from digital_clusters.studies.trials.neighbours import errors, joiners, weights
from digital_clusters.studies.trials.neighbours.record import FrozenNeighbours
from digital_clusters.studies.trials.neighbours.tables import topic_of, weights_in_words

PROMISED = 0.95
"""Share of intervals that should hold the truth."""


def one_row(table: pd.DataFrame, design: str, method: str, quantity: str = "") -> pd.Series:
    """The row of one method in one design.

    Raises
    ------
    ParameterError
        There is not exactly one.
    """
    keys = {"design": design, "method": method, "quantity": quantity}
    found = table[(table[list(keys)] == pd.Series(keys)).all(axis=1)]
    if len(found) != 1:
        raise ParameterError(f"the trial has {len(found)} rows of '{method}' in '{design}'")
    return found.iloc[0]


def origin(frozen: FrozenNeighbours) -> None:
    """Quote when and where the trial was made: ``neighbours-commit``, ``neighbours-date``."""
    glue("neighbours-commit", frozen.commit[:10])
    glue("neighbours-date", frozen.date[:10])


def shared_errors(table: pd.DataFrame) -> None:
    """Quote ``shared-…``: how the data are drawn, and what holds where most is shared."""
    own = topic_of(table, "errors")
    facts = {"cities": errors.CITIES, "years": errors.YEARS, "reach": errors.REACH, "slope": errors.SLOPE}
    for name, value in (facts | {"persistence": errors.PERSISTENCE}).items():
        glue(f"shared-{name}", f"{value:g}")
    first, last = errors.DESIGNS[0].name, errors.DESIGNS[-1].name
    for name, method in {"city": "by city", "wild": errors.WILD, "kraay": "Driscoll–Kraay"}.items():
        glue(f"shared-{name}-none", share(one_row(own, first, method)))
        glue(f"shared-{name}-most", share(one_row(own, last, method)))
    glue("shared-holding", keeping(own, [design.name for design in errors.DESIGNS]))
    worst = own[own["design"] == last].sort_values("coverage")
    glue("shared-order", "; ".join(f"{row.method} {100 * row.coverage:.0f} %" for row in worst.itertuples()))


def keeping(own: pd.DataFrame, designs: list[str]) -> str:
    """Methods whose interval of coverage reaches the promise in all designs, or that none does."""
    reached = own[own["design"].isin(designs)].groupby("method", sort=False)["high"].min()
    names = reached[reached >= PROMISED].index.tolist()
    return ", ".join(names) if names else "none"


def other_weights(table: pd.DataFrame) -> None:
    """Quote ``weights-…``: bias and coverage of the indirect effect, by weights."""
    own = topic_of(table, "weights")
    both, none = next(iter(weights.PLANTED)), list(weights.PLANTED)[-1]
    names = list(weights.candidates())
    glue("weights-draws", f"{int(own['draws'].min())}")
    glue("weights-cities", f"{weights.CITIES}")
    glue("weights-truth", number(one_row(own, both, names[0], "indirect")["truth"], 2))
    parts = []
    for name in names:
        row = one_row(own, both, name, "indirect")
        parts.append(f"{weights_in_words(name)} {number(row['bias'], 2)} ({share(row)})")
    glue("weights-indirect", "; ".join(parts))
    wrong = [share(one_row(own, none, name, "indirect")) for name in names[1:]]
    glue("weights-none", ", ".join(wrong))


def spilling_accession(exact: pd.DataFrame) -> None:
    """Quote ``spilling-…``: biases of imputation with and without a donut, by what is planted.

    Parameters
    ----------
    exact : pandas.DataFrame
        From :func:`~digital_clusters.studies.trials.neighbours.joiners.exact_biases`.
    """
    labels = dict(zip(("none", "half", "whole", "beyond"), joiners.SPILLOVERS, strict=True))
    found = joiners.joiners_map()
    never = np.isnan(found.adoption)
    glue("spilling-cities", f"{joiners.CITIES}")
    glue("spilling-members", f"{int((~never).sum())}")
    glue("spilling-reached", f"{int((never & found.reached.any(axis=1)).sum())}")
    glue("spilling-effect", f"{joiners.EFFECT:g}")
    biases = exact.set_index(["design", "method"])["bias"]
    for name, design in labels.items():
        for key, method in {"plain": "imputation", "donut": "imputation" + joiners.DONUT}.items():
            glue(f"spilling-{key}-{name}", number(biases[design, method]))
    whole = exact[(exact["design"] == labels["whole"]) & (exact["method"] != joiners.RING)]
    donut = whole["method"].str.endswith(joiners.DONUT)
    for key, part in {"plain": whole[~donut], "donut": whole[donut]}.items():
        glue(f"spilling-{key}-range", f"{number(part['bias'].min())} to {number(part['bias'].max())}")


def share(row: pd.Series) -> str:
    """A coverage in per cent with its interval."""
    return f"{100 * row['coverage']:.0f} % [{100 * row['low']:.0f}, {100 * row['high']:.0f}]"
