// What a call said and did: its parameters, its seconds, its cost, its lines.

import { api } from "./api.js";
import { openDialog } from "./dialog.js";
import { button, fill, h } from "./dom.js";
import { Live } from "./live.js";
import { problemText } from "./notice.js";
import { moment, span } from "./told.js";
import { t, word } from "./words.js";

const MOST_LINES = 2000;

/** Open one call's log. */
export function showCall(film, callId) {
  const body = h("div", { class: "stack" }, h("p", { class: "faint" }, t("loading")));
  openDialog({ title: t("log.title"), wide: true, body });
  api.call(film.id, callId).then(
    (call) => fill(body, callTold(call)),
    (problem) => fill(body, problemText(problem)),
  );
}

function callTold(call) {
  const rows = [
    ["log.tool", call.tool && word("tool", call.tool)],
    ["log.plugin", [call.plugin, call.plugin_version ?? call.version].filter(Boolean).join(" ")],
    ["log.status", call.status ?? call.state],
    ["log.started", moment(call.started_at)],
    ["log.seconds", call.seconds ? span(call.seconds) : ""],
    ["log.cost", typeof call.cost === "object" ? "" : call.cost],
  ].filter(([, value]) => value);
  const lines = (call.lines ?? call.log ?? []).map(lineText);
  return [
    h(
      "dl",
      { class: "facts-list" },
      rows.map(([key, value]) => [h("dt", {}, t(key)), h("dd", {}, value)]),
    ),
    call.error ? problemText(call.error) : null,
    h("h3", {}, t("log.parameters")),
    pre(JSON.stringify(call.parameters ?? {}, null, 2), t("log.parameters")),
    h("h3", {}, t("log.lines")),
    lines.length
      ? pre(lines.join("\n"), t("log.lines"))
      : h("p", { class: "faint" }, t("log.none")),
  ];
}

/** Open what was said while a shot was made, as it goes on; and the calls of its parts. */
export function showShotLog(film, shotId) {
  const shot = film.shot(shotId);
  const lines = h("pre", {
    class: "log",
    tabindex: "0",
    role: "log",
    "aria-label": t("log.lines"),
  });
  const calls = Object.values(shot?.parts ?? {}).filter((part) => part.call_id);
  const links = calls.map((part) =>
    button({
      label: t("log.of", { name: word("part", part.name) }),
      mark: "log",
      kind: "small",
      act: () => showCall(film, part.call_id),
    }),
  );
  const body = h(
    "div",
    { class: "stack" },
    shot?.error ? problemText(shot.error) : null,
    lines,
    links.length ? h("div", { class: "row" }, links) : null,
  );
  const said = [];
  const hear = (data) => {
    if (data._type !== "log" || data.shot !== shotId) return;
    said.push(lineText(data));
    lines.textContent = said.slice(-MOST_LINES).join("\n");
    lines.scrollTop = lines.scrollHeight;
  };
  lines.textContent = t("log.none");
  const live = new Live(api.eventsUrl(film.id), { event: hear, state: () => {} }, { past: true });
  const opened = openDialog({ title: t("log.shot_title", { name: shotId }), wide: true, body });
  opened.done.then(() => live.close());
}

const pre = (text, label) =>
  h("pre", { class: "log", tabindex: "0", role: "region", "aria-label": label }, text);

function lineText(one) {
  if (typeof one === "string") return one;
  return [one.tool, one.line ?? one.message ?? one.text ?? JSON.stringify(one)]
    .filter(Boolean)
    .join(": ");
}
