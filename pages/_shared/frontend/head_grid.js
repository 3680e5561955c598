// All heads at once, as small pictures. Python sends the pictures as levels of colour; this file
// paints them in the present theme, says which head is pointed at, and reports what was chosen or
// dropped. RAMPS and MARK are put in front of it.

const CHOICE_EVENT = "attention-lab-choice"; // what a lesson hears of a chosen place
const PICTURES = ((window.attentionLab ??= {}).pictures ??= new Map()); // see pictures.js
const AFTER_FIELDS_MS = 10;
const SEND_AFTER_MS = 150; // arrow keys run over several heads: the first is sent at once, then the last
const LARGEST_TILE = 92;
const RANKED_TILE = 84;
const MANY_RANKED = 24;
const MANY_TILE = 60; // of more: all of them in view
const SMALLEST_TILE = 24;
const WORDS_TILE = 38; // room for a short word below a tile
const NAME_TILE = 46; // and for the name of a head
const NARROW = 520;
const GAPS = [2, 7];
const BESIDE = [16, 58]; // room for the layers' names
const grids = new WeakMap(); // shadow root -> HeadGrid: a rerun updates, it never rebuilds
const TABLES = { light: colourTable(RAMPS.sequential.light), dark: colourTable(RAMPS.sequential.dark) };
const BLANK = blankImage();

class HeadGrid {
  constructor(root) {
    this.fields = new AfterFields(root, AFTER_FIELDS_MS);
    this.node = root.querySelector(".head-grid");
    this.build();
    this.watch = new ThemeWatch(this.node, () => this.paint());
    this.listen();
    new ResizeObserver(() => { if (this.node.clientWidth !== this.width) this.lay(); }).observe(this.node);
  }

  build() {
    const head = makeNode("p", "head");
    this.title = makeNode("span", "title");
    this.legend = makeNode("span", "legend", { "aria-hidden": "true" });
    this.bar = makeNode("span", "bar");
    this.high = makeNode("span");
    this.legend.append(makeNode("span", "", {}, "0"), this.bar, this.high);
    head.append(this.title, this.legend);
    this.tiles = makeNode("div", "tiles", { role: "radiogroup" });
    this.scroll = makeNode("div", "scroll");
    this.scroll.append(this.tiles);
    this.readout = makeNode("span", "readout", { role: "status" });
    this.drop = makeNode("button", "drop", { type: "button" });
    const foot = makeNode("p", "foot");
    foot.append(this.readout, this.drop);
    this.text = makeNode("figcaption", "text");
    this.node.append(head, this.scroll, foot, this.text);
  }

  listen() {
    const at = (event) => {
      const place = event.target.closest?.("[data-place]")?.dataset.place;
      return place === undefined ? null : Number(place);
    };
    const { tiles } = this;
    tiles.addEventListener("pointerover", (event) => this.point(at(event)));
    tiles.addEventListener("pointerleave", () => this.point(null));
    tiles.addEventListener("focusin", (event) => { if (event.target.matches(":focus-visible")) this.point(at(event)); });
    tiles.addEventListener("focusout", () => this.point(null));
    tiles.addEventListener("pointerdown", () => this.fields.pressed());
    tiles.addEventListener("click", (event) => { const place = at(event); if (place !== null) this.choose(place); });
    tiles.addEventListener("keydown", (event) => { const place = at(event); if (place !== null) this.onKey(event, place); });
    this.drop.addEventListener("pointerdown", () => this.fields.pressed());
    this.drop.addEventListener("click", () => this.toggle(this.chosen));
  }

  // ---- what there is

  update(data) {
    const before = this.data;
    const [n, m] = data.shape;
    this.data = data;
    this.columns = m;
    this.order = data.ranking?.map(([layer, head]) => layer * m + head) ?? Array.from({ length: n * m }, (_, i) => i);
    const plan = (one) => JSON.stringify([one?.shape.slice(0, 2), one?.first_layer, one?.ranking?.map((rank) => rank.slice(0, 2)) ?? null]);
    const anew = plan(before) !== plan(data);
    if (before?.view !== data.view) this.pending = null;
    const chosen = data.chosen ? data.chosen[0] * m + data.chosen[1] : -1;
    if (this.pending === chosen) this.pending = null;
    this.chosen = this.pending ?? chosen;
    const find = (pairs) => new Map(pairs.map(([layer, head, value = true]) => [layer * m + head, value]));
    this.captions = find(data.captions);
    this.dropped = find(data.dropped);
    this.marks = find(data.marks);
    this.scores = find(data.ranking ?? []);
    if (before?.values !== data.values) this.levels = bytesFrom(data.values);
    setText(this.title, data.title);
    setText(this.text, this.inWords());
    setText(this.high, data.limit < 1 ? `${writeNumber(data.limit, 3)} or more` : writeNumber(data.limit, 0));
    this.tiles.setAttribute("aria-label", data.title ? `${data.title}: heads` : "Heads");
    if (anew) this.buildTiles();
    if (anew || before.values !== data.values || before.shape.join() !== data.shape.join()) this.paint();
    this.show();
    if (anew) this.lay();
  }

