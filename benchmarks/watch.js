// Record when the pen moved and was lifted, and when each answer arrived and was painted: `moved`, `lifted`, `answers`
// and `longTasks`, in milliseconds of performance.now(). Runs before the page's own scripts.
window.moved = window.lifted = 0;
window.answers = []; // {moved, answered, painted}: times of the last move, of the answer, and of its painting or null
window.longTasks = []; // {startTime, duration} of tasks longer than 50 ms

document.addEventListener("pointermove", (event) => (window.moved = event.timeStamp), true);
document.addEventListener("pointerup", (event) => (window.lifted = event.timeStamp), true);
new PerformanceObserver((list) => {
  longTasks.push(...list.getEntries().map(({ startTime, duration }) => ({ startTime, duration })));
}).observe({ type: "longtask" });

// Changes made in an animation frame are painted at its end, others at the end of the next frame. A message arrives right
// after the frame; a timer may have to wait for another frame.
const { port1: sender, port2: receiver } = new MessageChannel();
const unpainted = []; // answers in a frame that has not ended
receiver.onmessage = () => {
  for (const answer of unpainted.splice(0)) answer.painted = performance.now();
};
let inFrame = false;
const nextFrame = window.requestAnimationFrame;
window.requestAnimationFrame = (act) =>
  nextFrame.call(window, (time) => {
    inFrame = true;
    act(time);
    inFrame = false;
  });

function note() {
  const answer = { moved: window.moved, answered: performance.now(), painted: null };
  answers.push(answer);
  const afterPainting = () => {
    unpainted.push(answer);
    sender.postMessage(null);
  };
  if (inFrame) afterPainting();
  else nextFrame.call(window, afterPainting);
}
document.addEventListener("lenet:answer", note);

// Gradio's label has no event, so watch its text.
window.watchLabel = (label) => {
  const changed = () => label.textContent.includes("%") && note();
  new MutationObserver(changed).observe(label, { childList: true, subtree: true, characterData: true });
};
