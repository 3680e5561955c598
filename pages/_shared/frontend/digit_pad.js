// A pad of 32 x 32 cells to write a digit on, and beside it the picture that the model gets, which
// Python computes. What is written is drawn here at once and reported while it is written. RAMPS,
// SIDE, MODEL_SIDE and MOST_INK are put in front of it.

const PICTURES = ((window.attentionLab ??= {}).pictures ??= new Map()); // see pictures.js
const REACH = 1.5; // of the pen, in cells: so a line is three cells wide
const SEND_EVERY_MS = 60;
const PATIENCE_MS = 800;
const MOST_REMINDERS = 4;
const ERASER_BUTTON = 5; // the end of a pen that erases
const AFTER_FIELDS_MS = 10;
const pads = new WeakMap(); // shadow root -> Pad: a rerun updates, it never rebuilds
const BLANK = blankImage();
const TABLES = { light: colourTable(RAMPS.sequential.light), dark: colourTable(RAMPS.sequential.dark) };
const within = (at) => Math.min(Math.max(at, 0), SIDE - 1);

// How far a point lies from the line between two others.
function distance(x, y, [x0, y0], [x1, y1]) {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length = dx * dx + dy * dy;
  const share = length ? Math.min(Math.max(((x - x0) * dx + (y - y0) * dy) / length, 0), 1) : 0;
  return Math.hypot(x - x0 - share * dx, y - y0 - share * dy);
}

class Pad {
  constructor(root) {
    this.fields = new AfterFields(root, AFTER_FIELDS_MS);
    this.find = (name) => root.querySelector(name);
    this.sheet = this.find(".sheet");
    this.paper = this.find(".sheet canvas");
    this.model = this.find(".picture canvas");
    this.cells = new Uint8Array(SIDE * SIDE);
    this.cursor = [SIDE / 2, SIDE / 2];
    this.erases = false;
    this.lastSent = 0;
    this.sheet.style.setProperty("--side", SIDE);
    this.sheet.setAttribute("aria-label", `Drawing pad, ${SIDE} by ${SIDE} cells. Write a digit.`);
    this.watch = new ThemeWatch(this.find(".pad"), () => this.paint());
    this.listen();
  }

  listen() {
    const { sheet } = this;
    sheet.addEventListener("pointerdown", (event) => this.begin(event));
    sheet.addEventListener("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) sheet.addEventListener(end, () => this.end());
    sheet.addEventListener("pointerleave", () => { if (!this.keyed) this.showCursor(false); });
    // A pen that goes down takes the focus as well; what the keys do is of no use to it.
    sheet.addEventListener("focus", () => this.byKeys(!this.pressed && sheet.matches(":focus-visible")));
    sheet.addEventListener("blur", () => this.byKeys(false));
    sheet.addEventListener("keydown", (event) => this.onKey(event));
    for (const [name, erases] of [[".pen", false], [".eraser", true]]) {
      this.find(name).addEventListener("click", () => this.hold(erases));
      this.find(name).addEventListener("keydown", (event) => {
        if (!/^Arrow/.test(event.key)) return;
        event.preventDefault();
        this.hold(!this.erases);
        this.find(this.erases ? ".eraser" : ".pen").focus();
      });
    }
    const clear = this.find(".clear");
    clear.addEventListener("pointerdown", () => this.fields.pressed());
    clear.addEventListener("click", () => {
      this.cells.fill(0);
      this.changed();
      this.say("The pad is empty.");
      sheet.focus({ preventScroll: true });
    });
    this.hold(false);
  }

  hold(erases) {
    this.erases = erases;
    for (const [name, on] of [[".pen", !erases], [".eraser", erases]]) {
      this.find(name).setAttribute("aria-checked", String(on));
      this.find(name).tabIndex = on ? 0 : -1;
    }
  }

  // ---- what Python sends

  update(data, send) {
    const before = this.data;
    this.data = data;
    this.send = send;
    this.takeInk(before);
    setText(this.find(".text"), data.text);
    this.find(".picture").style.setProperty("--patches", MODEL_SIDE / data.patch);
    this.paint();
  }

  // What the reader is writing is newer here than in Python; only a new version overwrites it.
  takeInk(before) {
    const { ink, version } = this.data;
    const renewed = before?.version !== version;
    if (ink === this.sent) { this.sent = null; clearTimeout(this.reminder); }
    const waits = this.stroke || this.timer || this.sent;
    if (before && !renewed && (waits || ink === before.ink)) return;
    clearTimeout(this.timer);
    clearTimeout(this.reminder);
    [this.timer, this.sent, this.stroke] = [0, null, null];
    this.cells = unpackCells(ink, SIDE * SIDE);
  }

  // ---- writing

  at(event) {
    const box = this.sheet.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * SIDE, ((event.clientY - box.top) / box.height) * SIDE];
  }

  begin(event) {
    if (this.stroke || (event.pointerType === "mouse" && event.button !== 0)) return;
    event.preventDefault();
    this.fields.pressed();
    this.byKeys(false);
    this.pressed = true;
    this.sheet.focus({ preventScroll: true });
    this.pressed = false;
    this.sheet.setPointerCapture(event.pointerId);
    const last = this.at(event);
    this.stroke = { id: event.pointerId, last, erases: this.erases || event.button === ERASER_BUTTON };
    this.line(last, last, this.stroke.erases);
    this.follow(last);
  }

