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
# # Theory: why a correction can overshoot
#
# :::{admonition} What public data make of it
# :class: note
# {glue:text}`on-public-data`
# :::
#
# {cite:t}`wu_tao_peng` ask whether manufacturing and producer services that locate together *correct* the
# misallocation of capital and labour between cities. They report a correction that spreads to neighbours, grows up to
# a peak and then turns, at the neighbours' cost; that turns later and is stronger where digital technology is further
# on; and that is stronger under regional integration. They announce a centre–periphery model; the text at hand is the abstract, which does not print it.
#
# This chapter solves two such models, adds the three forces to one of them, and asks under which conditions these
# statements follow. Some follow easily, some only for part of the parameters, and two of them exclude each other
# where the correction used to peak. Nothing here is estimated.

# %% tags=["remove-cell"]
from digital_clusters.report.scorecard.sentences import quote_lines

lines = (
    "corrects_next_door",
    "inverted_u",
    "worsens_next_door",
    "later_with_digital",
    "stronger_with_digital",
)
quote_lines("collaborative_agglomeration", *lines, "integration_strengthens")

# %% tags=["parameters"]
elasticity = 5.0  # of substitution between varieties, above 1
mobile_share = 0.4  # of spending, on the mobile sector
digital = 0.5  # digital technology where a figure shows one level, 0 to 1

# %%
import numpy as np
import pandas as pd
from scipy.optimize import brentq

from digital_clusters.theory.regions.core_periphery import CorePeriphery
from digital_clusters.theory.regions.footloose_entrepreneurs import FootlooseEntrepreneurs
from digital_clusters.theory.regions.linked_industries import LinkedIndustries
from digital_clusters.theory.regions.linked_regions import LinkedRegions

LABEL = "model, illustrative parameters"

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: imports of diagrams, figures and tables"}
from digital_clusters.studies.collaborative_agglomeration.of_theory import diagrams, figures, tables

# %% [markdown]
# ## The argument as a diagram
#
# The paper sums its argument up as "industrial association – spatial spillover – institutional environment". That is also
# the map of this study.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the diagram: the map of the study", "figure": {"caption": "Association, spillover, institution: what each stands for here and what it acts on. Dashed: between cities.", "name": "fig-agglomeration-map"}, "image": {"alt": "Causal diagram. Association, the co-agglomeration of industries, corrects and then worsens misallocation in the city, which acts on neighbours: spillover. Institution, integration, diffuses digital technology, which acts on the correction. Misallocation costs productivity."}}
diagrams.study_map(label="this study")

# %% [markdown]
# Association is in {doc}`measurement` and {doc}`baseline`, spillover in the indirect effects of {doc}`baseline` and the
# weights of {doc}`robustness`, institution and the chain from integration over diffusion to correction in
# {doc}`mechanism`, what misallocation costs in {doc}`measurement`. Innovation capability, which the abstract lets rise
# from the centre to the periphery, is in no data that the book has; {doc}`mechanism` tries science expenditure for it.
#
# Co-agglomeration acts on misallocation by two roads. Services close by make it cheaper for a worker or a loan to
# reach a use: the barrier around the core falls. And firms crowd each other, which none of them pays for. Digital
# technology lowers both costs; integration lowers the barrier and carries the services further.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the diagram: the argument with its signs", "figure": {"caption": "The argument, with signs as this chapter assumes them. Dashed: what a city's factor gains or loses, its neighbours lose or gain.", "name": "fig-agglomeration-diagram"}, "image": {"alt": "Causal diagram. Co-agglomeration lowers barriers and raises congestion; both act on misallocation in the city, which acts on its neighbours. Digital technology lowers barriers and congestion; integration modifies the arrow from co-agglomeration to barriers."}}
diagrams.argument(label="this chapter")

