// A network's answer: the digit in large, and a bar for the probability of each of the ten.
const LONG = 44; // a sentence with more letters needs more than one line on a phone
const digit = element.querySelector(".digit");
const words = element.querySelector(".words");
const FULL = 1000; // a bar is painted again once it changed by a thousandth of its length
const LINE = 3; // the line's thickness in CSS pixels
const rows = [...element.querySelectorAll("li")].map((row) => {
  const canvas = row.querySelector("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return { row, canvas, context, percent: row.querySelector(".percent"), bar: [0, 0, 0] };
});
let colours = {}; // of the other digits' bars (0) and of the best digit's (1000), each with its line's

lenet.listen("answer", (answer) => {
  const own = lenet.of(props.network, answer);
  if (!own && !answer.error) return;
  const sentence = answer.error ?? own.words;
  lenet.write(words, sentence);
  element.classList.toggle("long", sentence.length > LONG);
  lenet.announce(`answer of ${props.network}`, sentence);
  if (answer.error) return; // the last answer stays under the sentence
  lenet.write(digit, own.digit ?? "");
  // The bars of a refused drawing are probabilities among eleven classes, with the reject class.
  const share = own.digit === null && own.probabilities ? own.confidence / Math.max(...own.probabilities) : 1;
  rows.forEach((row, i) => {
    const probability = share * (own.probabilities?.[i] ?? 0);
    lenet.write(row.percent, own.probabilities ? percentOf(probability) : "");
    const bar = [probability, own.intact?.[i] ?? 0, Number(i === own.digit)].map((value) => Math.round(FULL * value));
    if (bar.some((value, k) => value !== row.bar[k])) paintBar(Object.assign(row, { bar }));
  });
});

// A share, and a line where it was with nothing switched off. Bars are canvases, because anything else that changes at
// every answer makes the browser paint and compose the whole page again.
function paintBar({ row, canvas, context, bar }) {
  const [share, intact, best] = bar;
  row.classList.toggle("best", best > 0);
  if (!colours[best]) {
    const { color, outlineColor } = getComputedStyle(canvas);
    colours[best] = [color, outlineColor];
  }
  const long = Math.max(canvas.width, canvas.height);
  const line = LINE * devicePixelRatio;
  context.clearRect(0, 0, long, 1);
  context.fillStyle = colours[best][0];
  context.fillRect(0, 0, (long * share) / FULL, 1);
  context.fillStyle = colours[best][1];
  context.fillRect((long * intact) / FULL - line, 0, line, 1);
}

// All bars have the same size. On phones they stand upright.
new ResizeObserver(([{ contentRect: { width, height } }]) => {
  const [long, upright] = [Math.round(Math.max(width, height) * devicePixelRatio) || 1, height > width];
  for (const { canvas, context } of rows) {
    Object.assign(canvas, upright ? { width: 1, height: long } : { width: long, height: 1 });
    if (upright) context.setTransform(0, -1, 1, 0, 0, long);
  }
  rows.forEach(paintBar);
}).observe(rows[0].canvas);
// Another theme has other colours.
new MutationObserver(() => {
  colours = {};
  rows.forEach(paintBar);
}).observe(document.body, { attributeFilter: ["class"] });

// The layout depends on the panel's size. Container queries would lay out the whole panel again for every new text.
new ResizeObserver(([{ contentRect: { width, height } }]) => {
  element.classList.toggle("low", height < 300);
  element.classList.toggle("roomy", height >= 100);
  element.style.setProperty("--wide", `${width}px`);
}).observe(element);

function percentOf(probability) {
  const text = (100 * probability).toFixed(1);
  return text === "100.0" ? "> 99.9 %" : `${text} %`;
}
