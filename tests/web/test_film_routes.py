"""Films over HTTP: made, listed, looked at, edited, planned, deleted; another tenant's stay hidden."""

import asyncio

import httpx
import pytest
from fastapi import FastAPI
from films import BOARD, FILMS, PROFILES, Films, Runs

from filmeto_core.errors import FilmetoError
from filmeto_core.web import routes_film_files, routes_films, routes_shots, routes_takes
from filmeto_core.web.access import Caller
from filmeto_core.web.film_models import FilmDetail, RunDetail
from filmeto_core.web.film_store import slug_of, version_of
from filmeto_core.web.problems import on_filmeto_error


@pytest.fixture
def films(request, home, tmp_path):
    (tmp_path / "work" / "filmeto.yaml").write_text(PROFILES)
    served = request.getfixturevalue("served")
    return Films(served, request.getfixturevalue("client"))


def test_a_film_is_made_of_a_text_that_stays_as_it_was_written(films):
    answer = films.client.post(FILMS, json={"storyboard": BOARD})
    film = answer.headers["location"]

    made = FilmDetail.model_validate(answer.json())
    assert (answer.status_code, film) == (201, f"{FILMS}/{made.id}")
    assert made.id.startswith("the-quay-") and made.state == "ready"
    assert [shot.id for shot in made.shot_list] == ["wide", "close"]
    assert made.shot_list[1].length_s == 2 and made.shot_list[1].start_s > 1
    assert films.text(film) == BOARD
    assert (
        made.version == version_of(BOARD.encode()) and answer.headers["etag"] == f'"{made.version}"'
    )
    assert films.detail(film) == answer.json()


def test_a_film_is_made_of_fields_and_of_json(films):
    fields = {"title": "Dawn", "shots": [{"prompt": "a: b"}]}

    assert films.detail(films.make(fields))["shot_list"][0]["prompt"] == "a: b"
    assert films.text(films.make('{"title": "Dawn"}')) == '{"title": "Dawn"}'
    assert films.text(films.make(fields, title="Dusk")).startswith("title: Dusk\n")
    assert "title: Dusk" in films.text(films.make(BOARD, title="Dusk"))


@pytest.mark.parametrize("text", ["", "title: [", "- a\n- b", "shots: 7", "shots: [3, {id: [1]}]"])
def test_a_storyboard_with_problems_is_kept_as_a_draft(films, text):
    film = films.make(text)

    detail = films.detail(film)
    assert detail["state"] == "draft" and detail["problems"]
    assert films.text(film) == text
    assert films.client.get(FILMS).json()["films"][0]["state"] == "draft"


def test_problems_tell_where_they_are(films):
    text = BOARD.replace("duration_s: 2", "motion: wobble")

    (problem,) = films.detail(films.make(text))["problems"]
    assert (problem["line"], problem["column"]) == (16, 5)
    assert problem["field"] == "shots[1].motion" and "push-in" in problem["message"]


def test_a_new_film_is_refused_where_it_cannot_be_kept(films):
    large = films.client.post(FILMS, json={"storyboard": "#" * (1024 * 1024 + 1)})
    half = films.client.post(
        FILMS,
        content=b'{"storyboard": {"title": "\\ud800"}}',
        headers={"content-type": "application/json"},
    )

    assert large.status_code == 413
    assert half.status_code == 422 and half.json()["field"] == "storyboard.title"
    assert films.client.get(FILMS).json() == {"films": [], "next_cursor": None}


def test_films_are_listed_newest_first_page_by_page(films):
    made = [films.make(title=f"Film {n}").rsplit("/", 1)[-1] for n in range(5)]

    first = films.client.get(FILMS, params={"limit": 3}).json()
    rest = films.client.get(FILMS, params={"limit": 3, "cursor": first["next_cursor"]}).json()
    found = [film["id"] for film in first["films"] + rest["films"]]
    assert found == made[::-1]
    assert rest["next_cursor"] is None
    assert films.client.get(FILMS, params={"cursor": "x"}).json()["field"] == "cursor"


