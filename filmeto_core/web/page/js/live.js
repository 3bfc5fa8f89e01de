// A film's events as they happen (Server-Sent Events over fetch): read, resumed after the last one
// that came, and tried again for as long as the page is there.
//
// EventSource is not used: after an error status it gives up, and with it the place it had.

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;
const SILENCE_MS = 40_000; // the server sends a heartbeat each 15 s

export class Live {
  /**
   * @param {string} url
   * @param {{event: (data: object) => void, state: (name: "live"|"lost") => void}} tell
   * @param {boolean} past whether what has happened already is told too
   */
  constructor(url, tell, { past = false } = {}) {
    this.url = url;
    this.tell = tell;
    this.past = past;
    this.lastId = null;
    this.closed = false;
    this.wait = FIRST_WAIT_MS;
    this.hurry = () => this.retryNow?.();
    this.drop = () => this.reading?.abort();
    addEventListener("online", this.hurry);
    addEventListener("offline", this.drop);
    this.loop();
  }

  close() {
    this.closed = true;
    removeEventListener("online", this.hurry);
    removeEventListener("offline", this.drop);
    this.reading?.abort();
    this.retryNow?.();
  }

  async loop() {
    while (!this.closed) {
      try {
        await this.read();
      } catch {
        // Told below, in the same way as an end that came too early.
      }
      if (this.closed) return;
      this.tell.state("lost");
      await this.pause();
    }
  }

  pause() {
    const wait = this.wait * (0.75 + Math.random() / 2); // not all watchers at once
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
    return new Promise((resolve) => {
      this.retryNow = resolve;
      setTimeout(resolve, wait);
    });
  }

  async read() {
    this.reading = new AbortController();
    const headers = { Accept: "text/event-stream" };
    if (this.lastId) headers["Last-Event-ID"] = this.lastId;
    const url = this.lastId || this.past ? this.url : `${this.url}?after=latest`;
    const answer = await fetch(url, { headers, signal: this.reading.signal });
    if (!answer.ok) {
      await answer.body?.cancel();
      if (answer.status === 422) this.lastId = null; // an id that this server does not know
      return;
    }
    this.wait = FIRST_WAIT_MS;
    this.tell.state("live");
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const quiet = setTimeout(() => this.reading.abort(), SILENCE_MS);
      const { value, done } = await reader.read().finally(() => clearTimeout(quiet));
      if (done) return;
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) this.take(block);
    }
  }

  take(block) {
    let id = null;
    const data = [];
    for (const line of block.split("\n")) {
      if (line.startsWith("id: ")) id = line.slice(4);
      else if (line.startsWith("data: ")) data.push(line.slice(6));
    }
    if (id) this.lastId = id;
    if (data.length) this.tell.event(JSON.parse(data.join("\n")));
  }
}
