// Attention as lines, with one query's weights as bars. Python sends weights and numbers; what is
// done here is where they stand in the width that there is, and what is pointed at.
// With few words every line is drawn. With many, those of one word are, and faintly the strongest.
// COLOUR, THINNEST and FAINT are put in front of it.

const HOVER_EVENT = "attention-lab-hover";
const CHOICE_EVENT = "attention-lab-choice"; // what a lesson hears of a chosen place
const SVG = "http://www.w3.org/2000/svg";
const AFTER_FIELDS_MS = 10;
const ROW = 34;
const LOW_ROW = 22; // of many words
const MOST_IN_SIGHT = 40; // more words than that scroll
const NAMED = 5; // what a word reads most, of many words
const FONT_SIZE = 13;
const LABELS = [40, 96]; // room for the words on either side, in pixels
const LABEL_SHARE = 0.17;
const GAP = 8;
const NUMBER_ROOM = 42;
const WIDEST = 400; // of the lines, and of a bar for the weight 1
const BAR = 17;
const WIDTHS = [0.3, 9]; // of a line for the weights 0 and 1
const SEEN = { shown: 0.95, others: 0.4, beside: 0.35, away: 0.07, faint: 0.22 };
const PICTURES = ((window.attentionLab ??= {}).pictures ??= new Map()); // see pictures.js
const drawings = new WeakMap();
const pen = document.createElement("canvas").getContext("2d");

function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    const text = typeof value === "number" ? String(Math.round(value * 100) / 100) : value;
    if (node.getAttribute(name) !== text) node.setAttribute(name, text);
  }
}

