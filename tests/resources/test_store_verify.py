"""Verification finds every flipped bit and every lost file, says who made it, and mends what it can."""

import os
from pathlib import Path

import pytest

from filmeto_core.errors import ResourceProcessingError, StoreError
from filmeto_core.resources.store_listing import find_digest, list_store
from filmeto_core.resources.store_verify import verify


def flip(path: Path, at: int = -20) -> None:
    """Flip a bit as a disk does: size and times stay."""
    status = path.stat()
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)
    path.chmod(0o444)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_a_sound_store_is_fine_and_is_read_whole(made):
    records = [made.call(n) for n in range(3)]
    told = verify(made.opened())
    assert told.is_fine and told.problems == ()
    assert (told.files, told.records) == (3, 3)
    assert told.size_bytes == sum(r.outputs[0].size for r in records)


def test_reading_it_all_is_no_use_of_the_files(made):
    record = made.call(1, days=40)
    before = Path(record.outputs[0].path).stat().st_atime_ns
    verify(made.opened())
    assert Path(record.outputs[0].path).stat().st_atime_ns == before


def test_a_flipped_bit_under_an_unchanged_time_is_found_with_who_made_the_file(made):
    record, fine = made.call(1), made.call(2)
    report = made.folder / "film.json"
    report.write_text("{}")
    made.index.store.keep_film(report, [record.outputs[0].digest])
    path = Path(record.outputs[0].path)
    flip(path)
    assert made.opened().get(record.key), "size and time are those of the record"
    told = verify(made.opened())
    assert not told.is_fine
    (problem,) = told.problems
    assert (problem.kind, problem.path) == ("damaged file", path)
    assert problem.digest == record.outputs[0].digest != problem.found
    assert problem.found.startswith("sha256:")
    assert problem.calls == (f"text2image by p 1.0, record {record.key}",)
    assert problem.films == (report,)
    assert path.exists(), "nothing is removed unless that is asked for"
    told = verify(made.opened(), repair=True)
    assert told.is_fine and told.problems[0].repaired
    assert not path.exists()
    assert made.opened().get(record.key) is None and made.opened().get(fine.key)
    assert made.records() == {fine.key}
    assert verify(made.opened()).problems == ()


def test_a_lost_and_a_damaged_record_are_written_again_from_the_catalogue(made):
    lost, damaged, fine = (made.call(n) for n in range(3))
    verify(made.index)
    made.record_path(lost).unlink()
    made.record_path(damaged).write_text("{")
    told = verify(made.opened())
    assert {p.kind for p in told.problems} == {"lost record", "damaged record"}
    told = verify(made.opened(), repair=True)
    assert told.is_fine and len(told.problems) == 2
    assert made.records() == {lost.key, damaged.key, fine.key}
    assert verify(made.opened()).problems == ()
    assert made.opened().get(damaged.key) == damaged


def test_a_damaged_record_that_nothing_else_knows_is_removed(made):
    record = made.call(1)
    made.index.catalogue.close()
    made.index.catalogue.discard()
    made.record_path(record).write_text("{")
    assert [p.kind for p in verify(made.opened()).problems] == ["damaged record"]
    assert verify(made.opened(), repair=True).is_fine
    assert made.records() == set()
    assert verify(made.opened()).problems == ()


def test_a_record_whose_file_is_gone_is_told_and_forgotten(made):
    record = made.call(1, others=(2,))
    Path(record.outputs[0].others[0].path).unlink()
    (problem,) = verify(made.opened()).problems
    assert (problem.kind, problem.digest) == ("missing file", record.outputs[0].others[0].digest)
    assert problem.calls == (f"text2image by p 1.0, record {record.key}",)
    assert verify(made.opened(), repair=True).is_fine
    assert made.records() == set()
    assert made.files() == {record.outputs[0].digest}, "it may be made by another call"


def test_what_is_none_of_the_stores_is_told_and_left_alone(made):
    made.call(1)
    strange = made.folder / "store/objects/notes.txt"
    strange.write_text("mine")
    (problem,) = verify(made.opened(), repair=True).problems
    assert (problem.kind, problem.path, problem.repaired) == ("strange file", strange, "")
    assert strange.exists()


def test_a_damaged_catalogue_is_built_anew(made):
    record = made.call(1)
    verify(made.index)
    made.index.catalogue.close()
    path = made.index.catalogue.path
    data = bytearray(path.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    path.write_bytes(data)
    told = verify(made.opened())
    assert told.is_fine and told.records == 1
    assert made.opened().get(record.key)


def test_what_goes_into_a_film_is_read_before_it_does(made):
    record, fine = made.call(1), made.call(2)
    path = Path(record.outputs[0].path)
    flip(path)
    store = made.opened().store
    with pytest.raises(StoreError, match="missing or damaged.*Run the same command again"):
        store.require([record.outputs[0].digest, fine.outputs[0].digest])
    assert not path.exists(), "its place is free for the right one"
    store.require([fine.outputs[0].digest])
    assert made.opened().get(record.key) is None


def test_a_thorough_look_finds_what_size_and_time_do_not_tell(made):
    record = made.call(1)
    flip(Path(record.outputs[0].path))
    assert made.opened().get(record.key) is not None
    assert made.opened().get(record.key, thorough=True) is None
    assert made.opened().get(record.key) is None


def test_a_damaged_file_of_the_store_never_enters_it_as_another(made):
    path = Path(made.output(7).path)
    flip(path)  # it may still be a picture, but not that one
    with pytest.raises(ResourceProcessingError, match="was damaged.*made anew"):
        made.opened().store.put_file(path)
    assert made.files() == set()


def test_a_listing_tells_sizes_makers_films_and_pins(made):
    record, other = made.call(1, days=3, others=(3,)), made.call(2, days=1)
    report = made.folder / "film.json"
    report.write_text("{}")
    made.index.store.keep_film(report, [record.outputs[0].digest])
    made.index.store.pin(other.outputs[0].digest, "good")
    listing = list_store(made.opened(), order="used")
    assert listing.totals["image"][0] == 3 and listing.records == 2
    assert listing.totals["image"][1] == sum(file.size_bytes for file in listing.files)
    by_digest = {file.digest: file for file in listing.files}
    first = by_digest[record.outputs[0].digest]
    assert first.made_by == ("text2image p",) and first.films == (report,) and first.pin is None
    assert by_digest[other.outputs[0].digest].pin == "good"
    assert listing.files[0].digest == other.outputs[0].digest, "the last used"
    (pinned,) = list_store(made.opened(), pinned=True).files
    assert pinned.digest == other.outputs[0].digest
    assert len(list_store(made.opened(), most=2).files) == 2


def test_a_digest_is_found_by_its_first_digits(made):
    digest = made.call(1).outputs[0].digest
    index = made.opened()
    assert find_digest(index, digest) == find_digest(index, digest[7:15].upper()) == [digest]
    assert (
        find_digest(index, "../../etc") == find_digest(index, "") == find_digest(index, "*") == []
    )
