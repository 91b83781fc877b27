// Choose which network and weights answer. The event "networks" has all weights and those in use: {networks: [{id, label,
// accuracy, network}], inUse: one like these, chosen: id}.
const COMPARE = "both networks";
const select = element.querySelector("select");
const shippedOf = (name) => props.shipped.find(({ network }) => network === name);
const otherThan = (name) => props.shipped.find(({ network }) => network !== name);
let comparing = false;
let turn = props.shipped[0].network; // the network whose answer is explained

lenet.networks ??= { networks: props.shipped, inUse: props.shipped[0], chosen: "" };

function show() {
  const { networks, inUse } = lenet.networks;
  const listed = networks.some(({ id }) => id === inUse.id) ? networks : [...networks, inUse];
  const options = listed.map((network) => new Option(lenet.nameOf(network), network.id));
  select.replaceChildren(...options, new Option("Compare", COMPARE));
  select.value = comparing ? COMPARE : inUse.id;
}

function showNetworks(names) {
  const { dataset } = document.body;
  if (dataset.networks !== names.join(" ")) dataset.networks = names.join(" ");
  if (comparing === names.length > 1) return;
  comparing = !comparing;
  show();
}

// demo/retrain/networks.js puts the choice into effect; the static page does not have it.
function choose(id) {
  lenet.publish("choose", id);
  if (!document.querySelector("#networks")) lenet.publish("weights", id);
}

const setBeside = (name) => lenet.publish("beside", name && shippedOf(name).id);

select.addEventListener("change", () => {
  if (select.value === COMPARE) return setBeside(otherThan(turn).network);
  setBeside(null);
  choose(select.value);
});

// The visitor points at the network beside the one that is explained.
lenet.listen("network", (name) => {
  setBeside(turn);
  choose(shippedOf(name).id);
});
lenet.listen("networks", show);
lenet.listen("weights", (id) => {
  const inUse = lenet.networks.networks.find((network) => network.id === id);
  lenet.networks.inUse = inUse ?? { id, label: "Weights being tried" };
  show();
});
lenet.listen("answer", ({ network, beside }) => {
  if (!network) return;
  turn = network;
  // Weights of the other network answer now, so the one beside them changes too.
  if (beside?.network === network) setBeside(otherThan(network).network);
  else showNetworks([network, beside?.network].filter(Boolean));
});

showNetworks([turn]);
show();
