// If Chinese is chosen, or preferred by the browser, every text that appears on the page is translated by the table, whose
// keys are the English texts. {n}, {n2} ... stand for numbers, any other {name} for a text that is translated in turn.
window.lenetLanguage = (() => {
  const preferred = navigator.languages.find((language) => /^(en|zh)\b/i.test(language))?.slice(0, 2);
  const language = new URLSearchParams(location.search).get("lang") ?? lenetStorage.read("language") ?? preferred ?? "en";
  const chinese = language === "zh";
  const ATTRIBUTES = ["aria-label", "title", "alt", "placeholder"];
  const CACHED = 2000; // texts
  const cache = new Map();
  const patterns = Object.entries(lenetChinese)
    .filter(([english]) => english.includes("{"))
    .map(pattern)
    .sort((one, other) => other.fixed - one.fixed);

  // A regular expression with a group for each placeholder. Patterns with more fixed text are tried first.
  function pattern([english, translation]) {
    const parts = english.split(/\{(\w+)\}/);
    const names = parts.filter((_, i) => i % 2);
    const source = parts.map((part, i) => {
      if (i % 2 === 0) return part.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
      return /^n\d*$/.test(part) ? "([−+]?[\\d.,]*\\d)" : "((?:(?![.?!] ).)+?)";
    });
    const fixed = english.replace(/\{\w+\}/g, "").length;
    return { english: new RegExp(`^${source.join("")}$`), translation, names, fixed };
  }

  function say(text) {
    const [, before, core, after] = /^(\s*)([^]*?)(\s*)$/.exec(text);
    if (!chinese || !/[A-Za-z]/.test(core) || /\p{Script=Han}/u.test(core)) return text;
    if (!cache.has(core)) {
      if (cache.size > CACHED) cache.clear();
      cache.set(core, space(translate(core.replace(/\s+/g, " "))));
    }
    return before + cache.get(core) + after;
  }

  // Put a space between Chinese and Latin characters, and none between Chinese ones.
  function space(text) {
    const close = text.replace(/(?<=\p{Script=Han}) (?=\p{Script=Han})/gu, "");
    return close.replace(/(?<=\p{Script=Han})(?=[\w−+])|(?<=[\w%])(?=\p{Script=Han})/gu, " ");
  }

  function translate(text) {
    if (Object.hasOwn(lenetChinese, text)) return lenetChinese[text];
    for (const { english, translation, names } of patterns) {
      const [, ...values] = english.exec(text) ?? [];
      if (values.length) return translation.replace(/\{(\w+)\}/g, (_, name) => say(values[names.indexOf(name)]));
    }
    // Otherwise translate each sentence, or each item of a list.
    for (const [gap, joint] of [[/(?<=[.?!]) /, ""], [/, /, "，"]]) {
      const parts = text.split(gap);
      if (parts.length > 1) return parts.map(say).join(joint);
    }
    return text;
  }

  function translateText(node) {
    if (node.parentElement?.closest("script, style, textarea, code, [translate=no]")) return;
    const translation = say(node.data);
    if (translation !== node.data) node.data = translation;
  }

  function translateAttribute(node, name) {
    const text = node.getAttribute(name);
    if (text && say(text) !== text) node.setAttribute(name, say(text));
  }

  function translateTree(root) {
    if (root.nodeType === Node.TEXT_NODE) return translateText(root);
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let node = root; node; node = walker.nextNode()) {
      if (node.nodeType === Node.TEXT_NODE) translateText(node);
      else if (node.nodeType === Node.ELEMENT_NODE) ATTRIBUTES.forEach((name) => translateAttribute(node, name));
    }
  }

  if (chinese) {
    document.documentElement.lang = "zh-CN";
    const observed = { subtree: true, childList: true, characterData: true, attributeFilter: ATTRIBUTES };
    new MutationObserver((changes) => {
      for (const { type, target, attributeName, addedNodes } of changes) {
        if (type === "characterData") translateText(target);
        else if (type === "attributes") translateAttribute(target, attributeName);
        else addedNodes.forEach(translateTree);
      }
    }).observe(document.documentElement, observed);
  }
  return { say, language };
})();
