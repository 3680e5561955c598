// A table of words, coloured by a number from 0 on; a cell can be chosen. Python sends words,
// numbers and sentences. RAMP is put in front: the colours of the two themes.

const CHOICE_EVENT = "attention-lab-choice";
const AFTER_FIELDS_MS = 10;
const PICTURES = ((window.attentionLab ??= {}).pictures ??= new Map()); // see pictures.js
const TABLES = Object.fromEntries(Object.entries(RAMP).map(([theme, stops]) => [theme, colourTable(stops)]));
const tables = new WeakMap();

class StreamLens {
  constructor(root) {
    this.node = root.querySelector(".lens");
    this.fields = new AfterFields(root, AFTER_FIELDS_MS);
    this.title = makeNode("span", "title");
    this.note = makeNode("span", "note");
    const head = makeNode("p", "head");
    head.append(this.title, this.note);
    this.scroll = makeNode("div", "scroll");
    this.table = makeNode("table", "", { role: "grid" });
    this.scroll.append(this.table);
    this.legend = makeNode("p", "legend", { "aria-hidden": "true" });
    this.bar = makeNode("span", "bar");
    this.high = makeNode("span");
    this.legend.append(makeNode("span", "", {}, "0"), this.bar, this.high);
    this.readout = makeNode("p", "readout", { role: "status" });
    this.text = makeNode("figcaption", "text");
    this.node.append(head, this.scroll, this.legend, this.readout, this.text);
    this.watch = new ThemeWatch(this.node, () => this.paint());
    this.table.addEventListener("pointerover", (event) => this.point(this.placeOf(event)));
    this.table.addEventListener("pointerleave", () => this.point(null));
    this.table.addEventListener("focusin", (event) => this.point(this.placeOf(event)));
    this.table.addEventListener("pointerdown", () => this.fields.pressed());
    this.table.addEventListener("click", (event) => { const place = this.placeOf(event); if (place) this.choose(place); });
    this.table.addEventListener("keydown", (event) => this.onKey(event));
  }

  placeOf(event) {
    const cell = event.target.closest?.("[data-at]");
    return cell ? cell.dataset.at.split(",").map(Number) : null;
  }

  update(data) {
    const { news: _, chosen, text, ...shown } = data;
    const all = JSON.stringify(shown);
    const anew = all !== this.all;
    this.all = all;
    this.data = data;
    this.chosen = data.chosen;
    setText(this.title, data.title);
    setText(this.note, data.note);
    setText(this.text, text);
    setText(this.high, writeNumber(data.limit, data.limit < 10 ? 2 : 0));
    this.table.setAttribute("aria-label", `${data.title}. Arrow keys move, Enter chooses.`);
    if (anew) this.build();
    this.mark();
  }

  build() {
    const { rows, columns, above, words, corner } = this.data;
    const root = this.node.getRootNode();
    const focused = this.table.contains(root.activeElement) ? root.activeElement.dataset.at : null;
    const head = makeNode("tr");
    head.append(makeNode("th", "corner", { scope: "col" }, corner));
    this.heads = columns.map((name, j) => {
      const cell = makeNode("th", "", { scope: "col" });
      if (above.length) cell.append(makeNode("span", "", {}, above[j]));
      cell.append(makeNode("b", "", {}, name));
      head.append(cell);
      return cell;
    });
    const top = makeNode("thead");
    top.append(head);
    const body = makeNode("tbody");
    this.sides = [];
    this.cells = rows.map((name, i) => {
      const line = makeNode("tr");
      const side = makeNode("th", "side", { scope: "row" }, name);
      this.sides.push(side);
      line.append(side);
      const cells = columns.map((_, j) => {
        const cell = makeNode("td", "cell", { role: "gridcell", tabindex: "-1", "aria-label": this.sentence([i, j]) }, words[i][j]);
        cell.dataset.at = `${i},${j}`;
        line.append(cell);
        return cell;
      });
      body.append(line);
      return cells;
    });
    this.table.replaceChildren(top, body);
    this.paint();
    if (focused) this.cellAt(focused.split(",").map(Number))?.focus();
    this.bringIntoView();
  }

