"""The recipe of a page in words: as the paper has it, and what the page's parameters change of it."""

from digital_clusters.analysis.spec import Spec
from digital_clusters.report.glue import glue

OF_THE_DATA = ("outcome", "treatment", "controls")
"""Fields that are another question, or that data without a column leave out."""


def recipe_in_words(spec: Spec) -> str:
    """How a specification is estimated: method, its choices and errors, without columns and years.

    Examples
    --------
    >>> import digital_clusters as dc
    >>> said = {"outcome": "gini", "treatment": "uil", "first_year": 2011, "last_year": 2021}
    >>> recipe_in_words(dc.Spec(method="two_way_fixed_effects", **said))
    'two-way fixed effects, errors robust'
    """
    _, estimator, _ = spec.in_words().split("; ")
    return estimator


def changes_in_words(spec: Spec, paper: Spec) -> str:
    """One sentence: whether a specification is the paper's, else which choices are others.

    Parameters
    ----------
    spec, paper : Spec
        What a page runs, and what it departs from; :data:`OF_THE_DATA` are not compared.
    """
    changed = [
        f"{name.replace('_', ' ')} {_value(getattr(spec, name))} instead of {_value(getattr(paper, name))}"
        for name in Spec.model_fields
        if name not in OF_THE_DATA and getattr(spec, name) != getattr(paper, name)
    ]
    if not changed:
        return "This page runs it as it is."
    return f"This page changes it: {', '.join(changed)}."


def quote_recipe(spec: Spec, paper: Spec) -> None:
    """Quote ``recipe-paper``, ``recipe-run`` and, as a sentence, ``recipe-changes``."""
    glue("recipe-paper", recipe_in_words(paper))
    glue("recipe-run", recipe_in_words(spec))
    glue("recipe-changes", changes_in_words(spec, paper))


def _value(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value).replace("_", " ")
