// Put behind a component's script, which defines mount(component); NAME and STYLE stand before it.

// A press takes the focus from a field of the page, which then reports what was typed into it. Sent
// together with what the press asks for, Streamlit would draw only one of the two parts anew.
class AfterFields {
  constructor(root, milliseconds) {
    Object.assign(this, { root, milliseconds, until: 0, pending: 0 });
  }

  pressed() {
    if (this.root.activeElement) return;
    this.until = performance.now() + this.milliseconds;
    clearTimeout(this.pending);
    this.pending = setTimeout(() => { this.pending = 0; }, this.milliseconds);
  }

  // A busy browser hands over the press and what follows from it in one go, however long ago they
  // were: only once a timer has run has the field had its turn.
  get wait() {
    return this.pending ? Math.max(1, this.until - performance.now()) : 0;
  }

  do(act) {
    const { wait } = this;
    if (wait > 0) setTimeout(act, wait);
    else act();
  }
}

// ---------------------------------------------------------------- what several components use

function makeNode(tag, className = "", attributes = {}, text = "") {
  const node = document.createElement(tag);
  node.className = className;
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.textContent = text;
  return node;
}

// What is the same as before is left alone: every change of the page costs time.
function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function bytesFrom(base64) {
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}

// The numbers of a matrix that packed_weights.py has packed; what is no number is NaN.
function unpackWeights({ encoding, low, top, values }) {
  const { buffer } = bytesFrom(values);
  if (encoding === "float32") return new Float32Array(buffer);
  const [last, missing] = [65534, 65535];
  return Float32Array.from(new Uint16Array(buffer), (level) => (level === missing ? NaN : low + (level / last) * (top - low)));
}

// Eight cells to a byte, as packed_weights.py has it.
function unpackCells(base64, size) {
  const bytes = bytesFrom(base64);
  return Uint8Array.from({ length: size }, (_, i) => (bytes[i >> 3] >> (7 - (i & 7))) & 1);
}

function packCells(cells) {
  const bytes = new Uint8Array(Math.ceil(cells.length / 8));
  cells.forEach((on, i) => { bytes[i >> 3] |= on << (7 - (i & 7)); });
  return btoa(String.fromCharCode(...bytes));
}

// 256 colours between the stops of a ramp, as red, green, blue one after the other.
function colourTable(stops) {
  const rgb = stops.map((hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)));
  return Uint8ClampedArray.from({ length: 256 * 3 }, (_, i) => {
    const at = (Math.floor(i / 3) / 255) * (rgb.length - 1);
    const left = Math.min(Math.floor(at), rgb.length - 2);
    return rgb[left][i % 3] + (rgb[left + 1][i % 3] - rgb[left][i % 3]) * (at - left);
  });
}

// Paint a canvas with one pixel a cell; `levelOf` says which of the 256 colours a cell has.
function paintCells(canvas, [rows, columns], levelOf, table) {
  const image = new ImageData(columns, rows);
  for (let i = 0; i < rows * columns; i += 1) {
    const level = 3 * levelOf(i);
    image.data.set([table[level], table[level + 1], table[level + 2], 255], 4 * i);
  }
  canvas.width = columns;
  canvas.height = rows;
  canvas.getContext("2d").putImageData(image, 0, 0);
}

// A number as Python writes it, with a true minus.
function writeNumber(value, digits = 2) {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
}

// Which of the two themes is worn, and a word when it is another.
class ThemeWatch {
  constructor(node, onChange) {
    // Its colour follows the theme; so its end of transition says that the theme is another. Those
    // who want nothing to move have no transitions: there the system's word and the pointer do.
    this.probe = makeNode("i", "", { "aria-hidden": "true" });
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.probe.style.cssText = "position: absolute; width: 0; height: 0; color: light-dark(rgb(1, 1, 1), rgb(2, 2, 2));";
    if (!still) this.probe.style.transition = "color 1ms";
    node.append(this.probe);
    const look = () => { if (this.worn !== this.theme) { this.worn = this.theme; onChange(); } };
    this.probe.addEventListener("transitionend", look);
    node.addEventListener("pointerenter", look);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      for (const wait of [50, 300, 1000]) setTimeout(look, wait); // the page follows in its own time
    });
    this.worn = this.theme;
  }

  get theme() {
    return getComputedStyle(this.probe).color === "rgb(1, 1, 1)" ? "light" : "dark";
  }
}

// What pictures.js puts under a map that lies over no photo.
function blankImage() {
  const image = new Image();
  image.src = "data:image/gif;base64,R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs=";
  return image;
}

// ---------------------------------------------------------------- how a component is found

const lab = (window.attentionLab ??= {});
const part = (lab[NAME] ??= { waiting: [] });
// Another page may have brought the same component: what it drew is known to that script alone.
part.mount ??= (sent) => {
  const component = { ...sent, data: sent.data[0] }; // sent in a list, see light_component.py
  const root = component.parentElement;
  if (!root.querySelector("style")) {
    const style = document.createElement("style");
    style.textContent = STYLE;
    root.prepend(style);
  }
  // What the tools of the page have to know comes along with a component that is drawn anyway.
  const news = component.data.news;
  if (news) window.dispatchEvent(new CustomEvent("attention-lab-news", { detail: news }));
  return mount(component);
};
for (const ready of part.waiting.splice(0)) ready();
