// The fields of a shot that are changed by hand; what differs from the film is what is saved.

import { h, set } from "./dom.js";
import { field, select } from "./parts.js";
import { t, word } from "./words.js";

const MOTIONS = [
  "push-in",
  "pull-out",
  "pan-left",
  "pan-right",
  "tilt-up",
  "tilt-down",
  "parallax",
  "static",
];
const TRANSITIONS = ["cut", "dissolve", "fade-from-black"];

/** The form; `typed` is told of each change with the fields that differ from the shot. */
export function shotForm(typed) {
  let shot = null;
  const on = { input: changed };
  const prompt = h("textarea", { name: "prompt", rows: 4, on });
  const narration = h("textarea", { name: "narration", rows: 3, on });
  const line = h("textarea", { name: "line", rows: 3, on });
  const narrationField = field(t("field.narration"), narration);
  const lineField = field(t("field.line"), line);
  const motion = select(
    MOTIONS.map((one) => [one, word("motion", one)]),
    "push-in",
    { name: "motion", on },
  );
  const auto = select(
    [
      ["auto", t("length.auto")],
      ["given", t("length.given")],
    ],
    "auto",
    { name: "length", on },
  );
  const seconds = h("input", {
    type: "number",
    name: "duration_s",
    min: 0.5,
    max: 600,
    step: 0.1,
    "aria-label": t("seconds"),
    on,
  });
  const kind = select(
    TRANSITIONS.map((one) => [one, word("transition", one)]),
    "cut",
    { name: "transition", on },
  );
  const over = h("input", {
    type: "number",
    name: "transition_s",
    min: 0.1,
    max: 10,
    step: 0.1,
    "aria-label": t("transition.seconds"),
    on,
  });
  const element = h(
    "div",
    { class: "fields" },
    field(t("field.prompt"), prompt),
    narrationField,
    lineField,
    h(
      "div",
      { class: "trio" },
      field(t("field.motion"), motion),
      h("div", { class: "field" }, field(t("field.length"), auto), seconds),
      h("div", { class: "field" }, field(t("field.transition"), kind), over),
    ),
  );

  function show(next, draft = {}) {
    shot = next;
    const now = { ...shot, ...draft };
    set(prompt, { value: now.prompt ?? "" });
    set(narration, { value: now.narration ?? "" });
    set(line, { value: now.line ?? "" });
    // A shot has one voice: a narrator's, or that of somebody who is seen speaking.
    lineField.hidden = !shot.line;
    narrationField.hidden = Boolean(shot.line);
    motion.value = now.motion ?? "push-in";
    auto.value = now.duration_s === "auto" || now.duration_s === null ? "auto" : "given";
    set(seconds, { value: auto.value === "given" ? String(now.duration_s) : "" });
    kind.value = now.transition?.kind ?? "cut";
    set(over, { value: now.transition?.duration_s ? String(now.transition.duration_s) : "" });
    showLengths();
  }

  function showLengths() {
    seconds.hidden = auto.value === "auto";
    over.hidden = kind.value === "cut";
  }

  function changed() {
    if (auto.value === "given" && !seconds.value)
      seconds.value = String(Math.round((shot.length_s ?? 4) * 10) / 10);
    showLengths();
    typed(differences());
  }

  function differences() {
    const fields = {};
    const words = {
      prompt: prompt.value.trim() || null,
      narration: narration.value.trim() || null,
      line: line.value.trim() || null,
    };
    for (const [name, value] of Object.entries(words))
      if (value !== (shot[name] ?? null)) fields[name] = value;
    if (motion.value !== shot.motion) fields.motion = motion.value;
    const length = auto.value === "auto" ? "auto" : Number(seconds.value);
    if (length !== shot.duration_s) fields.duration_s = length;
    const transition = transitionNow();
    const before = shot.transition ?? {};
    const same =
      transition === null
        ? (before.kind ?? "cut") === "cut"
        : transition.kind === before.kind &&
          (transition.duration_s ?? before.duration_s) === before.duration_s;
    if (!same) fields.transition = transition;
    return fields;
  }

  /** As a storyboard has it; null where it is a cut, which needs no word. */
  function transitionNow() {
    if (kind.value === "cut") return null;
    return over.value ? { kind: kind.value, duration_s: Number(over.value) } : { kind: kind.value };
  }

  return { element, show, focus: () => prompt.focus() };
}
