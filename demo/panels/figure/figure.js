// The network from left to right, as in the paper: every stage's maps as cards on one canvas, painted if they changed and
// are visible; a map is enlarged on hover or tap; units are picked by pointer or keys; an explanation's squares and links
// are drawn on top.
const LOUPE = 224; // the longer side of an enlarged map on screen
const STEP_SIDE = 64; // pixels of the preparation's canvases, which its pictures are enlarged to
const FRAME = { light: 0xffb8a89e, dark: 0xff7a5a4e }; // a card's edge, and an empty card, packed as ImageData wants it
const EMPTY = { light: 0xfff5f1ee, dark: 0xff38261e };
// The receptive fields drawn in the paper: a square of one stage's map, and the value computed from it.
/** @type {[string, number, [number, number, number], string, number, [number, number, number]][]} */
const FIELDS = [
  ["input", 0, [6, 18, 5], "C1", 1, [6, 18, 1]],
  ["C1", 5, [16, 20, 2], "S2", 5, [8, 10, 1]],
  ["S2", 5, [7, 7, 5], "C3", 15, [5, 5, 1]],
  ["C3", 15, [6, 6, 2], "S4", 15, [3, 3, 1]],
];
const SVG = "http://www.w3.org/2000/svg";
const loupe = element.querySelector(".loupe");
const [fields, marks] = element.querySelectorAll(".marks");
const steps = [...element.querySelectorAll(".steps canvas")].map((canvas) => {
  Object.assign(canvas, { width: STEP_SIDE, height: STEP_SIDE });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return { canvas, context, image: context.createImageData(STEP_SIDE, STEP_SIDE) };
});
const filterCanvases = [...element.querySelectorAll(".filter")];
const stages = props.stages.map((stage) => {
  const section = element.querySelector(`[data-stage="${stage.name}"]`);
  const context = section.querySelector("canvas").getContext("2d", { willReadFrequently: true });
  const image = context.createImageData(stage.canvas.width, stage.canvas.height);
  const [maps, scale] = [".map", ".scale span"].map((each) => [...section.querySelectorAll(each)]);
  return { ...stage, section, context, image, maps, scale, seen: true };
});
let own = null; // this network's part of the answer
let pictures = null; // the preparation's
let filters = null; // the painted filters; they change only with the weights
let shown = null; // the map or filter in the loupe
let marked = null; // what the open explanation marks
let explained = true; // whether this network's answer is explained, and not the one beside it

const stageOf = (name) => stages.find((stage) => stage.name === name);
const stageAround = (node) => stageOf(node.closest(".stage")?.dataset.stage);
const theme = () => (document.body.classList.contains("dark") ? "dark" : "light");

lenet.listen("answer", (answer) => {
  const part = lenet.of(props.network, answer);
  if (!part) return;
  explained = part === answer;
  own = part;
  pictures = answer.steps;
  stages.forEach((stage) => paint(stage));
  paintSteps();
  paintFilters();
  tellScales();
  tellAccuracy(explained ? answer.request.weights : answer.request.beside);
  if (shown) enlarge();
});

// A stage's values, and those shown as dark and bright; null if nothing is drawn.
const valuesOf = ({ name }) => own?.stages?.[name] ?? null;

function paint(stage, anew = false) {
  const now = valuesOf(stage);
  const due = anew || stage.stale || now || stage.drawn;
  stage.stale = !stage.seen;
  if (stage.stale || !due) return;
  stage.drawn = Boolean(now);
  const pixels = new Uint32Array(stage.image.data.buffer);
  const colours = /** @type {[number, number]} */ ([FRAME[theme()], EMPTY[theme()]]);
  stage.places.forEach((place, i) => paintCard(pixels, stage, place, i, now, colours));
  stage.context.putImageData(stage.image, 0, 0);
}

