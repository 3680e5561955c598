// Attention as lines, with one query's weights as bars. Python sends weights and numbers; what is
// done here is where they stand in the width that there is, and what is pointed at.
// COLOUR and THINNEST are put in front of it.

const HOVER_EVENT = "attention-lab-hover";
const CHOICE_EVENT = "attention-lab-choice"; // what a lesson hears of a chosen place
const SVG = "http://www.w3.org/2000/svg";
const AFTER_FIELDS_MS = 10;
const ROW = 34;
const FONT_SIZE = 13;
const LABELS = [40, 96]; // room for the words on either side, in pixels
const LABEL_SHARE = 0.17;
const GAP = 8;
const NUMBER_ROOM = 42;
const WIDEST = 400; // of the lines, and of a bar for the weight 1
const BAR = 17;
const WIDTHS = [0.3, 9]; // of a line for the weights 0 and 1
const SEEN = { shown: 0.95, others: 0.4, beside: 0.35, away: 0.07 };
const PICTURES = ((window.attentionLab ??= {}).pictures ??= new Map()); // see pictures.js
const drawings = new WeakMap();
const pen = document.createElement("canvas").getContext("2d");

function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    const text = typeof value === "number" ? String(Math.round(value * 100) / 100) : value;
    if (node.getAttribute(name) !== text) node.setAttribute(name, text);
  }
}

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

class Lines {
  constructor(root) {
    this.node = root.querySelector(".attention-lines");
    this.fields = new AfterFields(root, AFTER_FIELDS_MS);
    this.svg = document.createElementNS(SVG, "svg");
    this.node.append(this.svg);
    this.lit = {};
    const at = (event) => {
      const { query, key } = event.target.dataset ?? {};
      return query || key ? { ...(query && { query: Number(query) }), ...(key && { key: Number(key) }) } : null;
    };
    this.svg.addEventListener("pointerover", (event) => this.hover(at(event) ?? {}));
    this.svg.addEventListener("pointerleave", () => this.hover({}));
    this.svg.addEventListener("pointerdown", () => this.fields.pressed());
    this.svg.addEventListener("click", (event) => { const place = at(event); if (place) this.choose(place); });
    this.onHover = (event) => {
      const { group, from, lit } = event.detail;
      if (group === this.data.group && from !== this) { this.lit = lit; this.light(); }
    };
    new ResizeObserver(() => { if (this.node.clientWidth !== this.width) this.lay(); }).observe(this.node);
  }

  listen() {
    window.addEventListener(HOVER_EVENT, this.onHover);
    PICTURES.set(this, { place: this.svg, list: () => this.pictures() });
  }

  release() {
    window.removeEventListener(HOVER_EVENT, this.onHover);
    PICTURES.delete(this);
  }

  update(data) {
    const names = (one) => JSON.stringify([one?.queries, one?.keys]);
    const anew = names(data) !== names(this.data);
    if (data.version !== this.data?.version) this.lit = {};
    this.data = data;
    if (anew) { this.build(); this.lay(); }
    else this.light();
  }

  // ---- what there is

  add(tag, attributes = {}, text = "") {
    const node = document.createElementNS(SVG, tag);
    set(node, attributes);
    node.textContent = text;
    this.svg.append(node);
    return node;
  }

  build() {
    const { queries, keys } = this.data;
    this.svg.replaceChildren();
    const each = (names, make) => names.map((_, index) => make(index));
    const words = (attributes = {}) => this.add("text", { "font-size": FONT_SIZE, ...attributes });
    this.lines = each(queries, () => each(keys, () => this.add("path", { class: "line", stroke: COLOUR, "stroke-linecap": "round" })));
    this.queryWords = each(queries, () => words({ "text-anchor": "end" }));
    this.keyWords = each(keys, () => words());
    this.bars = each(keys, () => this.add("rect", { fill: COLOUR, height: BAR }));
    this.numbers = each(keys, () => words());
    this.heads = ["query", "key", ""].map((text, i) => this.add("text", { "font-size": FONT_SIZE, "font-weight": 600, "text-anchor": i ? "start" : "end" }, text));
    // On top, so that they are what the pointer meets.
    this.pairTargets = each(queries, (query) => each(keys, (key) => this.add("path", { class: "target", "stroke-width": 9, "data-query": query, "data-key": key })));
    this.queryTargets = each(queries, (query) => this.add("rect", { class: "target", height: ROW, "data-query": query }));
    this.keyTargets = each(keys, (key) => this.add("rect", { class: "target", height: ROW, "data-key": key }));
  }

  // ---- where it stands

