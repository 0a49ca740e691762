"""Buttons above the scorecard that show the lines of one word; without scripts every line is shown."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from digital_clusters.report.scorecard.cards import word_chip

if TYPE_CHECKING:
    from IPython.display import HTML

# Colour and word together; white on these has a contrast of at least 4.5 in both themes.
_CSS = """
.dc-chip { display: inline-block; padding: 0 .5em; border-radius: .7em; font-size: .9em; font-weight: 600;
  white-space: nowrap; color: #fff; background: #5b6470; }
.dc-stands, .dc-alike, .dc-sign-and-size, .dc-implied { background: #00694a; }
.dc-fragile, .dc-near, .dc-sign-only, .dc-conditional { background: #7a5200; }
.dc-smaller { background: #0b5a94; }
.dc-opposite, .dc-apart, .dc-other-sign { background: #a33a00; }
.dc-not-available { color: inherit; background: transparent; border: 1px dashed currentColor; }
.dc-mark { font-size: .8em; white-space: nowrap; opacity: .85; }
.dc-filter { display: flex; flex-wrap: wrap; gap: .5em; margin: .5em 0 1em; }
.dc-filter button { border: 2px solid transparent; border-radius: 1em; background: none; padding: .1em .2em;
  color: inherit; cursor: pointer; font: inherit; }
.dc-filter button[aria-pressed=true] { border-color: currentColor; }
.gt_table details { font-size: .88em; max-width: 32em; }
.gt_table details summary { cursor: pointer; opacity: .8; }
"""

_SCRIPT = """
(function () {
  const box = document.currentScript.previousElementSibling;
  const wanted = new Set();
  box.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const word = button.dataset.show, on = wanted.has(word);
    if (on) wanted.delete(word); else wanted.add(word);
    button.setAttribute("aria-pressed", String(!on));
    document.querySelectorAll("tbody tr").forEach((row) => {
      const chip = row.querySelector("td:first-child .dc-chip");
      if (chip) row.hidden = wanted.size > 0 && !wanted.has(chip.dataset.word);
    });
  });
})();
"""


def verdict_filters(counts: Mapping[str, int]) -> "HTML":
    """Styles of the chips and a button for each word, with how many lines have it."""
    from IPython.display import HTML

    buttons = "".join(
        f'<button type="button" aria-pressed="false" data-show="{word}">{word_chip(word)} {count}</button>'
        for word, count in counts.items()
    )
    box = (
        f'<div class="dc-filter" role="group" aria-label="Show only lines with this verdict">{buttons}</div>'
    )
    return HTML(f"<style>{_CSS}</style>{box}<script>{_SCRIPT}</script>")
