// One map of attention weights: rows are queries, columns are keys. Python sends every number; what
// is done here is where it all stands in the width that there is, what is pointed at, and what a
// painted pattern looks like until Python has it. RAMPS and MARK are put in front of it.

const HOVER_EVENT = "attention-lab-hover";
const CHOICE_EVENT = "attention-lab-choice"; // what a lesson hears of a chosen place
const PICTURES = ((window.attentionLab ??= {}).pictures ??= new Map()); // see pictures.js
const AFTER_FIELDS_MS = 10;
const LARGEST_CELL = 44;
const SIDE = 640; // of the longer side of a large map, in pixels
const FEW = 40; // more words than this share what room there is; fewer scroll if need be
const LEAST_CELL = [14, 9]; // height and width of a cell of few words
const SMALLEST_CELL = 1;
const NUMBER_CELL = 34; // room for a number
const GRID_CELL = 9; // smaller cells touch
const OUTLINE_CELL = 7; // smaller cells are outlined more thinly
const LABEL_FONT = 12.5;
const LABEL_LINE = 12; // room for a label beside its neighbours
const LONGEST_LABEL = 96;
const LONE_LABEL = 60; // where only single ones are written
const LABEL_SHARE = 0.28; // of the width, at most
const LEAST_WRITTEN = 4; // every fourth; with less room, only those of the pointed and the chosen cell
const VECTOR_WORDS = 32; // a picture to take along has labels up to here
const NUMBERED_WORDS = 20; // and numbers up to here
const FEW_DECIMALS = 0.1; // a limit below this needs a third digit
const SEND_AFTER_MS = 300;
const PATIENCE_MS = 800;
const MOST_REMINDERS = 3;
const maps = new WeakMap(); // shadow root -> AttentionMap: a rerun updates, it never rebuilds
const TABLES = Object.fromEntries(
  Object.entries(RAMPS).map(([scale, { light, dark }]) => [scale, { light: colourTable(light), dark: colourTable(dark) }]),
);
const pen = document.createElement("canvas").getContext("2d");

