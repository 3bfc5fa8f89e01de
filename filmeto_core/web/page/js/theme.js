// Light, dark, or as the system has it.

import { keep, kept } from "./keeping.js";

export const THEMES = ["auto", "light", "dark"];

/** The chosen one. */
export const theme = () => (THEMES.includes(kept("theme")) ? kept("theme") : "auto");

/** Choose one. */
export function useTheme(name) {
  keep("theme", name === "auto" ? null : name);
  if (name === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
}
