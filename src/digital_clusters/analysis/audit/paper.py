"""Every check that a typed table allows, and what they found."""

import html
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from digital_clusters.analysis.audit import fit_statistics, moments, significance, whole_numbers
from digital_clusters.analysis.audit.findings import AuditFinding, frame_of, tally
from digital_clusters.analysis.audit.form import Form, PrintedRow, Regression, Variable, form_of
from digital_clusters.analysis.audit.printed import Term
from digital_clusters.errors import DataError, ParameterError
from digital_clusters.yaml_files import YamlFile, read_yaml

WORST_FIRST = ("contradicts", "tension", "possible", "consistent")


@dataclass(frozen=True)
class Audit:
    """What an audit found.

    Attributes
    ----------
    paper : str
    findings : tuple of AuditFinding
        Those that contradict first, then tension, possible and consistent; else in the order of the file.
    """

    paper: str
    findings: tuple[AuditFinding, ...]

    @property
    def contradictions(self) -> tuple[AuditFinding, ...]:
        """Findings that no unrounded numbers fit."""
        return tuple(found for found in self.findings if found.grade == "contradicts")

    def to_frame(self) -> pd.DataFrame:
        """A row a finding: id, check, place, printed, implied, grade."""
        return frame_of(self.findings)

    def summary(self) -> str:
        """How many findings have each grade."""
        counts = ", ".join(f"{grade} {count:,}" for grade, count in tally(self.findings).items())
        return f"{self.paper}: {len(self.findings):,} checks; {counts}"

    def __str__(self) -> str:
        lines = [f"{found.grade:<12}{found.id}  {found.sentence}" for found in self.findings]
        return "\n".join([*lines, self.summary()])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        table = self.to_frame().to_html(index=False, border=0)
        return f"<div>{table}<p>{html.escape(self.summary())}</p></div>"


def audit(file: str | Path) -> Audit:
    """Check the printed tables of a paper against themselves.

    Parameters
    ----------
    file : str or path
        YAML with the printed numbers, as the page *Audit of printed tables* describes it.

    Raises
    ------
    FileError, DataError
        As :func:`digital_clusters.analysis.audit.form.form_of`, and if a check has impossible inputs.

    Examples
    --------
    >>> import digital_clusters as dc
    >>> from digital_clusters.paths import data_folder
    >>> found = dc.audit(data_folder() / "audit_example.yml")
    >>> sorted({finding.place for finding in found.contradictions})
    ['Table 2 (2)', 'Table 2 (2), hours']
    """
    return audit_of(read_yaml(Path(file)))


def audit_of(source: YamlFile) -> Audit:
    """As :func:`audit`, of a file already read, or of tables that stand in none."""
    form, checks = form_of(source)
    findings = table_findings(form, str(source.path))
    for where, check, inputs in checks:
        try:
            findings += check(**inputs)
        except ParameterError as error:
            raise DataError(f"{where}: {error}") from None
    order = {grade: position for position, grade in enumerate(WORST_FIRST)}
    return Audit(form.paper, tuple(sorted(findings, key=lambda found: order[found.grade])))


def table_findings(form: Form, where: str) -> list[AuditFinding]:
    """What columns and descriptive statistics allow to be checked; ``where`` opens an error's text."""
    found: list[AuditFinding] = []
    for column in form.columns:
        for check in _of_column(column, form):
            try:
                found += check()
            except ParameterError as error:
                raise DataError(f"{where}: {error}") from None
    for variable in form.variables:
        for check in _of_variable(variable):
            try:
                found += check()
            except ParameterError as error:
                raise DataError(f"{where}: {error}") from None
    return found


def _of_column(column: Regression, form: Form) -> Iterator[partial]:
    for row in column.terms:
        yield from _of_term(row, column, form)
    place, n, k = column.place, column.n, column.regressors
    if column.r2 and n is not None and k is not None:
        sizes = {"n": n, "regressors": k, "absorbed": column.absorbed}
        if column.f:
            yield partial(fit_statistics.check_f, place, column.r2, column.f, **sizes)
        if column.adjusted_r2:
            yield partial(fit_statistics.check_adjusted, place, column.r2, column.adjusted_r2, **sizes)
    if column.log_likelihood and column.parameters is not None:
        if column.aic:
            yield partial(
                fit_statistics.check_aic, place, column.log_likelihood, column.parameters, column.aic
            )
        if column.bic and n is not None:
            yield partial(
                fit_statistics.check_bic, place, column.log_likelihood, column.parameters, n, column.bic
            )


def _of_term(row: PrintedRow, column: Regression, form: Form) -> Iterator[partial]:
    place = f"{column.place}, {row.name}"
    term = Term(row.coefficient, row.standard_error, row.stars)
    if row.t:
        yield partial(significance.check_t, place, term, row.t)
    if row.p:
        yield partial(significance.check_p, place, term, row.p, column.df)
    if form.stars:
        yield partial(significance.check_stars, place, term, form.stars, column.df)
    if row.low and row.high:
        yield partial(significance.check_limits, place, term, row.low, row.high, column.level, column.df)


def _of_variable(row: Variable) -> Iterator[partial]:
    if row.min and row.max:
        ends = {"minimum": row.min, "maximum": row.max}
        yield partial(moments.check_moments, row.place, row.n, row.mean, row.sd, **ends)
        if row.sd.value > 0 and row.kind == "any":
            yield partial(moments.check_extremes, row.place, row.n, row.mean, row.sd, **ends)
    if row.kind == "whole":
        yield partial(whole_numbers.check_grimmer, row.place, row.n, row.mean, row.sd, row.items)
    if row.kind == "dummy":
        yield partial(whole_numbers.check_debit, row.place, row.n, row.mean, row.sd)
