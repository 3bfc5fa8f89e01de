"""Subtitles: cues in time with the narration, and the SRT file made of them.

Where the rules conflict, the earlier one holds: cues never overlap nor leave their shot; lines keep
their width and number; a cue stays at least a second; it can be read at 20 characters a second; it
starts and ends with its words. So for fast speech cues first stay longer into the silence after
them, then start late or early, and only a shot with no free time left is read faster.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import Field

from filmeto_core.film.cue_text import CHARACTERS_A_SECOND, SHORTEST_S, CueText, cut_into_cues
from filmeto_core.film.shot_clip import ShotClip
from filmeto_core.film.speech_clock import SpeechClock
from filmeto_core.film.timeline import Timeline
from filmeto_core.types import Model

# Milliseconds. Two frames at 24 a second between cues, so that a change is seen as one.
GAP_MS = 84
# A cue stays a little after its last word; a shorter pause than FLICKER_MS is bridged.
HOLD_MS = 400
FLICKER_MS = 500


class Cue(Model):
    """A subtitle on the screen."""

    shot_id: str = Field(description="The shot in which it is seen")
    start_ms: int = Field(ge=0, description="When it appears, in the film")
    end_ms: int = Field(gt=0, description="When it goes, in the film")
    lines: tuple[str, ...] = Field(min_length=1, max_length=2, description="One or two lines")

    @property
    def text(self) -> str:
        """Its lines, one below the other."""
        return "\n".join(self.lines)


def make_cues(
    timeline: Timeline, words: Mapping[str, Sequence[Mapping[str, Any]]] | None = None
) -> list[Cue]:
    """The film's subtitles in order.

    Args:
        timeline: Tells when each narration is spoken.
        words: For each shot, by id: the times of its words, as `text2speak` tells them in its
            metadata: `start_s`, `end_s` (after the voice's start), `char_start`, `char_end`.
            Where they are missing, time goes by characters.
    """
    cues = []
    for clip in timeline.clips:
        if clip.narration and clip.voice_start_s is not None and clip.voice_duration_s:
            clock = SpeechClock(
                clip.narration, clip.voice_duration_s, (words or {}).get(clip.shot_id) or ()
            )
            cues += _timed(cut_into_cues(clip.narration, clock), clip, timeline)
    return cues


def make_srt(
    timeline: Timeline, words: Mapping[str, Sequence[Mapping[str, Any]]] | None = None
) -> str:
    """The film's subtitles as an SRT file's text; see `make_cues`."""
    return srt_text(make_cues(timeline, words))


def srt_text(cues: Iterable[Cue]) -> str:
    """Cues as SRT: number, times, lines, an empty line; "" for none. To be written as UTF-8.

    Source: SubRip's format as described in the Library of Congress's format description (fdd000569).
    """
    blocks = []
    for number, cue in enumerate(cues, 1):
        times = f"{_clock(cue.start_ms)} --> {_clock(cue.end_ms)}"
        blocks.append(f"{number}\n{times}\n{cue.text.replace('-->', '→')}\n")
    return "\n".join(blocks)


def _clock(ms: int) -> str:
    seconds, ms = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02},{ms:03}"


def _timed(texts: Sequence[CueText], clip: ShotClip, timeline: Timeline) -> list[Cue]:
    """The cues of a shot: as near to their words as lets each of them be read in it."""
    if not texts:
        return []
    opens = math.ceil(timeline.seconds(clip.start_frame) * 1000)
    # One gap before the shot's end, so that the next shot's first cue never touches the last.
    closes = math.floor(timeline.seconds(clip.end_frame) * 1000) - GAP_MS
    gap = GAP_MS if closes - opens > len(texts) * GAP_MS * 2 else 0
    closes = max(closes, opens + len(texts))
    lengths = _lengths(texts, closes - opens - gap * (len(texts) - 1))
    voice_ms = clip.voice_start_s * 1000
    spoken = [(voice_ms + t.start_s * 1000, voice_ms + t.end_s * 1000) for t in texts]
    starts = _starts([round(start) for start, _ in spoken], lengths, opens, closes, gap)
    cues = []
    for i, text in enumerate(texts):
        limit = starts[i + 1] - gap if i + 1 < len(texts) else closes
        end = max(starts[i] + lengths[i], round(spoken[i][1]) + HOLD_MS)
        if i + 1 < len(texts) and limit - end < FLICKER_MS:
            end = limit
        cues.append(
            Cue(
                shot_id=clip.shot_id,
                start_ms=starts[i],
                end_ms=min(end, limit),
                lines=text.lines,
            )
        )
    return cues


def _lengths(texts: Sequence[CueText], room: int) -> list[int]:
    """How long each cue has to stay, in ms; less than is right where there is too little room."""
    least = round(SHORTEST_S * 1000)
    wanted = [max(least, math.ceil(t.characters * 1000 / CHARACTERS_A_SECOND)) for t in texts]
    if sum(wanted) <= room:
        return wanted
    beyond = sum(wanted) - least * len(texts)
    if room >= least * len(texts) and beyond:
        share = (room - least * len(texts)) / beyond
        return [least + math.floor((length - least) * share) for length in wanted]
    return [max(1, math.floor(room / len(texts)))] * len(texts)


def _starts(
    spoken: Sequence[int], lengths: Sequence[int], opens: int, closes: int, gap: int
) -> list[int]:
    """Each cue's start: its words' own, moved only as far as the cues beside it make it."""
    latest, limit = [], closes
    for length in reversed(lengths):
        latest.append(limit - length)
        limit -= length + gap
    starts, earliest = [], opens
    for start, last, length in zip(spoken, reversed(latest), lengths, strict=True):
        starts.append(max(earliest, min(start, last)))
        earliest = starts[-1] + length + gap
    return starts
