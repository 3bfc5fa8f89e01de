// The page's start: language, theme, who it is, and the view that the address names.

import { api } from "./api.js";
import { button, fill, h, icon, set } from "./dom.js";
import { failure, problemText } from "./notice.js";
import { showKeys, useGeneralKeys, useKeys } from "./shortcuts.js";
import { theme, THEMES, useTheme } from "./theme.js";
import { boardView } from "./view_board.js";
import { filmView } from "./view_film.js";
import { filmsView } from "./view_films.js";
import { keyView } from "./view_key.js";
import { pluginsView } from "./view_plugins.js";
import { language, LANGUAGES, t, useLanguage, wantedLanguage } from "./words.js";

const THEME_ICONS = { auto: "auto", light: "sun", dark: "moon" };
const page = document.querySelector("#page");
let session = null;
let view = null; // {element, title, close}
let opening = 0;

/** [view's maker, its arguments] for an address such as #/films/ID/storyboard. */
function route() {
  const [first = "", id = "", rest = ""] = location.hash.replace(/^#\/?/, "").split("/");
  const film = decodeURIComponent(id);
  if (session.keys_needed) return [keyView, entered];
  if (first === "plugins") return [pluginsView];
  if (first === "films" && film && rest === "storyboard") return [boardView, film];
  if (first === "films" && film) return [filmView, film, decodeURIComponent(rest)];
  return [filmsView];
}

async function show() {
  const mine = ++opening;
  const [make, ...args] = route();
  let made;
  try {
    made = await make(...args);
  } catch (problem) {
    if (problem.status === 401) return signOut();
    made = unopened(problem);
  }
  if (mine !== opening) return made.close?.();
  view?.close?.();
  view = made;
  useKeys(view.keys ?? []);
  document.title = view.title ? `${view.title} – filmeto` : "filmeto";
  fill(page, skipLink(), header(), h("main", { id: "main", tabindex: "-1" }, view.element));
}

function unopened(problem) {
  const again = button({ label: t("try_again"), mark: "again", act: show });
  const back = h("a", { class: "button", href: "#/" }, t("nav.films"));
  return { element: h("div", { class: "column" }, problemText(problem, again, back)), title: "" };
}

function skipLink() {
  const go = (event) => {
    event.preventDefault();
    document.querySelector("#main").focus();
  };
  return h("a", { class: "skip", href: "#main", on: { click: go } }, t("nav.skip"));
}

function header() {
  const here = location.hash.startsWith("#/plugins") ? "plugins" : "films";
  const link = (name, href) =>
    h("a", { href, "aria-current": here === name ? "page" : null }, t(`nav.${name}`));
  return h(
    "header",
    { class: "top" },
    h("a", { class: "brand", href: "#/" }, "filmeto"),
    h("nav", { "aria-label": t("nav.label") }, link("films", "#/"), link("plugins", "#/plugins")),
    h("div", { class: "tools" }, languageChoice(), themeButton(), keysButton(), leaveButton()),
  );
}

function languageChoice() {
  const choose = async (event) => {
    await useLanguage(event.target.value, { remember: true });
    await show();
    document.querySelector("#language")?.focus();
  };
  const options = Object.entries(LANGUAGES).map(([name, own]) =>
    h("option", { value: name, selected: name === language(), lang: name }, own),
  );
  return h(
    "select",
    { id: "language", class: "small", "aria-label": t("language"), on: { change: choose } },
    options,
  );
}

function themeButton() {
  const label = () => t("theme", { name: t(`theme.${theme()}`) });
  const made = button({
    label: label(),
    mark: THEME_ICONS[theme()],
    quiet: true,
    act: () => {
      useTheme(THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length]);
      set(made, { "aria-label": label(), title: label() });
      fill(made, icon(THEME_ICONS[theme()]));
    },
  });
  return made;
}

function keysButton() {
  const made = button({ label: t("keys.title"), quiet: true, act: showKeys });
  made.append(h("span", { class: "letter", "aria-hidden": "true" }, "?"));
  return made;
}

function leaveButton() {
  if (!session.csrf) return null; // nobody came in by a key
  const leave = async () => {
    await api.leave().catch(failure);
    signOut();
  };
  return button({ label: t("key.leave"), act: leave, kind: "small" });
}

function entered(told) {
  session = { ...told, keys_needed: false };
  show();
}

function signOut() {
  session = { keys_needed: true };
  show();
}

async function findSession() {
  try {
    session = await api.session();
  } catch (problem) {
    session = { keys_needed: problem.status === 401 };
  }
}

useTheme(theme());
await useLanguage(wantedLanguage());
useGeneralKeys([
  {
    keys: "?",
    shown: "?",
    get label() {
      return t("keys.title");
    },
    act: showKeys,
  },
  {
    keys: "g",
    shown: "g",
    get label() {
      return t("keys.films");
    },
    act: () => (location.hash = "#/"),
  },
  {
    keys: "p",
    shown: "p",
    get label() {
      return t("keys.plugins");
    },
    act: () => (location.hash = "#/plugins"),
  },
]);
addEventListener("hashchange", async () => {
  await show();
  document.querySelector("#main").focus({ preventScroll: true });
  scrollTo(0, 0);
});
await findSession();
await show();
