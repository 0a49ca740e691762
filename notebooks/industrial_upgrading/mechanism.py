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
# # Mechanism: does digitalisation change the effect
#
# :::{admonition} What came out
# :class: note
# {glue:text}`came-out`
#
# * {glue:text}`came-out-1`
# * {glue:text}`came-out-2`
# * {glue:text}`came-out-3`
# * {glue:text}`came-out-4`
# * {glue:text}`came-out-5`
# * {glue:text}`came-out-6`
#
# {glue:text}`came-out-reading`
# :::
#
# Table 6 interacts the treatment with the digital finance index. The first column centres both; the
# second scales the index to $[0, 1]$ first. The two are the same regression in other units, so a
# difference between them beyond the unit is one of draws: of the folds, or of how a learner decides between equal splits.

# %% tags=["parameters"] limits={"errors": ["robust", "clustered"]}
data = "twin"  # "twin" or "public": the data behind the figures
learner = "gradient_boosting"  # learner of the nuisance functions
folds = 5  # the paper's "1:4"
repeats = 1  # repeated cross-fittings, median taken
errors = "robust"  # covariance rule
seed = 20110101  # of folds and learners

# %% [markdown]
# ## How the numbers are made
#
# Load the panel, say the second column, fit it. The paper's recipe is {glue:text}`recipe-paper`.
# {glue:text}`recipe-changes`

# %%
import digital_clusters as dc
from digital_clusters.analysis.sample import adapt
from digital_clusters.studies.industrial_upgrading.replication import PRINTED, load_panel
from digital_clusters.studies.industrial_upgrading.specs import COLUMNS

panel = load_panel(data)
panel

# %%
recipe = {"learner": learner, "folds": folds, "repeats": repeats, "errors": errors, "seed": seed}
spec, _ = adapt(COLUMNS["table6.column2"].change(**recipe), panel)
print(*spec.in_words().split("; "), sep="\n")

# %%
found = dc.fit(spec, panel)
found

# %% tags=["remove-cell"]
from digital_clusters.report.spoken.recipes import quote_recipe

quote_recipe(spec, COLUMNS["table6.column2"])

# %% [markdown]
# Treatment, product and index are each partialled out on controls, cities and years; the outcome's
# residual is then regressed on the three residuals together. With the residuals of the fit:

# %%
import numpy as np
import pandas as pd

from digital_clusters.report.words import number

parts = found.partialled_out  # outcome and the three regressors less what the learner predicts
slopes, *_ = np.linalg.lstsq(parts.treatments[0], parts.outcome[0])
pd.DataFrame({"by hand": slopes, "package": found.estimate.repetitions[0]}, index=parts.terms)

# %% [markdown]
# ## Estimates

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: Table 6"}
from digital_clusters.analysis.replication.columns import replicate
from digital_clusters.report.compare import comparison_table
from digital_clusters.studies.industrial_upgrading import tables

moderated = replicate(PRINTED, [key for key in COLUMNS if key.startswith("table6")], data, recipe)
rows = tables.rows_of(moderated)
comparison_table(rows, title="Table 6: moderation by the digital finance index", decimals=4)

# %% tags=["remove-cell"]
from digital_clusters.studies.industrial_upgrading import quotes

quotes.save_rows("mechanism", moderated)
quotes.rows(rows, {"product": "Table 6 (2)|uil:difi"})

# %% [markdown]
# A coefficient per index point is small because an index point is small. In the normalised column the
# product's coefficient is {glue:text}`product-twin` on the twin, {glue:text}`product-public` on public data
# and {glue:text}`product-published` in print: the difference in effect between the least and the most digital
# city-year of the sample.
#
# ## The effect over the index
#
# The coefficient of the treatment alone is the effect at the *mean* of the index. What the hypothesis is
# about is the whole line: at the value $m$ of the index (scaled and centred) the effect is
# $\theta + \gamma m$, with variance $V_{\theta\theta} + 2 m V_{\theta\gamma} + m^2 V_{\gamma\gamma}$.