  lay() {
    this.width = this.node.clientWidth;
    if (!this.width) return;
    const { queries, keys } = this.data;
    const most = Math.min(LABELS[1], Math.max(LABELS[0], LABEL_SHARE * this.width));
    const font = getComputedStyle(this.node).fontFamily;
    const fit = (nodes, names) => Math.max(...names.map((name, i) => this.cut(nodes[i], name, most, font)));
    const left = Math.max(LABELS[0], fit(this.queryWords, queries)) + GAP;
    const right = Math.max(LABELS[0], fit(this.keyWords, keys)) + 2 * GAP;
    const span = Math.min(WIDEST, (this.width - left - right - GAP - NUMBER_ROOM) / 2);
    this.places = { left, end: left + span, bars: left + span + right + GAP, span };
    const { end, bars } = this.places;
    const height = ROW * (Math.max(queries.length, keys.length) + 1);
    set(this.svg, { role: "img", width: this.width, height, viewBox: `0 0 ${this.width} ${height}` });
    const y = (index) => ROW * (index + 1.5);
    const path = (query, key) => `M${left} ${y(query)}L${end} ${y(key)}`;
    queries.forEach((_, query) => keys.forEach((__, key) => {
      set(this.lines[query][key], { d: path(query, key) });
      set(this.pairTargets[query][key], { d: path(query, key) });
    }));
    this.queryWords.forEach((node, query) => set(node, { x: left - GAP, y: y(query) + 4.5 }));
    this.keyWords.forEach((node, key) => set(node, { x: end + GAP, y: y(key) + 4.5 }));
    this.bars.forEach((node, key) => set(node, { x: bars, y: y(key) - BAR / 2 }));
    this.numbers.forEach((node, key) => set(node, { y: y(key) + 4.5 }));
    this.queryTargets.forEach((node, query) => set(node, { x: 0, y: y(query) - ROW / 2, width: left - GAP / 2 }));
    this.keyTargets.forEach((node, key) => set(node, { x: end + GAP / 2, y: y(key) - ROW / 2, width: this.width - end - GAP / 2 }));
    [left - GAP, end + GAP, bars].forEach((x, i) => set(this.heads[i], { x, y: ROW / 2 + 4 }));
    this.light();
  }

  // Write as much of a name as has room, and return how wide that is.
  cut(node, name, most, font) {
    pen.font = `${FONT_SIZE}px ${font}`;
    const wide = (text) => pen.measureText(text).width;
    const letters = [...name];
    let text = name;
    while (letters.length && wide(text) > most) text = `${letters.splice(-1) && letters.join("")}…`;
    write(node, text);
    return wide(text);
  }

  // ---- what is shown

  light() {
    if (!this.places) return;
    const { queries, keys, weights, numbers, chosen } = this.data;
    const { query, key } = this.lit;
    const row = query in queries ? query : chosen[0];
    this.row = row;
    const marked = query in queries || key in keys ? key : chosen[1];
    const { bars, span } = this.places;
    weights.forEach((line, i) => line.forEach((weight, j) => {
      const there = weight >= THINNEST;
      set(this.lines[i][j], { display: there ? "inline" : "none", "stroke-width": WIDTHS[0] + (WIDTHS[1] - WIDTHS[0]) * weight, opacity: this.seen(i, j) });
      set(this.pairTargets[i][j], { display: there ? "inline" : "none" });
    }));
    this.queryWords.forEach((node, i) => set(node, { "font-weight": i === row ? 600 : 400 }));
    this.keyWords.forEach((node, j) => set(node, { "font-weight": j === marked ? 600 : 400 }));
    this.bars.forEach((node, j) => set(node, { width: span * weights[row][j] }));
    this.numbers.forEach((node, j) => {
      set(node, { x: bars + span * weights[row][j] + 6, "font-weight": j === marked ? 600 : 400 });
      write(node, numbers[row][j]);
    });
    const reader = this.queryWords[row].textContent;
    write(this.heads[2], `“${reader}” reads`);
    set(this.svg, { "aria-label": `Weights as lines from queries to keys. ${this.spoken(row)}` });
  }

  // How much of a line is seen.
  seen(i, j) {
    const { queries, keys, chosen } = this.data;
    const { query, key } = this.lit;
    if (query in queries) {
      if (i !== query) return SEEN.away;
      return key in keys && j !== key ? SEEN.beside : SEEN.shown;
    }
    if (key in keys) return j === key ? SEEN.shown : SEEN.away;
    return i === chosen[0] ? SEEN.shown : SEEN.others;
  }

  spoken(row) {
    const { queries, keys, numbers } = this.data;
    return `“${queries[row]}” reads ${keys.map((name, j) => `“${name}” ${numbers[row][j]}`).join(", ")}.`;
  }

  // ---- what the reader does

  hover(lit) {
    const same = lit.query === this.lit.query && lit.key === this.lit.key;
    if (same) return;
    this.lit = lit;
    this.light();
    window.dispatchEvent(new CustomEvent(HOVER_EVENT, { detail: { group: this.data.group, lit, from: this } }));
  }

  choose({ query = this.data.chosen[0], key = this.data.chosen[1] }) {
    const { queries, keys, version } = this.data;
    const text = `“${queries[query]}” reading “${keys[key]}”`;
    window.dispatchEvent(new CustomEvent(CHOICE_EVENT, { detail: { text } }));
    this.fields.do(() => this.setTriggerValue("choice", { version, matrix: "weights", row: query, column: key }));
  }

  pictures() {
    return [{ name: "Weights as lines", chart: this.svg, spoken: this.spoken(this.row), titled: false, inPixels: false }];
  }
}

function mount({ data, parentElement, setTriggerValue }) {
  const lines = drawings.get(parentElement) ?? new Lines(parentElement);
  drawings.set(parentElement, lines);
  lines.setTriggerValue = setTriggerValue;
  lines.listen();
  lines.update(data);
  return () => lines.release();
}
