// Pictures of what is on a page, drawn anew as SVG that stands alone: nothing in it comes from
// outside (no class, no font, no file), and its colours are those of the present theme.
//
// A component offers its pictures in window.attentionLab.pictures, a Map from the component to
//   { place: an element of it, list: () => pictures }
// where a picture has a `name` and one of
//   board: () => rows of matrices and of signs between them, as drawMatrix takes them
//   map: () => one map over a photo, as drawMap takes it
//   maps: () => several
// Charts drawn by Vega are found on the page.

const SVG = "http://www.w3.org/2000/svg";
const DUBLIN_CORE = "http://purl.org/dc/elements/1.1/";
const FONT = "sans-serif";
const MARGIN = 24;
const NARROWEST = 360; // the words below a picture need this much
const LINE_WIDTH = 1500; // a longer line of matrices is broken
const MAP_WIDTH = 560;
const TILE_WIDTH = 190;
const LINK_LINES = 3;
const LARGEST_SIDE = 8192; // of a PNG, in pixels
// Whoever opens the file may have a wider font: room for a label, and more for a whole line.
const SLACK = 1.06;
const SLACK_OF_LINES = 1.06;

// ---------------------------------------------------------------- elements and words

// XML has no way to write the first, half of a surrogate pair among them; the others would turn
// round whatever stands behind a word that holds one.
const clean = (text) =>
  String(text)
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, "\uFFFD")
    .replace(/[\u202A-\u202E\u2066-\u2069]/g, "");

function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    node.setAttribute(name, typeof value === "number" ? Math.round(value * 100) / 100 : clean(value));
  }
  node.append(...children.map((child) => (typeof child === "string" ? clean(child) : child)));
  return node;
}

function words(content, x, y, { size = 13, weight = 400, fill, anchor = "start", ...more }) {
  const attributes = { x, y, "font-size": size, fill, ...more };
  if (weight !== 400) attributes["font-weight"] = weight;
  if (anchor !== "start") attributes["text-anchor"] = anchor;
  return svg("text", attributes, String(content));
}

// A heading and, behind it on the same line, a few words.
function heading(title, note, theme) {
  const node = words(title, 0, 17, { size: 16, weight: 600, fill: theme.text });
  if (note) node.append(svg("tspan", { dx: 9, "font-size": 12.5, "font-weight": 400, fill: theme.quiet }, note));
  return { node, width: widthOf(title, 16, 600) + (note ? 9 + widthOf(note, 12.5) : 0) };
}

const at = (x, y, node) => svg("g", { transform: `translate(${Math.round(x)} ${Math.round(y)})` }, node);

const pen = document.createElement("canvas").getContext("2d");

function widthOf(text, size, weight = 400) {
  pen.font = `${weight} ${size}px ${FONT}`;
  return pen.measureText(text).width * SLACK;
}

const widest = (texts, size) => Math.max(0, ...texts.map((text) => widthOf(text, size)));

// Lines no wider than `width`; a word that is wider still is cut.
function wrap(text, size, wholeWidth) {
  const width = wholeWidth / SLACK_OF_LINES;
  const lines = [];
  let line = "";
  for (const word of clean(text).split(/\s+/).filter(Boolean)) {
    const longer = line ? `${line} ${word}` : word;
    if (widthOf(longer, size) <= width) { line = longer; continue; }
    if (line) lines.push(line);
    line = "";
    for (const letter of word) {
      if (line && widthOf(line + letter, size) > width) { lines.push(line); line = ""; }
      line += letter;
    }
  }
  return line ? [...lines, line] : lines;
}

function paragraph(text, size, fill, width, height = 1.4 * size) {
  const lines = wrap(text, size, width);
  const node = svg("g", {}, ...lines.map((line, i) => words(line, 0, size + i * height, { size, fill })));
  return { node, width, height: lines.length * height };
}

// ---------------------------------------------------------------- colours

const dot = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const known = new Map();

// Any colour that CSS can say, as [red, green, blue, alpha].
function rgba(css) {
  if (!known.has(css)) {
    dot.clearRect(0, 0, 1, 1);
    dot.fillStyle = "#0000";
    dot.fillStyle = css;
    dot.fillRect(0, 0, 1, 1);
    known.set(css, [...dot.getImageData(0, 0, 1, 1).data]);
  }
  return known.get(css);
}

