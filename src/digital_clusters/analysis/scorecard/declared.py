"""What ``data/scorecard.yml`` declares of each study: pages, multiverse, designs of hypotheses."""

from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, RootModel

from digital_clusters.analysis.published import read_record
from digital_clusters.errors import ParameterError
from digital_clusters.paths import data_folder
from digital_clusters.wording import suggestion

DECLARED_FILE = "scorecard.yml"


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Decider(_Declared):
    """The best design of a hypothesis: a frozen public estimate, its term, the printed numbers it answers.

    With two printed coefficients (``column|term``) it is their difference, the second taken from the first.
    """

    estimate: str
    term: str
    printed: tuple[str, ...] = Field(min_length=1, max_length=2)


class CardOf(_Declared):
    """One study: its title, the page of each table or claim, and what is the same number elsewhere.

    ``family`` is the frozen record in which all claims of its abstract are tested together.
    """

    title: str
    pages: dict[str, str]
    multiverse: dict[str, str] = Field(default_factory=dict)
    hypotheses: dict[str, Decider] = Field(default_factory=dict)
    family: str | None = None

    @property
    def prints_numbers(self) -> bool:
        """Whether the paper has tables; of the others only an abstract with claims was read."""
        return bool(self.hypotheses)


class DeclaredCards(RootModel[dict[str, CardOf]]):
    """The whole file, by the key of the study."""

    model_config = ConfigDict(frozen=True)

    def __init__(self, **studies: CardOf):
        super().__init__(studies)


@cache
def declared_cards(folder: Path | None = None) -> dict[str, CardOf]:
    """Study → what is declared of it, in the order of the file.

    Raises
    ------
    FileError
        If there is no such file.
    DataError
        If the file does not have the expected fields; the first wrong one is named.
    """
    path = (folder or data_folder()) / DECLARED_FILE
    return read_record(DeclaredCards, path, "declaration of the scorecard").root


def card_of(study: str) -> CardOf:
    """What is declared of one study.

    Raises
    ------
    ParameterError
        If it has no scorecard.
    """
    cards = declared_cards()
    if study not in cards:
        hint = suggestion(study, cards)
        raise ParameterError(f"there is no scorecard of '{study}'{hint}; choose from {', '.join(cards)}")
    return cards[study]
