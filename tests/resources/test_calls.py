"""Finished calls are found again exactly when they are the same; one computes while others wait."""

import asyncio
import multiprocessing
import os
import threading
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image

from filmeto_core.errors import StoreError, TimeoutError, ValidationError
from filmeto_core.resources.calls import CallIndex, CallRecord, call_key
from filmeto_core.resources.store import Store
from filmeto_core.types import ResourceOutput
from tests.descriptors import open_about

CALL = {"tool": "text2image", "plugin": "sketch", "fingerprint": "f1", "parameters": {"a": 1}}
KEY = call_key(**CALL)

numbers = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=12,
)
parameter_sets = st.dictionaries(st.text(max_size=5), values, max_size=5)


def key_of(parameters, **parts) -> str:
    return call_key(**{**CALL, "parameters": parameters, **parts})


def unique_names(value) -> bool:
    if isinstance(value, dict):
        plain = {unicodedata.normalize("NFC", name) for name in value}
        return len(plain) == len(value) and all(unique_names(v) for v in value.values())
    return all(unique_names(v) for v in value) if isinstance(value, list) else True


def otherwise_written(value):
    """The same value: names in another order, texts decomposed, whole numbers as floats."""
    if isinstance(value, dict):
        return {
            unicodedata.normalize("NFD", k): otherwise_written(v)
            for k, v in reversed(list(value.items()))
        }
    if isinstance(value, list):
        return tuple(otherwise_written(v) for v in value)
    if isinstance(value, str):
        return unicodedata.normalize("NFD", value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= 2**53:
        return float(value)
    return value


@settings(deadline=None)
@given(parameter_sets)
def test_the_key_does_not_depend_on_how_values_are_written(parameters):
    assume(unique_names(parameters))
    assert key_of(parameters) == key_of(otherwise_written(parameters))


def comparable(value):
    """The value so that == is false wherever the key must differ (True is no 1 in JSON)."""
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, dict):
        return {unicodedata.normalize("NFC", k): comparable(v) for k, v in value.items()}
    if isinstance(value, list):
        return [comparable(v) for v in value]
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


@settings(deadline=None)
@given(parameter_sets, parameter_sets)
def test_keys_are_equal_only_where_parameters_are(left, right):
    assume(unique_names(left) and unique_names(right))
    assert (key_of(left) == key_of(right)) is (comparable(left) == comparable(right))


@pytest.mark.parametrize(
    "change",
    [
        {"tool": "image2image"},
        {"plugin": "other"},
        {"fingerprint": "f2"},
        {"parameters": {"a": 2}},
        {"parameters": {"a": True}},
        {"parameters": {"a": "1"}},
        {"parameters": {"a": 1, "b": None}},
        {"resource_digests": ["sha256:00"]},
        {"take": 2},
    ],
)
def test_any_one_part_changed_is_another_call(change):
    assert call_key(**{**CALL, **change}) != KEY


def test_the_order_of_the_inputs_counts():
    assert key_of({}, resource_digests=["a", "b"]) != key_of({}, resource_digests=["b", "a"])


def test_the_key_is_the_same_on_every_machine_and_release():
    assert KEY == "1e4a5f39f7bee9a061a8146ba13c8f66f8e07281860975d192e5d0f1983ab40a"


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"x": float("nan")}, r"parameters\.x: expected a finite number, got nan"),
        ({"x": [1, float("inf")]}, r"parameters\.x\[1\]: expected a finite number"),
        ({"x": b"raw"}, r"parameters\.x: expected a text"),
        ({1: 2}, "texts as names"),
        ({"\u00e9": 1, "e\u0301": 2}, "each name once"),
    ],
)
def test_what_is_no_json_is_refused_with_its_field(parameters, said):
    with pytest.raises(ValidationError, match=said):
        key_of(parameters)


@pytest.fixture
def index(tmp_path):
    index = CallIndex(tmp_path / "cache", Store(tmp_path / "store"))
    yield index
    index.catalogue.close()


def output(index: CallIndex, shade: int = 3, **fields) -> ResourceOutput:
    path = index.folder.parent / f"{shade}.png"
    Image.new("RGB", (16, 16), (shade, 0, 0)).save(path)
    stored = index.store.put_file(path)
    return ResourceOutput(
        type="image",
        path=str(stored.path),
        mime_type=stored.mime_type,
        size=stored.size,
        metadata={"digest": stored.digest},
        **fields,
    )


