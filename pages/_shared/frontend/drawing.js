// A drawing that Python lays out: lines, boxes and words, each with its place, in one SVG. This file
// changes what is another than before, and nothing else.

const SVG = "http://www.w3.org/2000/svg";
const PICTURES = ((window.attentionLab ??= {}).pictures ??= new Map()); // see pictures.js
const drawings = new WeakMap();

function set(node, attributes) {
  for (const name of node.getAttributeNames()) if (!(name in attributes)) node.removeAttribute(name);
  for (const [name, value] of Object.entries(attributes)) {
    if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
  }
}

class Drawing {
  constructor(root) {
    this.svg = document.createElementNS(SVG, "svg");
    root.querySelector(".drawing").append(this.svg);
  }

  update({ name, text, width, height, marks }) {
    Object.assign(this, { name, text });
    set(this.svg, { role: "img", "aria-label": text, width, height, viewBox: `0 0 ${width} ${height}` });
    while (this.svg.children.length > marks.length) this.svg.lastChild.remove();
    marks.forEach(([tag, attributes, words], index) => {
      let node = this.svg.children[index];
      if (node?.tagName !== tag) {
        const other = document.createElementNS(SVG, tag);
        if (node) node.replaceWith(other);
        else this.svg.append(other);
        node = other;
      }
      set(node, attributes);
      if (node.textContent !== words) node.textContent = words;
    });
  }

  list() {
    return [{ name: this.name, chart: this.svg, spoken: this.text, titled: true, inPixels: false }];
  }
}

function mount({ data, parentElement }) {
  const drawing = drawings.get(parentElement) ?? new Drawing(parentElement);
  drawings.set(parentElement, drawing);
  drawing.update(data);
  PICTURES.set(drawing, { place: drawing.svg, list: () => drawing.list() });
  return () => PICTURES.delete(drawing);
}
