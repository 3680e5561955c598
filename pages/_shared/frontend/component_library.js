// Put behind a component's script, which defines mount(component); NAME and STYLE stand before it.

// A press takes the focus from a field of the page, which then reports what was typed into it. Sent
// together with what the press asks for, Streamlit would draw only one of the two parts anew.
class AfterFields {
  constructor(root, milliseconds) {
    Object.assign(this, { root, milliseconds, until: 0, pending: 0 });
  }

  pressed() {
    if (this.root.activeElement) return;
    this.until = performance.now() + this.milliseconds;
    clearTimeout(this.pending);
    this.pending = setTimeout(() => { this.pending = 0; }, this.milliseconds);
  }

  // A busy browser hands over the press and what follows from it in one go, however long ago they
  // were: only once a timer has run has the field had its turn.
  get wait() {
    return this.pending ? Math.max(1, this.until - performance.now()) : 0;
  }

  do(act) {
    const { wait } = this;
    if (wait > 0) setTimeout(act, wait);
    else act();
  }
}

const lab = (window.attentionLab ??= {});
const part = (lab[NAME] ??= { waiting: [] });
// Another page may have brought the same component: what it drew is known to that script alone.
part.mount ??= (sent) => {
  const component = { ...sent, data: sent.data[0] }; // sent in a list, see light_component.py
  const root = component.parentElement;
  if (!root.querySelector("style")) {
    const style = document.createElement("style");
    style.textContent = STYLE;
    root.prepend(style);
  }
  // What the tools of the page have to know comes along with a component that is drawn anyway.
  const news = component.data.news;
  if (news) window.dispatchEvent(new CustomEvent("attention-lab-news", { detail: news }));
  return mount(component);
};
for (const ready of part.waiting.splice(0)) ready();
