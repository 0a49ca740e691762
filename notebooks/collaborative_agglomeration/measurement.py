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
# # Measurement: co-agglomeration, misallocation, and who is whose neighbour
#
# :::{admonition} What came out
# :class: note
# On public data the wedges on capital and labour between cities cost {glue:text}`loss-public-last` of productivity in
# {glue:text}`loss-public-to`, by a formula that counts every error in capital and employment as a wedge. Misallocation is
# alike among neighbours (Moran's $I$ from {glue:text}`public-misallocation-low` to {glue:text}`public-misallocation-high`,
# different from zero at 5 per cent in {glue:text}`public-misallocation-clear` years), and so is the stand-in for
# co-agglomeration ({glue:text}`public-coagglomeration-low` to {glue:text}`public-coagglomeration-high`,
# {glue:text}`public-coagglomeration-clear`). Co-agglomeration of manufacturing and producer services itself is in no public
# file that the book keeps.
# :::
#
# The paper's outcome, treatment, moderator and weights are named in its abstract and not defined there. This chapter
# says how each is measured here, on the synthetic twin and on public data, what the public stand-ins cannot tell, and
# what misallocation costs.

# %% tags=["parameters"] limits={"first_year": {"ge": 2003, "le": 2020}, "last_year": {"ge": 2003, "le": 2020, "span": 8}, "draws": {"ge": 19}}
data = "twin"  # or "public": public numbers frozen, or made now
first_year = 2004  # of the twin's sample
last_year = 2020
weights = "nearest"  # weights behind Moran's I on the twin
draws = 999  # permutations of whole maps
seed = 20110101  # of the permutations

# %%
import numpy as np
import pandas as pd

import digital_clusters as dc
from digital_clusters.studies.collaborative_agglomeration.specs import BASELINE, mapped, weighted

panel = dc.city_panel("twin")
spec = weighted(BASELINE.change(first_year=first_year, last_year=last_year), weights)
chosen = dc.fit(spec, panel)
sample = chosen.sample
sample[["name", "year", spec.outcome, spec.treatment, spec.moderator]].head()

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: imports of figures and tables, and the record of public data"}
from digital_clusters.analysis.spatial import patterns
from digital_clusters.report import words
from digital_clusters.studies.collaborative_agglomeration import figures
from digital_clusters.studies.collaborative_agglomeration import record as public
from digital_clusters.studies.collaborative_agglomeration.measured import tables

record = public.public_record(data)
real = record["patterns"]

# %% tags=["remove-cell"]
from digital_clusters.report.glue import glue
from digital_clusters.studies.collaborative_agglomeration import quotes

for name, value in (("twin", len(sample)), ("public", real["n"])):
    glue(f"n-{name}", f"{value:,}")
glue("cities-public", real["cities"])
glue("years-twin", f"{first_year}–{last_year}")
glue("years-public", "–".join(map(str, real["years"])))
quotes.years_of_designs()
quotes.with_every_year(record["variants"])

# %% [markdown]
# ## What stands for what
#
# The twin's sample has {glue:text}`n-twin` city-years. Public data give {glue:text}`n-public`:
# {glue:text}`cities-public` real cities, {glue:text}`years-public`. They end with the last year that has investment by
# city; capital after that would be an extrapolation, not data. Each design has its own years:
# the twin's models {glue:text}`years-twin` (controls are of the year before), public curves {glue:text}`years-curve`,
# with digital finance {glue:text}`years-finance`, diffusion of internet users {glue:text}`years-diffusion`; those of each
# measure by itself are in the table.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: measures and what stands for them"}
tables.measures(panel, data)

# %% [markdown]
# ## Co-agglomeration
#
# With $m$ and $s$ the location quotients of manufacturing and of producer services (transport, information, finance,
# business services, research), the index of {cite:t}`chen_liu_zou_2016` is
#
# $$
# c = 1 - \frac{|m - s|}{m + s} + (m + s) .
# $$ (eq-collaborative-coagglomeration)
#
# The first part says how *alike* the two quotients are, the second how *high*. They are on different scales (the first
# lies between 0 and 1, the second has no upper end), and the sum moves mainly with the second: on the twin {glue:text}`height-share` of its variance is the covariance with $m + s$. A
# city can score high with a lot of both or with very much of one.
#
# From employment by industry it takes two steps, the quotients and the index:

# %%
jobs = dc.open_source("twin").table("city_industry_year")
jobs = jobs.pivot_table(index=["city", "year"], columns="industry", values="employment", observed=True)
country = jobs.groupby("year").transform("sum")


def quotient(industries):
    own, all_ = jobs[industries].sum(axis=1), country[industries].sum(axis=1)
    return (own / jobs.sum(axis=1)) / (all_ / country.sum(axis=1))


