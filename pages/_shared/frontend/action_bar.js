// Buttons in groups, with a sentence before them, and a list of what was done with a way back. Python
// says what there is and what each button is called; a press goes there by its name.

const AFTER_FIELDS_MS = 10;
const bars = new WeakMap(); // shadow root -> ActionBar: a rerun updates, it never rebuilds

class ActionBar {
  constructor(root) {
    this.fields = new AfterFields(root, AFTER_FIELDS_MS);
    this.root = root;
    this.node = root.querySelector(".action-bar");
  }

  update(data) {
    const { news: _, ...shown } = data;
    const text = JSON.stringify(shown);
    this.data = data;
    if (text === this.text) return;
    this.text = text;
    const name = this.root.activeElement?.dataset?.name;
    const parts = data.said.map(([kind, words]) => makeNode("p", `said ${kind}`, kind === "warning" ? { role: "alert" } : {}, words));
    parts.push(...data.groups.map((group) => this.group(group)));
    if (data.done.length) parts.push(this.done(data.done));
    this.node.replaceChildren(...parts);
    if (!name) return;
    const again = [...this.node.querySelectorAll("button:enabled")];
    (again.find((button) => button.dataset.name === name) ?? again[0])?.focus({ preventScroll: true });
  }

  group({ label, actions }) {
    const row = makeNode("div", "row", { role: "group", "aria-label": label });
    if (label) row.append(makeNode("p", "label", {}, label));
    row.append(...actions.map((action) => this.button(action)));
    return row;
  }

  button({ name, text, on, off }) {
    const button = makeNode("button", "", { type: "button", "data-name": name }, text);
    if (on !== null) button.setAttribute("aria-pressed", String(on));
    button.disabled = off;
    button.addEventListener("pointerdown", () => this.fields.pressed());
    button.addEventListener("click", () => {
      const { version } = this.data;
      this.fields.do(() => this.setTriggerValue("act", { version, name }));
    });
    return button;
  }

  done(actions) {
    const box = makeNode("div", "row", { role: "group", "aria-label": this.data.done_label });
    box.append(makeNode("p", "label", {}, this.data.done_label), ...actions.map((action) => this.button(action)));
    box.classList.add("done");
    return box;
  }
}

function mount({ data, parentElement, setTriggerValue }) {
  const bar = bars.get(parentElement) ?? new ActionBar(parentElement);
  bars.set(parentElement, bar);
  bar.setTriggerValue = setTriggerValue;
  bar.update(data);
}
