// The number as a sentence, a button for each digit, and the network's answers along the line.
const words = element.querySelector(".words");
const buttons = element.querySelector(".digits");
const along = element.querySelector(".along");
const canvas = element.querySelector(".line canvas");

lenet.listen("answer", ({ number, error, request }) => {
  if (!number) {
    if (error) words.textContent = error;
    return;
  }
  words.textContent = number.words;
  lenet.announce("number", number.words);
  while (buttons.children.length > number.digits.length) buttons.lastElementChild.remove();
  while (buttons.children.length < number.digits.length) buttons.append(lenet.button());
  number.digits.forEach(({ digit, doubt }, i) => {
    const textContent = doubt ? `${digit}?` : digit;
    Object.assign(buttons.children[i], { textContent, ariaPressed: i === number.chosen });
  });
  showBand(number.band, request.drawing.width);
});

function showBand(band, width) {
  canvas.hidden = !band;
  along.textContent = band ? `The network run along the line reads ${band.text || "nothing"}.` : "";
  if (!band) return;
  lenet.paint(canvas, lenet.bytes(band.pixels), band.places, 10);
  canvas.style.left = `${(100 * band.left) / width}%`;
  canvas.style.width = `${(100 * band.places * band.step) / width}%`;
}

buttons.addEventListener("click", ({ target }) => {
  const digit = [...buttons.children].indexOf(target.closest("button"));
  if (digit >= 0) lenet.publish("digit", digit);
});
