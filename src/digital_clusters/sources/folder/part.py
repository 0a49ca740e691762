"""A sheet or file of a folder, and what a proposed column map makes of it."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Placed:
    """A column of a file that is one of ours."""

    column: str
    heading: str
    factor: float
    values: int
    note: str = ""


@dataclass(frozen=True)
class Part:
    """A sheet or file and what was made of it.

    Attributes
    ----------
    file, sheet, encoding : str
        As the column map names them.
    city, year : str
        Headings; ``year`` is empty where years are columns.
    placed : tuple of Placed
    missing : tuple of str
        Text that stands for missing values.
    leave_out : dict
        Cell of the city column → why it means no city.
    out_of_range : bool
        Whether values lie outside the range of the codebook.
    unplaced : tuple of (str, str)
        Heading and why it was not placed.
    warnings : tuple of str
        Columns that name other cities than the one taken.
    """

    file: str
    sheet: str | None = None
    encoding: str = "utf-8"
    city: str = ""
    year: str = ""
    placed: tuple[Placed, ...] = ()
    missing: tuple[str, ...] = ()
    leave_out: dict[str, str] = field(default_factory=dict)
    out_of_range: bool = False
    unplaced: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """File and sheet, for people."""
        return self.file if self.sheet is None else f"{self.file}, sheet {self.sheet}"
