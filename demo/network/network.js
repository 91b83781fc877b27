// The network from left to right: every stage's maps drawn in place, one of them enlarged on hover or tap.
const LOUPE = 224; // the longer side of an enlarged map on screen
const loupe = element.querySelector(".loupe");
const stages = props.stages.map((stage) => {
  const section = element.querySelector(`[data-stage="${stage.name}"]`);
  return { ...stage, maps: section.querySelectorAll(".map"), filters: section.querySelectorAll(".filter") };
});
let shown = null; // the canvas in the loupe

lenet.listen("answer", (answer) => {
  if (answer.error) return;
  for (const stage of stages) {
    const values = answer.stages?.[stage.name];
    paintAll(stage.maps, values?.pixels, stage.width, stage.height, lenet.glow);
    stage.scale = values && `${stage.name} runs from ${values.low} (dark) to ${values.high} (bright).`;
    paintAll(stage.filters, answer.filters, 5, 5, lenet.signed);
  }
  if (shown) enlarge();
});

function paintAll(canvases, pixels, width, height, palette) {
  const bytes = pixels ? lenet.bytes(pixels) : new Uint8Array(canvases.length * width * height);
  canvases.forEach((canvas, i) => {
    lenet.paint(canvas, bytes.subarray(i * width * height, (i + 1) * width * height), width, height, palette);
  });
}

function enlarge() {
  const scale = LOUPE / Math.max(shown.width, shown.height);
  const copy = loupe.querySelector("canvas");
  Object.assign(copy, { width: shown.width, height: shown.height });
  Object.assign(copy.style, { width: `${shown.width * scale}px`, height: `${shown.height * scale}px` });
  copy.getContext("2d").drawImage(shown, 0, 0);
  const isMap = shown.classList.contains("map");
  const stage = stages.find(({ name }) => name === shown.closest(".stage").dataset.stage);
  loupe.querySelector("p").textContent = [shown.dataset.caption, isMap && stage.scale].filter(Boolean).join(" ");
}

function open(canvas) {
  shown = canvas;
  loupe.hidden = !canvas;
  if (!canvas) return;
  enlarge();
  const box = canvas.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = loupe;
  const left = box.right + 12 + width < innerWidth ? box.right + 12 : Math.max(8, box.left - 12 - width);
  const top = Math.min(Math.max(8, box.top - 40), innerHeight - height - 8);
  Object.assign(loupe.style, { left: `${left}px`, top: `${Math.max(8, top)}px` });
}

element.addEventListener("pointerover", (event) => {
  if (event.pointerType === "mouse") open(event.target.closest(".stage canvas"));
});
element.addEventListener("pointerleave", () => open(null));
element.addEventListener("click", (event) => {
  const canvas = event.target.closest(".stage canvas");
  open(canvas === shown ? null : canvas);
});
addEventListener("scroll", () => open(null), { passive: true });
