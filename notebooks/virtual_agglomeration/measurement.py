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
# # Measurement: resilience, storefronts, wedges
#
# :::{admonition} What came out
# :class: note
# Public data give resilience for {glue:text}`public-cities` cities, {glue:text}`public-years`, and virtual agglomeration for
# none: what stands in for it are villages on a list and an index of digital finance. In {glue:text}`public-widest` the
# spread of resilience over cities is {glue:text}`public-widest-sd`, in the median year {glue:text}`public-usual-sd`,
# because it divides by the growth of the country. {glue:text}`public-variants`
# :::
#
# The study needs an outcome (resilience), a treatment (virtual agglomeration), two mediators and four
# moderators, one of them in two readings. The formula of its treatment is not public and the records behind it are not either. This
# chapter defines every measure, offers alternatives where a word can be read in more than one way, and says
# for each what public data can give.

# %% tags=["parameters"] limits={"first_year": {"ge": 2008, "le": 2019}, "last_year": {"ge": 2008, "le": 2019, "span": 2}}
data = "twin"  # or "public": public numbers frozen, or made now
first_year = 2008  # of the sample on the twin
last_year = 2019

# %% [markdown]
# Five raw columns of the twin, a row a city and year: real GDP and the capital stock in 100 million yuan;
# employment, residents and internet users in 10,000 persons.

# %%
import numpy as np
import pandas as pd

import digital_clusters as dc

panel, tables = dc.city_panel("twin"), dc.open_source("twin")
raw = tables.table("city_year")
raw[["gdp_real", "employment", "capital_stock", "population", "internet_users"]].describe().round(1)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: what the tables and figures of this page are made with"}
from digital_clusters.report import figures as plots
from digital_clusters.studies.virtual_agglomeration import figures, measures, record
from digital_clusters.studies.virtual_agglomeration.measured import tables as shown
from digital_clusters.studies.virtual_agglomeration.resilience import resilience_facts

public = record.public_measures(data)
both = [resilience_facts(tables), public.resilience]

# %% tags=["remove-cell"]
from digital_clusters.studies.virtual_agglomeration import quotes

for name, facts in zip(("twin", "public"), both, strict=True):
    quotes.facts(name, facts)
quotes.growth_gaps(public.resilience)
quotes.phases(public)

# %% [markdown]
# ## Resilience
#
# {cite:t}`martin_2016` compare a region's change with the change it would have had at the country's rate.
# With $g$ the growth of real GDP over a year and $g_N$ that of the country, the sum of all cities,
#
# $$
# R_{it} = \frac{g_{it} - g_{Nt}}{|g_{Nt}|}, \qquad
# \mathit{gap}_{it} = \Delta \log Y_{it} - \Delta \log Y_{Nt} .
# $$
#
# The first is the *annual response*, in shares of the country's growth: 0.2 is a city that grows by a fifth
# more than the country. The second, the *growth gap* in log points, has no denominator. A third, the
# *composite*, is an entropy-weighted index of the response, the diversity of industries and the industrial
# structure; it exists on the twin only. The first two in code:


# %%
def wide(frame, column):
    return frame.pivot(index="city", columns="year", values=column)


output = wide(raw, "gdp_real")
g, g_nation = output.pct_change(axis=1, fill_method=None), output.sum().pct_change()
response = (g - g_nation) / g_nation.abs()
gap = np.log(output).diff(axis=1) - np.log(output.sum()).diff()
pairs = {"resilience": response, "growth_gap": gap}
rows = {name: [made.stack().std(), wide(panel.frame, name).stack().std()] for name, made in pairs.items()}
pd.DataFrame(rows, index=["by hand", "package"]).T

# %% [markdown]
# Public real GDP, from 2000 on, gives {glue:text}`public-cities` cities over {glue:text}`public-years`:
# {glue:text}`public-n` city-years with a response. Nothing is imputed.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: cities and years with a response"}
shown.spans(both)

