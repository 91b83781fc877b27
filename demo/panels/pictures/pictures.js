// Pictures to put under the strokes: examples, a chosen or pasted or dropped file, and the camera's.
const LARGEST = 1024; // pixels along the longer side of what is sent; Python needs no more
const strip = element.querySelector(".strip");
const input = element.querySelector("input");
const dialog = element.querySelector("dialog");
const video = element.querySelector("video");

async function send(source, width, height) {
  const scale = Math.min(1, LARGEST / Math.max(width, height));
  const canvas = Object.assign(document.createElement("canvas"), { width: width * scale, height: height * scale });
  const context = canvas.getContext("2d");
  context.fillStyle = "white"; // what is transparent is paper
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  const [, base64] = canvas.toDataURL("image/jpeg", 0.92).split(",");
  const picture = (await server.take_picture(base64)) ?? lenet.unanswered();
  if (picture.error) lenet.publish("answer", picture);
  else lay(picture);
}

const lay = (picture) => lenet.publish("drawing", { strokes: [], picture });

async function read(file) {
  let image;
  try {
    image = await createImageBitmap(file);
  } catch {
    lenet.publish("answer", { error: `${file.name} is not a picture that can be read; PNG and JPEG can.` });
    return;
  }
  await send(image, image.width, image.height);
}

input.addEventListener("change", () => {
  if (input.files.length) read(input.files[0]);
  input.value = ""; // so that the same file can be chosen again
});
document.addEventListener("paste", (event) => {
  const file = [...event.clipboardData.files].find(({ type }) => type.startsWith("image/"));
  if (file) read(file);
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
    send(video, video.videoWidth, video.videoHeight);
    dialog.close();
  },
  close: () => dialog.close(),
};
element.addEventListener("click", (event) => actions[event.target.dataset.do]?.());
dialog.addEventListener("close", () => video.srcObject.getTracks().forEach((track) => track.stop()));

server.examples().then((examples) => {
  for (const example of examples ?? []) {
    const choice = Object.assign(document.createElement("button"), { type: "button", title: example.label });
    choice.setAttribute("aria-label", example.label);
    choice.append(document.createElement("canvas"));
    lenet.paint(choice.firstChild, lenet.bytes(example.pixels), example.width, example.height);
    choice.addEventListener("click", () => lay(example));
    strip.append(choice);
  }
});
