// Small parts that several views share.

import { h, icon } from "./dom.js";
import { t, word } from "./words.js";

const MARKS = { done: "check", failed: "alert", interrupted: "alert", draft: "text" };

/** A state in words with its mark, such as "running 40 %"; colour alone says nothing. */
export function stateMark(group, state, more = "") {
  return h(
    "span",
    { class: `state ${state}`, "data-state": state },
    MARKS[state] ? icon(MARKS[state]) : h("span", { class: "dot", "aria-hidden": "true" }),
    h("span", {}, word(`state.${group}`, state), more ? ` ${more}` : ""),
  );
}

/** A labelled field: its label, what is typed, and a line of help. */
export function field(label, input, help = null) {
  return h(
    "label",
    { class: "field" },
    h("span", { class: "label" }, label),
    input,
    help ? h("span", { class: "help" }, help) : null,
  );
}

/** A choice from a list of [value, label]. */
export function select(options, value, props = {}) {
  return h(
    "select",
    props,
    options.map(([one, label]) => h("option", { value: one, selected: one === value }, label)),
  );
}

/** What a part came from: "sketch, take 2, reused". */
export function origin(part) {
  const words = [part.plugin];
  if (part.take > 1) words.push(t("take.n", { n: part.take }));
  if (part.cached) words.push(t("part.reused"));
  if (part.pinned) words.push(t("part.pinned"));
  return words.filter(Boolean).join(" · ");
}

/** An address that changes with what lies there, so that no old file is shown for a new one. */
export function addressOf(part) {
  if (!part.digest) return part.url;
  return `${part.url}${part.url.includes("?") ? "&" : "?"}v=${part.digest.slice(-12)}`;
}
