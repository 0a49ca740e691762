"""What the project's paths cost beside what a user would pick instead, read from the record of one run.

``python benchmarks/run.py`` makes the record; CPU seconds are of all threads of a process.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from digital_clusters.analysis.frozen import Frozen, load_frozen

NAME = "benchmarks"
"""Of the frozen file."""

TIES = "ties"
"""Of the frozen file on ties between equal splits."""

MIB_A_GIB = 1024

OBSTACLES: Mapping[str, str] = {
    "two-way regressions": "the rivals are timed on few controls, phack on nested sets of three columns on "
    "average, where this package solves systems of seven",
    "one two-way regression": "within the time the panel is checked and its labels are sorted",
    "spatial Durbin": "the time of this package holds intervals of all effects, which spreg does not make; "
    "at 3,000 units spreg needs more than seven gigabytes, so that the two meet at 1,000",
    "Gini": "pandas is given the sorted form of the coefficient, so that both sort the lights",
    "light notebooks": "each notebook has a kernel that is forked, spoken to and ended, and the command and "
    "the process that forks the kernels each import what they need, which a few notebooks do not earn back",
    "storefront": "the ids of shops are compared over all files within the time and the memory",
    "double machine learning": "both grow as many trees, which takes most of the time",
    "whole book": "the pages' own computing cannot be had again from nothing",
    "claims of a study": "each country is made more than once: the sizes planted in it are found by making "
    "it without them",
}
"""Path → what keeps it from its target, for where it is not met, or its rivals from the same result."""


@dataclass(frozen=True)
class Timed:
    """One way to do the work of a path.

    Attributes
    ----------
    name, version, note : str
    missing : str
        What was not there, or empty; the numbers are zero then.
    pieces : int
        Of work in one call.
    cpu, wall : float
        Seconds of one call, medians.
    peak : float
        Largest memory of the process, MiB.
    gap : float
        Largest difference from what this package found.
    is_equal : bool
        Whether it found what this package found.
    others : int
        Pages of other studies that a build executed.
    """

    name: str
    version: str
    note: str = ""
    missing: str = ""
    pieces: int = 1
    cpu: float = 0.0
    wall: float = 0.0
    peak: float = 0.0
    gap: float = 0.0
    is_equal: bool = False
    others: int = 0

    @property
    def cost(self) -> float:
        """CPU seconds of one piece."""
        return self.cpu / self.pieces


@dataclass(frozen=True)
class Race:
    """A path: this package's way first, then its rivals'.

    Attributes
    ----------
    path, piece : str
    factor : float or None
        How many times the CPU time of the fastest rival is asked for.
    limits : mapping of str to float
        ``a_cpu_second`` and ``a_second``: pieces at least; ``seconds``, ``gib`` and ``others``: at most.
    ways : tuple of Timed
    floor : tuple of (str, float), optional
        A part that this package's way cannot do without, and its CPU seconds by itself.
    parts : mapping
        Of a build: ``count`` of executed pages, seconds of these ``pages``, of their ``cells``, of the making
        of ``html``, and ``longest``: page → seconds.
    agrees : float
        Largest difference that counts as the same result.
    why : str
        Why results may differ as much, and in which unit if it is not relative.
    """

    path: str
    piece: str
    factor: float | None
    limits: Mapping[str, float]
    ways: tuple[Timed, ...]
    floor: tuple[str, float] | None = None
    parts: Mapping[str, Any] = field(default_factory=dict)
    agrees: float = 0.0
    why: str = ""

    @property
    def own(self) -> Timed:
        """This package's way."""
        return self.ways[0]

    @property
    def fastest(self) -> Timed | None:
        """The rival of least CPU time; ``None`` where none was there or none found the same."""
        rivals = [way for way in self.ways[1:] if not way.missing and way.is_equal]
        return min(rivals, key=lambda way: way.cost) if rivals else None

    @property
    def ratio(self) -> float | None:
        """CPU time of the fastest rival over that of this package."""
        return self.fastest.cost / self.own.cost if self.fastest else None

    def targets(self) -> list[tuple[str, str, bool | None]]:
        """Each target: what is asked for, what was measured, whether it is met (``None``: not measured)."""
        found: list[tuple[str, str, bool | None]] = []
        if self.factor is not None:
            ratio = self.ratio
            told = "no rival with this result" if ratio is None else times(ratio)
            found.append((f"{self.factor:,g}×", told, None if ratio is None else ratio >= self.factor))
        return found + self._limits()

    def _limits(self) -> list[tuple[str, str, bool | None]]:
        """Those of the targets that are of this package alone."""
        found: list[tuple[str, str, bool | None]] = []
        rates = {"a_cpu_second": ("a CPU-second", self.own.cpu), "a_second": ("a second", self.own.wall)}
        for key, (words, seconds) in rates.items():
            if key in self.limits:
                rate = self.own.pieces / seconds
                found.append(
                    (
                        f"{self.limits[key]:,g} {words}",
                        f"{_plain_number(rate)} {words}",
                        rate >= self.limits[key],
                    )
                )
        sizes = {"seconds": ("s", self.own.wall), "gib": ("GiB", self.own.peak / MIB_A_GIB)}
        for key, (unit, value) in sizes.items():
            if key in self.limits:
                found.append(
                    (
                        f"under {self.limits[key]:g} {unit}",
                        f"{_plain_number(value)} {unit}",
                        value < self.limits[key],
                    )
                )
        if "others" in self.limits:
            most, value = self.limits["others"], self.own.others
            found.append((f"{most:g} pages of other studies", f"{value} pages", value <= most))
        return found

    @property
    def is_met(self) -> bool | None:
        """Whether every target is met; ``None`` if one was not measured and no other is missed."""
        verdicts = [met for _, _, met in self.targets()]
        return False if False in verdicts else None if None in verdicts else True

    @property
    def obstacle(self) -> str:
        """What stands in the way of a target or of the same result; empty where nothing does or is known."""
        known = [words for start, words in OBSTACLES.items() if start in self.path]
        others = self._other_results()
        if not known or (self.is_met is not False and not others):
            return ""
        return "; ".join([*others, *self._shares(), known[0]])

    def _other_results(self) -> list[str]:
        """By how much rivals differ that did not find the same."""
        told = [f"{way.name} by {way.gap:.2g}" for way in self.ways if not way.missing and not way.is_equal]
        if not told:
            return []
        return [
            f"other results are found: {', '.join(told)}, where {self.agrees:g} counts as equal ({self.why})"
        ]

    def _shares(self) -> list[str]:
        """What the time goes to, as far as it was measured."""
        told = []
        if self.factor and self.fastest and self.fastest.cost < self.factor * self.own.cost:
            asked = self.fastest.cost * self.own.pieces / self.factor
            told.append(f"asked are {asked:,.3g} CPU seconds, it takes {self.own.cpu:,.3g}")
        told += [f"asked: {limit}, measured: {value}" for limit, value, met in self._limits() if met is False]
        if self.floor:
            name, cpu = self.floor
            told.append(f"{name} alone takes {cpu:,.3g}")
        if self.parts:
            longest = ", ".join(f"{page} {seconds:,.0f}" for page, seconds in self.parts["longest"].items())
            count = self.parts["count"]
            told.append(
                f"{'one page takes' if count == 1 else f'{count} pages take'} "
                f"{self.parts['pages']:,.0f} seconds, of which their cells "
                f"{self.parts['cells']:,.0f} (the longest: {longest}), and the pages of the whole book are "
                f"made of them in {self.parts['html']:,.0f}"
            )
        return told


