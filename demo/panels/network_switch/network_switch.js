// The switch between the networks. Whose turn it is shows in every answer; here it is only asked for.
const cards = Object.fromEntries(props.cards.map((card) => [card.name, card]));
const both = element.querySelector(".both");
const nameOfOther = (name) => props.cards.find((card) => card.name !== name).name;
let turn = props.cards[0].name; // the network whose answer is explained

function show(names) {
  document.body.dataset.networks = names.join(" ");
  for (const button of element.querySelectorAll("[data-network]")) {
    button.setAttribute("aria-pressed", String(names) === button.dataset.network);
  }
  both.setAttribute("aria-pressed", names.length > 1);
}

function setBeside(name) {
  lenet.publish("beside", name && cards[name].weights);
}

// The list of weights, further down the page, follows (demo/retrain/retrain.py).
function choose(name) {
  lenet.chosen = cards[name].weights;
  lenet.publish("weights", lenet.chosen);
  trigger("input");
}

element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const sideBySide = both.getAttribute("aria-pressed") === "true";
  if (button === both) return setBeside(sideBySide ? null : nameOfOther(turn));
  setBeside(null);
  if (button.dataset.network !== turn) choose(button.dataset.network);
});

// Someone points at the network that is shown beside the other.
lenet.listen("network", (name) => {
  setBeside(turn);
  choose(name);
});

lenet.listen("answer", ({ network, beside }) => {
  if (!network) return;
  turn = network;
  // Weights of the other network answer now, so the one beside them has to change too.
  if (beside?.network === network) setBeside(nameOfOther(network));
  else show([network, beside?.network].filter(Boolean));
});

show([turn]);