// Black or white: what is read on this ground.
function inkOn(red, green, blue) {
  const linear = [red, green, blue].map((v) => {
    const share = v / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] > 0.179 ? "#000" : "#fff";
}

// Black and white stripes: seen on any colour.
function stripes() {
  const tile = new OffscreenCanvas(8, 8);
  const context = tile.getContext("2d");
  [["#000", 0], ["#fff", 2]].forEach(([colour, shift]) => {
    context.strokeStyle = colour;
    context.lineWidth = 1.6;
    for (const from of [-8, 0, 8]) {
      context.beginPath();
      context.moveTo(from + shift - 2, 10);
      context.lineTo(from + shift + 10, -2);
      context.stroke();
    }
  });
  return tile;
}

const STRIPES = stripes();
const between = (value, low, high) => Math.min(Math.max(value, low), high);

class AttentionMap {
  constructor(root) {
    this.fields = new AfterFields(root, AFTER_FIELDS_MS);
    this.node = root.querySelector(".attention-map");
    this.lit = {};
    this.cursor = [0, 0];
    this.painting = false;
    this.build();
    this.watch = new ThemeWatch(this.node, () => this.draw());
    this.listen();
    this.onHover = (event) => {
      const { group, from, lit } = event.detail;
      if (group === this.data.group && from !== this) this.light(lit, "off");
    };
    new ResizeObserver(() => { if (this.node.clientWidth !== this.width) this.lay(); }).observe(this.node);
  }

  build() {
    const head = makeNode("p", "head");
    this.title = makeNode("span", "title");
    this.note = makeNode("span", "note");
    this.tools = makeNode("span", "tools");
    this.brush = makeNode("button", "brush", { type: "button" }, "Paint");
    this.clear = makeNode("button", "clear", { type: "button" }, "Clear");
    this.tools.append(this.brush, this.clear);
    head.append(this.title, this.note, this.tools);
    this.picture = makeNode("div", "picture", { tabindex: "0", role: "application" });
    this.canvas = makeNode("canvas", "", { role: "img" });
    this.over = makeNode("canvas", "", { "aria-hidden": "true" });
    this.picture.append(this.canvas, this.over);
    this.columns = makeNode("div", "columns", { "aria-hidden": "true" });
    this.rows = makeNode("div", "rows", { "aria-hidden": "true" });
    this.corner = makeNode("span", "corner", { "aria-hidden": "true" }, "query \\ key");
    this.stage = makeNode("div", "stage");
    this.stage.append(this.corner, this.columns, this.rows, this.picture);
    this.scroll = makeNode("div", "scroll");
    this.scroll.append(this.stage);
    this.legend = makeNode("p", "legend");
    this.readout = makeNode("p", "readout", { role: "status" });
    this.keys = makeNode("p", "keys", { id: "keys", hidden: "" });
    this.text = makeNode("figcaption", "text");
    this.cells = document.createElement("canvas"); // one pixel a cell
    this.node.append(head, this.scroll, this.readout, this.legend, this.keys, this.text);
    this.picture.setAttribute("aria-describedby", this.keys.id);
  }

  listen() {
    const { picture } = this;
    picture.addEventListener("pointermove", (event) => { if (!this.stroke) this.point(this.cellAt(event)); });
    picture.addEventListener("pointerleave", () => this.point(null));
    picture.addEventListener("blur", () => { this.point(null); this.keys.hidden = true; });
    picture.addEventListener("focus", () => {
      this.keys.hidden = !picture.matches(":focus-visible");
      if (!this.keys.hidden) this.point(this.cursor);
    });
    picture.addEventListener("pointerdown", (event) => {
      this.fields.pressed();
      if (this.paints && event.button === 0) this.strike(event);
    });
    picture.addEventListener("click", (event) => { if (!this.paints) this.choose(this.cellAt(event)); });
    picture.addEventListener("keydown", (event) => this.onKey(event));
    this.brush.addEventListener("click", () => { this.painting = !this.painting; this.showTools(); });
    this.clear.addEventListener("pointerdown", () => this.fields.pressed());
    this.clear.addEventListener("click", () => { this.painted.fill(0); this.paintChanged(); picture.focus({ preventScroll: true }); });
  }

  connect() {
    window.addEventListener(HOVER_EVENT, this.onHover);
    PICTURES.set(this, { place: this.node, list: () => this.pictures() });
  }

  release() {
    window.removeEventListener(HOVER_EVENT, this.onHover);
    PICTURES.delete(this);
    if (this.timer) this.report();
  }

  // ---- what there is

  update(data) {
    const before = this.data;
    const renewed = before?.version !== data.version;
    const names = (one) => JSON.stringify([one?.queries, one?.keys]);
    const anew = names(before) !== names(data);
    this.data = data;
    this.size = [data.queries.length, data.keys.length];
    if (renewed) this.lit = {};
    if (before?.weights.values !== data.weights.values) this.numbers = unpackWeights(data.weights);
    this.takePainted(before, renewed || anew);
    this.layers = data.layers.map(([name, kind, cells]) => ({ name, kind, cells: unpackCells(cells, this.numbers.length) }));
    if (data.chosen) this.cursor = data.chosen;
    this.cursor = this.cursor.map((at, axis) => between(at, 0, this.size[axis] - 1));
    this.digits = data.limit < FEW_DECIMALS ? 3 : 2;
    setText(this.title, data.title);
    setText(this.note, data.note);
    setText(this.text, data.text);
    this.canvas.setAttribute("aria-label", data.text);
    this.showTools();
    if (anew) { this.label(); this.lay(); }
    else { this.draw(); this.light(this.lit, "off"); }
  }

  label() {
    const { queries, keys } = this.data;
    const make = (name) => makeNode("span", "label", { dir: "auto", title: name }, name);
    this.rowLabels = queries.map(make);
    this.columnLabels = keys.map(make);
    this.rows.replaceChildren(...this.rowLabels);
    this.columns.replaceChildren(...this.columnLabels);
  }

  // ---- where it stands

  lay() {
    this.width = this.node.clientWidth;
    if (!this.width || !this.data) return;
    const [n, m] = this.size;
    const { queries, keys } = this.data;
    // As wide as it is when it is lit: bold.
    pen.font = `600 ${LABEL_FONT}px ${getComputedStyle(this.node).fontFamily}`;
    const widest = (names) => Math.max(...names.map((name) => pen.measureText(name).width));
    const left = between(widest(queries), 14, Math.min(LONGEST_LABEL, LABEL_SHARE * this.width)) + 8;
    let wide = this.fit(m, this.width - left);
    const longest = Math.min(widest(keys), this.skips(wide) ? LONE_LABEL : LONGEST_LABEL);
    const overhang = Math.max(0, 0.71 * longest + 8 - wide / 2);
    const slantedWide = this.fit(m, this.width - left - overhang);
    const slanted = longest + 4 > wide && slantedWide >= 1.4 * LABEL_LINE;
    const beyond = slanted ? overhang : 2;
    if (slanted) wide = slantedWide;
    // Rows stay as high as a line of words if there are few, else cells are square.
    const high = n > FEW ? between(wide, SMALLEST_CELL, SIDE / n) : between(Math.min(SIDE / n, Math.max(wide, 18)), LEAST_CELL[0], LARGEST_CELL);
    const turn = longest + 4 <= wide ? 0 : slanted ? -45 : -90;
    const top = turn === 0 ? 20 : (turn === -45 ? 0.71 : 1) * longest + 14;
    this.cell = [high, wide];
    this.stage.style.cssText = `--left: ${left}px; --top: ${top}px; --wide: ${wide * m}px; --high: ${high * n}px; --turn: ${turn}deg; --beyond: ${beyond}px; --longest: ${longest + 2}px;`;
    this.stage.classList.toggle("turned", turn !== 0);
    this.corner.hidden = left < 60;
    this.place(this.rowLabels, high, "top");
    this.place(this.columnLabels, turn ? wide : LABEL_LINE, "left", wide);
    this.few = this.cell.some((room) => this.skips(room)) ? "Only the words of the pointed and of the chosen cell are written beside the map." : "";
    this.draw();
    this.light(this.lit, "off");
  }

  // How wide a cell is with this much room for all.
  fit(m, room) {
    const most = Math.min(LARGEST_CELL, SIDE / m, room / m);
    const cell = Math.max(most, m > FEW ? SMALLEST_CELL : LEAST_CELL[1]);
    return cell > GRID_CELL ? Math.floor(cell) : cell;
  }

  // Every label, or every second, third or fourth, or none.
  place(labels, room, side, pitch = room) {
    const every = Math.ceil(LABEL_LINE / room);
    labels.forEach((label, i) => {
      label.style[side] = `${(i + 0.5) * pitch}px`;
      label.classList.toggle("skipped", this.skips(room) || i % every > 0);
    });
  }

  // Whether there is no room for words beside cells of this size.
  skips(room) { return Math.ceil(LABEL_LINE / room) > LEAST_WRITTEN; }

  // ---- what is drawn

  prepare(canvas) {
    const scale = window.devicePixelRatio || 1;
    const [n, m] = this.size;
    const [width, height] = [this.cell[1] * m, this.cell[0] * n];
    const pixels = [Math.round(width * scale), Math.round(height * scale)];
    if (canvas.width !== pixels[0] || canvas.height !== pixels[1]) [canvas.width, canvas.height] = pixels;
    const context = canvas.getContext("2d");
    context.setTransform(pixels[0] / width, 0, 0, pixels[1] / height, 0, 0);
    context.clearRect(0, 0, width, height);
    return context;
  }

  box(index) {
    const [high, wide] = this.cell;
    const m = this.size[1];
    return [(index % m) * wide, Math.floor(index / m) * high, wide, high];
  }

  get diverges() { return this.data.scale === "diverging"; }

  get table() { return TABLES[this.data.scale][this.watch.theme]; }

  get low() { return this.diverges ? writeNumber(-this.data.limit, this.digits) : "0"; }

  level(index) {
    const share = this.numbers[index] / this.data.limit || 0;
    return Math.round(between(this.diverges ? (share + 1) / 2 : share, 0, 1) * 255);
  }

  // A change says which way it goes.
  write(number, digits = this.digits) {
    if (!Number.isFinite(number) && this.data.missing_name) return "";
    const text = writeNumber(number, digits);
    return this.diverges && number > 0 && Number(text) !== 0 ? `+${text}` : text;
  }

  draw() {
    if (!this.cell || !this.width) return;
    const { table } = this;
    const style = getComputedStyle(this.node);
    const [ground, text] = ["--st-background-color", "--st-text-color"].map((name) => style.getPropertyValue(name));
    const [n, m] = this.size;
    const [high, wide] = this.cell;
    paintCells(this.cells, this.size, (i) => this.level(i), table);
    const context = this.prepare(this.canvas);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.cells, 0, 0, m * wide, n * high);
    const missing = [...this.numbers.keys()].filter((i) => !Number.isFinite(this.numbers[i]));
    if (missing.length) this.hatch(context, missing, text, ground);
    if (Math.min(high, wide) >= GRID_CELL) this.rule(context, ground);
    if (this.painted) this.drawPainted(context);
    if (wide >= NUMBER_CELL && high >= 18) this.drawNumbers(context, table, style.fontFamily);
    for (const layer of this.layers) this.drawLayer(context, layer, text, ground);
    this.drawLegend();
  }

  // Lines between the cells.
  rule(context, ground) {
    const [n, m] = this.size;
    const [high, wide] = this.cell;
    context.fillStyle = ground;
    for (let i = 1; i < n; i += 1) context.fillRect(0, i * high - 0.5, m * wide, 1);
    for (let j = 1; j < m; j += 1) context.fillRect(j * wide - 0.5, 0, 1, n * high);
  }

  // What is no number.
  hatch(context, cells, text, ground) {
    context.save();
    const path = new Path2D();
    for (const index of cells) path.rect(...this.box(index));
    context.fillStyle = ground;
    context.fill(path);
    context.clip(path);
    context.strokeStyle = text;
    context.lineWidth = 1;
    context.globalAlpha = 0.35;
    context.beginPath();
    const [width, height] = [this.cell[1] * this.size[1], this.cell[0] * this.size[0]];
    for (let x = -height; x < width; x += 5) { context.moveTo(x, 0); context.lineTo(x + height, height); }
    context.stroke();
    context.restore();
  }

  // Striped, with a line around what is painted.
  drawPainted(context) {
    const [n, m] = this.size;
    const [high, wide] = this.cell;
    const fill = new Path2D();
    const edge = new Path2D();
    const on = (i, j) => i >= 0 && j >= 0 && i < n && j < m && this.painted[i * m + j];
    this.painted.forEach((painted, index) => {
      if (!painted) return;
      const [i, j] = [Math.floor(index / m), index % m];
      const [x, y] = [j * wide, i * high];
      fill.rect(x, y, wide, high);
      for (const [neighbour, ...line] of [
        [on(i - 1, j), x, y, x + wide, y], [on(i + 1, j), x, y + high, x + wide, y + high],
        [on(i, j - 1), x, y, x, y + high], [on(i, j + 1), x + wide, y, x + wide, y + high],
      ]) {
        if (neighbour) continue;
        edge.moveTo(line[0], line[1]);
        edge.lineTo(line[2], line[3]);
      }
    });
    context.fillStyle = context.createPattern(STRIPES, "repeat");
    context.globalAlpha = 0.75;
    context.fill(fill);
    context.globalAlpha = 1;
    const large = Math.min(high, wide) >= OUTLINE_CELL;
    for (const [colour, width] of [["#000", large ? 4 : 2], ["#fff", large ? 1.5 : 0.75]]) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.stroke(edge);
    }
  }

  drawNumbers(context, table, font) {
    const size = Math.min(13, this.cell[1] / (this.digits === 3 || this.diverges ? 3.3 : 2.9));
    context.font = `${size}px ${font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    this.numbers.forEach((number, index) => {
      const [x, y, wide, high] = this.box(index);
      const level = 3 * this.level(index);
      const ink = inkOn(...table.slice(level, level + 3));
      const text = this.write(number);
      if (!Number.isFinite(number)) { context.fillStyle = getComputedStyle(this.node).color; }
      else context.fillStyle = ink;
      if (this.painted?.[index]) {
        context.strokeStyle = `rgb(${[...table.slice(level, level + 3)]})`;
        context.lineWidth = 5;
        context.strokeText(text, x + wide / 2, y + high / 2 + 0.5);
      }
      context.fillText(text, x + wide / 2, y + high / 2 + 0.5);
    });
  }

  drawLayer(context, { kind, cells }, text, ground) {
    const small = Math.min(...this.cell) < OUTLINE_CELL;
    cells.forEach((on, index) => {
      if (!on) return;
      const [x, y, wide, high] = this.box(index);
      if (kind === "mark") {
        // A light line inside the coloured one parts it from a dark cell.
        const inset = small ? 0.5 : 1.75;
        if (!small) this.frame(context, [x + 3.5, y + 3.5, wide - 7, high - 7], ground, 1);
        this.frame(context, [x + inset, y + inset, wide - 2 * inset, high - 2 * inset], MARK, small ? 1 : 2.5);
      } else {
        const side = Math.max(3, 0.32 * Math.min(wide, high));
        context.beginPath();
        context.moveTo(x + wide - 1, y + 1);
        context.lineTo(x + wide - 1 - side, y + 1);
        context.lineTo(x + wide - 1, y + 1 + side);
        context.closePath();
        context.fillStyle = text;
        context.fill();
        context.strokeStyle = ground;
        context.lineWidth = 1;
        context.stroke();
      }
    });
  }

  frame(context, box, colour, width) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.strokeRect(...box);
  }

  drawLegend() {
    const { limit, scale } = this.data;
    const ramp = RAMPS[scale][this.watch.theme];
    const bar = makeNode("span", "bar");
    bar.style.background = `linear-gradient(to right, ${ramp.join()})`;
    const all = this.diverges || limit >= 1;
    const high = `${this.write(limit, Number.isInteger(limit) && !this.diverges ? 0 : this.digits)}${all ? "" : " or more"}`;
    const parts = [makeNode("span", "", {}, this.low), bar, makeNode("span", "", {}, high)];
    for (const { name, kind, cells } of this.layers) {
      if (cells.includes(1)) parts.push(makeNode("span", `sign ${kind}`), makeNode("span", "", {}, name));
    }
    if (this.data.missing_name && this.numbers.some((number) => !Number.isFinite(number))) {
      parts.push(makeNode("span", "sign missing"), makeNode("span", "", {}, this.data.missing_name));
    }
    if (this.painted?.includes(1)) parts.push(makeNode("span", "sign paint"), makeNode("span", "", {}, "painted"));
    if (this.few) parts.push(makeNode("span", "few", {}, this.few));
    const drawn = parts.map((part) => part.outerHTML).join("");
    if (drawn === this.legendDrawn) return;
    this.legendDrawn = drawn;
    this.legend.replaceChildren(...parts);
    this.legend.querySelector(".mark")?.style.setProperty("border-color", MARK);
  }

  // ---- what is pointed at and chosen

  drawOver() {
    if (!this.cell || !this.width) return;
    const context = this.prepare(this.over);
    const [n, m] = this.size;
    const [high, wide] = this.cell;
    const { chosen } = this.data;
    const { query, key } = this.lit;
    const green = getComputedStyle(this.stage).outlineColor;
    const [row, column] = [this.has(query, 0), this.has(key, 1)];
    const band = (box) => this.frame(context, [box[0] + 1, box[1] + 1, Math.max(1, box[2] - 2), Math.max(1, box[3] - 2)], green, 2);
    if (row) band([0, query * high, m * wide, high]);
    if (column) band([key * wide, 0, wide, n * high]);
    const outline = (i, j, thick) => {
      const grow = Math.max(0, (5 - Math.min(high, wide)) / 2);
      const [x, y, w, h] = this.box(i * m + j);
      const grown = [x - grow, y - grow, w + 2 * grow, h + 2 * grow];
      this.frame(context, grown, "#000", thick + 2);
      this.frame(context, grown, "#fff", thick);
    };
    if (chosen) outline(chosen[0], chosen[1], 2);
    if (row && column) outline(query, key, 1);
  }

  has(index, axis) { return Number.isInteger(index) && index >= 0 && index < this.size[axis]; }

  light(lit, live) {
    this.lit = lit;
    const { chosen } = this.data;
    const [query, key] = [this.has(lit.query, 0) ? lit.query : -1, this.has(lit.key, 1) ? lit.key : -1];
    const mark = (labels, on, kept) => labels.forEach((label, i) => {
      label.classList.toggle("lit", i === on);
      label.classList.toggle("kept", i === kept);
    });
    mark(this.rowLabels, query, chosen?.[0]);
    mark(this.columnLabels, key, chosen?.[1]);
    this.drawOver();
    if (this.readout.getAttribute("aria-live") !== live) this.readout.setAttribute("aria-live", live);
    const cell = query >= 0 && key >= 0 ? [query, key] : chosen;
    this.say(cell ?? null);
  }

  // Names may run from right to left: what stands around them must not turn with them.
  say(cell) {
    const text = cell ? this.spoken(cell) : [];
    const plain = text.join("");
    if (plain === this.said) return;
    this.said = plain;
    this.readout.replaceChildren(...text.map((part, i) => (i % 2 ? makeNode("bdi", "", {}, part) : part)));
  }

  spoken([i, j]) {
    const { queries, keys } = this.data;
    const index = i * this.size[1] + j;
    const signs = this.layers.filter(({ cells }) => cells[index]).map(({ name }) => name);
    if (this.painted?.[index]) signs.push("painted");
    const number = this.numbers[index];
    const digits = number !== 0 && Math.abs(number) < FEW_DECIMALS ? 3 : 2;
    return ["“", queries[i], "” reads “", keys[j], `”: ${[this.write(number, digits) || this.data.missing_name, ...signs].join(", ")}`];
  }

  cellAt(event) {
    const box = this.picture.getBoundingClientRect();
    const at = (share, n) => between(Math.floor(share * n), 0, n - 1);
    return [at((event.clientY - box.top) / box.height, this.size[0]), at((event.clientX - box.left) / box.width, this.size[1])];
  }

  point(cell) {
    const lit = cell ? { query: cell[0], key: cell[1] } : {};
    if (lit.query === this.lit.query && lit.key === this.lit.key) return;
    this.light(lit, "polite");
    window.dispatchEvent(new CustomEvent(HOVER_EVENT, { detail: { group: this.data.group, lit, from: this } }));
  }

  // ---- what the reader does

  get paints() { return Boolean(this.painted) && (this.painting || !this.data.can_choose); }

  showTools() {
    const { can_choose: chooses, title } = this.data;
    this.tools.hidden = !this.painted;
    this.brush.hidden = !chooses;
    this.brush.setAttribute("aria-pressed", String(this.painting));
    this.clear.disabled = !this.painted?.includes(1);
    this.picture.classList.toggle("painting", this.paints);
    this.picture.classList.toggle("choosing", !this.paints && chooses);
    const keys = ["Arrow keys: move."];
    if (chooses) keys.push("Enter: choose.");
    if (this.painted) keys.push("Space: paint a cell, or take the paint away.");
    setText(this.keys, keys.join(" "));
    this.picture.setAttribute("aria-label", `${title}, ${this.size[0]} by ${this.size[1]}`);
  }

  onKey(event) {
    const [row, column] = this.cursor;
    const [n, m] = this.size;
    const moves = {
      ArrowUp: [row - 1, column], ArrowDown: [row + 1, column],
      ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
      Home: [row, 0], End: [row, m - 1], PageUp: [row - 10, column], PageDown: [row + 10, column],
    };
    if (event.key in moves && !event.ctrlKey && !event.metaKey && !event.altKey) {
      this.cursor = moves[event.key].map((at, axis) => between(at, 0, [n, m][axis] - 1));
      this.point(this.cursor);
      this.follow();
    } else if (event.key === " " && this.painted) {
      this.set(this.cursor, 1 - this.painted[row * m + column]);
    } else if (event.key === "Enter" || event.key === " ") {
      this.choose(this.cursor);
    } else {
      return;
    }
    event.preventDefault();
  }

  // What the arrow keys reach is in view where the map scrolls.
  follow() {
    const room = this.scroll.clientWidth - this.picture.offsetLeft;
    const x = this.cursor[1] * this.cell[1];
    if (x < this.scroll.scrollLeft) this.scroll.scrollLeft = x;
    else if (x + this.cell[1] > this.scroll.scrollLeft + room) this.scroll.scrollLeft = x + this.cell[1] - room;
  }

  // Shown at once; Python's answer confirms it.
  choose([row, column]) {
    const { can_choose: chooses, queries, keys, version } = this.data;
    if (!chooses) return;
    this.cursor = [row, column];
    this.data.chosen = [row, column];
    this.light(this.lit, "polite");
    const text = `“${queries[row]}” reading “${keys[column]}”`;
    window.dispatchEvent(new CustomEvent(CHOICE_EVENT, { detail: { text } }));
    this.fields.do(() => this.setTriggerValue("choice", { version, matrix: "weights", row, column }));
  }

  // ---- painting

  takePainted(before, renewed) {
    const { painted } = this.data;
    if (painted === null) { this.painted = null; this.stroke = null; return; }
    const answered = painted === this.sent;
    if (answered) { this.sent = null; clearTimeout(this.reminder); }
    const changed = before?.painted !== painted && !answered;
    if (this.painted && !renewed && (!changed || this.timer || this.sent)) return;
    clearTimeout(this.timer);
    clearTimeout(this.reminder);
    [this.timer, this.sent] = [0, null];
    this.painted = unpackCells(painted, this.numbers.length);
  }

  strike(event) {
    event.preventDefault();
    this.picture.focus({ preventScroll: true });
    const m = this.size[1];
    let last = this.cellAt(event);
    this.stroke = { value: 1 - this.painted[last[0] * m + last[1]] };
    this.set(last, this.stroke.value);
    this.picture.setPointerCapture(event.pointerId);
    const listening = new AbortController();
    const { signal } = listening;
    this.picture.addEventListener("pointermove", (move) => {
      // A quick stroke reports few points: every cell between two of them is painted too.
      const next = this.cellAt(move);
      const steps = Math.max(Math.abs(next[0] - last[0]), Math.abs(next[1] - last[1]));
      for (let step = 1; step <= steps; step += 1) {
        this.set(last.map((from, axis) => Math.round(from + ((next[axis] - from) * step) / steps)), this.stroke.value);
      }
      last = next;
      this.point(next);
    }, { signal });
    for (const end of ["pointerup", "pointercancel"]) {
      this.picture.addEventListener(end, () => { this.stroke = null; listening.abort(); }, { signal });
    }
  }

  set([row, column], value) {
    if (!this.painted) return;
    this.cursor = [row, column];
    this.painted[row * this.size[1] + column] = value;
    this.paintChanged();
  }

  paintChanged() {
    this.showTools();
    cancelAnimationFrame(this.frameAsked);
    this.frameAsked = requestAnimationFrame(() => { this.draw(); this.light(this.lit, "polite"); });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.report(), SEND_AFTER_MS);
  }

  // Sent again until Python says that it has it: a message may be overtaken.
  report(reminders = MOST_REMINDERS, patience = PATIENCE_MS) {
    clearTimeout(this.timer);
    clearTimeout(this.reminder);
    this.timer = 0;
    if (!this.painted) return;
    const cells = packCells(this.painted);
    this.sent = cells;
    const { version } = this.data;
    this.fields.do(() => this.setTriggerValue("paint", { version, cells }));
    this.reminder = setTimeout(() => {
      if (!this.sent || !this.node.isConnected) return;
      if (reminders > 0) this.report(reminders - 1, 2 * patience);
      else this.sent = null;
    }, patience);
  }

  // ---- pictures to take along, for pictures.js

  pictures() {
    const { title } = this.data;
    if (Math.max(...this.size) <= VECTOR_WORDS) return [{ name: title, board: () => [[this.asMatrix()]] }];
    return [{ name: title, map: () => this.asMap() }];
  }

  asMatrix() {
    const { title, note, queries: rows, keys: columns, chosen, limit, scale } = this.data;
    const { table } = this;
    const m = this.size[1];
    const marked = this.layers.find(({ kind }) => kind === "mark")?.cells;
    const cells = rows.map((_, i) => columns.map((__, j) => {
      const index = i * m + j;
      const level = 3 * this.level(index);
      const rgb = [...table.slice(level, level + 3)];
      const missing = !Number.isFinite(this.numbers[index]);
      return {
        text: m > NUMBERED_WORDS ? "" : this.write(this.numbers[index]),
        ground: missing ? "transparent" : `rgb(${rgb})`,
        ink: missing ? getComputedStyle(this.node).color : inkOn(...rgb),
        chosen: chosen?.[0] === i && chosen[1] === j,
        blocked: missing || Boolean(this.painted?.[index]),
        mark: marked?.[index] ? MARK : "",
      };
    }));
    const legend = { low: this.low, high: this.write(limit), ramp: RAMPS[scale] };
    const bands = { rows: [], columns: [], whole: "" };
    return { title, note, corner: "query \\ key", rows, columns, cells, legend, bands, off: false, compact: m > NUMBERED_WORDS };
  }

  asMap() {
    const { title, note, text, chosen, limit, scale } = this.data;
    const stops = RAMPS[scale][this.watch.theme];
    const legend = { stops, low: this.low, high: this.write(limit), unit: "rows are queries, columns are keys" };
    const patch = chosen ? chosen[0] * this.size[1] + chosen[1] : -1;
    return {
      label: title, note, asks: note, text, grid: this.size, patch, mark: -1,
      canvas: this.cells, image: BLANK, saturation: 1, legend, withGrid: false,
    };
  }
}

const BLANK = blankImage();

function mount({ data, parentElement, setTriggerValue }) {
  const map = maps.get(parentElement) ?? new AttentionMap(parentElement);
  maps.set(parentElement, map);
  map.setTriggerValue = setTriggerValue;
  map.connect();
  map.update(data);
  return () => map.release();
}
