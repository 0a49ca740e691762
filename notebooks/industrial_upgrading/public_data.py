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
# # What public data say: four hypotheses, every declared regression
#
# :::{admonition} What came out
# :class: note
# {glue:text}`came-out`
#
# * {glue:text}`came-out-1`
# * {glue:text}`came-out-2`
# * {glue:text}`came-out-3`
# * {glue:text}`came-out-4`
#
# {glue:text}`came-out-reading`
# :::
#
# The chapters before run the paper's columns. Here the question is turned round: of the ways that a list declares of
# testing each hypothesis on files that anyone can download, how many find it? The list is fixed before
# anything is estimated, no entry is dropped afterwards, and claims are judged by the whole list. Another list could give
# other shares.
#
# ## Which light
#
# Two public series measure how unevenly a city's light is spread. {eq}`eq-gini` of this book, Eq. (1) of the paper, over
# the radiance of counties, unweighted as the paper has it, reaches from 2013 to 2020. A Gini that comes ready made, of the same counties weighted by population, starts in 2001.
# Up to 2013 it jumps: the mean change of a city from one year to the next is {glue:text}`moved-2012` in 2012 and
# {glue:text}`moved-2013` in 2013, and at most {glue:text}`moved-later` in any year since. So the Gini over counties comes first, the ready-made series
# second, and no median is taken over both.

# %%
import pandas as pd

from digital_clusters.analysis.frozen import load_frozen

frozen = load_frozen("industrial_upgrading")  # estimates from public files, kept with the book
series = pd.DataFrame(frozen.facts["series"])
moved = series.pivot(index="year", columns="series", values="movement").loc[2011:]
moved.map("{:.3f}".format, na_action="ignore").fillna("–")

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: how far inequality of light moves", "figure": {"caption": "Mean absolute change of a city's Gini of light from one year to the next, by series. The dashed lines are 2012 and 2013, the last years in which the ready-made series jumps.", "name": "fig-public-movement"}, "image": {"alt": "Two lines by year, one for the ready-made series and one for that over counties; from 2014 on they run together, and before that the ready-made one stands alone and is higher in every year."}}
from digital_clusters.studies.industrial_upgrading import figures

figures.light_movements(series)

# %% [markdown]
# ## The declared list
#
# A file names the claims, the choices with their options, and the combinations that make no sense.

# %%
from digital_clusters.analysis.multiverse.explored import frozen_multiverse

explored = frozen_multiverse("industrial_upgrading")
declared = explored.declared
options = [(name, option) for name, axis in declared.axes.items() for option in axis.options]
pd.DataFrame(options, columns=["choice", "option"]).set_index("choice")

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: claims"}
from digital_clusters.report import multiverse as shown

shown.claims_in_words(explored, title="The claims and what decides them", label="public data")

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: combinations left out"}
shown.left_out_table(explored, title="Combinations left out", label="public data")

# %% [markdown]
# ## The answer
#
# What is said of a claim is arithmetic on the list: the median, the range, shares. By hand for H1:

# %%
h1 = explored.table[explored.table["claim"] == "H1"].assign(
    claimed=lambda t: t["value"] < 0,
    clear=lambda t: (t["value"] < 0) & (t["p_value"] < 0.05),
)
by_hand = h1.groupby("series").agg(
    median=("value", "median"), share_sign=("claimed", "mean"), share_clear=("clear", "mean")
)
package = explored.summary().query("claim == 'H1'").set_index("series")[by_hand.columns]
pd.DataFrame({"by hand": by_hand.stack(), "package": package.stack()})

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: four hypotheses"}
shown.summary_table(explored, title="Four hypotheses on public data", label="public data")

# %% [markdown]
# *H1, a more advanced structure narrows the gap.* Eq. (1): {glue:text}`H1-counties` Ready made: {glue:text}`H1-ready`
#
# *H2, more so after 2015.* Eq. (1): {glue:text}`H2-counties` Ready made: {glue:text}`H2-ready`
#
# *H3, more so where the structure is high.* Eq. (1): {glue:text}`H3-counties` Ready made: {glue:text}`H3-ready`
#
# *H4, more so where digital finance reaches further.* Eq. (1): {glue:text}`H4-counties` Ready made: {glue:text}`H4-ready`

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: all specifications of H1, Eq. (1)", "figure": {"caption": "H1 over counties by Eq. (1): every specification from the lowest to the highest estimate with its 95 per cent interval, and below what was chosen in each.", "name": "fig-public-h1-counties"}, "image": {"alt": "Specification curve of H1 with county lights, with marks below for the options of each choice."}}
counties, ready = declared.axes["series"].options
figures.curve(explored, "H1", counties, ylabel="effect, Gini points\nper unit of structure")

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: all specifications of H1, ready made", "figure": {"caption": "H1 with the ready-made series.", "name": "fig-public-h1-ready"}, "image": {"alt": "Specification curve of H1 with the ready-made Gini, with marks below for the options of each choice."}}
figures.curve(explored, "H1", ready, ylabel="effect, Gini points\nper unit of structure")

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: all specifications of H2", "figure": {"caption": "H2 by Eq. (1): effect after 2015 less that to 2015.", "name": "fig-public-h2"}, "image": {"alt": "Specification curve of H2 with county lights."}}
figures.curve(explored, "H2", counties, ylabel="difference of the effect,\nGini points per unit")

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: all specifications of H3", "figure": {"caption": "H3 by Eq. (1): effect above the median of structure less that below.", "name": "fig-public-h3"}, "image": {"alt": "Specification curve of H3 with county lights."}}
figures.curve(explored, "H3", counties, ylabel="difference of the effect,\nGini points per unit")

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: all specifications of H4", "figure": {"caption": "H4 by Eq. (1): effect in the most digital city-year less that in the least.", "name": "fig-public-h4"}, "image": {"alt": "Specification curve of H4 with county lights."}}
figures.curve(explored, "H4", counties, ylabel="difference of the effect,\nGini points per unit")

