// Which weights answer. Which network it is shows in every answer; here it is only chosen. The weights that are there are
// the shipped ones and those that "kept" lists: [{id, label, accuracy}]; "training" is {step, steps} or null.
const select = element.querySelector("select");
const COMPARE = "both networks";
const shippedOf = (name) => props.shipped.find((shipped) => shipped.name === name);
const otherThan = (name) => props.shipped.find((shipped) => shipped.name !== name);
let kept = [];
let training = null;
let weights = ""; // the id of those that answer
let comparing = false;
let turn = props.shipped[0].name; // the network whose answer is explained

lenet.networks = () => [...props.shipped, ...kept];

function show() {
  const listed = lenet.networks();
  const options = listed.map(({ id, label, accuracy }) => {
    const measured = accuracy === null || accuracy === undefined ? "" : ` · ${(100 * accuracy).toFixed(2)} %`;
    return new Option(`${label}${measured}`, id);
  });
  if (!listed.some(({ id }) => id === weights)) {
    const words = training ? `In training: step ${training.step} of ${training.steps}` : "Weights being tried";
    options.push(new Option(words, weights));
  }
  select.replaceChildren(...options, new Option("Compare", COMPARE));
  select.value = comparing ? COMPARE : weights;
}

function showNetworks(names) {
  document.body.dataset.networks = names.join(" ");
  if (comparing === names.length > 1) return;
  comparing = !comparing;
  show();
}

function choose(id) {
  lenet.chosen = id;
  lenet.publish("weights", id);
  trigger("input"); // for the training part (demo/retrain/retrain.py)
}

const setBeside = (name) => lenet.publish("beside", name && shippedOf(name).id);

select.addEventListener("change", () => {
  if (select.value === COMPARE) return setBeside(otherThan(turn).name);
  setBeside(null);
  choose(select.value);
});

// Someone points at the network that is shown beside the other.
lenet.listen("network", (name) => {
  setBeside(turn);
  choose(shippedOf(name).id);
});
lenet.listen("weights", (id) => {
  weights = id;
  show();
});
lenet.listen("kept", (list) => {
  kept = list;
  show();
});
lenet.listen("training", (now) => {
  training = now;
  show();
});
lenet.listen("answer", ({ network, beside }) => {
  if (!network) return;
  turn = network;
  // Weights of the other network answer now, so the one beside them has to change too.
  if (beside?.network === network) setBeside(otherThan(network).name);
  else showNetworks([network, beside?.network].filter(Boolean));
});

showNetworks([turn]);
show();
