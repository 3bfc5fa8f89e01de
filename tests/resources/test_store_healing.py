"""Whatever happens to the folders of store and cache, a call ends in a result or in a clear error."""

import multiprocessing
import os
import tempfile
from pathlib import Path

import pytest

from filmeto_core import process
from filmeto_core.errors import StoreError
from filmeto_core.resources.calls import CallIndex
from filmeto_core.resources.store import Store
from filmeto_core.resources.store_gc import collect
from filmeto_core.resources.store_listing import list_store
from filmeto_core.resources.store_verify import verify

NOBODY = 65534


def replaced(path: Path, content: bytes, *, same_time: bool) -> None:
    status = path.stat()
    path.chmod(0o644)
    path.write_bytes(content)
    if same_time:
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_a_missing_file_is_a_miss_and_the_next_put_heals_it(made):
    record = made.call(1)
    Path(record.outputs[0].path).unlink()
    assert made.opened().get(record.key) is None
    made.call(1)
    assert made.opened().get(record.key)


@pytest.mark.parametrize("same_time", [False, True])
@pytest.mark.parametrize("change", [lambda c: c[:-1], lambda c: c + b"x", lambda c: b""])
def test_a_file_of_another_size_is_a_miss_and_is_replaced(made, change, same_time):
    record = made.call(1)
    path = Path(record.outputs[0].path)
    whole = path.read_bytes()
    replaced(path, change(whole), same_time=same_time)
    assert made.opened().get(record.key) is None
    assert not path.exists()
    made.call(1)
    assert path.read_bytes() == whole and made.opened().get(record.key)


def test_a_file_of_another_content_and_time_is_a_miss_and_of_the_same_time_is_found_by_verify(made):
    record = made.call(1)
    path = Path(record.outputs[0].path)
    damaged = path.read_bytes()[:-1] + b"?"
    replaced(path, damaged, same_time=True)
    assert made.opened().get(record.key)
    assert not verify(made.opened()).is_fine
    replaced(path, damaged, same_time=False)
    assert made.opened().get(record.key) is None


def test_a_folder_in_the_place_of_a_file_or_a_record_is_a_miss_or_a_clear_error(made):
    record, other = made.call(1), made.call(2)
    path = Path(record.outputs[0].path)
    path.unlink()
    path.mkdir()
    assert made.opened().get(record.key) is None
    place = made.record_path(other)
    place.unlink()
    place.mkdir()
    with pytest.raises(StoreError, match="cannot be used.*Check the disk"):
        made.opened().get(other.key)


def test_a_symlinked_home_is_as_good_as_the_folder(made, tmp_path):
    record = made.call(1, days=40)
    link = tmp_path / "link"
    link.symlink_to(made.folder, target_is_directory=True)
    index = CallIndex(link / "cache", Store(link / "store"))
    found = index.get(record.key)
    assert found.outputs[0].path.startswith(str(link))
    assert index.store.put_file(Path(found.outputs[0].path)).digest == found.outputs[0].digest
    made.age(record, 40)
    assert verify(index).is_fine and collect(index, older_than_s=30 * 86400).files == 1


@pytest.fixture
def read_only(made, tmp_path):
    """The same folders, bound where nothing can be written."""
    record = made.call(1, days=40)
    made.index.catalogue.close()
    place = tmp_path / "read-only"
    place.mkdir()
    for part in ("store", "cache"):
        (place / part).mkdir()
        bound = process.run(["mount", "--bind", str(made.folder / part), str(place / part)])
        again = process.run(["mount", "-o", "remount,bind,ro", str(place / part)])
        if bound.returncode or again.returncode:
            pytest.skip(f"nothing can be mounted here: {bound.stderr.strip()}")
    yield record, CallIndex(place / "cache", Store(place / "store"))
    for part in ("store", "cache"):
        process.run(["umount", "-l", str(place / part)])


def test_a_read_only_home_still_gives_hits_and_says_what_it_cannot_do(made, read_only, caplog):
    record, index = read_only
    assert index.get(record.key).outputs[0].digest == record.outputs[0].digest
    assert index.get("0" * 64) is None
    assert index.store.put_file(Path(index.get(record.key).outputs[0].path))
    with index.store.in_use():
        assert "do not collect its garbage" in caplog.text
    with pytest.raises(StoreError, match="cannot be written .*Read-only.*FILMETO_HOME"):
        index.put(record.model_copy(update={"key": "1" * 64}))
    with pytest.raises(StoreError, match="cannot be written .*Read-only"):
        index.store.put_file(made.folder / "1.png")
    assert verify(index).is_fine
    assert list_store(index).records == 1
    assert collect(index, older_than_s=0, dry_run=True).files >= 1
    with pytest.raises(StoreError, match="cannot be (locked|written)"):
        collect(index, older_than_s=0)
    assert record.key in made.records()


def _as_nobody(folder, key, shade, answers):
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    index = CallIndex(folder / "cache", Store(folder / "store"))
    said = []
    for attempt in (
        lambda: index.get(key),
        lambda: index.get("0" * 64),
        lambda: index.store.put_file(folder / f"{shade}.png"),
        lambda: index.put_failure(key, {}),
        lambda: collect(index, older_than_s=0),
    ):
        try:
            told = attempt()
            said.append(str(getattr(told, "key", told)))
        except StoreError as error:
            said.append(f"StoreError: {error}")
    answers.put(said)


@pytest.fixture
def open_to_all(made):
    """The same material where every user can look at it."""
    before = os.umask(0o022)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield type(made)(folder)
    os.umask(before)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be another user")
def test_another_users_folders_give_hits_and_clear_errors(open_to_all):
    record, new = open_to_all.call(1), open_to_all.output(3)
    Path(new.path).unlink()
    open_to_all.index.catalogue.close()
    spawn = multiprocessing.get_context("spawn")

    def ask() -> list[str]:
        answers = spawn.Queue()
        arguments = (open_to_all.folder, record.key, 3, answers)
        worker = spawn.Process(target=_as_nobody, args=arguments)
        worker.start()
        told = answers.get(timeout=20)
        worker.join(5)
        return told

    hit, miss, put, failure, gc = ask()
    assert hit == record.key and miss == "None"
    for refused in (put, failure, gc):
        assert refused.startswith("StoreError:") and "cannot be written" in refused
        assert "Change its permissions" in refused
    assert record.key in open_to_all.records()
    open_to_all.record_path(record).chmod(0)
    assert ask()[0].startswith("StoreError:"), "a record that is not ours to read is no miss"
