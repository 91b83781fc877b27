// Point at one part of the page after another, with numbers that follow the pen.
const next = element.querySelector(".next");
const back = element.querySelector(".back");
let at = 0;
let steps = [];
let pointed = null; // the part of the page that is outlined

lenet.explanation("tour", element, server.explain, (shown) => {
  const begins = !steps.length;
  steps = shown.steps;
  step(at, begins);
});
lenet.listen("open", () => {
  at = 0;
  steps = [];
  point(null);
});
next.addEventListener("click", () => (at + 1 < steps.length ? step(at + 1, true) : lenet.open("")));
back.addEventListener("click", () => step(at - 1, true));
element.addEventListener("keydown", (event) => {
  const to = at + ({ ArrowRight: 1, ArrowLeft: -1 }[event.key] ?? 0);
  if (to !== at && steps[to]) step(to, true);
});

function step(to, moves) {
  at = to;
  const { target, title, words, squares } = steps[at];
  element.querySelector("h2").textContent = title;
  element.querySelector("small").textContent = `step ${at + 1} of ${steps.length}`;
  element.querySelector(".words").textContent = words;
  lenet.announce("tour", `${title}: ${words}`);
  back.disabled = !at;
  next.textContent = at + 1 < steps.length ? "Next →" : "Done";
  lenet.publish("marks", { squares });
  if (!moves) return;
  point(document.querySelector(target));
  next.focus({ preventScroll: true });
}

function point(part) {
  pointed?.removeAttribute("data-pointed");
  pointed = part;
  part?.setAttribute("data-pointed", "");
  if (!part) return;
  // Scroll it into the space above this panel: centred, or to its top if it is too tall.
  const box = part.getBoundingClientRect();
  const room = innerHeight - element.closest("#look").offsetHeight;
  scrollBy({ top: box.top - Math.max(12, (room - box.height) / 2), behavior: lenet.still() ? "auto" : "smooth" });
}
