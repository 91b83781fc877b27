// Start a run at the event "train", one at a time, and publish each of the server's records as an event "run".
const bar = element.querySelector(".bar");
const status = element.querySelector("p");
const [stop, onCpu, keep, discard] = element.querySelectorAll("button");
const ENDS = ["choice", "ended", "failed"];
let run = null; // the id of the run, "" until it is known, null without a run
let last = null; // the last request
let network = null; // the new network, until it is kept or discarded

lenet.listen("train", (options) => run === null && train(options));
stop.addEventListener("click", () => server.stop(run));
onCpu.addEventListener("click", () => train({ ...last, device: "cpu" }));
keep.addEventListener("click", () => {
  if (network) lenet.publish("keep", network);
  tell({ state: "ended", words: "Your own network answers now. Nobody else is affected." });
});
discard.addEventListener("click", () => {
  tell({ state: "ended", words: "Discarded. The network before still answers." });
  lenet.publish("choose", lenet.networks.chosen);
});

async function train(options) {
  last = options;
  run = "";
  document.body.dataset.run = options.recipe ? "recipe" : "examples"; // so that it shows below the button that was pressed
  tell({ state: "waiting", words: "Getting ready …" });
  lenet.scrollTo(element, "nearest");
  const { examples, drawing, networks } = lenet;
  let record = null;
  try {
    for await (record of records({ ...options, examples, drawing, weights: networks.chosen })) tell(record);
  } catch {} // reported below
  if (!ENDS.includes(record?.state)) tell({ state: "failed", words: `Not trained: ${lenet.unanswered().error}` });
}

async function* records(options) {
  const response = await fetch(new URL("lenet/progress/train", document.baseURI), {
    method: "POST",
    headers: { "content-type": "application/json", ...(await zeroGpuHeaders()) },
    body: JSON.stringify(options),
  });
  if (!response.ok) return yield { state: "failed", words: `Not trained: ${(await response.json()).error}` };
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader(); // Safari has no `for await` over streams
  let rest = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const lines = (rest + part.value).split("\n");
    rest = lines.pop();
    for (const line of lines) yield JSON.parse(line);
  }
}

// On a ZeroGPU Space the surrounding page has headers that say whose GPU quota a run uses, as for Gradio's own calls.
async function zeroGpuHeaders() {
  if (window.parent === window || !window["supports_zerogpu_headers"]) return {};
  const channel = new MessageChannel();
  const answer = new Promise((resolve) => (channel.port1.onmessage = ({ data }) => resolve(data)));
  window.parent.postMessage("zerogpu-headers", "https://huggingface.co", [channel.port2]);
  return answer;
}

function tell(record) {
  const busy = !ENDS.includes(record.state);
  run = busy ? record.run || run : null;
  bar.classList.toggle("busy", busy);
  const done = record.state === "comparing" ? 100 : record.step ? (100 * record.step) / record.steps : 0;
  bar.style.setProperty("--done", `${done}%`);
  bar.setAttribute("aria-valuenow", Math.round(done));
  status.textContent = record.words;
  stop.hidden = !busy;
  onCpu.hidden = !record.offer_cpu;
  network = record.network ?? null;
  keep.hidden = discard.hidden = !network;
  keep.classList.toggle("primary", !record.comparison?.loses);
  discard.classList.toggle("primary", record.comparison?.loses);
  lenet.publish("run", { ...record, busy });
}

// Messages of demo/retrain/networks.js appear here too.
lenet.listen("said", (words) => (status.textContent = words));
