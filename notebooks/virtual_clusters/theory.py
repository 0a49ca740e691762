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
# # Virtual clusters: what distance does to the division of labour
#
# :::{admonition} What public data make of it
# :class: note
# Three claims of {doc}`../virtual_agglomeration/theory` are about what this chapter's models contain: digital
# infrastructure, the demand that is reached, and going virtual beside being near. {glue:text}`on-public-data`
# :::
#
# {cite:t}`chen_xiaoyong` argues that a cluster of firms is strong because it shortens *distance*, in space and
# in the mind, and so makes a finer division of labour pay. A platform takes the spatial distance to zero, a
# community shortens the psychological one, and the cluster loses its borders and its limits of number and size.
#
# The paper states this in words. Only its abstract, its outline and two of its footnotes were read for this
# chapter; what the article says beyond them is not judged. The chapter writes two models that can be
# solved or run, and asks of each sentence under which condition it is true. Nothing is estimated here. All
# parameters are chosen for illustration; distances are measured in units of a traditional cluster's, so that
# it has one of each.

# %% tags=["parameters"]
spatial_distance = 1.0  # traditional cluster 1, virtual 0
psychological_distance = 1.0  # likewise; community operation lowers it
replications = 20  # runs of the simulated cluster in each setting
seed = 20171201  # of the simulated clusters

# %% [markdown]
# Two objects carry the first half of the chapter: a *team*, which chooses how finely it divides its work, and a
# *cluster* of such teams with its buyers. Their parameters are the fields printed below.

# %%
from digital_clusters.studies.virtual_clusters import figures, predictions, tables
from digital_clusters.theory.clusters.division_of_labour import DivisionOfLabour
from digital_clusters.theory.clusters.size import ClusterSize

here = (spatial_distance, psychological_distance)
team = DivisionOfLabour()
cluster = ClusterSize(labour=team)
label = predictions.LABEL
team

# %% tags=["remove-cell"]
from digital_clusters.studies.virtual_clusters import quotes

quotes.depth(cluster, here)
quotes.marshall(cluster, here)

from digital_clusters.report.scorecard.sentences import quote_lines

quote_lines(
    "virtual_agglomeration", "more_with_digital_infrastructure", "boosts_demand", "complements_geography"
)

# %% [markdown]
# ## The argument as a diagram

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: the diagram of the argument", "figure": {"caption": "The argument of the paper. The platform acts on spatial, the community on psychological distance; both make up the cost of cooperation, which limits the division of labour. Dashed: cost of cooperation that no nearness removes, which the paper does not mention and on which the word borderless depends.", "name": "fig-clusters-diagram"}, "image": {"alt": "Causal diagram. Platform points at spatial distance, community at psychological distance; both distances and attention point at the cost of cooperation, which points at the division of labour, which together with the extent of the market points at the size of the cluster."}}
figures.argument(label="the printed abstract, and this chapter's additions")

# %% [markdown]
# ## How deep: where marginal gain and marginal cost meet
#
# A team splits its work into $n$ tasks. Specialists are better at their task, so product per head rises with
# $n$; but they must cooperate, and that costs more the finer the division and the farther apart they are.
#
# By example, at the distances of the parameter cell: split into {glue:text}`n-here` tasks the work yields
# {glue:text}`yield-here` a head. Into half as many it yields {glue:text}`yield-half`, because each is less of a
# specialist; into twice as many {glue:text}`yield-twice`, because cooperation costs more than it adds. Without spatial
# distance twice as many yield {glue:text}`yield-twice-virtual`: distance decides how fine a division pays.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: marginal gain and cost", "figure": {"caption": "Marginal gain of a finer division and its marginal cost at several distances. They cross at n*, the dots.", "name": "fig-clusters-margins"}, "image": {"alt": "A falling curve of marginal gain is crossed by rising curves of marginal cost; the lower the cost of distance, the farther to the right the crossing."}}
places = {
    "your distances": here,
    "yours, spatial 0": (0.0, psychological_distance),
    "no distance": (0.0, 0.0),
}
figures.marginal_gain_and_cost(team, places, label=label)

