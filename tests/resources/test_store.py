"""The store keeps what it is given, whole, once, whatever happens."""

import hashlib
import multiprocessing
import os
import signal
import sys
from pathlib import Path

import pytest
from PIL import Image

from filmeto_core import process
from filmeto_core.errors import ResourceProcessingError, StoreError
from filmeto_core.resources.store import Store


def picture(path: Path, shade: int = 7, size=(64, 48)) -> Path:
    Image.new("RGB", size, (shade, 20, 30)).save(path)
    return path


def sha256(path: Path) -> str:
    return "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()


def files_under(folder: Path) -> list[Path]:
    """But for what the store knows of itself."""
    return [p for p in folder.rglob("*") if p.is_file() and p.name not in ("lock", "layout")]


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


def test_a_file_lies_under_its_digest_read_only_with_the_ending_of_its_content(store, tmp_path):
    source = picture(tmp_path / "a.png").rename(tmp_path / "misnamed.wav")
    stored = store.put_file(source)
    assert stored.digest == sha256(source) == sha256(stored.path)
    assert stored.path.name == stored.digest.removeprefix("sha256:") + ".png"
    assert stored.path.is_absolute()
    assert stored.path.stat().st_mode & 0o777 == 0o444
    assert (stored.mime_type, stored.size) == ("image/png", source.stat().st_size)
    assert (stored.kind, stored.info.width_px) == ("image", 64)
    assert files_under(store.folder) == [stored.path]


def test_what_a_plugin_does_to_its_file_afterwards_does_not_reach_the_store(store, tmp_path):
    source = picture(tmp_path / "a.png")
    stored = store.put_file(source)
    with source.open("r+b") as file:
        file.write(b"changed")
    assert sha256(stored.path) == stored.digest
    assert store.put_bytes(picture(tmp_path / "b.png").read_bytes()).digest == stored.digest


def test_the_same_content_is_kept_once(store, tmp_path):
    first = store.put_file(picture(tmp_path / "a.png"))
    second = store.put_bytes((tmp_path / "a.png").read_bytes())
    assert first == second
    assert len(files_under(store.folder)) == 1


def test_a_file_changed_in_place_is_read_again(store, tmp_path):
    first = store.put_file(picture(tmp_path / "a.png", shade=1))
    second = store.put_file(picture(tmp_path / "a.png", shade=2))
    assert first.digest != second.digest == sha256(tmp_path / "a.png")


def test_a_file_of_the_store_enters_it_without_a_copy(store, tmp_path):
    stored = store.put_file(picture(tmp_path / "a.png"))
    again = Store(store.folder)
    assert again.put_file(stored.path) == stored
    assert files_under(store.folder) == [stored.path]


def test_digests_are_looked_up_and_nonsense_is_nowhere(store, tmp_path):
    stored = store.put_file(picture(tmp_path / "a.png"))
    assert store.path_of(stored.digest) == stored.path
    assert store.has(stored.digest)
    assert Store(store.folder).get(stored.digest) == stored
    for digest in ("sha256:" + "0" * 64, "sha256:../../etc/passwd", "", "sha256:" + "A" * 64):
        assert store.path_of(digest) is None
        assert store.get(digest) is None
        assert not store.verify(digest)


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)


def test_a_flipped_bit_is_found_and_the_next_put_heals_it(store, tmp_path):
    stored = store.put_file(picture(tmp_path / "a.png"))
    flip(stored.path)
    assert store.verify(stored.digest) is False
    assert store.path_of(stored.digest) is None
    assert store.put_file(tmp_path / "a.png").digest == stored.digest
    assert store.verify(stored.digest)


def test_a_put_never_answers_with_a_damaged_file(store, tmp_path):
    stored = store.put_file(picture(tmp_path / "a.png"))
    flip(stored.path)
    assert sha256(store.put_file(tmp_path / "a.png").path) == stored.digest
    flip(stored.path)
    with pytest.raises(ResourceProcessingError, match="damaged"):
        Store(store.folder).put_file(stored.path)


def test_what_is_no_media_stays_out_and_is_called_by_its_own_name(store, tmp_path):
    (tmp_path / "page.png").write_text("<html>404</html>")
    with pytest.raises(
        ResourceProcessingError, match="page.png is no picture.*web page"
    ) as refused:
        store.put_file(tmp_path / "page.png")
    assert str(store.folder) not in str(refused.value)
    with pytest.raises(ResourceProcessingError, match="^the upload is empty"):
        store.put_bytes(b"", name="the upload")
    assert files_under(store.folder) == []


def test_a_fifo_a_folder_and_a_missing_file_are_refused(store, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path / "fifo", tmp_path, tmp_path / "gone"):
        with pytest.raises(ResourceProcessingError):
            store.put_file(path)


def test_a_writer_that_is_left_leaves_nothing(store):
    with pytest.raises(KeyError), store.writer() as incoming:
        incoming.write(b"half")
        raise KeyError
    assert files_under(store.folder) == []


