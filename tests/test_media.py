"""What files are told to be, and which are refused."""

import asyncio
import functools
import io
import os
import re
import struct
import wave
import zlib
from fractions import Fraction
from pathlib import Path

import av
import imageio_ffmpeg
import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from filmeto_core import process
from filmeto_core.errors import ResourceProcessingError
from filmeto_core.media import MediaInfo, ending, probe, sniff
from filmeto_core.media_decode import Abandoned, ending_with_caller
from filmeto_core.signature import FORMATS
from tests.descriptors import open_about


def noise(size) -> Image.Image:
    random = numpy.random.default_rng(1)
    return Image.fromarray(random.integers(0, 255, size[::-1], dtype=numpy.uint8), "L")


def picture(path: Path, size=(48, 32), mode="RGB", **save) -> Path:
    noise(size).convert(mode).save(path, **save)
    return path


def sound(path: Path, seconds=1.0, rate=48000, channels=1) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"\x01\x10" * int(seconds * rate) * channels)
    return path


def clip(
    path: Path, frames=36, rate=Fraction(24000, 1001), size=(64, 48), codec="libx264", audio=None
) -> Path:
    """A clip of moving noise; `audio` names the codec of its sound."""
    random = numpy.random.default_rng(1)
    with av.open(str(path), "w") as out:
        video = out.add_stream(codec, rate=rate)
        video.width, video.height = size
        video.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        hum = out.add_stream(audio, rate=48000, layout="mono") if audio else None
        for _ in range(frames):
            shade = random.integers(0, 255, (size[1], size[0], 3), dtype=numpy.uint8)
            out.mux(video.encode(av.VideoFrame.from_ndarray(shade, "rgb24")))
        out.mux(video.encode(None))
        if hum:
            wave_ = numpy.zeros((1, int(48000 * frames / rate)), numpy.int16)
            piece = av.AudioFrame.from_ndarray(wave_, "s16", layout="mono")
            piece.sample_rate = 48000
            out.mux(hum.encode(piece))
            out.mux(hum.encode(None))
    return path


def encoded_sound(path: Path, codec: str, seconds=1.0, rate=48000) -> Path:
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=rate, layout="mono")
        samples = numpy.random.default_rng(1).integers(
            -9000, 9000, (1, int(rate * seconds)), dtype=numpy.int16
        )
        frame = av.AudioFrame.from_ndarray(samples, "s16", layout="mono")
        frame.sample_rate = rate
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def cut(path: Path, keep: float) -> Path:
    size = path.stat().st_size
    os.truncate(path, int(size * keep))
    return path


@pytest.mark.parametrize(
    ("name", "mode", "save", "mime_type"),
    [
        ("a.png", "RGB", {}, "image/png"),
        ("a.png", "I;16", {}, "image/png"),
        ("a.png", "P", {}, "image/png"),
        ("a.jpg", "RGB", {}, "image/jpeg"),
        ("a.jpg", "CMYK", {}, "image/jpeg"),
        ("a.gif", "P", {}, "image/gif"),
        ("a.webp", "RGBA", {}, "image/webp"),
        ("a.bmp", "RGB", {}, "image/bmp"),
        ("a.tiff", "RGB", {}, "image/tiff"),
        ("a.tiff", "CMYK", {"compression": "tiff_lzw"}, "image/tiff"),
        ("a.avif", "RGB", {}, "image/avif"),
    ],
)
def test_a_picture_of_any_common_format_is_told_with_its_size(
    tmp_path, name, mode, save, mime_type
):
    info = probe(picture(tmp_path / name, mode=mode, **save))
    assert info == MediaInfo(kind="image", mime_type=mime_type, width_px=48, height_px=32)


@pytest.mark.parametrize(
    "save",
    [
        {"quality": 5},
        {"quality": 95, "subsampling": 0},
        {"subsampling": 1, "progressive": True},
        {"restart_marker_blocks": 4},
        {"comment": b"x" * 5000},
    ],
)
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_no_kind_of_jpeg_is_taken_for_damaged(tmp_path, mode, save):
    path = picture(tmp_path / "a.jpg", size=(61, 43), mode=mode, **save)
    assert probe(path).width_px == 61
    path.write_bytes(path.read_bytes() + b"\0" * 700)
    assert probe(path).width_px == 61


