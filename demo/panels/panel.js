// Shared by all panels: the page's events, the panels' server, and painting numbers as pixels. Needs lenetPalettes
// (demo/panels/pixels.py).
window.lenet = {
  // The events are "answer" (a live answer with its request, or {error}), "drawing" (a drawing to put on the sheet),
  // "weights" (the id of the weights that answer), "beside" (the id of those that answer too, or null), "off" (the maps
  // and units to switch off), "digit" (the index of the digit of a number to explain), "network" (the name of the network
  // to explain), "example" (a drawing and its digit) and "example-taken" (the same once it is stored, or {error}); of the
  // explanations "open" (the name of the open one, or ""), "marks" (on the figure, or null) and "overlay" (on the
  // drawing, or null); of the figure "pick" and "hover" (a unit, or null).
  publish: (name, detail) => document.dispatchEvent(new CustomEvent(`lenet:${name}`, { detail })),
  listen: (name, act) => document.addEventListener(`lenet:${name}`, (event) => act(event.detail)),

  // A network's label, with its accuracy on MNIST's test digits if it is known.
  nameOf: ({ label, accuracy }) => (accuracy ? `${label} · ${(100 * accuracy).toFixed(2)} %` : label),

  // This network's part of a live answer, if there is one.
  of: (network, answer) => [answer, answer.beside].find((part) => part?.network === network),

  // A panel's functions on the server (demo/serving/calls.py): server.NAME(data) returns the answer, or null. A busy
  // server's message is kept for unanswered().
  server: (panel) => new Proxy({}, { get: (_, name) => (data = null) => lenet.call(`${panel}/${name}`, data) }),
  async call(name, data) {
    const headers = { "Content-Type": "application/json" };
    const address = new URL(`lenet/${name}`, document.baseURI);
    const response = await fetch(address, { method: "POST", headers, body: JSON.stringify(data) }).catch(() => null);
    if (response?.status === 200) return response.json();
    if ([408, 413, 429, 503].includes(response?.status)) lenet.refused = (await response.json()).detail;
    return null;
  },

  // The error to show when a server function returned null: the server's message if there was one.
  unanswered() {
    const words = lenet.refused ?? "The server does not answer; what you drew is still here.";
    lenet.refused = null;
    return { error: words };
  },

  drawing: null, // the last answered drawing
  examples: [], // the visitor's own: drawings and their digits

  // Make an element with these properties and children, a button, or a canvas with pixels in base64.
  node(name, properties, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  },
  button: (properties, ...children) => lenet.node("button", { type: "button", ...properties }, ...children),
  picture(base64, width, height, palette = lenet.glow) {
    const canvas = document.createElement("canvas");
    lenet.paint(canvas, lenet.bytes(base64), width, height, palette);
    return canvas;
  },

  bytes: (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)),
  base64(blob) {
    const reader = new FileReader();
    reader.readAsDataURL(blob);
    return new Promise((resolve) => reader.addEventListener("load", () => resolve(reader.result.split(",")[1] ?? "")));
  },

  // Fetch a weights file by its id (demo/live/weights.py); null if the server does not know it.
  async fetchWeights(id) {
    const response = await fetch(new URL(`weights/${id || "shipped"}`, document.baseURI));
    if (response.ok) return response.arrayBuffer();
    if (response.status === 404) return null;
    throw new Error(`The weights could not be fetched: ${response.status}.`);
  },

  // Convert values to bytes, from 0 at `low` to 255 at `high`, or signed with 128 for zero.
  levels: (values, low, high) => Uint8Array.from(values, (value) => ((value - low) * 255) / Math.max(high - low, 1e-6)),
  signedLevels(values) {
    const strongest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
    return Uint8Array.from(values, (value) => Math.round(128 + (value * 127) / strongest));
  },

  // Write texts that change with every answer together, a few times a second: nobody reads faster, and each time the page
  // is laid out again. Reading a size lays it out at once, so that the next frame does not take too long.
  write(node, text) {
    lenet.texts.set(node, String(text));
    lenet.writing ||= setTimeout(lenet.writeNow, lenet.written + 200 - performance.now());
  },
  writeNow() {
    lenet.writing = 0;
    lenet.written = performance.now();
    for (const [node, text] of lenet.texts) if (node.written !== text) node.textContent = node.written = text;
    lenet.texts.clear();
    document.body.getBoundingClientRect();
  },
  texts: new Map(),
  writing: 0,
  written: 0,

  download(name, content) {
    const address = URL.createObjectURL(content);
    lenet.node("a", { href: address, download: name }).click();
    URL.revokeObjectURL(address);
  },

  // Let the visitor choose a file; null if none is chosen.
  chooseFile(accept) {
    const input = lenet.node("input", { type: "file", accept, hidden: true });
    document.body.append(input); // some browsers need this to open the dialog
    input.click();
    return new Promise((resolve) => {
      input.addEventListener("cancel", () => resolve(null));
      input.addEventListener("change", () => resolve(input.files[0]));
    }).finally(() => input.remove());
  },

  // Paint bytes on a canvas of one pixel each; CSS enlarges it.
  paint(canvas, bytes, width, height, palette = lenet.glow) {
    Object.assign(canvas, { width, height });
    const image = new ImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    for (let i = 0; i < pixels.length; i++) pixels[i] = palette[bytes[i]];
    // willReadFrequently keeps it out of the GPU, because uploading some sixty small pictures one by one is slower.
    canvas.getContext("2d", { willReadFrequently: true }).putImageData(image, 0, 0);
  },

  // 256 colours between the stops, packed for ImageData.
  palette(...stops) {
    return Uint32Array.from({ length: 256 }, (_, level) => {
      const at = (level / 255) * (stops.length - 1);
      const from = stops[Math.floor(at)];
      const to = stops[Math.ceil(at)];
      const [red, green, blue] = from.map((value, i) => Math.round(value + (to[i] - value) * (at % 1)));
      return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
    });
  },

  // Colours for signed bytes, whose opacity grows with the distance from 128.
  signedOpacity(below, above) {
    return Uint32Array.from({ length: 256 }, (_, level) => {
      const [red, green, blue] = level < 128 ? below : above;
      const opacity = Math.min(255, Math.abs(level - 128) * 2);
      return ((opacity << 24) | (blue << 16) | (green << 8) | red) >>> 0;
    });
  },

  // Tell screen readers the new text of a part of the page, once nothing has changed for a moment.
  announce(part, words) {
    if (!lenet.listener.isConnected) document.body.append(lenet.listener);
    lenet.news.set(part, words);
    clearTimeout(lenet.telling);
    lenet.telling = setTimeout(() => {
      lenet.listener.replaceChildren(...[...lenet.news.values()].map((words) => `${words} `));
      lenet.news.clear();
    }, 900);
  },
  news: new Map(),
  listener: Object.assign(document.createElement("p"), { role: "status", className: "only-heard" }),

  // Whether the visitor prefers no animation.
  still: () => matchMedia("(prefers-reduced-motion: reduce)").matches,
  scrollTo: (part, block = "start") => part.scrollIntoView({ block, behavior: lenet.still() ? "auto" : "smooth" }),
};
lenet.refused = null;
lenet.listen("answer", (answer) => (lenet.request = answer.request ?? lenet.request));
for (const [name, stops] of Object.entries(lenetPalettes)) lenet[name] = lenet.palette(...stops);
