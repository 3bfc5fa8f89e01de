"""Paths, URLs and base64 become files in the store, or a clear error with the field."""

import asyncio
import base64
import io
import os
import wave
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from filmeto_core.errors import ResourceFetchError, ResourceProcessingError
from filmeto_core.resources.base64_text import Base64Text
from filmeto_core.resources.inputs import check, prepare, resource_input
from filmeto_core.resources.store import Store
from filmeto_core.settings import Settings
from filmeto_core.types import ResourceInput, ResourceOutput


def encoded(kind: str = "PNG", size=(20, 10)) -> bytes:
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize(size).save(buffer, kind)
    return buffer.getvalue()


PNG = encoded()
TEXT = base64.b64encode(PNG).decode()


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


@pytest.fixture
def picture(tmp_path):
    (tmp_path / "a.png").write_bytes(PNG)
    return tmp_path / "a.png"


@pytest.fixture
def sound(tmp_path):
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(8000))
    return tmp_path / "a.wav"


def local(path, **fields) -> ResourceInput:
    return ResourceInput(type="local_path", data=str(path), **fields)


def b64(text: str, **fields) -> ResourceInput:
    return ResourceInput(type="base64", data=text, **fields)


def url(text: str) -> ResourceInput:
    return ResourceInput(type="remote_url", data=text)


def prepared(resource, store, settings=None, **options):
    settings = settings or Settings(home=store.folder.parent)
    return asyncio.run(prepare(resource, store=store, settings=settings, **options))


def refusal(resource, settings=None, **options) -> ResourceProcessingError:
    """What `check` says; it is never that a later try may help."""
    with pytest.raises(ResourceProcessingError) as refused:
        check(resource, settings=settings or Settings(), **options)
    error = refused.value
    assert not isinstance(error, ResourceFetchError)
    assert (error.handling.exit_code, error.retryable) == (2, False)
    assert str(error).startswith("resources[0]: ")
    assert error.hint
    return error


def test_a_path_enters_the_store(store, picture):
    result = prepared(local(picture), store, kinds={"image"})
    assert result.path.read_bytes() == PNG
    assert store.path_of(result.digest) == result.path
    assert (result.info.kind, result.info.width_px) == ("image", 20)


def test_a_relative_path_begins_where_it_is_told_to(store, picture, monkeypatch):
    result = prepared(local("a.png"), store, base_dir=picture.parent)
    monkeypatch.chdir(picture.parent)
    assert prepared(local("./a.png"), store) == result
    monkeypatch.setenv("HOME", str(picture.parent))
    assert prepared(local("~/a.png"), store) == result


def test_a_tools_output_is_an_input_without_a_copy(store, picture):
    first = prepared(resource_input(picture), store)
    output = ResourceOutput(type="image", path=str(first.path), mime_type="image/png")
    assert prepared(resource_input(output), store) == first


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "data:image/png;base64," + TEXT,
        "data:image/png;charset=utf-8;BASE64," + TEXT,
        "data:;base64," + TEXT,
        "\n".join(TEXT[i : i + 20] for i in range(0, len(TEXT), 20)),
        base64.urlsafe_b64encode(PNG).decode(),
        TEXT.rstrip("="),
        "data:image/png;base64," + quote(TEXT, safe=""),
        "data:image/png;base64," + TEXT.replace("=", "%3d").replace("+", "%2B"),
        " \t" + TEXT + "\r\n",
        "DATA:Image/PNG;base64, " + TEXT,
    ],
)
def test_base64_of_any_writing_enters_the_store(store, text):
    assert prepared(b64(text), store).path.read_bytes() == PNG


