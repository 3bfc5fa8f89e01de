"""What the store and its index cost, held against `sha256sum` and `cp`, and with a million entries.

    python tests/benchmarks/bench_store.py                     # every bar, in some minutes
    python tests/benchmarks/bench_store.py --entries 20000     # to see that all runs
    python tests/benchmarks/bench_store.py --only files

A million entries are records and files as the store keeps them, made by a generator in a folder of the
benchmark's own (some 9 GB of small files) and removed at its end. Exit code 1 if a bar is missed.
"""

import argparse
import hashlib
import multiprocessing
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from PIL import Image  # noqa: E402

from filmeto_core.media import MediaInfo, probe  # noqa: E402
from filmeto_core.resources.calls import CallIndex, CallRecord, call_key  # noqa: E402
from filmeto_core.resources.catalogue_sync import current  # noqa: E402
from filmeto_core.resources.gc_plan import GcPlan  # noqa: E402
from filmeto_core.resources.store import Store  # noqa: E402
from filmeto_core.resources.store_listing import list_store  # noqa: E402
from filmeto_core.types import ResourceOutput  # noqa: E402

FILE_BAR = 1.3  # times sha256sum and cp
LOOKUP_BAR_MS, PLAN_BAR_S, NOTE_BAR_MS = 1.0, 60.0, 0.2
ROUNDS = 5
LARGE_BYTES = 100_000_000
WRITERS = 4  # processes that generate
DAY_S = 86400


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--only", choices=["files", "entries"])
    parser.add_argument("--folder", help="where to work (default: a temporary folder)")
    options = parser.parse_args()
    missed = 0
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        if options.only != "entries":
            missed += files(Path(name))
        if options.only != "files":
            missed += entries(Path(name), options.entries)
    return int(missed > 0)


def told(what: str, value: str, bar: str = "", met: bool = True) -> int:
    """Print a row; 1 if its bar is missed."""
    verdict = ("met" if met else "MISSED") if bar else ""
    print(f"{what:58} {value:>14}  {bar:10} {verdict}".rstrip(), flush=True)
    return int(not met)


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def timed_both(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and those in which this process worked."""
    busy = time.process_time()
    seconds = timed(work)
    return seconds, time.process_time() - busy


def clip(folder: Path) -> Path:
    """A clip of 100 MB as films have them: H.264, 1080p, some 25 Mbit/s."""
    import imageio_ffmpeg

    path, ffmpeg = (
        folder / "clip.mp4",
        [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error"],
    )
    picture = "testsrc2=s=1920x1080:r=24,noise=alls=30:allf=t"
    command = [*ffmpeg, "-f", "lavfi", "-i", picture, "-t", "3", "-c:v", "libx264"]
    command += ["-preset", "ultrafast", "-b:v", "25M", "-pix_fmt", "yuv420p"]
    subprocess.run([*command, str(folder / "part.mp4")], check=True)
    part = (folder / "part.mp4").stat().st_size
    (folder / "list.txt").write_text("file part.mp4\n" * max(1, round(LARGE_BYTES / part)))
    join = [*ffmpeg, "-f", "concat", "-i", str(folder / "list.txt"), "-c", "copy", str(path)]
    subprocess.run(join, check=True)
    return path


def sound(folder: Path) -> Path:
    """A score of 100 MB: WAV, 48 kHz, stereo, nine minutes."""
    path = folder / "score.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(48000)
        file.writeframes(random.Random(1).randbytes(LARGE_BYTES // 4 * 4))
    return path


class Trusting(Store):
    """A store that knows what its files are: what decoding costs is the file's, and told apart."""

    known: MediaInfo

    def _probe(self, path: Path, name: str, **_options: bool) -> MediaInfo:
        return self.known


def files(folder: Path) -> int:
    """Put and get of a large sound and a large clip, in turns with the bare tools."""
    missed = 0
    for source, rounds in ((sound(folder), ROUNDS), (clip(folder), 3)):
        missed += one_file(folder, source, rounds)
        source.unlink()
    return missed


def one_file(folder: Path, source: Path, rounds: int) -> int:
    """Put and get of one file."""
    target, place = folder / "copy", folder / "store"
    info = probe(source)
    names = ["sha256sum", "cp", "sync", "put", "decode", "get", "put again"]
    took: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds + 1):
        with source.open("ab") as file:  # another content each time, which readers skip
            file.write(b"\0\0\0\x0cfree" + number.to_bytes(4, "big"))
        target.unlink(missing_ok=True)
        shutil.rmtree(place, ignore_errors=True)
        store = Trusting(place)
        store.known = info
        row = {"sha256sum": timed(lambda: run("sha256sum", source))}
        row["cp"] = timed(lambda: run("cp", source, target))
        row["sync"] = timed(lambda: run("sync", target))
        row["put"] = timed(lambda store=store: store.put_file(source))
        row["put again"] = timed(lambda store=store: store.put_file(source))
        name = store.put_file(source).digest
        row["decode"] = timed(lambda: probe(source))
        # What a film does with a file of the store in a new process: read whole, and copied out.
        row["get"] = timed(lambda name=name: get(Store(place), name, folder / "out"))
        if number:  # the first warms the caches
            for what, seconds in row.items():
                took[what].append(seconds)
    size = f"{source.stat().st_size / 1e6:.0f} MB {source.suffix}"
    for what in names:
        told(f"{what}, {size}", f"{statistics.median(took[what]) * 1000:.0f} ms")
    missed = 0
    for what in ("put", "get"):
        rows = zip(took[what], took["sha256sum"], took["cp"], strict=True)
        ratio = statistics.median(ours / (sha + cp) for ours, sha, cp in rows)
        bar = f"<= {FILE_BAR:g}"
        missed += told(
            f"{what} / sha256sum and cp, {size}", f"{ratio:.2f} x", bar, ratio <= FILE_BAR
        )
    whole = zip(took["put"], took["decode"], took["sha256sum"], took["cp"], strict=True)
    ratio = statistics.median((put + decode) / (sha + cp) for put, decode, sha, cp in whole)
    told("  with its decoding", f"{ratio:.2f} x")
    python = min(timed(lambda: digest(source)) for _ in range(3))
    told("  hashlib's sha256 of it, which put uses", f"{python * 1000:.0f} ms")
    return missed


