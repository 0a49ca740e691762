"""One built page made ready to be read, or taken as it was made before of the same text and pictures."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from bs4 import BeautifulSoup

from digital_clusters.pipeline.hashing.files import digest_of, file_hash
from digital_clusters.pipeline.hashing.kept import Kept
from digital_clusters.pipeline.kernels.environment import installed
from digital_clusters.pipeline.site import head, missing
from digital_clusters.pipeline.site.alone.download import equations_of
from digital_clusters.pipeline.site.assets import Bundles, drop_unused
from digital_clusters.pipeline.site.landmarks import mend_landmarks, tell_sentences_from_numbers
from digital_clusters.pipeline.site.live import SERVED, load_live
from digital_clusters.pipeline.site.pictures import Palettes, dress_pictures
from digital_clusters.pipeline.site.plan import BookPlan
from digital_clusters.pipeline.site.tables import dress_tables
from digital_clusters.pipeline.site.teaching.slides import figures_of
from digital_clusters.report import style

HERE = Path(__file__).parent
CODE = tuple(file_hash(file) for file in (Path(str(style.__file__)), *sorted(HERE.rglob("*.py"))))
"""Hashes of the code that makes pages ready, as it was when it was loaded: it is the one that runs."""


@dataclass(frozen=True)
class FinishedPage:
    """A page as it is published, and what the rest of the book needs of it.

    Attributes
    ----------
    html : str
    tables : int
        How many it has.
    title : str or None
        ``None`` for a page that only leads to another one.
    equations : mapping of str to str
        Label → number.
    figures : list of mapping
        What slides need of each figure, as ``teaching.slides.figures_of`` has it.
    pictures : mapping of str to str
        Drawing below the folder → hash of it as it was built.
    bundles : list of list
        Kind, made file and names of the files that were joined.
    """

    html: str
    tables: int = 0
    title: str | None = None
    equations: Mapping[str, str] = field(default_factory=dict)
    figures: list[dict[str, str]] = field(default_factory=list)
    pictures: Mapping[str, str] = field(default_factory=dict)
    bundles: list[list] = field(default_factory=list)


class Finisher:
    """Makes the pages below a folder ready, one after another in reading order.

    Parameters
    ----------
    folder : pathlib.Path
        HTML as Jupyter Book wrote it.
    plan : BookPlan
    kept : Kept
        Pages and pictures of earlier builds.
    """

    def __init__(self, folder: Path, plan: BookPlan, kept: Kept):
        self.folder, self.plan, self.kept = folder, plan, kept
        self.bundles, self.palettes = Bundles(folder), Palettes(folder, kept)
        self.scripts = sorted(file.name for file in (folder / SERVED).glob("*.js"))

    def finish(self, entry: str, text: str, first: int) -> FinishedPage:
        """The page at ``entry``, whose first table has the number ``first``.

        Raises
        ------
        BuildError
            If the page loads a file that is not there.
        """
        # a page knows the day of its own run alone
        ran = {name: day for name, day in self.plan.ran.items() if name == entry}
        plan = replace(self.plan, ran=ran, citations={})
        known = [asdict(plan), entry, text, first, self.scripts, CODE, installed()]
        key = digest_of(known)
        if (told := self.kept.get(key)) and self._still_holds(known_page := FinishedPage(**told), entry):
            return known_page
        made = self._make(entry, text, first, plan)
        self.kept.put(key, asdict(made))
        return made

    def _still_holds(self, page: FinishedPage, entry: str) -> bool:
        """Whether the page's pictures and joined files are what they were; those it needs are written."""
        return all(self.palettes.both(name) == told for name, told in page.pictures.items()) and all(
            self.bundles.join_files(tuple(names), kind, entry) == made for kind, made, names in page.bundles
        )

    def _make(self, entry: str, text: str, first: int, plan: BookPlan) -> FinishedPage:
        page = BeautifulSoup(text, "html.parser")
        if (address := missing.forwards_to(page)) is not None:
            return FinishedPage(missing.forwarding_page(plan, address))
        next_table = dress_tables(page, first)
        pictures = dress_pictures(page, entry, self.folder, self.palettes)
        load_live(page, entry, self.folder)
        mend_landmarks(page)
        tell_sentences_from_numbers(page)
        head.head_of_page(page, entry, plan)
        equations = equations_of(page)
        title = head.title_of(page)
        head.styles_to_head(page)
        head.name_of_study(page, entry, plan)
        head.foot_of_page(page, entry, plan)
        drop_unused(page)
        bundles = self.bundles.join(page, entry)
        return FinishedPage(
            html=str(page),
            tables=next_table - first,
            title=title,
            equations=equations,
            figures=figures_of(page, entry),
            pictures=pictures,
            bundles=bundles,
        )