def test_a_single_pixel_is_a_picture(tmp_path):
    assert probe(picture(tmp_path / "a.png", size=(1, 1))).width_px == 1


def test_a_picture_turned_by_exif_has_its_size_as_shown(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    info = probe(picture(tmp_path / "a.jpg", exif=exif))
    assert (info.width_px, info.height_px, info.rotation_deg) == (32, 48, 90)


def test_an_animated_gif_is_a_picture_of_several_frames(tmp_path):
    frames = [Image.new("RGB", (20, 20), (90 * i, 0, 0)) for i in range(3)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    info = probe(tmp_path / "a.gif")
    assert (info.kind, info.frames) == ("image", 3)


@pytest.mark.parametrize(
    ("name", "codec", "audio", "mime_type"),
    [
        ("a.mp4", "libx264", "aac", "video/mp4"),
        ("a.mov", "libx264", None, "video/quicktime"),
        ("a.mkv", "libx264", "aac", "video/x-matroska"),
        ("a.webm", "libvpx-vp9", "libopus", "video/webm"),
        ("a.avi", "mpeg4", None, "video/x-msvideo"),
    ],
)
def test_a_clip_is_told_with_exact_rate_frames_and_sound(tmp_path, name, codec, audio, mime_type):
    info = probe(clip(tmp_path / name, codec=codec, audio=audio))
    assert (info.kind, info.mime_type) == ("video", mime_type)
    assert (info.frame_rate, info.frames) == (Fraction(24000, 1001), 36)
    assert info.duration_s == pytest.approx(36 * 1001 / 24000, abs=0.002)
    assert (info.width_px, info.height_px) == (64, 48)
    assert info.has_audio is bool(audio)
    assert info.sample_rate_hz == (48000 if audio else None)


def test_a_clip_held_upright_has_its_size_as_shown(tmp_path):
    flat, turned = clip(tmp_path / "a.mp4"), tmp_path / "b.mp4"
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    process.run([ffmpeg, "-display_rotation", "270", "-i", str(flat), "-c", "copy", str(turned)])
    info = probe(turned)
    assert (info.width_px, info.height_px, info.rotation_deg) == (48, 64, 90)
    assert probe(turned, decode=False) == info


def test_the_frame_rate_travels_as_a_fraction(tmp_path):
    info = probe(clip(tmp_path / "a.mp4"))
    assert info.to_dict()["frame_rate"] == "24000/1001"
    assert MediaInfo.from_dict(info.to_dict()) == info


def test_a_high_sample_rate_is_exact_in_a_wav(tmp_path):
    info = probe(sound(tmp_path / "a.wav", seconds=0.5, rate=192_000, channels=2))
    assert info == MediaInfo(
        kind="audio",
        mime_type="audio/wav",
        duration_s=0.5,
        sample_rate_hz=192_000,
        channels=2,
        has_audio=True,
    )


@pytest.mark.parametrize(
    ("name", "codec", "mime_type"),
    [
        ("a.mp3", "libmp3lame", "audio/mpeg"),
        ("a.flac", "flac", "audio/flac"),
        ("a.m4a", "aac", "audio/mp4"),
        ("a.mp4", "aac", "audio/mp4"),
        ("a.aac", "aac", "audio/aac"),
        ("a.opus", "libopus", "audio/opus"),
        ("a.webm", "libopus", "audio/webm"),
    ],
)
def test_a_container_with_sound_alone_is_a_sound(tmp_path, name, codec, mime_type):
    info = probe(encoded_sound(tmp_path / name, codec))
    assert (info.kind, info.mime_type, info.channels) == ("audio", mime_type, 1)
    assert info.duration_s == pytest.approx(1, abs=0.08)


def test_the_content_counts_and_not_the_ending(tmp_path):
    path = sound(tmp_path / "a.wav").rename(tmp_path / "a.png")
    assert probe(path).kind == "audio"


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.gif", "a.webp", "a.bmp", "a.tiff", "a.avif"])
def test_a_cut_off_picture_is_refused(tmp_path, name):
    path = cut(picture(tmp_path / name, size=(200, 200)), 0.6)
    with pytest.raises(ResourceProcessingError, match="damaged or cut off"):
        probe(path)


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp4", "libx264"), ("a.mkv", "libx264"), ("a.avi", "mpeg4"), ("a.webm", "libvpx-vp9")],
)
@pytest.mark.parametrize("keep", [0.02, 0.5, 0.95])
def test_a_cut_off_clip_is_refused(tmp_path, name, codec, keep):
    path = cut(clip(tmp_path / name, codec=codec), keep)
    with pytest.raises(ResourceProcessingError, match="damaged or cut off"):
        probe(path)


def test_a_cut_off_faststart_clip_is_refused(tmp_path):
    whole = clip(tmp_path / "whole.mp4", audio="aac")
    with (
        av.open(str(whole)) as source,
        av.open(
            str(tmp_path / "a.mp4"), "w", container_options={"movflags": "faststart"}
        ) as target,
    ):
        streams = {s.index: target.add_stream_from_template(s) for s in source.streams}
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                target.mux(packet)
    assert probe(tmp_path / "a.mp4").frames == 36
    with pytest.raises(ResourceProcessingError, match="bytes are missing at its end"):
        probe(cut(tmp_path / "a.mp4", 0.9))


@pytest.mark.parametrize(("name", "codec"), [("a.wav", "pcm_s16le"), ("a.flac", "flac")])
def test_a_cut_off_sound_is_refused(tmp_path, name, codec):
    path = cut(encoded_sound(tmp_path / name, codec), 0.7)
    with pytest.raises(ResourceProcessingError, match="damaged or cut off"):
        probe(path)


def test_a_flac_cut_between_two_of_its_frames_is_refused(tmp_path):
    path = encoded_sound(tmp_path / "a.flac", "flac")
    with av.open(str(path)) as file:
        starts = [p.pos for p in file.demux() if p.size]
    os.truncate(path, starts[len(starts) // 2])
    with pytest.raises(ResourceProcessingError, match="samples are missing at its end"):
        probe(path)


def test_a_clip_whose_end_is_garbage_is_refused(tmp_path):
    path = clip(tmp_path / "a.mp4")
    data = bytearray(path.read_bytes())
    at = data.index(b"mdat") + 4
    data[at : at + 3000] = b"\xa5" * 3000
    path.write_bytes(data)
    with pytest.raises(ResourceProcessingError, match="damaged or cut off"):
        probe(path)


def spoilt(path: Path, at: float, size: int = 4096) -> Path:
    """Change a region of a file, of a disk's sector by default, so far into the whole."""
    data = bytearray(path.read_bytes())
    start = int(len(data) * at)
    data[start : start + size] = bytes(b ^ 0xA5 for b in data[start : start + size])
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp4", "libx264"), ("a.avi", "mpeg4"), ("a.mov", "mjpeg")],
)
@pytest.mark.parametrize("at", [0.4, 0.5, 0.6])
def test_a_clip_that_is_damaged_in_its_middle_is_refused_with_the_time(tmp_path, name, codec, at):
    path = spoilt(clip(tmp_path / name, frames=120, size=(160, 96), codec=codec), at)
    with pytest.raises(
        ResourceProcessingError, match=r"damaged or cut off \(at \d\.\d s: "
    ) as error:
        probe(path)
    seconds = float(re.search(r"at (\d\.\d) s", str(error.value))[1])
    assert seconds == pytest.approx(5 * at, abs=1)


@pytest.mark.parametrize("at", [0.3, 0.7])
def test_a_matroska_clip_that_is_damaged_in_its_middle_is_refused(tmp_path, at):
    path = spoilt(clip(tmp_path / "a.mkv", frames=120, size=(160, 96)), at)
    with pytest.raises(ResourceProcessingError, match=r"its last \d\.\d s cannot be read"):
        probe(path)


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.mp3", "libmp3lame"),
        ("a.m4a", "aac"),
        ("a.flac", "flac"),
        ("a.opus", "libopus"),
        ("a.aac", "aac"),
    ],
)
def test_a_sound_that_is_damaged_in_its_middle_is_refused(tmp_path, name, codec):
    path = spoilt(encoded_sound(tmp_path / name, codec, seconds=4), 0.5, 2000)
    with pytest.raises(ResourceProcessingError, match="damaged or cut off"):
        probe(path)