def test_a_resumable_writer_goes_on_where_its_last_checkpoint_was(store, tmp_path):
    content = picture(tmp_path / "a.png").read_bytes()
    with store.writer("ab12") as incoming:
        incoming.write(content[:50])
        incoming.checkpoint({"etag": '"1"'})
        incoming.write(content[50:60])
    with Store(store.folder).writer("ab12") as incoming:
        assert (incoming.size, incoming.state) == (50, {"etag": '"1"'})
        with store.writer("ab12") as other:
            assert other.size == 0, "another writer has the partial file"
        incoming.write(content[50:])
        stored = store.commit(incoming)
    assert stored.digest == sha256(tmp_path / "a.png")
    assert files_under(store.folder) == [stored.path]
    with store.writer("ab12") as incoming:
        assert (incoming.size, incoming.state) == (0, {})


def _write_and_wait(folder, started):
    with Store(folder).writer() as incoming:
        incoming.write(b"half a picture")
        started.set()
        signal.pause()


def test_leftovers_of_a_killed_writer_are_cleared_and_those_of_a_living_one_are_not(store):
    spawn = multiprocessing.get_context("spawn")
    started = spawn.Event()
    writer = spawn.Process(target=_write_and_wait, args=(store.folder, started))
    writer.start()
    assert started.wait(5)
    with Store(store.folder).writer():
        assert len(files_under(store.folder / "incoming")) == 2
    writer.kill()
    writer.join(5)
    assert len(files_under(store.folder / "incoming")) == 1
    with Store(store.folder).writer():
        assert len(files_under(store.folder / "incoming")) == 1


def _put_all(folder, sources, gate, answers):
    gate.wait(5)
    store = Store(folder)
    answers.put([store.put_file(source).digest for source in sources])


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="descriptors are named by Linux")
def test_a_file_is_on_disk_before_it_has_its_name_and_names_wait_for_settle(
    store, tmp_path, monkeypatch
):
    synced, fsync = [], os.fsync

    def heard(descriptor):
        synced.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        fsync(descriptor)

    stored = store.put_file(picture(tmp_path / "first.png", shade=1))  # makes the folders
    monkeypatch.setattr(os, "fsync", heard)
    folder = str(stored.path.parent)
    stored.path.unlink()
    again = store.put_file(picture(tmp_path / "again.png", shade=1), settle=False)
    assert [os.path.basename(os.path.dirname(path)) for path in synced] == ["incoming"]
    assert again.path == stored.path
    store.settle()
    assert synced[1:] == [folder]
    store.settle()
    assert synced[1:] == [folder], "once is enough"


def test_many_processes_put_the_same_files_at_once(store, tmp_path):
    sources = [picture(tmp_path / f"{i}.png", shade=i) for i in range(8)]
    spawn = multiprocessing.get_context("spawn")
    gate, answers = spawn.Barrier(4), spawn.Queue()
    workers = [
        spawn.Process(target=_put_all, args=(store.folder, sources, gate, answers))
        for _ in range(4)
    ]
    for worker in workers:
        worker.start()
    digests = [answers.get(timeout=20) for _ in workers]
    for worker in workers:
        worker.join(5)
    assert all(answer == [sha256(s) for s in sources] for answer in digests)
    assert len(files_under(store.folder)) == 8
    assert all(store.verify(digest) for digest in digests[0])


_FULL_DISK = """
import resource, sys
from pathlib import Path
from filmeto_core.errors import StoreError
from filmeto_core.resources.store import Store
store, source = Store(Path(sys.argv[1])), Path(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
try:
    store.put_file(source)
except StoreError as error:
    sys.stdout.write(str(error))
"""


def test_no_room_is_a_clear_error_and_leaves_no_half_file(store, tmp_path):
    source = tmp_path / "a.bmp"
    Image.new("RGB", (64, 64)).save(source)
    done = process.run([sys.executable, "-c", _FULL_DISK, str(store.folder), str(source)])
    said = done.stdout.decode()
    assert f"There is no room left for {store.folder}" in said, done.stderr
    assert "FILMETO_HOME" in said
    assert files_under(store.folder) == []
    assert store.put_file(source).size > 1000, "room was made: it goes on"


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 256 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = process.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)])
    if mounted.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {mounted.stderr.strip()}")
    yield folder
    process.run(["umount", "-l", str(folder)])


def test_a_full_disk_is_a_clear_error_and_leaves_no_half_file(small_disk, tmp_path):
    store = Store(small_disk / "store")
    Image.new("RGB", (400, 400)).save(tmp_path / "a.bmp")
    with pytest.raises(StoreError, match="no room left"):
        store.put_file(tmp_path / "a.bmp")
    assert files_under(store.folder) == []
    assert store.put_file(picture(tmp_path / "b.png"))


def test_a_read_only_disk_is_a_clear_error(small_disk, tmp_path):
    process.run(["mount", "-o", "remount,ro", str(small_disk)])
    with pytest.raises(StoreError, match="cannot be written .*Read-only"):
        Store(small_disk / "store").put_file(picture(tmp_path / "b.png"))


def test_a_store_that_cannot_be_made_is_a_clear_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="cannot be used .*FILMETO_HOME"):
        Store(tmp_path / "file" / "store").put_file(picture(tmp_path / "b.png"))
