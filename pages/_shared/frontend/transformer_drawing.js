// A Transformer drawn from its tokens up, and a button for every block. Python says what blocks there
// are; this file finds them a place for the width there is, and reports the one that is opened.
// BESIDE, ADDED and MOST_OPEN are put in front of it. Marks have their looks as attributes and their
// colours by class, for the pictures that are taken along.

const SVG = "http://www.w3.org/2000/svg";
const CHOICE_EVENT = "attention-lab-choice"; // what a lesson hears of a chosen place
const PICTURES = ((window.attentionLab ??= {}).pictures ??= new Map()); // see pictures.js
const AFTER_FIELDS_MS = 10;
const TWO_COLUMNS = 540; // two stacks side by side need as much
const WIDEST = 400; // of a stack
const LANE = 52; // between two stacks, for what the second reads of the first
const SIDE_LANE = 30; // beside them, where one stands above the other
const PAD = 7; // between a layer's frame and what is in it
const BYPASS = 21; // the room of a bypass
const BOX = 34;
const STRIP = 24;
const NORM = 15;
const ROW = 38; // of a layer that is not open
const CHIP = 22;
const RADIUS = 7; // of the sign where something is added
const COLOURS = {
  self: "self", cross: "cross", feed_forward: "feed_forward", last_norm: "norm", embedding_norm: "norm",
  projection: "out", softmax: "out", tokens: "out",
};
const drawings = new WeakMap(); // shadow root -> Drawing: a rerun updates, it never rebuilds
const pen = document.createElement("canvas").getContext("2d");

function draw(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    node.setAttribute(name, typeof value === "number" ? Math.round(value * 10) / 10 : value);
  }
  node.append(...children);
  return node;
}

// As much of a text as has room.
function fit(text, size, weight, width, font) {
  pen.font = `${weight} ${size}px ${font}`;
  if (pen.measureText(text).width <= width) return text;
  let letters = [...text];
  while (letters.length > 1 && pen.measureText(`${letters.join("").trimEnd()}…`).width > width) letters = letters.slice(0, -1);
  return `${letters.join("").trimEnd()}…`;
}

const widthOf = (text, size, weight, font) => { pen.font = `${weight} ${size}px ${font}`; return pen.measureText(text).width; };
const textOf = (content, x, y, size, more = {}) => draw("text", { x, y, "font-size": size, ...more }, content);
const boxOf = (x, y, width, height, more) => draw("rect", { x, y, width, height, ...more });
const isAdded = (block) => ADDED.includes(block.kind);
const colourOf = (block) => COLOURS[block.kind] ?? "embedding";

// ---------------------------------------------------------------- where everything stands

// One stack, from its foot at y = 0 up; up is negative, as on the screen.
class Column {
  constructor(stack, { width, left, mirrored, compact, open, font }) {
    Object.assign(this, { stack, mirrored, compact, open, font });
    this.frame = { x: left, width };
    // The bypass runs on one side; on the other is no more than the frame's edge.
    const near = PAD + 3;
    const far = PAD + BYPASS;
    this.x = left + (mirrored ? near : far);
    this.width = width - near - far;
    this.centre = this.x + this.width / 2;
    const last = Math.max(0, ...stack.blocks.map(({ layer }) => layer));
    this.nameWidth = widthOf(`Layer ${last + 1}`, 12, 600, font);
    this.lane = mirrored ? left + width - PAD - 5 : left + PAD + 5;
    [this.y, this.trunk] = [0, null]; // how far up we are; how far up the stream is drawn
    [this.marks, this.places, this.reads] = [[], new Map(), []];
  }

  lay() {
    const { blocks, probabilities, tokens } = this.stack;
    if (!blocks.some(({ kind }) => kind === "tokens")) this.drawTokens(tokens, null);
    for (let i = 0; i < blocks.length;) {
      const { layer } = blocks[i];
      if (layer < 0) { this.outside(blocks[i]); i += 1; continue; }
      let end = i;
      while (end < blocks.length && blocks[end].layer === layer) end += 1;
      const within = blocks.slice(i, end);
      if (this.compact && layer !== this.open) this.row(within, layer);
      else this.layer(within, layer);
      i = end;
    }
    this.top = this.y;
    if (probabilities.length) this.drawProbabilities();
    return this;
  }