# %% [markdown]
# ### Near zero growth the ratio explodes
#
# The response divides by the growth of the country. When that is near zero, a difference of a few points
# becomes a multiple. In {glue:text}`public-widest` public growth was {glue:text}`public-widest-growth` % and
# the spread of the response over cities {glue:text}`public-widest-sd`, against {glue:text}`public-usual-sd`
# in the median year, although the middle 80 per cent of the growth gap spanned {glue:text}`gap-widest` log
# points × 100, in the median year {glue:text}`gap-usual`.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: resilience by year", "figure": {"caption": "Median and middle 80 per cent of cities by year. Above: the annual response. Below: the growth gap, which has no denominator.", "name": "fig-virtual-resilience"}, "image": {"alt": "Four panels. On the twin both measures keep their width. On public data the response flares up in 2020 and 2022 and the growth gap does not."}}
figures.spread(both)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: spread of the response over growth", "figure": {"caption": "Spread of the annual response over the growth of the country, one point a year. Dotted: the median spread of the growth gap divided by growth, which is what a ratio would do by itself.", "name": "fig-virtual-explosion"}, "image": {"alt": "Points that lie high at low growth and low at high growth for public data, along a hyperbola; on the twin the points lie level."}}
figures.explosion(both)

# %% [markdown]
# Three guards are used. A year with national growth below half a per cent in size has no response (none
# occurs); {doc}`robustness` winsorises; and every claim can be read off the growth gap instead. The
# years that flare up lie after the study's last one. The twin does not explode because its cities' growth is
# planted in proportion to the country's, which is an assumption in favour of the ratio.
#
# ### By cycle
#
# *Resistance* is the response over a slowdown, *recoverability* that over a recovery. Which years are which
# is not chosen by hand: windows run between turning points of national growth, and a swing below one point a
# year does not count.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: slowdowns and recoveries"}
shown.windows(both)

# %% [markdown]
# With a higher threshold some windows merge. On public data growth falls almost without break from
# {glue:text}`longest-slowdown`, and a study that needs a crisis and a recovery has {glue:text}`recovery-study` of a
# recovery inside 2008–2019. That is a reason for the annual version, not a merit of it.
#
# For a regression the phases are used year by year: `resistance` is the annual response in years of a slowdown
# and missing in others, `recoverability` that in years of a recovery. Both are outcomes in {doc}`robustness` and,
# on public data, in {doc}`baseline`.

# %% [markdown]
# ## Virtual agglomeration
#
# With $A_{ij}$ the storefronts of industry $j$ open in city $i$, $A_i$, $A_j$ and $A$ their sums over industries,
# over cities and over both, $F_i$ employment and $F$ its sum, $\mathit{LQ}_{ij} = (A_{ij} / A_i) / (A_j / A)$, $P_i$
# residents in units of 10,000 and $d_{ik}$ distance in 100 km:
#
# | | definition | formula | needs |
# |---|---|---|---|
# | V1 | location quotient | $(A_i / F_i) / (A / F)$ | storefronts, employment |
# | V2 | **density**, the default | $\log\bigl((A_i + 1) / P_i\bigr)$ | storefronts, population |
# | V3 | specialisation | $\sum_j \mathit{LQ}_{ij} A_{ij} / A_i$ | storefronts by industry |
# | V4 | exposure | $\log\bigl(A_i + \sum_{k \ne i} A_k e^{-\delta d_{ik}}\bigr)$, $\delta = 1$ | storefronts, coordinates |
# | V5 | information industry | location quotient of employment in industry I | no storefronts |
#
# Each is standardised within the year. The default is density: it needs storefronts and residents only, is
# defined for a city without shops, and until it is standardised its changes are the city's own. None of them is the index of the study, whose formula is not
# public. Density in code, less the mean of the year and over its standard deviation:

