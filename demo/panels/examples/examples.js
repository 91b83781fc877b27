// The visitor's examples. The list is kept here and in the browser's storage; the server checks and reads it.
const list = element.querySelector("ul");
const words = element.querySelector(".words");
const empty = element.querySelector(".empty");
const template = element.querySelector("template");
const putBack = element.querySelector("[data-do=restore]");
let removed = null; // the removed examples, for "Put back"
let weights = "";
let busy = false;
let waiting = false;

// Replace the list, show and store it; a list that the server refuses changes nothing.
async function replace(examples) {
  const answer = await read(examples);
  if (answer.error) return answer;
  lenet.examples = examples;
  putBack.hidden = true;
  show(answer);
  lenetStorage.write("examples", examples);
  return answer;
}

const read = async (examples) => (await server.read_examples({ examples, weights })) ?? lenet.unanswered();

function show(answer) {
  words.textContent = answer.words;
  empty.hidden = Boolean(answer.examples.length);
  for (const name of ["save", "forget"]) element.querySelector(`[data-do=${name}]`).disabled = !answer.examples.length;
  while (list.children.length > answer.examples.length) list.lastElementChild.remove();
  while (list.children.length < answer.examples.length) list.append(template.content.cloneNode(true));
  answer.examples.forEach(({ pixels, side, read, right }, i) => {
    const item = list.children[i];
    lenet.paint(item.querySelector("canvas"), lenet.bytes(pixels), side, side);
    item.querySelector("select").value = lenet.examples[i].digit;
    item.classList.toggle("wrong", !right);
    item.title = right ? "Read right." : read === null ? "Refused." : `Read as a ${read}.`;
  });
}

// Read the examples again, one request at a time: during a run the weights change many times a second.
async function refresh() {
  waiting = busy;
  if (busy || !lenet.examples.length) return;
  busy = true;
  const answer = await read(lenet.examples);
  busy = false;
  if (!answer.error && answer.examples.length === lenet.examples.length) show(answer);
  if (waiting) refresh();
}

lenet.listen("weights", (id) => {
  weights = id;
  refresh();
});
lenet.listen("example", async (example) => {
  // A second label for the same drawing replaces the first.
  const drawn = JSON.stringify(example.drawing);
  const at = lenet.examples.findIndex(({ drawing }) => JSON.stringify(drawing) === drawn);
  const answer = await replace(at < 0 ? [...lenet.examples, example] : lenet.examples.with(at, example));
  lenet.publish("example-taken", answer.error ? { error: answer.error.replace(/^Example \d+/, "This") } : example);
});
// Restore the examples stored in this browser.
async function restore(stored) {
  // The server may have evicted uploaded pictures; then restore the drawings without a picture.
  const { error } = await replace(stored);
  if (error) replace(stored.filter(({ drawing }) => !drawing?.picture));
}

list.addEventListener("change", (event) => {
  const at = [...list.children].indexOf(event.target.closest("li"));
  replace(lenet.examples.with(at, { ...lenet.examples[at], digit: Number(event.target.value) }));
});
list.addEventListener("click", (event) => {
  if (!event.target.closest(".remove")) return;
  const at = [...list.children].indexOf(event.target.closest("li"));
  replace(lenet.examples.toSpliced(at, 1));
});

const actions = {
  async load() {
    const file = await lenet.chooseFile(".json,application/json");
    if (!file) return;
    let examples;
    try {
      examples = JSON.parse(await file.text());
    } catch {
      words.textContent = `${file.name} is not JSON.`;
      return;
    }
    const { error } = await replace(examples);
    if (error) words.textContent = `${file.name}: ${error}`;
  },
  async forget() {
    const before = lenet.examples;
    await replace([]);
    removed = before;
    putBack.hidden = false;
  },
  restore: () => replace(removed),
  save() {
    const content = new Blob([JSON.stringify(lenet.examples)], { type: "application/json" });
    lenet.download("my-digits.json", content);
  },
};
element.querySelector(".files").addEventListener("click", (event) => actions[event.target.dataset.do]?.());

element.querySelector("#learn").addEventListener("click", () => lenet.publish("train", {}));
lenet.listen("run", ({ busy }) => (element.querySelector("#learn").disabled = busy));
const stored = lenetStorage.read("examples");
if (stored?.length) restore(stored);
// Another tab has changed the list.
addEventListener("storage", ({ key }) => key === "lenet-examples" && restore(lenetStorage.read("examples") ?? []));
