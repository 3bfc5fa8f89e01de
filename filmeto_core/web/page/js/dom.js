// Elements made by code: texts are always text nodes, so nothing that a film says becomes markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element: h("p", {class: "note", on: {click}}, "text", child, null). */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  set(element, props);
  element.append(...shown(children));
  return element;
}

/** Set attributes; true is an empty one, false and null remove it; `on` adds listeners. */
export function set(element, props) {
  for (const [name, value] of Object.entries(props)) {
    if (name === "on") {
      for (const [event, act] of Object.entries(value)) element.addEventListener(event, act);
    } else if (name === "value") {
      if (element.value !== value) element.value = value ?? "";
    } else if (name === "checked" || name === "disabled" || name === "hidden" || name === "muted") {
      element[name] = Boolean(value);
    } else if (value === false || value === null || value === undefined) {
      element.removeAttribute(name);
    } else {
      const text = value === true ? "" : String(value);
      if (element.getAttribute(name) !== text) element.setAttribute(name, text);
    }
  }
  return element;
}

/** The element with these children instead of what it had. */
export function fill(element, ...children) {
  element.replaceChildren(...shown(children));
  return element;
}

/** Write a text, and touch nothing where it is the same. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const shown = (children) =>
  children.flat().filter((c) => c !== null && c !== undefined && c !== false);

const PATHS = {
  play: "M6 4v12l10-6z",
  pause: "M6 4h3v12H6zM11 4h3v12h-3z",
  stop: "M5 5h10v10H5z",
  earlier: "M12 4l-6 6 6 6",
  later: "M8 4l6 6-6 6",
  plus: "M10 4v12M4 10h12",
  close: "M5 5l10 10M15 5L5 15",
  trash: "M4 6h12M8 6V4h4v2M6 6l1 10h6l1-10M9 9v4M11 9v4",
  again: "M15.5 8A6 6 0 1 0 16 11M16 4v4h-4",
  check: "M4 10.5l4 4 8-9",
  alert: "M10 3l8 14H2zM10 8v4M10 14.5v.5",
  text: "M4 5h12M4 9h12M4 13h8",
  download: "M10 3v9M6 9l4 4 4-4M4 16h12",
  compare: "M3 4h6v12H3zM11 4h6v12h-6z",
  sun: "M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7M10 2v2M10 16v2M2 10h2M16 10h2M4.3 4.3l1.5 1.5M14.2 14.2l1.5 1.5M4.3 15.7l1.5-1.5M14.2 5.8l1.5-1.5",
  moon: "M15.5 12A6.5 6.5 0 0 1 8 4.500a6.500 6.500 0 1 0 7.500 7.500z",
  auto: "M10 3a7 7 0 1 0 0 14zM10 3a7 7 0 0 1 0 14",
  log: "M4 4h12v12H4zM7 8l2 2-2 2M11 12h3",
  settings: "M4 6h7M15 6h1M4 10h1M9 10h7M4 14h7M15 14h1M13 4v4M7 8v4M13 12v4",
  list: "M7 5h9M7 10h9M7 15h9M3.500 5h.5M3.500 10h.5M3.500 15h.5",
};
const FILLED = new Set(["play", "pause", "stop"]);

/** A drawing of that name; it says nothing, the control around it does. */
export function icon(name) {
  const drawing = document.createElementNS(SVG, "svg");
  set(drawing, { viewBox: "0 0 20 20", class: FILLED.has(name) ? "icon filled" : "icon" });
  drawing.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  drawing.append(path);
  return drawing;
}

/** A button: with an icon, a label, or both; `quiet` has the label only for a tooltip and readers. */
export function button({ label, mark, quiet, kind = "", act, ...props }) {
  return h(
    "button",
    {
      type: "button",
      class: `button ${kind} ${quiet ? "quiet" : ""}`.trim(),
      "aria-label": quiet ? label : null,
      title: quiet ? label : null,
      on: act ? { click: act } : {},
      ...props,
    },
    mark ? icon(mark) : null,
    quiet ? null : h("span", {}, label),
  );
}