m, s = quotient(["C"]), quotient(["G", "I", "J", "L", "M"])
by_hand = 1 - (m - s).abs() / (m + s) + (m + s)
package = panel.frame.set_index(["city", "year"])["coagglomeration"]
pd.DataFrame({"m": m, "s": s, "by hand": by_hand, "package": package}).loc[sample["city"].iloc[0]].tail(3)

# %% tags=["remove-cell"]
glue("height-share", f"{by_hand.cov(m + s) / by_hand.var():.0%}")

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: the index over two quotients", "figure": {"caption": "The index over the two location quotients, as lines of equal value, and the city-years of the twin. Dotted: both quotients equal, where the first part of the index is largest.", "name": "fig-collaborative-measurement-index"}, "image": {"alt": "Contour lines of the index with a kink on the diagonal, over a cloud of points, most of them around one for manufacturing and below one for services."}}
figures.index_contours(sample, label=panel.label)

# %% [markdown]
# Public data have employment of cities by industry only in the whole file of the city yearbooks, which a reader fetches
# from its own host ({doc}`/book/data`): nineteen industries in whole 10,000 persons, so that quotients of small
# industries move in steps. Without it the claims on manufacturing and producer services themselves stay untouched. The
# stand-in applies {eq}`eq-collaborative-coagglomeration` to
# the value added of the secondary and the tertiary sector. It cannot tell manufacturing from mining and building, or
# producer services from shops and government; and since the two sectors and agriculture add up to GDP, a high index
# is above all a small agriculture. Its cities lie in a narrower range, most of which is fixed in a city.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: means and quantiles by year"}
columns = {"coagglomeration": "co-agglomeration", "misallocation": "log misallocation"}
twin_trends = {column: public.trend_record(sample, column) for column in columns}

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: both measures by year", "figure": {"caption": "Co-agglomeration and misallocation by year: mean (dots), median (dashed) and the middle four fifths of cities. Left the twin, right public data, where the index is of two sectors.", "name": "fig-collaborative-measurement-trends"}, "image": {"alt": "Four panels of bands over years: the two measures on the synthetic twin and on public data."}}
figures.trends({words.TWIN: twin_trends, words.PUBLIC: real["trend"]}, columns)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: map of the twin's index", "figure": {"caption": "Mean co-agglomeration of the fictional cities.", "name": "fig-collaborative-measurement-map-twin"}, "image": {"alt": "Points on an invented map, coloured by co-agglomeration."}}
figures.twin_map(sample)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: map of the public index", "figure": {"caption": "Mean index of two sectors of real cities, at their centroids. The grey line joins ports and capes of the mainland and stands for the coast; crosses are cities to read the map by. Borders are not drawn, unless the optional package cnmaps is installed: then outlines of provinces take the place of both.", "name": "fig-collaborative-measurement-map-public"}, "image": {"alt": "Points at the centroids of Chinese cities, coloured by the two-sector index, highest along the coast."}}
figures.public_map(record)

# %% [markdown]
# ## Digital technology
#
# The abstract does not define it. Here it is internet users per 10 residents, on the twin and on public data, where
# statistical yearbooks count subscribers from 2003 on with gaps: the balanced panel of {glue:text}`internet-years` has
# {glue:text}`internet-cities` cities if internet users are asked for, {glue:text}`all-cities` if they are not.
# A second public moderator is the digital finance index, from 2011, standardised within the year: it says who is ahead
# in a year, not how far technology has come. The two are never compared in size.
#
# ## Misallocation
#
# After {cite:t}`chen_hu_2011` the wedge on a factor compares a city's share of the country's factor with its share of
# output. With shares $y_i$ of real output, $k_i$ of capital and $l_i$ of labour, and the same elasticity everywhere,
#
# $$
# 1 + \tau_{K i} = \frac{y_i}{k_i}, \qquad
# M_i = \tfrac12 \Bigl( \log \bigl|\log (1 + \tau_{K i})\bigr| + \log \bigl|\log (1 + \tau_{L i})\bigr| \Bigr) ,
# $$
#
# where the wedge on labour, $\tau_{L i}$, has $l_i$ in place of $k_i$. By hand, from the raw columns of a year:

# %%
raw = dc.open_source("twin").table("city_year")
raw = raw[raw["year"] == last_year].set_index("city")
share = raw[["gdp_real", "capital_stock", "employment"]].apply(lambda x: x / x.sum())
wedge = np.log(share[["gdp_real"]].to_numpy() / share[["capital_stock", "employment"]])  # log(1 + τ)
log_size = np.log(wedge.abs()).mean(axis=1)
package = panel.frame.query("year == @last_year").set_index("city")["misallocation"]
pd.DataFrame({"capital wedge": wedge.iloc[:, 0], "labour wedge": wedge.iloc[:, 1]}).assign(
    **{"by hand": log_size, "package": package}
).head(3)

