// The experiments of a page: a list, and the open one on a card that stays at the bottom of the
// window while the page is above it. Python sends every sentence, and no answer before a
// prediction; this file draws them and reports what the reader does. SKELETON stands before it.

const CHOICE_EVENT = "attention-lab-choice";
const PATIENCE_MS = 300;
const AFTER_FIELDS_MS = 150;
const STILL_MS = 300;
const STILL_FRAMES = 8;
const MOST_FRAMES = 600;
const HANDS_ON = ["wheel", "touchmove", "pointerdown", "keydown"];
const ICONS = {
  right: "M4.5 12.5l5 5L19.5 7",
  wrong: "M6.5 6.5l11 11M17.5 6.5l-11 11",
  shown: "M12 11v6M12 7v.5",
  noted: "M5 19l1-4L16 5l3 3L9 18z",
};
const MARKS = { tried: "tried", shown: "shown" };
const cards = new WeakMap(); // shadow root -> Card: a rerun updates, it never rebuilds
const kept = {}; // by lesson: what a card must not forget when the page draws it anew

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function parseNumber(text) {
  const plain = text.trim().replace("−", "-").replace(",", ".");
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : null;
}

function element(tag, className, attributes = {}) {
  const node = document.createElement(tag);
  node.className = className;
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

class Card {
  constructor(root) {
    this.root = root;
    this.node = root.querySelector(".lesson");
    this.node.innerHTML = SKELETON; // a constant of ours, without data
    this.find = (name) => this.node.querySelector(`.${name}`);
    this.onChoice = (event) => this.hear(String(event.detail?.text ?? ""));
    // What is done here puts the page into another state, where what was typed would mean nothing.
    this.fields = new AfterFields(root, AFTER_FIELDS_MS);
    this.sight = new IntersectionObserver(([entry]) => this.lift(entry), { threshold: 1, rootMargin: "0px 0px -1px 0px" });
    this.size = new ResizeObserver(([entry]) => this.makeRoom(`${Math.ceil(entry.borderBoxSize[0].blockSize)}px`));
    this.connect();
  }

  connect() {
    const on = (name, act) => this.node.querySelectorAll(`.${name}`).forEach((one) => one.addEventListener("click", act));
    on("close", () => { this.memory.last = this.data.opened; this.act("close"); });
    on("again", () => this.act("again"));
    on("show", () => this.act("show"));
    on("next", () => this.open(this.data.opened + 1));
    on("fold", () => { this.memory.folded = !this.memory.folded; this.fold(); });
    this.find("form").addEventListener("submit", (event) => { event.preventDefault(); this.predict(); });
    this.find("form").addEventListener("input", () => this.say(""));
    this.find("form").querySelector("input").addEventListener("input", (event) => { this.memory.value = event.target.value; });
    this.node.addEventListener("pointerdown", () => this.fields.pressed());
    this.node.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.data.opened < 0 || this.memory.folded) return;
      this.memory.folded = true;
      this.fold();
      this.find("fold").focus({ preventScroll: true });
    });
  }

  // ---- what the reader does

  act(act, more = {}) {
    this.memory.waiting = { act, turn: this.data.turn };
    clearTimeout(this.timer);
    this.timer = setTimeout(() => write(this.find("busy"), "Computing …"), PATIENCE_MS);
    const message = { act, round: this.data.round, ...more };
    this.fields.do(() => this.send("act", message));
  }

  open(index) {
    if (index === this.data.opened && this.memory.folded) {
      this.memory.folded = false;
      this.fold();
    } else if (index !== this.data.opened) this.act("open", { name: this.data.experiments[index].name });
  }

  predict() {
    const { ask } = this.data;
    let value = null;
    if (ask.kind === "choices") {
      const picked = this.node.querySelector(".choices input:checked");
      if (!picked) { this.say("Choose one of the answers first."); return; }
      value = Number(picked.value);
    } else if (ask.kind === "number") {
      value = parseNumber(this.find("number").querySelector("input").value);
      const outside = value === null || value < ask.low || value > ask.high;
      this.find("number").querySelector("input").setAttribute("aria-invalid", String(outside));
      if (outside) { this.say(`Write a number. ${ask.range}`); return; }
    } else {
      value = this.memory.place;
      if (!value) { this.say(`Choose ${ask.what} first.`); return; }
    }
    this.act("predict", { value });
  }

  say(text) { write(this.find("problem"), text); }

  // What boards and maps tell, when it is told; the card itself is drawn anew much later.
  hear(text) {
    if (this.data.ask?.kind !== "place" || this.data.result) return;
    this.say("");
    this.showChosen(text);
  }

  // ---- drawing

  update(data, send) {
    const renewed = this.data?.round !== data.round || this.data?.key !== data.key;
    this.data = data;
    this.send = send;
    const arrives = !kept[data.key] && data.opened >= 0; // by a link
    this.memory = kept[data.key] ??= {};
    if (this.memory.round !== data.round) Object.assign(this.memory, { round: data.round, value: "", place: "" });
    clearTimeout(this.timer);
    write(this.find("busy"), "");
    this.drawList();
    const open = data.opened >= 0;
    this.node.classList.toggle("open", open);
    this.find("invitation").hidden = open;
    write(this.find("said"), open ? "" : data.said);
    this.find("title").hidden = this.find("close").hidden = this.find("fold").hidden = !open;
    if (open) this.drawOpen(renewed);
    const waiting = this.memory.waiting;
    const answered = waiting && waiting.turn !== data.turn;
    if (answered) {
      this.memory.waiting = null;
      this.memory.folded = false;
    }
    this.fold();
    this.dock(open);
    if (answered) this.attend(waiting.act);
    else if (arrives) this.arrive();
  }

  drawList() {
    const list = this.find("list");
    const { experiments, opened } = this.data;
    const names = experiments.map((one) => one.name).join("\n");
    if (this.names !== names) {
      this.names = names;
      this.items = experiments.map((_one, index) => this.buildItem(index));
      list.replaceChildren(...this.items);
    }
    this.items.forEach((item, index) => {
      const { title, mark } = experiments[index];
      write(item.querySelector(".name"), title);
      write(item.querySelector(".mark"), MARKS[mark] ? ` (${MARKS[mark]})` : "");
      item.firstChild.className = mark;
      if (index === opened) item.firstChild.setAttribute("aria-current", "true");
      else item.firstChild.removeAttribute("aria-current");
      item.firstChild.title = opened >= 0 ? title : "";
    });
  }

  buildItem(index) {
    const item = element("li", "");
    const button = element("button", "", { type: "button" });
    const number = element("span", "at");
    number.textContent = String(index + 1);
    const tick = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    tick.setAttribute("viewBox", "0 0 24 24");
    tick.setAttribute("aria-hidden", "true");
    tick.setAttribute("class", "tick");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8"); // a dot: tried, whether right or not
    tick.append(path);
    button.append(number, element("span", "name"), element("span", "mark"), tick);
    button.addEventListener("click", () => this.open(index));
    item.append(button);
    return item;
  }

  drawOpen(renewed) {
    const { data } = this;
    const { result, ask } = data;
    write(this.find("title"), data.experiments[data.opened].title);
    write(this.find("question"), data.question);
    write(this.find("ready"), data.ready);
    write(this.find("earlier"), result ? "" : data.earlier);
    this.find("form").hidden = Boolean(result);
    this.find("after").hidden = !result;
    this.node.querySelectorAll(".form .again").forEach((one) => one.classList.toggle("main", data.stuck));
    this.find("predict").classList.toggle("main", !data.stuck);
    this.find("show").hidden = !data.can_show;
    this.find("next").hidden = data.opened + 1 >= data.experiments.length;
    if (renewed) {
      this.drawAsk(ask);
      this.drawResult(result);
    }
    // What the set-up left chosen is no answer; chosen again by the reader it is.
    if (ask.kind === "place" && !result) this.showChosen(ask.anew || this.memory.place === ask.chosen ? ask.chosen : "");
    this.say(data.problem);
  }

  drawAsk(ask) {
    for (const kind of ["choices", "number", "place"]) this.find(kind).hidden = ask.kind !== kind;
    this.find("choices").replaceChildren(...(ask.options ?? []).map((text, index) => this.buildOption(text, index)));
    if (ask.kind === "number") {
      const input = this.find("number").querySelector("input");
      input.value = this.memory.value;
      input.removeAttribute("aria-invalid");
      write(this.find("unit"), ask.unit);
      write(this.find("range"), ask.range);
    }
    if (ask.kind === "place") write(this.find("what"), `Choose ${ask.what}.`);
  }

  buildOption(text, index) {
    const label = element("label", "option");
    const input = element("input", "", { type: "radio", name: "option", value: String(index) });
    input.checked = this.memory.value === String(index);
    input.addEventListener("change", () => { this.memory.value = String(index); });
    const words = element("span", "");
    words.textContent = text;
    label.append(input, words);
    return label;
  }

  showChosen(text) {
    this.memory.place = text;
    this.find("what").hidden = Boolean(text);
    write(this.find("chosen"), text ? `Chosen: ${text}` : "");
  }

  drawResult(result) {
    this.find("verdict").hidden = !result;
    this.find("result").dataset.kind = result?.kind ?? "";
    write(this.find("verdict").querySelector("span"), result?.heading ?? "");
    this.find("verdict").querySelector("path").setAttribute("d", ICONS[result?.kind] ?? "");
    this.find("lines").replaceChildren(...(result?.lines ?? []).map(([label, text]) => {
      const line = element("p", label ? "labelled" : "");
      if (label) {
        const name = element("strong", "");
        name.textContent = `${label}: `;
        line.append(name);
      }
      line.append(text);
      return line;
    }));
  }

  fold() {
    const open = this.data.opened >= 0;
    const folded = Boolean(this.memory.folded);
    this.find("body").hidden = !open || folded;
    this.node.classList.toggle("folded", open && folded);
    write(this.find("fold").querySelector("span"), folded ? "Unfold" : "Fold");
    this.find("fold").setAttribute("aria-expanded", String(!folded));
  }

  // Where the reader is taken after what they did: to the words, with the picture in view.
  attend(act) {
    const open = this.data.opened >= 0;
    const target = !open ? this.items[this.memory.last ?? 0].firstChild
      : this.data.problem ? this.find(this.data.stuck ? "again" : "predict")
      : this.data.result ? this.find("verdict") : this.find("question");
    target.focus({ preventScroll: true });
    this.find("body").scrollTop = 0; // where the card itself scrolls, the target comes first
    if (open && !this.memory.folded) this.find("body").scrollTop = target.getBoundingClientRect().top - this.find("body").getBoundingClientRect().top - 4;
    if (open) requestAnimationFrame(() => this.showPicture());
    else if (act === "close") this.node.scrollIntoView({ block: "nearest" });
  }

  // ---- the place at the bottom of the window

  get main() { return this.root.host.closest("[data-testid=stMain]"); }

  // The outermost box that holds nothing but this card: it can stay in sight as long as the box
  // around it does.
  get box() {
    let box = this.root.host;
    while (box.parentElement.children.length === 1 && !box.parentElement.matches("[data-testid=stMainBlockContainer], [data-testid=stMain], body")) box = box.parentElement;
    return box;
  }

  dock(open) {
    clearTimeout(this.leaving);
    const box = open ? this.box : null;
    if (box === this.docked) return;
    this.undock();
    if (!open) return;
    this.docked = box;
    Object.assign(box.style, { position: "sticky", bottom: "0", zIndex: "9" });
    this.sight.observe(this.node);
    this.size.observe(this.node);
  }

  undock() {
    if (!this.docked) return;
    for (const name of ["position", "bottom", "zIndex"]) this.docked.style[name] = "";
    this.docked = null;
    this.sight.disconnect();
    this.size.disconnect();
    this.node.classList.remove("lifted");
    this.makeRoom("");
  }

  lift(entry) {
    const low = entry.boundingClientRect.bottom >= entry.rootBounds.bottom;
    this.node.classList.toggle("lifted", entry.intersectionRatio < 1 && low);
  }

  // What takes the focus behind the card is scrolled out from under it, and what else sticks to
  // the bottom of the window can stand above it.
  makeRoom(height) {
    document.documentElement.style.setProperty("--attention-lab-dock", height);
    document.querySelector("[data-testid=stMain]")?.style.setProperty("scroll-padding-bottom", height);
  }

  // The largest board or map above the card is what the questions are about.
  get picture() {
    const above = [...(this.main?.querySelectorAll("[data-testid=stBidiComponentIsolated]") ?? [])].filter(
      (one) => one.compareDocumentPosition(this.root.host) & Node.DOCUMENT_POSITION_FOLLOWING
        && one.shadowRoot?.querySelector("[role=grid], canvas"),
    );
    const height = (one) => one.getBoundingClientRect().height;
    return above.reduce((best, one) => (best && height(best) >= height(one) ? best : one), null);
  }

  // Where the answer shows, if the experiment names one matrix of a board.
  get part() {
    const grids = [...(this.picture?.shadowRoot.querySelectorAll("[role=grid]") ?? [])];
    const named = (one) => one.getAttribute("aria-label").startsWith(`${this.data.shown_in}, `);
    return (this.data.shown_in && grids.find(named)?.closest("section")) || null;
  }

  // All of the picture where there is room for it; else its top, where its inputs are. Of a board
  // that is too high it is the matrix to choose from, or the one that shows the answer.
  showPicture() {
    const { main, picture, part } = this;
    if (!main || !picture || this.data.opened < 0) return;
    const low = document.querySelector("[data-testid=stHeader]")?.getBoundingClientRect().bottom ?? 0;
    const high = main.getBoundingClientRect().bottom - this.node.getBoundingClientRect().height - 8;
    const whole = picture.getBoundingClientRect();
    let { top, bottom } = whole;
    if (bottom - top > high - low) {
      const wanted = this.data.ask.kind === "place" || this.data.result ? part?.getBoundingClientRect() : null;
      if (wanted && wanted.bottom - top > high - low) ({ top, bottom } = wanted);
      else bottom = wanted?.bottom ?? top + (high - low);
    }
    if (top >= low && bottom <= high) return;
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    main.scrollBy({ top: top - low, behavior: still ? "instant" : "smooth" });
  }

  // Opened by a link, the card comes before all of the page stands still. A reader who has begun
  // to move it is left alone.
  arrive() {
    const handsOn = new AbortController();
    for (const name of HANDS_ON) window.addEventListener(name, () => handsOn.abort(), { signal: handsOn.signal, passive: true });
    let [frames, seen, at, alike] = [0, "", 0, 0];
    const look = (now) => {
      if (handsOn.signal.aborted) return;
      const { picture, node } = this;
      const box = (one) => { const { top, height } = one.getBoundingClientRect(); return [top, height]; };
      const places = picture ? [picture, node].map(box).join() : "";
      if (places !== seen) [seen, at, alike] = [places, now, 0];
      // A busy browser may draw nothing for longer than that: time alone is no sign of rest.
      alike += 1;
      if (places && now - at > STILL_MS && alike > STILL_FRAMES) {
        handsOn.abort();
        this.showPicture();
      } else if ((frames += 1) < MOST_FRAMES) requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }

  listen() { window.addEventListener(CHOICE_EVENT, this.onChoice); }

  release() {
    window.removeEventListener(CHOICE_EVENT, this.onChoice);
    this.leaving = setTimeout(() => this.undock()); // unless it is only drawn again
  }
}

function mount({ data, parentElement, setTriggerValue }) {
  const card = cards.get(parentElement) ?? new Card(parentElement);
  cards.set(parentElement, card);
  card.listen();
  card.update(data, setTriggerValue);
  return () => card.release();
}