# %% [markdown]
# ## Footloose entrepreneurs
#
# Two forces meet where firms are many. Those who move there spend there, so a firm sells more at home, and its
# entrepreneur pays less for what others make; and they compete with it. While trade is costly a firm is safe from rivals elsewhere, competition at
# home weighs most, and firms spread. Once trade is free enough a large home market weighs more, and they gather. By
# example: where region 1 holds {glue:text}`gap-share` of the entrepreneurs, to be there rather than in region 2 changes
# utility by {glue:text}`gap-below` at a freeness of trade of {glue:text}`gap-freeness-below`, so that some leave, and by
# {glue:text}`gap-above` at {glue:text}`gap-freeness-above`, so that more come.

# %%
entrepreneurs = FootlooseEntrepreneurs(elasticity, mobile_share)
freeness = entrepreneurs.break_point(), entrepreneurs.sustain_point()

# %% tags=["remove-cell"]
from digital_clusters.studies.collaborative_agglomeration.of_theory import quotes

quotes.footloose(entrepreneurs)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: footloose entrepreneurs", "figure": {"caption": "Footloose entrepreneurs. Left: what moving to region 1 gains, below, between and above the critical points. Right: equilibria; the first dotted line is the sustain point, the second the break point. The axis of freeness shows a small part of its range.", "name": "fig-agglomeration-footloose"}, "image": {"alt": "Left, three curves of log utility difference over the share of entrepreneurs, falling, wavy and rising. Right, a bifurcation diagram: dispersion stable up to the break point, both corners stable from the sustain point on, unstable branches joining them."}}
figures.footloose_entrepreneurs(entrepreneurs, label=LABEL)

# %% [markdown]
# In the model of {cite:t}`forslid_ottaviano_2003` a variety takes one entrepreneur, who moves to where utility is
# highest, and labour, which stays; there is one unit of each, and half of labour in either region. With $\sigma$ the
# elasticity of substitution, $\mu$ the share of spending on varieties, $T$ the iceberg cost of trade, $h_i$ the share of
# entrepreneurs in region $i$ of two, $\phi_{ij} = \phi = T^{1-\sigma}$ the freeness of trade between them, $\phi_{ii} = 1$
# and $\Delta_i = h_i + \phi h_j$, wages $w_i$ of entrepreneurs, incomes $Y_i$ and utilities $V_i$ are
#
# $$
# w_i = \frac{\mu}{\sigma} \sum_j \frac{\phi_{ij} Y_j}{\Delta_j}, \qquad
# Y_j = \tfrac12 + w_j h_j, \qquad V_i = w_i\, \Delta_i^{\mu / (\sigma - 1)} .
# $$
#
# Wages solve a linear system, which gives both critical points: above the *break point* dispersion is no longer
# stable, above the *sustain point* a full core is,
#
# $$
# \phi_B = \frac{(\sigma - \mu)(\sigma - 1 - \mu)}{(\sigma + \mu)(\sigma - 1 + \mu)}, \qquad
# \phi_S^{\mu/(\sigma-1)} \Bigl[\bigl(1 + \tfrac{\mu}{\sigma}\bigr) \phi_S^2 + 1 - \tfrac{\mu}{\sigma}\Bigr] = 2 \phi_S .
# $$

# %% [markdown]
# Both formulas are short enough to be typed; the second needs a root, which lies below the break point:

# %%
sigma, mu = elasticity, mobile_share


def short_of_core(phi):
    return phi ** (mu / (sigma - 1)) * ((1 + mu / sigma) * phi**2 + 1 - mu / sigma) - 2 * phi


phi_break = (sigma - mu) * (sigma - 1 - mu) / ((sigma + mu) * (sigma - 1 + mu))
typed = phi_break, brentq(short_of_core, 1e-12, phi_break, xtol=1e-14)
pd.DataFrame({"typed": typed, "package": freeness}, index=["break point", "sustain point"])

# %% [markdown]
# With $\sigma$ = {glue:text}`elasticity` and $\mu$ = {glue:text}`mobile-share` the sustain point is
# {glue:text}`phi-sustain` and the break point {glue:text}`phi-break`. Between the two, dispersion and a full core are
# both stable and history decides. That interval is narrow, and so are the stakes around it: the left panel counts in
# small fractions of a per cent.
#
# ## Krugman's model by numbers
#
# The original {cite:p}`krugman_1991,fujita_krugman_venables_1999` lets workers move and makes labour the only cost.
# Its wages have no closed form; here they are solved by iteration on the market equations, and every equilibrium is
# found from the gap in real wages. Break and sustain points do have a formula, which checks the numbers.

