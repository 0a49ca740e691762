"""The files of a new study, with «words» in the place of what is the study's own."""

HEADER = """\
# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

"""

PRINTED = """\
# What the paper prints. Numbers are text, so that the number of decimals survives; those below stand in
# for the paper's until they are replaced. `citation` is a key of book/references.bib.
study: «study»
title: «title»
citation: «study»
doi: ""
cities: 0
first_year: «first»
last_year: «last»
errors: clustered
stars: {"***": 0.01, "**": 0.05, "*": 0.10}

table1:
- variable: «outcome»
  printed_as: Y
  n: 0
  mean: "0.000"
  sd: "1.000"
  min: "0.000"
  max: "0.000"
  section: ""
  page: null

columns:
- key: baseline
  label: Baseline
  table: 1
  column: 1
  section: ""
  page: null
  n: 0
  terms:
  - {term: "«treatment»", coefficient: "0.000", standard_error: "1.000", stars: ""}

hypotheses:
- key: H1
  statement: The effect of «treatment_words» on «outcome_words» is positive.
  predictions:
  - {column: baseline, term: "«treatment»", sign: 1}
"""

INIT = '"""«title»: its specifications, its printed numbers, its pages."""\n'

SPECS = '''\
"""«title», cities «first»–«last». :data:`SPECS` holds every regression of the study by name."""

from digital_clusters.analysis.spec import Spec

STUDY = "«study»"

BASELINE = Spec(
    method="two_way_fixed_effects",
    outcome="«outcome»",
    treatment="«treatment»",
    controls=("population",),
    control_timing="year_before",
    first_year=«first»,
    last_year=«last»,
    errors="clustered",
)

ROBUSTNESS: dict[str, Spec] = {
    "no controls": BASELINE.change(controls=()),
    "controls of the same year": BASELINE.change(control_timing="same_year"),
    "winsorised at 1 %": BASELINE.change(winsorise=0.01),
    "without municipalities": BASELINE.change(exclude_municipalities=True),
}

HETEROGENEITY: dict[str, Spec] = {
    "old industrial bases": BASELINE.change(moderator="is_old_industrial_base"),
}

MECHANISM: dict[str, Spec] = {
    "market demand": BASELINE.change(outcome="market_demand"),
}

SPECS = {"baseline": BASELINE} | ROBUSTNESS | HETEROGENEITY | MECHANISM
"""Every specification of the study by name; a printed column has the name of its specification."""
'''

STUDY = '''\
"""The study of «title» as one record."""

from digital_clusters.analysis.data import load_city_panel
from digital_clusters.analysis.study import Study
from digital_clusters.studies.«study».specs import BASELINE, SPECS, STUDY

«CONSTANT» = Study(key=STUDY, specs=SPECS, public=SPECS, base=BASELINE, panel=load_city_panel)
'''

THEORY = (
    HEADER
    + """\
# %% [markdown]
# # Theory: from «treatment_words» to «outcome_words»
#
# *Question.* What is the effect of «treatment_words» on «outcome_words»?
# *Equation.*
#
# $$
# y_{it} = \\beta d_{it} + \\gamma' x_{i,t-1} + \\alpha_i + \\lambda_t + u_{it}
# $$
#
# with $y$ the outcome, $d$ the treatment, $x$ the controls of the year before, and effects of cities and
# years.

# %%
from digital_clusters.studies.«study».specs import BASELINE

print(*BASELINE.in_words().split("; "), sep="\\n")
"""
)

PARAMETERS = """\
# %% tags=["parameters"]
data = "twin"  # "twin" or "public"

# %%
"""

MEASUREMENT = (
    HEADER
    + """\
# %% [markdown]
# # Measurement: the panel
#
# *Data.* Every city in every year that the source has; nothing is imputed.

"""
    + PARAMETERS
    + """\
from digital_clusters.studies.«study».study import «CONSTANT»

panel = «CONSTANT».panel(data)
panel

# %% [markdown]
# The columns of the baseline over its years:

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: columns of the baseline"}
from digital_clusters.analysis.sample import columns_of, select_sample
from digital_clusters.report.tables import styled
from digital_clusters.sources.columns import words_of

sample = select_sample(«CONSTANT».base, panel)
facts = sample[columns_of(«CONSTANT».base)].describe().T[["count", "mean", "std", "min", "max"]]
facts.index = facts.index.map(words_of).rename("variable")
facts = facts.reset_index().rename(columns={"count": "N", "std": "s.d.", "min": "lowest", "max": "highest"})
styled(facts, title="Columns of the baseline", label=panel.label)
"""
)

