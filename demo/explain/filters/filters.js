// C1's six filters in a row and C3's in sixteen columns of six, each linked to its maps in the figure.
const body = element.querySelector(".stages");
const caption = element.querySelector(".caption");

lenet.explanation("filters", element, server.explain, show);

function show({ side, stages }) {
  const focused = [...body.querySelectorAll("button")].indexOf(document.activeElement);
  body.replaceChildren(...stages.map((stage) => section(stage, side)));
  body.querySelectorAll("button")[focused]?.focus();
}

function section({ name, below, made, read, there, count, pixels, scale }, side) {
  const bytes = lenet.bytes(pixels);
  const kernels = document.createElement("div");
  kernels.className = "kernels";
  kernels.style.gridTemplateRows = `repeat(${read}, auto)`;
  for (let i = 0; i < made * read; i++) {
    const canvas = document.createElement("canvas");
    lenet.paint(canvas, bytes.subarray(i * side * side, (i + 1) * side * side), side, side, lenet.signed);
    kernels.append(there[i] ? kernel(canvas, name, below, Math.floor(i / read), i % read) : document.createElement("i"));
  }
  const heading = document.createElement("h3");
  const small = Object.assign(document.createElement("small"), { textContent: scale });
  heading.append(`${name}: ${count} filters `, small);
  const whole = document.createElement("section");
  whole.append(heading, kernels);
  return whole;
}

function kernel(canvas, stage, below, made, read) {
  const button = document.createElement("button");
  button.type = "button";
  const source = below === "input" ? "the input" : `${below}'s map ${read + 1}`;
  const words = `This filter reads ${source} and helps to make ${stage}'s map ${made + 1}.`;
  button.setAttribute("aria-label", words);
  button.append(canvas);
  const link = () => {
    caption.textContent = words;
    const [from, to] = [[below, read], [stage, made]];
    const squares = [from, to].map(([name, index]) => ({ stage: name, index, kind: "own" }));
    lenet.publish("marks", { squares, links: [{ from, to, width: 0.5, kind: "for" }] });
  };
  for (const event of ["pointerenter", "focus", "click"]) button.addEventListener(event, link);
  return button;
}
