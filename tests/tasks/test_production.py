"""A film's work side by side: what one shot's failure means for the rest."""

import asyncio

import pytest

from filmeto_core.errors import FilmFailedError, ValidationError
from filmeto_core.tasks.production import open_production


@pytest.fixture
def production(home, tmp_path):
    shots = [{"id": name, "prompt": "a boat"} for name in ("dawn", "noon", "dusk")]
    return open_production({"shots": shots}, out=tmp_path / "out")


def test_a_folder_that_cannot_be_written_is_told_before_anything_is_made(home, tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(ValidationError, match="out: a file of that name is in the way") as caught:
        open_production({"shots": [{"id": "dawn", "prompt": "a boat"}]}, out=tmp_path / "out")
    assert caught.value.details["field"] == "out"


async def failing(production, shot):
    """A part that only dawn has; noon has an error of the tree, dusk a fault of ours."""
    if shot.id == "noon":
        raise ValidationError("the sun stands still.")
    if shot.id == "dusk":
        raise KeyError("lamp")
    return shot.id


def test_every_failure_is_reported_with_its_shot_also_a_fault_of_ours(production):
    async def made():
        return await production.gather(production.each(failing))

    assert asyncio.run(made()) == {"dawn": "dawn"}
    with pytest.raises(FilmFailedError) as caught:
        production.finish()
    said = str(caught.value)
    assert "2 of 3 shots failed" in said
    assert "noon: the sun stands still." in said
    assert "dusk: unexpected KeyError: 'lamp'" in said and "bug" in said


def test_nothing_later_is_made_of_a_failed_shot_and_nothing_hangs(production):
    later = []

    async def after(production, shot, part):
        later.append((shot.id, part))

    async def made():
        await production.gather(production.each(after, production.each(failing)))

    asyncio.run(asyncio.wait_for(made(), 20))
    assert later == [("dawn", "dawn")]


def test_what_the_whole_film_needs_is_not_made_where_a_shot_has_failed(production):
    """A score for another length than the film will have, perhaps paid for."""
    made = []

    async def whole(production):
        made.append("score")
        return "score"

    async def work():
        first = await production.once(whole)
        await production.gather(production.each(failing))
        return first, await production.once(whole)

    assert asyncio.run(work()) == ("score", None)
    assert made == ["score"]
