"""Cards of a paper with tables: coefficients, moments of Table 1, hypotheses."""

from collections.abc import Mapping
from typing import Any

from digital_clusters.analysis.frozen import Frozen, load_frozen
from digital_clusters.analysis.power import truth_hash
from digital_clusters.analysis.published import PrintedColumn, PrintedMoments, PublishedStudy, load_published
from digital_clusters.analysis.scorecard import grades
from digital_clusters.analysis.scorecard.card_lines import (
    CardLine,
    Kind,
    OnPublic,
    OnTwin,
    OverMultiverse,
    Said,
)
from digital_clusters.analysis.scorecard.declared import Decider, card_of
from digital_clusters.analysis.scorecard.multiverses import over_multiverse
from digital_clusters.analysis.scorecard.noise import DETECTABLE, Noise
from digital_clusters.analysis.scorecard.variation import TWIN_FILE
from digital_clusters.errors import FileError
from digital_clusters.sources.columns import words_of_term

MOMENTS = ("mean", "sd", "min", "max")
"""Of each variable of a printed Table 1."""

TwinRows = Mapping[tuple[str, str], Mapping[str, Any]]
"""Column and term → planted, found and error of the recipe on the twin."""


def printed_entries(study: str) -> list[CardLine]:
    """Hypotheses, coefficients and moments of a paper that prints its numbers.

    Raises
    ------
    FileError
        If a frozen record is missing, or was made from another twin.
    """
    return [*hypothesis_entries(study), *coefficient_entries(study), *moment_entries(study)]


def coefficient_entries(study: str) -> list[CardLine]:
    """One entry a printed coefficient; the best design is the column with its city effects removed."""
    paper, declared = load_published(study), card_of(study)
    own, best, twin = load_frozen(study), _card(study), _twin_rows(study)
    found = []
    for column in paper.columns:
        for term in column.terms:
            name = f"{column.key}|{term.term}"
            said = Said(
                place=f"Table {column.table} ({column.column})",
                words=_label(column, term.term),
                reading="",
                value=term.value,
                error=term.error,
                sign=1.0 if term.value > 0 else -1.0,
                n=column.n,
                decimals=_decimals(term.coefficient),
                text=f"{term.coefficient}{term.stars} ({term.standard_error})",
            )
            public = on_public(best, f"{study}.card", column.key, term.term)
            recipe = on_public(own, study, column.key, term.term)
            on_twin = _once(twin[column.key, term.term], public.error)
            page = f"{study}/{declared.pages[f'table{column.table}']}"
            found.append(
                _entry(
                    study,
                    name,
                    "coefficient",
                    page,
                    said,
                    public,
                    on_twin,
                    over_multiverse(study, name),
                    recipe,
                )
            )
    return found


def hypothesis_entries(study: str) -> list[CardLine]:
    """One entry a hypothesis: its best design beside the printed number, or difference, that decides it."""
    paper, declared, own = load_published(study), card_of(study), load_frozen(study)
    found = []
    for hypothesis in paper.hypotheses:
        decider = declared.hypotheses[hypothesis.key]
        public = on_public(own, study, decider.estimate, decider.term)
        said = _said_of(hypothesis.key, hypothesis.statement, paper, decider)
        on_twin = _difference(decider, _twin_rows(study), public.error)
        page = f"{study}/{declared.pages[hypothesis.key]}"
        multiverse = over_multiverse(study, hypothesis.key)
        found.append(
            _entry(study, hypothesis.key, "hypothesis", page, said, public, on_twin, multiverse, None)
        )
    return found


def moment_entries(study: str) -> list[CardLine]:
    """One entry a moment of Table 1: four of each variable."""
    paper, declared = load_published(study), card_of(study)
    public = {row["column"]: row for row in load_frozen(study).facts["moments"]}
    twin = {row["column"]: row for row in _card(study).facts["moments"]}
    page = f"{study}/{declared.pages['table1']}"
    return [
        _moment(study, page, row, moment, public[row.variable], twin[row.variable])
        for row in paper.table1
        for moment in MOMENTS
    ]


def on_public(frozen: Frozen, record: str, estimate: str, term: str) -> OnPublic:
    """A frozen public number with its design; without a value if the record does not have the estimate."""
    made = frozen.estimates.get(estimate)
    if made is None or term not in made.terms:
        return OnPublic(record=record, estimate=estimate, note="not among the frozen estimates")
    b = made.term(term)
    return OnPublic(
        value=b.value,
        error=b.error,
        low=b.low,
        high=b.high,
        p_value=b.p_value,
        n=b.n,
        spec=made.spec or {},
        record=record,
        estimate=estimate,
        note=frozen.notes.get(estimate, ""),
        detectable=DETECTABLE * b.error,
    )


