"""Figures of a built page: a palette for the dark theme, a frame that scrolls on a phone, loading late."""

import colorsys
import posixpath
import re
from html import unescape
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from digital_clusters.errors import BuildError
from digital_clusters.files import write_text
from digital_clusters.pipeline.hashing.files import digest_of, file_hash
from digital_clusters.pipeline.hashing.kept import Kept
from digital_clusters.pipeline.site.markup import attribute
from digital_clusters.report import style
from digital_clusters.report.style import BLACK, BLUE, DESCRIBED, GREEN, ORANGE, PURPLE, RED, SKY

PAPER, INK = "#121212", "#e6e6e6"
"""Ground and writing of the dark theme."""

DARK = {
    "#ffffff": PAPER,
    "#000000": INK,
    BLACK: INK,
    BLUE: "#5aa9e6",
    RED: "#ff8a4c",
    GREEN: "#3ccfa0",
    PURPLE: "#e3a1c8",
    ORANGE: "#f2bd4a",
    SKY: "#8fd0f5",
}
"""House colours as they are seen on dark ground: the same hues, at least 4.5 to 1 against it."""

COLOUR = re.compile(r"((?:fill|stroke|stop-color):\s*)(#[0-9a-fA-F]{6})\b")
PLACES = re.compile(r'(?<= )(?:d|x|y)="[^"]*"')
DECIMALS = re.compile(r"(\d\.\d\d)\d+")
"""Places of a drawing beyond a hundredth of a point, which is less than a screen or a printer shows."""

PATH = re.compile(r'(?<= d=")[^"]*(?=")')
COMMAND = re.compile(r"\s*([A-Za-z])\s*")
BLANKS = re.compile(r">\s+<")
ALIKE = re.compile(r'<use [^<>]* style="(?!opacity|[^"]*; *opacity)([^"]*)"/>(?:<use [^<>]* style="\1"/>)+')
"""Marks in a row that are painted alike; opacity is not inherited: marks that have one stay as they are."""
STEP = re.compile(r"([ML])(-?[\d.]+) (-?[\d.]+)|([Zz])")

ROOT = re.compile(r"<svg\b")
TOLD = re.compile(rf"""<g id=(["']){DESCRIBED}(.*?)\1""", re.DOTALL)


NARROW = "narrow-figure"
"""Tag of a cell that draws the figure of the cell before it once more, for the screen of a phone."""


MADE_BY = [file_hash(Path(file)) for file in (__file__, str(style.__file__))]
"""Hashes of the code that makes a dark drawing, as it was when it was loaded."""


class Palettes:
    """The dark twins of the drawings below a folder, each made once.

    Parameters
    ----------
    folder : pathlib.Path
        The built pages; the dark figures are written beside the light ones.
    kept : Kept, optional
        Drawings of earlier builds.
    """

    def __init__(self, folder: Path, kept: Kept | None = None):
        self.folder, self.kept = folder, kept or Kept()
        self._built: dict[str, str] = {}

    def both(self, name: str) -> str:
        """Write a drawing (SVG) with short places, and its dark twin; returns the hash of it as it was built.

        That is empty where there is no drawing of that name.
        """
        if name not in self._built:
            file = self.folder / name
            is_drawing = file.suffix == ".svg" and file.is_file()
            self._built[name] = file_hash(file) if is_drawing else ""
            if is_drawing and not dark_of(file).is_file():
                self._dress(file, self._built[name])
        return self._built[name]

    def _dress(self, file: Path, built: str) -> None:
        key = digest_of(["drawing", built, MADE_BY])
        told = self.kept.get(key)
        if told is None:
            light = shorter_places(file.read_text(encoding="utf-8"))
            told = {"light": light, "dark": dark_palette(light)}
            self.kept.put(key, told)
        write_text(file, told["light"])
        write_text(dark_of(file), told["dark"])


def dark_of(drawing: Path) -> Path:
    """The file of a drawing's dark twin."""
    return drawing.with_suffix(".dark.svg")


def dress_pictures(
    page: BeautifulSoup, entry: str, folder: Path, palettes: Palettes | None = None
) -> dict[str, str]:
    """Give every drawn figure of a page its dark twin and a frame, and let all load when they are reached.

    Parameters
    ----------
    page : BeautifulSoup
        Changed in place.
    entry : str
        Its path below the folder, without suffix.
    folder : pathlib.Path
        The built pages; the dark figures are written beside the light ones.
    palettes : Palettes, optional
        Of that folder, where several pages are dressed.

    Returns
    -------
    dict of str to str
        Drawing below the folder → hash of it as it was built.
    """
    palettes, found = palettes or Palettes(folder), {}
    for picture in page.select("article img"):
        picture["loading"] = "lazy"
        address = attribute(picture, "src")
        if not address.endswith(".svg") or not picture.find_parent("div", class_="cell_output"):
            continue
        name = posixpath.normpath(posixpath.join(posixpath.dirname(entry), address))
        found[name] = palettes.both(name)
        if found[name]:
            numbers = numbers_of(folder / name)
            _both(page, picture, address.removesuffix(".svg") + ".dark.svg", numbers)
    for cell in page.select(f"article div.cell.tag_{NARROW}"):
        _join_narrow(cell)
    return found


