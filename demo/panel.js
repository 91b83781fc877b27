// What all panels share: the page's own events, and painting pixels that come as base64.
window.lenet ??= {
  // The events are "answer" (a live answer with its request, or {error}), "weights" (the id of the weights to answer
  // with), "example" (a drawing and its digit) and "example-taken" (the same once it is kept, or {error}).
  publish: (name, detail) => document.dispatchEvent(new CustomEvent(`lenet:${name}`, { detail })),
  listen: (name, act) => document.addEventListener(`lenet:${name}`, (event) => act(event.detail)),

  drawing: null, // the one that was answered last
  examples: [], // the visitor's own: drawings and their digits

  bytes: (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)),

  download(name, content) {
    const address = URL.createObjectURL(content);
    Object.assign(document.createElement("a"), { href: address, download: name }).click();
    URL.revokeObjectURL(address);
  },

  // Grey levels onto a canvas of the pixels' own size; CSS enlarges it.
  paint(canvas, bytes, width, height, palette = lenet.glow) {
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const image = new ImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    for (let i = 0; i < pixels.length; i++) pixels[i] = palette[bytes[i]];
    canvas.getContext("2d").putImageData(image, 0, 0);
  },

  // 256 colours along the stops, packed as ImageData wants them.
  palette(...stops) {
    return Uint32Array.from({ length: 256 }, (_, level) => {
      const at = (level / 255) * (stops.length - 1);
      const from = stops[Math.floor(at)];
      const to = stops[Math.ceil(at)];
      const [red, green, blue] = from.map((value, i) => Math.round(value + (to[i] - value) * (at % 1)));
      return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
    });
  },
};
// Activations glow; filters are blue below zero and orange above.
lenet.glow ??= lenet.palette([14, 17, 38], [52, 62, 138], [74, 144, 190], [156, 214, 182], [255, 250, 214]);
lenet.signed ??= lenet.palette([88, 150, 255], [14, 17, 38], [255, 164, 74]);
