"""A plan and the run after it agree: what it says will be computed is, under the same key; no more."""

import copy
import random
from pathlib import Path

import pytest

from filmeto_core.tasks.runtime import service

SHOTS = [
    {"id": "dawn", "prompt": "a lamp", "narration": "He climbed."},
    {"id": "noon", "prompt": "a gull", "transition": {"kind": "dissolve", "duration_s": 0.5}},
    {"id": "dusk", "prompt": "a boat", "narration": "He waited long.", "duration_s": 2},
    {"id": "night", "prompt": "the sea", "narration": "He slept."},
]


def agree(studio, board, **asked):
    """Plan, run, compare; gives the plan, and the calls that were made by shot and tool."""
    plan = studio.plan(board, **asked)
    said = studio.working(plan)
    certain = {name for name, call in said.items() if call.certain}
    made = studio.make(board, **asked)
    assert certain <= made.keys() <= said.keys()
    for name, call in made.items():
        assert said[name].key in (None, call.key)
    after = studio.plan(board)
    assert after.totals.reused == after.totals.calls and after.assembly.action == "reuse"
    keys = {(call.shot, call.tool): call.key for call in after.calls}
    for call in plan.calls:  # what was to be reused is what the film is now made of
        if call.action == "reuse":
            assert keys[call.shot, call.tool] == call.key
    return plan, set(made)


def tools(made, *shots):
    return sorted(tool for shot, tool in made if shot in (shots or (None,)))


def edited(board, **shots):
    changed = [{**shot, **shots.get(shot["id"], {})} for shot in board["shots"]]
    return {**board, "shots": changed}


@pytest.fixture
def film(studio):
    board = studio.board(copy.deepcopy(SHOTS))
    plan, made = agree(studio, board)
    assert len(made) == plan.totals.computed == 12 and plan.totals.reused == 0
    assert {call.why.split(";")[0] for call in (*plan.calls, plan.assembly)} == {"first time"}
    return board


def test_each_kind_of_edit_costs_what_depends_on_it_and_the_plan_says_so_and_why(studio, film):
    _, made = agree(studio, edited(film, night={"prompt": "the sea at night"}))
    assert made == {("night", "text2image"), ("night", "image2video")}

    plan, made = agree(studio, edited(film, dawn={"motion": "pan-left"}))
    assert made == {("dawn", "image2video")}
    assert studio.why(plan, "dawn", "image2video") == "motion push-in to pan-left"

    dusk, dawn, noon, night = (film["shots"][i] for i in (2, 0, 1, 3))
    _, made = agree(studio, {**film, "shots": [dusk, dawn, noon, night]})
    assert made == {(None, "text2music")}  # dissolves and clips stay; the film's turns move

    plan, made = agree(studio, {**film, "shots": [dawn, noon, night, dusk], "music": None})
    assert made == set() and plan.assembly.action == "compute"

    _, made = agree(studio, {**film, "shots": [dawn, night, noon, dusk], "music": None})
    assert made == {("dawn", "image2video"), ("night", "image2video")}  # the dissolve moved

    new = {"id": "new", "prompt": "a rope", "narration": "Then."}
    _, made = agree(studio, {**film, "shots": [dawn, noon, new, dusk, night]})
    assert tools(made, "new") == ["image2video", "text2image", "text2speak"]
    assert made - {(None, "text2music")} == {("new", tool) for tool in tools(made, "new")}

    _, made = agree(studio, {**film, "shots": [dawn, noon, night]})
    assert made == {(None, "text2music")}


def test_takes_sizes_and_lost_files_are_told_apart(studio, film):
    plan, made = agree(studio, edited(film, noon={"take": 2}))
    assert studio.why(plan, "noon", "text2image") == "take 1 to 2"
    assert studio.why(plan, "noon", "image2video") == "take 1 to 2; its still is made anew"
    assert made == {("noon", "text2image"), ("noon", "image2video")}

    larger = studio.plan({**film, "size": "128x96"})
    assert studio.why(larger, "dawn", "text2image") == "size 64x64 to 128x96"

    lost = next(call for call in studio.plan(film).calls if call.tool == "text2image")
    (path,) = (studio.home / "store" / "objects").rglob(f"{lost.digest.split(':')[1]}.*")
    path.unlink()
    plan, made = agree(studio, film)
    assert studio.why(plan, "dawn", "text2image") == "file gone"
    perhaps = studio.working(plan)["dawn", "image2video"]
    assert (perhaps.certain, perhaps.why) == (False, "only if its still comes out otherwise")
    assert made == {("dawn", "text2image")}  # it came out the same


def test_a_refresh_makes_the_shots_calls_anew_and_says_so(studio, film):
    plan = studio.plan(film, refresh=["night"])
    assert studio.why(plan, "night", "text2image") == "--refresh"
    assert set(studio.working(plan)) >= set(studio.make(film, refresh=["night"]))


def test_a_pinned_still_is_no_call(studio, film):
    still = next(c for c in studio.plan(film).calls if (c.shot, c.tool) == ("noon", "text2image"))
    plan, made = agree_pinned(studio, edited(film, noon={"pinned": {"text2image": still.digest}}))
    assert plan.totals.pinned == 1 and made == set()


def agree_pinned(studio, board):
    plan = studio.plan(board)
    return plan, set(studio.make(board))


def test_any_series_of_edits_is_foretold(studio, film):
    chance, board = random.Random(5), film
    for _ in range(8):
        board = one_edit(chance, board)
        agree(studio, board)


def one_edit(chance: random.Random, board):
    """The film with one thing changed, of the kinds that people change."""
    shots = copy.deepcopy(board["shots"])
    shot = chance.choice(shots)
    word = chance.choice(["lamp", "gull", "rope", "tide"])
    kind = chance.choice(["prompt", "narration", "duration", "move", "drop", "dissolve", "seed"])
    if kind == "prompt":
        shot["prompt"] = f"a {word}"
    elif kind == "narration":
        shot["narration"] = f"He saw a {word}{chance.choice(['.', '!', ' again.'])}"
    elif kind == "duration":
        shot["duration_s"] = chance.choice(["auto", 2, 3.5])
    elif kind == "move":
        chance.shuffle(shots)
    elif kind == "drop" and len(shots) > 2:
        shots.remove(shot)
    elif kind == "seed":
        shot["seed"] = chance.randrange(3)
    for later in shots[1:]:
        if kind == "dissolve" and later is shot:
            later["transition"] = {"kind": "dissolve", "duration_s": 0.25}
    shots[0].pop("transition", None)
    return {**board, "shots": shots}


def test_planning_leaves_nothing_behind(studio, film):
    def listing():
        """All but what SQLite lays beside a database that is read."""
        found = (p for p in studio.home.rglob("*") if not p.name.endswith(("-shm", "-wal")))
        return sorted(found)

    service().journal.flush()
    before = listing()
    studio.plan(edited(film, dawn={"prompt": "a whale"}))
    assert listing() == before and not Path("out/elsewhere").exists()
