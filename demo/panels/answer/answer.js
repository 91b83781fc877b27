// What a network reads: the digit in large, and the probability of each of the ten, as bars that stay in their places.
const LONG = 44; // letters of a sentence that needs more than the one line of a phone
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
  const sentence = answer.error ?? own.words;
  lenet.write(words, sentence);
  element.classList.toggle("long", sentence.length > LONG);
  lenet.announce(`answer of ${props.network}`, sentence);
  if (answer.error) return; // the last answer stays under the sentence
  lenet.write(digit, own.digit ?? "");
  // Of a drawing that is refused, the bars are what the ten digits get beside "not a digit".
  const share = own.digit === null && own.probabilities ? own.confidence / Math.max(...own.probabilities) : 1;
  rows.forEach(({ row, bar, intact, percent }, i) => {
    const probability = share * (own.probabilities?.[i] ?? 0);
    bar.style.setProperty("--share", probability);
    if (intact.hidden === Boolean(own.intact)) intact.hidden = !own.intact;
    if (own.intact) intact.style.setProperty("--intact", own.intact[i]);
    lenet.write(percent, own.probabilities ? percentOf(probability) : "");
    row.classList.toggle("best", i === own.digit);
  });
});

function percentOf(probability) {
  const text = (100 * probability).toFixed(1);
  return text === "100.0" ? "> 99.9 %" : `${text} %`;
}
