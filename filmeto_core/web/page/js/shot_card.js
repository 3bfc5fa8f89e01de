// One shot in the strip: its picture, its voice, what is said, how far it is.

import { button, fill, h, set, write } from "./dom.js";
import { problemText } from "./notice.js";
import { addressOf, stateMark } from "./parts.js";
import { percent, shotLength } from "./told.js";
import { voiceBar } from "./waveform.js";
import { t, word } from "./words.js";

const still = matchMedia("(prefers-reduced-motion: reduce)");

/** What is said in it: a narration, or a line with who says it. */
function said(shot) {
  if (!shot.line) return shot.narration ?? "";
  return shot.character ? `${shot.character}: ${shot.line}` : shot.line;
}

/** A clip that stands still; where browsers do not play its kind, the words instead. */
function firstMoment(address, label, words) {
  const video = h("video", {
    src: `${address}#t=0.1`,
    muted: true,
    playsinline: true,
    preload: "metadata",
    "aria-label": label,
    tabindex: "-1",
  });
  video.addEventListener("error", () => video.replaceWith(words));
  return video;
}

/**
 * A card of the strip.
 *
 * @param {string} filmId
 * @param {object} act what can be done: select, move, take, log, goOn, drop
 */
export function shotCard(filmId, act) {
  let shot = null;
  const number = h("span", { class: "number" });
  const name = h("span", { class: "name" });
  const picture = h("span", { class: "picture" });
  const frame = h(
    "button",
    { type: "button", class: "frame", on: { click: () => act.select(shot.id) } },
    picture,
  );
  const state = h("span", { class: "state-place" });
  const facts = h("span", { class: "facts" });
  const narration = h("p", { class: "narration" });
  const stage = h("p", { class: "stage" });
  const bar = h("progress", { max: 100 });
  const working = h("div", { class: "working", hidden: true }, bar, stage);
  const failed = h("div", { class: "failed-place" });
  const voice = voiceBar(filmId);
  const earlier = button({
    label: "",
    mark: "earlier",
    quiet: true,
    act: () => act.move(shot.id, -1),
  });
  const later = button({ label: "", mark: "later", quiet: true, act: () => act.move(shot.id, 1) });
  const take = button({ label: "", mark: "again", quiet: true, act: () => act.take(shot.id) });
  const element = h(
    "li",
    { class: "shot" },
    frame,
    h("div", { class: "line" }, h("h2", {}, number, name), state),
    working,
    narration,
    voice.element,
    failed,
    h(
      "div",
      { class: "line foot" },
      facts,
      h("span", { class: "row tight" }, earlier, later, take),
    ),
  );
  let shownStill = null;
  let shownError = null;
  let shownState = null;
  let goOn = null; // where the shot failed: a film is gone on with once its run has ended
  previewOn(frame, () => shot?.parts.clip);
  dragging(element, frame, () => shot.id, act);

  function update(next, index, count, selected, running) {
    shot = next;
    element.dataset.shot = shot.id;
    write(number, String(index + 1));
    write(name, shot.id);
    set(frame, {
      "aria-label": t("shot.open", { n: index + 1, name: shot.id }),
      "aria-pressed": selected ? "true" : "false",
    });
    element.classList.toggle("selected", selected);
    showStill();
    showState();
    write(narration, said(shot));
    narration.hidden = !said(shot);
    const length = shot.length_s ?? (shot.duration_s === "auto" ? null : shot.duration_s);
    const words = [
      length === null ? t("length.auto") : shotLength(length),
      word("motion", shot.motion),
    ];
    if (shot.take > 1) words.push(t("take.n", { n: shot.take }));
    if (shot.cost) words.push(shot.cost);
    write(facts, words.join(" · "));
    voice.show(shot.id, shot.parts.voice);
    const names = { n: index + 1, name: shot.id };
    set(earlier, {
      "aria-label": t("shot.earlier", names),
      title: t("shot.earlier", names),
      disabled: index === 0,
    });
    set(later, {
      "aria-label": t("shot.later", names),
      title: t("shot.later", names),
      disabled: index === count - 1,
    });
    set(take, {
      "aria-label": t("shot.take", names),
      title: t("shot.take", names),
      disabled: running,
    });
    if (goOn) goOn.disabled = running;
  }

  function showStill() {
    const part = shot.parts.still;
    const clip = shot.parts.clip; // of a shot that is made as a clip: its first moment
    const wanted = part || clip ? addressOf(part ?? clip) : `- ${shot.prompt}`;
    if (wanted === shownStill) return;
    shownStill = wanted;
    const blank = h("span", { class: "blank" }, shot.prompt ?? t("shot.no_picture"));
    if (part)
      fill(picture, h("img", { src: wanted, alt: shot.prompt ?? shot.id, draggable: "false" }));
    else if (clip) fill(picture, firstMoment(wanted, shot.prompt ?? shot.id, blank));
    else fill(picture, blank);
  }

  function showState() {
    const running = shot.state === "running";
    const wanted = `${shot.state} ${running ? Math.floor(shot.percent) : ""}`;
    if (wanted !== shownState) {
      shownState = wanted;
      fill(state, stateMark("shot", shot.state, running ? percent(shot.percent) : ""));
    }
    working.hidden = !running;
    element.dataset.state = shot.state;
    if (running) {
      bar.value = shot.percent;
      set(bar, { "aria-label": t("progress_of", { name: shot.id }) });
      write(
        stage,
        [shot.stage && word("tool", shot.stage), shot.message].filter(Boolean).join(": "),
      );
    }
    const error = shot.state === "failed" ? (shot.error ?? { message: t("shot.failed") }) : null;
    const wantedError = JSON.stringify(error);
    if (wantedError === shownError) return;
    shownError = wantedError;
    goOn = error
      ? button({ label: t("run.continue"), mark: "play", kind: "small", act: () => act.goOn() })
      : null;
    fill(failed, error ? failure(error) : null);
  }

  function failure(error) {
    return problemText(
      error,
      goOn,
      button({ label: t("log.open"), mark: "log", kind: "small", act: () => act.log(shot.id) }),
    );
  }

  return { element, update, focus: () => frame.focus() };
}

