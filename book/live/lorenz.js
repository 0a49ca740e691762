/* The Gini coefficient and the Lorenz curve of a few units whose shares the reader changes. */
"use strict";

(function () {
  const sum = (values) => values.reduce((total, one) => total + one, 0);
  const sorted = (values) => [...values].sort((a, b) => a - b);

  /* sum of (2k − n − 1) x_(k) over n² times the mean; null where there is nothing to share out */
  function gini(values) {
    const n = values.length, total = sum(values);
    if (!(total > 0)) return null;
    return sum(sorted(values).map((value, k) => (2 * (k + 1) - n - 1) * value)) / (n * total);
  }

  /* cumulated shares, from zero to one, beginning with the smallest */
  function lorenz(values) {
    const total = sum(values), found = [0];
    for (const value of sorted(values)) found.push(found[found.length - 1] + value / total);
    return found;
  }

  live.maths.lorenz = { gini, lorenz };

  live.kind("lorenz", (data, parts) => {
    let values = [...data.values];
    const sliders = values.map((value, k) =>
      live.slider(`${data.unit} ${k + 1}`, { low: 0, high: 100, step: 1, value: Math.round(value), decimals: 0 }, (next) => {
        values[k] = next;
        parts.redraw();
      })
    );
    const deal = (words, given) =>
      live.button(words, () => {
        values = given();
        values.forEach((value, k) => sliders[k].set(value));
        parts.redraw();
      });
    values = values.map(Math.round);
    const began = [...values];
    parts.controls.append(
      ...sliders.map((one) => one.node),
      deal("All alike", () => began.map(() => 50)),
      deal("One has all", () => began.map((_, k) => (k ? 0 : 100))),
      deal("As at first", () => [...began])
    );

    return () => {
      const found = gini(values), labels = { xlabel: "share of units, from the darkest", ylabel: `share of ${data.what}` };
      const chart = new live.Chart(parts.frame, { x: [0, 1], y: [0, 1], height: 320, square: true, ...labels });
      chart.line([[0, 0], [1, 1]], "live-still");
      if (found === null) return `There is no ${data.what} to share out, and no Gini coefficient.`;
      const curve = lorenz(values).map((share, k) => [k / values.length, share]);
      chart.area([...curve, [0, 0]], "live-first");
      chart.line(curve, "live-first");
      curve.forEach(([x, y]) => chart.dot(x, y, "live-first", 3));
      chart.say(0.06, 0.9, `Gini ${live.fixed(found, 3)}`);
      const half = curve[Math.floor(values.length / 2)];
      return (
        `The Gini coefficient is ${live.fixed(found, 3)}; the darkest ${Math.round(100 * half[0])} % of units have ` +
        `${Math.round(100 * half[1])} % of the ${data.what}. It is twice the shaded area; with ${values.length} units it ` +
        `cannot exceed ${live.fixed((values.length - 1) / values.length, 3)}.`
      );
    };
  });
})();
