// Take it with you: pictures of the page, drawn here (see pictures.js), and files that Python makes.
// Either begins with a question to Python, because only there the page's state is known in a line.

const FIRST_PATIENCE_MS = 20_000;
const MOST_ASKED = 3;
const takes = new WeakMap();
// What was asked and not yet answered, by id; it outlives a component that is drawn anew.
const asked = new Map();
let send = () => {}; // the way to Python, of the component drawn last

const NAMES = { png: "PNG", svg: "SVG", csv: "CSV", npz: "NPZ", notebook: "notebook" };

const slug = (name) => name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "").slice(0, 60);

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // Some browsers read the address only after the click has been dealt with.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function bytesOf(base64) {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i += 1) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

function size(bytes) {
  return bytes < 1e5 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

class Take {
  constructor(root) {
    this.node = root.querySelector(".take");
    this.select = this.node.querySelector("select");
    this.status = this.node.querySelector(".said");
    this.last = Promise.resolve();
    this.names = null;
    for (const button of this.node.querySelectorAll("button")) {
      button.addEventListener("click", () => this.press(button));
    }
    // The list is read when somebody may be about to use it, and costs nothing before.
    for (const event of ["pointerenter", "focusin", "pointerdown"]) {
      this.node.addEventListener(event, () => this.list());
    }
    this.seen = new IntersectionObserver(() => this.list());
  }

  update(data, setTriggerValue) {
    this.data = data;
    send = (message) => setTriggerValue("ask", message);
    this.seen.observe(this.node);
    const { reply, answered } = data;
    const question = asked.get(reply.id);
    if (question) question.settle(reply);
    else asked.get(answered)?.repeat(); // the answer was overtaken by a later message
  }

  release() { this.seen.disconnect(); }

  list() {
    const names = picturesOnPage().map((picture) => picture.name);
    if (names.join("\n") === this.names?.join("\n")) return;
    const { value } = this.select;
    this.names = names;
    const options = names.map((name) => new Option(name, name));
    this.select.replaceChildren(...(names.length ? options : [new Option("none here", "")]));
    if (names.includes(value)) this.select.value = value;
  }

  say(text) { this.status.textContent = text; }

  // One thing at a time, in the order in which they were asked for.
  press(button) {
    if (button.getAttribute("aria-busy") === "true") return;
    const what = button.dataset.take;
    const label = button.textContent;
    this.list();
    const name = this.select.value;
    button.setAttribute("aria-busy", "true");
    button.textContent = "Making…";
    this.last = this.last.then(async () => {
      this.say(`Making the ${NAMES[what]}…`);
      try {
        const file = what === "png" || what === "svg" ? await this.makePicture(what, name) : await this.fetch(what);
        save(file.blob, file.name);
        this.say(`Saved ${file.name} (${size(file.blob.size)}).`);
      } catch (error) {
        this.say(`The ${NAMES[what]} could not be made: ${error.message}`);
      }
      button.textContent = label;
      button.removeAttribute("aria-busy");
    });
  }

  async makePicture(format, name) {
    const { about } = await this.ask("about");
    const picture = picturesOnPage().find((one) => one.name === name);
    if (!name) throw new Error("there is none on the page yet.");
    if (!picture) throw new Error("it is no longer on the page. Choose another one.");
    if (picture.inPixels && format === "svg") throw new Error("the browser draws this one in pixels. Take the PNG.");
    const drawn = await drawPicture(picture, about, themeOf(this.node));
    const blob = format === "png" ? await toPng(drawn) : new Blob([drawn.text], { type: "image/svg+xml" });
    return { blob, name: `${this.data.stem}_${slug(name)}.${format}` };
  }

  async fetch(what) {
    const { file } = await this.ask(what);
    return { blob: new Blob([bytesOf(file.content)], { type: file.mime }), name: file.name };
  }

  // A message may be overtaken on either way, so it is sent again until it is answered.
  ask(what) {
    const id = Math.random().toString(36).slice(2);
    return new Promise((resolve, reject) => {
      let [times, timer] = [0, 0];
      const end = () => { clearTimeout(timer); asked.delete(id); };
      const repeat = () => {
        clearTimeout(timer);
        if (times === MOST_ASKED) {
          end();
          reject(new Error("the lab did not answer. Is it still running?"));
          return;
        }
        timer = setTimeout(repeat, FIRST_PATIENCE_MS * 2 ** times);
        times += 1;
        send({ id, what, address: window.location.href });
      };
      const settle = (reply) => {
        end();
        if (reply.problem) reject(new Error(reply.problem));
        else resolve(reply);
      };
      asked.set(id, { settle, repeat });
      repeat();
    });
  }
}

function mount({ data, parentElement, setTriggerValue }) {
  const take = takes.get(parentElement) ?? new Take(parentElement);
  takes.set(parentElement, take);
  take.update(data, setTriggerValue);
  return () => take.release();
}
