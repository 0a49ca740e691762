"""What public data say of industrial upgrading, as it is frozen."""

from dataclasses import replace
from statistics import median
from typing import Any

from digital_clusters.analysis.data import load_tables, multiverse_panels
from digital_clusters.analysis.multiverse.declared import CLAIM, multiverse_file, read_multiverse
from digital_clusters.analysis.multiverse.explored import explore, to_facts
from digital_clusters.analysis.multiverse.points import plan_points
from digital_clusters.analysis.published import load_published
from digital_clusters.analysis.replication.columns import nearest
from digital_clusters.analysis.sample import select_sample
from digital_clusters.analysis.spec import Spec
from digital_clusters.analysis.study import Study
from digital_clusters.estimators.double_ml.shared_predictions import shared_predictions
from digital_clusters.measures.panel import Panel
from digital_clusters.studies.industrial_upgrading import public_sample
from digital_clusters.studies.industrial_upgrading.planted import planted_effects
from digital_clusters.studies.industrial_upgrading.replication import public_facts
from digital_clusters.studies.industrial_upgrading.specs import PUBLIC_SPECS, READY_MADE

IN_SAMPLES = ("table2.column2", "two-way fixed effects")
"""Specifications that are estimated on each of the samples whose moments are near to the printed ones."""


def everything(study: Study) -> dict[str, Any]:
    """Everything about the public panel that is frozen: the arguments of ``frozen.freeze``.

    Returns
    -------
    dict
        ``estimates`` and ``notes`` by name of the specification, ``facts`` of the panel, ``inputs`` by file.
    """
    panel, tables = study.panel("public"), load_tables("public")
    found = {key: nearest(spec, panel) for key, spec in study.public.items()}
    with shared_predictions():
        estimates = {key: made.estimate for key, (made, _) in found.items()}
    return {
        "estimates": estimates,
        "notes": {key: note for key, (_, note) in found.items() if note},
        "facts": public_facts("public").to_dict()
        | {
            "series": public_sample.light_movements(tables).to_dict("records"),
            "sample": possible_samples(study, panel),
        },
        "inputs": dict(tables.provenance),
    }


def possible_samples(study: Study, panel: Panel) -> dict[str, Any]:
    """Which cities the paper can have, and what its regressions give on samples that fit its moments."""
    paper = load_published(study.key)
    samples = public_sample.fitting_samples(panel, paper)
    estimates = []
    for number, (cities, distance) in enumerate(samples, start=1):
        here = replace(panel, frame=panel.frame[panel.frame["city"].isin(cities)].reset_index(drop=True))
        for key in IN_SAMPLES:
            for ending in ("", READY_MADE):
                estimates.append({"sample": number, "distance": distance} | _line(key + ending, here))
    bounds = public_sample.sample_bounds(panel, paper)
    shared = public_sample.overlap([cities for cities, _ in samples])
    return bounds | {"overlap": shared, "estimates": estimates}


def _line(key: str, panel: Panel) -> dict[str, Any]:
    spec: Spec = PUBLIC_SPECS[key]
    number = nearest(spec, panel)[0].term(spec.treatment)
    return {"spec": key, "value": number.value, "error": number.error, "n": number.n}


def multiverse(study: Study) -> dict[str, Any]:
    """The declared multiverse on public data: the arguments of ``frozen.freeze``."""
    explored = explore(read_multiverse(multiverse_file(study.key)), multiverse_panels(study.panel("public")))
    return {
        "estimates": {},
        "facts": to_facts(explored),
        "inputs": dict(load_tables("public").provenance),
    }


TWIN_SERIES = "Eq. (1) over counties"
"""The one series of lights that the twin has."""


def twin_multiverse(study: Study) -> dict[str, Any]:
    """The declared multiverse on the twin, with what is planted: the arguments of ``frozen.freeze``.

    ``planted`` holds, for each claim, the median over its specifications of the true coefficient in their
    samples.
    """
    declared, panel = read_multiverse(multiverse_file(study.key)), study.panel("twin")
    series = declared.axes["series"]
    only = series.model_copy(update={"options": {TWIN_SERIES: series.options[TWIN_SERIES]}})
    declared = declared.model_copy(update={"axes": {**declared.axes, "series": only}})
    panels = multiverse_panels(panel)
    explored = explore(declared, panels)
    planted: dict[str, list[float]] = {}
    for point in plan_points(declared).points:
        claim = point.choices[CLAIM]
        true = planted_effects(point.spec, select_sample(point.spec, panels[point.panel]))
        planted.setdefault(claim, []).append(true[declared.claims[claim].term])
    medians = {claim: float(median(values)) for claim, values in planted.items()}
    return {
        "estimates": {},
        "facts": to_facts(explored) | {"planted": medians},
        "inputs": {"panel of the twin": panel.hash},
    }