# %%
shops = tables.table("city_industry_year").groupby(["city", "year"])["storefronts"].sum().unstack()
density = np.log((shops + 1) / wide(raw, "population")).loc[:, shops.sum() > 0]
density = (density - density.mean()) / density.std(ddof=0)
at = (density.index[0], last_year)
package = wide(panel.frame, "virtual").loc[at]
pd.DataFrame({"by hand": [density.loc[at]], "package": [package]}, index=[f"city {at[0]} in {at[1]}"])

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: storefront density on the map", "figure": {"caption": "Storefront density on the synthetic map in the last year of the sample.", "name": "fig-virtual-map"}, "image": {"alt": "Cities of an invented map coloured from low to high storefront density."}}
figures.density_map(panel, last_year)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure that moves: every city and its series"}
figures.live_density(panel)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: five definitions in one year", "figure": {"caption": "Distribution over cities of the five definitions in the last year of the sample, all with mean zero and s.d. one.", "name": "fig-virtual-definitions"}, "image": {"alt": "Five density curves. Density and exposure are near symmetric, the ratios are skewed to the right, specialisation most."}}
figures.definitions(panel, last_year, measures.SHORT)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: correlations of the definitions", "figure": {"caption": "Correlations of the definitions. Below the diagonal: over cities within the year. Above it: what is left when the mean of the city is removed too, which is all that a fixed-effects regression sees.", "name": "fig-virtual-correlations"}, "image": {"alt": "Square of correlations, one form on each side of the diagonal. Density, location quotient and exposure go together; specialisation goes against density, less so within cities, and the information industry goes with none of them there."}}
two = measures.definition_correlations(panel, first_year, last_year)
plots.correlations(*two, label=panel.label, below="cities within the year")

# %% tags=["remove-cell"]
quotes.definitions(two[1])
quotes.storefronts(shops.loc[:, first_year:last_year])

# %% [markdown]
# Three of the five (density, location quotient, exposure) go together: within cities they correlate with each other by
# {glue:text}`alike-least` or more. Specialisation falls as shops get more, because a handful of shops looks specialised by
# chance: within cities it correlates with density by {glue:text}`with-specialisation`. The information industry does so by
# {glue:text}`with-information`, on the twin, where nothing else was planted: a study that falls back on V5 tests another claim.
#
# ### From records to counts
#
# A platform's records are one row a shop: city, industry, year of opening, year of closing. As a data frame tens
# of millions of rows take gigabytes of memory, so they are never loaded whole. DuckDB reads one Parquet or CSV file
# at a time in bounded memory and returns openings and closings by city, industry and year; the counts of open
# shops are running sums of their difference. Files are independent, so the same query runs on Dask with a
# file a task. Rows that close before they open, name an unknown city, lie in the future or repeat a shop are
# left out, counted by kind and reported.
#
# ```bash
# digital-clusters data storefronts records/*.parquet --out counts.parquet --memory-limit 1GB
# ```

# %% [markdown]
# ### Many zeros
#
# Density adds one to the count before it takes the log. Where most counts are zero a slope of $\log(1 + A)$ is neither
# an elasticity nor near one; Poisson pseudo-maximum likelihood has the log of the *mean* instead, needs no one and
# takes any amount that is not negative {cite:p}`santossilva_tenreyro_2006`. With a planted slope, in a few draws here
# and in many in the table below:

# %%
from digital_clusters.studies.virtual_agglomeration.inference import counts

drawn_on = dc.fit(counts.TRIED, panel)
pd.DataFrame(counts.try_counts(drawn_on, draws=5)).round(2)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: counts with a planted slope"}
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.report.inference import counts as counts_tables
from digital_clusters.report.words import PUBLIC

counted, villages = load_frozen(counts.RECORD).facts, counts.public_counts(data)
counts_tables.zeros_trial_table(counted["trial"], counted["draws"], counts.SLOPE)

# %% tags=["remove-cell"]
counts_tables.quote_counts(villages, counted["trial"])

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: public counts of villages"}
counts_tables.zeros_table(villages, PUBLIC)

# %% [markdown]
# Where most cities have none the log of one plus the count is off by {glue:text}`counts-few-log-bias` and its intervals
# hold the slope in {glue:text}`counts-few-log-coverage`; the log mean is off by {glue:text}`counts-few-mean-bias` and
# holds it in {glue:text}`counts-few-mean-coverage`. With fifty a city they come nearer: {glue:text}`counts-many-log-bias`
# and {glue:text}`counts-many-mean-bias`. The log mean's own intervals fall short of the 95 % that they say: they hold the
# slope in {glue:text}`counts-mean-least` to {glue:text}`counts-mean-most`.
#
# The twin's storefronts are many (a median of {glue:text}`shops-median` a city and year; {glue:text}`shops-none` have
# none), and those of a platform are not public. The public counts are of villages, and {glue:text}`counts-zeros` of
# them are zero: per s.d. of internet users {glue:text}`counts-users-log` by the log of one plus the count and
# {glue:text}`counts-users-mean` by the log mean, per s.d. of digital finance {glue:text}`counts-finance-log` and
# {glue:text}`counts-finance-mean`; {glue:text}`counts-clear` differ from zero at 5 %. As a *treatment* villages enter as the
# log of one plus their number in the other chapters; there it sets the unit and the form of the effect, and zeros do
# not bias it as they do the slope of an outcome.

