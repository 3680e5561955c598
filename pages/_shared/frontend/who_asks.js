// Who gives Q, K and V: the two sentences as words that change places, and the way from them to
// the output with the shape of everything on it. Python sends words and shapes and moves the words.

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 424;
const MARGIN = 14; // for a line past the boxes
const BOX = { width: 92, height: 42 };
const COLUMNS = { giver: 0, projected: 176, result: 331 };
const ROWS = [12, 69, 126];
const TOWARDS = 6; // pixels that make a press a drag
const PICTURES = ((window.attentionLab ??= {}).pictures ??= new Map()); // see pictures.js
// As attributes, not in the style: a picture that is taken along has no style.
const TEXT = { "font-size": 13, "text-anchor": "middle" };
const NAME_TEXT = { ...TEXT, class: "name", "font-weight": 600 };
const MATRIX_TEXT = { ...TEXT, class: "matrix", "font-size": 12, "stroke-width": 4, "stroke-linejoin": "round", "paint-order": "stroke" };
const views = new WeakMap(); // shadow root -> WhoAsks

function make(tag, className = "", text = "", ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  node.append(...children);
  return node;
}

function draw(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// ---------------------------------------------------------------- one attention as a drawing

// A shape as text; a number that one of the sequences decides has that sequence's colour.
function shapeText(shape, x, y) {
  const node = draw("text", { ...TEXT, x, y, class: "shape" });
  shape.forEach(([size, side], at) => {
    if (at) node.append(draw("tspan", {}, " × "));
    node.append(draw("tspan", side ? { class: `count of-${side}`, "font-weight": 600 } : {}, String(size)));
  });
  return node;
}

function box({ name, shape, note = "" }, x, y, side) {
  const middle = x + BOX.width / 2;
  const text = shapeText(shape, middle, y + 35);
  if (note) text.append(draw("tspan", {}, `, ${note}`));
  return draw("g", { class: `of-${side}` },
    draw("rect", { class: "box", "stroke-width": 1.2, x: x + 0.5, y: y + 0.5, width: BOX.width - 1, height: BOX.height - 1, rx: 6 }),
    draw("text", { ...NAME_TEXT, x: middle, y: y + 18 }, name),
    text,
  );
}

// From one point to another, level where it starts and ends; or along a path of one's own.
function arrow([x, y], [u, v], side, { path = "", down = false } = {}) {
  const bend = x + (u - x) * 0.5;
  const line = path || `M${x} ${y} C${bend} ${y} ${bend} ${v} ${u - 5} ${v}`;
  const tip = down === "up" ? `M${u - 4} ${v + 7} L${u} ${v} L${u + 4} ${v + 7} Z`
    : down ? `M${u - 4} ${v - 7} L${u} ${v} L${u + 4} ${v - 7} Z`
    : `M${u - 7} ${v - 4} L${u} ${v} L${u - 7} ${v + 4} Z`;
  return draw("g", { class: `of-${side}` }, draw("path", { class: "arrow", "stroke-width": 1.5, d: line }), draw("path", { class: "tip", d: tip }));
}

const middleOf = (y) => y + BOX.height / 2;

function drawStage(stage) {
  const givers = stage.source ? { target: ROWS[0], source: (ROWS[1] + ROWS[2]) / 2 } : { target: ROWS[1] };
  const height = ROWS[2] + BOX.height + (stage.sum ? 20 : 4);
  const svg = draw("svg", { viewBox: `${-MARGIN} 0 ${WIDTH + MARGIN} ${height}`, width: "100%", height: "100%" });
  const right = (column) => COLUMNS[column] + BOX.width;
  const keySide = stage.source ? "source" : "target";
  const outputRow = ROWS[stage.sum ? 1 : 2];

  stage.projected.forEach(({ matrix }, at) => {
    const side = at ? keySide : "target";
    const from = [right("giver"), middleOf(givers[side])];
    const to = [COLUMNS.projected, middleOf(ROWS[at])];
    svg.append(arrow(from, to, side));
    // Near its end, on the outer side of the curve.
    const place = { x: to[0] - 27, y: to[1] + (to[1] > from[1] ? 16 : -7) };
    svg.append(draw("text", { ...MATRIX_TEXT, ...place }, matrix));
  });
  svg.append(arrow([right("projected"), middleOf(ROWS[0])], [COLUMNS.result, middleOf(ROWS[0])], "target"));
  svg.append(arrow([right("projected"), middleOf(ROWS[1])], [COLUMNS.result, middleOf(ROWS[0]) + 10], keySide));
  svg.append(arrow([right("projected"), middleOf(ROWS[2])], [COLUMNS.result, middleOf(outputRow) + (stage.sum ? 10 : 0)], keySide));
  const x = COLUMNS.result + BOX.width / 2;
  const fall = (from, to) => arrow([x, from], [x, to], "both", { path: `M${x} ${from} L${x} ${to - 5}`, down: true });
  svg.append(fall(ROWS[0] + BOX.height, outputRow));
  if (stage.sum) {
    svg.append(fall(outputRow + BOX.height, ROWS[2]));
    const below = height - 4;
    const start = givers.target + BOX.height;
    const left = stage.source ? -8 : BOX.width / 2; // past the source's box, where there is one
    const first = stage.source ? `M0 ${middleOf(givers.target)} L${left} ${middleOf(givers.target)}` : `M${left} ${start}`;
    const path = `${first} L${left} ${below} L${x} ${below} L${x} ${ROWS[2] + BOX.height + 5}`;
    svg.append(arrow([left, start], [x, ROWS[2] + BOX.height], "target", { path, down: "up" }));
    svg.append(draw("text", { ...MATRIX_TEXT, x: x + 16, y: ROWS[2] - 4 }, "+"));
  }
  svg.append(box(stage.target, COLUMNS.giver, givers.target, "target"));
  if (stage.source) svg.append(box(stage.source, COLUMNS.giver, givers.source, "source"));
  stage.projected.forEach((one, at) => svg.append(box(one, COLUMNS.projected, ROWS[at], at ? keySide : "target")));
  svg.append(box(stage.weights, COLUMNS.result, ROWS[0], "both"), box(stage.output, COLUMNS.result, outputRow, "both"));
  if (stage.sum) svg.append(box(stage.sum, COLUMNS.result, ROWS[2], "target"));
  // One inside the other: whoever takes the outer one along measures it in pixels of the screen.
  const frame = draw("svg", { class: "frame", role: "img", "aria-label": stage.alt }, svg);
  frame.style.aspectRatio = `${WIDTH + MARGIN} / ${height}`;
  return frame;
}

// ---------------------------------------------------------------- words that change places

class Lane {
  constructor(side, send) {
    Object.assign(this, { side, send, picked: -1, chips: [] });
    this.status = make("span", "status");
    this.status.setAttribute("role", "status");
    this.name = make("span", "lane-name");
    this.row = make("span", `chips of-${side}`);
    this.row.setAttribute("role", "group");
    this.tools = ["Reverse", "Shuffle", "As written"].map((label) => {
      const button = make("button", "tool", label);
      button.type = "button";
      button.addEventListener("click", () => { this.pick(-1); this.send({ side, what: label.toLowerCase() }); });
      return button;
    });
    this.node = make("div", "lane", "", this.name, this.row, make("span", "tools", "", ...this.tools), this.status);
    this.node.addEventListener("keydown", (event) => { if (event.key === "Escape" && this.picked >= 0) { this.pick(-1); this.say(""); } });
  }

  update({ name, words, moved, seed }) {
    if (words.join(" ") !== this.words?.join(" ")) this.pick(-1);
    this.words = words;
    this.name.textContent = name;
    this.row.setAttribute("aria-label", `${name}: two words chosen one after the other change places`);
    while (this.chips.length > words.length) this.chips.pop().remove();
    while (this.chips.length < words.length) this.chips.push(this.addChip(this.chips.length));
    words.forEach((word, at) => {
      const text = this.chips[at].firstChild;
      if (text.textContent !== word) { text.textContent = word; this.chips[at].title = word; }
    });
    for (const [at, label] of ["Reverse", "Shuffle", "As written"].entries()) this.tools[at].setAttribute("aria-label", `${label}: ${name}`);
    this.tools[1].title = `Drawn with seed ${seed}`;
    if (!moved && this.tools[2].matches(":focus")) this.tools[0].focus(); // it is about to go
    this.tools[2].hidden = !moved;
  }

  addChip(at) {
    const chip = make("button", "chip", "", make("span"));
    chip.type = "button";
    chip.setAttribute("aria-pressed", "false");
    // A press that became a drag is no choice; a key is no press.
    chip.addEventListener("click", (event) => { if (!this.dragged || !event.detail) this.choose(at); });
    chip.addEventListener("pointerdown", (event) => this.press(event, at));
    this.row.append(chip);
    return chip;
  }

  say(text) { this.status.textContent = text; }

  pick(at) {
    this.picked = at;
    this.chips.forEach((chip, place) => chip.setAttribute("aria-pressed", String(place === at)));
  }

  choose(at) {
    if (this.picked < 0) {
      this.pick(at);
      this.say(`Now the word to swap “${this.words[at]}” with.`);
    } else {
      const one = this.picked;
      this.pick(-1);
      this.say("");
      if (one !== at) this.send({ side: this.side, what: "swap", one, other: at });
    }
  }

  press(event, at) {
    if (event.button !== 0) return;
    const chip = this.chips[at];
    const [x, y] = [event.clientX, event.clientY];
    this.dragged = false;
    let under = -1;
    const show = (place) => {
      if (place === under) return;
      this.chips[under]?.classList.remove("under");
      this.chips[place]?.classList.add("under");
      under = place;
    };
    const move = ({ clientX, clientY }) => {
      if (!this.dragged && Math.hypot(clientX - x, clientY - y) < TOWARDS) return;
      this.dragged = true;
      chip.classList.add("dragged");
      chip.style.translate = `${clientX - x}px ${clientY - y}px`;
      const hit = this.row.getRootNode().elementFromPoint(clientX, clientY)?.closest(".chip");
      show(hit === chip ? -1 : this.chips.indexOf(hit));
    };
    const end = (up) => {
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", end);
      window.removeEventListener("pointercancel", end);
      chip.classList.remove("dragged");
      chip.style.translate = "";
      const other = under;
      show(-1);
      if (up.type === "pointerup" && this.dragged && other >= 0) {
        this.pick(-1);
        this.say("");
        this.send({ side: this.side, what: "swap", one: at, other });
      }
    };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", end);
    window.addEventListener("pointercancel", end);
  }
}

// ---------------------------------------------------------------- the whole

class WhoAsks {
  constructor(root) {
    this.node = root.querySelector(".who");
    this.stages = make("div", "stages");
    this.says = make("p");
    this.lanes = make("div", "lanes");
    this.side = make("div", "says", "", this.lanes, this.says);
    this.bySide = new Map();
    this.node.append(this.stages, this.side);
  }

  update(data) {
    this.version = data.version;
    this.node.classList.toggle("two", data.stages.length > 1);
    // With two drawings side by side, the words stand above them.
    const home = data.stages.length > 1 ? this.node : this.side;
    if (this.lanes.parentElement !== home) home.prepend(this.lanes); // what is moved loses the focus
    this.says.textContent = data.says;
    const lanes = data.lanes.map((lane) => {
      if (!this.bySide.has(lane.side)) {
        const send = (move) => this.setTriggerValue("move", { version: this.version, ...move });
        this.bySide.set(lane.side, new Lane(lane.side, send));
      }
      this.bySide.get(lane.side).update(lane);
      return this.bySide.get(lane.side).node;
    });
    if (lanes.length !== this.lanes.childElementCount) this.lanes.replaceChildren(...lanes);
    const drawn = JSON.stringify(data.stages);
    if (drawn !== this.drawn) this.drawStages(data.stages);
    this.drawn = drawn;
  }

  listen() { PICTURES.set(this, { place: this.node, list: () => this.pictures() }); }

  release() { PICTURES.delete(this); }

  pictures() {
    return [...this.stages.querySelectorAll(".frame")].map((chart) => {
      const title = chart.parentElement.querySelector(".step")?.textContent;
      return { name: title ?? "Who gives Q, K and V", chart, spoken: chart.getAttribute("aria-label") };
    });
  }

  drawStages(stages) {
    const focused = [...this.stages.querySelectorAll(".step")].findIndex((one) => one.matches(":focus"));
    this.stages.replaceChildren(...stages.map((stage, step) => {
      const picture = drawStage(stage);
      if (!stage.title) return make("div", "stage", "", picture);
      const choose = () => { if (!stage.chosen) this.setTriggerValue("step", { version: this.version, step }); };
      const button = make("button", "step", stage.title);
      button.type = "button";
      button.setAttribute("aria-pressed", String(stage.chosen));
      button.addEventListener("click", choose);
      picture.addEventListener("click", choose);
      return make("div", `stage choosable${stage.chosen ? " chosen" : ""}`, "", button, picture);
    }));
    if (focused >= 0) this.stages.querySelectorAll(".step")[focused]?.focus();
  }
}

function mount({ data, parentElement, setTriggerValue }) {
  if (!views.has(parentElement)) views.set(parentElement, new WhoAsks(parentElement));
  const view = views.get(parentElement);
  view.setTriggerValue = setTriggerValue;
  view.listen();
  view.update(data);
  return () => view.release();
}
