// Show F6's picture for the drawing, and mark the nearest of the ten codes.
const own = element.querySelector(".own canvas");
const words = element.querySelector("p");
const rows = [...element.querySelectorAll("li")];

rows.forEach((row, digit) => {
  lenet.paint(row.querySelector("canvas"), lenet.bytes(props.codes[digit]), props.width, props.height);
});

lenet.listen("answer", (answer) => {
  const part = lenet.of(props.network, answer);
  if (!part) return;
  const { stages, distances, furthest } = part;
  const pixels = stages ? lenet.levels(stages.F6.values, stages.F6.low, stages.F6.high) : new Uint8Array(props.width * props.height);
  lenet.paint(own, pixels, props.width, props.height);
  const nearest = distances?.indexOf(Math.min(...distances));
  rows.forEach((row, digit) => {
    row.classList.toggle("nearest", digit === nearest);
    lenet.write(row.querySelector("span"), distances ? distances[digit].toFixed(1) : "");
  });
  lenet.write(words, distances ? sentence(nearest, distances[nearest], furthest) : "");
});

function sentence(digit, distance, furthest) {
  const near = `Nearest is ${digit}, ${distance.toFixed(1)} away.`;
  return furthest === null ? near : `${near} Beyond ${furthest.toFixed(1)} from all of them, it is refused.`;
}
