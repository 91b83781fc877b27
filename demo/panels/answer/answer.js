// A network's answer: the digit in large, and a bar for the probability of each of the ten.
const LONG = 44; // a sentence with more letters needs more than one line on a phone
const digit = element.querySelector(".digit");
const words = element.querySelector(".words");
const rows = [...element.querySelectorAll("li")].map((row) => ({
  row,
  track: row.querySelector(".track"),
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
  // The bars of a refused drawing are probabilities among eleven classes, with the reject class.
  const share = own.digit === null && own.probabilities ? own.confidence / Math.max(...own.probabilities) : 1;
  rows.forEach(({ row, track, percent }, i) => {
    const probability = share * (own.probabilities?.[i] ?? 0);
    paintBar(track, probability.toFixed(3), own.intact?.[i].toFixed(3) ?? "-1");
    lenet.write(percent, own.probabilities ? percentOf(probability) : "");
    row.classList.toggle("best", i === own.digit);
  });
});

// Paint only changed bars, because most are the same in consecutive answers.
function paintBar(track, share, intact) {
  if (track.share === share && track.intact === intact) return;
  Object.assign(track, { share, intact });
  track.style.cssText = `--share: ${share}; --intact: ${intact}`;
}

// The layout depends on the panel's size. Container queries would lay out the whole panel again for every new text.
new ResizeObserver(([{ contentRect: { width, height } }]) => {
  element.classList.toggle("low", height < 300);
  element.classList.toggle("roomy", height >= 100);
  element.style.setProperty("--wide", `${width}px`);
}).observe(element);

function percentOf(probability) {
  const text = (100 * probability).toFixed(1);
  return text === "100.0" ? "> 99.9 %" : `${text} %`;
}
