"""The journal on a small disk that fills: said in words, nothing half there, room made, it goes on."""

import os

import pytest

from filmeto_core import process
from filmeto_core.errors import StoreError
from filmeto_core.journal.jobs import Wanted
from filmeto_core.journal.journal import Journal


@pytest.fixture
def disk(tmp_path):
    """A disk of 1 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = process.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)])
    if mounted.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {mounted.stderr.strip()}")
    yield folder
    process.run(["umount", "-l", str(folder)])


def fill(disk, leave_kib):
    """Leave no room but so much."""
    with open(disk / "ballast", "wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            file.truncate(max(0, file.tell() - leave_kib * 1024))


def wanted(number):
    key = f"{number:064x}"
    return Wanted(key=key, tool="text2image", plugin="paid", price=None, takes_key=True)


@pytest.mark.parametrize("leave_kib", [0, 4, 8, 16, 32, 64])
@pytest.mark.parametrize("began", [False, True])
def test_a_job_that_finds_no_room_is_refused_and_goes_on_with_room(disk, leave_kib, began):
    journal = Journal(disk / "journal")
    if began:
        journal.jobs_at_work.claim(wanted(0))
    fill(disk, leave_kib)
    claimed = 1 if began else 0
    with pytest.raises(StoreError, match="no room left") as caught:
        for number in range(1, 400):
            journal.jobs_at_work.claim(wanted(number))
            claimed += 1
    assert "Make room there" in str(caught.value)
    os.unlink(disk / "ballast")
    journal.jobs_at_work.claim(wanted(1000))
    assert len(journal.jobs()) == claimed + 1
    journal.close()
