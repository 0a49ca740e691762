"""An executed notebook as the book ships it: nothing of the machine, of the hour, or of chance."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

KERNEL_FILE = "ipykernel_"

CELL_FILE = re.compile(rf"\S{{0,4096}}{KERNEL_FILE}\d+/\d+\.py:")
"""Path of a cell in a warning; no path is longer."""

MEMORY = re.compile(r" at 0x[0-9a-f]{6,}")
"""Where in memory an object lay."""

DRAFT = re.compile(r"_build/cache/[^/\s]{1,200}/\.draft-[^/\s]{1,200}/")
"""Where results lie while their page runs."""

SVG = "image/svg+xml"
SVG_NAME = re.compile(r'(?<=[ (]id=")(?P<own>[a-z]+[0-9a-f]{10})(?=")')
"""Name that a drawing gives to a shape or a clip: its hash follows the last digit of every place."""


def shareable(page: Path, root: Path) -> str:
    """Text of an executed notebook as the book ships it: what is of this machine or this hour left out.

    The executor's record holds the whole source a second time, paths of this checkout and times; warnings
    name files by the paths of this checkout; objects without a text of their own name their place in memory;
    what a cell prints arrives in pieces of any length.
    """
    notebook = json.loads(page.read_text(encoding="utf-8"))
    notebook["metadata"].pop("papermill", None)
    for number, cell in enumerate(notebook["cells"]):
        cell["id"] = f"cell-{number}"
        for name in ("papermill", "execution"):
            cell["metadata"].pop(name, None)
        if "outputs" in cell:
            cell["outputs"] = _joined(_without_paths(cell["outputs"], root))
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _without_paths(value: Any, root: Path) -> Any:
    if isinstance(value, str):
        value = DRAFT.sub("_build/", MEMORY.sub("", value.replace(f"{root}/", "")))
        # a picture is a megabyte without a blank: the pattern would try each of its letters as a start
        return CELL_FILE.sub("the cell:", value) if KERNEL_FILE in value else value
    if isinstance(value, list):
        return [_without_paths(item, root) for item in value]
    if isinstance(value, dict):
        kept = {name: _without_paths(item, root) for name, item in value.items() if not _is_raw(name, value)}
        return kept | ({SVG: _numbered(_text(kept[SVG]))} if SVG in kept else {})
    return value


def _is_raw(name: str, bundle: Mapping[str, Any]) -> bool:
    """Whether it is what an object without a text of its own says of itself, beside its HTML."""
    return name == "text/plain" and "text/html" in bundle and bool(MEMORY.search(_text(bundle[name])))


def _numbered(drawing: str) -> str:
    """A drawing whose hashed names are numbered in the order in which they are given."""
    names = dict.fromkeys(match["own"] for match in SVG_NAME.finditer(drawing))
    for number, name in enumerate(names):
        drawing = drawing.replace(f'"{name}"', f'"n{number}"').replace(f"#{name}", f"#n{number}")
    return drawing


def _joined(outputs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Outputs in which what follows each other in one stream is one text."""
    joined: list[dict[str, Any]] = []
    for output in outputs:
        last = joined[-1] if joined else {}
        if output["output_type"] == "stream" and last.get("name") == output["name"]:
            last["text"] = _text(last["text"]) + _text(output["text"])
        else:
            joined.append(dict(output))
    return joined


def _text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "".join(value)
