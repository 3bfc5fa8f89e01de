"""A film's files over HTTP: ranges, what leads out of its folder, what it brings, and all as a zip."""

import asyncio
import io
import os
import select
import shutil
import socket
import subprocess
import zipfile

import pytest
from films import BOARD, PROFILES, Films
from serving import PLUGINS, serving

from filmeto_core.web import film_archive
from filmeto_core.web.film_archive import archive_pieces
from filmeto_core.web.film_refs import clean_stem
from filmeto_core.web.film_store import FilmFolder
from tests.descriptors import open_about

MOVIE = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + bytes(range(256)) * 4000


@pytest.fixture
def films(request, home, tmp_path):
    (tmp_path / "work" / "filmeto.yaml").write_text(PROFILES)
    served = request.getfixturevalue("served")
    return Films(served, request.getfixturevalue("client"))


@pytest.fixture
def film(films):
    """A film with files as a run leaves them."""
    made = films.make()
    out = films.folder(made) / "out"
    (out / "shots" / "wide").mkdir(parents=True)
    (out / "film.mp4").write_bytes(MOVIE)
    (out / "film.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nhello there\n")
    (out / "film.json").write_text('{"title": "The Quay"}')
    (out / "contact_sheet.png").write_bytes(b"\x89PNG\r\n\x1a\n....")
    (out / "shots" / "wide" / "still.png").write_bytes(b"\x89PNG\r\n\x1a\n....")
    return made


@pytest.fixture
def picture(films, film):
    """A picture's bytes."""
    digest = films.call(film, films.run(film), "wide", "text2image", prompt="x")
    return films.service.store.path_of(digest).read_bytes()


# --- files ----------------------------------------------------------------------------------------


def test_a_films_files_are_served_whole_and_by_range(films, film):
    whole = films.client.get(f"{film}/files/film.mp4")
    part = films.client.get(f"{film}/files/film.mp4", headers={"Range": "bytes=100-199"})
    seen = films.client.get(
        f"{film}/files/film.mp4", headers={"If-None-Match": whole.headers["etag"]}
    )

    assert (whole.status_code, whole.content) == (200, MOVIE)
    assert (part.status_code, part.content) == (206, MOVIE[100:200])
    assert (seen.status_code, seen.content) == (304, b"")
    assert whole.headers["content-type"] == "video/mp4"
    assert whole.headers["x-content-type-options"] == "nosniff"
    assert "last-modified" in whole.headers and "content-disposition" not in whole.headers
    behind = films.client.get(f"{film}/files/film.mp4", headers={"Range": "bytes=9999999-"})
    assert behind.status_code == 416 and behind.json()["status"] == 416


def test_each_file_has_its_type_and_a_download_its_name(films, film):
    for path, media_type in (
        ("film.srt", "application/x-subrip; charset=utf-8"),
        ("film.json", "application/json"),
        ("contact_sheet.png", "image/png"),
        ("shots/wide/still.png", "image/png"),
    ):
        answer = films.client.get(f"{film}/files/{path}", params={"download": 1})
        assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
        name = path.rsplit("/", 1)[-1]
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'


def test_a_replaced_file_has_another_etag(films, film):
    before = films.client.get(f"{film}/files/film.mp4").headers["etag"]
    path = films.folder(film) / "out" / "film.mp4"
    other = path.with_name("new")
    other.write_bytes(MOVIE[::-1])
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    other.replace(path)

    after = films.client.get(f"{film}/files/film.mp4", headers={"If-None-Match": before})
    assert after.status_code == 200


def test_what_a_file_holds_decides_how_it_is_shown(films, film):
    page = b"<html><script>alert(1)</script>"
    (films.folder(film) / "refs" / "page.png").write_bytes(page)
    (films.folder(film) / "refs" / "page.html").write_bytes(page)

    for name in ("page.png", "page.html"):
        answer = films.client.get(f"{film}/files/refs/{name}")
        assert answer.headers["content-type"] == "application/octet-stream"
        assert "sandbox" in answer.headers["content-security-policy"]


def raw_get(films, path):
    """The status of a request whose path is sent as it is, without a client's tidying."""
    host, port = films.served.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as line:
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        return int(line.makefile("rb").readline().split()[1])


