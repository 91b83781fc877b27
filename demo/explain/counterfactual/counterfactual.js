// The pixels that would change the answer, over the drawing and enlarged, and the input after the change.
const afterwards = element.querySelector(".afterwards");
const pixels = element.querySelector(".pixels");
// It starts with the second most probable digit.
const update = lenet.explanation("counterfactual", element, server.explain, show, { change_to: null });
const showDigit = lenet.digitButtons(element.querySelector(".digits"), (digit) => update({ change_to: digit }));

function show(shown) {
  showDigit(shown.digit, shown.read);
  element.querySelector(".checked").textContent = shown.checked ?? "";
  lenet.paint(element.querySelector(".before"), lenet.bytes(shown.before), 32, 32);
  afterwards.hidden = pixels.hidden = !shown.after;
  if (shown.after) {
    lenet.paint(pixels, lenet.bytes(shown.pixels), 32, 32, lenet.change);
    lenet.paint(element.querySelector(".after"), lenet.bytes(shown.after), 32, 32);
  }
  lenet.publish("overlay", shown.overlay ?? null);
}
