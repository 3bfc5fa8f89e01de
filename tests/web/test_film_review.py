"""Films of the web API that wait for the review of their stills."""

import asyncio
from pathlib import Path

import pytest
import yaml
from filming import PROFILES, board, ended, watch_until, write_film
from serving import PLUGINS, serving

from filmeto_core.web.turn import Turn


@pytest.fixture
def served(home, monkeypatch, prefect_api):
    """A server with the quick plugins that makes one film at once, and Prefect beside it."""
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    monkeypatch.setenv("FILMETO_SERVE_FILMS", "1")
    Path("filmeto.yaml").write_text(PROFILES)
    with serving() as made:
        yield made


def test_a_film_waits_for_its_review_holds_nobody_up_and_takes_the_answer(served, client, home):
    film_id = write_film(home, {**board(), "review": "stills"})
    path = f"/api/v1/films/{film_id}"
    early = client.post(f"{path}/review", json={"decision": "approve"})
    assert early.status_code == 409 and "review: stills" in early.json()["hint"]
    assert client.post(f"{path}/runs", json={}).status_code == 202
    told = watch_until(client, film_id, lambda e: e["_type"] == "run" and e["review"])
    last, waiting = told[-1]
    assert waiting["state"] == "running" and "filmeto review" in waiting["message"]

    other = write_film(home, board())  # one film at once: the one that waits does not count
    assert client.post(f"/api/v1/films/{other}/runs", json={}).status_code == 202
    assert watch_until(client, other, ended)[-1][1]["state"] == "done"

    wrong = client.post(f"{path}/review", json={"decision": "change", "prompts": {"dwn": "x"}})
    assert wrong.status_code == 404 and 'Did you mean "dawn"' in wrong.json()["detail"]
    change = {"decision": "change", "prompts": {"night": "a raft"}}
    assert client.post(f"{path}/review", json=change).status_code == 200
    told = watch_until(client, film_id, _asks_again(), last)
    storyboard = home / "films" / "local" / film_id / "storyboard.yaml"
    assert yaml.safe_load(storyboard.read_text())["shots"][1]["prompt"] == "a raft"
    assert client.post(f"{path}/review", json={"decision": "approve"}).status_code == 200
    end = watch_until(client, film_id, ended, told[-1][0])[-1][1]
    assert (end["state"], end["review"]) == ("done", False)
    detail = client.get(path).json()
    assert (detail["state"], detail["shot_list"][1]["prompt"]) == ("done", "a raft")


def _asks_again():
    """Whether the run asks again, once it has gone on."""
    gone_on = []

    def asks(event: dict) -> bool:
        if event["_type"] == "run":
            gone_on.append(not event["review"])
            return any(gone_on) and event["review"]
        return False

    return asks


def test_a_turn_that_was_let_go_is_another_ones_and_counts_again_when_it_is_free():
    async def play() -> list[str]:
        turns, told = asyncio.Semaphore(1), []

        async def other() -> None:
            async with Turn(turns):
                told.append("other")
                await asyncio.sleep(0)

        async with Turn(turns) as turn:
            waiting = asyncio.create_task(other())
            await asyncio.sleep(0)
            told.append("mine")
            turn.let_go()
            await waiting
            turn.take_back()
            turn.take_back()  # said twice
            await asyncio.sleep(0)
            assert turns.locked()
        assert not turns.locked()
        async with Turn(turns) as turn:
            turn.let_go()
            async with Turn(turns):
                turn.take_back()  # not free: it never gets it
                await asyncio.sleep(0)
        assert not turns.locked()
        return told

    assert asyncio.run(play()) == ["mine", "other"]