def run(*command: object) -> None:
    subprocess.run([str(word) for word in command], check=True, capture_output=True)


def get(store: Store, digest: str, target: Path) -> None:
    store.require([digest])
    shutil.copyfile(store.path_of(digest), target)


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def generate(folder: Path, count: int) -> list[str]:
    """A store of so many calls, each of one file of its own; some keys of it.

    Files are holes of a size: nothing here reads them. A tenth was not used for two months.
    """
    for shard in range(256):
        for part in ("store/objects", "cache/records"):
            (folder / part / f"{shard:02x}").mkdir(parents=True, exist_ok=True)
    for part in ("store", "cache"):
        (folder / part / "layout").write_text("2\n")
    text, name, key = template(folder)
    parts = [(folder, text, name, key, first, count) for first in range(WRITERS)]
    with multiprocessing.get_context("spawn").Pool(WRITERS) as pool:
        pool.starmap(write_part, parts)
    return [hashlib.sha256(b"call %d" % n).hexdigest() for n in range(0, count, count // 1000 or 1)]


def template(folder: Path) -> tuple[str, str, str]:
    """A record's text as the index writes it, with the digest and the key that are in it."""
    index = CallIndex(folder / "template/cache", Store(folder / "template/store"))
    picture = folder / "template.png"
    Image.new("RGB", (1280, 720)).save(picture)
    stored = index.store.put_file(picture)
    told = {"digest": stored.digest, "width": 1280, "height": 720, "seed": 17}
    output = ResourceOutput(type="image", path=str(stored.path), size=100_000, metadata=told)
    key = call_key(tool="text2image", plugin="sketch", fingerprint="f", parameters={})
    parameters = {"prompt": "a lighthouse on a cliff at dawn, gulls, a boat far out at sea"}
    parameters |= {"width": 1280, "height": 720, "seed": 17, "negative_prompt": "", "style": "ink"}
    record = CallRecord(
        key=key,
        tool="text2image",
        plugin="sketch",
        plugin_version="1.0.0",
        parameters=parameters,
        outputs=(output,),
    )
    index.put(record)
    index.catalogue.close()
    text = next(index.catalogue.records.glob("*/*.json")).read_text()
    status = stored.path.stat()
    marks = f"[{status.st_size},{status.st_mtime_ns}]"
    assert marks in text
    return text.replace(marks, "MARKS"), stored.digest.removeprefix("sha256:"), key


def write_part(folder: Path, text: str, name: str, key: str, first: int, count: int) -> None:
    """Every so many-th entry; one of several processes."""
    chance, now_ns = random.Random(first), time.time_ns()
    objects, records = f"{folder}/store/objects", f"{folder}/cache/records"
    for number in range(first, count, WRITERS):
        digest_ = hashlib.sha256(b"file %d" % number).hexdigest()
        key_ = hashlib.sha256(b"call %d" % number).hexdigest()
        size = chance.randrange(10_000, 3_000_000)
        days = 60 if number % 10 == 0 else 20 * chance.random()
        then = (now_ns - int(days * DAY_S * 1e9),) * 2
        record = text.replace(name, digest_).replace(key, key_)
        record = record.replace("MARKS", f"[{size},{then[0]}]").encode()
        place = f"{objects}/{digest_[:2]}/{digest_}.png"
        write(place, lambda f, size=size: os.truncate(f, size), then)
        place = f"{records}/{key_[:2]}/{key_}.json"
        write(place, lambda f, record=record: os.write(f, record), then)


def write(path: str, fill: Callable[[int], object], times_ns: tuple[int, int]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
    fill(descriptor)
    os.utime(descriptor, ns=times_ns)
    os.close(descriptor)


def entries(folder: Path, count: int) -> int:
    """Lookups, a collection's plan and a listing with so many entries."""
    folder = folder / "many"
    kept: list[str] = []
    made_s = timed(lambda: kept.extend(generate(folder, count)))
    told(f"{count:,} entries generated", f"{made_s:.0f} s")
    index = CallIndex(folder / "cache", Store(folder / "store"))
    missed = lookups(index, kept)
    missed += notes(folder)
    objects = index.store.folder / "objects"

    def plan() -> None:
        with current(index.catalogue, objects) as connection:
            planned = GcPlan(connection, index.store.holds, 30 * DAY_S, max_size_bytes=10**12)
            counts.append((planned.files, planned.records))

    counts: list[tuple[int, int]] = []
    first, busy = timed_both(plan)
    told("catalogue built from the records alone, and the plan", f"{first:.1f} s")
    told("  of which this process worked", f"{busy:.1f} s")
    again, busy = timed_both(plan)
    missed += told("gc plan", f"{again:.1f} s", f"<= {PLAN_BAR_S:g} s", again <= PLAN_BAR_S)
    told("  of which this process worked", f"{busy:.1f} s")
    told("  it would remove, files and records", f"{counts[-1][0]:,} {counts[-1][1]:,}")
    listed, busy = timed_both(lambda: list_store(index, most=50))
    told("store ls, the largest 50 with what refers to them", f"{listed:.1f} s")
    told("  of which this process worked", f"{busy:.1f} s")
    size = sum(path.stat().st_size for path in (folder / "cache").glob("catalogue.db*"))
    told("the catalogue's size", f"{size / 1e6:.0f} MB")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told("memory of this process, at most", f"{memory:.0f} MB")
    missed += lookups(index, kept, "with the catalogue there")
    return missed


def lookups(index: CallIndex, keys: list[str], when: str = "") -> int:
    """Hits and misses, each of a process that asks for it the first time."""
    hits = [timed(lambda k=key: found(index, k)) for key in keys]
    misses = [timed(lambda k=key: index.get(k[::-1])) for key in keys]
    middle = statistics.median(hits) * 1000
    worst = sorted(hits)[int(len(hits) * 0.99)] * 1000
    bar = f"<= {LOOKUP_BAR_MS:g} ms"
    missed = told(f"a hit {when}".strip(), f"{middle:.3f} ms", bar, middle <= LOOKUP_BAR_MS)
    told("  99 of 100 are within", f"{worst:.3f} ms")
    told(f"  a miss {when}".rstrip(), f"{statistics.median(misses) * 1000:.3f} ms")
    return missed


def found(index: CallIndex, key: str) -> None:
    if index.get(key) is None:
        raise AssertionError(f"{key} is a miss")


def notes(folder: Path) -> int:
    """What the catalogue costs a put."""
    index = CallIndex(folder / "noted", Store(folder / "noted-store"))
    key = call_key(tool="t", plugin="p", fingerprint="f", parameters={})
    path = index.catalogue.records / key[:2] / f"{key}.json"
    took = [timed(lambda: index.catalogue.note(path, {})) for _ in range(500)]
    index.catalogue.close()
    middle = statistics.median(took) * 1000
    bar = f"<= {NOTE_BAR_MS:g} ms"
    return told("the catalogue's part in a put", f"{middle:.3f} ms", bar, middle <= NOTE_BAR_MS)


if __name__ == "__main__":
    sys.exit(main())