const hex = (rgb) => `#${rgb.slice(0, 3).map((v) => Math.round(v).toString(16).padStart(2, "0")).join("")}`;

const blend = (over, under, share) => hex(over.map((v, i) => v * share + under[i] * (1 - share)));

// SVG 1.1 has no colours with alpha.
function paint(name, css) {
  const colour = rgba(css);
  const alpha = colour[3] / 255;
  if (alpha === 0) return { [name]: "none" };
  return { [name]: hex(colour), ...(alpha < 1 && { [`${name}-opacity`]: alpha }) };
}

// The present theme, as it is where `element` stands.
function themeOf(element) {
  const style = getComputedStyle(element);
  const [text, ground] = ["--st-text-color", "--st-background-color"].map((name) => rgba(style.getPropertyValue(name)));
  return {
    text: hex(text),
    ground: hex(ground),
    quiet: blend(text, ground, 0.76),
    line: blend(text, ground, 0.25),
    dark: Math.max(...ground.slice(0, 3)) < 128,
  };
}

let gradients = 0;

function bar(stops, x, y, width, height, theme) {
  gradients += 1;
  const id = `ramp-${gradients}`;
  const ramp = svg("linearGradient", { id }, ...stops.map((colour, i) => svg("stop", { offset: i / (stops.length - 1), "stop-color": colour })));
  const box = svg("rect", { x, y, width, height, rx: 2, fill: `url(#${id})`, stroke: theme.line, "stroke-width": 0.75 });
  return svg("g", {}, ramp, box);
}

// ---------------------------------------------------------------- matrices

const CELL = 30;
const GAP = 2;
const LABEL = 12.5;
const BAND = 4; // a strip of colour
const BAND_NAME = 11.5;

// Where column labels go: above their columns where they fit, else every so many numbers, else
// words turned.
function headOf(matrix) {
  const { bands } = matrix;
  const head = { ...labelsOf(matrix), lift: bands.columns.length ? BAND + 2 : 0, line: bands.whole ? BAND : 0 };
  if (head.lift) head.height += BAND + 18;
  head.height += head.line;
  return head;
}

function labelsOf({ columns, compact }) {
  const cell = compact ? 12 : columns.length > 5 ? 42 : 44;
  const pitch = cell + (compact ? 1 : GAP);
  const width = widest(columns, LABEL);
  if (width <= cell) return { cell, pitch, every: 1, angle: 0, height: 22, beyond: 0 };
  if (columns.every((label) => /^[\d.,−-]{1,4}$/.test(label))) {
    return { cell, pitch, every: Math.ceil((width + 4) / pitch), angle: 0, height: 22, beyond: 0 };
  }
  const angle = compact ? 90 : 40;
  const [across, up] = [Math.cos, Math.sin].map((f) => width * f((angle * Math.PI) / 180));
  return { cell, pitch, every: 1, angle, height: up + 18, beyond: across };
}

function drawCell(cell, x, y, width, theme, { compact, off }) {
  const box = { x, y, width, height: CELL, rx: compact ? 1 : 3 };
  const node = svg("g", {}, svg("rect", { ...box, ...paint("fill", cell.ground) }));
  const stripes = cell.blocked ? "blocked" : off && "off";
  if (stripes) node.append(svg("rect", { ...box, fill: `url(#${stripes})` }));
  const inner = (by, stroke) => svg("rect", { x: x + by, y: y + by, width: width - 2 * by, height: CELL - 2 * by, rx: box.rx, fill: "none", ...stroke });
  node.append(inner(0.5, { stroke: theme.text, "stroke-opacity": 0.14 }));
  if (cell.mark) node.append(inner(1.25, { stroke: cell.mark, "stroke-width": 2.5 }));
  if (cell.chosen) node.append(inner(1, { stroke: theme.text, "stroke-width": 2 }));
  if (cell.text) {
    const room = width - 4;
    const size = Math.min(14, (14 * room) / widthOf(cell.text, 14));
    node.append(words(cell.text, x + width / 2, y + CELL / 2 + 0.36 * size, { size, anchor: "middle", ...paint("fill", cell.ink) }));
  }
  return node;
}

