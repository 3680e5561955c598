// Put behind a component's script, which defines mount(component); NAME and STYLE stand before it.
export default function () {
  const lab = (window.attentionLab ??= {});
  const part = (lab[NAME] ??= { waiting: [] });
  part.mount = (component) => {
    const root = component.parentElement;
    if (!root.querySelector("style")) {
      const style = document.createElement("style");
      style.textContent = STYLE;
      root.prepend(style);
    }
    return mount(component);
  };
  for (const ready of part.waiting.splice(0)) ready();
}