/** The clip over the still while it is pointed at or has the focus; not where motion is unwanted. */
function previewOn(frame, clip) {
  let video = null;
  const begin = () => {
    const part = clip();
    if (!part || video || still.matches) return;
    video = h("video", {
      src: addressOf(part),
      muted: true,
      loop: true,
      playsinline: true,
      "aria-hidden": "true",
      tabindex: "-1",
    });
    video.addEventListener("error", end); // a kind that browsers do not play: the still stays
    frame.append(video);
    video.play().catch(() => {});
  };
  const end = () => {
    video?.remove();
    video = null;
  };
  frame.addEventListener("pointerenter", begin);
  frame.addEventListener("pointerleave", end);
  frame.addEventListener("focus", begin);
  frame.addEventListener("blur", end);
}

/** A shot is dragged by its picture, and dropped before or after another. */
function dragging(element, frame, id, act) {
  frame.draggable = true;
  frame.addEventListener("dragstart", (event) => {
    event.dataTransfer.setData("text/x-filmeto-shot", id());
    event.dataTransfer.effectAllowed = "move";
    element.classList.add("dragged");
  });
  frame.addEventListener("dragend", () => element.classList.remove("dragged"));
  const side = (event) => {
    const box = element.getBoundingClientRect();
    return event.clientX > box.left + box.width / 2 ? "after" : "before";
  };
  element.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("text/x-filmeto-shot")) return;
    event.preventDefault();
    element.dataset.drop = side(event);
  });
  element.addEventListener("dragleave", () => delete element.dataset.drop);
  element.addEventListener("drop", (event) => {
    const dragged = event.dataTransfer.getData("text/x-filmeto-shot");
    delete element.dataset.drop;
    if (!dragged) return;
    event.preventDefault();
    act.drop(dragged, id(), side(event));
  });
}
