// A photo with maps over its patches: one map large, the others as tiles beside it.
// Python computes every number and sentence; this file draws them, reads single patches
// back from the numbers it was given, and reports what was chosen. RAMPS is put in front of it.

const CHOICE_EVENT = "attention-lab-choice"; // what a lesson hears of a chosen place
const PICTURES = ((window.attentionLab ??= {}).pictures ??= new Map()); // see pictures.js
const mounts = new WeakMap(); // shadow root -> PatchMap: a rerun updates, it never rebuilds
const tastes = { strength: 60, grid: false, oneScale: false }; // kept while the tab is open

const WRITTEN = {
  times: digits,
  cosine: signed,
  probability: (value) => value.toFixed(2),
  change: signed,
};

const COLOURS = Object.fromEntries(
  Object.entries(RAMPS).map(([scale, stops]) => [scale, colourTable(stops)])
);

function digits(value) {
  if (value === 0) return "0";
  return value < 0.1 ? value.toFixed(2) : value < 10 ? value.toFixed(1) : value.toFixed(0);
}

function signed(value) {
  const text = Math.abs(value).toFixed(2);
  return Number(text) === 0 ? text : (value < 0 ? "−" : "+") + text;
}

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Whether two maps measure the same thing and have scales of their own.
function alike(one, other) {
  return one.unit === "times" && other.unit === "times" && one.measure === other.measure;
}

function decode(panel) {
  const bytes = bytesFrom(panel.values);
  if (panel.encoding === "float32") return new Float32Array(bytes.buffer);
  if (panel.scale === "colours") return bytes;
  const step = (panel.high - panel.low) / 255;
  return Float32Array.from(bytes, (level) => panel.low + step * level);
}

// What is near zero lets the photo through; what is strong covers it. At full strength nothing
// shows through anywhere, and without any the map is gone.
function opacities(scale) {
  const strength = tastes.strength / 100;
  return Uint8ClampedArray.from({ length: 256 }, (_, level) => {
    const weight = { glow: level / 255, diverging: Math.abs(level / 127.5 - 1), colours: 1 }[scale];
    return 255 * strength ** (1.5 - weight);
  });
}

const painted = new WeakMap(); // canvas -> what is on it

function paint(canvas, panel, high, colours) {
  const wanted = [panel.values, panel.shape, panel.low, high, panel.scale, tastes.strength].join();
  if (painted.get(canvas) === wanted) return;
  painted.set(canvas, wanted);
  const [rows, columns] = panel.shape;
  const image = new ImageData(columns, rows);
  const opacity = opacities(panel.scale);
  const span = high - panel.low || 1;
  for (let cell = 0; cell < rows * columns; cell++) {
    const share = (panel.numbers[cell] - panel.low) / span;
    const level = colours ? Math.min(Math.max(Math.round(share * 255), 0), 255) : 255;
    for (let c = 0; c < 3; c++) {
      image.data[4 * cell + c] = colours ? colours[3 * level + c] : panel.numbers[3 * cell + c];
    }
    image.data[4 * cell + 3] = opacity[level];
  }
  canvas.width = columns;
  canvas.height = rows;
  canvas.getContext("2d").putImageData(image, 0, 0);
}

class PatchMap {
  constructor(root) {
    this.find = (name) => root.querySelector(`.${name}`);
    this.picture = this.find("picture");
    this.tiles = [];
    this.cursor = null; // patch under the arrow keys
    this.pending = null; // panel chosen here that Python has not yet confirmed
    this.listen();
  }

  listen() {
    const picture = this.picture;
    picture.addEventListener("pointermove", (event) => this.point(this.patchAt(event)));
    picture.addEventListener("pointerleave", () => this.point(null));
    picture.addEventListener("click", (event) => this.choosePatch(this.patchAt(event)));
    picture.addEventListener("keydown", (event) => this.onKey(event));
    picture.addEventListener("blur", () => this.point(null));
    picture.addEventListener("focus", () => {
      if (picture.matches(":focus-visible")) this.point(this.cursor);
    });
    this.find("class-token").addEventListener("click", () => this.choosePatch(-1));
    this.find("tiles").addEventListener("keydown", (event) => this.onTileKey(event));

    const strength = this.find("strength");
    strength.value = tastes.strength;
    strength.addEventListener("input", () => {
      tastes.strength = Number(strength.value);
      this.applyTastes();
      this.draw();
    });
    for (const name of ["grid", "oneScale"]) {
      const box = this.find(name);
      box.checked = tastes[name];
      box.addEventListener("change", () => {
        tastes[name] = box.checked;
        this.applyTastes();
        this.draw();
      });
    }
    this.applyTastes();
  }

  applyTastes() {
    const frame = this.find("frame");
    frame.style.setProperty("--strength", tastes.strength / 100);
    frame.classList.toggle("with-grid", tastes.grid);
  }

