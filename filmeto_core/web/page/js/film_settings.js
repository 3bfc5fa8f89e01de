// What holds for a whole film: its title, size, rate, profile, music.

import { api } from "./api.js";
import { openDialog } from "./dialog.js";
import { button, h } from "./dom.js";
import { attempt, notice } from "./notice.js";
import { field } from "./parts.js";
import { t } from "./words.js";

const FIELDS = ["title", "size", "fps", "profile", "music"];

export function openFilmSettings(film) {
  const { detail } = film;
  const version = detail.version;
  const inputs = Object.fromEntries(
    FIELDS.map((name) => [
      name,
      h("input", { type: "text", name, value: detail[name] ?? "", autocomplete: "off" }),
    ]),
  );
  const place = h("div", { hidden: true });
  const save = button({ label: t("save"), kind: "primary", type: "submit" });
  const fields = FIELDS.map((name) =>
    name === "title"
      ? field(t("settings.name"), inputs.title)
      : field(t(`settings.${name}`), inputs[name], t(`settings.${name}_help`)),
  );
  const send = async (event) => {
    event.preventDefault();
    const changed = FIELDS.filter((name) => inputs[name].value.trim() !== (detail[name] ?? ""));
    if (!changed.length) return opened.close();
    const body = Object.fromEntries(
      changed.map((name) => [name, inputs[name].value.trim() || null]),
    );
    await attempt(
      async () => {
        await film.change(() => api.change(film.id, body, film.latest(version)));
        notice(t("saved"));
        opened.close();
      },
      { control: save, place },
    );
  };
  const form = h(
    "form",
    { class: "stack", on: { submit: send } },
    h("div", { class: "fields" }, fields),
    place,
    h("div", { class: "row end" }, save),
  );
  const opened = openDialog({ title: t("settings.title"), body: form });
}
