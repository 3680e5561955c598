// The words of a text in their order, with one or two bars over each; where the page takes it, a
// word is pressed and let go again. Python sends words, numbers and scales; what is done here is
// where they stand in the width that there is.

const SVG = "http://www.w3.org/2000/svg";
const AFTER_FIELDS_MS = 10;
const FONT_SIZE = 13;
const LEGEND_ROW = 20;
const BAR = 9;
const NARROWEST = 34; // of a word with its bars: room for a finger is made by the row's height
const BESIDE = 12; // between two words
const UP = 46; // the highest bar
const DOWN = 18; // room for bars that hang, where there are any
const NAME_ROOM = 26;
const LONGEST_NAME = 150;
const PICTURES = ((window.attentionLab ??= {}).pictures ??= new Map()); // see pictures.js
const drawings = new WeakMap();
const pen = document.createElement("canvas").getContext("2d");

function makeMark(tag, attributes, text = "") {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    node.setAttribute(name, typeof value === "number" ? Math.round(value * 10) / 10 : value);
  }
  node.textContent = text;
  return node;
}

class WordBars {
  constructor(root) {
    this.node = root.querySelector(".word-bars");
    this.fields = new AfterFields(root, AFTER_FIELDS_MS);
    this.svg = document.createElementNS(SVG, "svg");
    this.box = makeNode("div", "box");
    this.box.append(this.svg);
    this.readout = makeNode("p", "readout");
    this.below = makeNode("p", "below");
    this.status = makeNode("p", "status unseen", { role: "status" });
    this.node.append(this.box, this.readout, this.below, this.status);
    this.svg.addEventListener("pointerover", (event) => this.point(this.placeOf(event)));
    this.svg.addEventListener("pointerleave", () => this.point(-1));
    this.svg.addEventListener("focusin", (event) => this.point(this.placeOf(event)));
    this.svg.addEventListener("pointerdown", () => this.fields.pressed());
    this.svg.addEventListener("click", (event) => this.press(this.placeOf(event)));
    this.svg.addEventListener("keydown", (event) => this.onKey(event));
    new ResizeObserver(() => { if (this.box.clientWidth !== this.width) this.lay(); }).observe(this.box);
  }

  placeOf(event) {
    return Number(event.target.closest?.("[data-place]")?.dataset.place ?? -1);
  }

  update(data, send) {
    this.send = send;
    const drawn = ({ version, words, series, pressed, title }) => JSON.stringify([version, words, series, pressed, title]);
    const anew = !this.data || drawn(data) !== drawn(this.data);
    this.data = data;
    if (anew) { this.held = null; this.lay(); }
    setText(this.below, data.text);
    this.below.hidden = !data.text;
    // What takes long is asked for part by part, so that whatever else is done comes in between.
    const part = data.more === null ? null : `${data.version}:${data.more}`;
    if (part !== null && part !== this.asked) setTimeout(() => send("more", { version: data.version, more: data.more }), 0);
    this.asked = part;
  }

  get pressed() {
    return this.held ?? this.data.pressed;
  }

  // ---- where everything stands

  lay() {
    const focused = this.svg.querySelector(":focus")?.dataset.place;
    this.width = this.box.clientWidth;
    const { words, series, title } = this.data;
    pen.font = `${FONT_SIZE}px ${getComputedStyle(this.node).fontFamily}`;
    const hangs = series.some(({ values }) => values.some((value) => value < 0));
    const drop = hangs ? DOWN : 0;
    const rowHeight = series.length ? UP + drop + NAME_ROOM : NAME_ROOM + 6;
    const marks = [];
    let top = 0;
    if (title) {
      marks.push(makeMark("text", { x: 0, y: 14, "font-size": 14, "font-weight": 600 }, title));
      top += 24;
    }
    for (const { name, colour, note } of series) {
      marks.push(makeMark("rect", { x: 0, y: top + 3, width: BAR, height: 12, fill: colour }));
      marks.push(makeMark("text", { x: BAR + 8, y: top + 14, "font-size": FONT_SIZE }, note ? `${name}: ${note}` : name));
      top += LEGEND_ROW;
    }
    top += series.length ? 6 : 0;
    let left = 2;
    words.forEach((word, place) => {
      const name = this.fitted(word);
      const wide = Math.max(pen.measureText(name).width + 10, NARROWEST);
      if (left > 2 && left + wide > this.width) { left = 2; top += rowHeight; }
      marks.push(this.wordNode(name, place, left, top, wide, drop, rowHeight));
      left += wide + BESIDE;
    });
    const height = top + rowHeight + 4;
    for (const [name, value] of Object.entries({ width: this.width, height, viewBox: `0 0 ${this.width} ${height}` })) {
      this.svg.setAttribute(name, value);
    }
    this.svg.setAttribute("role", "group");
    this.svg.setAttribute("aria-label", this.data.spoken);
    this.svg.replaceChildren(...marks);
    if (focused !== undefined) this.svg.querySelector(`[data-place="${focused}"]`)?.focus();
    this.point(-1);
  }

