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
# # Baseline: a spatial panel with a turning point
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
#
# {glue:text}`came-out-reading`
# :::
#
# *Question.* Does misallocation fall with co-agglomeration up to a point and rise beyond it, in the city and next
# door? *Data.* {doc}`measurement`. *Model.* With $m$ log misallocation, $c$ co-agglomeration, $z$ internet users, $x$
# controls of the year before, city and year effects,
#
# $$
# \begin{aligned}
# m_t &= \rho W m_t + X_t \beta + W X_t \theta + \alpha + \tau_t + u_t , \\
# X_t &= [\,c,\ c^2,\ c z,\ z,\ x_{t-1},\ \text{member},\ \text{years as a member},\ c \times \text{member}\,] .
# \end{aligned}
# $$ (eq-collaborative-durbin)
#
# Durbin's model has all of it; the lag model has $\theta = 0$, and one with lags of the regressors only has
# $\rho = 0$. *Recipe.* {glue:text}`recipe-paper`. {glue:text}`recipe-changes` The likelihood is of the data from which
# city and year effects are removed {cite:p}`lee_yu_2010`; {doc}`/book/spatial` says why, and how it compares with other
# programs. Misallocation is the outcome, so a *correction* is a negative effect.
#
# *Why controls of the year before.* A city's output is in its wedges, and it is in log GDP per head and in credit over
# GDP of the same year. Such a control is an outcome too: held constant, it takes away a part of what is to be measured,
# and what moves both opens a path of its own. A year earlier it is given. {doc}`robustness` shows the same-year
# controls, and the controls of the first year, as variants.

# %% tags=["parameters"] limits={"first_year": {"ge": 2003, "le": 2020}, "last_year": {"ge": 2003, "le": 2020, "span": 8}, "draws": {"ge": 2}}
data = "twin"  # or "public": public numbers frozen, or made now
first_year = 2004  # of the twin's sample
last_year = 2020
winsorise = 0.0  # share set to the quantile in each tail
weights = "nearest"  # spatial weights: who is whose neighbour
spatial_model = "durbin"  # "durbin", "lag" or "slx"
draws = 1000  # behind simulated intervals
seed = 20110101  # of the draws

# %%
import numpy as np
import pandas as pd

import digital_clusters as dc
from digital_clusters.studies.collaborative_agglomeration.specs import BASELINE, STUDY, weighted

panel = dc.city_panel("twin")
changed = {"first_year": first_year, "last_year": last_year, "winsorise": winsorise}
spec = weighted(BASELINE.change(**changed, spatial_model=spatial_model), weights)
print(*spec.in_words().split("; "), sep="\n")

# %%
curve = dc.fit(spec, panel)
curve

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: imports of figures and tables, tests between models, the record of public data"}
from digital_clusters.analysis.readings import public_estimates
from digital_clusters.analysis.spatial import curves
from digital_clusters.analysis.spatial.model_tests import reduction_table
from digital_clusters.report import estimates
from digital_clusters.report.figures.turning_points import turning_curve
from digital_clusters.sources.tables import LABELS
from digital_clusters.studies.collaborative_agglomeration import figures, tables
from digital_clusters.studies.collaborative_agglomeration import planted as truth
from digital_clusters.studies.collaborative_agglomeration.record import public_record
from digital_clusters.studies.collaborative_agglomeration.study import COLLABORATIVE_AGGLOMERATION

TWIN, PUBLIC = LABELS["twin"], LABELS["public"]
record = public_record(data)
tests = reduction_table(curve).to_dict("records")

# %% tags=["remove-cell"]
from digital_clusters.report.glue import glue
from digital_clusters.report.results import save
from digital_clusters.report.spoken.recipes import quote_recipe
from digital_clusters.report.words import number
from digital_clusters.studies.collaborative_agglomeration import quotes

quote_recipe(spec, BASELINE)

