// All that is sent with every update: finds the component's library by NAME, or waits for it.
export default function (component) {
  const lab = (window.attentionLab ??= {});
  const part = (lab[NAME] ??= { waiting: [] });
  let release = () => {};
  const ready = () => { release = part.mount(component) ?? release; };
  if (part.mount) ready();
  else part.waiting.push(ready);
  return () => {
    part.waiting = part.waiting.filter((one) => one !== ready);
    release();
  };
}
