// A sentence from menus: one list for each slot. What fits a slot depends on those before it, so
// Python says anew what there is after every choice.

const AFTER_FIELDS_MS = 10;
const drawn = new WeakMap(); // shadow root -> SentenceMenus: a rerun updates, it never rebuilds

class SentenceMenus {
  constructor(root) {
    this.fields = new AfterFields(root, AFTER_FIELDS_MS);
    this.root = root;
    this.node = root.querySelector(".sentence-menus");
    this.text = "";
  }

  update(data) {
    this.data = data;
    const text = JSON.stringify(data.slots);
    if (text !== this.text) {
      const name = this.root.activeElement?.dataset?.slot;
      this.node.replaceChildren(...data.slots.map((slot) => this.slot(slot)));
      if (name) this.node.querySelector(`[data-slot="${name}"]`)?.focus({ preventScroll: true });
    }
    this.text = text;
    for (const select of this.node.querySelectorAll("select")) {
      select.value = data.slots.find(({ name }) => name === select.dataset.slot).value;
    }
  }

  slot({ name, label, options }) {
    const box = makeNode("label", "", {}, label);
    const select = makeNode("select", "", { "data-slot": name });
    select.append(...options.map(([value, text]) => makeNode("option", "", { value }, text)));
    select.addEventListener("pointerdown", () => this.fields.pressed());
    select.addEventListener("change", () => {
      const { version } = this.data;
      const { value } = select;
      this.fields.do(() => this.setTriggerValue("choice", { version, slot: name, option: value }));
    });
    box.append(select);
    return box;
  }
}

function mount({ data, parentElement, setTriggerValue }) {
  const menus = drawn.get(parentElement) ?? new SentenceMenus(parentElement);
  drawn.set(parentElement, menus);
  menus.setTriggerValue = setTriggerValue;
  menus.update(data);
}
