// The preparation's steps, each enlarged as much as its frame allows, pixel by pixel.
const canvases = element.querySelectorAll("canvas");
const last = element.querySelector("li:last-child span");

lenet.listen("answer", (answer) => {
  if (answer.error) return;
  last.textContent = props.normalised[answer.network];
  canvases.forEach((canvas, i) => {
    const step = answer.steps?.[i];
    canvas.hidden = !step;
    if (!step) return;
    lenet.paint(canvas, lenet.bytes(step.pixels), step.width, step.height, step.signed ? lenet.signed : lenet.glow);
    canvas.style.width = `${(100 * step.width) / step.frame}%`;
    canvas.style.height = `${(100 * step.height) / step.frame}%`;
  });
});
