// The pixels that would change the answer, over the drawing and in large, and what the network would see then.
const afterwards = element.querySelector(".afterwards");
const pixels = element.querySelector(".pixels");
const update = lenet.explanation("counterfactual", element, server.explain, show);
const showDigit = lenet.digitButtons(element.querySelector(".digits"), (digit) => update({ digit }));

lenet.listen("open", () => update({ digit: null })); // begins with the digit that came second

function show(told) {
  showDigit(told.digit, told.read);
  element.querySelector(".sentence").textContent = told.words;
  element.querySelector(".checked").textContent = told.checked ?? "";
  lenet.paint(element.querySelector(".before"), lenet.bytes(told.before), 32, 32);
  afterwards.hidden = pixels.hidden = !told.after;
  if (told.after) {
    lenet.paint(pixels, lenet.bytes(told.pixels), 32, 32, lenet.change);
    lenet.paint(element.querySelector(".after"), lenet.bytes(told.after), 32, 32);
  }
  lenet.publish("overlay", told.overlay ?? null);
}
