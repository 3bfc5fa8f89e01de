"""The table of odd inputs: what each file is, how it is made, and what becomes of it.

Facts are those of `MediaInfo`; a text is what the refusal says. docs/inputs.md tells it to people.
"""

import io
import zipfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import odd_pictures as pictures
import odd_streams as streams
import pytest

Outcome = dict[str, object] | str
Row = tuple[Callable[[Path], Path], Outcome]


UPRIGHT = {"kind": "image", "width_px": 48, "height_px": 64}
CUT_OFF = "damaged or cut off"
CLIP = {"kind": "video", "width_px": 96, "height_px": 64}


def file(name: str, content: Callable[[], bytes] | bytes) -> Callable[[Path], Path]:
    """Makes a file of this content."""

    def make(folder: Path) -> Path:
        (folder / name).write_bytes(content if isinstance(content, bytes) else content())
        return folder / name

    return make


def stream(maker: Callable[..., Path], name: str, *arguments, **options) -> Callable[[Path], Path]:
    """Makes a clip or sound with one of the makers."""
    return lambda folder: maker(folder / name, *arguments, **options)


def after(change: Callable[..., Path], make: Callable[[Path], Path], *arguments):
    """Makes a file, then spoils it."""
    return lambda folder: change(make(folder), *arguments)


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr("a.png", pictures.saved(pictures.scene(), "PNG"))
    return buffer.getvalue()


PNG = pictures.saved(pictures.scene(), "PNG")
JPEG = pictures.saved(pictures.scene(), "JPEG")
SCRIPT = b"<script>alert(document.cookie)</script>"