def record(index: CallIndex, *outputs: ResourceOutput, **fields) -> CallRecord:
    parts = {"key": KEY, "tool": "text2image", "plugin": "sketch", "outputs": outputs, **fields}
    return CallRecord(**parts)


def test_a_finished_call_is_found_again_by_another_process_as_it_was(index):
    kept = record(
        index,
        output(index, 1, others=(output(index, 2),)),
        parameters={"prompt": "灯塔"},
        seconds=1.5,
        metadata={"seed": 7},
    )
    index.put(kept)
    assert CallIndex(index.folder, Store(index.store.folder)).get(KEY) == kept
    assert index.get("0" * 64) is None


def test_every_computation_has_an_id_of_its_own(index):
    assert record(index).id != record(index).id


def test_a_forgotten_call_is_a_miss_and_its_files_stay(index):
    made = output(index)
    index.put(record(index, made))
    index.forget(KEY)
    index.forget(KEY)
    assert index.get(KEY) is None
    assert index.store.has(made.digest)


def test_a_missing_file_is_a_miss_also_among_the_others(index):
    other = output(index, 2)
    index.put(record(index, output(index, 1, others=(other,))))
    Path(other.path).unlink()
    assert index.get(KEY) is None


def test_a_record_whose_file_is_gone_is_still_there_to_tell_of(index):
    kept = record(index, output(index))
    index.put(kept)
    Path(kept.outputs[0].path).unlink()
    assert index.get(KEY) is None
    seen, whole = index.peek(KEY)
    assert seen.outputs[0].digest == kept.outputs[0].digest and not whole
    assert index.peek(call_key(**{**CALL, "take": 2})) is None


def test_a_damaged_file_is_a_miss_and_is_removed_so_that_it_is_replaced(index):
    made = output(index)
    index.put(record(index, made))
    path = Path(made.path)
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert index.get(KEY) is None
    assert not path.exists()
    index.put(record(index, output(index)))
    assert index.get(KEY)


def test_a_file_only_touched_is_read_and_found_right(index):
    made = output(index)
    index.put(record(index, made))
    os.utime(made.path, (1, 1))
    assert CallIndex(index.folder, Store(index.store.folder)).get(KEY)


def test_a_moved_home_is_still_full_of_hits(index, tmp_path):
    index.put(record(index, output(index)))
    moved = tmp_path / "moved"
    moved.mkdir()
    index.folder.rename(moved / "cache")
    index.store.folder.rename(moved / "store")
    found = CallIndex(moved / "cache", Store(moved / "store")).get(KEY)
    assert found.outputs[0].path.startswith(str(moved))


DAMAGED = [b"", b"{", b"null", b"[]", b'{"record": {}, "files": {}}', b"\xff" * 9]


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_record_is_had_from_the_catalogue_and_written_anew(index, content):
    kept = record(index, output(index))
    index.put(kept)
    index.catalogue.flush()
    (path,) = (index.folder / "records").rglob("*.json")
    whole = path.read_bytes()
    path.write_bytes(content)
    again = CallIndex(index.folder, index.store)
    assert again.get(KEY) == kept
    assert path.read_bytes() == whole
    path.unlink()
    assert again.get(KEY) == kept
    assert path.read_bytes() == whole


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_record_that_nothing_else_knows_is_a_miss_and_replaced(index, content):
    index.put(record(index, output(index)))
    (path,) = (index.folder / "records").rglob("*.json")
    path.write_bytes(content)
    index.catalogue.close()
    index.catalogue.discard()
    assert index.get(KEY) is None
    index.put(record(index, output(index)))
    assert index.get(KEY)


def test_the_record_of_another_call_is_a_miss(index):
    index.put(record(index, output(index)))
    (path,) = (index.folder / "records").rglob("*.json")
    other = "1" * 64
    (path.parents[1] / "11").mkdir()
    (path.parents[1] / "11" / f"{other}.json").write_bytes(path.read_bytes())
    assert index.get(other) is None


