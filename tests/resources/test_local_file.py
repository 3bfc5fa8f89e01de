"""A path is judged by the file that it opens, not by what its name leads to a moment later."""

import asyncio
import io
import os
import socket
import threading

import pytest
from PIL import Image

from filmeto_core.errors import ResourceProcessingError
from filmeto_core.resources import local_file
from filmeto_core.resources.inputs import prepare
from filmeto_core.resources.local_file import opened
from filmeto_core.resources.store import Store
from filmeto_core.settings import Settings
from filmeto_core.types import ResourceInput
from tests.descriptors import open_about


def png(shade: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (8, 8), shade).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def allowed(tmp_path):
    """A folder that may be read, beside a secret that may not."""
    (tmp_path / "secret.png").write_bytes(png(1))
    folder = tmp_path / "uploads"
    folder.mkdir()
    (folder / "good.png").write_bytes(png(2))
    return folder


@pytest.fixture(params=["with /proc", "without"])
def either_way(request, monkeypatch, tmp_path):
    """As on Linux, and as on systems that do not show a process its open files."""
    if request.param == "without":
        monkeypatch.setattr(local_file, "_OPENED", tmp_path / "none")


def test_a_file_is_opened_with_its_real_path(allowed, either_way):
    (allowed / "link.png").symlink_to("good.png")
    with opened(str(allowed / "link.png"), folders=[allowed]) as file:
        assert file.path == allowed / "good.png"
        assert file.head(100_000) == png(2)
        assert file.size_bytes == len(png(2))


@pytest.mark.parametrize("name", ["../secret.png", "link.png", "folder/secret.png"])
def test_no_way_leads_outside_the_folders(allowed, either_way, name):
    (allowed / "link.png").symlink_to(allowed.parent / "secret.png")
    (allowed / "folder").symlink_to(allowed.parent)
    with (
        pytest.raises(ResourceProcessingError, match="outside the folders"),
        opened(name, base_dir=allowed, folders=[allowed]),
    ):
        pass


def test_a_folder_that_is_itself_a_link_is_followed(allowed, tmp_path, either_way):
    (tmp_path / "linked").symlink_to(allowed)
    with opened("good.png", base_dir=tmp_path / "linked", folders=[tmp_path / "linked"]) as file:
        assert file.path == allowed / "good.png"


class SwappingStore(Store):
    """Its owner's enemy points the link at the secret just before the file is copied."""

    def put_file(self, path, **options):
        (path.parent / "good.png").rename(path.parent / "was-good.png")
        (path.parent / "good.png").symlink_to(path.parent.parent / "secret.png")
        return super().put_file(path, **options)


def test_a_name_that_changes_after_the_check_gains_nothing(allowed, tmp_path):
    store = SwappingStore(tmp_path / "store")
    resource = ResourceInput(type="local_path", data=str(allowed / "good.png"))
    made = asyncio.run(
        prepare(resource, store=store, settings=Settings(home=tmp_path), folders=[allowed])
    )
    assert made.path.read_bytes() == png(2)


def test_a_link_that_flickers_never_gives_the_secret(allowed, tmp_path):
    link, other, stop = allowed / "link.png", allowed / "other", threading.Event()
    link.symlink_to("good.png")

    def flicker():
        while not stop.is_set():
            for target in (allowed.parent / "secret.png", "good.png"):
                other.symlink_to(target)
                other.rename(link)

    thread = threading.Thread(target=flicker)
    thread.start()
    seen = {"good": 0, "refused": 0}
    try:
        for _ in range(400):
            try:
                with opened(str(link), folders=[allowed]) as file:
                    assert file.head(100_000) == png(2)
                    seen["good"] += 1
            except ResourceProcessingError as error:
                assert "outside the folders" in str(error)
                seen["refused"] += 1
    finally:
        stop.set()
        thread.join(5)
    assert sum(seen.values()) == 400


def test_what_is_no_regular_file_is_not_even_opened(tmp_path, either_way):
    os.mkfifo(tmp_path / "fifo")
    kinds = [tmp_path / "fifo", tmp_path, "/dev/null"]
    if local_file._OPENED.exists():
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(tmp_path / "socket"))
        kinds.append(tmp_path / "socket")
    for path in kinds:
        with (
            pytest.raises(ResourceProcessingError, match="is not a regular file"),
            opened(str(path)),
        ):
            pass


def test_no_descriptor_stays_open(allowed, either_way):
    before = open_about(allowed.parent)
    with opened(str(allowed / "good.png")):
        pass
    for wrong in ("/", str(allowed / "gone"), str(allowed.parent / "secret.png")):
        with pytest.raises(ResourceProcessingError), opened(wrong, folders=[allowed]):
            pass
    assert open_about(allowed.parent) == before