@pytest.mark.parametrize("at", [0.02, 0.3, 0.6, 0.99])
def test_a_single_bit_in_an_ogg_file_is_found(tmp_path, at):
    path = encoded_sound(tmp_path / "a.opus", "libopus")
    assert probe(path).duration_s == pytest.approx(1, abs=0.08)
    data = bytearray(path.read_bytes())
    data[int(len(data) * at)] ^= 4
    path.write_bytes(data)
    with pytest.raises(
        ResourceProcessingError, match="no page at byte|not what was written|not wh"
    ):
        probe(path)


def test_an_ogg_file_with_a_tag_behind_its_end_is_used(tmp_path):
    path = encoded_sound(tmp_path / "a.opus", "libopus")
    path.write_bytes(path.read_bytes() + b"TAG" + bytes(125))
    assert probe(path).kind == "audio"
    with pytest.raises(ResourceProcessingError, match="its last page is not whole"):
        probe(cut(path, 0.8))


def test_the_sound_of_a_clip_is_decoded_whole_too(tmp_path):
    path = clip(tmp_path / "a.mp4", frames=48, audio="aac")
    with av.open(str(path)) as file:
        at = [p.pos for p in file.demux(audio=0) if p.size][20]
    data = bytearray(path.read_bytes())
    data[at : at + 12] = b"\xff" * 12
    path.write_bytes(data)
    with pytest.raises(ResourceProcessingError, match="damaged or cut off"):
        probe(path)