def test_titles_make_short_addresses():
    assert slug_of("The Last Lighthouse!") == "the-last-lighthouse"
    assert slug_of("灯塔") == "film"
    assert slug_of("a" * 99) == "a" * 40
    assert slug_of("../../etc/passwd") == "etc-passwd"


# --- editing --------------------------------------------------------------------------------------


def test_an_edit_keeps_the_comments_and_tells_the_new_version(films):
    film = films.make()

    answer = films.client.patch(f"{film}/shots/close", json={"prompt": "a red boat", "take": 2})

    assert answer.status_code == 200
    assert films.text(film) == BOARD.replace("a boat", "a red boat").replace(
        "duration_s: 2\n", "duration_s: 2\n    take: 2\n"
    )
    assert answer.headers["etag"] == f'"{version_of(films.text(film).encode())}"'
    assert answer.json()["shot_list"][1]["take"] == 2


def test_fields_of_the_film_are_edited(films):
    film = films.make()

    answer = films.client.patch(
        film, json={"title": "Dusk", "music": None, "voice": {"speed": 1.5}}
    )

    assert answer.json()["title"] == "Dusk" and answer.json()["music"] is None
    assert "voice: {speed: 1.5}" in films.text(film) and "# we open wide" in films.text(film)


def test_a_value_that_no_storyboard_can_have_is_refused_with_its_field(films):
    film = films.make()

    for path, body, field in (
        ("/shots/close", {"motion": "wobble"}, "shots[1].motion"),
        ("/shots/close", {"prompt": None}, "shots[1]"),
        ("", {"size": "1x1"}, "size"),
        ("", {"profile": "none"}, "profile"),
    ):
        answer = films.client.patch(film + path, json=body)
        assert (answer.status_code, answer.json()["field"]) == (422, field)
        assert answer.json()["problems"][0]["field"] == field
    assert films.client.patch(film, json={"tilte": "x"}).status_code == 422
    assert films.text(film) == BOARD


def test_a_draft_is_mended_problem_by_problem(films):
    film = films.make(BOARD.replace("duration_s: 2", "motion: wobble").replace("fps: 8", "fps: 0"))

    answer = films.client.patch(f"{film}/shots/close", json={"motion": "static"})

    assert answer.status_code == 200
    assert "shots[1].motion" not in [p["field"] for p in answer.json()["problems"]]


def test_shots_come_go_and_move(films):
    film = films.make()

    added = films.client.post(f"{film}/shots", json={"prompt": "a gull", "after": "wide"})
    assert added.status_code == 201
    assert [shot["id"] for shot in added.json()["shot_list"]] == ["wide", "shot-3", "close"]
    moved = films.client.put(f"{film}/order", json={"shots": ["close", "shot-3", "wide"]})
    assert [shot["id"] for shot in moved.json()["shot_list"]] == ["close", "shot-3", "wide"]
    gone = films.client.delete(f"{film}/shots/close")
    assert [shot["id"] for shot in gone.json()["shot_list"]] == ["shot-3", "wide"]
    assert "# we open wide" in films.text(film) and "# then close" not in films.text(film)
    assert films.client.delete(f"{film}/shots/close").status_code == 404
    assert films.client.post(f"{film}/shots", json={"id": "wide"}).status_code == 409
    assert films.client.put(f"{film}/order", json={"shots": ["wide"]}).status_code == 422


def test_who_edits_an_old_text_is_refused(films):
    film = films.make()
    old = films.client.get(f"{film}/storyboard").headers["etag"]
    first = films.client.patch(f"{film}/shots/wide", json={"take": 2}, headers={"If-Match": old})
    now = films.text(film)

    assert first.status_code == 200
    for answer in (
        films.client.patch(f"{film}/shots/wide", json={"take": 3}, headers={"If-Match": old}),
        films.client.put(f"{film}/storyboard", content=BOARD, headers={"If-Match": old}),
        films.client.delete(f"{film}/shots/wide", headers={"If-Match": old}),
        films.client.put(
            f"{film}/order", json={"shots": ["close", "wide"]}, headers={"If-Match": old}
        ),
    ):
        assert (answer.status_code, answer.json()["code"]) == (412, "precondition")
    assert films.text(film) == now
    current = {"If-Match": first.headers["etag"]}
    assert films.client.put(f"{film}/storyboard", content=BOARD, headers=current).status_code == 200
    assert (
        films.client.put(f"{film}/storyboard", content=BOARD, headers={"If-Match": "*"}).status_code
        == 200
    )