def _card(study: str) -> Frozen:
    name = f"{study}.card"
    frozen = load_frozen(name)
    if frozen.inputs[TWIN_FILE] != truth_hash():
        raise FileError(
            f"data/results/{name}.json was made from another {TWIN_FILE}; `digital-clusters freeze {name}` "
            "makes it anew"
        )
    return frozen


def _twin_rows(study: str) -> TwinRows:
    return {(row["column"], row["term"]): row for row in _card(study).facts["twin"]}


def _once(row: Mapping[str, Any], public_error: float) -> OnTwin:
    """One country; the power is of the planted size in its own direction, not the printed one."""
    planted = row["planted"]
    return OnTwin(
        planted=planted,
        found=row["found"],
        power=None if planted is None else Noise(public_error).power(abs(planted), 1),
        countries=1,
        word=grades.twin_word_once(planted, row["found"], row["error"]),
    )


def _difference(decider: Decider, rows: TwinRows, public_error: float) -> OnTwin:
    """Of one coefficient, or of two that come from different halves and are taken as independent."""
    parts = [rows[_place(name)] for name in decider.printed]
    if len(parts) == 1:
        return _once(parts[0], public_error)
    first, second = parts
    planted = None if None in (first["planted"], second["planted"]) else first["planted"] - second["planted"]
    both = {
        "planted": planted,
        "found": first["found"] - second["found"],
        "error": (first["error"] ** 2 + second["error"] ** 2) ** 0.5,
    }
    return _once(both, public_error)


def _said_of(key: str, statement: str, paper: PublishedStudy, decider: Decider) -> Said:
    columns = [paper.column(_place(name)[0]) for name in decider.printed]
    terms = [column.term(_place(name)[1]) for column, name in zip(columns, decider.printed, strict=True)]
    places = [f"Table {column.table} ({column.column})" for column in columns]
    value = terms[0].value - (terms[1].value if len(terms) > 1 else 0.0)
    return Said(
        place=f"{key}, {' less '.join(places)}",
        words=statement,
        reading="a difference of two printed coefficients, taken as independent" if len(terms) > 1 else "",
        value=value,
        error=sum(term.error**2 for term in terms) ** 0.5,
        sign=1.0 if value > 0 else -1.0,
        n=sum(column.n for column in columns),
    )


def _label(column: PrintedColumn, term: str) -> str:
    return column.label if len(column.terms) == 1 else f"{column.label}: {words_of_term(term)}"


def _decimals(printed: str) -> int:
    return len(printed.partition(".")[2])


def _place(name: str) -> tuple[str, str]:
    column, _, term = name.partition("|")
    return column, term


def _entry(
    study: str,
    name: str,
    kind: Kind,
    page: str,
    said: Said,
    public: OnPublic,
    twin: OnTwin,
    multiverse: OverMultiverse | None,
    recipe: OnPublic | None,
) -> CardLine:
    """Marks are those of the paper's own recipe where it was run; the word is that of the best design."""
    graded = recipe or public
    return CardLine(
        key=f"{study}|{name}",
        study=study,
        kind=kind,
        page=page,
        said=said,
        public=public,
        twin=twin,
        recipe=recipe,
        multiverse=multiverse,
        marks={
            "sign": grades.grade_sign(graded.value, said.sign),
            "magnitude": grades.grade_magnitude(graded.value, said.value, said.error),
            "error": grades.grade_error(graded.error, said.error),
            "significance": grades.grade_significance(graded.value, graded.p_value, said.sign),
            "n": grades.grade_n(graded.n, said.n),
        },
        verdict=grades.verdict_of(
            public.value,
            public.p_value,
            (public.low, public.high),
            said.sign,
            printed=said.value,
            share_clear=None if multiverse is None else multiverse.share_clear,
        ),
    )


def _moment(
    study: str,
    page: str,
    row: PrintedMoments,
    moment: str,
    public: Mapping[str, Any],
    twin: Mapping[str, Any],
) -> CardLine:
    text, found = getattr(row, moment), public[moment]
    printed = float(text)
    mark = grades.grade_moment(found, printed)
    return CardLine(
        key=f"{study}|table1.{row.variable}.{moment}",
        study=study,
        kind="moment",
        page=page,
        said=Said(f"Table 1, {row.printed_as}", moment, "", printed, None, 0.0, row.n, _decimals(text), text),
        public=OnPublic(
            value=float("nan") if found is None else found, n=public["n"], record=study, estimate="moments"
        ),
        twin=OnTwin(planted=printed, found=twin[moment], countries=1),
        marks={"magnitude": mark, "n": grades.grade_n(public["n"], row.n)},
        verdict=grades.MOMENT_OF_MARK[mark],
    )