// The strips and names of the neighbours that belong together.
function drawBands(bands, { cell, pitch, height, line }, { left, top, right }, theme) {
  const node = svg("g");
  const strip = (x, y, width, length, colour) => node.append(svg("rect", { x, y, width, height: length, ...paint("fill", colour) }));
  if (bands.whole) strip(0, 23, right, BAND, bands.whole);
  let x = left;
  for (const { label, size, colour } of bands.columns) {
    const width = size * pitch - (pitch - cell);
    for (let i = 0; i < size; i += 1) strip(x + i * pitch, top - BAND - 2, cell, BAND, colour);
    const fitting = Math.min(BAND_NAME, (BAND_NAME * width) / widthOf(label, BAND_NAME));
    node.append(words(label, x + width / 2, top - height + line + 13, { size: fitting, fill: theme.text, anchor: "middle" }));
    x += size * pitch;
  }
  let y = top;
  for (const { size, colour } of bands.rows) {
    for (let i = 0; i < size; i += 1) strip(left - BAND - 2, y + i * (CELL + GAP), BAND, CELL, colour);
    y += size * (CELL + GAP);
  }
  return node;
}

// A matrix is { title, note, corner, rows, columns, cells, compact, legend, bands, off }: labels
// of rows and columns; cells as rows of { text, ground, ink, blocked, chosen, mark }, narrow if
// compact, `mark` the colour of an outline or nothing;
// legend nothing or { low, high, ramp: { light, dark } }; bands { rows, columns, whole }, lists of
// { label, size, colour } and a colour or ""; off if it is left out of what follows.
function drawMatrix(matrix, theme, headHeight) {
  const { title, note, corner, rows, columns, cells, compact, legend, bands, off } = matrix;
  const head = headOf(matrix);
  const room = bands.rows.length ? BAND + 2 : 0;
  const left = Math.max(widest(rows, LABEL), widthOf(corner, 11)) + 8 + room;
  const top = 26 + headHeight;
  const right = left + columns.length * head.pitch - (head.pitch - head.cell);
  const bottom = top + rows.length * (CELL + GAP) - GAP;
  const above = heading(title, note, theme);
  if (off) above.node.firstChild.replaceWith(svg("tspan", { "text-decoration": "line-through" }, title));
  const labels = top - head.lift - 7;
  const node = svg("g", {}, above.node, words(corner, left - room - 8, labels, { size: 11, fill: theme.quiet, anchor: "end" }));
  node.append(drawBands(bands, head, { left, top, right }, theme));

  columns.forEach((label, j) => {
    if (j % head.every) return;
    const x = left + j * head.pitch + head.cell / 2;
    const style = { size: LABEL, fill: theme.text };
    if (!head.angle) node.append(words(label, x, labels, { ...style, anchor: "middle" }));
    else node.append(words(label, x + 3, labels + 1, { ...style, transform: `rotate(${-head.angle} ${Math.round(x + 3)} ${labels + 1})` }));
  });
  cells.forEach((line, i) => {
    const y = top + i * (CELL + GAP);
    node.append(words(rows[i], left - room - 8, y + CELL / 2 + 0.36 * LABEL, { size: LABEL, fill: theme.text, anchor: "end" }));
    line.forEach((cell, j) => node.append(drawCell(cell, left + j * head.pitch, y, head.cell, theme, matrix)));
  });

  let height = bottom;
  if (legend) {
    const highWidth = widthOf(legend.high, 11);
    const y = bottom + 6;
    const stops = legend.ramp[theme.dark ? "dark" : "light"];
    node.append(
      words(legend.low, right - highWidth - 62, y + 8, { size: 11, fill: theme.quiet, anchor: "end" }),
      bar(stops, right - highWidth - 56, y, 48, 8, theme),
      words(legend.high, right, y + 8, { size: 11, fill: theme.quiet, anchor: "end" }),
    );
    height = y + 12;
  }
  const width = Math.max(right + Math.max(0, head.beyond - head.cell / 2), above.width);
  return { node, width, height, middle: (top + bottom) / 2 };
}

