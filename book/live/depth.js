/* How finely a team divides its work: digital_clusters.theory.clusters.division_of_labour, whose fields are the data. */
"use strict";

(function () {
  const STEPS = 200;

  const costs = (team, spatial, psychological) =>
    [
      [team.per_spatial * spatial + team.per_psychological * psychological, team.cost_elasticity],
      [team.attention, team.attention_elasticity],
    ].filter(([cost]) => cost > 0);

  const gain = (team, n) => team.gain * team.gain_elasticity * n ** (team.gain_elasticity - 1);

  const cost = (team, n, spatial, psychological) =>
    costs(team, spatial, psychological).reduce((sum, [c, e]) => sum + c * e * n ** (e - 1), 0);

  /* Depth n* where marginal gain and marginal cost meet, by halving the logarithm of n; all costs rise faster
     than the gain, so that their difference falls. One where no division pays, infinity without any cost. */
  function optimum(team, spatial, psychological) {
    const theta = team.gain_elasticity, found = costs(team, spatial, psychological);
    if (!found.length) return Infinity;
    const excess = (log) =>
      team.gain * theta - found.reduce((sum, [c, e]) => sum + c * e * Math.exp((e - theta) * log), 0);
    if (excess(0) <= 0) return 1;
    const ends = found.map(([c, e]) => Math.log((team.gain * theta) / (c * e)) / (e - theta));
    let low = 0, high = Math.min(...ends) + 1;
    for (let k = 0; k < STEPS && high - low > 1e-15; k += 1) {
      const middle = (low + high) / 2;
      if (excess(middle) > 0) low = middle;
      else high = middle;
    }
    return Math.exp((low + high) / 2);
  }

  live.maths.depth = { cost, gain, optimum };

  live.kind("depth", (data, parts) => {
    const state = { spatial: data.spatial, psychological: data.psychological, attention: true };
    const team = () => ({ ...data.team, attention: state.attention ? data.team.attention : 0 });
    const distance = (name) =>
      live.slider(`${name} distance`, { low: 0, high: 2, step: 0.05, value: state[name] }, (value) => {
        state[name] = value;
        parts.redraw();
      });
    const sliders = [distance("spatial"), distance("psychological")];
    const free = live.element("input", { type: "checkbox" });
    free.checked = true;
    free.addEventListener("change", () => { state.attention = free.checked; parts.redraw(); });
    const virtual = live.button("Go virtual", () => {
      state.spatial = 0;
      sliders[0].set(0);
      parts.redraw();
    });
    parts.controls.append(...sliders.map((one) => one.node), live.element("label", {}, free, " attention costs"), virtual);

    return () => {
      const here = team(), n = optimum(here, state.spatial, state.psychological);
      const most = Math.max(25, Number.isFinite(n) ? 1.3 * n : 80), top = gain(here, 1);
      const chart = new live.Chart(parts.frame, {
        x: [1, most], y: [0, top], xlabel: "depth of the division n, tasks", ylabel: "product per head, per task",
      });
      const grid = live.range(0, 1, 240).map((share) => 1 + (most - 1) * share ** 2);
      chart.line(grid.map((at) => [at, gain(here, at)]), "live-first");
      chart.line(grid.map((at) => [at, cost(here, at, state.spatial, state.psychological)]), "live-second");
      chart.say(1 + 0.12 * most, gain(here, 1 + 0.12 * most), "marginal gain");
      chart.say(most, Math.min(cost(here, most, state.spatial, state.psychological), 0.8 * top), "marginal cost", "end");
      if (Number.isFinite(n)) {
        chart.upright(n, "live-mark");
        chart.dot(n, gain(here, n), "live-mark");
        chart.say(n, 0.9 * top, `n* = ${live.number(n)}`);
      }
      const where = `spatial distance ${live.fixed(state.spatial, 2)} and psychological distance ${live.fixed(state.psychological, 2)}`;
      const ends = Number.isFinite(n)
        ? n === 1 ? "no division pays" : `the division stops at n* = ${live.number(n)} tasks`
        : "nothing stops the division";
      const gone = live.number(optimum(here, 0, state.psychological));
      const attention = state.attention ? "" : ", where attention is free,";
      return `At ${where}${attention} ${ends}. With no spatial distance it is ${gone}.`;
    };
  });
})();
