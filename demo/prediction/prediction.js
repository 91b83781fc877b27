// The digit, large, and ten bars that stay in their places.
const digit = element.querySelector(".digit");
const words = element.querySelector(".words");
const rows = [...element.querySelectorAll("li")].map((row) => ({
  row,
  bar: row.querySelector("i"),
  percent: row.querySelector(".percent"),
}));

lenet.listen("answer", (answer) => {
  words.textContent = answer.words ?? answer.error;
  if (answer.error) return; // the last answer stays under the sentence
  digit.textContent = answer.digit ?? "";
  rows.forEach(({ row, bar, percent }, i) => {
    const probability = answer.probabilities?.[i] ?? 0;
    bar.style.transform = `scaleX(${probability})`;
    percent.textContent = answer.probabilities ? `${(100 * probability).toFixed(1)} %` : "";
    row.classList.toggle("best", i === answer.digit);
  });
});
