"""Machines that share a folder take from it what one of them computed, and nothing that is wrong."""

import dataclasses
import importlib.util
import json
import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from filmeto_core.errors import StoreError, ValidationError
from filmeto_core.resources.shared_circuit import Circuit
from filmeto_core.resources.shared_outbox import Outbox, waiting_keys
from filmeto_core.resources.shared_place import open_place, why_of
from filmeto_core.resources.shared_store import open_shared
from filmeto_core.resources.shared_sync import sync
from tests.resources.machine import Machine, key_of, picture, sound

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def share(tmp_path) -> Path:
    folder = tmp_path / "share"
    folder.mkdir()
    return folder


@pytest.fixture
def machine(tmp_path, share):
    """Makes machines that share the folder."""
    made = []

    def make(name: str, url: str | None = None, **place) -> Machine:
        made.append(Machine(tmp_path / name, url or share.as_uri(), **place))
        return made[-1]

    yield make
    for one in made:
        one.shared.close()


@pytest.fixture
def warned(caplog):
    """What was warned of so far."""
    caplog.set_level(logging.WARNING)
    return lambda: [record.getMessage() for record in caplog.records]


def files_under(folder: Path) -> list[str]:
    """All files but those that tell of the folder itself."""
    files = [p for p in folder.rglob("*") if p.is_file() and p.name not in ("layout", "lock")]
    return sorted(str(p.relative_to(folder)) for p in files)


def kept(machine: Machine) -> list[str]:
    """What the machine has, whole or half, but for markers."""
    markers = {"store/layout", "store/lock", "cache/layout"}
    return [name for name in files_under(machine.home) if name not in markers]


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)


@pytest.mark.parametrize("kind", ["folder", "memory"])
def test_what_one_machine_computed_another_takes(machine, tmp_path, kind):
    url = None if kind == "folder" else f"memory://{tmp_path.name}"
    a, b = machine("a", url), machine("b", url)
    record = a.computes("dawn", picture(tmp_path / "1.png"), other=picture(tmp_path / "2.png", 9))
    assert not b.shared.fetch(record.key)
    assert a.offers(record) == 0
    assert b.shared.fetch(record.key)
    taken = b.calls.get(record.key)
    assert taken.id == record.id
    assert Path(taken.outputs[0].path).read_bytes() == (tmp_path / "1.png").read_bytes()
    assert Path(taken.outputs[0].others[0].path).read_bytes() == (tmp_path / "2.png").read_bytes()
    assert str(b.home) in taken.outputs[0].path
    objects = [files_under(one.home / "store" / "objects") for one in (a, b)]
    assert objects[0] == objects[1]
    assert a.waiting() == []


def test_what_is_shared_names_no_folder_of_a_machine(machine, share, tmp_path):
    a = machine("a")
    record = a.computes("dawn", picture(tmp_path / "1.png"))
    a.offers(record)
    digest = record.outputs[0].digest.removeprefix("sha256:")
    assert files_under(share) == [
        f"calls/{record.key[:2]}/{record.key}.json",
        "layout.json",
        f"objects/{digest[:2]}/{digest}.png",
    ]
    assert all(str(tmp_path) not in path.read_text("latin-1") for path in share.rglob("*.*"))


def test_the_store_that_is_there_is_not_written_again(machine, share, tmp_path):
    a = machine("a")
    record = a.computes("dawn", picture(tmp_path / "1.png"))
    a.offers(record)
    before = {path: path.stat().st_mtime_ns for path in share.rglob("*.*")}
    a.offers(record)
    assert before == {path: path.stat().st_mtime_ns for path in share.rglob("*.*")}


def test_the_first_record_of_a_key_stays_unless_it_is_to_be_replaced(machine, tmp_path):
    a, b, c = machine("a"), machine("b"), machine("c")
    first = a.computes("dawn", picture(tmp_path / "1.png", 1))
    second = b.computes("dawn", picture(tmp_path / "2.png", 2))
    a.offers(first)
    b.offers(second)
    assert c.shared.fetch(first.key) and c.calls.get(first.key).id == first.id
    b.offers(second, replace=True)
    assert c.shared.fetch(first.key) and c.calls.get(first.key).id == second.id


