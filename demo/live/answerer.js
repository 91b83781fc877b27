// @ts-check
// Answers while the pen moves. They are computed in the browser, and the server confirms the last when the pen rests. Needs
// only lenetPreparation and lenetEvaluator (the two other scripts in this folder).
//
//   const answerer = lenetAnswerer({ fetchWeights, publish, read, confirm, online })
//   answerer.ask(request, picture)   at every change; `publish` gets the answer, at most one per frame
//   answerer.confirm()               when the pen is lifted; otherwise confirmed after a moment without changes
//
// A request is {drawing, weights, off, beside, ...}: the drawing, the id of the weights ("" for the shipped ones), maps
// and units to switch off, and the id of weights that answer too, or null. An answer has the request, `source`
// ("browser" or "server"), `beside` (the answer of the other weights, or null), and the values of `answerWith` below.
//
// Functions of the page; a site without a server has only the first two:
//   fetchWeights(id)   promises the ArrayBuffer of a weights file, null if the id is unknown; fails when offline
//   publish(answer)    shows an answer, or {error: sentence, request}
//   read(request)      promises the server's answer with all stages, which is used until the weights have arrived
//   confirm(request)   promises the server's {digit, reason, probabilities, beside}
//   readNumber(request)   promises the number on a wide sheet, with the strokes of one digit as `drawing`
//   unanswered()       returns the error to show if the server did not answer: {error: sentence}
//   online(is)         gets whether the server could be reached
globalThis.lenetAnswerer = ({ fetchWeights, publish, read, confirm, readNumber, unanswered, online = (_) => {} }) => {
  const REST = 400; // milliseconds without a change until the server confirms the answer
  const AGAIN = 1000; // milliseconds until an unreachable server is tried again
  const KEPT = 4; // cached networks
  const UNDER_WAY = 4; // simultaneous requests for numbers
  const STEPS = [["cropped", null], ["fitted", 20], ["centred", 32]]; // the preparation's pictures, and their frames
  const ALMOST_CERTAIN = 0.9995; // rounds to 100.0 %; demo/language/phrases.py has the same
  const NOTHING = { digit: null, reason: "nothing drawn", probabilities: null, confidence: null, stages: null, distances: null };
  const networks = new Map(); // by the id of their weights; null if the server does not know the id
  let latest = null; // the last request, its picture, and whether it is a number
  let answered = null; // the last answer from the browser, until it is confirmed
  let frame = 0;
  let fetching = false;
  let asking = false;
  let checking = false;
  let resting = 0;

  function ask(request, picture = null, number = false) {
    latest = { request, picture, number };
    clearTimeout(resting);
    resting = setTimeout(check, REST);
    schedule();
  }

  // A hidden page gets no animation frames.
  function schedule() {
    frame ||= document.hidden ? setTimeout(answer) : requestAnimationFrame(answer);
  }

  function answer() {
    frame = 0;
    const { request, picture, number } = latest;
    fetchMissing();
    if (number) return askNumber(request);
    const here = answerHere(request, picture);
    if (here) {
      answered = { ...here, request };
      publish(answered);
    } else if (read) askServer(request);
  }

  // The answer to a request, or null until its weights have arrived.
  function answerHere(request, picture = null) {
    const [own, other] = [request.weights, request.beside].map((id) => (id === null ? null : networkOf(id)));
    if (!own || (request.beside !== null && !other)) return null;
    if (request.drawing.picture && !picture) return null;
    const prepared = lenetPreparation.prepare(request.drawing, picture);
    return {
      ...answerWith(own.network, prepared, request.off, own.unknown),
      exact: own.exact,
      beside: other && answerWith(other.network, prepared, []),
      source: "browser",
    };
  }

  // The network with these weights. For one in training, an earlier step is used until the newest has arrived; for an
  // unknown id, the shipped network.
  function networkOf(id) {
    if (networks.get(id)) return { network: networks.get(id), exact: true };
    if (networks.has(id)) return networks.get("") ? { network: networks.get(""), exact: true, unknown: true } : null;
    const [run, step] = id.split("/");
    const earlier = step && [...networks.keys()].reverse().find((each) => each.startsWith(`${run}/`));
    return earlier && networks.get(earlier) ? { network: networks.get(earlier), exact: false } : null;
  }

  async function fetchMissing() {
    const { weights, beside } = latest.request;
    const missing = [weights, beside, ...(networks.get(weights) === null ? [""] : [])].find(
      (id) => id !== null && !networks.has(id),
    );
    if (fetching || missing === undefined) return;
    fetching = true;
    try {
      const file = await fetchWeights(missing);
      networks.set(missing, file && lenetEvaluator.open(file));
      const unused = [...networks.keys()].filter((id) => ![weights, beside, missing, ""].includes(id));
      for (const id of unused.slice(0, Math.max(0, networks.size - KEPT))) networks.delete(id);
    } catch {
      await new Promise((later) => setTimeout(later, AGAIN));
    }
    fetching = false;
    schedule();
  }

  // Send one request at a time, always with the last state.
  async function askServer(request) {
    if (asking) return;
    asking = true;
    const reply = await read(request).catch(() => null);
    asking = false;
    online(Boolean(reply));
    if (latest.request !== request) return schedule();
    if (answered?.request === request) return; // the weights have arrived in the meantime
    if (!reply) setTimeout(schedule, AGAIN);
    publish(reply ? fromServer(reply, request) : { ...unanswered(), request });
  }

  // Whole numbers are read by the server, with several open requests; an answer older than the shown one is dropped.
  let [sent, shown, underWay, waiting] = [0, 0, 0, false];
  async function askNumber(request) {
    answered = null;
    waiting = underWay === UNDER_WAY;
    if (waiting) return;
    underWay++;
    const turn = ++sent;
    const reply = await readNumber(request).catch(() => null);
    const one = reply?.drawing && { ...request, drawing: reply.drawing };
    const read = one && (answerHere(one) ?? (await readByServer(one)));
    underWay--;
    online(Boolean(reply));
    if (waiting) schedule();
    if (turn < shown || !latest.number) return;
    shown = turn;
    if (reply && !reply.error && !read) return;
    if (!reply) setTimeout(schedule, AGAIN);
    // One of the digits is explained.
    const answer = read ? { ...read, number: reply.number, request: one } : { ...(reply ?? unanswered()), request };
    publish({ ...answer, whole: request.drawing });
  }

  const readByServer = async (request) => {
    const reply = await read(request).catch(() => null);
    return reply && fromServer(reply, request);
  };

  // When the pen is lifted, answer without waiting for the next frame.
  function confirmNow() {
    if (frame) {
      cancelAnimationFrame(frame);
      answer();
    }
    check();
  }

  async function check() {
    clearTimeout(resting);
    const one = answered;
    if (!confirm || checking || !one?.steps || !one.exact || one.request !== latest.request) return;
    checking = true;
    const reply = await confirm(one.request).catch(() => null);
    checking = false;
    online(Boolean(reply));
    if (one !== answered || !reply) {
      resting = setTimeout(check, reply ? REST : AGAIN);
      return;
    }
    answered = null;
    if (reply.error) return publish({ error: reply.error, request: one.request });
    if (reply.unknown) return publish({ ...one, unknown: true });
    const agree = same(one, reply) && (!one.beside || same(one.beside, reply.beside));
    document.dispatchEvent(new CustomEvent("lenet:confirmed", { detail: { request: one.request, agree } }));
    if (agree) return;
    const [here, there] = [one, reply].map(({ digit, reason, probabilities }) => ({ digit, reason, probabilities }));
    console.warn("The server reads this drawing differently.", { here, there, request: one.request });
    const beside = one.beside && worded({ ...one.beside, ...reply.beside });
    publish(worded({ ...one, ...reply, beside, source: "server" }));
  }

  const same = (one, other) => one.digit === other.digit && one.reason === other.reason;

  // The server's numbers are plain lists.
  function fromServer(reply, request) {
    const typed = (part) => ({
      ...part,
      filters: Float32Array.from(part.filters),
      stages: part.stages && Object.fromEntries(
        Object.entries(part.stages).map(([name, values]) => [name, lenetEvaluator.scaled(Float32Array.from(values))]),
      ),
    });
    if (reply.error) return { error: reply.error, request };
    const steps = reply.steps?.map((step) => ({ ...step, pixels: Uint8Array.from(step.pixels) })) ?? null;
    const beside = reply.beside && worded(typed(reply.beside));
    return worded({ ...typed(reply), steps, beside, request, source: "server" });
  }

  // One network's answer to the prepared input, and the values for its figure.
  function answerWith(network, prepared, off, unknown = false) {
    const answer = prepared ? network.read(prepared.centred.pixels, off) : NOTHING;
    return worded({
      ...answer,
      unknown,
      network: network.name,
      filters: network.filters,
      furthest: network.furthest,
      intact: prepared && off.length ? network.read(prepared.centred.pixels).probabilities : null,
      steps: prepared && STEPS.map(([name, frame]) => {
        const { width, height, pixels } = prepared[name];
        return { width, height, pixels, frame: frame ?? Math.max(width, height) };
      }),
    });
  }

  function worded(answer) {
    const gone = answer.unknown ? "Your own weights are gone from this server; these are the shipped ones. " : "";
    return { ...answer, words: gone + words(answer) };
  }

  // An answer as a sentence.
  function words({ digit, reason, probabilities }) {
    const best = probabilities && Math.max(...probabilities);
    if (!probabilities) return "Draw a digit.";
    const refused = reason?.replace("not a digit", "doesn't look like a digit");
    if (digit === null) return `${refused[0].toUpperCase()}${refused.slice(1)}.`;
    const sure = best >= ALMOST_CERTAIN ? "almost certain" : `${(100 * best).toFixed(1)} % sure`;
    return `I read ${digit === 8 ? "an" : "a"} ${digit}, ${sure}.`;
  }

  return { ask, confirm: confirmNow };
};