# %% [markdown]
# The outcome $M$ is the log of the size of a log wedge: $\log(1 + \tau)$ treats twice as much and half as much alike,
# which $\tau$ itself does not, and its log makes an effect a relative change of the wedges. Where a table says *size*
# the outcome is $|\tau|$ (of capital, of labour, or the mean of the two). The logarithm has a price: a city whose wedge
# changes sign passes through minus infinity, and cities near zero weigh heavily. {doc}`robustness` repeats the study with the level.
#
# Capital is observed on the twin. On public data it is made by perpetual inventory from investment, deflated by the
# implicit price of output; employment is urban only. Both are proxies, and errors in them enter the wedges directly.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: moments of the measures"}
moments = public.moments(sample, public.MOMENTS)
tables.moments(
    {words.TWIN: moments, words.PUBLIC: real["moments"]}, {words.TWIN: len(sample), words.PUBLIC: real["n"]}
)

# %% tags=["remove-cell"]
quotes.within(moments, real["moments"])

# %% [markdown]
# ## What misallocation costs
#
# With goods of cities put together by a constant elasticity of substitution $\sigma$ and $\alpha$ the elasticity of output
# with respect to capital, revenue productivity $r_i = y_i / (k_i^{\alpha} l_i^{1 - \alpha})$ would be one everywhere in the allocation that makes most of capital and
# labour. The country's loss of productivity against it is {cite:p}`hsieh_klenow_2009`
#
# $$
# 1 - \Bigl( \sum_i y_i\, r_i^{\sigma - 1} \Bigr)^{-1/(\sigma - 1)} .
# $$

# %%
from digital_clusters.measures.indicators.misallocation import efficiency_loss

alpha, sigma = 0.5, 3.0
r = share["gdp_real"] / (share["capital_stock"] ** alpha * share["employment"] ** (1 - alpha))
lost = 1 - (share["gdp_real"] * r ** (sigma - 1)).sum() ** (-1 / (sigma - 1))
losses = efficiency_loss(dc.open_source("twin").table("city_year"), alpha, substitution=sigma)
package = losses.set_index("year").loc[last_year, "loss"]
pd.DataFrame({"by hand": lost, "package": package}, index=[f"share of productivity lost, {last_year}"])

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: what misallocation costs", "figure": {"caption": "Share of productivity that unequal returns of capital and labour between cities cost, by year; elasticity of substitution 3, equal shares of the factors.", "name": "fig-collaborative-measurement-loss"}, "image": {"alt": "Two lines over years. That of the synthetic twin falls; that of public data falls until 2006, rises until 2012 and drops in 2013."}}
figures.losses({words.TWIN: losses, words.PUBLIC: pd.DataFrame(public.public_loss(data))})

# %% tags=["remove-cell"]
quotes.losses({"twin": losses, "public": pd.DataFrame(public.public_loss(data))}, real["years"])

# %% [markdown]
# On the twin the loss is {glue:text}`loss-twin-first` in {glue:text}`loss-twin-from` and {glue:text}`loss-twin-last` in
# {glue:text}`loss-twin-to`; on public data {glue:text}`loss-public-first` in {glue:text}`loss-public-from`, when the
# inventory of capital begins, and {glue:text}`loss-public-last` in {glue:text}`loss-public-to`. In {glue:text}`years-public`
# it lies between {glue:text}`loss-public-low` ({glue:text}`loss-public-low-year`) and {glue:text}`loss-public-high`
# ({glue:text}`loss-public-high-year`); employment is defined anew in 2013. So misallocation does cost productivity, by
# definition where factors earn unequally; how much hangs on $\sigma$ and on every error in capital and urban
# employment, which this formula counts as wedges.
#
# ## What is left to explain
#
# The last column of the table of moments matters most for what follows: only what is left once means of cities and
# years are removed can speak in a regression with city and year effects. In public data its standard deviation is
# {glue:text}`within-index` times that of the twin for the index and {glue:text}`within-misallocation` times for log
# misallocation: less of the treatment against more of the outcome, which makes public estimates less precise.
#
# ## Spatial weights
#
# Five kinds, rows summing to one. The abstract names none; the baseline here uses the five nearest cities, which is also how neighbours are planted in
# the twin. Fictional cities have no borders; their contiguity is the Gabriel graph {cite:p}`gabriel_sokal_1969`.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: spatial weights"}
both = {
    words.TWIN: patterns.weights_rows(patterns.every_weights(chosen)),
    words.PUBLIC: real["weights"],
}
tables.weights(both)