  // Draw the stream up to y.
  rise(y, head = false) {
    if (this.trunk !== null && this.trunk > y) this.marks.push(...arrow(`M${this.centre} ${this.trunk}V${y + (head ? 4 : 0)}`, head && [this.centre, y, "up"]));
    this.trunk = y;
  }

  skip(gap) { this.y -= gap; }

  place(block, form, x, y, width, height, more = {}) {
    this.places.set(block.id, { block, form, x, y, width, height, font: this.font, ...more });
  }

  outside(block) {
    if (block.kind === "tokens") this.drawTokens(this.stack.tokens, block);
    else if (block.kind in BESIDE) this.beside(block);
    else {
      const strip = ["last_norm", "embedding_norm"].includes(block.kind);
      const height = strip ? STRIP : BOX;
      this.skip(11);
      this.rise(this.y, true);
      const inset = strip ? this.width * 0.14 : 0;
      this.place(block, "box", this.x + inset, this.y - height, this.width - 2 * inset, height);
      this.skip(height);
      this.trunk = this.y;
    }
  }

  // What is added to the stream from beside it, such as the positions.
  beside(block) {
    const side = this.mirrored ? 1 : -1;
    this.skip(9 + BOX);
    const middle = this.y + BOX / 2;
    const from = this.centre + side * (RADIUS + 18);
    const to = side > 0 ? this.x + this.width : this.x;
    this.rise(middle + RADIUS);
    this.sign(middle, BESIDE[block.kind]);
    this.marks.push(...arrow(`M${from} ${middle}H${this.centre + side * (RADIUS + 5)}`, [this.centre + side * (RADIUS + 1), middle, side > 0 ? "left" : "right"]));
    this.place(block, "box", Math.min(from, to), this.y, Math.abs(to - from), BOX);
    this.trunk = middle - RADIUS;
  }

  sign(y, kind = "add") {
    const [x, r] = [this.centre, RADIUS];
    this.marks.push(draw("circle", { cx: x, cy: y, r, class: "ground", "stroke-width": 1.4 }));
    const d = kind === "add" ? `M${x - r + 2.5} ${y}h${2 * r - 5}M${x} ${y - r + 2.5}v${2 * r - 5}` : `M${x - 2} ${y - 3.5}v7M${x + 2} ${y - 3.5}v7`;
    this.marks.push(draw("path", { d, class: "stream", "stroke-width": 1.4 }));
  }

  framed(top, bottom) {
    this.marks.unshift(boxOf(this.frame.x, top, this.frame.width, bottom - top, { rx: 9, class: "layer", "stroke-width": 1 }));
  }

  layer(blocks, layer) {
    this.skip(10);
    const bottom = this.y;
    for (const block of blocks) this.branch(block);
    const nameY = this.y + (this.stack.norm === "last" ? 13 : RADIUS + 4);
    this.skip(6);
    this.framed(this.y, bottom);
    const [x, anchor] = this.mirrored ? [this.frame.x + 10, "start"] : [this.frame.x + this.frame.width - 10, "end"];
    this.marks.push(textOf(`Layer ${layer + 1}`, x, nameY, 12, { class: "quiet", "text-anchor": anchor, "font-weight": 600 }));
  }

