/* A fitted parabola that a moderator tilts, its turning point and Fieller's set of it:
   digital_clusters.estimators.curves.moving. Coefficients and covariance are of c, c² and c × z. */
"use strict";

(function () {
  /* numerator and denominator of c*(z) = −(b1 + b3 z) / 2 b2, and their variances and covariance */
  function parts(found, z) {
    const [b1, b2, b3] = found.coefficients, v = found.covariance;
    return {
      top: -(b1 + b3 * z), bottom: 2 * b2,
      varTop: v[0][0] + 2 * z * v[0][2] + z * z * v[2][2],
      varBottom: 4 * v[1][1],
      both: -2 * (v[0][1] + z * v[2][1]),
    };
  }

  function turn(found, z) {
    const { top, bottom } = parts(found, z);
    return top / bottom;
  }

  /* Fieller (1954): values r with (top − r bottom)² at most critical² times its variance, as closed intervals */
  function fieller(found, z) {
    const { top, bottom, varTop, varBottom, both } = parts(found, z), q = found.critical ** 2;
    const a = bottom ** 2 - q * varBottom, half = top * bottom - q * both, c = top ** 2 - q * varTop;
    const inside = half ** 2 - a * c;
    if (a > 0) {
      const root = Math.sqrt(Math.max(inside, 0));
      return [[(half - root) / a, (half + root) / a]];
    }
    if (inside <= 0) return [[-Infinity, Infinity]];
    if (a === 0) return half > 0 ? [[c / (2 * half), Infinity]] : [[-Infinity, c / (2 * half)]];
    const ends = [(half - Math.sqrt(inside)) / a, (half + Math.sqrt(inside)) / a].sort((one, other) => one - other);
    return [[-Infinity, ends[0]], [ends[1], Infinity]];
  }

  /* value of the curve at c, against the value in the middle of the range */
  function curve(found, z, c) {
    const [b1, b2, b3] = found.coefficients, middle = (found.low + found.high) / 2;
    return (b1 + b3 * z) * (c - middle) + b2 * (c ** 2 - middle ** 2);
  }

  function between(pairs, at) {
    const after = pairs.findIndex(([x]) => x >= at);
    if (after <= 0) return pairs[after < 0 ? pairs.length - 1 : 0][1];
    const [[x0, y0], [x1, y1]] = [pairs[after - 1], pairs[after]];
    return y0 + ((y1 - y0) * (at - x0)) / (x1 - x0);
  }

  const told = ([low, high]) =>
    low === -Infinity ? (high === Infinity ? "every value" : `up to ${live.fixed(high, 2)}`)
      : high === Infinity ? `from ${live.fixed(low, 2)}` : `${live.fixed(low, 2)} to ${live.fixed(high, 2)}`;

  live.maths.turning = { between, curve, fieller, turn };

  live.kind("turning", (data, panel) => {
    const [least, most] = data.moderators, state = { z: data.z };
    const at = { low: least, high: most, step: (most - least) / 50, value: data.z };
    const moved = live.slider(data.moderator, at, (value) => { state.z = value; panel.redraw(); });
    panel.controls.append(moved.node);
    const first = Number(moved.input.value);
    state.z = first;
    const grid = live.range(data.low, data.high, 121);
    const all = [least, most].flatMap((z) => grid.map((c) => curve(data, z, c)));
    const span = [Math.min(...all), Math.max(...all)];

    return () => {
      const value = turn(data, state.z), set = fieller(data, state.z), lowest = data.coefficients[1] > 0;
      const chart = new live.Chart(panel.frame, {
        x: [data.low, data.high], y: span, xlabel: data.xlabel, ylabel: data.ylabel,
      });
      const within = set.map(([low, high]) => [Math.max(low, data.low), Math.min(high, data.high)]);
      for (const [low, high] of within.filter(([a, b]) => a < b))
        chart.area([[low, span[0]], [high, span[0]], [high, span[1]], [low, span[1]]], "live-mark");
      chart.line(grid.map((c) => [c, curve(data, first, c)]), "live-still");
      chart.line(grid.map((c) => [c, curve(data, state.z, c)]), "live-first");
      chart.upright(value, "live-mark");
      const top = span[1] - 0.08 * (span[1] - span[0]);
      const planted = data.planted.length ? between(data.planted, state.z) : null;
      // words stand on the far side of the other line
      const [side, other] = (planted === null ? value < (data.low + data.high) / 2 : value > planted)
        ? ["start", "end"] : ["end", "start"];
      if (value > data.low && value < data.high) chart.say(value, top, `turns at ${live.fixed(value, 2)}`, side);
      if (planted !== null && chart.upright(planted, "live-truth"))
        chart.say(planted, top - 0.1 * (span[1] - span[0]), `planted ${live.fixed(planted, 2)}`, other);
      const beyond = value <= data.low || value >= data.high ? ", outside the range that is drawn" : "";
      return (
        `At ${live.fixed(state.z, 2)} ${data.moderator} the curve has its ${lowest ? "lowest" : "highest"} point at ` +
        `${live.fixed(value, 2)}${beyond}; its 95 % set by Fieller is ${set.map(told).join(" and ")}.` +
        (planted === null ? "" : ` Planted in the twin is ${live.fixed(planted, 2)}.`) +
        ` Dotted: the curve at ${live.fixed(first, 2)}.`
      );
    };
  });
})();
