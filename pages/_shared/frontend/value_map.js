// Large matrices as images. Python computes every number and sentence; this file paints them in the
// colours of the present theme, reads single values back, and reports a chosen cell. RAMPS is put
// in front of it.

const PICTURES = ((window.attentionLab ??= {}).pictures ??= new Map()); // see pictures.js
const MOST_REMS_HIGH = 26;
const MOST_NAMED = 40; // rows with their names beside them
const NAME_REMS = [1.2, 6.5]; // the room for the names
const mounts = new WeakMap(); // shadow root -> ValueMaps: a rerun updates, it never rebuilds
const BLANK = blankImage();

const TABLES = Object.fromEntries(
  Object.entries(RAMPS).map(([scale, { light, dark }]) => [scale, { light: colourTable(light), dark: colourTable(dark) }]),
);

class OneMap {
  constructor(owner) {
    this.owner = owner;
    this.node = makeNode("figure", "map");
    this.title = makeNode("span", "title");
    this.note = makeNode("span", "note");
    const head = makeNode("p", "head");
    head.append(this.title, this.note);
    this.down = makeNode("span", "down");
    this.names = makeNode("div", "names");
    this.across = makeNode("p", "across");
    this.picture = makeNode("div", "picture", { tabindex: "0", role: "application" });
    this.canvas = makeNode("canvas", "", { role: "img" });
    this.pointer = makeNode("div", "at pointer");
    this.outline = makeNode("div", "at chosen");
    this.picture.append(this.canvas, this.outline, this.pointer);
    const frame = makeNode("div", "frame");
    frame.append(this.down, this.names, this.picture);
    this.readout = makeNode("p", "readout", { role: "status" });
    this.legend = makeNode("p", "legend");
    this.low = makeNode("span", "");
    this.bar = makeNode("span", "bar");
    this.high = makeNode("span", "");
    this.legend.append(this.low, this.bar, this.high);
    this.text = makeNode("figcaption", "text");
    this.node.append(head, frame, this.across, this.legend, this.readout, this.text);
    this.cursor = [0, 0];
    this.listen();
  }

  listen() {
    const { picture } = this;
    picture.addEventListener("pointermove", (event) => this.point(this.cellAt(event)));
    picture.addEventListener("pointerleave", () => this.point(null));
    picture.addEventListener("blur", () => this.point(null));
    picture.addEventListener("focus", () => {
      if (picture.matches(":focus-visible")) this.point(this.cursor);
    });
    picture.addEventListener("click", (event) => this.choose(this.cellAt(event)));
    picture.addEventListener("keydown", (event) => this.onKey(event));
  }

  update(data, chosen) {
    const fresh = this.data?.values !== data.values;
    this.data = data;
    if (fresh) {
      this.numbers = new Float32Array(bytesFrom(data.values).buffer);
    }
    const [rows, columns] = data.shape;
    if (chosen && data.can_choose) this.cursor = chosen;
    this.cursor = [Math.min(this.cursor[0], rows - 1), Math.min(this.cursor[1], columns - 1)];
    this.chosen = data.can_choose ? chosen : null;
    setText(this.title, data.title);
    setText(this.note, data.note);
    setText(this.text, data.text);
    setText(this.down, `${data.rows} ${data.first_row} to ${data.first_row + rows - 1}`);
    setText(this.across, `${data.columns} ${data.first_column} to ${data.first_column + columns - 1}`);
    setText(this.low, writeNumber(data.scale === "diverging" ? -data.limit : 0));
    setText(this.high, writeNumber(data.limit));
    this.showNames();
    // Cells are square if there is room for that.
    const cell = Math.min(data.side / columns, MOST_REMS_HIGH / rows);
    const stretch = Math.max(1, Math.min(data.side / (cell * columns), 3));
    this.node.style.setProperty("--wide", `${this.named ? data.side : cell * columns * stretch}rem`);
    this.node.style.setProperty("--aspect", (columns * stretch) / rows);
    this.node.style.setProperty("--rows", rows);
    this.node.style.setProperty("--columns", columns);
    this.picture.classList.toggle("choosing", data.can_choose);
    const keys = `Arrow keys read single values${data.can_choose ? ", Enter chooses one" : ""}.`;
    this.picture.setAttribute("aria-label", `${data.title}. ${keys}`);
    this.canvas.setAttribute("aria-label", data.text);
    this.paint();
    this.place(this.outline, this.chosen);
    this.point(this.pointed ?? null);
  }

