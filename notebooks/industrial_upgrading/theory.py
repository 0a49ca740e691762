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
# # Theory: four hypotheses that can fail
#
# :::{admonition} What public data make of it
# :class: note
# {glue:text}`on-public-data`
# :::
#
# {cite:t}`yu_zhang` ask whether a more advanced industrial structure brings the parts of a city closer
# together or drives them apart. The unit is a prefecture-level city in a year. The *outcome* is the Gini
# coefficient of night-time light over the city's townships, so a fall in the outcome means more even
# development. The *treatment* is an index of industrial structure between one (all agriculture) and
# three (all services). The *moderator* is an index of digital finance.
#
# This chapter restates the argument as a diagram with arrows, as a model of two zones, and as a list of
# signs. Nothing here is estimated; each line points at the table that decides it.

# %% tags=["remove-cell"]
from digital_clusters.report.scorecard.sentences import quote_lines

quote_lines("industrial_upgrading", "H1")

# %% [markdown]
# ## The argument as a diagram
#
# Growth-pole theory has two forces. *Polarisation* draws new industries, skilled workers and capital
# into the core and widens the gap. *Diffusion* sends them outwards once the core is dear and the
# periphery is connected. Which of the two wins is said to depend on how far digital networks reach and
# on how advanced the structure already is.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: causal diagram", "figure": {"caption": "What the paper assumes. Solid: the effect in question and what changes its size. Dashed: paths that must be closed before the coefficient is an effect. The city's own history is not observed; methods that compare a city with itself close that path, as far as the history does not go on.", "name": "fig-upgrading-diagram"}, "image": {"alt": "Causal diagram. Industrial structure points at inequality of light; digital finance modifies that arrow; economic controls, year shocks and the unobserved history of the city point at both."}}
from digital_clusters.report import figures
from digital_clusters.report.figures.diagram import Edge, Node

nodes = {
    "structure": Node(0, 1, "industrial\nstructure", "treatment"),
    "inequality": Node(4, 1, "inequality of light\nwithin the city", "outcome"),
    "digital": Node(2, 2.2, "digital finance", "moderator"),
    "controls": Node(0.7, -0.4, "income, banks,\neducation, science"),
    "years": Node(2.1, -0.4, "shocks of\nthe year"),
    "history": Node(3.5, -0.4, "the city's\nown history", "unobserved"),
}
effect = ("structure", "inequality")
arrows = [Edge(*effect, "H1"), Edge("digital", effect, "H4")]
arrows += [Edge(cause, target, dashed=True) for cause in list(nodes)[3:] for target in effect]
figures.causal_diagram(nodes, arrows, label="the printed paper")

# %% [markdown]
# ## The argument as a model
#
# The paper gives no model, so this is ours, and the smallest that can be solved. A city has two zones. One more
# unit of structure raises log light in the core by $\gamma$ and in the periphery by $\gamma\,\delta(s, d)$. The
# *diffusion rate* $\delta = \delta_0 + \delta_1 d + \delta_2 s$ grows with digital reach $d$ and with the structure
# $s$ itself, as the core gets crowded. Light is even within a zone, and the core the brighter one; with $q$ the core's
# share of light, the Gini coefficient of light is $q$ less the core's share of townships, and
#
# $$
# \frac{\partial\,\mathit{Gini}}{\partial s} = \gamma\, q (1 - q)\, \bigl(1 - \delta(s, d)\bigr), \qquad
# s^*(d) = \frac{1 - \delta_0 - \delta_1 d}{\delta_2} .
# $$
#
# Inequality rises with structure up to $s^*$ and falls beyond it, and $s^*$ comes sooner the further networks
# reach. In code, with the core's share of light written out and its highest point looked for on a grid:

# %%
import numpy as np
import pandas as pd

from digital_clusters.theory.regions.growth_pole import GrowthPole

core, start, gain, base, reach, crowding = 0.2, 1.0, 1.0, 0.2, 0.6, 0.8


def gini_of_light(s, d):
    advantage = start + gain * ((1 - base - reach * d) * s - crowding * s**2 / 2)
    bright = core * np.exp(advantage)  # light of the core where a township of the periphery has one
    return bright / (bright + 1 - core) - core


# %%
city = GrowthPole(core, start, gain, base, reach, crowding)
digital, structure = np.array([0.0, 0.5, 1.0]), np.linspace(0, 1.2, 12001)
highest = [structure[gini_of_light(structure, d).argmax()] for d in digital]
formula = (1 - base - reach * digital) / crowding
turning = {"by hand": highest, "formula": formula, "package": city.turning_structure(digital)}
pd.DataFrame(turning, index=pd.Index(digital, name="digital reach"))

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: the two-zone city", "figure": {"caption": "The two-zone city with illustrative parameters. Left: inequality over structure; dots mark the turning structure. Right: where upgrading widens and where it narrows the gap.", "name": "fig-upgrading-model"}, "image": {"alt": "Left, three hump-shaped curves whose tops move to the left as digital reach grows. Right, a falling line that divides structure and digital reach into a region where the gap widens and one where it narrows."}}
from digital_clusters.studies.industrial_upgrading import figures_of_theory

figures_of_theory.growth_pole(city, label="model, illustrative parameters")

