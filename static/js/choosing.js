// Keys for choosing: k keeps, p parks, s skips the card in focus, else the first one.
// Without it, or with single keys switched off, the buttons do the same.
(() => {
  "use strict";
  const on = document.body.dataset.shortcuts === "on";
  const hint = document.querySelector("[data-keys]");
  if (!on) {
    hint?.remove();
    return;
  }
  const waiting = "[data-card]:not([aria-busy='true'])";
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (document.querySelector("dialog[open]") || !"kps".includes(event.key)) return;
    const card = document.activeElement?.closest(waiting) || document.querySelector(waiting);
    const button = card?.querySelector(`[data-key="${event.key}"]`);
    if (!button) return;
    event.preventDefault();
    button.click();
  });
})();
