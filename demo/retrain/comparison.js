// The changes made by a run, and the choice whether to keep the new network.
const { node } = lenet;
const find = (selector) => element.querySelector(selector);
let network = null; // the new network, until it is kept or discarded

lenet.listen("run", (record) => {
  network = record.network ?? null;
  element.classList.toggle("open", Boolean(network));
  if (network) show(record.comparison);
});

function show({ verdict, loses, rows, changes, others, confusion }) {
  Object.assign(find(".verdict"), { textContent: verdict, className: `verdict ${loses ? "worse" : ""}` });
  find(".sides tbody").replaceChildren(
    ...rows.map(({ what, before, after, kind }) => node("tr", {}, node("th", {}, what), node("td", {}, before), node("td", { className: kind }, after))),
  );
  find("p").hidden = !changes.length;
  const pictures = changes.map(({ kind, words, source, was, now }) =>
    node("li", { className: kind, title: words }, node("img", { src: source, alt: words }), node("span", {}, `${was} → ${now}`)),
  );
  find("ul").replaceChildren(...pictures, ...(others ? [node("li", { className: "others" }, `and ${others.toLocaleString("en")} more`)] : []));
  find(".confusion tbody").replaceChildren(
    ...confusion.map((counts, label) => {
      const kind = (count, read) => (read === label ? "right" : count ? "wrong" : "");
      const cells = counts.map((count, read) => node("td", { className: kind(count, read) }, count || ""));
      return node("tr", {}, node("th", {}, label), ...cells);
    }),
  );
  find("#keep").classList.toggle("primary", !loses);
  find("#discard").classList.toggle("primary", loses);
}

function decide(words, keep) {
  if (keep && network) lenet.publish("keep", network);
  network = null;
  element.classList.remove("open");
  lenet.publish("said", words);
}
find("#keep").addEventListener("click", () => decide("Your own network answers now. Nobody else is affected.", true));
find("#discard").addEventListener("click", () => {
  decide("Discarded. The network before still answers.", false);
  lenet.publish("choose", lenet.networks.chosen);
});
