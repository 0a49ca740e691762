"""A ladder of nested truths, from one number to the equation of ``data/twin.yml``: what each may say."""

from collections.abc import Mapping
from dataclasses import dataclass

from digital_clusters.sources.twin.truth import PlantedOutcome, Truth

NOISE = {"city": 0.14, "shock": 0.03, "persistence": 0.8}
"""What a truth has beside its effects, before the noise is calibrated. The map to the printed moments scales
city effects and deviations alike, so that only their ratio and the persistence count."""

FREE_NOISE = ("shock", "persistence")


@dataclass(frozen=True)
class Rung:
    """One truth of the ladder.

    Attributes
    ----------
    key, words : str
        Its name in records, and what it adds to the truth before it.
    free : tuple of str
        Parameters of the outcome that are searched; those of the rungs before are among them.
    fixed : mapping of str to float
        Parameters typed by hand, beside the noise; all others are zero.
    sentence : str
        What a reader can say of it.
    """

    key: str
    words: str
    free: tuple[str, ...]
    sentence: str
    fixed: Mapping[str, float]

    @property
    def parameters(self) -> int:
        """Numbers that shape the outcome: searched ones, typed ones, and two of its noise."""
        return len(self.free) + len(self.fixed) + len(FREE_NOISE)

    def start(self, before: Mapping[str, float]) -> dict[str, float]:
        """Where the search starts: at the rung before, whose other parameters are zero."""
        return {name: before.get(name, 0.0) for name in self.free}


CONSTANT = ("slope",)
INTERACTION = (*CONSTANT, "interaction", "digital")
HIDDEN = (*INTERACTION, "hidden")
VALLEY = (*HIDDEN, "hidden_growth", "capital", "size", "year_trend", "bend", "peak")

RUNGS = (
    Rung(
        "constant",
        "one constant effect",
        CONSTANT,
        "One more unit of structure changes the Gini of light by the same amount everywhere and always.",
        {},
    ),
    Rung(
        "interaction",
        "and the digital index",
        INTERACTION,
        "The effect of structure on the Gini of light falls in a straight line with the digital index, which "
        "has an effect of its own.",
        {},
    ),
    Rung(
        "hidden",
        "and one hidden confounder",
        HIDDEN,
        "The effect of structure falls in a straight line with the digital index, and cities of advanced "
        "structure have another level of inequality for a reason that nobody measures.",
        {},
    ),
    Rung(
        "valley",
        "and the valley, the capitals' level, what drifts",
        VALLEY,
        "The effect is lowest at a middling structure, differs between both ends and falls with the digital "
        "index; hidden levels drift, capitals have their own, and so has the year.",
        {"width": 0.08, "peak_width": 0.16},
    ),
)
"""The ladder, the simplest first; each truth has the one before it as a special case."""


def with_rung(truth: Truth, rung: Rung, values: Mapping[str, float]) -> Truth:
    """``truth`` with an outcome that has the rung's parameters, its own noise, and nothing else."""
    own = truth.outcome
    noise = {name: getattr(own, name) for name in NOISE}
    nothing = dict.fromkeys(PlantedOutcome.model_fields, 0.0)
    widths = {"width": own.width, "peak_width": own.peak_width}
    outcome = PlantedOutcome(**nothing | widths | noise | dict(rung.fixed) | dict(values))
    return truth.model_copy(update={"outcome": outcome})
