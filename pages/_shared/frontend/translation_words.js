// A sentence and its translation as words to choose, each French one with its probability, and what
// else might have been written in place of the chosen one. COLOUR is put in front of it.

const HOVER_EVENT = "attention-lab-hover";
const AFTER_FIELDS_MS = 10;
const drawn = new WeakMap(); // shadow root -> TranslationWords: a rerun updates, it never rebuilds

// What is read aloud between the parts of a word.
const comma = () => makeNode("span", "unseen", {}, ", ");

class TranslationWords {
  constructor(root) {
    this.fields = new AfterFields(root, AFTER_FIELDS_MS);
    this.node = makeNode("div", "translation");
    this.node.style.setProperty("--colour", COLOUR);
    this.lines = makeNode("div", "lines");
    this.alternatives = makeNode("div", "alternatives");
    this.said = makeNode("div", "said");
    this.node.append(this.lines, this.alternatives, this.said);
    root.querySelector(".box").append(this.node);
    this.onHover = ({ detail }) => {
      if (detail.group === this.data.group && detail.from !== this) this.light(detail.lit);
    };
  }

  connect() { window.addEventListener(HOVER_EVENT, this.onHover); }

  release() { window.removeEventListener(HOVER_EVENT, this.onHover); }

  update(data) {
    const { news: _, ...shown } = data;
    const text = JSON.stringify(shown);
    this.data = data;
    if (text === this.text) return;
    this.text = text;
    const focused = this.focused();
    this.lines.replaceChildren(...data.lines.map((line, at) => this.line(line, at)), ...this.steps());
    this.drawAlternatives(data.alternatives);
    this.said.replaceChildren(...data.said.map(([kind, words]) => makeNode("p", kind, kind === "warning" ? { role: "alert" } : {}, words)));
    this.said.hidden = !data.said.length;
    if (focused) this.lines.querySelector(focused)?.focus({ preventScroll: true });
  }

  // What had the focus is made anew.
  focused() {
    const active = this.lines.getRootNode().activeElement;
    return active && this.lines.contains(active) ? `[data-name="${active.dataset.name}"]` : "";
  }

  line({ name, lang, words, whole, axis }, at) {
    const line = makeNode("div", "line");
    const label = makeNode("p", "name", { id: `name-${at}` }, name);
    const list = makeNode("ol", "words", { "aria-labelledby": label.id, lang });
    list.append(...words.map((word, place) => this.word(word, place, at, axis)));
    line.append(label, list);
    if (whole) line.append(makeNode("p", "whole", { lang, dir: "auto" }, whole));
    return line;
  }

  word({ text, probability, signs, classes, chosen }, place, at, axis) {
    const item = makeNode("li");
    const attributes = { type: "button", title: text, "data-name": `word-${at}-${place}`, "data-axis": axis, "data-place": place };
    const node = makeNode(axis ? "button" : "div", ["word", axis ? "" : "plain", ...classes].join(" "), axis ? { ...attributes, "aria-pressed": String(chosen) } : {});
    node.append(makeNode("bdi", "text", {}, text));
    if (probability) {
      const track = makeNode("span", "track");
      const fill = makeNode("i", "fill");
      fill.style.width = `${100 * Number(probability)}%`;
      track.append(fill);
      node.append(track, comma(), makeNode("span", "value", {}, probability));
    }
    for (const sign of signs) node.append(comma(), makeNode("span", "sign", {}, sign));
    if (axis) {
      node.addEventListener("pointerdown", () => this.fields.pressed());
      node.addEventListener("click", () => this.choose(axis, place));
      node.addEventListener("keydown", (event) => this.onKey(event, at, place));
      node.addEventListener("pointerenter", () => this.point({ [axis]: place }));
      node.addEventListener("pointerleave", () => this.point({}));
    }
    item.append(node);
    return item;
  }

  onKey(event, at, place) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    this.lines.querySelector(`[data-name="word-${at}-${place + by}"]`)?.focus();
  }

  // Forwards and back, where a translation is gone through word by word.
  steps() {
    const { step } = this.data;
    if (!step) return [];
    const [now, n] = step;
    const row = makeNode("div", "steps");
    const button = (text, to, name) => {
      const node = makeNode("button", "", { type: "button", "data-name": name }, text);
      node.disabled = to < 0 || to >= n;
      node.addEventListener("pointerdown", () => this.fields.pressed());
      node.addEventListener("click", () => this.choose("query", to));
      return node;
    };
    const keys = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: n - 1 };
    row.addEventListener("keydown", (event) => {
      const to = keys[event.key];
      if (to === undefined) return;
      event.preventDefault();
      if (to >= 0 && to < n) this.choose("query", to);
    });
    row.append(button("← Previous word", now - 1, "previous"), button("Next word →", now + 1, "next"), makeNode("span", "", {}, `Word ${now + 1} of ${n}`));
    return [row];
  }

  drawAlternatives(alternatives) {
    this.alternatives.hidden = !alternatives;
    this.node.classList.toggle("alone", !alternatives);
    if (!alternatives) return;
    const list = makeNode("ol", "", { "aria-labelledby": "heading" });
    list.append(...alternatives.words.map(([text, probability, share, taken]) => {
      const item = makeNode("li", taken ? "alternative taken" : "alternative");
      const track = makeNode("span", "track");
      const fill = makeNode("i", "fill");
      fill.style.width = `${100 * share}%`;
      track.append(fill);
      item.append(makeNode("bdi", "text", { title: text }, text), track, makeNode("span", "value", {}, probability));
      return item;
    }));
    this.alternatives.replaceChildren(makeNode("p", "heading", { id: "heading" }, alternatives.title), list);
  }

  choose(axis, place) {
    const { version } = this.data;
    this.fields.do(() => this.setTriggerValue("word", { version, axis, place }));
  }

  point(lit) {
    this.light(lit);
    window.dispatchEvent(new CustomEvent(HOVER_EVENT, { detail: { group: this.data.group, lit, from: this } }));
  }

  light(lit) {
    for (const node of this.lines.querySelectorAll("[data-axis]")) {
      node.classList.toggle("lit", lit[node.dataset.axis] === Number(node.dataset.place));
    }
  }
}

function mount({ data, parentElement, setTriggerValue }) {
  const words = drawn.get(parentElement) ?? new TranslationWords(parentElement);
  drawn.set(parentElement, words);
  words.setTriggerValue = setTriggerValue;
  words.connect();
  words.update(data);
  return () => words.release();
}
