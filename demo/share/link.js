// @ts-check
// Encode a drawing as the short text of a link's fragment, and decode it; both throw an Error with a sentence.
//
// The text is a version, a point, and bytes in base64url. All numbers are varints (seven bits per byte, the lowest first).
// Version 1 has the length of the picture's name, and the name; for each stroke a head (four times the number of points,
// plus 1 if it erases, plus 2 if it has pressure), its width, and for each point the zigzag-encoded differences of x, y and
// pressure to the previous point; at the end two bytes of a CRC-32. Lengths are in quarter pixels of the page's sheet,
// pressure in hundredths. Version 2, for wide sheets, begins with the sheet's width in pixels. Published versions must
// never change; add a new one instead.
globalThis.lenetLink = (() => {
  const SHEET = 280; // the height of the page's sheet
  const [VERSION, WIDE] = ["1", "2"];
  const LONGEST = 1900; // with the page's address below 2,000 characters, which every messenger accepts
  const MOST_POINTS = LONGEST * 0.375; // each takes at least two bytes, and four characters hold three
  const WINDOW = 512; // points simplified together, so that the cost is proportional to a line's length
  const UNITS = [4, 4, 100];
  const TOLERANCES = [0.3, 0.6, 1.2, 2.4]; // distances, in pixels, of the simplified line; longer drawings get coarser
  const [ERASES, HAS_PRESSURE] = [1, 2];
  const BROKEN = "This link holds no drawing, or only a part of one.";

  function encode(drawing) {
    const version = drawing.width > drawing.height ? WIDE : VERSION;
    for (const tolerance of TOLERANCES) {
      const content = pack(drawing, tolerance);
      const packed = btoa(String.fromCharCode(...content, ...checksum(content)));
      const text = `${version}.${packed.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
      if (text.length <= LONGEST) return text;
    }
    throw new Error("This drawing is too long for a link. Save it as JSON instead.");
  }

  function decode(text) {
    const [, version, packed] = /^(\d+)\.([\w-]*)$/.exec(text) ?? [];
    if (!version || text.length > LONGEST) throw new Error(BROKEN);
    if (version !== VERSION && version !== WIDE) {
      throw new Error("This link was made by a newer version of this page.");
    }
    try {
      const letters = atob(packed.replaceAll("-", "+").replaceAll("_", "/"));
      const bytes = [...letters].map((letter) => letter.charCodeAt(0));
      if (String(bytes.splice(-2)) !== String(checksum(bytes))) throw new RangeError();
      return unpack(bytes.reverse(), version);
    } catch {
      throw new Error(BROKEN);
    }
  }

  // Two bytes of CRC-32.
  function checksum(content) {
    let crc = 0xffffffff;
    for (const byte of content) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return [~crc & 0xff, (~crc >> 8) & 0xff];
  }

  function pack({ width, height, picture, strokes }, tolerance) {
    const scale = SHEET / height;
    const corner = Math.max(height - width, 0) / 2; // a sheet higher than wide is centred on the page's square one
    const name = new TextEncoder().encode(picture ?? "");
    const content = width > height ? varint(width * scale) : [];
    content.push(...varint(name.length), ...name);
    for (const { points, width, erase } of strokes) {
      const placed = points.map(([x, y, pressure = 0.5]) => [(x + corner) * scale, y * scale, pressure]);
      const pressure = points.some((point) => point.length === 3);
      if (points.length) content.push(...packStroke(placed, width * scale, erase, pressure, tolerance));
      if (content.length > LONGEST) break;
    }
    return content;
  }

  function packStroke(points, width, erase, pressure, tolerance) {
    // Pressure is weighted by its effect on the line's width.
    const kept = needed(points.map(([x, y, pressure]) => [x, y, pressure * width]), tolerance);
    const steps = points.filter((_, i) => kept[i]).map((point) => UNITS.map((unit, i) => Math.round(point[i] * unit)));
    const head = 4 * steps.length + (erase ? ERASES : 0) + (pressure ? HAS_PRESSURE : 0);
    const differences = steps.flatMap((step, i) => minus(step, steps[i - 1] ?? [0, 0, 0]).slice(0, pressure ? 3 : 2));
    const zigzag = differences.map((difference) => (difference >= 0 ? 2 * difference : -2 * difference - 1));
    return [head, width * UNITS[0], ...zigzag].flatMap(varint);
  }

  // Which points are needed to draw the line within the tolerance (Ramer, Douglas and Peucker).
  function needed(points, tolerance) {
    const last = points.length - 1;
    const kept = points.map((_, i) => i === last || i % WINDOW === 0);
    const parts = [];
    for (let first = 0; first < last; first += WINDOW) parts.push([first, Math.min(first + WINDOW, last)]);
    let count = parts.length + 1;
    while (parts.length && count <= MOST_POINTS) {
      const [first, end] = parts.pop();
      const [furthest, distance] = furthestFrom(points, first, end);
      if (distance <= tolerance) continue;
      kept[furthest] = true;
      count += 1;
      parts.push([first, furthest], [furthest, end]);
    }
    return kept;
  }

  const minus = (a, b) => a.map((value, i) => value - b[i]);
  const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);

  // The point between two that is furthest from the line between them, and its distance.
  function furthestFrom(points, first, end) {
    const line = minus(points[end], points[first]);
    let [furthest, distance] = [first, 0];
    for (let i = first + 1; i < end; i++) {
      const offset = minus(points[i], points[first]);
      const along = Math.min(1, Math.max(0, dot(offset, line) / Math.max(dot(line, line), 1e-12)));
      const away = minus(offset, line.map((value) => along * value));
      const far = Math.sqrt(dot(away, away));
      if (far > distance) [furthest, distance] = [i, far];
    }
    return [furthest, distance];
  }

  // `bytes` are in reverse order, and are taken from the end.
  function unpack(bytes, version) {
    const width = version === WIDE ? readVarint(bytes) : SHEET;
    const length = readVarint(bytes);
    const name = length ? bytes.splice(-length).reverse() : [];
    const picture = new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(name)) || null;
    const strokes = [];
    while (bytes.length) strokes.push(unpackStroke(bytes));
    return { width, height: SHEET, strokes: strokes.filter(({ points }) => points.length), picture };
  }

  function unpackStroke(bytes) {
    const [head, width] = [readVarint(bytes), readVarint(bytes)];
    const units = UNITS.slice(0, head & HAS_PRESSURE ? 3 : 2);
    const place = units.map(() => 0);
    const points = [];
    for (let i = 0; i < head >>> 2; i++) {
      for (const axis of units.keys()) {
        const zigzag = readVarint(bytes);
        place[axis] += (zigzag >>> 1) ^ -(zigzag & 1);
      }
      points.push(place.map((steps, axis) => steps / units[axis]));
    }
    return { points, width: width / UNITS[0], erase: Boolean(head & ERASES) };
  }

  function varint(value) {
    let number = Math.round(value);
    const packed = [];
    for (; number > 0x7f; number >>>= 7) packed.push((number & 0x7f) | 0x80);
    return [...packed, number];
  }

  function readVarint(bytes) {
    let number = 0;
    for (let shift = 0; shift <= 28; shift += 7) {
      if (!bytes.length) throw new RangeError();
      const byte = bytes.pop();
      number |= (byte & 0x7f) << shift;
      if (byte < 0x80) return number >>> 0;
    }
    throw new RangeError();
  }

  return { encode, decode };
})();
