// The words of a sentence as chips in a row. A chip is dragged, or moved with the arrow keys; two
// buttons shuffle all of them and put them back. What is moved is shown at once and then reported.

const PATIENCE_MS = 900; // a report may be overtaken by what else happens on the page
const MOST_REPORTS = 4;
const DRAG_PIXELS = 5;
const strips = new WeakMap(); // shadow root -> WordOrder: a rerun updates, it never rebuilds

function element(tag, className, text = "") {
  const node = document.createElement(tag);
  node.className = className;
  node.textContent = text;
  return node;
}

const same = (one, other) => one.length === other.length && one.every((value, i) => value === other[i]);

class WordOrder {
  constructor(root) {
    this.root = root;
    this.node = root.querySelector(".word-order");
    this.list = element("ol", "words");
    this.list.setAttribute("aria-label", "The words in their order");
    this.buttons = element("span", "buttons");
    this.shuffle = this.addButton("Shuffle", () => this.move(this.shuffled()));
    this.back = this.addButton("As typed", () => this.move(this.data.words.map((_, i) => i)));
    this.keys = element("p", "keys unseen", "Arrow keys left and right move the word.");
    this.keys.id = "keys";
    this.status = element("p", "status unseen");
    this.status.setAttribute("role", "status");
    this.said = element("div", "said");
    const row = element("div", "row");
    row.append(this.list, this.buttons);
    this.node.append(row, this.said, this.keys, this.status);
    this.pending = null;
  }

  addButton(label, act) {
    const button = element("button", "act", label);
    button.type = "button";
    button.addEventListener("click", act);
    this.buttons.append(button);
    return button;
  }

  update(data, send) {
    this.send = send;
    const before = this.data;
    this.data = data;
    const anew = before?.version !== data.version || !same(before.words, data.words);
    if (anew || (this.pending && same(this.pending, data.order))) this.settle();
    if (anew) this.drag = null;
    this.order = this.pending ?? data.order;
    this.draw();
    this.say(data.said);
  }

  // What is the same as before is left alone: every change of the page costs an edit its time.
  say(sentences) {
    if (same([...this.said.children].map((line) => line.textContent), sentences)) return;
    this.said.replaceChildren(...sentences.map((sentence) => element("p", "", sentence)));
  }

  settle() {
    this.pending = null;
    clearTimeout(this.timer);
  }

  draw() {
    const { words, first } = this.data;
    while (this.list.children.length > words.length) this.list.lastChild.remove();
    while (this.list.children.length < words.length) this.list.append(this.chip());
    [...this.list.children].forEach((item, place) => {
      const [chip, number] = item.children;
      const typed = this.order[place];
      if (chip.textContent !== words[typed]) chip.textContent = words[typed];
      chip.setAttribute("aria-label", `${words[typed]}, position ${first + place}`);
      chip.classList.toggle("moved", typed !== place);
      chip.classList.toggle("held", this.drag?.moving === true && this.drag.word === typed);
      if (number.textContent !== String(first + place)) number.textContent = String(first + place);
    });
    this.back.disabled = this.order.every((typed, place) => typed === place);
  }

  chip() {
    const item = element("li", "");
    const chip = element("button", "chip");
    chip.type = "button";
    chip.setAttribute("aria-describedby", "keys");
    const place = () => [...this.list.children].indexOf(item);
    chip.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!by) return;
      event.preventDefault();
      this.step(place(), place() + by);
    });
    chip.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      this.drag = { word: this.order[place()], x: event.clientX, y: event.clientY, moving: false, from: this.order };
      chip.setPointerCapture(event.pointerId);
    });
    chip.addEventListener("pointermove", (event) => this.onMove(event));
    chip.addEventListener("pointerup", () => this.drop());
    chip.addEventListener("pointercancel", () => this.drop());
    item.append(chip, element("span", "place"));
    return item;
  }

  onMove(event) {
    if (!this.drag) return;
    const far = Math.hypot(event.clientX - this.drag.x, event.clientY - this.drag.y) > DRAG_PIXELS;
    this.drag.moving ||= far;
    if (!this.drag.moving) return;
    const over = [...this.list.children].findIndex((item) => {
      const box = item.getBoundingClientRect();
      const within = event.clientY >= box.top - 8 && event.clientY <= box.bottom + 8;
      return within && event.clientX >= box.left && event.clientX <= box.right;
    });
    const at = this.order.indexOf(this.drag.word);
    if (over >= 0 && over !== at) this.order = moved(this.order, at, over);
    this.draw();
  }

  drop() {
    const drag = this.drag;
    this.drag = null;
    this.draw();
    if (drag?.moving && !same(drag.from, this.order)) this.move(this.order);
  }

  step(from, to) {
    if (to < 0 || to >= this.order.length) return;
    const word = this.data.words[this.order[from]];
    this.move(moved(this.order, from, to));
    this.list.children[to].firstChild.focus();
    this.status.textContent = `${word} is at position ${this.data.first + to}`;
  }

  // Another order than the present one, and one that shows: two words that read alike changing
  // places would look as if nothing had happened.
  shuffled() {
    const { words } = this.data;
    const order = [...this.order];
    const differ = new Set(words).size > 1;
    const read = (typed) => (differ ? typed.map((one) => words[one]) : typed);
    do {
      for (let i = order.length - 1; i > 0; i--) {
        const j = Math.floor(Math.random() * (i + 1));
        [order[i], order[j]] = [order[j], order[i]];
      }
    } while (same(read(order), read(this.order)));
    return order;
  }

  move(order) {
    this.order = this.pending = order;
    this.draw();
    this.report(MOST_REPORTS);
  }

  report(times) {
    clearTimeout(this.timer);
    if (times === 0) {
      this.pending = null;
      this.order = this.data.order;
      this.draw();
      return;
    }
    this.send("order", { version: this.data.version, order: this.pending });
    this.timer = setTimeout(() => this.report(times - 1), PATIENCE_MS);
  }
}

function moved(order, from, to) {
  const copy = [...order];
  copy.splice(to, 0, ...copy.splice(from, 1));
  return copy;
}

function mount({ data, parentElement, setTriggerValue }) {
  if (!strips.has(parentElement)) strips.set(parentElement, new WordOrder(parentElement));
  const strip = strips.get(parentElement);
  strip.update(data, setTriggerValue);
  return () => clearTimeout(strip.timer);
}
