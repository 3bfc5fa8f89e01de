// The film itself, with its subtitles, and its shots as a line to jump along.

import { button, fill, h, set } from "./dom.js";
import { addressOf } from "./parts.js";
import { clock } from "./told.js";
import { language, t } from "./words.js";

export function filmPlayer() {
  const video = h("video", { controls: true, playsinline: true, preload: "metadata" });
  const line = h("div", { class: "timeline", role: "group", "aria-label": t("timeline") });
  const element = h(
    "section",
    { class: "player", "aria-label": t("film"), hidden: true },
    video,
    line,
  );
  let shown = null;
  let marks = [];

  video.addEventListener("timeupdate", markPlace);

  function update(detail) {
    const part = detail.film;
    element.hidden = !part;
    if (!part) {
      if (shown) video.removeAttribute("src");
      shown = null;
      return;
    }
    if (addressOf(part) === shown) return;
    shown = addressOf(part);
    video.src = shown;
    const poster = detail.shot_list.find((shot) => shot.parts.still)?.parts.still;
    set(video, { poster: poster ? addressOf(poster) : null });
    drawLine(detail);
    showSubtitles(
      video,
      detail.subtitles_url && `${detail.subtitles_url}?v=${part.digest?.slice(-12) ?? ""}`,
    );
  }

  function drawLine(detail) {
    const shots = detail.shot_list.filter((shot) => shot.start_s !== null && shot.length_s);
    marks = shots.map((shot) => {
      const label = t("timeline.shot", { name: shot.id, at: clock(shot.start_s) });
      const one = button({ label, quiet: true, kind: "mark", act: () => playFrom(shot.start_s) });
      one.style.flexGrow = shot.length_s;
      one.append(h("span", {}, shot.id));
      return { one, from: shot.start_s, to: shot.start_s + shot.length_s };
    });
    fill(
      line,
      marks.map((mark) => mark.one),
    );
    line.hidden = !marks.length;
  }

  function markPlace() {
    for (const { one, from, to } of marks) {
      set(one, {
        "aria-current": video.currentTime >= from && video.currentTime < to ? "true" : null,
      });
    }
  }

  function playFrom(seconds) {
    if (element.hidden) return;
    video.currentTime = seconds + 0.001;
    video.play().catch(() => {});
    element.scrollIntoView({ block: "nearest" });
  }

  function toggle() {
    if (element.hidden) return;
    if (video.paused) video.play().catch(() => {});
    else video.pause();
  }

  return { element, update, playFrom, toggle };
}

/** The subtitles as cues: a film's are SubRip, which a <track> does not read. */
async function showSubtitles(video, url) {
  const track = (video.subtitles ??= video.addTextTrack("subtitles", t("subtitles"), language()));
  track.mode = "showing";
  for (const cue of [...(track.cues ?? [])]) track.removeCue(cue);
  if (!url) return;
  try {
    const answer = await fetch(url);
    if (!answer.ok) return;
    for (const cue of cuesOf(await answer.text())) track.addCue(cue);
  } catch {
    // The film plays without them.
  }
}

const TIMES = /(?:(\d+):)?(\d+):(\d+)[,.](\d+)\s*-->\s*(?:(\d+):)?(\d+):(\d+)[,.](\d+)/;

function cuesOf(text) {
  const cues = [];
  for (const block of text.replaceAll("\r", "").split(/\n{2,}/)) {
    const lines = block.split("\n");
    const at = lines.findIndex((one) => TIMES.test(one));
    if (at < 0) continue;
    const [, h1, m1, s1, f1, h2, m2, s2, f2] = lines[at].match(TIMES);
    const seconds = (hour, minute, second, part) =>
      Number(hour ?? 0) * 3600 + Number(minute) * 60 + Number(second) + Number(`0.${part}`);
    cues.push(
      new VTTCue(
        seconds(h1, m1, s1, f1),
        seconds(h2, m2, s2, f2),
        lines
          .slice(at + 1)
          .join("\n")
          .trim(),
      ),
    );
  }
  return cues;
}
