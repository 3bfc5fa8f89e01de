// All films, and a new one: from a title and a first shot, or from a storyboard's text.

import { api } from "./api.js";
import { confirmed, openDialog } from "./dialog.js";
import { button, fill, h, icon } from "./dom.js";
import { attempt } from "./notice.js";
import { field, stateMark } from "./parts.js";
import { clock, moment, percent } from "./told.js";
import { t } from "./words.js";

const REFRESH_MS = 4000; // while a film is being made; the list has no events of its own

export async function filmsView() {
  const element = h("div", { class: "column wide films" });
  let timer = null;
  let closed = false;

  async function load() {
    draw(await api.films());
  }

  function draw(films) {
    const head = h(
      "div",
      { class: "view-head" },
      h("h1", {}, t("films.title")),
      button({ label: t("films.new"), mark: "plus", kind: "primary", act: () => newFilm() }),
    );
    const list = films.length
      ? h(
          "ul",
          { class: "film-list" },
          films.map((film) => filmCard(film, load)),
        )
      : emptyList();
    fill(element, head, list);
    clearTimeout(timer);
    const busy = films.some((film) => film.state === "running" || film.state === "queued");
    if (busy && !closed) timer = setTimeout(refresh, REFRESH_MS);
  }

  async function refresh() {
    const focused = document.activeElement?.closest?.("[data-film]")?.dataset.film;
    await load().catch(() => {
      timer = setTimeout(refresh, REFRESH_MS);
    });
    if (focused) element.querySelector(`[data-film="${CSS.escape(focused)}"] a`)?.focus();
  }

  dropStoryboards(element);
  await load();
  return {
    element,
    title: t("films.title"),
    keys: [{ keys: "n", shown: "n", label: t("films.new"), act: () => newFilm() }],
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}

function emptyList() {
  return h(
    "div",
    { class: "empty" },
    h("h2", {}, t("films.none")),
    h("p", {}, t("films.none_hint")),
    button({ label: t("films.new"), mark: "plus", act: () => newFilm() }),
  );
}

function filmCard(film, reload) {
  const facts = [t("shots.n", { n: film.shots }), clock(film.duration_s)]
    .filter(Boolean)
    .join(" · ");
  const running = film.state === "running";
  return h(
    "li",
    { class: "film-card", "data-film": film.id },
    h(
      "a",
      { href: `#/films/${encodeURIComponent(film.id)}` },
      film.poster_url
        ? h("img", { class: "poster", src: film.poster_url, alt: "", loading: "lazy" })
        : h("span", { class: "poster blank" }, icon("text")),
      h("span", { class: "film-title" }, film.title),
    ),
    h(
      "p",
      { class: "facts" },
      stateMark("film", film.state, running ? percent(film.percent) : ""),
      h("span", {}, facts),
    ),
    running
      ? h("progress", {
          max: 100,
          value: film.percent,
          "aria-label": t("progress_of", { name: film.title }),
        })
      : null,
    h(
      "p",
      { class: "facts faint" },
      h("span", {}, t("films.changed", { when: moment(film.updated_at) })),
      button({
        label: t("films.delete_named", { name: film.title }),
        mark: "trash",
        quiet: true,
        kind: "faint",
        act: () => removeFilm(film, reload),
      }),
    ),
  );
}

async function removeFilm(film, reload) {
  const text = t("films.delete_text", { name: film.title });
  if (!(await confirmed({ title: t("films.delete"), text, yes: t("films.delete") }))) return;
  await attempt(async () => {
    await api.remove(film.id);
    await reload();
  });
}

/** Open the dialog for a new film; `text` is a storyboard that was dropped. */
function newFilm(text = "") {
  const title = h("input", {
    type: "text",
    name: "title",
    maxlength: 200,
    required: true,
    autofocus: !text,
  });
  const prompt = h("textarea", { name: "prompt", rows: 3, placeholder: t("new.prompt_example") });
  const narration = h("textarea", { name: "narration", rows: 2 });
  const yaml = h("textarea", {
    name: "storyboard",
    rows: 14,
    class: "code",
    spellcheck: "false",
    value: text,
  });
  const file = h("input", {
    type: "file",
    accept: ".yaml,.yml,text/yaml",
    on: { change: async () => (yaml.value = (await file.files[0]?.text()) ?? yaml.value) },
  });
  const place = h("div", { hidden: true });
  const fields = h(
    "div",
    { class: "fields" },
    field(t("new.title"), title),
    field(t("new.prompt"), prompt),
    field(t("new.narration"), narration),
  );
  const pasted = h(
    "div",
    { class: "fields" },
    field(t("new.yaml"), yaml),
    field(t("new.file"), file),
  );
  const { bar, chosen } = choice(
    [t("new.from_title"), t("new.from_text")],
    [fields, pasted],
    text ? 1 : 0,
  );
  const make = button({ label: t("new.make"), kind: "primary", type: "submit" });
  const form = h(
    "form",
    { class: "stack", on: { submit: send } },
    bar,
    fields,
    pasted,
    place,
    h("div", { class: "row end" }, make),
  );
  const opened = openDialog({ title: t("films.new"), body: form });

  async function send(event) {
    event.preventDefault();
    await attempt(
      async () => {
        const film =
          chosen() === 1
            ? await api.create(yaml.value)
            : await api.create(firstShot(), title.value.trim());
        opened.close();
        location.hash = `#/films/${encodeURIComponent(film.id)}`;
      },
      { control: make, place },
    );
  }

  function firstShot() {
    const shot = { prompt: prompt.value.trim(), narration: narration.value.trim() };
    const said = Object.fromEntries(Object.entries(shot).filter(([, value]) => value));
    return { title: title.value.trim(), shots: [said] };
  }
}

/** Two ways of doing one thing, of which one is shown; a hidden one's fields are not asked for. */
function choice(labels, panels, first) {
  let index = first;
  const radios = labels.map((label, i) =>
    h(
      "label",
      {},
      h("input", {
        type: "radio",
        name: "way",
        checked: i === first,
        on: { change: () => show(i) },
      }),
      h("span", {}, label),
    ),
  );
  function show(i) {
    index = i;
    panels.forEach((panel, n) => {
      panel.hidden = n !== i;
      for (const input of panel.querySelectorAll("input, textarea")) input.disabled = n !== i;
    });
  }
  show(first);
  return {
    bar: h("div", { class: "choice", role: "radiogroup", "aria-label": t("new.way") }, radios),
    chosen: () => index,
  };
}

function dropStoryboards(element) {
  element.addEventListener("dragover", (event) => {
    if (event.dataTransfer.types.includes("Files")) event.preventDefault();
  });
  element.addEventListener("drop", async (event) => {
    const file = event.dataTransfer.files[0];
    if (!file) return;
    event.preventDefault();
    newFilm(await file.text());
  });
}