  // A block, the way around it, and the sum of both.
  branch(block) {
    const { norm } = this.stack;
    if (!isAdded(block)) { this.outside(block); return; }
    const start = this.y;
    const split = start - 5;
    this.skip(13);
    this.rise(this.y, true);
    const before = norm === "first" ? NORM : 0;
    const foot = this.y;
    this.skip(before + BOX);
    const top = this.y;
    const sum = top - 6 - RADIUS;
    const after = norm === "last" ? [sum - RADIUS - 4 - NORM, NORM] : null;
    this.place(block, "box", this.x, top, this.width, BOX, { before, after: after && after[0] });
    // What is switched off writes nothing.
    this.marks.push(draw("path", { d: `M${this.centre} ${top}V${sum + RADIUS}`, class: "stream", "stroke-width": 1.4, "stroke-dasharray": block.off ? "2 3" : "none" }));
    const side = this.mirrored ? 1 : -1;
    const r = 9;
    const { centre, lane } = this;
    const d = `M${centre} ${split}H${lane - side * r}Q${lane} ${split} ${lane} ${split - r}V${sum + r}Q${lane} ${sum} ${lane - side * r} ${sum}H${centre + side * (RADIUS + 5)}`;
    this.marks.push(...arrow(d, [centre + side * (RADIUS + 1), sum, side > 0 ? "left" : "right"]));
    this.sign(sum);
    if (block.kind === "cross") this.reads.push({ x: this.mirrored ? this.x : this.x + this.width, y: foot - before - BOX / 2 });
    this.trunk = sum - RADIUS;
    this.y = sum - RADIUS;
    if (after) {
      this.rise(after[0] + NORM);
      [this.y, this.trunk] = [after[0], after[0]];
    }
  }

  row(blocks, layer) {
    this.skip(9);
    this.rise(this.y, true);
    const bottom = this.y;
    this.skip(ROW);
    this.framed(this.y, bottom);
    this.trunk = this.y;
    const x = this.frame.x + 8;
    this.marks.push(textOf(`Layer ${layer + 1}`, x, this.y + ROW / 2 + 4, 12, { class: "quiet", "font-weight": 600 }));
    const from = x + this.nameWidth + 8;
    const gap = 5;
    const width = (this.frame.x + this.frame.width - 6 - from + gap) / blocks.length - gap;
    blocks.forEach((block, i) => this.place(block, "small", from + i * (width + gap), this.y + 5, width, ROW - 10));
    if (blocks.some(({ kind }) => kind === "cross")) this.reads.push({ x: this.mirrored ? this.frame.x : this.frame.x + this.frame.width, y: this.y + ROW / 2 });
  }

  // ---- what enters and what comes out

  drawTokens(tokens, block) {
    const note = this.stack.tokens_note;
    if (note) {
      this.marks.push(textOf(fit(note, 12, 400, this.width, this.font), this.centre, -3, 12, { class: "quiet", "text-anchor": "middle" }));
      this.skip(19);
    }
    const lines = chipLines(tokens, this.width - (block ? 12 : 0), this.font);
    const bottom = this.y;
    if (block) this.skip(2);
    for (const line of lines.toReversed()) {
      const whole = line.reduce((sum, chip) => sum + chip.width + 4, -4);
      let x = this.centre - whole / 2;
      for (const { text, width, more } of line) {
        const attributes = more ? { class: "quiet" } : {};
        if (!more) this.marks.push(boxOf(x, this.y - CHIP, width, CHIP - 3, { rx: 4, class: "chip" }));
        this.marks.push(textOf(text, x + width / 2, this.y - CHIP / 2 + 2.5, 12, { ...attributes, "text-anchor": "middle" }));
        x += width + 4;
      }
      this.skip(CHIP);
    }
    if (block) {
      this.skip(5);
      if (!lines.length) this.skip(STRIP - 7);
      this.place(block, lines.length ? "around" : "box", this.x, this.y, this.width, bottom - this.y);
    }
    if (block || lines.length) this.trunk = this.y;
  }

  drawProbabilities() {
    const { probabilities } = this.stack;
    this.skip(12);
    this.rise(this.y, true);
    const high = 18;
    const room = Math.min(this.width * 0.42, 18 + Math.max(...probabilities.map(([word]) => widthOf(word, 12, 600, this.font))));
    const [from, end] = [this.x + room, this.x + this.width - 40];
    [...probabilities].reverse().forEach(([word, probability], i) => {
      const y = this.y - high * (i + 1);
      const weight = i === probabilities.length - 1 ? 600 : 400;
      this.marks.push(
        textOf(fit(word, 12, weight, room - 8, this.font), from - 7, y + 12.5, 12, { "text-anchor": "end", "font-weight": weight }),
        boxOf(from, y + 4, end - from, 10, { rx: 2, class: "track" }),
        boxOf(from, y + 4, Math.max(1, (end - from) * probability), 10, { rx: 2, class: "out bar" }),
        textOf(writeNumber(probability), end + 7, y + 12.5, 12),
      );
    });
    this.skip(high * probabilities.length);
    this.trunk = null;
  }
}

