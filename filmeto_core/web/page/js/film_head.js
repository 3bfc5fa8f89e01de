// A film's head: its title, its state, what it is made of, and the ways out of here.

import { api } from "./api.js";
import { h, icon, fill, button, write } from "./dom.js";
import { openFilmSettings } from "./film_settings.js";
import { stateMark } from "./parts.js";
import { bytes, clock } from "./told.js";
import { t } from "./words.js";

export function filmHead(film) {
  const title = h("h1", {});
  const state = h("span", {});
  const facts = h("span", { class: "facts" });
  const downloads = h("span", { class: "row" });
  const element = h(
    "div",
    { class: "film-head" },
    h("div", {}, title, h("p", { class: "facts" }, state, facts)),
    h(
      "div",
      { class: "row" },
      h(
        "a",
        { class: "button", href: `#/films/${encodeURIComponent(film.id)}/storyboard` },
        icon("text"),
        h("span", {}, t("board.title")),
      ),
      button({ label: t("settings.title"), mark: "settings", act: () => openFilmSettings(film) }),
      downloads,
    ),
  );
  let shownState = null;
  let shownFilm = null;

  function update() {
    const { detail } = film;
    write(title, detail.title);
    document.title = `${detail.title} – filmeto`;
    if (shownState !== detail.state) {
      shownState = detail.state;
      fill(state, stateMark("film", detail.state));
    }
    const words = [
      t("shots.n", { n: detail.shot_list.length }),
      clock(detail.film?.duration_s ?? detail.duration_s),
      detail.size,
      detail.fps ? t("fps", { n: detail.fps }) : "",
      detail.profile,
    ];
    write(facts, words.filter(Boolean).join(" · "));
    const wanted = `${detail.film?.digest} ${detail.shot_list.some((shot) => Object.keys(shot.parts).length)}`;
    if (wanted === shownFilm) return;
    shownFilm = wanted;
    fill(downloads, downloadLinks(detail));
  }

  return { element, update };
}

/** The film, and all of its files. */
function downloadLinks(detail) {
  const all = h(
    "a",
    {
      class: "button",
      href: api.archiveUrl(detail.id),
      download: `${detail.id}.zip`,
      title: t("download.all_hint"),
    },
    icon("download"),
    h("span", {}, t("download.all")),
  );
  if (!detail.film) return [all];
  const film = h(
    "a",
    { class: "button", href: detail.film.url, download: `${detail.id}.mp4` },
    icon("download"),
    h("span", {}, t("download.film")),
    detail.film.size_bytes ? h("span", { class: "faint" }, bytes(detail.film.size_bytes)) : null,
  );
  return [film, all];
}
