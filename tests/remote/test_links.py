"""Where the files of a data folder open: at a server of the same folder, or of FILMETO_API_URL, or nowhere."""

import time

import pytest
from serving import serving

from filmeto_core.remote.links import Links
from filmeto_core.service import FilmetoService
from filmeto_core.settings import Settings


@pytest.fixture
def kept(home, tmp_path):
    """A service, and the digest of a file that it made without any server."""
    from PIL import Image

    picture = tmp_path / "still.png"
    Image.new("RGB", (8, 8), "green").save(picture)
    made = FilmetoService(Settings())
    yield made, made.store.put_file(picture, name="still.png").digest
    made.close_sync()


def test_without_a_server_there_is_no_link_and_no_waiting(kept):
    here, digest = kept
    links, began = Links(here), time.monotonic()
    assert (
        links.of(digest) is None
        and links.base is None
        and links.film_page(here.settings.home) is None
    )
    assert time.monotonic() - began < 5


def test_a_file_of_the_same_folder_opens_once_the_server_knows_whose_it_is(kept):
    here, digest = kept
    with serving(socket=here.settings.serve_dir / "filmeto.sock") as served:
        with served.client() as browser:
            path = f"/api/v1/resources/{digest}"
            assert browser.get(path).status_code == 404
            assert browser.put(path).status_code == 404  # over TCP nobody knows which user it is
            url = Links(here).of(digest)
            assert url == f"{served.url}{path}"
            answer = browser.get(url)
            assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
        assert Links(here).of(f"sha256:{'0' * 64}") is None
    assert Links(here).of(digest) is None  # its socket is gone


def test_a_server_elsewhere_shows_what_it_has_and_its_public_name_is_ours_to_say(
    kept, served, monkeypatch
):
    here, digest = kept
    from filmeto_core.remote.remote_service import RemoteService

    far = RemoteService(Settings(api_url=served.url, links_url="https://films.example/"))
    assert Links(far).base == "https://films.example"
    assert Links(far).of(digest) is None  # it was not made there
    far.close_sync()


def test_a_film_of_the_servers_own_opens_by_its_name(kept):
    here, _ = kept
    folder = here.settings.films_dir / "local" / "boat-0a1b2c3d" / "out"
    with serving(socket=here.settings.serve_dir / "filmeto.sock") as served:
        links = Links(here)
        film = f"{served.url}/api/v1/films/boat-0a1b2c3d/files"
        assert links.beside(folder / "film.mp4") == f"{film}/film.mp4"
        assert links.beside(folder / "shots" / "a b" / "clip.mp4") == f"{film}/shots/a%20b/clip.mp4"
        assert links.film_page(folder) == f"{served.url}/ui/#/films/boat-0a1b2c3d"
        assert links.beside(here.settings.home / "film.mp4") is None