// Words in lines, as many as two of them hold.
function chipLines(tokens, room, font) {
  const lines = [[]];
  let used = 0;
  for (const [i, token] of tokens.entries()) {
    const text = fit(token, 12, 400, Math.min(120, room - 14), font);
    const width = widthOf(text, 12, 400, font) + 12;
    const more = `+ ${tokens.length - i}`;
    const last = lines.length === 2;
    const reserved = last && i < tokens.length - 1 ? widthOf(more, 12, 400, font) + 10 : 0;
    if (used + width + reserved > room && lines.at(-1).length) {
      if (last) {
        lines[1].push({ text: more, width: widthOf(more, 12, 400, font) + 4, more: true });
        return lines;
      }
      lines.push([]);
      used = 0;
    }
    lines.at(-1).push({ text, width });
    used += width + 4;
  }
  return tokens.length ? lines : [];
}

function arrow(d, head, kind = "stream") {
  const line = draw("path", { d, class: kind === "stream" ? "stream" : "memory", "stroke-width": 1.4, fill: "none" });
  if (!head) return [line];
  const [x, y, to] = head;
  const tip = { up: `M${x} ${y}l-3.6 6.5h7.2z`, right: `M${x} ${y}l-6.5 -3.6v7.2z`, left: `M${x} ${y}l6.5 -3.6v7.2z` }[to];
  return [line, draw("path", { d: tip, class: kind === "stream" ? "head" : "memory-head" })];
}

// ---------------------------------------------------------------- what a block looks like

// The top of each normalisation that belongs to a block. Its word is no part of the button's name.
function normsOf({ y, height, before = 0, after = null }) {
  return [before ? y + height : null, after].filter((top) => top !== null);
}

function drawBlock({ block, form, x, y, width, height, before = 0, after = null, font }, chosen) {
  const parts = [];
  const round = { rx: 5 };
  for (const top of normsOf({ y, height, before, after })) {
    const inset = width * 0.22;
    parts.push(boxOf(x + inset, top, width - 2 * inset, NORM, { rx: 4, class: "strip", "stroke-width": 1 }));
  }
  if (form === "around") parts.push(boxOf(x, y, width, height, { ...round, class: "box", "fill-opacity": 0.01, "stroke-width": 1.1 }));
  else parts.push(boxOf(x, y, width, height, { ...round, class: "box", "stroke-width": block.off ? 1.4 : 1.1, "stroke-dasharray": block.off ? "4 3" : "none" }));
  if (block.off) parts.push(boxOf(x + 1, y + 1, width - 2, height - 2, { ...round, fill: "url(#hatch)" }));
  if (form !== "around") parts.push(...wordsOf(block, form, x, y, width, height, font));
  if (block.share !== null && !block.off) {
    const [left, room, thick] = [x + 7, width - 14, 4];
    const top = y + height - 7;
    parts.push(boxOf(left, top, room, thick, { rx: 2, class: "track" }));
    if (block.share > 0) parts.push(boxOf(left, top, Math.max(1.5, room * block.share), thick, { rx: 2, class: "bar" }));
  }
  // What is open has a thick frame; what has the focus an outline around it.
  parts.push(boxOf(x, y, width, height, { ...round, class: "ring", "stroke-width": chosen ? 3 : 2 }));
  return parts;
}