def test_of_edits_at_once_none_is_lost(films):
    film = films.make()

    async def edit(client, number):
        answer = await client.post(f"{film}/shots", json={"id": f"s{number}", "prompt": "x"})
        return answer.status_code

    async def all_at_once():
        async with httpx.AsyncClient(base_url=films.served.url, trust_env=False) as client:
            return await asyncio.gather(*(edit(client, n) for n in range(8)))

    assert set(asyncio.run(all_at_once())) == {201}
    ids = [shot["id"] for shot in films.detail(film)["shot_list"]]
    assert sorted(ids) == sorted(["wide", "close", *(f"s{n}" for n in range(8))])


def test_a_text_is_kept_also_with_problems_and_checked_without_being_kept(films):
    film = films.make()

    checked = films.client.put(f"{film}/storyboard", params={"check": True}, content="title: [")
    assert checked.json()["state"] == "draft" and films.text(film) == BOARD
    kept = films.client.put(f"{film}/storyboard", content=BOARD.replace("8\n", "8000\n", 1))
    assert kept.status_code == 200 and kept.json()["problems"][0]["line"] == 4
    latin = films.client.put(f"{film}/storyboard", content="a: 1\nb: \xff".encode("latin-1"))
    assert (latin.status_code, latin.json()["line"]) == (422, 2)