def test_a_flipped_bit_there_is_refused_told_and_healed_by_the_next_that_computes(
    machine, share, tmp_path, warned
):
    a, b, c = machine("a"), machine("b"), machine("c")
    record = a.computes("dawn", picture(tmp_path / "1.png"))
    a.offers(record)
    (there,) = share.rglob("*.png")
    flip(there)
    assert not b.shared.fetch(record.key)
    assert "is damaged there" in warned()[-1] and there.name in warned()[-1]
    assert kept(b) == []
    b.offers(b.computes("dawn", picture(tmp_path / "1.png")))
    assert there.read_bytes() == (tmp_path / "1.png").read_bytes()
    assert c.shared.fetch(record.key)


def test_a_record_whose_file_is_gone_gives_way_to_that_of_the_next_that_computes(
    machine, share, tmp_path, warned
):
    a, b, c = machine("a"), machine("b"), machine("c")
    record = a.computes("dawn", picture(tmp_path / "1.png", 1))
    a.offers(record)
    (there,) = share.rglob("*.png")
    there.unlink()
    assert not b.shared.fetch(record.key)
    assert "is missing there" in warned()[-1]
    other = b.computes("dawn", picture(tmp_path / "2.png", 2))
    b.offers(other)
    assert c.shared.fetch(record.key) and c.calls.get(record.key).id == other.id


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told["record"].update(key="0" * 64),
        lambda told: told["record"]["outputs"][0]["metadata"].update(digest="sha256:../../x"),
        lambda told: told["record"]["outputs"][0].update(mime_type="../../x"),
        lambda told: told["record"]["outputs"][0].update(size=-1),
        lambda told: told["record"].update(outputs=[]),
        lambda told: told.update(layout=99),
        lambda told: told.clear(),
    ],
)
def test_a_record_that_is_not_right_is_a_miss(machine, share, tmp_path, change, warned):
    a, b = machine("a"), machine("b")
    record = a.computes("dawn", picture(tmp_path / "1.png"))
    a.offers(record)
    (there,) = share.glob("calls/*/*.json")
    told = json.loads(there.read_text())
    change(told)
    there.write_text(json.dumps(told))
    assert not b.shared.fetch(record.key)
    assert len(warned()) == 1 and record.key in warned()[0]
    assert kept(b) == []


def test_what_is_no_media_does_not_enter_though_its_digest_is_right(
    machine, share, tmp_path, warned
):
    import hashlib

    a, b = machine("a"), machine("b")
    record = a.computes("dawn", picture(tmp_path / "1.png"))
    a.offers(record)
    (there,), (told,) = share.rglob("*.png"), share.glob("calls/*/*.json")
    page = b"<html>" + b" " * (there.stat().st_size - 6)
    evil = hashlib.sha256(page).hexdigest()
    text = (
        told.read_text().replace(there.stem, evil).replace(f"/{there.stem[:2]}/", f"/{evil[:2]}/")
    )
    told.write_text(text)
    (share / "objects" / evil[:2]).mkdir(exist_ok=True)
    (share / "objects" / evil[:2] / f"{evil}.png").write_bytes(page)
    assert not b.shared.fetch(record.key)
    assert "web page" in warned()[-1]
    assert kept(b) == []


def test_a_lost_file_of_the_machine_is_brought_back(machine, tmp_path):
    a = machine("a")
    record = a.computes("dawn", picture(tmp_path / "1.png"))
    a.offers(record)
    flip(a.path_of(record))
    assert a.calls.get(record.key) is None
    assert a.shared.fetch(record.key)
    assert a.calls.get(record.key).id == record.id


def test_a_newer_layout_is_refused_with_what_to_do(machine, share, tmp_path, warned):
    (share / "layout.json").write_text('{"layout": 2}')
    a = machine("a")
    with pytest.raises(StoreError, match="layout 2.*Update filmeto"):
        a.shared.fetch(key_of("dawn"))
    record = a.computes("dawn", picture(tmp_path / "1.png"))
    a.shared.offer(record)
    a.shared.close(1)
    assert files_under(share) == ["layout.json"] and len(a.waiting()) == 1


def test_a_folder_that_is_not_mounted_is_not_made_and_what_waits_is_sent_when_it_is(
    machine, share, tmp_path, warned
):
    share.rmdir()
    a = machine("a")
    record = a.computes("dawn", picture(tmp_path / "1.png"))
    assert not a.shared.fetch(record.key)
    assert a.offers(record) == 1
    assert not share.exists() and len(a.waiting()) == 1
    assert any("1 result waits" in text for text in warned())
    share.mkdir()
    again = machine("a")  # the next start
    again.shared.start()
    assert again.shared.flush(20) == 0
    assert again.waiting() == []
    assert machine("b").shared.fetch(record.key)