# %% [markdown]
# All four hypotheses are one inequality, $s > s^*(d)$: for most cities (H1), for cities after networks have
# spread (H2), for cities of high structure (H3), and more so the larger $d$ (H4). The model also shows what the
# story needs and does not state. A periphery that merely *benefits* has $\delta < 1$ and falls behind all the
# same. The gap narrows only if $\delta > 1$: the periphery must gain proportionally more than the core.
#
# ## A polycentric city and relocated industries
#
# By which road is the gap to narrow? The paper names two: industries of high value added move out of the dear and
# crowded core, and the city becomes *polycentric*. No table measures either. And the outcome cannot tell them from
# other roads: a Gini coefficient does not know where light is. One centre or many, it is the same number.

# %%
import digital_clusters as dc

light = np.concatenate([np.full(4, 9.0), np.ones(16)])  # twenty townships along a line
one_centre, many_centres = light, np.tile([9.0, 1, 1, 1, 1], 4)
print(f"one centre {dc.gini(one_centre):.3f}, four centres {dc.gini(many_centres):.3f}")

# %% [markdown]
# ## The model that is estimated
#
# The paper writes a partially linear model {cite:p}`robinson_1988,chernozhukov_2018`. For city $i$ and
# year $t$,
#
# $$
# \begin{aligned}
# \mathit{Gini}_{it} &= \theta_0\, \mathit{UIL}_{it} + g(X_{it}) + \epsilon_{it},
# & E[\epsilon_{it} \mid X_{it}] &= 0, \\
# \mathit{UIL}_{it} &= f(X_{it}) + \phi_{it},
# & E[\phi_{it} \mid X_{it}] &= 0,
# \end{aligned}
# \qquad E[\epsilon_{it}\,\phi_{it} \mid X_{it}] = 0,
# $$ (eq-partially-linear)
#
# where $X_{it}$ holds five controls and an indicator for every city and every year. The last condition is what
# identifies $\theta_0$: without it, any slope fits with an $\epsilon$ that moves with $\phi$. The residuals are printed as
#
# $$
# \widetilde{\mathit{Gini}} = \mathit{Gini} - g(X), \qquad \widetilde{\mathit{UIL}} = \mathit{UIL} - f(X) = \phi, \qquad
# \widetilde{\mathit{Gini}} = \theta_0\, \widetilde{\mathit{UIL}} + \epsilon .
# $$ (eq-residuals)
#
# Taken by the letter this is not the orthogonal score: $\mathit{Gini} - g(X)$ is $\theta_0\,\mathit{UIL} + \epsilon$,
# and regressing it on $\phi$ gives $\theta_0$ only with the true $g$, while the errors of a learnt $g$ pass into the slope
# undamped. The book reads $g$ in {eq}`eq-residuals` as $E[\mathit{Gini} \mid X]$, which is what
# software computes: a learner estimates $E[\mathit{Gini} \mid X]$ and $f$ on some folds and predicts on the fold left
# out; the coefficient is the slope of one residual on the other.
#
# ### Why not least squares?
#
# The paper gives three reasons. *Collinearity*: it widens standard errors and biases nothing, and residuals on learnt
# predictions inherit it, since what $X$ predicts of the treatment is gone either way. *Many variables*: five controls
# and 264 indicators beside 2,783 city-years are no high dimension; least squares with two-way effects has 268 slopes.
# *Unknown form*: this is the reason that holds. $g$ and $f$ may be curved in the five controls, and trees find that. They
# pay for it with the indicators, where the form *is* known, one level a city, and which a hundred small trees cannot
# hold ({doc}`robustness`).
#
# ### Why these controls?
#
# | Control | The paper's argument | What it leaves open |
# |---|---|---|
# | GDP per head | growth rewards the skilled core first and widens the gap | a richer structure raises it: part of the effect |
# | deposits and loans | credit reaches small firms outside the core | follows structure and growth in the same year |
# | students, education spending | human capital spreads and narrows the gap | universities stand in the core |
# | science spending | innovation spills over to neighbours | a budget decided with the structure in view |
#
# Each may confound, and each may be an outcome of the treatment in the same year. Controls of an earlier year cannot;
# {doc}`public_data` estimates with both.
#
# ### Two conditions
#
# They carry the causal reading:
#
# 1. *No confounder outside $X$.* Given controls, city and year, whatever moves the structure of a city
#    does not move its inequality by another road.
# 2. *The learner finds $g$ and $f$.* In a panel this has a special meaning. City effects enter as 253
#    indicator columns, and the learner has to use all of them. A linear model does so by construction. A
#    sum of one hundred small trees does not, and what it leaves behind is a comparison *between* cities.
#
# The second condition can be checked without any new data, and {doc}`robustness` checks it.

# %% [markdown]
# ## From hypotheses to signs
#
# A hypothesis earns its place by naming a coefficient that could have come out the other way. As printed, H2 and H3 claim
# no more than that the effect differs; their signs are those of the argument that leads up to them.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: hypotheses as signs"}
from digital_clusters.analysis.published import load_published
from digital_clusters.studies.industrial_upgrading import printed_paper

printed_paper.hypotheses_table(load_published("industrial_upgrading"))

# %% [markdown]
# ## What a reader may conclude
#
# Read so, the four hypotheses are about signs, and each is tied to a printed coefficient. They are not
# independent: the moderation of H4 and the split by period of H2 both ride on the rise of the digital
# index, which over these years is almost a clock. None of them predicts a size, so none can be
# contradicted by an effect that is too small or too large to be believed.
