// C1's six filters in a row, and C3's in sixteen columns of six, each linked to its maps in the figure.
const body = element.querySelector(".stages");
const caption = element.querySelector(".caption");

lenet.explanation("filters", element, server.explain, show);

function show({ side, stages }) {
  const focused = [...body.querySelectorAll("button")].indexOf(document.activeElement);
  body.replaceChildren(...stages.map((stage) => section(stage, side)));
  body.querySelectorAll("button")[focused]?.focus();
}

function section({ name, below, made, read, there, count, pixels, scale }, side) {
  const kernels = lenet.node("div", { className: "kernels" });
  kernels.style.gridTemplateRows = `repeat(${read}, auto)`;
  for (let i = 0; i < made * read; i++) {
    const canvas = lenet.picture(pixels[i], side, side, lenet.signed);
    kernels.append(there[i] ? kernel(canvas, name, below, Math.floor(i / read), i % read) : lenet.node("i"));
  }
  const heading = lenet.node("h3", {}, `${name}: ${count} filters `, lenet.node("small", {}, scale));
  return lenet.node("section", {}, heading, kernels);
}

function kernel(canvas, stage, below, made, read) {
  const source = below === "input" ? "the input" : `${below}'s map ${read + 1}`;
  const words = `This filter reads ${source} and helps to make ${stage}'s map ${made + 1}.`;
  const button = lenet.button({ ariaLabel: words }, canvas);
  const link = () => {
    caption.textContent = words;
    const [from, to] = [[below, read], [stage, made]];
    const squares = [from, to].map(([name, index]) => ({ stage: name, index, kind: "own" }));
    lenet.publish("marks", { squares, links: [{ from, to, width: 0.5, kind: "for" }] });
  };
  for (const event of ["pointerenter", "focus", "click"]) button.addEventListener(event, link);
  return button;
}