def test_a_reader_who_has_the_text_gets_it_not_again(films):
    film = films.make()
    etag = films.client.get(f"{film}/storyboard").headers["etag"]

    again = films.client.get(f"{film}/storyboard", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert (
        films.client.get(f"{film}/storyboard", headers={"If-None-Match": '"x"'}).status_code == 200
    )


def test_former_texts_stay_the_last_twenty(films):
    film = films.make()
    for take in range(2, 25):
        films.client.patch(f"{film}/shots/wide", json={"take": take})

    former = sorted((films.folder(film) / "former").iterdir())
    assert len(former) == 20
    assert "take: 23\n" in former[-1].read_text()


def test_an_edit_is_told_to_who_watches_the_film(films):
    film = films.make()
    films.client.patch(f"{film}/shots/wide", json={"take": 2})
    films.client.patch(f"{film}/shots/wide", json={"take": 2})  # nothing new

    subject = f"film:{film.rsplit('/', 1)[-1]}"
    tail = films.served.desk.events.subject(subject).tail
    version = films.detail(film)["version"]
    assert [event.data for event in tail] == [
        b'{"_type":"storyboard","version":"%s"}' % version.encode()
    ]


# --- the plan -------------------------------------------------------------------------------------


def test_a_plan_says_what_a_run_would_do_and_starts_nothing(films):
    film = films.make()

    plan = films.client.get(f"{film}/plan").json()
    assert plan["totals"]["computed"] == 6 and plan["title"] == "The Quay"
    assert {call["plugin"] for call in plan["calls"]} == {"quick"}
    one = films.client.get(f"{film}/plan", params={"shots": "close", "draft": True}).json()
    assert {call["shot"] for call in one["calls"]} == {"close", None}
    assert str(films.service.settings.home) not in films.client.get(f"{film}/plan").text
    assert films.service.plugins.states() == {} or all(
        state["state"] == "stopped" for state in films.service.plugins.states().values()
    )


def test_a_plan_knows_what_a_call_has_made(films):
    film = films.make()
    run = films.run(film)
    films.call(film, run, "wide", "text2image", prompt="a quay at dawn", width=64, height=64)

    plan = films.client.get(f"{film}/plan").json()
    actions = {(call["shot"], call["tool"]): call["action"] for call in plan["calls"]}
    assert actions["wide", "text2image"] == "reuse" and actions["close", "text2image"] == "compute"


def test_a_draft_has_no_plan_and_a_wrong_shot_is_named(films):
    draft = films.client.get(f"{films.make('title: x')}/plan")
    wrong = films.client.get(f"{films.make()}/plan", params={"shots": "wied"})

    assert (draft.status_code, draft.json()["code"]) == (422, "storyboard")
    assert wrong.status_code == 422 and 'Did you mean "wide"' in wrong.json()["detail"]


# --- files that a storyboard may name -------------------------------------------------------------


def test_a_storyboard_names_files_of_its_own_folder_alone(films, tmp_path):
    film = films.make()
    still = films.call(film, films.run(film), "wide", "text2image", prompt="x")
    picture = films.service.store.path_of(still)
    folder = films.folder(film)
    (folder / "refs" / "mine.png").write_bytes(picture.read_bytes())
    secret = tmp_path / "secret.png"
    secret.write_bytes(picture.read_bytes())
    (folder / "refs" / "link.png").symlink_to(secret)

    def problems(path):
        text = BOARD.replace("prompt: a boat", f"image: {path}")
        return films.client.put(f"{film}/storyboard", content=text).json()["problems"]

    assert problems("refs/mine.png") == []
    assert problems(str(picture)) == []  # the film's own result
    for path in (secret, "refs/link.png", "../../../../secret.png", "~/x.png", "/etc/passwd",
                 "/dev/zero", "/nowhere/at/all.png", "refs/../../other/refs/x.png"):  # fmt: skip
        (problem,) = problems(path)
        assert problem["field"] == "shots[1].image" and problem["line"] == 15
        assert "lies where no file may be named from" in problem["message"]
    assert "must be a file here" in problems("http://127.0.0.1/x.png")[0]["message"]
    (missing,) = problems("refs/mien.png")
    assert "does not exist" in missing["message"] and "mine.png" in missing["message"]
    assert str(tmp_path) not in missing["message"]


def test_allowed_folders_may_be_named(home, tmp_path, monkeypatch):
    from serving import PLUGINS, serving

    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    (tmp_path / "work" / "filmeto.yaml").write_text(PROFILES)
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "voice.wav").write_bytes(b"RIFF")
    text = BOARD.replace("duration_s: 2", f"voice_file: {shared}/voice.wav\n    narration: x")
    with serving(allow_paths=(shared,)) as served, served.client() as client:
        films = Films(served, client)
        assert films.detail(films.make(text))["problems"] == []
        outside = films.detail(films.make(text.replace("shared/voice", "shared/../x")))["problems"]
        assert "no file may be named from" in outside[0]["message"]


# --- whose they are -------------------------------------------------------------------------------


ROUTERS = (routes_films.router, routes_shots.router, routes_takes.router, routes_film_files.router)


def as_tenant(desk, tenant, scopes=("admin",)):
    """A client of the film routes who calls as this tenant."""
    app = FastAPI()
    app.state.desk = desk
    for router in ROUTERS:
        app.include_router(router)
    app.add_exception_handler(FilmetoError, on_filmeto_error)

    async def gate(scope, receive, send):
        scope["filmeto_caller"] = Caller(tenant=tenant, scopes=frozenset(scopes))
        await app(scope, receive, send)

    return httpx.AsyncClient(transport=httpx.ASGITransport(gate), base_url="http://test")


