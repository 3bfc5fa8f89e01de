// Dialogs: the browser's own, with a title, a body, and a way out.

import { button, h } from "./dom.js";
import { t } from "./words.js";

let count = 0;

/** Open a dialog; the promise ends with what `close` was given, or null. */
export function openDialog({ title, body, actions = [], wide = false }) {
  const id = `dialog-${++count}`;
  const dialog = h(
    "dialog",
    { class: wide ? "dialog wide" : "dialog", "aria-labelledby": id },
    h(
      "header",
      {},
      h("h2", { id }, title),
      button({ label: t("close"), mark: "close", quiet: true, act: () => dialog.close() }),
    ),
    h("div", { class: "body" }, body),
    actions.length ? h("footer", {}, actions) : null,
  );
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // beside it
  });
  document.body.append(dialog);
  const done = new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue || null);
    });
  });
  dialog.showModal();
  return { dialog, done, close: (value = "") => dialog.close(value) };
}

/** Ask before something that cannot be taken back; whether it is wanted. */
export async function confirmed({ title, text, yes }) {
  const opened = openDialog({
    title,
    body: h("p", {}, text),
    actions: [
      button({ label: t("cancel"), act: () => opened.close() }),
      button({ label: yes, kind: "danger", act: () => opened.close("yes") }),
    ],
  });
  return (await opened.done) === "yes";
}

/** Whether a dialog is open: the page's own keys rest meanwhile. */
export const dialogIsOpen = () => document.querySelector("dialog[open]") !== null;
