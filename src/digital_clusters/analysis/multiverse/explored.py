"""A multiverse that was estimated, one line a specification, and as it is frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

import pandas as pd

from digital_clusters.analysis.fit import Fit, fit
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.joint_null import influence, joint_tests
from digital_clusters.analysis.multiverse.declared import CLAIM, Multiverse, multiverse_file, read_multiverse
from digital_clusters.analysis.multiverse.points import SpecPoint, plan_points
from digital_clusters.analysis.multiverse.summary import sum_up, what_moves
from digital_clusters.analysis.spec import Spec
from digital_clusters.errors import DataError, MissingTableError, ParameterError
from digital_clusters.estimators.double_ml.partially_linear import SCORE_ERRORS, estimate_partialled_out
from digital_clusters.estimators.estimate import Coefficient
from digital_clusters.measures.panel import Panel

NUMBERS = ("value", "error", "p_value", "n")
"""What is kept of each estimate."""


@dataclass(frozen=True, eq=False)
class Explored:
    """A multiverse that was estimated.

    Attributes
    ----------
    declared : Multiverse
    table : pandas.DataFrame
        A row a point: ``claim``, a column an axis, value, error, p_value, n, and ``problem``: why there is no
        number, else empty.
    joint : pandas.DataFrame
        A row a unit: the splitting columns and the tests of
        :func:`digital_clusters.analysis.joint_null.joint_tests`.
    ruled_out : mapping of str to int
    repeated : int
    """

    declared: Multiverse
    table: pd.DataFrame
    joint: pd.DataFrame
    ruled_out: Mapping[str, int] = field(default_factory=dict)
    repeated: int = 0

    def summary(self) -> pd.DataFrame:
        """A row a unit: see :func:`sum_up`."""
        return sum_up(self.declared, self.table)

    def moves(self) -> pd.DataFrame:
        """A row a unit and choice: see :func:`what_moves`."""
        return what_moves(self.declared, self.table)


def explore(
    declared: Multiverse, panels: Mapping[str, Panel], *, draws: int = 1999, seed: int = 1
) -> Explored:
    """Estimate every point and test each unit's curve as a whole.

    Parameters
    ----------
    declared : Multiverse
    panels : mapping of str to Panel
        By the names that options give; ``public`` where they give none.
    draws : int
        Of the joint test.
    seed : int

    Raises
    ------
    ParameterError
        If an option names a panel that is not there, or a specification is not valid.
    """
    plan = plan_points(declared)
    if missing := {point.panel for point in plan.points} - panels.keys():
        raise ParameterError(f"no panel {', '.join(sorted(missing))}; there are: {', '.join(panels)}")
    rows, moved = [], []
    for point in plan.points:
        row, by_city = _estimated(point, declared.claims[point.choices[CLAIM]].term, panels[point.panel])
        rows.append(row)
        moved.append(by_city)
    table = pd.DataFrame(rows, columns=[CLAIM, *declared.axes, *NUMBERS, "problem"])
    joint = _joint_by_unit(declared, table, moved, draws, seed)
    return Explored(declared, table, joint, plan.ruled_out, plan.repeated)


def _estimated(point: SpecPoint, term: str, panel: Panel) -> tuple[dict[str, Any], pd.Series | None]:
    """The row of a point, and the influence of each city on its number."""
    try:
        found = fit(_learnt(point.spec), panel)
        number = _number(found, point.spec, term)
        by_city = influence(found, term)
    except (DataError, MissingTableError, ParameterError) as error:
        nothing = dict.fromkeys(NUMBERS, float("nan"))
        return {**point.choices, **nothing, "problem": str(error)}, None
    kept = {name: getattr(number, name) for name in NUMBERS}
    return {**point.choices, **kept, "problem": ""}, by_city


def _learnt(spec: Spec) -> Spec:
    """The specification whose fit serves this one too: learning does not depend on the rule of errors."""
    shares = spec.method == "double_machine_learning" and spec.errors in SCORE_ERRORS
    return spec.change(errors="clustered") if shares else spec


def _number(found: Fit, spec: Spec, term: str) -> Coefficient:
    if found.spec == spec:
        return found.term(term)
    return estimate_partialled_out(found.partialled_out, errors=spec.errors).term(term)


def _joint_by_unit(declared, table, moved, draws, seed) -> pd.DataFrame:
    rows = []
    for unit, group in table.groupby(declared.splitting, sort=False):
        usable = [k for k in group.index if moved[k] is not None]
        if not usable:
            continue
        effects = pd.DataFrame({k: moved[k] for k in usable}).fillna(0.0)
        numbers, sign = table.loc[usable], declared.claims[unit[0]].sign
        tests = joint_tests(
            numbers["value"].to_numpy(float),
            numbers["error"].to_numpy(float),
            effects.to_numpy(),
            sign=sign,
            draws=draws,
            seed=seed,
        )
        rows.append(dict(zip(declared.splitting, unit, strict=True)) | tests)
    return pd.DataFrame(rows)


def to_facts(explored: Explored) -> dict[str, Any]:
    """What is frozen of a multiverse: ``facts`` of :func:`digital_clusters.analysis.frozen.freeze`.

    A point is one line of comma-separated values, so that a number that changes is one line that changes;
    six significant digits are kept.
    """
    lines = explored.table.to_csv(index=False, float_format="%.6g").splitlines()
    joint = explored.joint.to_csv(index=False, float_format="%.6g").splitlines()
    return {
        "multiverse": explored.declared.model_dump(mode="json"),
        "ruled_out": dict(explored.ruled_out),
        "repeated": explored.repeated,
        "points": lines,
        "joint": joint,
    }


def from_facts(facts: Mapping[str, Any]) -> Explored:
    """Read what :func:`to_facts` gave, with the claims in the words of today."""
    declared = _in_words_of_today(Multiverse.model_validate(facts["multiverse"]))
    words = dict.fromkeys((CLAIM, *declared.axes, "problem"), str)
    table = pd.read_csv(StringIO("\n".join(facts["points"])), dtype=words, keep_default_na=False)
    numbers = {name: pd.to_numeric(table[name], errors="coerce") for name in NUMBERS}
    joint = pd.read_csv(StringIO("\n".join(facts["joint"])), dtype=dict.fromkeys(declared.splitting, str))
    return Explored(declared, table.assign(**numbers), joint, facts["ruled_out"], facts["repeated"])


def _in_words_of_today(frozen: Multiverse) -> Multiverse:
    """Claims that are decided as they are now declared, in the declared words: words estimate nothing."""
    file = multiverse_file(frozen.study)
    now = read_multiverse(file).claims if file.is_file() else {}
    claims = {}
    for key, claim in frozen.claims.items():
        worded = claim.model_copy(update={"statement": now[key].statement}) if key in now else claim
        claims[key] = worded if worded == now.get(key) else claim
    return frozen.model_copy(update={"claims": claims})


def frozen_multiverse(study: str) -> Explored:
    """The multiverse of a study on public data as it is frozen: a book never explores it again.

    Raises
    ------
    FileError
        If it is not frozen; `digital-clusters freeze <study>.multiverse` makes it.
    """
    return from_facts(load_frozen(f"{study}.multiverse").facts)