# %%
krugman = CorePeriphery(elasticity, mobile_share)
as_cost = [phi ** (1 / (1 - elasticity)) for phi in freeness]
closed = krugman.break_point(), krugman.sustain_point()
solved = krugman.break_point_by_numbers(), krugman.sustain_point_by_numbers()

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: Krugman's model over the transport cost", "figure": {"caption": "Krugman's model, solved by numbers, over the transport cost: freer trade is to the left. Dotted lines: break point and sustain point.", "name": "fig-agglomeration-krugman"}, "image": {"alt": "Left, three curves of log real wage difference over the share of workers. Right, a bifurcation diagram mirrored against that of the footloose entrepreneurs, as the axis is the transport cost."}}
figures.core_periphery(krugman, label=LABEL)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: critical points of two models"}
points = {
    "footloose entrepreneurs, freeness φ": freeness,
    "footloose entrepreneurs, transport cost T": as_cost,
    "Krugman, transport cost T, closed form": closed,
    "Krugman, transport cost T, by numbers": solved,
}
tables.critical_points(points, label=LABEL)

# %% [markdown]
# The two models tell the same story at different costs: where workers are the only input, more of income moves with
# them, and the core holds at higher transport costs. Neither says anything about misallocation yet: without a
# barrier, free movement equalises what the factor earns.
#
# ## Three forces
#
# Before the symbols, the core by example, at a digital technology of {glue:text}`digital`. Without co-agglomeration a
# barrier keeps entrepreneurs out, and one more of them would be worth {glue:text}`wedge-none` more in the core than in the
# periphery. Half of the possible co-agglomeration lowers the barrier, and {glue:text}`wedge-half` are left. At
# {glue:text}`turn-apart` the difference is gone. With all of it the difference is {glue:text}`wedge-all`: the core is
# crowded.

# %%
forces = LinkedIndustries(elasticity=elasticity)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: strengths of the forces"}
tables.strengths(forces, label=LABEL)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: the economies behind the figures"}
pair = LinkedRegions(forces, mobile_share, freeness=0.05 * entrepreneurs.break_point(), advantage=0.5)

# %% tags=["remove-cell"]
quotes.forces(forces, digital)
quotes.regions(pair)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: correction over co-agglomeration", "figure": {"caption": "Left: the correction over co-agglomeration at three levels of digital technology; dots mark the turning points. Right: the core's share of the mobile factor in equilibrium and where marginal revenue products are equal, at the level of digital technology of this page; they cross at the turning point (dotted).", "name": "fig-agglomeration-correction"}, "image": {"alt": "Left, three curves that rise to a peak and fall; the peak is lower and further right with more digital technology. Right, a rising equilibrium share crosses an efficient share that falls but for its very beginning."}}
figures.correction(pair, digital, label=LABEL)

# %% [markdown]
# At first the barrier keeps the factor out of the core, where it is worth more. As services lower the barrier the
# factor comes, and misallocation falls to zero. From there on crowding has the upper hand: entrants still find the
# core worth their while, but part of what they earn is taken from their neighbours. Over-allocation follows
# under-allocation, and the absolute wedge cannot tell one from the other.
#
# The forces enter the model of footloose entrepreneurs. The functional forms are ours. All of $c$, $d$ and $g$ lie
# between 0 and 1.
#
# * *Co-agglomeration* $c$ of manufacturing and services in the core has a linkage externality: productivity there
#   rises with local size with elasticity $\eta = \ell c - k (1 - \kappa d)\, c^2$, cheaper intermediates ($\ell$) less
#   congestion ($k$). Nobody pays for either. It also takes away a share $b$ of the entry barrier.
# * *Digital technology* $d$ removes a share $\rho$ of trade and information costs and a share $\kappa$ of congestion.
# * *Integration* $g$ removes a share $\gamma$ of trade and information costs and lets the services reach further
#   ($\omega$).
#
# An entrepreneur enters the core only if it pays $e^B$ times what the periphery pays, with
# $B = \beta (1 - \rho d)(1 - \gamma g)\bigl(1 - b (1 + \omega g)\, c\bigr)$. The marginal revenue product of the factor
# is its private return times $1 + (\sigma - 1)\eta$. Where $V_i$ net of the barrier is equal, the log of the core's
# marginal revenue product less the periphery's is therefore
#
# $$
# \Lambda(c, d, g) = B(c, d, g) + \ln\bigl(1 + (\sigma - 1)\, \eta(c, d)\bigr),
# $$
#
# whatever $\mu$ and the cost of trade. Efficiency asks for $\Lambda = 0$. *Misallocation* is the mean absolute log
# wedge over regions, here $|\Lambda|/2$, in the spirit of {cite:t}`hsieh_klenow_2009`; the *correction* is how much
# lower it is than at $c = 0$. What a move does to prices elsewhere is left out of the wedge: the efficient
# allocation takes markets as they are and removes barrier and externality only.


