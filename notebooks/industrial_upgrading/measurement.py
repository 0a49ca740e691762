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

# %% [markdown]
# # Measurement: from raw tables to the panel
#
# :::{admonition} What came out
# :class: note
# {glue:text}`came-out`
# :::
#
# Every number of this study starts as a row of a raw table: light by township, value added by sector,
# balances of banks, the digital finance index. This chapter turns them into the eight variables of the
# paper's Table 1 and says what was lost on the way.

# %% tags=["parameters"]
data = "twin"  # "twin": the synthetic twin; "public": the public files

# %%
from digital_clusters.analysis.data import load_tables
from digital_clusters.studies.industrial_upgrading.replication import load_panel

tables = load_tables(data)  # raw tables: cities, city_year, lights, …
panel = load_panel(data)  # one row a city and year, nothing imputed
panel

# %% tags=["remove-cell"]
from digital_clusters.measures.indicators.structure import GDP_TOLERANCE
from digital_clusters.report.glue import glue

glue("measurement-n", f"{len(panel.frame):,}")
glue("measurement-cities", panel.n_cities)
glue("measurement-years", "–".join(str(year) for year in panel.years))
glue("measurement-label", panel.label)
glue("measurement-dropped", f"{panel.n_dropped:,}")
glue("measurement-tolerance", f"{GDP_TOLERANCE:.0%}")

# %% [markdown]
# The panel of this page is made from the {glue:text}`measurement-label`: {glue:text}`measurement-cities`
# cities, {glue:text}`measurement-years`, {glue:text}`measurement-n` city-years.
#
# ## Inequality of light within a city
#
# For the $n_i$ townships of city $i$ in year $t$ with radiance $L_{ikt}$ and mean $\bar L_{it}$,
#
# $$
# \mathit{Gini}_{it} = \frac{\sum_{k}\sum_{r} |L_{ikt} - L_{irt}|}{2 n_i^2 \bar L_{it}} .
# $$ (eq-gini)
#
# The double sum is never formed. With the radiances sorted, $L_{(1)} \le \dots \le L_{(n)}$, the same
# number is $\sum_k (2k - n - 1) L_{(k)} / (n^2 \bar L)$. A city with one unit has no inequality to
# measure and is missing, not zero. The double sum, the sorted form and the area under the Lorenz curve, on one
# city in one year:

# %%
import numpy as np
import pandas as pd

import digital_clusters as dc

lights = tables.table("lights").merge(panel.frame[["city", "year", "name"]])
last = lights[lights["year"] == lights["year"].max()]
# units: townships of a city on the twin, counties in public data
units = last[last["city"] == last["city"].min()]
light = units["radiance"].to_numpy()
n, double_sum = len(light), np.abs(light[:, None] - light[None, :]).sum()
units["radiance"].describe().to_frame(f"radiance, {units['name'].iloc[0]} {units['year'].iloc[0]}")

# %%
k, ordered = np.arange(1, n + 1), np.sort(light)
lorenz = np.append(0, ordered.cumsum() / ordered.sum())  # light of the darkest k units
by_hand = {
    "double sum": double_sum / (2 * n**2 * light.mean()),
    "sorted": ((2 * k - n - 1) * ordered).sum() / (n**2 * light.mean()),
    "Lorenz curve": 1 - 2 * np.trapezoid(lorenz, dx=1 / n),
}
pd.DataFrame({"by hand": by_hand, "package": dc.gini(light)})

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: Lorenz curves", "figure": {"caption": "Lorenz curves of light for the most even, the median and the most uneven city-year of the panel. The Gini coefficient is twice the area between the curve and the diagonal.", "name": "fig-measurement-lorenz"}, "image": {"alt": "Three Lorenz curves of light over sub-city units, from nearly the diagonal to strongly bent."}}
from digital_clusters.studies.industrial_upgrading import figures

figures.lorenz_extremes(tables, panel)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure that moves: units and their Gini coefficient"}
from digital_clusters.report.live import live_lorenz

uneven = last.groupby("city")["radiance"].agg(dc.gini).idxmax()  # the most uneven city of the last year
theirs = np.sort(last.loc[last["city"] == uneven, "radiance"])
groups = [part.mean() for part in np.array_split(theirs, min(6, len(theirs)))]
labels = {"title": "A few units and their Gini coefficient", "unit": "Unit", "what": "light"}
live_lorenz(groups, **labels, label=f"at first: means over sixths of the most uneven city, {panel.label}")

# %% [markdown]
# The units matter. The paper takes townships and "DMSP-OLS-like" lights {cite:p}`wu_2021`, which carry an old
# satellite's series forward: from 2013 the images of its successor are converted into what the old one would have seen.
# As published with the article they end in 2019, the paper's sample ends in 2021. Public data have {eq}`eq-gini` over *counties*, of which a
# city has eight in the median, 2013–2020, and a Gini that comes ready made, over the same counties weighted by
# population, from 2001. Levels are not comparable with print; movements over time may be. {doc}`public_data` shows both.
#
# ## Industrial structure
#
# With $P_{ikt}$ the share of sector $k$ in value added, $\mathit{UIL}_{it} = \sum_{k=1}^{3} k P_{ikt}$.
# The shares are renormalised to add to one, and a city-year whose sectors miss its GDP by more than
# {glue:text}`measurement-tolerance` is refused where no second file has figures that fit. For the first city of the panel:

