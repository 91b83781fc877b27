// The buttons of the sections, and the settings, which are stored and applied at once.
const menu = element.querySelector(".menu");
const nav = element.querySelectorAll("nav button");
const framed = window.self !== window.top;

const settings = {
  language: { value: lenetLanguage.language, apply: speak },
  theme: { value: lenetStorage.read("theme") ?? "auto", apply: applyTheme },
  view: { value: new URLSearchParams(location.search).get("view") === "draw" ? "draw" : "page", apply: applyView },
  clear: { value: false, apply: (value) => (lenet.clears = value) }, // demo/panels/classroom
};

// Reload the page; without storage, its address keeps the language.
function speak(value) {
  const address = new URL(location.href);
  address.searchParams.delete("lang");
  if (!lenetStorage.works) address.searchParams.set("lang", value);
  if (address.href === location.href) location.reload();
  else location.replace(address);
}

const dark = matchMedia("(prefers-color-scheme: dark)");
function applyTheme(value) {
  document.body.classList.toggle("dark", value === "auto" ? dark.matches : value === "dark");
}
dark.addEventListener("change", () => applyTheme(settings.theme.value));

function applyView(value) {
  document.body.dataset.view = value;
  if (value !== "class" && document.fullscreenElement) document.exitFullscreen();
  if (value === "class") document.documentElement.requestFullscreen?.().catch(() => {});
}

function set(name, value) {
  settings[name].value = value;
  lenetStorage.write(name, value);
  show();
  settings[name].apply(value);
}

function show() {
  for (const button of element.querySelectorAll("fieldset button")) {
    button.ariaPressed = button.value === settings[button.closest("fieldset").dataset.setting].value;
  }
}

const actions = {
  // Inside a frame, open the page in its own tab.
  screen: () => (framed ? open(location.href, "_blank") : document.documentElement.requestFullscreen()),
  install: () => install.prompt(),
};
element.querySelector("[data-do=screen]").hidden = !framed && !document.documentElement.requestFullscreen; // on iPhones
let install = null; // the browser's offer to install the page as an app
addEventListener("beforeinstallprompt", (offer) => {
  install = offer;
  element.querySelector("[data-do=install]").hidden = false;
});
element.addEventListener("click", ({ target }) => {
  const section = target.closest("[data-section]");
  const field = target.closest("fieldset");
  if (section) goTo(section.dataset.section);
  else if (field && target.value) set(field.dataset.setting, target.value);
  else actions[target.dataset.do]?.();
});
element.querySelector("[type=checkbox]").addEventListener("change", ({ target }) => set("clear", target.checked));
document.addEventListener("click", ({ target }) => {
  if (!menu.contains(target)) menu.open = false;
});
menu.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

function goTo(target) {
  const part = document.querySelector(target);
  lenet.scrollTo(part);
  part.animate({ outline: ["3px solid var(--pointer)", "3px solid transparent"] }, 1500); // it may be visible already
}

// Mark the button of the section in the middle of the screen.
const seen = new IntersectionObserver(
  (entries) => {
    for (const { target } of entries.filter(({ isIntersecting }) => isIntersecting).slice(0, 1)) {
      nav.forEach((button) => button.toggleAttribute("aria-current", target.matches(button.dataset.section)));
    }
  },
  { rootMargin: "-45% 0px -50%" },
);
setTimeout(() => nav.forEach((button) => seen.observe(document.querySelector(button.dataset.section))));

element.querySelector(".storage").hidden = lenetStorage.works;
// Show the page once every panel has its content.
function reveal() {
  const panels = [...document.querySelectorAll("#page .block.panel")];
  const complete = document.querySelector("#examples") && document.body.dataset.networks;
  if (complete && panels.every((panel) => panel.querySelector(".panel > *"))) document.body.dataset.ready = "";
  else requestAnimationFrame(reveal);
}
requestAnimationFrame(() => requestAnimationFrame(reveal));

show();
applyTheme(settings.theme.value);
applyView(settings.view.value);
