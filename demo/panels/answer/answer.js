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
  const own = lenet.of(props.network, answer);
  if (!own && !answer.error) return;
  words.textContent = answer.error ?? own.words;
  lenet.announce(`answer of ${props.network}`, words.textContent);
  if (answer.error) return; // the last answer stays under the sentence
  digit.textContent = own.digit ?? "";
  rows.forEach(({ row, bar, intact, percent }, i) => {
    const probability = own.probabilities?.[i] ?? 0;
    bar.style.transform = `scaleX(${probability})`;
    intact.hidden = !own.intact; // where the bar ends with nothing switched off
    intact.style.left = `${100 * (own.intact?.[i] ?? 0)}%`;
    percent.textContent = own.probabilities ? `${(100 * probability).toFixed(1)} %` : "";
    row.classList.toggle("best", i === own.digit);
  });
});