function drawBoard(rows, theme) {
  const node = svg("g");
  const size = { width: 0, height: 0 };
  const gap = 22;
  for (const row of rows) {
    const headHeight = Math.max(...row.map((part) => (part.cells ? headOf(part).height : 0)));
    let [x, lineHeight] = [0, 0];
    const newLine = () => { size.height += lineHeight + gap; [x, lineHeight] = [0, 0]; };
    let sign = null;
    for (const part of row) {
      if (!part.cells) { sign = part; continue; }
      const block = drawMatrix(part, theme, headHeight);
      const before = sign === null ? 0 : widthOf(sign, 21) + gap;
      if (x && x + before + block.width > LINE_WIDTH) newLine();
      if (before) node.append(words(sign, x, size.height + block.middle + 7, { size: 21, fill: theme.quiet }));
      x += before;
      sign = null;
      node.append(at(x, size.height, block.node));
      x += block.width + gap;
      size.width = Math.max(size.width, x - gap);
      lineHeight = Math.max(lineHeight, block.height);
    }
    newLine();
  }
  for (const [id, turn] of [["blocked", -45], ["off", 45]]) {
    const stripes = { id, width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: `rotate(${turn})` };
    const stripe = svg("path", { d: "M0 0V5", stroke: theme.text, "stroke-opacity": 0.3, "stroke-width": 2 });
    if (node.querySelector(`[fill="url(#${id})"]`)) node.prepend(svg("pattern", stripes, stripe));
  }
  return { node, width: size.width, height: size.height - gap };
}

const inWords = (rows) =>
  rows.flat().filter((part) => part.cells)
    .map(({ title, rows: down, columns }) => `${title} (${down.length} by ${columns.length})`).join(", ");

// ---------------------------------------------------------------- maps over a photo

// The photo with as much of its colour as it has on the screen (CSS filter effects, "saturate").
function bakePhoto(image, saturation) {
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
  const { data } = pixels;
  for (let i = 0; i < data.length; i += 4) {
    const grey = 0.213 * data[i] + 0.715 * data[i + 1] + 0.072 * data[i + 2];
    for (let c = i; c < i + 3; c += 1) data[c] = grey + (data[c] - grey) * saturation;
  }
  context.putImageData(pixels, 0, 0);
  return canvas.toDataURL("image/jpeg", 0.92);
}

// Not every program leaves the edges of enlarged pixels sharp, so they are enlarged here.
function bakeMap(source, width) {
  const factor = Math.ceil((2 * width) / source.width);
  const canvas = document.createElement("canvas");
  canvas.width = source.width * factor;
  canvas.height = source.height * factor;
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/png");
}

const stretched = (href, width, height, more = {}) => svg("image", { href, width, height, preserveAspectRatio: "none", ...more });

// White between two black lines: seen on any photo and on any map.
function outline(patch, { grid: [, columns] }, side, thickness, dashed) {
  const box = { x: (patch % columns) * side, y: Math.floor(patch / columns) * side, width: side, height: side, fill: dashed ? "#000000" : "none", "fill-opacity": 0.4 };
  const white = { ...box, stroke: "#ffffff", "stroke-width": thickness, ...(dashed && { "stroke-dasharray": "4 3" }) };
  return svg("g", {}, svg("rect", { ...box, stroke: "#000000", "stroke-width": 2 * thickness }), svg("rect", { ...white, fill: "none" }));
}

function lines({ grid: [rows, columns] }, side) {
  const across = Array.from({ length: rows - 1 }, (_, i) => `M0 ${(i + 1) * side}h${columns * side}`);
  const down = Array.from({ length: columns - 1 }, (_, i) => `M${(i + 1) * side} 0v${rows * side}`);
  return svg("path", { d: [...across, ...down].join(""), stroke: "#ffffff", "stroke-opacity": 0.45, fill: "none" });
}

function overlay(map, width, side, thickness) {
  const { grid: [rows], canvas, patch } = map;
  const node = svg("g", {}, stretched(bakeMap(canvas, width), width, rows * side));
  if (patch >= 0) node.append(outline(patch, map, side, thickness, false));
  return node;
}

