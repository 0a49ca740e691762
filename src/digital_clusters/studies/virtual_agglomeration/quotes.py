"""Numbers that the chapters on virtual agglomeration quote and save."""

import pandas as pd

from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.panel.mediation import MediationEstimate
from digital_clusters.report.glue import glue
from digital_clusters.report.results import save
from digital_clusters.report.words import interval, number, p_value
from digital_clusters.studies.virtual_agglomeration.record import PublicMeasures
from digital_clusters.studies.virtual_agglomeration.resilience import ResilienceFacts
from digital_clusters.studies.virtual_agglomeration.specs import STUDY
from digital_clusters.studies.virtual_agglomeration.tables import Named, mediation_parts


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


def save_estimates(section: str, found: Named, label: str) -> None:
    """Write the coefficients of a page to the results folder."""
    rows = [
        {"key": key, "term": term, "data": label, "estimate": estimate}
        for key, (estimate, term) in found.items()
    ]
    save(STUDY, section, rows)


def quote(name: str, estimate: Estimate, term: str) -> None:
    """Quote in prose ``<name>`` and ``<name>-interval``."""
    b = estimate.term(term)
    glue(name, number(b.value))
    glue(f"{name}-interval", interval(b.low, b.high))


def placebos(public: PublicMeasures, found: Named) -> None:
    """Quote in prose ``villages-placebo-p`` and ``villages-p``."""
    estimate, term = found["villages"]
    glue("villages-placebo-p", p_value(public.placebos["villages"]["p_value"]))
    glue("villages-p", p_value(estimate.term(term).p_value))


def parts(name: str, found: MediationEstimate) -> None:
    """Quote in prose ``<name>-total``, ``-direct``, ``-first``, ``-second``, ``-share``."""
    total, direct, first, second, both = mediation_parts(found)
    values: dict[str, float] = {"total": total, "direct": direct, "first": first, "second": second}
    for part, value in values.items():
        glue(f"{name}-{part}", number(value))
    glue(f"{name}-share", f"{100 * both / total:.0f} %")
