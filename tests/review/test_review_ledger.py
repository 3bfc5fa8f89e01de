"""What is kept of a film's reviews: approvals, answers, and edits that no file has."""

import json
import os
from pathlib import Path

import pytest

from filmeto_core.errors import StoreError
from filmeto_core.film.storyboard import load_storyboard
from filmeto_core.review.ledger import MOST_APPROVED, Ledger, write_whole
from filmeto_core.review.models import Answered, ShotEdit
from filmeto_core.types import utc_now

BOARD = {"shots": [{"id": "dawn", "prompt": "a quay"}, {"id": "storm", "prompt": "waves"}]}
EDITS = (
    ShotEdit(shot="dawn", prompt="a pier", prompt_before="a quay"),
    ShotEdit(shot="storm", take=2, take_before=1),
)


def answered(decision: str, edits=(), run: str = "r") -> Answered:
    return Answered(flow_run=run, at=utc_now(), decision=decision, edits=edits)


def said(board) -> list[tuple[str, int | None]]:
    return [(shot.prompt, shot.take) for shot in board.shots]


def test_an_approved_picture_is_known_to_the_next_process_and_no_other_one_is(tmp_path):
    Ledger(tmp_path).answered(answered("approve"), {"dawn": "sha256:aa"})
    ledger = Ledger(tmp_path)
    assert ledger.approves("dawn", "sha256:aa")
    assert not ledger.approves("dawn", "sha256:bb") and not ledger.approves("storm", "sha256:aa")


def test_no_more_pictures_are_remembered_than_people_look_at(tmp_path):
    ledger = Ledger(tmp_path)
    for number in range(MOST_APPROVED + 5):
        ledger.answered(answered("approve"), {"dawn": f"sha256:{number}"})
    assert len(ledger.reviews.approved["dawn"]) == MOST_APPROVED
    assert ledger.approves("dawn", f"sha256:{MOST_APPROVED + 4}")


def test_an_approval_is_no_use_of_the_file_for_the_store(tmp_path):
    Ledger(tmp_path).answered(answered("approve"), {"dawn": "sha256:aa"})
    assert "sha256:" not in (tmp_path / "review.json").read_text()


def test_edits_that_a_process_was_killed_at_are_there_for_the_next_one(tmp_path):
    Ledger(tmp_path).answered(answered("change", EDITS))
    ledger = Ledger(tmp_path)
    assert ledger.unkept() == EDITS
    assert said(ledger.edited(load_storyboard(BOARD))) == [("a pier", None), ("waves", 2)]
    ledger.kept("storyboard")
    assert Ledger(tmp_path).unkept() == ()
    assert said(Ledger(tmp_path).edited(load_storyboard(BOARD))) == [
        ("a quay", None),
        ("waves", None),
    ]


def test_edits_of_a_storyboard_without_a_file_last_until_it_says_otherwise(tmp_path):
    ledger = Ledger(tmp_path)
    ledger.answered(answered("change", EDITS))
    ledger.kept("here")
    ledger.answered(answered("approve"))
    assert said(Ledger(tmp_path).edited(load_storyboard(BOARD)))[0] == ("a pier", None)
    later = {
        "shots": [{"id": "dawn", "prompt": "a harbour"}, {"id": "storm", "take": 5, "prompt": "x"}]
    }
    assert said(Ledger(tmp_path).edited(load_storyboard(later))) == [("a harbour", None), ("x", 5)]


def test_answers_are_counted_by_the_run_that_asked(tmp_path):
    ledger = Ledger(tmp_path)
    for run in ("a", "b", "a"):
        ledger.answered(answered("refused", run=run))
    assert (Ledger(tmp_path).answers_of("a"), Ledger(tmp_path).answers_of("b")) == (2, 1)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"approved": 3}', '{"answers": [{}]}'])
def test_a_damaged_file_counts_as_none(tmp_path, text):
    (tmp_path / "review.json").write_text(text)
    assert Ledger(tmp_path).reviews.answers == ()
    Ledger(tmp_path).answered(answered("approve"), {"dawn": "sha256:aa"})
    assert Ledger(tmp_path).approves("dawn", "sha256:aa")


def test_a_file_is_replaced_whole_through_a_link_with_its_rights(tmp_path):
    real, link = tmp_path / "real.yaml", tmp_path / "story.yaml"
    real.write_text("a")
    real.chmod(0o640)
    os.utime(real, (1, 1))
    link.symlink_to(real)
    write_whole(link, "b\r\n")
    assert link.is_symlink() and real.read_bytes() == b"b\r\n"
    assert real.stat().st_mode & 0o777 == 0o640 and real.stat().st_mtime > 1
    os.utime(real, (1, 1))
    write_whole(link, "c", keep_time=True)
    assert real.stat().st_mtime == 1 and real.read_text() == "c"
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["real.yaml", "story.yaml"]


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path):
    (tmp_path / "story.yaml").mkdir()
    with pytest.raises(StoreError):
        write_whole(tmp_path / "story.yaml", "x")
    assert [path.name for path in tmp_path.iterdir()] == ["story.yaml"]


def test_the_file_is_readable_by_people_and_programs(tmp_path):
    Ledger(tmp_path).answered(answered("change", EDITS))
    told = json.loads(Path(tmp_path / "review.json").read_text())
    assert told["answers"][0]["edits"][0]["prompt"] == "a pier"
