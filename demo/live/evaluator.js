// @ts-check
// Runs a network in the browser. The weights file describes the operations; each kind of layer has a function here. Needs
// no other file.
//
//   const network = lenetEvaluator.open(bytes)            an ArrayBuffer as demo/live/weights.py writes it
//   network.read(pixels, off)                             the answer to pixels: 32 x 32 bytes, 0 paper to 255 ink
//
// The answer is {digit, reason, probabilities, confidence, stages: {input, C1, ...: {low, high, values}}, distances};
// `off` lists maps and units to switch off, as [stage, index].
globalThis.lenetEvaluator = (() => {
  const NOT_A_DIGIT = 10;

  // A safetensors file: the length of the header in 8 bytes, the header as JSON, then the numbers.
  function open(buffer) {
    const view = new DataView(buffer);
    const start = 8 + view.getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, start - 8)));
    const { __metadata__: metadata, ...entries } = header;
    const tensors = {};
    for (const [name, { dtype, data_offsets }] of Object.entries(entries)) {
      if (dtype !== "F32") throw new Error(`${name} is ${dtype}; only F32 can be read.`);
      tensors[name] = new Float32Array(buffer.slice(start + data_offsets[0], start + data_offsets[1]));
    }
    const description = JSON.parse(metadata.description);
    const operations = description.operations.map((operation) => bind(operation, tensors));
    return {
      name: description.network,
      furthest: furthest(operations.at(-1), description.threshold),
      filters: operations[0].weight,
      read: (pixels, off = []) => read(description, operations, pixels, off),
    };
  }

  // An operation with its tensors, and an array for its values.
  function bind(operation, tensors) {
    const own = Object.fromEntries(Object.entries(operation.tensors).map(([name, of]) => [name, tensors[of]]));
    return { ...operation, ...own, run: LAYERS[operation.kind], activate: ACTIVATIONS[operation.activation?.kind] };
  }

  function read(description, operations, pixels, off) {
    const { paper, ink, side } = description;
    const input = new Float32Array(pixels.length);
    for (let i = 0; i < input.length; i++) input[i] = paper + (pixels[i] / 255) * (ink - paper);
    const stages = { input: scaled(input) };
    let below = { maps: 1, side, values: input };
    for (const operation of operations) {
      const { stage, maps, side, activate } = operation;
      const values = new Float32Array(maps * side * side);
      operation.run(operation, below, values);
      activate?.(values, operation.activation);
      for (const [name, index] of off) {
        if (name === stage) values.fill(0, index * side * side, (index + 1) * side * side);
      }
      stages[stage] = scaled(values);
      below = { maps, side, values };
    }
    const last = operations.at(-1);
    const distances = "rubbish" in last ? Array.from(below.values, (score) => last.rubbish - score) : null;
    return { ...decide(below.values, description), stages, distances };
  }

  // The values, and those shown as dark and as bright: after a ReLU, dark is 0.
  function scaled(values) {
    let [low, high] = [0, -Infinity];
    for (let i = 0; i < values.length; i++) {
      if (values[i] < low) low = values[i];
      if (values[i] > high) high = values[i];
    }
    return { low, high, values };
  }

  // Each function writes the sums of its layer into `values`.
  const LAYERS = {
    // Without `connections`, every map reads every map below. The kernels come one after the other.
    convolution({ weight, kernels = weight, bias, connections, maps, side }, below, values) {
      const all = Array.from({ length: below.maps }, (_, i) => i);
      const window = below.side - side + 1;
      const silent = silentRows(below);
      let kernel = 0;
      for (let map = 0; map < maps; map++) {
        const own = values.subarray(map * side * side, (map + 1) * side * side).fill(bias[map]);
        for (const from of connections?.[map] ?? all) {
          convolve(below, from * below.side, silent, kernels, kernel, window, own, side);
          kernel += window * window;
        }
      }
    },

    "max pooling"(_, below, values) {
      pool(below, values, (a, b, c, d) => Math.max(a, b, c, d));
    },

    subsampling({ weight, bias }, below, values) {
      const size = values.length / weight.length;
      pool(below, values, (a, b, c, d, at) => (a + b + c + d) * weight[(at / size) | 0] + bias[(at / size) | 0]);
    },

    "full connection"({ weight, bias }, below, values) {
      const count = below.values.length;
      for (let unit = 0, at = 0; unit < values.length; unit++) {
        let sum = bias[unit];
        for (let i = 0; i < count; i++, at++) sum += weight[at] * below.values[i];
        values[unit] = sum;
      }
    },

    "radial basis"({ codes, rubbish }, below, values) {
      const count = below.values.length;
      for (let unit = 0, at = 0; unit < values.length; unit++) {
        let sum = rubbish;
        for (let i = 0; i < count; i++, at++) sum -= (below.values[i] - codes[at]) ** 2;
        values[unit] = sum;
      }
    },
  };

  // The rows of all maps without a nonzero value. They add nothing to a sum, and after a ReLU there are many.
  function silentRows({ maps, side, values }) {
    const silent = new Uint8Array(maps * side).fill(1);
    for (let i = 0; i < values.length; i++) if (values[i] !== 0) silent[(i / side) | 0] = 0;
    return silent;
  }

  // Slide a window over the map that begins at row `from`; add the products to `sums`, a row of the window at a time.
  function convolve({ side: belowSide, values }, from, silent, kernels, kernel, window, sums, side) {
    for (let down = 0; down < window; down++) {
      for (let row = 0; row < side; row++) {
        const seen = from + row + down;
        if (!silent[seen]) slide(values, seen * belowSide, kernels, kernel + down * window, window, sums, row * side, side);
      }
    }
  }

  // Apply one row of a window to one row of a map. Windows of five, which both networks have, need no inner loop.
  function slide(below, start, kernels, kernel, window, sums, into, side) {
    if (window !== 5) {
      for (let column = 0; column < side; column++) {
        for (let i = 0; i < window; i++) sums[into + column] += kernels[kernel + i] * below[start + column + i];
      }
      return;
    }
    const [w0, w1, w2] = [kernels[kernel], kernels[kernel + 1], kernels[kernel + 2]];
    const [w3, w4] = [kernels[kernel + 3], kernels[kernel + 4]];
    let [b0, b1, b2, b3] = [below[start], below[start + 1], below[start + 2], below[start + 3]];
    for (let column = 0; column < side; column++) {
      const b4 = below[start + column + 4];
      sums[into + column] += w0 * b0 + w1 * b1 + w2 * b2 + w3 * b3 + w4 * b4;
      b0 = b1;
      b1 = b2;
      b2 = b3;
      b3 = b4;
    }
  }

  function pool({ side, values: below }, values, merge) {
    const half = side / 2;
    for (let at = 0; at < values.length; at++) {
      const corner = 2 * (Math.floor(at / half) * side + (at % half));
      values[at] = merge(below[corner], below[corner + 1], below[corner + side], below[corner + side + 1], at);
    }
  }

  const ACTIVATIONS = {
    relu(values) {
      for (let i = 0; i < values.length; i++) if (values[i] < 0) values[i] = 0;
    },

    "scaled tanh"(values, { amplitude, slope }) {
      for (let i = 0; i < values.length; i++) values[i] = amplitude * Math.tanh(slope * values[i]);
    },
  };

  const exponentials = (logits, highest) => Array.from(logits, (logit) => Math.exp(logit - highest));
  const total = (values) => values.reduce((sum, value) => sum + value, 0);

  // As lenet/network/decision.py: the best digit, if its probability with a reject class of logit 0 is large enough.
  function decide(logits, { threshold, leads }) {
    const highest = Math.max(0, ...logits);
    const digits = exponentials(logits, highest);
    const none = Math.exp(-highest);
    const ranked = [...digits.keys(), NOT_A_DIGIT].sort((a, b) => (digits[b] ?? none) - (digits[a] ?? none));
    const [best, second] = ranked.filter((each) => each !== NOT_A_DIGIT);
    const all = total(digits) + none;
    const confidence = digits[best] / all;
    const own = exponentials(logits, Math.max(...logits));
    const probabilities = own.map((each) => each / total(own));
    if (confidence >= threshold) return { digit: best, reason: null, probabilities, confidence };
    const closest = confidence >= (leads * total(digits)) / all ? ` (closest: ${best})` : "";
    const reason = ranked.indexOf(NOT_A_DIGIT) < 2 ? `not a digit${closest}` : `not sure: ${best} or ${second}`;
    return { digit: null, reason, probabilities, confidence };
  }

  // The distance from the nearest code, if all others are far away, beyond which a drawing is refused.
  function furthest({ rubbish }, threshold) {
    return rubbish !== undefined && threshold > 0 && threshold < 1 ? rubbish - Math.log(threshold / (1 - threshold)) : null;
  }

  return { open, scaled };
})();
