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
# # From theory to hypotheses
#
# :::{admonition} What public data make of it
# :class: note
# {glue:text}`came-out` {glue:text}`on-public-data`
# :::
#
# Does a city whose firms sell on a platform stand shocks better? The abstract of this study
# {cite:p}`virtual_agglomeration` says yes, says for which cities more so, and says by which two ways. It
# prints no number, and its measure of virtual agglomeration is not public. This chapter takes its sentences
# apart into {glue:text}`claims` claims, ties each to a regression that can come out against it, and says what has to be true
# for the regression to speak about an effect.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: what the table and the diagram are made with"}
from digital_clusters.analysis.claims import load_claims
from digital_clusters.report.verdicts import claims_table
from digital_clusters.studies.virtual_agglomeration import figures, tables

study = load_claims("virtual_agglomeration")

# %% tags=["remove-cell"]
from collections import Counter

from digital_clusters.report.glue import glue
from digital_clusters.report.scorecard.sentences import quote_lines, quote_survivors
from digital_clusters.studies.virtual_agglomeration import quotes, record

quotes.phases(record.public_measures())
quote_survivors("virtual_agglomeration", "theory")
quote_lines("virtual_agglomeration", "raises_resilience")
for grade, count in Counter(claim.grade for claim in study.claims).items():
    glue(f"grade-{grade.split()[0]}", count)
glue("claims", len(study.claims))

# %% [markdown]
# ## What the theory hands over
#
# {doc}`../virtual_clusters/theory` solves a model in which distance limits the division of labour, and says
# claim by claim what it implies. Going virtual takes the spatial part of that distance away, so the division
# gets deeper and more buyers are reached. Some things follow for a city under a reading, and two do not.
#
# * *Depth.* Going virtual adds more to the division of labour the more of the spatial distance it takes away.
#   That is the direction of the claim on infrastructure, and of that on fusion if fusion takes more of that
#   distance away; under a condition also of the claim on regional integration, if membership of a council
#   stands for a short psychological distance.
# * *Demand.* Less distance reaches more buyers. That this shows in the city's own retail sales is not
#   implied.
# * *Complements.* Virtual and geographic agglomeration reinforce each other only while virtualisation is
#   incomplete. The claim that they do therefore speaks against complete virtualisation.
# * *Not resilience.* No shock hits that model. That a city with more partners bears shocks better is an
#   assumption of this study, and the first claim rests on it.
# * *Not misallocation.* The model has one factor at one wage: nothing in it can be misallocated.
#
# ## The argument as a diagram

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: the claims as arrows", "figure": {"caption": "The claims as arrows, each with the short name used in the table below. Two arrows through a mediator make one indirect effect. Dashed: what is not seen and moves both platforms and growth, which no claim mentions. Telephones of 1984 are this book's instrument, not the abstract's.", "name": "fig-virtual-diagram"}, "image": {"alt": "Causal diagram. Virtual agglomeration points at resilience, directly and through misallocation and market demand. Four moderators point at the direct arrow: old industrial base, digital infrastructure, integration, geographic agglomeration. Unseen factors point at both ends; telephones of 1984 point at virtual agglomeration only."}}
figures.diagram()

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: arrows and regressions"}
tables.arrows(study)

# %% [markdown]
# ## The claims and how far the text fixes them
#
# A sentence fixes a test to a different degree. {glue:text}`grade-sign` of the {glue:text}`claims` claims are a sign
# stated for a named pair. One sentence says *integration* and does not say of what, so it is read in
# {glue:text}`grade-word` ways. {glue:text}`grade-design` name a mechanism and leave the design open.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: ten claims"}
claims_table(study)

# %% [markdown]
# ## What has to be true
#
# **Two-way fixed effects.** With $R_{it}$ the resilience of city $i$ in year $t$, $V_{it}$ its virtual agglomeration
# in the same year (density of storefronts, in standard deviations over the cities of the year), city effects
# $\alpha_i$, year effects $\tau_t$ and controls $X_{i,t-1}$ of the year before,
#
# $$
# R_{it} = \theta\, V_{it} + X_{i,t-1}'\beta + \alpha_i + \tau_t + \varepsilon_{it} .
# $$ (eq-virtual-baseline)
#
# $\theta$ is an effect if what lifts a city's storefronts in some years above its own average, by more than the
# country's are lifted, has no other way to its growth. What is fixed in a city is removed; what is common to a
# year is removed.
# What changes *in a city over time* is not: entrepreneurs who open shops and also found firms raise $V$ and
# $R$ at once. The controls (income, population, structure, credit, foreign investment) do not measure that.
# Zero leads would be some evidence against a cause that comes earlier, and none against one that comes at the
# same time. Controls of the same year would respond to the outcome itself: income is GDP per head, and
# {doc}`baseline` shows what that does.
#
# What the effects do can be written in four lines: subtract means of city and of year, and regress what is
# left on what is left (in a panel in which every city has every year). Without controls, on the twin:

