// Keys: each view says which it has, and `?` shows them all. Single keys can be switched off, for
// who speaks to the computer or strays onto keys.

import { dialogIsOpen, openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { keep, kept } from "./keeping.js";
import { t } from "./words.js";

let current = [];
let general = [];

/** The keys of the view that is open: [{keys: "Shift+ArrowLeft", shown: "⇧ ←", label, act}]. */
export function useKeys(list) {
  current = list;
}

/** The keys of every view. */
export function useGeneralKeys(list) {
  general = list;
}

const enabled = () => kept("keys") !== "off";

const named = (event) =>
  [
    event.ctrlKey || event.metaKey ? "Ctrl" : "",
    event.shiftKey && event.key.length > 1 ? "Shift" : "",
    event.key,
  ]
    .filter(Boolean)
    .join("+");

function writing(target) {
  return target.closest?.("input, textarea, select, [contenteditable]") !== null;
}

addEventListener("keydown", (event) => {
  if (event.altKey || event.defaultPrevented || dialogIsOpen()) return;
  const name = named(event);
  if (!name.startsWith("Ctrl") && (writing(event.target) || !enabled())) return;
  if (event.target.closest?.("video, audio") && !name.startsWith("Ctrl")) return;
  const found = [...current, ...general].find((one) => one.keys.split(" ").includes(name));
  if (!found) return;
  event.preventDefault();
  found.act(event);
});

/** Show which keys there are. */
export function showKeys() {
  const rows = [...current, ...general].map((one) =>
    h("tr", {}, h("th", { scope: "row" }, h("kbd", {}, one.shown)), h("td", {}, one.label)),
  );
  const off = h("input", {
    type: "checkbox",
    checked: enabled(),
    on: { change: (event) => keep("keys", event.target.checked ? null : "off") },
  });
  openDialog({
    title: t("keys.title"),
    body: [
      h("table", { class: "keys" }, h("tbody", {}, rows)),
      h("label", { class: "check" }, off, h("span", {}, t("keys.enabled"))),
    ],
  });
}
