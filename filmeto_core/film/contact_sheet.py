"""The contact sheet: one frame of each shot with its id, time, length and narration."""

import math
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from PIL import Image, ImageDraw

from filmeto_core.film.ffmpeg import frame_picture
from filmeto_core.film.sheet_text import Font, elided, font, wrapped
from filmeto_core.film.shot_clip import ShotClip
from filmeto_core.film.timeline import Timeline
from filmeto_core.film.transition import TransitionKind

BACKGROUND = (22, 23, 26)
EDGE = (58, 60, 66)
BRIGHT = (244, 243, 239)
SOFT = (196, 196, 192)
MUTED = (142, 145, 152)
ACCENT = (232, 170, 72)

WIDTH_PX = 1920
LONE_WIDTH_PX = 1280  # a single shot
WIDE_WIDTH_PX = 2560  # from MANY_SHOTS on, so that each frame stays legible
MANY_SHOTS = 30
LEAST_FRAME_PX = (290, 210)  # width of a frame, landscape and portrait
SHAPE = 0.66  # height to width that is aimed at: a page, or a screen and a little
GOOD_MOMENT = 0.45  # of what is visible after the transition: the shot has settled by then
LINES = 4  # of a narration


@dataclass(frozen=True)
class Layout:
    """Columns of cells; all lengths in pixels."""

    width: int
    columns: int
    frame_width: int
    frame_height: int
    margin: int
    gap: int

    @property
    def letters(self) -> int:
        """The size of a narration's letters."""
        return max(16, min(24, round(self.frame_width / 21)))


def draw_contact_sheet(
    timeline: Timeline,
    clips: Mapping[str, Path],
    out: Path,
    *,
    title: str = "",
    profile: str = "",
) -> None:
    """Draw the film's contact sheet as a PNG.

    Raises:
        AssemblyError: A clip cannot be read.
    """
    layout = lay_out(timeline)
    frames = _frames(timeline, clips, layout)
    rows = [
        list(zip(timeline.clips, frames, strict=True))[i : i + layout.columns]
        for i in range(0, len(frames), layout.columns)
    ]
    header = header_height(layout)
    heights = [max(_cell_height(layout, clip) for clip, _ in row) for row in rows]
    height = header + sum(heights) + layout.gap * (len(rows) - 1) + layout.margin
    sheet = Image.new("RGB", (layout.width, height), BACKGROUND)
    draw_header(sheet, layout, title, _facts(timeline, profile))
    top = header
    for row, row_height in zip(rows, heights, strict=True):
        for column, (clip, frame) in enumerate(row):
            left = layout.margin + column * (layout.frame_width + layout.gap)
            _draw_cell(sheet, layout, timeline, clip, frame, (left, top))
        top += row_height + layout.gap
    out.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(out, "PNG")


def lay_out(timeline: Timeline) -> Layout:
    """The layout of a film's sheet."""
    return grid(len(timeline.clips), Fraction(timeline.height_px, timeline.width_px))


