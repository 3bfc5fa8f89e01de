// What the page says, in the reader's language: every text comes from words/LANGUAGE.json.

import { kept, keep } from "./keeping.js";

export const LANGUAGES = { en: "English", zh: "中文" };

let words = {};
let chosen = "en";
let plurals = new Intl.PluralRules("en");

/** The language in use. */
export const language = () => chosen;

/** What was chosen last, or else what the browser asks for. */
export function wantedLanguage() {
  const wished = [kept("language"), ...navigator.languages].filter(Boolean);
  const known = wished.map((one) => one.toLowerCase().split("-")[0]);
  return known.find((one) => one in LANGUAGES) ?? "en";
}

/** Load a language's texts, and remember it where the reader chose it. */
export async function useLanguage(name, { remember = false } = {}) {
  const answer = await fetch(`/ui/words/${name}.json`);
  words = await answer.json();
  chosen = name;
  plurals = new Intl.PluralRules(name);
  document.documentElement.lang = name === "zh" ? "zh-CN" : name;
  if (remember) keep("language", name);
}

/** The text of that key, with its {names} filled in; one that counts has forms, chosen by `n`. */
export function t(key, values = {}) {
  let text = words[key] ?? key;
  if (typeof text === "object") text = text[plurals.select(Number(values.n))] ?? text.other;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** The text of a word that the server uses, such as a state; the word itself where it is new. */
export function word(group, name) {
  return words[`${group}.${name}`] ?? name;
}