# %% [markdown]
# The trade-off is that of {cite:t}`becker_murphy_1992`, with cost of coordination, and of
# {cite:t}`yang_borland_1991`, with cost of transactions. The form is ours:
#
# $$
# \begin{aligned}
# y(n) &= A n^{\theta} - \tau n^{\beta} - \kappa n^{\chi}, \\
# \tau &= \tau_s \cdot \text{spatial distance} + \tau_p \cdot \text{psychological distance} .
# \end{aligned}
# $$
#
# The last term is attention: every further partner takes some, whether near or far. The depth $n^*$ solves
#
# $$
# A \theta n^{\theta - 1} = \tau \beta n^{\beta - 1} + \kappa \chi n^{\chi - 1} .
# $$
#
# With one kind of cost only, or $\beta = \chi$, it is $n^* = (A \theta / (c e))^{1/(e - \theta)}$ for a cost $c n^e$.
# With $\chi - \theta = 2 (\beta - \theta)$, as in the figures, it is the root of a quadratic in $n^{\beta -
# \theta}$. Otherwise it is found numerically; the tests hold the two against each other.

# %%
from scipy.optimize import brentq

A, theta, beta, kappa, chi = 10.0, 0.5, 1.5, 0.002, 2.5
tau = 0.2 * spatial_distance + 0.1 * psychological_distance


def net_gain(n):
    return A * theta * n ** (theta - 1) - tau * beta * n ** (beta - 1) - kappa * chi * n ** (chi - 1)


n_star = brentq(net_gain, 1, 1e6, xtol=1e-12) if net_gain(1) > 0 else 1.0
print(f"n* by hand {n_star:.6f}, by the package {team.optimum(*here):.6f}")

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure that moves: distance and depth"}
from digital_clusters.report.live import live_depth

live_depth(team, here, title="Distance, and where the division of labour stops", label=label)

# %% [markdown]
# At a spatial distance of {glue:text}`spatial` and a psychological distance of {glue:text}`psychological` the division
# stops at $n^* =$ {glue:text}`n-here` tasks (a traditional cluster: {glue:text}`n-traditional`). Going virtual alone moves it to {glue:text}`n-virtual`, halving the psychological
# distance alone to {glue:text}`n-community`, both together to {glue:text}`n-both`. Without any distance it
# still ends, at {glue:text}`n-none`, because attention does not.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: depth over distance", "figure": {"caption": "Depth over each distance at three levels of the other. The star is at the distances of the parameter cell.", "name": "fig-clusters-depth"}, "image": {"alt": "Two panels of falling curves. Depth falls with spatial and with psychological distance, and lies higher the shorter the other distance is."}}
figures.depth_over_distance(team, here, label=label)

# %% [markdown]
# The slope is $\partial n^* / \partial\, \text{spatial} = \tau_s / \tau'(n^*)$, with $\tau(n)$ the cost of distance
# at which $n$ would be best:
#
# $$
# \tau(n) = \tfrac{A \theta}{\beta}\, n^{\theta - \beta} - \tfrac{\kappa \chi}{\beta}\, n^{\chi - \beta} .
# $$
#
# More distance never deepens the division; that holds for all parameters. Whether the two distances reinforce
# each other is another matter. With $\beta > \theta$, the cross derivative is positive at every interior $n^*$ if
# $\kappa = 0$ or $0 \le \chi - \beta \le 1$, because $\tau(n)$ is then convex. Under that condition a platform does
# more for those who already understand each other, as in the figure; outside it there are cases of the opposite.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: going virtual", "figure": {"caption": "Left: lines of equal depth; the level arrow is going virtual, the upright one community operation; the star marks the distances of the parameter cell. Right: tasks that going virtual adds, over psychological distance.", "name": "fig-clusters-virtual"}, "image": {"alt": "Left, a plane of two distances with lines of equal depth and two arrows that lead to the origin. Right, a falling curve: going virtual adds more tasks the shorter the psychological distance."}}
figures.going_virtual(team, here, label=label)