function paintCard(pixels, { width, height, cell, canvas }, [left, top], index, now, [frame, empty]) {
  const length = width * cell + 2;
  const at = top * canvas.width + left;
  pixels.fill(frame, at, at + length);
  for (let row = 0; row < height; row++) {
    const begin = at + (row * cell + 1) * canvas.width;
    pixels[begin] = pixels[begin + length - 1] = frame;
    if (now) paintRow(pixels, begin + 1, width, cell, index * width * height + row * width, now);
    else pixels.fill(empty, begin + 1, begin + length - 1);
    for (let again = 1; again < cell; again++) {
      pixels.copyWithin(begin + again * canvas.width, begin, begin + length);
    }
  }
  const bottom = at + (height * cell + 1) * canvas.width;
  pixels.fill(frame, bottom, bottom + length);
}

function paintRow(pixels, at, width, cell, from, { values, low, high }) {
  const { glow } = lenet;
  const scale = 255 / Math.max(high - low, 1e-6);
  for (let column = 0; column < width; column++) {
    const colour = glow[((values[from + column] - low) * scale) | 0];
    for (let i = 0; i < cell; i++) pixels[at++] = colour;
  }
}

function paintSteps() {
  steps.forEach(({ canvas, context, image }, i) => {
    const step = own.stages && pictures?.[i];
    if (canvas.hidden === Boolean(step)) canvas.hidden = !step;
    if (!step) return;
    paintStep(new Uint32Array(image.data.buffer), step);
    context.putImageData(image, 0, 0);
  });
}

// Centred in its frame. Scaled here, because scaling in CSS makes the browser compose the page again each time.
function paintStep(canvas, { width, height, pixels, frame }) {
  const scale = frame / STEP_SIDE;
  const [left, top] = [(frame - width) >> 1, (frame - height) >> 1];
  for (let y = 0, at = 0; y < STEP_SIDE; y++) {
    const row = Math.floor((y + 0.5) * scale) - top;
    for (let x = 0; x < STEP_SIDE; x++, at++) {
      const column = Math.floor((x + 0.5) * scale) - left;
      const inside = row >= 0 && row < height && column >= 0 && column < width;
      canvas[at] = inside ? lenet.glow[pixels[row * width + column]] : 0;
    }
  }
}

function paintFilters() {
  if (own.filters === filters) return;
  filters = own.filters;
  const bytes = lenet.signedLevels(filters);
  filterCanvases.forEach((canvas, i) => lenet.paint(canvas, bytes.subarray(i * 25, i * 25 + 25), 5, 5, lenet.signed));
}

function tellScales() {
  for (const stage of stages) {
    const now = valuesOf(stage);
    const texts = now ? [now.low, now.high].map((value) => value.toFixed(1).replace("-", "−")) : ["", ""];
    stage.scale.forEach((span, i) => lenet.write(span, texts[i]));
  }
}

// The accuracy of the current weights, if it was measured.
const about = element.querySelector("h2 small");
function tellAccuracy(weights) {
  const used = lenet.networks?.networks.find(({ id }) => id === weights);
  const reads = used && (used.id === "" || used.id === props.network) ? props.reads : (used?.accuracy ?? null) && [`${(100 * used.accuracy).toFixed(2)} % right on MNIST`];
  const words = [props.parameters, ...(reads ?? [])].join(", ");
  if (words !== about.textContent) about.textContent = words;
}

// Stages are painted when they scroll into view, and again when the theme changes.
const sight = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    const stage = stageAround(target);
    stage.seen = isIntersecting;
    if (isIntersecting && stage.stale) paint(stage);
  }
});
stages.forEach(({ section }) => sight.observe(section.querySelector("canvas")));
new MutationObserver(() => stages.forEach((stage) => paint(stage, true))).observe(document.body, {
  attributeFilter: ["class"],
});
stages.forEach((stage) => paint(stage, true));

function enlarge() {
  const stage = stageAround(shown);
  const now = stage && valuesOf(stage);
  const [width, height] = stage ? [stage.width, stage.height] : [5, 5];
  const copy = loupe.querySelector("canvas");
  const scale = LOUPE / Math.max(width, height);
  Object.assign(copy.style, { width: `${width * scale}px`, height: `${height * scale}px` });
  Object.assign(copy, { width, height });
  if (!stage) copy.getContext("2d").drawImage(shown, 0, 0);
  if (now) {
    const image = new ImageData(width, height);
    const from = stage.maps.indexOf(shown) * width * height;
    paintRow(new Uint32Array(image.data.buffer), 0, width * height, 1, from, now);
    copy.getContext("2d").putImageData(image, 0, 0);
  }
  loupe.querySelector("p").replaceChildren(`${shown.ariaLabel} `, (stage && scaleOf(stage)) || "");
}

