// For a projector or a stand: the last drawings as small pictures, and a sheet that clears itself. A drawing is added when
// the sheet is cleared; clicking it puts it on the sheet again.
const MOST = 12;
const SIDE = 160; // of a small picture, in pixels
const PAUSE = 5000; // milliseconds from the last answer until the sheet clears itself, if that is switched on
const list = element.querySelector(".drawings");
let last = null; // the drawing on the sheet, and its answer
let clearing = 0;

lenet.listen("answer", ({ digit, probabilities, error }) => {
  if (error) return;
  clearTimeout(clearing);
  if (!probabilities) {
    if (last) add(last);
    last = null;
    return;
  }
  last = { drawing: lenet.drawing, digit };
  if (lenet.clears) clearing = setTimeout(clear, PAUSE);
});

const clear = () => lenet.publish("drawing", { strokes: [], picture: null, width: lenet.drawing.width });

function add({ drawing, digit }) {
  const canvas = lenet.node("canvas", { height: SIDE, width: (SIDE * drawing.width) / drawing.height });
  const ariaLabel = digit === null ? "A drawing without an answer" : `A drawing, read as ${digit}`;
  const onclick = () => lenet.publish("drawing", { ...drawing, picture: null });
  list.prepend(lenet.button({ ariaLabel, onclick }, canvas, lenet.node("b", {}, digit ?? "?")));
  while (list.children.length > MOST) list.lastElementChild.remove();
  const context = canvas.getContext("2d");
  context.scale(SIDE / drawing.height, SIDE / drawing.height);
  for (const stroke of drawing.strokes) lenet.paintStroke(context, stroke);
}
