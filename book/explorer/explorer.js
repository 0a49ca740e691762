/* The explorer of specification curves: one page, one data file, no other request.
   explorer-data.js calls explorerData(data) with what digital_clusters.pipeline.points.explorer writes. */
"use strict";

(function () {
  const RIGHT = 12, TOP = 26, CURVE = 260, GAP = 42;
  const FONT = "12px system-ui, sans-serif";
  const NUMBERS = 60, BESIDE = 15, BELOW = 31;  // room of the numbers; height of a row by where its label stands
  const MOST_BESIDE = 0.45;  // share of the width from which labels stand above their rows
  const CRITICAL = 1.96;
  const CLEAR = 0.05;
  let left = NUMBERS;
  let data = null;
  const state = { study: 0, source: 0, unit: 0, off: {}, low: null, high: null, point: null };
  const at = (id) => document.getElementById(`explorer-${id}`);

  /* ---- numbers ---- */

  function number(value) {
    if (value === null || Number.isNaN(value)) return "–";
    const size = Math.abs(value);
    if (size < 1e-12) return "0";
    if (size >= 0.001 && size < 10000) return value.toPrecision(3).replace("-", "−");
    const [digits, power] = value.toExponential(2).split("e");
    const raised = [...String(Number(power))].map((one) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(one)]).join("");
    return `${digits.replace("-", "−")} × 10${raised}`;
  }

  const pValue = (p) => (p < 0.001 ? "<\u00a00.001" : number(p));

  const share = (part, whole) => (whole ? `${Math.round((100 * part) / whole)} %` : "–");

  function median(sorted) {
    const n = sorted.length;
    return n === 0 ? NaN : (sorted[(n - 1) >> 1] + sorted[n >> 1]) / 2;
  }

  /* ---- what is shown: a unit of a study, its points in order of size, and those that pass the filter ---- */

  const study = () => data.studies[state.study];
  const source = () => study().sources[state.source];
  const unit = () => source().units[state.unit];
  const claim = () => study().claims[unit().claim];

  function varied() {
    const points = unit().points;
    return study().choices
      .map((axis, place) => ({ ...axis, place }))
      .filter((axis) => new Set(points.map((p) => p.at[axis.place])).size > 1);
  }

  const passes = (p) =>
    p.at.every((option, axis) => !(state.off[axis] && state.off[axis].has(option))) &&
    (state.low === null || p.value >= state.low) && (state.high === null || p.value <= state.high);

  function tally(points) {
    const sign = claim().sign;
    const clear = points.filter((p) => p.p < CLEAR);
    return {
      n: points.length,
      median: median(points.map((p) => p.value)),
      low: points.length ? points[0].value : NaN,
      high: points.length ? points[points.length - 1].value : NaN,
      sign: points.filter((p) => p.value * sign > 0).length,
      clear: clear.filter((p) => p.value * sign > 0).length,
      against: clear.filter((p) => p.value * sign < 0).length,
    };
  }

  /* ---- text ---- */

  function summary(kept) {
    const whole = tally(unit().points), now = tally(kept);
    const parts = [
      `${now.n.toLocaleString("en")} of ${whole.n.toLocaleString("en")} specifications on ${source().label}.`,
    ];
    if (now.n) {
      parts.push(
        `Median ${number(now.median)}, from ${number(now.low)} to ${number(now.high)};`,
        `${share(now.sign, now.n)} have the claimed sign, ${share(now.clear, now.n)} with it and p < 0.05,`,
        `${share(now.against, now.n)} with the other sign and p < 0.05.`
      );
    }
    if (now.n && now.n < whole.n) {
      const moved = now.median - whole.median;
      parts.push(`The filter moves the median by ${number(moved)} from ${number(whole.median)}.`);
    }
    for (const mark of marks()) parts.push(`${mark.words}: ${number(mark.value)}.`);
    return parts.join(" ");
  }

  function marks() {
    const found = [];
    if (unit().printed !== null) found.push({ words: "Printed", value: unit().printed, dash: [6, 4] });
    if (unit().truth !== null) found.push({ words: "Planted in the twin", value: unit().truth, dash: [2, 3] });
    return found;
  }

  /* ---- drawing ---- */

  function colours() {
    const style = getComputedStyle(at("root"));
    const named = (name) => style.getPropertyValue(name).trim();
    return {
      ink: named("--explorer-ink"), faint: named("--explorer-faint"),
      claimed: named("--explorer-claimed"), other: named("--explorer-other"), mark: named("--explorer-mark"),
    };
  }

  function scale(kept, width) {
    const values = kept.flatMap((p) => [p.value - CRITICAL * p.error, p.value + CRITICAL * p.error]);
    values.push(0, ...marks().map((mark) => mark.value));
    let low = Infinity, high = -Infinity;
    for (const value of values) { low = Math.min(low, value); high = Math.max(high, value); }
    if (!(high > low)) { low -= 1; high += 1; }
    const room = 0.04 * (high - low), step = (width - left - RIGHT) / Math.max(kept.length, 1);
    return {
      low: low - room, high: high + room, step,
      x: (place) => left + (place + 0.5) * step,
      y: (value) => TOP + CURVE * (1 - (value - low + room) / (high - low + 2 * room)),
    };
  }

  function ticks(low, high) {
    const raw = (high - low) / 5, size = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((k) => k * size).find((one) => one >= raw);
    const found = [];
    for (let k = Math.ceil(low / step); k * step <= high; k += 1) found.push(k * step);
    return found;
  }

  let shown = { kept: [], scale: null };

  function draw() {
    const started = performance.now();
    const kept = unit().points.filter(passes), axes = varied();
    const rows = axes.flatMap((axis) => axis.options.map((words, option) => ({ axis, words, option })))
      .filter((row) => unit().points.some((p) => p.at[row.axis.place] === row.option));
    const canvas = at("canvas"), width = Math.max(canvas.parentElement.clientWidth, 280);
    const pen = canvas.getContext("2d");
    pen.font = FONT;
    const widest = 14 + Math.ceil(Math.max(0, ...rows.map((row) => pen.measureText(label(row)).width)));
    const beside = widest <= MOST_BESIDE * width;
    left = beside ? Math.max(widest, NUMBERS) : NUMBERS;
    const height = TOP + CURVE + GAP + rows.length * (beside ? BESIDE : BELOW) + axes.length * 4 + 8;
    const ratio = window.devicePixelRatio || 1;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    canvas.style.height = `${height}px`;
    const colour = colours(), to = scale(kept, width);
    pen.scale(ratio, ratio);
    pen.font = FONT;
    drawAxis(pen, to, width, colour);
    drawPoints(pen, kept, to, colour);
    drawMarks(pen, to, width, colour);
    drawRows(pen, kept, rows, to, colour, beside);
    shown = { kept, scale: to };
    drawChosen(pen, to, height, colour);
    at("summary").textContent = summary(kept);
    canvas.setAttribute("aria-label", `Specification curve. ${claim().words} ${summary(kept)}`);
    at("place").max = String(Math.max(kept.length, 1));
    at("root").dataset.redraw = (performance.now() - started).toFixed(1);
    at("root").dataset.kept = String(kept.length);
    at("root").dataset.label = String(widest);
    at("root").dataset.room = String(beside ? left : width);
  }

  function drawAxis(pen, to, width, colour) {
    pen.textBaseline = "middle";
    pen.fillStyle = colour.ink;
    pen.textAlign = "left";
    pen.fillText("estimate", 4, 10);
    pen.textAlign = "right";
    pen.fillText("specifications, from the lowest", width - RIGHT, TOP + CURVE + 14);
    for (const value of ticks(to.low, to.high)) {
      const y = to.y(value);
      pen.fillStyle = colour.ink;
      pen.fillText(number(value), left - 8, y);
      pen.strokeStyle = Math.abs(value) < 1e-12 ? colour.ink : colour.faint;
      pen.beginPath();
      pen.moveTo(left, y);
      pen.lineTo(width - RIGHT, y);
      pen.stroke();
    }
  }

  function drawMarks(pen, to, width, colour) {
    pen.textAlign = "left";
    for (const mark of marks()) {
      const y = to.y(mark.value);
      pen.strokeStyle = colour.mark;
      pen.setLineDash(mark.dash);
      pen.beginPath();
      pen.moveTo(left, y);
      pen.lineTo(width - RIGHT, y);
      pen.stroke();
      pen.setLineDash([]);
      pen.fillStyle = colour.mark;
      pen.fillText(mark.words.toLowerCase(), left + 4, y - 8);
    }
  }

  function drawPoints(pen, kept, to, colour) {
    const wide = Math.max(to.step, 1);
    pen.fillStyle = colour.faint;
    kept.forEach((p, place) => {
      const top = to.y(p.value + CRITICAL * p.error), bottom = to.y(p.value - CRITICAL * p.error);
      pen.fillRect(to.x(place) - wide / 2, top, wide, bottom - top);
    });
    const sign = claim().sign, size = Math.max(1.6, Math.min(3.5, to.step / 2));
    kept.forEach((p, place) => {
      const clear = p.p < CLEAR, claimed = p.value * sign > 0;
      pen.fillStyle = clear ? (claimed ? colour.claimed : colour.other) : colour.ink;
      shape(pen, to.x(place), to.y(p.value), clear ? size * 1.3 : size * 0.7, clear && !claimed);
    });
  }

  function shape(pen, x, y, size, triangle) {
    pen.beginPath();
    if (triangle) {
      pen.moveTo(x, y - 1.2 * size);
      pen.lineTo(x + 1.1 * size, y + size);
      pen.lineTo(x - 1.1 * size, y + size);
    } else {
      pen.arc(x, y, size, 0, 2 * Math.PI);
    }
    pen.fill();
  }

  const label = (row) => `${row.axis.name}: ${row.words}`;

  function drawRows(pen, kept, rows, to, colour, beside) {
    const wide = Math.max(to.step * 0.7, 0.7), below = beside ? 0 : 13;
    let y = TOP + CURVE + GAP, before = null;
    pen.textAlign = beside ? "right" : "left";
    for (const row of rows) {
      if (before !== null && before !== row.axis.place) y += 4;
      before = row.axis.place;
      pen.fillStyle = colour.ink;
      pen.fillText(label(row), beside ? left - 8 : 4, y);
      kept.forEach((p, place) => {
        if (p.at[row.axis.place] === row.option) pen.fillRect(to.x(place) - wide / 2, y + below - 5, wide, 10);
      });
      y += beside ? BESIDE : BELOW;
    }
  }

  function drawChosen(pen, to, height, colour) {
    const place = shown.kept.indexOf(state.point);
    if (place < 0) return;
    pen.strokeStyle = colour.mark;
    pen.lineWidth = 1.5;
    pen.strokeRect(to.x(place) - Math.max(to.step, 4) / 2, TOP, Math.max(to.step, 4), height - TOP - 4);
  }

  /* ---- a point: its choices, its numbers, its code ---- */

  function literal(value) {
    if (value === null) return "None";
    if (value === true) return "True";
    if (value === false) return "False";
    if (Array.isArray(value)) return `(${value.map(literal).join(", ")}${value.length === 1 ? "," : ""})`;
    return typeof value === "string" ? JSON.stringify(value) : String(value);
  }

  function fields(p) {
    const found = { ...study().base, ...claim().change };
    for (const [axis, option] of unit().split) Object.assign(found, study().splitting[axis].fields[option]);
    p.at.forEach((option, place) => Object.assign(found, study().choices[place].fields[option]));
    return found;
  }

  function code(p) {
    const found = fields(p);
    const panel = found.panel || "public";
    delete found.panel;
    const lines = Object.entries(found).map(([name, value]) => `    ${name}=${literal(value)},`);
    return [
      "import digital_clusters as dc",
      "from digital_clusters.analysis.data import multiverse_panels",
      "from digital_clusters.studies.catalogue import find_study",
      "",
      `study = find_study(${literal(study().key)})`,
      `panels = multiverse_panels(study.explored(study.panel(${literal(source().key)})))`,
      "spec = dc.Spec(", ...lines, ")",
      `dc.fit(spec, panels[${literal(panel)}]).term(${literal(claim().term)})`,
    ].join("\n");
  }

  function open(p) {
    state.point = p;
    const box = at("point");
    box.hidden = p === null;
    if (p !== null) {
      const facts = [
        ["Estimate", number(p.value)],
        ["Estimate ± 1.96 errors", `${number(p.value - CRITICAL * p.error)} to ${number(p.value + CRITICAL * p.error)}`],
        ["p", pValue(p.p)], ["Rows", String(p.n)], ["Data", source().label],
        ...study().choices.map((axis, place) => [axis.name, axis.options[p.at[place]]]),
      ];
      at("facts").replaceChildren(
        ...facts.flatMap(([name, words]) => [term("dt", name), term("dd", words)]),
        ...claim().pages.flatMap(({ what, page, words }) => [term("dt", what), linked(page, words)])
      );
      at("code").textContent = code(p);
    }
    const place = shown.kept.indexOf(p);
    if (place >= 0) at("place").value = String(place + 1);
    remember();
    draw();
  }

  function term(tag, text) {
    const found = document.createElement(tag);
    found.textContent = text;
    return found;
  }

  function linked(page, words) {
    const cell = document.createElement("dd"), link = term("a", words);
    link.href = `../notebooks/${page}.html`;
    cell.append(link);
    return cell;
  }

  /* ---- controls ---- */

  function options(select, words, chosen) {
    select.replaceChildren(...words.map((text, k) => {
      const option = term("option", text);
      option.value = String(k);
      return option;
    }));
    select.value = String(chosen);
  }

  function unitWords(one) {
    return [one.claim, ...one.split.map(([axis, option]) => study().splitting[axis].options[option])].join(" · ");
  }

  function wordsOfUnit(one) {
    const { words } = study().claims[one.claim];
    return [words, ...one.split.map(([axis, option]) => study().splitting[axis].options[option])].join(" · ");
  }

  function filters() {
    at("filters").replaceChildren(...varied().map((axis) => {
      const set = document.createElement("fieldset");
      set.append(term("legend", axis.name));
      axis.options.forEach((words, option) => {
        if (!unit().points.some((p) => p.at[axis.place] === option)) return;
        const label = document.createElement("label"), box = document.createElement("input");
        box.type = "checkbox";
        box.checked = !(state.off[axis.place] && state.off[axis.place].has(option));
        box.addEventListener("change", () => {
          state.off[axis.place] = state.off[axis.place] || new Set();
          state.off[axis.place][box.checked ? "delete" : "add"](option);
          remember();
          draw();
        });
        label.append(box, ` ${words}`);
        set.append(label);
      });
      return set;
    }));
  }

  function show() {
    options(at("study"), data.studies.map((one) => one.title), state.study);
    options(at("source"), study().sources.map((one) => one.label), state.source);
    options(at("unit"), source().units.map(wordsOfUnit), state.unit);
    at("claim").textContent =
      `${claim().words} Decided by the coefficient of ${claim().decided}; ` +
      `claimed: ${claim().sign > 0 ? "positive" : "negative"}.`;
    at("low").value = state.low === null ? "" : String(state.low);
    at("high").value = state.high === null ? "" : String(state.high);
    filters();
    draw();
    open(state.point);
  }

  function reset() {
    Object.assign(state, { off: {}, low: null, high: null, point: null });
    show();
  }

  function bound(name) {
    const typed = at(name).value.trim();
    state[name] = typed === "" || Number.isNaN(Number(typed)) ? null : Number(typed);
    remember();
    draw();
  }

  /* ---- the address remembers what is shown, so that a point can be sent to somebody ---- */

  function remember() {
    const said = new URLSearchParams({ study: study().key, source: source().key, unit: unitWords(unit()) });
    const off = Object.entries(state.off).flatMap(([axis, set]) => [...set].map((option) => `${axis}.${option}`));
    if (off.length) said.set("off", off.join(","));
    if (state.low !== null) said.set("low", String(state.low));
    if (state.high !== null) said.set("high", String(state.high));
    if (state.point) said.set("point", state.point.at.join("."));
    history.replaceState(null, "", `#${said}`);
  }

  function recall() {
    const said = new URLSearchParams(location.hash.slice(1));
    const find = (list, name, words) => Math.max(0, list.findIndex((one) => words(one) === said.get(name)));
    state.study = find(data.studies, "study", (one) => one.key);
    state.source = find(study().sources, "source", (one) => one.key);
    state.unit = find(source().units, "unit", unitWords);
    state.off = {};
    for (const pair of (said.get("off") || "").split(",").filter(Boolean)) {
      const [axis, option] = pair.split(".").map(Number);
      (state.off[axis] = state.off[axis] || new Set()).add(option);
    }
    for (const name of ["low", "high"]) state[name] = said.has(name) ? Number(said.get(name)) : null;
    state.point = unit().points.find((p) => p.at.join(".") === said.get("point")) || null;
  }

  /* ---- the pointer: a click opens a point, a drag keeps what it spans ---- */

  function pointAt(event) {
    const x = event.clientX - at("canvas").getBoundingClientRect().left;
    const place = Math.floor((x - left) / shown.scale.step);
    return Math.max(0, Math.min(shown.kept.length - 1, place));
  }

  function pointer() {
    let from = null;
    at("canvas").addEventListener("pointerdown", (event) => { from = pointAt(event); });
    at("canvas").addEventListener("pointerup", (event) => {
      if (from === null || !shown.kept.length) return;
      const [a, b] = [from, pointAt(event)].sort((one, other) => one - other);
      from = null;
      if (b - a < 3) {
        open(shown.kept[b]);
        return;
      }
      state.low = shown.kept[a].value;
      state.high = shown.kept[b].value;
      show();
    });
  }

  function listen() {
    const choose = (name, after) => at(name).addEventListener("change", () => {
      state[name] = Number(at(name).value);
      after();
      reset();
    });
    choose("study", () => { state.source = 0; state.unit = 0; });
    choose("source", () => { state.unit = 0; });
    choose("unit", () => {});
    for (const name of ["low", "high"]) at(name).addEventListener("change", () => bound(name));
    at("reset").addEventListener("click", reset);
    at("place").addEventListener("change", () => {
      open(shown.kept[Math.min(shown.kept.length, Math.max(1, Number(at("place").value))) - 1] || null);
    });
    at("copy").addEventListener("click", () => {
      navigator.clipboard.writeText(at("code").textContent).then(() => { at("copy").textContent = "Copied"; });
    });
    pointer();
    window.addEventListener("resize", draw);
    new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-theme", "data-mode"] });
  }

  /* ---- data: columns of numbers become points, ordered by size ---- */

  function unpack(one) {
    const places = one.columns.value.map((_, k) => k).sort((a, b) => one.columns.value[a] - one.columns.value[b]);
    return {
      ...one,
      points: places.map((k) => ({
        at: one.columns.at[k], value: one.columns.value[k], error: one.columns.error[k],
        p: one.columns.p[k], n: one.columns.n[k],
      })),
    };
  }

  window.explorerData = function (given) {
    data = given;
    for (const one of data.studies) for (const from of one.sources) from.units = from.units.map(unpack);
    recall();
    listen();
    at("root").hidden = false;
    show();
    at("root").dataset.ready = "yes";
  };
})();
