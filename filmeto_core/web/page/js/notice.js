// Short messages at the page's edge, read aloud as they come; and problems, where they belong.

import { button, fill, h, icon } from "./dom.js";
import { t } from "./words.js";

const SHOWN_MS = 6000;

/** Tell something that needs no answer. */
export function notice(text) {
  const one = h("div", { class: "notice" }, text);
  document.querySelector("#notices").append(one);
  setTimeout(() => one.remove(), SHOWN_MS);
}

/** Tell that something failed; it stays until it is closed. */
export function failure(problem) {
  if (problem.name === "AbortError") return;
  const one = h("div", { class: "notice failed" }, problemText(problem));
  one.append(button({ label: t("close"), mark: "close", quiet: true, act: () => one.remove() }));
  document.querySelector("#notices").append(one);
}

/** A problem as a block: what happened, and what to do. */
export function problemText(problem, ...actions) {
  return h(
    "div",
    { class: "problem" },
    icon("alert"),
    h(
      "div",
      {},
      h("p", { class: "message" }, problem.message),
      problem.hint ? h("p", { class: "hint" }, problem.hint) : null,
      actions.length ? h("div", { class: "row" }, actions) : null,
    ),
  );
}

/** Put a problem into the place kept for it; null clears it. */
export function tellIn(place, problem, ...actions) {
  fill(place, problem ? problemText(problem, ...actions) : null);
  place.hidden = !problem;
}

/** Do something that may fail, with its button held meanwhile; whether it went well. */
export async function attempt(act, { control = null, place = null } = {}) {
  if (control) control.disabled = true;
  try {
    await act();
    if (place) tellIn(place, null);
    return true;
  } catch (problem) {
    if (place && problem.name !== "AbortError") tellIn(place, problem);
    else failure(problem);
    return false;
  } finally {
    if (control) control.disabled = false;
  }
}
