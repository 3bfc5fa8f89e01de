// Plugins: what each is at, and what it lacks to work here.

import { api } from "./api.js";
import { fill, h, icon } from "./dom.js";
import { stateMark } from "./parts.js";
import { bytes } from "./told.js";
import { t, word } from "./words.js";

const REFRESH_MS = 3000;

export async function pluginsView() {
  const place = h("div", {});
  const element = h(
    "div",
    { class: "column wide" },
    h("div", { class: "view-head" }, h("h1", {}, t("plugins.title"))),
    place,
  );
  let timer = null;
  let shown = null;
  let closed = false;

  async function load() {
    const told = await api.pluginStates();
    const text = JSON.stringify(told);
    if (text !== shown) draw(told);
    shown = text;
  }

  function draw({ plugins, broken }) {
    fill(
      place,
      h("ul", { class: "plugin-list" }, [...broken.map(brokenItem), ...plugins.map(pluginItem)]),
      plugins.length || broken.length ? null : h("p", {}, t("plugins.none")),
    );
  }

  async function again() {
    if (!document.hidden) await load().catch(() => {});
    if (!closed) timer = setTimeout(again, REFRESH_MS);
  }

  await load();
  timer = setTimeout(again, REFRESH_MS);
  return {
    element,
    title: t("plugins.title"),
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}

function pluginItem(plugin) {
  const state = plugin.lacks.length ? "lacking" : plugin.state;
  const facts = [
    plugin.memory_bytes ? t("plugins.memory", { what: bytes(plugin.memory_bytes) }) : "",
    plugin.waiting ? t("plugins.waiting", { n: plugin.waiting }) : "",
  ].filter(Boolean);
  return h(
    "li",
    { class: "plugin", "data-plugin": plugin.name },
    h(
      "div",
      { class: "line" },
      h("h2", {}, plugin.name, h("span", { class: "faint" }, ` ${plugin.version}`)),
      stateMark("plugin", state),
    ),
    plugin.description ? h("p", {}, plugin.description) : null,
    h(
      "ul",
      { class: "tags", "aria-label": t("plugins.tools") },
      plugin.tools.map((tool) => h("li", {}, word("tool", tool))),
    ),
    facts.length ? h("p", { class: "facts" }, facts.join(" · ")) : null,
    plugin.lacks.map((lack) => trouble(lack.what, lack.advice)),
    plugin.why && !plugin.lacks.length ? trouble(t("plugins.last_failed"), plugin.why) : null,
  );
}

function brokenItem({ name, problem }) {
  return h(
    "li",
    { class: "plugin" },
    h("div", { class: "line" }, h("h2", {}, name), stateMark("plugin", "broken")),
    trouble(problem, ""),
  );
}

const trouble = (what, advice) =>
  h(
    "div",
    { class: "problem" },
    icon("alert"),
    h(
      "div",
      {},
      h("p", { class: "message" }, what),
      advice ? h("p", { class: "hint" }, advice) : null,
    ),
  );