# %%
sectors = [f"value_added_{name}" for name in ("primary", "secondary", "tertiary")]
ours = panel.frame[["city", "year", "uil"]]
raw = tables.table("city_year")[["city", "year", *sectors]].merge(ours)
first = raw[raw["city"] == raw["city"].min()].set_index("year")
shares = first[sectors].div(first[sectors].sum(axis=1), axis=0)
pd.DataFrame({"by hand": shares @ [1, 2, 3], "package": first["uil"]})

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: structure by year", "figure": {"caption": "Index of industrial structure by year: mean, median, and the range from the tenth to the ninetieth percentile of cities.", "name": "fig-measurement-structure"}, "image": {"alt": "Median and quantile bands of the index of industrial structure over the years of the sample."}}
from digital_clusters.report import figures as plots

plots.trend(panel.frame, "uil", ylabel="index of structure, 1 to 3", label=panel.label)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: digital finance by year", "figure": {"caption": "The digital finance index by year. Nearly all of its variation is a common rise.", "name": "fig-measurement-digital"}, "image": {"alt": "Median and quantile bands of the digital finance index, rising steeply over the years of the sample."}}
plots.trend(panel.frame, "difi", ylabel="index points", label=panel.label)

# %% [markdown]
# ## Table 1
#
# The paper's descriptive statistics beside those of the synthetic twin and of the public panel. The twin
# is *calibrated* to the printed values, so agreement there says that the pipeline from raw tables to
# indicators is right, and nothing about the world. The public panel is not calibrated to anything.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: Table 1 on the twin"}
from digital_clusters.analysis.published import load_published
from digital_clusters.studies.industrial_upgrading import tables as shown
from digital_clusters.studies.industrial_upgrading.replication import public_facts

paper = load_published("industrial_upgrading")
shown.twin_moments(paper, load_panel("twin"))

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: Table 1 on public data"}
public = public_facts(data)
shown.public_moments(paper, public)

# %% [markdown]
# ## What the moments do not say
#
# Table 1 pools cities and years. A method that compares a city with itself sees only what is left when the
# means of city and year are taken out, and that is a small part of most variables.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: variance between and within"}
from digital_clusters.studies.industrial_upgrading.panel import INDICATORS

complete = panel.complete(*INDICATORS)
shown.variation(complete)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: correlations", "figure": {"caption": "Correlations of the eight variables over the city-years that have all of them: below the diagonal as they are, above it of what is left when the means of city and year are taken out.", "name": "fig-measurement-correlations"}, "image": {"alt": "Square of correlations: below the diagonal over all city-years, where structure and controls go together; above it within cities and years, where those of structure and controls are smaller."}}
figures.correlation(complete)

# %% [markdown]
# ## What was left out
#
# Nothing is imputed. On the twin a city stays only if every variable is there in every year; the public panel keeps
# every city-year that has all but light, and each regression takes those that have its variables. A city-year
# that lacks several variables is in several lines: {glue:text}`measurement-dropped` distinct ones are gone.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: city-years left out"}
from digital_clusters.analysis.panel_facts import facts

shown.dropped(facts(tables, panel))

# %% [markdown]
# The public files contain errors of many kinds. Those that a stated rule detects are refused, replaced or marked, and
# each case is logged with its file, city, year and value. An error that no rule looks for stays in.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: refusals"}
shown.refusals(public)

# %% [markdown]
# ## What a reader may conclude
#
# * On the twin, the whole way from light and value added to the panel reproduces the printed moments.
# * Of the {glue:text}`extremes` printed extremes of the seven variables other than light, the public panel has
#   {glue:text}`extremes-met` to the last printed decimal; {doc}`public_data` looks for the rest among the values of the
#   public files. That speaks for the same sources. The Gini is over counties, so a public estimate answers a
#   neighbouring question.
# * A printed mean and standard deviation do not pin down a panel: how much of the variation lies
#   between cities and how much within them is not in Table 1, and it decides what the methods find.

# %% tags=["remove-cell"]
from digital_clusters.report.scorecard.sentences import quote_survivors
from digital_clusters.studies.industrial_upgrading import quotes

quote_survivors("industrial_upgrading", "measurement")
quotes.moments_of_table_1()

# %% [markdown]
# :::{admonition} What survives
# :class: tip
# {glue:text}`survives`
#
# *The words*: {glue:text}`survives-words` Line by line: {doc}`/book/scorecard`.
# :::

# %% [markdown]
# ## Exercises
#
# Each has a solution that was executed with this page. *Change this* runs the page with another choice.
#
# :::{admonition} Exercise 1
# :class: tip
# One township has all the light of a city and $n - 1$ have none. What is the Gini coefficient, and what does it
# tend to? Check it for $n = 4$ and $n = 100$.
# :::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Solution 1", "code_prompt_hide": "Hide the solution"}
from digital_clusters.measures.indicators.inequality import gini

for units in (4, 100):
    dark = np.zeros(units)
    dark[0] = 1.0
    print(f"{units} townships: {gini(dark):.3f}, by the formula (n − 1)/n = {(units - 1) / units:.3f}")

# %% [markdown]
# :::{admonition} Exercise 2
# :class: tip
# Which share of the variance of the index of structure lies between the means of cities, over the city-years that have
# all eight variables? What can a method that compares a city with itself still learn?
# :::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Solution 2", "code_prompt_hide": "Hide the solution"}
structure = complete.frame
between = structure.groupby("city")["uil"].transform("mean").var() / structure["uil"].var()
print(
    f"{between:.0%} lies between cities; a method that compares a city with itself has the other {1 - between:.0%},"
    " and with year effects the last column of the table above."
)
