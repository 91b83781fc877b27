// @ts-check
// Replaces Gradio on the static site: gives every panel its styles and runs its script, with a replacement for the server.
(async () => {
  const panels = [...document.querySelectorAll("[data-panel]")];

  const get = async (file) => {
    const response = await fetch(file);
    if (!response.ok) throw new Error(`${file}: ${response.status}`);
    return response.text();
  };

  lenet.fetchWeights = async (id) => {
    const response = await fetch(`weights/${id || "shipped"}`);
    return response.ok ? response.arrayBuffer() : null;
  };

  // Links that need the server are refused.
  const { decode } = lenetLink;
  lenetLink.decode = (text) => readable(decode(text));
  function readable(drawing) {
    if (drawing.width > drawing.height) throw new Error("This link holds a whole number, which needs the whole page.");
    if (drawing.picture) throw new Error("This link holds a picture, which needs the whole page.");
    return drawing;
  }

  const loaded = await Promise.all(
    panels.map(async (element) => {
      const { panel } = element.dataset;
      return { element, style: await get(`${panel}.css`), script: await get(`${panel}.js`) };
    }),
  );
  loaded.forEach(({ element, style }, i) => {
    element.id = `panel-${i}`;
    const own = document.createElement("style");
    own.textContent = `#${element.id} { ${style} }`;
    document.head.append(own);
  });
  for (const { element, script } of loaded) {
    const props = JSON.parse(element.dataset.props);
    new Function("element", "trigger", "props", "server", "upload", "watch", script)(
      element,
      () => {},
      props,
      {},
      async () => null,
      () => {},
    );
  }
  document.body.dataset.ready = ""; // which shows the page
})();