def test_a_thousand_look_ups_of_a_store_that_is_away_wait_once_and_warn_once(
    machine, share, warned, monkeypatch
):
    share.rmdir()
    a = machine("a", pause_s=60)
    asked, read = [], a.shared.place.read
    monkeypatch.setattr(a.shared.place, "read", lambda *what: (asked.append(what), read(*what))[1])
    assert not any(a.shared.fetch(key_of(str(i))) for i in range(1000))
    assert len(asked) == 1
    assert len(warned()) == 1 and "cannot be read" in warned()[0]
    assert "mount it" in warned()[0]


def test_a_file_server_that_hangs_is_left_alone_after_its_time(machine, share, tmp_path, warned):
    record = machine("b").computes("dawn", picture(tmp_path / "1.png"))
    os.mkfifo(share / "layout.json")  # opening it waits for ever, as a dead NFS server does
    a = machine("a", timeout_s=0.2)
    began = time.monotonic()
    assert not a.shared.fetch(record.key) and not a.shared.fetch(record.key)
    assert time.monotonic() - began < 10
    assert "no answer within 0.2 s" in warned()[0]
    os.close(os.open(share / "layout.json", os.O_WRONLY))  # lets the thread end


def test_a_circuit_lets_one_try_after_each_pause_and_counts_one_failure_of_many(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("filmeto_core.resources.shared_circuit.time.monotonic", lambda: now[0])
    circuit = Circuit(first_s=1, longest_s=4)
    assert circuit.allows() and circuit.allows()
    for _ in range(10):  # begun together
        circuit.failed(since=99.0)
    assert not circuit.allows() and circuit.remaining_s() == 1
    for pause_s in (2, 4, 4):
        now[0] += circuit.remaining_s() + 0.01
        assert [circuit.allows() for _ in range(3)] == [True, False, False]
        circuit.failed(since=now[0])
        assert circuit.remaining_s() == pytest.approx(pause_s, abs=0.02)
    circuit.retry_now()
    assert circuit.allows()
    circuit.worked()
    assert circuit.allows() and not circuit.is_open


def _share_all(home, url, sources, gate, answers):
    one = Machine(home, url)
    gate.wait(30)
    records = [one.computes(source.name, source) for source in sources]
    for record in records:
        one.shared.offer(record)
    left = one.shared.flush(20)
    answers.put((left, [one.shared.fetch(record.key) for record in records]))


def test_many_processes_of_two_machines_share_the_same_calls_at_once(machine, share, tmp_path):
    sources = [picture(tmp_path / f"{i}.png", i) for i in range(8)]
    spawn = multiprocessing.get_context("spawn")
    gate, answers = spawn.Barrier(4), spawn.Queue()
    workers = [
        spawn.Process(
            target=_share_all,
            args=(tmp_path / f"home{i % 2}", share.as_uri(), sources, gate, answers),
        )
        for i in range(4)
    ]
    for worker in workers:
        worker.start()
    assert [answers.get(timeout=60) for _ in workers] == [(0, [True] * 8)] * 4
    for worker in workers:
        worker.join(20)
    assert len(files_under(share)) == 8 + 8 + 1
    c = machine("c")
    assert all(c.shared.fetch(key_of(source.name)) for source in sources)


def test_threads_that_fetch_the_same_file_at_once_all_get_it(machine, tmp_path):
    a, b = machine("a"), machine("b")
    source = sound(tmp_path / "1.wav", 2**20)
    records = [a.computes(f"take {i}", source) for i in range(8)]
    for record in records:
        a.shared.offer(record)
    assert a.shared.flush(20) == 0
    got = {}
    threads = [
        threading.Thread(target=lambda key=r.key: got.update({key: b.shared.fetch(key)}))
        for r in records
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert got == {record.key: True for record in records}
    assert all(b.calls.get(record.key) for record in records)
    assert [name for name in kept(b) if name.startswith(("store/incoming", "store/partial"))] == []


_KILLED = """
import sys, threading
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tests.resources.machine import Machine
one = Machine(Path(sys.argv[2]), sys.argv[3])
fill = one.shared.place._fill
def stop(path, *rest):
    fill(path, *rest)
    if "objects" not in path and "incoming" in path and one.shared._layout_seen:
        sys.stdout.write("sending\\n"); sys.stdout.flush()
        threading.Event().wait()
one.shared.place._fill = stop
one.shared.offer(one.computes("dawn", Path(sys.argv[4])))
threading.Event().wait()
"""


def test_a_process_killed_while_it_sends_leaves_nothing_half_and_the_next_start_sends(
    machine, share, tmp_path
):
    source = picture(tmp_path / "1.png")
    argv = [sys.executable, "-c", _KILLED, str(ROOT), str(tmp_path / "a"), share.as_uri(), source]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as child:
        assert child.stdout.readline() == b"sending\n"
        other = machine("a")  # another process of this machine leaves alone what that one sends
        other.shared.start()
        other.shared.flush(2)
        assert len(other.waiting()) == 1
        child.send_signal(signal.SIGKILL)
    assert not list(share.glob("objects/*/*")) and not list(share.glob("calls/*/*"))
    again = machine("a")
    again.shared.start()
    assert again.shared.flush(20) == 0 and again.waiting() == []
    b = machine("b")
    assert b.shared.fetch(key_of("dawn"))


def test_who_leaves_in_the_middle_of_a_download_ends_it_and_the_next_goes_on(machine, tmp_path):
    a, b = machine("a"), machine("b")
    record = a.computes("dawn", sound(tmp_path / "1.wav", 20 * 2**20))
    a.offers(record)
    size, told = record.outputs[0].size, []

    def watch(got, of):
        told.append((got, of))
        return not 0 < got < 2**24

    assert not b.shared.fetch(record.key, watch)
    assert told == [(0, size), (2**23, size)] and b.path_of(record) is None
    told.clear()
    assert b.shared.fetch(record.key, lambda got, of: told.append((got, of)) is None)
    assert told == [(2**23, size), (2**24, size)]
    assert b.path_of(record).read_bytes() == (tmp_path / "1.wav").read_bytes()


def test_nothing_waits_for_another_store_than_it_was_meant_for(tmp_path):
    first, second = Outbox(tmp_path, "s3://one/films"), Outbox(tmp_path, "s3://two/films")
    first.add("ab" * 32, replace=False, suspect=())
    assert [entry.key for entry in first.entries()] == ["ab" * 32]
    assert second.entries() == []
    assert Outbox(tmp_path, "s3://one/films/").entries() == first.entries()
    assert waiting_keys(tmp_path) == {"ab" * 32}


def test_a_record_that_is_gone_or_damaged_here_is_not_sent_and_does_not_wait(
    machine, share, tmp_path, warned
):
    a = machine("a")
    gone = a.computes("gone", picture(tmp_path / "1.png", 1))
    a.calls.forget(gone.key)
    fine = a.computes("fine", picture(tmp_path / "2.png", 2))
    a.shared.offer(gone)
    assert a.offers(fine) == 0
    assert a.waiting() == [] and len(files_under(share)) == 3


def test_clocks_that_differ_by_ten_minutes_change_nothing(machine, share, tmp_path):
    a, b = machine("a"), machine("b")
    record = a.computes("dawn", picture(tmp_path / "1.png"))
    a.offers(record)
    for shift_s in (600, -600):
        when = time.time() + shift_s
        for path in share.rglob("*.*"):
            os.utime(path, (when, when))
        assert b.shared.fetch(record.key)
        a.offers(record)
        b.offers(b.calls.get(record.key))
    assert machine("c").shared.fetch(record.key)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("share/filmeto", "is not an address"),
        ("s3:/bucket", "is not an address"),
        ("s3://", "names no bucket"),
        ("nonsense://x/y", "no kind of address"),
        ("s3://AKIA:hunter2@bucket/films", "holds a password or key"),
        ("sftp://me:hunter2@host/films", "holds a password or key"),
    ],
)
def test_an_address_of_no_use_is_said_at_once_and_no_secret_with_it(url, said):
    with pytest.raises(ValidationError, match=said) as refused:
        open_place(url)
    assert "hunter2" not in str(refused.value) and "AKIA" not in str(refused.value)


