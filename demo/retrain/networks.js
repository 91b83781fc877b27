// The network that answers: a shipped one, one of the visitor's own, or temporarily that of a run or of its replay. The
// visitor's networks are stored in this browser with their files; the server holds copies that it may evict.
const MOST = 4;
let own = lenetStorage.read("networks") ?? [];
let chosen = "";
let passing = null; // the network of a run or a replay, which answers instead of the chosen one

const all = () => [...props.networks, ...own];
const find = (id) => all().find((network) => network.id === id) ?? props.networks[0];

// Publish the event "networks": all networks and the one in use, as {id, label, accuracy, network}, and the chosen id.
function show() {
  const withoutFile = ({ content, ...network }) => network;
  const inUse = passing ?? withoutFile(find(chosen));
  lenet.networks = { networks: all().map(withoutFile), inUse, chosen };
  element.querySelector("b").textContent = lenet.nameOf(inUse);
  element.querySelector("[data-do=remove]").disabled = !own.some(({ id }) => id === chosen);
  lenet.publish("networks", lenet.networks);
}

// Choose the network with this id. If the server has evicted it, send its file again.
async function choose(id) {
  const network = find(id);
  if (network.content) {
    const answer = (await server.restore(network)) ?? lenet.unanswered();
    if (answer.error) return lenet.publish("said", answer.error);
    network.id = answer.id;
  }
  chosen = network.id;
  answerWith(null);
  save();
}

function answerWith(network) {
  passing = network;
  lenet.publish("weights", (network ?? find(chosen)).id);
  show();
}

function save() {
  const kept = [lenetStorage.write("networks", own), lenetStorage.write("network-in-use", chosen)];
  element.querySelector(".storage").hidden = kept.every(Boolean) || !own.length;
}

lenet.listen("choose", choose);
lenet.listen("keep", (network) => {
  own = [...own, network].slice(-MOST);
  choose(network.id);
});
lenet.listen("run", ({ state, film, step, steps, accuracy }) => {
  const measured = accuracy ?? (step > 1 ? passing?.accuracy : null);
  if (state === "training" && film) {
    answerWith({ id: `${film}/${step}`, label: `Training ${step}/${steps}`, accuracy: measured });
  } else if (passing && state !== "training") answerWith(null);
});
lenet.listen("replay", ({ step, steps, ...network }) => {
  answerWith({ ...network, label: `Replay ${step}/${steps}` });
});
// The server has evicted the weights, or was restarted: it gets the visitor's own once more.
lenet.listen("answer", ({ unknown, request }) => {
  if (unknown && request.weights === lenet.networks.inUse.id) choose(chosen);
});

const actions = {
  download: () => saveFile("safetensors"),
  onnx: () => saveFile("onnx"),
  remove() {
    own = own.filter(({ id }) => id !== chosen);
    choose("");
  },
  async load() {
    const file = await lenet.chooseFile(".safetensors");
    if (!file) return;
    const content = file.size > props.largest_file ? null : await lenet.base64(file);
    const answer = (await server.load({ name: file.name, content })) ?? lenet.unanswered();
    if (answer.error) return lenet.publish("said", `Not loaded: ${answer.error}`);
    lenet.publish("keep", { ...answer, content });
    lenet.publish("said", "The network of the file answers now, for you alone.");
  },
};
element.addEventListener("click", ({ target }) => actions[target.dataset.do]?.());

async function saveFile(kind) {
  const { id, content } = find(chosen);
  const file = (await server.file({ id, content, kind })) ?? lenet.unanswered();
  if (file.error) return lenet.publish("said", file.error);
  lenet.download(file.name, new Blob([lenet.bytes(file.content)]));
}

// Another tab has changed the list.
addEventListener("storage", ({ key }) => {
  if (key !== "lenet-networks") return;
  own = lenetStorage.read("networks") ?? [];
  show();
});
show();
const before = lenetStorage.read("network-in-use");
if (before) choose(before);