function wordsOf(block, form, x, y, width, height, font) {
  const small = form === "small";
  const size = small ? 12 : 13;
  const inner = width - (small ? 8 : 16);
  const lift = block.share !== null && !block.off ? 3.5 : 0;
  const line = y + height / 2 + 4.5 - lift;
  const label = block.short && widthOf(block.label, size, 600, font) > inner ? block.short : block.label;
  const note = block.off ? "off" : small ? "" : block.shape_note;
  const whole = widthOf(label, size, 600, font);
  const beside = note ? widthOf(note, 12, 400, font) + 8 : 0;
  const both = note && (block.off || whole + beside <= inner);
  const text = fit(label, size, 600, inner - (both ? beside : 0), font);
  const parts = [];
  const plate = (from, wide) => { if (block.off) parts.push(boxOf(from - 3, line - 12, wide + 6, 16, { rx: 3, class: "plate" })); };
  if (both) {
    const left = x + (width - inner) / 2;
    plate(left, widthOf(text, size, 600, font));
    plate(left + inner - beside + 8, beside - 8);
    parts.push(textOf(`${text} `, left, line, size, { "font-weight": 600 }));
    parts.push(textOf(note, left + inner, line, 12, { "text-anchor": "end" }));
  } else {
    parts.push(textOf(text, x + width / 2, line, size, { "font-weight": 600, "text-anchor": "middle" }));
  }
  return parts;
}

// ---------------------------------------------------------------- the whole

