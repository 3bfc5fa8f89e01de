"""What is lost, made twice, still open or left behind is seen; what is right is not."""

import fcntl
from datetime import UTC, datetime

import pytest
from paid_media import make

from filmeto_core.chaos import evidence
from filmeto_core.chaos.evidence import Asset
from filmeto_core.chaos.line import Line
from filmeto_core.chaos.scene import Asked, Scene, Server
from filmeto_core.journal.models import Call, Job

NOW = datetime(2026, 1, 1, tzinfo=UTC)
STILL = Asset(shot="dawn", tool="text2image", plugin="paid", digest="sha256:1")
SCORE = Asset(shot=None, tool="text2music", plugin="choir", digest="sha256:2")


def call(key="k", cached=False, state="done"):
    about = {"run_id": "r", "shot": "dawn", "tool": "text2image", "plugin": "paid"}
    return Call(id=f"{key}{cached}", key=key, cached=cached, state=state, started_at=NOW, **about)


def job(name="k-0", key="k", state="done", attempts=1):
    about = {"shot": "dawn", "tool": "text2image", "plugin": "paid", "job_id": f"job of {name}"}
    return Job(idempotency_key=name, key=key, state=state, attempts=attempts, begun_at=NOW, **about)


def test_the_same_assets_are_the_same_film():
    assert evidence.unlike([SCORE, STILL], [STILL, SCORE], {}) == []


def test_a_lost_changed_or_added_asset_is_told():
    changed = STILL.model_copy(update={"digest": "sha256:9"})
    assert evidence.unlike([changed], [STILL, SCORE], {}) == [
        "dawn: text2image (paid) is another than in the undisturbed film",
        "film: text2music (choir) is missing",
    ]
    assert evidence.unlike([STILL, SCORE], [STILL], {}) == [
        "film: text2music (choir) is one too many"
    ]


def test_a_plugin_that_is_not_deterministic_may_make_other_bytes():
    changed = STILL.model_copy(update={"digest": "sha256:9"})
    assert evidence.unlike([changed], [STILL], {"paid": False}) == []


def test_a_call_that_was_found_again_is_not_made_twice():
    known = [{"k": "first"}, {"k": "first", "m": "second"}]
    calls = [call(), call(cached=True), call("m"), call("n", state="failed"), call("n")]
    assert evidence.twice_made(calls, [job(), job("m-0", "m")], known) == []


def test_a_call_computed_twice_is_told():
    assert evidence.twice_made([call(), call()], [], []) == [
        "dawn: text2image (paid) was computed 2 times"
    ]


def test_a_finished_result_that_changed_or_went_is_told():
    known = [{"k": "first", "m": "other"}, {"k": "second"}]
    told = evidence.twice_made([call()], [], known)
    assert told == [
        "dawn: text2image (paid): its finished result was computed again",
        "m: its finished result is gone",
    ]


def test_two_jobs_of_one_call_are_told_unless_the_first_came_to_nothing():
    assert evidence.twice_made([], [job(), job("k-1")], []) == ["dawn: text2image is 2 jobs"]
    for closed in ("failed", "dropped"):
        assert evidence.twice_made([], [job(state=closed), job("k-1")], []) == []


def test_a_job_that_nobody_collected_is_told():
    told = evidence.open_jobs([job(state="submitted"), job(state="unknown"), job()])
    assert told == ["job job of k-0 of dawn: text2image is still submitted"]


def test_what_there_was_is_counted():
    jobs = [job(), job("m-0", "m", attempts=2), job("n-0", "n", state="unknown")]
    told = evidence.tally([call(), call("m"), call(cached=True), call("n", state="killed")], jobs)
    assert (told.jobs, told.computed, told.reused, told.resumed, told.unknown) == (3, 2, 1, 1, 1)


def test_a_film_that_plays_has_its_pictures_and_one_cut_short_has_none(tmp_path):
    film = tmp_path / "film.mp4"
    shape = {"width": 64, "height": 64, "fps": "8", "duration_s": 2.0}
    data = make("image2video", shape, "abcdef" * 10)
    film.write_bytes(data)
    assert evidence.decoded(film) == 16
    film.write_bytes(data[: len(data) // 2])
    assert evidence.decoded(film) == 0
    film.unlink()
    assert evidence.decoded(film) == 0


@pytest.fixture
def scene(tmp_path, monkeypatch):
    monkeypatch.setenv("FILMETO_HOME", str(tmp_path / "mine"))
    with Line() as line:
        made = Scene(
            Asked(tmp_path / "story.yaml", tmp_path / "out"), "0001", Server(tmp_path / "p"), line
        )
        made.set_up()
        yield made


def test_a_clean_scene_has_nothing_left_behind(scene):
    assert evidence.left_behind(scene) == []


def test_half_files_and_held_locks_are_told(scene):
    settings = scene.settings
    for folder, name in (
        (settings.store_dir / "incoming", "half"),
        (settings.calls_dir / "paid", "call"),
        (settings.work_dir, "assembly"),
        (scene.tmp, "rest"),
        (scene.film / "shots" / "dawn", ".still.png.0123abcd"),
        (settings.cache_dir / "locks", "f" * 64),
    ):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    with open(settings.cache_dir / "locks" / ("f" * 64)) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        told = evidence.left_behind(scene)
    assert told == [
        "the lock ffffffffffff is held",
        "film/shots/dawn/.still.png.0123abcd was left",
        "home/store/incoming/half was left",
        "home/work/assembly was left",
        "home/work/calls/paid/call was left",
        "tmp/rest was left",
    ]


def test_a_file_of_the_store_that_was_damaged_is_told(scene):
    folder = scene.settings.store_dir / "objects" / "ab"
    folder.mkdir(parents=True)
    (folder / ("ab" * 32 + ".png")).write_bytes(b"something else")
    (told,) = evidence.broken_files(scene)
    assert "does not hold what its name says" in told


def test_the_users_environments_are_shared_and_nothing_else(scene, tmp_path):
    assert (scene.home / "environments").resolve() == tmp_path / "mine" / "environments"
    assert not (scene.home / "store").exists()


def test_a_films_command_goes_through_the_line_but_not_to_prefect(scene, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "intranet")
    told = scene.environment()
    assert told["HTTP_PROXY"] == told["https_proxy"] == scene.line.url
    assert told["NO_PROXY"] == f"intranet,127.0.0.1:{scene.server.port}"
    assert told["FILMETO_HOME"] == str(scene.home)
