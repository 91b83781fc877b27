// The sum behind the unit that is pointed at, or else the one that was picked.
const map = element.querySelector(".map");
const canvas = map.querySelector("canvas");
const cursor = map.querySelector("i");
const terms = element.querySelector(".terms");
const numbers = element.querySelector(".numbers");
let picked; // the unit to come back to when the pointer leaves the figure
let told; // what is shown
let term = 0; // the one whose numbers are written out
let side = 1; // of the map that is shown
let focuses = false; // whether the keys go to the map as soon as it is shown

const update = lenet.explanation("unit_sum", element, server.explain, show);

lenet.listen("pick", (unit) => {
  if (lenet.opened() === "ablation") return;
  picked = unit;
  focuses = true;
  update({ unit });
  if (lenet.opened() !== "unit_sum") lenet.open("unit_sum");
});
lenet.listen("hover", (unit) => lenet.opened() === "unit_sum" && update({ unit: unit ?? picked }));

canvas.addEventListener("pointermove", (event) => {
  if (event.pointerType === "mouse" || event.buttons) point(event);
});
canvas.addEventListener("pointerdown", point);

function point(event) {
  const at = (offset, length) => Math.min(side - 1, Math.max(0, Math.floor((offset / length) * side)));
  move(at(event.offsetY, canvas.clientHeight), at(event.offsetX, canvas.clientWidth));
}

canvas.addEventListener("keydown", (event) => {
  const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
  if (!step) return;
  event.preventDefault();
  const within = (at) => Math.min(side - 1, Math.max(0, at));
  move(within(picked.row + step[0]), within(picked.column + step[1]));
});

function move(row, column) {
  picked = { ...told.unit, row, column };
  update({ unit: picked });
}

function show(answer) {
  told = answer;
  picked ??= told.unit;
  term = Math.min(term, told.terms.length - 1);
  for (const name of ["name", "how", "outcome"]) element.querySelector(`.${name}`).textContent = told[name];
  map.hidden = !told.map;
  if (told.map) showMap();
  terms.classList.toggle("many", told.terms.length > 8);
  terms.replaceChildren(...told.terms.map(termButton));
  showNumbers();
  const rows = told.sum.map((row) => tag("tr", {}, ...row.map((text) => tag("td", { textContent: text }))));
  element.querySelector("table").replaceChildren(...rows);
  lenet.publish("marks", { squares: told.squares });
}

function showMap() {
  if (focuses) canvas.focus({ preventScroll: true });
  focuses = false;
  side = told.map.side;
  lenet.paint(canvas, lenet.bytes(told.map.pixels), side, side);
  const { row, column } = told.unit;
  const box = { top: row, left: column, width: 1, height: 1 };
  for (const [name, count] of Object.entries(box)) cursor.style[name] = `${(100 * count) / side}%`;
}

function tag(name, properties, ...children) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
}

function picture(pixels, length, palette) {
  const copy = document.createElement("canvas");
  lenet.paint(copy, lenet.bytes(pixels), length, length, palette);
  return copy;
}

function termButton({ name, partial, side: length, patch, kernel }, i) {
  const parts = [picture(patch, length), ...(kernel ? [picture(kernel, length, lenet.signed)] : [])];
  const texts = [tag("span", { textContent: name }), tag("b", { textContent: partial })];
  const button = tag("button", { type: "button", className: "term" }, ...parts, ...texts);
  button.setAttribute("aria-pressed", i === term);
  button.addEventListener("click", () => {
    term = i;
    [...terms.children].forEach((other, j) => other.setAttribute("aria-pressed", i === j));
    showNumbers();
  });
  return button;
}

function showNumbers() {
  const { grids, side: length, winner } = told.terms[term];
  const figures = Object.entries(grids).map(([caption, all]) => {
    const cells = all.map((text, i) => tag("span", { textContent: text, className: i === winner ? "winner" : "" }));
    const grid = tag("div", { className: "grid" }, ...cells);
    grid.style.gridTemplateColumns = `repeat(${length}, auto)`;
    return tag("figure", {}, tag("figcaption", { textContent: caption }), grid);
  });
  numbers.replaceChildren(...figures);
}
