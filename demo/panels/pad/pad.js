// The drawing surface: pointer and keys make strokes, which are painted on screen and answered at every change.
const SHEET = props.side; // the height, and of a sheet for one digit the width
const STEP = 8; // of the pen by an arrow key, in pixels of the sheet
const HIGH = 34; // a digit that begins above has its label below, in pixels of the sheet
const AROUND = 14; // from the pen's path to the box of its digit, in pixels of the sheet
const FINE_STEP = 2; // the same with Shift
const ARROWS = { arrowup: [0, -1], arrowdown: [0, 1], arrowleft: [-1, 0], arrowright: [1, 0] };
const PALM = 44; // the least width of a palm's touch, in pixels of the screen
const PEN_IN_USE = 1500; // milliseconds after a pen's last event in which touches are the hand's
const canvas = element.querySelector(".sheet canvas");
const context = canvas.getContext("2d");
const cursor = element.querySelector(".cursor");
const hint = element.querySelector(".hint");
const slider = element.querySelector("input");
const button = (name) => element.querySelector(`[data-do="${name}"]`);

const OPACITY = Uint32Array.from({ length: 256 }, (_, level) => (level << 24) >>> 0);

const empty = { strokes: [], picture: null, width: SHEET };
let drawing = empty; // never changed in place, so that undo can keep earlier ones
const past = [];
let future = [];
let stroke = null; // the one being drawn
let penSeen = -Infinity; // when a pen was near
let touching = false; // whether a finger draws
let pointer = null; // the pointer that draws the stroke
let spot = [SHEET / 2, SHEET / 4]; // the position of the keyboard's pen
const held = new Set(); // the arrow keys that are down
let tool = "pen";
// Other parameters of the answer (demo/panels/panel.js), each set by the event of its name.
// The panels start in any order, so the network that the visitor chose last may already be known.
const wished = { weights: lenet.networks?.inUse.id ?? "", off: [], beside: null, digit: null };
const pictures = new Map(); // name -> {width, height, pixels, canvas: the ink as opacity, source: as received}

function change(next) {
  past.push(drawing);
  future = [];
  show(next);
}

function show(next) {
  const wider = next.width !== drawing.width;
  drawing = next;
  if (wider) layOut();
  redraw();
  refresh();
  send();
  store();
}

// The sheet is restored after a reload, with the picture under the strokes.
let storing = 0; // a timer, because storing at every change would be slow
function store() {
  clearTimeout(storing);
  storing = setTimeout(storeNow, 300);
}
function storeNow() {
  if (storing) lenetStorage.write("sheet", { ...drawing, picture: pictures.get(drawing.picture)?.source });
  clearTimeout(storing);
  storing = 0;
}
addEventListener("pagehide", storeNow);

function restore() {
  const { strokes, picture, width } = lenetStorage.read("sheet") ?? {};
  const sound = Array.isArray(strokes) && strokes.every(({ points }) => Array.isArray(points));
  if (sound && (strokes.length || picture) && !location.hash) lenet.publish("drawing", { strokes, picture, width });
}

function refresh() {
  hint.hidden = Boolean(stroke || drawing.strokes.length || drawing.picture);
  button("undo").disabled = !past.length;
  button("redo").disabled = !future.length;
}

const actions = {
  pen: () => choose("pen"),
  eraser: () => choose("eraser"),
  undo: () => past.length && (future.push(drawing), show(past.pop())),
  redo: () => future.length && (past.push(drawing), show(future.pop())),
  clear: () => (drawing.strokes.length || drawing.picture) && change({ ...empty, width: drawing.width }),
  digit: () => isNumber() && change(empty),
  // On a phone, rarely used tools are behind one button.
  more() {
    const open = document.body.dataset.tray !== "open";
    document.body.dataset.tray = open ? "open" : "";
    button("more").setAttribute("aria-expanded", open);
  },
  // A digit on the sheet becomes the first of the number.
  number: () => !isNumber() && change({ ...drawing, picture: null, width: props.wide[Number(innerWidth > 720)] }),
};

const isNumber = () => drawing.width !== SHEET;

