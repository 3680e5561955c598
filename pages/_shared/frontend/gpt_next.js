// What may come next: a row for each word with a bar for each probability, and a word can be
// pressed to be written. Python sends words, numbers and sentences; where they stand is done here.

const SVG = "http://www.w3.org/2000/svg";
const AFTER_FIELDS_MS = 10;
const FONT = 13;
const SMALL = 12;
const BAR = 9;
const STEP = 14; // from one bar of a row to the next
const PAD = 6; // above and below the bars of a row
const LOWEST = 25; // room for a finger
const LEGEND = 20;
const NUMBER_ROOM = 44;
const SIGN_ROOM = 62;
const WORD_SHARE = 0.3;
const LONGEST_WORD = 130;
const WIDEST = 640;
const PICTURES = ((window.attentionLab ??= {}).pictures ??= new Map()); // see pictures.js
const lists = new WeakMap();
const pen = document.createElement("canvas").getContext("2d");

function mark(tag, attributes, text = "") {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    node.setAttribute(name, typeof value === "number" ? Math.round(value * 10) / 10 : value);
  }
  node.textContent = text;
  return node;
}

class NextWords {
  constructor(root) {
    this.node = root.querySelector(".next-words");
    this.fields = new AfterFields(root, AFTER_FIELDS_MS);
    this.heading = makeNode("p", "heading");
    this.svg = document.createElementNS(SVG, "svg");
    this.box = makeNode("div", "box");
    this.box.append(this.svg);
    this.below = makeNode("div", "below");
    this.node.append(this.heading, this.box, this.below);
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
    const { news: _, ...shown } = data;
    const text = JSON.stringify(shown);
    this.data = data;
    if (text === this.text) return;
    this.text = text;
    setText(this.heading, data.title);
    this.below.replaceChildren(...data.said.map((line) => makeNode("p", "", {}, line)));
    this.lay();
  }

  lay() {
    const { rows, series, spoken } = this.data;
    const focused = this.svg.getRootNode().activeElement?.dataset?.place;
    this.width = this.box.clientWidth;
    if (!this.width) return;
    const width = Math.min(this.width, WIDEST);
    pen.font = `${FONT}px ${getComputedStyle(this.node).fontFamily}`;
    const left = Math.min(LONGEST_WORD, Math.max(70, WORD_SHARE * width));
    const unit = width - left - NUMBER_ROOM - SIGN_ROOM;
    const high = Math.max(LOWEST, series.length * STEP + PAD);
    const marks = this.legend(width);
    const top = marks.top;
    rows.forEach((row, place) => marks.nodes.push(this.row(row, place, [left, top + place * high, unit, high, width])));
    const height = top + rows.length * high + 2;
    const size = { width, height, viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": spoken };
    for (const [name, value] of Object.entries(size)) this.svg.setAttribute(name, value);
    this.svg.replaceChildren(...marks.nodes);
    if (focused !== undefined) this.svg.querySelector(`[data-place="${focused}"]`)?.focus({ preventScroll: true });
  }

  legend(width) {
    const nodes = [];
    let [x, y] = [0, 0];
    for (const { name, colour } of this.data.series) {
      const wide = 18 + pen.measureText(name).width + 16;
      if (x && x + wide > width) { x = 0; y += LEGEND; }
      nodes.push(mark("rect", { x, y: y + 3, width: 12, height: 10, rx: 2, fill: colour }));
      nodes.push(mark("text", { x: x + 18, y: y + 12.5, "font-size": SMALL }, name));
      x += wide;
    }
    return { nodes, top: y + LEGEND + 4 };
  }

  row({ word, values, sign, taken }, place, [left, top, unit, high, width]) {
    const { series, can_write: writes } = this.data;
    const group = mark("g", { "data-place": place, role: writes ? "button" : "img", "aria-label": this.sentence(place) });
    if (writes) group.setAttribute("tabindex", "0");
    // The name of a button has to begin with what stands on it, and the numbers stand beside it.
    const beside = mark("g", { class: "beside", "aria-hidden": "true" });
    group.append(mark("rect", { class: "target", x: 0.5, y: top + 0.5, width: width - 1, height: high - 1, rx: 4 }));
    const middle = top + high / 2 + 4.5;
    group.append(mark("text", { x: left - 8, y: middle, "text-anchor": "end", "font-size": FONT, "font-weight": taken ? 700 : 400 }, this.fitted(word, left - 14)));
    series.forEach(({ colour }, at) => {
      const y = top + high / 2 + (at - series.length / 2) * STEP + (STEP - BAR) / 2;
      const value = values[at];
      group.append(mark("rect", { class: "track", x: left, y, width: unit, height: BAR, rx: 2 }));
      if (value > 0) group.append(mark("rect", { x: left, y, width: Math.max(value * unit, 0.8), height: BAR, rx: Math.min(2, value * unit), fill: colour }));
      const text = value === null ? "" : this.written(value);
      beside.append(mark("text", { class: "number", x: left + unit + 6, y: y + BAR - 0.5, "font-size": SMALL }, text));
    });
    if (sign) beside.append(mark("text", { class: "sign", x: width - 4, y: middle, "text-anchor": "end", "font-size": SMALL }, sign));
    const both = mark("g", {});
    both.append(group, beside);
    return both;
  }

  written(value) {
    return value > 0 && value < 0.005 ? "<0.01" : writeNumber(value);
  }

  fitted(word, room) {
    if (pen.measureText(word).width <= room) return word;
    const letters = [...word];
    while (letters.length > 1 && pen.measureText(`${letters.join("")}…`).width > room) letters.pop();
    return `${letters.join("")}…`;
  }

  sentence(place) {
    const { rows, series, can_write: writes } = this.data;
    const { word, values, sign, taken } = rows[place];
    const numbers = series.map(({ name }, at) => `${name} ${this.written(values[at])}`).join(", ");
    const more = [sign, taken ? "stands here" : ""].filter(Boolean).join(", ");
    return `${writes ? "Write " : ""}“${word}”: ${numbers}${more ? `; ${more}` : ""}`;
  }

  onKey(event) {
    const place = this.placeOf(event);
    if (place < 0) return;
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step) {
      event.preventDefault();
      this.svg.querySelector(`[data-place="${place + step}"]`)?.focus();
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.press(place);
    }
  }

  press(place) {
    if (!this.data.can_write || place < 0) return;
    const { version } = this.data;
    this.fields.do(() => this.send("write", { version, place }));
  }

  list() {
    const { title, spoken } = this.data;
    return [{ name: title, chart: this.svg, spoken, titled: false, inPixels: false }];
  }
}

function mount({ data, parentElement, setTriggerValue }) {
  const list = lists.get(parentElement) ?? new NextWords(parentElement);
  lists.set(parentElement, list);
  list.update(data, setTriggerValue);
  PICTURES.set(list, { place: list.svg, list: () => list.list() });
  return () => PICTURES.delete(list);
}