function scaleOf(stage) {
  const now = valuesOf(stage);
  return now ? `${stage.name} runs from ${now.low.toFixed(3)} (dark) to ${now.high.toFixed(3)} (bright).` : "";
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
  const stage = canvas && stageAround(canvas);
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
  if (event.pointerType === "mouse") open(lenet.opened() ? null : event.target.closest(".map, .filter"));
});
element.addEventListener("pointermove", (event) => {
  // Ignore moves caused by scrolling under a pointer at rest.
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
  else open(shown ? null : event.target.closest(".map, .filter"));
});
// A map with keyboard focus is enlarged too, and announced.
element.addEventListener("focusin", ({ target }) => {
  if (lenet.opened() || !target.matches(".map:focus-visible")) return;
  open(target);
  lenet.announce("map", target.ariaLabel);
  lenet.announce("scale", scaleOf(stageAround(target)));
});
element.addEventListener("focusout", () => open(null));
addEventListener("scroll", () => open(null), { passive: true });

function pick(unit) {
  open(null);
  if (!explained) lenet.publish("network", props.network);
  lenet.publish("pick", unit);
}

// The maps are one stop of the Tab key: arrows go from map to map, Enter picks the focused one.
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
    const stage = stageAround(stops[at]);
    const middle = stage.units ? 0 : Math.floor(stage.width / 2);
    const index = stage.units ? 0 : stage.maps.indexOf(stops[at]);
    pick({ stage: stage.name, index, row: middle, column: middle });
  }
});

// Marks are {squares: [{stage, index, square, kind}], links: [{from, to, width, kind}]}; without an index a square is on
// all maps of its stage, without a square the whole map or unit is marked.
lenet.listen("marks", (shown) => {
  marked = explained ? shown : null;
  drawMarks();
});
new ResizeObserver(() => {
  drawFields();
  drawMarks();
}).observe(marks.parentElement);

function drawFields() {
  fields.replaceChildren();
  for (const [from, source, square, to, map, value] of FIELDS) {
    const [seen, made] = [boxOf(from, source, squareOf(square)), boxOf(to, map, squareOf(value))];
    if (made.x < seen.x) continue; // in the row below
    draw(fields, "rect", seen);
    draw(fields, "rect", made);
    for (const [dy, end] of [[0, 0], [seen.height, made.height]]) {
      draw(fields, "path", { d: `M${seen.x + seen.width} ${seen.y + dy}L${made.x} ${made.y + end}` });
    }
  }
}

const squareOf = ([top, left, side]) => ({ top, left, side });

function drawMarks() {
  marks.replaceChildren();
  for (const { stage, index, square, kind } of marked?.squares ?? []) {
    const maps = stageOf(stage).maps.keys();
    for (const i of index === undefined ? maps : [index]) {
      draw(marks, "rect", { ...boxOf(stage, i, square, index === undefined), rx: 2, class: kind });
    }
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

// A curve from the middle of one map or unit to another's. To the row below, it leaves at the right and enters at the left.
function curve(from, to, width, kind) {
  if (to.x < from.x) {
    curve(from, { ...from, x: marks.clientWidth, width: 0 }, width, kind);
    return curve({ ...to, x: 0, width: 0 }, to, width, kind);
  }
  const [x1, y1] = [from.x + from.width / 2, from.y + from.height / 2];
  const [x2, y2] = [to.x + to.width / 2, to.y + to.height / 2];
  const middle = (x1 + x2) / 2;
  const path = `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
  draw(marks, "path", { d: path, "stroke-width": 1 + 6 * width, class: kind });
}

function draw(onto, shape, attributes) {
  const node = document.createElementNS(SVG, shape);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  onto.append(node);
}
