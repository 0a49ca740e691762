"""Claims of papers that print no number: sentences with a sign, each tied to a regression that can fail."""

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from digital_clusters.analysis.published import read_record
from digital_clusters.paths import data_folder

Kind = Literal[
    "coefficient",
    "indirect_effect",
    "own_marginal_effect",
    "neighbours_marginal_effect",
    "curvature",
    "turning_point_shift",
    "matched_did",
]
"""What is read off the regression: a coefficient; an effect through a mediator; the marginal effect of the
treatment on the city itself or on others, at a quantile of the treatment; the coefficient of the square with
the joint test of a U shape; the movement of the turning point with the moderator; matched
difference-in-differences."""

Grade = Literal["sign stated", "word to be read", "design to be chosen"]
"""How far the sentence fixes a test: it states a sign for a named pair; it uses a word with more than one
reading; it names a mechanism and leaves the design open."""


class Claim(BaseModel):
    """One sentence of an abstract in our words, and the number that decides it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    statement: str
    spec: str
    quantity: Kind = "coefficient"
    term: str | None = None
    at: Annotated[float, Field(gt=0, lt=1)] | None = None
    sign: Literal[-1, 1]
    unit: str
    grade: Grade
    reading: str | None = None
    public: str | None = None
    public_term: str | None = None
    public_reason: str | None = None

    @model_validator(mode="after")
    def _public_or_why_not(self) -> "Claim":
        if (self.public is None) == (self.public_reason is None):
            raise ValueError("give either 'public', a specification, or 'public_reason', why there is none")
        return self


class ClaimedStudy(BaseModel):
    """A paper of which only the abstract was read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    study: str
    title: str
    citation: str
    first_year: int
    last_year: int
    source: str
    claims: tuple[Claim, ...]

    def claim(self, key: str) -> Claim:
        """The claim called ``key``."""
        return next(claim for claim in self.claims if claim.key == key)


@cache
def load_claims(study: str, folder: Path | None = None) -> ClaimedStudy:
    """Read the claims of ``study`` from ``data/published/<study>.yml``.

    Raises
    ------
    FileError
        If there is no such file.
    DataError
        If the file does not have the expected fields.
    """
    path = (folder or data_folder() / "published") / f"{study}.yml"
    return read_record(ClaimedStudy, path, f"claims of '{study}'")
