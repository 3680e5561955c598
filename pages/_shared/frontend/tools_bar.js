// Undo, redo, reset, the link of what is on the page. Python says what there is to undo and what
// the state is, packed; the address is put together and kept up to date here.
// PARAMETERS is put in front of it.

const NEWS_EVENT = "attention-lab-news";
const ADDRESS_AFTER_MS = 200;
const PATIENCE_MS = 3000;
const EDGE = 8;
const bars = new WeakMap();

const ICONS = {
  undo: "M9 14 4 9l5-5M4 9h9a7 7 0 0 1 0 14h-3",
  redo: "m15 14 5-5-5-5M20 9h-9a7 7 0 0 0 0 14h3",
  reset: "M3 12a9 9 0 1 0 3-6.7M3 4v5h5",
  copy: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
};

function element(tag, className, attributes = {}) {
  const node = document.createElement(tag);
  node.className = className;
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

const TICKED = "[type=checkbox], [type=radio], [type=range], [type=button]";

// Whether a key press belongs to a field that has an undo of its own.
function types(event) {
  const node = event.composedPath()[0];
  return node instanceof HTMLElement && (node.isContentEditable || node.matches(`input:not(${TICKED}), textarea`));
}

class ToolsBar {
  constructor(root) {
    this.node = root.querySelector(".tools");
    this.waiting = [];
    this.undo = this.button("undo", "Undo", "Take back the last change (Ctrl+Z)", () => this.act("undo"));
    this.redo = this.button("redo", "Redo", "Take it again (Ctrl+Shift+Z)", () => this.act("redo"));
    this.reset = this.button("reset", "Reset page", "Back to how the page starts; can be undone", () => this.act("reset"));
    this.copy = this.button("copy", "Copy link", "The address of exactly what is on this page", () => this.copyLink([...this.data.hidden], this.data.start));
    this.note = element("span", "note");
    this.said = element("span", "said", { role: "status" });
    this.node.append(this.undo, this.redo, this.reset, this.copy, this.buildOptions(), this.note, this.said);
    this.onNews = (event) => this.take(event.detail);
    this.onKey = (event) => this.key(event);
    this.onClick = (event) => { if (!event.composedPath().includes(this.details)) this.details.open = false; };
  }

  button(name, label, title, onclick) {
    const node = element("button", name, { type: "button", title });
    const text = element("span", "");
    text.textContent = label;
    node.append(icon(name), text);
    node.onclick = onclick;
    return node;
  }

  buildOptions() {
    this.details = element("details", "");
    const summary = element("summary", "");
    summary.textContent = "For a class";
    const options = element("div", "options");
    const words = element("p", "");
    words.textContent = "A link to this page as it is now, for others to open:";
    this.boxes = Object.fromEntries([
      ["controls", "without the controls"],
      ["answers", "without the answers of “Try it”"],
    ].map(([name, label]) => {
      const box = element("input", "", { type: "checkbox" });
      const line = element("label", "");
      line.append(box, document.createTextNode(label));
      options.append(line);
      return [name, box];
    }));
    options.prepend(words);
    const line = element("label", "starts");
    this.starts = element("select", "");
    line.append(document.createTextNode("start on"), this.starts);
    const copy = element("button", "", { type: "button" });
    copy.textContent = "Copy this link";
    copy.onclick = () => {
      const hidden = Object.keys(this.boxes).filter((name) => this.boxes[name].checked);
      this.copyLink(hidden, Number(this.starts.value));
      this.details.open = false;
      summary.focus();
    };
    options.append(line, copy);
    this.details.append(summary, options);
    this.details.ontoggle = () => this.fit(options);
    this.details.onkeydown = (event) => {
      if (event.key !== "Escape" || !this.details.open) return;
      this.details.open = false;
      summary.focus();
    };
    return this.details;
  }

  // The button may stand at either end of its line.
  fit(options) {
    options.style.left = "";
    const { left, right } = options.getBoundingClientRect();
    const beyond = right + EDGE - document.documentElement.clientWidth;
    if (beyond > 0) options.style.left = `${-Math.min(beyond, left - EDGE)}px`;
  }

  listen() {
    window.addEventListener("keydown", this.onKey);
    window.addEventListener(NEWS_EVENT, this.onNews);
    window.addEventListener("click", this.onClick);
  }

  release() {
    window.removeEventListener("keydown", this.onKey);
    window.removeEventListener(NEWS_EVENT, this.onNews);
    clearTimeout(this.writing);
    window.removeEventListener("click", this.onClick);
  }

  update(data) {
    const first = this.data === undefined;
    this.data = data;
    const titles = data.experiments.join("\n");
    if (titles !== this.titles) this.listExperiments(data.experiments);
    this.titles = titles;
    if (first) {
      for (const [name, box] of Object.entries(this.boxes)) {
        const offered = data.offered.includes(name);
        box.parentElement.hidden = !offered;
        box.checked = offered && data.hidden.includes(name);
      }
      this.starts.value = String(data.start);
    }
    this.sendNext();
    this.take(data.news);
  }

  take(news) {
    const older = this.news && news.serial < this.news.serial;
    if (news.page !== this.data.news.page || older) return;
    this.news = news;
    this.undo.disabled = !news.canUndo;
    this.redo.disabled = !news.canRedo;
    this.reset.disabled = !news.changed;
    if (this.note.textContent !== news.note) this.note.textContent = news.note;
    if (this.address) { this.address.remove(); this.address = null; }
    this.say(news.problem);
    // Browsers slow pages down that write their address at every step of a drag.
    clearTimeout(this.writing);
    this.writing = setTimeout(() => this.writeAddress(), ADDRESS_AFTER_MS);
  }

  writeAddress() {
    clearTimeout(this.writing);
    const here = this.link(this.data.hidden, this.data.start);
    if (here !== window.location.href) window.history.replaceState(window.history.state, "", here);
  }

  listExperiments(titles) {
    this.starts.replaceChildren(...["the page as it is", ...titles.map((title, i) => `experiment ${i + 1}: ${title}`)].map((text, i) => {
      const option = element("option", "", { value: String(i) });
      option.textContent = text;
      return option;
    }));
    this.starts.parentElement.hidden = !titles.length;
  }

  // The address of what is on the page; what else stands in it stays.
  link(hidden, start) {
    const url = new URL(window.location.href);
    const parts = [
      [PARAMETERS.state, this.news.link],
      [PARAMETERS.hide, hidden.join(" ")],
      [PARAMETERS.start, start ? String(start) : ""],
    ];
    for (const [name, value] of parts) {
      if (value) url.searchParams.set(name, value);
      else url.searchParams.delete(name);
    }
    return url.href;
  }

  async copyLink(hidden, start) {
    const link = this.link(hidden, start);
    const note = [this.news.problem, this.news.linkNote].filter(Boolean).join(" ");
    try {
      await navigator.clipboard.writeText(link);
      this.say(`Link copied: ${link.length} characters. ${note}`.trim());
    } catch {
      // Browsers keep the clipboard for pages that came over https or from this machine.
      this.showLink(link, note);
    }
  }

  showLink(link, note) {
    this.address ??= element("input", "address", { readonly: "", "aria-label": "Link to this page" });
    this.address.value = link;
    this.node.append(this.address);
    this.address.select();
    this.say(`This browser lets nobody copy for you: press Ctrl+C. ${note}`.trim());
  }

  say(text) { if (this.said.textContent !== text) this.said.textContent = text; }

  key(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || types(event)) return;
    const key = event.key.toLowerCase();
    const action = key === "y" || (key === "z" && event.shiftKey) ? "redo" : key === "z" ? "undo" : null;
    if (!action || this[action].disabled) return;
    event.preventDefault();
    this.act(action);
  }

  // One at a time: of two that Python has not answered yet, the second might be lost.
  act(action) {
    if (performance.now() - (this.sentAt ?? -Infinity) < PATIENCE_MS) this.waiting.push(action);
    else this.send(action);
  }

  send(action) {
    this.sentAt = performance.now();
    this.setTriggerValue("act", action);
  }

  sendNext() {
    this.sentAt = undefined;
    const action = this.waiting.shift();
    if (action) this.send(action);
  }
}

function mount({ data, parentElement, setTriggerValue }) {
  const bar = bars.get(parentElement) ?? new ToolsBar(parentElement);
  bars.set(parentElement, bar);
  bar.setTriggerValue = setTriggerValue;
  bar.listen();
  bar.update(data);
  return () => bar.release();
}