# %% [markdown]
# ## Which choices move it

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: choices that move the estimate"}
shown.moves_table(explored, title="Choices that move the estimate", label="public data")

# %% [markdown]
# *First year × year* lets the value that a control has in the first year have a slope of its own in every later one. It
# stands behind the other sign: of the regressions that find H2, H3 or H4 with the other sign and p < 0.05
# {glue:text}`other-counties` over counties and {glue:text}`other-ready` with the ready-made series have these controls.
#
# Errors are a choice too, and one that moves no estimate. Cities of a province, and cities that are near, share shocks
# that a cluster of one city does not see. Conley's errors {cite:p}`conley_1999` let two cities in the same year depend
# on each other with a weight that falls to zero at the distance given, and a city's own years without limit. By row,
# the paper's choice, a city's ten years count as ten cities; HC3 {cite:p}`mackinnon_white_1985` mends what single rows
# pull, Newey and West's errors {cite:p}`newey_west_1987` let near years of a city depend on each other.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: what the rule of errors does"}
shown.error_rules_table(explored, title="The same coefficients under other errors", label="public data")

# %% [markdown]
# ## Every column of the paper on both series
#
# The paper's columns and its referee's, with all five controls where the line does not say otherwise. The words compare
# signs with print. Some are not on the declared list: no control but indicators, halves of the sample, other learners than boosting, means of cities as
# controls. So a sign that the whole list shares need not be shared here: of {glue:text}`outside-count` lines of
# structure without a moderator {glue:text}`outside-counties` are positive over counties and
# {glue:text}`outside-ready` with the ready-made series.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: every frozen estimate"}
from digital_clusters.studies.industrial_upgrading import tables

tables.both_series(frozen)

# %% [markdown]
# ## Which 253 cities
#
# The paper does not name its cities. Table 1 says something about them: all printed extremes of structure, index, credit,
# students, science and income are values of public files to three decimals, so these are the paper's variables, and a city beyond
# an extreme is then not in the sample. Of {glue:text}`sample-candidates` cities with data {glue:text}`sample-excluded` are
# shut out ({glue:text}`sample-excluded-names`), and {glue:text}`sample-certain` must be in, as they alone hold an extreme
# ({glue:text}`sample-certain-names`). One extreme does not fit: the smallest index of structure,
# {glue:text}`sample-least`, is in public files that of Shuangyashan in 2011 alone, and Shuangyashan is shut out by its own
# smaller index of 2012. The paper has some other figure of structure, so the two cities that structure shuts out are less
# sure than the two that the digital index does. Means and standard deviations narrow it no further: from
# {glue:text}`sample-count` random starts an exchange of cities ends in samples that miss no printed mean and no printed
# standard deviation of six variables by more than {glue:text}`sample-gap` standard deviations and share {glue:text}`sample-overlap` of
# their cities with each other; drawn at random they would share {glue:text}`sample-chance`. Over these samples two-way fixed
# effects find {glue:text}`sample-two-way-counties` over counties and {glue:text}`sample-two-way-ready` with the ready-made series; the recipe
# finds {glue:text}`sample-recipe-counties` and {glue:text}`sample-recipe-ready`. Education spending is not among the
# six: no such sample has its printed mean, and its printed minimum is far out ({doc}`robustness`).

# %% tags=["remove-cell"]
from digital_clusters.analysis.published import load_published
from digital_clusters.studies.industrial_upgrading import quotes

quotes.movements(series)
quotes.hypotheses(explored)
quotes.other_sign(explored)
quotes.outside_the_list(frozen)
quotes.possible_cities(frozen.facts["sample"])
quotes.size_of_effect(load_published("industrial_upgrading"))

# %% [markdown]
# ## How large is it, if it is there
#
# One standard deviation of structure times the printed coefficient of Table 2 (2) is {glue:text}`size-effect`
# Gini points, {glue:text}`size-share` of the printed standard deviation of the Gini. The paper's first recommendation, to
# speed upgrading up, rests on an effect of that size.
#
# ## What a reader may conclude
#
# * A claim stands as the table of the four hypotheses says, series by series; where the two series differ, the one that is the paper's
#   formula and has no jumps counts for more.
#   The box below counts that one, with the share of the other beside it. Of H1 the ready-made series says: {glue:text}`H1-ready`
# * *Not detected* is not *absent*: the detectable effect beside it says what these data could have shown.
# * The specifications share cities and years. A share of them is no count of independent votes, which is why the joint p values
#   draw whole cities alike for all of them.
# * The outcome is over counties where the paper has townships. What public data say of the paper they say through that.

# %% tags=["remove-cell"]
from digital_clusters.report.scorecard.sentences import quote_survivors

quote_survivors("industrial_upgrading", "public_data")

# %% [markdown]
# :::{admonition} What survives
# :class: tip
# {glue:text}`survives`
#
# *The words*: {glue:text}`survives-words` Line by line: {doc}`/book/scorecard`.
# :::
