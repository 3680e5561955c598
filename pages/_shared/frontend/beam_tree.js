// The tree of a beam search: a column for each step, a box for each word that was tried. Python says
// where each stands; what is drawn scrolls where there is too little room. COLOUR is put in front.
// Marks have their looks as attributes, for the pictures that are taken along.

const SVG = "http://www.w3.org/2000/svg";
const PICTURES = ((window.attentionLab ??= {}).pictures ??= new Map()); // see pictures.js
const BOX = [92, 34];
const GAP = [34, 8];
const TOP = 22;
const LEGEND = [["best", "the sentence chosen"], ["live", "kept"], ["finished", "kept, at its end"], ["pruned", "given up"]];
const trees = new WeakMap();

function draw(tag, attributes, text = "") {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.textContent = text;
  return node;
}

function edgeOf({ state, best }) {
  const line = { fill: "none", stroke: best ? COLOUR : "currentColor", "stroke-width": best ? 3 : 1.2 };
  return { ...line, opacity: best ? 1 : 0.45, "stroke-dasharray": state === "pruned" ? "3 3" : "none" };
}

function boxOf({ state, best }) {
  const pruned = state === "pruned";
  return {
    fill: "currentColor", "fill-opacity": pruned ? 0 : 0.06, stroke: best ? COLOUR : "currentColor",
    "stroke-width": best || state === "finished" ? 2.5 : 1, "stroke-opacity": best || state === "finished" ? 1 : 0.4,
    "stroke-dasharray": pruned ? "3 3" : "none",
  };
}

class BeamTree {
  constructor(root) {
    const node = root.querySelector(".beam");
    this.scroll = makeNode("div", "scroll", { tabindex: "0", role: "group", "aria-label": "Tree of the beam search" });
    this.svg = draw("svg", { role: "img" });
    this.legend = makeNode("p", "legend");
    for (const [kind, name] of LEGEND) {
      const entry = makeNode("span");
      entry.append(makeNode("b", kind, { "aria-hidden": "true" }), name);
      this.legend.append(entry);
    }
    this.text = makeNode("p", "text");
    this.scroll.append(this.svg);
    node.append(this.scroll, this.legend, this.text);
  }

  update(data) {
    const { news: _, ...shown } = data;
    const text = JSON.stringify(shown);
    if (text === this.shown) return;
    this.shown = text;
    this.data = data;
    const { nodes, columns, rows } = data;
    const [wide, high] = BOX.map((side, axis) => side + GAP[axis]);
    const [width, height] = [columns * wide - GAP[0] + 4, rows * high - GAP[1] + TOP + 4];
    for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}`, "aria-label": data.text })) this.svg.setAttribute(name, value);
    const place = ({ column, row }) => [2 + column * wide, TOP + row * high];
    const byId = new Map(nodes.map((node) => [node.id, node]));
    const marks = Array.from({ length: columns }, (_, step) => draw("text", { "font-size": 11, fill: "currentColor", x: 2 + step * wide + BOX[0] / 2, y: 13, "text-anchor": "middle" }, step ? `word ${step}` : ""));
    for (const node of nodes) {
      const parent = byId.get(node.parent);
      if (!parent) continue;
      const [x, y] = place(node);
      const [from, level] = [place(parent)[0] + BOX[0], place(parent)[1] + BOX[1] / 2];
      const middle = (from + x) / 2;
      marks.push(draw("path", { ...edgeOf(node), d: `M${from} ${level}C${middle} ${level} ${middle} ${y + BOX[1] / 2} ${x} ${y + BOX[1] / 2}` }));
    }
    marks.push(...nodes.map((node) => this.node(node, place(node))));
    this.svg.replaceChildren(...marks);
    this.text.textContent = data.text;
  }

  node({ word, total, state, best }, [x, y]) {
    const group = draw("g", { class: state });
    group.append(draw("rect", { ...boxOf({ state, best }), x, y, width: BOX[0], height: BOX[1], rx: 5 }));
    const middle = { x: x + BOX[0] / 2, "text-anchor": "middle", fill: "currentColor" };
    group.append(draw("text", { ...middle, y: y + (total ? 15 : 21), "font-size": 13, "font-weight": best ? 700 : 400 }, word));
    if (total) group.append(draw("text", { ...middle, y: y + 28, "font-size": 11 }, total));
    return group;
  }

  list() {
    return [{ name: "Beam search", chart: this.svg, spoken: this.data.text, titled: false, inPixels: false }];
  }
}

function mount({ data, parentElement }) {
  const tree = trees.get(parentElement) ?? new BeamTree(parentElement);
  trees.set(parentElement, tree);
  tree.update(data);
  PICTURES.set(tree, { place: tree.scroll, list: () => tree.list() });
  return () => PICTURES.delete(tree);
}
