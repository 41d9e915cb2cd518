/* Progressive enhancement only: every task works without this file. */
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const dialog = $("dialog");
  let opener = null; // what opened the dialog; focus goes back there
  let lost = null; // the region whose swap may take the focus away

  const say = (text) => { $("live").textContent = ""; setTimeout(() => { $("live").textContent = text; }, 60); };
  const focusOn = (...places) => {
    const place = places.find((one) => one && one.isConnected);
    if (!place) return;
    place.focus();
    if (document.activeElement !== place) { place.tabIndex = -1; place.focus(); }
  };

  /* --- dialog: filled by htmx, opened here ------------------------------------------- */
  const opensDialog = (target) => target === dialog;
  const openDialog = () => {
    if (!dialog.open) dialog.showModal();
    const alert = dialog.querySelector("[role=alert]");
    focusOn(alert || dialog.querySelector("[autofocus]"), dialog.querySelector("h1, h2"));
    if (!alert && dialog.scrollTop) { dialog.scrollTop = 0; focusOn(dialog.querySelector("h1, h2")); } // a long one is read from its title on
  };
  document.addEventListener("click", (event) => {
    const close = event.target.closest("dialog [data-close]");
    if (close) { event.preventDefault(); close.closest("dialog").close(); }
  });
  dialog.addEventListener("close", () => {
    dialog.replaceChildren();
    const goal = dialog.dataset.focus;
    delete dialog.dataset.focus;
    focusOn(goal && $(goal), opener, opener && opener.id && $(opener.id), document.querySelector("main h1"), $("main"));
    opener = null;
  });
  document.addEventListener("dialog-done", (event) => {
    const goal = (event.detail && event.detail.focus) || "";
    // After the settling, so that the row just swapped in can take the focus.
    setTimeout(() => {
      if (dialog.open) { dialog.dataset.focus = goal; dialog.close(); } else { focusOn(goal && $(goal), document.querySelector("main h1")); }
    }, 40);
  });

  /* --- htmx: dialogs, focus, announcements, failures ----------------------------------- */
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, target, requestConfig } = event.detail;
    const cause = requestConfig.triggeringEvent;
    if (opensDialog(target) && !dialog.open) opener = (cause && cause.submitter) || elt;
    if (cause && cause.type === "submit") busy(elt, cause.submitter, true);
    else if (elt.matches("button") && requestConfig.verb !== "get") busy(elt, elt, true);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    busy(event.detail.elt, null, false);
    if (!event.detail.elt.isConnected) document.querySelectorAll("form[data-busy]").forEach((form) => busy(form, null, false)); // its form, which it was swapped out of
    if (event.detail.successful) clearFailure();
    if (event.detail.requestConfig.verb !== "get") $("messages").replaceChildren(); // said of the step before
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const target = event.detail.target;
    lost = target && target.contains(document.activeElement) ? target.id : null;
    // An answer made of out-of-band parts leaves the open dialog as it is until it is closed.
    if (opensDialog(target) && /"?dialog-done/.test(event.detail.xhr.getResponseHeader("HX-Trigger") || "")) event.detail.swapOverride = "none";
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const target = event.detail.target;
    if (opensDialog(target)) { if (target.childElementCount) openDialog(); } else if (lost) {
      const place = $(lost);
      const sent = event.detail.requestConfig?.verb !== "get"; // a field sent by Enter keeps the focus through the swap
      const alert = place && place.querySelector("[role=alert]");
      if (alert && sent) focusOn(alert);
      else if (place && document.activeElement === document.body) focusOn(alert || place.querySelector("[autofocus]") || place);
    }
    lost = null;
    // An outerHTML swap names the element that has gone: what it put in its place has the same id.
    const now = target && !target.isConnected && target.id ? $(target.id) : target;
    const words = now && (now.matches("[data-announce]") ? now : now.querySelector("[data-announce]"));
    if (words) say(words.textContent.trim());
    refresh();
  });

  const clearFailure = () => document.querySelectorAll("[data-failure]").forEach((one) => one.remove());
  const failed = (event) => {
    const { xhr, requestConfig: config, target, elt } = event.detail;
    clearFailure();
    clicks.length = 0;
    const banner = $("failed").content.firstElementChild.cloneNode(true);
    const id = xhr && xhr.status ? xhr.getResponseHeader("X-Request-ID") : "";
    banner.dataset.failure = "";
    banner.querySelector("[data-offline]").hidden = Boolean(xhr && xhr.status);
    banner.querySelector("[data-error]").hidden = !(xhr && xhr.status);
    banner.querySelector("[data-request]").textContent = id || "–";
    banner.querySelector("[data-dismiss]").onclick = () => { banner.remove(); focusOn(elt, $("main")); };
    banner.querySelector("[data-retry]").onclick = () => {
      banner.remove();
      focusOn(elt);
      htmx.ajax(config.verb, config.path, { source: elt, target, event: config.triggeringEvent });
    };
    (dialog.open ? dialog : $("alerts")).prepend(banner); // a modal dialog hides what is behind it
    banner.scrollIntoView({ block: "nearest" });
  };
  ["htmx:responseError", "htmx:sendError", "htmx:timeout"].forEach((name) => document.addEventListener(name, failed));

  /* --- a form under way is not sent again ------------------------------------------------ */
  const busy = (elt, button, on) => {
    const form = elt.closest("form") || elt;
    if (!on) form.querySelectorAll("[aria-busy=true]").forEach((one) => one.removeAttribute("aria-busy"));
    const shown = button || (on ? form.querySelector("button:not([type=button])") : elt);
    if (on) { form.dataset.busy = ""; if (shown) shown.setAttribute("aria-busy", "true"); } else { delete form.dataset.busy; elt.removeAttribute("aria-busy"); }
  };
  const stopIfBusy = (event) => {
    const form = event.type === "submit" ? event.target : event.target.closest("button[data-busy]");
    if (form && "busy" in form.dataset) { event.preventDefault(); event.stopImmediatePropagation(); }
  };
  document.addEventListener("submit", stopIfBusy, true);
  document.addEventListener("click", stopIfBusy, true);
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!event.defaultPrevented && form.method !== "get" && form.method !== "dialog") busy(form, event.submitter, true);
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("[data-busy]").forEach((form) => busy(form, null, false)));

  /* --- selecting rows ---------------------------------------------------------------------- */
  const around = (elt) => elt.closest("form") || elt.closest("section, main");
  const plain = (minor, decimals, point, group) => {
    const digits = minor.toString().padStart(decimals + 1, "0");
    const whole = digits.slice(0, digits.length - decimals).replace(/\B(?=(\d{3})+$)/g, group);
    return decimals ? whole + point + digits.slice(-decimals) : whole;
  };
  const count = (scope) => {
    const boxes = [...scope.querySelectorAll("[data-select]:not(:disabled)")];
    const chosen = boxes.filter((box) => box.checked);
    scope.querySelectorAll("[data-select-all]").forEach((all) => {
      all.checked = boxes.length > 0 && chosen.length === boxes.length;
      all.indeterminate = chosen.length > 0 && !all.checked;
    });
    scope.querySelectorAll("[data-bulk]").forEach((bar) => { bar.hidden = !chosen.length; });
    const out = scope.querySelector("[data-selected]");
    if (!out) return;
    let text = chosen.length === 1 ? out.dataset.one : (out.dataset.many || "%s").replace("%s", chosen.length);
    const currencies = new Set(chosen.map((box) => box.dataset.currency));
    if (currencies.size === 1 && chosen.every((box) => box.dataset.amount)) {
      const sum = chosen.reduce((total, box) => total + BigInt(box.dataset.amount), 0n);
      text += ` · ${[...currencies][0]} ${plain(sum, Number(chosen[0].dataset.decimals || 2), out.dataset.decimal || ".", out.dataset.group ?? ",")}`;
    }
    out.textContent = chosen.length ? text : "";
  };
  document.addEventListener("change", (event) => {
    const box = event.target;
    if (box.matches("[data-select-all]")) around(box).querySelectorAll("[data-select]:not(:disabled)").forEach((one) => { one.checked = box.checked; });
    if (box.matches("[data-select-all], [data-select]")) count(around(box));
  });

  /* --- keyboard -------------------------------------------------------------------------- */
  const shortcuts = $("shortcuts");
  const shortcutsOn = document.body.dataset.shortcuts !== "off";
  const typing = (elt) => elt.isContentEditable || elt.matches("textarea, select, input:not([type=checkbox]):not([type=radio])");
  const rows = () => [...document.querySelectorAll("[data-rows] tbody th[scope=row]:not([data-skip])")].map((head) => head.querySelector("a")).filter((link) => link?.checkVisibility());
  const move = (step) => {
    const all = rows();
    if (!all.length) { document.querySelector(`a[rel=${step > 0 ? "next" : "prev"}]`)?.click(); return; }
    const row = document.activeElement.closest("[data-rows] tr");
    const here = all.findIndex((link) => row && row.contains(link));
    const next = all[here < 0 ? (step > 0 ? 0 : all.length - 1) : here + step];
    if (next) { next.focus(); next.scrollIntoView({ block: "nearest" }); }
    return next;
  };
  const keys = {
    "/": () => { const box = $("q"); if (box) { box.focus(); box.select(); } },
    j: () => move(1),
    k: () => move(-1),
    x: () => { const box = document.activeElement.closest("tr")?.querySelector("[data-select]"); if (box) box.click(); },
    "?": () => shortcuts.showModal(),
  };
  // What a key does here, in the row or on the page. Buttons wait for each other: each answer is a new form.
  const clicks = [];
  const click = () => { if (clicks.length && !document.querySelector("[data-busy]")) $(clicks.shift())?.click(); };
  document.addEventListener("htmx:afterSettle", click);
  const keyed = (key) => {
    const at = (scope, not) => (/^[a-z]$/.test(key) ? scope?.querySelector(`[data-key="${key}"]${not}`) : null);
    const mine = at(document.activeElement.closest("tr"), "");
    const place = mine || at(document, ":not(tbody *)");
    return place && (() => {
      if (place.matches(".amount")) { place.focus(); place.select(); } else if (place.matches(".primary")) place.focus();
      else {
        if (mine && !place.matches("a")) move(1) || move(-1);
        if (place.matches("button")) { clicks.push(place.id); click(); } else place.click();
      }
    });
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.querySelectorAll("details.menu[open]").forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
    if (event.key === "Escape" && event.target.matches(".amount")) event.target.closest("tr")?.querySelector("th a")?.focus();
    if (!shortcutsOn || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    const does = keys[event.key] || keyed(event.key);
    if (!does) return;
    event.preventDefault();
    does();
  });
  document.addEventListener("click", (event) => document.querySelectorAll("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; }));
  const help = $("shortcuts-open");
  if (help && shortcutsOn) { help.hidden = false; help.addEventListener("click", () => shortcuts.showModal()); }

  /* --- small things ------------------------------------------------------------------------ */
  document.addEventListener("click", async (event) => {
    if (event.target.closest("[data-print]")) window.print();
    const copy = event.target.closest("[data-copy]");
    if (!copy) return;
    const from = document.querySelector(copy.dataset.copy);
    try { await navigator.clipboard.writeText(from.innerText.trim()); say(copy.dataset.copied || copy.textContent); } catch { getSelection().selectAllChildren(from); }
  });
  // A table that fits needs neither its own scrolling (its head then sticks to the page) nor a tab stop.
  const fit = (region) => {
    if (region.matches(".tall")) return;
    const fits = region.scrollWidth <= region.clientWidth + 1;
    region.classList.toggle("fits", fits);
    if (fits) region.removeAttribute("tabindex"); else region.tabIndex = 0;
  };
  const watch = new ResizeObserver((entries) => entries.forEach((entry) => fit(entry.target)));
  const refresh = () => {
    document.querySelectorAll(".scroll").forEach((region) => { watch.observe(region); fit(region); });
    new Set([...document.querySelectorAll("[data-select-all], [data-bulk]")].map(around)).forEach(count);
    document.querySelectorAll("[data-print], [data-copy]").forEach((button) => { button.hidden = false; });
  };
  refresh();
  // What a page has to say first is read first: what to correct, else what was just done.
  const said = document.querySelector("main .error-summary") || document.querySelector("#messages .notice");
  const field = said && said.closest("#messages") && document.querySelector("main [data-first]");
  if (field) say(said.textContent.trim());
  focusOn(field, said);
})();