// The page makes room for a wide sheet (demo/page.css).
function layOut() {
  document.body.dataset.sheet = isNumber() ? "number" : "digit";
  element.style.setProperty("--wide", drawing.width / SHEET);
  element.classList.toggle("number", isNumber());
  hint.textContent = isNumber() ? "Write a number here" : "Draw a digit here";
  for (const kind of ["digit", "number"]) {
    button(kind).setAttribute("aria-pressed", isNumber() === (kind === "number"));
  }
  spot = [drawing.width / 2, SHEET / 4];
  wished.digit = null;
  fit();
}

function choose(name) {
  tool = name;
  for (const each of ["pen", "eraser"]) button(each).setAttribute("aria-pressed", each === name);
}

function setWidth(width) {
  slider.value = width;
  element.style.setProperty("--pen", slider.value);
}

// The sheet's position on screen, measured at pen down: measuring at every move would lay out the page again.
let box = null;
function measure() {
  const { left, top } = canvas.getBoundingClientRect();
  const { clientLeft, clientTop, clientWidth: width, clientHeight: height } = canvas;
  box = { left: left + clientLeft, top: top + clientTop, width, height };
}
addEventListener("scroll", measure, { passive: true, capture: true });

function point(event) {
  const x = ((event.clientX - box.left) / box.width) * drawing.width;
  const y = ((event.clientY - box.top) / box.height) * SHEET;
  const at = [Math.round(x * 10) / 10, Math.round(y * 10) / 10];
  // Only pens have pressure; mice and fingers report a constant.
  return event.pointerType === "pen" && event.pressure ? [...at, Math.round(event.pressure * 100) / 100] : at;
}

// A palm is a wide touch, or any touch while a pen is in use.
function isPalm({ pointerType, width, height, timeStamp }) {
  return pointerType === "touch" && (Math.max(width, height) > PALM || timeStamp - penSeen < PEN_IN_USE);
}
const see = ({ pointerType, timeStamp }) => pointerType === "pen" && (penSeen = timeStamp);
for (const name of ["pointerdown", "pointermove"]) canvas.addEventListener(name, see, { capture: true });

canvas.addEventListener("pointerdown", (event) => {
  if (isPalm(event) || (event.pointerType === "mouse" && event.button !== 0)) return;
  if (stroke && event.pointerType === "pen" && touching) discard(); // the hand touched the screen before the pen
  if (stroke) return;
  touching = event.pointerType === "touch";
  pointer = event.pointerId;
  canvas.setPointerCapture(pointer);
  measure();
  begin(point(event), tool === "eraser" || Boolean(event.buttons & 32)); // 32: the eraser end of the pen
});

canvas.addEventListener("pointermove", (event) => {
  if (event.pointerId !== pointer) return;
  if (!event.buttons) return finish(); // the button was released outside the window
  const moves = event.getCoalescedEvents?.() ?? [];
  extend((moves.length ? moves : [event]).map(point));
});

for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
  canvas.addEventListener(name, (event) => {
    if (event.pointerId === pointer) finish();
  });
}

function discard() {
  pointer = stroke = null;
  redraw();
  refresh();
  send();
}

function begin(at, erase) {
  stroke = { points: [at], width: Number(slider.value), erase };
  lenet.paintStroke(context, stroke);
  refresh();
  send();
}

function extend(points) {
  const from = stroke.points.length;
  for (const next of points) {
    const last = stroke.points.at(-1);
    if (Math.hypot(next[0] - last[0], next[1] - last[1]) >= 0.5) stroke.points.push(next);
  }
  if (stroke.points.length === from) return;
  lenet.paintStroke(context, stroke, from);
  send();
}

function finish() {
  const finished = stroke;
  pointer = stroke = null;
  // The stroke is already on screen and part of the last request, so only the history changes.
  past.push(drawing);
  future = [];
  drawing = { ...drawing, strokes: [...drawing.strokes, finished] };
  refresh();
  answerer.confirm();
  lenet.writeNow();
  redraw(); // in one path
  store();
}

