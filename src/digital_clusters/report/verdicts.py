"""Tables and figures of the studies whose papers print no number: claims, verdicts, families of estimates."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from digital_clusters.analysis.claims import Claim, ClaimedStudy
from digital_clusters.analysis.power import Power
from digital_clusters.analysis.scorecard.claimed import public_noises
from digital_clusters.analysis.scorecard.noise import Noise, public_noise
from digital_clusters.estimators.estimate import Coefficient, Estimate
from digital_clusters.report.cautions import cautions
from digital_clusters.report.glue import glue
from digital_clusters.report.results import save
from digital_clusters.report.style import GREEN, canvas, house_style, series, stamp
from digital_clusters.report.tables import styled
from digital_clusters.report.words import MISSING, PUBLIC, TWIN, interval, key_in_words, lines, number

if TYPE_CHECKING:
    from great_tables import GT
    from matplotlib.figure import Figure

ABSTRACT = "the printed abstract"
ESTIMATE = "Estimate [95\u00a0%]"
VERDICTS = (
    "Sign found: the claimed sign, different from zero at 5 %. Right or wrong sign: not different from zero. "
    "Other sign found: the other, different from zero."
)
AT_PUBLIC_NOISE = "Power at public noise, %"
GRADES = {
    "sign stated": "the abstract states the sign",
    "word to be read": "a word has more than one reading",
    "design to be chosen": "the abstract ties no design to it",
}


def claims_table(study: ClaimedStudy, keys: Sequence[str] = ()) -> "GT":
    """What the abstract claims, in our words, and the number that decides each claim."""
    rows = [
        {
            "Claim": claim.statement,
            "Sign": "+" if claim.sign > 0 else "−",
            "Number that decides": claim.unit,
            "How far the text fixes the test": lines(
                GRADES[claim.grade], emphasised=[claim.reading] if claim.reading else []
            ),
        }
        for claim in _chosen(study, keys)
    ]
    markup = ["How far the text fixes the test"]
    return styled(
        pd.DataFrame(rows), "", f"Source: {study.citation}; {study.source}.", ABSTRACT, markup=markup
    )


def verdicts_table(
    study: ClaimedStudy,
    found: Mapping[str, Coefficient],
    planted: Mapping[str, float],
    power: Power,
    keys: Sequence[str] = (),
) -> "GT":
    """Planted size, estimate with interval, verdict, and power of each claim on the twin."""
    rows, noises = [], public_noises(study.study)
    for claim in _chosen(study, keys):
        quantity, over = found[claim.key], power.of(claim.key)
        rows.append(
            {
                "Claim": lines(claim.statement, [claim.unit]),
                "Planted": number(planted[claim.key]),
                ESTIMATE: lines(number(quantity.value), [interval_text(quantity)]),
                "Verdict": quantity.verdict(claim.sign),
                "Power, %": number(100 * over["share_recovered"], 0),
                "Coverage, %": MISSING if over["coverage"] is None else number(100 * over["coverage"], 0),
                AT_PUBLIC_NOISE: _power_at_noise(noises.get(claim.key), planted[claim.key], claim.sign),
            }
        )
    note = (
        f"{VERDICTS} Power and coverage: share of {len(power.seeds)} other synthetic countries in which the "
        "sign is found, and in which the interval holds the planted size. At public noise: share of samples "
        "in which the planted size would be found with the standard error of the public number, and "
        "the effect found in four of five; a s.d. of a stand-in counts for one of what it stands in for."
    )
    footnotes = cautions(
        (place, ESTIMATE, found[claim.key]) for place, claim in enumerate(_chosen(study, keys))
    )
    markup = ["Claim", ESTIMATE, AT_PUBLIC_NOISE]
    return styled(pd.DataFrame(rows), "", note, TWIN, markup=markup, footnotes=footnotes)


def _power_at_noise(noise: Noise | None, size: float, sign: int) -> str:
    """Power in per cent, and below it the detectable effect in the unit of the planted size."""
    if noise is None or not np.isfinite(noise.error):
        return lines(MISSING)
    share = number(100 * noise.power(size, sign), 0)
    return lines(share, [f"detectable {number(noise.detectable)}"])


def public_table(
    study: ClaimedStudy, found: Mapping[str, Coefficient | None], keys: Sequence[str] = ()
) -> "GT":
    """What public data say about each claim, or why they say nothing."""
    rows = []
    for claim in _chosen(study, keys):
        quantity = found[claim.key]
        row = {"Claim": claim.statement, ESTIMATE: MISSING, "Detectable": MISSING, "N": MISSING}
        if quantity is None:
            rows.append(row | {"Verdict": lines("not touched", emphasised=[claim.public_reason])})
            continue
        row[ESTIMATE] = lines(number(quantity.value), [interval_text(quantity)])
        row["Detectable"] = number(public_noise(quantity).detectable)
        row["N"] = number(quantity.n, 0)
        rows.append(row | {"Verdict": lines(quantity.verdict(claim.sign), [claim.public])})
    markup = [ESTIMATE, "Verdict"]
    note = (
        f"{VERDICTS} Below the verdict: the specification. Detectable: effect that is found in four of five "
        "samples at 5 %, 2.8 times what a normal interval of this width has for a standard error."
    )
    footnotes = cautions(
        (place, ESTIMATE, found[claim.key]) for place, claim in enumerate(_chosen(study, keys))
    )
    return styled(pd.DataFrame(rows), "", note, PUBLIC, markup=markup, footnotes=footnotes)


def interval_text(quantity: Coefficient) -> str:
    """An interval in brackets; unbounded ends as infinity."""
    ends = (
        number(end) if np.isfinite(end) else ("−∞" if end < 0 else "∞")
        for end in (quantity.low, quantity.high)
    )
    return "[" + ", ".join(ends) + "]"


def specs_table(
    found: Mapping[str, tuple[Estimate, str]], *, label: str, title: str = "", note: str = ""
) -> "GT":
    """One line a specification: coefficient, error, interval, observations.

    Parameters
    ----------
    found : mapping of str to (Estimate, str)
        Words for the specification → estimate and the term that is shown.
    """
    rows = []
    for words, (estimate, term) in found.items():
        b = estimate.term(term)
        rows.append(
            {
                "Specification": words,
                "Coefficient": number(b.value),
                "S.e.": number(b.error),
                "95 % interval": interval(b.low, b.high),
                "N": number(estimate.n_observations, 0),
            }
        )
    footnotes = cautions((place, "S.e.", estimate) for place, (estimate, _) in enumerate(found.values()))
    return styled(pd.DataFrame(rows), title, note, label, footnotes=footnotes)


@house_style
def specs_figure(
    found: Mapping[str, tuple[Estimate, str]], *, xlabel: str, label: str, truth: float | None = None
) -> "Figure":
    """Coefficients of :func:`specs_table` with 95 per cent intervals, and the planted size as a line."""
    colour, marker = series(label)
    fig, ax = canvas(1.0 + 0.27 * len(found))
    ax.axvline(0, color="#888888", linewidth=1)
    if truth is not None:
        ax.axvline(truth, color=GREEN, linewidth=1.4, linestyle="--", label="planted size")
        fig.legend(loc="outside upper center")
    for place, (estimate, term) in enumerate(found.values()):
        b = estimate.term(term)
        span = [[b.value - b.low], [b.high - b.value]]
        ax.errorbar(b.value, place, xerr=span, fmt=marker, color=colour, markersize=5, capsize=2)
    ax.set_yticks(range(len(found)), list(found))
    ax.set_ylim(len(found) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(xlabel)
    return stamp(fig, label)


@house_style
def verdicts_figure(study: ClaimedStudy, power: Power, keys: Sequence[str] = ()) -> "Figure":
    """Share of synthetic countries in which the sign of each claim is found."""
    claims = _chosen(study, keys)
    colour, _ = series(TWIN)
    fig, ax = canvas(0.9 + 0.3 * len(claims))
    shares = [100 * power.of(claim.key)["share_recovered"] for claim in claims]
    ax.barh(range(len(claims)), shares, color=colour, alpha=0.8, height=0.6)
    ax.axvline(80, color="#888888", linewidth=1, linestyle=":")
    ax.set_yticks(range(len(claims)), [key_in_words(claim.key) for claim in claims])
    ax.set_ylim(len(claims) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
    ax.set(xlabel=f"sign found, % of {len(power.seeds)} countries", xlim=(0, 100))
    return stamp(fig, TWIN)


def save_claims(
    study: ClaimedStudy,
    section: str,
    found: Mapping[str, Coefficient],
    planted: Mapping[str, float],
    public: Mapping[str, Coefficient | None],
) -> None:
    """Write what a page says about claims to the results folder."""
    rows = [
        {
            "claim": claim.key,
            "sign": claim.sign,
            "spec": claim.spec,
            "grade": claim.grade,
            "planted": planted[claim.key],
            "twin": found[claim.key].record() | {"verdict": found[claim.key].verdict(claim.sign)},
            "public": _public_record(claim, public[claim.key]),
        }
        for claim in study.claims
    ]
    save(study.study, section, rows)


def glue_claims(
    found: Mapping[str, Coefficient], planted: Mapping[str, float], keys: Mapping[str, str]
) -> None:
    """Quote claims in prose: ``name-twin``, ``name-interval`` and ``name-planted``.

    Parameters
    ----------
    keys : mapping of str to str
        Name in the prose → key of the claim.
    """
    for name, key in keys.items():
        glue(f"{name}-twin", number(found[key].value))
        glue(f"{name}-interval", interval_text(found[key]))
        glue(f"{name}-planted", number(planted[key]))


def _public_record(claim: Claim, quantity: Coefficient | None) -> dict:
    if quantity is None:
        return {"missing": claim.public_reason}
    return quantity.record() | {"spec": claim.public, "verdict": quantity.verdict(claim.sign)}


def _chosen(study: ClaimedStudy, keys: Sequence[str]):
    return [study.claim(key) for key in keys] if keys else list(study.claims)
