// One film as the page knows it: what the server told at once, and what its events changed since.

import { api } from "./api.js";
import { Live } from "./live.js";

const CALM_MS = 250; // several events in a row are one question

export class FilmState extends EventTarget {
  constructor(detail) {
    super();
    this.detail = detail;
    this.connection = "live";
    this.changing = Promise.resolve(); // this reader's changes, one after the other
    this.after = new Map(); // version → the one that a change of this reader made of it
    this.asked = 0; // an answer that was overtaken by a newer one is dropped
  }

  /** Load a film, and follow it from here on. */
  static async open(id) {
    const film = new FilmState(await api.film(id));
    film.live = new Live(api.eventsUrl(id), {
      event: (data) => film.patch(data),
      state: (name) => film.connected(name),
    });
    return film;
  }

  get id() {
    return this.detail.id;
  }

  get version() {
    return this.detail.version;
  }

  /** The run in hand, or null. */
  get running() {
    const run = this.detail.run;
    return run && (run.state === "queued" || run.state === "running") ? run : null;
  }

  shot(id) {
    return this.detail.shot_list.find((shot) => shot.id === id) ?? null;
  }

  close() {
    this.live?.close();
    clearTimeout(this.soon);
  }

  connected(name) {
    if (name === "live") this.reload(); // what happened before the events began, or went on
    if (this.connection === name) return;
    this.connection = name;
    this.tell("connection");
  }

  patch({ _type: type, ...fields }) {
    if (type === "run") {
      const before = this.detail.run?.state;
      this.detail = { ...this.detail, run: { ...this.detail.run, ...fields } };
      if (this.running) this.detail.state = this.running.state;
      if (fields.state && fields.state !== before) this.reloadSoon();
      this.tell("change");
    } else if (type === "shot") {
      this.patchShot(fields);
    } else if (type === "storyboard") {
      if (fields.version !== this.version) this.reloadSoon();
    } else if (type === "result" || type === "error") {
      this.reloadSoon();
    }
  }

  patchShot(fields) {
    const list = this.detail.shot_list.map((shot) =>
      shot.id === fields.id
        ? { ...shot, ...fields, parts: { ...shot.parts, ...fields.parts } }
        : shot,
    );
    this.detail = { ...this.detail, shot_list: list };
    if (fields.state === "done" || fields.state === "failed") this.reloadSoon();
    this.tell("change");
  }

  /** Take what an answer of the server says the film is now. */
  take(detail) {
    this.asked += 1;
    this.detail = detail;
    this.tell("change");
  }

  /** Change the film on the server: `ask` answers with what it is then. */
  change(ask) {
    const done = this.changing.then(async () => {
      const before = this.version;
      const detail = await ask();
      if (!detail?.shot_list) await this.reload();
      else this.take(detail);
      if (this.version !== before) this.after.set(before, this.version);
    });
    this.changing = done.catch(() => {});
    return done;
  }

  /** What has become of a version by this reader's own changes: they are no conflict. */
  latest(version) {
    const seen = new Set();
    while (this.after.has(version) && !seen.has(version)) {
      seen.add(version);
      version = this.after.get(version);
    }
    return version;
  }

  reloadSoon() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.reload(), CALM_MS);
  }

  async reload() {
    const mine = ++this.asked;
    try {
      const detail = await api.film(this.id);
      if (mine === this.asked) this.take(detail);
      return true;
    } catch (problem) {
      if (problem.status === 404) this.tell("gone");
      return false;
    }
  }

  tell(name) {
    this.dispatchEvent(new Event(name));
  }
}