  inWords() {
    const { shape, whole, text, pool } = this.data;
    if (shape[2] === whole[0] && shape[3] === whole[1]) return text;
    const what = pool === "max" ? "the largest weight" : "the mean of the weights";
    return `${text} A cell of a small picture stands for several words and shows ${what} among them.`.trim();
  }

  buildTiles() {
    const [n, m] = this.data.shape;
    const ranked = Boolean(this.data.ranking);
    const hidden = { "aria-hidden": "true" };
    this.tile = new Map();
    const parts = [];
    if (!ranked) {
      parts.push(makeNode("span", "corner", hidden));
      for (let head = 0; head < m; head += 1) parts.push(this.axis("head", "Head", head));
    }
    this.order.forEach((index, place) => {
      if (!ranked && index % m === 0) parts.push(this.axis("layer", "Layer", this.data.first_layer + index / m));
      const button = makeNode("button", "tile", { type: "button", role: "radio", "data-place": place });
      const picture = makeNode("span", "picture");
      const canvas = makeNode("canvas", "", hidden);
      picture.append(canvas);
      const name = makeNode("span", "name", hidden);
      const caption = makeNode("span", "caption", hidden);
      const score = makeNode("span", "score", hidden);
      button.append(picture, ...(ranked ? [name, score] : []), caption);
      this.tile.set(index, { button, canvas, name, score, caption });
      parts.push(button);
    });
    this.tiles.replaceChildren(...parts);
    this.tiles.classList.toggle("ranked", ranked);
    this.tiles.style.setProperty("--layers", n);
  }

  axis(kind, word, index) {
    const label = makeNode("span", `axis ${kind}`, { "aria-hidden": "true" });
    label.append(makeNode("span", "word", {}, `${word} `), String(index + 1));
    return label;
  }

  // ---- where it stands

  lay() {
    this.width = this.node.clientWidth;
    if (!this.width || !this.data) return;
    const m = this.columns;
    const ranked = Boolean(this.data.ranking);
    const roomy = this.width > NARROW;
    const gap = GAPS[Number(roomy)];
    const fit = (beside, n) => Math.floor((this.width - beside - gap * n) / n);
    let [tile, beside, count] = [0, 0, 0];
    if (ranked) {
      const largest = this.order.length > MANY_RANKED ? MANY_TILE : RANKED_TILE;
      count = Math.max(1, Math.min(this.data.columns ?? Infinity, this.order.length, Math.floor((this.width + gap) / ((roomy ? largest : NAME_TILE) + gap))));
      tile = Math.min(largest, fit(0, count));
    } else {
      beside = BESIDE[Number(roomy)];
      [tile, count] = [Math.max(SMALLEST_TILE, Math.min(LARGEST_TILE, fit(beside, m))), m];
    }
    this.tiles.style.cssText = `--tile: ${tile}px; --gap: ${gap}px; --beside: ${beside}px; --count: ${count};`;
    this.tiles.classList.toggle("wordless", tile < WORDS_TILE);
    this.tiles.classList.toggle("numbered", tile < NAME_TILE);
    this.tiles.classList.toggle("narrow", !roomy);
  }

  // ---- what is shown

  paint() {
    if (!this.tile) return;
    const [, , rows, columns] = this.data.shape;
    const { theme } = this.watch;
    for (const [index, { canvas }] of this.tile) {
      const first = index * rows * columns;
      paintCells(canvas, [rows, columns], (i) => this.levels[first + i], TABLES[theme]);
    }
    this.bar.style.background = `linear-gradient(to right, ${RAMPS.sequential[theme].join()})`;
  }

  show() {
    const m = this.columns;
    const first = this.tile.has(this.chosen) ? this.chosen : this.order[0];
    for (const [index, { button, name, score, caption }] of this.tile) {
      const [layer, head] = [Math.floor(index / m), index % m];
      const chosen = index === this.chosen;
      const attributes = { "aria-checked": chosen, "aria-label": this.describe(index), tabindex: index === first ? 0 : -1 };
      for (const [attribute, value] of Object.entries(attributes)) {
        if (button.getAttribute(attribute) !== String(value)) button.setAttribute(attribute, value);
      }
      button.classList.toggle("dropped", this.dropped.has(index));
      button.classList.toggle("marked", this.marks.has(index));
      button.style.setProperty("--mark", MARK);
      setText(name, `L${this.data.first_layer + layer + 1} H${head + 1}`);
      setText(score, this.scores.has(index) ? writeNumber(this.scores.get(index)) : "");
      setText(caption, this.captions.get(index) ?? "");
    }
    this.showFoot();
  }

  nameOf(index) {
    const layer = this.data.first_layer + Math.floor(index / this.columns);
    return `Layer ${layer + 1}, head ${(index % this.columns) + 1}`;
  }

