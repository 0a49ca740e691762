"""Methods for what an estimate assumes: nothing left out, many shocks, an instrument without own effect."""

from collections.abc import Callable

from digital_clusters.report.words import number
from digital_clusters.studies.trials.inference.declared import Facts, TriedMethod, estimate_text

DOUBTS = "virtual_agglomeration.doubts"
_ROBUSTNESS = "virtual agglomeration: robustness"


def _placebo_sizes(rule: str) -> Callable[[Facts], str]:
    def words(facts: Facts) -> str:
        row = next(row for row in facts["placebos"]["twin"] if row["rule"] == rule)
        return (
            f"size {row['independent']:.0%} with independent, {row['persistent']:.0%} with persistent shocks"
        )

    return words


def _omitted_public(facts: Facts) -> str:
    row = next(row for row in facts["public"]["omitted"] if row["design"] == "digital finance")
    return (
        f"{row['design']}: {estimate_text(row['value'], row['error'])}; an omitted variable needs "
        f"{row['robustness']:.1%} of both, δ {number(row['delta'], 1)}"
    )


def _omitted_twin(facts: Facts) -> str:
    trial = facts["omitted_trial"]
    return f"coverage {trial['range']:.0%} of the range to the benchmark, bias {number(trial['bias'])}"


def _shocks_public(facts: Facts) -> str:
    row = facts["public"]["shocks"]
    return f"{estimate_text(row['value'], row['clustered'])} → {estimate_text(row['value'], row['akm'])}"


def _null_public(facts: Facts) -> str:
    row = facts["public"]["shocks"]
    unbounded = all(None in piece for piece in row["null_interval"])
    return f"{estimate_text(row['value'], row['clustered'])} → " + (
        "the set is unbounded" if unbounded else "the set is bounded"
    )


def _own_effects(facts: Facts) -> str:
    last = facts["trial"][-1]
    return (
        f"coverage {last['excluded']:.0%} → {last['allowed']:.0%} where the own effect is "
        f"{last['own']:.0%} of the reduced form"
    )


ON_ASSUMPTIONS: tuple[TriedMethod, ...] = (
    TriedMethod(
        "robustness value, benchmarks and δ",
        "Cinelli & Hazlett 2020; Oster 2019",
        "here",
        "Darfur: 2.2 %, 13.9 %, 7.6 %; a confounder put in and left out; selection of known δ",
        _ROBUSTNESS,
        DOUBTS,
        _omitted_twin,
        _omitted_public,
    ),
    TriedMethod(
        "errors by shocks",
        "Adão, Kolesár & Morales 2019",
        "here",
        "the regression of shocks (Borusyak, Hull & Jaravel 2022) by linearmodels; robust and clustered "
        "errors as special cases; their equation by hand",
        _ROBUSTNESS,
        DOUBTS,
        _placebo_sizes("by shocks"),
        _shocks_public,
    ),
    TriedMethod(
        "errors by shocks, residuals under the null",
        "Adão, Kolesár & Morales 2019",
        "here",
        "ends of the set put into the test",
        _ROBUSTNESS,
        DOUBTS,
        _placebo_sizes("by shocks, residuals under the null"),
        _null_public,
    ),
    TriedMethod(
        "instrument with an effect of its own",
        "Conley, Hansen & Rossi 2012",
        "here",
        "two-stage least squares of the outcome less that effect",
        _ROBUSTNESS,
        DOUBTS,
        _own_effects,
        lambda facts: f"zero is in the interval from an own effect of {facts['public']['breakdown']:.0%} on",
        trial_record="virtual_agglomeration.plausible",
    ),
)