BASELINE_PAGE = (
    HEADER
    + """\
# %% [markdown]
# # Baseline: the printed regression
#
# *Question.* What is the effect of «treatment_words» on «outcome_words»?
# *Data.* {doc}`measurement`. *Model.* {doc}`theory`.

"""
    + PARAMETERS
    + """\
import digital_clusters as dc
from digital_clusters.studies.«study».specs import BASELINE
from digital_clusters.studies.«study».study import «CONSTANT»

panel = «CONSTANT».panel(data)
found = dc.fit(BASELINE, panel)
found

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: printed and estimated"}
from digital_clusters.analysis.replication.columns import replicate
from digital_clusters.report.compare import comparison_table, rows_beside_print

rows = rows_beside_print(replicate(«CONSTANT», data=data))
comparison_table(rows, title="Printed coefficients and what the same regressions find")
"""
)

SEVERAL = (
    HEADER
    + """\
# %% [markdown]
# # «heading»
#
# *Question.* «asked» *Data.* {doc}`measurement`.

"""
    + PARAMETERS
    + """\
import digital_clusters as dc
from digital_clusters.studies.«study».specs import «group»
from digital_clusters.studies.«study».study import «CONSTANT»

panel = «CONSTANT».panel(data)
fits = {name: dc.fit(spec, panel) for name, spec in «group».items()}
dc.table(fits, title="«heading»")
"""
)

TESTS = '''\
"""The specifications of «title»: each printed column has one, and each runs on the twin."""

import numpy as np
import pytest

from digital_clusters.analysis.fit import fit
from digital_clusters.analysis.published import load_published
from digital_clusters.analysis.replication.columns import replicate
from digital_clusters.report.compare import comparison_table, rows_beside_print
from digital_clusters.studies.«study».specs import BASELINE, SPECS, STUDY
from digital_clusters.studies.«study».study import «CONSTANT»

PAPER = load_published(STUDY)


def test_every_printed_column_has_a_specification_of_its_years():
    assert {column.key for column in PAPER.columns} <= set(SPECS)
    assert (BASELINE.first_year, BASELINE.last_year) == (PAPER.first_year, PAPER.last_year)
    for hypothesis in PAPER.hypotheses:
        for prediction in hypothesis.predictions:
            assert PAPER.column(prediction.column).term(prediction.term)


@pytest.mark.parametrize("name", SPECS)
def test_a_specification_runs_on_the_twin(name):
    estimate = fit(SPECS[name], «CONSTANT».panel("twin")).estimate
    assert np.isfinite(estimate.coefficients).all() and (estimate.standard_errors > 0).all()


def test_the_printed_number_stands_beside_the_estimate_with_as_many_decimals():
    rows = rows_beside_print(replicate(«CONSTANT»))
    page = comparison_table(rows).as_raw_html()
    for column in PAPER.columns:
        assert all(f"{term.coefficient}{term.stars}" in page for term in column.terms)
    assert all(row.twin is not None and row.published is not None for row in rows)


def test_a_replication_takes_the_choices_of_a_reader():
    (found,) = replicate(«CONSTANT», ["baseline"], overrides={"errors": "robust"})
    assert found.estimates["twin"].errors == "robust"
'''

OWN_DATA = """\

«study»:
  title: «title»
  question: "What is the effect of «treatment_words» on «outcome_words»?"
  parameters: {first_year: «first», last_year: «last», errors: clustered, seed: 20110101}
  chapters:
    baseline:
      - "baseline"
    robustness:
      - "no controls"
      - "controls of the same year"
      - "winsorised at 1 %"
      - "without municipalities"
    heterogeneity:
      - "old industrial bases"
    mechanism:
      - "market demand"
"""

FILES = {
    "data/published/«study».yml": PRINTED,
    "src/digital_clusters/studies/«study»/__init__.py": INIT,
    "src/digital_clusters/studies/«study»/specs.py": SPECS,
    "src/digital_clusters/studies/«study»/study.py": STUDY,
    "notebooks/«study»/theory.py": THEORY,
    "notebooks/«study»/measurement.py": MEASUREMENT,
    "notebooks/«study»/baseline.py": BASELINE_PAGE,
    "notebooks/«study»/robustness.py": SEVERAL,
    "notebooks/«study»/heterogeneity.py": SEVERAL,
    "notebooks/«study»/mechanism.py": SEVERAL,
    "tests/studies/«study»/test_specs.py": TESTS,
}
"""Path below the project → its text."""

SEVERAL_WORDS = {
    "robustness": ("Robustness", "Does the estimate survive other choices?", "ROBUSTNESS"),
    "heterogeneity": ("Heterogeneity", "Where is the effect larger?", "HETEROGENEITY"),
    "mechanism": ("Mechanism", "Through what does it work?", "MECHANISM"),
}
"""Section → heading, question and group of specifications of a page with several regressions."""
