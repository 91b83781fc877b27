// The changes made by a run, for as long as one can choose whether to keep the new network.
const { node } = lenet;
const find = (selector) => element.querySelector(selector);

lenet.listen("run", ({ comparison }) => {
  element.classList.toggle("open", Boolean(comparison));
  if (comparison) show(comparison);
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
}
