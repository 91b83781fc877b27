// @ts-check
// Prepares a drawing as the 32 x 32 input in the browser: the same steps with the same arithmetic as in
// lenet/reading/drawing.py and lenet/reading/preparation.py, which explain them. Change both or neither;
// tests/test_parity.py compares them. Needs no other file.
//
//   lenetPreparation.prepare(drawing, picture) -> {cropped, fitted, centred}, or null if there is no ink
//
// `drawing` is {width, height, strokes: [{points: [[x, y], ...], width, erase}]}; `picture` under the strokes and the
// three results are {width, height, pixels: Uint8Array}, 0 paper to 255 ink.
globalThis.lenetPreparation = (() => {
  const MAX_POINTS = 20000;
  const INK_SIDE = 80;
  const PEN = 0.15;
  const SHEET_SIDE = 512;
  const SPREAD = [-0.5, 0, 0.5];
  const MOST_GONE = 5;
  const STRAY = 0.15;
  const FAR = 0.4;
  const SMALLEST = 0.05;
  const VISIBLE = 64;
  const INPUT_SIDE = 32;
  const BOX_SIDE = 20;
  const CENTRE = INPUT_SIDE / 2 + 0.5;
  const FAINTEST = 32;

  const clip = (value, low, high) => Math.min(Math.max(value, low), high);
  const rounded = (value) => Math.floor(value + 0.5);
  const length = ([x1, y1], [x2, y2]) => Math.sqrt((x2 - x1) * (x2 - x1) + (y2 - y1) * (y2 - y1));
  const blank = (width, height) => ({ width, height, pixels: new Uint8Array(width * height) });

  // The line with points added so that they are at most `step` apart, unless it is absurdly long.
  function densely(points, step) {
    const lengths = points.slice(1).map((point, i) => length(points[i], point));
    step = Math.max(step, lengths.reduce((sum, each) => sum + each, 0) / MAX_POINTS);
    const dense = [points[0]];
    lengths.forEach((each, i) => {
      const [[x1, y1], [x2, y2], count] = [points[i], points[i + 1], Math.ceil(each / step)];
      for (let k = 1; k <= count; k++) {
        const share = k / count;
        dense.push([x1 * (1 - share) + x2 * share, y1 * (1 - share) + y2 * share]);
      }
    });
    return dense;
  }

  // The runs of points that are not gone: first index and the one after the last.
  function runs(gone) {
    const found = [];
    gone.forEach((each, i) => {
      if (each) return;
      if (i === 0 || gone[i - 1]) found.push([i, i + 1]);
      else found[found.length - 1][1] = i + 1;
    });
    return found;
  }

  // The pen strokes, cut where they are erased and where they leave the sheet.
  function withoutErasers({ width, height, strokes }) {
    const scale = SHEET_SIDE / Math.max(width, height);
    const off = ([x, y]) => x < 0 || y < 0 || x > width || y > height;
    let erased = null;
    const left = [];
    for (const stroke of [...strokes].reverse()) {
      if (!stroke.points.length) continue;
      if (stroke.erase) {
        erased ??= blank(Math.ceil(width * scale), Math.ceil(height * scale));
        cover(erased, [stroke.points], [0, 0], scale, eraserRadius(stroke, width, height), 1);
        continue;
      }
      let parts = [stroke.points];
      if (stroke.points.some(off)) {
        const points = densely(stroke.points, 1 / scale);
        parts = runs(points.map(off)).map(([first, end]) => points.slice(first, end));
      }
      if (erased) parts = parts.flatMap((points) => spared(points, stroke.width / 2, erased, scale));
      left.push(...parts.reverse());
    }
    return left.reverse();
  }

  const eraserRadius = (stroke, width, height) => Math.min(stroke.width, 3 * Math.max(width, height)) / 2;

  // The parts of a stroke that are not erased. At a cut they end half a pen's width earlier.
  function spared(points, radius, erased, scale) {
    const dense = densely(points, 1 / scale);
    const gone = dense.map((point) => isGone(point, radius, erased, scale));
    if (!gone.includes(true)) return [points];
    const along = [0];
    for (let i = 1; i < dense.length; i++) along.push(along[i - 1] + length(dense[i - 1], dense[i]));
    return runs(gone)
      .map(([first, end]) => {
        const low = first ? along[first] + radius : -1;
        const high = end < dense.length ? along[end - 1] - radius : Infinity;
        return dense.slice(first, end).filter((_, i) => along[first + i] >= low && along[first + i] <= high);
      })
      .filter((rest) => rest.length);
  }

  // Whether a point is erased: most of the pen's mark around it is.
  function isGone([x, y], radius, erased, scale) {
    let count = 0;
    for (const across of SPREAD) {
      for (const down of SPREAD) {
        const column = Math.floor((x + across * radius) * scale);
        const row = Math.floor((y + down * radius) * scale);
        if (column < 0 || row < 0 || column >= erased.width || row >= erased.height) continue;
        count += erased.pixels[row * erased.width + column];
      }
    }
    return count >= MOST_GONE;
  }

  // The strokes without stray marks.
  function withoutStrayMarks(strokes) {
    if (strokes.length < 2) return strokes;
    const boxes = strokes.map((points) => boxOf([points]));
    const sizes = boxes.map(([left, top, right, bottom]) => Math.max(right - left, bottom - top));
    const large = STRAY * Math.max(...sizes);
    const main = sizes.map((size) => size > large);
    if (!main.includes(true)) return strokes;
    const [left, top, right, bottom] = boxOf(strokes.filter((_, i) => main[i]));
    const reach = FAR * Math.max(right - left, bottom - top);
    return strokes.filter((_, i) => {
      const [l, t, r, b] = boxes[i];
      return main[i] || (r >= left - reach && b >= top - reach && l <= right + reach && t <= bottom + reach);
    });
  }

  function boxOf(strokes) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (const points of strokes) {
      for (const [x, y] of points) {
        box[0] = Math.min(box[0], x);
        box[1] = Math.min(box[1], y);
        box[2] = Math.max(box[2], x);
        box[3] = Math.max(box[3], y);
      }
    }
    return box;
  }

  // Render the drawing with a pen that fits its size.
  function ink(drawing, picture) {
    let strokes = withoutErasers(drawing);
    if (!picture) strokes = withoutStrayMarks(strokes);
    const boxes = [strokes.length ? boxOf(strokes) : null, picture && boxOfPicture(drawing, picture)].filter(Boolean);
    if (!boxes.length) return null;
    const edges = (i) => boxes.map((box) => box[i]);
    const [left, top] = [Math.min(...edges(0)), Math.min(...edges(1))];
    const [right, bottom] = [Math.max(...edges(2)), Math.max(...edges(3))];
    const side = Math.max(right - left, bottom - top, SMALLEST * Math.min(drawing.width, drawing.height));
    const pen = PEN * side;
    const scale = INK_SIDE / (side + pen);
    const sheet = blank(Math.ceil((right - left + 2 * pen) * scale), Math.ceil((bottom - top + 2 * pen) * scale));
    /** @type {[number, number]} */
    const origin = [left - pen, top - pen];
    if (picture) lay(picture, drawing, sheet, origin, scale);
    cover(sheet, strokes, origin, scale, pen / 2, 255);
    return sheet;
  }

  // The box around the picture's ink that is not erased.
  function boxOfPicture(drawing, picture) {
    const scale = (2 * INK_SIDE) / Math.max(drawing.width, drawing.height);
    const sheet = blank(Math.ceil(drawing.width * scale), Math.ceil(drawing.height * scale));
    lay(picture, drawing, sheet, [0, 0], scale);
    return boxOfInk(sheet, VISIBLE)?.map((edge) => edge / scale);
  }

  function boxOfInk({ width, height, pixels }, faintest) {
    const box = [width, height, 0, 0];
    for (let row = 0, at = 0; row < height; row++) {
      for (let column = 0; column < width; column++, at++) {
        if (pixels[at] < faintest) continue;
        box[0] = Math.min(box[0], column);
        box[1] = Math.min(box[1], row);
        box[2] = Math.max(box[2], column + 1);
        box[3] = row + 1;
      }
    }
    return box[3] ? box : null;
  }

  // Copy the picture, centred and as large as the drawing's sheet allows, into the rendered part, and erase.
  function lay(picture, { width, height, strokes }, sheet, origin, scale) {
    const fit = Math.min(width / picture.width, height / picture.height) * scale;
    const size = [Math.max(1, rounded(picture.width * fit)), Math.max(1, rounded(picture.height * fit))];
    const left = rounded((width / 2 - origin[0]) * scale - size[0] / 2);
    const top = rounded((height / 2 - origin[1]) * scale - size[1] / 2);
    resize(picture, size[0], size[1], sheet, left, top);
    for (const stroke of strokes) {
      if (!stroke.erase || !stroke.points.length) continue;
      cover(sheet, [stroke.points], origin, scale, eraserRadius(stroke, width, height), 0);
    }
  }

  // The first of the `before` pixels that each of the `after` pixels replaces, and the end of the last.
  function starts(before, after) {
    const found = new Int32Array(after + 1);
    const half = before > after ? after : 0;
    for (let i = 0; i < after; i++) found[i] = Math.floor((2 * i * before + half) / (2 * after));
    found[after] = before;
    return found;
  }

  // Resize a picture onto a sheet; each pixel is the mean of those that it replaces.
  function resize({ width, height, pixels }, newWidth, newHeight, sheet, left = 0, top = 0) {
    const [rows, columns] = [starts(height, newHeight), starts(width, newWidth)];
    for (let i = Math.max(0, -top); i < Math.min(newHeight, sheet.height - top); i++) {
      const lastRow = Math.max(rows[i + 1], rows[i] + 1);
      for (let j = Math.max(0, -left); j < Math.min(newWidth, sheet.width - left); j++) {
        const lastColumn = Math.max(columns[j + 1], columns[j] + 1);
        let sum = 0;
        for (let row = rows[i]; row < lastRow; row++) {
          for (let column = columns[j]; column < lastColumn; column++) sum += pixels[row * width + column];
        }
        const count = (lastRow - rows[i]) * (lastColumn - columns[j]);
        sheet.pixels[(i + top) * sheet.width + j + left] = Math.floor((2 * sum + count) / (2 * count));
      }
    }
  }

  // Fill the pixels whose centre is within `radius` (in the drawing) of the path of a stroke. Each segment is a
  // capsule, which covers one interval of every row of pixels.
  function cover(sheet, strokes, [left, top], scale, radius, shade) {
    radius *= scale;
    for (const points of strokes) {
      let [x2, y2] = [(points[0][0] - left) * scale, (points[0][1] - top) * scale];
      for (let i = points.length > 1 ? 1 : 0; i < points.length; i++) {
        const [x1, y1] = [x2, y2];
        [x2, y2] = [(points[i][0] - left) * scale, (points[i][1] - top) * scale];
        coverCapsule(sheet, x1, y1, x2, y2, radius, shade);
      }
    }
  }

  function coverCapsule({ width, height, pixels }, x1, y1, x2, y2, radius, shade) {
    const low = clip(Math.ceil(Math.min(y1, y2) - radius - 0.5), 0, height);
    const high = clip(Math.floor(Math.max(y1, y2) + radius - 0.5) + 1, 0, height);
    const dx = x2 - x1;
    const dy = y2 - y1;
    const span = Math.sqrt(dx * dx + dy * dy) || 1;
    for (let row = low; row < high; row++) {
      const y = row + 0.5;
      const left = reach(x1, y - y1, dx, dy, span, radius, -1);
      const right = reach(x1, y - y1, dx, dy, span, radius, 1);
      const end = row * width + clip(Math.floor(right - 0.5) + 1, 0, width);
      for (let at = row * width + clip(Math.ceil(left - 0.5), 0, width); at < end; at++) pixels[at] = shade;
    }
  }

  // How far a capsule reaches to one side (-1 left, 1 right) in a row that is `down` below its first end.
  function reach(x1, down, dx, dy, span, radius, side) {
    let above = ((dy < 0 ? side : -side) * radius * dx) / span;
    const at = dy === 0 ? Number(side * dx > 0) : clip((down - above) / dy, 0, 1);
    above = down - at * dy;
    const left = radius * radius - above * above;
    return left >= 0 ? x1 + at * dx + side * Math.sqrt(left) : -side * Infinity;
  }

  function prepare(drawing, picture = null) {
    const sheet = ink(drawing, picture);
    const box = sheet && boxOfInk(sheet, FAINTEST);
    if (!box) return null;
    const cropped = blank(box[2] - box[0], box[3] - box[1]);
    for (let row = 0; row < cropped.height; row++) {
      const from = (box[1] + row) * sheet.width + box[0];
      cropped.pixels.set(sheet.pixels.subarray(from, from + cropped.width), row * cropped.width);
    }
    const scale = BOX_SIDE / Math.max(cropped.width, cropped.height, INK_SIDE);
    const fitted = blank(Math.max(1, rounded(cropped.width * scale)), Math.max(1, rounded(cropped.height * scale)));
    resize(cropped, fitted.width, fitted.height, fitted);
    const centred = centre(fitted);
    return centred && { cropped, fitted, centred };
  }

  // The input, centred by mass.
  function centre({ width, height, pixels }) {
    let [mass, x, y] = [0, 0, 0];
    for (let row = 0, at = 0; row < height; row++) {
      for (let column = 0; column < width; column++, at++) {
        mass += pixels[at];
        x += pixels[at] * (column + 0.5);
        y += pixels[at] * (row + 0.5);
      }
    }
    if (!mass) return null;
    const left = clip(rounded(CENTRE - x / mass), 0, INPUT_SIDE - width);
    const top = clip(rounded(CENTRE - y / mass), 0, INPUT_SIDE - height);
    const centred = blank(INPUT_SIDE, INPUT_SIDE);
    for (let row = 0; row < height; row++) {
      centred.pixels.set(pixels.subarray(row * width, (row + 1) * width), (top + row) * INPUT_SIDE + left);
    }
    return centred;
  }

  return { prepare };
})();
