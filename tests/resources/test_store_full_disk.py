"""A disk that fills at any step: a clear error, nothing half there; room is made, and it goes on."""

import errno
import hashlib
import os
from pathlib import Path

import pytest
from PIL import Image

from filmeto_core import process
from filmeto_core.errors import StoreError
from filmeto_core.resources.calls import CallIndex, CallRecord, call_key
from filmeto_core.resources.store import Store
from filmeto_core.resources.store_gc import collect
from filmeto_core.resources.store_listing import list_store
from filmeto_core.resources.store_verify import verify
from filmeto_core.types import ResourceOutput

KEY = call_key(tool="text2image", plugin="p", fingerprint="f", parameters={})


@pytest.fixture
def picture(tmp_path) -> Path:
    """60 kB that do not shrink."""
    path = tmp_path / "a.bmp"
    Image.frombytes("RGB", (160, 125), os.urandom(160 * 125 * 3)).save(path)
    return path


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 2 MiB and 60 names."""
    folder = tmp_path / "disk"
    folder.mkdir()
    options = "size=2m,nr_inodes=60"
    mounted = process.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)])
    if mounted.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {mounted.stderr.strip()}")
    yield folder
    process.run(["umount", "-l", str(folder)])


def fill(disk: Path, *, leave_kib: int = 0) -> None:
    """Leave no room but so much."""
    ballast = os.open(disk / "ballast", os.O_RDWR | os.O_CREAT)
    try:
        while True:
            os.write(ballast, b"\0" * 4096)
    except OSError:
        os.truncate(ballast, max(0, os.fstat(ballast).st_size - leave_kib * 1024))
    finally:
        os.close(ballast)


def fill_names(disk: Path, *, leave: int) -> None:
    """Leave no names but so many."""
    (disk / "names").mkdir()
    made = []
    try:
        while True:
            made.append(disk / "names" / str(len(made)))
            made[-1].touch()
    except OSError:
        for path in made[len(made) - 1 - leave :]:
            path.unlink(missing_ok=True)


def empty(disk: Path) -> None:
    """Make room."""
    process.run(["rm", "-rf", str(disk / "ballast"), str(disk / "names")])


def opened(disk: Path) -> CallIndex:
    return CallIndex(disk / "cache", Store(disk / "store"))


def work(index: CallIndex, picture: Path) -> CallRecord:
    """All that a call writes, from its input to its record, and a film's note and a refusal."""
    with index.store.in_use(), index.lock(KEY):
        with index.store.writer("ab") as incoming:
            if not incoming.size:
                incoming.write(b"a part of a download")
            incoming.checkpoint({"etag": "1"})
        stored = index.store.put_file(picture)
        index.store.keep_film(index.folder / "film.json", [stored.digest])
        output = ResourceOutput(
            type="image", path=str(stored.path), metadata={"digest": stored.digest}
        )
        record = CallRecord(key=KEY, tool="text2image", plugin="p", outputs=(output,))
        index.put_failure("1" * 64, {"code": "plugin_refused"})
        index.put(record)
        index.catalogue.flush()
    return record


def check_whole(index: CallIndex) -> None:
    """Nothing is half there: what has its name is what it says."""
    store = index.store.folder
    for path in (store / "objects").glob("*/*"):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.stem
    for folder in (store / "incoming", index.folder / "incoming", index.folder / "locks"):
        assert not folder.exists() or list(folder.iterdir()) == []
    for path in [*index.folder.glob("*/*/*.json"), *store.glob("*/*.json")]:
        assert path.read_bytes().endswith(b"}"), path
    assert not list(index.folder.glob(".*")) and not list(store.glob(".*"))
    found = index.get(KEY)
    if found is not None:
        assert Path(found.outputs[0].path).exists()


@pytest.mark.parametrize("what", ["room", "names"])
def test_wherever_the_room_ends_it_is_said_and_once_there_is_room_it_goes_on(
    small_disk, picture, what
):
    refused = 0
    for left in range(34):
        process.run(["rm", "-rf", str(small_disk / "store"), str(small_disk / "cache")])
        if what == "room":
            fill(small_disk, leave_kib=4 * left)
        else:
            fill_names(small_disk, leave=left)
        try:
            work(opened(small_disk), picture)
        except StoreError as error:
            refused += 1
            assert "There is no room left for" in error.message
            assert "Make room there" in error.hint and "point FILMETO_HOME" in error.hint
            check_whole(opened(small_disk))
        empty(small_disk)
        index = opened(small_disk)
        record = work(index, picture)
        check_whole(index)
        assert index.get(KEY).outputs == record.outputs
        assert left % 8 or verify(index).is_fine
        index.catalogue.close()
    assert 10 < refused < 34, "from no room at all to enough of it"


def test_a_full_disk_is_listed_verified_and_collected_to_make_room(small_disk, picture):
    index = opened(small_disk)
    record = work(index, picture)
    index.store.keep_film(index.folder / "film.json", [])
    path = index.store.path_of(record.outputs[0].digest)
    os.utime(path, ns=(1, path.stat().st_mtime_ns))
    os.utime(next((small_disk / "cache/records").glob("*/*")), (1, 1))
    index.catalogue.close()
    index.catalogue.discard()
    fill(small_disk)
    assert list_store(opened(small_disk)).records == 1
    assert verify(opened(small_disk)).is_fine
    assert collect(opened(small_disk), older_than_s=3600, dry_run=True).files == 1
    done = collect(opened(small_disk), older_than_s=3600)
    assert (done.files, done.records) == (1, 1)
    assert not list((small_disk / "store/objects").glob("*/*"))
    work(opened(small_disk), picture)


STEPS = ["write", "fsync", "rename", "mkdir", "open", "replace", "fchmod"]


@pytest.mark.parametrize("step", STEPS)
def test_no_room_at_any_single_step_is_said_and_leaves_nothing_half(
    tmp_path, picture, monkeypatch, step
):
    """Each call to the system fails once, in turn: what a small disk reaches by chance alone."""
    real = getattr(os, step)
    for failing in range(200):
        disk = tmp_path / f"{step}-{failing}"
        disk.mkdir()
        count = 0

        def full(*arguments, _failing=failing, _disk=disk, **options):
            nonlocal count
            writes = step != "open" or arguments[1] & os.O_CREAT
            ours = not isinstance(arguments[0], (str, os.PathLike)) or str(arguments[0]).startswith(
                str(_disk)
            )
            if writes and ours:
                count += 1
                if count == _failing + 1:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), arguments[0])
            return real(*arguments, **options)

        monkeypatch.setattr(os, step, full)
        try:
            work(opened(disk), picture)
        except StoreError as error:
            assert "There is no room left for" in error.message, (step, failing)
        finally:
            monkeypatch.setattr(os, step, real)
        check_whole(opened(disk))
        index = opened(disk)
        work(index, picture)
        assert index.get(KEY), (step, failing)
        index.catalogue.close()
        if count <= failing:
            return  # there was no such call any more
    raise AssertionError("it never ends")
