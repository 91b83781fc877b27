// The contributions of ink, maps and units: a heat map on the drawing, and links over the figure.
const table = element.querySelector("table");
const ink = element.querySelector(".ink");
const shares = element.querySelector(".shares");
const spot = element.querySelector(".heat i");
const update = lenet.explanation("trace", element, server.explain, show, { digit: null, against: null });
const showDigit = lenet.digitButtons(element.querySelector(".why"), (digit) => update({ digit, against: null }));
const showAgainst = lenet.digitButtons(element.querySelector(".against"), (digit) => {
  update({ against: digit === shown?.against ? null : digit });
});
let shown;

function show(answer) {
  shown = answer;
  showDigit(shown.digit, null);
  showAgainst(shown.against, shown.digit);
  element.querySelector(".covered").textContent = shown.covered;
  lenet.paint(ink, lenet.bytes(shown.ink), 32, 32);
  lenet.paint(shares, lenet.bytes(shown.heat), 32, 32, lenet.heat);
  const { top, left, side } = shown.spot;
  const box = { top, left, width: side, height: side };
  for (const [name, pixels] of Object.entries(box)) spot.style[name] = `${(100 * pixels) / 32}%`;
  table.replaceChildren(
    ...shown.stages.map(({ stage, strongest, total }) => {
      return lenet.node("tr", {}, ...[stage, ...strongest, total].map((text) => lenet.node("td", {}, text)));
    }),
  );
  lenet.publish("marks", { squares: [{ stage: "input", index: 0, square: shown.spot, kind: "own" }], links: shown.links });
  lenet.publish("overlay", shown.overlay);
}
