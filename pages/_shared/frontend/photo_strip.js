// Small photos to choose one from; one of them, or none, is chosen.

const mounts = new WeakMap(); // shadow root -> state: a rerun updates, it never rebuilds

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

export default function ({ data, parentElement, setTriggerValue }) {
  let mount = mounts.get(parentElement);
  if (!mount) {
    const strip = parentElement.querySelector(".strip");
    mount = {};
    mounts.set(parentElement, mount);
    mount.show = (index) => {
      mount.chosen = index;
      mount.buttons.forEach((button, at) => {
        button.setAttribute("aria-checked", at === index);
        button.tabIndex = at === Math.max(index, 0) ? 0 : -1;
      });
    };
    const choose = (index) => {
      mount.show(index);
      mount.send("photo", mount.photos[index].file);
    };
    mount.buttons = build(strip, data.photos, choose);
    strip.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const n = mount.buttons.length;
      choose((Math.max(mount.chosen, 0) + step + n) % n);
      mount.buttons[mount.chosen].focus();
    });
  }
  mount.photos = data.photos;
  mount.send = setTriggerValue;
  mount.show(data.photos.findIndex((photo) => photo.file === data.chosen));
}
