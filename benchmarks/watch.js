// Notes when the pen moved and was lifted, and what became of each answer: `moved`, `lifted` and `answers`, in the
// milliseconds of performance.now(). Runs before the page's own scripts.
window.moved = window.lifted = 0;
window.answers = []; // {moved, sent, told, painted}: the newest move it knows, then its own times; null: not yet

document.addEventListener("pointermove", (event) => (window.moved = event.timeStamp), true);
document.addEventListener("pointerup", (event) => (window.lifted = event.timeStamp), true);

function notePaint(answer) {
  answer.told = performance.now();
  requestAnimationFrame(() => setTimeout(() => (answer.painted = performance.now())));
}

// Our own page tells of its requests by their name, one at a time, and of its answers by an event.
const send = window.fetch;
window.fetch = (url, options) => {
  const { body } = options ?? {};
  if (typeof body === "string" && JSON.parse(body).fn_name?.startsWith("read")) {
    answers.push({ moved, sent: performance.now(), told: null, painted: null });
  }
  return send(url, options);
};
document.addEventListener("lenet:answer", () => notePaint(answers.at(-1)));

// Gradio's label only changes.
window.watchLabel = (label) => {
  function note() {
    if (!label.textContent.includes("%")) return;
    answers.push({ moved: null, sent: null, told: null, painted: null });
    notePaint(answers.at(-1));
  }
  new MutationObserver(note).observe(label, { childList: true, subtree: true, characterData: true });
};
