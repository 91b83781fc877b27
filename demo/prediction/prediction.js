// The digit, large, and ten bars that stay in their places.
const digit = element.querySelector(".digit");
const words = element.querySelector(".words");
const rows = [...element.querySelectorAll("li")].map((row) => ({
  row,
  bar: row.querySelector("i"),
  intact: row.querySelector("b"),
  percent: row.querySelector(".percent"),
}));

lenet.listen("answer", (answer) => {
  words.textContent = answer.words ?? answer.error;
  lenet.announce("answer", words.textContent);
  if (answer.error) return; // the last answer stays under the sentence
  digit.textContent = answer.digit ?? "";
  rows.forEach(({ row, bar, intact, percent }, i) => {
    const probability = answer.probabilities?.[i] ?? 0;
    bar.style.transform = `scaleX(${probability})`;
    intact.hidden = !answer.intact; // where the bar ends with nothing switched off
    intact.style.left = `${100 * (answer.intact?.[i] ?? 0)}%`;
    percent.textContent = answer.probabilities ? `${(100 * probability).toFixed(1)} %` : "";
    row.classList.toggle("best", i === answer.digit);
  });
});
