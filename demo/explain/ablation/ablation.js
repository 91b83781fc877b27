// Switch maps and units off: the page then answers without them, so that every later map and the bars change.
const rankings = element.querySelectorAll(".ranking");
let off = []; // [stage, number] pairs
let latest = {}; // answer

lenet.explanation("ablation", element, server.explain, show);

const same = (one, other) => one[0] === other[0] && one[1] === other[1];

function toggle(unit) {
  const without = off.filter((other) => !same(other, unit));
  switchOff(without.length === off.length ? [...off, unit] : without);
}

function switchOff(list) {
  off = list;
  lenet.publish("off", off);
}

lenet.listen("pick", ({ stage, index }) => lenet.opened() === "ablation" && toggle([stage, index]));
// Closing the panel or opening another one switches everything on again.
lenet.listen("open", (name) => {
  if (name === "ablation") showBars();
  else if (off.length) switchOff([]);
});
element.querySelector(".all").addEventListener("click", () => switchOff([]));

lenet.listen("answer", (answer) => {
  latest = answer;
  if (lenet.opened() === "ablation") showBars();
});

function showBars() {
  const { probabilities, intact } = latest;
  element.querySelectorAll(".bars li").forEach((bar, digit) => {
    bar.querySelector("i").style.transform = `scaleY(${probabilities?.[digit] ?? 0})`;
    bar.querySelector("b").style.bottom = `calc(${(intact ?? probabilities)?.[digit] ?? 0} * (100% - 3px))`;
  });
}

function show(shown) {
  element.querySelector(".all").disabled = !shown.off.length;
  shown.rankings.forEach(({ title, effects }, i) => {
    rankings[i].hidden = false;
    rankings[i].querySelector("h3").textContent = title;
    rankings[i].querySelector("ol").replaceChildren(...effects.map(row));
  });
  lenet.publish("marks", { squares: shown.off.map(([stage, index]) => ({ stage, index, kind: "off" })) });
}

function row({ unit, name, odds, probability, share, off: isOff }) {
  const texts = [name, odds, probability].map((text) => lenet.node("span", {}, text));
  const button = lenet.button({ ariaPressed: isOff, onclick: () => toggle(unit) }, ...texts);
  button.style.setProperty("--share", share);
  return lenet.node("li", {}, button);
}
