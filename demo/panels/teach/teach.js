// The row of digits under an answer: a click publishes the drawing with its correct digit as an example.
const buttons = [...element.querySelectorAll("button")];
const ask = element.querySelector(".ask");
const said = element.querySelector(".said");
let drawing = null;

lenet.listen("answer", ({ error, request, digit, probabilities }) => {
  if (error) return;
  if (said.textContent && JSON.stringify(request.drawing) !== JSON.stringify(drawing)) say("");
  drawing = request.drawing;
  buttons.forEach((button, i) => {
    button.disabled = !probabilities;
    button.classList.toggle("read", i === digit);
  });
});

function say(words) {
  said.textContent = words;
  ask.hidden = Boolean(words);
}

element.addEventListener("click", (event) => {
  const digit = event.target.closest("button")?.dataset.digit;
  if (digit) lenet.publish("example", { drawing, digit: Number(digit) });
});

lenet.listen("example-taken", ({ digit, error }) => say(error ?? `Kept as a ${digit}; it can be learnt below.`));