def test_all_three_ways_lead_to_one_file(store, picture, server):
    server.routes["/a"] = server.answer(PNG)
    settings = Settings(home=store.folder.parent, allow_private_urls=True)
    ways = [local(picture), b64(TEXT), url(server.url("/a"))]
    assert len({prepared(way, store, settings) for way in ways}) == 1


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("gone.png", "gone.png does not exist"),
        ("a.png/b", "a.png/b cannot be read"),
        (".", "is not a regular file"),
        ("fifo", "is not a regular file"),
        ("/dev/zero", "is not a regular file"),
        ("loop", "cannot be read"),
        ("x" * 5000, "cannot be read"),
        ("a\0b", "is no path"),
        ("  ", "is no path"),
        ("~nobody-of-that-name/a", "is no path"),
        ("file:///etc/passwd", "Give the plain path, without file://"),
        ("http://example.com/a.png", "Give it with type remote_url"),
        ("s3://bucket/a.png", "expected a path"),
        ("data:image/png;base64,AAAA", "Give it with type base64"),
        ("empty", r"empty \(0 bytes\)"),
        ("text", "it holds text"),
    ],
)
def test_a_path_of_no_use_is_refused(tmp_path, picture, path, said):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "empty").touch()
    (tmp_path / "text").write_text("dear diary")
    with pytest.raises(ResourceProcessingError, match=said):
        raise refusal(local(path), base_dir=tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_path_without_permission_is_refused(picture):
    picture.chmod(0)
    assert "Permission denied" in str(refusal(local(picture)))


def test_a_path_outside_the_allowed_folders_is_refused_links_followed(tmp_path, picture):
    allowed = tmp_path / "uploads"
    allowed.mkdir()
    (allowed / "good.png").write_bytes(PNG)
    (allowed / "link.png").symlink_to(picture)
    check(local(allowed / "good.png"), settings=Settings(), folders=[allowed])
    for path in (picture, allowed / "link.png", allowed / ".." / "a.png"):
        assert "outside the folders" in str(refusal(local(path), folders=[allowed]))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected an http or https URL"),
        ("http://", "names no host"),
        ("http:///a.png", "names no host"),
        ("https://?x", "names no host"),
        ("http://[::1", "malformed URL"),
        ("http://x:99999/", "no port is 99999"),
        ("http://exa mple.com/", "space"),
        ("http://h/a\x00b", "control character"),
        ("//example.com/a", "expected an http or https URL"),
        ("example.com/a.png", "expected an http or https URL"),
        ("ftp://example.com/a", "expected an http or https URL"),
        ("javascript:alert(1)", "expected an http or https URL"),
        ("gopher://h/", "expected an http or https URL"),
        ("file:///etc/passwd", "Give the plain path, with type local_path"),
        ("http://h/" + "a" * 9000, "longer than 8192"),
    ],
)
def test_a_malformed_url_is_refused_before_any_work(text, said):
    assert said in str(refusal(url(text)))


@pytest.mark.parametrize(
    "text",
    [
        "http://h",
        "HTTPS://example.com:8443/a%20b.png?x=1#y",
        "http://[::1]:80/",
        "https://例え.jp/画",
    ],
)
def test_a_well_formed_url_is_left_to_the_download(text):
    check(url(text), settings=Settings())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is empty"),
        ("data:image/png;base64,", "it is empty"),
        ("====", "it is empty"),
        ("data:image/png", "without a comma"),
        ("data:image/png,rawtext", "';base64' is missing"),
        ("AAA!AAAA", "'!' at character 4"),
        ("AA=AAAAA", "'=' at character 3"),
        ("AAAAA", "cut off after 5 characters"),
        ("AAAA=", "cut off after 5 characters"),
        (TEXT[:-4] + "-_+/", "bad base64"),
        ("aGVsbG8gd29ybGQ=", "it holds text"),
        ("https://example.com/a.png", "bad base64: ':'"),
        ("data:image/png;base64,%ZZ%FFAA", "bad base64: '%'"),
        ("data:image/svg+xml,%3Csvg%3E", "';base64' is missing"),
        (TEXT.replace("A", "%41", 1), "bad base64: '%'"),
        ("data:image/png;base64,data:image/png;base64," + TEXT, "bad base64: ':'"),
        ("\u0410" + TEXT, "bad base64: '\u0410' at character 1"),
        ("AAAA" * 3 + "A===", "cut off after 16 characters"),
    ],
)
def test_bad_base64_is_refused_before_any_work(text, said):
    assert said in str(refusal(b64(text)))


def test_base64_is_measured_before_it_is_decoded():
    settings = Settings(max_image_bytes=50, max_audio_bytes=50, max_video_bytes=50)
    assert "more than the 50 allowed" in str(refusal(b64("A" * 400), settings))