// Drawing by keyboard: two arrow keys together move the pen diagonally.
function moveBy(step) {
  const along = (axis) => [...held].reduce((sum, key) => sum + ARROWS[key][axis], 0);
  spot = spot.map((at, axis) => Math.min([drawing.width, SHEET][axis], Math.max(0, at + step * along(axis))));
  if (stroke) extend([spot]);
  showCursor();
}

function putDownOrLift() {
  if (stroke) finish();
  else begin(spot, tool === "eraser");
  lenet.announce("pen", stroke ? "The pen is down." : "The pen is up.");
  showCursor();
}

function showCursor() {
  cursor.hidden = false;
  cursor.classList.toggle("down", Boolean(stroke));
  Object.assign(cursor.style, { left: `${(100 * spot[0]) / drawing.width}%`, top: `${(100 * spot[1]) / SHEET}%` });
}

canvas.addEventListener("keydown", (event) => {
  const key = event.key.toLowerCase();
  if (pointer !== null || !(key in ARROWS || key === " ")) return;
  event.preventDefault();
  if (key === " ") return event.repeat || putDownOrLift();
  held.add(key);
  moveBy(event.shiftKey ? FINE_STEP : STEP);
});
canvas.addEventListener("keyup", (event) => held.delete(event.key.toLowerCase()));
canvas.addEventListener("blur", () => {
  held.clear();
  cursor.hidden = true;
  if (stroke && pointer === null) finish();
});

element.addEventListener("click", (event) => {
  actions[event.target.closest("[data-do]")?.dataset.do]?.();
});
slider.addEventListener("input", () => setWidth(slider.value));

element.addEventListener("keydown", (event) => {
  const key = event.key.toLowerCase();
  const held = event.ctrlKey || event.metaKey;
  const name = held
    ? { z: event.shiftKey ? "redo" : "undo", y: "redo" }[key]
    : { p: "pen", e: "eraser", delete: "clear", backspace: "clear" }[key];
  if (name && !stroke) actions[name]();
  else if (!held && "[]".includes(key)) setWidth(Number(slider.value) + (key === "[" ? -2 : 2));
  else return;
  event.preventDefault();
});

function redraw() {
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.scale(canvas.width / drawing.width, canvas.height / SHEET);
  const picture = pictures.get(drawing.picture);
  if (picture) {
    const scale = Math.min(drawing.width / picture.width, SHEET / picture.height);
    const [width, height] = [picture.width * scale, picture.height * scale];
    context.drawImage(picture.canvas, (drawing.width - width) / 2, (SHEET - height) / 2, width, height);
    context.globalCompositeOperation = "source-in";
    context.fillStyle = getComputedStyle(canvas).color;
    context.fillRect(0, 0, drawing.width, SHEET);
    context.globalCompositeOperation = "source-over";
  }
  for (const each of drawing.strokes) lenet.paintStroke(context, each);
  if (stroke) lenet.paintStroke(context, stroke);
}

// Paint a stroke from point `from` on. Points of the same width are one path, because overlapping paths show edges.
lenet.paintStroke = (context, { points, width, erase }, from = 0) => {
  // An eraser's width does not depend on pressure, as for the network.
  const widthAt = ([, , pressure = 0.5]) => (erase ? width : width * (0.5 + pressure));
  context.globalCompositeOperation = erase ? "destination-out" : "source-over";
  if (!from) context.strokeStyle = getComputedStyle(context.canvas).color; // reading it at every move would lay out the page
  context.lineCap = context.lineJoin = "round";
  context.fillStyle = context.strokeStyle;
  if (points.length === 1) {
    context.beginPath();
    context.arc(points[0][0], points[0][1], widthAt(points[0]) / 2, 0, 7); // a line to itself would not be drawn
    context.fill();
  }
  for (let i = Math.max(from, 1); i < points.length; ) {
    const wide = widthAt(points[i]);
    context.lineWidth = wide;
    context.beginPath();
    context.moveTo(points[i - 1][0], points[i - 1][1]);
    for (; i < points.length && widthAt(points[i]) === wide; i++) context.lineTo(points[i][0], points[i][1]);
    context.stroke();
  }
  context.globalCompositeOperation = "source-over";
};

