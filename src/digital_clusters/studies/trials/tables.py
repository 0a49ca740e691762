"""Tables of the pages that try a method on simulated panels."""

from typing import TYPE_CHECKING

import pandas as pd

from digital_clusters.errors import ParameterError
from digital_clusters.report.tables import styled
from digital_clusters.report.words import lines, number
from digital_clusters.studies.trials.spatial import SIZES
from digital_clusters.studies.trials.speed import Race, Timed, times

if TYPE_CHECKING:
    from great_tables import GT

LABEL = "simulated panels"

JOINT_TESTS = {
    "p_median": "size of the median",
    "p_stouffer": "Stouffer's sum of t ratios",
    "p_search": "largest t ratio",
    "p_share": "share clear, claimed sign",
    "p_against": "share clear, other sign",
    "alone": "each specification by itself, mean share",
}
"""Statistic of the joint test → what it is."""


QUANTITIES = {
    "rho": "ρ",
    "direct": "direct effect",
    "indirect": "indirect effect",
    "total": "total effect",
}


FEW, MANY = SIZES


def spatial(results: pd.DataFrame, *, units: int) -> "GT":
    """Bias and coverage of every quantity at one size, by method."""
    shown = results[results["units"] == units]
    frame = pd.DataFrame(
        {
            "Quantity": shown["quantity"].map(QUANTITIES),
            "Method": shown["method"],
            "Truth": shown["truth"],
            "Bias": shown["bias"],
            "Monte Carlo s.e.": shown["bias_error"],
            "Spread": shown["spread"],
            "Mean s.e.": shown["mean_standard_error"],
            "Coverage of 95 %": shown["coverage"].map("{:.0%}".format),
        }
    )
    order = list(QUANTITIES.values())
    frame = frame.sort_values("Quantity", key=lambda column: column.map(order.index), kind="stable")
    return styled(frame, f"Bias and coverage, {units} units", "", LABEL)


def _select(results: pd.DataFrame, quantity: str, units: int) -> pd.DataFrame:
    shown = results[(results["units"] == units) & (results["quantity"] == quantity)]
    if shown.empty:
        raise ParameterError(f"the trial has no {quantity} at {units} units")
    return shown.reset_index(drop=True)


def joint_test(sizes: pd.DataFrame, *, label: str) -> "GT":
    """How often each statistic of the joint test rejects, without an effect and with one, by cities."""
    columns = {}
    for (effect, cities), rows in sizes.groupby(["effect", "cities"]):
        words = "no effect" if effect == 0 else f"effect {effect:.1f} s.d."
        columns[f"{words}, {cities} cities"] = rows.set_index("test").apply(_with_interval, axis=1)
    frame = pd.DataFrame(columns).loc[list(JOINT_TESTS)]
    frame.insert(0, "Statistic", [JOINT_TESTS[test] for test in frame.index])
    first = sizes.iloc[0]
    effective = ", ".join(
        f"{rows['effective'].iloc[0]:.1f} with {cities} cities"
        for cities, rows in sizes[sizes["effect"] == 0].groupby("cities")
    )
    note = (
        f"Share of {first['panels']:,} panels in which p is at most 0.05, with Wilson's 95 % interval. A "
        f"curve has {first['specs']} specifications, worth {effective} (effective number of Li and Ji). "
        "Shares are discrete: their tests may reject less than 5 %."
    )
    title = "Size and power of the joint test of a specification curve"
    return styled(frame.reset_index(drop=True), title, note, label)


def joint_test_rivals(sizes: pd.DataFrame) -> "GT":
    """How often the default test of each package rejects where there is no effect."""
    rows = [
        {"Package": row["tool"], "Statistic": row["test"], "Rejected": _with_interval(row)}
        for _, row in sizes.iterrows()
    ]
    note = (
        f"Share of {sizes['panels'].iloc[0]:,} panels of 60 units and 10 years without an effect in which p "
        "is at most 0.05, with Wilson's 95 % interval. Treatment and errors persist within units. Each "
        "package as it comes; two that absorb no effects of units and years are given columns without them."
    )
    return styled(pd.DataFrame(rows), "", note, "simulated panels")


def _with_interval(row: pd.Series) -> str:
    if pd.isna(row["low"]):
        return f"{row['rejected']:.1%}"
    return f"{row['rejected']:.1%} [{row['low']:.1%}, {row['high']:.1%}]"


def speed(races: list[Race]) -> "GT":
    """Every way of every path: what it costs, how it compares, whether the target is met."""
    rows = []
    for race in races:
        for way in race.ways:
            is_own = way is race.own
            row = {"Path": _raced(race) if is_own else "", "Way": _way(way, is_own)}
            row |= {"CPU seconds": "", "Pieces a CPU-second": "", "Peak MiB": "", "Slower": ""}
            if not way.missing:
                row["CPU seconds"] = f"{way.cpu:,.3g}"
                row["Pieces a CPU-second"] = number(1 / way.cost, _decimals(way.cost))
                row["Peak MiB"] = f"{way.peak:,.0f}"
                row["Slower"] = "1" if is_own else times(way.cost / race.own.cost)
            rows.append(row)
    note = (
        "CPU seconds are medians of one call, of all threads. “Slower” is the CPU time of a piece over that "
        "of this package. A target is met if the fastest rival with the same result takes as many times as "
        "long as asked, and if the limits of time and memory hold."
    )
    title = "Paths beside what a user would pick instead"
    return styled(pd.DataFrame(rows), title, note, "made-up data", markup=["Path", "Way"])


FEW_A_SECOND = 0.05
"""CPU seconds of a piece from which on its speed is told with a decimal."""

HARDLY_ANY_A_SECOND = 10
"""And from which on with three, so that it is not told as zero."""

WHETHER = {True: "met", False: "not met", None: "no rival to compare with"}


def _decimals(cost: float) -> int:
    """Decimals of the pieces a CPU-second of a way whose pieces take so many CPU seconds."""
    if cost < FEW_A_SECOND:
        return 0
    return 1 if cost < HARDLY_ANY_A_SECOND else 3


def _raced(race: Race) -> str:
    """The path, what is asked of it, what is found, and whether that is enough."""
    asked = [f"asked {wanted}, found {found}" for wanted, found, _ in race.targets()]
    return lines(race.path, asked, [WHETHER[race.is_met]])


def _way(way: Timed, is_own: bool) -> str:
    return lines(f"{way.name} {way.version}", [] if is_own else [_remark(way)])


def _remark(way: Timed) -> str:
    if way.missing:
        return f"not run: there is no {way.missing}"
    words = "same result" if way.is_equal else "another result"
    return f"{words}; {way.note}" if way.note else words
