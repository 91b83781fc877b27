// The nearest training digits, and the drawing's position among all of them in a plane.
const SIDE = 540; // of the plane in its own pixels
const COLOURS = Array.from({ length: 10 }, (_, digit) => `hsl(${digit * 36} 85% ${digit % 2 ? 72 : 58}%)`);
const plane = Object.assign(element.querySelector(".plane"), { width: SIDE, height: SIDE });
const dots = lenet.node("canvas", { width: SIDE, height: SIDE });
const you = element.querySelector(".you");
let planes = null; // the weights whose plane is drawn

lenet.explanation("neighbours", element, explain, show);

// The plane is requested once for each set of weights; only the drawing's position is updated.
async function explain(request) {
  const shown = await server.explain({ ...request, plane: planes !== request.weights });
  if (shown?.plane) {
    drawDots(shown.plane);
    planes = request.weights;
  }
  return shown;
}

function circle(context, across, down, radius) {
  context.beginPath();
  context.arc(across * SIDE, down * SIDE, radius, 0, 2 * Math.PI);
}

function drawDots({ centres, ...places }) {
  const [across, down, labels] = [places.across, places.down, places.labels].map(lenet.bytes);
  const context = dots.getContext("2d");
  context.clearRect(0, 0, SIDE, SIDE);
  labels.forEach((label, i) => {
    context.fillStyle = COLOURS[label];
    circle(context, across[i] / 255, down[i] / 255, 2.5);
    context.fill();
  });
  Object.assign(context, { font: "bold 34px system-ui", textAlign: "center", textBaseline: "middle", lineWidth: 7 });
  centres.forEach(([x, y], digit) => {
    context.strokeText(digit, x * SIDE, y * SIDE);
    context.fillStyle = COLOURS[digit];
    context.fillText(digit, x * SIDE, y * SIDE);
  });
}

function show(shown) {
  element.querySelector("ol").replaceChildren(...shown.nearest.map(neighbour));
  const context = plane.getContext("2d");
  context.clearRect(0, 0, SIDE, SIDE);
  context.drawImage(dots, 0, 0);
  context.strokeStyle = "white";
  context.lineWidth = 2;
  for (const [across, down] of shown.near) {
    circle(context, across, down, 5);
    context.stroke();
  }
  you.style.left = `${100 * shown.place[0]}%`;
  you.style.top = `${100 * shown.place[1]}%`;
}

function neighbour({ label, distance, pixels }) {
  return lenet.node("li", {}, lenet.picture(pixels, 28, 28), lenet.node("b", {}, label), ` at ${distance}`);
}
