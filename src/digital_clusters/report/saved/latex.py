"""A table as LaTeX that pdfTeX takes."""

from itertools import pairwise

from digital_clusters.report.saved.grid import BREAK, Cell, Grid, Piece, Row

HEAD = r"% \usepackage{booktabs, caption, graphicx}"
CHINESE = r"% Chinese signs: XeLaTeX with \usepackage{xeCJK}"
FIRST_CHINESE = "\u2e80"

NARROWED = r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%"
"""A table that is wider than the text is made as wide as it."""

GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "η": "eta", "θ": "theta",
    "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau",
    "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta", "Σ": "Sigma",
}  # fmt: skip

SIGNS = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{sign: f"\\{sign}" for sign in "&%$#_{}"},
        **{sign: f"${sign}$" for sign in "<>|"},
        "−": "$-$",
        "–": "--",
        "≥": r"$\ge$",
        "≤": r"$\le$",
        "≠": r"$\ne$",
        "≈": r"$\approx$",
        "±": r"$\pm$",
        "∞": r"$\infty$",
        "→": r"$\to$",
        "×": r"$\times$",
        "·": r"$\cdot$",
        "²": "$^2$",
        **{letter: rf"$\{name}$" for letter, name in GREEK.items()},
    }
)
"""Signs of terms and numbers → LaTeX."""

LETTERS = {"left": "l", "center": "c", "right": "r"}


def latex_of(grid: Grid) -> str:
    """The environment ``table``; its first line names the packages that it needs."""
    inner = [_row(row) + _rules(row) * (row is not grid.headings[-1]) for row in grid.headings]
    columns = "".join(LETTERS[side] for side in grid.sides)
    lines = [
        r"\begin{table}[!t]",
        r"\centering",
        *(rf"\caption*{{{_text(cell)}}}" for cell in grid.titles),
        NARROWED,
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        *inner,
        r"\midrule",
        *map(_row, grid.body),
        r"\bottomrule",
        r"\end{tabular}}",
        *_notes(grid.notes),
        r"\end{table}",
    ]
    text = "\n".join(lines) + "\n"
    return "\n".join([HEAD, *([CHINESE] if max(text) >= FIRST_CHINESE else []), text])


def _notes(notes: Row) -> list[str]:
    if not notes:
        return []
    shown = "\\par\n".join(_text(cell) for cell in notes)
    return [
        "",
        r"\vspace{0.5ex}",
        r"\begin{minipage}{\linewidth}\footnotesize\raggedright",
        shown,
        r"\end{minipage}",
    ]


def _row(row: Row) -> str:
    return " & ".join(_entry(cell) for cell in row) + r" \\"


def _entry(cell: Cell) -> str:
    text = _text(cell)
    if any(piece.text == BREAK for piece in cell.pieces):
        text = rf"\begin{{tabular}}[t]{{@{{}}{LETTERS[cell.side]}@{{}}}}{text}\end{{tabular}}"
    return rf"\multicolumn{{{cell.span}}}{{{LETTERS[cell.side]}}}{{{text}}}" if cell.span > 1 else text


def _rules(row: Row) -> str:
    """A rule under each heading of several columns."""
    ends = [0]
    for cell in row:
        ends.append(ends[-1] + cell.span)
    spanned = zip(row, pairwise(ends), strict=True)
    return "".join(
        rf" \cmidrule(lr){{{first + 1}-{last}}}"
        for cell, (first, last) in spanned
        if cell.span > 1 and cell.pieces
    )


def _text(cell: Cell) -> str:
    text = "".join(map(_piece, cell.pieces)).strip()
    # after the end of a row these would be its option
    return f"{{}}{text}" if text.startswith(("[", "*")) else text


def _piece(piece: Piece) -> str:
    if piece.text == BREAK:
        return r"\\"
    text = piece.text.translate(SIGNS)
    return rf"\textsuperscript{{{text}}}" if piece.is_raised else text
