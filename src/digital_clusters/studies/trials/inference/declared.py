"""A method of inference that the chapters use beside their first ones, as the table of them declares it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.errors import ParameterError
from digital_clusters.report.words import number

Facts = Mapping[str, Any]
"""Of one frozen record."""


@dataclass(frozen=True)
class TriedMethod:
    """One method of the table.

    Attributes
    ----------
    name : str
    source : str
        Who made it and where.
    library : str
        Where the numbers come from.
    reference : str
        What it is checked against, in the tests.
    page : str
    record : str
        Frozen file whose facts the next two read.
    found : callable
        Facts → what the trial on the twin counted, in words.
    changes : callable
        Facts → what it changes on public data, in words.
    trial_record : str
        Frozen file of the trial, where it is another.
    """

    name: str
    source: str
    library: str
    reference: str
    page: str
    record: str
    found: Callable[[Facts], str]
    changes: Callable[[Facts], str]
    trial_record: str = ""

    def on_twin(self) -> str:
        """What the trial counted."""
        return self.found(load_frozen(self.trial_record or self.record).facts)

    @property
    def rests_on(self) -> int:
        """Synthetic countries, or draws, behind the counts of the trial."""
        facts = load_frozen(self.trial_record or self.record).facts
        inner = [part for part in facts.values() if isinstance(part, Mapping)]
        for key in ("countries", "deals", "draws"):
            for part in (facts, *inner):
                if key in part:
                    return int(part[key])
        raise ParameterError(
            f"the record of '{self.name}' does not say how many countries its trial rests on"
        )

    def on_public(self) -> str:
        """What it changes on public data."""
        return self.changes(load_frozen(self.record).facts)


def estimate_text(value: float, error: float) -> str:
    """An estimate with its standard error in parentheses."""
    return f"{number(value)} ({number(error)})"
