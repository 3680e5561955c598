// Put behind a component's script, which defines mount(component); NAME and STYLE stand before it.
const lab = (window.attentionLab ??= {});
const part = (lab[NAME] ??= { waiting: [] });
// Another page may have brought the same component: what it drew is known to that script alone.
part.mount ??= (component) => {
  const root = component.parentElement;
  if (!root.querySelector("style")) {
    const style = document.createElement("style");
    style.textContent = STYLE;
    root.prepend(style);
  }
  return mount(component);
};
for (const ready of part.waiting.splice(0)) ready();