// The sheet's size on screen, the screen's pixel ratio and the theme may change at any time.
function fit() {
  const width = Math.round(canvas.clientWidth * devicePixelRatio);
  const height = Math.round(canvas.clientHeight * devicePixelRatio);
  if (width && (width !== canvas.width || height !== canvas.height)) Object.assign(canvas, { width, height });
  redraw();
}
new ResizeObserver(fit).observe(canvas);
new MutationObserver(redraw).observe(document.body, { attributeFilter: ["class"] });

// Answers are computed in the browser and confirmed by the server (demo/live/answerer.js).
const answerer = lenetAnswerer({
  fetchWeights: lenet.fetchWeights,
  read: server.read,
  confirm: server.confirm,
  readNumber: server.read_number,
  unanswered: lenet.unanswered,
  publish(answer) {
    lenet.drawing = answer.whole ?? answer.request.drawing;
    lenet.publish("answer", answer);
  },
  online(is) {
    element.querySelector(".offline").hidden = is || lenet.refused; // a busy server is not offline
    if (is) lenet.refused = null;
  },
});

function send() {
  const strokes = stroke ? [...drawing.strokes, { ...stroke, points: [...stroke.points] }] : drawing.strokes;
  const whole = { width: drawing.width, height: SHEET, strokes, picture: drawing.picture };
  answerer.ask({ drawing: whole, ...wished }, pictures.get(drawing.picture), isNumber());
}

for (const name of Object.keys(wished)) {
  lenet.listen(name, (value) => {
    wished[name] = value;
    send();
  });
}

// An explanation's overlay: the input's pixels at their positions on the sheet.
const overlay = element.querySelector(".overlay canvas");
lenet.listen("overlay", (shown) => {
  overlay.hidden = !shown;
  if (!shown) return;
  const [x, y, width, height] = shown.grid.map((length, i) => (100 * length) / (i % 2 ? SHEET : drawing.width));
  lenet.paint(overlay, lenet.bytes(shown.pixels), shown.side, shown.side, lenet[shown.palette]);
  const box = { left: x, top: y, width: width * shown.side, height: height * shown.side };
  for (const [name, percent] of Object.entries(box)) overlay.style[name] = `${percent}%`;
});

// Boxes around the digits of a number, each with its answer above.
const boxes = element.querySelector(".boxes");
lenet.listen("answer", ({ number, error }) => {
  if (error) return;
  const marks = (number?.digits ?? []).map(({ digit, doubt, box: [left, top, right, bottom] }, i) => {
    const mark = document.createElement("i");
    mark.dataset.digit = doubt ? `${digit}?` : digit;
    mark.className = `${doubt ? "doubt" : ""} ${i === number.chosen ? "chosen" : ""} ${top < HIGH ? "high" : ""}`;
    const across = (length) => `${(100 * length) / drawing.width}%`;
    const down = (length) => `${(100 * length) / SHEET}%`;
    const [width, height] = [across(right - left + 2 * AROUND), down(bottom - top + 2 * AROUND)];
    Object.assign(mark.style, { left: across(left - AROUND), top: down(top - AROUND), width, height });
    return mark;
  });
  boxes.replaceChildren(...marks);
});

// Store a picture by its name, with its ink as opacity, so that it has the theme's colour.
function keep(source) {
  const { name, width, height, pixels } = source;
  if (pictures.has(name)) return;
  const ink = { width, height, pixels: lenet.bytes(pixels), canvas: document.createElement("canvas"), source };
  lenet.paint(ink.canvas, ink.pixels, width, height, OPACITY);
  pictures.set(name, ink);
}

// A new drawing for the sheet: {strokes, picture, width}. A `passing` one is a moment of a replay and can't be undone.
lenet.listen("drawing", ({ strokes, picture, width = SHEET, passing }) => {
  if (picture) keep(picture);
  (passing ? show : change)({ strokes, picture: picture?.name ?? null, width });
});

setWidth(18);
layOut();
refresh();
send();
restore();
