/* The same question by several methods: a switch between sets of estimates with their intervals. The numbers are the
   page's own; nothing is computed here but places on the screen. */
"use strict";

(function () {
  const ROOM = 0.06;

  /* the range that holds all sets, so that a switch moves marks and not the axis */
  function span(sets, others) {
    const ends = sets.flatMap((set) => set.points.flatMap((p) => [p.value, p.low, p.high]));
    const all = [...ends, ...others, 0].filter((value) => Number.isFinite(value));
    const low = Math.min(...all), high = Math.max(...all), room = ROOM * (high - low || 1);
    return [low - room, high + room];
  }

  const told = (p) =>
    p.low === null ? live.fixed(p.value, 3) : `${live.fixed(p.value, 3)} (${live.fixed(p.low, 3)} to ${live.fixed(p.high, 3)})`;

  function diamond(chart, p) {
    const x = chart.x(p.at), y = chart.y(p.value), d = `M${x - 5} ${y}L${x} ${y - 5}L${x + 5} ${y}L${x} ${y + 5}Z`;
    chart.add("path", { d, class: "live-dot live-truth" });
  }

  live.maths.estimates = { span };

  live.kind("estimates", (data, parts) => {
    const state = { set: 0 };
    parts.controls.append(
      live.choice(data.question, data.sets.map((set) => set.name), 0, (k) => { state.set = k; parts.redraw(); })
    );
    const levels = data.levels.map((level) => level.value), truth = data.truth.map((p) => p.value);
    const y = span(data.sets, [...levels, ...truth]);
    const places = [...data.sets.flatMap((set) => set.points), ...data.truth].map((p) => p.at);
    const x = [Math.min(...places) - 0.5, Math.max(...places) + 0.5];

    return () => {
      const set = data.sets[state.set];
      const chart = new live.Chart(parts.frame, {
        x, y, xlabel: data.xlabel, ylabel: data.ylabel, xticks: data.xticks.length ? data.xticks : null,
      });
      chart.level(0, "live-zero");
      for (const level of data.levels) {
        chart.level(level.value, level.kind);
        chart.say(x[1], level.value, level.name, "end");
      }
      for (const p of data.truth) diamond(chart, p);
      for (const p of set.points.filter((one) => one.value !== null)) {
        if (p.low !== null) {
          const ends = { y1: chart.y(p.low), y2: chart.y(p.high) };
          chart.add("line", { x1: chart.x(p.at), x2: chart.x(p.at), ...ends, class: "live-line live-first" });
        }
        chart.dot(p.at, p.value, "live-first", 4.5);
      }
      live.numbers(parts, [
        ...set.points.map((p) => [p.name, told(p)]),
        ...data.truth.map((p) => [`${p.name}, planted`, live.fixed(p.value, 3)]),
      ]);
      return set.words;
    };
  });
})();
