// The sum behind the cell under the pointer, or else the picked one. Play slides the window over the whole map.
const INTERVAL = 700; // milliseconds per cell while it plays
const TICK = 16; // milliseconds per product
const { node } = lenet;
const source = element.querySelector(".source");
const map = element.querySelector(".map");
const canvas = map.querySelector("canvas");
const [play, step] = element.querySelectorAll(".play button");
const terms = element.querySelector(".terms");
const numbers = element.querySelector(".numbers");
let picked; // the unit to return to when the pointer leaves the figure
let shown;
let term = 0; // the term whose numbers are shown
let side = 1; // of the map
let focuses = false; // whether the map gets the focus when it is shown next
let sliding = false; // whether the map fills up cell by cell
let timer; // of the next cell while it plays, else null

const update = lenet.explanation("unit_sum", element, server.explain, show);

lenet.listen("pick", (unit) => {
  if (lenet.opened() === "ablation") return;
  stop();
  picked = unit;
  focuses = true;
  update({ unit });
  if (lenet.opened() !== "unit_sum") lenet.open("unit_sum");
});
lenet.listen("hover", (unit) => lenet.opened() === "unit_sum" && !sliding && update({ unit: unit ?? picked }));
lenet.listen("open", stop);

canvas.addEventListener("pointermove", (event) => {
  if (event.pointerType === "mouse" ? !sliding : event.buttons) point(event);
});
canvas.addEventListener("pointerdown", point);

function point(event) {
  stop();
  move((event.offsetY / canvas.clientHeight) * side, (event.offsetX / canvas.clientWidth) * side);
}

canvas.addEventListener("keydown", (event) => {
  const by = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
  if (!by) return;
  event.preventDefault();
  stop();
  move(picked.row + by[0], picked.column + by[1]);
});

function move(row, column) {
  const within = (at) => Math.min(side - 1, Math.max(0, Math.floor(at)));
  picked = { ...shown.unit, row: within(row), column: within(column) };
  update({ unit: picked });
}

// Play: go to the next cell, row by row, until the map is full.
play.hidden = lenet.still();
play.addEventListener("click", () => (timer ? setPlaying(false) : advance(true)));
step.addEventListener("click", () => advance(false));

function advance(on) {
  const { row, column } = picked;
  const next = (row * side + column + 1) % (side * side);
  sliding = true;
  setPlaying(on && next + 1 < side * side);
  move(Math.floor(next / side), next % side);
}

function setPlaying(on) {
  clearTimeout(timer);
  timer = on ? setTimeout(() => advance(true), INTERVAL) : null;
  play.textContent = on ? "Pause" : "Play";
  play.setAttribute("aria-pressed", on);
}

function stop() {
  sliding = false;
  setPlaying(false);
}

function show(answer) {
  shown = answer;
  picked ??= shown.unit;
  term = Math.min(term, shown.terms.length - 1);
  element.querySelector("small").textContent = shown.name;
  for (const name of ["how", "outcome"]) element.querySelector(`.${name}`).textContent = shown[name];
  map.hidden = !shown.map;
  element.querySelector(".play").hidden = !shown.source;
  if (shown.map) showMap();
  terms.replaceChildren(...shown.terms.map(termButton));
  showTerm();
  const rows = shown.sum.map((row) => node("tr", {}, ...row.map((text) => node("td", {}, text))));
  element.querySelector("table").replaceChildren(...rows);
  lenet.publish("marks", { squares: shown.squares });
}

function showMap() {
  if (focuses) canvas.focus({ preventScroll: true });
  focuses = false;
  side = shown.map.side;
  const { row, column } = shown.unit;
  const bytes = lenet.bytes(shown.map.pixels[0]);
  if (sliding) bytes.fill(0, row * side + column + 1);
  lenet.paint(canvas, bytes, side, side);
  frame(map, side, { top: row, left: column, side: 1 });
}

// Show the map that the current term reads, and the window on it.
function showSource() {
  source.hidden = !shown.source;
  if (!shown.source) return;
  const { side: length, pixels } = shown.source;
  lenet.paint(source.querySelector("canvas"), lenet.bytes(pixels[term]), length, length);
  frame(source, length, shown.squares[1].square);
}

function frame(figure, length, { top, left, side: width }) {
  const box = { top, left, width, height: width };
  for (const [name, count] of Object.entries(box)) figure.querySelector("i").style[name] = `${(100 * count) / length}%`;
}

function termButton({ name, partial, side: length, patch, kernel }, i) {
  const pictures = [lenet.picture(patch, length, length)];
  if (kernel) pictures.push(lenet.picture(kernel, length, length, lenet.signed));
  const choose = () => {
    term = i;
    [...terms.children].forEach((other, j) => (other.ariaPressed = i === j));
    showTerm();
  };
  const properties = { className: "term", ariaPressed: i === term, onclick: choose };
  return lenet.button(properties, ...pictures, node("span", {}, name), node("b", {}, partial));
}

// Show the numbers of one term; while the window slides, the products are added up one by one.
function showTerm() {
  showSource();
  const { grids, side: length, winner, partial } = shown.terms[term];
  const figures = Object.entries(grids).map(([caption, all]) => {
    const cells = all.map((text, i) => node("span", { className: i === winner ? "winner" : "" }, text));
    const grid = node("div", { className: "grid" }, ...cells);
    grid.style.gridTemplateColumns = `repeat(${length}, auto)`;
    return node("figure", {}, node("figcaption", {}, caption), grid);
  });
  const sum = node("output", {}, partial);
  figures.at(-1).append(sum);
  numbers.replaceChildren(...figures);
  if (sliding && winner === null && !lenet.still()) tick(sum, [...figures.at(-1).querySelectorAll("span")], performance.now());
}

// Add up the products one by one.
function tick(sum, products, start) {
  const count = Math.floor((performance.now() - start) / TICK);
  products.forEach((cell, i) => cell.classList.toggle("now", i === count));
  sum.textContent = shown.terms[term].partial;
  if (!sum.isConnected || count >= products.length) return;
  const total = products.slice(0, count + 1).reduce((before, cell) => before + Number(cell.textContent.replace("−", "-")), 0);
  sum.textContent = `${total < 0 ? "−" : "+"}${Math.abs(total).toFixed(3)}`;
  requestAnimationFrame(() => tick(sum, products, start));
}
