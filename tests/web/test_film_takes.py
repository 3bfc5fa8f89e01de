"""What was made of a film's shots: parts, takes, picks, waveforms, calls, by calls that really ran."""

import pytest
from films import BOARD, PROFILES, Films, Runs
from serving import PLUGINS, serving

from filmeto_core.errors import ValidationError
from filmeto_core.web.film_models import RunDetail, ShotDetail


@pytest.fixture
def films(request, home, tmp_path):
    (tmp_path / "work" / "filmeto.yaml").write_text(PROFILES)
    served = request.getfixturevalue("served")
    return Films(served, request.getfixturevalue("client"))


@pytest.fixture
def made(films):
    """A film of whose first shot two takes were made, and a voice, in one run that ended."""
    film = films.make()
    run = films.run(film)
    asked = {"prompt": "a quay at dawn", "width": 64, "height": 64}
    still = films.call(film, run, "wide", "text2image", **asked)
    films.clip(film, run, "wide", still)
    films.call(film, run, "wide", "text2image", take=2, **asked, seed=7)
    films.call(film, run, "wide", "text2image", **asked)  # the first take again: it was there
    films.call(film, run, "wide", "text2speak", text="hello there")
    films.call(film, run, None, "text2music", prompt="calm", duration_s=4)
    films.service.journal.end_run(run, "done")
    return film


def shot(films, film, name="wide"):
    return next(shot for shot in films.detail(film)["shot_list"] if shot["id"] == name)


def test_a_shot_tells_of_its_parts(films, made):
    wide = shot(films, made)
    still = wide["parts"]["still"]

    assert set(wide["parts"]) == {"still", "clip", "voice"}
    assert still["url"] == f"/api/v1/resources/{still['digest']}"
    assert (still["width"], still["height"], still["mime_type"]) == (64, 64, "image/png")
    assert (still["tool"], still["plugin"], still["take"]) == ("text2image", "quick", 1)
    assert still["size_bytes"] == films.service.store.path_of(still["digest"]).stat().st_size
    assert wide["parts"]["voice"]["duration_s"] == pytest.approx(0.44, abs=0.01)
    assert wide["state"] == "done"
    assert shot(films, made, "close")["state"] == "waiting"
    detail = films.detail(made)
    assert detail["score"]["duration_s"] == pytest.approx(4)
    assert detail["poster_url"] == still["url"]
    assert detail["run"]["state"] == "done" and detail["percent"] == 50


def test_a_shot_that_asks_for_something_else_waits(films, made):
    for change in ({"prompt": "a quay at dusk"}, {"narration": "good bye"}, {"take": 3}):
        films.client.patch(f"{made}/shots/wide", json=change)
        assert shot(films, made)["state"] == "waiting"
        films.client.put(f"{made}/storyboard", content=BOARD)
        assert shot(films, made)["state"] == "done"


def test_a_file_that_is_gone_is_not_told_of(films, made):
    still = shot(films, made)["parts"]["still"]["digest"]
    films.service.store.path_of(still).unlink()

    assert "still" not in shot(films, made)["parts"]


def test_the_run_in_hand_tells_how_shots_stand(films, made):
    films.served.desk.film_runs = runs = Runs()
    runs.in_hand = RunDetail(state="running", percent=40.0)
    runs.shots = {"wide": ShotDetail(id="wide", state="running", percent=30, stage="text2image")}

    detail = films.detail(made)
    assert (detail["state"], detail["percent"]) == ("running", 40)
    assert (detail["shot_list"][0]["state"], detail["shot_list"][0]["stage"]) == (
        "running",
        "text2image",
    )
    assert "still" in detail["shot_list"][0]["parts"]


@pytest.mark.parametrize(
    ("ended", "state"),
    [("failed", "failed"), ("cancelled", "cancelled"), ("killed", "interrupted")],
)
def test_how_the_last_run_ended_is_told(films, ended, state):
    film = films.make()
    films.service.journal.end_run(films.run(film), ended, "no room left")

    detail = films.detail(film)
    assert (detail["state"], detail["run"]["state"]) == (state, state)
    assert detail["run"]["error"]["message"] == "no room left"