  update(data, send) {
    const before = this.data;
    this.data = data;
    this.send = send;
    data.panels.forEach((panel, index) => {
      const old = before?.panels[index];
      const same = old && ["values", "low", "high"].every((name) => old[name] === panel[name]);
      panel.numbers = same ? old.numbers : decode(panel);
    });
    if (!before || before.view !== data.view) this.pending = null;
    if (this.pending === data.chosen) this.pending = null;
    this.chosen = Math.min(this.pending ?? data.chosen, data.panels.length - 1);
    const [rows, columns] = data.grid;
    if (!before || before.photo.id !== data.photo.id) {
      this.cursor = Math.floor(rows / 2) * columns + Math.floor(columns / 2);
      this.pointed = null;
    }
    if (data.patch >= 0) this.cursor = data.patch;
    const frame = this.find("frame");
    frame.style.setProperty("--rows", rows);
    frame.style.setProperty("--columns", columns);
    frame.style.setProperty("--aspect", columns / rows);
    frame.classList.toggle("tall", columns < 0.9 * rows);
    this.buildTiles();
    this.showPhoto();
    this.draw();
  }

  showPhoto() {
    for (const image of [this.picture, ...this.tiles].map((box) => box.querySelector("img"))) {
      if (image.dataset.id === this.data.photo.id) continue;
      image.dataset.id = this.data.photo.id;
      image.src = this.data.photo.source;
    }
    this.picture.querySelector("img").alt = this.data.photo.alt;
  }

  buildTiles() {
    const group = this.find("tiles");
    const panels = this.data.panels;
    const wanted = panels.length > 1 ? panels.length : 0;
    group.setAttribute("aria-label", this.data.tiles_label);
    group.hidden = wanted === 0;
    while (this.tiles.length > wanted) this.tiles.pop().remove();
    while (this.tiles.length < wanted) {
      const index = this.tiles.length;
      const tile = this.find("tile-pattern").content.firstElementChild.cloneNode(true);
      tile.addEventListener("click", () => this.choosePanel(index));
      group.append(tile);
      this.tiles.push(tile);
    }
  }

  draw() {
    const { panels, patch, mark, hint, token_label: label, class_token: button, back } = this.data;
    this.tiles.forEach((tile, index) => {
      const panel = panels[index];
      const checked = index === this.chosen;
      paint(tile.querySelector("canvas"), panel, this.high(panel), COLOURS[panel.scale]);
      tile.setAttribute("aria-checked", checked);
      tile.tabIndex = checked ? 0 : -1;
      write(tile.querySelector(".tile-label"), panel.label);
      write(tile.querySelector(".tile-note"), panel.note);
      this.outline(tile.querySelector(".at-query"), patch);
    });
    const panel = panels[this.chosen];
    paint(this.find("map"), panel, this.high(panel), COLOURS[panel.scale]);
    this.find("map").setAttribute("aria-label", panel.text);
    this.outline(this.picture.querySelector(".at-query"), patch);
    this.outline(this.find("at-mark"), mark);
    write(this.find("text"), panel.text);
    write(this.find("token"), label);
    this.find("class-token").hidden = !button || patch < 0;
    write(this.find("class-token"), `Back to ${back}`);
    this.find("invitation").hidden = !button || patch >= 0;
    this.find("one-scale").hidden = panels.filter((other) => alike(other, panels[0])).length < 2;
    this.picture.setAttribute("aria-label", `${panel.label}. ${hint}`);
    write(this.find("keys"), this.keysInWords());
    this.drawLegend(panel);
    this.point(this.pointed ?? null);
  }

  keysInWords() {
    const { clickable, class_token: button, back } = this.data;
    if (!clickable) return "Arrow keys: move.";
    return `Arrow keys: move. Enter: choose.${button ? ` Escape: back to ${back}.` : ""}`;
  }

  // Each map has its own scale unless the reader asks for one scale in all of a kind.
  high(panel) {
    if (!tastes.oneScale) return panel.high;
    return Math.max(...this.data.panels.filter((p) => alike(p, panel)).map((p) => p.high), panel.high);
  }

  drawLegend(panel) {
    const legend = this.find("legend");
    const stops = RAMPS[panel.scale];
    legend.hidden = !stops;
    if (!stops) return;
    const high = this.high(panel);
    legend.querySelector(".bar").style.background = `linear-gradient(to right, ${stops.join()})`;
    write(legend.querySelector(".low"), WRITTEN[panel.unit](panel.low));
    write(legend.querySelector(".high"), WRITTEN[panel.unit](high));
    write(legend.querySelector(".unit"), panel.measure);
  }

