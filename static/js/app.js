// Enhancement only: every page works without this file. No inline code, no eval.
(() => {
  "use strict";

  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const body = document.body;
  const words = body.dataset;
  const live = $("#live");
  const toasts = $("#toasts");
  const sheet = $("#sheet");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  // Speaking and notices ---------------------------------------------------

  function announce(text) {
    live.textContent = "";
    // A change in the next frame is what screen readers notice, even for the same words.
    setTimeout(() => { live.textContent = text; }, 60);
  }

  function readyToast(toast) {
    if (toast.dataset.ready) return;
    toast.dataset.ready = "true";
    $$("[data-dismiss]", toast).forEach((button) => { button.hidden = false; });
    announce($("p", toast).textContent.trim());
  }

  function notify(text) {
    const toast = document.createElement("div");
    toast.className = "toast-note toast-error";
    toast.dataset.toast = "";
    const line = document.createElement("p");
    line.textContent = text;
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.dismiss = "";
    button.textContent = words.wordDismiss;
    toast.append(line, button);
    toasts.append(toast);
  }

  new MutationObserver(() => $$("[data-toast]", toasts).forEach(readyToast))
    .observe(toasts, { childList: true });
  $$("[data-toast]", toasts).forEach(readyToast);

  // Focus ------------------------------------------------------------------

  function focusOn(element) {
    if (!element) return;
    if (!element.matches("a[href], button, input, select, textarea, [tabindex]")) {
      element.tabIndex = -1;
    }
    element.focus({ preventScroll: false });
  }

  const heading = (card) => card && ($(".card-title", card) || card);

  let nextCard = null;

  document.addEventListener("htmx:beforeSwap", (event) => {
    const login = words.login;
    const xhr = event.detail.xhr;
    // A sign-in page has no place inside a card: go there instead.
    if (login && xhr.responseURL && new URL(xhr.responseURL).pathname === login) {
      event.detail.shouldSwap = false;
      location.assign(login + "?next=" + encodeURIComponent(location.pathname + location.search));
      return;
    }
    const card = event.target.closest?.("[data-card]");
    nextCard = card ? card.nextElementSibling?.closest("[data-card]") : null;
  });

  const focusIsLost = () => !document.activeElement || document.activeElement === body;

  document.addEventListener("htmx:afterSettle", (event) => {
    const target = event.detail.target || event.target;
    if (!target.isConnected) return;
    const wanted = $("[data-error-summary], [autofocus], [data-focus]", target);
    if (wanted) focusOn(wanted);
    else if (focusIsLost()) focusOn(heading(target.closest("[data-card]") || $("[data-card]", target)));
    enhance(target);
  });

  // When a swap leaves nothing behind, nothing settles; so look once more.
  document.addEventListener("htmx:afterOnLoad", () => {
    setTimeout(() => {
      if (focusIsLost() && !sheet.open) {
        focusOn(heading(nextCard?.isConnected && nextCard) || $("#main h1") || $("#main"));
      }
    }, 50);
  });

  // Sheet ------------------------------------------------------------------

  function closeSheet() {
    if (sheet.open) sheet.close();
  }

  sheet.addEventListener("close", () => { $("#sheet-body").replaceChildren(); });

  function openSheet(link) {
    if (!window.htmx || !sheet.showModal) return false;
    window.htmx
      .ajax("GET", link.href, { target: "#sheet-body", select: "#sheet-content", swap: "innerHTML", source: sheet })
      .then(() => {
        if (!$("#sheet-content", sheet)) location.assign(link.href);
        else if (!sheet.open) {
          sheet.showModal();
          focusOn($("[autofocus], [data-focus], input:not([type=hidden]), h1, h2", $("#sheet-body")));
        }
      }, () => location.assign(link.href));
    return true;
  }

  document.addEventListener("closeSheet", closeSheet);
  document.addEventListener("announce", (event) => announce(event.detail.value || ""));

  // Requests ---------------------------------------------------------------

  document.addEventListener("htmx:configRequest", (event) => {
    const token = $('meta[name="csrf-token"]');
    if (token) event.detail.headers["X-CSRFToken"] = token.content;
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    event.detail.target?.setAttribute("aria-busy", "true");
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    event.detail.target?.removeAttribute("aria-busy");
  });
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
    document.addEventListener(name, () => {
      $$(".card-leaving").forEach((card) => card.classList.remove("card-leaving"));
      notify(words.wordUnreachable);
    });
  }

  // A card that is done folds away before the next one takes its place.
  document.addEventListener("htmx:confirm", (event) => {
    const card = event.target.closest?.("[data-card]");
    if (!card || calm.matches || !event.target.matches("[data-settle]")) return;
    card.classList.add("card-leaving");
  });

  // Clicks -----------------------------------------------------------------

  document.addEventListener("click", (event) => {
    const at = (selector) => event.target.closest(selector);
    const plain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button);
    const link = at("a[data-sheet]");
    if (link && plain && openSheet(link)) event.preventDefault();
    if (at("[data-sheet-close]") && sheet.open) {
      event.preventDefault();
      closeSheet();
    }
    if (event.target === sheet) closeSheet();
    const dismissed = at("[data-dismiss]");
    if (dismissed) {
      const toast = dismissed.closest("[data-toast]");
      const hadFocus = toast.contains(document.activeElement);
      toast.remove();
      if (hadFocus) focusOn($("#main"));
    }
    const copy = at("[data-copy]");
    if (copy) {
      const source = $(copy.dataset.copy);
      navigator.clipboard?.writeText(source.value ?? source.textContent)
        .then(() => announce(words.wordCopied), () => source.select?.());
    }
    const target = at(".error-summary a[href^='#']");
    if (target) {
      event.preventDefault();
      focusOn(document.getElementById(target.hash.slice(1)));
    }
    $$("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  // Keys -------------------------------------------------------------------

  const typing = (element) => element.closest("input, textarea, select, [contenteditable]");

  function arrowThrough(event) {
    const palette = event.target.closest(".search");
    if (!palette || !["ArrowDown", "ArrowUp"].includes(event.key)) return false;
    const stops = [$("input", palette), ...$$("#palette a", palette)];
    const step = event.key === "ArrowDown" ? 1 : -1;
    stops.at((stops.indexOf(document.activeElement) + step) % stops.length)?.focus();
    event.preventDefault();
    return true;
  }

  document.addEventListener("keydown", (event) => {
    const search = $("#search");
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      const shown = search && search.offsetParent !== null;
      const fallback = $(".bar-search");
      if (!shown && !fallback) return;
      event.preventDefault();
      if (shown) search.select();
      else fallback.click();
      return;
    }
    if (arrowThrough(event)) return;
    if (event.key === "Escape") {
      const menu = event.target.closest("details.menu[open]");
      if (menu) {
        menu.open = false;
        $("summary", menu).focus();
      }
      const palette = event.target.closest(".search") && $("#palette");
      if (palette) {
        palette.replaceChildren();
        search.focus();
      }
      return;
    }
    if (words.shortcuts !== "on" || typing(event.target)) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || sheet.open) return;
    if (event.key === "l") {
      const log = $(".bar-log, .tab-log");
      if (log) {
        event.preventDefault();
        log.click();
      }
    }
    if (event.key === "?" && words.help) location.assign(words.help);
  });

  document.addEventListener("focusin", (event) => {
    const palette = $("#palette");
    if (palette && !event.target.closest(".search")) palette.replaceChildren();
  });

  // Small helps for forms ----------------------------------------------------

  // What was typed before this file came told nobody: tell it once the page listens.
  document.addEventListener("htmx:load", () => {
    $$("input:not([type=hidden]), textarea").forEach((field) => {
      if (field.value === field.defaultValue) return;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }, { once: true });

  function enhance(root) {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    $$("[data-timezone-input]", root).forEach((field) => {
      if (!zone || (field.value && field.value !== "UTC")) return;
      if (field.matches("select") && !$$("option", field).some((option) => option.value === zone)) return;
      field.value = zone;
    });
    $$("[data-needs-script]", root).forEach((element) => { element.hidden = false; });
  }

  enhance(document);
  const summary = $("[data-error-summary]");
  if (summary) summary.focus();
  if (/Mac|iPhone|iPad/.test(navigator.platform)) {
    $$("[data-key-hint]").forEach((hint) => { hint.textContent = "⌘K"; });
  }
  if (words.worker && "serviceWorker" in navigator) navigator.serviceWorker.register(words.worker);
})();