@pytest.mark.parametrize(
    "make",
    [
        lambda folder: clip(folder / "a.mp4", frames=48, audio="aac"),
        lambda folder: clip(folder / "a.webm", codec="libvpx-vp9", audio="libopus"),
        lambda folder: encoded_sound(folder / "a.mp3", "libmp3lame"),
        lambda folder: encoded_sound(folder / "a.flac", "flac"),
        lambda folder: encoded_sound(folder / "a.opus", "libopus"),
        lambda folder: sound(folder / "a.wav"),
        lambda folder: picture(folder / "a.jpg"),
    ],
)
def test_of_what_is_trusted_the_same_is_told(tmp_path, make):
    path = make(tmp_path)
    assert probe(path, trusted=True) == probe(path)


def test_of_a_trusted_clip_the_key_frames_are_still_decoded(tmp_path):
    path = spoilt(clip(tmp_path / "a.mp4", frames=24, size=(160, 96)), 0.02, 8000)
    with pytest.raises(ResourceProcessingError, match="damaged or cut off"):
        probe(path, trusted=True)


def test_decoding_ends_soon_when_its_caller_has_gone(tmp_path):
    path = clip(tmp_path / "a.mp4", frames=48)

    async def scene():
        with ending_with_caller():
            work = asyncio.create_task(asyncio.to_thread(probe, path))
            await asyncio.sleep(0)
        return await asyncio.gather(work, return_exceptions=True)

    assert [type(e) for e in asyncio.run(scene())] == [Abandoned]


def test_a_wav_written_before_its_length_was_known_is_used(tmp_path):
    path = sound(tmp_path / "a.wav")
    data = bytearray(path.read_bytes())
    data[4:8] = data[40:44] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    assert probe(path).duration_s == pytest.approx(1)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", r"empty \(0 bytes\)"),
        (b"<!DOCTYPE html><title>404</title>", "a web page"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "vector drawing"),
        (b"<svg/>", "vector drawing"),
        (b"%PDF-1.7", "PDF"),
        (b"#EXTM3U\nhttp://example.com/a.ts", "playlist"),
        (b"ffconcat version 1.0\nfile /etc/passwd", "text"),
        (b"dear diary", "text"),
        (b"\x00\x01\x02\x03", "unknown bytes"),
        (b"PK\x03\x04", "ZIP"),
        (b"\x00\x00\x00\x18ftypheic\0\0\0\0mif1heic", "HEIF"),
    ],
)
def test_what_is_no_media_is_refused_by_its_name(tmp_path, content, said):
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(ResourceProcessingError, match=said) as refused:
        probe(tmp_path / "a.png")
    assert str(tmp_path / "a.png") in str(refused.value)
    assert refused.value.hint