# %%
def wedge(c, d):
    """Λ without integration, from the formula."""
    barrier = forces.barrier * (1 - forces.digital_reach * d) * (1 - forces.relief * c)
    eta = forces.linkage * c - forces.congestion * (1 - forces.digital_space * d) * c**2
    return barrier + np.log(1 + (elasticity - 1) * eta)


c, levels = np.linspace(0, 1, 100_001), (0.0, 0.5, 1.0)
least = [c[np.abs(wedge(c, d)).argmin()] for d in levels]  # where least is misallocated
peaks = [forces.turning_point(d) for d in levels]
pd.DataFrame({"digital technology": levels, "turning point, typed": least, "package": peaks})

# %% [markdown]
# ## Where the inverted U comes from
#
# $\Lambda$ is concave in $c$ and not negative at $c = 0$. Hence the correction is an inverted U on $[0, 1]$
# **if and only if**
#
# $$
# \underbrace{\beta\, b\, (1 - \rho d)(1 - \gamma g)(1 + \omega g) > (\sigma - 1)\, \ell}_{\text{it begins: relief beats the unpaid linkage}}
# \quad\text{and}\quad
# \underbrace{\Lambda(1, d, g) < 0}_{\text{it ends: congestion beats the barrier that is left}} .
# $$
#
# The first condition may surprise. A linkage that nobody pays for makes the factor *more* valuable in the core than
# its wage says, so by itself it is a reason for too little factor in the core, not a correction. Without the second
# the correction goes on throughout. With no barrier there is nothing to correct.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: shapes of the correction", "figure": {"caption": "Shapes of the correction: an inverted U (plain), a correction without a turn (hatched), misallocation that grows first (dotted). The dot marks the parameters of this page; all parameters not on the axes are held at it.", "name": "fig-agglomeration-regimes"}, "image": {"alt": "Two maps. Over barrier and congestion, the inverted U needs a barrier of some height and congestion above a rising line. Over elasticity and linkage, it lies between a region of low elasticity without a turn and one of strong linkage where misallocation grows first."}}
figures.regimes(forces, digital, label=LABEL)

# %% [markdown]
# The dot has a barrier of {glue:text}`barrier` log points of which co-agglomeration relieves {glue:text}`relief`, a
# linkage of {glue:text}`linkage` and congestion of {glue:text}`congestion`. These are chosen so that the inverted U is
# inside, not measured.
#
# ## Digital technology and the turning point
#
# At the turning point $c^*$ the wedge is zero, and by the implicit function theorem
#
# $$
# \operatorname{sign} \frac{\partial c^*}{\partial d} =
# \operatorname{sign} \Bigl[ (\sigma - 1)\, k \kappa\, {c^*}^2\, e^{B} - \frac{\rho B}{1 - \rho d} \Bigr],
# $$
#
# with $B$ taken at $c^*$: relief of congestion puts the turn off, relief of the barrier that is still there brings it
# forward.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: turning point over digital technology", "figure": {"caption": "Left: the turning point over digital technology for three strengths of its relief of congestion. Right: the sign of its first shift, at d = 0, over both reliefs; the dot marks the parameters of this page.", "name": "fig-agglomeration-turning"}, "image": {"alt": "Left, one falling, one flat and one rising line. Right, a square divided by a line from the origin: above it the turn comes later, below it earlier."}}
figures.turning_points(forces, label=LABEL)

