// The network from left to right: every stage's maps drawn in place, one of them enlarged on hover or tap; units are
// picked by pointer or keys, and an explanation's squares and links are drawn on top.
const LOUPE = 224; // the longer side of an enlarged map on screen
const SVG = "http://www.w3.org/2000/svg";
const loupe = element.querySelector(".loupe");
const marks = element.querySelector(".marks");
const stages = props.stages.map((stage) => {
  const section = element.querySelector(`[data-stage="${stage.name}"]`);
  return { ...stage, maps: [...section.querySelectorAll(".map")], filters: section.querySelectorAll(".filter") };
});
let filters = null; // as they came last; they change only with the weights
let shown = null; // the canvas in the loupe
let marked = null; // what the open explanation marks
let explained = true; // whether what is explained is this network's answer and not the one beside it

const stageOf = (name) => stages.find((stage) => stage.name === name);

lenet.listen("answer", (answer) => {
  const own = lenet.of(props.network, answer);
  if (!own) return;
  explained = own === answer;
  for (const stage of stages) {
    const values = own.stages?.[stage.name];
    paintAll(stage.maps, values?.pixels, stage.width, stage.height, lenet.glow);
    stage.scale = values && `${stage.name} runs from ${values.low} (dark) to ${values.high} (bright).`;
    if (own.filters !== filters) paintAll(stage.filters, own.filters, 5, 5, lenet.signed);
  }
  filters = own.filters;
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
  const stage = stageOf(shown.closest(".stage").dataset.stage);
  loupe.querySelector("p").replaceChildren(`${shown.ariaLabel} `, (isMap && stage.scale) || "");
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

// The unit under the pointer: a pixel of a map, or a unit of a full connection.
function unitAt(event) {
  const canvas = event.target.closest(".map");
  const stage = canvas && stageOf(canvas.closest(".stage").dataset.stage);
  if (!stage || stage.name === "input") return null;
  const box = canvas.getBoundingClientRect();
  const at = (offset, side, count) => Math.min(count - 1, Math.max(0, Math.floor((offset / side) * count)));
  const column = at(event.clientX - box.left, box.width, stage.width);
  const row = at(event.clientY - box.top, box.height, stage.height);
  return stage.units
    ? { stage: stage.name, index: row * stage.width + column, row: 0, column: 0 }
    : { stage: stage.name, index: stage.maps.indexOf(canvas), row, column };
}

element.addEventListener("pointerover", (event) => {
  if (event.pointerType === "mouse") open(lenet.opened() ? null : event.target.closest(".stage canvas"));
});
element.addEventListener("pointermove", (event) => {
  // What scrolls under a pointer at rest is not pointed at.
  const moved = event.movementX || event.movementY;
  if (event.pointerType === "mouse" && moved && explained && lenet.opened()) lenet.publish("hover", unitAt(event));
});
element.addEventListener("pointerleave", () => {
  open(null);
  lenet.publish("hover", null);
});
element.addEventListener("click", (event) => {
  const unit = unitAt(event);
  if (unit) pick(unit);
  else open(shown ? null : event.target.closest(".stage canvas"));
});
// By keyboard too a map is enlarged while it has the focus, and told.
element.addEventListener("focusin", ({ target }) => {
  if (lenet.opened() || !target.matches(".map:focus-visible")) return;
  open(target);
  lenet.announce("map", target.ariaLabel);
  lenet.announce("scale", stageOf(target.closest(".stage").dataset.stage).scale ?? "");
});
element.addEventListener("focusout", () => open(null));
addEventListener("scroll", () => open(null), { passive: true });

function pick(unit) {
  open(null);
  if (!explained) lenet.publish("network", props.network);
  lenet.publish("pick", unit);
}

// By keyboard the maps are one stop of the Tab key: arrows go from map to map, Enter picks the one in focus.
const stops = stages.slice(1).flatMap((stage) => stage.maps);
stops.forEach((canvas, i) => {
  canvas.tabIndex = i ? -1 : 0;
  canvas.setAttribute("role", "button");
});
element.addEventListener("keydown", (event) => {
  const at = stops.indexOf(event.target);
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (at < 0 || !(step || event.key === "Enter" || event.key === " ")) return;
  event.preventDefault();
  if (step) {
    const next = stops[(at + step + stops.length) % stops.length];
    stops[at].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  } else {
    const stage = stageOf(stops[at].closest(".stage").dataset.stage);
    const middle = stage.units ? 0 : Math.floor(stage.width / 2);
    const index = stage.units ? 0 : stage.maps.indexOf(stops[at]);
    pick({ stage: stage.name, index, row: middle, column: middle });
  }
});

// Marks: {squares: [{stage, index, square, kind}], links: [{from, to, width, kind}]}; without an index a square is on
// all maps of its stage, without a square it is the whole map or unit.
lenet.listen("marks", (shown) => {
  marked = explained ? shown : null;
  drawMarks();
});
new ResizeObserver(drawMarks).observe(marks.parentElement);

function drawMarks() {
  marks.replaceChildren();
  for (const { stage, index, square, kind } of marked?.squares ?? []) {
    const maps = stageOf(stage).maps.keys();
    for (const i of index === undefined ? maps : [index]) rectangle(boxOf(stage, i, square, index === undefined), kind);
  }
  for (const { from, to, width, kind } of marked?.links ?? []) curve(boxOf(...from), boxOf(...to), width, kind);
}

function boxOf(name, index, square, whole) {
  const stage = stageOf(name);
  const area = stage.maps[stage.units ? 0 : index].getBoundingClientRect();
  const origin = marks.getBoundingClientRect();
  const cell = stage.units && !whole && { top: Math.floor(index / stage.width), left: index % stage.width, side: 1 };
  const { top, left, side } = (stage.units ? cell : square) || { top: 0, left: 0 };
  const [x, y] = [area.width / stage.width, area.height / stage.height];
  return {
    x: area.left - origin.left + left * x,
    y: area.top - origin.top + top * y,
    width: (side ?? stage.width) * x,
    height: (side ?? stage.height) * y,
  };
}

function rectangle(box, kind) {
  draw("rect", { ...box, rx: 2, class: kind });
}

// From the middle of one map or unit to another's: to the side where they stand beside each other, down where below.
function curve(from, to, width, kind) {
  const [x1, y1] = [from.x + from.width / 2, from.y + from.height / 2];
  const [x2, y2] = [to.x + to.width / 2, to.y + to.height / 2];
  const beside = Math.abs(x2 - x1) > Math.abs(y2 - y1);
  const [bendX, bendY] = beside ? [(x2 - x1) / 2, 0] : [0, (y2 - y1) / 2];
  const path = `M${x1} ${y1}C${x1 + bendX} ${y1 + bendY} ${x2 - bendX} ${y2 - bendY} ${x2} ${y2}`;
  draw("path", { d: path, "stroke-width": 1 + 6 * width, class: kind });
}

function draw(shape, attributes) {
  const node = document.createElementNS(SVG, shape);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  marks.append(node);
}
