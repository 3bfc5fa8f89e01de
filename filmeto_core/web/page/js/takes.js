// Takes of a shot: another one, all of them side by side, and the one that the film uses.

import { api } from "./api.js";
import { openDialog } from "./dialog.js";
import { button, fill, h, icon } from "./dom.js";
import { attempt, notice } from "./notice.js";
import { addressOf, origin } from "./parts.js";
import { moment } from "./told.js";
import { t } from "./words.js";

/** Have one shot made once more, under its next take; the run begins at once. */
export async function anotherTake(film, shot, budget) {
  return attempt(async () => {
    const run = await api.anotherTake(film.id, shot, budget);
    film.take({ ...film.detail, state: run.state, run });
    film.reloadSoon();
    notice(t("take.begun", { name: shot }));
  });
}

/** The takes of the shot in hand; `act.budget` says what they may cost. */
export function takesSection(film, act) {
  let shot = null;
  let looked = null;
  let takes = [];
  const list = h("ul", { class: "takes" });
  const compare = button({
    label: t("take.compare"),
    mark: "compare",
    kind: "small",
    act: () => compareTakes(film, shot.id, takes, load),
  });
  const another = button({
    label: t("take.another"),
    mark: "again",
    kind: "small",
    act: () => anotherTake(film, shot.id, act.budget()),
  });
  const element = h(
    "section",
    {},
    h("h3", {}, t("take.title")),
    list,
    h("div", { class: "row" }, another, compare),
  );

  function update(next, other) {
    shot = next;
    another.disabled = Boolean(film.running);
    const parts = Object.values(shot.parts)
      .map((part) => part.digest)
      .join();
    const wanted = `${shot.id} ${shot.take} ${shot.state} ${parts}`;
    if (wanted === looked) return;
    looked = wanted;
    if (other) show([]);
    load();
  }

  async function load() {
    const asked = shot.id;
    try {
      const found = await api.takes(film.id, asked);
      if (asked === shot?.id) show(found);
    } catch {
      looked = null; // asked again with the next change
    }
  }

  function show(found) {
    takes = found;
    compare.disabled = takes.length < 2;
    fill(list, takes.map(takeItem));
    list.hidden = !takes.length;
  }

  function takeItem(take) {
    const label = t(take.current ? "take.current" : "take.use", { n: take.take });
    const { still } = take.parts;
    return h(
      "li",
      {},
      h(
        "button",
        {
          type: "button",
          class: "take",
          "aria-pressed": take.current ? "true" : "false",
          "aria-label": label,
          title: label,
          on: { click: () => (take.current ? null : pick(film, shot.id, take.take).then(load)) },
        },
        still
          ? h("img", { src: addressOf(still), alt: "", loading: "lazy" })
          : h("span", { class: "blank" }),
        h(
          "span",
          { class: "caption" },
          take.current ? icon("check") : null,
          t("take.n", { n: take.take }),
        ),
      ),
    );
  }

  return { element, update };
}

/** Have the film use that take. */
async function pick(film, shot, take) {
  return attempt(async () => {
    await film.change(() => api.pick(film.id, shot, take));
    notice(t("take.picked", { n: take, name: shot }));
  });
}

/** Takes in columns, as large as they fit; which ones is chosen above. */
function compareTakes(film, shot, takes, after) {
  const shown = new Set(takes.slice(-3).map((take) => take.take));
  const current = takes.find((take) => take.current);
  if (current) shown.add(current.take);
  const columns = h("div", { class: "columns" });
  const choices = takes.map((take) =>
    h(
      "label",
      { class: "check" },
      h("input", {
        type: "checkbox",
        checked: shown.has(take.take),
        on: {
          change: (event) => {
            if (event.target.checked) shown.add(take.take);
            else shown.delete(take.take);
            draw();
          },
        },
      }),
      h("span", {}, t("take.n", { n: take.take })),
    ),
  );
  const together = button({
    label: t("take.play_together"),
    mark: "play",
    kind: "small",
    act: playTogether,
  });
  const bar = h(
    "div",
    { class: "row", role: "group", "aria-label": t("take.which") },
    choices,
    together,
  );
  const opened = openDialog({
    title: t("take.compare_title", { name: shot }),
    wide: true,
    body: [bar, columns],
  });

  function draw() {
    const wanted = takes.filter((take) => shown.has(take.take));
    columns.style.setProperty("--columns", Math.max(1, Math.min(3, wanted.length)));
    fill(columns, wanted.map(column));
  }

  function column(take) {
    const use = button({
      label: take.current ? t("take.in_use") : t("take.use", { n: take.take }),
      mark: take.current ? "check" : null,
      kind: take.current ? "" : "primary",
      disabled: take.current,
      act: async () => {
        if (await pick(film, shot, take.take)) {
          opened.close();
          after();
        }
      },
    });
    return h(
      "figure",
      {},
      mediaOf(take),
      h(
        "figcaption",
        {},
        h("h3", {}, t("take.n", { n: take.take })),
        h("p", { class: "facts" }, factsOf(take)),
        use,
      ),
    );
  }

  function playTogether() {
    for (const video of columns.querySelectorAll("video")) {
      video.currentTime = 0;
      video.play().catch(() => {});
    }
  }

  draw();
}

function mediaOf(take) {
  const { clip, still, voice } = take.parts;
  const label = t("take.n", { n: take.take });
  const poster = still ? addressOf(still) : null;
  return [
    clip
      ? h("video", {
          src: addressOf(clip),
          controls: true,
          loop: true,
          muted: true,
          playsinline: true,
          preload: "metadata",
          poster,
          "aria-label": label,
        })
      : still
        ? h("img", { src: poster, alt: label })
        : h("p", { class: "blank" }, t("shot.no_picture")),
    voice
      ? h("audio", {
          src: addressOf(voice),
          controls: true,
          preload: "none",
          "aria-label": t("voice.of", { name: label }),
        })
      : null,
  ];
}

function factsOf(take) {
  const part = take.parts.clip ?? take.parts.still;
  return [part ? origin({ ...part, take: 1 }) : "", moment(take.made_at), take.cost]
    .filter(Boolean)
    .join(" · ");
}
