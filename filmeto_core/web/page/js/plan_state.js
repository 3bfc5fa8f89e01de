// What a run would do now: asked for again whenever the storyboard or what is there has changed.

import { api } from "./api.js";

const CALM_MS = 300; // several changes in a row are one question

export class PlanState extends EventTarget {
  constructor(film) {
    super();
    this.film = film;
    this.plan = null;
    this.problem = null;
    this.draft = false;
    this.asked = null;
    this.looked = this.signature();
    film.addEventListener("change", () => {
      if (this.signature() === this.looked) return;
      this.looked = this.signature();
      this.soon();
    });
  }

  /** What a plan depends on, as far as the page can see. */
  signature() {
    const { version, run } = this.film.detail;
    return `${version} ${run?.id} ${run?.state} ${this.draft}`;
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.refresh(), CALM_MS);
  }

  async refresh() {
    if (this.film.running) return this.settle(null, null);
    this.asked?.abort();
    this.asked = new AbortController();
    const { signal } = this.asked;
    this.dispatchEvent(new Event("change"));
    try {
      const plan = await api.plan(this.film.id, { draft: this.draft }, signal);
      if (!signal.aborted) this.settle(plan, null);
    } catch (problem) {
      if (!signal.aborted) this.settle(null, problem);
    }
  }

  settle(plan, problem) {
    [this.plan, this.problem, this.asked] = [plan, problem, null];
    this.dispatchEvent(new Event("change"));
  }

  /** Its calls for one shot. */
  callsOf(shot) {
    return (this.plan?.calls ?? []).filter((call) => call.shot === shot);
  }

  useDraft(draft) {
    this.draft = draft;
    this.looked = this.signature();
    this.refresh();
  }

  close() {
    this.asked?.abort();
    clearTimeout(this.timer);
  }
}
