// The map of the lab: pages and progress, paths, glossary, sources. LAB, put in front of it, holds
// all that never changes; Python sends the progress. It is built once and then updated.

const mounts = new WeakMap(); // shadow root -> LabMap
const kept = { open: new Map([[LAB.paths[0].title, true]]), wanted: "" }; // while the tab is open

function make(tag, className = "", text = "", ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  node.append(...children);
  return node;
}

// A plain click goes through our own menu, so that Streamlit changes the page and the session
// stays; any other click, and every click where there is no menu, is the browser's.
function follow(event) {
  if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const place = (link) => new URL(link.href).pathname;
  const wanted = place(event.currentTarget);
  const menu = document.querySelectorAll("[data-testid=stSidebar] a[href]");
  const entry = [...menu].find((link) => place(link) === wanted);
  if (!entry) return;
  event.preventDefault();
  entry.click();
}

// A fragment in the address would be taken for a change of page, so this goes there by itself.
function scroll(event) {
  const id = decodeURIComponent(event.currentTarget.hash.slice(1));
  const heading = document.getElementById(id) ?? document.querySelector("[data-testid=stMain] h1");
  event.preventDefault();
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  heading.scrollIntoView({ behavior: still ? "auto" : "smooth", block: "start" });
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

function inside(text, href) {
  if (!href) return make("span", "here", text);
  const link = make("a", "", text);
  link.href = href;
  link.addEventListener("click", href.startsWith("#") ? scroll : follow);
  return link;
}

function outside(text, url) {
  const link = make("a", "", text);
  Object.assign(link, { href: url, target: "_blank", rel: "noopener noreferrer" });
  return link;
}

function fold(level, title, note, className, ...children) {
  const summary = make("summary", "", "", make(level, "", title), make("span", "note", note));
  const box = make("details", `box ${className}`, "", summary, ...children);
  box.open = kept.open.get(title) ?? false;
  box.addEventListener("toggle", () => kept.open.set(title, box.open));
  return box;
}

function buildCard(page, cards) {
  const progress = make("p", "progress");
  const card = make("li", page.href ? "card" : "card current", "",
    inside(page.title, page.href),
    make("p", "question", page.question),
    page.href ? "" : make("p", "note", "You are here."),
    progress,
  );
  if (!page.href) card.setAttribute("aria-current", "page");
  cards.set(page.file, { card, progress });
  return card;
}

function buildMap(cards) {
  const sections = LAB.sections.map(({ name, pages }) => make("section", "part", "",
    make("h3", "", name),
    make("ul", "cards", "", ...pages.map((page) => buildCard(page, cards))),
  ));
  return make("section", "", "", make("h2", "", "The lab"), make("div", "parts", "", ...sections));
}

function buildStop({ href, title, minutes, steps }) {
  const timed = (n) => make("span", "minutes", `${n} min`);
  const head = make("p", "stop", "", inside(title, href), timed(minutes));
  const tasks = steps.map((step) => {
    const task = make("li", "", "", make("span", "", step.do));
    if (steps.length > 1) task.append(timed(step.minutes));
    return task;
  });
  return make("li", "", "", head, make("ul", "", "", ...tasks));
}

function buildPaths() {
  const paths = LAB.paths.map(({ title, minutes, aim, stops }) => fold(
    "h3", title, aim, "path", make("ol", "", "", ...stops.map(buildStop)),
  ));
  return make("section", "", "", make("h2", "", "Ways through"), make("div", "paths", "", ...paths));
}

function buildTerm({ name, meaning, also, href, page, look }) {
  const here = href.startsWith("#");
  const where = here ? ["On this page: ", inside(look, href)] : [inside(page, href), `: ${look}`];
  const entry = make("div", "term", "",
    make("dt", "", name), make("dd", "", meaning), make("dd", "where", "", ...where));
  entry.words = `${name} ${meaning} ${also}`.toLowerCase();
  return entry;
}

function buildGlossary() {
  const field = make("input");
  Object.assign(field, { type: "search", autocomplete: "off", spellcheck: false, value: kept.wanted });
  const clear = make("button", "", "Show all");
  clear.type = "button";
  const found = make("span", "note");
  found.setAttribute("role", "status");
  const terms = LAB.terms.map(buildTerm);

  const filter = () => {
    kept.wanted = field.value;
    const wanted = field.value.trim().toLowerCase();
    for (const term of terms) term.hidden = !term.words.includes(wanted);
    const n = terms.filter((term) => !term.hidden).length;
    found.textContent = !wanted ? "" : n ? `${n} of ${terms.length}` : "Not in the glossary.";
    clear.hidden = !wanted;
  };
  field.addEventListener("input", filter);
  clear.addEventListener("click", () => { field.value = ""; filter(); field.focus(); });
  filter();
  const finder = make("div", "finder", "", make("label", "", "Find a term ", field), clear, found);
  return fold("h2", "Glossary", `${terms.length} terms`, "", finder, make("dl", "", "", ...terms));
}

function buildSources() {
  const groups = LAB.sources.map(({ name, items }) => make("section", "", "",
    make("h3", "", name),
    make("ul", "", "", ...items.map(({ by, title, url, good_for: use }) =>
      make("li", "", "", `${by}, `, outside(title, url), `: ${use}.`))),
  ));
  const note = make("p", "note", "These links leave the lab and open in a new tab. The lab itself fetches nothing.");
  const n = LAB.sources.reduce((sum, { items }) => sum + items.length, 0);
  return fold("h2", "Sources", `${n} to read`, "sources", ...groups, note);
}

class LabMap {
  constructor(root) {
    this.cards = new Map();
    root.querySelector(".lab").append(buildMap(this.cards), buildPaths(), buildGlossary(), buildSources());
  }

  update({ progress }) {
    for (const [file, { card, progress: line }] of this.cards) {
      const { text, share } = progress[file] ?? { text: "", share: 0 };
      if (line.textContent !== text) line.textContent = text;
      line.hidden = !text;
      card.style.setProperty("--share", share);
    }
  }
}

function mount({ data, parentElement }) {
  if (!mounts.has(parentElement)) mounts.set(parentElement, new LabMap(parentElement));
  mounts.get(parentElement).update(data);
}