def test_a_failed_call_is_told_with_its_shot(films):
    film = films.make()
    run = films.run(film)
    with pytest.raises(Exception, match="nobody may draw this"):
        films.call(film, run, "wide", "text2image", prompt="unspeakable")
    films.service.journal.end_run(run, "failed", "1 of 2 shots failed")

    wide = shot(films, film)
    assert wide["state"] == "failed" and "nobody may draw this" in wide["error"]["message"]
    assert (wide["error"]["tool"], wide["error"]["plugin"]) == ("text2image", "quick")


# --- takes ----------------------------------------------------------------------------------------


def test_takes_are_told_with_what_was_made_of_each(films, made):
    first, second = films.client.get(f"{made}/shots/wide/takes").json()

    assert (first["take"], first["current"], set(first["parts"])) == (
        1,
        True,
        {"still", "clip", "voice"},
    )
    assert (second["take"], second["current"], set(second["parts"])) == (2, False, {"still"})
    assert first["parts"]["still"]["digest"] != second["parts"]["still"]["digest"]
    assert first["made_at"] and second["made_at"]
    assert films.client.get(f"{made}/shots/none/takes").status_code == 404


def test_a_picked_take_becomes_the_storyboards(films, made):
    answer = films.client.put(f"{made}/shots/wide/pick", json={"take": 2})

    assert answer.status_code == 200
    assert films.text(made) == BOARD.replace("hello there\n", "hello there\n    take: 2\n")
    takes = films.client.get(f"{made}/shots/wide/takes").json()
    assert [take["current"] for take in takes] == [False, True]


def test_a_picked_file_stays_until_it_is_let_go(films, made):
    second = films.client.get(f"{made}/shots/wide/takes").json()[1]["parts"]["still"]["digest"]

    films.client.put(f"{made}/shots/wide/pick", json={"tool": "text2image", "digest": second})
    still = shot(films, made)["parts"]["still"]
    assert (still["digest"], still["pinned"]) == (second, True)
    assert films.client.get(f"{made}/shots/wide/takes").json()[1]["parts"]["still"]["pinned"]
    answer = films.client.delete(f"{made}/shots/wide/pick/text2image")
    assert answer.json()["shot_list"][0]["pinned"] == {}
    assert films.text(made) == BOARD


def test_only_what_this_film_made_can_be_picked(films, made):
    other = films.make()
    foreign = films.call(other, films.run(other), "wide", "text2image", prompt="another")
    voice = shot(films, made)["parts"]["voice"]["digest"]

    for body in (
        {"tool": "text2image", "digest": foreign},
        {"tool": "text2image", "digest": voice},
        {"tool": "text2image", "digest": "sha256:" + "0" * 64},
        {"tool": "text2image"},
        {"take": 1, "tool": "text2image", "digest": foreign},
        {},
        {"take": 0},
    ):
        assert films.client.put(f"{made}/shots/wide/pick", json=body).status_code == 422
    assert films.text(made) == BOARD


def test_another_take_counts_on_from_the_highest_and_runs_that_shot(films, made):
    films.served.desk.film_runs = runs = Runs()

    answer = films.client.post(f"{made}/shots/wide/takes", json={"budget": "1.00 EUR"})

    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    assert "    take: 3\n" in films.text(made)
    ((tenant, film_id, request),) = runs.started
    assert (tenant, f"/api/v1/films/{film_id}") == ("local", made)
    assert (request.shots, request.budget) == (["wide"], "1.00 EUR")
    again = films.client.post(f"{made}/shots/wide/takes")
    assert again.status_code == 409 and "take: 3" in films.text(made)


def test_another_take_of_a_film_that_is_made_runs_the_film(films, made):
    run = films.run(made)
    still = films.call(made, run, "close", "text2image", prompt="a boat", width=64, height=64)
    films.clip(made, run, "close", still)
    films.service.journal.end_run(run, "done")
    films.served.desk.film_runs = runs = Runs()

    assert films.client.post(f"{made}/shots/wide/takes").status_code == 202
    assert runs.started[0][2].shots is None


