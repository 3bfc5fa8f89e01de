"""A store shared in S3: a real server on loopback that is cut off, lies, refuses and is slow.

The server is moto's; between it and the machines stands a proxy that does the harm.
"""

import logging
import multiprocessing
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("s3fs", reason="the package s3fs is not installed: pip install 'filmeto[s3]'")
pytest.importorskip("moto.server", reason="moto, flask and flask-cors are not installed")

import boto3

from filmeto_core.resources.shared_s3_sums import Sums, is_right
from tests.resources.machine import Machine, key_of, picture, sound
from tests.resources.s3_proxy import Proxy

ROOT = Path(__file__).resolve().parent.parent.parent
MIB = 2**20
PART = 5 * MIB  # the smallest that S3 takes
URL = "s3://studio/films"


@pytest.fixture(scope="session")
def moto():
    """The port of an S3 server."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield server.get_host_and_port()[1]
    server.stop()


@pytest.fixture
def proxy(moto, monkeypatch):
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIAOPEN",
        "AWS_SECRET_ACCESS_KEY": "hunter2hunter2",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    running = Proxy(moto)
    monkeypatch.setenv("AWS_ENDPOINT_URL", running.url)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def owner(moto):
    """A client that goes past the proxy."""
    client = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{moto}",
        region_name="us-east-1",
        aws_access_key_id="owner",
        aws_secret_access_key="owner",
    )
    yield client
    client.close()


@pytest.fixture
def bucket(owner, proxy):
    """The bucket as its owner sees it."""
    owner.create_bucket(Bucket="studio")
    yield Bucket(owner)
    Bucket(owner).empty()
    owner.delete_bucket(Bucket="studio")


class Bucket:
    def __init__(self, client) -> None:
        self.client = client

    def names(self) -> list[str]:
        found = self.client.list_objects_v2(Bucket="studio").get("Contents", ())
        return sorted(item["Key"].removeprefix("films/") for item in found)

    def objects(self) -> list[str]:
        return [name for name in self.names() if name.startswith("objects/")]

    def read(self, name: str) -> bytes:
        return self.client.get_object(Bucket="studio", Key=f"films/{name}")["Body"].read()

    def write(self, name: str, data: bytes) -> None:
        self.client.put_object(Bucket="studio", Key=f"films/{name}", Body=data)

    def uploads(self) -> int:
        return len(self.client.list_multipart_uploads(Bucket="studio").get("Uploads", ()))

    def empty(self) -> None:
        for item in self.client.list_objects_v2(Bucket="studio").get("Contents", ()):
            self.client.delete_object(Bucket="studio", Key=item["Key"])


@pytest.fixture
def machine(tmp_path, bucket):
    made = []

    def make(name: str, url: str = URL, **options) -> Machine:
        options = {"part_bytes": PART, "pause_s": 0.1, **options}
        made.append(Machine(tmp_path / name, url, **options))
        return made[-1]

    yield make
    for one in made:
        one.shared.close()


@pytest.fixture
def warned(caplog):
    caplog.set_level(logging.WARNING)
    return lambda: [record.getMessage() for record in caplog.records]


def until_sent(machine: Machine, within_s: float = 30) -> None:
    """Sending is tried again after pauses; ends when nothing waits."""
    end = time.monotonic() + within_s
    while machine.shared.flush(2):
        assert time.monotonic() < end, "it was not sent"
    assert machine.waiting() == []


def test_what_one_machine_computed_another_takes(machine, bucket, proxy, tmp_path):
    a, b = machine("a"), machine("b")
    record = a.computes("dawn", picture(tmp_path / "1.png"), other=picture(tmp_path / "2.png", 9))
    assert a.offers(record) == 0
    assert len(bucket.objects()) == 2
    asked = len(proxy.asked)
    assert b.shared.fetch(record.key)
    assert len(proxy.asked) - asked == 4, "the layout once, the record, each file"
    assert b.path_of(record).read_bytes() == (tmp_path / "1.png").read_bytes()
    asked = len(proxy.asked)
    assert not b.shared.fetch(key_of("dusk"))
    assert len(proxy.asked) - asked == 1, "a miss is one request"


def test_what_is_there_is_not_sent_again(machine, bucket, proxy, tmp_path):
    a = machine("a")
    small = a.computes("small", picture(tmp_path / "1.png"))
    large = a.computes("large", sound(tmp_path / "1.wav", 2 * PART))
    a.offers(small), a.offers(large)
    sent = proxy.count(lambda asked: asked.sends_a_file)
    assert sent == 1 + 3
    b = machine("a")  # another process, which remembers nothing
    b.offers(small), b.offers(large)
    assert proxy.count(lambda asked: asked.sends_a_file) == sent


def test_a_place_that_was_closed_opens_again(machine, tmp_path):
    a, b = machine("a"), machine("b")
    a.offers(a.computes("one", picture(tmp_path / "1.png")))
    a.shared.close()
    a.offers(a.computes("two", picture(tmp_path / "2.png", 2)))
    assert b.shared.fetch(key_of("one")) and b.shared.fetch(key_of("two"))


@pytest.mark.parametrize(
    "what",
    [
        {"cut_request_after": 100},
        {"status": 500},
        {"status": 503, "code": "SlowDown"},
        {"status": 403, "code": "AccessDenied"},
        {"corrupt_request": True},
        {"cut_answer_after": 0},
    ],
    ids=lambda what: "-".join(f"{k}={v}" for k, v in what.items()),
)
def test_a_server_that_fails_while_a_file_is_sent_gets_it_in_the_end_and_never_a_wrong_one(
    machine, bucket, proxy, tmp_path, what
):
    a, b = machine("a"), machine("b")
    record = a.computes("dawn", picture(tmp_path / "1.png"))
    proxy.fault(lambda asked: asked.sends_a_file, times=3, **what)
    a.shared.offer(record)
    until_sent(a)
    (name,) = bucket.objects()
    assert bucket.read(name) == (tmp_path / "1.png").read_bytes()
    assert b.shared.fetch(record.key)


def test_nothing_is_visible_before_it_is_right(machine, bucket, proxy, tmp_path, warned):
    a = machine("a")
    record = a.computes("dawn", picture(tmp_path / "1.png"))
    proxy.fault(lambda asked: asked.sends_a_file, times=100, corrupt_request=True)
    assert a.offers(record) == 1
    assert bucket.names() == ["layout.json"]
    assert any("what arrived there is not what was sent" in text for text in warned())
    assert len(a.waiting()) == 1


def test_a_large_file_whose_upload_is_cut_goes_on_with_the_parts_that_arrived(
    machine, bucket, proxy, tmp_path
):
    a, b = machine("a"), machine("b")
    record = a.computes("dawn", sound(tmp_path / "1.wav", 4 * PART))
    third = lambda asked: asked.sends_a_file and "partNumber=3" in asked.path  # noqa: E731
    proxy.fault(third, times=4, cut_request_after=MIB)
    a.shared.offer(record)
    assert proxy.wait_for(third)
    until_sent(a)
    first = proxy.count(lambda asked: asked.sends_a_file and "partNumber=1" in asked.path)
    assert first == 1 and bucket.uploads() == 0
    assert b.shared.fetch(record.key)
    assert b.path_of(record).read_bytes() == (tmp_path / "1.wav").read_bytes()


def test_a_part_that_was_changed_on_its_way_is_found(machine, bucket, proxy, tmp_path):
    a, b = machine("a"), machine("b")
    record = a.computes("dawn", sound(tmp_path / "1.wav", 2 * PART))
    proxy.fault(lambda asked: "partNumber=2" in asked.path, corrupt_request=True)
    a.shared.offer(record)
    until_sent(a)
    (name,) = bucket.objects()
    assert bucket.read(name) == (tmp_path / "1.wav").read_bytes()
    assert b.shared.fetch(record.key)


def test_an_upload_whose_end_was_not_heard_of_is_found_to_be_there(
    machine, bucket, proxy, tmp_path
):
    a = machine("a")
    record = a.computes("dawn", sound(tmp_path / "1.wav", 2 * PART))
    ends = lambda asked: asked.method == "POST" and "uploadId" in asked.path  # noqa: E731
    proxy.fault(ends, cut_answer_after=0)
    a.shared.offer(record)
    until_sent(a)
    assert proxy.count(lambda asked: "partNumber=1" in asked.path) == 1
    assert len(bucket.objects()) == 1 and bucket.uploads() == 0


_OFFERS = """
import sys, threading
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tests.resources.machine import Machine
one = Machine(Path(sys.argv[2]), sys.argv[3], part_bytes=int(sys.argv[4]))
one.shared.offer(one.computes("dawn", Path(sys.argv[5])))
threading.Event().wait()
"""


def test_a_process_killed_in_the_middle_of_an_upload_leaves_it_to_the_next_start(
    machine, bucket, proxy, tmp_path
):
    source = sound(tmp_path / "1.wav", 4 * PART)
    second = lambda asked: "partNumber=2" in asked.path  # noqa: E731
    proxy.fault(second, hang=True)
    argv = [_OFFERS, str(ROOT), str(tmp_path / "a"), URL, str(PART), str(source)]
    with subprocess.Popen([sys.executable, "-c", *argv]) as child:
        with proxy.heard:
            assert proxy.heard.wait_for(lambda: any(map(second, proxy.asked)), 30)
        child.send_signal(signal.SIGKILL)
    assert bucket.names() == ["layout.json"] and bucket.uploads() == 1
    a = machine("a")
    assert len(a.waiting()) == 1
    a.shared.start()
    until_sent(a)
    assert proxy.count(lambda asked: asked.sends_a_file and "partNumber=1" in asked.path) == 1
    assert bucket.uploads() == 0
    b = machine("b")
    assert b.shared.fetch(key_of("dawn"))
    assert b.path_of(a.calls.get(key_of("dawn"))).read_bytes() == source.read_bytes()


def _offer(home, source, gate, answers):
    one = Machine(home, URL, part_bytes=PART)
    record = one.computes("dawn", source)
    gate.wait(30)
    one.shared.offer(record)
    left = one.shared.flush(5)
    while left and len(one.waiting()):
        left = one.shared.flush(5)
    answers.put((left, record.id))
    one.shared.close()


@pytest.mark.parametrize("size", [1000, 2 * PART + 1000], ids=["small", "in-parts"])
def test_two_machines_that_offer_the_same_key_at_once_leave_one_right_record(
    machine, bucket, tmp_path, size
):
    source = sound(tmp_path / "1.wav", size)
    spawn = multiprocessing.get_context("spawn")
    gate, answers = spawn.Barrier(2), spawn.Queue()
    workers = [
        spawn.Process(target=_offer, args=(tmp_path / name, source, gate, answers)) for name in "ab"
    ]
    for worker in workers:
        worker.start()
    told = [answers.get(timeout=60) for _ in workers]
    for worker in workers:
        worker.join(20)
    assert [left for left, _ in told] == [0, 0]
    assert len(bucket.names()) == 3
    c = machine("c")
    assert c.shared.fetch(key_of("dawn"))
    assert c.calls.get(key_of("dawn")).id in {record for _, record in told}
    (name,) = bucket.objects()
    assert bucket.read(name) == source.read_bytes()


@pytest.mark.parametrize("left", [0, 100, 9 * MIB], ids=["empty", "its-head", "a-piece"])
def test_a_file_that_was_cut_short_in_the_bucket_is_refused_and_healed(
    machine, bucket, tmp_path, warned, left
):
    a, b, c = machine("a"), machine("b"), machine("c")
    source = sound(tmp_path / "1.wav", 10 * MIB)
    record = a.computes("dawn", source)
    a.offers(record)
    (name,) = bucket.objects()
    bucket.write(name, source.read_bytes()[:left])
    assert not b.shared.fetch(record.key)
    assert f"{name} is damaged there" in warned()[-1]
    b.offers(b.computes("dawn", source))
    assert c.shared.fetch(record.key)


def test_a_flipped_byte_in_the_bucket_is_refused_and_healed(machine, bucket, tmp_path, warned):
    a, b, c = machine("a"), machine("b"), machine("c")
    record = a.computes("dawn", picture(tmp_path / "1.png"))
    a.offers(record)
    (name,) = bucket.objects()
    data = bytearray(bucket.read(name))
    data[len(data) // 2] ^= 1
    bucket.write(name, bytes(data))
    assert not b.shared.fetch(record.key)
    assert f"{name} is damaged there" in warned()[-1]
    b.offers(b.computes("dawn", picture(tmp_path / "1.png")))
    assert bucket.read(name) == (tmp_path / "1.png").read_bytes()
    assert c.shared.fetch(record.key)


def test_a_machine_that_has_it_right_heals_what_it_finds_damaged(machine, bucket, tmp_path):
    a, b = machine("a"), machine("b")
    record = a.computes("dawn", picture(tmp_path / "1.png"))
    a.offers(record)
    (name,) = bucket.objects()
    bucket.write(name, bucket.read(name)[:-1] + b"x")
    again = b.computes("dusk", picture(tmp_path / "1.png"))  # the same picture, of another call
    b.offers(again)
    assert bucket.read(name) == (tmp_path / "1.png").read_bytes()


@pytest.mark.parametrize(
    "what",
    [{"corrupt_answer": True}, {"cut_answer_after": 50}, {"status": 503, "code": "SlowDown"}],
    ids=["corrupt", "cut", "slow-down"],
)
def test_an_answer_that_was_damaged_on_its_way_is_asked_for_again(
    machine, bucket, proxy, tmp_path, what
):
    a, b = machine("a"), machine("b")
    record = a.computes("dawn", picture(tmp_path / "1.png"))
    a.offers(record)
    proxy.fault(lambda asked: asked.takes_a_file, **what)
    if not b.shared.fetch(record.key):  # cut in the middle: a miss, and no harm done
        assert not list((b.home / "store" / "objects").rglob("*.*"))
        b.shared._reading.retry_now()
        assert b.shared.fetch(record.key)
    assert b.path_of(record).read_bytes() == (tmp_path / "1.png").read_bytes()


def test_a_large_download_that_is_cut_goes_on_where_it_was(machine, bucket, proxy, tmp_path):
    a, b = machine("a"), machine("b")
    record = a.computes("dawn", sound(tmp_path / "1.wav", 20 * MIB))
    a.offers(record)
    takes = lambda: [asked for asked in proxy.asked if asked.takes_a_file]  # noqa: E731
    proxy.fault(lambda asked: asked.takes_a_file and len(takes()) == 2, times=2, cut_answer_after=9)
    assert not b.shared.fetch(record.key)
    before = len(takes())
    b.shared._reading.retry_now()
    again = machine("b")  # a later process
    assert again.shared.fetch(record.key)
    assert len(takes()) - before == 1, "8 and 8 MiB were there already"
    assert again.path_of(record).read_bytes() == (tmp_path / "1.wav").read_bytes()


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ({"hang": True}, "no answer within 0.4 s"),
        ({"status": 503, "code": "SlowDown"}, "HTTP 503 SlowDown"),
        ({"status": 403, "code": "AccessDenied"}, "access was refused (HTTP 403 AccessDenied)"),
        ({"status": 403, "code": "RequestTimeTooSkewed"}, "clock differs"),
        ({"status": 404, "code": "NoSuchBucket"}, "no such bucket"),
        ({"cut_request_after": 0}, "no connection"),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else "",
)
def test_a_store_that_is_away_is_asked_once_told_once_and_holds_nobody_up(
    machine, proxy, warned, what, said
):
    a = machine("a", timeout_s=0.4 if "hang" in what else 20, pause_s=60)
    proxy.fault(lambda asked: True, times=10_000, **what)
    assert not any(a.shared.fetch(key_of(str(i))) for i in range(1000))
    assert len(proxy.asked) <= 4, "one look-up, tried again by the libraries below"
    assert len(warned()) == 1 and said in warned()[0]
    assert "AKIAOPEN" not in warned()[0] and "hunter2" not in warned()[0]


def test_a_server_that_is_not_there_costs_no_call_and_gets_all_when_it_is_back(
    machine, proxy, bucket, monkeypatch, tmp_path, warned
):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")  # nobody listens
    a = machine("a")
    records = [a.computes(str(i), picture(tmp_path / f"{i}.png", i)) for i in range(5)]
    assert not a.shared.fetch(key_of("dawn"))
    for record in records:
        a.shared.offer(record)
    assert a.shared.flush(5) == 5
    assert [text for text in warned() if "5 results wait" in text]
    assert sum("Nothing can be sent" in text for text in warned()) == 1
    monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
    again = machine("a")
    again.shared.start()
    until_sent(again)
    b = machine("b")
    assert all(b.shared.fetch(record.key) for record in records)


def test_what_an_encrypted_bucket_tells_is_taken_by_its_sha256():
    data = [b"one" * 10, b"two"]
    whole, parts = Sums.of(data), Sums.of_parts([Sums.of([piece]) for piece in data])
    assert parts.etag.endswith("-2") and parts.sha256.endswith("-2")
    for sums in (whole, parts):
        kms = {"ETag": '"0123"', "ServerSideEncryption": "aws:kms", "ChecksumSHA256": sums.sha256}
        assert is_right({"ETag": f'"{sums.etag}"'}, sums)
        assert is_right(kms, sums)
        assert not is_right({**kms, "ServerSideEncryption": "AES256"}, sums), "its ETag tells"
        assert not is_right({**kms, "ChecksumSHA256": "x"}, sums)
        assert not is_right({}, sums)


def test_a_bucket_that_is_not_there_is_said_and_nothing_is_lost(machine, tmp_path, warned):
    a = machine("a", "s3://no-such-studio/films")
    record = a.computes("dawn", picture(tmp_path / "1.png"))
    assert not a.shared.fetch(record.key)
    assert a.offers(record) == 1
    assert any("no such bucket" in text for text in warned()) and len(a.waiting()) == 1


_MEASURED = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tests.resources.machine import Machine, picture
one = Machine(Path(sys.argv[2]), sys.argv[3], part_bytes=int(sys.argv[4]))
def peak():
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024
one.offers(one.computes("warm", picture(Path(sys.argv[2]) / "1.png")))  # libraries, connections
record = one.computes("dawn", Path(sys.argv[5]))
before = peak()
left = one.shared.send(record)
sys.stdout.write(f"{left} {peak() - before}")
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peaks are told by Linux")
def test_an_upload_in_parts_takes_the_memory_of_a_few_parts(machine, bucket, tmp_path):
    source = sound(tmp_path / "1.wav", 12 * PART)
    (tmp_path / "a").mkdir()
    argv = [_MEASURED, str(ROOT), str(tmp_path / "a"), URL, str(PART), str(source)]
    done = subprocess.run([sys.executable, "-c", *argv], capture_output=True, text=True, timeout=60)
    sent, grown = map(int, done.stdout.split())
    assert sent == source.stat().st_size
    assert grown < 5 * PART, f"{grown / MIB:.0f} MiB"