def test_a_missing_package_is_named_with_the_command_that_installs_it(monkeypatch):
    find_spec = importlib.util.find_spec
    missing = lambda name: None if name == "s3fs" else find_spec(name)  # noqa: E731
    monkeypatch.setattr("importlib.util.find_spec", missing)
    with pytest.raises(ValidationError, match=r"needs .*s3fs.*pip install 'filmeto\[s3\]'"):
        open_place("s3://bucket/films")
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    with pytest.raises(ValidationError, match=r"gcs:// needs .*pip install"):
        open_place("gcs://bucket/films")


def test_no_address_is_no_shared_store_and_a_path_is_one(machine, tmp_path):
    share = tmp_path / "my share, 50%20"
    share.mkdir()
    a, b = machine("a", str(share)), machine("b", f"file://{share}/")
    assert open_shared(" ", a.store, a.calls, tmp_path) is None
    record = a.computes("dawn", picture(tmp_path / "1.png"))
    assert a.offers(record) == 0
    assert b.shared.fetch(record.key)
    assert (share / "layout.json").exists()


def test_a_record_can_be_looked_at_without_its_files(machine, share, tmp_path):
    a, b = machine("a"), machine("b")
    record = a.computes("dawn", picture(tmp_path / "1.png"))
    assert b.shared.peek(record.key) is None
    a.offers(record)
    assert b.shared.peek(record.key).outputs[0].digest == record.outputs[0].digest
    assert kept(b) == []
    (there,) = share.glob("calls/*/*.json")
    there.write_text("{")
    assert b.shared.peek(record.key) is None