  move(event) {
    const { stroke } = this;
    if (!stroke) { if (event.pointerType !== "touch") this.follow(this.at(event)); return; }
    if (event.pointerId !== stroke.id) return;
    // A browser puts several moves of a quick hand into one event.
    const moves = event.getCoalescedEvents?.() ?? [];
    for (const one of moves.length ? moves : [event]) {
      const next = this.at(one);
      this.line(stroke.last, next, stroke.erases);
      stroke.last = next;
    }
    this.follow(stroke.last);
  }

  end() {
    if (!this.stroke) return;
    this.stroke = null;
    this.say(this.inWords());
    if (this.timer) this.report();
  }

  line(from, to, erases) {
    let some = false;
    const low = (axis) => within(Math.floor(Math.min(from[axis], to[axis]) - REACH));
    const high = (axis) => within(Math.ceil(Math.max(from[axis], to[axis]) + REACH));
    for (let row = low(1); row <= high(1); row += 1) {
      for (let column = low(0); column <= high(0); column += 1) {
        const place = row * SIDE + column;
        if (distance(column + 0.5, row + 0.5, from, to) > REACH || this.cells[place] === Number(!erases)) continue;
        this.cells[place] = Number(!erases);
        some = true;
      }
    }
    if (some) this.changed();
  }

  follow([x, y]) {
    this.cursor = [within(Math.floor(y)), within(Math.floor(x))];
    this.showCursor(true);
  }

  showCursor(shown) {
    const cursor = this.find(".cursor");
    cursor.hidden = !shown;
    cursor.style.setProperty("--row", this.cursor[0]);
    cursor.style.setProperty("--column", this.cursor[1]);
  }

  onKey(event) {
    const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    const { key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (key in moves) {
      this.cursor = this.cursor.map((at, axis) => within(at + moves[key][axis]));
      if (event.shiftKey) this.dab(this.erases);
    } else if (key === " " || key === "Enter") {
      this.dab(this.erases);
    } else if (key === "Delete" || key === "Backspace") {
      this.dab(true);
    } else {
      return;
    }
    event.preventDefault();
    this.byKeys(true);
    const [row, column] = this.cursor;
    this.say(`Row ${row + 1}, column ${column + 1}: ${this.cells[row * SIDE + column] ? "ink" : "no ink"}.`);
  }

  byKeys(keyed) {
    this.keyed = keyed;
    this.showCursor(keyed);
    this.sheet.classList.toggle("keyed", keyed);
    this.find(".keys").hidden = !keyed;
  }

  dab(erases) {
    const middle = [this.cursor[1] + 0.5, this.cursor[0] + 0.5];
    this.line(middle, middle, erases);
  }

  // ---- what is reported

  changed() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.paint());
    const wait = Math.max(this.fields.wait, SEND_EVERY_MS - (performance.now() - this.lastSent), 0);
    this.timer ||= setTimeout(() => this.report(), wait);
  }

  // Sent again until Python says that it has it: a message may be overtaken.
  report(reminders = MOST_REMINDERS, patience = PATIENCE_MS) {
    clearTimeout(this.timer);
    clearTimeout(this.reminder);
    this.timer = 0;
    this.lastSent = performance.now();
    const cells = packCells(this.cells);
    this.sent = cells;
    this.send("ink", { version: this.data.version, cells });
    this.reminder = setTimeout(() => {
      if (!this.sent || !this.sheet.isConnected) return;
      if (reminders > 0) this.report(reminders - 1, 2 * patience);
      else this.sent = null;
    }, patience);
  }

  release() {
    PICTURES.delete(this);
    if (this.timer) this.report();
  }

  // ---- what is seen and said

  inWords() {
    return `${this.cells.reduce((sum, on) => sum + on, 0)} of ${(SIDE * SIDE).toLocaleString("en")} cells have ink.`;
  }

  say(text) { setText(this.find(".readout"), text); }

  paint() {
    if (!this.data) return;
    const table = TABLES[this.watch.theme];
    const { image, text } = this.data;
    const grey = bytesFrom(image);
    paintCells(this.paper, [SIDE, SIDE], (i) => 255 * this.cells[i], table);
    paintCells(this.model, [MODEL_SIDE, MODEL_SIDE], (i) => Math.round((255 * Math.min(grey[i], MOST_INK)) / MOST_INK), table);
    this.paper.setAttribute("aria-label", this.inWords());
    this.model.setAttribute("aria-label", `The picture that the model gets, ${MODEL_SIDE} by ${MODEL_SIDE} pixels. ${text}`);
    const empty = !this.cells.includes(1);
    this.find(".hint").hidden = !empty;
    this.find(".clear").disabled = empty;
  }

  // As it stands on the screen, for pictures.js to draw.
  pictures() {
    const stops = RAMPS.sequential[this.watch.theme];
    const common = { note: "", asks: "", patch: -1, mark: -1, image: BLANK, saturation: 1 };
    const ink = { ...common, label: "Ink on the pad", text: this.inWords(), canvas: this.paper, grid: [SIDE, SIDE], legend: null, withGrid: false };
    const legend = { stops, low: "0", high: String(MOST_INK), unit: "cells with ink, of 16" };
    const patches = MODEL_SIDE / this.data.patch;
    const model = { ...common, label: "What the model gets", text: this.data.text, canvas: this.model, grid: [patches, patches], legend, withGrid: true };
    return [ink, model].map((map) => ({ name: map.label, map: () => map }));
  }
}

function mount({ data, parentElement, setTriggerValue }) {
  const pad = pads.get(parentElement) ?? new Pad(parentElement);
  pads.set(parentElement, pad);
  pad.update(data, setTriggerValue);
  PICTURES.set(pad, { place: pad.sheet, list: () => pad.pictures() });
  return () => pad.release();
}
