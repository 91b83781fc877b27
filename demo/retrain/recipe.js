// The recipe form: its settings as an object, and the equivalent command.
const form = element.querySelector("form");
const fields = form.elements;
const command = element.querySelector(".command output");
let network = props.first; // the name of the network in use

const options = () => {
  const numbers = [...fields].filter(({ name, type }) => name && type !== "radio" && name !== "optimiser");
  const recipe = Object.fromEntries(numbers.map(({ name, value }) => [name, value === "" ? null : Number(value)]));
  return { recipe: { ...recipe, optimiser: fields.optimiser.value }, scratch: fields.start.value === "scratch" };
};

async function showCommand() {
  fields.epochs.nextElementSibling.value = fields.epochs.value;
  const answer = (await server.command({ ...options(), network })) ?? lenet.unanswered();
  command.value = answer.command ?? answer.error;
}

// Suggest the usual learning rate of the optimiser and network, unless another rate was typed in.
function suggestRate(always) {
  const usual = Object.values(props.rates).flatMap((rates) => Object.values(rates));
  if (always || usual.includes(Number(fields.learning_rate.value))) {
    fields.learning_rate.value = props.rates[network][fields.optimiser.value];
  }
}

form.addEventListener("input", ({ target }) => {
  if (target === fields.optimiser) suggestRate(true);
  showCommand();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  lenet.publish("train", options());
});
lenet.listen("networks", ({ inUse }) => {
  if (!inUse.network || inUse.network === network) return;
  network = inUse.network;
  suggestRate();
  showCommand();
});
lenet.listen("run", ({ busy }) => {
  for (const button of element.querySelectorAll(".start button")) button.disabled = busy;
});
showCommand();

// Distillation is offered if the GPU was measured to be fast enough.
const thorough = element.querySelector("#thorough");
server.thoroughly(null).then((offer) => {
  const { recipe, seconds } = offer ?? {};
  if (!recipe) return;
  thorough.textContent = `Train thoroughly (about ${seconds} s on this GPU)`;
  thorough.hidden = false;
  thorough.addEventListener("click", () => lenet.publish("train", { recipe, scratch: true }));
});