# %% [markdown]
# Here $c^*$ goes from {glue:text}`turn-none` without digital technology to {glue:text}`turn-full` with all of it. The
# paper says that the correction also becomes *stronger*. At the old peak it cannot be both, if misallocation is the size
# of wedges, which has a floor at zero. There the old correction was all of the misallocation there was. If the turn now
# comes later, some misallocation is left at that place, so the correction is smaller, unless digital technology *raised*
# the misallocation one starts from. A regression of the *logarithm* of that size on $c$, $c^2$ and $c d$ knows no floor,
# and without $c^2 d$ it makes "stronger" and "later" one statement ({doc}`mechanism`); neither speaks against the other,
# they speak of different functions. In the model the correction at the old peak goes from
# {glue:text}`correction-none` to {glue:text}`correction-full`. This does not hang on our functional forms, only on a
# peak at which nothing is left to correct. Far to the right of the old peak, where
# less is lost to crowding, digital technology does make the correction stronger.
#
# ## Integration

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: misallocation under integration", "figure": {"caption": "Left: misallocation over co-agglomeration at three levels of integration. Right: what a first unit of co-agglomeration corrects, over integration, for three strengths of diffusion.", "name": "fig-agglomeration-integration"}, "image": {"alt": "Left, three V-shaped curves; more integration starts lower and turns earlier. Right, without diffusion the line falls; with strong diffusion it rises."}}
figures.integration(forces, digital, label=LABEL)

# %% [markdown]
# Lower barriers leave less to correct. Integration alone is a *substitute* for co-agglomeration; it strengthens the
# correction by a first unit if and only if what it adds to the reach of services outweighs what it takes away,
# $\omega (1 - 2 \gamma g) > \gamma$. The paper's channel, diffusion, is what the model needs. It also predicts
# something that the abstract does not mention: integration brings the turn forward, here from {glue:text}`turn-apart`
# to {glue:text}`turn-joined`.
#
# ## Partnership with neighbours, or at their cost
#
# Six regions on a ring trade with each other; one of them is the core. *Local* is the effect of its co-agglomeration
# on its own absolute wedge, *neighbour* that on the two regions beside it, with wedges measured against the mean
# marginal revenue product of the ring. Here and in the allocation above trade is kept well below the break point, at a
# freeness of {glue:text}`trade`, so that every region keeps some of the factor, and at the same wage and size a variety
# of the core sells {glue:text}`advantage` times as much as one from elsewhere.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code: three rings of six regions"}
ring = {"advantage": 0.5, "mobile_share": mobile_share, "freeness": pair.freeness}
guarded = ring | {"entry": (1.0, 0.5, 0.0, 0.0, 0.0, 0.5)}
cases = {
    "open neighbours": LinkedRegions(forces, entry=(1.0, 0.0, 0.0, 0.0, 0.0, 0.0), **ring),
    "guarded, spillover 0.2": LinkedRegions(forces, spillover=0.2, **guarded),
    "guarded, spillover 1": LinkedRegions(forces, spillover=1.0, **guarded),
}

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: effects in the core and next door", "figure": {"caption": "Local and neighbour effect of the core's co-agglomeration on a ring of six; below zero misallocation falls. Shaded: both improve. Left: neighbours without barriers. Middle and right: neighbours with half the core's barrier, who reach a fifth of the core's services (middle) or all of them (right).", "name": "fig-agglomeration-neighbours"}, "image": {"alt": "Three panels. With open neighbours both effects are negative up to the turning point and positive after it. With guarded neighbours the neighbour effect turns positive much earlier, earliest where the spillover is weak."}}
figures.neighbours(cases, digital, label=LABEL)

