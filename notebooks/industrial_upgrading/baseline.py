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
# # Baseline: the two columns of Table 2
#
# :::{admonition} What came out
# :class: note
# {glue:text}`came-out`
#
# * {glue:text}`came-out-1`
# * {glue:text}`came-out-2`
#
# {glue:text}`came-out-reading`
# :::
#
# *Question.* Does inequality of light fall in cities whose industrial structure advances?
# *Data.* {doc}`measurement`. *Model.* The partially linear model of {doc}`theory`. *Recipe of
# the paper:* {glue:text}`recipe-paper`, where dummies are indicators of every city and year among the covariates, the
# learner has the library's default settings, and the folds are the paper's "1:4". {glue:text}`recipe-changes`
# {doc}`robustness` puts it on trial.

# %% tags=["parameters"] limits={"errors": ["robust", "clustered"], "draws": {"ge": 2}}
data = "twin"  # "twin" or "public": the data behind the figures
learner = "gradient_boosting"  # learner of the nuisance functions
folds = 5  # the paper's "1:4"
repeats = 1  # repeated cross-fittings, median taken
errors = "robust"  # covariance rule
seed = 20110101  # of folds and learners
draws = 10  # repeated cross-fittings behind the figure of their spread

# %% [markdown]
# ## How the number is made
#
# Load the panel, say the regression, fit it.

# %%
import digital_clusters as dc
from digital_clusters.analysis.sample import adapt
from digital_clusters.studies.industrial_upgrading.replication import PRINTED, load_panel
from digital_clusters.studies.industrial_upgrading.specs import BASELINE

panel = load_panel(data)
panel

# %%
recipe = {"learner": learner, "folds": folds, "repeats": repeats, "errors": errors, "seed": seed}
spec, left_out = adapt(BASELINE.change(**recipe), panel)  # left out: controls that the data do not have
print(*spec.in_words().split("; "), sep="\n")

# %%
found = dc.fit(spec, panel)
found

# %% tags=["remove-cell"]
from digital_clusters.report.spoken.recipes import quote_recipe

quote_recipe(spec, BASELINE)

# %% [markdown]
# The same by hand. The covariates $X$ are the controls and a column for every city and every year. A learner
# predicts the outcome and the treatment on the fold that it has not seen; what it could not predict is left
# over, and the coefficient is the slope of one on the other. The folds are those of the fit, so that nothing but
# the arithmetic can differ.

# %%
import numpy as np
import pandas as pd
from sklearn.model_selection import PredefinedSplit, cross_val_predict

from digital_clusters.estimators.double_ml.learners import make_learner
from digital_clusters.report.words import number

sample, regressor = found.sample, make_learner(learner, seed)  # a scikit-learn regressor
X = np.column_stack([sample[list(spec.controls)], pd.get_dummies(sample[["city", "year"]].astype(str))])
held_out = PredefinedSplit(found.partialled_out.fold_numbers[0])
y, d = (
    sample[name] - cross_val_predict(regressor, X.astype(float), sample[name], cv=held_out)
    for name in ("gini", "uil")
)

# %%
slope = (d @ y) / (d @ d)
error = np.sqrt(np.mean((d * (y - slope * d)) ** 2) / len(d)) / np.mean(d**2)
print(f"coefficient {number(slope, 4)}, robust standard error {number(error, 4)}")
pd.DataFrame({"by hand": slope, "package": found.estimate.repetitions[0]}, index=["coefficient"])

# %% [markdown]
# ## Estimates

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: printed, twin, public"}
from digital_clusters.analysis.replication.columns import replicate
from digital_clusters.report.compare import comparison_table
from digital_clusters.studies.industrial_upgrading import tables

columns = replicate(PRINTED, ["table2.column1", "table2.column2"], data, recipe)
rows = tables.rows_of(columns)
comparison_table(rows, title="Table 2: inequality of light on industrial structure")

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: coefficients with intervals", "figure": {"caption": "The coefficients of Table 2 with 95 per cent intervals: as printed, on the synthetic twin, and on public data, with the true average effect on the twin.", "name": "fig-baseline-coefficients"}, "image": {"alt": "Coefficient plot of the two columns of Table 2 with one mark for the paper, one for the twin and one for public data."}}
from digital_clusters.report import figures

figures.coefficients(rows, xlabel=tables.PER_UNIT, label="synthetic twin, public data")

# %% tags=["remove-cell"]
from digital_clusters.studies.industrial_upgrading import quotes

quotes.save_rows("baseline", columns)
quotes.rows(rows, {"baseline": "Table 2 (2)|uil"})

# %% [markdown]
# On the twin this page finds {glue:text}`baseline-twin` by {glue:text}`recipe-run`; the true average effect that was
# planted is {glue:text}`baseline-truth`. The twin is calibrated so that the *paper's* recipe lands on
# the printed number. The distance between that recipe's number and the planted one is bias, and the twin
# has it by construction; how a recipe can be this wrong with so small a standard error is the subject of
# {doc}`robustness`.
#
# ## What the coefficient is made of
#
# Partialling out leaves two residuals. The coefficient is the slope through their cloud.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: residual on residual", "figure": {"caption": "Outcome against treatment after the learner has removed what it could predict from controls, cities and years. The slope of the full line is the coefficient; the other lines take it apart into the means of cities, which dummies should have removed, and the movements within cities.", "name": "fig-baseline-residuals"}, "image": {"alt": "Scatter of outcome residuals on treatment residuals with three fitted lines: over all city-years, over the means of cities, and within cities."}}
parts = found.partialled_out
figures.residual_scatter(
    parts.outcome[0],
    parts.treatments[0, :, 0],
    xlabel="residual of the index of structure",
    ylabel="residual of the Gini of light",
    label=panel.label,
    groups=found.sample["city"],
)