def test_a_forgotten_call_does_not_come_back_from_the_catalogue(index):
    index.put(record(index, output(index)))
    index.catalogue.flush()
    index.forget(KEY)
    assert index.get(KEY) is None
    index.put(record(index, output(index)))
    index.forget(KEY)  # not yet in the catalogue
    index.catalogue.flush()
    assert CallIndex(index.folder, index.store).get(KEY) is None


def test_a_call_that_failed_for_good_is_told_again_until_it_is_forgotten_or_works(index):
    error = {"code": "plugin_refused", "message": "no", "details": {}}
    assert index.get_failure(KEY) is None
    index.put_failure(KEY, error)
    assert CallIndex(index.folder, index.store).get_failure(KEY) == error
    index.forget_failure(KEY)
    index.forget_failure(KEY)
    assert index.get_failure(KEY) is None
    index.put_failure(KEY, error)
    index.put(record(index, output(index)))
    assert index.get_failure(KEY) is None


def test_a_damaged_note_of_a_failure_is_no_failure(index):
    index.put_failure(KEY, {"code": "plugin_refused"})
    (path,) = (index.folder / "failures").rglob("*.json")
    for content in (b"", b"[]", b'{"error": 1}'):
        path.write_bytes(content)
        assert index.get_failure(KEY) is None


def test_a_record_whose_output_is_not_in_the_store_is_refused(index):
    stray = ResourceOutput(type="image", path="/nowhere/a.png")
    with pytest.raises(StoreError, match="nowhere/a.png .* is not in"):
        index.put(record(index, stray))


def test_a_key_that_is_a_path_is_refused(index):
    for wrong in ("../../etc/passwd", "", "A" * 64):
        with pytest.raises(ValueError, match="expected the 64 hexadecimal digits"):
            index.get(wrong)
        with pytest.raises(ValueError, match="expected the 64 hexadecimal digits"):
            index.lock(wrong)


def test_a_lookup_takes_under_a_millisecond(index):
    index.put(record(index, output(index)))
    times = []
    for _ in range(50):
        start = time.perf_counter()
        assert index.get(KEY)
        times.append(time.perf_counter() - start)
    assert sorted(times)[25] < 0.001


def test_another_thread_waits_and_another_key_does_not(index):
    order = []
    with index.lock(KEY):
        with index.lock("1" * 64):
            pass
        waiter = threading.Thread(target=lambda: _append(index, order, "second"))
        waiter.start()
        order.append("first")
    waiter.join(5)
    assert order == ["first", "second"]
    assert list((index.folder / "locks").iterdir()) == []


def _append(index, order, word):
    with index.lock(KEY, timeout_s=5):
        order.append(word)


def test_a_wait_is_bounded(index):
    with index.lock(KEY), pytest.raises(TimeoutError, match="running elsewhere for over 0.05 s"):
        with index.lock(KEY, timeout_s=0.05):
            pass


def test_a_cancelled_waiter_and_a_cancelled_holder_let_go(index):
    async def hold(entered: asyncio.Event):
        async with index.lock(KEY):
            entered.set()
            await asyncio.Event().wait()

    async def scene():
        entered, never = asyncio.Event(), asyncio.Event()
        holder = asyncio.create_task(hold(entered))
        await entered.wait()
        waiter = asyncio.create_task(hold(never))
        await asyncio.sleep(0)
        for task in (waiter, holder):
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert not never.is_set()
        async with index.lock(KEY, timeout_s=1):
            pass

    before = open_about(index.folder)
    asyncio.run(scene())
    assert open_about(index.folder) == before


def _hold_for_ever(folder, held):
    with CallIndex(folder / "cache", Store(folder / "store")).lock(KEY):
        held.set()
        threading.Event().wait()


def test_the_lock_of_a_killed_holder_is_free_within_a_second(tmp_path):
    spawn = multiprocessing.get_context("spawn")
    held = spawn.Event()
    holder = spawn.Process(target=_hold_for_ever, args=(tmp_path, held))
    holder.start()
    assert held.wait(10)
    index = CallIndex(tmp_path / "cache", Store(tmp_path / "store"))
    holder.kill()
    with index.lock(KEY, timeout_s=1):
        pass
    holder.join(5)