@pytest.mark.parametrize(
    "path",
    ["../storyboard.yaml", "..%2fstoryboard.yaml", "%2e%2e/storyboard.yaml", "%2e%2e%2fabout.json",
     "shots/../../about.json", "refs/../about.json", "refs/..%2fabout.json", "/etc/passwd",
     "%2fetc%2fpasswd", "//etc/passwd", "..\\about.json", "..%5cabout.json", "film.mp4%00.png",
     "%00", ".", "..", "", "shots", "shots/", "shots/wide", "film.mp4/", "film.mp4/x", ".hidden",
     "link.mp4", "folder/passwd", "refs/link.png", "refs/hole", "hole", "null", "refs",
     "%252e%252e%252fabout.json", "....//about.json", "shots//wide/still.png",
     "./film.mp4", "shots/./wide/still.png", "%c0%ae%c0%ae/about.json", "a" * 300, "a/" * 400],
)  # fmt: skip
def test_no_name_leads_out_of_a_films_folder(films, film, tmp_path, path):
    folder = films.folder(film)
    secret = tmp_path / "secret"
    secret.write_bytes(MOVIE)
    (folder / "out" / ".hidden").write_bytes(MOVIE)
    (folder / "out" / "link.mp4").symlink_to(secret)
    (folder / "out" / "folder").symlink_to("/etc")
    (folder / "out" / "null").symlink_to("/dev/null")
    (folder / "refs" / "link.png").symlink_to(secret)
    os.mkfifo(folder / "out" / "hole")
    os.mkfifo(folder / "refs" / "hole")

    assert raw_get(films, f"{film}/files/{path}") == 404


# --- what a film brings ---------------------------------------------------------------------------


def test_a_file_that_is_brought_can_be_named_in_the_storyboard(films, film, picture):
    answer = films.client.post(
        f"{film}/refs", params={"name": "C:\\My files\\Har bour!.JPEG"}, content=picture
    )

    assert answer.status_code == 201
    assert answer.json() == {
        "path": "refs/Har-bour.png", "kind": "image", "mime_type": "image/png", "size_bytes": len(picture),
    }  # fmt: skip
    again = films.client.post(f"{film}/refs", params={"name": "Har bour.png"}, content=picture)
    assert again.json()["path"] == "refs/Har-bour-2.png"
    assert films.client.get(f"{film}/files/refs/Har-bour.png").content == picture
    edited = films.client.patch(
        f"{film}/shots/close", json={"image": "refs/Har-bour.png", "prompt": None}
    )
    still = edited.json()["shot_list"][1]["parts"]["still"]
    assert still["url"] == f"{film}/files/refs/Har-bour.png"
    assert films.client.get(still["url"]).content == picture


def test_a_problem_goes_when_the_file_that_was_missed_is_brought(films, film, picture):
    text = BOARD.replace("prompt: a boat", "image: refs/boat.png")
    missed = films.client.put(f"{film}/storyboard", content=text).json()
    assert "does not exist" in missed["problems"][0]["message"]

    films.client.post(f"{film}/refs", params={"name": "boat.png"}, content=picture)
    assert films.detail(film)["problems"] == []
    (films.folder(film) / "refs" / "boat.png").unlink()
    assert films.detail(film)["problems"] == missed["problems"]


def test_what_is_no_media_is_refused_and_leaves_nothing(films, film, picture):
    for content, status in (
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 422),
        (b"#!/bin/sh\n", 422),
        (b"", 422),
        (picture[: len(picture) // 2], 422),
    ):
        answer = films.client.post(f"{film}/refs", params={"name": "x.png"}, content=content)
        assert (answer.status_code, answer.json().get("field")) == (status, "body"), answer.text
        assert str(films.folder(film)) not in answer.text
    assert list((films.folder(film) / "refs").iterdir()) == []
    assert list((films.folder(film) / ".incoming").iterdir()) == []


def test_a_sender_without_end_is_refused_while_it_sends(home, tmp_path, monkeypatch):
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    for kind in ("IMAGE", "VIDEO", "AUDIO"):
        monkeypatch.setenv(f"FILMETO_MAX_{kind}_BYTES", "100000")
    with serving() as served, served.client() as client:
        film = Films(served, client).make("title: x")
        told = client.post(f"{film}/refs", params={"name": "x.png"}, content=bytes(100_001))
        assert (told.status_code, told.json()["field"]) == (413, "body")
        host, port = served.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=20) as line:
            head = f"POST {film}/refs?name=x.png HTTP/1.1\r\nHost: {host}\r\n"
            line.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
            while not select.select([line], [], [], 0)[0]:
                line.sendall(b"10000\r\n" + bytes(0x10000) + b"\r\n")
            assert line.recv(100).startswith(b"HTTP/1.1 413 ")
        folder = served.desk.service.settings.films_dir / "local" / film.rsplit("/", 1)[-1]
        assert list((folder / "refs").iterdir()) == [] == list((folder / ".incoming").iterdir())