# %%
index, quantiles = found.sample["difi"], [0.1, 0.5, 0.9]
m = (index.quantile(quantiles) - index.mean()) / np.ptp(index)
theta, gamma = (found.term(name).value for name in ("uil", "uil:difi"))
V = found.estimate.covariance
line = pd.DataFrame({"index": index.quantile(quantiles), "effect": theta + gamma * m})
line["standard error"] = np.sqrt(V[0, 0] + 2 * m * V[0, 1] + m**2 * V[1, 1])
line["low"], line["high"] = (line["effect"] + z * line["standard error"] for z in (-1.96, 1.96))
line.rename_axis("quantile").round(3)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: effect over the index, double machine learning", "figure": {"caption": "Effect of industrial structure over the digital finance index by double machine learning, with a pointwise 95 per cent band; ticks mark the city-years of the regression.", "name": "fig-mechanism-recipe"}, "image": {"alt": "Line with band of the effect of industrial structure over the digital finance index, by double machine learning."}}
from digital_clusters.studies.industrial_upgrading import contrasts, figures

fixed = replicate(PRINTED, ["digital index, two-way fixed effects"], data)
curves = contrasts.both_curves([moderated[1], *fixed], panel, data)
figures.effect(curves[0], panel)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: effect over the index, two-way fixed effects", "figure": {"caption": "The same by two-way fixed effects, errors clustered by city.", "name": "fig-mechanism-fixed"}, "image": {"alt": "Line with band of the effect of industrial structure over the digital finance index, by two-way fixed effects."}}
figures.effect(curves[1], panel)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: effects at quantiles of the index"}
tables.effects(curves, panel)

# %% tags=["remove-cell"]
from digital_clusters.analysis.published import load_published

quotes.implied_early(load_published("industrial_upgrading"), panel)

# %% [markdown]
# Print can be read along the same line. By Table 6 (2) the effect at {glue:text}`early-index` index points, the mean of
# the years to 2015 in the data of this page, is {glue:text}`early-implied`; Table 5 (1) prints {glue:text}`early-printed`
# for those years. In print the moderation by the index does not carry the change of sign between the two periods.
#
# ## What a reader may conclude
#
# * The product of structure and index is identified by the index's variation across cities in a year and
#   by its rise over the years. The rise is common to all cities and coincides with everything else that
#   changed after 2011; a moderation by *time* and a moderation by *digitalisation* look nearly the same.
# * The index measures digital finance: its coverage, its use and how far it is digital. The paper takes it for
#   digitalisation at large; no table tests that.
# * Moderation says for whom the effect is larger. It does not say through what the effect works.

# %% tags=["remove-cell"]
from digital_clusters.report.scorecard.sentences import quote_survivors

quote_survivors("industrial_upgrading", "mechanism")

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
# Scale the index to $[0, 1]$ or leave it in points, with the same folds. Is the moderation the same in other
# units? Multiply the coefficient in points by the index's range.
# :::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Solution 1", "code_prompt_hide": "Hide the solution"}
product = parts.terms[1]
for scaling, times in (("centred", np.ptp(index)), ("normalised", 1)):
    again = dc.fit(spec.change(scaling=scaling), panel).term(product)
    value, error = number(times * again.value), number(times * again.error)
    print(f"{scaling}, over the index's range: {value} ({error}), t = {number(again.value / again.error, 2)}")
print("Equal but for rounding, which other units change and which decides between equally good splits.")

# %% [markdown]
# :::{admonition} Exercise 2
# :class: tip
# Cluster the errors by city. Does the product keep its stars?
#
# *Change this:* `digital-clusters run industrial_upgrading/mechanism -p errors=clustered --html`
# :::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Solution 2", "code_prompt_hide": "Hide the solution"}
for rule in ("robust", "clustered"):
    term = dc.fit(spec.change(errors=rule), panel).term(product)
    print(f"{rule}: {number(term.value)} ({number(term.error)}), t = {number(term.value / term.error, 2)}")
