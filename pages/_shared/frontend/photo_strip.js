// Small photos to choose one from; one of them, or none, is chosen.

const strips = new WeakMap(); // shadow root -> state: a rerun updates, it never rebuilds

function build(strip, photos, choose) {
  return photos.map((photo, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("role", "radio");
    button.setAttribute("aria-label", photo.title);
    button.title = photo.title;
    const image = document.createElement("img");
    image.src = photo.source;
    image.alt = "";
    button.append(image);
    button.addEventListener("click", () => choose(index));
    strip.append(button);
    return button;
  });
}

function mount({ data, parentElement, setTriggerValue }) {
  let state = strips.get(parentElement);
  if (!state) {
    const strip = parentElement.querySelector(".strip");
    if (data.label) strip.setAttribute("aria-label", data.label);
    state = {};
    strips.set(parentElement, state);
    state.show = (index) => {
      state.chosen = index;
      state.buttons.forEach((button, at) => {
        button.setAttribute("aria-checked", at === index);
        button.tabIndex = at === Math.max(index, 0) ? 0 : -1;
      });
    };
    const choose = (index) => {
      state.show(index);
      state.send("photo", state.photos[index].file);
    };
    state.buttons = build(strip, data.photos, choose);
    strip.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const n = state.buttons.length;
      choose((Math.max(state.chosen, 0) + step + n) % n);
      state.buttons[state.chosen].focus();
    });
  }
  state.photos = data.photos;
  state.send = setTriggerValue;
  state.show(data.photos.findIndex((photo) => photo.file === data.chosen));
}