  // What a head is called, and all that is said of it.
  describe(index) {
    const m = this.columns;
    const parts = [];
    if (this.scores.has(index)) parts.push(writeNumber(this.scores.get(index)));
    if (this.captions.get(index)) parts.push(this.captions.get(index));
    if (this.marks.has(index)) parts.push(this.data.marks_name);
    if (this.dropped.has(index)) parts.push("dropped");
    return `${this.nameOf(index)}${parts.length ? `: ${parts.join(", ")}` : ""}`;
  }

  showFoot() {
    const index = this.pointed ?? this.chosen;
    setText(this.readout, this.tile.has(index) ? this.describe(index) : "");
    const can = this.data.can_drop && this.chosen >= 0;
    this.drop.hidden = !can;
    if (!can) return;
    const name = this.nameOf(this.chosen);
    setText(this.drop, `${this.dropped.has(this.chosen) ? "Restore" : "Drop"} ${name.toLowerCase()}`);
  }

  // ---- what the reader does

  point(place) {
    this.pointed = place === null ? null : this.order[place];
    this.showFoot();
  }

  onKey(event, place) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const m = this.data.ranking ? Number(this.tiles.style.getPropertyValue("--count")) : this.columns;
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -m, ArrowDown: m };
    const last = this.order.length - 1;
    const ends = { Home: 0, End: last };
    const next = event.key in ends ? ends[event.key] : place + (steps[event.key] ?? 0);
    if (event.key in steps || event.key in ends) {
      if (next >= 0 && next <= last && next !== place) {
        this.choose(next);
        this.tile.get(this.order[next]).button.focus();
      }
    } else if (this.data.can_drop && ["d", "D", "Delete"].includes(event.key)) {
      this.toggle(this.order[place]);
    } else {
      return;
    }
    event.preventDefault();
  }

  message(index) {
    return { view: this.data.view, layer: Math.floor(index / this.columns), head: index % this.columns };
  }

  // Shown at once; Python's answer confirms it.
  choose(place) {
    const index = this.order[place];
    if (index === this.chosen) return;
    [this.chosen, this.pending, this.pointed] = [index, index, index];
    this.show();
    const message = this.message(index);
    window.dispatchEvent(new CustomEvent(CHOICE_EVENT, { detail: { text: this.nameOf(index).toLowerCase() } }));
    const now = performance.now();
    const running = now - (this.chosenAt ?? -Infinity) < SEND_AFTER_MS;
    const wait = Math.max(running ? SEND_AFTER_MS : 0, this.fields.wait);
    this.chosenAt = now;
    clearTimeout(this.timer);
    if (wait > 0) this.timer = setTimeout(() => this.send(message), wait);
    else this.send(message);
  }

  send(message) {
    this.timer = 0;
    this.setTriggerValue("choice", message);
  }

  toggle(index) {
    const on = !this.dropped.has(index);
    if (on) this.dropped.set(index, true);
    else this.dropped.delete(index);
    this.show();
    this.fields.do(() => this.setTriggerValue("drop", { ...this.message(index), on }));
  }

  // ---- a picture to take along, for pictures.js: all heads on one sheet

  pictures() {
    return [{ name: this.data.title ? `${this.data.title}: heads` : "All heads", map: () => this.asMap() }];
  }

  asMap() {
    const { shape: [n, m, rows, columns], title, limit, ranking } = this.data;
    const across = ranking ? Number(this.tiles.style.getPropertyValue("--count")) : m;
    const down = Math.ceil(this.order.length / across);
    const side = 48;
    const sheet = document.createElement("canvas");
    [sheet.width, sheet.height] = [across * side, down * side];
    const context = sheet.getContext("2d");
    context.imageSmoothingEnabled = false;
    context.fillStyle = "#888"; // between the heads
    context.fillRect(0, 0, sheet.width, sheet.height);
    this.order.forEach((index, place) => {
      const { canvas } = this.tile.get(index);
      context.drawImage(canvas, (place % across) * side + 1, Math.floor(place / across) * side + 1, side - 2, side - 2);
    });
    const legend = {
      stops: RAMPS.sequential[this.watch.theme], low: "0", high: writeNumber(limit, 2),
      unit: ranking ? "best first" : `${n} layers down, ${m} heads across`,
    };
    return {
      label: title || "All heads", note: "", asks: "", text: this.inWords(), grid: [down, across],
      patch: this.order.indexOf(this.chosen), mark: -1, canvas: sheet, image: BLANK, saturation: 1, legend, withGrid: false,
    };
  }
}

function mount({ data, parentElement, setTriggerValue }) {
  const grid = grids.get(parentElement) ?? new HeadGrid(parentElement);
  grids.set(parentElement, grid);
  grid.setTriggerValue = setTriggerValue;
  grid.update(data);
  PICTURES.set(grid, { place: grid.node, list: () => grid.pictures() });
  return () => PICTURES.delete(grid);
}