  outline(box, patch) {
    const columns = this.data.grid[1];
    box.hidden = !(patch >= 0);
    if (box.hidden) return;
    box.style.setProperty("--row", Math.floor(patch / columns));
    box.style.setProperty("--column", patch % columns);
  }

  patchAt(event) {
    const [rows, columns] = this.data.grid;
    const box = this.picture.getBoundingClientRect();
    const cell = (at, from, size, n) =>
      Math.min(Math.max(Math.floor(((at - from) / size) * n), 0), n - 1);
    const row = cell(event.clientY, box.top, box.height, rows);
    return row * columns + cell(event.clientX, box.left, box.width, columns);
  }

  point(patch) {
    this.pointed = patch;
    this.outline(this.find("at-pointer"), patch ?? -1);
    write(this.find("readout"), patch === null ? this.data.hint : this.describe(patch));
  }

  describe(patch) {
    const panel = this.data.panels[this.chosen];
    const columns = this.data.grid[1];
    const [row, column] = [Math.floor(patch / columns), patch % columns];
    const place = `Patch in row ${row + 1}, column ${column + 1}`;
    if (panel.scale === "colours") return place;
    const cells = panel.shape[1] / columns; // saliency has several cells to a patch
    let sum = 0;
    for (let y = row * cells; y < (row + 1) * cells; y++) {
      for (let x = column * cells; x < (column + 1) * cells; x++) {
        sum += panel.numbers[y * panel.shape[1] + x];
      }
    }
    const value = WRITTEN[panel.unit](sum / cells ** 2);
    return `${place}: ${cells > 1 ? "on average " : ""}${value} ${panel.measure}`;
  }

  onKey(event) {
    const [rows, columns] = this.data.grid;
    const row = Math.floor(this.cursor / columns);
    const column = this.cursor % columns;
    const moves = {
      ArrowUp: [row - 1, column],
      ArrowDown: [row + 1, column],
      ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1],
      Home: [row, 0],
      End: [row, columns - 1],
    };
    if (event.key in moves) {
      const [y, x] = moves[event.key];
      const clamp = (at, n) => Math.min(Math.max(at, 0), n - 1);
      this.cursor = clamp(y, rows) * columns + clamp(x, columns);
      this.point(this.cursor);
    } else if (event.key === "Enter" || event.key === " ") {
      this.choosePatch(this.cursor);
    } else if (event.key === "Escape" && this.data.class_token) {
      this.choosePatch(-1);
    } else {
      return;
    }
    event.preventDefault();
  }

  onTileKey(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const n = this.tiles.length;
    this.choosePanel((this.chosen + step + n) % n);
    this.tiles[this.chosen].focus();
  }

  // Shown at once; Python's answer confirms it.
  choosePatch(patch) {
    if (!this.data.clickable) return;
    if (patch >= 0) this.cursor = patch;
    this.outline(this.picture.querySelector(".at-query"), patch);
    const columns = this.data.grid[1];
    const text = patch < 0 ? "" : `row ${Math.floor(patch / columns) + 1}, column ${(patch % columns) + 1}`;
    window.dispatchEvent(new CustomEvent(CHOICE_EVENT, { detail: { text } }));
    this.send("choice", { view: this.data.view, patch });
  }

  choosePanel(panel) {
    if (panel === this.chosen) return;
    this.pending = panel;
    this.chosen = panel;
    this.draw();
    this.send("choice", { view: this.data.view, panel });
  }

  // The large map as a picture, and all of them as one.
  pictures() {
    const { panels } = this.data;
    const large = panels[this.chosen];
    const all = () => this.tiles.map((tile, index) => this.asPicture(panels[index], tile.querySelector("canvas")));
    const alone = { name: large.label, map: () => this.asPicture(large, this.find("map")) };
    return this.tiles.length ? [alone, { name: "All maps", maps: all }] : [alone];
  }

  // As it stands on the screen, for pictures.js to draw.
  asPicture(panel, canvas) {
    const { label, note, text, scale, unit, measure, low } = panel;
    const { token_label: asks, grid, patch, mark } = this.data;
    const [stops, written] = [RAMPS[scale], WRITTEN[unit]];
    const legend = stops && { stops, low: written(low), high: written(this.high(panel)), unit: measure };
    const image = this.picture.querySelector("img");
    const saturation = 1 - (0.75 * tastes.strength) / 100;
    return { label, note, text, asks, grid, patch, mark, canvas, image, saturation, legend, withGrid: tastes.grid };
  }
}

function mount(component) {
  const { data, parentElement, setTriggerValue } = component;
  if (!mounts.has(parentElement)) mounts.set(parentElement, new PatchMap(parentElement));
  const map = mounts.get(parentElement);
  map.update(data, setTriggerValue);
  PICTURES.set(map, { place: map.picture, list: () => map.pictures() });
  return () => PICTURES.delete(map);
}
