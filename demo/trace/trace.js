// What the ink and the units on the way contributed: a heat map on the drawing, links over the figure.
const table = element.querySelector("table");
const ink = element.querySelector(".ink");
const shares = element.querySelector(".shares");
const update = lenet.explanation("trace", element, server.explain, show);
const showDigit = lenet.digitButtons(element.querySelector(".why"), (digit) => update({ digit, against: null }));
const showAgainst = lenet.digitButtons(element.querySelector(".against"), (digit) => {
  update({ against: digit === told.against ? null : digit });
});
let told;

// A class that was asked for holds for this drawing session only.
lenet.listen("open", () => update({ digit: null, against: null }));

function show(answer) {
  told = answer;
  showDigit(told.digit, null);
  showAgainst(told.against, told.digit);
  element.querySelector(".sentence").textContent = told.words;
  element.querySelector(".marked").textContent = told.marked;
  lenet.paint(ink, lenet.bytes(told.ink), 32, 32);
  lenet.paint(shares, lenet.bytes(told.heat), 32, 32, lenet.heat);
  drawSpots();
  table.replaceChildren(
    ...told.stages.map(({ stage, strongest, total }) => {
      const row = document.createElement("tr");
      for (const text of [stage, ...strongest, total]) row.insertCell().textContent = text;
      return row;
    }),
  );
  lenet.publish("marks", { links: told.links });
  lenet.publish("overlay", told.overlay);
}

// A dot in each pixel of the ink that decided, ten pixels to one of the input's.
function drawSpots() {
  const context = element.querySelector(".spots").getContext("2d");
  context.clearRect(0, 0, 320, 320);
  context.fillStyle = "#1b1f3b";
  for (const [row, column] of told.spots) context.fillRect(10 * column + 3, 10 * row + 3, 4, 4);
}