# %% [markdown]
# ## Which spatial model
#
# Moran's I of the residuals, with the moments that residuals of a regression have {cite:p}`cliff_ord_1981`, and
# Lagrange multipliers look up from a model without spatial terms; likelihood ratios and Wald tests look down from the
# Durbin model to what it contains: a spatial lag only ($\theta = 0$), spatial errors ($\theta + \rho\beta = 0$),
# spatial lags of the regressors only ($\rho = 0$), nothing. Hausman's test asks whether city effects could be random.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: tests between spatial models"}
estimates.tests_table({TWIN: tests, PUBLIC: record["tests"]})

# %% [markdown]
# On the twin every simpler model is rejected, as it should be: both $\rho$ and spillovers of the correction are
# planted. The classical multipliers react to both kinds of dependence; only the robust pair can point to one, and
# with terms in $W X$ in the truth it points to both. The public columns reject too, whatever the index does: the
# controls' spatial lags and common shocks of neighbours are enough for that. A rejected reduction says that a spatial
# term is needed, not which claim is true. Hausman's test has two forms: the spatial model within cities against that
# between them, with variances of the likelihood, and fixed against random effects without spatial terms, each with
# its own variance, where the difference of the two is a covariance.
#
# ## Coefficients

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: coefficients on the twin"}
estimates.coefficients_table(curve.estimate, TWIN)

# %% [markdown]
# No line of this table is an effect. The coefficient of co-agglomeration is its slope where the index and internet
# use are zero, where no city is; the coefficient of the square says how the slope bends; and what happens in a city
# returns to it through its neighbours. The effect of the index is
#
# $$
# \frac{\partial m}{\partial c} = (I - \rho W)^{-1} (p\, I + q\, W), \qquad
# p = \beta_c + 2 \beta_{cc} c + \beta_{cz} z , \quad q \text{ the same of } \theta ,
# $$ (eq-collaborative-effects)
#
# a matrix at every $(c, z)$. Its mean diagonal is the *direct* effect, the mean sum of the rest of a row the
# *indirect* one {cite:p}`lesage_pace_2009`. "The effect of the square" does not exist: $c^2$ cannot change while $c$
# stands still.
#
# ## The estimator by hand
#
# Remove city and year effects from every column. For a given $\rho$ the rest is least squares of $y - \rho W y$ on $X$
# and $W X$, and the log-likelihood is the log-determinant of $I - \rho W$, once for every year, less half the log of
# the sum of squares, once for every observation. The effects use up one year of every city and one city of every year;
# with the latter goes the eigenvalue of $W$ that is its row sum, one. A grid over $\rho$ finds the maximum.

# %%
durbin = dc.fit(spec.change(spatial_model="durbin"), panel)
W, years = durbin.weights.matrix.toarray(), durbin.sample["year"].nunique()
n = len(W)
x = durbin.design.regressors.T.reshape(-1, n, years)  # a term, a city, a year
y = durbin.design.outcome.reshape(n, years)


def within(a):
    return (a - a.mean(0) - a.mean(1, keepdims=True) + a.mean()).ravel()


columns = np.array([within(a) for a in (*x, *(W @ x))]).T
outcomes = np.array([within(y), within(W @ y)]).T
slopes = np.linalg.lstsq(columns, outcomes)[0]
left, roots = outcomes - columns @ slopes, np.linalg.eigvals(W)


# %%
def log_likelihood(rho):
    lost = spec.correction == "transformation"  # one year, one city, one eigenvalue
    determinant = np.log(1 - rho * roots).sum().real - lost * np.log(1 - rho)
    squares = np.sum((left @ [1, -rho]) ** 2)
    return (years - lost) * (determinant - (n - lost) / 2 * np.log(squares))


rho = max(np.linspace(-0.9, 0.9, 9_001), key=log_likelihood)
beta, theta = (slopes @ [1, -rho]).reshape(2, -1)

# %% [markdown]
# A city's misallocation answers to its own index by $p$, to its neighbours' by $q$ (both at the lower quartile of the
# index and at mean internet use), and what happens next door comes back through $(I - \rho W)^{-1}$:

