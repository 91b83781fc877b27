// Shared by all explanations: one is open at a time, and is requested from the server again after every answer.
Object.assign(lenet, {
  // The name of the open explanation, stored on the body for the style sheet.
  opened: () => document.body.dataset.inside ?? "",
  open(name) {
    document.body.dataset.inside = name;
    lenet.publish("marks", null);
    lenet.publish("overlay", null);
    lenet.publish("open", name);
  },

  // Keep an explanation up to date while it is open. `ask` is a server function; it gets the request of the last answer
  // and the changes passed to update(), one request at a time and always the newest. `show` gets the reply, whose "words"
  // are already shown. Each time the explanation opens, it starts with the changes in `fresh`.
  explanation(name, element, ask, show, fresh = {}) {
    const block = element.closest(".block.explanation");
    const fault = element.querySelector(".fault");
    const sentence = element.querySelector(".sentence"); // most have one
    const own = {};
    let busy = false;
    let waiting = false;
    let opening = false;
    // Scroll the panel, on phones past the menu. In Safari scrollIntoView would scroll the page away as well, because it
    // does not take into account that the panel is sticky. A frame as tall as the page needs it: there nothing is sticky.
    function reveal() {
      const panel = block.closest("#look");
      const { position } = getComputedStyle(panel.querySelector("#menu"));
      const above = block.getBoundingClientRect().top - panel.getBoundingClientRect().top;
      panel.scrollTop = position === "sticky" ? 0 : panel.scrollTop + above;
      if (window.self !== window.top) lenet.scrollTo(block, "nearest");
    }
    async function update(changes) {
      Object.assign(own, changes);
      waiting = true;
      if (busy) return;
      busy = true;
      while (waiting && lenet.opened() === name && lenet.request) {
        waiting = false;
        const shown = (await ask({ ...lenet.request, ...own })) ?? lenet.unanswered();
        if (lenet.opened() !== name) break;
        fault.textContent = shown.error ?? "";
        element.classList.toggle("faulty", Boolean(shown.error));
        if (sentence) sentence.textContent = shown.words ?? "";
        if (shown.error) for (const on of ["marks", "overlay"]) lenet.publish(on, null);
        else show(shown);
        lenet.announce(name, shown.error ?? shown.words ?? shown.outcome ?? "");
        if (opening) reveal();
        opening = false;
      }
      busy = false;
    }
    lenet.listen("answer", () => lenet.opened() === name && update());
    lenet.listen("open", (opened) => {
      opening = opened === name;
      block.classList.toggle("open", opening);
      if (opening) update(fresh);
    });
    element.querySelector(".close").addEventListener("click", () => lenet.open(""));
    return update;
  },

  // Fill a .digits element with ten buttons; `choose` gets the digit that was clicked.
  digitButtons(digits, choose) {
    const buttons = Array.from({ length: 10 }, (_, digit) => lenet.button({ onclick: () => choose(digit) }, digit));
    digits.append(...buttons);
    return (chosen, disabled) =>
      buttons.forEach((button, digit) => {
        Object.assign(button, { ariaPressed: digit === chosen, disabled: digit === disabled });
      });
  },

  // Contributions to a class are orange, those against it blue; ink to add is green, ink to erase red.
  heat: lenet.signedOpacity([37, 99, 235], [249, 115, 22]),
  change: lenet.signedOpacity([225, 29, 72], [22, 163, 74]),
});