def dark_palette(drawing: str) -> str:
    """A drawing (SVG) for dark ground: house colours by name, all others by exchanging light and dark.

    Letters that name no colour are black to a browser; the root element gives them the ink.
    """
    changed = COLOUR.sub(lambda match: match[1] + _dark(match[2].lower()), drawing)
    return ROOT.sub(f'<svg fill="{INK}"', changed, count=1)


def shorter_places(drawing: str) -> str:
    """A drawing with its places to a hundredth of a point, without blanks, and one style for marks alike.

    Examples
    --------
    >>> shorter_places('<path d="M 1.23456 7.1 L 8 9.876543" transform="scale(0.015625)"/>')
    '<path d="M1.23 7.1L8 9.87" transform="scale(0.015625)"/>'
    >>> shorter_places('<use x="1" style="fill: red"/> <use x="2" style="fill: red"/>')
    '<g style="fill: red"><use x="1"/><use x="2"/></g>'
    """
    shorter = PLACES.sub(lambda match: DECIMALS.sub(r"\1", match[0]), drawing)
    whole = BLANKS.sub("><", PATH.sub(lambda match: straight(COMMAND.sub(r"\1", match[0])), shorter))
    return ALIKE.sub(_painted_together, whole)


def straight(path: str) -> str:
    """A path of straight lines, its level and upright ones by the one place that changes.

    Examples
    --------
    >>> straight("M1 2L1 5L3 5L4 6zM4 6L4 7 "), straight("M0 0Q1 2 3 4"), straight("M1 2V5L3 5")
    ('M1 2V5H3L4 6zM4 6V7', 'M0 0Q1 2 3 4', 'M1 2V5L3 5')
    """
    path = path.strip()
    if STEP.sub("", path):
        return path
    said, x, y = [], "", ""
    for letter, to_x, to_y, close in STEP.findall(path):
        if letter == "L" and to_x == x:
            said.append(f"V{to_y}")
        elif letter == "L" and to_y == y:
            said.append(f"H{to_x}")
        else:
            said.append(f"{letter}{to_x} {to_y}" if letter else close)
        # a path that was closed goes on from where it began, which is not kept
        x, y = to_x, to_y
    return "".join(said)


def _painted_together(marks: re.Match[str]) -> str:
    said = f' style="{marks[1]}"'
    return f"<g{said}>{marks[0].replace(said, '')}</g>"


def _dark(colour: str) -> str:
    known = {light.lower(): dark for light, dark in DARK.items()}
    if colour in known:
        return known[colour]
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    hue, light, saturation = colorsys.rgb_to_hls(red, green, blue)
    # pure white lands on the ground and pure black on the ink, so that greys keep their order between them
    ground, ink = (int(end[1:3], 16) / 255 for end in (PAPER, INK))
    mirrored = colorsys.hls_to_rgb(hue, ink - light * (ink - ground), saturation)
    return "#" + "".join(f"{round(255 * part):02x}" for part in mirrored)


def numbers_of(drawing: Path) -> str:
    """What a drawing (SVG) says that it shows: axes and series with numbers, computed when it was drawn."""
    found = TOLD.search(drawing.read_text(encoding="utf-8"))
    return unescape(found[2]).strip() if found else ""


def _both(page: BeautifulSoup, picture: Tag, dark: str, numbers: str) -> None:
    """The figure in both palettes, of which the theme shows one, in a frame that the keyboard reaches.

    The pictures' text alternative ends with their numbers; the frame's name is the short one.
    """
    label = " ".join(attribute(picture, "alt").split())
    frame = picture.wrap(page.new_tag("div", attrs={"class": "figure-frame", "tabindex": "0"}))
    frame.attrs |= {"role": "region", "aria-label": f"Figure: {label}"}
    whole = f"{label} {numbers}".strip()
    picture["alt"] = whole
    twin = page.new_tag("img", attrs={"alt": whole, "src": dark, "loading": "lazy", "class": "only-dark"})
    picture["class"] = "only-light"
    frame.append(twin)


def _join_narrow(cell: Tag) -> None:
    """Pictures of a cell go into the frame of the figure before it; the width of the screen chooses.

    Raises
    ------
    BuildError
        If there is no figure before it, or the cell draws nothing.
    """
    pictures = cell.select("img")
    before = cell.find_previous(class_="figure-frame")
    while before is not None and cell in before.parents:
        before = before.find_previous(class_="figure-frame")
    if before is None or not pictures:
        raise BuildError(f"a cell with the tag {NARROW} must draw the figure of a cell before it once more")
    for wide in before.select("img"):
        wide["class"] = f"{attribute(wide, 'class')} only-wide"
    for narrow in pictures:
        narrow["class"] = f"{attribute(narrow, 'class')} only-narrow"
        before.append(narrow.extract())
    cell.decompose()