# %%
low, users = durbin.sample["coagglomeration"].quantile(0.25), durbin.sample["internet"].mean()
direction = np.zeros(len(beta))
direction[:3] = 1, 2 * low, users  # of c, c² and cz
p, q = direction @ beta, direction @ theta
effect = np.linalg.inv(np.eye(n) - rho * W) @ (p * np.eye(n) + q * W)
direct = np.trace(effect) / n
by_hand = {"ρ": rho, "direct": direct, "indirect": effect.sum() / n - direct}

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: by hand and by the package"}
by_package = curves.effects_at(durbin, low, draws=2).set_index("kind")["effect"]
pd.DataFrame({"by hand": by_hand, "package": {"ρ": durbin.term("rho").value, **by_package.iloc[:2]}})

# %% [markdown]
# ## Effects over co-agglomeration

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: effects, turning points, and what is planted"}
quantiles = curves.quantile_effects(curve, draws=draws, seed=seed)
at = np.unique(quantiles["c"])
gap = truth.index_gap(panel)
planted = truth.planted_marginal_effects(at, curves.mean_moderator(curve), gap=gap)
grid = curves.effects_at(curve, np.linspace(*curves.inner(curve), 41), draws=2)
planted_grid = truth.planted_marginal_effects(np.unique(grid["c"]), curves.mean_moderator(curve), gap=gap)
point, test = curves.turning(curve)
planted_point = float(truth.planted_turning_points(curves.mean_moderator(curve), gap=gap))

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: effects at quantiles"}
tables.effects(quantiles, TWIN, planted)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: effects over co-agglomeration", "figure": {"caption": "Direct and indirect marginal effect of co-agglomeration on log misallocation, at mean internet use, outside the council. The band along the axis is the Fieller set of the turning point.", "name": "fig-collaborative-baseline-effects"}, "image": {"alt": "Two rising lines with bands that cross zero, beside dashed planted lines that are a little flatter."}}
figures.effects(
    grid,
    label=TWIN,
    planted=planted_grid,
    turning=(point.value, point.fieller.pieces),
    planted_turning=planted_point,
)

# %% [markdown]
# The two kinds of interval lie close, their ends at most {glue:text}`ends-apart` per cent of a width apart: $\rho$ is
# well determined, and the effects are nearly linear in it. For {glue:text}`ends-disagree` of {glue:text}`ends-effects`
# effects only one of the two holds zero. Both effects fall below zero at low co-agglomeration and above it at high:
# partnership on the left, at the neighbours' cost on the right. The estimated lines are *steeper* than the planted
# ones. Part of that is what the specification leaves out, part is this country's draw; {doc}`robustness` tells them
# apart.
#
# ## The turning point

# %% tags=["remove-cell"]
glue("gap", number(gap, 2))
quotes.turning(point, planted_point)
quotes.two_intervals(quantiles)
glue("turn-indirect", number(quotes.crossing(grid, "indirect"), 2))
glue("share-right", f"{100 * np.mean(curve.values(spec.treatment) > point.value):.0f}")
save(STUDY, "baseline", [{"spec": "baseline", "twin": curve.estimate}, *quantiles.to_dict("records")])

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: the turning point and the U test"}
tables.turning(point, test, planted_point, TWIN)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: the fitted curve", "figure": {"caption": "The fitted curve of own coefficients at mean internet use, against the middle of the range, with its slopes at both ends.", "name": "fig-collaborative-baseline-curve"}, "image": {"alt": "A U-shaped curve with tangents at both ends and a shaded interval around its lowest point."}}
low, high = curves.inner(curve)
turning_curve(
    curves.at_mean(curve),
    **curves.curve_terms(curve),
    low=low,
    high=high,
    xlabel="co-agglomeration",
    ylabel="log misallocation, log points",
    label=TWIN,
    truth=planted_point,
)

# %% [markdown]
# The turning point itself is one line, $-b/2a$ of the fitted parabola:

# %%
b = curve.estimate
line = b.term("coagglomeration").value + users * b.term("coagglomeration:internet").value
turn = -line / (2 * b.term("coagglomeration^2").value)
round(float(turn), 3)

