// Runs in a browser (tests/test_parity.py): prepares and reads every drawing, and sends the results.
const fetchJson = async (name) => (await fetch(name)).json();
const base64 = (bytes) => {
  let text = "";
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  return btoa(text);
};

async function main() {
  const { drawings, pictures, networks, answering, stageCases } = await fetchJson("cases.json");
  const inks = Object.fromEntries(
    Object.entries(pictures).map(([name, { pixels, ...size }]) => [name, { ...size, pixels: Uint8Array.from(pixels) }]),
  );
  const inputs = drawings.map((drawing) => lenetPreparation.prepare(drawing, inks[drawing.picture])?.centred.pixels);
  const opened = {};
  for (const name of networks) opened[name] = lenetEvaluator.open(await (await fetch(`${name}.safetensors`)).arrayBuffer());
  const answers = Object.fromEntries(
    answering.map((name) => [
      name,
      inputs.map((pixels) => {
        if (!pixels) return [null, "nothing drawn", null];
        const { digit, reason, probabilities } = opened[name].read(pixels);
        return [digit, reason, probabilities];
      }),
    ]),
  );
  const stages = stageCases.map(({ network, drawing, off }) => {
    const { stages, distances } = opened[network].read(inputs[drawing], off);
    return { distances, ...Object.fromEntries(Object.entries(stages).map(([name, { values }]) => [name, [...values]])) };
  });
  return { inputs: inputs.map((pixels) => pixels && base64(pixels)), answers, stages, browser: navigator.userAgent };
}

main()
  .catch((fault) => ({ fault: String(fault.stack ?? fault) }))
  .then((body) => fetch("result", { method: "POST", body: JSON.stringify(body) }));
