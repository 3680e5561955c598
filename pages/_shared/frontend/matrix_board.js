// A board of matrices that light up together. Python sends every number; nothing is
// computed here except what an edit looks like until Python has answered.
// RAMPS is put in front of it.

const HOVER_EVENT = "attention-lab-hover";
const CHOICE_EVENT = "attention-lab-choice"; // what a lesson hears of a chosen place
const SEND_EVERY_MS = 50;
const PATIENCE_MS = 800;
const MOST_PATIENCE_MS = 6400;
const AFTER_FIELDS_MS = 10;
const PIXELS_PER_STEP = 4;
const PAINT_STEP = 8;
const SHADES = 64;
const NOT_FINITE = { nan: NaN, inf: Infinity, "-inf": -Infinity };
const PICTURES = ((window.attentionLab ??= {}).pictures ??= new Map()); // see pictures.js
const boards = new WeakMap();

// ---------------------------------------------------------------- colours

const toRgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

function mix(ramp, share) {
  const at = share * (ramp.length - 1);
  const low = Math.min(Math.floor(at), ramp.length - 2);
  const from = toRgb(ramp[low]);
  const to = toRgb(ramp[low + 1]);
  return from.map((v, i) => Math.round(v + (to[i] - v) * (at - low)));
}

function ink([red, green, blue]) {
  const linear = [red, green, blue].map((v) => {
    const share = v / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  return luminance > 0.179 ? "#000" : "#fff"; // where black and white have equal contrast
}

function shadesOf(ramp) {
  return Array.from({ length: SHADES + 1 }, (_, i) => {
    const light = mix(ramp.light, i / SHADES);
    const dark = mix(ramp.dark, i / SHADES);
    return {
      ground: `light-dark(rgb(${light}), rgb(${dark}))`,
      ink: `light-dark(${ink(light)}, ${ink(dark)})`,
    };
  });
}

const SHADE_TABLES = Object.fromEntries(
  Object.entries(RAMPS).map(([name, ramp]) => [name, shadesOf(ramp)]),
);

function shadeOf(value, scale, limit) {
  const share = scale === "diverging" ? (value / limit + 1) / 2 : value / limit;
  return SHADE_TABLES[scale][Math.round(Math.min(1, Math.max(0, share)) * SHADES)];
}

// ---------------------------------------------------------------- numbers as text

const decode = (value) => (typeof value === "string" ? NOT_FINITE[value] : value);

function show(value, digits) {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  const text = size >= 1e4 ? value.toExponential(0) : value.toFixed(size >= 100 ? 0 : digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
}

function parseNumber(text) {
  const plain = text.trim().replace("−", "-").replace(",", ".");
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : null;
}

function splitTable(text) {
  // A printed list may stand on one line: its rows then end in brackets.
  const lines = text.trim().replace(/^array\(|\)$/g, "").split(/\r?\n|(?<=\])\s*,?\s*(?=\[)/).filter((line) => line.trim() !== "");
  if (text.includes("\t")) return lines.map((line) => line.split("\t"));
  if (text.includes(";")) return lines.map((line) => line.split(";"));
  // Lists as NumPy and Python print them: there the comma parts numbers.
  const separator = /[[\]]|,\s/.test(text) ? /[\s,[\]()]+/ : /\s+/;
  return lines.map((line) => line.split(separator).filter((part) => part !== "")).filter((row) => row.length);
}

// ---------------------------------------------------------------- small DOM helpers

function element(tag, className, attributes = {}) {
  const node = document.createElement(tag);
  node.className = className;
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

// What is the same as before is left alone: every change of the page costs an edit its time.
function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// ---------------------------------------------------------------- one matrix

class Grid {
  constructor(board, item) {
    this.board = board;
    this.item = item;
    this.cells = [];
    this.focused = [0, 0];
    this.editor = null;
    this.node = this.build();
  }

  // Whether this grid can show the item: labels and numbers change, its cells do not.
  fits(item) {
    const parts = (one) => [one.title, one.rows.length, one.columns.length, one.editable, one.scale, one.row_axis, one.column_axis, one.small, !one.switch].join();
    return parts(item) === parts(this.item);
  }

  get isMask() { return this.item.scale === "mask"; }

  build() {
    const { item } = this;
    const node = element("section", "matrix");
    const head = element("div", "head");
    const title = element("span", "title");
    title.textContent = item.title;
    head.append(title);
    this.note = element("span", "note");
    head.append(this.note);
    if (item.switch) head.append(this.buildSwitch());
    if (item.editable) head.append(this.buildReset());
    const scroll = element("div", "scroll");
    scroll.append(this.buildGrid());
    node.append(head, scroll);
    if (!this.isMask) node.append(this.buildLegend());
    return node;
  }

  buildReset() {
    this.reset = element("button", "reset", { type: "button", "aria-label": `Reset ${this.item.title}` });
    this.reset.textContent = "Reset";
    this.reset.onclick = () => this.board.restore(this);
    return this.reset;
  }

  buildSwitch() {
    this.switch = element("button", "switch", { type: "button" });
    this.switch.onpointerdown = () => this.board.fields.pressed();
    this.switch.onclick = () => this.board.press(this, this.switch.getAttribute("aria-pressed") !== "true");
    return this.switch;
  }

  showSwitch([label, on]) {
    if (this.switch.getAttribute("aria-pressed") === String(on)) return;
    this.switch.textContent = label;
    this.switch.setAttribute("aria-label", `${label} ${this.item.title}`);
    this.switch.setAttribute("aria-pressed", String(on));
    this.node.classList.toggle("off", on);
  }

  // Which neighbours belong together: a strip of colour and a name above the columns, a strip
  // beside the rows.
  showBands({ row_bands: rows = [], column_bands: columns = [], band }) {
    this.node.classList.toggle("banded", band !== undefined);
    this.node.style.setProperty("--band", `var(--head-${band})`);
    const paint = (heads, bands) => {
      const colours = bands.flatMap(([, size, colour]) => Array(size).fill(colour));
      heads.forEach((head, index) => { head.style.setProperty("--band", index in colours ? `var(--head-${colours[index]})` : "transparent"); });
    };
    paint(this.rowHeads, rows);
    paint(this.columnHeads, columns);
    this.node.classList.toggle("in-row-bands", rows.length > 0);
    this.node.classList.toggle("in-column-bands", columns.length > 0);
    const named = columns.map(([label, size]) => {
      const name = element("span", "band", { title: label });
      name.textContent = label;
      name.style.gridColumn = `span ${size}`;
      return name;
    });
    this.bandNames.replaceChildren(...(named.length ? [element("span", ""), ...named] : []));
  }

  buildLegend() {
    const legend = element("div", "legend", { "aria-hidden": "true" });
    this.low = element("span", "");
    this.high = element("span", "");
    legend.append(this.low, element("i", `bar ${this.item.scale}`), this.high);
    return legend;
  }

  buildGrid() {
    const { item } = this;
    const compact = item.columns.length > 10;
    const grid = element("div", `grid${compact ? " compact" : ""}${item.columns.length > 5 ? " many" : ""}${item.small ? " small" : ""}`, {
      role: "grid",
      "aria-label": `${item.title}, ${item.rows.length} by ${item.columns.length}`,
      "aria-readonly": String(!item.editable),
    });
    grid.style.setProperty("--columns", item.columns.length);
    this.keys = this.board.explain(this.keysInWords());
    grid.setAttribute("aria-describedby", this.keys.id);
    this.compact = compact;
    // Each column's own label says its band as well.
    this.bandNames = element("div", "bands", { "aria-hidden": "true" });
    grid.append(this.bandNames);
    const top = element("div", "row", { role: "row" });
    const corner = element("span", "corner", { role: "columnheader" });
    corner.textContent = item.corner;
    this.columnHeads = item.columns.map(() => element("span", "column-label", { role: "columnheader" }));
    this.rowHeads = item.rows.map(() => element("span", "row-label", { role: "rowheader" }));
    top.append(corner, ...this.columnHeads);
    grid.append(top);
    item.rows.forEach((_label, row) => {
      const line = element("div", "row", { role: "row" });
      line.append(this.rowHeads[row]);
      this.cells.push(item.columns.map((_, column) => {
        const cell = this.buildCell(row, column);
        line.append(cell.node);
        return cell;
      }));
      grid.append(line);
    });
    this.listen(grid);
    return grid;
  }

  label(heads, labels) {
    heads.forEach((head, index) => {
      if (head.textContent === labels[index]) return;
      head.textContent = labels[index];
      head.title = labels[index];
    });
  }

  buildCell(row, column) {
    const kind = this.item.editable ? (this.isMask ? " paint" : " drag") : " read";
    const node = element("span", `cell${kind}`, { role: "gridcell", tabindex: row || column ? "-1" : "0" });
    node.dataset.at = `${row},${column}`;
    return { node, value: undefined, shade: null, hatched: false, blocked: false, lit: false, chosen: false };
  }

  keysInWords() {
    if (!this.item.editable) return "Arrow keys: move. Enter: choose.";
    if (this.isMask) return "Arrow keys: move. Enter: allow or block.";
    const { step } = this.item;
    return `Up or down: change by ${step}, with Shift by ${10 * step}. Left or right: next cell; Ctrl and up or down: next row. Enter: type. Delete: 0.`;
  }

  listen(grid) {
    const at = (event) => {
      const node = event.target.closest?.("[data-at]");
      return node ? node.dataset.at.split(",").map(Number) : null;
    };
    grid.addEventListener("pointerover", (event) => { const place = at(event); if (place) this.board.hover(this, place); });
    grid.addEventListener("pointerleave", () => this.board.hover(this, null));
    grid.addEventListener("focusin", (event) => { const place = at(event); if (place) { this.moveFocus(place, false); this.board.hover(this, place); this.keys.hidden = !event.target.matches(".cell:focus-visible"); } });
    grid.addEventListener("focusout", () => { this.board.hover(this, null); this.keys.hidden = true; });
    grid.addEventListener("pointerdown", (event) => { const place = at(event); if (place && !this.editor) this.press(event, place); });
    grid.addEventListener("dblclick", (event) => { const place = at(event); if (place && this.item.editable && !this.isMask) this.openEditor(place); });
    grid.addEventListener("keydown", (event) => { const place = at(event); if (place && !this.editor) this.key(event, place); });
    grid.addEventListener("paste", (event) => { const place = at(event); if (place && !this.editor && this.item.editable) { event.preventDefault(); this.paste(event.clipboardData.getData("text"), place); } });
    grid.addEventListener("copy", (event) => { if (!this.editor) { event.preventDefault(); this.copy(event.clipboardData); } });
  }

  // ---- drawing

  update(item) {
    const drawn = (one) => [one.limit, one.digits, one.blocked].join();
    const redrawAll = drawn(this.item) !== drawn(item);
    const bands = JSON.stringify([item.row_bands, item.column_bands, item.band]);
    if (bands !== this.bands) this.showBands(item);
    this.bands = bands;
    if (item.switch) this.showSwitch(item.switch);
    this.item = item;
    write(this.note, item.note);
    this.label(this.rowHeads, item.rows);
    this.label(this.columnHeads, item.columns);
    if (this.low) {
      write(this.low, item.scale === "diverging" ? show(-item.limit, item.limit_digits) : "0");
      write(this.high, show(item.limit, item.limit_digits));
    }
    return redrawAll;
  }

  draw(values, force) {
    this.cells.forEach((line, row) => line.forEach((cell, column) => {
      const value = decode(values[row][column]);
      if (force || !Object.is(cell.value, value)) this.paintCell(cell, value, row, column);
    }));
    this.showReset();
  }

  paintCell(cell, value, row, column) {
    cell.value = value;
    const { scale, limit, digits } = this.item;
    const { node } = cell;
    const text = this.isMask ? (value ? "✓" : "") : show(value, digits);
    const spoken = this.isMask ? (value ? "may attend" : "blocked") : text;
    const blocked = Boolean(this.item.blocked?.[row][column]); // a 0 that no score could change
    const hatched = blocked || (this.isMask ? !value : !Number.isFinite(value));
    if (hatched !== cell.hatched) node.classList.toggle("blocked", hatched);
    if (blocked !== cell.blocked) {
      if (blocked) node.setAttribute("aria-description", "blocked");
      else node.removeAttribute("aria-description");
    }
    const shade = !this.isMask && Number.isFinite(value) ? shadeOf(value, scale, limit) : null;
    if (shade !== cell.shade) node.style.backgroundColor = shade?.ground ?? "";
    if (shade?.ink !== cell.shade?.ink) node.style.color = shade?.ink ?? "";
    Object.assign(cell, { hatched, blocked, shade });
    if (!this.compact && !(this.editor && this.editor.cell === cell)) write(node, text);
    if ((this.compact || this.isMask) && node.getAttribute("aria-label") !== spoken) node.setAttribute("aria-label", spoken);
  }

  // `lit` says which index of which axis is under the pointer.
  light(lit) {
    const { row_axis: rowAxis, column_axis: columnAxis } = this.item;
    const touches = rowAxis in lit || columnAxis in lit;
    this.cells.forEach((line, row) => line.forEach((cell, column) => {
      const on = touches && (!(rowAxis in lit) || lit[rowAxis] === row) && (!(columnAxis in lit) || lit[columnAxis] === column);
      if (on !== cell.lit) { cell.lit = on; cell.node.classList.toggle("lit", on); }
    }));
  }

  choose(chosen) {
    const { row_axis: rowAxis, column_axis: columnAxis } = this.item;
    this.cells.forEach((line, row) => line.forEach((cell, column) => {
      const on = rowAxis in chosen && columnAxis in chosen && chosen[rowAxis] === row && chosen[columnAxis] === column;
      if (on !== cell.chosen) { cell.chosen = on; cell.node.classList.toggle("chosen", on); cell.node.setAttribute("aria-selected", String(on)); }
    }));
  }

  showReset() {
    if (!this.reset) return;
    const same = this.cells.every((line, row) => line.every((cell, column) => cell.value === decode(this.item.base[row][column])));
    if (same === this.reset.disabled) return;
    this.reset.classList.toggle("idle", same);
    this.reset.disabled = same;
  }

  spoken([row, column], digits) {
    const { value } = this.cells[row][column];
    if (this.isMask) return value ? "may attend" : "blocked";
    return this.item.blocked?.[row][column] ? `${show(value, digits)}, blocked` : show(value, digits);
  }

  name([row, column]) { return `${this.item.title}, ${this.item.rows[row]}, ${this.item.columns[column]}`; }

  // A weight, or what becomes one, as lessons name it; other cells are none of their places.
  reading([row, column]) {
    const { row_axis: reader, column_axis: source, rows, columns } = this.item;
    return reader === "query" && source === "key" ? `“${rows[row]}” reading “${columns[column]}”` : "";
  }

  values() { return this.cells.map((line) => line.map((cell) => cell.value)); }

  // As it stands on the screen, for pictures.js to draw.
  picture() {
    const { title, note, corner, rows, columns, scale, row_bands: rowBands = [], column_bands: columnBands = [], band } = this.item;
    const paintOf = (node, side) => getComputedStyle(node)[`border-${side}-color`];
    const bandsOf = (bands, heads, side) => {
      let first = 0;
      return bands.map(([label, size]) => {
        const colour = paintOf(heads[first], side);
        first += size;
        return { label, size, colour };
      });
    };
    const bands = {
      rows: bandsOf(rowBands, this.rowHeads, "right"),
      columns: bandsOf(columnBands, this.columnHeads, "bottom"),
      whole: band === undefined ? "" : paintOf(this.node.firstChild, "bottom"),
    };
    const cells = this.cells.map((line) => line.map(({ node, chosen }) => {
      const { backgroundColor: ground, color: ink } = getComputedStyle(node);
      return { text: node.textContent, ground, ink, chosen, blocked: node.classList.contains("blocked") };
    }));
    const legend = this.low && { low: this.low.textContent, high: this.high.textContent, ramp: RAMPS[scale] };
    const off = this.node.classList.contains("off");
    return { title, note, corner, rows, columns, cells, legend, bands, off, compact: this.compact };
  }

  // ---- editing

  set([row, column], value) {
    const cell = this.cells[row][column];
    let next = value;
    if (!this.isMask) {
      const [low, high] = this.item.bounds;
      next = Math.round(Math.min(high, Math.max(low, value)) * 1e6) / 1e6;
      if (next !== Math.round(value * 1e6) / 1e6) this.board.say(`${this.name([row, column])} is limited to ${show(low, 1)} … ${show(high, 1)}.`);
    }
    if (Object.is(cell.value, next)) { this.paintCell(cell, next, row, column); return; }
    this.paintCell(cell, next, row, column);
    this.showReset();
    this.board.edited(this);
    this.board.read(this, [row, column]);
  }

  press(event, place) {
    if (event.button !== 0) return;
    this.board.fields.pressed();
    this.moveFocus(place, true);
    if (!this.item.editable) { event.preventDefault(); this.board.choose(this, place); return; }
    event.preventDefault();
    if (this.isMask) this.paintStroke(event, place);
    else this.drag(event, place);
  }

  drag(event, place) {
    const { node, value } = this.cells[place[0]][place[1]];
    const startX = event.clientX;
    let moved = false;
    node.setPointerCapture(event.pointerId);
    node.classList.add("dragging");
    node.onpointermove = (move) => {
      const steps = Math.round((move.clientX - startX) / PIXELS_PER_STEP);
      moved ||= steps !== 0;
      if (moved) this.set(place, value + steps * this.item.step);
    };
    node.onpointerup = node.onpointercancel = () => {
      node.onpointermove = node.onpointerup = node.onpointercancel = null;
      node.classList.remove("dragging");
      if (!moved && event.pointerType === "touch") this.openEditor(place);
    };
  }

  paintStroke(event, place) {
    const paint = this.cells[place[0]][place[1]].value ? 0 : 1;
    this.set(place, paint);
    let last = [event.clientX, event.clientY];
    const listening = new AbortController();
    const over = (move) => {
      if (!move.buttons) { listening.abort(); return; }
      const next = [move.clientX, move.clientY];
      const [dx, dy] = [next[0] - last[0], next[1] - last[1]];
      // A quick stroke reports few points: every cell between two of them is painted too.
      const steps = Math.max(1, Math.ceil(Math.hypot(dx, dy) / PAINT_STEP));
      for (let step = 1; step <= steps; step += 1) {
        const share = step / steps;
        const under = this.board.root.elementFromPoint(last[0] + dx * share, last[1] + dy * share)?.closest?.("[data-at]");
        if (under && this.node.contains(under)) this.set(under.dataset.at.split(",").map(Number), paint);
      }
      last = next;
    };
    const { signal } = listening;
    window.addEventListener("pointermove", over, { signal });
    for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, () => listening.abort(), { signal });
  }

  key(event, place) {
    const [row, column] = place;
    const editNumber = this.item.editable && !this.isMask;
    const jump = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    const handled = () => { event.preventDefault(); event.stopPropagation(); };
    const change = (value) => { this.set(place, value); this.board.speak(this, place); };
    if (jump && editNumber && jump[0] && !event.ctrlKey && !event.metaKey) {
      handled();
      change(this.cells[row][column].value - jump[0] * this.item.step * (event.shiftKey ? 10 : 1));
    } else if (jump) {
      handled();
      this.moveFocus([row + jump[0], column + jump[1]], true);
    } else if (event.key === "Home" || event.key === "End") {
      handled();
      this.moveFocus([row, event.key === "Home" ? 0 : this.item.columns.length - 1], true);
    } else if (event.key === "Enter" || event.key === " " || event.key === "F2") {
      handled();
      if (!this.item.editable) this.board.choose(this, place);
      else if (this.isMask) change(this.cells[row][column].value ? 0 : 1);
      else this.openEditor(place);
    } else if (editNumber && (event.key === "Delete" || event.key === "Backspace")) {
      handled();
      change(0);
    } else if (editNumber && event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
      handled();
      this.openEditor(place, event.key);
    }
  }

  moveFocus([row, column], grab) {
    if (row < 0 || column < 0 || row >= this.item.rows.length || column >= this.item.columns.length) return;
    this.cells[this.focused[0]][this.focused[1]].node.tabIndex = -1;
    this.focused = [row, column];
    const { node } = this.cells[row][column];
    node.tabIndex = 0;
    if (grab) node.focus({ preventScroll: true });
  }

  openEditor(place, firstText) {
    const cell = this.cells[place[0]][place[1]];
    const input = element("input", "editor", { inputmode: "decimal", "aria-label": this.name(place) });
    input.value = firstText ?? String(cell.value);
    this.editor = { cell, input };
    cell.node.textContent = "";
    cell.node.append(input);
    input.focus();
    if (firstText === undefined) input.select();
    input.onkeydown = (event) => {
      event.stopPropagation();
      if (event.key === "Escape") this.closeEditor(place, true);
      if (event.key === "Enter" && this.commit(place)) this.closeEditor(place, true);
    };
    input.onblur = () => { this.commit(place); this.closeEditor(place, false); };
  }

  commit(place) {
    const { input } = this.editor;
    const value = parseNumber(input.value);
    input.setAttribute("aria-invalid", String(value === null));
    if (value === null) {
      const kept = show(this.cells[place[0]][place[1]].value, this.item.digits);
      this.board.say(`“${input.value}” is not a number; ${this.name(place)} stays ${kept}. Try 0.5 or 0,5.`);
      return false;
    }
    this.board.say("");
    this.set(place, value);
    return true;
  }

  closeEditor(place, grab) {
    if (!this.editor) return;
    const { cell, input } = this.editor;
    input.onblur = null;
    this.editor = null;
    cell.node.replaceChildren();
    this.paintCell(cell, cell.value, ...place);
    if (grab) cell.node.focus({ preventScroll: true });
  }

  paste(text, [row, column]) {
    const table = splitTable(text);
    const wrong = table.flat().find((part) => parseNumber(part) === null);
    if (!table.length || wrong !== undefined) {
      this.board.say(`Nothing was pasted: “${(wrong ?? text).slice(0, 40)}” is not a number.`);
      return;
    }
    let dropped = 0;
    table.forEach((line, i) => line.forEach((part, j) => {
      if (row + i < this.item.rows.length && column + j < this.item.columns.length) this.set([row + i, column + j], this.isMask ? Number(parseNumber(part) !== 0) : parseNumber(part));
      else dropped += 1;
    }));
    this.board.say(dropped ? `Pasted; ${dropped} numbers lay outside ${this.item.title} and were left out.` : "Pasted.");
  }

  copy(clipboard) {
    clipboard.setData("text/plain", this.values().map((line) => line.join("\t")).join("\n"));
    this.board.say(`${this.item.title} copied.`);
  }
}

// ---------------------------------------------------------------- the board

class Board {
  constructor(root) {
    this.root = root;
    this.node = root.querySelector(".board");
    this.readout = element("div", "readout");
    this.voice = element("div", "unseen", { "aria-live": "polite" });
    this.foot = element("div", "foot");
    this.foot.append(this.readout, this.voice);
    this.status = element("div", "status", { role: "status" });
    this.node.append(this.foot, this.status);
    this.grids = new Map();
    this.lines = [];
    this.dirty = new Set();
    this.version = null;
    this.timer = 0;
    this.lastSent = 0;
    this.fields = new AfterFields(root, AFTER_FIELDS_MS);
    // Which of this board's messages Python has had: see send().
    this.mount = Math.random().toString(36).slice(2);
    this.sent = 0;
    this.received = 0;
    this.onHover = (event) => { if (event.detail.group === this.group && event.detail.from !== this) this.light(event.detail.lit); };
  }

  listen() {
    window.addEventListener(HOVER_EVENT, this.onHover);
    PICTURES.set(this, { place: this.node, list: () => this.pictures() });
  }

  release() {
    window.removeEventListener(HOVER_EVENT, this.onHover);
    PICTURES.delete(this);
    if (this.timer) this.send();
  }

  update(data) {
    Object.assign(this, { name: data.name, group: data.group });
    if (data.received[0] === this.mount) [, this.received] = data.received;
    const renewed = this.version !== data.version;
    this.version = data.version;
    if (renewed) this.dirty.clear();
    const fresh = this.arrange(data);
    for (const item of data.items) {
      const grid = this.grids.get(item.id);
      const force = grid.update(item);
      // What the reader is editing is newer here than in Python; only a new version overwrites it.
      if (!item.editable || renewed || fresh.has(item.id)) grid.draw(item.values, force);
      else if (force) grid.draw(grid.values(), true);
      grid.choose(data.chosen);
    }
    this.node.classList.toggle("beside", data.beside);
    this.node.dataset.version = data.version;
  }

  // Build what is new and keep the rest: a matrix under the reader's hand stays where it is.
  arrange(data) {
    const fresh = new Set();
    const wanted = new Map(data.items.map((item) => [item.id, item]));
    for (const [id, item] of wanted) {
      if (this.grids.get(id)?.fits(item)) continue;
      this.grids.set(id, new Grid(this, item));
      this.dirty.delete(id);
      fresh.add(id);
    }
    for (const id of this.grids.keys()) if (!wanted.has(id)) this.grids.delete(id);
    data.layout.forEach((parts, index) => {
      const line = this.lines[index];
      const same = line && line.parts.join() === parts.join() && !parts.some((part) => fresh.has(part));
      if (!same) this.layLine(index, parts);
    });
    for (const line of this.lines.splice(data.layout.length)) line.node.remove();
    return fresh;
  }

  layLine(index, parts) {
    const node = this.lines[index]?.node ?? element("div", "line");
    const steps = [];
    for (const part of parts) {
      const grid = this.grids.get(part);
      const sign = grid ? null : element("span", "sign", { "aria-hidden": "true" });
      if (sign) sign.textContent = part;
      // A sign stays with the matrix before it, wherever the line is broken.
      const step = (sign && steps.pop()) ?? element("div", "step");
      step.append(grid?.node ?? sign);
      steps.push(step);
    }
    node.replaceChildren(...steps);
    if (!node.isConnected) this.foot.before(node);
    this.lines[index] = { node, parts };
  }

  say(text) { this.status.textContent = text; }

  // All matrices as one picture, and each alone.
  pictures() {
    const rows = this.lines.map(({ parts }) => parts.map((part) => this.grids.get(part) ?? part));
    const grids = rows.flat().filter((part) => part instanceof Grid);
    const whole = () => rows.map((row) => row.map((part) => part.picture?.() ?? part));
    const alone = grids.map((grid) => ({ name: grid.item.title, board: () => [[grid.picture()]] }));
    return grids.length > 1 ? [{ name: this.name, board: whole }, ...alone] : alone;
  }

  // A cell's number that changes under the focus is announced: a screen reader reads it only once.
  speak(grid, place) { this.voice.textContent = grid.spoken(place, grid.item.digits); }

  // Which keys do what, once for each kind of matrix: described by it, seen while keys are used.
  explain(text) {
    const known = [...this.foot.querySelectorAll(".keys")].find((one) => one.textContent === text);
    if (known) return known;
    const keys = element("div", "keys", { id: `keys-${this.foot.childElementCount}`, hidden: "" });
    keys.textContent = text;
    this.foot.append(keys);
    return keys;
  }

  read(grid, place) { this.readout.textContent = `${grid.name(place)}: ${grid.spoken(place, 4)}`; }

  hover(grid, place) {
    const lit = {};
    if (place) {
      lit[grid.item.row_axis] = place[0];
      lit[grid.item.column_axis] = place[1];
      this.read(grid, place);
    } else this.readout.textContent = "";
    this.light(lit);
    window.dispatchEvent(new CustomEvent(HOVER_EVENT, { detail: { group: this.group, lit, from: this } }));
  }

  light(lit) { for (const grid of this.grids.values()) grid.light(lit); }

  choose(grid, [row, column]) {
    const chosen = { [grid.item.row_axis]: row, [grid.item.column_axis]: column };
    for (const other of this.grids.values()) other.choose(chosen);
    window.dispatchEvent(new CustomEvent(CHOICE_EVENT, { detail: { text: grid.reading([row, column]) } }));
    this.tell("choice", { version: this.version, matrix: grid.item.id, row, column });
  }

  tell(what, message) {
    this.fields.do(() => this.setTriggerValue(what, message));
  }

  // Python answers with what it made of it.
  press(grid, on) {
    grid.showSwitch([grid.item.switch[0], on]);
    this.tell("switch", { version: this.version, matrix: grid.item.id, on });
  }

  restore(grid) {
    grid.draw(grid.item.base, false);
    this.edited(grid);
    this.say(`${grid.item.title} is as it was.`);
  }

  edited(grid) {
    this.dirty.add(grid.item.id);
    if (!this.timer) this.timer = setTimeout(() => this.send(), Math.max(this.fields.wait, SEND_EVERY_MS - (performance.now() - this.lastSent)));
  }

  // All that was edited goes along each time, and again until Python says that it has it: a
  // message may be overtaken, or reach a part of the page that has just been drawn anew.
  send(patience = PATIENCE_MS) {
    clearTimeout(this.timer);
    clearTimeout(this.reminder);
    this.timer = 0;
    if (!this.dirty.size) return;
    this.lastSent = performance.now();
    this.sent += 1;
    const values = Object.fromEntries([...this.dirty].map((id) => [id, this.grids.get(id).values()]));
    this.setStateValue("edit", { version: this.version, mount: this.mount, serial: this.sent, values });
    this.reminder = setTimeout(() => {
      if (this.received < this.sent && this.node.isConnected) this.send(Math.min(2 * patience, MOST_PATIENCE_MS));
    }, patience);
  }
}

function mount({ data, parentElement, setStateValue, setTriggerValue }) {
  const board = boards.get(parentElement) ?? new Board(parentElement);
  boards.set(parentElement, board);
  Object.assign(board, { setStateValue, setTriggerValue });
  board.listen();
  board.update(data);
  return () => board.release();
}