  fitted(word) {
    if (pen.measureText(word).width <= LONGEST_NAME) return word;
    const letters = [...word];
    while (letters.length > 1 && pen.measureText(`${letters.join("")}…`).width > LONGEST_NAME) letters.pop();
    return `${letters.join("")}…`;
  }

  wordNode(name, place, left, top, wide, drop, rowHeight) {
    const { series } = this.data;
    const group = makeMark("g", { "data-place": place });
    const base = top + (series.length ? UP : 0);
    group.append(makeMark("rect", { class: "target", x: left, y: top, width: wide, height: rowHeight - 2, rx: 5 }));
    if (series.length) group.append(makeMark("path", { class: "base", d: `M${left} ${base}h${wide}` }));
    series.forEach(({ values, low, high, colour }, i) => {
      const value = values[place];
      const unit = Math.min(UP / Math.max(high, 1e-9), low < 0 ? drop / -low : Infinity);
      const tall = Math.max(Math.abs(value) * unit, value === 0 ? 0 : 0.6);
      const x = left + wide / 2 + (i - series.length / 2) * (BAR + 1);
      group.append(makeMark("rect", { x, y: value < 0 ? base : base - tall, width: BAR, height: tall, fill: colour }));
    });
    const line = base + drop + 17;
    const on = Boolean(this.pressed?.[place]);
    if (on) group.append(makeMark("rect", { class: "chip", x: left + 1, y: line - 14, width: wide - 2, height: 20, rx: 5 }));
    const text = { x: left + wide / 2, y: line, "text-anchor": "middle", "font-size": FONT_SIZE, class: on ? "on" : "" };
    group.append(makeMark("text", text, name));
    group.setAttribute("role", this.data.pressed ? "button" : "img");
    group.setAttribute("aria-label", this.sentence(place));
    if (this.data.pressed) {
      group.setAttribute("aria-pressed", String(on));
      group.setAttribute("tabindex", "0");
    }
    return group;
  }

  // ---- what is pointed at, and pressed

  sentence(place) {
    const { words, series } = this.data;
    const numbers = series.map(({ name, values, digits }) => `${name} ${writeNumber(values[place], digits)}`);
    return [`“${words[place]}”`, numbers.join(", ")].filter(Boolean).join(": ");
  }

  point(place) {
    const known = place >= 0 && place < this.data.words.length;
    setText(this.readout, known ? this.sentence(place) : this.data.hint);
    for (const node of this.svg.querySelectorAll("[data-place]")) {
      node.classList.toggle("pointed", known && Number(node.dataset.place) === place);
    }
  }

  onKey(event) {
    const place = this.placeOf(event);
    if (place < 0) return;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) {
      event.preventDefault();
      this.svg.querySelector(`[data-place="${place + step}"]`)?.focus();
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.press(place);
    }
  }

  press(place) {
    if (!this.data.pressed || place < 0) return;
    const { version, words } = this.data;
    this.held = words.map((_, i) => Boolean(this.pressed[i]) !== (i === place));
    const on = this.held[place];
    this.lay();
    this.status.textContent = `“${words[place]}” ${on ? this.data.pressed_name : "as it was"}`;
    // All of them, so that of two quick presses none is lost.
    const places = this.held.flatMap((one, i) => (one ? [i] : []));
    this.fields.do(() => this.send("press", { version, places }));
  }

  list() {
    const { title, spoken } = this.data;
    return [{ name: title || "Words", chart: this.svg, spoken, titled: Boolean(title), inPixels: false }];
  }
}

function mount({ data, parentElement, setTriggerValue }) {
  const drawing = drawings.get(parentElement) ?? new WordBars(parentElement);
  drawings.set(parentElement, drawing);
  drawing.update(data, setTriggerValue);
  PICTURES.set(drawing, { place: drawing.svg, list: () => drawing.list() });
  return () => PICTURES.delete(drawing);
}
