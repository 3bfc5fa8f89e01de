// A plan as people read it: in one line, for one shot, and whole.

import { h } from "./dom.js";
import { span, sums } from "./told.js";
import { t, word } from "./words.js";

/** Whether a run would do anything at all. */
export const hasWork = (plan) =>
  plan.totals.computed + plan.totals.resumed + plan.totals.perhaps > 0 ||
  plan.totals.unknown + plan.totals.refused > 0 ||
  plan.assembly.action !== "reuse";

/** Whether a run would, or may, cost money. */
export const costs = (plan) => plan.totals.costs.length > 0 || !plan.totals.costs_known;

/** "3 to compute, 12 reused · about 40 s · 0.04 EUR". */
export function planLine(plan) {
  if (!hasWork(plan)) return t("plan.nothing");
  const { totals } = plan;
  const counts = [
    totals.computed ? t("plan.computed", { n: totals.computed }) : null,
    totals.resumed ? t("plan.resumed", { n: totals.resumed }) : null,
    totals.perhaps ? t("plan.perhaps", { n: totals.perhaps }) : null,
    totals.reused + totals.pinned ? t("plan.reused", { n: totals.reused + totals.pinned }) : null,
  ].filter(Boolean);
  if (!totals.computed && !totals.resumed && !totals.perhaps)
    counts.unshift(t("plan.assembly_only"));
  return [counts.join(t("comma")), timeOf(totals), costOf(totals)].filter(Boolean).join(" · ");
}

function timeOf(totals) {
  if (!totals.seconds && !totals.seconds_known) return t("plan.time_unknown");
  return totals.seconds_known
    ? t("about", { what: span(totals.seconds) })
    : t("at_least", { what: span(totals.seconds) });
}

function costOf(totals) {
  const known = sums(totals.costs);
  if (totals.costs_known) return known || t("plan.free");
  return known ? t("at_least", { what: known }) : t("plan.cost_unknown");
}

/** What a run would do for one shot, as a list. */
export function shotPlan(calls) {
  return h(
    "ul",
    { class: "shot-plan" },
    calls.map((call) =>
      h(
        "li",
        {},
        actionMark(call),
        h("span", { class: "tool" }, word("tool", call.tool)),
        h("span", { class: "facts" }, figures(call)),
      ),
    ),
  );
}

function figures(call) {
  if (call.action !== "compute" && call.action !== "resume") return "";
  const time = call.seconds === null ? "" : t("about", { what: span(call.seconds) });
  return [time, call.cost ? sums([call.cost]) : call.priced ? "" : t("plan.cost_unknown")]
    .filter(Boolean)
    .join(" · ");
}

function actionMark(call) {
  const name = call.action === "compute" && !call.certain ? "perhaps" : call.action;
  return h("span", { class: `action ${name}` }, word("action", name));
}

/** The whole plan: what is done as a table, and below it what stays as it is. */
export function planTable(plan) {
  const all = [...plan.calls, plan.assembly];
  const stays = all.filter((call) => call.action === "reuse" || call.action === "pinned");
  const works = all.filter((call) => !stays.includes(call));
  const notes = plan.notes.length
    ? h(
        "ul",
        { class: "notes" },
        plan.notes.map((note) => h("li", {}, note)),
      )
    : null;
  const rest = stays.length
    ? h(
        "details",
        { class: "plan-rest", open: !works.length },
        h("summary", {}, t("plan.stays", { n: stays.length })),
        table(stays, t("plan.stays", { n: stays.length })),
      )
    : null;
  return [
    h("p", { class: "plan-line" }, planLine(plan)),
    works.length ? table(works, t("plan.title")) : null,
    rest,
    notes,
  ];
}

function table(calls, label) {
  const head = ["shot", "step", "action", "time", "cost"].map((name) =>
    h(
      "th",
      { scope: "col", class: name === "time" || name === "cost" ? "number" : null },
      t(`plan.${name}`),
    ),
  );
  const rows = calls.map((call) =>
    h(
      "tr",
      { class: call.action },
      h("th", { scope: "row" }, call.shot ?? t("plan.film")),
      h(
        "td",
        {},
        word("tool", call.tool),
        call.plugin ? h("span", { class: "faint" }, ` ${call.plugin}`) : null,
      ),
      h("td", {}, actionMark(call), h("span", { class: "why" }, call.why, changesOf(call))),
      h("td", { class: "number" }, call.seconds ? span(call.seconds) : ""),
      h("td", { class: "number" }, call.cost ? sums([call.cost]) : call.priced ? "" : "?"),
    ),
  );
  return h(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": label },
    h("table", { class: "plan" }, h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows)),
  );
}

/** What was written before and is now; sizes, inputs and versions are in the reason. */
function changesOf(call) {
  const written = call.changes.filter(
    ({ before, after }) => typeof before === "string" && typeof after === "string",
  );
  const told = written.map(
    ({ field, before, after }) => `${field}: ${short(before)} → ${short(after)}`,
  );
  return told.length ? h("span", { class: "changes" }, told.join("; ")) : null;
}

function short(text) {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