class Drawing {
  constructor(root) {
    this.fields = new AfterFields(root, AFTER_FIELDS_MS);
    this.node = root.querySelector(".model");
    this.svg = draw("svg", { role: "toolbar", "aria-orientation": "vertical" });
    this.hatch = draw("pattern", { id: "hatch", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, draw("path", { d: "M0 0V6", class: "hatch", "stroke-width": 2.4 }));
    this.lower = draw("g", { "aria-hidden": "true" });
    this.buttons = draw("g", { role: "presentation" });
    this.upper = draw("g", { "aria-hidden": "true", class: "upper" });
    this.sheet = draw("g", { role: "presentation" }, this.lower, this.buttons, this.upper);
    this.svg.append(draw("defs", {}, this.hatch), this.sheet);
    this.text = makeNode("figcaption", "text");
    this.tip = makeNode("div", "tip", { "aria-hidden": "true" });
    this.tip.hidden = true;
    this.node.append(this.svg, this.text, this.tip);
    this.nodes = new Map(); // id -> its button
    this.listen();
    new ResizeObserver(() => { if (this.node.clientWidth !== this.width) this.lay(); }).observe(this.node);
  }

  listen() {
    const { buttons } = this;
    const at = (event) => [...this.nodes].find(([, node]) => node.contains(event.target))?.[0] ?? null;
    buttons.addEventListener("pointerover", (event) => { if (event.pointerType !== "touch") this.point(at(event)); });
    buttons.addEventListener("pointerleave", () => this.point(null));
    buttons.addEventListener("focusin", (event) => {
      const id = at(event);
      if (id === null) return;
      this.last = id;
      this.rove();
      if (event.target.matches(":focus-visible")) this.point(id);
    });
    buttons.addEventListener("focusout", () => this.point(null));
    buttons.addEventListener("pointerdown", () => this.fields.pressed());
    buttons.addEventListener("click", (event) => { const id = at(event); if (id !== null) this.choose(id); });
    buttons.addEventListener("keydown", (event) => { const id = at(event); if (id !== null) this.onKey(event, id); });
  }

  update(data) {
    if (this.data?.view !== data.view) this.pending = null;
    if (this.pending === data.chosen) this.pending = null;
    const { news: _, ...shown } = data;
    const text = JSON.stringify(shown);
    const same = text === this.shown;
    this.shown = text;
    this.data = data;
    this.order = data.stacks.flatMap(({ blocks }) => blocks);
    this.stackOf = new Map(data.stacks.flatMap((stack, i) => stack.blocks.map(({ id }) => [id, i])));
    const chosen = this.pending ?? data.chosen;
    if (same && chosen === this.chosen) return;
    this.chosen = chosen;
    setText(this.text, data.text);
    this.svg.setAttribute("aria-label", `${data.name}: blocks in the order of computation. Arrow keys move, Enter opens.`);
    this.lay();
  }

  // ---- where it stands

  // Of every stack one layer is drawn at large, so that its height stays as it is: the one that is
  // open or nearest to what is, whatever was open before, so that a link shows the same.
  layerOf(stack) {
    const layers = stack.blocks.filter(({ layer }) => layer >= 0).map(({ layer }) => layer);
    const at = stack.blocks.findIndex(({ id }) => id === this.chosen);
    if (stack.blocks[at]?.layer >= 0) return stack.blocks[at].layer;
    return at > stack.blocks.findIndex(({ layer }) => layer >= 0) ? layers.at(-1) : layers[0];
  }

  lay() {
    this.width = this.node.clientWidth;
    if (!this.width || !this.data) return;
    const { stacks } = this.data;
    const font = getComputedStyle(this.svg).fontFamily;
    const beside = stacks.length === 2 && this.width >= TWO_COLUMNS;
    const crossing = stacks.length === 2 && stacks[1].blocks.some(({ kind }) => kind === "cross");
    const side = stacks.length === 2 && !beside && crossing ? SIDE_LANE : 0;
    const width = Math.min(WIDEST, beside ? (this.width - LANE) / 2 : this.width - side) - 2;
    const added = stacks.map(({ blocks }) => blocks.filter(isAdded).length);
    const high = beside ? Math.max(...added) : added.reduce((sum, n) => sum + n, 0);
    const columns = stacks.map((stack, i) => new Column(stack, {
      width, left: 1 + (beside ? i * (width + LANE) : 0), mirrored: beside && i === 1, compact: high > MOST_OPEN, open: this.layerOf(stack), font,
    }).lay());
    const marks = [];
    const places = new Map();
    let [foot, bottom, wide] = [0, 0, 0];
    const exit = { x: columns[0].centre, y: columns[0].top };
    columns.forEach((column, i) => {
      const up = !beside && i ? foot : 0;
      const name = this.heading(column, stacks.length);
      marks.push(draw("g", { transform: `translate(0 ${up})` }, ...column.marks, ...name));
      for (const [id, place] of column.places) {
        places.set(id, { ...place, y: place.y + up, after: place.after == null ? null : place.after + up });
      }
      if (i && crossing) marks.push(...this.crossing(exit, column, up, beside));
      foot = Math.min(foot, up + column.y) - (beside ? 0 : 20);
      bottom = Math.min(bottom, up + column.y);
      wide = Math.max(wide, column.frame.x + width + 1 + side);
    });
    const legend = this.legend(wide, font);
    const [above, height] = [-bottom + 5, -bottom + 5 + legend.height + 4];
    marks.push(draw("g", { transform: "translate(1 12)" }, ...legend.marks));
    this.sheet.setAttribute("transform", `translate(0 ${Math.round(above)})`);
    this.lower.replaceChildren(...marks);
    for (const [name, value] of Object.entries({ width: wide, height, viewBox: `0 0 ${wide} ${height}` })) this.svg.setAttribute(name, value);
    this.above = above;
    this.places = places;
    this.upper.replaceChildren(...[...places.values()].flatMap((place) => normsOf(place).map((top) => textOf("norm", place.x + place.width / 2, top + 11, 12, { "text-anchor": "middle" }))));
    this.show();
  }

  heading(column, n) {
    if (n < 2 || !column.stack.name) return [];
    column.skip(24);
    return [textOf(column.stack.name, column.frame.x + 2, column.y + 15, 14, { "font-weight": 600 })];
  }

  // From the end of the first stack into every cross-attention of the second.
  crossing(exit, column, up, beside) {
    if (!column.reads.length) return [];
    const lane = beside ? column.frame.x - LANE / 2 : column.frame.x + column.frame.width + 16;
    const towards = beside ? "right" : "left";
    const sign = beside ? 1 : -1;
    const start = exit.y - 12;
    const marks = [];
    const group = draw("g", { class: "cross" });
    marks.push(...arrow(`M${exit.x} ${exit.y}V${start + 8}Q${exit.x} ${start} ${exit.x + 8} ${start}H${lane}`, null, "memory"));
    const ends = column.reads.map(({ y }) => y + up);
    marks.push(...arrow(`M${lane} ${Math.max(start, ...ends)}V${Math.min(start, ...ends)}`, null, "memory"));
    column.reads.forEach(({ x }, i) => marks.push(...arrow(`M${lane} ${ends[i]}H${x - sign * 5}`, [x, ends[i], towards], "memory")));
    group.append(...marks, textOf("keys and values", lane - 5, start - 5, 12, { class: "quiet", "text-anchor": "end" }));
    return [group];
  }

  legend(width, font) {
    const { stacks, share_name: share } = this.data;
    const off = this.order.some((block) => block.off);
    const entries = [];
    if (share && this.order.some((block) => block.share !== null)) entries.push([share, (y) => [boxOf(0, y - 7, 22, 4, { rx: 2, class: "track" }), boxOf(0, y - 7, 13, 4, { rx: 2, class: "out bar" })]]);
    if (stacks.some(({ blocks }) => blocks.some(isAdded))) {
      entries.push(["added to the stream", (y) => [draw("circle", { cx: 11, cy: y - 4, r: 6, class: "ground", "stroke-width": 1.4 }), draw("path", { d: `M7 ${y - 4}h8M11 ${y - 8}v8`, class: "stream", "stroke-width": 1.4 })]]);
    }
    if (this.order.some(({ kind }) => BESIDE[kind] === "join")) {
      entries.push(["put in front", (y) => [draw("circle", { cx: 11, cy: y - 4, r: 6, class: "ground", "stroke-width": 1.4 }), draw("path", { d: `M9 ${y - 7}v6M13 ${y - 7}v6`, class: "stream", "stroke-width": 1.4 })]]);
    }
    if (off) entries.push(["switched off: writes nothing", (y) => [boxOf(0, y - 10, 22, 12, { rx: 3, class: "ground", "stroke-dasharray": "4 3" }), boxOf(0, y - 10, 22, 12, { rx: 3, fill: "url(#hatch)" })]]);
    const marks = [];
    let [x, y] = [0, 12];
    for (const [words, sign] of entries) {
      const wide = 30 + 1.24 * widthOf(words, 12, 400, font); // a file is read in a wider font
      if (x && x + wide > width) { x = 0; y += 19; }
      marks.push(draw("g", { transform: `translate(${Math.round(x)} 0)` }, ...sign(y), textOf(fit(words, 12, 400, width - 32, font), 29, y, 12, { class: "quiet" })));
      x += wide + 10;
    }
    return { marks, height: entries.length ? y + 16 : 4 };
  }

  // ---- what is shown

  show() {
    const kept = new Set(this.order.map(({ id }) => id));
    const focused = [...this.nodes].find(([, node]) => node.matches(":focus"))?.[0];
    for (const [id, node] of this.nodes) if (!kept.has(id)) { node.remove(); this.nodes.delete(id); }
    this.order.forEach((block, i) => {
      let node = this.nodes.get(block.id);
      if (!node) {
        node = draw("g", { role: "button", tabindex: -1 });
        this.nodes.set(block.id, node);
      }
      if (this.buttons.children[i] !== node) this.buttons.insertBefore(node, this.buttons.children[i] ?? null);
      const place = this.places.get(block.id);
      const chosen = block.id === this.chosen;
      const look = JSON.stringify([place, chosen]);
      if (node.look !== look) {
        node.look = look;
        node.setAttribute("class", `block ${colourOf(block)}${block.off ? " off" : ""}`);
        if (chosen) node.setAttribute("aria-current", "true");
        else node.removeAttribute("aria-current");
        node.replaceChildren(...drawBlock(place, chosen));
        node.setAttribute("aria-label", this.describe(block, node.textContent.trim()));
      }
    });
    this.rove();
    if (focused !== undefined && !this.nodes.get(focused)?.matches(":focus")) {
      (this.nodes.get(focused) ?? this.nodes.get(this.stop()))?.focus({ preventScroll: true });
    }
    if (this.pointed && !kept.has(this.pointed)) this.point(null);
    else if (this.pointed) this.point(this.pointed);
  }

  // The one block that the tabulator reaches.
  stop() {
    const ids = this.order.map(({ id }) => id);
    return [this.last, this.chosen, ids[0]].find((id) => ids.includes(id));
  }

  rove() {
    const stop = this.stop();
    for (const [id, node] of this.nodes) {
      const index = id === stop ? "0" : "-1";
      if (node.getAttribute("tabindex") !== index) node.setAttribute("tabindex", index);
    }
  }

  nameOf(block) {
    const stack = this.data.stacks[this.stackOf.get(block.id)].name;
    return [block.label, stack.toLowerCase(), block.layer >= 0 ? `layer ${block.layer + 1}` : ""].filter(Boolean).join(", ");
  }

  // It begins with what is written on the button, so that it can be called by that.
  describe(block, written) {
    const whole = this.nameOf(block);
    const name = written.startsWith(block.label) ? whole.replace(block.label, () => written) : [written, whole].filter(Boolean).join(", ");
    return [`${name}.`, block.off ? "Switched off: it writes nothing." : "", block.text].filter(Boolean).join(" ");
  }

  point(id) {
    const place = id === null ? null : this.places?.get(id);
    this.pointed = place ? id : null;
    this.tip.hidden = !place;
    if (!place) return;
    const { block } = place;
    const said = [block.off ? "Switched off: it writes nothing." : "", block.text].filter(Boolean).join(" ");
    this.tip.replaceChildren(makeNode("b", "", {}, this.nameOf(block)), document.createTextNode(said));
    const top = place.y + this.above;
    const { offsetWidth: wide, offsetHeight: high } = this.tip;
    const left = Math.max(0, Math.min(place.x + place.width / 2 - wide / 2, this.width - wide));
    const below = top + place.height + (place.before ?? 0) + 7;
    this.tip.style.left = `${left}px`;
    this.tip.style.top = `${top - high - 7 >= 0 ? top - high - 7 : below}px`;
  }

  // ---- what the reader does

  onKey(event, id) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const place = this.order.findIndex((block) => block.id === id);
    const last = this.order.length - 1;
    const steps = { ArrowUp: place + 1, ArrowRight: place + 1, ArrowDown: place - 1, ArrowLeft: place - 1, Home: 0, End: last };
    if (event.key in steps) {
      const next = this.order[Math.min(Math.max(steps[event.key], 0), last)];
      this.nodes.get(next.id).focus();
    } else if (event.key === "Enter" || event.key === " ") {
      this.choose(id);
    } else {
      return;
    }
    event.preventDefault();
  }

