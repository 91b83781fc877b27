// Record when the pen moved and was lifted, and when each answer arrived and was painted: `moved`, `lifted`, `answers`
// and `longTasks`, in milliseconds of performance.now(). Runs before the page's own scripts.
window.moved = window.lifted = 0;
window.answers = []; // {moved, answered, painted}: times of the last move, of the answer, and of its painting or null
window.longTasks = []; // {startTime, duration} of tasks longer than 50 ms

// Changes made in an animation frame are painted at its end, others at the end of the next frame. The browser's next task
// comes after that: a message, or the next move of the pen, which the browser puts before messages.
const unpainted = []; // answers in a frame that may not have ended
const { port1: sender, port2: receiver } = new MessageChannel();
const notePainted = () => {
  for (const answer of unpainted.splice(0)) answer.painted = performance.now();
};
receiver.onmessage = notePainted;
document.addEventListener("pointermove", (event) => (notePainted(), (window.moved = event.timeStamp)), true);
document.addEventListener("pointerup", (event) => (notePainted(), (window.lifted = event.timeStamp)), true);

new PerformanceObserver((list) => {
  longTasks.push(...list.getEntries().map(({ startTime, duration }) => ({ startTime, duration })));
}).observe({ type: "longtask" });

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