def grid(shots: int, shape: Fraction) -> Layout:
    """As many columns as give the sheet the shape of a page, with few empty places at its end.

    Args:
        shape: Height to width of a frame.
    """
    width = WIDTH_PX if shots < MANY_SHOTS else WIDE_WIDTH_PX
    width = LONE_WIDTH_PX if shots == 1 else width
    margin, gap = width // 40, width // 64

    def layout(columns: int) -> Layout:
        frame_width = (width - 2 * margin - (columns - 1) * gap) // columns
        return Layout(width, columns, frame_width, round(frame_width * shape), margin, gap)

    def unlike_a_page(columns: int) -> float:
        tried = layout(columns)
        cell = tried.frame_height + 5 * tried.letters + gap
        rows = math.ceil(shots / columns)
        empty = 1 - shots / (rows * columns)
        return abs(math.log((rows * cell) / (width * SHAPE))) + 1.5 * empty

    least = LEAST_FRAME_PX[shape > 1]
    most = max(1, min(shots, (width - 2 * margin + gap) // (least + gap)))
    return layout(min(range(min(2, most), most + 1), key=unlike_a_page))


def _frames(timeline: Timeline, clips: Mapping[str, Path], layout: Layout) -> list[Image.Image]:
    def frame(clip: ShotClip) -> Image.Image:
        start = clip.transition.frames
        number = start + int((clip.frames - start) * GOOD_MOMENT)
        size = (layout.frame_width, layout.frame_height)
        raw = frame_picture(clips[clip.shot_id], timeline.seconds(number), size, shot=clip.shot_id)
        return Image.frombytes("RGB", size, raw)

    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        return list(pool.map(frame, timeline.clips))


def header_height(layout: Layout) -> int:
    """What the title takes, in pixels."""
    return layout.margin * 3


def draw_header(sheet: Image.Image, layout: Layout, title: str, told: Sequence[str]) -> None:
    """Draw the title on the left, what is told of the film on the right."""
    draw = ImageDraw.Draw(sheet)
    large, small = font(layout.width // 42), font(layout.width // 92)
    base = layout.margin + layout.width // 42
    facts = " · ".join(told)
    right = layout.width - layout.margin
    room = right - layout.margin - small.getlength(facts) - layout.gap
    heading = elided(title.strip() or "Contact sheet", large, int(room))
    draw.text((layout.margin, base), heading, BRIGHT, large, anchor="ls")
    draw.text((right, base), facts, MUTED, small, anchor="rs")
    line = base + layout.margin // 2
    draw.line((layout.margin, line, right, line), EDGE, 2)
    draw.line((layout.margin, line, layout.margin * 3, line), ACCENT, 4)


def _facts(timeline: Timeline, profile: str) -> list[str]:
    shots = len(timeline.clips)
    facts = [
        clock(timeline.duration_s),
        f"{shots} shot{'' if shots == 1 else 's'}",
        f"{timeline.width_px} × {timeline.height_px}",
        f"{float(timeline.frame_rate):.3f}".rstrip("0").rstrip(".") + " fps",
    ]
    return [*facts, profile] if profile else facts


def clock(seconds: float) -> str:
    """A time as 1:02.5: minutes, seconds, tenths.

    >>> clock(62.54)
    '1:02.5'
    """
    tenths = round(seconds * 10)
    return f"{tenths // 600}:{tenths // 10 % 60:02}.{tenths % 10}"


def _narration(layout: Layout, clip: ShotClip) -> tuple[list[str], Font]:
    face = font(layout.letters)
    return wrapped(clip.narration or "", face, layout.frame_width, LINES), face


def line_height(letters: int) -> int:
    """Of letters of this size, in pixels."""
    return round(letters * 1.42)


def _cell_height(layout: Layout, clip: ShotClip) -> int:
    lines, _ = _narration(layout, clip)
    text = len(lines) * line_height(layout.letters)
    return layout.frame_height + line_height(layout.letters + 3) + layout.letters // 2 + text


def _draw_cell(
    sheet: Image.Image,
    layout: Layout,
    timeline: Timeline,
    clip: ShotClip,
    frame: Image.Image,
    corner: tuple[int, int],
) -> None:
    draw = ImageDraw.Draw(sheet)
    left, top = corner
    right, bottom = left + layout.frame_width, top + layout.frame_height
    sheet.paste(frame, corner)
    draw.rectangle((left - 1, top - 1, right, bottom), outline=EDGE)
    base = bottom + line_height(layout.letters + 2)
    small = font(layout.letters - 2)
    times = _times(timeline, clip, small, layout.frame_width)
    room = layout.frame_width - small.getlength(times) - layout.letters
    name = elided(clip.shot_id, font(layout.letters + 1), int(room))
    draw.text((left, base), name, BRIGHT, font(layout.letters + 1), anchor="ls")
    draw.text((right, base), times, ACCENT, small, anchor="rs")
    lines, face = _narration(layout, clip)
    for number, line in enumerate(lines, 1):
        at = (left, base + layout.letters // 3 + number * line_height(layout.letters))
        draw.text(at, line, SOFT, face, anchor="ls")


def _times(timeline: Timeline, clip: ShotClip, face: Font, width_px: int) -> str:
    """Where the shot starts, how long it lasts and, where there is room, how it comes in."""
    start, length = timeline.seconds(clip.start_frame), timeline.seconds(clip.frames)
    times = f"{clock(start)}  ·  {length:.1f} s"
    kind = clip.transition.kind
    if kind is TransitionKind.CUT:
        return times
    full = f"{kind.replace('-', ' ')}  ·  {times}"
    return full if face.getlength(full) < 0.62 * width_px else times
