"""What an artifact shows of a call's outputs."""

import base64
import io
import re
import threading

import av
import numpy as np
import pytest
from PIL import Image

from filmeto_core.tasks.artifacts import (
    MOST_WAITING,
    THUMBNAIL_PX,
    Artifact,
    ArtifactWriter,
    _shown,
)
from filmeto_core.types import ResourceOutput


def thumbnail(markdown: str) -> Image.Image:
    (data,) = re.findall(r"data:image/jpeg;base64,([^)]+)\)", markdown)
    return Image.open(io.BytesIO(base64.b64decode(data)))


def output(path, kind, mime_type, **metadata) -> ResourceOutput:
    return ResourceOutput(type=kind, path=str(path), mime_type=mime_type, size=1, metadata=metadata)


@pytest.fixture
def clip(tmp_path):
    """A clip whose first frame is red, the rest blue."""
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=24)
        stream.width, stream.height = 64, 32
        for n in range(3):
            pixels = np.zeros((32, 64, 3), np.uint8)
            pixels[..., 0 if n == 0 else 2] = 200
            for packet in stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


def test_a_picture_is_shown_small(tmp_path):
    path = tmp_path / "still.png"
    Image.new("RGBA", (1600, 900), "green").save(path)
    shown = _shown(output(path, "image", "image/png", width=1600, height=900))
    assert thumbnail(shown).size == (THUMBNAIL_PX, THUMBNAIL_PX * 9 // 16)
    assert "image/png, 1600x900" in shown and f"`{path}`" in shown


def test_a_clip_is_shown_by_its_first_frame(clip):
    shown = _shown(output(clip, "video", "video/mp4", width=64, height=32, duration_s=0.125))
    red, _, blue = thumbnail(shown).getpixel((32, 16))
    assert red > 150 > blue
    assert "0.12 s" in shown


def test_a_sound_is_told_with_its_length_and_file(tmp_path):
    path = tmp_path / "voice.wav"
    shown = _shown(output(path, "audio", "audio/wav", duration_s=2.5))
    assert shown == f"audio/wav, 2.50 s\n\n`{path}`"


def test_calls_that_are_quicker_than_the_api_do_not_fill_the_memory(monkeypatch):
    writing, go_on = threading.Event(), threading.Event()
    written: list[str] = []

    def slow(_writer, _client, artifact):
        writing.set()
        go_on.wait(5)
        written.append(artifact.key)

    monkeypatch.setattr(ArtifactWriter, "_write", slow)
    writer = ArtifactWriter()
    writer.put(Artifact("first", "markdown", None, None), "text")
    assert writing.wait(5)
    for n in range(MOST_WAITING + 100):
        writer.put(Artifact(f"call-{n}", "markdown", None, None), "text")
    go_on.set()
    assert writer.flush(5)
    assert written[0] == "first" and len(written) == 1 + MOST_WAITING
    assert written[-1] == f"call-{MOST_WAITING + 99}"
