// A film: its head, the film itself when it is there, the strip of its shots, and the shot in hand.

import { api } from "./api.js";
import { confirmed } from "./dialog.js";
import { button, fill, h, icon } from "./dom.js";
import { filmHead } from "./film_head.js";
import { filmPlayer } from "./film_player.js";
import { FilmState } from "./film_state.js";
import { showShotLog } from "./call_log.js";
import { attempt } from "./notice.js";
import { PlanState } from "./plan_state.js";
import { runBar } from "./run_bar.js";
import { shotCard } from "./shot_card.js";
import { hasDrafts, shotEditor } from "./shot_editor.js";
import { anotherTake } from "./takes.js";
import { t } from "./words.js";

export async function filmView(id, wantedShot) {
  const film = await FilmState.open(id);
  const plan = new PlanState(film);
  const cards = new Map();
  let selected = film.shot(wantedShot) ? wantedShot : null;

  const runs = runBar(film, plan);
  const act = {
    select: (shot) => select(shot === selected ? null : shot, { focus: true }),
    move,
    drop,
    take: (shot) => anotherTake(film, shot, runs.budget()),
    log: (shot) => showShotLog(film, shot),
    goOn: () => runs.run(),
  };
  const head = filmHead(film);
  const player = filmPlayer();
  const editor = shotEditor(film, plan, {
    close: () => select(null),
    step: (by) => step(by),
    move,
    remove,
    budget: runs.budget,
    playFrom: (seconds) => player.playFrom(seconds),
    log: act.log,
  });
  const strip = h("ol", { class: "strip", "aria-label": t("shots.title") });
  const add = h("li", { class: "shot add" }, addButton());
  const place = h("div", { class: "lost", hidden: true, role: "status" });
  const problems = h("div", { class: "board-problems", hidden: true });
  const work = h(
    "div",
    { class: "work" },
    h("div", { class: "reel" }, player.element, problems, strip),
    editor.element,
  );
  const element = h("div", { class: "film" }, place, head.element, runs.element, work);

  function draw() {
    const { detail } = film;
    head.update();
    runs.update();
    player.update(detail);
    drawProblems(detail);
    drawStrip(detail.shot_list);
    if (selected && !film.shot(selected)) select(null);
    editor.update(film.shot(selected));
  }

  function drawStrip(shots) {
    const there = new Set(shots.map((shot) => shot.id));
    for (const [id, card] of cards) {
      if (!there.has(id)) {
        card.element.remove();
        cards.delete(id);
      }
    }
    shots.forEach((shot, index) => {
      if (!cards.has(shot.id)) cards.set(shot.id, shotCard(film.id, act));
      const card = cards.get(shot.id);
      if (strip.children[index] !== card.element)
        strip.insertBefore(card.element, strip.children[index] ?? null);
      card.update(shot, index, shots.length, shot.id === selected, Boolean(film.running));
    });
    if (strip.lastChild !== add) strip.append(add);
  }

  function drawProblems(detail) {
    problems.hidden = !detail.problems.length;
    if (problems.hidden) return;
    const lines = detail.problems.map((one) =>
      h(
        "li",
        {},
        one.line ? t("board.line", { n: one.line }) : null,
        " ",
        one.message,
        one.hint ? ` ${one.hint}` : "",
      ),
    );
    const href = `#/films/${encodeURIComponent(film.id)}/storyboard`;
    fill(
      problems,
      h("h2", {}, icon("alert"), t("board.problems", { n: detail.problems.length })),
      h("ul", {}, lines),
      h("a", { class: "button", href }, t("board.open")),
    );
  }

  function select(shot, { focus = false } = {}) {
    const before = selected;
    selected = shot;
    element.classList.toggle("directing", Boolean(shot));
    const rest = shot ? `/${encodeURIComponent(shot)}` : "";
    history.replaceState(null, "", `#/films/${encodeURIComponent(film.id)}${rest}`);
    draw();
    if (shot && focus) {
      editor.focus();
      editor.element.scrollIntoView({ block: "nearest" });
    }
    if (!shot && before) cards.get(before)?.focus();
  }

  function step(by) {
    const shots = film.detail.shot_list;
    if (!shots.length) return;
    const index = shots.findIndex((shot) => shot.id === selected);
    const next =
      index < 0
        ? by > 0
          ? 0
          : shots.length - 1
        : Math.min(shots.length - 1, Math.max(0, index + by));
    select(shots[next].id);
    cards.get(shots[next].id)?.element.scrollIntoView({ block: "nearest" });
  }

  async function move(shot, by) {
    const order = film.detail.shot_list.map((one) => one.id);
    const from = order.indexOf(shot);
    const to = from + by;
    if (to < 0 || to >= order.length) return;
    order.splice(to, 0, ...order.splice(from, 1));
    const focused = document.activeElement;
    await reorder(order);
    if (document.activeElement === document.body) focused?.focus?.(); // its card was moved
  }

  async function drop(dragged, target, side) {
    const order = film.detail.shot_list.map((one) => one.id).filter((one) => one !== dragged);
    if (dragged === target || !film.shot(dragged)) return;
    order.splice(order.indexOf(target) + (side === "after" ? 1 : 0), 0, dragged);
    await reorder(order);
  }

  async function reorder(order) {
    const known = new Map(film.detail.shot_list.map((shot) => [shot.id, shot]));
    film.take({ ...film.detail, shot_list: order.map((id) => known.get(id)) }); // at once, then the server's word
    const went = await attempt(() => film.change(() => api.order(film.id, order)));
    if (!went) await film.reload();
    return went;
  }

  function addButton() {
    return button({ label: t("shot.add"), mark: "plus", act: addShot });
  }

  async function addShot() {
    const before = new Set(film.detail.shot_list.map((shot) => shot.id));
    await attempt(async () => {
      await film.change(() => api.addShot(film.id, { prompt: t("shot.new_prompt") }));
      const made = film.detail.shot_list.find((shot) => !before.has(shot.id));
      if (made) select(made.id, { focus: true });
    });
  }

  async function remove(shot) {
    const text = t("shot.delete_text", { name: shot });
    if (!(await confirmed({ title: t("shot.delete"), text, yes: t("shot.delete") }))) return;
    await attempt(() => film.change(() => api.removeShot(film.id, shot)));
  }

  function connection() {
    const lost = film.connection === "lost";
    place.hidden = !lost;
    fill(place, lost ? [icon("again"), t("connection.lost")] : null);
  }

  const leaving = (event) => {
    if (hasDrafts()) event.preventDefault();
  };
  let frame = null;
  film.addEventListener("change", () => {
    frame ??= requestAnimationFrame(() => {
      frame = null;
      draw();
    });
  });
  film.addEventListener("connection", connection);
  film.addEventListener("gone", () => (location.hash = "#/"));
  addEventListener("beforeunload", leaving);
  element.classList.toggle("directing", Boolean(selected));
  draw();
  plan.refresh();

  return {
    element,
    title: film.detail.title,
    keys: [
      { keys: "j ArrowRight", shown: "j →", label: t("keys.next"), act: () => step(1) },
      { keys: "k ArrowLeft", shown: "k ←", label: t("keys.previous"), act: () => step(-1) },
      {
        keys: "Shift+ArrowRight",
        shown: "Shift →",
        label: t("keys.later"),
        act: () => selected && move(selected, 1),
      },
      {
        keys: "Shift+ArrowLeft",
        shown: "Shift ←",
        label: t("keys.earlier"),
        act: () => selected && move(selected, -1),
      },
      { keys: "e", shown: "e", label: t("keys.edit"), act: () => selected && editor.focus() },
      { keys: "Escape", shown: "Esc", label: t("keys.close"), act: () => select(null) },
      {
        keys: "r",
        shown: "r",
        label: t("keys.run"),
        act: () => (film.running ? null : runs.run()),
      },
      { keys: "w", shown: "w", label: t("keys.plan"), act: () => runs.showPlan() },
      { keys: "t", shown: "t", label: t("keys.take"), act: () => selected && act.take(selected) },
      { keys: "a", shown: "a", label: t("keys.add"), act: addShot },
      { keys: "f", shown: "f", label: t("keys.play"), act: () => player.toggle() },
      {
        keys: "Ctrl+s Ctrl+Enter",
        shown: "Ctrl S",
        label: t("keys.save"),
        act: () => editor.save(),
      },
    ],
    close() {
      film.close();
      plan.close();
      removeEventListener("beforeunload", leaving);
    },
  };
}
