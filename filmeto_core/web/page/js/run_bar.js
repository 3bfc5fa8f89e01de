// Running a film: what it would do, how far it is, what it costs, how to stop it and go on.

import { api } from "./api.js";
import { openDialog } from "./dialog.js";
import { button, fill, h, write } from "./dom.js";
import { keep, kept } from "./keeping.js";
import { attempt, problemText, tellIn } from "./notice.js";
import { costs, hasWork, planLine, planTable } from "./plan_view.js";
import { percent, span, sums } from "./told.js";
import { t } from "./words.js";

const GO_ON = new Set(["failed", "cancelled", "interrupted"]);

export function runBar(film, plan) {
  const budget = h("input", {
    type: "text",
    class: "budget",
    placeholder: t("run.budget_example"),
    value: kept(`budget.${film.id}`) ?? "",
    autocomplete: "off",
    on: { change: () => keep(`budget.${film.id}`, budget.value.trim() || null) },
  });
  const draft = h("input", {
    type: "checkbox",
    on: { change: () => plan.useDraft(draft.checked) },
  });
  const start = button({ label: "", mark: "play", kind: "primary", act: () => run() });
  const label = start.lastChild;
  const cancel = button({ label: t("run.cancel"), mark: "stop", act: stop });
  const approve = button({ label: t("run.approve"), mark: "check", kind: "primary", act: goOn });
  approve.hidden = true;
  const line = h("p", { class: "plan-line", role: "status" });
  const details = button({ label: t("plan.show"), mark: "list", kind: "small", act: showPlan });
  const before = h(
    "div",
    { class: "before" },
    start,
    h("div", { class: "plan-place" }, line, details),
    h("label", { class: "inline" }, h("span", {}, t("run.budget")), budget),
    h("label", { class: "check" }, draft, h("span", {}, t("run.draft"))),
  );
  const bar = h("progress", { max: 100, "aria-label": t("run.progress") });
  const told = h("p", { class: "told" });
  const message = h("p", { class: "message faint" });
  const during = h(
    "div",
    { class: "during", hidden: true },
    approve,
    cancel,
    h("div", { class: "grow" }, bar, h("div", { class: "line" }, told, message)),
  );
  const place = h("div", { hidden: true });
  const spent = h("p", { class: "spent facts" });
  const element = h(
    "section",
    { class: "run-bar", "aria-label": t("run.label") },
    before,
    during,
    place,
    spent,
  );

  plan.addEventListener("change", update);

  function update() {
    const { detail } = film;
    const running = film.running;
    before.hidden = Boolean(running);
    during.hidden = !running;
    if (running) showRun(running);
    else showPlanned(detail);
    write(spent, spentText(detail));
    spent.hidden = !spent.textContent;
    if (!running) showEnd(detail.run);
  }

  function showRun(run) {
    if (run.state === "queued") bar.removeAttribute("value");
    else bar.value = run.percent;
    const words = [
      run.state === "queued" ? t("run.queued") : percent(run.percent),
      run.time_left_s === null || run.time_left_s === undefined
        ? ""
        : t("run.left", { what: span(run.time_left_s) }),
      sums(run.spent) ? t("run.cost_so_far", { what: sums(run.spent) }) : "",
    ];
    write(told, words.filter(Boolean).join(" · "));
    if (run.review && approve.hidden) film.reloadSoon(); // the stills that it asks about
    approve.hidden = !run.review;
    if (run.review) write(message, t("run.review"));
    else write(message, run.state === "queued" ? "" : saidOf(run.message ?? ""));
    tellIn(place, null);
    shownEnd = null;
  }

  /** The server's word, but for the count of shots, which is told in the reader's language. */
  function saidOf(text) {
    if (!/^\d+ of \d+ shots done$/.test(text)) return text;
    const shots = film.detail.shot_list;
    return t("run.shots_done", {
      n: shots.filter((shot) => shot.state === "done").length,
      all: shots.length,
    });
  }

  function showPlanned(detail) {
    const draftFilm = detail.problems.length > 0;
    write(label, GO_ON.has(detail.run?.state) ? t("run.continue") : t("run.start"));
    start.disabled = draftFilm || !detail.shot_list.length;
    details.hidden = !plan.plan;
    if (draftFilm) write(line, t("plan.problems"));
    else if (plan.plan) write(line, planLine(plan.plan));
    else if (plan.problem) write(line, [plan.problem.message, plan.problem.hint].join(" ").trim());
    else write(line, t("plan.asking"));
  }

  let shownEnd = null;
  function showEnd(run) {
    const error = run?.state === "failed" ? run.error : null;
    const wanted = JSON.stringify(error ?? run?.state ?? null);
    if (wanted === shownEnd) return;
    shownEnd = wanted;
    if (error) fill(place, problemText(error));
    else if (run?.state === "interrupted")
      fill(place, h("p", { class: "note" }, t("run.interrupted")));
    else if (run?.state === "cancelled") fill(place, h("p", { class: "note" }, t("run.cancelled")));
    else fill(place);
    place.hidden = !place.childNodes.length;
  }

  function spentText(detail) {
    const all = sums(detail.spent);
    return all ? t("run.spent", { what: all }) : "";
  }

  /** Begin, after the plan was shown where it costs something. */
  async function run() {
    if (film.running || start.disabled) return;
    if (plan.plan && costs(plan.plan) && hasWork(plan.plan) && !(await agreed())) return;
    const request = { draft: draft.checked };
    if (budget.value.trim()) request.budget = budget.value.trim();
    shownEnd = null;
    await attempt(
      async () => {
        const made = await api.run(film.id, request);
        film.take({ ...film.detail, state: made.state, run: made });
      },
      { control: start, place },
    );
  }

  async function agreed() {
    const opened = openDialog({
      title: t("plan.title"),
      wide: true,
      body: planTable(plan.plan),
      actions: [
        button({ label: t("cancel"), act: () => opened.close() }),
        button({
          label: t("run.start"),
          mark: "play",
          kind: "primary",
          autofocus: true,
          act: () => opened.close("run"),
        }),
      ],
    });
    return (await opened.done) === "run";
  }

  function showPlan() {
    if (plan.plan) openDialog({ title: t("plan.title"), wide: true, body: planTable(plan.plan) });
  }

  /** The stills are good: the run goes on with them. */
  async function goOn() {
    await attempt(
      async () => {
        const run = await api.approve(film.id);
        film.take({ ...film.detail, run: { ...run, review: false } });
      },
      { control: approve },
    );
  }

  async function stop() {
    await attempt(
      async () => {
        const ended = await api.cancel(film.id);
        film.take({ ...film.detail, run: ended });
        film.reloadSoon();
      },
      { control: cancel },
    );
  }

  return { element, update, run, showPlan, budget: () => budget.value.trim() || null };
}
