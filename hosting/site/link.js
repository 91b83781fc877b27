// @ts-check
// The text of a link without a server: the same bytes as demo/share/link.py, which explains them. Change both or neither;
// tests/test_site_link.py compares them.
//
//   lenetLink.encode(drawing)   the text; throws an Error with a sentence if the drawing is too long
//   lenetLink.decode(text)      the drawing; throws an Error with a sentence if the text holds none
globalThis.lenetLink = (() => {
  const SHEET = 280;
  const [VERSION, WIDE] = ["1", "2"];
  const LONGEST = 1900;
  const MOST_POINTS = Math.floor(Math.floor((LONGEST * 3) / 4) / 2);
  const WINDOW = 512;
  const UNITS = [4, 4, 100];
  const PRESSURE = 0.5;
  const TOLERANCES = [0.3, 0.6, 1.2, 2.4];
  const [ERASES, HAS_PRESSURE] = [1, 2];
  const BROKEN = "This link holds no drawing, or only a part of one. Here is an empty sheet.";

  function encode(drawing) {
    const version = drawing.width > drawing.height ? WIDE : VERSION;
    for (const tolerance of TOLERANCES) {
      const content = pack(drawing, tolerance);
      const packed = String.fromCharCode(...content, ...checksum(content));
      const text = `${version}.${btoa(packed).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
      if (text.length <= LONGEST) return text;
    }
    throw new Error("This drawing is too long for a link. Save it as JSON instead.");
  }

  function decode(text) {
    const [, version, packed] = /^([^.]*)\.(.*)$/s.exec(text) ?? [];
    if (/^\d+$/.test(version) && ![VERSION, WIDE].includes(version)) {
      throw new Error("This link was made by a newer version of this page. Here is an empty sheet.");
    }
    if (![VERSION, WIDE].includes(version) || text.length > LONGEST || !/^[\w-]*$/.test(packed)) throw new Error(BROKEN);
    try {
      const letters = atob(packed.replaceAll("-", "+").replaceAll("_", "/"));
      const content = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
      const [low, high] = checksum(content.subarray(0, -2));
      if (content.at(-2) !== low || content.at(-1) !== high) throw new RangeError();
      return unpack(content.subarray(0, -2), version);
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

  // As Python rounds: a half goes to the even neighbour.
  function rounded(number) {
    const whole = Math.round(number);
    return Math.abs(number % 1) === 0.5 && whole % 2 ? whole - 1 : whole;
  }

  function pack({ width, height, picture, strokes }, tolerance) {
    const scale = SHEET / height;
    const corner = Math.max(height - width, 0) / 2;
    const name = new TextEncoder().encode(picture ?? "");
    const content = width > height ? varint(rounded(width * scale)) : [];
    content.push(...varint(name.length), ...name);
    for (const stroke of strokes) {
      if (stroke.points.length) content.push(...packStroke(stroke, corner, scale, tolerance));
      if (content.length > LONGEST) break;
    }
    return content;
  }

  function packStroke(stroke, corner, scale, tolerance) {
    const width = stroke.width * scale;
    const place = ([x, y, pressure = PRESSURE]) => [(x + corner) * scale, y * scale, pressure];
    const points = stroke.points.map(place);
    const kept = needed(points.map(([x, y, pressure]) => [x, y, pressure * width]), tolerance);
    const pressure = stroke.points.some((point) => point.length === 3);
    const steps = points.filter((_, i) => kept[i]).map((point) => UNITS.map((unit, i) => rounded(point[i] * unit)));
    const head = 4 * steps.length + (stroke.erase ? ERASES : 0) + (pressure ? HAS_PRESSURE : 0);
    const packed = [...varint(head), ...varint(rounded(width * UNITS[0]))];
    steps.forEach((step, i) => {
      for (let axis = 0; axis < (pressure ? 3 : 2); axis++) {
        const difference = step[axis] - (steps[i - 1]?.[axis] ?? 0);
        packed.push(...varint(difference >= 0 ? 2 * difference : -2 * difference - 1));
      }
    });
    return packed;
  }

  // Which points make up the line to within the tolerance (Ramer, Douglas and Peucker).
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

  // The point between two that is furthest from the line between them, and its distance.
  function furthestFrom(points, first, end) {
    const minus = (a, b) => a.map((value, i) => value - b[i]);
    const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
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

  function unpack(content, version) {
    const read = reader(content);
    const width = version === WIDE ? read.varint() : SHEET;
    const picture = new TextDecoder("utf-8", { fatal: true }).decode(read.bytes(read.varint())) || null;
    const strokes = [];
    while (!read.ended()) strokes.push(unpackStroke(read));
    return { width, height: SHEET, strokes, picture };
  }

  function unpackStroke(read) {
    const [head, width] = [read.varint(), read.varint()];
    const units = UNITS.slice(0, head & HAS_PRESSURE ? 3 : 2);
    const place = units.map(() => 0);
    const points = [];
    for (let i = 0; i < head >> 2; i++) {
      for (const axis of units.keys()) {
        const zigzag = read.varint();
        place[axis] += (zigzag >>> 1) ^ -(zigzag & 1);
      }
      points.push(place.map((steps, axis) => steps / units[axis]));
    }
    return { points, width: width / UNITS[0], erase: Boolean(head & ERASES) };
  }

  function varint(number) {
    const packed = [];
    for (; number > 0x7f; number >>>= 7) packed.push((number & 0x7f) | 0x80);
    return [...packed, number];
  }

  // Reads from the front; throws a RangeError at the end.
  function reader(content) {
    let at = 0;
    return {
      ended: () => at >= content.length,
      bytes: (length) => content.subarray(at, (at += length)),
      varint() {
        let number = 0;
        for (let shift = 0; shift <= 28; shift += 7) {
          if (at >= content.length) throw new RangeError();
          const byte = content[at++];
          number |= (byte & 0x7f) << shift;
          if (!(byte & 0x80)) return number >>> 0;
        }
        throw new RangeError();
      },
    };
  }

  return { encode, decode };
})();
