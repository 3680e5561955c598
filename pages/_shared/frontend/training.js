// Start, stop and the progress of a training. Python trains a round each time that it is asked; it
// is asked here, when the last round has arrived. So rounds never pile up, and a page that is left
// asks for nothing.

// Room for what the reader does meanwhile.
const PAUSE_MS = 15;
// A request may be overtaken, or its answer drawn over, by what else happens on the page.
const PATIENCE_MS = 1500;
const trainings = new WeakMap();

// What it says, unless Python gives other words: the button in each state, and the line beside it.
const WORDS = {
  name: "Training",
  new: "Train",
  begun: "Continue",
  done: "Train again",
  other: "Train anew",
  running: "Training…",
  stopped: "Stopped. What was learned is kept.",
  changed: "The settings have changed since; what is shown was trained with those before.",
  unit: "steps",
};

function element(tag, className, attributes = {}) {
  const node = document.createElement(tag);
  node.className = className;
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

class Training {
  constructor(root) {
    this.node = root.querySelector(".training");
    this.button = element("button", "main", { type: "button" });
    this.button.onclick = () => this.press();
    this.over = element("button", "over", { type: "button" });
    this.over.textContent = "Start over";
    this.over.onclick = () => this.ask("over");
    this.bar = element("div", "bar", { role: "progressbar", "aria-valuemin": "0" });
    this.fill = element("div", "fill");
    this.bar.append(this.fill);
    this.count = element("span", "count");
    this.said = element("span", "said", { role: "status" });
    this.node.append(this.button, this.over, this.bar, this.count, this.said);
    this.wanted = null; // what the reader pressed and Python has not confirmed
  }

  update(data) {
    // An answer that was overtaken says nothing new, but it ended the waiting.
    if (!(this.data && data.serial < this.data.serial)) this.data = data;
    const { wanted } = this;
    if (wanted && this.data.serial > wanted.serial && (wanted.act !== "stop" || !this.data.running)) this.wanted = null;
    this.show();
    clearTimeout(this.timer);
    if (this.wanted) this.again(() => this.send(this.wanted.act), this.wanted.act === "stop" ? PAUSE_MS : PATIENCE_MS);
    else if (this.data.running) this.timer = setTimeout(() => this.tick(), PAUSE_MS);
  }

  get running() {
    return this.wanted ? this.wanted.act !== "stop" : this.data.running;
  }

  show() {
    const { done, total, state } = this.data;
    const words = { ...WORDS, ...this.data.words };
    const lines = { new: "", begun: words.stopped, done: "Done.", other: words.changed };
    const beginning = this.wanted !== null && this.wanted.act !== "stop";
    this.button.textContent = this.running ? "Stop" : words[state];
    this.over.hidden = this.running || state !== "begun";
    this.bar.setAttribute("aria-label", words.name);
    this.bar.setAttribute("aria-valuemax", String(total));
    this.bar.setAttribute("aria-valuenow", String(done));
    this.fill.style.width = `${(100 * done) / Math.max(total, 1)}%`;
    this.count.textContent = `${done.toLocaleString("en")} of ${total.toLocaleString("en")} ${words.unit}`;
    const said = beginning ? "Starting…" : this.running ? (state === "other" ? words.changed : words.running) : lines[state];
    if (this.said.textContent !== said) this.said.textContent = said;
  }

  press() { this.ask(this.running ? "stop" : "start"); }

  // Shown at once, before Python knows.
  ask(act) {
    this.wanted = { act, serial: this.data.serial };
    this.show();
    clearTimeout(this.timer);
    this.send(act);
    this.again(() => this.send(act), PATIENCE_MS);
  }

  tick() {
    this.send("tick");
    this.again(() => this.tick(), PATIENCE_MS);
  }

  again(what, after) {
    clearTimeout(this.timer);
    this.timer = setTimeout(what, after);
  }

  send(act) { this.setTriggerValue("act", { act, serial: this.data.serial }); }

  release() { clearTimeout(this.timer); }
}

function mount({ data, parentElement, setTriggerValue }) {
  const training = trainings.get(parentElement) ?? new Training(parentElement);
  trainings.set(parentElement, training);
  training.setTriggerValue = setTriggerValue;
  training.update(data);
  return () => training.release();
}