def frozen_races() -> list[Race]:
    """The paths of the record in ``data/results``, in its order."""
    return [_race(facts) for facts in load_frozen(NAME).facts["contests"]]


def machine_sentence(frozen: Frozen) -> str:
    """On what, when, of which code and how busy the machine was."""
    machine = frozen.facts["machine"]
    return (
        f"Measured on {frozen.date[:10]} at commit {frozen.commit} on {machine['system']} with "
        f"{machine['cores']} cores, {machine['gib']:g} GiB and Python {machine['python']}; the average load "
        f"was {machine['load']:g} at the start and {machine['load_at_end']:g} at the end."
    )


def verdict_sentence(races: list[Race], planned: Sequence[str] = ()) -> str:
    """How many paths meet their targets, which do not, and which of the ``planned`` were not measured."""
    met = [race for race in races if race.is_met]
    missed = [race.path for race in races if race.is_met is False]
    open_ones = [race.path for race in races if race.is_met is None]
    words = f"{len(met)} of {len(races)} paths meet every target"
    if missed:
        words += f"; not met: {'; '.join(missed)}"
    if open_ones:
        words += f"; without a rival that was there and found the same: {'; '.join(open_ones)}"
    if unmeasured := [path for path in planned if path not in {race.path for race in races}]:
        words += f"; not measured in this run: {'; '.join(unmeasured)}"
    unequal = [way.name for race in races for way in race.ways if not way.missing and not way.is_equal]
    words += (
        f". Other results than this package's: {', '.join(unequal)}." if unequal else ". All results agree."
    )
    return words


def times(ratio: float) -> str:
    """A ratio of costs to three digits or more, so that what is missed by a little does not read as met.

    Examples
    --------
    >>> times(1.479), times(10.68), times(1314.5)
    ('1.48×', '10.7×', '1,314×')
    """
    decimals = 2 if ratio < 10 else 1 if ratio < 100 else 0
    return f"{ratio:,.{decimals}f}×"


def ties_sentence(found: Mapping[str, float]) -> str:
    """By how much ties move a single run, and what is left in the mean.

    Parameters
    ----------
    found : mapping
        ``draws`` of folds, ``orders`` of columns here, random ``states`` there; ``difference`` of the means
        and its Monte Carlo ``error``; standard deviation of a single run, ``own`` and ``rival``; how far the
        package's own order, ``first``, lies from its mean. All in standard errors of the estimate.
    """
    return (
        "In double machine learning on indicators of cities many splits of a small node gain the same: this "
        "package takes that of the first column, scikit-learn one at random. On the same folds a single run "
        f"then moves by {found['own']:.2f} standard errors (standard deviation over {found['orders']} orders "
        f"of the columns) here and by {found['rival']:.2f} there (over {found['states']} random states). The "
        f"means, over {found['draws']} draws of the folds, differ by {_signed(found['difference'])} standard "
        f"errors, with a Monte Carlo error of {found['error']:.3f}. The package's "
        f"own order of columns lies {_signed(found['first'])} from its mean."
    )


def obstacle_lines(races: list[Race]) -> str:
    """A Markdown list: each path that misses a target, and what stands in the way."""
    lines = [f"* *{race.path}*: {race.obstacle}." for race in races if race.obstacle]
    return "\n".join(lines) or "Nothing: every target that was measured is met."


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")


def _plain_number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _race(facts: Mapping[str, Any]) -> Race:
    names = Timed.__dataclass_fields__
    ways = []
    for row in facts["rows"]:
        known = {key: value for key, value in row.items() if key in names}
        version = row["version"] or "none"
        ways.append(Timed(**known | {"version": version, "is_equal": row.get("equal", False)}))
    floor = facts.get("floor")
    return Race(
        facts["path"],
        facts["piece"],
        facts["factor"],
        facts["limits"],
        tuple(ways),
        (floor["name"], floor["cpu"]) if floor else None,
        facts.get("parts", {}),
        facts["agrees"],
        facts["why"],
    )