CUT_PICTURES: dict[str, Row] = {
    f"{kind} cut off": (file(f"a.{kind.lower()}", lambda k=kind: pictures.cut(k)), CUT_OFF)
    for kind in ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "AVIF")
}
SPOILT_PICTURES: dict[str, Row] = {
    f"{kind} damaged in its middle": (
        file(f"a.{kind.lower()}", lambda k=kind: pictures.spoilt(k)),
        CUT_OFF,
    )
    for kind in ("PNG", "JPEG")
}
TURNED: dict[str, Row] = {
    f"JPEG turned by EXIF {n}": (file("a.jpg", lambda n=n: pictures.turned(n)), UPRIGHT)
    for n in range(1, 9)
} | {
    f"{kind} turned by EXIF {n}": (
        file("a", lambda kind=kind, n=n: pictures.turned(n, kind)),
        {**UPRIGHT, "rotation_deg": 90 if n == 6 else 270},
    )
    for kind in ("PNG", "WEBP", "TIFF", "AVIF")
    for n in (6, 8)
}
ODD_PICTURES: dict[str, Row] = {
    "zero bytes": (file("a.png", b""), r"is empty \(0 bytes\)"),
    "one byte": (file("a.png", b"\x89"), "no picture, clip or sound"),
    "one pixel, PNG": (
        file("a.png", lambda: pictures.saved(pictures.scene((1, 1)), "PNG")),
        {"width_px": 1, "height_px": 1},
    ),
    "one pixel, GIF": (
        file("a.gif", lambda: pictures.saved(pictures.scene((1, 1)), "GIF")),
        {"width_px": 1, "frames": None},
    ),
    "a strip of one pixel's height": (
        file("a.png", lambda: pictures.saved(pictures.scene((4000, 1)), "PNG")),
        {"width_px": 4000, "height_px": 1},
    ),
    "PNG named .jpg": (file("a.jpg", PNG), {**UPRIGHT, "mime_type": "image/png"}),
    "JPEG without ending": (file("a", JPEG), {**UPRIGHT, "mime_type": "image/jpeg"}),
    "JPEG named .mp4": (file("a.mp4", JPEG), UPRIGHT),
    "PNG and ZIP in one": (file("a.png", lambda: PNG + archive()), UPRIGHT),
    "JPEG and web page in one": (file("a.jpg", JPEG + b"<html>" + SCRIPT), UPRIGHT),
    "GIF that is a script": (file("a.gif", pictures.gif_that_is_a_script), {"kind": "image"}),
    "PNG with a script in its text": (
        file("a.png", lambda: pictures.with_text(SCRIPT.decode())),
        UPRIGHT,
    ),
    "JPEG and clip in one, as phones make it": (
        lambda folder: file("a.jpg", JPEG + streams.clip(folder / "a.mp4").read_bytes())(folder),
        UPRIGHT,
    ),
    "web page that begins as a picture": (file("a.png", b"GIF<html>" + SCRIPT), "it holds text"),
    "ZIP with a picture": (file("a.png", archive), "a ZIP archive"),
    "PNG of 100,000 x 100,000": (
        file("a.png", lambda: pictures.png(100_000, 100_000, 8, 2)),
        "100000x100000 pixels, more than the 100,000,000 allowed",
    ),
    "PNG of 0 x 0": (file("a.png", lambda: pictures.png(0, 0)), "cannot be decoded|damaged"),
    "PNG of one pixel and 4 billion": (
        file("a.png", lambda: pictures.png(2**31 - 1, 1)),
        "2147483647x1 pixels",
    ),
    "PNG whose text unfolds": (
        file("a.png", lambda: pictures.bomb_chunk(b"zTXt")),
        "unfolds to a huge one.*without its metadata",
    ),
    "PNG whose international text unfolds": (
        file("a.png", lambda: pictures.bomb_chunk(b"iTXt")),
        "unfolds to a huge one",
    ),
    "PNG whose colour profile unfolds": (
        file("a.png", lambda: pictures.bomb_chunk(b"iCCP")),
        "unfolds to a huge one",
    ),
    "WebP of the largest canvas": (
        file("a.webp", lambda: pictures.webp_canvas(16383, 16383)),
        "more pixels than can be decoded",
    ),
    "WebP of 9,000 x 9,000 in few bytes": (
        file("a.webp", lambda: pictures.webp_canvas(9000, 9000)),
        r"unfolds \d+ bytes to 9000x9000 pixels, as no real picture does",
    ),
    "GIF of a million pictures": (
        file("a.gif", lambda: pictures.gif_of_parts(600_000)),
        "is a GIF of more than 1,000,000 parts",
    ),
    "TIFF of 60,000 x 60,000": (
        file("a.tiff", lambda: pictures.tiff_grey(60_000, 60_000)),
        "60000x60000 pixels",
    ),
    "TIFF with one endless strip": (
        file("a.tiff", lambda: pictures.tiff_grey(80, 60, strip_rows=2**32 - 1)),
        {"width_px": 80, "height_px": 60},
    ),
    "TIFF whose strips lie behind its end": (
        file("a.tiff", lambda: pictures.tiff_grey(2000, 2000)),
        CUT_OFF,
    ),
    "raw file of a camera (DNG)": (
        file("a.dng", lambda: pictures.tiff_grey(80, 60, (50706, 1, 4, 0x00000401))),
        "a camera's raw file",
    ),
    "preview of a raw file": (
        file("a.nef", lambda: pictures.tiff_grey(80, 60, (254, 4, 1, 1))),
        "a camera's raw file",
    ),
    "CMYK JPEG": (
        file("a.jpg", lambda: pictures.saved(pictures.scene().convert("CMYK"), "JPEG")),
        UPRIGHT,
    ),
    "CMYK TIFF": (
        file("a.tiff", lambda: pictures.saved(pictures.scene().convert("CMYK"), "TIFF")),
        UPRIGHT,
    ),
    "progressive JPEG": (
        file("a.jpg", lambda: pictures.saved(pictures.scene(), "JPEG", progressive=True)),
        UPRIGHT,
    ),
    "16 bit PNG, colour": (file("a.png", pictures.sixteen_bit_rgb), UPRIGHT),
    "16 bit PNG, grey": (file("a.png", pictures.sixteen_bit_grey), UPRIGHT),
    "palette with a see-through entry": (file("a.png", pictures.palette_with_alpha), UPRIGHT),
    "PNG of one bit": (
        file("a.png", lambda: pictures.saved(pictures.scene().convert("1"), "PNG")),
        UPRIGHT,
    ),
    "picture with a colour profile": (file("a.png", pictures.with_profile), UPRIGHT),
    "picture with a broken colour profile": (
        file("a.jpg", lambda: pictures.saved(pictures.scene(), "JPEG", icc_profile=b"none")),
        UPRIGHT,
    ),
    "animated GIF": (file("a.gif", lambda: pictures.animated("GIF")), {**UPRIGHT, "frames": 3}),
    "animated WebP": (file("a.webp", lambda: pictures.animated("WEBP")), {**UPRIGHT, "frames": 3}),
    "animated PNG": (file("a.png", lambda: pictures.animated("PNG")), {**UPRIGHT, "frames": 3}),
    "TIFF of three pages": (
        file("a.tiff", lambda: pictures.animated("TIFF")),
        {**UPRIGHT, "frames": None},
    ),
    "HEIF without a decoder": (
        file("a.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200)),
        "is HEIF.*Convert it to JPEG or PNG",
    ),
    "JPEG XL": (file("a.jxl", b"\xff\x0a" + bytes(100)), "a JPEG XL picture"),
    "JPEG 2000": (
        file("a.jp2", b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(100)),
        "a JPEG 2000 picture",
    ),
    "vector drawing": (
        file("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>'),
        "a vector drawing",
    ),
    "icon": (
        file("a.ico", lambda: pictures.saved(pictures.scene((32, 32)), "ICO")),
        "an icon",
    ),
    "Photoshop document": (file("a.psd", b"8BPS\0\1" + bytes(100)), "a Photoshop document"),
}
ODD_CLIPS: dict[str, Row] = {
    "uneven frame times": (
        stream(streams.uneven, "a.mp4"),
        {**CLIP, "frames": 32, "duration_s": pytest.approx(2, abs=0.13)},
    ),
    "clip without sound": (
        stream(streams.clip, "a.mp4"),
        {**CLIP, "has_audio": False, "frames": 48, "frame_rate": Fraction(24)},
    ),
    "clip with sound": (stream(streams.clip, "a.mp4", sound=True), {**CLIP, "has_audio": True}),
    "odd size": (
        stream(streams.clip, "a.mp4", "-vf", "scale=97:65", "-pix_fmt", "yuv444p"),
        {"width_px": 97, "height_px": 65},
    ),
    "one frame": (
        stream(streams.clip, "a.mp4", "-frames:v", "1"),
        {**CLIP, "frames": 1, "duration_s": pytest.approx(1 / 24, abs=0.001)},
    ),
    "clip turned by 90": (
        stream(streams.turned, "a.mp4", 90),
        {"width_px": 64, "height_px": 96, "rotation_deg": 270},
    ),
    "clip turned by 180": (stream(streams.turned, "a.mp4", 180), {**CLIP, "rotation_deg": 180}),
    "clip turned by 270": (
        stream(streams.turned, "a.mov", 270),
        {"width_px": 64, "height_px": 96, "rotation_deg": 90},
    ),
    "clip cut without encoding (edit list)": (
        stream(streams.copied, "a.mp4", before=("-ss", "0.7")),
        {**CLIP, "duration_s": pytest.approx(1.3, abs=0.1)},
    ),
    "clip that starts late": (
        stream(streams.copied, "a.mp4", "-copyts", before=("-itsoffset", "5")),
        {**CLIP, "duration_s": pytest.approx(2, abs=0.1)},
    ),
    "clip without a frame rate": (
        stream(streams.copied, "a.mkv", "-bsf:v", "setts=duration=0"),
        {**CLIP, "frames": 48},
    ),
    "clip in pieces (fragmented MP4)": (
        stream(streams.clip, "a.mp4", "-movflags", "frag_keyframe+empty_moov", "-g", "12"),
        {**CLIP, "frames": 48},
    ),
    "clip whose length was never written (live WebM)": (
        stream(streams.copied, "a.mkv", "-live", "1"),
        {**CLIP, "frames": 48},
    ),
    "clip of wide pixels": (stream(streams.clip, "a.mp4", "-vf", "setsar=2"), {"kind": "video"}),
    "MP4 with a script behind it": (
        after(
            lambda path: file(path.name, path.read_bytes() + SCRIPT)(path.parent),
            stream(streams.clip, "a.mp4"),
        ),
        CLIP,
    ),
    "MP4 of sound alone": (
        stream(streams.sound, "a.mp4", "-c:a", "aac"),
        {"kind": "audio", "mime_type": "audio/mp4"},
    ),
    "MP4 without a list of its frames": (stream(streams.without_index, "a.mp4"), CUT_OFF),
    "MP4 without a single frame": (
        stream(streams.clip, "a.mp4", "-frames:v", "0", "-movflags", "empty_moov"),
        CUT_OFF,
    ),
    "MP4 cut off": (after(streams.cut, stream(streams.clip, "a.mp4"), 0.6), CUT_OFF),
    "MOV cut off": (after(streams.cut, stream(streams.clip, "a.mov"), 0.6), CUT_OFF),
    "MKV cut off": (after(streams.cut, stream(streams.clip, "a.mkv"), 0.6), CUT_OFF),
    "WebM cut off": (
        after(
            streams.cut,
            stream(streams.noisy, "a.webm", "-c:v", "libvpx-vp9", "-cpu-used", "8"),
            0.6,
        ),
        CUT_OFF,
    ),
    "AVI cut off": (
        after(streams.cut, stream(streams.noisy, "a.avi", "-c:v", "mpeg4"), 0.6),
        CUT_OFF,
    ),
    "MP4 damaged in its middle": (
        after(streams.spoilt, stream(streams.noisy, "a.mp4", *streams.H264), 0.5),
        r"damaged or cut off \(at \d\.\d s",
    ),
    "MP4 whose index is damaged": (
        after(streams.spoilt, stream(streams.clip, "a.mp4"), 0.98, 200),
        "damaged|without picture or sound",
    ),
    "transport stream": (stream(streams.clip, "a.ts"), "an MPEG transport stream"),
    "Flash video": (stream(streams.clip, "a.flv"), "a Flash video"),
    "Windows Media": (
        stream(streams.clip, "a.wmv", "-c:v", "wmv2"),
        "a Windows Media file",
    ),
    "MPEG programme stream": (
        stream(streams.clip, "a.mpg", "-c:v", "mpeg2video", "-q:v", "4"),
        "an MPEG programme stream",
    ),
    "list of other files": (
        file("a.mp4", b"ffconcat version 1.0\nfile /etc/passwd\n"),
        "it holds text",
    ),
    "playlist": (file("a.mp4", b"#EXTM3U\nhttp://127.0.0.1/a.ts\n"), "a playlist"),
}
ODD_SOUNDS: dict[str, Row] = {
    "192 kHz": (
        stream(streams.sound, "a.wav", "-ar", "192000"),
        {"kind": "audio", "sample_rate_hz": 192_000, "duration_s": pytest.approx(1)},
    ),
    "8 channels": (
        stream(streams.sound, "a.wav", "-ac", "8"),
        {"kind": "audio", "channels": 8, "duration_s": pytest.approx(1)},
    ),
    "8 channels of FLAC": (stream(streams.sound, "a.flac", "-ac", "8"), {"channels": 8}),
    "one sample": (
        stream(streams.samples, "a.wav", 1),
        {"kind": "audio", "sample_rate_hz": 48_000},
    ),
    "no sample": (stream(streams.samples, "a.wav", 0), "holds no|cannot be decoded"),
    "WAV of floats": (
        stream(streams.sound, "a.wav", "-c:a", "pcm_f32le"),
        {"kind": "audio", "duration_s": pytest.approx(1)},
    ),
    "WAV of 8 bits": (stream(streams.sound, "a.wav", "-c:a", "pcm_u8"), {"kind": "audio"}),
    "WAV of 8 kHz, A-law": (
        stream(streams.sound, "a.wav", "-c:a", "pcm_alaw", "-ar", "8000"),
        {"kind": "audio", "sample_rate_hz": 8000},
    ),
    "WAV over 4 GB in its header (RF64)": (
        stream(streams.sound, "a.wav", "-rf64", "always"),
        {"kind": "audio", "duration_s": pytest.approx(1)},
    ),
    "AIFF": (stream(streams.sound, "a.aiff"), {"kind": "audio", "mime_type": "audio/aiff"}),
    "MP3 with a picture of its record": (
        lambda folder: streams.with_cover(folder / "a.mp3", PNG),
        {"kind": "audio", "mime_type": "audio/mpeg"},
    ),
    "M4A with a picture of its record": (
        lambda folder: streams.with_cover(folder / "a.m4a", PNG),
        {"kind": "audio", "mime_type": "audio/mp4"},
    ),
    "AAC with an MP3's tag before it": (
        stream(streams.tagged, "a.aac"),
        {"kind": "audio", "mime_type": "audio/aac"},
    ),
    "FLAC with an MP3's tag before it": (
        stream(streams.tagged, "a.flac"),
        {"kind": "audio", "mime_type": "audio/flac", "duration_s": pytest.approx(1)},
    ),
    "WAV named .mp3": (
        after(
            lambda path: path.rename(path.with_suffix(".mp3")),
            stream(streams.samples, "a.wav", 480),
        ),
        {"mime_type": "audio/wav"},
    ),
    "WAV cut off": (after(streams.cut, stream(streams.samples, "a.wav", 48_000), 0.6), CUT_OFF),
    "FLAC cut off": (after(streams.cut, stream(streams.sound, "a.flac"), 0.6), CUT_OFF),
    "MP3 damaged in its middle": (
        after(streams.spoilt, stream(streams.sound, "a.mp3", seconds=4), 0.5),
        CUT_OFF,
    ),
    "notes without sound (MIDI)": (
        file("a.mid", b"MThd\0\0\0\x06\0\0\0\1\0\x60" + bytes(40)),
        "notes without sound",
    ),
}
TABLE = {
    **CUT_PICTURES,
    **SPOILT_PICTURES,
    **TURNED,
    **ODD_PICTURES,
    **ODD_CLIPS,
    **ODD_SOUNDS,
}
