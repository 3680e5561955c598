// Streamlit sends a component's script along with every update, so a board's own is this short.
export default function (component) {
  const lab = (window.attentionLab ??= { waiting: [] });
  let release = () => {};
  const mount = () => { release = lab.mountBoard(component); };
  if (lab.mountBoard) mount();
  else lab.waiting.push(mount);
  return () => {
    lab.waiting = lab.waiting.filter((one) => one !== mount);
    release();
  };
}