def test_names_of_files_are_cleaned():
    for name, stem in {
        "../../etc/passwd.png": "passwd",
        "..": None,
        "": None,
        "NUL.png": None,
        "灯塔.png": "灯塔",
        "a\0b\n.wav": "a-b",
        "x" * 300 + ".png": "x" * 80,
        ".hidden": "hidden",
        "a..b.c.mp4": "a..b.c",
    }.items():
        if stem is None:
            with pytest.raises(Exception, match="leaves no name"):
                clean_stem(name)
        else:
            assert clean_stem(name) == stem


# --- all of it ------------------------------------------------------------------------------------


def test_a_zip_holds_the_film_and_all_that_belongs_to_it(films, film, picture, tmp_path):
    films.client.post(f"{film}/refs", params={"name": "harbour.png"}, content=picture)
    (films.folder(film) / "out" / "link").symlink_to("/etc/passwd")
    top = film.rsplit("/", 1)[-1]

    answer = films.client.get(f"{film}/archive.zip")

    assert answer.headers["content-disposition"] == f'attachment; filename="{top}.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as told:
        assert told.testzip() is None
        assert sorted(told.namelist()) == sorted(
            f"{top}/{name}"
            for name in (
                "storyboard.yaml", "film.mp4", "film.srt", "film.json", "contact_sheet.png",
                "shots/wide/still.png", "refs/harbour.png",
            )
        )  # fmt: skip
        assert told.read(f"{top}/film.mp4") == MOVIE
        assert told.getinfo(f"{top}/film.mp4").compress_type == zipfile.ZIP_STORED
        assert told.read(f"{top}/storyboard.yaml").decode() == BOARD
    path = tmp_path / "film.zip"
    path.write_bytes(answer.content)
    if shutil.which("unzip"):
        done = subprocess.run(["unzip", "-t", str(path)], capture_output=True, text=True)
        assert done.returncode == 0 and "No errors detected" in done.stdout


def test_a_zip_of_a_film_without_anything_holds_its_storyboard(films):
    film = films.make("title: x")

    with zipfile.ZipFile(io.BytesIO(films.client.get(f"{film}/archive.zip").content)) as told:
        assert [name.rsplit("/", 1)[-1] for name in told.namelist()] == ["storyboard.yaml"]


def folder_of(tmp_path) -> FilmFolder:
    (tmp_path / "film" / "out").mkdir(parents=True)
    (tmp_path / "film" / "storyboard.yaml").write_text("title: x\n")
    return FilmFolder("local", "film", tmp_path / "film")


def test_a_large_zip_takes_no_memory_and_is_readable_beyond_two_gigabytes(tmp_path, monkeypatch):
    film = folder_of(tmp_path)
    with (film.out / "film.mp4").open("wb") as file:
        file.truncate(3 * 1024 * 1024)
    monkeypatch.setattr(film_archive, "ZIP64_FROM_BYTES", 1024 * 1024)  # as if it were 2 GiB

    pieces = list(archive_pieces(film, "film"))

    assert max(map(len, pieces)) < 2 * film_archive.PIECE_BYTES
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as told:
        assert told.testzip() is None
        info = told.getinfo("film/film.mp4")
        assert info.file_size == 3 * 1024 * 1024 and info.extract_version >= 45


def test_a_film_that_is_replaced_while_it_is_read_is_the_one_that_was_begun(tmp_path):
    film = folder_of(tmp_path)
    (film.out / "film.mp4").write_bytes(b"a" * 1_000_000)
    pieces = archive_pieces(film, "film")
    read = [next(pieces), next(pieces)]

    other = film.out / ".new"
    other.write_bytes(b"b" * 500)
    other.replace(film.out / "film.mp4")
    (film.path / "out" / "z.png").write_bytes(b"late")
    read += pieces

    with zipfile.ZipFile(io.BytesIO(b"".join(read))) as told:
        assert told.testzip() is None
        assert told.read("film/film.mp4") == b"a" * 1_000_000


def test_a_slow_reader_holds_up_no_one_and_a_lost_one_leaves_nothing_open(films, film):
    with (films.folder(film) / "out" / "film.mp4").open("r+b") as file:
        file.truncate(64 * 1024 * 1024)
    before = open_about(films.folder(film))
    for _ in range(3):
        with films.client.stream("GET", f"{film}/archive.zip") as answer:
            next(answer.iter_raw())  # and no further
            assert films.detail(film)["title"] == "The Quay"

    async def settled():
        while len(open_about(films.folder(film))) > len(before):
            await asyncio.sleep(0.02)

    films.served.on_loop(settled())