# %% [markdown]
# How much each nuisance regression predicts out of sample:

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: what the learner predicts"}
tables.nuisance(rows)

# %% [markdown]
# ## How much depends on the draw of the folds
#
# Another draw of the folds gives another coefficient. The spread below is not sampling error: the data
# are the same.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: spread over draws of the folds", "figure": {"caption": "The same regression over repeated draws of the folds, with the median and its 95 per cent confidence interval for scale.", "name": "fig-baseline-splits"}, "image": {"alt": "Strip of coefficients from repeated cross-fitting beside the interval of one draw."}}
from digital_clusters.analysis import diagnostics

spread = diagnostics.repeated(found, draws)
figures.split_spread(spread.repetitions, spread["uil"][1], xlabel=tables.PER_UNIT, label=panel.label)

# %% [markdown]
# ## How strong would an omitted confounder have to be
#
# The robustness value is the share of the residual variance that a confounder must explain in both the
# outcome and the treatment to bring the estimate to zero {cite:p}`chernozhukov_2022`. It takes the
# learner's residuals as given: it asks about a variable that is *not* in $X$, and says nothing about city
# effects that *are* in $X$ and were not removed.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: an omitted confounder", "figure": {"caption": "Estimate after adjusting for an omitted confounder of given strength. On the zero line the effect is gone.", "name": "fig-baseline-sensitivity"}, "image": {"alt": "Contour plot of the bias-adjusted estimate over the confounder's strength in outcome and treatment."}}
sensitivity = diagnostics.omitted_confounder(found)
strength, scale = sensitivity.robustness_value, float(sensitivity.scales[0])
figures.sensitivity_contour(
    sensitivity.coefficient, scale, strength, limit=max(0.05, 2 * strength), label=panel.label
)

# %% tags=["remove-cell"]
from digital_clusters.report.glue import glue

glue("baseline-rv", f"{sensitivity.robustness_value:.1%}")
glue("baseline-data", panel.label)

# %% [markdown]
# The robustness value is {glue:text}`baseline-rv` on the {glue:text}`baseline-data`.
#
# ## What a reader may conclude
#
# * The recipe can be run from its description, and on data with the printed moments it can return the
#   printed numbers. That does not make the printed numbers true: they are also what it returns where the
#   true effect is a different one.
# * On public data the outcome is over counties and the years are fewer. Signs can be compared as they are. Sizes can be
#   compared only if a Gini point over counties counts for one over townships, as the word *smaller* in the box below has
#   it: the standard deviations are {glue:text}`light-sd-public` on public data and {glue:text}`light-sd-printed` in print.
#   {doc}`public_data` repeats the comparison over a declared list of specifications.
# * A reader may not conclude that the interval covers the effect. It covers sampling error of a learner's
#   residuals, not what the learner failed to remove.

# %% tags=["remove-cell"]
from digital_clusters.report.scorecard.sentences import quote_survivors

quote_survivors("industrial_upgrading", "baseline")
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
# Predict with the lasso instead of the learner of this page. By how many standard errors does the coefficient move?
#
# *Change this:* `digital-clusters run industrial_upgrading/baseline -p learner=lasso --html`
# :::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Solution 1", "code_prompt_hide": "Hide the solution"}
lasso, first = dc.fit(spec.change(learner="lasso"), panel).term("uil"), found.term("uil")
moved = lasso.value - first.value
print(f"lasso {number(lasso.value)}, {learner.replace('_', ' ')} {number(first.value)}:", end=" ")
print(f"{abs(moved) / first.error:.1f} standard errors apart")

# %% [markdown]
# :::{admonition} Exercise 2
# :class: tip
# Take the mean of every city out of the two residuals and compute the slope again. City dummies were among the
# covariates: if the learner had used them fully, the slope would hardly move.
# :::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Solution 2", "code_prompt_hide": "Hide the solution"}
left = pd.DataFrame({"city": sample["city"].to_numpy(), "y": np.asarray(y), "d": np.asarray(d)})
means = left.groupby("city")[["y", "d"]].transform("mean")
inner = left[["y", "d"]] - means
within = (inner["d"] @ inner["y"]) / (inner["d"] @ inner["d"])
share = means["d"].var() / left["d"].var()
print(f"slope {number(slope)}, within cities {number(within)};", end=" ")
print(f"{share:.0%} of the variance of d lies between cities")

# %% [markdown]
# :::{admonition} Exercise 3
# :class: tip
# Cluster the errors by city. Which of the two standard errors is larger, and why is it the one to believe?
#
# *Change this:* `digital-clusters run industrial_upgrading/baseline -p errors=clustered --html`
# :::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Solution 3", "code_prompt_hide": "Hide the solution"}
clustered = dc.fit(spec.change(errors="clustered"), panel).term("uil")
print(f"{errors} {found.term('uil').error:.4f}, clustered {clustered.error:.4f}")
print(
    "Years of a city are alike, so they are fewer independent observations than rows: the clustered error allows for it."
)