  // Shown at once; Python's answer confirms it.
  choose(id) {
    this.last = id;
    if (id === this.chosen) return;
    [this.chosen, this.pending] = [id, id];
    const block = this.order.find((one) => one.id === id);
    window.dispatchEvent(new CustomEvent(CHOICE_EVENT, { detail: { text: this.nameOf(block).toLowerCase() } }));
    this.lay();
    this.point(null);
    const message = { view: this.data.view, block: id };
    this.fields.do(() => this.setTriggerValue("choice", message));
    showOpened();
  }

  // Whoever opens the file may have a wider font: every text keeps the room that it has here.
  hold() {
    for (const text of this.svg.querySelectorAll("text")) {
      text.removeAttribute("textLength");
      const wide = text.getComputedTextLength();
      if (!wide) continue;
      text.setAttribute("textLength", wide.toFixed(1));
      text.setAttribute("lengthAdjust", "spacingAndGlyphs");
    }
  }

  list() {
    this.hold();
    return [{ name: this.data.name, chart: this.svg, spoken: this.data.text, titled: false, inPixels: false }];
  }
}

// What is opened stands beside the drawing, or below it on a telephone, perhaps out of sight.
function showOpened() {
  const heading = document.querySelector(".opened-block h2");
  const box = heading?.getBoundingClientRect();
  if (!box || (box.top >= 0 && box.bottom <= window.innerHeight)) return;
  heading.scrollIntoView({ block: "start" });
}

function mount({ data, parentElement, setTriggerValue }) {
  const drawing = drawings.get(parentElement) ?? new Drawing(parentElement);
  drawings.set(parentElement, drawing);
  drawing.setTriggerValue = setTriggerValue;
  drawing.update(data);
  PICTURES.set(drawing, { place: drawing.svg, list: () => drawing.list() });
  return () => PICTURES.delete(drawing);
}