@pytest.mark.parametrize("mime_type", [m for m in FORMATS if m != "image/heif"])
def test_a_signature_followed_by_rubbish_is_refused(tmp_path, mime_type):
    heads = {
        "png": b"\x89PNG\r\n\x1a\n",
        "jpeg": b"\xff\xd8\xff\xe0",
        "gif": b"GIF89a",
        "webp": b"RIFF\x20\0\0\0WEBP",
        "bmp": b"BM\0\0\0\0\0\0\0\0\0\0\0\0\x28\0\0\0",
        "tiff": b"II*\0",
        "avif": b"\0\0\0\x18ftypavif",
        "mp4": b"\0\0\0\x18ftypisom",
        "quicktime": b"\0\0\0\x18ftypqt  ",
        "wav": b"RIFF\x20\0\0\0WAVE",
        "x-msvideo": b"RIFF\x20\0\0\0AVI ",
        "flac": b"fLaC",
        "mpeg": b"ID3",
        "ogg": b"OggS",
        "opus": b"OggS" + b"\0" * 24 + b"OpusHead",
        "aac": b"\xff\xf1",
        "aiff": b"FORM\0\0\0\x20AIFF",
    }
    head = heads.get(mime_type.split("/")[1], b"\x1aE\xdf\xa3\x80webm")
    (tmp_path / "a").write_bytes(head + bytes(range(256)) * 4)
    with pytest.raises(ResourceProcessingError, match="damaged|without picture or sound"):
        probe(tmp_path / "a")


def test_a_decompression_bomb_is_refused_before_it_is_decoded(tmp_path):
    head = struct.pack(">II5B", 100_000, 100_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head))
    body = zlib.compress(b"\0" * 1000)
    data = (
        struct.pack(">I", len(body))
        + b"IDAT"
        + body
        + struct.pack(">I", zlib.crc32(b"IDAT" + body))
    )
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunk + data)
    with pytest.raises(ResourceProcessingError, match="100000x100000 pixels"):
        probe(tmp_path / "a.png")


def test_the_limit_of_pixels_is_the_callers(tmp_path):
    path = picture(tmp_path / "a.png", size=(100, 100))
    with pytest.raises(ResourceProcessingError, match="FILMETO_MAX_IMAGE_PIXELS"):
        probe(path, max_pixels=9_999)
    assert probe(path, max_pixels=10_000).width_px == 100
    with pytest.raises(ResourceProcessingError, match="64x48 pixels"):
        probe(clip(tmp_path / "a.mp4"), max_pixels=1000)


def test_a_picture_of_150_million_pixels_is_used_where_the_limit_allows(tmp_path):
    path = tmp_path / "a.png"
    Image.new("1", (15_000, 10_000)).save(path)
    assert probe(path, max_pixels=200_000_000).width_px == 15_000


def test_a_fifo_a_folder_and_a_missing_path_are_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    for path, said in [
        (tmp_path / "fifo", "not a regular file"),
        (tmp_path, "not a regular file"),
        (Path("/dev/null"), "not a regular file"),
        (tmp_path / "gone", "No such file"),
    ]:
        with pytest.raises(ResourceProcessingError, match=said):
            probe(path)


def test_headers_alone_tell_the_same_of_a_whole_file(tmp_path):
    path = clip(tmp_path / "a.mp4", audio="aac")
    assert probe(path, decode=False) == probe(path)


def test_no_descriptor_stays_open(tmp_path):
    good, bad = clip(tmp_path / "a.mp4"), tmp_path / "bad.mp4"
    bad.write_bytes(good.read_bytes()[:900])
    image = picture(tmp_path / "a.png")
    probe(image), probe(good)
    before = open_about(tmp_path)
    for _ in range(5):
        probe(image), probe(good)
        with pytest.raises(ResourceProcessingError):
            probe(bad)
    assert open_about(tmp_path) == before


def test_every_format_has_an_ending_of_its_own():
    endings = [ending(mime_type) for mime_type in FORMATS]
    assert len(set(endings)) == len(endings)
    assert all(e.startswith(".") for e in endings)


@given(st.binary(max_size=64))
def test_no_bytes_upset_the_sniffer(head):
    assert sniff(head) is None or sniff(head) in FORMATS


@functools.cache  # once: zlib's output is not the same at every run
def encoded(kind: str) -> bytes:
    buffer = io.BytesIO()
    noise((16, 16)).save(buffer, kind)
    return buffer.getvalue()


@settings(deadline=None)
@given(st.data())
def test_a_picture_with_bytes_changed_is_used_or_refused_never_a_crash(tmp_path_factory, data):
    content = bytearray(encoded(data.draw(st.sampled_from(["PNG", "GIF", "TIFF"]))))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "changed"
    path.write_bytes(content)
    try:
        assert probe(path).mime_type in FORMATS
    except ResourceProcessingError as refused:
        assert refused.hint