# %% [markdown]
# ### Virtual and near: complements or substitutes
#
# Let going virtual leave a share $\varphi$ of the spatial distance. Moving online and moving closer reinforce each
# other if and only if the spatial part of the cost of distance is large enough: more than
# $(\beta - \theta) / (1 + \beta - \theta)$ of it if $\kappa = 0$, and in general more than a share that depends on
# $n^*$. At $\varphi = 0$ they cannot: no spatial distance is left that a step closer could shorten. At your
# distances the spatial part is {glue:text}`spatial-part`: a first step online and a step closer
# {glue:text}`complement`. A *complete* virtual transformation and a cluster that still profits from its *place* do not
# go together in this model, unless the place shortens the psychological distance.
#
# ## How large: firms and goods
#
# Depth counts the tasks of a team, size the firms of the cluster. A team of $n^*$ firms makes one good; buyers live on
# a disc, their demand fades with distance, and firms enter as under monopolistic competition
# {cite:p}`dixit_stiglitz_1977` until
#
# $$
# N \bigl(F + c N^{m}\bigr) = E(s)\, y^{* \, \sigma - 1} / \sigma .
# $$
#
# $N$ counts firms, $N / n^*$ goods, $E(s)$ the demand reached at spatial distance $s$, and $c$ a rent on a common
# site. The conditions are exact:
#
# * *Depth* is finite if and only if some cost that is not zero rises with an elasticity above $\theta$ (at
#   exactly $\theta$, if those costs add up to $A$ or more). As all distance goes, it grows without bound if
#   $\kappa = 0$ and stops if $\kappa > 0$ and $\chi > \theta$.
# * *Number*, where cooperation yields anything, is finite if and only if depth and market are. With a finite world
#   the cluster stops at a number of firms even at zero distance: it is limited by the extent of the market
#   {cite:p}`stigler_1951`. Rent lowers that number, and without a finite market it only slows the growth.
# * *Diversity*: if neither rent nor attention costs anything and the market stays as it is, cheaper cooperation
#   brings more goods if and only if $\theta (\sigma - 1) > 1$; otherwise there are fewer goods, each made by more
#   firms.
#
# At your distances, without rent and with the other parameters as printed above:

# %%
import math

from scipy.integrate import quad

product = A * n_star**theta - tau * n_star**beta - kappa * n_star**chi
market, _ = quad(lambda r: 2 * math.pi * 0.01 * r * math.exp(-spatial_distance * r), 0, 3.0)
sigma, setup = 4.0, 1.0
firms = market * max(product, 0.0) ** (sigma - 1) / sigma / setup
found = cluster.equilibrium(*here)
print(f"by hand {firms:.3f} firms, {firms / n_star:.3f} goods")
print(f"by the package {found.firms:.3f} firms, {found.goods:.3f} goods")

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: bounded or not", "figure": {"caption": "What grows without bound and what stops. Left: depth as both distances shrink. Right: firms as spatial distance shrinks at a psychological distance of one; rent is that of a shared site.", "name": "fig-clusters-bounds"}, "image": {"alt": "Logarithmic scales. Depth levels off with a cost of attention and rises in a straight line without. Firms level off in a finite world and keep rising in an infinite one, more slowly with rent."}}
teams = {"attention costs (κ > 0)": team, "no cost but distance (κ = 0)": DivisionOfLabour(attention=0.0)}
worlds = {"finite world": 3.0, "infinite world": math.inf}
rents = {"": 0.0, ", rent": 0.01}
clusters = {w + r: ClusterSize(world=worlds[w], rent=rents[r]) for w in worlds for r in rents}
figures.bounded_or_not(teams, clusters, label=label)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: depth and size over distance"}
tables.depths(cluster, here)

# %% [markdown]
# "Without limit of number and size" therefore needs two things beyond zero distance: no cost of cooperation that
# distance does not explain, and buyers without end. With attention and a finite world it stops at
# {glue:text}`n-none` tasks and {glue:text}`firms-none` firms.
#
# ## Whose economies: the division's or the cluster's
#
# Firms in clusters are said to enjoy *external economies of scale*: with all else equal each works better where
# there are more of them. {cite:t}`marshall_1890` ascribes them to the place. The paper ascribes them to the
# division of labour, which the place merely makes cheaper. A model that holds only one of the two cannot decide;
# so let the gain from division rise with the number of firms on the site, whatever their distances,
#
# $$
# A(N) = A N^{\varepsilon}, \qquad
# \frac{\partial \ln y^*}{\partial \ln N} = \varepsilon \, \frac{A(N)\, n^{*\, \theta}}{y^*} ,
# $$
#
# the second by the envelope theorem. At $\varepsilon = 0$ it is the model of the paper: at given distances product
# per head does not depend on how many firms there are. The number of firms that enter and the product per head
# that they find are a fixed point; steps from one firm reach it:

