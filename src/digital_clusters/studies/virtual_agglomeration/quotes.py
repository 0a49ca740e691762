"""Numbers that the chapters on virtual agglomeration quote and save."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from digital_clusters.analysis.claims import ClaimedStudy
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.multiverse.explored import Explored
from digital_clusters.analysis.power import Power
from digital_clusters.analysis.scorecard.grades import LEVEL_OF_TESTS
from digital_clusters.analysis.scorecard.noise import FOUR_IN_FIVE, Noise, public_noise
from digital_clusters.estimators.estimate import Coefficient, Estimate
from digital_clusters.estimators.panel.instrumental import InstrumentalEstimate
from digital_clusters.estimators.panel.mediation import MediationEstimate
from digital_clusters.report.glue import glue
from digital_clusters.report.multiverse import STANDINGS, stands
from digital_clusters.report.results import save
from digital_clusters.report.words import MISSING, interval, number, p_phrase, p_value
from digital_clusters.studies.virtual_agglomeration.designs import TIMINGS
from digital_clusters.studies.virtual_agglomeration.measures import COMMON, OWN
from digital_clusters.studies.virtual_agglomeration.record import NAME, PublicMeasures
from digital_clusters.studies.virtual_agglomeration.resilience import ResilienceFacts
from digital_clusters.studies.virtual_agglomeration.specs import BASELINE, SPECS, STUDY
from digital_clusters.studies.virtual_agglomeration.tables import STATED, Named, mediation_parts, shown_term


def facts(name: str, facts: ResilienceFacts) -> None:
    """Quote in prose ``<name>-cities``, ``-years``, ``-n``, ``-widest``, ``-widest-sd``, ``-usual-sd``."""
    years = pd.DataFrame(facts.by_year)
    widest = years.loc[years["response_sd"].idxmax()]
    glue(f"{name}-cities", facts.cities)
    glue(f"{name}-years", f"{years['year'].min()}–{years['year'].max()}")
    glue(f"{name}-n", f"{facts.n:,}")
    glue(f"{name}-widest", f"{widest['year']:.0f}")
    glue(f"{name}-widest-growth", float(100 * widest["national_growth"]), ".1f")
    glue(f"{name}-widest-sd", float(widest["response_sd"]), ".2f")
    glue(f"{name}-usual-sd", float(years["response_sd"].median()), ".2f")


def phases(public: PublicMeasures) -> None:
    """Quote the cycle on public data: ``longest-slowdown``, and years of a recovery in two spans.

    ``recovery-study`` is of the study's years, ``recovery-index`` of those of the digital finance index, both
    such as ``2 years (2021, 2023)``; a window's first year belongs to the phase before it.
    """
    windows = pd.DataFrame(public.resilience.windows)
    slow = windows.loc[windows["phase"] == "slowdown"]
    longest = slow.loc[(slow["end"] - slow["start"]).idxmax()]
    glue("longest-slowdown", f"{longest['start']} to {longest['end']}")
    upturns = windows.loc[windows["phase"] == "recovery", ["start", "end"]].itertuples(index=False)
    years = [year for start, end in upturns for year in range(start + 1, end + 1)]
    for name, spec in {"study": BASELINE, "index": SPECS["digital finance, recovery"]}.items():
        inside = [str(year) for year in years if spec.first_year <= year <= spec.last_year]
        count = f"{len(inside)} year{'' if len(inside) == 1 else 's'}"
        glue(f"recovery-{name}", f"{count} ({', '.join(inside) or 'none'})")


def growth_gaps(public: ResilienceFacts) -> None:
    """Quote how far the middle 80 per cent of the growth gap reach, in log points × 100.

    ``gap-widest`` in the year of the widest response, ``gap-usual`` in the median year.
    """
    years = pd.DataFrame(public.by_year)
    width = 100 * (years["growth_gap_p90"] - years["growth_gap_p10"])
    glue("gap-widest", float(width[years["response_sd"].idxmax()]), ".1f")
    glue("gap-usual", float(width.median()), ".1f")


def storefronts(shops: pd.DataFrame) -> None:
    """Quote storefronts of city-years (cities × years): ``shops-median``, ``shops-none`` (share without)."""
    counts = shops.to_numpy()
    glue("shops-median", f"{np.median(counts):,.0f}")
    glue("shops-none", f"{100 * (counts == 0).mean():.1f} %")


def definitions(within: pd.DataFrame) -> None:
    """Quote correlations within cities: ``alike-least`` of three that count shops, ``with-`` density."""
    counting = ["density", "quotient", "exposure"]
    among = within.loc[counting, counting].to_numpy()
    glue("alike-least", float(among.min()), ".2f")
    for name in ("specialisation", "information"):
        glue(f"with-{name}", float(within.loc["density", name]), ".2f")


def variants(twin: Mapping[str, Estimate], public: PublicMeasures) -> None:
    """Quote misallocation by each way of measuring it: ``twin-variants`` and ``finance-variants``, ranges.

    ``public-variants`` is a sentence on villages; ``finance-clear`` of ``finance-count`` coefficients by
    digital finance have the claimed sign and differ from zero.
    """
    glue("twin-variants", _from_to([found.term("virtual").value for found in twin.values()]))
    names = [row.name for row in public.variants]
    found = {
        words: [public.estimates[f"{words} on misallocation, {name}"].term(term) for name in names]
        for words, term in (("villages", "taobao_villages"), ("digital finance", "digital_finance"))
    }
    values = found["digital finance"]
    glue("finance-variants", _from_to([b.value for b in values]))
    glue("finance-clear", sum(b.value < 0 and b.p_value < LEVEL_OF_TESTS for b in values) or "none")
    glue("finance-count", len(values))
    by_name = dict(zip(names, found["villages"], strict=True))
    own, common = by_name[OWN], by_name[names[0]]
    glue(
        "public-variants",
        f"That villages go with lower misallocation rests on one pair of output elasticities for all cities: "
        f"{number(common.value)} ({number(common.error)}) with {names[0]}, {number(own.value)} "
        f"({number(own.error)}) with {OWN}.",
    )


def _from_to(values: Sequence[float]) -> str:
    return f"{number(min(values))} to {number(max(values))}"


def save_estimates(section: str, found: Named, label: str) -> None:
    """Write the coefficients of a page to the results folder."""
    rows = [
        {"key": key, "term": term, "data": label, "estimate": estimate}
        for key, (estimate, term) in found.items()
    ]
    save(STUDY, section, rows)


CORRECTED = ("holm", "benjamini_hochberg", "romano_wolf")
"""p values of a family of splits that allow for their number."""


def corrected(family: pd.DataFrame) -> None:
    """Quote ``splits-kept`` of ``splits-tested``: whose p value stays at 5 % by every correction."""
    kept = (family[[*CORRECTED]] <= LEVEL_OF_TESTS).all(axis=1)
    glue("splits-kept", int(kept.sum()))
    glue("splits-tested", len(family))


def quote(name: str, estimate: Estimate, term: str) -> None:
    """Quote in prose ``<name>`` and ``<name>-interval``."""
    b = estimate.term(term)
    glue(name, number(b.value))
    glue(f"{name}-interval", interval(b.low, b.high))


def half_the_years(found: Mapping[str, InstrumentalEstimate]) -> None:
    """Quote ``half-wider``: the least width of a robust set with half the years, in that with all of them."""
    widths = {
        name: sum(high - low for low, high in one.anderson_rubin.intervals) for name, one in found.items()
    }
    halves = [width for name, width in widths.items() if name.startswith(("to ", "from "))]
    glue("half-wider", min(halves) / next(iter(widths.values())), ".1f")


def placebos(public: PublicMeasures, found: Named) -> None:
    """Quote in prose ``villages-placebo-p``, ``finance-placebo-p`` and ``villages-p``."""
    estimate, term = found["villages"]
    for name, key in (("villages", "villages"), ("finance", "digital finance")):
        glue(f"{name}-placebo-p", p_value(public.placebos[key]["p_value"]))
    glue("villages-p", p_value(estimate.term(term).p_value))


def public_controls(found: Mapping[str, tuple[Estimate, str]]) -> None:
    """Quote both stand-ins by timing of controls: ``villages-same``, ``-before``, ``-base``, ``-before-n``.

    The same with ``finance``; and ``finance-old``, ``-old-p`` for the split by old industrial bases.
    """
    timings = {"before": "", "same": f", {TIMINGS['same_year']}", "base": f", {TIMINGS['base_year_by_year']}"}
    for name, key in {"villages": "villages", "finance": "digital finance"}.items():
        for word, ending in timings.items():
            estimate = found[f"{key}{ending}"][0]
            _with_error(f"{name}-{word}", estimate.term(estimate.terms[0]))
        glue(f"{name}-before-n", f"{found[key][0].n_observations:,}")
        glue(f"{name}-before-p", p_value(found[key][0].term(found[key][0].terms[0]).p_value))
    old = found["digital finance, old industrial base"][0].term("digital_finance:is_old_industrial_base")
    _with_error("finance-old", old)
    glue("finance-old-p", p_value(old.p_value))
    for word in ("resistance", "recovery"):
        _with_error(f"finance-{word}", found[f"digital finance, {word}"][0].term("digital_finance"))


def _with_error(name: str, b: Coefficient) -> None:
    glue(name, f"{number(b.value)} ({number(b.error)})")


def feedback(found: Mapping[str, Estimate]) -> None:
    """Quote the twin by timing of controls: ``plain-same``, ``-before``, and ``fed-same``, ``-before``."""
    words = {"plain": "no feedback", "fed": "feedback"}
    for name, setting in words.items():
        for word, timing in (("same", "same_year"), ("before", "year_before")):
            _with_error(f"{name}-{word}", found[f"{setting}, {TIMINGS[timing]}"].term("virtual"))


def leads_tests(public: PublicMeasures) -> None:
    """Quote F and p of the public leads: ``leads-before-f``, ``-p``; ``leads-same-``; ``leads-alone-``."""
    keys = {
        "before": "digital finance",
        "same": "digital finance, controls of the same year",
        "alone": "digital finance, no lags",
    }
    for name, key in keys.items():
        glue(f"leads-{name}-f", float(public.leads[key]["statistic"]), ".2f")
        glue(f"leads-{name}-p", p_value(public.leads[key]["p_value"]))


def standings(explored: Explored) -> None:
    """Quote ``standings``, how many sets of the multiverse stand how; ``specifications``, ``units``.

    ``villages-mover`` and ``finance-mover``: the choice that moves the first claim most, and between which
    options.
    """
    words = [stands(row) for _, row in explored.summary().iterrows()]
    glue("units", len(words))
    glue("standings", ", ".join(f"{words.count(word)} {word}" for word in STANDINGS))
    glue("specifications", f"{len(explored.table):,}")
    moves = explored.moves()
    for name, stand_in in {"villages": "villages", "finance": "digital finance"}.items():
        own = moves.loc[(moves["claim"] == f"raises_resilience, {stand_in}") & (moves["outcome"] == STATED)]
        first = own.iloc[0]
        glue(f"{name}-mover", f"{first['choice']} (“{first['lowest']}” against “{first['highest']}”)")


def parts(name: str, found: MediationEstimate) -> None:
    """Quote in prose ``<name>-total``, ``-direct``, ``-first``, ``-second``, ``-share``."""
    total, direct, first, second, both = mediation_parts(found)
    values: dict[str, float] = {"total": total, "direct": direct, "first": first, "second": second}
    for part, value in values.items():
        glue(f"{name}-{part}", number(value))
    glue(f"{name}-share", f"{100 * both / total:.0f} %")


def wedges_of_each_city() -> None:
    """Quote the claim on misallocation if each city has elasticities of its own.

    ``own-elasticities`` is a sentence on villages, ``finance-wedges`` both coefficients by digital finance.
    """
    frozen = load_frozen(NAME).estimates
    kept = frozen[f"villages on misallocation, {OWN}"]
    found = kept.term(kept.terms[0])
    other = {name: frozen[f"digital finance on misallocation, {name}"] for name in (COMMON, OWN)}
    terms = {name: estimate.term(estimate.terms[0]) for name, estimate in other.items()}
    parts = [f"{number(b.value)} ({number(b.error)}) with {name}" for name, b in terms.items()]
    glue("finance-wedges", " and ".join(parts))
    clear = "different" if found.p_value < LEVEL_OF_TESTS else "not different"
    glue(
        "own-elasticities",
        f"Its number rests on one pair of output elasticities for all cities; with {OWN} it is "
        f"{number(found.value)} ({number(found.error)}), {clear} from zero.",
    )


def public_small_p(found: Mapping[str, tuple[Estimate, str]]) -> None:
    """Quote ``small-p``: every public estimate with p < 0.05, so that none is picked, among how many."""
    terms = {key: estimate.term(shown_term(SPECS[key])) for key, (estimate, _) in found.items()}
    clear = {key: b for key, b in terms.items() if b.p_value < LEVEL_OF_TESTS}
    named = "; ".join(
        f"{key}: {number(b.value)} ({number(b.error)}), p {p_phrase(b.p_value)}" for key, b in clear.items()
    )
    listed = f" ({named})" if clear else ""
    glue("small-p", f"{len(clear) or 'none'} of {len(terms)} public estimates have p < 0.05{listed}")


def held_by_villages(claims: Mapping[str, Coefficient | None], first: Coefficient | None) -> None:
    """Quote the splits on public data: ``splits-zero`` of ``splits-public`` intervals hold zero.

    ``splits-least`` and ``-most`` are the detectable differences, ``splits-first`` the coefficient that they
    modify.
    """
    known = [b for b in claims.values() if b is not None]
    detectable = [public_noise(b).detectable for b in known]
    glue("splits-public", len(known))
    glue("splits-zero", sum(b.low <= 0 <= b.high for b in known) or "none")
    glue("splits-least", number(min(detectable)))
    glue("splits-most", number(max(detectable)))
    glue("splits-first", MISSING if first is None else f"{number(first.value)} ({number(first.error)})")


def powers(
    study: ClaimedStudy, power: Power, planted: Mapping[str, float], noises: Mapping[str, Noise]
) -> None:
    """Quote ``weak-names``, claims found less than four times in five, and power at public noise.

    ``noise-weak`` of ``noise-known`` planted sizes would be found less than four times in five with the
    standard error of the public number.
    """
    shares = [(claim.spec, power.of(claim.key)["share_recovered"]) for claim in study.claims]
    weak = [f"{spec} {share:.0%}" for spec, share in shares if share < FOUR_IN_FIVE]
    glue("weak-names", ", ".join(weak) or "none")
    found = [
        noises[claim.key].power(planted[claim.key], claim.sign)
        for claim in study.claims
        if claim.key in noises
    ]
    known = [share for share in found if np.isfinite(share)]
    glue("noise-known", len(known))
    glue("noise-weak", sum(share < FOUR_IN_FIVE for share in known) or "none")


def second_mover(explored: Explored) -> None:
    """Quote ``finance-second``: the choice that moves the first claim by digital finance second most."""
    moves = explored.moves()
    own = moves.loc[(moves["claim"] == "raises_resilience, digital finance") & (moves["outcome"] == STATED)]
    second = own.iloc[1]
    glue("finance-second", f"{second['choice']} (“{second['lowest']}” against “{second['highest']}”)")


def same_number(found: Named) -> None:
    """Quote the range of coefficients that ask for one number: ``same-low`` and ``same-high``."""
    values = [estimate.term(term).value for estimate, term in found.values()]
    glue("same-low", number(min(values)))
    glue("same-high", number(max(values)))


def public_checked(found: Named) -> None:
    """Quote ``public-checked``: which of the public specifications of a page differ from zero."""
    terms = {words: estimate.term(term) for words, (estimate, term) in found.items()}
    clear = [
        f"{words} {number(b.value)} ({number(b.error)})"
        for words, b in terms.items()
        if b.p_value < LEVEL_OF_TESTS
    ]
    listed = f" ({'; '.join(clear)})" if clear else ""
    glue(
        "public-checked",
        f"Of {len(terms)} public specifications of this chapter {len(clear) or 'none'} "
        f"{'differ' if len(clear) > 1 else 'differs'} from zero at 5 %{listed}; villages have "
        f"{number(terms['villages'].value)} ({number(terms['villages'].error)}), digital finance "
        f"{number(terms['digital finance'].value)} ({number(terms['digital finance'].error)}), both with "
        "controls of the year before.",
    )


def rests(countries: pd.DataFrame) -> None:
    """Quote what coefficients have from everything but the effect, over countries: ``rest-ols``, ``rest-iv``.

    Parameters
    ----------
    countries : pandas.DataFrame
        Of ``planted.other_countries``: ``method``, ``rest``; least squares first.
    """
    for name, (_, own) in zip(("ols", "iv"), countries.groupby("method", sort=False)["rest"], strict=True):
        glue(
            f"rest-{name}",
            f"from {number(own.min())} to {number(own.max())}, mean {number(own.mean())}, "
            f"s.d. {number(own.std())}",
        )