# %% [markdown]
# ## Resource misallocation
#
# A city's wedge compares its share of a factor with the share that its output calls for
# {cite:p}`chen_hu_2011,hsieh_klenow_2009`. With $K_i$ the factor in the city and $K$ in the country, $s_i$ the city's
# share of output, $\beta_i$ the elasticity of output with respect to the factor and $\beta = \sum_i s_i \beta_i$,
#
# $$
# \gamma_i = \frac{K_i / K}{s_i \beta_i / \beta}, \qquad \tau_i = 1 / \gamma_i - 1 ,
# $$
#
# and misallocation is the mean of $\log |\log(1 + \tau_i)|$ over capital and labour. Public data have no
# capital stock: it comes by perpetual inventory {cite:p}`zhang_wu_zhang_2004` from investment, which ends in
# 2016. With one pair of elasticities for all cities $\beta_i / \beta$ is one:


# %%
def wedge(factor):
    gamma = wide(raw, factor).apply(lambda k: k / k.sum()) / output.apply(lambda y: y / y.sum())
    return 1 / gamma - 1


sizes = [np.log(np.abs(np.log1p(wedge(factor)))) for factor in ("capital_stock", "employment")]
lost = sum(sizes) / len(sizes)
both_ways = [lost.stack().mean(), wide(panel.frame, "misallocation").stack().mean()]
pd.DataFrame([both_ways], columns=["by hand", "package"], index=["mean misallocation"])

# %% [markdown]
# A common pair of elasticities *cancels* in $\gamma$: the numbers do not matter. What matters is whether each
# city has its own. Estimated city by city (constant returns, city and year effects) they change the measure,
# as does the way the stock of capital is made.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: misallocation by each way of measuring it"}
variants = measures.misallocation_variants(tables)
effects = measures.twin_variants(variants, panel, {"first_year": first_year, "last_year": last_year})
shown.variants(measures.variant_facts(variants), effects, public)

# %% tags=["remove-cell"]
quotes.variants(effects, public)

# %% [markdown]
# On the twin the claim has its sign by every variant, {glue:text}`twin-variants`. {glue:text}`public-variants` By digital
# finance, the other stand-in, the coefficients go from {glue:text}`finance-variants`; {glue:text}`finance-clear` of
# {glue:text}`finance-count` have the claimed sign and are different from zero at 5 per cent.

# %% [markdown]
# ## Demand, agglomeration, infrastructure, integration, old bases
#
# * *Market demand*: log retail sales over GDP.
# * *Geographic agglomeration*: log location quotient of manufacturing. Density and the Herfindahl index of a
#   city's industries are made beside it. The index of {cite:t}`ellison_glaeser_1997` describes an *industry*
#   over all its plants; a city has no such number, and none is invented here.
# * *Digital infrastructure*: internet users per resident; mobile subscribers per resident beside them on public
#   data.
# * *Integration*: the abstract does not say what is integrated. Read as *integration with the region* it is
#   membership of the delta council; read as *fusion of digital technology and industry* it is the coupling
#   coordination of internet use and industrial structure. Both are tested.
# * *Old industrial base*: whether the city is on the list of old industrial bases, in all years alike. Of the
#   public list only the total could be confirmed ({doc}`/book/data`).

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: every indicator and its stand-in"}
shown.indicators(data, (first_year, last_year))

# %% [markdown]
# ## What a reader may conclude
#
# * Resilience can be had for {glue:text}`public-cities` public cities over more than two decades. Its usual
#   form is a ratio, and how much cities differ in it depends on how fast the country grows.
# * Virtual agglomeration cannot. Lists of villages name rural clusters above a threshold, for three years;
#   the digital finance index measures payments and credit. Both are stand-ins and are called so wherever they
#   appear.
# * Within cities, definitions of virtual agglomeration are not interchangeable; which one the study used is
#   not known.
# * The public measure of misallocation rests on equal elasticities and on investment data that end in 2016.