# %%
epsilon, N = 0.05, 1.0
for _ in range(200):
    richer = DivisionOfLabour(gain=A * max(N, 1.0) ** epsilon)
    y_star = float(richer.product(richer.optimum(*here), *here))
    N = market * max(y_star, 0.0) ** (sigma - 1) / sigma / setup

from digital_clusters.theory.clusters.marshall import MarshallianCluster, break_even

marshallian = MarshallianCluster(cluster, epsilon)
there = marshallian.equilibrium(*here)
print(f"by hand {N:.3f} firms, product per head {y_star:.4f}")
print(
    f"by the package {there.firms:.3f} firms, product per head {marshallian.product(there.firms, *here):.4f}"
)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: more buyers at the same distances"}
tables.economies_of_number(cluster, here, externalities=(0.0, 0.02, 0.05), worlds=(1.0, 3.0, 6.0))

# %% [markdown]
# In the first pair of columns more buyers bring more firms and the same product per head; in the others product per
# head rises with the mere number. That tells the two apart: among clusters at the same distances, number has no effect
# if the paper is right and one if Marshall is. The paper's sentence is therefore no conclusion of a model of division
# but the assumption $\varepsilon = 0$, and much hangs on it: who goes virtual leaves the site. At $\varepsilon =$
# {glue:text}`break-even`, where {glue:text}`break-even-firms` firms share the traditional site, both clusters have the
# same product per head; above it the traditional one has more. There the elasticity of product per head with respect
# to the number of firms, the second formula, is {glue:text}`break-even-product`. Estimates of how much productivity
# rises with the size of a city put that elasticity between about 0.04 and 0.11 {cite:p}`rosenthal_strange_2004`, and
# contain both kinds of economies.

# %% [markdown]
# ## How a cluster evolves
#
# The paper's two paths are run as *one* model with two switches. Firms stand on a map of {glue:text}`rule-regions`
# regions and have norms that neighbours share. Two firms cooperate while the benefit, which rises with their quality, exceeds the
# cost of distance in space, of distance between norms, and of attention. Firms learn from partners, start
# research when they are good enough and earn enough, enter where they expect to earn the rent, and leave after
# losses. The *platform* sets the cost of space to zero. The *community* pulls the norms of members towards their
# mean, by {glue:text}`rule-pace` of the way in a period. The two distances of the parameter cell do not enter here.

# %%
from digital_clusters.theory.clusters.trials import run_trials

outcomes = run_trials(seed, replications)
keys = {"neither switch": "traditional", "platform": "platform_only", "platform and community": "virtual"}
settings = {name: outcomes[key].runs for name, key in keys.items()}

# %% [markdown]
# *Openness* is the aggregate that the phases rest on: the share of links that cross a border of regions, over the
# share of all pairs of firms that do. For the last period of one run:

# %%
import numpy as np

run = settings["platform"][0]
pairs = np.triu(np.ones_like(run.links), 1).astype(bool)
crossing = run.region[:, None] != run.region
openness = crossing[pairs & run.links].mean() / crossing[pairs].mean()
print(f"openness by hand {openness:.6f}, by the package {run.aggregates.openness[-1]:.6f}")

# %% tags=["remove-cell"]
quotes.trials(outcomes)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: the evolution of the cluster", "figure": {"caption": "Six aggregates of the simulated cluster under three settings: median over the runs and band from the 10th to the 90th percentile. Openness compares links between regions with what they would be if regions did not matter.", "name": "fig-clusters-evolution"}, "image": {"alt": "Six panels over sixty periods. Without switches the number of firms levels off and openness stays at zero; with the platform firms keep growing and openness rises part of the way; with both switches openness rises close to one and norms come closer."}}
figures.evolution(settings, label=label)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: the networks", "figure": {"caption": "Firms and links in the last period of the first run of each setting. Colour is a firm's norm. Lines join regions, as wide as there are links between their firms; a region is shaded the more, the more of the pairs inside it are linked.", "name": "fig-clusters-networks"}, "image": {"alt": "Three maps of nine regions. Without switches one dense district in the middle; with the platform firms all over, linked within bands of like norms; with both switches one network across regions with norms close together."}}
figures.networks({name: runs[0] for name, runs in settings.items()}, label=label)

