// The buttons under the figure: each opens one explanation and closes the others; Escape closes it.
const nav = element.querySelector("nav");
const buttons = nav.querySelectorAll("button");

element.addEventListener("click", (event) => {
  const name = event.target.closest("button")?.dataset.open;
  if (name) lenet.open(name === lenet.opened() ? "" : name);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !lenet.opened()) return;
  const button = element.querySelector(`[data-open="${lenet.opened()}"]`);
  lenet.open("");
  button.focus();
});
lenet.listen("open", (name) => {
  if (name && name !== "counterfactual" && name !== "tour") showFigure();
  buttons.forEach((button) => {
    const pressed = button.dataset.open === name;
    button.setAttribute("aria-pressed", pressed);
    if (pressed) nav.scrollLeft = button.offsetLeft - (nav.clientWidth - button.offsetWidth) / 2;
  });
});

// On a wide screen the whole figure fits above the explanation, whose height page.css limits.
function showFigure() {
  const hidden = document.querySelector("#figure").getBoundingClientRect().bottom - 0.52 * innerHeight;
  if (innerWidth > 720 && hidden > 0) scrollBy({ top: hidden });
}
