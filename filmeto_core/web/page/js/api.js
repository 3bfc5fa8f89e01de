// The web API as the page asks it. Every failure is a Problem that a person can act on.

import { t } from "./words.js";

const BASE = "/api/v1";
let csrf = null;

/** What went wrong, as the server tells it (problem+json), or that it could not be reached. */
export class Problem extends Error {
  constructor(told) {
    super(told.message || told.detail || told.title || "");
    Object.assign(this, { hint: "", problems: [], status: 0, code: "" }, told);
  }
}

/** Ask the server: the answer's JSON, or its text. */
export async function ask(method, path, { json, text, headers = {}, signal } = {}) {
  const sent = { Accept: "application/json", ...headers };
  if (json !== undefined) sent["Content-Type"] = "application/json";
  if (csrf && method !== "GET") sent["X-CSRF-Token"] = csrf;
  const body = json === undefined ? text : JSON.stringify(json);
  let answer;
  try {
    answer = await fetch(BASE + path, { method, headers: sent, body, signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem({
      code: "unreachable",
      message: t("error.unreachable"),
      hint: t("error.unreachable_hint"),
    });
  }
  if (!answer.ok) throw await problemOf(answer);
  if (answer.status === 204) return null;
  const type = answer.headers.get("content-type") ?? "";
  return type.includes("json") ? answer.json() : answer.text();
}

async function problemOf(answer) {
  try {
    const told = await answer.json();
    return new Problem({ ...told, status: answer.status });
  } catch {
    return new Problem({ status: answer.status, message: t("error.status", { n: answer.status }) });
  }
}

const of = (film, rest = "") => `/films/${encodeURIComponent(film)}${rest}`;
const shotOf = (film, shot, rest = "") => of(film, `/shots/${encodeURIComponent(shot)}${rest}`);
const match = (version) => (version ? { "If-Match": `"${version}"` } : {});
const YAML = { "Content-Type": "text/yaml" };

export const api = {
  films: () => everyPage("/films"),
  film: (id, signal) => ask("GET", of(id), { signal }),
  create: (storyboard, title) =>
    ask("POST", "/films", { json: title ? { storyboard, title } : { storyboard } }),
  remove: (id) => ask("DELETE", of(id)),
  storyboard: (id) => ask("GET", of(id, "/storyboard"), { headers: { Accept: "text/yaml" } }),
  check: (id, text, signal) =>
    ask("PUT", of(id, "/storyboard?check=true"), { text, headers: YAML, signal }),
  saveStoryboard: (id, text, version) =>
    ask("PUT", of(id, "/storyboard"), { text, headers: { ...YAML, ...match(version) } }),
  change: (id, fields, version) => ask("PATCH", of(id), { json: fields, headers: match(version) }),
  addShot: (id, fields) => ask("POST", of(id, "/shots"), { json: fields }),
  changeShot: (id, shot, fields, version) =>
    ask("PATCH", shotOf(id, shot), { json: fields, headers: match(version) }),
  removeShot: (id, shot) => ask("DELETE", shotOf(id, shot)),
  order: (id, shots) => ask("PUT", of(id, "/order"), { json: { shots } }),
  plan: (id, { draft = false, shots = null } = {}, signal) => {
    const query = new URLSearchParams();
    if (draft) query.set("draft", "true");
    for (const shot of shots ?? []) query.append("shots", shot);
    return ask("GET", of(id, `/plan?${query}`), { signal });
  },
  run: (id, request) => ask("POST", of(id, "/runs"), { json: request }),
  cancel: (id) => ask("POST", of(id, "/cancel")),
  approve: (id) => ask("POST", of(id, "/review"), { json: { decision: "approve" } }),
  takes: (id, shot) => ask("GET", shotOf(id, shot, "/takes")),
  anotherTake: (id, shot, budget) =>
    ask("POST", shotOf(id, shot, "/takes"), { json: budget ? { budget } : {} }),
  pick: (id, shot, take) => ask("PUT", shotOf(id, shot, "/pick"), { json: { take } }),
  unpin: (id, shot, tool) => ask("DELETE", shotOf(id, shot, `/pick/${encodeURIComponent(tool)}`)),
  waveform: (id, shot, bars) => ask("GET", shotOf(id, shot, `/waveform?bars=${bars}`)),
  call: (id, call) => ask("GET", of(id, `/calls/${encodeURIComponent(call)}`)),
  archiveUrl: (id) => BASE + of(id, "/archive.zip"),
  eventsUrl: (id) => BASE + of(id, "/events"),
  pluginStates: () => ask("GET", "/plugins/states"),
  async session() {
    const told = await ask("GET", "/session");
    csrf = told.csrf ?? null;
    return told;
  },
  async enter(key) {
    const told = await ask("POST", "/session", { json: { key } });
    csrf = told.csrf ?? null;
    return told;
  },
  async leave() {
    await ask("DELETE", "/session");
    csrf = null;
  },
};

/** All of a list that comes in pages. */
async function everyPage(path) {
  const found = [];
  let cursor = null;
  do {
    const page = await ask("GET", cursor ? `${path}?cursor=${encodeURIComponent(cursor)}` : path);
    if (Array.isArray(page)) return found.concat(page);
    found.push(...(page.films ?? page.items ?? []));
    cursor = page.cursor ?? page.next_cursor ?? null;
  } while (cursor);
  return found;
}
