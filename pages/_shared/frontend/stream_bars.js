// Blocks one below the other, with bars and a switch. Python computes every number and sentence;
// what is done here is where the bars stand. ABOVE and BELOW are put in front: colours of bars.

const SVG = "http://www.w3.org/2000/svg";
const AFTER_FIELDS_MS = 10;
const PICTURES = ((window.attentionLab ??= {}).pictures ??= new Map()); // see pictures.js
const figures = new WeakMap();

class StreamBars {
  constructor(root) {
    this.node = root.querySelector(".bars");
    this.fields = new AfterFields(root, AFTER_FIELDS_MS);
    this.title = makeNode("p", "title");
    this.heads = makeNode("div", "heads", { "aria-hidden": "true" });
    this.list = makeNode("ol");
    this.text = makeNode("figcaption", "text");
    this.node.append(this.title, this.heads, this.list, this.text);
    this.lines = [];
  }

  update(data) {
    const { news: _, ...shown } = data;
    const all = JSON.stringify(shown);
    if (all === this.all) return;
    this.all = all;
    this.data = data;
    const { rows, columns, title, text } = data;
    setText(this.title, title);
    setText(this.text, text);
    this.switching = rows.some(({ id }) => id);
    const longest = Math.max(...rows.map(({ name }) => [...name].length));
    this.node.style.setProperty("--name", `min(${Math.max(5, 0.47 * longest).toFixed(1)}rem, 42%)`);
    this.node.style.setProperty("--count", columns.length);
    this.node.style.setProperty("--digits", `${Math.max(...columns.flatMap((column) => column.values.map((value) => this.written(value, column).length))) * 0.52 + 0.2}rem`);
    this.heads.classList.toggle("switching", this.switching);
    const heads = [...(this.switching ? [""] : []), "", ...columns.map(({ name }) => name)];
    this.heads.replaceChildren(...heads.map((name) => makeNode("span", "", {}, name)));
    while (this.lines.length > rows.length) this.lines.pop().node.remove();
    while (this.lines.length < rows.length) this.addLine();
    rows.forEach((row, index) => this.show(row, index));
  }

  written(value, { digits }) {
    return value === null ? "" : writeNumber(value, digits);
  }

  addLine() {
    const node = makeNode("li");
    const main = makeNode("div", "main");
    const button = makeNode("button", "", { type: "button" });
    const name = makeNode("span", "name");
    const line = makeNode("p", "line");
    const index = this.lines.length;
    button.addEventListener("pointerdown", () => this.fields.pressed());
    button.addEventListener("click", () => this.press(index));
    node.append(main, line);
    this.list.append(node);
    this.lines.push({ node, main, button, name, line });
  }

  show(row, index) {
    const { node, main, button, name, line } = this.lines[index];
    const { columns } = this.data;
    node.classList.toggle("off", row.off);
    main.classList.toggle("switching", this.switching);
    setText(name, row.off ? `${row.name} (off)` : row.name);
    setText(line, row.line);
    line.hidden = !row.line;
    line.classList.toggle("strong", row.strong);
    setText(button, "Off");
    button.hidden = !row.id;
    button.setAttribute("aria-label", `Off: ${row.name}`);
    button.setAttribute("aria-pressed", String(row.off));
    const first = this.switching ? [row.id ? button : makeNode("span")] : [];
    const cells = columns.map((column) => this.cell(column, column.values[index]));
    const focused = node.getRootNode().activeElement === button;
    main.replaceChildren(...first, name, ...cells);
    if (focused) button.focus();
  }

  cell(column, value) {
    const cell = makeNode("span", "cell");
    const track = makeNode("span", "track", { "aria-hidden": "true" });
    if (value !== null) {
      const [left, width] = placeOf(value, column);
      const bar = makeNode("span", "bar");
      bar.style.cssText = `left: ${left}%; width: ${width}%; background: ${value < 0 ? BELOW : ABOVE}`;
      track.append(bar);
      const zero = makeNode("span", "zero");
      zero.style.left = `${zeroOf(column)}%`;
      track.append(zero);
    }
    const number = makeNode("span", "value");
    if (value !== null) number.append(makeNode("span", "unseen", {}, `${column.name} `), this.written(value, column));
    cell.append(track, number);
    return cell;
  }

  press(index) {
    const { id, off } = this.data.rows[index];
    const { version } = this.data;
    this.fields.do(() => this.setTriggerValue("switch", { id, off: !off, version }));
  }

  // ---- a picture to take along, for pictures.js

  chart() {
    const { rows, columns, title } = this.data;
    const [names, wide, high] = [this.switching && columns.length > 1 ? 130 : 260, 260, 24];
    const top = 30; // the heading
    const size = [Math.max(names + columns.length * wide, 9.5 * title.length), top + (rows.length + 1) * high + rows.filter(({ line }) => line).length * 18];
    const chart = document.createElementNS(SVG, "svg");
    const mark = (tag, attributes, text = "") => {
      const node = document.createElementNS(SVG, tag);
      for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
      node.textContent = text;
      chart.append(node);
    };
    const words = (text, x, y, more = {}) => mark("text", { x, y, "font-size": 12.5, fill: "currentColor", "font-family": "sans-serif", ...more }, text);
    words(title, 0, 16, { "font-size": 16, "font-weight": 600 });
    columns.forEach(({ name }, j) => words(name, names + j * wide, top + 14, { "font-size": 11 }));
    let y = top + high;
    rows.forEach((row, i) => {
      words(row.off ? `${row.name} (off)` : row.name, 0, y + 15);
      columns.forEach((column, j) => {
        const value = column.values[i];
        if (value === null) return;
        const x = names + j * wide;
        const [left, width] = placeOf(value, column);
        const unit = (wide - 70) / 100;
        mark("rect", { x: x + left * unit, y: y + 5, width: Math.max(width * unit, 0.6), height: 12, fill: value < 0 ? BELOW : ABOVE });
        words(this.written(value, column), x + wide - 20, y + 15, { "text-anchor": "end" });
      });
      y += high;
      if (row.line) { words(row.line, 12, y + 8, { "font-size": 11.5, "font-weight": row.strong ? 600 : 400 }); y += 18; }
    });
    for (const [name, value] of Object.entries({ width: size[0], height: size[1], viewBox: `0 0 ${size.join(" ")}` })) chart.setAttribute(name, value);
    return chart;
  }

  // Drawn when it is taken, not when it is listed.
  pictures() {
    const bars = this;
    return [{ name: this.data.name, get chart() { return (this.made ??= bars.drawn()); }, spoken: this.data.text, titled: true, inPixels: false }];
  }

  drawn() {
    const chart = this.chart();
    chart.setAttribute("aria-hidden", "true");
    chart.style.cssText = "position: absolute; left: -9999px; color: var(--st-text-color)";
    this.copy?.remove();
    this.copy = chart;
    this.node.append(chart);
    return chart;
  }
}

// Where a bar begins and how long it is, in hundredths.
function placeOf(value, { most, signed }) {
  const share = Math.min(Math.abs(value) / most, 1) * (signed ? 50 : 100);
  return [!signed ? 0 : value < 0 ? 50 - share : 50, share];
}

function zeroOf({ signed }) {
  return signed ? 50 : 0;
}

function mount({ data, parentElement, setTriggerValue }) {
  const bars = figures.get(parentElement) ?? new StreamBars(parentElement);
  figures.set(parentElement, bars);
  bars.setTriggerValue = setTriggerValue;
  bars.update(data);
  PICTURES.set(bars, { place: bars.node, list: () => bars.pictures() });
  return () => PICTURES.delete(bars);
}