function drawLegend({ stops, low, high, unit }, width, theme) {
  const style = { size: 12, fill: theme.quiet };
  const node = svg("g", {}, bar(stops, 0, 0, width, 11, theme),
    words(low, 0, 26, style), words(unit, width / 2, 26, { ...style, anchor: "middle" }), words(high, width, 26, { ...style, anchor: "end" }));
  return { node, width, height: 32 };
}

// A map is { label, note, asks, text, image, saturation, canvas, grid, patch, mark, withGrid,
// legend }: the photo's element and the canvas with the map; patches from 0, -1 for none;
// legend null or { stops, low, high, unit }.
function drawMap(map, theme) {
  const [rows, columns] = map.grid;
  const width = Math.round(MAP_WIDTH * Math.min(1, (1.2 * columns) / rows));
  const side = width / columns;
  const above = heading(map.label, map.asks, theme);
  const node = svg("g", {}, above.node);
  const picture = svg("g", {}, stretched(bakePhoto(map.image, map.saturation), width, rows * side));
  if (map.withGrid) picture.append(lines(map, side));
  if (map.mark >= 0) picture.append(outline(map.mark, map, side, 2, true));
  picture.append(overlay(map, width, side, 2));
  node.append(at(0, 30, picture));
  let y = 30 + rows * side + 12;
  const wide = Math.max(width, NARROWEST);
  const below = [map.legend && drawLegend(map.legend, width, theme), paragraph(map.text, 12.5, theme.text, wide)];
  for (const block of below.filter(Boolean)) {
    node.append(at(0, y, block.node));
    y += block.height + 8;
  }
  return { node, width: Math.max(wide, above.width), height: y - 8 };
}

function drawMaps(maps, theme) {
  const [rows, columns] = maps[0].grid;
  const inLine = columns < 0.9 * rows ? 4 : 3;
  const side = TILE_WIDTH / columns;
  const [pitch, height] = [TILE_WIDTH + 16, rows * side];
  // The photo is in the file once.
  const photo = stretched(bakePhoto(maps[0].image, maps[0].saturation), TILE_WIDTH, height, { id: "photo" });
  const node = svg("g", {}, svg("defs", {}, photo));
  if (maps[0].asks) node.append(heading(maps[0].asks, "", theme).node);
  const top = maps[0].asks ? 30 : 0;
  const lineHeight = height + 62;
  maps.forEach((map, i) => {
    const tile = svg("g", {}, svg("use", { href: "#photo" }), overlay(map, TILE_WIDTH, side, 1));
    const label = words(map.label, 0, height + 17, { size: 13, weight: 600, fill: theme.text });
    tile.append(label, words(map.note, TILE_WIDTH, height + 17, { size: 12, fill: theme.quiet, anchor: "end" }));
    if (map.legend) tile.append(at(0, height + 24, drawLegend({ ...map.legend, unit: "" }, TILE_WIDTH, theme).node));
    node.append(at((i % inLine) * pitch, top + Math.floor(i / inLine) * lineHeight, tile));
  });
  const bottom = top + Math.ceil(maps.length / inLine) * lineHeight;
  const units = [...new Set(maps.map((map) => map.legend?.unit).filter(Boolean))];
  const below = paragraph(units.length ? `Numbers: ${units.join("; ")}.` : "", 12, theme.quiet, NARROWEST);
  node.append(at(0, bottom, below.node));
  return { node, width: Math.min(maps.length, inLine) * pitch - 16, height: bottom + below.height };
}

// ---------------------------------------------------------------- charts

const CHARTS = "[data-testid=stVegaLiteChart]";
const PAINTED = "path, rect, text, tspan, line, circle, ellipse, polygon";
const STYLED = ["opacity", "fill-opacity", "stroke-opacity", "stroke-width", "stroke-dasharray", "stroke-linecap",
  "stroke-linejoin", "font-size", "font-weight", "font-style", "text-anchor", "display", "visibility"];

