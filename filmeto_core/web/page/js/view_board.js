// A storyboard as text, with its errors at their lines as they are typed.

import { api } from "./api.js";
import { button, fill, h, icon, set, write } from "./dom.js";
import { notice, tellIn } from "./notice.js";
import { t } from "./words.js";

const CALM_MS = 400; // after the last key
const unsaved = new Map(); // film → {text, version}: what was typed outlives the view

export async function boardView(id) {
  let film = await api.film(id);
  let saved = await api.storyboard(id);
  let checking = null;
  let timer = null;
  const here = `#/films/${encodeURIComponent(id)}`;
  const numbers = h("ol", { class: "numbers", "aria-hidden": "true" });
  const gutter = h("div", { class: "gutter", "aria-hidden": "true" }, numbers);
  const text = h("textarea", {
    class: "code",
    spellcheck: "false",
    wrap: "off",
    autocapitalize: "off",
    "aria-label": t("board.text"),
    "aria-describedby": "board-state",
    value: saved,
    on: { input: typed, scroll: follow, keydown: indent },
  });
  const state = h("p", { id: "board-state", role: "status", class: "board-state" });
  const list = h("ol", { class: "board-list" });
  const place = h("div", { hidden: true });
  const save = button({ label: t("save"), kind: "primary", act: () => store() });
  const element = h(
    "div",
    { class: "column wide board" },
    h(
      "div",
      { class: "view-head" },
      h(
        "div",
        {},
        h("p", { class: "facts" }, h("a", { href: here }, film.title)),
        h("h1", {}, t("board.title")),
      ),
      h("div", { class: "row" }, h("a", { class: "button", href: here }, t("board.back")), save),
    ),
    place,
    h(
      "div",
      { class: "board-work" },
      h("div", { class: "sheet" }, gutter, text),
      h("section", { class: "findings", "aria-label": t("board.findings") }, state, list),
    ),
  );

  function typed() {
    drawNumbers();
    save.disabled = text.value === saved;
    if (save.disabled) unsaved.delete(id);
    else unsaved.set(id, { text: text.value, version: unsaved.get(id)?.version ?? film.version });
    clearTimeout(timer);
    timer = setTimeout(check, CALM_MS);
  }

  async function check() {
    checking?.abort();
    checking = new AbortController();
    try {
      showProblems((await api.check(id, text.value, checking.signal)).problems);
    } catch (problem) {
      if (problem.name !== "AbortError") tellIn(place, problem);
    }
  }

  function showProblems(problems) {
    tellIn(place, null);
    drawNumbers(new Set(problems.map((one) => one.line)));
    element.classList.toggle("wrong", problems.length > 0);
    fill(
      state,
      icon(problems.length ? "alert" : "check"),
      problems.length ? t("board.problems", { n: problems.length }) : t("board.fine"),
    );
    fill(list, problems.map(problemItem));
  }

  function problemItem(one) {
    const where = one.line ? t("board.line", { n: one.line }) : t("board.whole");
    return h(
      "li",
      {},
      h("button", { type: "button", class: "place", on: { click: () => goTo(one) } }, where),
      h("span", {}, one.message),
      one.hint ? h("span", { class: "hint" }, one.hint) : null,
    );
  }

  function goTo({ line, column }) {
    const lines = text.value.split("\n");
    const start = lines.slice(0, (line ?? 1) - 1).reduce((sum, one) => sum + one.length + 1, 0);
    const from = start + Math.max(0, (column ?? 1) - 1);
    text.focus();
    text.setSelectionRange(from, start + (lines[(line ?? 1) - 1]?.length ?? 0));
    const height = text.scrollHeight / lines.length;
    text.scrollTop = Math.max(0, ((line ?? 1) - 4) * height);
  }

  let wrongLines = new Set();
  function drawNumbers(wrong = wrongLines) {
    wrongLines = wrong;
    const count = text.value.split("\n").length;
    while (numbers.children.length < count) numbers.append(h("li", {}));
    while (numbers.children.length > count) numbers.lastChild.remove();
    [...numbers.children].forEach((one, i) => {
      write(one, String(i + 1));
      set(one, { class: wrong.has(i + 1) ? "wrong" : null });
    });
    follow();
  }

  function follow() {
    numbers.style.transform = `translateY(${-text.scrollTop}px)`;
  }

  /** Tab stays the way out of the field, so that the keyboard is not trapped; Enter keeps the indent. */
  function indent(event) {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.isComposing) return;
    const before = text.value.slice(0, text.selectionStart).split("\n").pop();
    const [space] = before.match(/^ */);
    if (!space) return;
    event.preventDefault();
    text.setRangeText(`\n${space}`, text.selectionStart, text.selectionEnd, "end");
    typed();
  }

  async function store(version = unsaved.get(id)?.version ?? film.version) {
    save.disabled = true;
    const sent = text.value;
    try {
      film = await api.saveStoryboard(id, sent, version);
      saved = sent;
      unsaved.delete(id);
      notice(t(film.problems.length ? "board.saved_draft" : "saved"));
      showProblems(film.problems);
    } catch (problem) {
      if (problem.status === 412) tellConflict();
      else tellIn(place, problem);
    }
    save.disabled = text.value === saved;
  }

  function tellConflict() {
    const theirs = async () => {
      film = await api.film(id);
      saved = await api.storyboard(id);
      text.value = saved;
      typed();
      tellIn(place, null);
    };
    const mine = async () => {
      film = await api.film(id);
      await store(film.version);
    };
    tellIn(
      place,
      { message: t("conflict"), hint: t("conflict_hint") },
      button({ label: t("conflict.reload"), act: theirs }),
      button({ label: t("conflict.mine"), act: mine }),
    );
  }

  const leaving = (event) => {
    if (text.value !== saved) event.preventDefault();
  };
  addEventListener("beforeunload", leaving);
  save.disabled = true;
  drawNumbers();
  showProblems(film.problems);
  if (unsaved.has(id)) {
    text.value = unsaved.get(id).text;
    typed();
  }

  return {
    element,
    title: `${film.title}: ${t("board.title")}`,
    keys: [
      {
        keys: "Ctrl+s",
        shown: "Ctrl S",
        label: t("keys.save"),
        act: () => text.value !== saved && store(),
      },
    ],
    close() {
      clearTimeout(timer);
      checking?.abort();
      removeEventListener("beforeunload", leaving);
    },
  };
}
