// What the ink and the units on the way contributed: a heat map on the drawing, links over the figure.
const table = element.querySelector("table");
const ink = element.querySelector(".ink");
const shares = element.querySelector(".shares");
const spot = element.querySelector(".heat i");
const update = lenet.explanation("trace", element, server.explain, show);
const showDigit = lenet.digitButtons(element.querySelector(".why"), (digit) => update({ digit, against: null }));
const showAgainst = lenet.digitButtons(element.querySelector(".against"), (digit) => {
  update({ against: digit === told?.against ? null : digit });
});
let told;

// A class that was asked for holds for this drawing session only.
lenet.listen("open", () => update({ digit: null, against: null }));

function show(answer) {
  told = answer;
  showDigit(told.digit, null);
  showAgainst(told.against, told.digit);
  element.querySelector(".sentence").textContent = told.words;
  element.querySelector(".covered").textContent = told.covered;
  lenet.paint(ink, lenet.bytes(told.ink), 32, 32);
  lenet.paint(shares, lenet.bytes(told.heat), 32, 32, lenet.heat);
  const { top, left, side } = told.spot;
  const box = { top, left, width: side, height: side };
  for (const [name, pixels] of Object.entries(box)) spot.style[name] = `${(100 * pixels) / 32}%`;
  table.replaceChildren(
    ...told.stages.map(({ stage, strongest, total }) => {
      const row = document.createElement("tr");
      for (const text of [stage, ...strongest, total]) row.insertCell().textContent = text;
      return row;
    }),
  );
  lenet.publish("marks", { squares: [{ stage: "input", index: 0, square: told.spot, kind: "own" }], links: told.links });
  lenet.publish("overlay", told.overlay);
}
