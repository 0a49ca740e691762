/* Cities on a map, and the series of the one that is chosen: by pointer, by touch, or in the list. */
"use strict";

(function () {
  const SHADES = 5;

  /* limits of classes with as many cities each */
  function classes(values, n = SHADES) {
    const known = values.filter((value) => value !== null).sort((a, b) => a - b);
    return Array.from({ length: n - 1 }, (_, k) => known[Math.floor((known.length * (k + 1)) / n)]);
  }

  const shade = (value, limits) => limits.filter((limit) => value >= limit).length;

  /* the city nearest to a place on the screen */
  function nearest(places, x, y) {
    let found = 0, least = Infinity;
    places.forEach(([a, b], k) => {
      const far = (a - x) ** 2 + (b - y) ** 2;
      if (far < least) [least, found] = [far, k];
    });
    return found;
  }

  function bounds(values) {
    const low = Math.min(...values), high = Math.max(...values), room = 0.04 * (high - low || 1);
    return [low - room, high + room];
  }

  live.maths.map = { classes, nearest, shade };

  live.kind("map", (data, parts) => {
    const state = { city: 0, year: data.years.length - 1 };
    const map = live.element("div", { class: "live-frame" }), series = live.element("div", { class: "live-frame" });
    parts.frame.append(map, series);
    const list = live.select("City", data.cities.map((city) => city.name), 0, (k) => { state.city = k; parts.redraw(); });
    const ends = { low: data.years[0], high: data.years[data.years.length - 1], step: 1, value: data.years[state.year] };
    const year = live.slider("Year of the map", { ...ends, decimals: 0 }, (value) => {
      state.year = data.years.indexOf(value);
      parts.redraw();
    });
    parts.controls.append(list.node, year.node);
    const all = data.cities.flatMap((city) => city.values.filter((value) => value !== null));
    const x = bounds(data.cities.map((city) => city.x)), y = bounds(data.cities.map((city) => city.y));
    const choose = (k) => {
      if (k === state.city) return;
      state.city = k;
      list.set(k);
      parts.redraw();
    };

    const tall = () => Math.round(Math.min(420, Math.max(230, 0.6 * (map.clientWidth || 640))));

    function drawMap() {
      const chart = new live.Chart(map, { x, y, height: tall(), xlabel: data.xlabel, ylabel: data.ylabel, bare: data.bare });
      const limits = classes(data.cities.map((city) => city.values[state.year]));
      const places = data.cities.map((city) => [chart.x(city.x), chart.y(city.y)]);
      data.cities.forEach((city) => {
        const value = city.values[state.year], place = value === null ? null : shade(value, limits);
        chart.dot(city.x, city.y, place === null ? "live-none" : `live-shade-${place}`, 3 + 0.5 * (place || 0));
      });
      const chosen = data.cities[state.city];
      chart.dot(chosen.x, chosen.y, "live-ring", 8);
      chart.say(chosen.x, chosen.y, chosen.name, chosen.x > (x[0] + x[1]) / 2 ? "end" : "start", -10);
      const point = (event) => {
        const box = chart.svg.getBoundingClientRect();
        choose(nearest(places, event.clientX - box.left, event.clientY - box.top));
      };
      chart.svg.addEventListener("pointermove", point);
      chart.svg.addEventListener("pointerdown", point);
    }

    function drawSeries() {
      const xticks = data.years.map((one) => [one, String(one)]);
      const every = Math.ceil(xticks.length / (map.clientWidth < 420 ? 4 : 8));
      const chart = new live.Chart(series, {
        x: [data.years[0] - 0.3, data.years[data.years.length - 1] + 0.3], y: bounds(all), height: 220,
        xlabel: "year", ylabel: data.short, xticks: xticks.filter((_, k) => k % every === 0),
      });
      chart.line(data.means.map((value, k) => [data.years[k], value === null ? NaN : value]), "live-still");
      const own = data.cities[state.city].values.map((value, k) => [data.years[k], value === null ? NaN : value]);
      chart.line(own, "live-first");
      own.filter(([, value]) => Number.isFinite(value)).forEach(([at, value]) => chart.dot(at, value, "live-first", 3));
      chart.upright(data.years[state.year], "live-mark");
    }

    return () => {
      drawMap();
      drawSeries();
      const city = data.cities[state.city], at = data.years[state.year];
      const value = city.values[state.year], mean = data.means[state.year];
      const told = (one) => (one === null ? "–" : live.fixed(one, 2));
      live.numbers(parts, data.years.map((one, k) => [String(one), told(city.values[k])]));
      return (
        `${city.name} in ${at}: ${told(value)} ${data.unit}; the mean of cities, dotted, is ${told(mean)}. ` +
        "The higher a city, the larger and stronger its mark: five classes with as many cities each."
      );
    };
  });
})();