# %%
import pandas as pd

import digital_clusters as dc

panel = dc.city_panel("twin").complete("resilience", "virtual", years=(2008, 2019), balanced=True)
columns = panel.frame[["resilience", "virtual"]]
means = (columns.groupby(panel.frame[key]).transform("mean") for key in ("city", "year"))
left = columns - sum(means) + columns.mean()
by_hand = left["virtual"] @ left["resilience"] / (left["virtual"] @ left["virtual"])
package = dc.two_way(panel, "resilience", "virtual").term("virtual").value
pd.DataFrame({"by hand": [by_hand], "package": [package]}, index=["θ without controls"])

# %% [markdown]
# **The instrument.** The log of telephone lines of 1984 per head, times internet users per head in the *rest* of
# the country. It moves $V$ if platforms grew first where wires were, and more so as the country went online. The
# exclusion argument in words: *given city and year effects and controls, cities that were better wired in
# 1984 would not have grown differently over the internet years but for their storefronts.* Lines of 1984 were
# laid by administrative plan before platforms existed; the city effect takes out whatever they still do at a
# constant rate. The argument fails if old lines also brought other uses of the internet (offices, telework,
# finance) that raise growth more as the country goes online. No number tests this; on the twin it is true
# because it was planted.
#
# **Mediation.** A product of two coefficients is an indirect effect only under sequential ignorability
# {cite:p}`imai_keele_yamamoto_2010`: the treatment is as good as random given controls and effects, *and so
# is the mediator given the treatment*. A shock that raises retail sales and growth together breaks the second
# part even in an experiment on the first. {doc}`mechanism` shows on the twin how far each failure moves the
# parts.
#
# **Differences between cities.** An interaction compares effects, and everything that differs along with the
# moderator comes along: an old industrial base may also be less wired. The splits are four tests of one idea,
# so {doc}`heterogeneity` corrects for their number.

# %% [markdown]
# ## Three contributions, and what each would need
#
# The abstract names three contributions. Each is a statement about evidence, and can be held against it.
#
# * *It links virtual agglomeration with resilience.* Needed: the first claim, with resilience in a crisis and
#   after it and not only on average. {doc}`robustness` has both on the twin, {doc}`baseline` on public
#   stand-ins, where one slowdown runs from {glue:text}`longest-slowdown` and the study's years hold
#   {glue:text}`recovery-study` of a recovery.
# * *It builds indicators of virtual agglomeration.* Needed: that the indicator measures what the word means,
#   and that results do not hang on it. The formula is not public; {doc}`measurement` compares five, and
#   {doc}`robustness` finds that two of them would report no effect or the opposite.
# * *It finds the paths*, misallocation and demand. Needed: effects of the treatment on both, and of both on
#   resilience with nothing behind them. {doc}`mechanism` shows what the second half takes, and what public data
#   give.

# %% [markdown]
# ## What a reader may conclude
#
# * Ten claims can fail, each by a stated regression. They are not ten independent facts: six are about the
#   size of one effect, four about two mechanisms through which it is said to run.
# * The theory implies none of them about resilience; it gives reasons for the direction of some.
# * None predicts a size. Where this book gives one, it is the size planted in the synthetic twin, which tests
#   the method and says nothing about China.

# %% [markdown]
# ## Exercises
#
# Each has a solution that was executed with this page.
#
# :::{admonition} Exercise 1
# :class: tip
# Take out the means of years only. Which way does the slope move, and what does it compare that $\theta$ does not?
# :::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Solution 1", "code_prompt_hide": "Hide the solution"}
pooled = columns - columns.groupby(panel.frame["year"]).transform("mean")
across = pooled["virtual"] @ pooled["resilience"] / (pooled["virtual"] @ pooled["virtual"])
print(f"years only {across:.4f}, cities and years {by_hand:.4f}")
print("With years alone, cities are compared with each other: all that is fixed in a city enters.")

# %% [markdown]
# :::{admonition} Exercise 2
# :class: tip
# The instrument is telephone lines of 1984 *times* internet users in the rest of the country. Why would the lines
# alone not do in a regression with city effects? Check it with any column that does not change over time.
# :::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Solution 2", "code_prompt_hide": "Hide the solution"}
fixed = columns["virtual"].groupby(panel.frame["city"]).transform("first")  # one number a city
frame = panel.frame[["city", "year"]].assign(fixed=fixed)
rest = fixed - sum(frame.groupby(key)["fixed"].transform("mean") for key in ("city", "year")) + fixed.mean()
print(f"s.d. before {fixed.std():.3f}, largest value left {rest.abs().max():.12f}")
print("City effects leave nothing of it: an instrument has to move within cities.")
