// Notes when the pen moved and was lifted, and when each answer came and was painted: `moved`, `lifted`, `answers` and
// `longTasks`, in the milliseconds of performance.now(). Runs before the page's own scripts.
window.moved = window.lifted = 0;
window.answers = []; // {moved, answered, painted}: the newest move it knows, then its own times; null: not yet
window.longTasks = []; // {startTime, duration} of what kept the page busy for more than 50 ms

document.addEventListener("pointermove", (event) => (window.moved = event.timeStamp), true);
document.addEventListener("pointerup", (event) => (window.lifted = event.timeStamp), true);
new PerformanceObserver((list) => {
  longTasks.push(...list.getEntries().map(({ startTime, duration }) => ({ startTime, duration })));
}).observe({ type: "longtask" });

// What an animation frame changes is painted at its end, all else at the end of the next one.
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
  const afterPainting = () => setTimeout(() => (answer.painted = performance.now()));
  if (inFrame) afterPainting();
  else nextFrame.call(window, afterPainting);
}
document.addEventListener("lenet:answer", note);

// Gradio's label only changes.
window.watchLabel = (label) => {
  const changed = () => label.textContent.includes("%") && note();
  new MutationObserver(changed).observe(label, { childList: true, subtree: true, characterData: true });
};