# %% [markdown]
# A significant square is no U. It needs a slope that is clearly negative at one end of the data *and* clearly positive
# at the other {cite:p}`lind_mehlum_2010,sasabuchi_1980`; the joint test takes the weaker of the two. The turning point
# is a ratio, so its set is by {cite:t}`fieller_1954`, which can be unbounded where the square is not clear. Here it is
# {glue:text}`turn`, {glue:text}`turn-set`, and the planted one, {glue:text}`turn-planted`, lies {glue:text}`turn-where`
# the set. (The wedges of the twin respond to the index with industries weighed by output; measured from employment it
# is {glue:text}`gap` lower on average, and what is planted is told at the measured value.) {glue:text}`share-right` per
# cent of city-years lie beyond the estimate. The indirect effect changes sign at {glue:text}`turn-indirect`: in the
# estimate neighbours need not turn where the city does; what is planted turns at one place for both.
#
# ## Public data

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: the frozen public estimate and its curve"}
public_fit, note = public_estimates(COLLABORATIVE_AGGLOMERATION, data)["public"]
found = record["curve"]

# %% tags=["remove-cell"]
glue("public-n", f"{found['n']:,}")
glue("public-cities", found["cities"])
quotes.public_curve({"public": record["variants"]["public"]}, record["variants"])

# %% [markdown]
# The same model of {glue:text}`public-cities` real cities, {glue:text}`public-n` city-years from 2003 to 2016, with
# the proxies of {doc}`measurement`, without the moderator and with the controls that exist.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: coefficients on public data"}
estimates.coefficients_table(public_fit, PUBLIC)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: effects on public data"}
tables.effects(found["quantiles"], PUBLIC)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: effects on public data", "figure": {"caption": "Direct and indirect marginal effect of the index of two sectors on log misallocation, public data.", "name": "fig-collaborative-baseline-public"}, "image": {"alt": "Two lines with wide bands around zero."}}
figures.effects(found["grid"], label=PUBLIC)

# %% [markdown]
# {glue:text}`public-curve-sentence` {glue:text}`public-effects-sentence` The whole set of public specifications, with
# other moderators and years, is in {doc}`robustness` and, claim by claim, in {doc}`mechanism`. The years as a member
# differ from zero, with opposite signs of one size in the city and in its neighbours. Where all neighbours have been
# members as long, the two cancel; so the coefficients describe cities at the edge of the council.
#
# ## What a reader may conclude
#
# * On the twin the model finds what was planted in sign, in the city and next door, on both sides; here it overstates
#   the curvature and places the turning point {glue:text}`turn-off`.
# * Coefficients of a square, or of a spatial lag, are not effects. Effects are told at values of the index.
# * On public data this specification tells nothing about the curve; the others are in {doc}`robustness`. A proxy for
#   the treatment widens intervals, by how much is not known here. That is a limit of this study, not evidence about the
#   paper.

# %% tags=["remove-cell"]
from digital_clusters.report.scorecard.sentences import quote_survivors

quote_survivors("collaborative_agglomeration", "baseline")

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
# Estimate with spatial lags of the regressors only ($\rho = 0$). How far does the turning point move?
#
# *Change this:* `digital-clusters run collaborative_agglomeration/baseline -p spatial_model=slx --html`
# :::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Solution 1", "code_prompt_hide": "Hide the solution"}
from digital_clusters.analysis.spatial.curves import turning

for model in (spec.spatial_model, "slx"):
    found_by = turning(dc.fit(spec.change(spatial_model=model), panel))[0]
    print(f"turning point, {model}: {found_by.value:.2f}")

# %% [markdown]
# :::{admonition} Exercise 2
# :class: tip
# What happens next door comes back through $(I - \rho W)^{-1} = I + \rho W + \rho^2 W^2 + \dots$. How many rounds
# give 99 per cent of the total multiplier $1 / (1 - \rho)$?
# :::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Solution 2", "code_prompt_hide": "Hide the solution"}
shares = 1 - rho ** np.arange(1, 40)  # of the multiplier after each round, own effect first
rounds = int(np.flatnonzero(shares >= 0.99)[0])
print(f"ρ = {rho:.3f}, multiplier {1 / (1 - rho):.3f}: {rounds} rounds beyond the own effect")