// Attributes that mean something on the page alone.
const MEANINGLESS = /^(class|style|tabindex|role|aria-.*|pointer-events|cursor|xmlns(:.*)?)$/;

function chartsOnPage() {
  return [...document.querySelectorAll(CHARTS)].filter((chart) => chart.getClientRects().length).map((chart, index) => {
    const marks = chart.querySelector("svg.marks, canvas.marks");
    const spoken = chart.getAttribute("aria-label") ?? "";
    const title = chart.querySelector(".role-title-text text")?.textContent ?? "";
    const name = title || spoken.split(/[,.;:]/)[0] || `Chart ${index + 1}`;
    const inPixels = marks?.tagName === "CANVAS";
    return { place: chart, list: () => (marks ? [{ name, chart: marks, spoken, titled: Boolean(title), inPixels }] : []) };
  });
}

// What the page's style gives to a chart's marks is written into them.
function standAlone(original) {
  const copy = original.cloneNode(true);
  const nodes = [original, ...original.querySelectorAll("*")];
  [copy, ...copy.querySelectorAll("*")].forEach((node, i) => {
    const style = getComputedStyle(nodes[i]);
    if (node.matches(PAINTED)) {
      for (const name of ["fill", "stroke"]) {
        const value = style[name];
        if (value.startsWith("url(")) continue;
        const set = value === "none" ? { [name]: "none" } : paint(name, value);
        for (const [key, part] of Object.entries(set)) {
          const opacity = key.endsWith("-opacity") ? part * style[key] : part;
          node.setAttribute(key, opacity);
        }
      }
    }
    for (const name of STYLED) {
      if (nodes[i].style.getPropertyValue(name)) node.setAttribute(name, style.getPropertyValue(name));
    }
    if (node.tagName === "text") node.setAttribute("font-family", FONT);
    for (const { name, value } of [...node.attributes]) {
      const outside = /href$/.test(name) && !/^(#|data:)/.test(value);
      if (outside || MEANINGLESS.test(name)) node.removeAttribute(name);
    }
    for (const child of node.childNodes) if (child.nodeType === Node.TEXT_NODE) child.data = clean(child.data);
  });
  return copy;
}

// Where a chart's marks, axes and words are; what is empty around them is left out.
function extent(chart) {
  const all = chart.getBoundingClientRect();
  const boxes = [...chart.querySelectorAll(".role-mark, .role-axis, .role-legend, .role-title")]
    .map((group) => group.getBoundingClientRect()).filter((box) => box.width || box.height);
  if (!boxes.length) return { x: 0, y: 0, width: all.width, height: all.height };
  const [x, y] = ["left", "top"].map((side) => Math.max(0, Math.min(...boxes.map((box) => box[side])) - all[side] - 2));
  const [right, bottom] = ["right", "bottom"].map((side) => Math.max(...boxes.map((box) => box[side])));
  return { x, y, width: right - all.left - x + 2, height: bottom - all.top - y + 2 };
}

function drawChart({ name, chart, titled, inPixels }, theme) {
  const { x, y, width, height } = extent(chart);
  const above = heading(name, "", theme);
  const top = titled ? 0 : 32;
  const node = svg("g", {}, ...(titled ? [] : [above.node]));
  if (inPixels) node.append(at(0, top, stretched(chart.toDataURL("image/png"), width, height)));
  else {
    const marks = standAlone(chart);
    const box = { x: 0, y: top, width, height, viewBox: `${x} ${y} ${width} ${height}`, overflow: "visible" };
    for (const [key, value] of Object.entries(box)) marks.setAttribute(key, value);
    node.append(marks);
  }
  return { node, width: titled ? width : Math.max(width, above.width), height: top + height };
}

// ---------------------------------------------------------------- the sheet

// Page, state and link, below every picture.
function drawFooter({ page, state, link }, width, theme) {
  const node = svg("g", {}, svg("path", { d: `M0 0.5H${Math.round(width)}`, stroke: theme.line }));
  const parts = [paragraph(`Attention Lab · ${page}`, 12.5, theme.text, width), paragraph(state, 12, theme.quiet, width)];
  const address = paragraph(link, 10, theme.quiet, width);
  const cut = [...address.node.children].slice(LINK_LINES);
  if (cut.length) { // all of it is in the description
    cut.forEach((line) => line.remove());
    address.node.lastChild.textContent = `${address.node.lastChild.textContent.slice(0, -2)} …`;
    address.height = LINK_LINES * 14;
  }
  if (/^https?:/.test(link)) {
    const anchor = svg("a", { href: link });
    anchor.append(...address.node.children);
    address.node.append(anchor);
  }
  let y = 8;
  for (const part of [...parts, address].filter((one) => one.height)) {
    node.append(at(0, y, part.node));
    y += part.height + 1;
  }
  return { node, height: y };
}

function describe(root, { name, page, state, link, text }) {
  const title = `${name} · Attention Lab: ${page}`;
  const said = [text, state, link].filter(Boolean).join("\n");
  const source = [["title", title], ["description", state], ["source", link]].map(([tag, value]) => {
    const node = document.createElementNS(DUBLIN_CORE, `dc:${tag}`);
    node.append(clean(value));
    return node;
  });
  root.prepend(svg("title", {}, title), svg("desc", {}, said), svg("metadata", {}, ...source));
}

async function drawBlock(picture, theme) {
  if (picture.board) {
    const rows = picture.board();
    return { ...drawBoard(rows, theme), text: inWords(rows) };
  }
  if (picture.chart) return { ...drawChart(picture, theme), text: picture.spoken };
  const maps = picture.map ? [picture.map()] : picture.maps();
  if (!maps[0].image.complete) await maps[0].image.decode();
  const block = picture.map ? drawMap(maps[0], theme) : drawMaps(maps, theme);
  return { ...block, text: maps.map((map) => map.text).join("\n") };
}

// Return the picture as { text, width, height }: an SVG file and its size.
// `about` is { page, state, link }.
async function drawPicture(picture, about, theme) {
  gradients = 0;
  const block = await drawBlock(picture, theme);
  const inside = Math.max(block.width, NARROWEST);
  const footer = drawFooter(about, inside, theme);
  const width = Math.ceil(inside + 2 * MARGIN);
  const height = Math.ceil(MARGIN + block.height + 22 + footer.height + MARGIN - 8);
  const root = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "font-family": FONT, version: "1.1" });
  root.append(svg("rect", { width, height, fill: theme.ground }), at(MARGIN, MARGIN, block.node), at(MARGIN, MARGIN + block.height + 22, footer.node));
  describe(root, { name: picture.name, ...about, text: block.text });
  return { text: `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(root)}\n`, width, height };
}

