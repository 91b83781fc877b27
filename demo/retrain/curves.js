// The curves of a run, to which each record adds a point, and the replay of the run.
const HEIGHT = 200;
const MARGIN = { left: 52, right: 12, top: 8, bottom: 24 };
// Both axes are logarithmic and end at their last ticks. The accuracy's shows the error, so that 99 % and 99.9 % can be
// distinguished; up is better.
const HEIGHTS = {
  accuracy: (value) => -Math.log10(Math.max(1 - value, 0.001)),
  loss: (value) => Math.log10(Math.min(Math.max(value, 1e-5), 5000)),
};
const TICKS = {
  accuracy: [0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999],
  loss: [-5, -4, -3, -2, -1, 0, 1, 2, 3].flatMap((power) => [1, 2, 5].map((value) => value * 10 ** power)),
};
const LABELS = { accuracy: (value) => `${+(100 * value).toFixed(1)} %`, loss: (value) => `${+value.toPrecision(1)}` };
const charts = [...element.querySelectorAll("svg")];
const replay = element.querySelector(".replay");
const slider = replay.querySelector("input");
let records = [];
let moment = null; // the replayed step

lenet.listen("run", (record) => {
  if (record.state === "waiting") records = [];
  if (record.state === "training") records.push(record);
  replay.hidden = record.busy || !records.at(-1)?.film;
  moment = null;
  if (!replay.hidden) {
    slider.max = records.at(-1).step;
    slider.value = slider.max;
  }
  element.classList.toggle("seen", records.length > 0);
  if (records.length) draw();
});

slider.addEventListener("input", () => {
  moment = Number(slider.value);
  draw();
  const { film, steps, phase } = records.at(-1);
  const before = records.filter((each) => each.phase === phase && each.step <= moment && each.accuracy !== null).at(-1);
  lenet.publish("replay", { id: `${film}/${moment}`, step: moment, steps, accuracy: before?.accuracy ?? null });
});

function draw() {
  for (const chart of charts) drawChart(chart, chart.dataset.chart);
}

function drawChart(chart, name) {
  const width = chart.clientWidth;
  const points = records.filter((record) => record[name] !== null);
  const { epochs, steps } = records.at(-1);
  const heights = points.map((record) => HEIGHTS[name](record[name]));
  const ticks = TICKS[name].map((value) => [HEIGHTS[name](value), LABELS[name](value)]);
  const above = ticks.findIndex(([height]) => height > Math.max(...heights));
  const highest = above < 0 ? ticks.length - 1 : Math.max(1, above);
  const below = ticks.findLastIndex(([height]) => height <= Math.min(...heights));
  const lowest = Math.max(0, Math.min(highest - 1, below));
  const [low, high] = [ticks[lowest][0], ticks[highest][0]];
  const x = (epoch) => MARGIN.left + (epoch / epochs) * (width - MARGIN.left - MARGIN.right);
  const y = (height) => HEIGHT - MARGIN.bottom - ((height - low) / (high - low)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const shapes = [];
  for (const [height, label] of ticks.slice(lowest, highest + 1)) {
    shapes.push(shape("line", { x1: MARGIN.left, x2: width - MARGIN.right, y1: y(height), y2: y(height) }));
    shapes.push(shape("text", { x: MARGIN.left - 6, y: y(height) + 4, "text-anchor": "end" }, label));
  }
  const every = Math.ceil(epochs / Math.max(1, (width - MARGIN.left) / 60));
  for (let epoch = 0; epoch <= epochs; epoch += every) {
    const last = epoch + every > epochs;
    shapes.push(shape("text", { x: x(epoch), y: HEIGHT - 6, "text-anchor": last ? "end" : "middle" }, last ? `${epoch} ${epoch === 1 ? "epoch" : "epochs"}` : `${epoch}`));
  }
  // One line for each network that the run trains, over its own epochs.
  for (const phase of new Set(points.map((record) => record.phase))) {
    const places = points.filter((record) => record.phase === phase).map((record) => [x((epochs * record.step) / record.steps), y(HEIGHTS[name](record[name]))]);
    const d = places.map(([left, top], i) => `${i ? "L" : "M"}${left},${top}`).join("");
    const [left, top] = places.at(-1);
    const passed = phase === records.at(-1).phase ? "" : "passed";
    shapes.push(shape("path", { d, class: passed }), shape("circle", { cx: left, cy: top, r: 3.5, class: passed }));
    if (phase && !passed) shapes.push(shape("text", { x: left - 8, y: top - 8, "text-anchor": "end" }, phase));
  }
  if (moment !== null) {
    const at = x((epochs * moment) / steps);
    shapes.push(shape("line", { class: "moment", x1: at, x2: at, y1: MARGIN.top, y2: HEIGHT - MARGIN.bottom }));
  }
  chart.replaceChildren(...shapes);
}

function shape(name, attributes, text = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

new ResizeObserver(() => records.length && draw()).observe(element);
