"""`filmeto store ls|verify|gc|pin|unpin`, on a store with calls in it."""

import json
import os
import subprocess
import time
from pathlib import Path

import pytest
from PIL import Image

from filmeto_core.cli import main
from filmeto_core.resources.calls import CallIndex, CallRecord, call_key
from filmeto_core.resources.store import Store
from filmeto_core.types import ResourceOutput


class Kept:
    """Pictures in a FILMETO_HOME, each made by a call of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.index = CallIndex(home / "cache", Store(home / "store"))

    def call(self, shade: int, days: float = 0) -> str:
        """The digest of a picture that was last used so many days ago."""
        path = self.home.parent / f"{shade}.png"
        Image.new("RGB", (64, 64), (shade, 0, 0)).save(path)
        stored = self.index.store.put_file(path)
        output = ResourceOutput(
            type="image", path=str(stored.path), metadata={"digest": stored.digest}
        )
        key = call_key(tool="text2image", plugin="p", fingerprint="f", parameters={"n": shade})
        self.index.put(CallRecord(key=key, tool="text2image", plugin="p", outputs=(output,)))
        then = time.time() - days * 86400
        os.utime(self.home / "cache/records" / key[:2] / f"{key}.json", (then, then))
        os.utime(stored.path, ns=(int(then * 1e9), stored.path.stat().st_mtime_ns))
        return stored.digest

    def path(self, digest: str) -> Path:
        return self.index.store.path_of(digest)


@pytest.fixture
def filmeto(home, capsys, monkeypatch):
    """The command line in this process, where it is quick: filmeto("store", "ls")."""
    monkeypatch.setattr("filmeto_core.cli.interrupt.on_interrupt", lambda _leave: None)

    def run(*argv: str) -> subprocess.CompletedProcess[str]:
        capsys.readouterr()
        try:
            code = main(list(argv))
        except SystemExit as wrong:
            code = int(wrong.code or 0)
        said = capsys.readouterr()
        return subprocess.CompletedProcess(argv, code, said.out, said.err)

    return run


@pytest.fixture
def kept(home):
    made = Kept(home)
    yield made
    made.index.catalogue.close()


def test_a_listing_shows_each_file_with_what_refers_to_it(filmeto, kept):
    new, old = kept.call(1), kept.call(2, days=3)
    kept.index.store.pin(old, "the take we chose")
    done = filmeto("store", "ls")
    assert done.returncode == 0, done.stderr
    assert new[7:19] in done.stdout and "text2image p" in done.stdout
    assert "pinned: the take we chose" in " ".join(done.stdout.split())
    assert "in all: 2 files" in done.stdout and "2 finished calls" in done.stdout
    told = json.loads(filmeto("store", "ls", "--json", "--sort", "used").stdout)
    assert [file["digest"] for file in told["files"]] == [new, old]
    assert told["files"][1]["pin"] == "the take we chose"
    assert told["totals"]["image"]["files"] == 2
    pinned = filmeto("store", "ls", "--pinned").stdout
    assert old[7:19] in pinned and new[7:19] not in pinned
    assert "1 of 2 files" in filmeto("store", "ls", "--limit", "1").stdout


def test_a_pin_takes_the_first_digits_and_keeps_its_file_from_collection(filmeto, kept):
    old = kept.call(1, days=50)
    done = filmeto("store", "pin", old[7:15], "--note", "good")
    assert (done.returncode, done.stdout) == (0, f"pinned {old}\n")
    assert "files removed: 0" in filmeto("store", "gc").stdout
    assert filmeto("store", "unpin", old[:20]).stdout == f"unpinned {old}\n"
    assert filmeto("store", "unpin", old[:20]).returncode == 2
    done = filmeto("store", "gc")
    assert "files removed: 1" in done.stdout and kept.path(old) is None


@pytest.mark.parametrize("digest", ["", "zz", "../../etc", "sha256:", "0" * 64])
def test_a_digest_that_is_nowhere_is_wrong_input_that_says_where_to_look(filmeto, kept, digest):
    kept.call(1)
    done = filmeto("store", "pin", digest)
    assert done.returncode == 2 and "store ls" in done.stderr


def test_collection_by_size_and_its_dry_run(filmeto, kept):
    size = kept.path(kept.call(1, days=3)).stat().st_size
    newest = kept.call(2, days=1)
    planned = filmeto("store", "gc", "--max-size", f"{size + 20}B", "--dry-run")
    assert "files would be removed: 1" in planned.stdout
    told = json.loads(filmeto("store", "gc", "--max-size", f"{size + 20}", "--json").stdout)
    assert [file["why"] for file in told["files"]] == ["size"]
    assert (told["records"], told["dry_run"], told["before"]["files"]) == (1, False, 2)
    assert kept.path(newest) is not None
    kept.index.store.pin(newest)
    assert "more than --max-size" in filmeto("store", "gc", "--max-size", "10B").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["gc", "--max-size", "3XB"], "a size such as 20GB"),
        (["gc", "--max-size", "-1"], "a size such as 20GB"),
        (["gc", "--older-than", "-1"], "a number of days"),
        (["ls", "--limit", "few"], "a whole number"),
        (["ls", "--sort", "colour"], "size, used, age"),
        (["unpin"], "missing DIGEST"),
    ],
)
def test_wrong_usage_is_told_in_a_line(filmeto, words, said):
    done = filmeto("store", *words)
    assert done.returncode == 2 and said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_verify_tells_of_a_flipped_bit_and_repairs_it(filmeto, kept):
    digest = kept.call(1)
    assert filmeto("store", "verify").stdout.endswith("1 records: all is right\n")
    path = kept.path(digest)
    status, data = path.stat(), bytearray(path.read_bytes())
    data[40] ^= 4
    path.chmod(0o644)
    path.write_bytes(data)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    done = filmeto("store", "verify")
    assert done.returncode == 1
    assert f"damaged file: {path}" in done.stdout and f"expected {digest}" in done.stdout
    assert "made by  text2image by p" in done.stdout and "--repair" in done.stdout
    told = json.loads(filmeto("store", "verify", "--json").stdout)
    assert (told["fine"], told["problems"][0]["kind"]) == (False, "damaged file")
    done = filmeto("store", "verify", "--repair")
    assert (done.returncode, path.exists()) == (0, False)
    assert "1 wrong, all repaired" in done.stdout
    assert filmeto("store", "verify").returncode == 0


def test_a_store_of_a_newer_release_is_refused_with_what_to_run(filmeto, kept):
    kept.call(1)
    (kept.home / "store" / "layout").write_text("3\n")
    for words in (["ls"], ["verify"], ["gc"], ["pin", "00"]):
        done = filmeto("store", *words)
        assert done.returncode in (1, 2)
        if words != ["pin", "00"]:
            assert "pip install --upgrade filmeto" in done.stderr and done.returncode == 1


def test_an_empty_home_is_listed_verified_and_collected(filmeto, home):
    for words in (["ls"], ["verify"], ["gc"], ["ls", "--pinned"], ["gc", "--dry-run", "--json"]):
        done = filmeto("store", *words)
        assert (done.returncode, done.stderr) == (0, "")
    assert not (home / "store").exists() and not (home / "cache" / "catalogue.db").exists()