// Draw an SVG file at twice its size.
async function toPng({ text, width, height }) {
  const scale = Math.min(2, LARGEST_SIDE / Math.max(width, height));
  const address = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    await new Promise((resolve, reject) => {
      image.onload = resolve;
      image.onerror = () => reject(new Error("this browser does not draw it. Take the SVG."));
      image.src = address;
    });
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    if (!blob) throw new Error(`this browser cannot draw ${canvas.width} × ${canvas.height} pixels`);
    return blob;
  } finally {
    URL.revokeObjectURL(address);
  }
}

// Where a place stands in the document itself, outside of any component's own tree.
function hostOf(node) {
  const root = node.getRootNode();
  return root instanceof ShadowRoot ? hostOf(root.host) : node;
}

// Every picture that there is, in the order of the document, each under a name of its own.
function picturesOnPage() {
  const offers = [...(window.attentionLab?.pictures?.values() ?? []), ...chartsOnPage()];
  const shown = offers.filter(({ place }) => place.isConnected);
  const host = new Map(shown.map((offer) => [offer, hostOf(offer.place)]));
  shown.sort((one, other) => {
    const order = host.get(one).compareDocumentPosition(host.get(other));
    return order & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : order & Node.DOCUMENT_POSITION_PRECEDING ? 1 : 0;
  });
  const taken = new Map();
  return shown.flatMap((offer) => offer.list()).map((picture) => {
    const n = (taken.get(picture.name) ?? 0) + 1;
    taken.set(picture.name, n);
    return n > 1 ? { ...picture, name: `${picture.name} ${n}` } : picture;
  });
}
