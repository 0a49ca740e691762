/* What all live figures share: numbers in words, drawing, controls. No library, no request. A page holds
   <div class="live-figure" data-live="KIND"><p class="live-note">…</p><script type="application/json">DATA</script></div>
   for each; the script of a kind calls live.kind("KIND", build). Without scripts the page's still figures remain. */
"use strict";

window.live = (function () {
  const SVG = "http://www.w3.org/2000/svg";
  const NARROWEST = 260, LEFT = 56, RIGHT = 14, TOP = 26, BOTTOM = 42;
  const SIZE = 12, LINE = 14; // of letters, as the style sheet has it, and from line to line
  const pen = document.createElement("canvas").getContext("2d");
  let made = 0;

  /* ---- numbers ---- */

  function number(value, digits = 3) {
    if (value === null || Number.isNaN(value)) return "–";
    if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
    const text = value === 0 ? "0" : Number(value.toPrecision(digits)).toString();
    return text.replace("-", "−");
  }

  const fixed = (value, decimals) => (Number.isFinite(value) ? value.toFixed(decimals).replace("-", "−") : number(value));

  function ticks(low, high, most = 6) {
    const raw = (high - low) / most, size = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((k) => k * size).find((one) => one >= raw * (1 - 1e-9));
    const found = [];
    for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k += 1) found.push(k * step);
    return found;
  }

  const range = (low, high, n) => Array.from({ length: n }, (_, k) => low + ((high - low) * k) / (n - 1));

  /* ---- elements ---- */

  function element(tag, attributes = {}, ...children) {
    const found = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) found.setAttribute(name, value);
    found.append(...children);
    return found;
  }

  function drawn(tag, attributes = {}, text = null) {
    const found = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) found.setAttribute(name, value);
    if (text !== null) found.textContent = text;
    return found;
  }

  /* words in as many lines as their room needs; a word alone may be wider than it */
  function lines(words, room, family = "sans-serif") {
    pen.font = `${SIZE}px ${family}`;
    return words.split(" ").reduce((found, word) => {
      const last = found[found.length - 1], longer = `${last} ${word}`;
      return found.length && pen.measureText(longer).width <= room ? [...found.slice(0, -1), longer] : [...found, word];
    }, []);
  }

  /* ---- a chart: scales, axes, lines; drawn anew at each width ---- */

  class Chart {
    constructor(frame, { height = 300, x, y, xlabel, ylabel, xticks = null, square = false, bare = false }) {
      const room = Math.max(NARROWEST, frame.clientWidth || 640);
      this.width = square ? Math.min(room, height + LEFT + RIGHT - TOP - BOTTOM) : room;
      this.range = { x, y };
      this.x = (value) => LEFT + ((this.width - LEFT - RIGHT) * (value - x[0])) / (x[1] - x[0]);
      const family = getComputedStyle(frame).fontFamily, marks = this.marks(bare ? [] : xticks, family);
      const across = lines(xlabel, this.width - LEFT - RIGHT, family), up = lines(ylabel, this.width, family);
      // what the words need more than a line is added, so that the drawing keeps its height
      const most = Math.max(1, ...marks.map(([, words]) => words.length));
      this.top = TOP + LINE * (up.length - 1);
      this.bottom = BOTTOM + LINE * (across.length - 1 + most - 1);
      this.height = height + this.top - TOP + this.bottom - BOTTOM;
      this.y = (value) =>
        this.height - this.bottom - ((this.height - this.top - this.bottom) * (value - y[0])) / (y[1] - y[0]);
      const size = { width: this.width, height: this.height, viewBox: `0 0 ${this.width} ${this.height}` };
      this.svg = drawn("svg", { ...size, role: "img" });
      this.axes(across, up, marks, bare);
      frame.replaceChildren(this.svg);
    }

    /* places on the horizontal axis with their words, which have room up to the next place */
    marks(xticks, family) {
      const { x } = this.range;
      const found = xticks || ticks(...x, this.width < 420 ? 4 : 7).map((value) => [value, number(value)]);
      const places = found.map(([value]) => this.x(value)).sort((a, b) => a - b);
      const steps = places.slice(1).map((place, k) => place - places[k]);
      return found.map(([value, words]) => [value, lines(words, Math.min(this.width, ...steps) - 6, family)]);
    }

    axes(across, up, marks, bare) {
      const bottom = this.height - this.bottom;
      for (const value of bare ? [] : ticks(...this.range.y)) {
        this.add("line", { x1: LEFT, x2: this.width - RIGHT, y1: this.y(value), y2: this.y(value), class: "live-grid" });
        this.add("text", { x: LEFT - 6, y: this.y(value) + 4, "text-anchor": "end" }, number(value));
      }
      for (const [value, words] of marks) this.write(words, this.x(value), bottom + 16, "middle");
      this.add("line", { x1: LEFT, x2: this.width - RIGHT, y1: bottom, y2: bottom, class: "live-axis" });
      this.write(across, (LEFT + this.width - RIGHT) / 2, this.height - 6 - LINE * (across.length - 1), "middle");
      // above the axis and level: a long name would not fit beside it
      this.write(up, 0, SIZE, "start");
    }

    write(words, x, y, anchor) {
      words.forEach((line, k) => this.add("text", { x, y: y + LINE * k, "text-anchor": anchor }, line));
    }

    add(tag, attributes, text = null) {
      const found = drawn(tag, attributes, text);
      this.svg.append(found);
      return found;
    }

    /* a line through points of x and y; what is beyond the frame is left out */
    line(points, kind) {
      const { x, y } = this.range, slack = (y[1] - y[0]) * 1e-9;
      let path = "", pen = "M";
      for (const [a, b] of points) {
        const inside = Number.isFinite(b) && a >= x[0] && a <= x[1] && b >= y[0] - slack && b <= y[1] + slack;
        if (inside) path += `${pen}${this.x(a).toFixed(1)} ${this.y(b).toFixed(1)}`;
        pen = inside ? "L" : "M";
      }
      return this.add("path", { d: path, class: `live-line ${kind}` });
    }

    area(points, kind) {
      const path = points.map(([a, b]) => `${this.x(a).toFixed(1)} ${this.y(b).toFixed(1)}`).join("L");
      return this.add("path", { d: `M${path}Z`, class: `live-area ${kind}` });
    }

    upright(x, kind) {
      if (x < this.range.x[0] || x > this.range.x[1]) return null;
      const ends = { y1: this.y(this.range.y[0]), y2: this.y(this.range.y[1]) };
      return this.add("line", { x1: this.x(x), x2: this.x(x), ...ends, class: `live-line ${kind}` });
    }

    level(y, kind) {
      const ends = { x1: LEFT, x2: this.width - RIGHT, y1: this.y(y), y2: this.y(y) };
      return this.add("line", { ...ends, class: `live-line ${kind}` });
    }

    dot(x, y, kind, size = 5) {
      return this.add("circle", { cx: this.x(x), cy: this.y(y), r: size, class: `live-dot ${kind}` });
    }

    say(x, y, words, anchor = "start", dy = -8) {
      const place = { x: this.x(x) + (anchor === "start" ? 7 : anchor === "end" ? -7 : 0), y: this.y(y) + dy };
      return this.add("text", { ...place, "text-anchor": anchor, class: "live-words" }, words);
    }
  }

  /* ---- controls: native ones, which the keyboard reaches, each with its label ---- */

  function slider(words, { low, high, step, value, decimals = 2, unit = "" }, changed) {
    const input = element("input", { type: "range", min: low, max: high, step, value });
    const output = element("output"), tell = () => {
      output.textContent = `${fixed(Number(input.value), decimals)}${unit}`;
      input.setAttribute("aria-valuetext", output.textContent);
    };
    input.addEventListener("input", () => { tell(); changed(Number(input.value)); });
    tell();
    const set = (next) => { input.value = String(next); tell(); };
    return { node: element("label", {}, words, output, input), input, set };
  }

  function choice(words, options, chosen, changed) {
    const name = `live-choice-${(made += 1)}`, set = element("fieldset", {}, element("legend", {}, words));
    options.forEach((option, k) => {
      const box = element("input", { type: "radio", name, value: String(k) });
      box.checked = k === chosen;
      box.addEventListener("change", () => { if (box.checked) changed(k); });
      set.append(element("label", {}, box, ` ${option}`));
    });
    return set;
  }

  function select(words, options, chosen, changed) {
    const list = element("select", {}, ...options.map((text, k) => element("option", { value: String(k) }, text)));
    list.value = String(chosen);
    list.addEventListener("change", () => changed(Number(list.value)));
    return { node: element("label", {}, `${words} `, list), set: (k) => { list.value = String(k); } };
  }

  function button(words, pressed) {
    const found = element("button", { type: "button" }, words);
    found.addEventListener("click", pressed);
    return found;
  }

  /* ---- a figure: title, controls, drawing, and what it shows as a sentence ---- */

  function kind(name, build) {
    for (const root of document.querySelectorAll(`.live-figure[data-live="${name}"]`)) {
      if (root.dataset.ready) continue;
      const data = JSON.parse(root.querySelector('script[type="application/json"]').textContent);
      const parts = {
        controls: element("div", { class: "live-controls" }), frame: element("div", { class: "live-frame" }),
        told: element("p", { class: "live-told", role: "status" }),
        numbers: element("dl"),
      };
      const title = element("p", { class: "live-title", id: `live-title-${(made += 1)}` }, data.title);
      root.setAttribute("role", "group");
      root.setAttribute("aria-labelledby", title.id);
      root.append(title, parts.controls, parts.frame, parts.told);
      root.append(element("p", { class: "live-label" }, data.label));
      root.querySelector(".live-note").remove();
      const draw = build(data, parts);
      const redraw = () => {
        const words = draw();
        parts.told.textContent = words;
        for (const svg of parts.frame.querySelectorAll("svg")) svg.setAttribute("aria-label", `${data.title}. ${words}`);
      };
      parts.redraw = redraw;
      redraw();
      let width = parts.frame.clientWidth;
      window.addEventListener("resize", () => {
        if (parts.frame.clientWidth !== width) { width = parts.frame.clientWidth; redraw(); }
      });
      root.dataset.ready = "yes";
    }
  }

  /* pairs of name and number, folded below the drawing */
  function numbers(parts, pairs) {
    if (!parts.numbers.parentNode)
      parts.told.after(element("details", {}, element("summary", {}, "Numbers"), parts.numbers));
    parts.numbers.replaceChildren(...pairs.flatMap(([name, words]) => [element("dt", {}, name), element("dd", {}, words)]));
  }

  return { Chart, button, choice, drawn, element, fixed, kind, maths: {}, number, numbers, range, select, slider, ticks };
})();