# %% [markdown]
# A city without a neighbour on the list of borders would drop out of every spatial lag. The rule here links it with
# the nearest city, and the table counts how often that was needed.
#
# ## Are neighbours alike
#
# Moran's $I$ {cite:p}`moran_1950` compares each city with the mean of its neighbours; the band holds what is found
# when the values are shuffled over the map {cite:p}`cliff_ord_1981`. With rows of $W$ that sum to one it takes three
# lines:

# %%
x = sample.loc[sample["year"] == last_year, "misallocation"].to_numpy()
z = x - x.mean()
moran = z @ (chosen.weights.matrix @ z) / (z @ z)

found = dc.moran(
    panel.complete("misallocation", years=(last_year, last_year)),
    "misallocation",
    weights=chosen.weights,
    permutations=draws,
    seed=seed,
)
pd.DataFrame({"by hand": moran, "package": found["moran"].iloc[0]}, index=[f"Moran's I, {last_year}"])

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: Moran's I by year and local clusters on the twin"}
morans = patterns.moran_tables(chosen, mapped(), permutations=draws, seed=seed)
local = {"misallocation": public.cluster_record(chosen, "misallocation")}

# %% tags=["remove-cell"]
quotes.patterns({"twin": (morans, local), "public": (real["moran"], real["clusters"])})

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: Moran's I on the twin", "figure": {"caption": "Moran's I on the twin by year. The band is of the first series.", "name": "fig-collaborative-measurement-moran-twin"}, "image": {"alt": "Two lines of Moran's I over years on the synthetic twin, with a grey band around zero."}}
figures.moran(morans, words.TWIN)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: Moran's I in public data", "figure": {"caption": "The same on public data, where co-agglomeration is the index of two sectors.", "name": "fig-collaborative-measurement-moran-public"}, "image": {"alt": "Two lines of Moran's I over years on public data, with a grey band around zero."}}
figures.moran(real["moran"], words.PUBLIC)

# %% [markdown]
# On the twin Moran's $I$ of misallocation lies between {glue:text}`twin-misallocation-low` and
# {glue:text}`twin-misallocation-high` and differs from zero at 5 per cent in {glue:text}`twin-misallocation-clear`
# years; that of co-agglomeration lies between {glue:text}`twin-coagglomeration-low` and
# {glue:text}`twin-coagglomeration-high` ({glue:text}`twin-coagglomeration-clear`). In public data the index of two
# sectors is much more alike among neighbours: {glue:text}`public-coagglomeration-low` to
# {glue:text}`public-coagglomeration-high` ({glue:text}`public-coagglomeration-clear`); misallocation
# {glue:text}`public-misallocation-low` to {glue:text}`public-misallocation-high`
# ({glue:text}`public-misallocation-clear`).
#
# Moran's $I$ sees likeness and not its cause. Neighbours that influence each other, neighbours with the same history
# and neighbours with the same omitted industry give the same number.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: local clusters on the twin", "figure": {"caption": "Local Moran of mean log misallocation on the twin, cities tested one by one.", "name": "fig-collaborative-measurement-local-twin"}, "image": {"alt": "Invented map; most cities grey, some coloured as clusters of high or low misallocation."}}
figures.twin_clusters(sample, local["misallocation"])

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: local clusters in public data", "figure": {"caption": "Local Moran of mean log misallocation in public data, cities tested one by one. Line and crosses as in the map of the index.", "name": "fig-collaborative-measurement-local-public"}, "image": {"alt": "Map of Chinese cities; most grey, some coloured as clusters of high or low misallocation."}}
figures.public_clusters(record, "misallocation")

# %% [markdown]
# One by one, {glue:text}`twin-misallocation-clustered` fictional cities are in a cluster {cite:p}`anselin_1995`,
# where {glue:text}`twin-misallocation-chance` would be by chance alone; with the false discovery rate bounded at the
# same level, {glue:text}`twin-misallocation-left` are left. In public data {glue:text}`public-misallocation-clustered`
# cities are in a cluster, where {glue:text}`public-misallocation-chance` would be by chance, and
# {glue:text}`public-misallocation-left` are left. A map of clusters that were tested one by one shows regions where there may
# be none.
#
# ## What a reader may conclude
#
# * The index adds likeness and height; the abstract's "collaboration" is the first, its variation is mostly the
#   second.
# * Public data hold a coarse proxy of the treatment, the outcome by perpetual inventory up to 2016, internet users of
#   some cities, and real places and borders. What is estimated from them answers a neighbouring question.
# * Innovation capability, which the abstract lets rise from the centre to the periphery, is not measured here: no file
#   of the public sources has patents or inventors by city. Science expenditure stands in for it in {doc}`mechanism`.
# * Neighbours are alike in both measures on public data, in misallocation alone on the twin. That is a reason to let a model have spatial terms, and no evidence of spillovers.