# %% [markdown]
# ### Phases by a rule
#
# The phases are read off the aggregates, not set; with few firms in the first periods openness is noisy. While
# openness is below {glue:text}`rule-open` the cluster is local: in the phase of *research* if {glue:text}`rule-research`
# of the firms do research, else of *quantity* if the number of firms grows at least as fast as quality, else of
# *quality*. From there it is open: *borderless* if openness is at least {glue:text}`rule-borderless` and firms still grow
# by {glue:text}`rule-growing` a period; else *platform* while {glue:text}`rule-strange` or more of the distance between
# norms are left; else *community*. A phase counts if it lasts {glue:text}`rule-lasting` periods. Growth is taken over
# {glue:text}`rule-reach` periods to either side.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the figure: phases over time", "figure": {"caption": "Share of the runs in each phase, by the rule.", "name": "fig-clusters-phases"}, "image": {"alt": "Three stacked areas over time. Without switches quantity gives way to quality and then research; with the platform alone the phase of the platform lasts; with both switches platform gives way to community and then borderless."}}
figures.phases_over_time(settings, label=label)

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: when a phase begins"}
tables.starting(outcomes, ("traditional", "virtual"))

# %% [markdown]
# How much of this is the rule? The same runs are read again with one threshold changed at a time. The
# traditional path is found in {glue:text}`lowest-traditional` to {glue:text}`highest-traditional` of them, the virtual
# path in {glue:text}`lowest-virtual` to {glue:text}`highest-virtual`: its last two phases are a matter of degree, and
# where the line between them is drawn decides. Of {glue:text}`rule-tried` other thresholds {glue:text}`rule-higher`
# finds the virtual path more often than the rule as stated, and {glue:text}`rule-lower` find it less often. One run of
# {glue:text}`runs` is {glue:text}`one-run`: small differences between rows rest on one or two runs.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: other thresholds of the rule"}
tables.rule(outcomes, ("traditional", "virtual"))

# %% [markdown]
# ### What each story has to be given
#
# The traditional path appears in {glue:text}`path-traditional` of the runs (95 per cent limits
# {glue:text}`limits-traditional`) and the virtual one in {glue:text}`path-virtual` ({glue:text}`limits-virtual`). Each
# row of the table takes one assumption away and leaves all else, seeds included.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: what each story needs"}
tables.trials(outcomes)

# %% [markdown]
# * *Quality before research* is put in: a firm must be good before it may start research. Without that rule the
#   path appears in {glue:text}`path-research_free` of the runs.
# * *Quality after quantity* needs scarce land. Where land is free, numbers keep growing faster than quality
#   ({glue:text}`path-land_free`).
# * *Platform before community* needs norms that move more slowly than links. Where norms give way faster
#   than links form, {glue:text}`platform-norms_at_once` of the runs have a phase of the platform, and
#   {glue:text}`community-norms_at_once` one of the community.
# * *Community at all* needs psychological distance. If it costs nothing, links cross regions as if there were none
#   (openness {glue:text}`openness-no_strangers`), with the community or without, and the phase of the community is in
#   {glue:text}`community-no_strangers` of the runs. Without the switch it is in {glue:text}`community-platform_only`:
#   the model shows what follows from a community, not why one arises.
# * *Borderless in number* needs a cost of coordination that does not rise with the size of the cluster. With one
#   that does, regions cease to matter all the same (openness {glue:text}`openness-size_costs`), but growth falls to
#   {glue:text}`growth-size_costs` a period at {glue:text}`firms-size_costs` firms, instead of
#   {glue:text}`growth-virtual` at {glue:text}`firms-virtual`.
#
# Two results go against the story. With the community the cluster ends with *fewer* firms than with the platform
# alone ({glue:text}`firms-virtual` against {glue:text}`firms-platform_only`). The two regions with the most distant
# norms hold {glue:text}`strangers-virtual` of them instead of {glue:text}`strangers-platform_only`: a newcomer from
# there finds members whose norms have met in the middle, too far from its own. Nor do the {glue:text}`periods` periods
# of a run show that growth has no limit, only that none was met.
#
# ## The paper's sentences, one by one
#
# The abstract also speaks of the cluster's *organisation form* (who belongs), its *operation mechanism* (what makes it
# go), an *interface rule* by which strangers deal with each other, and of institutions, brands and what a cluster turns
# into. The table says of each what the models have of it.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: the abstract, sentence by sentence"}
from digital_clusters.studies.virtual_clusters.statements import abstract_table

