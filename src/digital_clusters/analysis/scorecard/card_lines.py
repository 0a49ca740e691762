"""One line of a scorecard: a printed number or claim, and what public data and the twin say of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from digital_clusters.analysis.scorecard.grades import ASPECTS, Aspect, Mark, TwinWord, Verdict

Kind = Literal["coefficient", "moment", "hypothesis", "claim"]


@dataclass(frozen=True)
class Said:
    """What the paper says.

    Attributes
    ----------
    place : str
        Such as ``Table 2 (1)``.
    words : str
        What it is, or the claim in our words.
    reading : str
        How we read it: the specification of the paper's recipe, or the number that decides a claim.
    value, error : float or None
        As printed; ``None`` where a paper prints no number.
    sign : float
        Claimed: 1 or −1; 0 for a moment, which claims none.
    n : int or None
    decimals : int or None
        With which the value is printed.
    text : str
        As printed; empty where the number is ours or there is none.
    """

    place: str
    words: str
    reading: str
    value: float | None
    error: float | None
    sign: float
    n: int | None = None
    decimals: int | None = None
    text: str = ""


@dataclass(frozen=True)
class OnPublic:
    """What public data say by the best design, or why nothing.

    Attributes
    ----------
    value, error, low, high, p_value : float
        NaN where there is none.
    n : int or None
    design : str
        In words.
    spec : mapping
        The specification as plain values; empty where none is kept.
    record, estimate : str
        Frozen record, and the name of the estimate in it.
    note : str
        How it differs from what was asked, or why there is none.
    detectable : float
        Effect that the design would find in four of five samples at 5 %.
    p_family : float or None
        P value among all claims of the abstract (Romano & Wolf 2005); ``None`` where they are not tested
        together.
    """

    value: float = float("nan")
    error: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    p_value: float = float("nan")
    n: int | None = None
    design: str = ""
    spec: Mapping[str, Any] = field(default_factory=dict)
    record: str = ""
    estimate: str = ""
    note: str = ""
    detectable: float = float("nan")
    p_family: float | None = None


@dataclass(frozen=True)
class OverMultiverse:
    """The number over its declared specifications: median, range and shares, in the unit of the claim."""

    n: int
    median: float
    low: float
    high: float
    share_sign: float
    share_clear: float
    share_against: float
    unit: str


@dataclass(frozen=True)
class OnTwin:
    """What is planted and what is found.

    Attributes
    ----------
    planted, found : float or None
        ``found`` is the mean over ``countries``.
    share_found : float or None
        Share of countries in which the sign is found, different from zero; ``None`` with one country.
    coverage : float or None
        Share in which the interval holds the planted size.
    power : float or None
        Of the planted size at the public standard error.
    countries : int
    word : TwinWord
    """

    planted: float | None = None
    found: float | None = None
    share_found: float | None = None
    coverage: float | None = None
    power: float | None = None
    countries: int = 0
    word: TwinWord = "not available"


@dataclass(frozen=True)
class CardLine:
    """One line of the card.

    Attributes
    ----------
    key : str
        ``<study>|<name>``; unique over all cards.
    study : str
    kind : Kind
    page : str
        Page of the book that shows it, such as ``industrial_upgrading/baseline``.
    said : Said
    public : OnPublic
    recipe : OnPublic or None
        The paper's own recipe on public data, where it has one.
    multiverse : OverMultiverse or None
    twin : OnTwin
    marks : mapping of Aspect to Mark
        Of the paper's own recipe on public data where there is one, else of the best design.
    verdict : Verdict
    """

    key: str
    study: str
    kind: Kind
    page: str
    said: Said
    public: OnPublic
    twin: OnTwin
    marks: Mapping[Aspect, Mark]
    verdict: Verdict
    recipe: OnPublic | None = None
    multiverse: OverMultiverse | None = None

    @property
    def grades(self) -> dict[str, str]:
        """Every grade by its name: the verdict, the word for the twin, and the mark of each aspect."""
        found: dict[str, str] = {"verdict": self.verdict, "twin": self.twin.word}
        return found | {aspect: self.marks.get(aspect, "not available") for aspect in ASPECTS}