# %% [markdown]
# Where neighbours hold the factor that the core lacks, both sides gain until $c^*$ and both lose after it: partnership
# on the left of the peak, cost to the neighbour on the right, as the paper has it. Where neighbours lack the factor
# too, the core's gain raises the mean and leaves them further behind, from early on. Then the improvement is shared
# only as long as services reach across the border and lower the neighbours' own barriers faster than the mean rises.
#
# ## What the theory hands to the data
#
# Write misallocation as $\theta_1 c + \theta_2 c^2 + \theta_3 d + \theta_4 c d + \theta_5 c^2 d$ and so on, in a spatial Durbin model.
#
# | Claim of the paper | Follows in the model if | Decided by | Contradicted by |
# |---|---|---|---|
# | The correction spreads | neighbours are open, or services reach them | indirect effect of $c$ at low $c$ negative | an indirect effect of zero or above |
# | Inverted U | relief beats linkage at 0, congestion beats the barrier at 1 | slope negative at the lowest, positive at the highest $c$ | either slope of the wrong sign |
# | On the right, at the neighbours' cost | congestion is not paid for | indirect effect of $c$ positive at high $c$ | an indirect effect that stays negative |
# | The turn comes later with digital technology | relief of congestion beats relief of the barrier | $\theta_1 \theta_5 - \theta_2 \theta_4 > 0$ | the opposite sign |
# | Digital technology strengthens the correction | $c$ is well past the old peak, or digital technology raises misallocation at $c = 0$ | effect of $d$ on the difference between $c$ and 0 | a weaker difference |
# | Integration strengthens it | $\omega (1 - 2\gamma g) > \gamma$ | treatment times $c$ negative | zero or above |
#
# ## What a reader may conclude
#
# The inverted U needs no special pleading: a barrier that falls and a crowding that nobody pays for will do. But a
# turn is not implied. A correction that never turns, and one that makes matters worse at first, come out of the same
# model with other parameters, and nothing in the abstract says which ones hold in China. A later turn is not implied
# by better technology either, and a later turn together with a stronger correction asks for more than the argument
# gives. The data have to decide; the theory says which signs to look at, and that a fitted parabola with a peak near
# the end of the sample is not yet an inverted U.

# %% [markdown]
# ## Exercises
#
# Each has a solution that was executed with this page. *Change this* runs the page with another choice.
#
# :::{admonition} Exercise 1
# :class: tip
# Let digital technology relieve the barrier and no congestion. Does the turning point still come later?
# :::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Solution 1", "code_prompt_hide": "Hide the solution"}
for space in (forces.digital_space, 0.0):
    other = LinkedIndustries(elasticity=elasticity, digital_space=space)
    turns_at = ", ".join(f"{other.turning_point(d):.3f}" for d in levels)
    print(f"relief of congestion {space:g}: turning points {turns_at}")
print("Relief of the barrier alone brings the turn forward: less is left to correct.")

# %% [markdown]
# :::{admonition} Exercise 2
# :class: tip
# Take the barrier away. What is there to correct at $c = 0$, and what does co-agglomeration do then?
# :::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Solution 2", "code_prompt_hide": "Hide the solution"}
without = LinkedIndustries(elasticity=elasticity, barrier=0.0)
for share in (0.0, 0.2, 0.5, 1.0):
    print(f"c = {share:.1f}: misallocation {float(without.misallocation(share, 0.0)):.4f}")
print("Nothing at first; linkages and congestion that nobody pays for then open a wedge.")

# %% [markdown]
# :::{admonition} Exercise 3
# :class: tip
# Where varieties are poorer substitutes, does the core of the footloose entrepreneurs form at a lower or a higher
# freeness of trade?
#
# *Change this:* `digital-clusters run collaborative_agglomeration/theory -p elasticity=3.0 --html`
# :::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Solution 3", "code_prompt_hide": "Hide the solution"}
for substitution in (3.0, 5.0, 8.0):
    model = FootlooseEntrepreneurs(substitution, mobile_share)
    print(f"σ = {substitution:g}: break point φ = {model.break_point():.4f}")
print("At a lower one: poorer substitutes compete less, and the home market weighs more.")