class Lines {
  constructor(root) {
    this.node = root.querySelector(".attention-lines");
    this.fields = new AfterFields(root, AFTER_FIELDS_MS);
    this.svg = document.createElementNS(SVG, "svg");
    this.box = makeNode("div", "box");
    this.box.append(this.svg);
    this.below = makeNode("p", "below", { hidden: "" });
    this.node.append(this.box, this.below);
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
      if (group === this.data.group && from !== this) { this.lit = lit; this.light(); this.follow(); }
    };
    new ResizeObserver(() => { if (this.box.clientWidth !== this.width) this.lay(); }).observe(this.box);
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
    const names = (one) => JSON.stringify([one?.queries, one?.keys, Boolean(one?.packed)]);
    const anew = names(data) !== names(this.data);
    if (data.version !== this.data?.version) this.lit = {};
    if (data.packed && data.packed.values !== this.data?.packed?.values) this.unpacked = unpackWeights(data.packed);
    this.data = data;
    this.many = Boolean(data.packed);
    if (this.many) this.strongest = this.findStrongest();
    if (anew) { this.build(); this.lay(); }
    else this.light();
    this.follow();
  }

  weight(query, key) {
    if (!this.many) return this.data.weights[query][key];
    return this.unpacked[query * this.data.keys.length + key] || 0;
  }

  number(query, key) {
    if (!this.many) return this.data.numbers[query][key];
    return writeNumber(this.unpacked[query * this.data.keys.length + key]);
  }

  findStrongest() {
    const n = this.data.keys.length;
    const weights = this.unpacked;
    const drawn = [...weights.keys()].filter((i) => weights[i] >= THINNEST);
    return drawn.sort((i, j) => weights[j] - weights[i]).slice(0, FAINT).map((i) => [Math.floor(i / n), i % n]);
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
    const line = () => this.add("path", { class: this.many ? "" : "line", stroke: COLOUR, "stroke-linecap": "round" });
    this.lines = this.many ? [] : each(queries, () => each(keys, line));
    // Of many words: the strongest of all, and one for each word that is read or reads.
    this.faint = this.many ? Array.from({ length: FAINT }, line) : [];
    this.near = this.many ? Array.from({ length: Math.max(queries.length, keys.length) }, line) : [];
    this.queryWords = each(queries, () => words({ "text-anchor": "end" }));
    this.keyWords = each(keys, () => words());
    this.bars = each(keys, () => this.add("rect", { fill: COLOUR, height: BAR }));
    this.numbers = each(keys, () => words());
    this.heads = ["query", "key", ""].map((text, i) => this.add("text", { "font-size": FONT_SIZE, "font-weight": 600, "text-anchor": i ? "start" : "end" }, text));
    // On top, so that they are what the pointer meets.
    this.pairTargets = this.many ? [] : each(queries, (query) => each(keys, (key) => this.add("path", { class: "target", "stroke-width": 9, "data-query": query, "data-key": key })));
    this.row = this.many ? LOW_ROW : ROW;
    this.queryTargets = each(queries, (query) => this.add("rect", { class: "target", height: this.row, "data-query": query }));
    this.keyTargets = each(keys, (key) => this.add("rect", { class: "target", height: this.row, "data-key": key }));
    this.scrolls = Math.max(queries.length, keys.length) > MOST_IN_SIGHT;
    this.box.classList.toggle("scrolls", this.scrolls);
    this.below.hidden = !this.many;
    const attributes = { tabindex: "0", role: "group", "aria-label": "Weights as lines; scrolls" };
    for (const [name, value] of Object.entries(attributes)) {
      if (this.scrolls) this.box.setAttribute(name, value);
      else this.box.removeAttribute(name);
    }
  }

  // ---- where it stands

  lay() {
    this.width = this.box.clientWidth;
    if (!this.width) return;
    const { queries, keys } = this.data;
    const { row } = this;
    const most = Math.min(LABELS[1], Math.max(LABELS[0], LABEL_SHARE * this.width));
    const font = getComputedStyle(this.node).fontFamily;
    const fit = (nodes, names) => Math.max(...names.map((name, i) => this.cut(nodes[i], name, most, font)));
    const left = Math.max(LABELS[0], fit(this.queryWords, queries)) + GAP;
    const right = Math.max(LABELS[0], fit(this.keyWords, keys)) + 2 * GAP;
    const span = Math.min(WIDEST, (this.width - left - right - GAP - NUMBER_ROOM) / 2);
    this.places = { left, end: left + span, bars: left + span + right + GAP, span };
    const { end, bars } = this.places;
    const height = row * (Math.max(queries.length, keys.length) + 1);
    set(this.svg, { role: "img", width: this.width, height, viewBox: `0 0 ${this.width} ${height}` });
    const y = (index) => row * (index + 1.5);
    this.path = (query, key) => `M${left} ${y(query)}L${end} ${y(key)}`;
    this.lines.forEach((line, query) => line.forEach((node, key) => {
      set(node, { d: this.path(query, key) });
      set(this.pairTargets[query][key], { d: this.path(query, key) });
    }));
    this.queryWords.forEach((node, query) => set(node, { x: left - GAP, y: y(query) + 4.5 }));
    this.keyWords.forEach((node, key) => set(node, { x: end + GAP, y: y(key) + 4.5 }));
    this.bars.forEach((node, key) => set(node, { x: bars, y: y(key) - BAR / 2 }));
    this.numbers.forEach((node, key) => set(node, { y: y(key) + 4.5 }));
    this.queryTargets.forEach((node, query) => set(node, { x: 0, y: y(query) - row / 2, width: left - GAP / 2 }));
    this.keyTargets.forEach((node, key) => set(node, { x: end + GAP / 2, y: y(key) - row / 2, width: this.width - end - GAP / 2 }));
    [left - GAP, end + GAP, bars].forEach((x, i) => set(this.heads[i], { x, y: row / 2 + 4 }));
    this.light();
  }

  // Write as much of a name as has room, and return how wide that is.
  cut(node, name, most, font) {
    pen.font = `${FONT_SIZE}px ${font}`;
    const wide = (text) => pen.measureText(text).width;
    const letters = [...name];
    let text = name;
    while (letters.length && wide(text) > most) text = `${letters.splice(-1) && letters.join("")}…`;
    setText(node, text);
    return wide(text);
  }

  // ---- what is shown

  light() {
    if (!this.places) return;
    const { queries, keys, chosen } = this.data;
    const { query, key } = this.lit;
    const row = query in queries ? query : chosen[0];
    this.reader = row;
    const marked = query in queries || key in keys ? key : chosen[1];
    const { bars, span } = this.places;
    this.lines.forEach((line, i) => line.forEach((node, j) => {
      const there = this.weight(i, j) >= THINNEST;
      set(node, { display: there ? "inline" : "none", "stroke-width": this.thickness(i, j), opacity: this.seen(i, j) });
      set(this.pairTargets[i][j], { display: there ? "inline" : "none" });
    }));
    if (this.many) this.lightMany();
    this.queryWords.forEach((node, i) => set(node, { "font-weight": i === row ? 600 : 400 }));
    this.keyWords.forEach((node, j) => set(node, { "font-weight": j === marked ? 600 : 400 }));
    this.bars.forEach((node, j) => set(node, { width: span * this.weight(row, j) }));
    this.numbers.forEach((node, j) => {
      set(node, { x: bars + span * this.weight(row, j) + 6, "font-weight": j === marked ? 600 : 400 });
      setText(node, this.number(row, j));
    });
    const reader = this.queryWords[row].textContent;
    setText(this.heads[2], `“${reader}” reads`);
    set(this.svg, { "aria-label": `Weights as lines from queries to keys. ${this.spoken(row)}` });
  }

  thickness(i, j) { return WIDTHS[0] + (WIDTHS[1] - WIDTHS[0]) * this.weight(i, j); }

  // The lines of one word: what it reads, or who reads it if only a key is pointed at.
  lightMany() {
    const { queries, keys } = this.data;
    const { query, key } = this.lit;
    const onlyKey = key in keys && !(query in queries);
    const drawn = (node, pair, opacity) => set(node, pair && this.weight(...pair) >= THINNEST
      ? { display: "inline", d: this.path(...pair), "stroke-width": this.thickness(...pair), opacity }
      : { display: "none" });
    this.faint.forEach((node, i) => drawn(node, this.strongest[i], SEEN.faint));
    this.near.forEach((node, i) => {
      const pair = onlyKey ? [i, key] : [this.reader, i];
      const there = pair[0] < queries.length && pair[1] < keys.length;
      const beside = !onlyKey && key in keys && i !== key;
      drawn(node, there ? pair : null, beside ? SEEN.beside : SEEN.shown);
    });
    const n = this.strongest.length;
    setText(this.below, `${this.spoken(this.reader)} Drawn are the lines of one word, chosen or pointed at, and faintly the ${n} strongest of all.`);
  }

  // What is pointed at elsewhere, or chosen, is in sight where the words scroll.
  follow() {
    if (!this.scrolls || !this.places || this.box.matches(":hover")) return;
    const y = this.row * (this.reader + 1);
    const { scrollTop, clientHeight } = this.box;
    if (y < scrollTop || y + 2 * this.row > scrollTop + clientHeight) this.box.scrollTop = y - clientHeight / 2;
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
    const { queries, keys } = this.data;
    const read = [...keys.keys()];
    if (this.many) read.sort((i, j) => this.weight(row, j) - this.weight(row, i)).splice(NAMED);
    // Marks (U+2068, U+2069) keep a name that runs from right to left from turning the sentence.
    const said = (name) => (this.many ? `“\u2068${name}\u2069”` : `“${name}”`);
    return `${said(queries[row])} reads ${this.many ? "most " : ""}${read.map((j) => `${said(keys[j])} ${this.number(row, j)}`).join(", ")}.`;
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
    return [{ name: "Weights as lines", chart: this.svg, spoken: this.spoken(this.reader), titled: false, inPixels: false }];
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
