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
# Table 6 interacts the treatment with the digital finance index. The first column centres both; the
# second scales the index to $[0, 1]$ first. The two are the same regression in other units, so a
# difference between them beyond the unit is a difference between draws.

# %% tags=["parameters"] limits={"errors": ["robust", "clustered"]}
data = "twin"  # "twin" or "public": the data behind the figures
learner = "gradient_boosting"  # learner of the nuisance functions
folds = 5  # the paper's "1:4"
repeats = 1  # repeated cross-fittings, median taken
errors = "robust"  # covariance rule
seed = 20110101  # of folds and learners

# %% tags=["remove-cell"]
from digital_clusters.report.compare import comparison_table
from digital_clusters.studies.industrial_upgrading import contrasts, figures, quotes, tables
from digital_clusters.studies.industrial_upgrading.replication import load_panel, replicate
from digital_clusters.studies.industrial_upgrading.specs import COLUMNS

recipe = {"learner": learner, "folds": folds, "repeats": repeats, "errors": errors, "seed": seed}
moderated = replicate([key for key in COLUMNS if key.startswith("table6")], data, recipe)
rows = quotes.save_rows("mechanism", moderated)
panel = load_panel(data)

# %% [markdown]
# ## Estimates
#
# Treatment, product and index are each partialled out on controls, cities and years; the outcome's
# residual is then regressed on the three residuals together.

# %% tags=["hide-input"]
comparison_table(rows, title="Table 6: moderation by the digital finance index", decimals=4)

# %% tags=["remove-cell"]
quotes.rows(rows, {"product": "Table 6 (2)|uil:difi"})

# %% [markdown]
# A coefficient per index point is small because an index point is small. In the normalised column the
# product's coefficient is {glue:text}`product-twin` on the twin and {glue:text}`product-published` in
# print: the difference in effect between the least and the most digital city-year of the sample.
#
# ## The effect over the index
#
# The coefficient of the treatment alone is the effect at the *mean* of the index. What the hypothesis is
# about is the whole line.

# %% tags=["remove-cell"]
fixed = replicate(["digital index, two-way fixed effects"], data)
curves = contrasts.both_curves([moderated[1], *fixed], panel, data)

# %% tags=["hide-input"] mystnb={"figure": {"caption": "Effect of industrial structure over the digital finance index by double machine learning, with a pointwise 95 per cent band; ticks mark the city-years. On the synthetic twin the dashed line is the truth.", "name": "fig-mechanism-recipe"}, "image": {"alt": "Line with band of the effect of industrial structure over the digital finance index, by double machine learning."}}
figures.effect(curves[0], panel)

# %% tags=["hide-input"] mystnb={"figure": {"caption": "The same by two-way fixed effects, errors clustered by city.", "name": "fig-mechanism-fixed"}, "image": {"alt": "Line with band of the effect of industrial structure over the digital finance index, by two-way fixed effects."}}
figures.effect(curves[1], panel)

# %% tags=["hide-input"]
tables.effects(curves, panel)

# %% [markdown]
# ## What a reader may conclude
#
# * The product of structure and index is identified by the index's variation across cities in a year and
#   by its rise over the years. The rise is common to all cities and coincides with everything else that
#   changed after 2011; a moderation by *time* and a moderation by *digitalisation* look nearly the same.
# * The index measures digital finance. It stands for digitalisation because it exists for every city.
# * Moderation says for whom the effect is larger. It does not say through what the effect works.
