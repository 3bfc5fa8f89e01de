// The shot in hand: large to look at, its words to change, what that would cost, and its takes.

import { api } from "./api.js";
import { showCall } from "./call_log.js";
import { button, fill, h, write } from "./dom.js";
import { attempt, notice, tellIn } from "./notice.js";
import { addressOf, origin, stateMark } from "./parts.js";
import { shotPlan } from "./plan_view.js";
import { shotForm } from "./shot_form.js";
import { takesSection } from "./takes.js";
import { percent, span } from "./told.js";
import { t, word } from "./words.js";

const drafts = new Map(); // film/shot → what is typed and not saved yet; it outlives the view

/** Whether something was typed that is not saved. */
export const hasDrafts = () => drafts.size > 0;

export function shotEditor(film, plan, act) {
  let shot = null;
  const title = h("h2", { tabindex: "-1" });
  const state = h("span", {});
  const picture = h("div", { class: "large" });
  const conflict = h("div", { hidden: true });
  const planPlace = h("div", { class: "shot-plan-place" });
  const parts = h("ul", { class: "parts" });
  const form = shotForm(typed);
  const save = button({ label: t("save"), kind: "primary", type: "submit" });
  const revert = button({ label: t("revert"), act: forget });
  const takes = takesSection(film, act);
  const formElement = h(
    "form",
    {
      class: "stack",
      on: {
        submit: (event) => {
          event.preventDefault();
          saveShot();
        },
      },
    },
    form.element,
    conflict,
    h("div", { class: "row" }, save, revert),
  );
  const playHere = button({
    label: t("shot.play_in_film"),
    mark: "play",
    kind: "small",
    act: () => act.playFrom(shot.start_s),
  });
  const tools = h(
    "div",
    { class: "row" },
    playHere,
    button({
      label: t("move.earlier"),
      mark: "earlier",
      kind: "small",
      act: () => act.move(shot.id, -1),
    }),
    button({
      label: t("move.later"),
      mark: "later",
      kind: "small",
      act: () => act.move(shot.id, 1),
    }),
    button({ label: t("log.open"), mark: "log", kind: "small", act: () => act.log(shot.id) }),
    button({
      label: t("shot.delete"),
      mark: "trash",
      kind: "small danger",
      act: () => act.remove(shot.id),
    }),
  );
  const section = (name, ...children) => h("section", {}, h("h3", {}, t(name)), children);
  const element = h(
    "aside",
    { class: "editor", "aria-label": t("shot.editor"), hidden: true },
    h(
      "header",
      { class: "line" },
      h("div", { class: "line" }, title, state),
      button({ label: t("close"), mark: "close", quiet: true, act: act.close }),
    ),
    picture,
    formElement,
    section("plan.for_shot", planPlace),
    takes.element,
    section("parts.title", parts),
    tools,
  );
  let shownPicture = null;
  let shownState = null;

  plan.addEventListener("change", showPlan);

  const key = () => `${film.id}/${shot.id}`;

  function update(next) {
    element.hidden = !next;
    if (!next) {
      if (shownPicture) fill(picture);
      [shot, shownPicture] = [null, null];
      return;
    }
    const other = shot?.id !== next.id;
    shot = next;
    write(title, t("shot.title", { n: film.detail.shot_list.indexOf(next) + 1, name: shot.id }));
    showState();
    showPicture();
    if (other) {
      tellIn(conflict, null);
      form.show(shot, drafts.get(key())?.fields);
    } else if (!drafts.has(key())) form.show(shot);
    showButtons();
    showPlan();
    showParts();
    playHere.hidden = !film.detail.film || shot.start_s === null;
    takes.update(shot, other);
  }

  function showState() {
    const more = shot.state === "running" ? percent(shot.percent) : "";
    if (shownState === shot.state + more) return;
    shownState = shot.state + more;
    fill(state, stateMark("shot", shot.state, more));
  }

  function showPicture() {
    const { clip, still } = shot.parts;
    const part = clip ?? still;
    const wanted = part ? addressOf(part) : `- ${shot.id}`;
    if (wanted === shownPicture) return;
    shownPicture = wanted;
    if (clip) {
      const poster = still ? addressOf(still) : null;
      const label = t("clip.of", { name: shot.id });
      const video = h("video", {
        src: wanted,
        controls: true,
        loop: true,
        playsinline: true,
        muted: true,
        preload: "metadata",
        poster,
        "aria-label": label,
      });
      video.addEventListener("error", () => still && fill(picture, stillOf(still))); // no browser plays it
      fill(picture, video);
    } else if (still) fill(picture, stillOf(still));
    else fill(picture, h("p", { class: "blank" }, t("shot.no_picture")));
  }

  const stillOf = (still) => h("img", { src: addressOf(still), alt: shot.prompt ?? shot.id });

  function showParts() {
    const made = Object.values(shot.parts);
    fill(
      parts,
      made.map((part) =>
        h(
          "li",
          {},
          h("span", { class: "tool" }, word("part", part.name)),
          h(
            "span",
            { class: "facts" },
            [origin(part), part.seconds ? span(part.seconds) : "", part.cost]
              .filter(Boolean)
              .join(" · "),
          ),
          part.call_id
            ? button({
                label: t("log.of", { name: word("part", part.name) }),
                mark: "log",
                quiet: true,
                act: () => showCall(film, part.call_id),
              })
            : null,
        ),
      ),
    );
    parts.parentElement.hidden = !made.length;
  }

  function showPlan() {
    if (!shot) return;
    const calls = plan.callsOf(shot.id);
    if (drafts.has(key())) fill(planPlace, h("p", { class: "faint" }, t("plan.after_save")));
    else if (film.running) fill(planPlace, h("p", { class: "faint" }, t("plan.running")));
    else if (plan.asked) fill(planPlace, h("p", { class: "faint" }, t("plan.asking")));
    else if (calls.length) fill(planPlace, shotPlan(calls));
    else fill(planPlace, h("p", { class: "faint" }, plan.problem?.message ?? t("plan.nothing")));
  }

  function typed(fields) {
    if (Object.keys(fields).length)
      drafts.set(key(), { fields, version: drafts.get(key())?.version ?? film.version });
    else drafts.delete(key());
    showButtons();
    showPlan();
  }

  function showButtons() {
    const dirty = drafts.has(key());
    save.disabled = !dirty;
    revert.hidden = !dirty;
    element.classList.toggle("dirty", dirty);
  }

  function forget() {
    drafts.delete(key());
    tellIn(conflict, null);
    update(shot);
  }

  async function saveShot(version = drafts.get(key())?.version) {
    const draft = drafts.get(key());
    if (!draft) return;
    const [mine, id] = [key(), shot.id];
    save.disabled = true;
    try {
      await film.change(async () => {
        const detail = await api.changeShot(film.id, id, draft.fields, film.latest(version));
        if (drafts.get(mine) === draft) drafts.delete(mine); // else more was typed meanwhile
        return detail;
      });
      tellIn(conflict, null);
      notice(t("saved"));
    } catch (problem) {
      showButtons();
      if (problem.status === 412) tellConflict();
      else tellIn(conflict, problem);
    }
  }

  /** Somebody else saved meanwhile: whose words count is for the reader to say. */
  function tellConflict() {
    const theirs = async () => {
      await film.reload();
      forget();
    };
    const mine = async () => {
      await film.reload();
      await saveShot(film.version);
    };
    tellIn(
      conflict,
      { message: t("conflict"), hint: t("conflict_hint") },
      button({ label: t("conflict.reload"), act: theirs }),
      button({ label: t("conflict.mine"), act: mine }),
    );
  }

  return {
    element,
    update,
    save: () => shot && attempt(() => saveShot()),
    focus: () => form.focus(),
  };
}
