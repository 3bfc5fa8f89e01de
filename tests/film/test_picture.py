import math
import threading
from fractions import Fraction
from pathlib import Path

import av
import pytest
from film_material import SIZE, ffmpeg, frames_of, make_clip, make_timeline

from filmeto_core.errors import AssemblyError
from filmeto_core.film.clip_index import index_clip, read_facts
from filmeto_core.film.picture import Workshop, make_picture

NTSC = Fraction(24000, 1001)
STRIDE = 11  # every so many bytes are compared: enough to see a wrong frame, and quick
BLACK = bytes([16]) * (SIZE[0] * SIZE[1]) + bytes([128]) * (SIZE[0] * SIZE[1] // 2)


def picture_of(timeline, clips, folder: Path) -> Path:
    work = folder / "work"
    work.mkdir()
    out = folder / "picture.mp4"
    workshop = Workshop(timeline, work, threading.Event(), 2)
    make_picture(workshop, clips, out, lambda _done, _message: None)
    return out


def psnr(expected: bytes, got: bytes) -> float:
    squares = sum((a - b) ** 2 for a, b in zip(expected, got, strict=True))
    return math.inf if squares == 0 else 10 * math.log10(255**2 * len(got) / squares)


def thinned(frames: list[bytes]) -> list[bytes]:
    return [frame[::STRIDE] for frame in frames]


def mixed(a: bytes, b: bytes, share: float) -> bytes:
    return bytes(round(x + (y - x) * share) for x, y in zip(a, b, strict=True))


def expected_frames(timeline, clips):
    """The film as it should look, frame by frame."""
    sources = {shot: thinned(frames_of(path)) for shot, path in clips.items()}
    ending, before = timeline.frames - timeline.ending_frames, None
    for clip in timeline.clips:
        for n in range(clip.frames):
            frame, length = sources[clip.shot_id][n], clip.transition.frames
            if n < length and clip.transition.kind == "dissolve":
                outgoing = sources[before.shot_id][before.frames + n]
                frame = mixed(outgoing, frame, (n + 1) / (length + 1))
            elif n < length:
                frame = mixed(BLACK[::STRIDE], frame, n / length)
            if (faded := clip.start_frame + n - ending) >= 0:
                frame = mixed(frame, BLACK[::STRIDE], faded / (timeline.ending_frames - 1))
            yield frame
        before = clip


@pytest.mark.parametrize("rate", [NTSC, Fraction(30)])
def test_every_frame_at_every_joint_is_the_right_one(tmp_path, rate):
    timeline = make_timeline(
        (30, "fade-from-black", 10),
        (40, "dissolve", 12),
        (20, "cut", 0),
        (14, "dissolve", 7),
        (31, "dissolve", 14),
        rate=rate,
        ending=9,
    )
    clips = {
        c.shot_id: make_clip(tmp_path / f"{c.shot_id}.mp4", c.clip_frames, rate, hue=70 * i)
        for i, c in enumerate(timeline.clips)
    }
    got = thinned(frames_of(picture_of(timeline, clips, tmp_path)))
    assert len(got) == timeline.frames
    identical = 0
    pairs = zip(expected_frames(timeline, clips), got, strict=True)
    for n, (expected, frame) in enumerate(pairs):
        assert psnr(expected, frame) > 36, f"frame {n}"
        identical += frame == expected
    assert identical > 60  # those that no joint touches are copied, bit for bit
    assert got[-1] == BLACK[::STRIDE]


def test_times_of_a_joined_film_start_at_zero_and_never_stumble(tmp_path):
    timeline = make_timeline((30, "cut", 0), (29, "dissolve", 5), (17, "cut", 0), rate=NTSC)
    clips = {
        c.shot_id: make_clip(tmp_path / f"{c.shot_id}.mp4", c.clip_frames, NTSC)
        for c in timeline.clips
    }
    film = picture_of(timeline, clips, tmp_path)
    with av.open(str(film)) as container:
        packets = [p for p in container.demux(video=0) if p.pts is not None]
    decode_times = [p.dts for p in packets]
    assert decode_times == sorted(set(decode_times))
    assert all(p.dts <= p.pts for p in packets)
    ticks = sorted(p.pts * p.time_base * NTSC for p in packets)
    assert ticks == list(range(timeline.frames))
    with av.open(str(film)) as container:
        assert container.streams.video[0].average_rate == NTSC
        shown = [frame.pts for frame in container.decode(video=0)]
    assert shown == sorted(set(shown)) and len(shown) == timeline.frames


def test_film_has_one_set_of_headers_wherever_its_frames_come_from(tmp_path):
    timeline = make_timeline((13, "cut", 0), (13, "dissolve", 6))
    clips = {"a": make_clip(tmp_path / "a.mp4", 19), "b": make_clip(tmp_path / "b.mp4", 13)}
    film = picture_of(timeline, clips, tmp_path)
    facts = read_facts(film)
    assert facts.extradata == read_facts(clips["a"]).extradata
    assert (facts.matrix, facts.transfer) == (1, 1)


FOREIGN = {
    "other size and rate": ["-vf", "scale=400:400,fps=30", "-c:v", "libx264", "a.mp4"],
    "portrait": ["-vf", "scale=180:320", "-c:v", "libx264", "a.mp4"],
    "ten bits": ["-pix_fmt", "yuv420p10le", "-c:v", "libx264", "a.mp4"],
    "other codec": ["-c:v", "mpeg4", "a.avi"],
    "with transparency": ["-pix_fmt", "yuva420p", "-c:v", "libvpx-vp9", "-cpu-used", "8", "a.webm"],
    "uneven times": ["-vf", "setpts='(N+floor(N/3))/24/TB'", "-fps_mode", "vfr", "a.mkv"],
    "full range pictures": ["-pix_fmt", "yuvj444p", "-c:v", "mjpeg", "a.mov"],
    "too short": ["-frames:v", "5", "-c:v", "libx264", "a.mp4"],
    "long groups": ["-g", "250", "-c:v", "libx264", "a.mp4"],
    "wide pixels": ["-vf", "setsar=2", "-c:v", "libx264", "a.mp4"],
    "high dynamic range": [
        *("-vf", "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc"),
        *("-pix_fmt", "yuv420p10le", "-c:v", "libx264", "a.mp4"),
    ],
    "interlaced": ["-vf", "setfield=tff", "-flags", "+ilme+ildct", "-c:v", "libx264", "a.mp4"],
    "a picture": ["-frames:v", "1", "a.png"],
    "a gif": ["-vf", "scale=120:-2", "a.gif"],
}


@pytest.mark.parametrize("make", FOREIGN)
def test_clip_of_another_make_becomes_the_films(tmp_path, make):
    clip = tmp_path / FOREIGN[make][-1]
    source = f"testsrc2=s={SIZE[0]}x{SIZE[1]}:r=24:d=1.6"
    ffmpeg("-f", "lavfi", "-i", source, *FOREIGN[make][:-1], clip)
    timeline = make_timeline((20, "cut", 0), (14, "dissolve", 6))
    clips = {"a": clip, "b": make_clip(tmp_path / "b.mp4", 14, hue=90)}
    film = picture_of(timeline, clips, tmp_path)
    got = frames_of(film)
    assert len(got) == 34
    assert index_clip(film, Fraction(24), 34).frames == 34
    assert psnr(frames_of(clips["b"])[-1], got[-1]) == math.inf


def test_turned_clip_is_shown_upright(tmp_path):
    flat, turned = tmp_path / "flat.mp4", tmp_path / "turned.mp4"
    # Left half white, right half black; turned by a quarter it is white above or below.
    source = "color=white:s=180x320:r=24:d=1,drawbox=x=90:w=90:h=320:color=black:t=fill"
    ffmpeg("-f", "lavfi", "-i", source, "-c:v", "libx264", "-pix_fmt", "yuv420p", flat)
    ffmpeg("-display_rotation", "90", "-i", flat, "-c", "copy", turned)
    film = picture_of(make_timeline((12, "cut", 0)), {"a": turned}, tmp_path)
    frame = frames_of(film)[0]
    rows = (
        [frame[y * SIZE[0] + 60] for y in (40, 140)],
        [frame[y * SIZE[0] + 260] for y in (40, 140)],
    )
    assert rows[0] == rows[1] and abs(rows[0][0] - rows[0][1]) > 150


def test_own_encoding_that_is_turned_is_not_copied_unturned(tmp_path):
    flat = make_clip(tmp_path / "flat.mp4", 24)
    turned = tmp_path / "turned.mp4"
    ffmpeg("-display_rotation", "180", "-i", flat, "-c", "copy", turned)
    film = picture_of(make_timeline((24, "cut", 0)), {"a": turned}, tmp_path)
    upside_down = frames_of(flat)[5][: SIZE[0] * SIZE[1]][::-1]
    assert psnr(upside_down, frames_of(film)[5][: SIZE[0] * SIZE[1]]) > 30


def test_short_clip_holds_its_last_frame(tmp_path):
    clip = make_clip(tmp_path / "a.mp4", 10)
    got = frames_of(picture_of(make_timeline((16, "cut", 0)), {"a": clip}, tmp_path))
    last = frames_of(clip)[-1]
    assert len(got) == 16
    assert all(psnr(last, frame) > 36 for frame in got[10:])


def test_colours_of_an_untagged_small_clip_are_kept(tmp_path):
    clip = tmp_path / "a.mp4"
    # bt601 green in an untagged small picture, as encoders write it by default.
    ffmpeg(
        *("-f", "lavfi", "-i", "color=0x00C000:s=320x180:r=24:d=1", "-pix_fmt", "yuv420p"),
        *("-c:v", "libx264", clip),
    )
    film = picture_of(make_timeline((12, "cut", 0)), {"a": clip}, tmp_path)
    rgb = ffmpeg(
        *("-i", film, "-frames:v", "1", "-vf", "scale=1:1:in_color_matrix=bt709,format=rgb24"),
        *("-f", "rawvideo", "-"),
    )
    assert rgb[0] < 14 and abs(rgb[1] - 0xC0) < 8 and rgb[2] < 14


def test_damaged_clip_is_named_with_its_shot(tmp_path):
    clip = tmp_path / "broken.mp4"
    clip.write_bytes(b"\0" * 5000)
    with pytest.raises(AssemblyError) as caught:
        picture_of(make_timeline((12, "cut", 0)), {"a": clip}, tmp_path)
    assert caught.value.details["shot"] == "a"
    assert "broken.mp4" in str(caught.value)


def test_clip_without_a_picture_is_named_with_its_shot(tmp_path):
    clip = tmp_path / "song.wav"
    ffmpeg("-f", "lavfi", "-i", "sine=d=1", clip)
    with pytest.raises(AssemblyError, match=r"a: the clip .*song\.wav holds no picture"):
        picture_of(make_timeline((12, "cut", 0)), {"a": clip}, tmp_path)
