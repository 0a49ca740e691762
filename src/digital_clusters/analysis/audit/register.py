"""All checks by name, and what each asks for: its signature."""

import inspect
from collections.abc import Callable
from typing import get_type_hints

from digital_clusters.analysis.audit import (
    correlations,
    effects,
    fit_statistics,
    moments,
    samples,
    significance,
    spatial,
    transformations,
    whole_numbers,
)
from digital_clusters.analysis.audit.findings import AuditFinding
from digital_clusters.errors import ParameterError
from digital_clusters.wording import shortened, suggestion

Check = Callable[..., list[AuditFinding]]

_PREFIX = "check_"

MODULES = (
    significance,
    fit_statistics,
    transformations,
    effects,
    spatial,
    samples,
    moments,
    whole_numbers,
    correlations,
)

CHECKS: dict[str, Check] = {
    name.removeprefix(_PREFIX): function
    for module in MODULES
    for name, function in vars(module).items()
    if name.startswith(_PREFIX) and inspect.getmodule(function) is module
}
"""Name in a file → function; the name is the function's without ``check_``."""


def check_named(name: str) -> Check:
    """The check of that name.

    Raises
    ------
    ParameterError
        If there is none; a near one is named.
    """
    if name not in CHECKS:
        near = suggestion(name, CHECKS) or f"; they are: {', '.join(CHECKS)}"
        raise ParameterError(f"there is no check '{shortened(name)}'{near}")
    return CHECKS[name]


def inputs_of(check: Check) -> dict[str, tuple[object, object]]:
    """Inputs of a check but ``place``: name → type and default, ``inspect.Parameter.empty`` without one."""
    hints = get_type_hints(check)
    parameters = inspect.signature(check).parameters.values()
    return {part.name: (hints[part.name], part.default) for part in parameters if part.name != "place"}


def id_and_sentence(check: Check) -> tuple[str, str]:
    """Id and first sentence of a check's docstring."""
    first = (inspect.getdoc(check) or "").split("\n\n")[0].replace("\n", " ")
    key, _, text = first.partition(": ")
    return key, text.split(". ``")[0].rstrip(".") + "."