abstract_table(cluster, outcomes)

# %% [markdown]
# ## What the theory hands to the data
#
# The study of virtual agglomeration tests claims about the resilience of cities {cite:p}`virtual_agglomeration`. The
# table lists them with the regression that decides each, and says which the models above imply. No model of this
# chapter contains a shock, so none implies resilience itself.

# %% tags=["hide-input"] mystnb={"code_prompt_show": "Code of the table: claims of the empirical study"}
predictions.predictions_table(cluster, here)

# %% [markdown]
# ## What a reader may conclude
#
# Less distance never makes the division of labour shallower, for all parameters; at those of this page half of both
# distances moves $n^*$ from {glue:text}`n-traditional` to {glue:text}`n-halved`. The further steps of the argument are
# true under conditions: distances reinforce each other if $\tau(n)$ is convex; a cluster has no limits if attention is
# free and the world is endless; phases come in the paper's order if research needs quality, land is scarce, norms are
# slow and coordination does not get dearer with size. The paper's abstract states none of them. That a cluster has no
# economies of its own is assumed and not shown: from $\varepsilon =$ {glue:text}`break-even` on, going virtual lowers
# product per head. A city in which virtual and geographic agglomeration reinforce each other would speak against
# complete virtualisation, not for it.

# %% [markdown]
# ## Exercises
#
# Each has a solution that was executed with this page. *Change this* runs the page with another choice.
#
# :::{admonition} Exercise 1
# :class: tip
# Let attention cost nothing. By which factor does halving both distances deepen the division, and why does the
# factor not depend on where one starts? Use the formula for one kind of cost.
#
# *Change this:* `digital-clusters run virtual_clusters/theory -p spatial_distance=0.5 -p psychological_distance=0.5 --html`
# :::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Solution 1", "code_prompt_hide": "Hide the solution"}
carefree = DivisionOfLabour(attention=0.0)
for distance in (2.0, 1.0, 0.5):
    far, near = (carefree.optimum(share * distance, share * distance) for share in (1.0, 0.5))
    print(f"both distances {distance}: n* from {far:.2f} to {near:.2f}, a factor of {near / far:.3f}")
factor = 2 ** (1 / (carefree.cost_elasticity - carefree.gain_elasticity))
print(f"n* is a power of the cost of distance, so that the factor is 2^(1/(β − θ)) = {factor:.3f}")

# %% [markdown]
# :::{admonition} Exercise 2
# :class: tip
# Community operation shortens the psychological distance of both clusters. Does it make going virtual easier to
# justify, that is, does it raise the elasticity at which the two cancel?
# :::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Solution 2", "code_prompt_hide": "Hide the solution"}
for distance in (1.5, 1.0, 0.5, 0.25):
    print(f"psychological distance {distance:4.2f}: they cancel at {break_even(cluster, distance):.3f}")

# %% [markdown]
# :::{admonition} Exercise 3
# :class: tip
# Cheaper cooperation brings more goods if and only if $\theta (\sigma - 1) > 1$. Choose a $\sigma$ on each side of
# the threshold and take a tenth off the cost of psychological distance, without attention, rent or a change of the
# market.
# :::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Solution 3", "code_prompt_hide": "Hide the solution"}
for sigma_here in (2.5, 4.0):
    goods = []
    for share in (1.0, 0.9):
        labour = DivisionOfLabour(attention=0.0, per_psychological=0.1 * share)
        goods.append(ClusterSize(labour=labour, elasticity=sigma_here).equilibrium(*here).goods)
    above = carefree.gain_elasticity * (sigma_here - 1)
    print(f"σ = {sigma_here}: θ(σ − 1) = {above:.2f}, goods are multiplied by {goods[1] / goods[0]:.4f}")
