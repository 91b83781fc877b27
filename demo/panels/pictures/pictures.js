// Pictures to put under the strokes: examples, chosen, pasted or dropped files, and photographs.
const LARGEST = 1024; // pixels along the longer side of a decoded picture; the server needs no more
const strip = element.querySelector(".strip");
const input = element.querySelector("input");
const dialog = element.querySelector("dialog");
const video = element.querySelector("video");

// The server reads the file, as the command does; the browser only decodes files that are too large to send, and HEIC.
async function read(file) {
  const heic = /heic|heif/.test(file.type) || /\.hei[cf]$/i.test(file.name);
  if (file.size <= props.most && !heic) return send(file.name, file);
  let image;
  try {
    image = await createImageBitmap(file);
  } catch {
    if (heic && file.size <= props.most) return send(file.name, file);
    return lenet.publish("answer", { error: `${file.name} is not a picture that can be read; PNG and JPEG can.` });
  }
  sendPixels(image, image.width, image.height);
}

async function sendPixels(source, width, height) {
  const scale = Math.min(1, LARGEST / Math.max(width, height));
  const canvas = lenet.node("canvas", { width: width * scale, height: height * scale });
  canvas.getContext("2d").drawImage(source, 0, 0, canvas.width, canvas.height);
  send("picture", await new Promise((done) => canvas.toBlob(done, "image/webp", 0.95)));
}

async function send(name, blob) {
  const read = (await server.take_file({ name, content: await lenet.base64(blob) })) ?? lenet.unanswered();
  if (read.error) lenet.publish("answer", read);
  else lenet.publish("drawing", { ...read.drawing, ...onSheet(read.drawing), picture: read.picture });
}

// Scale a drawing of another height to the page's sheet.
function onSheet({ width, height, strokes }) {
  const scale = props.side / height;
  const scaled = strokes.map((stroke) => ({
    ...stroke,
    width: stroke.width * scale,
    points: stroke.points.map(([x, y, ...pressure]) => [x * scale, y * scale, ...pressure]),
  }));
  return { width: Math.max(props.side, Math.round(width * scale)), strokes: scaled };
}

input.addEventListener("change", () => {
  if (input.files.length) read(input.files[0]);
  input.value = ""; // so that the same file can be chosen again
});
document.addEventListener("paste", (event) => {
  const text = event.clipboardData.getData("text").trim();
  const file = event.clipboardData.files[0] ?? (/^[{<]/.test(text) && new File([text], "pasted"));
  if (file && !event.target.closest?.("input, textarea")) read(file);
});
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  if (!event.dataTransfer.files.length) return;
  event.preventDefault();
  read(event.dataTransfer.files[0]);
});

const actions = {
  choose: () => input.click(),
  async camera() {
    try {
      video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      lenet.publish("answer", { error: "There is no camera here that this page may use; choose a picture instead." });
      return;
    }
    dialog.showModal();
    await video.play();
  },
  take() {
    sendPixels(video, video.videoWidth, video.videoHeight);
    dialog.close();
  },
  close: () => dialog.close(),
};
element.addEventListener("click", (event) => actions[event.target.dataset.do]?.());
dialog.addEventListener("close", () => video.srcObject.getTracks().forEach((track) => track.stop()));

server.examples().then((examples) => {
  for (const example of examples ?? []) {
    const onclick = () => lenet.publish("drawing", { strokes: [], picture: example });
    const canvas = lenet.picture(example.pixels, example.width, example.height);
    strip.append(lenet.button({ title: example.label, ariaLabel: example.label, onclick }, canvas));
  }
});