def test_a_take_that_cannot_be_run_leaves_the_storyboard_as_it_was(films, made):
    films.served.desk.film_runs = Runs(ValidationError("budget: 5 XYZ is none.", field="budget"))

    answer = films.client.post(f"{made}/shots/wide/takes", json={"budget": "5 XYZ"})

    assert (answer.status_code, answer.json()["field"]) == (422, "budget")
    assert films.text(made) == BOARD


# --- waveforms ------------------------------------------------------------------------------------


def test_a_voice_is_told_as_bars(films, made):
    answer = films.client.get(f"{made}/shots/wide/waveform", params={"bars": 20})

    told = answer.json()
    assert len(told["peaks"]) == 20 and all(0 < peak <= 1 for peak in told["peaks"])
    assert told["duration_s"] == pytest.approx(0.44, abs=0.01)
    again = {"If-None-Match": answer.headers["etag"]}
    assert (
        films.client.get(
            f"{made}/shots/wide/waveform", params={"bars": 20}, headers=again
        ).status_code
        == 304
    )
    assert (
        films.client.get(
            f"{made}/shots/wide/waveform", params={"bars": 21}, headers=again
        ).status_code
        == 200
    )
    assert films.client.get(f"{made}/waveform").json()["duration_s"] == pytest.approx(4)


def test_where_there_is_no_sound_there_is_no_waveform(films, made):
    assert films.client.get(f"{made}/shots/close/waveform").status_code == 404
    assert films.client.get(f"{made}/shots/none/waveform").status_code == 404
    assert films.client.get(f"{made}/shots/wide/waveform", params={"bars": 0}).status_code == 422
    assert films.client.get(f"{films.make()}/waveform").status_code == 404


# --- calls ----------------------------------------------------------------------------------------


def test_a_call_is_told_with_what_was_asked_and_said(films, made):
    call_id = shot(films, made)["parts"]["voice"]["call_id"]
    name = made.rsplit("/", 1)[-1]
    said = {"_type": "log", "level": "info", "shot": "wide", "tool": "text2speak"}

    async def say():
        films.served.desk.events.add(f"film:{name}", {**said, "line": "breathing in"})
        films.served.desk.events.add(
            f"film:{name}", {**said, "tool": "text2image", "line": "drawing"}
        )

    films.served.on_loop(say())
    films.served.desk.posted.flush()
    told = films.client.get(f"{made}/calls/{call_id}").json()

    assert (told["tool"], told["plugin"], told["state"]) == ("text2speak", "quick", "done")
    assert told["parameters"] == {"text": "hello there", "speed": 1}
    assert told["log"] == ["breathing in"]
    assert told["outputs"] == [shot(films, made)["parts"]["voice"]["digest"]]


def test_another_films_call_is_not_told(films, made):
    call_id = shot(films, made)["parts"]["voice"]["call_id"]

    assert films.client.get(f"{films.make()}/calls/{call_id}").status_code == 404
    assert films.client.get(f"{made}/calls/none").status_code == 404


def test_ones_own_clip_from_an_allowed_folder_is_told_by_its_copy(home, tmp_path, monkeypatch):
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    (tmp_path / "work" / "filmeto.yaml").write_text(PROFILES)
    own = tmp_path / "own"
    own.mkdir()
    text = BOARD.replace("prompt: a boat\n", f"clip: {own}/boat.avi\n")
    with serving(allow_paths=(own,)) as served, served.client() as client:
        films = Films(served, client)
        other = films.make()
        run = films.run(other)
        still = films.call(other, run, "wide", "text2image", prompt="x", width=64, height=64)
        clip = films.service.store.path_of(films.clip(other, run, "wide", still))
        (own / "boat.avi").write_bytes(clip.read_bytes())
        film = films.make(text)
        close = shot(films, film, "close")
        assert (close["state"], close["parts"]) == ("done", {})
        assert films.detail(film)["problems"] == []

        copies = films.folder(film) / "out" / "shots" / "close"
        copies.mkdir(parents=True)
        (copies / "clip.avi").write_bytes(clip.read_bytes())  # as a run lays it there
        part = shot(films, film, "close")["parts"]["clip"]
        assert part["url"] == f"{film}/files/shots/close/clip.avi"
        assert client.get(part["url"]).content == clip.read_bytes()
