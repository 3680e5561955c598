// Put behind a component's script, which defines mount(component); NAME and STYLE stand before it.
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