def test_errors_of_clouds_are_told_by_their_codes_alone():
    class ClientError(Exception):
        def __init__(self, code, status):
            super().__init__("the key AKIASECRET of https://user:SECRET@host")
            self.response = {
                "Error": {"Code": code, "Message": "AKIASECRET"},
                "ResponseMetadata": {"HTTPStatusCode": status},
            }

    refused = OSError("AKIASECRET")
    refused.__cause__ = ClientError("AccessDenied", 403)
    assert why_of(refused, 1) == (
        "access was refused (HTTP 403 AccessDenied); check the credentials and what they may do"
    )
    assert "clock differs" in why_of(ClientError("RequestTimeTooSkewed", 403), 1)
    assert "no such bucket" in why_of(ClientError("NoSuchBucket", 404), 1)
    assert why_of(ClientError("Slow<Down> AKIA/x", 503), 1) == "HTTP 503 SlowDownAKIAx"
    assert why_of(ClientError("", 500), 1) == why_of(ClientError("500", 500), 1) == "HTTP 500"
    assert why_of(RuntimeError("AKIASECRET"), 1) == "it failed (RuntimeError)"
    assert why_of(TimeoutError(), 2) == "no answer within 2 s"
    assert why_of(ConnectionRefusedError(111, "AKIASECRET"), 1) == "no connection"


def test_a_sync_sends_what_is_not_there_and_goes_on_where_it_was_stopped(machine, share, tmp_path):
    a = machine("a")
    records = [a.computes(str(i), picture(tmp_path / f"{i}.png", i)) for i in range(6)]
    a.offers(records[0])
    damaged = a.computes("damaged", picture(tmp_path / "d.png", 99))
    flip(a.path_of(damaged))
    told = []
    plan = sync(a.shared, dry_run=True)
    assert (plan.records, plan.there, plan.sent, plan.skipped) == (7, 1, 5, 1)
    assert len(list(share.glob("calls/*/*"))) == 1
    done = sync(a.shared, progress=lambda what, n, of: told.append((what, n, of)))
    assert dataclasses.replace(done, skipped=1) == dataclasses.replace(plan, skipped=1)
    assert told[-1] == ("sent", 6, 6)
    b = machine("b")
    assert all(b.shared.fetch(record.key) for record in records)
    again = sync(a.shared)
    assert (again.there, again.sent) == (6, 0)


def test_a_sync_sends_what_waits_first_and_as_it_was_meant(machine, share, tmp_path):
    a, b = machine("a"), machine("b")
    a.offers(a.computes("dawn", picture(tmp_path / "1.png", 1)))
    newer = b.computes("dawn", picture(tmp_path / "2.png", 2))
    b.shared.outbox.add(newer.key, replace=True, suspect=())  # of a process that was killed
    assert sync(b.shared).sent == 1
    assert b.waiting() == []
    c = machine("c")
    assert c.shared.fetch(newer.key) and c.calls.get(newer.key).id == newer.id


def test_a_sync_with_a_store_that_is_away_says_so(machine, share, tmp_path):
    a = machine("a")
    a.computes("dawn", picture(tmp_path / "1.png"))
    share.rmdir()
    with pytest.raises(StoreError, match="mount it.*0 finished calls were sent.*again"):
        sync(a.shared)
