// The traps of a page: a row of choices, and of the one that is open its knobs, its words and its
// code. The matrices stand below, in a board of their own. Python computes; what it has not yet
// answered is asked again. SKELETON is put in front of it.

const NEWS_EVENT = "attention-lab-news";
const SEND_EVERY_MS = 60;
const PATIENCE_MS = 1200;
const MOST_REMINDERS = 3;
const BUSY_MS = 400;
const QUIET_MS = 250;
const AFTER_FIELDS_MS = 10;
const MOST_BUTTONS = 4;
const labs = new WeakMap();

function element(tag, className, attributes = {}) {
  const node = document.createElement(tag);
  node.className = className;
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function pill(group, text, onchange) {
  const node = element("label", "pill");
  const input = element("input", "", { type: "radio", name: group });
  input.onchange = onchange;
  node.append(input, document.createTextNode(text));
  return { node, input };
}

// Check one of a group, or none; the group is one stop of the Tab key.
function check(inputs, at) {
  inputs.forEach((input, place) => {
    input.checked = place === at;
    input.tabIndex = place === Math.max(at, 0) ? 0 : -1;
  });
}

// ---------------------------------------------------------------- knobs

// Few stops: a button for each.
class Buttons {
  constructor({ label, stops }, index, onturn) {
    this.node = element("fieldset", "knob");
    const legend = element("legend", "");
    legend.textContent = label;
    const row = element("div", "pills");
    this.pills = stops.map((stop, at) => pill(`knob-${index}`, stop, () => onturn(at)));
    row.append(...this.pills.map((one) => one.node));
    this.node.append(legend, row);
  }

  show(at) { check(this.pills.map(({ input }) => input), at); }
}

// More: a slider.
class Slider {
  constructor({ label, stops }, index, onturn) {
    this.stops = stops;
    this.node = element("div", "knob");
    const head = element("div", "slider");
    const name = element("label", "", { for: `knob-${index}` });
    name.textContent = label;
    this.value = element("output", "", { for: `knob-${index}` });
    this.input = element("input", "", { type: "range", id: `knob-${index}`, min: "0", max: String(stops.length - 1), step: "1" });
    this.input.oninput = () => { this.tell(); onturn(Number(this.input.value)); };
    head.append(name, this.value);
    this.node.append(head, this.input);
  }

  tell() {
    const text = this.stops[Number(this.input.value)];
    write(this.value, text);
    this.input.setAttribute("aria-valuetext", text);
  }

  show(at) {
    this.input.value = String(at);
    this.tell();
  }
}

// ---------------------------------------------------------------- the section

class TrapLab {
  constructor(root) {
    this.root = root;
    this.node = root.querySelector(".traps");
    this.node.innerHTML = SKELETON; // a constant of ours, without data
    this.find = (name) => this.node.querySelector(`.${name}`);
    this.titles = "";
    this.open = null;
    this.wanted = null; // what the reader chose and Python has not answered yet
    this.lastSent = 0;
    this.fields = new AfterFields(root, AFTER_FIELDS_MS);
    this.onNews = (event) => this.hear(event.detail);
    this.find("close").onclick = () => {
      const title = this.pills.get(this.choice.name);
      this.want({ name: "", stops: [] });
      title?.input.focus({ preventScroll: true });
    };
    this.node.addEventListener("pointerdown", () => this.fields.pressed());
  }

  listen() { window.addEventListener(NEWS_EVENT, this.onNews); }

  // Also before it is only drawn again: what waits to be sent goes on waiting.
  release() { window.removeEventListener(NEWS_EVENT, this.onNews); }

  // ---- what the reader does

  want(choice) {
    this.wanted = choice;
    this.showChoice(choice);
    clearTimeout(this.timer);
    clearTimeout(this.busy);
    this.busy = setTimeout(() => this.say("Computing …"), BUSY_MS);
    const now = performance.now();
    const wait = Math.max(this.fields.wait, this.lastSent + SEND_EVERY_MS - now);
    if (wait > 0) this.timer = setTimeout(() => this.send(), wait);
    else this.send();
  }

  send(reminders = MOST_REMINDERS, patience = PATIENCE_MS) {
    clearTimeout(this.reminder);
    if (!this.wanted || !this.node.isConnected) return;
    this.lastSent = performance.now();
    this.setTriggerValue("choose", this.wanted);
    // A message may be overtaken, or reach a part of the page that has just been drawn anew.
    if (reminders) this.reminder = setTimeout(() => this.send(reminders - 1, 2 * patience), patience);
  }

  turn(index, at) {
    const stops = this.choice.stops.map((stop, place) => (place === index ? at : stop));
    this.want({ name: this.choice.name, stops });
  }

  say(text) { write(this.find("busy"), text); }

  // An edit above draws the page's own board, not this part: where a trap is open, ask for it.
  hear(news) {
    if (news.page !== this.data?.page) return;
    this.latest = news.serial;
    clearTimeout(this.refresh);
    if (this.data.exhibit) this.refresh = setTimeout(() => this.catchUp(), QUIET_MS);
  }

  catchUp(reminders = MOST_REMINDERS, patience = PATIENCE_MS) {
    if (this.latest <= this.data.serial || !this.node.isConnected) return;
    this.setTriggerValue("refresh", this.latest);
    if (reminders) this.refresh = setTimeout(() => this.catchUp(reminders - 1, 2 * patience), patience);
  }

  // ---- drawing

  update(data) {
    const renewed = this.data?.version !== data.version;
    this.data = data;
    this.offer(data.traps);
    if (renewed || JSON.stringify(this.wanted) === JSON.stringify(data.choice)) this.wanted = null;
    if (!this.wanted) {
      clearTimeout(this.busy);
      this.say("");
    }
    // What is under the reader's hand is newer here than in Python.
    this.showChoice(this.wanted ?? data.choice);
    if (!data.exhibit) return;
    for (const part of ["said", "wrong", "right"]) write(this.find(part), data.exhibit[part]);
  }

  offer(traps) {
    const titles = JSON.stringify(traps);
    if (titles === this.titles) return;
    this.titles = titles;
    this.open = null;
    this.pills = new Map(traps.map((trap) => [trap.name, pill("trap", trap.title, () => this.want({ name: trap.name, stops: trap.starts }))]));
    this.find("choices").replaceChildren(...[...this.pills.values()].map((one) => one.node));
  }

  showChoice(choice) {
    this.choice = choice;
    check([...this.pills.values()].map(({ input }) => input), [...this.pills.keys()].indexOf(choice.name));
    const trap = this.data.traps.find((one) => one.name === choice.name);
    this.find("close").hidden = !trap;
    const exhibit = this.find("exhibit");
    exhibit.hidden = !trap;
    // The words and the code of the last one are not those of this one.
    exhibit.classList.toggle("waiting", !this.data.exhibit || this.data.choice.name !== choice.name);
    if (!trap) return;
    if (this.open !== trap.name) {
      this.open = trap.name;
      write(this.find("about"), trap.about);
      this.knobs = trap.knobs.map((knob, index) => new (knob.stops.length > MOST_BUTTONS ? Slider : Buttons)(knob, index, (at) => this.turn(index, at)));
      this.find("knobs").replaceChildren(...this.knobs.map((knob) => knob.node));
    }
    this.knobs.forEach((knob, index) => knob.show(choice.stops[index]));
  }
}

function mount({ data, parentElement, setTriggerValue }) {
  const lab = labs.get(parentElement) ?? new TrapLab(parentElement);
  labs.set(parentElement, lab);
  lab.setTriggerValue = setTriggerValue;
  lab.listen();
  lab.update(data);
  return () => lab.release();
}
