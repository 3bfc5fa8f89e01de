// A voice as bars, and as sound: drawn once from the server's peaks, played at a press.

import { api } from "./api.js";
import { button, fill, h, icon, set } from "./dom.js";
import { addressOf } from "./parts.js";
import { clock } from "./told.js";
import { t } from "./words.js";

const BARS = 60;
const known = new Map(); // digest or address of a voice → its peaks
let playing = null; // one voice at a time

/** A voice's bar: a button to play it, its waveform, its length. */
export function voiceBar(filmId) {
  const canvas = h("canvas", { class: "wave", "aria-hidden": "true" });
  const length = h("span", { class: "length" });
  const toggle = button({ label: t("voice.play"), mark: "play", quiet: true, act: () => press() });
  const element = h("div", { class: "voice", hidden: true }, toggle, canvas, length);
  let part = null;
  let shot = null;
  let peaks = [];
  let audio = null;

  new ResizeObserver(draw).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);

  async function show(shotId, voice) {
    element.hidden = !voice;
    if (!voice) return stop();
    if (part?.url === voice.url && part?.digest === voice.digest) return;
    stop();
    audio = null;
    [part, shot] = [voice, shotId];
    length.textContent = clock(voice.duration_s);
    peaks = await peaksOf(filmId, shotId, voice);
    draw();
  }

  function press() {
    if (audio && !audio.paused) return stop();
    playing?.stop();
    if (!audio) {
      audio = new Audio(addressOf(part));
      audio.addEventListener("timeupdate", draw);
      audio.addEventListener("ended", stop);
    }
    playing = { stop };
    audio.play().then(look, stop);
  }

  function stop() {
    audio?.pause();
    if (audio) audio.currentTime = 0;
    if (playing?.stop === stop) playing = null;
    look();
  }

  function look() {
    const plays = Boolean(audio && !audio.paused);
    const label = t(plays ? "voice.stop" : "voice.play");
    if (toggle.title === label) return;
    set(toggle, { "aria-label": label, title: label });
    fill(toggle, icon(plays ? "stop" : "play"));
    draw();
  }

  function draw() {
    const box = canvas.getBoundingClientRect();
    if (!box.width || !peaks.length) return;
    const scale = devicePixelRatio || 1;
    [canvas.width, canvas.height] = [box.width * scale, box.height * scale];
    const brush = canvas.getContext("2d");
    const style = getComputedStyle(canvas);
    const heard = audio?.duration ? audio.currentTime / audio.duration : 0;
    const step = canvas.width / peaks.length;
    peaks.forEach((peak, i) => {
      const height = Math.max(scale, peak * canvas.height);
      brush.fillStyle = i / peaks.length < heard ? style.getPropertyValue("--accent") : style.color;
      brush.fillRect(i * step, (canvas.height - height) / 2, Math.max(1, step * 0.6), height);
    });
  }

  return {
    element,
    show,
    get shot() {
      return shot;
    },
  };
}

async function peaksOf(filmId, shotId, voice) {
  const name = voice.digest ?? voice.url;
  if (!known.has(name)) {
    try {
      known.set(name, (await api.waveform(filmId, shotId, BARS)).peaks);
    } catch {
      return []; // it can be heard all the same
    }
  }
  return known.get(name);
}