def routes(film):
    """Every request that names a film."""
    return [
        ("GET", film, {}),
        ("PATCH", film, {"json": {"title": "x"}}),
        ("DELETE", film, {}),
        ("GET", f"{film}/storyboard", {}),
        ("PUT", f"{film}/storyboard", {"content": "title: x"}),
        ("GET", f"{film}/plan", {}),
        ("POST", f"{film}/shots", {"json": {"prompt": "x"}}),
        ("PATCH", f"{film}/shots/wide", {"json": {"take": 2}}),
        ("DELETE", f"{film}/shots/wide", {}),
        ("PUT", f"{film}/order", {"json": {"shots": ["close", "wide"]}}),
        ("GET", f"{film}/shots/wide/takes", {}),
        ("POST", f"{film}/shots/wide/takes", {}),
        ("PUT", f"{film}/shots/wide/pick", {"json": {"take": 1}}),
        ("DELETE", f"{film}/shots/wide/pick/text2image", {}),
        ("GET", f"{film}/shots/wide/waveform", {}),
        ("GET", f"{film}/waveform", {}),
        ("POST", f"{film}/refs?name=x.png", {"content": b"x"}),
        ("GET", f"{film}/files/film.json", {}),
        ("GET", f"{film}/archive.zip", {}),
        ("GET", f"{film}/calls/x", {}),
    ]


def test_every_route_that_names_a_film_is_in_the_list_below():
    told = {
        (method, route.path)
        for router in ROUTERS
        for route in router.routes
        for method in route.methods
        if "{film_id}" in route.path
    }
    assert len(told) == len(routes("x"))


def test_another_tenants_film_looks_like_none(films):
    film = films.make()

    async def ask():
        async with as_tenant(films.served.desk, "other") as other:
            mine = (await other.post(FILMS, json={"storyboard": BOARD})).headers["location"]
            answers = [await other.request(m, path, **given) for m, path, given in routes(film)]
            gone = [await other.request(m, p, **g) for m, p, g in routes(f"{FILMS}/none-00000000")]
            return mine, (await other.get(FILMS)).json()["films"], answers, gone

    mine, listed, answers, gone = films.served.on_loop(ask())
    assert [f["id"] for f in listed] == [mine.rsplit("/", 1)[-1]]
    assert {answer.status_code for answer in answers} == {404}
    name = film.rsplit("/", 1)[-1]
    for answer, none in zip(answers, gone, strict=True):
        assert answer.text.replace(name, "none-00000000") == none.text
    assert films.text(film) == BOARD


def test_who_may_only_read_changes_nothing(films):
    film = films.make()

    async def ask():
        async with as_tenant(films.served.desk, "local", ("read",)) as reader:
            return [
                (method, (await reader.request(method, path, **given)).status_code)
                for method, path, given in routes(film)
            ]

    for method, status in films.served.on_loop(ask()):
        assert (status == 403) == (method != "GET")
    assert films.text(film) == BOARD


@pytest.mark.parametrize(
    "name",
    ["..", ".", "%2e%2e", "..%2f..%2fjournal", "x", "the-quay-0000000g", "THE-QUAY-00000000", "%00",
     "the-quay-00000000%0a", "-00000000", "a" * 101 + "-00000000", "local", ".incoming"],
)  # fmt: skip
def test_a_name_that_is_no_id_is_no_film(films, name):
    films.make()
    answer = films.client.get(f"{FILMS}/{name}/storyboard")
    assert answer.status_code in (404, 422)


# --- deleting -------------------------------------------------------------------------------------


def test_a_deleted_film_is_gone_with_its_folder(films):
    film, other = films.make(), films.make()

    assert films.client.delete(film).status_code == 204
    assert not films.folder(film).exists() and films.folder(other).exists()
    assert films.client.get(film).status_code == 404
    assert films.client.delete(film).status_code == 404
    assert sorted(p.name for p in films.folder(other).parent.iterdir()) == [
        other.rsplit("/", 1)[-1]
    ]


def test_a_film_that_is_run_is_not_deleted(films):
    film = films.make()
    films.served.desk.film_runs = runs = Runs()
    runs.in_hand = RunDetail(state="queued")
    assert films.client.delete(film).status_code == 409

    runs.in_hand = None
    run = films.run(film)  # by a process that the server knows nothing of
    assert films.client.delete(film).status_code == 409
    films.service.journal.end_run(run, "failed")
    assert films.client.delete(film).status_code == 204
