// Where the server asks for a key: one field, and in.

import { api } from "./api.js";
import { button, h } from "./dom.js";
import { attempt } from "./notice.js";
import { field } from "./parts.js";
import { t } from "./words.js";

/** The form; `entered` is told of the session. */
export async function keyView(entered) {
  const key = h("input", {
    type: "password",
    name: "key",
    required: true,
    autocomplete: "current-password",
  });
  const place = h("div", { hidden: true });
  const enter = button({ label: t("key.enter"), kind: "primary", type: "submit" });
  const send = async (event) => {
    event.preventDefault();
    await attempt(async () => entered(await api.enter(key.value.trim())), {
      control: enter,
      place,
    });
  };
  const element = h(
    "form",
    { class: "column narrow stack", on: { submit: send } },
    h("h1", {}, t("key.title")),
    h("p", {}, t("key.text")),
    field(t("key.field"), key),
    place,
    h("div", { class: "row" }, enter),
  );
  return { element, title: t("key.title") };
}