  // The chosen column, where the table is wider than its place; the page itself stays where it is.
  bringIntoView() {
    const cell = this.cellAt(this.chosen);
    if (!cell) return;
    const left = cell.offsetLeft - this.sides[0].offsetWidth;
    const right = cell.offsetLeft + cell.offsetWidth - this.scroll.clientWidth;
    const { scrollLeft } = this.scroll;
    if (left < scrollLeft || right > scrollLeft) this.scroll.scrollLeft = (left + right) / 2;
  }

  cellAt([row, column]) {
    return this.cells[row]?.[column];
  }

  paint() {
    if (!this.data) return;
    const theme = this.watch.theme;
    const { values, limit } = this.data;
    this.cells.forEach((line, i) => line.forEach((cell, j) => {
      const level = 3 * Math.round(Math.min(Math.max(values[i][j] / limit, 0), 1) * 255);
      const [r, g, b] = TABLES[theme].slice(level, level + 3);
      cell.style.backgroundColor = `rgb(${r} ${g} ${b})`;
      cell.style.color = luminance(r, g, b) > 0.19 ? "#000" : "#fff";
    }));
    this.bar.style.background = `linear-gradient(to right, ${RAMP[theme].join()})`;
  }

  mark() {
    const [row, column] = this.chosen;
    this.cells.forEach((line, i) => line.forEach((cell, j) => {
      const on = i === row && j === column;
      if ((cell.getAttribute("aria-selected") === "true") !== on) cell.setAttribute("aria-selected", String(on));
      const tab = on ? "0" : "-1";
      if (cell.getAttribute("tabindex") !== tab) cell.setAttribute("tabindex", tab);
    }));
    this.heads.forEach((head, j) => head.classList.toggle("chosen", j === column));
    this.sides.forEach((side, i) => side.classList.toggle("chosen", i === row));
    this.point(this.pointed ?? null);
  }

  sentence([row, column]) {
    const { rows, columns, words, values, digits } = this.data;
    const [word, value] = [words[row][column], writeNumber(values[row][column], digits)];
    return `${rows[row]}, ${columns[column]}: ${word === value ? value : `${word}, ${value}`}`;
  }

  point(place) {
    this.pointed = place && this.cellAt(place) ? place : null;
    setText(this.readout, this.sentence(this.pointed ?? this.chosen));
  }

  onKey(event) {
    const place = this.placeOf(event);
    if (!place || event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    if (event.key in steps) this.cellAt(place.map((at, axis) => at + steps[event.key][axis]))?.focus();
    else if (event.key === "Enter" || event.key === " ") this.choose(place);
    else return;
    event.preventDefault();
  }

  // Shown at once; Python's answer confirms it.
  choose(place) {
    if (place.join() === this.chosen.join()) return;
    this.chosen = place;
    this.mark();
    const { version, rows, columns } = this.data;
    const [row, column] = place;
    window.dispatchEvent(new CustomEvent(CHOICE_EVENT, { detail: { text: `${rows[row]}, ${columns[column]}` } }));
    this.fields.do(() => this.setTriggerValue("choice", { row, column, version }));
  }

  // As it stands on the screen, for pictures.js to draw.
  picture() {
    const { title, note, rows, columns, corner, limit } = this.data;
    const cells = this.cells.map((line, i) => line.map((cell, j) => {
      const { backgroundColor: ground, color: ink } = getComputedStyle(cell);
      return { text: cell.textContent, ground, ink, blocked: false, chosen: [i, j].join() === this.chosen.join() };
    }));
    const legend = { low: "0", high: writeNumber(limit), ramp: RAMP };
    return { title, note, corner, rows, columns, cells, legend, bands: { rows: [], columns: [], whole: "" }, off: false, compact: false };
  }
}

// How bright a colour is to the eye, from 0 to 1 (WCAG 2).
function luminance(...rgb) {
  const [r, g, b] = rgb.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function mount({ data, parentElement, setTriggerValue }) {
  const lens = tables.get(parentElement) ?? new StreamLens(parentElement);
  tables.set(parentElement, lens);
  lens.setTriggerValue = setTriggerValue;
  lens.update(data);
  PICTURES.set(lens, { place: lens.node, list: () => [{ name: lens.data.title, board: () => [[lens.picture()]] }] });
  return () => PICTURES.delete(lens);
}
