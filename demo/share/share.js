// Links and files of the current drawing, and the replay of a link's drawing, stroke by stroke.
const SPEED = 450; // pixels of the sheet a second
const LONGEST = 4; // seconds that a whole drawing may take
const PAUSE = 60; // between two strokes, as a length that the pen could have drawn
const NO_UPLOADS = "A picture of your own does not fit into a link; save the drawing as PNG or SVG instead.";
const buttons = element.querySelectorAll("button");
const field = element.querySelector("input");
const status = element.querySelector("p");
let finish = null; // ends the current replay

lenet.listen("answer", ({ probabilities, error }) => {
  if (!error) buttons.forEach((button) => (button.disabled = !probabilities));
});

async function ask(act, about = { ...lenet.request, drawing: lenet.drawing }) {
  const answer = (await act(about)) ?? lenet.unanswered();
  say(answer.error ?? "");
  return answer;
}

function say(words) {
  status.textContent = words;
  field.hidden = true;
}

function link() {
  try {
    // The server keeps uploaded pictures only for a while, and only for their visitor.
    if (lenet.drawing.picture?.startsWith("upload/")) throw new Error(NO_UPLOADS);
    say("");
    return `${location.origin}${location.pathname}#${lenetLink.encode(lenet.drawing)}`;
  } catch (fault) {
    say(fault.message);
  }
}

const actions = {
  async copy() {
    const address = link();
    if (!address) return;
    try {
      await navigator.clipboard.writeText(address);
      say("The link is copied; whoever opens it sees the digit being drawn.");
    } catch {
      say("Copy the link from here:");
      field.hidden = false;
      field.value = address;
      field.select();
    }
  },
  async share() {
    const url = link();
    // An error only means that the visitor closed the system's dialog.
    if (url) await navigator.share({ title: document.title, url }).catch(() => {});
  },
  json() {
    lenet.download("drawing.json", new Blob([JSON.stringify(lenet.drawing)], { type: "application/json" }));
  },
  async svg() {
    const { svg } = await ask(server.picture);
    if (svg) lenet.download("drawing.svg", new Blob([svg], { type: "image/svg+xml" }));
  },
  async png() {
    const { svg } = await ask(server.picture);
    if (svg) lenet.download("drawing.png", await pixels(svg, 4));
  },
  async poster() {
    const { svg } = await ask(server.whole_network, lenet.request); // for a number, the poster of the explained digit
    const inWords = svg?.replace(/>([^<>]+)</g, (_, text) => `>${lenetLanguage.say(text)}<`);
    if (svg) lenet.download("lenet-5.png", await pixels(inWords, 2));
  },
};
element.querySelector("[data-do=share]").hidden = !navigator.share;
element.addEventListener("click", (event) => actions[event.target.dataset.do]?.());

async function pixels(svg, scale) {
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  await image.decode();
  const canvas = new OffscreenCanvas(image.width * scale, image.height * scale);
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(image.src);
  return canvas.convertToBlob();
}

async function openLink() {
  const text = location.hash.slice(1);
  if (!text) return;
  try {
    const drawing = lenetLink.decode(text);
    const { picture, error } = drawing.picture ? await ask(server.open_picture, drawing.picture) : { picture: null };
    if (error) throw new Error(error);
    replay(drawing, picture);
  } catch (fault) {
    lenet.publish("answer", { error: fault.message });
  }
}

function replay({ strokes, width }, picture) {
  finish?.();
  const lengths = strokes.map(({ points }) => points.reduce((sum, at, i) => sum + distance(points[i - 1] ?? at, at), PAUSE));
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const speed = Math.max(SPEED, total / LONGEST);
  const begin = performance.now();
  finish = () => {
    finish = null;
    lenet.publish("drawing", { strokes, picture, width, passing: true });
  };
  const step = (now) => {
    if (!finish) return;
    const drawn = ((now - begin) / 1000) * speed;
    if (drawn >= total) return finish();
    lenet.publish("drawing", { strokes: part(strokes, lengths, drawn), picture, width, passing: true });
    requestAnimationFrame(step);
  };
  lenet.publish("drawing", { strokes: [], picture, width });
  if (lenet.still()) finish();
  else requestAnimationFrame(step);
}

const distance = ([x1, y1], [x2, y2]) => Math.hypot(x2 - x1, y2 - y1);

// The part of the strokes that has been drawn so far.
function part(strokes, lengths, drawn) {
  const begun = [];
  for (const [i, stroke] of strokes.entries()) {
    if (drawn <= 0) break;
    begun.push(drawn < lengths[i] ? { ...stroke, points: beginning(stroke.points, drawn) } : stroke);
    drawn -= lengths[i];
  }
  return begun;
}

function beginning(points, length) {
  const kept = [points[0]];
  for (let i = 1; i < points.length; i++) {
    const step = distance(points[i - 1], points[i]);
    const share = Math.min(1, length / step);
    kept.push(points[i].map((to, axis) => points[i - 1][axis] + share * (to - points[i - 1][axis])));
    length -= step;
    if (length <= 0) break;
  }
  return kept;
}

// If the visitor draws during a replay, show the whole drawing first. The page's address no longer names the drawing.
function draws({ target }) {
  if (!target.closest("#pad")) return;
  finish?.();
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);
}
for (const event of ["pointerdown", "keydown"]) document.addEventListener(event, draws, { capture: true });
addEventListener("hashchange", openLink);
if (lenet.drawing) openLink();
else document.addEventListener("lenet:answer", openLink, { once: true });