def test_a_text_that_is_far_too_long_is_not_even_looked_at():
    settings = Settings(max_image_bytes=50, max_audio_bytes=50, max_video_bytes=50)
    assert "of 10,000 characters, more than the 50 bytes allowed" in str(
        refusal(b64("!" * 10_000), settings)
    )


@given(st.binary(min_size=1, max_size=60), st.data())
def test_bytes_come_through_any_writing_of_base64(content, data):
    encode = data.draw(st.sampled_from([base64.b64encode, base64.urlsafe_b64encode]))
    text = encode(content).decode()
    if data.draw(st.booleans()):
        text = text.rstrip("=")
    for at in data.draw(st.lists(st.integers(0, len(text)), max_size=4)):
        text = text[:at] + data.draw(st.sampled_from([" ", "\n", "\r\n", "\t"])) + text[at:]
    if data.draw(st.booleans()):
        text = "data:;base64," + (quote(text, safe="") if data.draw(st.booleans()) else text)
    read = Base64Text.read(text)
    assert read.decode() == content
    assert read.size_bytes == len(content)


@given(st.text(max_size=40))
def test_no_text_upsets_the_reading_of_base64(text):
    for given_text in (text, "data:;base64," + text, "data:" + text):
        try:
            Base64Text.read(given_text).decode()
        except ResourceProcessingError as refused:
            assert refused.hint


def test_a_declared_type_that_is_wrong_is_named_with_the_right_one(picture):
    said = "declared as image/jpeg, but its content is image/png"
    assert said in str(refusal(b64("data:image/jpeg;base64," + TEXT)))
    assert said in str(refusal(b64(TEXT, mime_type="image/jpeg")))
    assert said in str(refusal(local(picture, mime_type="image/jpeg")))


@pytest.mark.parametrize("declared", [None, "", "image/*", "application/octet-stream"])
def test_a_declared_type_that_says_nothing_is_no_matter(picture, declared):
    check(local(picture, mime_type=declared), settings=Settings())


@pytest.mark.parametrize("declared", ["audio/x-wav", "AUDIO/WAV; rate=8000", "audio/vnd.wave"])
def test_other_names_of_the_same_type_are_right(sound, declared):
    check(local(sound, mime_type=declared), settings=Settings())


def test_another_kind_than_wanted_is_refused(sound, picture):
    said = str(refusal(local(sound), kinds={"image"}))
    assert "expected a picture, but" in said
    assert "is a sound (audio/wav)" in said
    assert "expected a picture or a clip" in str(refusal(local(sound), kinds={"image", "video"}))


@pytest.mark.parametrize("kind", ["image", "audio"])
def test_each_kind_has_its_own_limit_of_size(picture, sound, kind):
    settings = Settings(**{f"max_{kind}_bytes": 40})
    wrong, right = (picture, sound) if kind == "image" else (sound, picture)
    assert f"FILMETO_MAX_{kind.upper()}_BYTES" in str(refusal(local(wrong), settings))
    check(local(right), settings=settings)


def test_a_damaged_file_is_found_before_it_is_used(store, tmp_path):
    (tmp_path / "a.png").write_bytes(encoded(size=(200, 200))[:-40])
    with pytest.raises(ResourceProcessingError, match=r"^shots\[2\]: .*a.png looks like .*cut off"):
        prepared(local(tmp_path / "a.png"), store, field="shots[2]")


def test_the_field_is_told_to_programs_too(picture):
    error = refusal(local(picture), kinds={"audio"})
    assert error.to_dict()["details"]["field"] == "resources[0]"


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (Path("a.png"), "local_path"),
        ("a.png", "local_path"),
        ("C:\\a.png", "local_path"),
        ("data:image/png;base64,AAAA", "base64"),
        ("https://example.com/a.png", "remote_url"),
        ("HTTP://EXAMPLE.COM", "remote_url"),
    ],
)
def test_what_people_pass_is_told_apart(value, kind):
    assert resource_input(value) == ResourceInput(type=kind, data=str(value))


def test_bytes_are_no_input_and_the_error_says_how_to_pass_them():
    with pytest.raises(ResourceProcessingError, match="data URI"):
        resource_input(PNG)