  // Names beside the rows, which are then as high as a line of text.
  showNames() {
    const { row_names: names, shape } = this.data;
    this.named = names.length > 0 && shape[0] <= MOST_NAMED;
    this.node.classList.toggle("named", this.named);
    [this.down.hidden, this.names.hidden] = [this.named, !this.named];
    const shown = this.named ? names : [];
    const longest = Math.max(0, ...shown.map((name) => [...name].length));
    const room = Math.min(Math.max(NAME_REMS[0], 0.3 + 0.42 * longest), NAME_REMS[1]);
    this.node.style.setProperty("--beside", `${this.named ? room : NAME_REMS[0]}rem`);
    while (this.names.children.length > shown.length) this.names.lastChild.remove();
    while (this.names.children.length < shown.length) this.names.append(makeNode("span"));
    shown.forEach((name, i) => setText(this.names.children[i], name));
  }

  paint() {
    const { data, numbers } = this;
    const theme = this.owner.theme();
    const table = TABLES[data.scale][theme];
    const level = (i) => {
      const share = data.scale === "diverging" ? (numbers[i] / data.limit + 1) / 2 : numbers[i] / data.limit;
      return Math.round(Math.min(Math.max(share, 0), 1) * 255);
    };
    paintCells(this.canvas, data.shape, level, table);
    this.bar.style.background = `linear-gradient(to right, ${RAMPS[data.scale][theme].join()})`;
  }

  cellAt(event) {
    const box = this.picture.getBoundingClientRect();
    const [rows, columns] = this.data.shape;
    const at = (share, n) => Math.min(Math.max(Math.floor(share * n), 0), n - 1);
    return [at((event.clientY - box.top) / box.height, rows), at((event.clientX - box.left) / box.width, columns)];
  }

  place(box, cell) {
    box.hidden = !cell;
    if (!cell) return;
    box.style.setProperty("--row", cell[0]);
    box.style.setProperty("--column", cell[1]);
  }

  point(cell) {
    this.pointed = cell;
    this.place(this.pointer, cell);
    if (!cell) { setText(this.readout, ""); return; }
    const { rows, columns, first_row: top, first_column: left, shape } = this.data;
    const value = this.numbers[cell[0] * shape[1] + cell[1]];
    const name = this.data.row_names[cell[0]];
    setText(this.readout, `${name ? `“${name}”, ` : ""}${rows} ${top + cell[0]}, ${columns} ${left + cell[1]}: ${writeNumber(value)}`);
  }

  onKey(event) {
    const [row, column] = this.cursor;
    const [rows, columns] = this.data.shape;
    const moves = {
      ArrowUp: [row - 1, column], ArrowDown: [row + 1, column],
      ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
      Home: [row, 0], End: [row, columns - 1],
    };
    if (event.key in moves) {
      const clamp = (at, n) => Math.min(Math.max(at, 0), n - 1);
      this.cursor = [clamp(moves[event.key][0], rows), clamp(moves[event.key][1], columns)];
      this.point(this.cursor);
    } else if (event.key === "Enter" || event.key === " ") {
      this.choose(this.cursor);
    } else {
      return;
    }
    event.preventDefault();
  }

  // Shown at once; Python's answer confirms it.
  choose(cell) {
    if (!this.data.can_choose) return;
    this.cursor = cell;
    this.place(this.outline, cell);
    this.owner.send("choice", { view: this.owner.data.view, row: cell[0], column: cell[1] });
  }

  // As it stands on the screen, for pictures.js to draw.
  picture_() {
    const { title, note, text, shape, scale, limit, rows, columns } = this.data;
    const stops = RAMPS[scale][this.owner.theme()];
    const legend = { stops, low: this.low.textContent, high: writeNumber(limit), unit: `${rows} down, ${columns} across` };
    const patch = this.chosen ? this.chosen[0] * shape[1] + this.chosen[1] : -1;
    return {
      label: title, note, asks: note, text, grid: shape, patch, mark: -1,
      canvas: this.canvas, image: BLANK, saturation: 1, legend, withGrid: false,
    };
  }
}

class ValueMaps {
  constructor(root) {
    this.node = root.querySelector(".maps");
    this.maps = [];
    this.watch = new ThemeWatch(this.node, () => this.maps.forEach((map) => map.paint()));
  }

  theme() { return this.watch.theme; }

  update(data, send) {
    this.data = data;
    this.send = send;
    while (this.maps.length > data.maps.length) this.maps.pop().node.remove();
    while (this.maps.length < data.maps.length) {
      const map = new OneMap(this);
      this.maps.push(map);
      this.node.append(map.node);
    }
    this.maps.forEach((map, index) => map.update(data.maps[index], data.chosen));
  }

  pictures() {
    return this.maps.map((map) => ({ name: map.data.title, map: () => map.picture_() }));
  }
}

function mount({ data, parentElement, setTriggerValue }) {
  if (!mounts.has(parentElement)) mounts.set(parentElement, new ValueMaps(parentElement));
  const maps = mounts.get(parentElement);
  maps.update(data, setTriggerValue);
  PICTURES.set(maps, { place: maps.node, list: () => maps.pictures() });
  return () => PICTURES.delete(maps);
}
